//! Paths: what customers do after an event, or on the way to it.
//!
//! Each customer has at most one path: from (or to) their first or last row with the anchor; without an anchor, from their
//! first row. Events that repeat at once are folded into one. A path has at most `depth` events beside the anchor, and ends
//! early at a pause longer than `gap`. Rows without a name ([`MISSING`]) are not there. Rows of one instant follow each other
//! in the order they come.
//!
//! Position 0 is the anchor; positions count away from it, forwards or backwards. Customers are kept for each name at each
//! position and for each pair of neighbours, so the size of what is kept depends on names and depth, not on how many different
//! paths there are. At the end, each position keeps the `breadth` names with most customers (equal ones: the smaller codes);
//! the rest are gathered in "other". A path is one customer's, so customers of a node are those of its links on either side,
//! less those whose path ends (or starts) there.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, VecDeque},
};

use roaring::RoaringBitmap;
use rustc_hash::FxHashMap;

use crate::{
    JourneyError, MISSING, Rows,
    error::settings,
    rows::{Cursor, Step},
};

/// Events beside the anchor that a path may have.
pub const DEPTH_MAX: usize = 20;
/// Different links (position, from, to) that may be kept.
pub const LINKS_MAX: usize = 1_000_000;
/// Different whole paths that may be kept.
pub const WHOLE_MAX: usize = 1_000_000;
/// Stands for "other" in nodes and links.
pub const OTHER: u32 = u32::MAX - 1;

/// Which way paths go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// What comes after the anchor.
    After,
    /// What came before the anchor.
    Before,
}

/// Which row with the anchor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Occurrence {
    /// The customer's first.
    First,
    /// The customer's last.
    Last,
}

/// A question about paths.
#[derive(Debug, Clone)]
pub struct PathSettings {
    /// The event that paths hang on; `None`: whatever a customer's first row is (with `After` and `First` only).
    pub anchor: Option<u32>,
    /// Which way.
    pub direction: Direction,
    /// From which of them.
    pub occurrence: Occurrence,
    /// Events beside the anchor, 1 to [`DEPTH_MAX`].
    pub depth: usize,
    /// Names kept at each position.
    pub breadth: usize,
    /// The longest pause inside a path, microseconds.
    pub gap: u64,
    /// Whether whole paths are counted too.
    pub whole: bool,
}

/// Paths over a stream of batches.
#[derive(Debug, Clone)]
pub struct PathKernel {
    asked: PathSettings,
    cursor: Cursor,
    ts: i64,
    /// The path of the customer at hand, the anchor first; empty when there is none (yet).
    path: Vec<u32>,
    /// Whether the path goes on.
    open: bool,
    /// For `Before`: the last events, folded, the latest last.
    trail: VecDeque<u32>,
    last: u32,
    nodes: FxHashMap<(u8, u32), RoaringBitmap>,
    links: FxHashMap<(u8, u32, u32), RoaringBitmap>,
    whole: FxHashMap<Box<[u32]>, RoaringBitmap>,
}

impl PathKernel {
    /// Before any row.
    ///
    /// # Errors
    /// When the settings contradict each other.
    pub fn new(asked: &PathSettings) -> Result<Self, JourneyError> {
        if !(1..=DEPTH_MAX).contains(&asked.depth) || asked.breadth == 0 {
            return Err(settings(format!("paths have a depth of 1 to {DEPTH_MAX} and a breadth of 1 or more")));
        }
        let from_start = asked.direction == Direction::After && asked.occurrence == Occurrence::First;
        if asked.anchor.is_none() && !from_start {
            return Err(settings("without an anchor, paths go from a customer's first row"));
        }
        if asked.anchor.is_some_and(|anchor| anchor >= OTHER) {
            return Err(settings("the anchor is not a code of a dictionary"));
        }
        Ok(Self {
            asked: asked.clone(),
            cursor: Cursor::default(),
            ts: 0,
            path: Vec::new(),
            open: false,
            trail: VecDeque::new(),
            last: MISSING,
            nodes: FxHashMap::default(),
            links: FxHashMap::default(),
            whole: FxHashMap::default(),
        })
    }

