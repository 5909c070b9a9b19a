//! Delimited text and other records that are lines: `records` cuts text into records, `fields` cuts records into
//! fields, `parse` makes rows of them.

pub(super) mod fields;
pub(super) mod parse;
pub(super) mod records;
