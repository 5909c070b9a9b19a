//! Care of the lake: merging small files, keeping narrow projections in step, deleting customers' rows. (Vacuum and history are [`crate::LakeTable`]'s own.)

mod delete;
mod optimize;
mod rewrite;

pub use crate::narrow::{Narrowed, narrow};
pub use delete::{Deleted, delete_customers};
pub use optimize::{Optimized, optimize};
pub use rewrite::Rewriting;
