//! `date_trunc`, `date_part` and EXTRACT over times in a zone, fast.
//!
//! The engine asks the zone database about every single row, some hundred nanoseconds each; without a zone it only
//! counts. So the offsets of a zone are looked up once ([`offsets::Offsets`]), times are moved to local time by adding
//! one, the engine's own function does its work there, and what is a time again is moved back. Where a day or month
//! began under another offset than the time in question, the engine is asked after all, once for each such beginning.
//! Answers are the engine's, to the microsecond.

mod function;
mod offsets;

pub(crate) use function::InLocalTime;
