//! Times in few bytes: multiples of a unit above the earliest.
//!
//! Clocks of sources tick in seconds or milliseconds. So of two years in microseconds (46 bits) only 26 or 36 bits are left, and
//! whole bytes unpack many times faster than differences or single bits.

use std::ops::RangeInclusive;

use fearless_simd::{Level, Simd, dispatch};
use serde::{Deserialize, Serialize};

/// Numbers and times of rows.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) rows: Vec<u32>,
    pub(super) times: Vec<i64>,
}

/// How times are written: `base + unit × number`, of each number its lower four bytes, one after the other, then the upper
/// `width - 4` of each. So they unpack many at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Packing {
    base: i64,
    unit: u64,
    width: usize,
}

/// Bytes of the lower part of a number.
const LOW: usize = 4;

impl Packing {
    /// What these times fit in.
    pub(super) fn of(times: &[i64]) -> Self {
        let base = times.iter().copied().min().unwrap_or_default();
        let above = |time: &i64| time.wrapping_sub(base).cast_unsigned();
        let mut unit = 0;
        for number in times.iter().map(above) {
            if unit == 0 || number % unit != 0 {
                unit = greatest_divisor(unit, number);
            }
        }
        let unit = unit.max(1);
        let most = times.iter().map(above).max().unwrap_or_default() / unit;
        let width = match u64::BITS - most.leading_zeros() {
            0..=32 => LOW,
            33..=40 => LOW + 1,
            41..=48 => LOW + 2,
            _ => LOW + 4,
        };
        Self { base, unit, width }
    }

    /// Whether a packing that was read from a file is one.
    pub(super) fn is_sound(&self) -> bool {
        matches!(self.width, 4 | 5 | 6 | 8)
    }

    /// Bytes of one time.
    pub(super) fn width(&self) -> usize {
        self.width
    }

    /// Appends times that the packing was made of.
    pub(super) fn pack(&self, times: &[i64], bytes: &mut Vec<u8>) {
        let number = |time: &i64| (time.wrapping_sub(self.base).cast_unsigned() / self.unit).to_le_bytes();
        bytes.extend(times.iter().flat_map(|time| number(time).into_iter().take(LOW)));
        bytes.extend(times.iter().flat_map(|time| number(time).into_iter().take(self.width).skip(LOW)));
    }

    /// The times of packed bytes.
    pub(super) fn unpack(&self, bytes: &[u8], times: &mut [i64]) {
        dispatch!(Level::new(), simd => unpacked(simd, *self, bytes, times));
    }

    /// Of rows whose numbers (4 bytes each) and times are packed, appends those in a range of times.
    pub(super) fn unpack_within(&self, (rows, times): (&[u8], &[u8]), range: &RangeInclusive<i64>, found: &mut Found) {
        let rows = rows.as_chunks::<4>().0;
        let mut all = vec![0; rows.len()];
        self.unpack(times, &mut all);
        let (first, last) = (*range.start(), *range.end());
        let wanted: usize = all.iter().map(|time| usize::from((first <= *time) & (*time <= last))).sum();
        let (from, mut place) = (found.rows.len(), found.rows.len());
        // One more than is found: without a branch a row, each is put where the next one found belongs, and stays there if it is one.
        found.rows.resize(from + wanted + 1, 0);
        found.times.resize(from + wanted + 1, 0);
        for (row, time) in rows.iter().zip(all) {
            found.rows[place] = u32::from_le_bytes(*row);
            found.times[place] = time;
            place += usize::from((first <= time) & (time <= last));
        }
        found.rows.truncate(place);
        found.times.truncate(place);
    }
}

