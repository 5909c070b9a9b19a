//! Journeys: what customers did, one thing after the other.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{CustomerPage, Endpoint, Purpose};

/// From which rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RowsDef {
    /// A table with `customer_id` and `ts`; `event` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Only rows that meet this condition, in SQL.
    #[serde(default, rename = "where", skip_serializing_if = "Option::is_none")]
    pub condition: Option<String>,
    /// The first day, `2026-01-31`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// The last day, included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
}

/// A funnel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FunnelDef {
    /// What it asks, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    /// From which rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<RowsDef>,
    /// `ordered`, `strict`, `any` or `window_funnel`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<String>,
    /// What two steps may have in common: `row`, `instant` or `nothing`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sharing: Option<String>,
    /// From the first step to any other: `14 days`, `14 natural days`, `30 min`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<String>,
    /// All steps have the same value of this expression.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hold: Option<String>,
    /// Counts for each value of this expression.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// Which value a customer goes under: `first`, `last`, `every`, or `step 2`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attribution: Option<String>,
    /// Counts for each `day`, `week` or `month` of entry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trend: Option<String>,
    /// The steps, in order.
    pub step: Vec<StepDef>,
    /// What must not happen between two steps.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exclude: Vec<ExclusionDef>,
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StepDef {
    /// What it is called.
    pub name: String,
    /// Which rows meet it, in SQL.
    #[serde(rename = "where")]
    pub condition: String,
    /// From the step before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<String>,
}

/// What must not happen. Steps count from 1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExclusionDef {
    /// Which rows, in SQL.
    #[serde(rename = "where")]
    pub condition: String,
    /// After this step.
    pub after: u32,
    /// Before this one.
    pub before: u32,
}

/// A table of retention.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RetentionDef {
    /// What it asks, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    /// From which rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<RowsDef>,
    /// Which rows start, in SQL.
    pub start: String,
    /// Which rows are a return, in SQL; those that start, when absent.
    #[serde(default, rename = "return", skip_serializing_if = "Option::is_none")]
    pub returned: Option<String>,
    /// `day`, `week` or `month`.
    pub period: String,
    /// A day of the first period.
    pub first: String,
    /// How many periods.
    pub periods: u32,
    /// Which starts count: `first_time` or `recurring`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cohorts: Option<String>,
    /// Which returns count: `on` or `on_or_after`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counts: Option<String>,
}

/// Paths.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PathsDef {
    /// What it asks, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    /// From which rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<RowsDef>,
    /// What an event is called: an expression; `name` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What customers do after this event; whatever they did first, when neither it nor `before` is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// What they did on the way to this event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// From the customer's last such event, not the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<bool>,
    /// Events beside the anchor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub depth: Option<u32>,
    /// Names kept at each position; the rest are gathered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub breadth: Option<u32>,
    /// The longest pause inside a path, `30 min`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gap: Option<String>,
}

/// Sessions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SessionsDef {
    /// What it asks, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    /// From which rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<RowsDef>,
    /// The longest pause inside a session, `30 min`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gap: Option<String>,
    /// Another value of this expression starts another session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// Another day of the bank's time zone starts another session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub midnight: Option<bool>,
    /// Entries, exits and dwell are told for each value of this expression; `name` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// A journey with its kind, as in `journeys/*.toml`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum JourneyDef {
    /// How many come how far through a sequence of steps.
    Funnel(FunnelDef),
    /// Who comes back.
    Retention(RetentionDef),
    /// Runs of rows without a long pause.
    Sessions(SessionsDef),
    /// What comes after, or before.
    Paths(PathsDef),
}

/// A journey of the bank directory. Kinds that have no page (`next`, `rhythm` …) are here too.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SavedJourney {
    /// Its name.
    pub name: String,
    /// `funnel`, `retention`, `sessions`, `paths`, `next`, `stickiness`, `rhythm` or `rules`.
    pub kind: String,
    /// What it asks.
    pub about: String,
    /// The definition, with its kind.
    #[schema(value_type = Object)]
    pub definition: serde_json::Value,
}

/// A journey to be asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskJourney {
    /// What for.
    pub purpose: Purpose,
    /// A day or a time: what was known then. Now when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<String>,
    /// Which.
    pub journey: JourneyDef,
}

/// What a journey found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct JourneyAnswer {
    /// Of a funnel.
    pub funnel: Option<FunnelAnswer>,
    /// Of a table of retention.
    pub retention: Option<RetentionAnswer>,
    /// Of sessions.
    pub sessions: Option<SessionsAnswer>,
    /// Of paths.
    pub paths: Option<PathsAnswer>,
    /// The question that its rows came from.
    pub sql: String,
    /// How long it took, in milliseconds.
    pub took_ms: f64,
}

/// What a funnel found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FunnelAnswer {
    /// Names of the steps.
    pub steps: Vec<String>,
    /// By value of the breakdown, those with most customers first; one without a breakdown.
    pub values: Vec<FunnelValue>,
}

/// What it found for one value of the breakdown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FunnelValue {
    /// The value; nothing for customers without one, and without a breakdown.
    pub value: Option<String>,
    /// By step.
    pub steps: Vec<FunnelStep>,
    /// Customers whom an exclusion removed.
    pub excluded: u64,
    /// By period of entry: its first day, and how many reached each step.
    pub trend: Vec<FunnelTrend>,
}