    /// The next batch.
    ///
    /// # Errors
    /// When the column is of another length, rows are out of order, or a bound is reached.
    pub fn push(&mut self, rows: Rows<'_>, names: &[u32]) -> Result<(), JourneyError> {
        rows.matches("name", names)?;
        for (i, ((customer, ts), name)) in rows.customer.iter().zip(rows.ts).zip(names).enumerate() {
            if *name == MISSING {
                continue;
            }
            if *name == OTHER {
                return Err(settings(format!("code {OTHER} stands for other events")));
            }
            let before = self.cursor.customer();
            let step = self.cursor.advance(i, *customer, *ts)?;
            if let Step::New(_) = step {
                self.end_customer(before)?;
            }
            let paused = step == Step::Same && ts.abs_diff(self.ts) > self.asked.gap;
            self.ts = *ts;
            match self.asked.direction {
                Direction::After => self.after(*name, step, paused),
                Direction::Before => self.before(*name, paused),
            }
        }
        Ok(())
    }

    fn after(&mut self, name: u32, step: Step, paused: bool) {
        self.open &= !paused;
        let anchored = self.asked.anchor.map_or(step != Step::Same, |anchor| anchor == name);
        let again = self.asked.occurrence == Occurrence::Last && !(self.open && self.last == name);
        if anchored && (self.path.is_empty() || again) {
            self.path.clear();
            self.path.push(name);
            self.open = true;
        } else if self.open && name != self.last {
            self.open = self.path.len() <= self.asked.depth;
            if self.open {
                self.path.push(name);
            }
        }
        self.last = name;
    }

    fn before(&mut self, name: u32, paused: bool) {
        if paused {
            self.trail.clear();
        }
        if self.trail.back() != Some(&name) {
            if self.trail.len() > self.asked.depth {
                self.trail.pop_front();
            }
            self.trail.push_back(name);
        }
        let counts = self.path.is_empty() || self.asked.occurrence == Occurrence::Last;
        if self.asked.anchor == Some(name) && counts {
            self.path.clear();
            self.path.extend(self.trail.iter().rev());
        }
    }

    fn end_customer(&mut self, customer: Option<u32>) -> Result<(), JourneyError> {
        if let Some(customer) = customer.filter(|_| !self.path.is_empty()) {
            self.count(customer);
            self.check_bounds()?;
        }
        self.path.clear();
        self.trail.clear();
        self.open = false;
        self.last = MISSING;
        Ok(())
    }

    fn count(&mut self, customer: u32) {
        for (position, name) in (0u8..).zip(&self.path) {
            self.nodes.entry((position, *name)).or_default().insert(customer);
        }
        for (position, pair) in (0u8..).zip(self.path.windows(2)) {
            self.links.entry((position, pair[0], pair[1])).or_default().insert(customer);
        }
        if self.asked.whole {
            match self.whole.get_mut(self.path.as_slice()) {
                Some(set) => drop(set.insert(customer)),
                None => drop(self.whole.insert(self.path.as_slice().into(), RoaringBitmap::from([customer]))),
            }
        }
    }

    fn check_bounds(&self) -> Result<(), JourneyError> {
        let advice = "ask for less depth, or join rare names into one";
        if self.links.len() > LINKS_MAX {
            return Err(JourneyError::TooMany { what: "different links of paths", limit: LINKS_MAX, advice });
        }
        if self.whole.len() > WHOLE_MAX {
            return Err(JourneyError::TooMany { what: "different whole paths", limit: WHOLE_MAX, advice });
        }
        Ok(())
    }

    fn end_stream(&mut self) -> Result<(), JourneyError> {
        self.end_customer(self.cursor.customer())?;
        self.cursor = Cursor::default();
        Ok(())
    }

