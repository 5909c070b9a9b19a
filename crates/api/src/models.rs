//! Models and offers.

use florin_domain::EventTime;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{Endpoint, Purpose, Words};

/// A figure with its interval.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Headline {
    /// Which: `AUC` …
    pub figure: String,
    /// Lower end.
    pub low: f64,
    /// The figure.
    pub value: f64,
    /// Upper end.
    pub high: f64,
}

/// How far something moved since training.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ModelDrift {
    /// The score, or a feature.
    pub of: String,
    /// The population stability index.
    pub psi: f64,
    /// What chance alone would make of it.
    pub by_chance: f64,
    /// `stable`, `watch` or `act`.
    pub drift: String,
}

/// A version of a model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ModelLine {
    /// Of which model.
    pub name: String,
    /// What it foretells.
    pub meaning: Words,
    /// What it may be used for.
    pub purposes: Vec<Purpose>,
    /// Who answers for it.
    pub owner: String,
    /// Its number; nothing of a model that was never trained.
    pub version: Option<u32>,
    /// `candidate`, `approved`, `champion`, `challenger`, `retired` or `refused`.
    pub state: Option<String>,
    /// When it was trained.
    pub trained_at: Option<EventTime>,
    /// By whom.
    pub trained_by: Option<String>,
    /// How good it is on its test.
    pub headline: Option<Headline>,
    /// Guards that hold it back.
    pub held_back_by: Vec<String>,
    /// Guards that were waived.
    pub waived: Vec<String>,
    /// Why it ought to be trained anew.
    pub stale: Vec<String>,
    /// How far scores and features are from training, the farthest first.
    pub drift: Vec<ModelDrift>,
}

/// A version of a model, whole.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Model {
    /// The line.
    pub line: ModelLine,
    /// A hash of what it is.
    pub content: String,
    /// Its definition, as TOML.
    pub definition: String,
    /// Rows it learnt from, and was tested on.
    pub train: u64,
    /// Rows it was tested on.
    pub test: u64,
    /// What was done with it.
    pub acts: Vec<ModelAct>,
    /// The whole evaluation, as the card tells it.
    #[schema(value_type = Object)]
    pub evaluation: serde_json::Value,
}

/// Something that was done with a version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ModelAct {
    /// When.
    pub at: EventTime,
    /// By whom.
    pub by: String,
    /// What.
    pub act: String,
    /// Which guard.
    pub subject: Option<String>,
    /// Why.
    pub reason: Option<String>,
}

/// Something to be done with a version. Whoever trained it cannot approve it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "act", rename_all = "snake_case", deny_unknown_fields)]
pub enum ActOnModel {
    /// It may be used.
    Approve {},
    /// It may not.
    Refuse {
        /// Why.
        reason: String,
    },
    /// A guard does not hold it back.
    Waive {
        /// Which.
        guard: String,
        /// Why.
        reason: String,
    },
    /// It scores from now on, or is watched beside the one that does.
    Promote {
        /// Only watched.
        #[serde(default)]
        challenger: bool,
    },
    /// It scores no longer.
    Retire {
        /// Why.
        reason: String,
    },
    /// The champion before it scores again.
    Rollback {
        /// Why.
        reason: String,
    },
}

/// In which language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct CardQuery {
    /// `zh` or `en`; `en` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// `light` or `dark`; `light` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub theme: Option<String>,
}

/// An offer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OfferFacts {
    /// Its name.
    pub name: String,
    /// What it is called.
    pub meaning: Words,
    /// Its product.
    pub product: String,
    /// What it is for.
    pub purposes: Vec<Purpose>,
    /// To how many customers it is recommended.
    pub recommended: Option<u64>,
    /// To how many it is the first.
    pub first: Option<u64>,
    /// Its definition, as TOML.
    pub definition: String,
}

pub(crate) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::get("/v1/models", "models", "All models and their versions").lists::<ModelLine>(),
        Endpoint::get("/v1/models/{name}/versions/{version}", "model", "One version").answers::<Model>(),
        Endpoint::get("/v1/models/{name}/versions/{version}/card", "modelCard", "The card of a version")
            .query::<CardQuery>()
            .bytes(&["text/html"]),
        Endpoint::post("/v1/models/{name}/versions/{version}/acts", "actOnModel", "Approve, refuse, promote …")
            .takes::<ActOnModel>()
            .answers::<ModelLine>(),
        Endpoint::get("/v1/offers", "offers", "What may be recommended").lists::<OfferFacts>(),
    ]
}
