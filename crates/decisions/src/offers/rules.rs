//! How scores are put together, and what value and variety weigh: `offers/rules.toml`.
//!
//! ```toml
//! value_weight = 0.5        # 0: the bank's gain does not count; 1: offers go by expected value
//! group_discount = 0.7      # each further offer of a group counts so much of the one before
//! per_group_max = 2
//! weights = { propensity = 0.5, uplift = 0.3, alike = 0.2 }
//!
//! personalisation = "analytics"   # whoever withdrew from this purpose declined to be ranked by what is personal
//!
//! [[contacts]]
//! scope = "all"
//! at_most = 4
//! days = 30
//!
//! [facts]                   # where facts come from, where that is not the canonical tables: see `facts.rs`
//! complaints = "SELECT customer_id FROM …"
//! ```

use florin_domain::Purpose;
use florin_models::DefinitionProblem;
use serde::{Deserialize, Serialize};
use toml::Spanned;

use super::{ContactLimit, Facts, FactsFile, facts};
use crate::names;

/// The file of the folder `offers` that is not an offer.
pub const RULES_FILE: &str = "rules.toml";
/// The longest window of a contact limit, in days.
const WINDOW_DAYS_MAX: u32 = 3653;

/// The file, as written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RulesFile {
    /// How much each part of a score weighs.
    #[serde(default)]
    pub weights: Option<Spanned<Weights>>,
    /// From 0 to 1.
    #[serde(default)]
    pub value_weight: Option<Spanned<f64>>,
    /// Above 0, at most 1.
    #[serde(default)]
    pub group_discount: Option<Spanned<f64>>,
    /// At least 1.
    #[serde(default)]
    pub per_group_max: Option<Spanned<usize>>,
    /// The purpose that personalisation is: who may not be used for it is not ranked by what is personal. Analytics when absent.
    #[serde(default)]
    pub personalisation: Option<Purpose>,
    /// Limits that hold for each offer.
    #[serde(default)]
    pub contacts: Vec<Spanned<ContactLimit>>,
    /// Where facts of customers come from.
    #[serde(default)]
    pub facts: FactsFile,
}

impl RulesFile {
    /// Reads a file's text; `file` is what problems call it.
    ///
    /// # Errors
    /// What is wrong with its form, with the nearest known key.
    pub fn parse(file: &str, text: &str) -> Result<Self, DefinitionProblem> {
        names::parse(file, text)
    }
}

/// How much each part of a score weighs. Those that an offer has are scaled so that they sum to 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Weights {
    /// The chance that the customer takes it.
    pub propensity: f64,
    /// What making the offer changes.
    pub uplift: f64,
    /// The chance that one who holds what this customer holds has it too.
    pub alike: f64,
}

/// How offers are ranked.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Rules {
    /// How much each part of a score weighs.
    pub weights: Weights,
    /// What the bank's gain weighs: the score is multiplied by (value / the largest value) to this power.
    pub value_weight: f64,
    /// What each further offer of a group counts.
    pub group_discount: f64,
    /// The most offers of a group in one list.
    pub per_group_max: usize,
    /// The purpose that personalisation is.
    pub personalisation: Purpose,
    /// Limits that hold for each offer.
    pub contacts: Vec<ContactLimit>,
    /// Where facts of customers come from.
    pub facts: Facts,
}

impl Default for Rules {
    /// Equal weights; value counts by its square root; each further offer of a group counts 0.8 of the one before; no limits.
    fn default() -> Self {
        Self {
            weights: Weights { propensity: 1.0, uplift: 1.0, alike: 1.0 },
            value_weight: 0.5,
            group_discount: 0.8,
            per_group_max: usize::MAX,
            personalisation: Purpose::Analytics,
            contacts: Vec::new(),
            facts: Facts::default(),
        }
    }
}

pub(super) fn check(written: Option<&(String, RulesFile)>) -> (Rules, Vec<DefinitionProblem>) {
    let mut rules = Rules::default();
    let mut problems = Vec::new();
    let Some((file, written)) = written else { return (rules, problems) };
    if let Some(weights) = &written.weights {
        rules.weights = *weights.get_ref();
        let Weights { propensity, uplift, alike } = rules.weights;
        let sound = [propensity, uplift, alike].iter().all(|w| w.is_finite() && *w >= 0.0);
        if !sound || propensity + uplift + alike <= 0.0 {
            let message = format!("weights of {propensity}, {uplift} and {alike}");
            problems.push(names::problem(file, Some(weights.span()), message, "none is below 0, and one is above"));
        }
    }
    if let Some(weight) = &written.value_weight {
        rules.value_weight = *weight.get_ref();
        if !(0.0..=1.0).contains(&rules.value_weight) {
            let message = format!("`value_weight` is {}", rules.value_weight);
            problems.push(names::problem(file, Some(weight.span()), message, "it is from 0 to 1"));
        }
    }
    if let Some(discount) = &written.group_discount {
        rules.group_discount = *discount.get_ref();
        if !(rules.group_discount > 0.0 && rules.group_discount <= 1.0) {
            let message = format!("`group_discount` is {}", rules.group_discount);
            problems.push(names::problem(file, Some(discount.span()), message, "it is above 0 and at most 1"));
        }
    }
    if let Some(most) = &written.per_group_max {
        rules.per_group_max = *most.get_ref();
        if rules.per_group_max == 0 {
            let help = "it is at least 1; take the offers away if none is wanted";
            problems.push(names::problem(file, Some(most.span()), "`per_group_max` is 0", help));
        }
    }
    problems.extend(written.contacts.iter().filter_map(|limit| limit_problem(file, limit)));
    rules.contacts = written.contacts.iter().map(|limit| *limit.get_ref()).collect();
    rules.personalisation = written.personalisation.unwrap_or(rules.personalisation);
    let (facts, more) = facts::check(file, &written.facts);
    rules.facts = facts;
    problems.extend(more);
    (rules, problems)
}

/// What is wrong with a limit.
pub(super) fn limit_problem(file: &str, limit: &Spanned<ContactLimit>) -> Option<DefinitionProblem> {
    let ContactLimit { at_most, days, .. } = *limit.get_ref();
    let (message, help) = match (at_most, days) {
        (0, _) => ("a limit of 0 contacts".to_owned(), "at least 1; take the offer away if it is never to be made"),
        (_, 0) | (_, WINDOW_DAYS_MAX..) => (format!("a limit over {days} days"), "it is from 1 to 3652 days"),
        _ => return None,
    };
    Some(names::problem(file, Some(limit.span()), message, help))
}
