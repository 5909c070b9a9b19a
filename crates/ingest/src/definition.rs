//! What a bank says of one source: `sources/<name>.toml`.
//!
//! A source is one [`InputDef`] (which files, what is in them) and any number of [`MapDef`]s (which table each record
//! becomes a row of). Unknown keys are refused; what a person may have to be pointed at carries its place in the file
//! ([`Spanned`]).

use std::fmt;

use florin_domain::{ColumnType, Purpose};
use serde::{Deserialize, Deserializer, Serialize, de};
use toml::Spanned;

/// `sources/<name>.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourceDef {
    /// One line for people.
    #[serde(default)]
    pub about: String,
    /// The raw records. In mappings it has the name of the file: `sources/client.toml` is `client`.
    pub input: InputDef,
    /// What each record becomes. None for an input that is only looked things up in.
    #[serde(default, rename = "map")]
    pub maps: Vec<MapDef>,
}

/// Which files, and what is in them.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InputDef {
    /// Globs, relative to the bank directory. Files are read in the order of their names.
    pub files: Vec<Spanned<String>>,
    /// What kind of file.
    pub format: Format,
    /// How the files are compressed; by default as the name ends (`.gz`, `.zst`).
    #[serde(default)]
    pub compression: Compression,
    /// An encoding label (`utf-8`, `gb18030`, `windows-1250`, …); detected, and the guess shown, when absent.
    #[serde(default)]
    pub encoding: Option<Spanned<String>>,
    /// Delimited text: what stands between fields.
    #[serde(default = "comma")]
    pub delimiter: char,
    /// Delimited text: what stands around a field; `""` for none.
    #[serde(default = "double_quote", deserialize_with = "optional_char")]
    pub quote: Option<char>,
    /// Delimited text and Excel: whether the first record names the columns. Without one, columns are as declared.
    #[serde(default = "yes")]
    pub header: bool,
    /// Excel: which sheet; the first when absent.
    #[serde(default)]
    pub sheet: Option<String>,
    /// Texts that mean *missing*, in every column that does not say otherwise. Surrounding blanks do not count.
    #[serde(default = "empty_text")]
    pub missing: Vec<String>,
    /// What to do with columns of the file that are not declared.
    #[serde(default)]
    pub extra_columns: ExtraColumns,
    /// A record longer than this many bytes is quarantined, and bounds the memory a record can take.
    #[serde(default = "record_bytes_max")]
    pub record_bytes_max: usize,
    /// The columns that mappings may use, in the order of the file when it has no header.
    pub columns: Columns,
}

/// Kinds of files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// One record a line, fields between delimiters (CSV, TSV, …).
    Delimited,
    /// One JSON object a line.
    JsonLines,
    /// Apache Parquet.
    Parquet,
    /// Apache Arrow IPC, file or stream.
    Arrow,
    /// Excel workbooks (xlsx, xls, xlsb, ods).
    Excel,
}

/// How files are compressed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Compression {
    /// As the name ends: `.gz` is gzip, `.zst` is zstd, anything else is plain.
    #[default]
    Auto,
    /// Not compressed.
    None,
    /// gzip, also of several members.
    Gzip,
    /// Zstandard.
    Zstd,
}

/// What to do with columns that the definition does not name.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ExtraColumns {
    /// Read on, and say so in the report.
    #[default]
    Warn,
    /// Refuse the file.
    Refuse,
}

/// Declared columns, in the order of the definition.
#[derive(Debug, Clone, Default)]
pub struct Columns(pub Vec<InputColumn>);

/// One declared column of an input.
#[derive(Debug, Clone)]
pub struct InputColumn {
    /// As in the header (or the JSON key, or the Parquet field), letter by letter.
    pub name: String,
    /// How its text is read.
    pub spec: ColumnSpec,
}

/// How a column's text is read: `"int"`, or `{ type = "date", format = "%y%m%d" }`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ColumnSpec {
    /// What the column holds.
    #[serde(rename = "type")]
    pub ty: ColumnType,
    /// Dates and times: a strftime pattern (`%y%m%d`; two-digit years are 1930 to 2029 unless `century` says otherwise). ISO 8601 when absent.
    #[serde(default)]
    pub format: Option<String>,
    /// Two-digit years: the first year they can mean (`century = 1900`: 00 is 1900, 99 is 1999).
    #[serde(default)]
    pub century: Option<i16>,
    /// Times without an offset: the zone they are in. The bank's when absent.
    #[serde(default)]
    pub time_zone: Option<String>,
    /// Numbers: `1.234,56` rather than `1,234.56`.
    #[serde(default)]
    pub decimal_comma: bool,
    /// Texts that mean *missing* in this column, instead of the input's.
    #[serde(default)]
    pub missing: Option<Vec<String>>,
    /// Booleans: texts for true and for false. `true`/`false`, `1`/`0`, `yes`/`no`, `y`/`n` when absent.
    #[serde(default)]
    pub true_false: Option<(String, String)>,
    /// Whether a file without this column may still be read (every value is then missing).
    #[serde(default)]
    pub optional: bool,
}

