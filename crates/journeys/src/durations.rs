//! How long things took: exact count, sum, least and most, and a histogram from which quantiles are read.
//!
//! Means are exact: sums are integers. An exact median would keep every value (80 MB a step for ten million customers, and
//! as much to merge), so quantiles come from a histogram of fixed buckets: 128 to each power of two, which is at most
//! 1/128 of the value wide. It is bounded (7,424 buckets), and the same whatever the batches and buckets of rows:
//! merging adds counts. It is the layout of HdrHistogram (Tene, hdrhistogram.org) with base 2.

use std::collections::BTreeMap;

/// Bits of a value that tell buckets of one power of two apart.
const PRECISION_BITS: u32 = 7;
/// Values below this have a bucket each.
const FIRST: u64 = 1 << PRECISION_BITS;
/// Buckets that there can be.
const BUCKETS: usize = (64 - PRECISION_BITS as usize + 1) << PRECISION_BITS;

/// A distribution of durations in microseconds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Durations {
    count: u64,
    sum: u128,
    least: u64,
    most: u64,
    buckets: BTreeMap<u16, u64>,
}

/// One bucket of the histogram.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bucket {
    /// The smallest duration in it, microseconds.
    pub from: u64,
    /// The largest duration in it, microseconds.
    pub to: u64,
    /// How many.
    pub count: u64,
}

fn bucket_of(value: u64) -> u16 {
    if value < FIRST {
        return value as u16;
    }
    let shift = value.ilog2() - PRECISION_BITS;
    (((shift + 1) << PRECISION_BITS) | ((value >> shift) as u32 & (FIRST as u32 - 1))) as u16
}

/// Above this, a value may not be a double of its own.
const EXACT_MAX: u64 = 1 << 53;

/// The same of a value below [`EXACT_MAX`], without a branch: a double begins with what tells buckets apart, the exponent and the highest bits after the first.
#[inline(always)]
fn bucket_of_exact(value: u64) -> u16 {
    const BEFORE: u64 = (f64::MAX_EXP as u64 - 1 + PRECISION_BITS as u64 - 1) << PRECISION_BITS;
    let bits = (value.cast_signed() as f64).to_bits() >> (f64::MANTISSA_DIGITS - 1 - PRECISION_BITS);
    let bucket = if value < FIRST { value } else { bits.wrapping_sub(BEFORE) };
    bucket as u16
}

fn bounds(bucket: u16) -> (u64, u64) {
    let bucket = u64::from(bucket);
    if bucket < FIRST {
        return (bucket, bucket);
    }
    let shift = (bucket >> PRECISION_BITS) - 1;
    let from = (FIRST | (bucket & (FIRST - 1))) << shift;
    (from, from + ((1 << shift) - 1))
}

impl Durations {
    /// Adds one. A negative duration cannot come of sorted rows; it counts as 0.
    pub(crate) fn add(&mut self, micros: i64) {
        let value = micros.max(0).cast_unsigned();
        self.note(value);
        *self.buckets.entry(bucket_of(value)).or_default() += 1;
    }

    fn note(&mut self, value: u64) {
        self.least = if self.count == 0 { value } else { self.least.min(value) };
        self.most = self.most.max(value);
        self.count += 1;
        self.sum += u128::from(value);
    }

    /// Adds all of another distribution.
    pub fn merge(&mut self, other: &Self) {
        if other.count == 0 {
            return;
        }
        self.least = if self.count == 0 { other.least } else { self.least.min(other.least) };
        self.most = self.most.max(other.most);
        self.count += other.count;
        self.sum += other.sum;
        for (bucket, count) in &other.buckets {
            *self.buckets.entry(*bucket).or_default() += count;
        }
    }

    /// How many.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Their exact sum in microseconds.
    #[must_use]
    pub fn sum(&self) -> u128 {
        self.sum
    }

    /// The shortest and the longest, microseconds.
    #[must_use]
    pub fn range(&self) -> Option<(u64, u64)> {
        (self.count > 0).then_some((self.least, self.most))
    }

