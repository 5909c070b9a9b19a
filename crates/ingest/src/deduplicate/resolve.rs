//! The second half: partition by partition, which rows lose.

use std::{
    collections::{HashMap, hash_map::Entry},
    hash::{BuildHasherDefault, Hasher},
    io,
    ops::BitOrAssign,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    thread,
};

use arrow::buffer::BooleanBuffer;
use roaring::RoaringTreemap;

use super::spill::{KeySpill, Pair, Partition, Scratch};

/// Pairs whose keys are in memory at once, for each worker: 2¹⁹ keys take a table of 18 MB.
const PASS_PAIRS_MAX: usize = 1 << 19;
/// Losing rows that are collected before they go into the bitmap: 8 MB for each worker.
const LOSERS_MAX: usize = 1 << 20;

/// Tells which of some keys are known.
type Known<'a> = dyn Fn(&[u64]) -> io::Result<Vec<u64>> + Sync + 'a;

/// Which rows lose against an earlier one.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Duplicates {
    losing: RoaringTreemap,
    known: u64,
}

impl Duplicates {
    /// The ordinals of rows that lose: their key was known already, or belongs to a row with a lower ordinal too.
    #[must_use]
    pub fn losing(&self) -> &RoaringTreemap {
        &self.losing
    }

    /// How many rows lose.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.losing.len()
    }

    /// Whether no row loses.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.losing.is_empty()
    }

    /// How many of the losing rows were the first of their key, and lose only because the key was known already.
    #[must_use]
    pub fn known(&self) -> u64 {
        self.known
    }

    /// Which of these rows stay (true) and which lose (false); `None` when all stay. Cheap when ordinals ascend.
    #[must_use]
    pub fn kept(&self, ordinals: &[u64]) -> Option<BooleanBuffer> {
        let (&first, &last) = (ordinals.first()?, ordinals.last()?);
        let kept = if ordinals.is_sorted() {
            if self.losing.range_cardinality(first..=last) == 0 {
                return None;
            }
            self.kept_ascending(ordinals, first)
        } else {
            BooleanBuffer::collect_bool(ordinals.len(), |i| !self.losing.contains(ordinals[i]))
        };
        kept.has_false().then_some(kept)
    }

    fn kept_ascending(&self, ordinals: &[u64], first: u64) -> BooleanBuffer {
        let mut losing = self.losing.iter();
        losing.advance_to(first);
        let mut next = losing.next();
        BooleanBuffer::collect_bool(ordinals.len(), |i| {
            while next.is_some_and(|loser| loser < ordinals[i]) {
                next = losing.next();
            }
            next != Some(ordinals[i])
        })
    }
}

impl BitOrAssign for Duplicates {
    fn bitor_assign(&mut self, other: Self) {
        self.losing |= other.losing;
        self.known += other.known;
    }
}

impl KeySpill {
    /// Which of the added rows lose. `known` tells which of some keys the lake has already, in any order. With `workers` threads at most
    /// that many partitions are in memory at once, each with 2¹⁹ keys at most: so many are asked for together.
    ///
    /// # Errors
    /// What reading the scratch file or `known` says, or an [`add`](Self::add) that failed before.
    pub fn resolve(self, known: &Known<'_>, workers: usize) -> io::Result<Duplicates> {
        self.check_complete()?;
        let queue = Queue { spill: &self, known, next: AtomicUsize::new(0), failed: AtomicBool::new(false) };
        let workers = workers.clamp(1, self.partitions());
        thread::scope(|scope| {
            let running: Vec<_> = (1..workers).map(|_| scope.spawn(|| queue.work())).collect();
            let mut duplicates = queue.work()?;
            for worker in running {
                duplicates |= worker.join().map_err(|_| io::Error::other("a thread that resolved keys failed"))??;
            }
            Ok(duplicates)
        })
    }
}

/// The partitions that nobody has resolved yet.
struct Queue<'a> {
    spill: &'a KeySpill,
    known: &'a Known<'a>,
    next: AtomicUsize,
    failed: AtomicBool,
}

