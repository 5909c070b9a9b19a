//! Clusters: which records are one customer.
//!
//! What people decided comes first, the newest decision before older ones; then certain links in the order of their
//! rules; then weighed links, the heaviest first, ties by row. Each link joins two clusters unless
//!
//! 1. somebody decided that a record of one and a record of the other are not one;
//! 2. both have a record of a system that knows each customer once;
//! 3. they have different values of a column of which a customer can have one only.
//!
//! What people decide to be one is held back by 1 only. Because the conditions are looked at cluster by cluster and not
//! pair by pair, no chain of links gets round them.

use florin_domain::CustomerId;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use crate::{
    blocking::compile_part,
    error::Result,
    link::{Evidence, Link},
    model::weight,
    settings::Settings,
    table::{RecordRef, Records},
};

/// Refused links that are listed; all are counted.
pub const REFUSED_LISTED_MAX: usize = 10_000;

/// What a person decided of two records. The newest of contradicting decisions holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    /// One record.
    pub left: RecordRef,
    /// The other.
    pub right: RecordRef,
    /// Whether they are one customer's.
    pub same: bool,
}

/// Why a link or a decision did not join two clusters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "because", rename_all = "snake_case")]
#[allow(missing_docs, reason = "the words of each variant say what its fields are")]
pub enum Refusal {
    /// Somebody decided that they are not one.
    Decided,
    /// Both have a record of a system that knows each customer once.
    OneRecordSystem { system: u16 },
    /// They have different values where a customer has one.
    Contradiction { name: String },
    /// An older decision that newer ones contradict.
    Outdated,
}

/// A link that was not followed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// The smaller row.
    pub left: u32,
    /// The larger row.
    pub right: u32,
    /// Why.
    pub refusal: Refusal,
}

/// Which records are one customer, and how that came about.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Clusters {
    /// By row: the smallest row of its cluster.
    pub of: Vec<u32>,
    /// The links that joined two clusters, in the order in which they did; n records in c clusters have n − c of them,
    /// less those that people decided.
    pub joined: Vec<Link>,
    /// Links that were not followed, the first [`REFUSED_LISTED_MAX`] of them.
    pub refused: Vec<Refused>,
    /// How many there were.
    pub refused_count: u64,
}

/// Joins records along links of at least the settings' probability.
///
/// # Errors
/// When a contradiction names a column that is not there.
pub fn cluster(records: &Records, settings: &Settings, links: &[Link], decisions: &[Decision]) -> Result<Clusters> {
    let mut groups = Groups::new(records, settings)?;
    groups.decide(records, decisions);
    groups.follow(strongest_first(links, weight(settings.link_probability)));
    Ok(groups.into_clusters())
}

/// Joins records along new links, on top of who is who already: those of one customer stay together, because a run only
/// proposes merges. What was decided to be apart is kept apart even so.
///
/// The links are those of [`link_new`](crate::link::link_new()); `customer` says whose a record is, if that is known. Where nothing
/// is refused, the clusters are those that a full run makes of the old links and the new ones.
///
/// # Errors
/// As [`cluster()`].
pub fn cluster_onto(
    records: &Records,
    settings: &Settings,
    customer: impl Fn(RecordRef) -> Option<CustomerId>,
    links: &[Link],
    decisions: &[Decision],
) -> Result<Clusters> {
    let mut groups = Groups::new(records, settings)?;
    groups.decide(records, decisions);
    groups.keep_together((0..records.len() as u32).filter_map(|row| Some((row, customer(records.id(row))?))));
    groups.follow(strongest_first(links, weight(settings.link_probability)));
    Ok(groups.into_clusters())
}

impl Clusters {
    /// The rows of every cluster, smallest first; clusters by their smallest row.
    #[must_use]
    pub fn members(&self) -> Vec<Vec<u32>> {
        let mut places = FxHashMap::default();
        let mut members: Vec<Vec<u32>> = Vec::new();
        for (row, of) in (0..).zip(&self.of) {
            let place = *places.entry(*of).or_insert(members.len());
            if place == members.len() {
                members.push(Vec::new());
            }
            members[place].push(row);
        }
        members
    }
}

fn strongest_first(links: &[Link], least: f64) -> Vec<Link> {
    let strong = |link: &&Link| link.evidence.weight().is_none_or(|weight| weight >= least);
    let mut links: Vec<Link> = links.iter().filter(strong).copied().collect();
    let place = |link: &Link| match link.evidence {
        Evidence::Certain { rule } => (u32::from(rule), 0.0),
        Evidence::Weighed { weight } => (u32::MAX, -weight),
    };
    links.sort_by(|a, b| {
        let (x, y) = (place(a), place(b));
        x.0.cmp(&y.0).then(x.1.total_cmp(&y.1)).then((a.left, a.right).cmp(&(b.left, b.right)))
    });
    links
}

/// A union–find forest whose roots know what their cluster must not meet.
struct Groups<'a> {
    parent: Vec<u32>,
    size: Vec<u32>,
    one_record_systems: u64,
    /// By root: which of those systems it has a record of, as bits.
    systems: Vec<u64>,
    contradictions: Vec<&'a str>,
    /// By contradiction and root: the value, 0 when missing.
    values: Vec<Vec<u64>>,
    /// By root: records it was decided to be apart from.
    apart: FxHashMap<u32, Vec<u32>>,
    joined: Vec<Link>,
    refused: Vec<Refused>,
    refused_count: u64,
}

