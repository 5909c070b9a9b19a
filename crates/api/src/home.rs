//! What is new, and what needs attention.

use florin_domain::EventTime;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{Endpoint, Purpose, SegmentLine, Words};

/// What for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct ForPurpose {
    /// What the answer is used for.
    pub purpose: Purpose,
}

/// What for, and as of when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct ForPurposeAsOf {
    /// What the answer is used for.
    pub purpose: Purpose,
    /// A day or a time: what was known then. Now when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<String>,
}

/// The first page, for whoever has signed in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Home {
    /// When it was asked.
    pub at: EventTime,
    /// Figures of the bank, as far as they may be seen.
    pub figures: Vec<Figure>,
    /// What needs somebody, the most urgent first.
    pub attention: Vec<Attention>,
    /// Segments, those that moved most since a day ago first.
    pub segments: Vec<SegmentLine>,
    /// The latest loads.
    pub loads: Vec<crate::Load>,
}

/// A number with a name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Figure {
    /// Which: `customers`, `events_today`, `quarantined` …
    pub name: String,
    /// How many.
    pub value: f64,
    /// How many a day before, where that is known.
    pub before: Option<f64>,
}

/// How urgent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Urgency {
    /// Something is wrong.
    Wrong,
    /// Something waits.
    Waits,
    /// Good to know.
    Note,
}

/// Something that needs somebody.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Attention {
    /// How urgent.
    pub urgency: Urgency,
    /// What kind: `quarantine`, `model_waits`, `model_drifts`, `stale`, `one_time_password` …
    pub kind: String,
    /// What it is about: a source, a model, a segment.
    pub of: Option<String>,
    /// In words.
    pub words: Words,
}

pub(crate) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::get("/v1/home", "home", "What is new, and what needs attention")
            .query::<ForPurpose>()
            .answers::<Home>(),
    ]
}
