//! Segments as sets.
//!
//! Of two sets these are `roaring`'s own; here is what takes several at once, on the threads of rayon's pool.

use roaring::{MultiOps, RoaringBitmap};
use serde::Serialize;

use super::blocks;
use crate::error::{FeatureError, Result};

/// The customers of at least one of the sets.
#[must_use]
pub fn union(sets: &[&RoaringBitmap]) -> RoaringBitmap {
    blocks::union(sets).unwrap_or_else(|| sets.iter().copied().union())
}

/// The customers of all of the sets; nobody when there are none.
#[must_use]
pub fn intersection(sets: &[&RoaringBitmap]) -> RoaringBitmap {
    sets.iter().copied().intersection()
}

/// The customers of `set` who are in none of the others.
#[must_use]
pub fn difference(set: &RoaringBitmap, without: &[&RoaringBitmap]) -> RoaringBitmap {
    blocks::difference(set, without).unwrap_or_else(|| without.iter().fold(set.clone(), |left, other| left - *other))
}

fn one_by_one(sets: &[&RoaringBitmap]) -> (Vec<u64>, Vec<u64>) {
    let pairs = sets.iter().enumerate().flat_map(|(row, set)| sets[..row].iter().map(move |other| (set, other)));
    (sets.iter().map(|set| set.len()).collect(), pairs.map(|(a, b)| a.intersection_len(b)).collect())
}

/// How many customers each two of some segments share.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Overlaps {
    sizes: Vec<u64>,
    /// Below the diagonal, row by row.
    shared: Vec<u64>,
}

impl Overlaps {
    /// Counts them, on the threads of rayon's pool.
    #[must_use]
    pub fn of(sets: &[&RoaringBitmap]) -> Self {
        let (sizes, shared) = blocks::overlaps(sets).unwrap_or_else(|| one_by_one(sets));
        Self { sizes, shared }
    }

    /// Counts them from memberships as they are saved, in roaring's portable format (`RoaringBitmap::serialize_into`): they need not be read in
    /// first.
    ///
    /// # Errors
    /// Bytes of another format.
    pub fn of_saved(sets: &[&[u8]]) -> Result<Self> {
        let why = || "it is not in roaring's portable format".to_owned();
        let counted = blocks::overlaps_of_saved(sets);
        let (sizes, shared) = counted.ok_or_else(|| FeatureError::Saved { what: "membership", why: why() })?;
        Ok(Self { sizes, shared })
    }

    /// How many segments there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.sizes.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.sizes.is_empty()
    }

    /// How many customers are in both; the size of one for it and itself. 0 for a segment that is not there.
    #[must_use]
    pub fn both(&self, a: usize, b: usize) -> u64 {
        let (low, high) = (a.min(b), a.max(b));
        match low == high {
            true => self.sizes.get(low).copied().unwrap_or(0),
            false => self.shared.get(high * high.saturating_sub(1) / 2 + low).copied().unwrap_or(0),
        }
    }

    /// The share of those in one or the other who are in both (Jaccard 1901), 0 to 1; `None` when there is nobody.
    #[must_use]
    pub fn alike(&self, a: usize, b: usize) -> Option<f64> {
        let either = self.both(a, a) + self.both(b, b) - self.both(a, b);
        (either > 0).then(|| self.both(a, b) as f64 / either as f64)
    }
}
