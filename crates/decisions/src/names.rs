//! Names in definitions: what they may look like, and the nearest to a misspelt one.

use std::ops::Range;

use florin_models::DefinitionProblem;

/// From which similarity on (Jaro–Winkler, 0 to 1) a name is proposed for another.
const ALIKE_MIN: f64 = 0.8;
/// Names that a message lists when none is near.
const LISTED_MAX: usize = 12;

/// Whether a name is one that SQL needs no quotes for: a-z, 0-9 and _, not starting with a digit.
pub(crate) fn is_identifier(name: &str) -> bool {
    let mut chars = name.chars();
    chars.next().is_some_and(|c| c.is_ascii_lowercase() || c == '_')
        && chars.all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

/// What to do about a name that is none of the known ones.
pub(crate) fn advice<'a>(given: &str, what: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let mut known: Vec<&str> = known.into_iter().collect();
    known.sort_unstable();
    let alike = |name: &str| strsim::jaro_winkler(name, given);
    let nearest = known.iter().copied().max_by(|a, b| alike(a).total_cmp(&alike(b)).then(b.cmp(a)));
    if let Some(name) = nearest.filter(|name| alike(name) >= ALIKE_MIN) {
        return format!("did you mean `{name}`?");
    }
    let listed = known.iter().take(LISTED_MAX).copied().collect::<Vec<_>>().join(", ");
    match known.len() {
        0 => format!("there are no {what}"),
        n if n > LISTED_MAX => format!("the {what} are: {listed}, and {} more", n - LISTED_MAX),
        _ => format!("the {what} are: {listed}"),
    }
}

/// Reads a definition file. Unknown keys are refused with the nearest known one.
pub(crate) fn parse<T: serde::de::DeserializeOwned>(file: &str, text: &str) -> Result<T, DefinitionProblem> {
    toml::from_str(text).map_err(|error| {
        let message = error.message().lines().next().unwrap_or_default().to_owned();
        let help =
            key_advice(&message).unwrap_or_else(|| "docs/reference/offers.md says what may stand here".to_owned());
        problem(file, error.span(), message, help)
    })
}

/// From serde's words "unknown field `x`, expected one of `a`, `b`".
fn key_advice(message: &str) -> Option<String> {
    if !message.starts_with("unknown field") && !message.starts_with("unknown variant") {
        return None;
    }
    let mut quoted = message.split('`').skip(1).step_by(2);
    let given = quoted.next()?;
    Some(advice(given, "known words", quoted))
}

/// A problem of a file, at a place where there is one.
pub(crate) fn problem(
    file: &str,
    place: Option<Range<usize>>,
    message: impl Into<String>,
    help: impl Into<String>,
) -> DefinitionProblem {
    let place = place.map(|range| (range.start, range.end));
    DefinitionProblem { file: file.to_owned(), place, message: message.into(), help: help.into() }
}
