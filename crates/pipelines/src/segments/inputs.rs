//! What a segment is decided from, and who may know who belongs.

use std::collections::{BTreeMap, BTreeSet};

use florin_domain::{Catalogue, DataClass};
use florin_features::{
    Segments, Traits,
    segments::{Membership, Predicate, Segment, behaviour::EventTest},
};

/// Stands before the kind of a transaction where an event is named.
pub(super) const TRANSACTION: &str = "transaction:";

/// What a segment reads itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Inputs<'a> {
    /// Tables of the lake.
    pub(super) tables: BTreeSet<&'static str>,
    /// Traits.
    pub(super) traits: BTreeSet<&'a str>,
    /// Other segments.
    pub(super) segments: BTreeSet<&'a str>,
    /// Whether time alone can change it.
    pub(super) time: bool,
    /// Whether a new row decides its customer by itself.
    pub(super) row_by_row: bool,
}

pub(super) fn inputs(segment: &Segment) -> Inputs<'_> {
    let predicate = match &segment.membership {
        Membership::Where(predicate) => predicate,
        Membership::Clusters(_) => {
            let tables = ["customer"].into();
            return Inputs { tables, traits: segment.traits(), ..Inputs::default() };
        }
    };
    let upkeep = predicate.upkeep();
    // Who there is: one of whom nothing is known belongs where something must not have been.
    let mut tables: BTreeSet<&'static str> = ["customer"].into();
    for name in &upkeep.events {
        match name.starts_with(TRANSACTION) {
            true => tables.extend(["transaction"]),
            false => tables.extend(["event", "anonymous_span"]),
        }
    }
    if upkeep.holdings {
        tables.extend(["account", "product"]);
    }
    let (time, row_by_row) = (upkeep.time, upkeep.row_by_row());
    Inputs { tables, traits: upkeep.traits, segments: upkeep.segments, time, row_by_row }
}

/// The most sensitive class of each table that a segment says something of: who may not read that may not know who belongs.
pub(super) fn needs(
    segment: &Segment,
    segments: &Segments,
    traits: &Traits,
    catalogue: &Catalogue,
) -> BTreeMap<String, DataClass> {
    let mut needs = Needs { catalogue, found: BTreeMap::new() };
    let mut open = vec![segment];
    let mut seen = BTreeSet::new();
    while let Some(segment) = open.pop() {
        if !seen.insert(&segment.name) {
            continue;
        }
        if let Membership::Where(predicate) = &segment.membership {
            needs.gather(predicate);
        }
        for of in segment.traits().into_iter().filter_map(|name| traits.get(name)) {
            needs.add(&format!("traits.{}", of.name), of.class);
        }
        open.extend(segment.segments().into_iter().filter_map(|name| segments.get(name)));
    }
    needs.found
}

struct Needs<'a> {
    catalogue: &'a Catalogue,
    found: BTreeMap<String, DataClass>,
}

impl Needs<'_> {
    fn add(&mut self, table: &str, class: DataClass) {
        let found = self.found.entry(table.to_owned()).or_insert(class);
        *found = class.max(*found);
    }

    fn columns(&mut self, table: &str, columns: &[&str]) {
        let Some(def) = self.catalogue.table(table).cloned() else { return };
        for class in columns.iter().filter_map(|name| Some(def.column(name)?.class)) {
            self.add(table, class);
        }
    }

    fn gather(&mut self, predicate: &Predicate) {
        match predicate {
            Predicate::All(parts) | Predicate::Any(parts) => parts.iter().for_each(|part| self.gather(part)),
            Predicate::Not(part) => self.gather(part),
            Predicate::Holds(_) => {
                self.columns("account", &["customer_id", "product_id", "opened_on", "closed_on"]);
                self.columns("product", &["name", "family"]);
            }
            Predicate::Did(did) => self.event(&did.event, did.last.is_some()),
            Predicate::Sequence(sequence) => sequence.steps.iter().for_each(|step| self.named(step, true)),
            // Those of traits and segments are gathered by name.
            Predicate::Trait(_) | Predicate::Segment(_) => {}
        }
    }

    fn named(&mut self, name: &str, timed: bool) {
        let (table, column) = table_of(name);
        self.columns(table, &["customer_id", column]);
        if timed {
            self.columns(table, &["ts"]);
        }
    }

    fn event(&mut self, event: &EventTest, timed: bool) {
        self.named(&event.name, timed);
        let (table, _) = table_of(&event.name);
        if event.channel.is_some() {
            self.columns(table, &["channel"]);
        }
        if event.amount_at_least.is_some() {
            self.columns(table, &["amount"]);
        }
    }
}

/// The table that an event is a row of, and the column that names it.
pub(super) fn table_of(name: &str) -> (&'static str, &'static str) {
    if name.starts_with(TRANSACTION) { ("transaction", "kind") } else { ("event", "name") }
}
