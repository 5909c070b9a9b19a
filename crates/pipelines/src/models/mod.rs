//! `florin train`, `florin models`, `florin evaluate`, `florin explain`, and the scores that `florin run` ends with.
//!
//! A model's data set (`dataset`) is asked of sessions as of each date, so that nothing known later is in it; what was learnt is judged and put
//! into the registry (`registry`), where a colleague approves (`acts`) it before it may score (`score`). Whoever reads scores is bound by the model's purposes and
//! by consent, as of any table.

mod acts;
mod compare;
mod content;
mod csv;
mod dataset;
mod dates;
mod done;
mod drift;
mod due;
mod evaluate;
mod explain;
mod flat;
mod foreign;
mod gather;
mod grown;
mod judge;
mod kept;
mod known;
mod odd;
mod purpose;
mod registry;
mod retrain;
mod score;
mod series;
mod split;
mod state;
mod texts;
mod times;
mod told;
mod train;

pub use acts::{Act, act};
pub use compare::{BothSay, Compared, compare};
pub use drift::{Drift, Drifted};
pub use due::{StaleScores, stale_scores};
pub use evaluate::{Evaluated, evaluate};
pub use explain::{Effect, Explained, ExplainedText, NearestChange, Times, explain};
pub use judge::{Judged, JudgedChances, JudgedTexts, JudgedTimes};
pub use known::{Made, TrainedOn};
pub use odd::JudgedOdd;
pub use registry::{Line, Shown, list, show};
pub use retrain::{DueTraining, Retrained, due_for_training, retrain};
pub use score::{Scored, score};
pub use told::{CustomerScore, TextScore, Told, scores_of};
pub use train::{Trained, stale_models, train};

pub(crate) use gather::{each, ids};
pub(crate) use grown::Places;
pub(crate) use told::{KeptReason, short};

pub use florin_measurement::{Interval, uplift::UpliftFigures};
pub use florin_models::evaluation::{
    Assessment, EffectEvaluation, Evaluation, Headline, OddEvaluation, SeriesEvaluation, SurvivalEvaluation,
    TextEvaluation,
};

use florin_models::definition::ModelDef;

use crate::{FlowError, House};

/// The definition of a model.
///
/// # Errors
/// When there is none of that name.
pub(crate) fn defined<'h>(house: &'h House, name: &str) -> Result<&'h ModelDef, FlowError> {
    house.bank.models.get(name).ok_or_else(|| {
        let known: Vec<&str> = house.bank.models.keys().map(String::as_str).collect();
        let known = if known.is_empty() { "none; write models/*.toml".to_owned() } else { known.join(", ") };
        FlowError::Unknown { what: "model", name: name.to_owned(), known }
    })
}

/// The traits that a model of this name reads; none, when there is no such model.
#[must_use]
pub fn traits_of(house: &House, name: &str) -> std::collections::BTreeSet<String> {
    house.bank.models.get(name).map(|def| train::named(def).1).unwrap_or_default()
}

/// What is wrong with a model, in words.
pub(crate) fn wrong(name: &str, what: impl std::fmt::Display) -> FlowError {
    FlowError::Model(format!("model `{name}`: {what}"))
}