impl Queue<'_> {
    fn work(&self) -> io::Result<Duplicates> {
        let mut worker = Worker::default();
        let done = self.work_off(&mut worker).and_then(|()| worker.flush());
        if done.is_err() {
            self.failed.store(true, Ordering::Relaxed);
        }
        done.map(|()| worker.duplicates)
    }

    fn work_off(&self, worker: &mut Worker) -> io::Result<()> {
        while !self.failed.load(Ordering::Relaxed) {
            let partition = self.next.fetch_add(1, Ordering::Relaxed);
            if partition >= self.spill.partitions() {
                break;
            }
            let pairs = self.spill.take(partition)?;
            if pairs.len() > 0 {
                worker.resolve(self.spill, &pairs, self.known)?;
            }
        }
        Ok(())
    }
}

/// One thread's tables and findings.
#[derive(Default)]
struct Worker {
    /// The lowest ordinal so far of each key of the pass.
    lowest: HashMap<u64, u64, BuildHasherDefault<KeyMixer>>,
    /// The same keys.
    keys: Vec<u64>,
    losers: Vec<u64>,
    scratch: Scratch,
    duplicates: Duplicates,
}

impl Worker {
    fn resolve(&mut self, spill: &KeySpill, partition: &Partition, known: &Known<'_>) -> io::Result<()> {
        let passes = partition.len().div_ceil(PASS_PAIRS_MAX);
        self.lowest.reserve(partition.len().min(PASS_PAIRS_MAX));
        for pass in 0..passes {
            self.resolve_pass(spill, partition, known, |key| passes == 1 || pass_of(key, passes) == pass)?;
        }
        Ok(())
    }

    fn resolve_pass(
        &mut self,
        spill: &KeySpill,
        partition: &Partition,
        known: &Known<'_>,
        belongs: impl Fn(u64) -> bool,
    ) -> io::Result<()> {
        let mut scratch = std::mem::take(&mut self.scratch);
        let read = spill.each_pair(partition, &mut scratch, |pairs| self.see(pairs, &belongs));
        self.scratch = scratch;
        read?;
        self.keys.clear();
        self.keys.extend(self.lowest.keys());
        let known = known(&self.keys)?;
        self.lose_known(&known);
        self.lowest.clear();
        Ok(())
    }

    fn see(&mut self, pairs: &[Pair], belongs: impl Fn(u64) -> bool) -> io::Result<()> {
        for &Pair { key, ordinal } in pairs.iter().filter(|pair| belongs(pair.key)) {
            match self.lowest.entry(key) {
                Entry::Vacant(slot) => {
                    slot.insert(ordinal);
                }
                Entry::Occupied(mut slot) => {
                    let loser = ordinal.max(*slot.get());
                    *slot.get_mut() = ordinal.min(*slot.get());
                    self.losers.push(loser);
                }
            }
        }
        if self.losers.len() >= LOSERS_MAX { self.flush() } else { Ok(()) }
    }

    /// The first rows of known keys lose too.
    fn lose_known(&mut self, known: &[u64]) {
        for key in known {
            if let Some(ordinal) = self.lowest.remove(key) {
                self.losers.push(ordinal);
                self.duplicates.known += 1;
            }
        }
    }

    /// One union of many sorted numbers is several times faster than as many insertions.
    fn flush(&mut self) -> io::Result<()> {
        self.losers.sort_unstable();
        let mut sorted = RoaringTreemap::new();
        let same = |_| io::Error::new(io::ErrorKind::InvalidData, "two rows were added with the same ordinal");
        sorted.append(self.losers.drain(..)).map_err(same)?;
        self.duplicates.losing |= sorted;
        Ok(())
    }
}

/// Which pass a key of an oversized partition belongs to. Unlike the partition it depends on all bits of the key.
fn pass_of(key: u64, passes: usize) -> usize {
    ((u128::from(mixed(key)) * passes as u128) >> 64) as usize
}

fn mixed(key: u64) -> u64 {
    let product = u128::from(key ^ 0x9e37_79b9_7f4a_7c15) * 0xd6e8_feb8_6659_fd93;
    product as u64 ^ (product >> 64) as u64
}

/// Keys are hashes already; mixing again keeps dense numbers from clustering.
#[derive(Default)]
struct KeyMixer(u64);

impl Hasher for KeyMixer {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.write_u64(self.0 ^ u64::from(byte));
        }
    }

    fn write_u64(&mut self, key: u64) {
        self.0 = mixed(key);
    }
}
