//! Pairs counted by the levels they are at.

use std::collections::BTreeMap;

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use crate::{
    blocking::{Blocks, Rule, Wanted},
    compare::Ladder,
    error::Result,
    random::Random,
    settings::{Settings, Training},
    table::Records,
};

/// Bits that a level takes in a pattern.
const LEVEL_BITS: usize = 4;
/// Pairs that a thread draws at a time.
const CHUNK_PAIRS: u64 = 1 << 14;

/// How many pairs have which levels, in a fixed order (sums of floats depend on it).
pub(super) struct Patterns {
    counts: Vec<(u64, u64)>,
}

type Counts = FxHashMap<u64, u64>;

impl Patterns {
    /// Of pairs drawn at random, or of all pairs when there are fewer.
    pub(super) fn of_sample(records: &Records, ladders: &[Ladder], training: &Training) -> Self {
        let n = records.len() as u64;
        let all = n * n.saturating_sub(1) / 2;
        if all <= training.sample_pairs_max {
            return Self::of_all(records, ladders);
        }
        let chunks = (0..training.sample_pairs_max.div_ceil(CHUNK_PAIRS)).into_par_iter();
        let counted = chunks.map(|chunk| {
            let mut random = Random::new(training.seed ^ (chunk + 1).wrapping_mul(0x9e6c_63d0_876a_68e5));
            let pairs = CHUNK_PAIRS.min(training.sample_pairs_max - chunk * CHUNK_PAIRS);
            let mut counts = Counts::default();
            for _ in 0..pairs {
                let a = random.below(n);
                let b = (a + 1 + random.below(n - 1)) % n;
                count(&mut counts, records, ladders, a.min(b) as u32, a.max(b) as u32);
            }
            counts
        });
        Self::merged(counted.collect())
    }

    fn of_all(records: &Records, ladders: &[Ladder]) -> Self {
        let n = records.len() as u32;
        let counted = (0..n).into_par_iter().map(|a| {
            let mut counts = Counts::default();
            (a + 1..n).for_each(|b| count(&mut counts, records, ladders, a, b));
            counts
        });
        Self::merged(counted.collect())
    }

    /// Of the pairs of a rule, with the columns of its key.
    pub(super) fn of_block(
        records: &Records,
        ladders: &[Ladder],
        rule: &Rule,
        settings: &Settings,
    ) -> Result<(Self, Vec<usize>)> {
        let blocks = Blocks::build(
            records,
            std::slice::from_ref(rule),
            settings.block_records_max,
            settings.one_record_mask()?,
            Wanted::All,
        )?;
        let counted = blocks.visit(|counts: &mut Counts, a, b| count(counts, records, ladders, a, b));
        Ok((Self::merged(counted), blocks.key_columns(0).to_vec()))
    }

    fn merged(parts: Vec<Counts>) -> Self {
        let mut counts = BTreeMap::new();
        for (pattern, pairs) in parts.into_iter().flatten() {
            *counts.entry(pattern).or_insert(0) += pairs;
        }
        Self { counts: counts.into_iter().collect() }
    }

    /// Patterns and their pairs, smallest pattern first.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u64, f64)> {
        self.counts.iter().map(|(pattern, pairs)| (*pattern, *pairs as f64))
    }

    pub(super) fn len(&self) -> usize {
        self.counts.len()
    }

    pub(super) fn pairs(&self) -> u64 {
        self.counts.iter().map(|(_, pairs)| pairs).sum()
    }
}

/// The level (from 0) of a comparison in a pattern, if it is not missing.
pub(super) fn level(pattern: u64, comparison: usize) -> Option<usize> {
    ((pattern >> (comparison * LEVEL_BITS)) as usize & ((1 << LEVEL_BITS) - 1)).checked_sub(1)
}

fn count(counts: &mut Counts, records: &Records, ladders: &[Ladder], a: u32, b: u32) {
    let (a, b) = (records.stored(a), records.stored(b));
    let pattern =
        ladders.iter().rev().fold(0, |pattern, ladder| pattern << LEVEL_BITS | u64::from(ladder.level(&a, &b)));
    *counts.entry(pattern).or_insert(0) += 1;
}
