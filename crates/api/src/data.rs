//! Sources, loads, quality, quarantine, lineage.

use florin_domain::{Counts, EventTime};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{Endpoint, Purpose};

/// A source of records.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SourceFacts {
    /// Its name.
    pub name: String,
    /// What it says of itself.
    pub about: String,
    /// Into which tables it is mapped.
    pub tables: Vec<String>,
    /// How many loads there were.
    pub loads: u64,
    /// What became of all its records.
    pub counts: Counts,
    /// When it was last loaded.
    pub loaded_at: Option<EventTime>,
}

/// One file, loaded into one table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Load {
    /// Its number.
    pub id: i64,
    /// From which source.
    pub source: String,
    /// By which mapping.
    pub mapping: String,
    /// Into which table.
    pub table: String,
    /// Which file.
    pub file: String,
    /// `planned`, `prepared` or `done`.
    pub state: String,
    /// When it began.
    pub started_at: EventTime,
    /// When it was done.
    pub finished_at: Option<EventTime>,
    /// What became of its records.
    pub counts: Counts,
}

/// Which loads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct LoadsQuery {
    /// Only of this source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// At most so many, up to 1,000; 100 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
}

/// Quality of a table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TableQuality {
    /// Which table.
    pub table: String,
    /// Rows stored, every version counted.
    pub rows: u64,
    /// What became of all records that were to go into it.
    pub counts: Counts,
    /// Share of records that passed their checks.
    pub validity: Option<f64>,
    /// Share of records that passed the checks over several columns or tables.
    pub consistency: Option<f64>,
    /// Share of records that were not there already.
    pub uniqueness: Option<f64>,
    /// When the newest row was known.
    pub newest_known_at: Option<String>,
    /// Its columns.
    pub columns: Vec<ColumnQuality>,
    /// What is wrong with the records in the quarantine, most frequent first.
    pub quarantined: Vec<QuarantineCount>,
}

/// Quality of a column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ColumnQuality {
    /// Which column.
    pub column: String,
    /// Share of rows that have a value.
    pub completeness: Option<f64>,
    /// How many different values, about.
    pub distinct: u64,
    /// Smallest and largest, for numbers and times that are not secret.
    pub bounds: Option<(String, String)>,
    /// Records put aside because of this column.
    pub quarantined: u64,
}

/// Records that could not be stored, counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct QuarantineCount {
    /// From which source.
    pub source: String,
    /// By which mapping.
    pub mapping: String,
    /// What is wrong, for programs.
    pub code: String,
    /// With which column, if it is one.
    pub column: Option<String>,
    /// How many wait.
    pub waiting: u64,
    /// How many were stored after all.
    pub resolved: u64,
}

/// Which quarantined records.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct QuarantineQuery {
    /// Only of this source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// With the records themselves; needs leave of its own and is on the audit log.
    #[serde(default)]
    pub raw: bool,
    /// At most so many, up to 1,000; 50 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
}

/// A record that could not be stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct QuarantinedRecord {
    /// Its number in the quarantine.
    pub id: i64,
    /// Which source it came from.
    pub source: String,
    /// By which mapping.
    pub mapping: String,
    /// Which file.
    pub file: String,
    /// Which record of it, from 1.
    pub row_number: u64,
    /// What is wrong, for programs.
    pub code: String,
    /// With which column, if it is one.
    pub column: Option<String>,
    /// What is wrong, for people.
    pub reason: String,
    /// The record itself, when it was asked for.
    pub raw: Option<String>,
}

/// What a node of the lineage is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "they say what they are")]
pub enum LineageKind {
    Source,
    Table,
    Trait,
    Segment,
    Model,
    Offer,
}

/// A node of the lineage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LineageNode {
    /// Unique: `kind:name`.
    pub id: String,
    /// What it is.
    pub kind: LineageKind,
    /// Its name.
    pub name: String,
}

/// What is made of what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LineageEdge {
    /// What is read.
    pub from: String,
    /// What is made of it.
    pub to: String,
    /// Columns that are read, as far as they are known.
    pub columns: Vec<String>,
}

/// From sources to decisions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LineageGraph {
    /// Nodes.
    pub nodes: Vec<LineageNode>,
    /// Edges.
    pub edges: Vec<LineageEdge>,
}

/// Whether the collector of events keeps up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Collecting {
    /// Whether the bank has a collector.
    pub on: bool,
    /// Events that are on disk since the start.
    pub stored: u64,
    /// Bytes that wait to be loaded.
    pub waiting_bytes: u64,
    /// When events were last loaded.
    pub loaded_at: Option<EventTime>,
    /// What purpose writes are for.
    pub purpose: Option<Purpose>,
}

pub(crate) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::get("/v1/sources", "sources", "Where records come from").lists::<SourceFacts>(),
        Endpoint::get("/v1/loads", "loads", "What was loaded, the newest first").query::<LoadsQuery>().lists::<Load>(),
        Endpoint::get("/v1/quality", "quality", "Quality, by table and column").lists::<TableQuality>(),
        Endpoint::get("/v1/quarantine", "quarantine", "Records that could not be stored, by what is wrong")
            .lists::<QuarantineCount>(),
        Endpoint::get("/v1/quarantine/records", "quarantinedRecords", "Records that could not be stored")
            .query::<QuarantineQuery>()
            .lists::<QuarantinedRecord>(),
        Endpoint::get("/v1/lineage", "lineage", "From sources to decisions").answers::<LineageGraph>(),
        Endpoint::get("/v1/collecting", "collecting", "Whether the collector keeps up").answers::<Collecting>(),
    ]
}
