//! Which traits must be computed again, and why.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use florin_domain::EventTime;
use serde::{Deserialize, Serialize};

use super::{Trait, Traits};

/// What stands among tables for who is one with whom: every trait rests on it.
pub const PERSONS: &str = "persons";

/// What the values of a trait were computed from, as kept beside them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TraitRun {
    /// [`Trait::definition`] at the time.
    pub definition: String,
    /// The version of each table it read.
    pub tables: BTreeMap<String, u64>,
    /// The [`TraitRun::version`] of each trait it read.
    pub traits: BTreeMap<String, String>,
    /// The time the values are as of.
    pub as_of: EventTime,
}

impl TraitRun {
    /// What a run of `of` would be made from, given the tables there are and the runs of the traits it reads.
    #[must_use]
    pub fn plan(of: &Trait, tables: &BTreeMap<String, u64>, runs: &BTreeMap<String, Self>, as_of: EventTime) -> Self {
        let version = |name: &String| (name.clone(), tables.get(name).copied().unwrap_or(0));
        let inputs = of.traits.iter().filter_map(|name| Some((name.clone(), runs.get(name)?.version())));
        Self {
            definition: of.definition.clone(),
            tables: tables_of(of).map(version).collect(),
            traits: inputs.collect(),
            as_of,
        }
    }

    /// A hash of all of it: equal for runs that give equal values.
    #[must_use]
    pub fn version(&self) -> String {
        let mut hasher = blake3::Hasher::new();
        let mut add = |part: &str| {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part.as_bytes());
        };
        add(&self.definition);
        add(&self.as_of.micros().to_string());
        for (name, version) in &self.tables {
            add(name);
            add(&version.to_string());
        }
        for (name, version) in &self.traits {
            add(name);
            add(version);
        }
        hasher.finalize().to_hex().to_string()
    }
}

/// Why a trait must be computed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(tag = "because", rename_all = "snake_case")]
#[allow(missing_docs, reason = "the words of each variant say what its fields are")]
pub enum Reason {
    /// It never was.
    NeverComputed,
    /// Its type, fill or query is another.
    DefinitionChanged,
    /// A table it reads has rows it has not seen.
    TableChanged { table: String, from: u64, to: u64 },
    /// A trait it reads must be computed first.
    InputStale { name: String },
    /// A trait it reads was computed since.
    InputChanged { name: String },
    /// It was asked for, stale or not.
    Asked,
    /// It asks for the time, and that is another.
    TimeMoved { from: EventTime, to: EventTime },
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NeverComputed => f.write_str("it was never computed"),
            Self::DefinitionChanged => f.write_str("its definition changed"),
            Self::TableChanged { table, .. } if table == PERSONS => f.write_str("who is one with whom is told anew"),
            Self::TableChanged { table, from, to } => write!(f, "`{table}` went from version {from} to {to}"),
            Self::InputStale { name } => write!(f, "it reads `{name}`, which is stale"),
            Self::InputChanged { name } => write!(f, "it reads `{name}`, which was computed since"),
            Self::Asked => f.write_str("it was asked for"),
            Self::TimeMoved { from, to } => {
                write!(f, "it asks for the time, which went from {} to {}", day(*from), day(*to))
            }
        }
    }
}

/// The day in UTC.
fn day(at: EventTime) -> String {
    jiff::Timestamp::from_microsecond(at.0).map_or_else(|_| at.0.to_string(), |at| at.strftime("%Y-%m-%d").to_string())
}

/// A trait that must be computed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Stale {
    /// Which.
    pub name: String,
    /// Why: at least one reason, sorted.
    pub reasons: Vec<Reason>,
}

/// The traits to compute, in order, given the last run of each, the versions of the tables and the time. A table that is
/// not among `tables` has version 0. `moved` says whether a time is another than an earlier one (as a rule: on another day).
#[must_use]
pub fn stale(
    traits: &Traits,
    previous: &BTreeMap<String, TraitRun>,
    tables: &BTreeMap<String, u64>,
    as_of: EventTime,
    moved: &dyn Fn(EventTime, EventTime) -> bool,
) -> Vec<Stale> {
    let mut found: Vec<Stale> = Vec::new();
    let mut names: BTreeSet<&str> = BTreeSet::new();
    for of in traits.in_order() {
        let reasons = match previous.get(&of.name) {
            None => vec![Reason::NeverComputed],
            Some(run) => reasons(of, run, &names, previous, tables, (as_of, moved)),
        };
        if !reasons.is_empty() {
            names.insert(&of.name);
            found.push(Stale { name: of.name.clone(), reasons });
        }
    }
    found
}

fn tables_of(of: &Trait) -> impl Iterator<Item = &String> {
    static PERSONS_NAME: std::sync::LazyLock<String> = std::sync::LazyLock::new(|| PERSONS.to_owned());
    of.tables.iter().chain([&*PERSONS_NAME])
}

fn reasons(
    of: &Trait,
    run: &TraitRun,
    stale: &BTreeSet<&str>,
    previous: &BTreeMap<String, TraitRun>,
    tables: &BTreeMap<String, u64>,
    (as_of, moved): (EventTime, &dyn Fn(EventTime, EventTime) -> bool),
) -> Vec<Reason> {
    let mut reasons = Vec::new();
    if run.definition != of.definition {
        reasons.push(Reason::DefinitionChanged);
    }
    for table in tables_of(of) {
        let (from, to) = (run.tables.get(table).copied().unwrap_or(0), tables.get(table).copied().unwrap_or(0));
        if from != to {
            reasons.push(Reason::TableChanged { table: table.clone(), from, to });
        }
    }
    for name in &of.traits {
        if stale.contains(name.as_str()) {
            reasons.push(Reason::InputStale { name: name.clone() });
        } else if run.traits.get(name) != previous.get(name).map(TraitRun::version).as_ref() {
            reasons.push(Reason::InputChanged { name: name.clone() });
        }
    }
    if of.reads_time && moved(run.as_of, as_of) {
        reasons.push(Reason::TimeMoved { from: run.as_of, to: as_of });
    }
    reasons.sort();
    reasons
}
