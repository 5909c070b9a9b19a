//! Pairs of records that share a key: each once, in pieces that threads share out among themselves.
//!
//! A pair is made by the first rule whose keys it shares, and by no later one. Blocks are not held as pairs but walked,
//! so that memory does not grow with the number of pairs. A block of more records than its bound is left out, as if its
//! records had no key under that rule: a later rule may still make its pairs. Every such block is counted and the
//! largest are reported.
//!
//! When only pairs of new records are wanted, keys that no new record has are left aside: what is done then grows with
//! the new records and those who share a key with them, apart from one look at the key of every record.

use rayon::prelude::*;
use rustc_hash::FxHashSet;
use serde::Serialize;

use super::key::{CompiledRule, Keys, NO_KEY, Rule, compile_rules};
use crate::{
    compare::fulfils,
    error::Result,
    table::{RecordRef, Records},
};

/// Pairs that a thread takes at a time, about.
const UNIT_PAIRS: u64 = 1 << 15;

/// A key that too many records share.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SkewedKey {
    /// The rule.
    pub rule: String,
    /// One of the records, by which those who may can look up the key. The key itself is not told.
    pub example: RecordRef,
    /// Records that share the key.
    pub records: u64,
    /// Pairs they would make.
    pub pairs: u64,
}

/// Records by key, for every rule.
pub(crate) struct Blocks<'a> {
    records: &'a Records,
    rules: Vec<CompiledRule>,
    keys: Vec<Keys>,
    /// Rows in the order of (key, row), a rule.
    order: Vec<Vec<u32>>,
    /// Where the block of each of those rows ends.
    ends: Vec<Vec<u32>>,
    units: Vec<Unit>,
    skewed: Vec<SkewedKey>,
    /// Systems whose records are not compared among themselves, as bits.
    one_record_systems: u64,
    wanted: Wanted<'a>,
}

/// Which pairs are made.
#[derive(Clone, Copy)]
pub(crate) enum Wanted<'a> {
    /// All.
    All,
    /// Those of which one record at least is marked, by row.
    Touching(&'a [bool]),
}

impl Wanted<'_> {
    /// Whether a pair is wanted.
    pub(crate) fn makes(self, a: u32, b: u32) -> bool {
        match self {
            Self::All => true,
            Self::Touching(marked) => marked[a as usize] || marked[b as usize],
        }
    }

    /// The rows that share a key with a record that is wanted, with their keys.
    fn keyed(self, keys: &[u64]) -> Vec<(u64, u32)> {
        let rows = keys.iter().copied().zip(0..).filter(|(key, _)| *key != NO_KEY);
        match self {
            Self::All => rows.collect(),
            Self::Touching(marked) => {
                let of_marked = keys.iter().zip(marked).filter(|(_, marked)| **marked);
                let wanted: FxHashSet<u64> = of_marked.map(|(key, _)| *key).collect();
                rows.filter(|(key, _)| wanted.contains(key)).collect()
            }
        }
    }
}

/// Rows of a rule from one place of its order to another, to be paired with the rows behind them in their block.
#[derive(Clone, Copy)]
struct Unit {
    rule: usize,
    from: usize,
    to: usize,
}

impl<'a> Blocks<'a> {
    /// Cuts the records into blocks of at most `records_max`.
    pub(crate) fn build(
        records: &'a Records,
        rules: &[Rule],
        records_max: u32,
        one_record_systems: u64,
        wanted: Wanted<'a>,
    ) -> Result<Self> {
        let compiled = compile_rules(records, rules)?;
        let keys = compiled.par_iter().map(|rule| rule.keys(records)).collect();
        let (order, ends, units, skewed) = Default::default();
        let mut blocks =
            Self { records, rules: compiled, keys, order, ends, units, skewed, one_record_systems, wanted };
        for (number, rule) in rules.iter().enumerate() {
            blocks.cut(number, &rule.name, records_max);
            share_out(number, &blocks.ends[number], &mut blocks.units);
        }
        blocks.skewed.sort_by_key(|skewed| std::cmp::Reverse(skewed.records));
        Ok(blocks)
    }

    /// Keys that too many records share, the worst first.
    pub(crate) fn skewed(&self) -> &[SkewedKey] {
        &self.skewed
    }