/// How many came to a step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FunnelStep {
    /// How many customers reached it.
    pub customers: u64,
    /// How many reached the step before and not this one.
    pub dropped: u64,
    /// From the step before.
    pub mean_seconds: Option<f64>,
    /// From the step before.
    pub median_seconds: Option<f64>,
    /// From the first step.
    pub median_seconds_from_first: Option<f64>,
    /// How long it took from the step before.
    pub histogram: Vec<DurationBucket>,
}

/// A bucket of a histogram.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DurationBucket {
    /// The shortest in it.
    pub from_seconds: f64,
    /// The longest in it.
    pub to_seconds: f64,
    /// How many.
    pub count: u64,
}

/// A period of entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FunnelTrend {
    /// Its first day.
    pub from: String,
    /// How many reached each step.
    pub customers: Vec<u64>,
}

/// What a table of retention found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RetentionAnswer {
    /// By cohort.
    pub cohorts: Vec<Cohort>,
}

/// Those who started in one period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Cohort {
    /// The first day of the period.
    pub from: String,
    /// How many started in it.
    pub customers: u64,
    /// By periods later.
    pub cells: Vec<CohortCell>,
}

/// Those who came back so many periods later.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CohortCell {
    /// How many periods later.
    pub later: u32,
    /// How many customers.
    pub customers: u64,
    /// Whether the period has ended.
    pub complete: bool,
}

/// What sessions there were.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SessionsAnswer {
    /// How many sessions.
    pub sessions: u64,
    /// Of how many customers.
    pub customers: u64,
    /// With how many rows.
    pub rows: u64,
    /// How many have one row.
    pub single: u64,
    /// How long they are.
    pub mean_seconds: Option<f64>,
    /// How long they are.
    pub median_seconds: Option<f64>,
    /// How long they are.
    pub histogram: Vec<DurationBucket>,
    /// By value of the name, those that most sessions entered by first; at most 100.
    pub names: Vec<SessionName>,
}

/// A screen or event in sessions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SessionName {
    /// Which.
    pub name: String,
    /// Sessions that started with it.
    pub entries: u64,
    /// Sessions that ended with it.
    pub exits: u64,
    /// How many customers started a session with it.
    pub entered: u64,
    /// How many customers ended a session with it.
    pub exited: u64,
    /// How long customers stayed.
    pub median_stay_seconds: Option<f64>,
}

/// What paths there are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PathsAnswer {
    /// Events at positions. A node without a name gathers the rare ones.
    pub nodes: Vec<PathNode>,
    /// Who went from where to where.
    pub links: Vec<PathLink>,
}

/// An event at a position.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PathNode {
    /// How far from the anchor.
    pub position: u32,
    /// The event.
    pub name: Option<String>,
    /// How many customers.
    pub customers: u64,
}

/// Those who went from one node to one at the next position.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PathLink {
    /// The position of `from`.
    pub position: u32,
    /// The event nearer to the anchor.
    pub from: Option<String>,
    /// The event one position further.
    pub to: Option<String>,
    /// How many customers.
    pub customers: u64,
}

/// One number of a journey.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "of", rename_all = "snake_case", deny_unknown_fields)]
pub enum JourneyCell {
    /// Of a funnel.
    Funnel {
        /// From 1.
        step: u32,
        /// Those who reached the step before and not this one.
        #[serde(default)]
        dropped: bool,
        /// Of this value of the breakdown.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        value: Option<String>,
    },
    /// Of a table of retention.
    Retention {
        /// From 0.
        cohort: u32,
        /// How many periods later.
        later: u32,
        /// Those who did not come back.
        #[serde(default)]
        lost: bool,
    },
    /// Of sessions: those who have any, or enter or leave by a name.
    Sessions {
        /// `entered` or `exited`; all when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        how: Option<String>,
        /// The name.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<String>,
    },
    /// A node of paths.
    Node {
        /// How far from the anchor.
        position: u32,
        /// The event; nothing for those that were gathered.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<String>,
    },
    /// A link of paths.
    Link {
        /// The position of `from`.
        position: u32,
        /// The event nearer to the anchor.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<String>,
        /// The event one position further.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<String>,
    },
}

/// The customers behind a number, to be listed or saved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskBehind {
    /// The question.
    pub ask: AskJourney,
    /// Which number.
    pub cell: JourneyCell,
    /// Save them as a segment of that name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub save_as: Option<String>,
    /// Those after this customer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<u32>,
    /// At most so many, up to 1,000; 100 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
}

pub(crate) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::get("/v1/journeys", "journeys", "Journeys of the bank directory").lists::<SavedJourney>(),
        Endpoint::post("/v1/journeys/ask", "askJourney", "Ask a funnel, retention, sessions or paths")
            .takes::<AskJourney>()
            .answers::<JourneyAnswer>(),
        Endpoint::post("/v1/journeys/behind", "behindJourney", "The customers behind one of its numbers")
            .takes::<AskBehind>()
            .answers::<CustomerPage>(),
    ]
}
