//! Which rows are duplicates by key: exactly, in bounded memory, whatever the number of rows.
//!
//! *The question.* Of all rows of a load, which have a key that the lake has already, or that a row before them has? The
//! answer is needed before anything is committed, and there may be more keys than memory.
//!
//! *The way.* Each row gives a pair of a 64-bit key and an ordinal (which says where the row is; lower comes first).
//! Equal keys belong to the same partition ([`partition_of`]), so partitions can be answered one by one. While a load
//! runs, [`KeySpill::add`] writes pairs to one scratch file in blocks of a partition each; afterwards
//! [`KeySpill::resolve`] reads a partition at a time and keeps its keys in a hash table that fits a core's cache. A
//! partition that turns out too large (many rows more than expected, or keys that are not spread evenly) is read several
//! times, each time for a share of its keys: slower, never larger.
//!
//! *Simplifying assumption.* Two rows with the same 64-bit key are the same row. Keys are hashes, so different rows
//! collide with probability n²/2⁶⁴: 3·10⁻⁴ at 10⁸ rows. See [`key_hash`] for how rows get keys.

mod hash;
mod index;
mod resolve;
mod spill;

pub use hash::{KeySeeds, UnhashableKey, key_hash, single_id};
pub use index::KeyIndex;
pub use resolve::Duplicates;
pub use spill::KeySpill;

/// Pairs that a partition should have: a table of so many keys fits the second-level cache of one core.
const PARTITION_PAIRS: u64 = 1 << 15;
/// The most partitions that [`partitions_for`] recommends: each costs a buffer while the load runs.
const PARTITIONS_MAX: u64 = 1 << 12;

/// How many partitions to make for a load of about so many rows. A wrong guess costs time, never memory or exactness.
#[must_use]
pub fn partitions_for(rows: u64) -> usize {
    usize::try_from(rows.div_ceil(PARTITION_PAIRS).clamp(1, PARTITIONS_MAX)).unwrap_or(1)
}

/// The partition of a key, from 0 to `partitions` − 1: ranges of equal width over the keys in order. The highest bit is
/// left out, since keyed ids ([`florin_domain::KeyHasher::id`]) are never negative.
#[must_use]
pub fn partition_of(key: u64, partitions: usize) -> usize {
    let scaled = u128::from(key << 1) * partitions as u128;
    (scaled >> 64) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn partitions_are_ranges_of_keys_and_cover_ids_without_a_sign() {
        assert_eq!(partition_of(0, 7), 0);
        assert_eq!(partition_of(i64::MAX.cast_unsigned(), 7), 6);
        assert_eq!(partition_of(1 << 62, 2), 1);
        assert_eq!(partition_of((1 << 62) - 1, 2), 0);
        let ascending: Vec<usize> = (0..1000u64).map(|i| partition_of(i << 53, 64)).collect();
        assert!(ascending.is_sorted());
        assert_eq!(ascending.last(), Some(&62));
    }

    #[test]
    fn partitions_follow_the_rows_between_one_and_the_bound() {
        assert_eq!(partitions_for(0), 1);
        assert_eq!(partitions_for(PARTITION_PAIRS), 1);
        assert_eq!(partitions_for(20_000_000), 611);
        assert_eq!(partitions_for(u64::MAX), 4096);
    }
}
