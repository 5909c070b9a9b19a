//! Within how long something must happen.

use crate::zone::Zone;

/// A span of time that starts with an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Window {
    /// As long as it takes.
    Unbounded,
    /// Up to and with so many microseconds after it: `ts <= start + micros`.
    Micros(u64),
    /// Within so many calendar days of the zone, the day of the start being the first: with 1, before that day ends; with
    /// 7, before the end of the sixth day after it.
    Days(u32),
}

impl Window {
    /// A window of seconds.
    #[must_use]
    pub fn seconds(seconds: u64) -> Self {
        Self::Micros(seconds.saturating_mul(1_000_000))
    }

    /// The last instant that is inside. It never falls when `start` rises.
    #[inline]
    pub(crate) fn deadline(self, start: i64, zone: &mut Zone) -> i64 {
        match self {
            Self::Unbounded => i64::MAX,
            Self::Micros(micros) => start.saturating_add_unsigned(micros),
            Self::Days(days) => {
                let end = zone.day(start).saturating_add_unsigned(days);
                zone.day_start(end).saturating_sub(1)
            }
        }
    }

    /// Whether nothing at all fits in.
    pub(crate) fn is_empty(self) -> bool {
        self == Self::Days(0)
    }
}