    /// Their mean in microseconds: the exact sum, divided once.
    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        (self.count > 0).then(|| self.sum as f64 / self.count as f64)
    }

    /// The value of rank `ceil(q · count)` in microseconds (`q` from 0 to 1), off by at most 1/128 of itself; the first
    /// and the last rank are exact.
    #[must_use]
    pub fn quantile(&self, q: f64) -> Option<u64> {
        let (least, most) = self.range()?;
        let rank = ((q.clamp(0.0, 1.0) * self.count as f64).ceil() as u64).clamp(1, self.count);
        if rank == 1 || rank == self.count {
            return Some(if rank == 1 { least } else { most });
        }
        let mut seen = 0;
        let bucket = self.buckets.iter().find(|(_, count)| {
            seen += **count;
            seen >= rank
        })?;
        let (from, to) = bounds(*bucket.0);
        Some((from + (to - from) / 2).clamp(least, most))
    }

    /// The lower median in microseconds, off by at most 1/128 of itself.
    #[must_use]
    pub fn median(&self) -> Option<u64> {
        self.quantile(0.5)
    }

    /// The histogram, shortest first, without empty buckets.
    pub fn buckets(&self) -> impl Iterator<Item = Bucket> {
        self.buckets.iter().map(|(bucket, count)| {
            let (from, to) = bounds(*bucket);
            Bucket { from, to, count: *count }
        })
    }
}

/// Fewer are added one by one.
const FEW: usize = 8;

/// The sum of at most 2³² numbers, in halves: many at a time.
fn sum(values: impl Iterator<Item = u64>) -> u128 {
    let halves = values.fold((0, 0), |(low, high), value| (low + (value & u64::from(u32::MAX)), high + (value >> 32)));
    u128::from(halves.0) + (u128::from(halves.1) << 32)
}

/// The same with an array for buckets, for kernels that add one every few rows.
#[derive(Debug, Clone)]
pub(crate) struct DenseDurations {
    count: u64,
    sum: u128,
    /// The highest number there is before the first is added, so that adding need not ask.
    least: u64,
    most: u64,
    /// As far as any bucket is used, `BUCKETS` at most.
    buckets: Vec<u64>,
}

impl Default for DenseDurations {
    fn default() -> Self {
        Self { count: 0, sum: 0, least: u64::MAX, most: 0, buckets: Vec::new() }
    }
}

impl DenseDurations {
    #[inline]
    pub(crate) fn add(&mut self, micros: i64) {
        let value = micros.max(0).cast_unsigned();
        self.count += 1;
        self.sum += u128::from(value);
        (self.least, self.most) = (self.least.min(value), self.most.max(value));
        let bucket = usize::from(bucket_of(value));
        match self.buckets.get_mut(bucket) {
            Some(count) => *count += 1,
            None => self.grow(bucket),
        }
    }

    /// Adds all of these.
    #[inline]
    pub(crate) fn add_all(&mut self, micros: &[i64]) {
        if micros.len() < FEW {
            return micros.iter().for_each(|micros| self.add(*micros));
        }
        let values = || micros.iter().map(|micros| (*micros).max(0).cast_unsigned());
        self.count += micros.len() as u64;
        self.sum += sum(values());
        let (least, most) = values().fold((u64::MAX, 0), |(least, most), value| (least.min(value), most.max(value)));
        (self.least, self.most) = (self.least.min(least), self.most.max(most));
        self.make_room(usize::from(bucket_of(most)));
        match most < EXACT_MAX {
            true => self.count_each(values().map(bucket_of_exact)),
            false => self.count_each(values().map(bucket_of)),
        }
    }

    #[inline(always)]
    fn count_each(&mut self, buckets: impl Iterator<Item = u16>) {
        let counts = &mut self.buckets[..];
        for bucket in buckets {
            if let Some(count) = counts.get_mut(usize::from(bucket)) {
                *count += 1;
            }
        }
    }

    /// Makes room for a bucket, and counts one in it.
    #[cold]
    fn grow(&mut self, bucket: usize) {
        self.make_room(bucket);
        if let Some(count) = self.buckets.get_mut(bucket) {
            *count += 1;
        }
    }

    fn make_room(&mut self, bucket: usize) {
        if self.buckets.len() <= bucket {
            self.buckets.resize((bucket + 1).next_multiple_of(FIRST as usize).min(BUCKETS), 0);
        }
    }

