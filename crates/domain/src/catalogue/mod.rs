//! Which tables exist, what their columns are and how sensitive each is.
//!
//! A [`Catalogue`] holds the canonical tables ([`canonical_tables`]) and the bank's own, which it declares in `tables/*.toml`.
//! Every column carries a [`DataClass`]: a column without one cannot be built, so an unclassified column cannot reach
//! the lake.

mod canonical;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::Arc,
};

use arrow_schema::{DataType, Field, Schema, SchemaRef, TimeUnit};
use serde::{Deserialize, Serialize};

use crate::Purpose;

pub use canonical::{canonical_tables, derived_tables};

/// How sensitive a column is. Ordered: a role that may see a class may see every class before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub enum DataClass {
    /// Internal: says nothing about a person's money.
    C1,
    /// Personal financial: amounts, balances, what a customer holds, said or did.
    C2,
    /// Secret: what even most staff never see.
    C3,
    /// Recognises a person. The lake holds only tokens of it; the value is in the vault.
    #[serde(rename = "identifying")]
    Identifying,
}

impl fmt::Display for DataClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::C1 => "C1",
            Self::C2 => "C2",
            Self::C3 => "C3",
            Self::Identifying => "identifying",
        })
    }
}

/// What a column holds. Money is exact; times are UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum ColumnType {
    /// 64-bit integer.
    Int,
    /// `Decimal(18, 4)`: money, rates, anything that must add up.
    Decimal,
    /// 64-bit floating point: measurements, never money.
    Float,
    /// UTF-8 text.
    Text,
    /// True or false.
    Bool,
    /// A calendar day.
    Date,
    /// UTC, in microseconds since 1970-01-01T00:00:00Z.
    Timestamp,
}

/// Digits of a [`ColumnType::Decimal`].
pub const DECIMAL_PRECISION: u8 = 18;
/// Digits after the point of a [`ColumnType::Decimal`].
pub const DECIMAL_SCALE: i8 = 4;

impl ColumnType {
    /// The Arrow type of this column in every batch and file.
    #[must_use]
    pub fn arrow(self) -> DataType {
        match self {
            Self::Int => DataType::Int64,
            Self::Decimal => DataType::Decimal128(DECIMAL_PRECISION, DECIMAL_SCALE),
            Self::Float => DataType::Float64,
            Self::Text => DataType::Utf8,
            Self::Bool => DataType::Boolean,
            Self::Date => DataType::Date32,
            Self::Timestamp => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        }
    }

    /// The name used in definitions and messages.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Int => "int",
            Self::Decimal => "decimal",
            Self::Float => "float",
            Self::Text => "text",
            Self::Bool => "bool",
            Self::Date => "date",
            Self::Timestamp => "timestamp",
        }
    }
}

/// One column of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ColumnDef {
    /// Lower-case name, unique in its table.
    pub name: String,
    /// What it holds.
    #[serde(rename = "type")]
    pub ty: ColumnType,
    /// How sensitive it is.
    pub class: DataClass,
    /// Whether a row without it cannot be stored.
    #[serde(default)]
    pub required: bool,
    /// One line for people.
    #[serde(default)]
    pub about: String,
}

/// One table: canonical, or the bank's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TableDef {
    /// Lower-case name, as used in SQL.
    pub name: String,
    /// What one row is.
    pub about: String,
    /// The columns that make a row one fact: the same values twice is a duplicate.
    pub key: Vec<String>,
    /// For a slowly changing table, the columns that name the thing whose versions the rows are. A session sees the
    /// latest version (by `valid_from`) of each. Empty for a table of facts.
    #[serde(default)]
    pub versions_of: Vec<String>,
    /// Columns that order the rows of one customer, after `customer_id`.
    #[serde(default)]
    pub order: Vec<String>,
    /// What it may be used for; anything, when empty. Beneath the policies: no role may use it for more.
    #[serde(default)]
    pub purposes: Vec<Purpose>,
    /// The columns beside the common ones, in order.
    pub columns: Vec<ColumnDef>,
}

