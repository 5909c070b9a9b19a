//! The narrow projection: a second copy of a table's rows with little in it, which journeys are told from.
//!
//! *Why*: a funnel asks for four names of twenty, and sessions for nothing but who and when; even packed and sorted, the table's own
//! files make a question wait for what it does not ask. *What*: for each row of a customer its time and its **kind**, a
//! number that stands for its values in a few columns of text ([`columns_of`]), by customer and time ([`segment`]), and once more by kind;
//! and the same of rows of nobody, in no order.
//! Conditions are then looked at once a kind and not once a row ([`question`]).
//!
//! *Never another answer.* A projection is used only where it is certain to say what the table would say: it covers exactly the
//! files of the session's snapshot; customers are the same persons and visitors as when it was made; nothing in it became
//! known after the session's time. Masked columns have no values, customers who are not seen are left out, and whatever
//! a question asks beyond kinds and times goes to the table ([`question`] says what that is). Anything that goes wrong does too.
//!
//! *In step*: `optimize` makes it. Loads add files whose rows it lacks: they are read from the table and put among its own ([`fresh`], and for
//! sums by kinds and times [`aggregate`]); values per customer go to the table then. Any other change of the table's files makes it have rows that the table has not, so
//! that it is no longer used; deleting customers removes it first. It is written beside the old one and counts from the moment that
//! its manifest ([`manifest`]) is in place; what does not count is removed by the next `optimize` or `vacuum`.

mod aggregate;
mod build;
mod fresh;
mod kinds;
mod manifest;
mod packed;
mod question;
mod rows;
mod segment;

use std::{collections::BTreeSet, sync::Arc};

use florin_domain::{
    ColumnType, TableDef,
    catalogue::{CUSTOMER_ID, KNOWN_AT, TS},
};

use crate::{LakeError, LakeTable, read::GovernedTable};

pub(crate) use aggregate::{Aggregates, is_narrow};
pub use build::{Narrowed, narrow};
pub(crate) use manifest::{Manifest, Manifests};
pub(crate) use question::NarrowQuestion;

/// Columns of text with few values that journeys ask for, those that tell most first.
const COLUMNS: [&str; 5] = ["name", "kind", "direction", "channel", "device"];

/// The columns that kinds of a table's rows are told by; none when it has no projection: its rows are no events of customers.
pub(crate) fn columns_of(def: &TableDef) -> Vec<String> {
    let is_text = |name: &&&str| def.column(name).is_some_and(|column| column.ty == ColumnType::Text);
    let events = def.bucket_column() == Some(CUSTOMER_ID) && def.versions_of.is_empty() && def.order == [TS];
    let known = def.all_columns().iter().any(|column| column.name == KNOWN_AT);
    let columns = COLUMNS.iter().filter(is_text).map(|name| (*name).to_owned());
    if events && known { columns.collect() } else { Vec::new() }
}

/// Columns of numbers that are added up customer by customer, as far as a table has them.
const MEASURES: [&str; 3] = ["amount", "balance_after", "duration_ms"];

/// The columns of numbers that a table's projection has.
fn measures_of(def: &TableDef) -> Vec<String> {
    let number = |ty| matches!(ty, ColumnType::Int | ColumnType::Decimal);
    let is_number = |name: &&&str| def.column(name).is_some_and(|column| number(column.ty));
    MEASURES.iter().filter(is_number).map(|name| (*name).to_owned()).collect()
}

/// A projection, and the files of a snapshot whose rows it does not have.
#[derive(Debug, Clone)]
pub(crate) struct Covering {
    pub(crate) manifest: Arc<Manifest>,
    pub(crate) lacks: Arc<BTreeSet<String>>,
}

/// Rows that a projection may lack and a question still be told from it: they are held in memory.
const LACKED_MAX: u64 = 1 << 21;

impl Covering {
    /// The rows that the projection lacks, as a table, where they are few enough.
    fn lacking(&self, table: &GovernedTable) -> Option<GovernedTable> {
        let lacking = table.of_files(&self.lacks);
        let rows: Option<u64> = lacking.table().live_files().ok()?.iter().map(|file| file.rows).sum();
        rows.filter(|rows| *rows <= LACKED_MAX).map(|_| lacking)
    }
}

/// The projection that is in force, if it has no row that this snapshot does not have.
pub(crate) fn covering(table: &LakeTable) -> Result<Option<Covering>, LakeError> {
    if columns_of(table.def()).is_empty() {
        return Ok(None);
    }
    let Some(manifest) = manifest::current(table) else { return Ok(None) };
    Ok(manifest.lacks(table)?.map(|lacks| Covering { manifest, lacks: Arc::new(lacks) }))
}

/// Removes a table's projection: before rows are deleted that it has too.
pub(crate) fn remove(table: &LakeTable) -> Result<(), LakeError> {
    manifest::remove_all_but(table, None, false).map(drop)
}

/// Removes what is not in force for the latest version of a table, and says what that was.
pub(crate) fn vacuum(table: &LakeTable, dry_run: bool) -> Result<Vec<String>, LakeError> {
    let current = covering(table)?;
    manifest::remove_all_but(table, current.as_ref().map(|now| now.manifest.as_ref()), dry_run)
}