impl<'a> Groups<'a> {
    fn new(records: &Records, settings: &'a Settings) -> Result<Self> {
        let count = records.len() as u32;
        let one_record_systems = settings.one_record_mask()?;
        let value = |of: &crate::settings::Contradiction| {
            compile_part(records, &of.name, &of.part).map(|part| part.keys(records))
        };
        Ok(Self {
            parent: (0..count).collect(),
            size: vec![1; records.len()],
            one_record_systems,
            systems: (0..count).map(|row| 1 << records.id(row).system & one_record_systems).collect(),
            contradictions: settings.contradictions.iter().map(|of| of.name.as_str()).collect(),
            values: settings.contradictions.iter().map(value).collect::<Result<_>>()?,
            apart: FxHashMap::default(),
            joined: Vec::new(),
            refused: Vec::new(),
            refused_count: 0,
        })
    }

    /// Obeys people, the newest decision first.
    fn decide(&mut self, records: &Records, decisions: &[Decision]) {
        for decision in decisions.iter().rev() {
            let (Some(a), Some(b)) = (records.row(decision.left), records.row(decision.right)) else { continue };
            let (x, y) = (self.root(a), self.root(b));
            match (decision.same, x == y) {
                (true, true) => {}
                (false, true) => self.refuse(a, b, Refusal::Outdated),
                (true, false) if self.decided_apart(x, y) => self.refuse(a, b, Refusal::Outdated),
                (true, false) => self.join(x, y),
                (false, false) => self.keep_apart(a, b),
            }
        }
    }

    /// Joins the rows of each customer, whatever they have too many of: that was looked at when they were merged.
    fn keep_together(&mut self, customers: impl Iterator<Item = (u32, CustomerId)>) {
        let mut first = FxHashMap::default();
        for (row, customer) in customers {
            let other = *first.entry(customer).or_insert(row);
            let (a, b) = (self.root(other), self.root(row));
            if a == b {
                continue;
            }
            if self.decided_apart(a, b) { self.refuse(other, row, Refusal::Decided) } else { self.join(a, b) }
        }
    }

    fn follow(&mut self, links: Vec<Link>) {
        for link in links {
            let (a, b) = (self.root(link.left), self.root(link.right));
            if a == b {
                continue;
            }
            match self.refusal(a, b) {
                Some(refusal) => self.refuse(link.left, link.right, refusal),
                None => {
                    self.join(a, b);
                    self.joined.push(link);
                }
            }
        }
    }

    /// What forbids two roots to become one.
    fn refusal(&mut self, a: u32, b: u32) -> Option<Refusal> {
        if self.decided_apart(a, b) {
            return Some(Refusal::Decided);
        }
        let shared = self.systems[a as usize] & self.systems[b as usize] & self.one_record_systems;
        if shared != 0 {
            return Some(Refusal::OneRecordSystem { system: shared.trailing_zeros() as u16 });
        }
        let differ = |values: &Vec<u64>| {
            let (a, b) = (values[a as usize], values[b as usize]);
            a != 0 && b != 0 && a != b
        };
        let name = self.values.iter().position(differ).map(|at| self.contradictions[at]);
        name.map(|name| Refusal::Contradiction { name: name.to_owned() })
    }

    fn refuse(&mut self, a: u32, b: u32, refusal: Refusal) {
        self.refused_count += 1;
        if self.refused.len() < REFUSED_LISTED_MAX {
            self.refused.push(Refused { left: a.min(b), right: a.max(b), refusal });
        }
    }

    fn keep_apart(&mut self, a: u32, b: u32) {
        let (x, y) = (self.root(a), self.root(b));
        self.apart.entry(x).or_default().push(b);
        self.apart.entry(y).or_default().push(a);
    }

    fn decided_apart(&mut self, a: u32, b: u32) -> bool {
        if self.apart.is_empty() {
            return false;
        }
        let others = self.apart.get(&a).cloned().unwrap_or_default();
        others.into_iter().any(|other| self.root(other) == b)
    }

    fn root(&mut self, row: u32) -> u32 {
        let mut at = row;
        while self.parent[at as usize] != at {
            let above = self.parent[at as usize];
            self.parent[at as usize] = self.parent[above as usize];
            at = above;
        }
        at
    }

    /// The larger cluster's root becomes the root of both.
    fn join(&mut self, a: u32, b: u32) {
        let (into, from) = if self.size[a as usize] >= self.size[b as usize] { (a, b) } else { (b, a) };
        self.parent[from as usize] = into;
        self.size[into as usize] += self.size[from as usize];
        self.systems[into as usize] |= self.systems[from as usize];
        for values in &mut self.values {
            if values[into as usize] == 0 {
                values[into as usize] = values[from as usize];
            }
        }
        if let Some(others) = self.apart.remove(&from) {
            self.apart.entry(into).or_default().extend(others);
        }
    }

    fn into_clusters(mut self) -> Clusters {
        let count = self.parent.len() as u32;
        let mut smallest = vec![u32::MAX; self.parent.len()];
        let mut of = Vec::with_capacity(self.parent.len());
        for row in 0..count {
            let root = self.root(row) as usize;
            smallest[root] = smallest[root].min(row);
            of.push(smallest[root]);
        }
        Clusters { of, joined: self.joined, refused: self.refused, refused_count: self.refused_count }
    }
}