/// Times from their bytes, with the vector instructions of the machine.
#[inline(always)]
fn unpacked<S: Simd>(_simd: S, packing: Packing, bytes: &[u8], times: &mut [i64]) {
    let (low, high) = bytes.split_at((LOW * times.len()).min(bytes.len()));
    let low = low.as_chunks::<LOW>().0.iter().map(|low| u64::from(u32::from_le_bytes(*low)));
    match packing.width {
        4 => packing.times(low, times),
        5 => packing.times(low.zip(high).map(|(low, high)| low | u64::from(*high) << 32), times),
        6 => {
            let high = high.as_chunks::<2>().0.iter().map(|high| u64::from(u16::from_le_bytes(*high)));
            packing.times(low.zip(high).map(|(low, high)| low | high << 32), times);
        }
        _ => {
            let high = high.as_chunks::<4>().0.iter().map(|high| u64::from(u32::from_le_bytes(*high)));
            packing.times(low.zip(high).map(|(low, high)| low | high << 32), times);
        }
    }
}

impl Packing {
    #[inline(always)]
    fn times(&self, numbers: impl Iterator<Item = u64>, times: &mut [i64]) {
        let base = self.base.cast_unsigned();
        match u32::try_from(self.unit).map(u64::from) {
            // Products of halves are what a machine multiplies many of at a time.
            Ok(unit) => times.iter_mut().zip(numbers).for_each(|(time, number)| {
                let low = (number & u64::from(u32::MAX)) * unit;
                let high = ((number >> 32) * unit) << 32;
                *time = base.wrapping_add(low).wrapping_add(high).cast_signed();
            }),
            Err(_) => times.iter_mut().zip(numbers).for_each(|(time, number)| {
                *time = base.wrapping_add(number.wrapping_mul(self.unit)).cast_signed();
            }),
        }
    }
}

/// Euclid's algorithm; of 0 and a number, the number.
fn greatest_divisor(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { greatest_divisor(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn width_of(times: &[i64]) -> usize {
        let packing = Packing::of(times);
        let (mut bytes, mut back) = (Vec::new(), vec![0; times.len()]);
        packing.pack(times, &mut bytes);
        assert_eq!(bytes.len(), times.len() * packing.width());
        packing.unpack(&bytes, &mut back);
        assert_eq!(back, times);
        packing.width()
    }

    #[test]
    fn times_come_back_as_they_were() {
        const YEAR: i64 = 31_536_000_000_000;
        assert_eq!(width_of(&[]), 4);
        assert_eq!(width_of(&[7]), 4);
        assert_eq!(width_of(&[YEAR, YEAR, YEAR]), 4);
        assert_eq!(width_of(&[0, 1_000_000, 2 * YEAR]), 4, "seconds");
        assert_eq!(width_of(&[5, 1_005, 2 * YEAR + 5]), 5, "milliseconds");
        assert_eq!(width_of(&[0, 1, 2 * YEAR]), 6, "microseconds");
        assert_eq!(width_of(&[i64::MAX, i64::MIN, 0, -1]), 8, "anything");
        assert_eq!(width_of(&[7, 7 + 86_400_000_000, 7 + 400 * 86_400_000_000]), 4, "days");
        let many: Vec<i64> = (0..1_000).map(|n| n * n * 77_777_001 + n % 7 - 5_000).collect();
        assert_eq!(width_of(&many), 6, "more than a vector holds");
    }

    #[test]
    fn rows_in_a_range_are_found() {
        let times: Vec<i64> = (0..10_000).map(|n| 500 + n * 37 % 9_000 * 1_000).collect();
        let numbers: Vec<u8> = (0..10_000u32).flat_map(u32::to_le_bytes).collect();
        let packing = Packing::of(&times);
        let mut bytes = Vec::new();
        packing.pack(&times, &mut bytes);
        for range in [1_000_500..=2_000_500, 0..=i64::MAX, 700..=800] {
            let mut found = Found::default();
            packing.unpack_within((&numbers, &bytes), &range, &mut found);
            let expected: Vec<u32> = (0..10_000u32).filter(|row| range.contains(&times[*row as usize])).collect();
            assert_eq!(found.rows, expected);
            assert_eq!(found.times, expected.iter().map(|row| times[*row as usize]).collect::<Vec<_>>());
        }
    }

    #[test]
    fn the_order_of_times_does_not_matter() {
        assert_eq!(Packing::of(&[9_000, 3_000, 6_000]), Packing::of(&[3_000, 6_000, 9_000]));
    }
}