impl From<ColumnType> for ColumnSpec {
    fn from(ty: ColumnType) -> Self {
        Self {
            ty,
            format: None,
            century: None,
            time_zone: None,
            decimal_comma: false,
            missing: None,
            true_false: None,
            optional: false,
        }
    }
}

/// What each record of the input becomes a row of.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MapDef {
    /// A table of the catalogue or of the bank's own.
    pub into: Spanned<String>,
    /// A SELECT whose FROM names this input (it drives: each of its records gets one outcome) and whose LEFT JOINs name
    /// inputs to look things up in.
    pub select: Spanned<String>,
    /// Rows of customers who withdrew from this purpose are refused instead of stored.
    #[serde(default)]
    pub purpose: Option<Purpose>,
    /// What rows must pass.
    #[serde(default, rename = "check")]
    pub checks: Vec<CheckDef>,
}

/// One check. Exactly one rule must be given.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CheckDef {
    /// Which column of the target table; not needed for `sql` and `unique`.
    #[serde(default)]
    pub column: Option<Spanned<String>>,
    /// What happens to a row that fails.
    #[serde(default)]
    pub on_fail: OnFail,
    /// Said to people instead of the rule's own words.
    #[serde(default)]
    pub message: Option<String>,
    /// The value must be present.
    #[serde(default)]
    pub required: Option<bool>,
    /// A number, date or time between `min` and `max`, both included.
    #[serde(default)]
    pub range: Option<Range>,
    /// A regular expression that must match the whole text.
    #[serde(default)]
    pub pattern: Option<Spanned<String>>,
    /// One of these texts.
    #[serde(default)]
    pub allowed: Option<Vec<String>>,
    /// The value must exist there: `table.column` of the lake, as it stands when the load starts.
    #[serde(default)]
    pub exists_in: Option<Spanned<String>>,
    /// No two rows of the table may have the same values in these columns.
    #[serde(default)]
    pub unique: Option<Vec<String>>,
    /// A SQL expression over the row's columns that must not be false.
    #[serde(default)]
    pub sql: Option<Spanned<String>>,
}

/// Bounds, as written: numbers, or dates and times in ISO 8601, or `now` (when the record was received).
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Range {
    /// Nothing smaller.
    #[serde(default)]
    pub min: Option<Bound>,
    /// Nothing larger.
    #[serde(default)]
    pub max: Option<Bound>,
}

/// A bound of a [`Range`].
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum Bound {
    /// `0`
    Int(i64),
    /// `0.5`
    Float(f64),
    /// `"1900-01-01"`, `"now"`, `"0.01"`
    Text(String),
}

/// What happens to a row that fails a check.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OnFail {
    /// It is kept aside with the reason, and does not reach the table.
    #[default]
    Quarantine,
    /// It is stored, and the report counts it.
    Warn,
}

fn comma() -> char {
    ','
}

#[expect(clippy::unnecessary_wraps, reason = "serde defaults have the type of the field")]
fn double_quote() -> Option<char> {
    Some('"')
}

fn yes() -> bool {
    true
}

fn empty_text() -> Vec<String> {
    vec![String::new()]
}

fn record_bytes_max() -> usize {
    1 << 20
}

fn optional_char<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<char>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let mut chars = text.chars();
    match (chars.next(), chars.next()) {
        (first, None) => Ok(first),
        _ => Err(de::Error::custom(format!("`{text}` is more than one character"))),
    }
}

impl<'de> Deserialize<'de> for Columns {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;
        impl<'de> de::Visitor<'de> for InOrder {
            type Value = Columns;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a table of columns: name = \"type\" or name = { type = … }")
            }

            fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<Columns, A::Error> {
                let mut columns = Vec::new();
                while let Some((name, spec)) = map.next_entry::<String, ColumnSpecText>()? {
                    columns.push(InputColumn { name, spec: spec.0 });
                }
                Ok(Columns(columns))
            }
        }
        deserializer.deserialize_map(InOrder)
    }
}

/// A column's spec as written: a bare type name or a table.
struct ColumnSpecText(ColumnSpec);

impl<'de> Deserialize<'de> for ColumnSpecText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TypeOrTable;
        impl<'de> de::Visitor<'de> for TypeOrTable {
            type Value = ColumnSpecText;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a type (int, decimal, float, text, bool, date, timestamp) or a table with `type`")
            }

            fn visit_str<E: de::Error>(self, name: &str) -> Result<ColumnSpecText, E> {
                let ty = ColumnType::deserialize(de::value::StrDeserializer::<E>::new(name))?;
                Ok(ColumnSpecText(ty.into()))
            }

            fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<ColumnSpecText, A::Error> {
                ColumnSpec::deserialize(de::value::MapAccessDeserializer::new(map)).map(ColumnSpecText)
            }
        }
        deserializer.deserialize_any(TypeOrTable)
    }
}
