//! Many sets at once, 65,536 customers at a time.
//!
//! *Why.* `roaring` takes two sets at a time, container by container, as each container is stored. For what 20 sets share that is 190 pairs, and a
//! container that is a list of numbers is walked again for each of 19 partners; a union of lists is merged 19 times. Here each container is
//! laid out as bits once, in the cache of a core, and all that is asked is asked there, with the vector instructions that the machine has.
//!
//! *How.* [`container`] reads roaring's portable format, [`handed`] sees the containers of sets in memory through it.

mod container;
mod handed;

use std::ops::Range;

use fearless_simd::{Level, Simd, dispatch};
use rayon::prelude::*;
use roaring::{MultiOps, RoaringBitmap};

use self::{
    container::{Bits, Described, Kind, WORDS, add, containers, lay_out, numbers, take},
    handed::Headed,
};

/// A list up to that long is looked up number by number.
const LIST_MAX: usize = 128;
/// Containers of each set that are at hand together: with twenty sets they stay in the cache of a core.
const KEYS: usize = 4;

/// A set whose containers are found.
trait Source: Sync {
    /// What is said of each, in the order of keys.
    fn containers(&self) -> impl Iterator<Item = &Described>;

    /// Calls `each` with the containers whose keys are in a range, and their bytes. Whether all were seen.
    fn each(&self, first: u16, last: u16, each: impl FnMut(&Described, &[u8])) -> bool;

    /// How many customers there are.
    fn numbers(&self) -> u64 {
        self.containers().map(|container| u64::from(container.numbers)).sum()
    }
}

/// A set in roaring's portable format.
struct Saved<'a> {
    bytes: &'a [u8],
    containers: Vec<(Described, Range<usize>)>,
}

impl<'a> Saved<'a> {
    fn of(bytes: &'a [u8]) -> Option<Self> {
        Some(Self { bytes, containers: containers(bytes)? })
    }
}

impl Source for Saved<'_> {
    fn containers(&self) -> impl Iterator<Item = &Described> {
        self.containers.iter().map(|(container, _)| container)
    }

    fn each(&self, first: u16, last: u16, mut each: impl FnMut(&Described, &[u8])) -> bool {
        let from = self.containers.partition_point(|(container, _)| container.key < first);
        let wanted = self.containers.iter().skip(from).take_while(|(container, _)| container.key <= last);
        wanted.into_iter().all(|(container, at)| match self.bytes.get(at.clone()) {
            Some(bytes) => {
                each(container, bytes);
                true
            }
            None => false,
        })
    }
}

impl Source for Headed<'_> {
    fn containers(&self) -> impl Iterator<Item = &Described> {
        Headed::containers(self).iter()
    }

    fn each(&self, first: u16, last: u16, each: impl FnMut(&Described, &[u8])) -> bool {
        Headed::each(self, first, last, each)
    }
}

