//! Mappings and checks as SQL expressions over batches.
//!
//! A mapping is a SELECT whose FROM is the driving input and whose LEFT JOINs are inputs to look things up in. Every
//! record of the driving input must have exactly one outcome, so the clauses that could lose or multiply records (WHERE,
//! GROUP BY, inner joins, …) are refused with advice. What is left is a projection: [`parse`] takes the statement apart,
//! [`Mapping::compile`] resolves its expressions, [`BoundMapping::apply`] computes rows, batch after batch, from any
//! number of threads.

mod compile;
mod functions;
mod lookup;
mod parse;
mod physical;
mod rows;

pub use compile::{Mapping, MappingProblem, SqlCheck};
pub use functions::KeySource;
pub use parse::{MappingSelect, parse};
pub use rows::{BoundMapping, MapFailure, Mapped};
