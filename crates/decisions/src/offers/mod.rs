//! What a bank may recommend: `offers/*.toml`.
//!
//! A file is one offer. `offers/rules.toml` (its name is [`RULES_FILE`]) says how scores are put together, and what value and variety weigh.
//!
//! ```toml
//! name = "balanced_fund"
//! product = "均衡混合基金"
//! meaning = { zh = "均衡混合基金", en = "balanced fund" }
//! purposes = ["marketing"]
//! eligibility = "age >= 18 and balance_30d > 5000"
//! group = "investment"
//! value = 120.0
//! after_refusal_days = 90
//!
//! [suitability]
//! risk_level = "R3"
//! assessment_days_max = 180
//!
//! [score]
//! propensity = "buys_fund"
//! uplift = "fund_call_effect"
//!
//! [[contacts]]
//! scope = "offer"
//! at_most = 1
//! days = 30
//!
//! [reasons]
//! balance_30d = { zh = "您近期的余额为 {value}", en = "your recent balance is {value}" }
//! ```

mod check;
mod eligibility;
mod facts;
mod rules;

use std::collections::{BTreeMap, BTreeSet};

use florin_domain::Purpose;
use florin_models::{
    DefinitionProblem,
    definition::{ModelDef, Source},
};
use serde::{Deserialize, Serialize};
use toml::Spanned;

pub use eligibility::Eligibility;
pub use facts::{Facts, FactsFile};
pub use rules::{RULES_FILE, Rules, RulesFile, Weights};

use crate::{
    Words,
    error::{DecisionError, Result},
    names,
    suitability::{RiskLevel, Suitability, Tolerance},
};

/// One file of `offers/*.toml`, as written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfferFile {
    /// Lower-case, unique in the bank.
    pub name: Spanned<String>,
    /// Which product, as the bank's table `product` calls it.
    pub product: Spanned<String>,
    /// What it is called.
    pub meaning: Spanned<Words>,
    /// What it may be made for.
    pub purposes: Spanned<Vec<Purpose>>,
    /// Who may have it: an SQL predicate over traits. Everybody when absent.
    #[serde(default)]
    pub eligibility: Option<Spanned<String>>,
    /// Which offers it is alike.
    pub group: Spanned<String>,
    /// What it is worth to the bank when it is taken, against other offers; above 0. A weight, not an amount of money.
    pub value: Spanned<f64>,
    /// Whether one who has the product may be offered it again.
    #[serde(default)]
    pub repeatable: bool,
    /// For how many days it rests after it was refused.
    #[serde(default)]
    pub after_refusal_days: Option<Spanned<u32>>,
    /// Whom its risk suits. Not beside `unrated`.
    #[serde(default)]
    pub suitability: Option<Spanned<SuitabilityDef>>,
    /// Why it has no risk level, in words: "a card, no investment".
    #[serde(default)]
    pub unrated: Option<Spanned<String>>,
    /// Which models score it. What alike customers hold does for one without.
    #[serde(default)]
    pub score: ScoreDef,
    /// How often it may be made, beside what [`RulesFile`] says of all.
    #[serde(default)]
    pub contacts: Vec<Spanned<ContactLimit>>,
    /// How customers are told a reason, by feature of its models; `{value}` becomes the value.
    #[serde(default)]
    pub reasons: BTreeMap<Spanned<String>, Words>,
}

impl OfferFile {
    /// Reads a file's text; `file` is what problems call it.
    ///
    /// # Errors
    /// What is wrong with its form, with the nearest known key.
    pub fn parse(file: &str, text: &str) -> std::result::Result<Self, DefinitionProblem> {
        names::parse(file, text)
    }
}

/// Whom an offer's risk suits.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SuitabilityDef {
    /// R1–R5; not below what the table `product` says.
    pub risk_level: Spanned<RiskLevel>,
    /// C1–C5, where the bank is stricter than the matrix.
    #[serde(default)]
    pub tolerance_min: Option<Spanned<Tolerance>>,
    /// The oldest assessment in days; a year when absent.
    #[serde(default)]
    pub assessment_days_max: Option<Spanned<u32>>,
}

/// Which models score an offer.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScoreDef {
    /// The chance that the customer takes it.
    #[serde(default)]
    pub propensity: Option<Spanned<String>>,
    /// How much making the offer changes that chance; only where an experiment was made.
    #[serde(default)]
    pub uplift: Option<Spanned<String>>,
}

/// What contacts a limit counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// With this offer.
    Offer,
    /// With offers of its group.
    Group,
    /// With any offer.
    All,
}

