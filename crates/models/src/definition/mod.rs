//! What a bank says of a model: `models/*.toml`.
//!
//! A file is one model. It says whom it is about and as of which dates, what is to be foretold, from what, by which learner, how it is tested,
//! what it must reach before it may be released, what it may be used for, who answers for it, and how its reasons are told to customers.
//! Rows come from traits and SQL as of each date, or from a flat table that has the label already.
//!
//! ```toml
//! name = "churn"
//! meaning = { zh = "九十天内离开", en = "leaves within 90 days" }
//! owner = "ana"
//! purposes = ["marketing"]
//!
//! [rows]
//! population = "SELECT customer_id FROM traits.tenure_days WHERE value >= 90"
//! first = 2024-01-31
//! last = 2024-12-31
//! every = "month"
//!
//! [label]
//! sql = "SELECT customer_id, 1 AS value FROM account WHERE closed_on > as_of()"
//! horizon_days = 90
//!
//! [features]
//! traits = ["balance_30d", "age"]
//! protected = ["age"]
//!
//! [learner]
//! kind = "trees"
//! rounds = 200
//!
//! [split]
//! by = "time"
//! test_from = 2024-10-01
//!
//! [guards]
//! auc_min = 0.7
//!
//! [reasons]
//! balance_30d = { zh = "近期余额", en = "recent balance" }
//! ```

mod alone;
mod check;
mod guards;
mod isolation;
mod learner;
mod odd;
mod retrain;
mod series;
mod split;
mod sql;
mod survival;
mod text;
mod treatment;

use std::collections::{BTreeMap, BTreeSet};

use florin_domain::Purpose;
use serde::{Deserialize, Serialize};
use toml::{Spanned, value::Datetime};

pub use guards::Guards;
pub use isolation::IsolationDef;
pub use learner::{ForeignDef, LearnerDef, TreesDef};
pub use retrain::{RETRAIN_DAYS_MAX, RetrainDef};
pub use series::{ForecastDef, HolidaysDef, Missing, SeriesDef, SeriesFile};
pub use survival::{SurvivalDef, SurvivalMethod};
pub use text::{EncoderName, LabelledFile, TextAim, TextDef, TextLanguage, TextsDef};
pub use treatment::{Assumed, Chosen, MethodDef, Treatment, TreatmentDef, UpliftDef};

use crate::{
    error::{DefinitionProblem, ModelError, Result},
    names,
};

/// One file of `models/*.toml`, as written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelFile {
    /// Lower-case, unique in the bank.
    pub name: Spanned<String>,
    /// What it foretells.
    pub meaning: Spanned<Words>,
    /// Who answers for it: a user of the bank.
    pub owner: Spanned<String>,
    /// What it may be used for.
    pub purposes: Spanned<Vec<Purpose>>,
    /// Whose rows, as of which dates. Not beside `table`.
    #[serde(default)]
    pub rows: Option<Spanned<RowsDef>>,
    /// What is foretold. Not beside `table`. Isolation forests learn without; where there is one, it only checks them.
    #[serde(default)]
    pub label: Option<Spanned<LabelDef>>,
    /// What was done to some of them and not to others: with the learner `uplift`, and only with it.
    #[serde(default)]
    pub treatment: Option<Spanned<TreatmentDef>>,
    /// From what.
    #[serde(default)]
    pub features: Option<Spanned<FeaturesDef>>,
    /// A flat table that has everything.
    #[serde(default)]
    pub table: Option<Spanned<TableDef>>,
    /// Texts, of models of texts: nothing else has features then.
    #[serde(default)]
    pub texts: Option<Spanned<TextsDef>>,
    /// A daily series, of forecasts: nothing else has features then.
    #[serde(default)]
    pub series: Option<Spanned<SeriesDef>>,
    /// How it learns.
    pub learner: Spanned<LearnerDef>,
    /// How it is tested.
    pub split: Spanned<SplitDef>,
    /// What it must reach.
    #[serde(default)]
    pub guards: Option<Spanned<Guards>>,
    /// When it is trained anew by itself; never when absent.
    #[serde(default)]
    pub retrain: Option<RetrainDef>,
    /// How customers are told a reason, by feature.
    #[serde(default)]
    pub reasons: BTreeMap<Spanned<String>, Words>,
}