/// Columns that every table has, after its own: where a row came from and when Florin could have known it.
pub const COMMON_COLUMNS: [(&str, ColumnType); 5] = [
    ("source", ColumnType::Text),
    ("batch", ColumnType::Int),
    ("row_number", ColumnType::Int),
    ("received_at", ColumnType::Timestamp),
    ("known_at", ColumnType::Timestamp),
];

/// The column that names the customer a row is about.
pub const CUSTOMER_ID: &str = "customer_id";
/// The column that says from when a version of a slowly changing row holds.
pub const VALID_FROM: &str = "valid_from";
/// The column that names a visitor who did not say who they are.
pub const ANONYMOUS_ID: &str = "anonymous_id";
/// The table that says in which times a visitor was which customer; Florin makes it.
pub const ANONYMOUS_SPAN: &str = "anonymous_span";
/// The column that says when something happened.
pub const TS: &str = "ts";
/// The column that says from when a row was known.
pub const KNOWN_AT: &str = "known_at";
/// The schema in which sessions see the values of traits, a table each.
pub const TRAITS: &str = "traits";
/// The schema in which sessions see the scores of models, a table each.
pub const SCORES: &str = "scores";
/// The schema in which sessions see what customers are recommended, a table a purpose.
pub const RECOMMENDATIONS: &str = "recommendations";

impl TableDef {
    /// Own columns and common ones, in the order of the stored schema.
    #[must_use]
    pub fn all_columns(&self) -> Vec<ColumnDef> {
        let common = COMMON_COLUMNS.iter().map(|&(name, ty)| ColumnDef {
            name: name.to_owned(),
            ty,
            class: DataClass::C1,
            required: true,
            about: String::new(),
        });
        self.columns.iter().cloned().chain(common).collect()
    }

    /// The stored schema: own columns, then [`COMMON_COLUMNS`].
    #[must_use]
    pub fn schema(&self) -> SchemaRef {
        let fields: Vec<Field> =
            self.all_columns().iter().map(|c| Field::new(&c.name, c.ty.arrow(), !c.required)).collect();
        Arc::new(Schema::new(fields))
    }

    /// A column of the table's own, or `None`.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&ColumnDef> {
        self.columns.iter().find(|c| c.name == name)
    }

    /// Whether rows are about a customer (and so obey consent, live in customer buckets and are erased with them).
    #[must_use]
    pub fn is_about_customers(&self) -> bool {
        self.column(CUSTOMER_ID).is_some()
    }

    /// The column whose value says in which bucket a row lies: what the rows are versions of (so that all versions of
    /// one thing lie together even when it changes hands), else the customer. `None`: one bucket.
    #[must_use]
    pub fn bucket_column(&self) -> Option<&str> {
        let customer = self.is_about_customers().then_some(CUSTOMER_ID);
        self.versions_of.first().map(String::as_str).or(customer)
    }

    /// The columns rows are sorted by inside a file: [`Self::bucket_column`] first, then the rest of what the rows are
    /// versions of, then the table's own order, then its key.
    #[must_use]
    pub fn sort_columns(&self) -> Vec<&str> {
        let mut columns: Vec<&str> = self.bucket_column().into_iter().collect();
        for name in self.versions_of.iter().chain(&self.order).chain(&self.key) {
            if !columns.contains(&name.as_str()) {
                columns.push(name);
            }
        }
        columns
    }

    /// Everything that is wrong with the definition, each as a lower-case sentence; empty when it is sound.
    #[must_use]
    pub fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        let mut seen = BTreeSet::new();
        for column in &self.columns {
            if !seen.insert(column.name.as_str()) {
                problems.push(format!("column `{}` is declared twice", column.name));
            }
            if COMMON_COLUMNS.iter().any(|(name, _)| *name == column.name) {
                problems.push(format!("column `{}` is one that every table has already", column.name));
            }
            if !is_identifier(&column.name) {
                problems.push(format!("column `{}` is not a lower-case name (a-z, 0-9, _)", column.name));
            }
        }
        if !is_identifier(&self.name) {
            problems.push(format!("table `{}` is not a lower-case name (a-z, 0-9, _)", self.name));
        }
        if self.key.is_empty() {
            problems.push("a table needs a `key`: the columns that make a row one fact".to_owned());
        }
        let named = [("key", &self.key), ("versions_of", &self.versions_of), ("order", &self.order)];
        for (setting, columns) in named {
            for name in columns.iter().filter(|n| self.column(n).is_none()) {
                problems.push(format!("`{setting}` names `{name}`, which is not a column of the table"));
            }
        }
        if !self.versions_of.is_empty() && self.column(VALID_FROM).is_none() {
            problems.push(format!("`versions_of` needs a `{VALID_FROM}` column to tell the versions apart"));
        }
        problems
    }
}