    /// The columns of a rule's key.
    pub(crate) fn key_columns(&self, rule: usize) -> &[usize] {
        &self.rules[rule].columns
    }

    /// The records of each block, a rule.
    pub(crate) fn blocks(&self, rule: usize) -> impl Iterator<Item = &[u32]> {
        let keys = &self.keys[rule];
        let same = move |a: &u32, b: &u32| keys[*a as usize] == keys[*b as usize];
        self.order[rule].chunk_by(same).filter(move |block| block.len() > 1 && keys[block[0] as usize] != NO_KEY)
    }

    /// Whether two rows pass the tests of a rule.
    pub(crate) fn passes(&self, rule: usize, a: u32, b: u32) -> bool {
        let (a, b) = (self.records.stored(a), self.records.stored(b));
        self.rules[rule].tests.iter().all(|test| fulfils(test, &a, &b))
    }

    /// Shows every pair to `see`, on all threads. What was seen comes back piece by piece, in the same order always.
    pub(crate) fn visit<T: Default + Send>(&self, see: impl Fn(&mut T, u32, u32) + Sync) -> Vec<T> {
        self.units.par_iter().map(|unit| self.visit_unit(*unit, &see)).collect()
    }

    fn visit_unit<T: Default>(&self, unit: Unit, see: &impl Fn(&mut T, u32, u32)) -> T {
        let mut seen = T::default();
        let (order, ends) = (&self.order[unit.rule], &self.ends[unit.rule]);
        for from in unit.from..unit.to {
            let a = order[from];
            for b in &order[from + 1..ends[from] as usize] {
                if self.is_first(unit.rule, a, *b) {
                    see(&mut seen, a, *b);
                }
            }
        }
        seen
    }

    /// Whether the pair is of this rule, and of no earlier one.
    fn is_first(&self, rule: usize, a: u32, b: u32) -> bool {
        self.wanted.makes(a, b)
            && self.may_meet(a, b)
            && self.passes(rule, a, b)
            && !(0..rule).any(|earlier| self.makes(earlier, a, b))
    }

    fn may_meet(&self, a: u32, b: u32) -> bool {
        let (a, b) = (self.records.id(a).system, self.records.id(b).system);
        a != b || self.one_record_systems >> a & 1 == 0
    }

    fn makes(&self, rule: usize, a: u32, b: u32) -> bool {
        let key = self.keys[rule][a as usize];
        key != NO_KEY && key == self.keys[rule][b as usize] && self.passes(rule, a, b)
    }

    fn cut(&mut self, rule: usize, name: &str, records_max: u32) {
        let mut order = self.wanted.keyed(&self.keys[rule]);
        order.par_sort_unstable();
        let mut kept = Vec::with_capacity(order.len());
        let mut ends = Vec::with_capacity(order.len());
        for block in order.chunk_by(|a, b| a.0 == b.0) {
            if block.len() > records_max as usize {
                self.leave_out(rule, name, block);
                continue;
            }
            kept.extend(block.iter().map(|(_, row)| *row));
            ends.resize(kept.len(), kept.len() as u32);
        }
        self.order.push(kept);
        self.ends.push(ends);
    }

    fn leave_out(&mut self, rule: usize, name: &str, block: &[(u64, u32)]) {
        let records = block.len() as u64;
        let example = self.records.id(block[0].1);
        self.skewed.push(SkewedKey { rule: name.to_owned(), example, records, pairs: records * (records - 1) / 2 });
        for (_, row) in block {
            self.keys[rule][*row as usize] = NO_KEY;
        }
    }
}

/// Cuts a rule's order into units of about as many pairs each.
fn share_out(rule: usize, ends: &[u32], units: &mut Vec<Unit>) {
    let (mut from, mut pairs) = (0, 0);
    for (row, end) in ends.iter().enumerate() {
        pairs += u64::from(*end) - row as u64 - 1;
        if pairs >= UNIT_PAIRS {
            units.push(Unit { rule, from, to: row + 1 });
            (from, pairs) = (row + 1, 0);
        }
    }
    if pairs > 0 {
        units.push(Unit { rule, from, to: ends.len() });
    }
}
