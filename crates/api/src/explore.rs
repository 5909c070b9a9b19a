//! Self-service charts and pivots: shelves instead of SQL.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Endpoint, EventTime, FileFormat, Purpose, Rows};

/// How fine time is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "they say what they are")]
pub enum Grain {
    Hour,
    Day,
    Week,
    Month,
    Quarter,
    Year,
}

/// By what rows are grouped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Dimension {
    /// A column of the table, or `traits.<name>`.
    pub field: String,
    /// Of times and dates: how fine, in the bank's time zone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grain: Option<Grain>,
    /// Of numbers: steps of that width.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bin: Option<String>,
}

/// How values of a group become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Aggregate {
    /// Rows, or those with a value.
    Count,
    /// Different values.
    CountDistinct,
    /// Sum.
    Sum,
    /// Mean.
    Mean,
    /// Median.
    Median,
    /// Smallest.
    Min,
    /// Largest.
    Max,
}

/// A number to be told of each group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Measure {
    /// How.
    pub aggregate: Aggregate,
    /// Of what; rows when absent (with `count` only).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
}

/// Which rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Filter {
    /// A column of the table, or `traits.<name>`.
    pub field: String,
    /// What must be true of it.
    pub test: Test,
}

/// What must be true of a value. Values are text, as they are written in CSV.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Test {
    /// It is one of these.
    OneOf(Vec<String>),
    /// It is there and none of these.
    NoneOf(Vec<String>),
    /// It lies between, ends included; an end that is absent is open.
    Between(Option<String>, Option<String>),
    /// Of times and dates: in the last so many natural days, today included.
    LastDays(u32),
    /// Text that contains this, upper and lower case alike.
    Contains(String),
    /// It is missing, or not.
    Missing(bool),
}

/// What the same is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Compare {
    /// The period of the same length before. Needs a filter `last_days` or `between` of the first time dimension's field.
    PreviousPeriod,
    /// The same days a year before.
    PreviousYear,
}

/// A question made of shelves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Shelves {
    /// The table.
    pub table: String,
    /// By what.
    #[serde(default)]
    pub dimensions: Vec<Dimension>,
    /// What is told.
    pub measures: Vec<Measure>,
    /// Of which rows.
    #[serde(default)]
    pub filters: Vec<Filter>,
    /// Only customers of this segment or expression.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub segment: Option<String>,
    /// Compared with what.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compare: Option<Compare>,
    /// In which order: a column of the answer from 0, largest first when `descending`. By dimensions when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sort: Option<Sort>,
    /// At most so many groups, up to 10,000; 1,000 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub groups_max: Option<u32>,
}

/// An order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Sort {
    /// Which column, from 0.
    pub column: u32,
    /// Largest first.
    #[serde(default)]
    pub descending: bool,
}

/// Shelves to be asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskShelves {
    /// What for.
    pub purpose: Purpose,
    /// A day or a time: what was known then. Now when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<String>,
    /// The question.
    pub shelves: Shelves,
}

/// Shelves whose answer is handed out as a file. It is on the audit log as an export.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExportShelves {
    /// The question.
    pub ask: AskShelves,
    /// As what.
    pub format: FileFormat,
}

/// The answer, with the question in SQL. With a comparison, each measure has a second column, `<measure> before`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ShelvesAnswer {
    /// Dimensions, then measures.
    pub rows: Rows,
    /// As it was asked.
    pub sql: String,
}

/// The customers behind a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskGroup {
    /// The question.
    pub ask: AskShelves,
    /// By dimension: the value, as text as it is in the answer; nothing where it is missing.
    pub values: Vec<Option<String>>,
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

/// A dashboard. What is in it is the console's: charts (shelves, journeys or SQL with how they are drawn) and how they are laid out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Dashboard {
    /// Its name: letters, digits, `_` and `-`.
    pub name: String,
    /// What it is called.
    pub title: String,
    /// At most 256 KiB of JSON.
    #[schema(value_type = Object)]
    pub body: serde_json::Value,
    /// By whom it was last written.
    pub by: Option<String>,
    /// When.
    pub at: Option<EventTime>,
    /// Its number of changes: sent back as `If-Match`, so that nobody overwrites what they have not seen.
    pub version: u32,
}

/// A dashboard to be written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WriteDashboard {
    /// What it is called.
    pub title: String,
    /// At most 256 KiB of JSON.
    #[schema(value_type = Object)]
    pub body: serde_json::Value,
    /// The version that was changed; 0 for a new one. Refused with 409 when there is a newer one.
    pub version: u32,
}

pub(crate) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::post("/v1/explore", "explore", "Ask a question made of shelves")
            .takes::<AskShelves>()
            .answers::<ShelvesAnswer>(),
        Endpoint::post("/v1/explore/behind", "behindGroup", "The customers behind a group")
            .takes::<AskGroup>()
            .answers::<crate::CustomerPage>(),
        Endpoint::post("/v1/explore/export", "exportShelves", "The answer as a file").takes::<ExportShelves>().bytes(
            &[
                "text/csv",
                "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
                "application/vnd.apache.parquet",
            ],
        ),
        Endpoint::get("/v1/dashboards", "dashboards", "All dashboards").lists::<Dashboard>(),
        Endpoint::get("/v1/dashboards/{name}", "dashboard", "One dashboard").answers::<Dashboard>(),
        Endpoint::put("/v1/dashboards/{name}", "writeDashboard", "Write a dashboard")
            .takes::<WriteDashboard>()
            .answers::<Dashboard>(),
        Endpoint::delete("/v1/dashboards/{name}", "removeDashboard", "Remove a dashboard"),
    ]
}
