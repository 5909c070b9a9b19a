//! What kind of bank to make.

use crate::{SimulationError, calendar::MONTHS_MAX};

/// 260 MB: months of up to 180,000 customers never touch the disk.
const RECORDS_IN_MEMORY: usize = 8_000_000;
/// The most customers; person numbers are 32 bits, and keys have room for so many.
const CUSTOMERS_MAX: u32 = 20_000_000;

/// What kind of bank to make. The same settings (other than `workers`) give the same bytes.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// How many people bank here at some time.
    pub customers: u32,
    /// What all chance comes from.
    pub seed: u64,
    /// How many months are lived through, from January 2023 on; at most 48.
    pub months: u16,
    /// How much people do, beside what is believable: 1 is. Smaller values make smaller files of the same bank.
    pub activity: f64,
    /// How many stolen cards, takeovers, mule networks and cases of structuring there are, beside what is believable: 1 is, and at most
    /// 100 is possible.
    pub frauds: f64,
    /// Whether the exports have flaws.
    pub dirt: bool,
    /// How many threads work. It changes no byte.
    pub workers: usize,
    /// How many bookings, payments and events of a month wait in memory until they are written, at 28 to 40 bytes each; the
    /// others wait in a file. It changes no byte.
    pub records_in_memory: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            customers: 2000,
            seed: 1,
            months: 24,
            activity: 1.0,
            frauds: 1.0,
            dirt: true,
            workers: 2,
            records_in_memory: RECORDS_IN_MEMORY,
        }
    }
}

impl Settings {
    pub(crate) fn check(&self) -> Result<(), SimulationError> {
        let refuse = |setting, found, allowed| Err(SimulationError::Setting { setting, found, allowed });
        match self {
            Self { customers: 0, .. } => refuse("customers", 0, "a bank has at least 1"),
            Self { customers, .. } if *customers > CUSTOMERS_MAX => {
                refuse("customers", u64::from(*customers), "at most 20,000,000 are possible")
            }
            Self { months, .. } if *months == 0 || *months > MONTHS_MAX => {
                refuse("months", u64::from(*months), "1 to 48 are possible")
            }
            Self { activity, .. } if !(*activity > 0.0 && *activity <= 10.0) => {
                refuse("activity", *activity as u64, "more than 0 and at most 10 is possible")
            }
            Self { frauds, .. } if !(*frauds > 0.0 && *frauds <= 100.0) => {
                refuse("frauds", *frauds as u64, "more than 0 and at most 100 is possible")
            }
            Self { workers: 0, .. } => refuse("workers", 0, "at least 1 is needed"),
            _ => Ok(()),
        }
    }
}
