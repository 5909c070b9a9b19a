//! One new record at a time: an index over the records there are.
//!
//! The index holds the same keys, tests and weights as a run over all records, so that a new record is linked with those
//! that such a run would link it with, under the model as it is (by a certain rule with all who share the key, of whom a
//! run names one). Only what depends on whole clusters (one record a system,
//! contradictions through a third record, decisions of people) is left to [`cluster`](crate::cluster::cluster()); of pairs
//! they are looked at here.
//!
//! A record whose values changed is taken out, looked up and put in again; one that is erased is taken out. After any such
//! changes the index answers as one that was made of the records that are left. What an erased record was known
//! by is told to nobody any more, but stays in memory until the index is made anew.

use rayon::prelude::*;
use rustc_hash::FxHashMap;
use serde::Serialize;

use crate::{
    blocking::{CompiledPart, CompiledRule, NO_KEY, compile_part, compile_rules},
    compare::fulfils,
    error::Result,
    explain::{Steps, Waterfall},
    link::Evidence,
    model::{Model, probability, weight},
    settings::Settings,
    table::{Probe, RecordRef, Records, Row},
    weigh::Scale,
};

/// Matches that [`Index::find`] explains; [`Index::explain`] does the others.
pub const EXPLAINED_MAX: usize = 16;

/// A record that a new one is linked with.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Match {
    /// Its row in the index.
    pub row: u32,
    /// Which record it is.
    pub record: RecordRef,
    /// What speaks for it.
    pub evidence: Evidence,
    /// 1 for certain rules.
    pub probability: f64,
    /// Why, without any value; of the first [`EXPLAINED_MAX`].
    pub waterfall: Option<Waterfall>,
}

/// What was found for a new record.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Found {
    /// The records it is linked with: certain ones by rule, then by weight, the heaviest first.
    pub matches: Vec<Match>,
    /// Records it was compared with.
    pub compared: u64,
    /// Rules whose block for this record is larger than its bound and was left out.
    pub skewed_rules: Vec<String>,
}

/// Records by the keys of every rule, with the weights.
pub struct Index {
    records: Records,
    settings: Settings,
    model: Model,
    scale: Scale,
    blocking: Vec<Postings>,
    certain: Vec<Postings>,
    contradictions: Vec<CompiledPart>,
    one_record_systems: u64,
}

/// Rows by key: those of the start sorted, those added since in a map.
struct Postings {
    name: String,
    rule: CompiledRule,
    start: Vec<(u64, u32)>,
    added: FxHashMap<u64, Vec<u32>>,
    records_max: usize,
}

impl Index {
    /// An index over the records.
    ///
    /// # Errors
    /// When the settings name columns that are not there or are out of bounds, or the model is of other comparisons.
    pub fn new(records: Records, settings: Settings, model: &Model) -> Result<Self> {
        let scale = Scale::new(&records, &settings, model)?;
        let blocking = postings(&records, &settings.blocking, settings.block_records_max)?;
        let certain = postings(&records, &settings.certain, settings.certain_records_max)?;
        let parts = settings.contradictions.iter().map(|of| compile_part(&records, &of.name, &of.part));
        let contradictions = parts.collect::<Result<_>>()?;
        let one_record_systems = settings.one_record_mask()?;
        let model = model.clone();
        Ok(Self { records, settings, model, scale, blocking, certain, contradictions, one_record_systems })
    }

    /// The records in it, those of the start first.
    #[must_use]
    pub fn records(&self) -> &Records {
        &self.records
    }

    /// The records that a new one, given by its system and raw values, is linked with.
    ///
    /// # Errors
    /// When it has another number of values than there are fields.
    pub fn find<T: AsRef<str>>(&self, system: u16, values: &[Option<T>]) -> Result<Found> {
        let probe = Probe::new(&self.records, system, values)?;
        let mut found = Found { matches: Vec::new(), compared: 0, skewed_rules: Vec::new() };
        self.find_certain(&probe, &mut found);
        self.find_weighed(&probe, &mut found);
        for matched in found.matches.iter_mut().take(EXPLAINED_MAX) {
            matched.waterfall = Some(self.waterfall(&probe, matched.row));
        }
        Ok(found)
    }

    /// Why a new record, given by its system and raw values, is or is not linked with one that is there; `None` when that is not.
    ///
    /// # Errors
    /// When it has another number of values than there are fields.
    pub fn explain<T: AsRef<str>>(
        &self,
        system: u16,
        values: &[Option<T>],
        other: RecordRef,
    ) -> Result<Option<Waterfall>> {
        let probe = Probe::new(&self.records, system, values)?;
        Ok(self.records.row(other).map(|row| self.waterfall(&probe, row)))
    }

    fn waterfall(&self, probe: &Probe, row: u32) -> Waterfall {
        let stored = self.records.stored(row);
        let rule = self.certain.iter().find(|postings| postings.rule.joins(&stored, probe));
        let steps = Steps { records: &self.records, model: &self.model, scale: &self.scale };
        steps.waterfall(rule.map(|postings| postings.name.clone()), &stored, probe)
    }