impl ModelFile {
    /// Reads a file's text; `file` is what problems call it.
    ///
    /// # Errors
    /// What is wrong with its form, with the nearest known key.
    pub fn parse(file: &str, text: &str) -> std::result::Result<Self, DefinitionProblem> {
        names::parse(file, text)
    }
}

/// A text in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Words {
    /// In Chinese.
    pub zh: String,
    /// In English.
    pub en: String,
}

/// Whose rows, as of which dates.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RowsDef {
    /// A query that gives `customer_id`, over a session as of each date.
    pub population: Spanned<String>,
    /// The first date.
    pub first: Spanned<Datetime>,
    /// The last date at most.
    pub last: Spanned<Datetime>,
    /// How far apart dates are.
    pub every: Every,
    /// Only the newest so many of the dates whose horizon is over; all of them when absent.
    #[serde(default)]
    pub latest: Option<Spanned<u32>>,
}

/// How far apart dates are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Every {
    /// Each day.
    Day,
    /// Each seven days.
    Week,
    /// Each month, on its last day when the first date is the last day of its month.
    Month,
    /// Each three months.
    Quarter,
}

/// What is foretold.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LabelDef {
    /// A query that gives `customer_id` and `value`, over a session as of the end of the horizon; `as_of()` is the date itself. Whoever
    /// it does not give has the value 0.
    pub sql: Spanned<String>,
    /// How many days after the date it looks.
    pub horizon_days: Spanned<u32>,
}

/// From what.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeaturesDef {
    /// Traits, by name.
    #[serde(default)]
    pub traits: Vec<Spanned<String>>,
    /// A query that gives `customer_id` and features, over a session as of each date.
    #[serde(default)]
    pub sql: Option<Spanned<String>>,
    /// Columns of a flat table; all but the id and the label when absent.
    #[serde(default)]
    pub columns: Option<Vec<Spanned<String>>>,
    /// Columns that are left out.
    #[serde(default)]
    pub without: Vec<Spanned<String>>,
    /// Features that are never named as a reason, and by which the model is judged for fairness.
    #[serde(default)]
    pub protected: Vec<Spanned<String>>,
}

/// A flat table.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TableDef {
    /// A table of the bank's own.
    pub name: Spanned<String>,
    /// The column with the label; every learner but `isolation` needs one.
    #[serde(default)]
    pub label: Option<Spanned<String>>,
    /// The column that tells rows apart.
    pub id: Spanned<String>,
    /// The column with each row's date, where there is one.
    #[serde(default)]
    pub date: Option<Spanned<String>>,
    /// Of models of times: the column with how long each row was seen, and until when where `label` says that it happened. In any unit, above 0.
    #[serde(default)]
    pub time: Option<Spanned<String>>,
    /// Of models of times: up to which time chances are said, in the unit of `time`.
    #[serde(default)]
    pub horizon: Option<Spanned<f64>>,
}

/// How it is tested.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, tag = "by", rename_all = "lowercase")]
pub enum SplitDef {
    /// Rows from a date on are the test; rows whose horizon reaches beyond it do not train.
    Time {
        /// The first test date.
        #[serde(default)]
        test_from: Option<Datetime>,
        /// Instead of it: the newest so many days of all rows are the test, whenever the model is trained.
        #[serde(default)]
        newest_days: Option<u32>,
    },
    /// A share of customers is the test, all rows of each.
    Customer {
        /// From 0.05 to 0.5.
        test_share: f64,
        /// Draws them.
        #[serde(default)]
        seed: u64,
    },
}

/// What a model foretells, and so how it is judged, guarded and told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Task {
    /// How likely something is.
    Chance,
    /// What a treatment changes.
    Effect,
    /// How long until something happens.
    Time,
    /// What a text is about.
    Text,
    /// The days to come of a series.
    Series,
    /// Who is unlike all others.
    Odd,
}

impl Task {
    /// What such models are about, in a word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Chance => "chances",
            Self::Effect => "effects",
            Self::Time => "times",
            Self::Text => "texts",
            Self::Series => "series",
            Self::Odd => "the odd ones",
        }
    }
}

