//! From checked rows to committed files.
//!
//! Rows arrive in any order from several threads. [`Spill`] puts each into a run on disk by bucket and range of the
//! bucket column, so that memory does not grow with the load; [`write_files`] then sorts range after range and writes
//! one file a bucket.

mod file;
mod files;
mod shared;
mod sort;
mod spill;
mod stats;
mod together;

pub use files::{FileSink, Written, write_files};
pub use spill::{ORDINAL, Spill, SpillPlan};
pub use together::{Overwrite, SortedRows, open_together, overwrite_together, write_sorted};

pub(crate) use file::BucketFile;
pub(crate) use stats::latest_of;
