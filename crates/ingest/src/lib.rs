//! From a bank's raw files to checked, typed rows in which every record has exactly one outcome.
//!
//! *What*: `sources` opens files (plain, gzip, zstd) of every format and hands out typed rows in chunks, with the
//! records that could not be read beside them; `validate` applies the checks of a mapping; `scrub` finds identifying
//! values in free text; `deduplicate` finds records that are already known, in bounded memory.
//!
//! *Start here*: [`definition`] is what a bank writes; [`sources::read_file`] is what happens to a file.
//!
//! *How to read*: in the order of the flow, which is the order of the modules below.
//!
//! *How to write*: nothing here names the query engine or the lake; a record may leave only as a row, or as a reject
//! with its row number, reason and raw text.

pub mod deduplicate;
pub mod definition;
pub mod scrub;
pub mod sources;
pub mod validate;