    /// Joins one of the same settings over other customers.
    ///
    /// # Errors
    /// When a bound is reached.
    pub fn merge(&mut self, mut other: Self) -> Result<(), JourneyError> {
        self.end_stream()?;
        other.end_stream()?;
        unite(&mut self.nodes, other.nodes);
        unite(&mut self.links, other.links);
        unite(&mut self.whole, other.whole);
        self.check_bounds()
    }

    /// After the last batch.
    ///
    /// # Errors
    /// When a bound is reached.
    pub fn finish(mut self) -> Result<Paths, JourneyError> {
        self.end_stream()?;
        let kept = kept(&self.nodes, self.asked.breadth);
        let name = |position: u8, name: u32| if kept.contains_key(&(position, name)) { name } else { OTHER };
        let mut nodes: BTreeMap<(u8, u32), RoaringBitmap> = BTreeMap::new();
        for ((position, code), customers) in self.nodes {
            *nodes.entry((position, name(position, code))).or_default() |= customers;
        }
        let mut links: BTreeMap<(u8, u32, u32), RoaringBitmap> = BTreeMap::new();
        for ((position, from, to), customers) in self.links {
            let place = (position, name(position, from), name(position + 1, to));
            *links.entry(place).or_default() |= customers;
        }
        let mut whole: Vec<WholePath> =
            self.whole.into_iter().map(|(names, customers)| WholePath { names: names.into(), customers }).collect();
        whole.sort_by(|a, b| b.customers.len().cmp(&a.customers.len()).then_with(|| a.names.cmp(&b.names)));
        let node = |((position, name), customers)| PathNode { position, name, customers };
        let link = |((position, from, to), customers)| PathLink { position, from, to, customers };
        let (nodes, links) = (nodes.into_iter().map(node).collect(), links.into_iter().map(link).collect());
        Ok(Paths { nodes, links, whole })
    }
}

fn unite<K: std::hash::Hash + Eq>(into: &mut FxHashMap<K, RoaringBitmap>, from: FxHashMap<K, RoaringBitmap>) {
    for (key, customers) in from {
        *into.entry(key).or_default() |= customers;
    }
}

/// The names that stay, position by position.
fn kept(nodes: &FxHashMap<(u8, u32), RoaringBitmap>, breadth: usize) -> BTreeMap<(u8, u32), ()> {
    let mut by_size: Vec<(u8, Reverse<u64>, u32)> =
        nodes.iter().map(|((position, name), customers)| (*position, Reverse(customers.len()), *name)).collect();
    by_size.sort_unstable();
    let positions = by_size.chunk_by(|a, b| a.0 == b.0);
    positions.flat_map(|names| names.iter().take(breadth)).map(|(position, _, name)| ((*position, *name), ())).collect()
}

/// Nodes and links of a Sankey diagram.
#[derive(Debug, Clone, PartialEq)]
pub struct Paths {
    /// By position, then code ([`OTHER`] last).
    pub nodes: Vec<PathNode>,
    /// By position, then codes.
    pub links: Vec<PathLink>,
    /// Whole paths, those with most customers first; empty unless asked for. Names are not gathered in them.
    pub whole: Vec<WholePath>,
}

/// Customers with an event at a position of their path.
#[derive(Debug, Clone, PartialEq)]
pub struct PathNode {
    /// How far from the anchor.
    pub position: u8,
    /// The event, or [`OTHER`].
    pub name: u32,
    /// Whose path.
    pub customers: RoaringBitmap,
}

/// Customers who went from one node to one at the next position (backwards in time with [`Direction::Before`]).
#[derive(Debug, Clone, PartialEq)]
pub struct PathLink {
    /// The position of `from`.
    pub position: u8,
    /// The event nearer to the anchor.
    pub from: u32,
    /// The event one position further.
    pub to: u32,
    /// Whose path.
    pub customers: RoaringBitmap,
}

/// Customers with the same path from the anchor to its end.
#[derive(Debug, Clone, PartialEq)]
pub struct WholePath {
    /// The anchor first.
    pub names: Vec<u32>,
    /// Whose path.
    pub customers: RoaringBitmap,
}
