//! Times in few bytes: multiples of a unit above the earliest.
//!
//! Clocks of sources tick in seconds or milliseconds. So of two years in microseconds (46 bits) only 26 or 36 bits are left, and
//! whole bytes unpack many times faster than differences or single bits.

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

/// Rows that are looked through together.
const LOOKED_THROUGH: usize = 2048;

/// Numbers and times of rows.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) rows: Vec<u32>,
    pub(super) times: Vec<i64>,
}

/// How the times of a segment are written: `base + unit × number`, each number in `width` bytes, the lowest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Packing {
    base: i64,
    unit: u64,
    width: usize,
}

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
        let bits = u64::BITS - most.leading_zeros();
        Self { base, unit, width: bits.div_ceil(8).max(1) as usize }
    }

    /// Whether a packing that was read from a file is one.
    pub(super) fn is_sound(&self) -> bool {
        (1..=8).contains(&self.width)
    }

    /// Bytes of one time.
    pub(super) fn width(&self) -> usize {
        self.width
    }

    /// Appends times that the packing was made of.
    pub(super) fn pack(&self, times: &[i64], bytes: &mut Vec<u8>) {
        for time in times {
            let number = time.wrapping_sub(self.base).cast_unsigned() / self.unit;
            bytes.extend_from_slice(&number.to_le_bytes()[..self.width]);
        }
    }

    /// Of rows whose numbers (4 bytes each) and times are packed, appends those in a range of times.
    pub(super) fn unpack_within(&self, (rows, times): (&[u8], &[u8]), range: &RangeInclusive<i64>, found: &mut Found) {
        match self.width {
            1 => self.within::<1>((rows, times), range, found),
            2 => self.within::<2>((rows, times), range, found),
            3 => self.within::<3>((rows, times), range, found),
            4 => self.within::<4>((rows, times), range, found),
            5 => self.within::<5>((rows, times), range, found),
            6 => self.within::<6>((rows, times), range, found),
            7 => self.within::<7>((rows, times), range, found),
            _ => self.within::<8>((rows, times), range, found),
        }
    }

    /// Without a branch a row: each is put where the next one found belongs, and stays there if it is one.
    #[inline]
    fn within<const WIDTH: usize>(
        &self,
        (rows, times): (&[u8], &[u8]),
        range: &RangeInclusive<i64>,
        found: &mut Found,
    ) {
        let (first, last) = (*range.start(), *range.end());
        let (rows, times) = (rows.as_chunks::<4>().0, times.as_chunks::<WIDTH>().0);
        for (rows, times) in rows.chunks(LOOKED_THROUGH).zip(times.chunks(LOOKED_THROUGH)) {
            let (mut some_rows, mut some_times, mut place) = ([0; LOOKED_THROUGH], [0; LOOKED_THROUGH], 0);
            for (row, time) in rows.iter().zip(times) {
                let time = self.time(time);
                some_rows[place % LOOKED_THROUGH] = u32::from_le_bytes(*row);
                some_times[place % LOOKED_THROUGH] = time;
                place += usize::from((first <= time) & (time <= last));
            }
            found.rows.extend_from_slice(&some_rows[..place]);
            found.times.extend_from_slice(&some_times[..place]);
        }
    }

    #[inline]
    fn time<const WIDTH: usize>(&self, packed: &[u8; WIDTH]) -> i64 {
        let mut number = [0; 8];
        number[..WIDTH].copy_from_slice(packed);
        self.base.wrapping_add(u64::from_le_bytes(number).wrapping_mul(self.unit).cast_signed())
    }

    /// Appends the times of packed bytes.
    pub(super) fn unpack(&self, bytes: &[u8], times: &mut Vec<i64>) {
        match self.width {
            1 => self.unpack_each::<1>(bytes, times),
            2 => self.unpack_each::<2>(bytes, times),
            3 => self.unpack_each::<3>(bytes, times),
            4 => self.unpack_each::<4>(bytes, times),
            5 => self.unpack_each::<5>(bytes, times),
            6 => self.unpack_each::<6>(bytes, times),
            7 => self.unpack_each::<7>(bytes, times),
            _ => self.unpack_each::<8>(bytes, times),
        }
    }

    #[inline]
    fn unpack_each<const WIDTH: usize>(&self, bytes: &[u8], times: &mut Vec<i64>) {
        let (packed, _) = bytes.as_chunks::<WIDTH>();
        times.extend(packed.iter().map(|packed| self.time(packed)));
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
        let (mut bytes, mut back) = (Vec::new(), Vec::new());
        packing.pack(times, &mut bytes);
        assert_eq!(bytes.len(), times.len() * packing.width());
        packing.unpack(&bytes, &mut back);
        assert_eq!(back, times);
        packing.width()
    }

    #[test]
    fn times_come_back_as_they_were() {
        const YEAR: i64 = 31_536_000_000_000;
        assert_eq!(width_of(&[]), 1);
        assert_eq!(width_of(&[7]), 1);
        assert_eq!(width_of(&[YEAR, YEAR, YEAR]), 1);
        assert_eq!(width_of(&[0, 1_000_000, 2 * YEAR]), 4, "seconds");
        assert_eq!(width_of(&[5, 1_005, 2 * YEAR + 5]), 5, "milliseconds");
        assert_eq!(width_of(&[0, 1, 2 * YEAR]), 6, "microseconds");
        assert_eq!(width_of(&[i64::MAX, i64::MIN, 0, -1]), 8, "anything");
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