/// The keys of all containers, ascending.
fn keys<S: Source>(sets: &[S]) -> Vec<u16> {
    let mut keys: Vec<u16> = sets.iter().flat_map(|set| set.containers().map(|container| container.key)).collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// One container of one set.
struct Block {
    present: bool,
    words: Box<Bits>,
    /// Empty when there are many.
    list: Vec<u16>,
}

impl Block {
    fn new() -> Self {
        Self { present: false, words: Box::new([0; WORDS]), list: Vec::with_capacity(LIST_MAX) }
    }

    /// The customers of a container as bits, and as a list when they are few.
    fn lay_out(&mut self, container: &Described, bytes: &[u8]) {
        self.present = true;
        self.list.clear();
        lay_out(container.kind, bytes, &mut self.words);
        if container.kind == Kind::Array && container.numbers as usize <= LIST_MAX {
            self.list.extend(numbers(bytes));
        }
    }

    fn shared(&self, other: &Self, level: Level) -> u64 {
        let (listed, wholly) = match (self.list.len(), other.list.len()) {
            (_, 0) => (self, other),
            (0, _) => (other, self),
            (a, b) if a <= b => (self, other),
            _ => (other, self),
        };
        match listed.list.is_empty() {
            true => dispatch!(level, simd => count_both(simd, &self.words, &other.words)),
            false => listed.list.iter().map(|n| wholly.words[usize::from(n >> 6)] >> (n & 63) & 1).sum(),
        }
    }
}

/// Words that are added side by side.
const LANES: usize = 8;
type Lanes = [u64; LANES];

/// The carry and the sum of three bits, in each place.
#[inline(always)]
fn add_bits(a: Lanes, b: Lanes, c: Lanes) -> (Lanes, Lanes) {
    let (mut carry, mut sum) = ([0; LANES], [0; LANES]);
    for lane in 0..LANES {
        let either = a[lane] ^ b[lane];
        sum[lane] = either ^ c[lane];
        carry[lane] = (a[lane] & b[lane]) | (either & c[lane]);
    }
    (carry, sum)
}

#[inline(always)]
fn ones(lanes: Lanes) -> u64 {
    lanes.iter().map(|word| u64::from(word.count_ones())).sum()
}

/// Bits are added up in place before they are counted, so that one word in eight is (Harley's and Seal's way: Muła, Kurz & Lemire 2018,
/// "Faster population counts using AVX2 instructions"). Inlined, so that it is compiled for the vector instructions of the machine.
#[inline(always)]
fn count_both<S: Simd>(_: S, a: &Bits, b: &Bits) -> u64 {
    let both = |a: &Lanes, b: &Lanes| -> Lanes { std::array::from_fn(|lane| a[lane] & b[lane]) };
    let (mut one, mut two, mut four, mut eights) = ([0; LANES], [0; LANES], [0; LANES], 0);
    for (a, b) in a.as_chunks::<{ 8 * LANES }>().0.iter().zip(b.as_chunks::<{ 8 * LANES }>().0) {
        let (a, b) = (a.as_chunks::<LANES>().0, b.as_chunks::<LANES>().0);
        let (two_a, sum) = add_bits(one, both(&a[0], &b[0]), both(&a[1], &b[1]));
        let (two_b, sum) = add_bits(sum, both(&a[2], &b[2]), both(&a[3], &b[3]));
        let (two_c, sum) = add_bits(sum, both(&a[4], &b[4]), both(&a[5], &b[5]));
        let (two_d, sum) = add_bits(sum, both(&a[6], &b[6]), both(&a[7], &b[7]));
        one = sum;
        let (four_a, sum) = add_bits(two, two_a, two_b);
        let (four_b, sum) = add_bits(sum, two_c, two_d);
        two = sum;
        let (eight, sum) = add_bits(four, four_a, four_b);
        four = sum;
        eights += ones(eight);
    }
    8 * eights + 4 * ones(four) + 2 * ones(two) + ones(one)
}

/// The sizes of sets, and how many customers each two share, below the diagonal, row by row. `None` when roaring writes sets in another way than is known.
pub(super) fn overlaps(sets: &[&RoaringBitmap]) -> Option<(Vec<u64>, Vec<u64>)> {
    counted(&sets.iter().map(|set| Headed::of(set)).collect::<Option<Vec<_>>>()?)
}

/// The same of sets in roaring's portable format.
pub(super) fn overlaps_of_saved(sets: &[&[u8]]) -> Option<(Vec<u64>, Vec<u64>)> {
    counted(&sets.iter().map(|bytes| Saved::of(bytes)).collect::<Option<Vec<_>>>()?)
}

fn counted<S: Source>(sets: &[S]) -> Option<(Vec<u64>, Vec<u64>)> {
    let keys = keys(sets);
    let pairs = sets.len() * sets.len().saturating_sub(1) / 2;
    let level = Level::new();
    let task = || (vec![0_u64; pairs], (0..KEYS * sets.len()).map(|_| Block::new()).collect::<Vec<_>>());
    let counted = keys.par_chunks(KEYS).try_fold(task, |(mut counts, mut blocks), keys| {
        blocks.iter_mut().for_each(|block| block.present = false);
        let (first, last) = keys.first().zip(keys.last())?;
        for (number, set) in sets.iter().enumerate() {
            let laid = set.each(*first, *last, |container, bytes| {
                if let Ok(place) = keys.binary_search(&container.key) {
                    blocks[place * sets.len() + number].lay_out(container, bytes);
                }
            });
            laid.then_some(())?;
        }
        blocks.chunks(sets.len()).for_each(|blocks| count(blocks, &mut counts, level));
        Some((counts, blocks))
    });
    // Whole numbers: their order does not matter.
    let shared = counted.map(|counted| counted.map(|(counts, _)| counts)).try_reduce(|| vec![0; pairs], add_up)?;
    Some((sets.iter().map(Source::numbers).collect(), shared))
}

fn add_up(mut sums: Vec<u64>, more: Vec<u64>) -> Option<Vec<u64>> {
    sums.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
    Some(sums)
}

fn count(blocks: &[Block], counts: &mut [u64], level: Level) {
    let mut at = 0;
    for (row, block) in blocks.iter().enumerate() {
        for other in &blocks[..row] {
            if block.present && other.present {
                counts[at] += block.shared(other, level);
            }
            at += 1;
        }
    }
}

/// The customers of at least one of the sets. `None` as of [`overlaps`].
pub(super) fn union(sets: &[&RoaringBitmap]) -> Option<RoaringBitmap> {
    let sets = sets.iter().map(|set| Headed::of(set)).collect::<Option<Vec<_>>>()?;
    gathered(&sets, &keys(&sets), |_| add)
}

/// The customers of the first set who are in none of the others. `None` as of [`overlaps`].
pub(super) fn difference(set: &RoaringBitmap, without: &[&RoaringBitmap]) -> Option<RoaringBitmap> {
    let sets = std::iter::once(&set).chain(without).map(|set| Headed::of(set)).collect::<Option<Vec<_>>>()?;
    gathered(&sets, &keys(&sets[..1]), |number| if number == 0 { add } else { take })
}

type Step = fn(Kind, &[u8], &mut Bits);

/// What comes of sets that are put together one after the other, each in its own way.
fn gathered(sets: &[Headed<'_>], keys: &[u16], step: impl Fn(usize) -> Step + Sync) -> Option<RoaringBitmap> {
    let task = || (vec![[0; WORDS]; KEYS], vec![0; 8 * WORDS]);
    let parts = keys.par_chunks(KEYS).map_init(task, |(words, bytes), keys| {
        words.iter_mut().for_each(|words| words.fill(0));
        let (first, last) = keys.first().zip(keys.last())?;
        for (number, set) in sets.iter().enumerate() {
            let step = step(number);
            let seen = set.each(*first, *last, |container, bytes| {
                if let Ok(place) = keys.binary_search(&container.key) {
                    step(container.kind, bytes, &mut words[place]);
                }
            });
            seen.then_some(())?;
        }
        let containers = keys.iter().zip(words).map(|(key, words)| of_bits(*key, words, bytes));
        Some(containers.union())
    });
    Some(parts.collect::<Option<Vec<_>>>()?.union())
}

fn of_bits(key: u16, words: &Bits, bytes: &mut [u8]) -> RoaringBitmap {
    bytes.as_chunks_mut::<8>().0.iter_mut().zip(words).for_each(|(bytes, word)| *bytes = word.to_le_bytes());
    RoaringBitmap::from_lsb0_bytes(u32::from(key) << 16, bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_every_kind() -> RoaringBitmap {
        let mut set: RoaringBitmap = (0..300_000_u32).filter(|n| n % 3 == 0).collect();
        set.extend([70_000_000, 70_000_001]);
        set.extend((71_000_000..71_060_000).step_by(17));
        set.insert_range(80_000_000..80_050_000);
        set.extend([u32::MAX - 70_000, u32::MAX]);
        set
    }

    fn saved(set: &RoaringBitmap) -> Vec<u8> {
        let mut bytes = Vec::new();
        set.serialize_into(&mut bytes).expect("memory");
        bytes
    }

    fn told(source: &impl Source, first: u16, last: u16) -> RoaringBitmap {
        let mut told = RoaringBitmap::new();
        let mut block = Block::new();
        assert!(source.each(first, last, |container, bytes| {
            block.lay_out(container, bytes);
            let key = u32::from(container.key) << 16;
            let bits = (0..u32::from(u16::MAX) + 1).filter(|n| block.words[*n as usize / 64] >> (n % 64) & 1 == 1);
            told.extend(bits.map(|n| key + n));
        }));
        told
    }

    #[test]
    fn containers_of_every_kind_are_found_in_bytes_and_in_memory() {
        let mut set = of_every_kind();
        for optimized in [false, true] {
            if optimized {
                set.optimize();
            }
            let bytes = saved(&set);
            let (in_bytes, in_memory) = (Saved::of(&bytes).expect("the format"), Headed::of(&set).expect("the format"));
            assert_eq!((in_bytes.numbers(), in_memory.numbers()), (set.len(), set.len()));
            let kinds = [Kind::Array, Kind::Bits].into_iter().chain(optimized.then_some(Kind::Runs));
            for kind in kinds {
                assert!(in_bytes.containers().any(|c| c.kind == kind), "{kind:?}");
            }
            for (first, last) in [(0, u16::MAX), (2, 1070), (1068, 1068), (5, 900)] {
                let range = u32::from(first) << 16..=u32::from(last) << 16 | 0xffff;
                let expected: RoaringBitmap = set.range(range).collect();
                assert_eq!(told(&in_bytes, first, last), expected);
                assert_eq!(told(&in_memory, first, last), expected);
            }
        }
        assert!(containers(b"something else").is_none());
        assert_eq!(containers(&saved(&RoaringBitmap::new())).map(|c| c.len()), Some(0));
    }

    #[test]
    fn damaged_bytes_are_no_set() {
        let bytes = saved(&of_every_kind());
        for cut in [0, 3, 7, 9, 40, bytes.len() / 2, bytes.len() - 1] {
            assert!(Saved::of(&bytes[..cut]).is_none(), "cut at {cut}");
        }
    }

    #[test]
    fn sets_of_every_kind_are_put_together_as_roaring_does() {
        let every = of_every_kind();
        let mut optimized = every.clone();
        optimized.optimize();
        let shifted: RoaringBitmap = every.iter().map(|n| n / 2 + 13).collect();
        let thin: RoaringBitmap = (0..80_030_000).step_by(9_973).collect();
        let none = RoaringBitmap::new();
        let sets = [&every, &optimized, &shifted, &thin, &none];
        for first in sets {
            for second in sets {
                assert_eq!(union(&[first, second, &thin]), Some(first | second | &thin));
                assert_eq!(difference(first, &[second, &none]), Some(first - second));
            }
        }
        assert_eq!(union(&[]), Some(RoaringBitmap::new()));
        let (sizes, shared) = overlaps(&sets).expect("the format");
        assert_eq!(sizes, sets.map(RoaringBitmap::len));
        let pairs = (0..sets.len()).flat_map(|row| (0..row).map(move |other| (row, other)));
        assert_eq!(shared, pairs.map(|(a, b)| sets[a].intersection_len(sets[b])).collect::<Vec<_>>());
    }
}
