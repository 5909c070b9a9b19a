//! Which trait comes after which.

use std::collections::{BTreeMap, BTreeSet};

use super::{Trait, TraitFile};
use crate::error::DefinitionProblem;

/// The traits in an order in which each comes after those it reads, and the cycles, each from its smallest name on.
pub(super) fn order(traits: &BTreeMap<String, Trait>) -> (Vec<String>, Vec<Vec<String>>) {
    let reads = traits.iter().map(|(name, t)| (name.as_str(), t.traits.iter().map(String::as_str).collect())).collect();
    let (order, cycles) = sorted(&reads);
    let owned = |names: Vec<&str>| names.into_iter().map(str::to_owned).collect::<Vec<_>>();
    (owned(order), cycles.into_iter().map(owned).collect())
}

/// Kahn's algorithm with the names as tie-breaker. What is read and unknown does not hold anything up.
pub(crate) fn sorted<'a>(reads: &BTreeMap<&'a str, BTreeSet<&'a str>>) -> (Vec<&'a str>, Vec<Vec<&'a str>>) {
    let mut waiting: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut read_by: BTreeMap<&str, Vec<&'a str>> = BTreeMap::new();
    for (name, inputs) in reads {
        let known: BTreeSet<&str> = inputs.iter().copied().filter(|input| reads.contains_key(input)).collect();
        known.iter().for_each(|input| read_by.entry(input).or_default().push(name));
        waiting.insert(name, known);
    }
    let mut ready: BTreeSet<&'a str> =
        reads.keys().copied().filter(|name| waiting.get(name).is_some_and(BTreeSet::is_empty)).collect();
    let mut order = Vec::with_capacity(reads.len());
    while let Some(name) = ready.pop_first() {
        waiting.remove(name);
        order.push(name);
        for reader in read_by.get(name).into_iter().flatten() {
            if let Some(inputs) = waiting.get_mut(reader) {
                inputs.remove(name);
                if inputs.is_empty() {
                    ready.insert(reader);
                }
            }
        }
    }
    (order, cycles(reads, &waiting))
}

/// One cycle for each knot that is left: from the smallest name, always to the smallest name that is waited for.
fn cycles<'a>(
    reads: &BTreeMap<&'a str, BTreeSet<&'a str>>,
    waiting: &BTreeMap<&str, BTreeSet<&str>>,
) -> Vec<Vec<&'a str>> {
    let mut found: BTreeSet<Vec<&'a str>> = BTreeSet::new();
    for start in reads.keys().copied().filter(|name| waiting.contains_key(name)) {
        let mut path: Vec<&'a str> = vec![start];
        while let Some(next) = path
            .last()
            .and_then(|name| reads.get(name).into_iter().flatten().copied().find(|input| waiting.contains_key(input)))
        {
            if let Some(at) = path.iter().position(|name| *name == next) {
                found.insert(from_smallest(&path[at..]));
                break;
            }
            path.push(next);
        }
    }
    found.into_iter().collect()
}

fn from_smallest<'a>(cycle: &[&'a str]) -> Vec<&'a str> {
    let smallest = cycle.iter().enumerate().min_by_key(|(_, name)| **name).map_or(0, |(at, _)| at);
    cycle[smallest..].iter().chain(&cycle[..smallest]).copied().collect()
}

/// A cycle in words, at the place of its first trait.
pub(super) fn problem(
    cycle: &[String],
    traits: &BTreeMap<String, Trait>,
    files: &[(String, TraitFile)],
) -> DefinitionProblem {
    let first = cycle.first().map_or("", String::as_str);
    let file = traits.get(first).map_or("", |t| t.file.as_str());
    let defs = files.iter().filter(|(name, _)| name == file).flat_map(|(_, defs)| &defs.traits);
    let place = defs.into_iter().find(|def| def.name.get_ref() == first).map(|def| def.sql.span());
    DefinitionProblem::new(file, place, cycle_words("trait", cycle), "let one of them read tables only")
}

/// "`a` reads `b`, which reads `a`".
pub(crate) fn cycle_words<S: AsRef<str>>(what: &str, cycle: &[S]) -> String {
    let first = cycle.first().map_or("", AsRef::as_ref);
    let rest: Vec<String> =
        cycle.iter().skip(1).map(AsRef::as_ref).chain([first]).map(|name| format!("reads `{name}`")).collect();
    format!("{what} `{first}` {}", rest.join(", which "))
}
