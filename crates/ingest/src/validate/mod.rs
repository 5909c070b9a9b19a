//! The checks of a mapping: compiled once, applied to every batch of rows.
//!
//! *The way.* [`Compiled::compile`] turns what a bank wrote ([`CheckDef`](crate::definition::CheckDef)) into kernels over
//! the columns of the target table, or into every problem with it at once. [`Compiled::apply`] runs them; a batch in
//! which nothing fails costs one vectorised pass a check and no allocation. Three rules need more than the batch: `sql`
//! (the engine), `exists_in` (the lake) and `unique` (all rows of the table). Their inputs are handed out
//! ([`Compiled::needs_sql`], [`Compiled::references`], [`Compiled::unique`]) and what comes of them is handed in with
//! [`Failures::add_mask`].
//!
//! *Meaning.* A missing value passes every rule but `required`: unknown is not false. A row that fails several checks has
//! one reason: missing columns first, in the order of the table, then checks in the order of the definition, whatever
//! the order they were evaluated in.

mod apply;
mod bounds;
mod compile;
mod failures;
mod reason;

pub use apply::BatchMismatch;
pub use compile::{CheckProblem, Compiled, Reference, SqlCheck, UniqueCheck};
pub use failures::{Failed, Failures};
pub use reason::Reason;
