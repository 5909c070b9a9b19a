//! From a snapshot to rows that a session may see.
//!
//! A governed table ([`GovernedTable`]) is a plain Parquet scan of the snapshot's live files below one node
//! ([`exec::LakeScanExec`]) that drops rows (not yet known, not the latest version, not consented) and masks columns.
//! Where several customers are found to be one, or a visitor to be a customer, their number is put in place below it
//! ([`whose::PersonsExec`]), and what is best known of them is put together ([`best_known`]).
//! Whatever a query does happens above that node: no filter, error or side effect of a query can touch a row that the
//! session may not see. [`buckets::DeclareBuckets`] tells the planner where buckets make a shuffle superfluous.

mod best_known;
mod buckets;
mod conditions;
mod consent;
mod exec;
mod files;
mod footers;
mod persons;
mod predicate;
mod provider;
mod rules;
mod stream;
mod visited;
mod visitors;
mod whose;

pub use consent::Consented;
pub use persons::Persons;

pub(crate) use buckets::DeclareBuckets;
pub(crate) use consent::CustomerSet;
pub(crate) use files::{file_order, store_url_of};
pub(crate) use footers::Footers;
pub(crate) use provider::{GovernedTable, TableView};
pub(crate) use visitors::{Visitors, has_visitors, visitors};
pub(crate) use whose::Whose;
