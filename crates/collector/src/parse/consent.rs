//! What an event says its customer agreed to.

use florin_domain::Purpose;
use serde_json::value::RawValue;

use super::field::{Object, Raw, object, text};
use crate::{outcome::Problem, settings::ConsentRules};

/// The field that has it, in a `context` (Segment) or among properties (PostHog).
const CONSENT: [&str; 2] = ["consent", "$consent"];

/// What an event says, and to which purpose it says no that the bank must hear.
#[derive(Default)]
pub(super) struct Consent<'t> {
    /// As it was written: `{"Analytics": true, …}`.
    pub(super) preferences: Option<Raw<'t>>,
    /// The first purpose without which nothing is kept and to which it says no.
    pub(super) refuses: Option<Purpose>,
}

/// What an event says. This is asked before anything else of it, so that what says no is not kept as a record that is spoilt either.
///
/// `holder` is what has it; `event` is what was done.
pub(super) fn consent<'t>(
    holder: Option<&Object<'t>>,
    event: Option<Raw<'t>>,
    rules: &ConsentRules,
) -> Result<Consent<'t>, Problem> {
    let said = preferences(holder.and_then(|holder| CONSENT.iter().find_map(|name| holder.get(name))), rules)?;
    let is_the_word = || event.and_then(text).is_some_and(|event| rules.words.contains(event.trim()));
    let refuses = said.refuses.filter(|_| !is_the_word());
    Ok(Consent { refuses, ..said })
}

/// Reads `{"categoryPreferences": {"Analytics": false}}`. Of two categories of a purpose, a no counts.
fn preferences<'t>(raw: Option<Raw<'t>>, rules: &ConsentRules) -> Result<Consent<'t>, Problem> {
    let Some(raw) = raw else { return Ok(Consent::default()) };
    let fields = object(raw).ok_or(Problem::BadConsent)?;
    let preferences = fields.0.into_iter().rfind(|(name, _)| name == "categoryPreferences");
    let Some((_, preferences)) = preferences else { return Ok(Consent::default()) };
    let mut refused = Vec::new();
    for (category, word) in object(preferences).ok_or(Problem::BadConsent)?.0 {
        let purpose = rules.categories.get(&category.to_lowercase());
        if !yes(word)? {
            refused.extend(purpose.copied().filter(|purpose| rules.refuse_without.contains(purpose)));
        }
    }
    Ok(Consent { preferences: Some(preferences), refuses: refused.into_iter().min() })
}

fn yes(word: &RawValue) -> Result<bool, Problem> {
    match word.get() {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(Problem::BadConsent),
    }
}