/// How often something may be offered: at most so many contacts in so many days up to now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContactLimit {
    /// Which contacts count.
    pub scope: Scope,
    /// So many.
    pub at_most: u32,
    /// In so many days of 24 hours.
    pub days: u32,
}

/// What a definition may refer to, handed in as facts.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Known {
    /// Products, with the risk level of those that have one.
    pub products: BTreeMap<String, Option<RiskLevel>>,
    /// Traits, with what each may be used for.
    pub traits: BTreeMap<String, Vec<Purpose>>,
    /// Models.
    pub models: BTreeMap<String, ModelFacts>,
}

/// What offers need to know of a model.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ModelFacts {
    /// What it may be used for.
    pub purposes: Vec<Purpose>,
    /// Whether it foretells the effect of an offer.
    pub uplift: bool,
    /// Its features, where they are known without asking the engine.
    pub features: Option<BTreeSet<String>>,
    /// Features that are never named as a reason.
    pub protected: BTreeSet<String>,
    /// How it tells reasons.
    pub reasons: BTreeMap<String, Words>,
}

impl ModelFacts {
    /// Those of a model's definition. `uplift` says whether its learner learns effects.
    #[must_use]
    pub fn of(model: &ModelDef, uplift: bool) -> Self {
        let features = match &model.source {
            Source::Lake { traits, sql: None, .. } => Some(traits.iter().cloned().collect()),
            Source::Lake { .. } | Source::Texts { .. } | Source::Series { .. } => None,
            Source::Table { columns, .. } => Some(columns.iter().cloned().collect()),
        };
        Self {
            purposes: model.purposes.clone(),
            uplift,
            features,
            protected: model.protected.clone(),
            reasons: model.reasons.clone(),
        }
    }
}

/// An offer that holds up.
#[derive(Debug, Clone, PartialEq)]
pub struct Offer {
    /// Unique in the bank.
    pub name: String,
    /// Where it is defined.
    pub file: String,
    /// Which product.
    pub product: String,
    /// What it is called.
    pub meaning: Words,
    /// What it may be made for, without repetition.
    pub purposes: Vec<Purpose>,
    /// Who may have it; everybody when absent.
    pub eligibility: Option<Eligibility>,
    /// Which offers it is alike.
    pub group: String,
    /// What it is worth against others.
    pub value: f64,
    /// Whether one who has it may be offered it again.
    pub repeatable: bool,
    /// For how many days it rests after it was refused.
    pub after_refusal_days: Option<u32>,
    /// Whom its risk suits; everybody when it has no risk level.
    pub suitability: Option<Suitability>,
    /// The model of the chance that it is taken.
    pub propensity: Option<String>,
    /// The model of the offer's effect.
    pub uplift: Option<String>,
    /// How often it may be made: its own limits and those of all offers.
    pub contacts: Vec<ContactLimit>,
    /// How reasons are told, by feature: its own words, else its models'.
    pub reasons: BTreeMap<String, Words>,
    /// Features of its models that are never named.
    pub protected: BTreeSet<String>,
}

/// A bank's offers, by name, and the rules they are ranked by.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Offers {
    offers: Vec<Offer>,
    rules: Rules,
}

impl Offers {
    /// All of them, by name.
    #[must_use]
    pub fn all(&self) -> &[Offer] {
        &self.offers
    }

    /// How they are ranked.
    #[must_use]
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// One of them.
    ///
    /// # Errors
    /// When there is none of that name, with the nearest.
    pub fn get(&self, name: &str) -> Result<&Offer> {
        self.offers.iter().find(|offer| offer.name == name).ok_or_else(|| DecisionError::Unknown {
            what: "offer",
            name: name.to_owned(),
            help: names::advice(name, "offers", self.offers.iter().map(|offer| offer.name.as_str())),
        })
    }
}

/// Checks all offers of a bank together, and the rules. Each comes with its file's path, in any order.
///
/// # Errors
/// [`DecisionError::Definitions`] with everything that is wrong, by file and place.
pub fn compile(files: &[(String, OfferFile)], rules: Option<&(String, RulesFile)>, known: &Known) -> Result<Offers> {
    let (rules, mut problems) = rules::check(rules);
    let (offers, more) = check::offers(files, &rules, known);
    problems.extend(more);
    problems.sort();
    problems.dedup();
    if problems.is_empty() { Ok(Offers { offers, rules }) } else { Err(DecisionError::Definitions(problems)) }
}