    pub(crate) fn merge(&mut self, other: Self) {
        if other.buckets.len() > self.buckets.len() {
            self.buckets.resize(other.buckets.len(), 0);
        }
        self.count += other.count;
        self.sum += other.sum;
        (self.least, self.most) = (self.least.min(other.least), self.most.max(other.most));
        self.buckets.iter_mut().zip(other.buckets).for_each(|(mine, theirs)| *mine += theirs);
    }

    pub(crate) fn finish(self) -> Durations {
        let used = self.buckets.iter().enumerate().filter(|(_, count)| **count > 0);
        let buckets = used.map(|(bucket, count)| (bucket as u16, *count)).collect();
        let least = if self.count == 0 { 0 } else { self.least };
        Durations { count: self.count, sum: self.sum, least, most: self.most, buckets }
    }
}

/// Either of the two, as there is room.
#[derive(Debug, Clone)]
pub(crate) enum DurationsBuilder {
    /// Fast, and up to 60 KB large.
    Dense(DenseDurations),
    /// As large as what it holds.
    Sparse(Durations),
}

impl DurationsBuilder {
    pub(crate) fn new(dense: bool) -> Self {
        if dense { Self::Dense(DenseDurations::default()) } else { Self::Sparse(Durations::default()) }
    }

    #[inline]
    pub(crate) fn add(&mut self, micros: i64) {
        match self {
            Self::Dense(dense) => dense.add(micros),
            Self::Sparse(sparse) => sparse.add(micros),
        }
    }

    pub(crate) fn merge(&mut self, other: Self) {
        match (&mut *self, other) {
            (Self::Dense(mine), Self::Dense(theirs)) => mine.merge(theirs),
            (Self::Sparse(mine), theirs) => mine.merge(&theirs.finish()),
            (Self::Dense(mine), Self::Sparse(theirs)) => {
                let mut all = std::mem::take(mine).finish();
                all.merge(&theirs);
                *self = Self::Sparse(all);
            }
        }
    }

    pub(crate) fn finish(self) -> Durations {
        match self {
            Self::Dense(dense) => dense.finish(),
            Self::Sparse(sparse) => sparse,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_lies_in_its_bucket_and_buckets_are_narrow() {
        let mut values: Vec<u64> = (0..2000).collect();
        values.extend((7..64).flat_map(|e| [1u64 << e, (1 << e) - 1, (1 << e) + (1 << (e - 1)) + 1]));
        values.push(u64::MAX);
        for value in values {
            let bucket = bucket_of(value);
            assert!(usize::from(bucket) < BUCKETS);
            assert!(value >= EXACT_MAX || bucket_of_exact(value) == bucket, "{value}");
            let (from, to) = bounds(bucket);
            assert!(from <= value && value <= to, "{value} in {from}..={to}");
            assert!((to - from) as f64 <= from as f64 / 128.0);
        }
    }

    #[test]
    fn buckets_follow_each_other_without_a_gap() {
        for bucket in 0..(BUCKETS - 1) as u16 {
            assert_eq!(bounds(bucket).1 + 1, bounds(bucket + 1).0);
        }
    }

    #[test]
    fn the_array_and_the_map_say_the_same() {
        let (mut dense, mut sparse) = (DenseDurations::default(), Durations::default());
        for value in [0, 1, 5_000_000, 17, 86_400_000_000, 5_000_001] {
            dense.add(value);
            sparse.add(value);
        }
        let many: Vec<i64> = (0..1_000).map(|n| n * n * n * 1_234_567_891 - 3).chain([i64::MAX, i64::MIN]).collect();
        dense.add_all(&many);
        dense.add_all(&many[..3]);
        many.iter().chain(&many[..3]).for_each(|value| sparse.add(*value));
        let (mut mixed, mut other) = (DurationsBuilder::Dense(dense.clone()), DurationsBuilder::Sparse(sparse.clone()));
        mixed.merge(other.clone());
        other.merge(DurationsBuilder::Dense(dense.clone()));
        assert_eq!(mixed.clone().finish(), other.finish());
        assert_eq!(mixed.finish().count(), 2 * (6 + 1_002 + 3));
        assert_eq!(dense.finish(), sparse);
    }
}
