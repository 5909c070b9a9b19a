//! When in the week customers are active: hours of the day by weekday, in a zone.

use roaring::RoaringBitmap;

use crate::{
    Bits, JourneyError, Rows, Zone,
    rows::{Cursor, for_each_met},
    sets::{SetBuilder, merge_each},
    zone::HOUR_MICROS,
};

/// Hours of a week.
const WEEK_HOURS: usize = 7 * 24;
/// 1970-01-01 was a Thursday: three days after a Monday.
const EPOCH_HOUR: i64 = 3 * 24;

/// Counts rows and customers by hour of the local week.
#[derive(Debug, Clone)]
pub struct RhythmKernel {
    zone: Zone,
    cursor: Cursor,
    rows: Vec<u64>,
    customers: Vec<SetBuilder>,
}

impl RhythmKernel {
    /// Before any row.
    #[must_use]
    pub fn new(zone: Zone) -> Self {
        Self {
            zone,
            cursor: Cursor::default(),
            rows: vec![0; WEEK_HOURS],
            customers: vec![SetBuilder::default(); WEEK_HOURS],
        }
    }

    /// The next batch; rows with a bit count.
    ///
    /// # Errors
    /// When the column is of another length or rows with a bit are out of order.
    pub fn push<M: Bits>(&mut self, rows: Rows<'_>, bits: &[M]) -> Result<(), JourneyError> {
        rows.matches("bits", bits)?;
        for_each_met(rows, bits, |met| {
            self.cursor.advance(met.row, met.customer, met.ts)?;
            let hour = self.zone.local(met.ts).div_euclid(HOUR_MICROS) + EPOCH_HOUR;
            let place = hour.rem_euclid(WEEK_HOURS as i64) as usize;
            self.rows[place] += 1;
            self.customers[place].insert(met.customer as u32);
            Ok(())
        })
    }

    /// Joins one over other customers.
    pub fn merge(&mut self, other: Self) {
        self.rows.iter_mut().zip(other.rows).for_each(|(mine, theirs)| *mine += theirs);
        merge_each(&mut self.customers, other.customers);
    }

    /// After the last batch.
    #[must_use]
    pub fn finish(self) -> Rhythm {
        Rhythm { rows: self.rows, customers: self.customers.into_iter().map(SetBuilder::finish).collect() }
    }
}

/// Where an hour of the week is kept; nowhere if there is no such hour.
fn place(weekday: usize, hour: usize) -> usize {
    if weekday < 7 && hour < 24 { weekday * 24 + hour } else { WEEK_HOURS }
}

/// Activity by hour of the local week. The hour that the clock repeats in autumn counts twice, as on the wall.
#[derive(Debug, Clone, PartialEq)]
pub struct Rhythm {
    rows: Vec<u64>,
    customers: Vec<RoaringBitmap>,
}

impl Rhythm {
    /// Rows in an hour; `weekday` from 0 (Monday) to 6, `hour` from 0 to 23.
    #[must_use]
    pub fn rows(&self, weekday: usize, hour: usize) -> u64 {
        self.rows.get(place(weekday, hour)).copied().unwrap_or(0)
    }

    /// Who was active in an hour.
    #[must_use]
    pub fn customers(&self, weekday: usize, hour: usize) -> Option<&RoaringBitmap> {
        self.customers.get(place(weekday, hour))
    }
}
