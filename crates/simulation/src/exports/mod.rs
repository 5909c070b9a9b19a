//! What the bank's systems export: one folder a system, one file of code a kind of file.
//!
//! The many records of a day are written by several threads at once ([`DayJob`]); the few of a month, and the master data at
//! the end ([`Last`]), by one.

pub(crate) mod app;
pub(crate) mod cards;
pub(crate) mod contact;
pub(crate) mod core;
pub(crate) mod crm;
pub(crate) mod files;
pub(crate) mod marketing;
pub(crate) mod rows;

use std::path::Path;

use crate::{
    calendar::{Day, Month},
    keys::Keys,
    life::{records::Plot, state::Life, world::World},
    truth::Truth,
};

/// Writing the records of one day.
pub(crate) struct DayJob<'a> {
    pub(crate) world: &'a World,
    pub(crate) keys: &'a Keys,
    pub(crate) month: &'a Month,
    pub(crate) day: Day,
}

/// A record that is part of a fraud, on its way to the truth.
pub(crate) struct FraudRow {
    pub(crate) system: &'static str,
    pub(crate) record: u64,
    pub(crate) person: u32,
    pub(crate) plot: Plot,
    pub(crate) at: u32,
    pub(crate) cents: i64,
    pub(crate) day: i32,
}

/// What writers of the few records of a month need.
pub(crate) struct Few<'a> {
    pub(crate) world: &'a World,
    pub(crate) keys: &'a Keys,
    pub(crate) month: &'a Month,
    pub(crate) folder: &'a Path,
    pub(crate) truth: &'a mut Truth,
}

/// What writers of master data need, after the last month.
pub(crate) struct Last<'a> {
    pub(crate) world: &'a World,
    pub(crate) keys: &'a Keys,
    pub(crate) folder: &'a Path,
    pub(crate) lives: &'a [(u32, Life)],
    pub(crate) truth: &'a mut Truth,
}
