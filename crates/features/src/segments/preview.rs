//! What a segment would be, before it is saved: how large, how like others, how its members' traits have shifted.

use roaring::RoaringBitmap;
use serde::{Deserialize, Serialize};

use super::history::History;
use crate::error::{Result, argument};

/// Into how many parts the earlier values are cut for the stability index.
pub const BINS: usize = 10;
/// From which index on a shift is moderate, and from which it is large (Siddiqi 2006, p. 369).
pub const SHIFT: (f64, f64) = (0.1, 0.25);
/// What counts in a bin where nobody is: half a customer.
const EMPTY_BIN: f64 = 0.5;

/// A segment beside another.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Beside {
    /// The other one.
    pub name: String,
    /// Customers in both.
    pub both: u64,
    /// The share of this segment's members who are in the other, 0 to 1.
    pub share: f64,
    /// The share of those in one or the other who are in both (Jaccard), 0 to 1.
    pub alike: f64,
}

/// A segment that is looked at before it is saved.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Preview {
    /// Members.
    pub size: u64,
    /// Their share of all customers, 0 to 1.
    pub share: f64,
    /// Customers of whom it cannot be told.
    pub unknown: u64,
    /// Who would enter since it was last decided.
    pub entering: u64,
    /// Who would leave.
    pub leaving: u64,
    /// Other segments, the most alike first; ties by name.
    pub beside: Vec<Beside>,
}

/// What saving `members` would mean.
#[must_use]
pub fn preview(
    members: &RoaringBitmap,
    unknown: &RoaringBitmap,
    everyone: &RoaringBitmap,
    history: Option<&History>,
    others: &[(&str, &RoaringBitmap)],
) -> Preview {
    let share = |part: u64, whole: u64| if whole == 0 { 0.0 } else { part as f64 / whole as f64 };
    let size = members.len();
    let mut beside: Vec<Beside> = others
        .iter()
        .map(|(name, other)| {
            let both = members.intersection_len(other);
            let alike = share(both, size + other.len() - both);
            Beside { name: (*name).to_owned(), both, share: share(both, size), alike }
        })
        .collect();
    beside.sort_by(|a, b| b.alike.total_cmp(&a.alike).then_with(|| a.name.cmp(&b.name)));
    let before = history.map(History::current);
    Preview {
        size,
        share: share(size, everyone.len()),
        unknown: unknown.len(),
        entering: before.map_or(size, |before| members.difference_len(before)),
        leaving: before.map_or(0, |before| before.difference_len(members)),
        beside,
    }
}

/// How a measure is distributed over customers: upper ends of tenths of the values (fewer where values repeat), and
/// how many customers are in each part; the last one is those without a value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Distribution {
    edges: Vec<f64>,
    counts: Vec<u64>,
}

impl Distribution {
    /// Of these customers, some of whom may have no value.
    #[must_use]
    pub fn of(values: &[Option<f64>]) -> Self {
        let edges = edges(values);
        let counts = counts(values, &edges);
        Self { edges, counts }
    }

    /// How far it has shifted to what it is of `now`: the population stability index, Σ (p − q) ln(p / q) over its parts. Half a
    /// customer counts where nobody is, so that it stays finite. 0 when nothing moved; see [`SHIFT`].
    ///
    /// # Errors
    /// No customers then or now.
    pub fn shift(&self, now: &[Option<f64>]) -> Result<f64> {
        let then = self.counts.iter().sum::<u64>();
        if then == 0 || now.is_empty() {
            return Err(argument("customers to compare", 0, "a shift is between some then and some now"));
        }
        let after = counts(now, &self.edges);
        let share = |count: u64, all: u64| (count as f64).max(EMPTY_BIN) / all as f64;
        // A part that is empty then and now says nothing.
        let parts = self.counts.iter().zip(&after).filter(|(p, q)| **p + **q > 0);
        Ok(parts
            .map(|(p, q)| {
                let (p, q) = (share(*p, then), share(*q, now.len() as u64));
                (q - p) * (q / p).ln()
            })
            .sum())
    }
}

/// How far the distribution of a measure has shifted from then to now; see [`Distribution::shift`].
///
/// # Errors
/// No customers then or now.
pub fn stability_index(then: &[Option<f64>], now: &[Option<f64>]) -> Result<f64> {
    Distribution::of(then).shift(now)
}

/// Upper ends of the parts but the last, all different.
fn edges(values: &[Option<f64>]) -> Vec<f64> {
    let mut sorted: Vec<f64> = values.iter().flatten().copied().filter(|v| !v.is_nan()).collect();
    sorted.sort_unstable_by(f64::total_cmp);
    let mut edges: Vec<f64> =
        (1..BINS).filter_map(|tenth| sorted.get((sorted.len() * tenth).div_ceil(BINS).max(1) - 1)).copied().collect();
    edges.dedup();
    edges
}

/// Values in each part, the missing ones last.
fn counts(values: &[Option<f64>], edges: &[f64]) -> Vec<u64> {
    let mut counts = vec![0; edges.len() + 2];
    for value in values {
        let bin = match value.filter(|v| !v.is_nan()) {
            Some(value) => edges.partition_point(|edge| *edge < value),
            None => edges.len() + 1,
        };
        counts[bin] += 1;
    }
    counts
}