fn is_identifier(name: &str) -> bool {
    let mut chars = name.chars();
    chars.next().is_some_and(|c| c.is_ascii_lowercase() || c == '_')
        && chars.all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

/// All tables of one bank, by name.
#[derive(Debug, Clone, Default)]
pub struct Catalogue {
    tables: BTreeMap<String, Arc<TableDef>>,
    derived: BTreeSet<String>,
}

impl Catalogue {
    /// The canonical tables, those that Florin makes itself, and the bank's own, which may not take the name of another.
    ///
    /// # Errors
    /// The name that is taken.
    pub fn new(own: Vec<TableDef>) -> Result<Self, String> {
        let mut tables: BTreeMap<String, Arc<TableDef>> =
            canonical_tables().into_iter().chain(derived_tables()).map(|t| (t.name.clone(), Arc::new(t))).collect();
        for table in own {
            if tables.contains_key(&table.name) {
                return Err(table.name);
            }
            tables.insert(table.name.clone(), Arc::new(table));
        }
        Ok(Self { tables, derived: derived_tables().into_iter().map(|t| t.name).collect() })
    }

    /// The same with more tables that Florin makes itself: the values of traits, under [`TRAITS`], scores, under [`SCORES`], and
    /// recommendations, under [`RECOMMENDATIONS`].
    #[must_use]
    pub fn with_derived(mut self, tables: impl IntoIterator<Item = TableDef>) -> Self {
        for table in tables {
            self.derived.insert(table.name.clone());
            self.tables.insert(table.name.clone(), Arc::new(table));
        }
        self
    }

    /// One table, or `None`.
    #[must_use]
    pub fn table(&self, name: &str) -> Option<&Arc<TableDef>> {
        self.tables.get(name)
    }

    /// Whether Florin makes the table itself, so that no source can fill it.
    #[must_use]
    pub fn is_derived(&self, name: &str) -> bool {
        self.derived.contains(name)
    }

    /// All tables, by name.
    pub fn tables(&self) -> impl Iterator<Item = &Arc<TableDef>> {
        self.tables.values()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn canonical_tables_are_sound() {
        for table in canonical_tables().into_iter().chain(derived_tables()) {
            assert_eq!(table.problems(), Vec::<String>::new(), "{}", table.name);
        }
        assert_eq!(derived_tables()[0].name, ANONYMOUS_SPAN);
    }

    #[test]
    fn a_bank_cannot_take_a_canonical_name() {
        let own = TableDef { name: "loan".into(), ..canonical_tables().remove(0) };
        assert_eq!(Catalogue::new(vec![own]).err(), Some("loan".to_owned()));
    }

    #[test]
    fn problems_name_the_column_and_the_setting() {
        let mut table = canonical_tables().remove(0);
        table.key = vec!["nowhere".into()];
        table.columns.push(table.columns[0].clone());
        let problems = table.problems().join("; ");
        assert!(problems.contains("`key` names `nowhere`"), "{problems}");
        assert!(problems.contains("declared twice"), "{problems}");
    }

    #[test]
    fn rows_are_sorted_by_customer_then_time_then_key() {
        let catalogue = Catalogue::new(vec![]).expect("no own tables");
        let transaction = catalogue.table("transaction").expect("canonical");
        assert_eq!(transaction.sort_columns(), ["customer_id", "ts", "transaction_id"]);
    }
}
