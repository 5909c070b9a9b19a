//! Segments.

use florin_domain::EventTime;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{Endpoint, FileFormat, ForPurpose, Purpose, Words};

/// A segment, in a line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SegmentLine {
    /// Its name.
    pub name: String,
    /// `where`, `clusters`, or `saved` for the customers behind a number.
    pub kind: String,
    /// Who that is, in Chinese.
    pub zh: String,
    /// Who that is, in English.
    pub en: String,
    /// What it may be used for.
    pub purposes: Vec<Purpose>,
    /// How many belong; absent when it was never decided.
    pub size: Option<u64>,
    /// Their share of all customers then, 0 to 1.
    pub share: Option<f64>,
    /// Of how many it cannot be told.
    pub unknown: Option<u64>,
    /// The time for which all customers were decided.
    pub as_of: Option<EventTime>,
    /// The time until which it followed new rows, when that is later.
    pub followed: Option<EventTime>,
    /// Whether it follows new rows as they are committed.
    pub follows: bool,
    /// Why it is not up to date; nothing when it is.
    pub stale: Vec<String>,
}

/// A segment, whole.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Segment {
    /// The essentials.
    pub line: SegmentLine,
    /// How many members this purpose may see: those are listed and exported. Absent when who belongs may not be known, for the reason in
    /// `hidden`.
    pub seen: Option<u64>,
    /// Why who belongs may not be known.
    pub hidden: Option<String>,
    /// How many of the members may be contacted or looked at for each purpose.
    pub reachable: Vec<Reachable>,
    /// Size over time, and who came and went.
    pub history: Vec<Moment>,
    /// Other segments that may be known, the most alike first.
    pub beside: Vec<Beside>,
    /// How far its traits moved.
    pub drift: Vec<TraitDrift>,
    /// Of a clustering: what sets its clusters apart.
    pub clusters: Vec<Cluster>,
    /// Of the customers behind a number: which journey, and which number of it.
    #[schema(value_type = Option<Object>)]
    pub saved: Option<serde_json::Value>,
    /// The definition, as TOML.
    pub definition: Option<String>,
}

/// How many members a purpose reaches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Reachable {
    /// Which purpose.
    pub purpose: Purpose,
    /// How many.
    pub customers: u64,
}

/// A segment at a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Moment {
    /// When.
    pub at: EventTime,
    /// How many belonged.
    pub size: u64,
    /// How many of them had not, the time before.
    pub entered: u64,
    /// How many had, the time before, and did no longer.
    pub left: u64,
}

/// Another segment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Beside {
    /// Its name.
    pub name: String,
    /// How many belong to both.
    pub both: u64,
    /// The share of this one's members, 0 to 1.
    pub share: f64,
    /// Both divided by either (Jaccard), 0 to 1.
    pub alike: f64,
}

/// A trait that moved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TraitDrift {
    /// The trait.
    pub name: String,
    /// Since when.
    pub since: EventTime,
    /// The population stability index.
    pub index: f64,
}

/// A cluster.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Cluster {
    /// From 1.
    pub number: u32,
    /// How many belong.
    pub size: u64,
    /// What sets it apart, the strongest first.
    pub differences: Vec<Words>,
}

/// Whoever is to be counted: a definition that is not saved, or an expression over segments. One of both.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PreviewSegment {
    /// What for.
    pub purpose: Purpose,
    /// One `where` as in `segments/*.toml`: `{all: [{did: "apply_start", in_last_days: 30}, …]}`.
    #[serde(default, rename = "where", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub predicate: Option<serde_json::Value>,
    /// `a & b - c` over names of segments.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expression: Option<String>,
}

/// Whoever was counted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SegmentPreview {
    /// How many belong.
    pub size: u64,
    /// Their share of all customers, 0 to 1.
    pub share: f64,
    /// Of how many it cannot be told.
    pub unknown: u64,
    /// How many may be contacted or looked at for each purpose.
    pub reachable: Vec<Reachable>,
    /// Segments that may be known, the most alike first.
    pub beside: Vec<Beside>,
    /// How long it took, in milliseconds.
    pub took_ms: f64,
}

/// Which members.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct MembersQuery {
    /// What for.
    pub purpose: Purpose,
    /// A name, or an expression `a & b - c`.
    pub expression: String,
    /// Those after this customer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<u32>,
    /// At most so many, up to 1,000; 100 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
}

/// Customers, a page of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CustomerPage {
    /// How many there are.
    pub total: u64,
    /// By number.
    pub customers: Vec<u32>,
    /// Ask for those after this one to go on; nothing at the end.
    pub next_after: Option<u32>,
}

/// A list of customers to be handed out. It is on the audit log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExportSegment {
    /// What for.
    pub purpose: Purpose,
    /// A name, or an expression `a & b - c`.
    pub expression: String,
    /// Traits beside the customer's number.
    #[serde(default)]
    pub traits: Vec<String>,
    /// As what.
    pub format: FileFormat,
}

pub(crate) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::get("/v1/segments", "segments", "All segments").query::<ForPurpose>().lists::<SegmentLine>(),
        Endpoint::get("/v1/segments/{name}", "segment", "One segment").query::<ForPurpose>().answers::<Segment>(),
        Endpoint::post("/v1/segments/preview", "previewSegment", "Who would belong, before anything is saved")
            .takes::<PreviewSegment>()
            .answers::<SegmentPreview>(),
        Endpoint::get("/v1/segment-members", "members", "Who belongs")
            .query::<MembersQuery>()
            .answers::<CustomerPage>(),
        Endpoint::post("/v1/segment-export", "exportSegment", "Who belongs, as a file").takes::<ExportSegment>().bytes(
            &[
                "text/csv",
                "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
                "application/vnd.apache.parquet",
            ],
        ),
    ]
}