    /// Adds a record, so that later ones find it, and says its row.
    ///
    /// # Errors
    /// When it is there already, or has another number of values than there are fields.
    pub fn insert<T: AsRef<str> + Sync>(&mut self, id: RecordRef, values: &[Option<T>]) -> Result<u32> {
        let row = self.records.push(id, values.iter().map(Option::as_ref).collect())?;
        self.scale.fit(self.records.len());
        let stored = self.records.stored(row);
        for postings in self.blocking.iter_mut().chain(&mut self.certain) {
            let key = postings.rule.key(&stored);
            if key != NO_KEY {
                postings.added.entry(key).or_default().push(row);
            }
        }
        Ok(row)
    }

    /// Takes a record out, so that none finds it any more. Says whether it was there.
    pub fn remove(&mut self, id: RecordRef) -> bool {
        self.records.remove(id).is_some()
    }

    fn find_certain(&self, probe: &Probe, found: &mut Found) {
        for (rule, postings) in (0u16..).zip(&self.certain) {
            let rows = postings.rows(&self.records, probe, &mut found.skewed_rules);
            for row in rows.into_iter().filter(|row| self.may_meet(probe, *row)) {
                if postings.passes(&self.records, row, probe) && found.matches.iter().all(|known| known.row != row) {
                    found.matches.push(self.matched(row, Evidence::Certain { rule }));
                }
            }
        }
    }

    fn find_weighed(&self, probe: &Probe, found: &mut Found) {
        let least = weight(self.settings.link_probability);
        let known: Vec<u32> = found.matches.iter().map(|known| known.row).collect();
        let mut weighed = Vec::new();
        for row in self.candidates(probe, &mut found.skewed_rules) {
            found.compared += 1;
            let weight = self.scale.weigh_above(&self.records, &self.records.stored(row), probe, least);
            weighed.extend(weight.filter(|_| !known.contains(&row)).map(|weight| (weight, row)));
        }
        weighed.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let matched = |(weight, row)| self.matched(row, Evidence::Weighed { weight });
        found.matches.extend(weighed.into_iter().map(matched));
    }

    /// Rows that share a key with the new record, each once.
    fn candidates(&self, probe: &Probe, skewed: &mut Vec<String>) -> Vec<u32> {
        let mut rows = Vec::new();
        for postings in &self.blocking {
            let block = postings.rows(&self.records, probe, skewed).into_iter();
            rows.extend(block.filter(|row| postings.passes(&self.records, *row, probe)));
        }
        rows.sort_unstable();
        rows.dedup();
        rows.retain(|row| self.may_meet(probe, *row));
        rows
    }

    /// Whether neither a system that knows each customer once nor a contradiction keeps them apart.
    fn may_meet(&self, probe: &Probe, row: u32) -> bool {
        let stored = self.records.stored(row);
        let same_system = probe.system() == stored.system() && self.one_record_systems >> probe.system() & 1 == 1;
        let contradicts = |part: &CompiledPart| {
            let (a, b) = (part.key(probe), part.key(&stored));
            a != NO_KEY && b != NO_KEY && a != b
        };
        !same_system && !self.contradictions.iter().any(contradicts)
    }

    fn matched(&self, row: u32, evidence: Evidence) -> Match {
        let probability = evidence.weight().map_or(1.0, probability);
        Match { row, record: self.records.id(row), evidence, probability, waterfall: None }
    }
}

fn postings(records: &Records, rules: &[crate::blocking::Rule], records_max: u32) -> Result<Vec<Postings>> {
    let compiled = compile_rules(records, rules)?;
    let of = |(rule, said): (CompiledRule, &crate::blocking::Rule)| {
        let mut start: Vec<(u64, u32)> =
            rule.keys(records).into_iter().zip(0..).filter(|(key, _)| *key != NO_KEY).collect();
        start.par_sort_unstable();
        Postings {
            name: said.name.clone(),
            rule,
            start,
            added: FxHashMap::default(),
            records_max: records_max as usize,
        }
    };
    Ok(compiled.into_iter().zip(rules).map(of).collect())
}

impl Postings {
    /// The rows that share the new record's key; none when they are too many.
    fn rows(&self, records: &Records, probe: &Probe, skewed: &mut Vec<String>) -> Vec<u32> {
        let key = self.rule.key(probe);
        if key == NO_KEY {
            return Vec::new();
        }
        let from = self.start.partition_point(|(of, _)| *of < key);
        let start = self.start[from..].iter().take_while(|(of, _)| *of == key).map(|(_, row)| *row);
        let added = self.added.get(&key).into_iter().flatten().copied();
        let there = start.chain(added).filter(|row| records.is_there(*row));
        let rows: Vec<u32> = there.take(self.records_max).collect();
        // The new record itself is one of the block.
        if rows.len() >= self.records_max {
            skewed.push(self.name.clone());
            return Vec::new();
        }
        rows
    }

    fn passes(&self, records: &Records, row: u32, probe: &Probe) -> bool {
        let stored = records.stored(row);
        self.rule.tests.iter().all(|test| fulfils(test, &stored, probe))
    }
}
