//! Questions in SQL, and what there is to ask.

use std::collections::{BTreeMap, BTreeSet};

use florin_domain::{ColumnType, DataClass};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{Endpoint, ForPurpose, Purpose, Words};

/// A question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// What the answer is used for.
    pub purpose: Purpose,
    /// A day or a time: what was known then. Now when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<String>,
    /// One statement that reads.
    pub sql: String,
    /// At most so many rows, up to 10,000; 1,000 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows_max: Option<u32>,
}

/// A column of an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswerColumn {
    /// What it is called.
    pub name: String,
    /// What its values are: `number`, `text`, `bool`, `date`, `time`, `list`.
    pub kind: String,
}

/// An answer: rows of cells, in the order of its columns. Numbers that a program could not hold exactly (decimals, integers beyond
/// 2⁵³) are text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Rows {
    /// Its columns.
    pub columns: Vec<AnswerColumn>,
    /// Its rows.
    #[schema(value_type = Vec<Vec<Object>>)]
    pub rows: Vec<Vec<serde_json::Value>>,
    /// Whether there are more.
    pub more: bool,
    /// How long it took, in milliseconds.
    pub took_ms: f64,
}

/// How an answer is handed out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FileFormat {
    /// Comma-separated; what a spreadsheet would take for a formula is neutralised.
    Csv,
    /// A workbook.
    Xlsx,
    /// Parquet.
    Parquet,
}

/// A question whose answer is handed out as a file. It is on the audit log as an export.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExportQuestion {
    /// What the answer is used for.
    pub purpose: Purpose,
    /// A day or a time: what was known then. Now when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<String>,
    /// One statement that reads.
    pub sql: String,
    /// As what.
    pub format: FileFormat,
}

/// Where a result's column comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ColumnLineage {
    /// The column of the result.
    pub column: String,
    /// Columns of tables that it is made of, as `table.column`.
    pub tables: BTreeSet<String>,
    /// Columns of sources' files that those are made of, as `source: column`.
    pub sources: BTreeSet<String>,
}

/// A table that may be asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TableFacts {
    /// Its name.
    pub name: String,
    /// What a row is.
    pub about: String,
    /// Whether its rows are about customers.
    pub of_customers: bool,
    /// Its columns.
    pub columns: Vec<ColumnFacts>,
}

/// A column that may be asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ColumnFacts {
    /// Its name.
    pub name: String,
    /// Its type.
    #[serde(rename = "type")]
    pub ty: ColumnType,
    /// How sensitive it is.
    pub class: DataClass,
    /// Whether it reads as NULL for this purpose.
    pub masked: bool,
    /// What it says.
    pub about: String,
}

/// A trait that may be asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TraitFacts {
    /// Its name; in SQL `traits.<name>`.
    pub name: String,
    /// What it says.
    pub meaning: Words,
    /// Its type.
    #[serde(rename = "type")]
    pub ty: ColumnType,
    /// What one of it is.
    pub unit: Option<String>,
    /// How sensitive it is.
    pub class: DataClass,
    /// What it may be used for.
    pub purposes: Vec<Purpose>,
    /// Why it must be computed again; nothing when it is up to date.
    pub stale: Vec<String>,
}

/// What there is to ask for a purpose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CatalogueFacts {
    /// Tables.
    pub tables: Vec<TableFacts>,
    /// Traits.
    pub traits: Vec<TraitFacts>,
    /// Segments that may be known, by name.
    pub segments: BTreeMap<String, Words>,
}

/// Whose values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct ValuesOf {
    /// What the answer is used for.
    pub purpose: Purpose,
    /// The table.
    pub table: String,
    /// The column.
    pub column: String,
}

/// A value, and in how many rows it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ValueCount {
    /// The value, as text.
    pub value: String,
    /// In how many rows.
    pub rows: u64,
}

pub(crate) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::post("/v1/sql", "sql", "Ask a question in SQL").takes::<Question>().answers::<Rows>(),
        Endpoint::post("/v1/sql/export", "exportSql", "The answer as a file").takes::<ExportQuestion>().bytes(&[
            "text/csv",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "application/vnd.apache.parquet",
        ]),
        Endpoint::post("/v1/sql/lineage", "sqlLineage", "Where the columns of an answer come from")
            .takes::<Question>()
            .lists::<ColumnLineage>(),
        Endpoint::get("/v1/catalogue", "catalogue", "What there is to ask for a purpose")
            .query::<ForPurpose>()
            .answers::<CatalogueFacts>(),
        Endpoint::get("/v1/catalogue/values", "values", "The commonest values of a column, at most 200")
            .query::<ValuesOf>()
            .lists::<ValueCount>(),
    ]
}