/// What the table of a challenger's scores is called by, behind the model's name: no model is called so.
pub const CHALLENGER: &str = "__challenger";

/// What a definition may refer to, handed in as facts.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Known {
    /// Traits, with what each may be used for.
    pub traits: BTreeMap<String, Vec<Purpose>>,
    /// Tables, with their columns.
    pub tables: BTreeMap<String, Vec<String>>,
    /// Users.
    pub users: BTreeSet<String>,
}

/// A definition that holds up.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelDef {
    /// Unique in the bank.
    pub name: String,
    /// Where it is defined.
    pub file: String,
    /// What it foretells.
    pub meaning: Words,
    /// Who answers for it.
    pub owner: String,
    /// What it may be used for, without repetition.
    pub purposes: Vec<Purpose>,
    /// Where its rows come from.
    pub source: Source,
    /// Features that are never named as a reason.
    pub protected: BTreeSet<String>,
    /// How it learns.
    pub learner: LearnerDef,
    /// How it is tested.
    pub split: SplitDef,
    /// What it must reach.
    pub guards: Guards,
    /// After how many days it is trained anew by itself.
    pub retrain_days: Option<u32>,
    /// How reasons are told, by feature.
    pub reasons: BTreeMap<String, Words>,
    /// A hash (BLAKE3, hex) of what its numbers follow from: rows, label, features, learner, split.
    pub definition: String,
}

impl ModelDef {
    /// The time up to which chances are said: days, or the unit of a flat table's times.
    #[must_use]
    pub fn horizon(&self) -> Option<f64> {
        match &self.source {
            Source::Lake { label: None, .. } => None,
            Source::Lake { horizon_days, .. } => Some(f64::from(*horizon_days)),
            Source::Table { time, .. } => time.as_ref().map(|(_, horizon)| *horizon),
            Source::Texts { .. } | Source::Series { .. } => None,
        }
    }
}

/// Where rows come from.
#[derive(Debug, Clone, PartialEq)]
pub enum Source {
    /// Sessions as of dates.
    Lake {
        /// Whose rows.
        population: String,
        /// Dates, as `YYYY-MM-DD`: first and last.
        dates: (String, String),
        /// How far apart.
        every: Every,
        /// Only the newest so many of those whose horizon is over.
        latest: Option<u32>,
        /// What is foretold; nothing where the odd ones are looked for and nobody says whether they were.
        label: Option<String>,
        /// How far after each date, in days; 0 without a label.
        horizon_days: u32,
        /// What was done to some of them, for models of effects.
        treatment: Option<Treatment>,
        /// Traits that are features.
        traits: Vec<String>,
        /// A query that gives more features.
        sql: Option<String>,
        /// Columns of it that are none.
        without: Vec<String>,
    },
    /// A flat table.
    Table {
        /// Its name.
        name: String,
        /// Its label; nothing where the odd ones are looked for and nobody says whether they were.
        label: Option<String>,
        /// What tells rows apart.
        id: String,
        /// Each row's date.
        date: Option<String>,
        /// How long each row was seen, and the time up to which chances are said; of models of times.
        time: Option<(String, f64)>,
        /// Its columns that are features.
        columns: Vec<String>,
    },
    /// Texts.
    Texts {
        /// A query that gives them.
        sql: Option<String>,
        /// Texts with labels.
        file: Option<LabelledFile>,
    },
    /// A daily series.
    Series {
        /// A query that gives it.
        sql: Option<String>,
        /// Or a file.
        file: Option<SeriesFile>,
        /// What a day without a row had.
        missing: Missing,
        /// Official holidays.
        holidays: HolidaysDef,
    },
}

/// Checks all models of a bank together. Each comes with its file's path.
///
/// # Errors
/// [`ModelError::Definitions`] with everything that is wrong, by file and place.
pub fn compile(files: &[(String, ModelFile)], known: &Known) -> Result<Vec<ModelDef>> {
    let (models, mut problems) = check::models(files, known);
    problems.sort();
    problems.dedup();
    if problems.is_empty() { Ok(models) } else { Err(ModelError::Definitions(problems)) }
}
