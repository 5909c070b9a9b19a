//! Many sets at once, 65,536 customers at a time.
//!
//! *Why.* `roaring` counts what two sets share, container by container, as each container is stored. For 20 sets that is 190 pairs, and a
//! container that is a list of numbers is walked again for each of 19 partners. Here each container is laid out as bits once, in the
//! cache of a core, and all pairs are counted there, with the vector instructions that the machine has.
//!
//! *How.* The containers are not reachable, but roaring's portable format is public and stable
//! (<https://github.com/RoaringBitmap/RoaringFormatSpec>), and bit containers are written as they are.

use std::ops::Range;

use fearless_simd::{Level, Simd, dispatch};
use rayon::prelude::*;
use roaring::RoaringBitmap;

/// Words of 64 customers in a container.
const WORDS: usize = 1024;
/// A list up to that long is looked up number by number.
const LIST_MAX: usize = 128;
/// Without and with containers of runs.
const COOKIES: (u32, u32) = (12_346, 12_347);
/// A container with more numbers is bits.
const ARRAY_MAX: usize = 4096;

/// One container of a set's bytes.
struct Container {
    key: u16,
    kind: Kind,
    numbers: u32,
    bytes: Range<usize>,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Array,
    Bits,
    Runs,
}

/// A set in roaring's portable format, with its containers found.
struct Laid<'a> {
    bytes: &'a [u8],
    containers: Vec<Container>,
}

/// A set in roaring's portable format.
fn saved(set: &RoaringBitmap) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(set.serialized_size());
    set.serialize_into(&mut bytes).ok()?;
    Some(bytes)
}

impl<'a> Laid<'a> {
    fn new(bytes: &'a [u8]) -> Option<Self> {
        Some(Self { bytes, containers: containers(bytes)? })
    }

    /// How many customers there are.
    fn numbers(&self) -> u64 {
        self.containers.iter().map(|container| u64::from(container.numbers)).sum()
    }

    /// The customers of a container as bits, and as a list when they are few.
    fn lay_out(&self, key: u16, block: &mut Block) {
        block.present = false;
        let Ok(at) = self.containers.binary_search_by_key(&key, |container| container.key) else { return };
        let container = &self.containers[at];
        let Some(bytes) = self.bytes.get(container.bytes.clone()) else { return };
        block.present = true;
        block.list.clear();
        match container.kind {
            Kind::Bits => {
                let words = bytes.as_chunks::<8>().0.iter().map(|word| u64::from_le_bytes(*word));
                block.words.iter_mut().zip(words).for_each(|(word, bits)| *word = bits);
            }
            Kind::Array => {
                block.words.fill(0);
                let few = bytes.len() / 2 <= LIST_MAX;
                // Numbers rise, so each word is built beside memory and only written: reading it back would take longer.
                let (mut at, mut word) = (0, 0);
                for number in bytes.as_chunks::<2>().0.iter().map(|pair| u16::from_le_bytes(*pair)) {
                    let next = usize::from(number >> 6);
                    word = if next == at { word } else { 0 } | 1 << (number & 63);
                    at = next;
                    block.words[next] = word;
                }
                if few {
                    block.list.extend(bytes.as_chunks::<2>().0.iter().map(|pair| u16::from_le_bytes(*pair)));
                }
            }
            Kind::Runs => {
                block.words.fill(0);
                for run in bytes.as_chunks::<4>().0 {
                    let (start, more) = (u16::from_le_bytes([run[0], run[1]]), u16::from_le_bytes([run[2], run[3]]));
                    (start..=start.saturating_add(more))
                        .for_each(|n| block.words[usize::from(n >> 6)] |= 1 << (n & 63));
                }
            }
        }
    }
}

/// One container of one set.
struct Block {
    present: bool,
    words: Box<[u64; WORDS]>,
    /// Empty when there are many.
    list: Vec<u16>,
}

impl Block {
    fn new() -> Self {
        Self { present: false, words: Box::new([0; WORDS]), list: Vec::with_capacity(LIST_MAX) }
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
fn count_both<S: Simd>(_: S, a: &[u64; WORDS], b: &[u64; WORDS]) -> u64 {
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

/// The sizes of sets, and how many customers each two share, below the diagonal, row by row. `None` if the format is not
/// the one that is known.
pub(super) fn overlaps(sets: &[&RoaringBitmap]) -> Option<(Vec<u64>, Vec<u64>)> {
    let bytes: Vec<Vec<u8>> = sets.par_iter().map(|set| saved(set)).collect::<Option<_>>()?;
    overlaps_of_saved(&bytes.iter().map(Vec::as_slice).collect::<Vec<_>>())
}

/// The same of sets in roaring's portable format.
pub(super) fn overlaps_of_saved(sets: &[&[u8]]) -> Option<(Vec<u64>, Vec<u64>)> {
    let laid: Vec<Laid<'_>> = sets.iter().map(|bytes| Laid::new(bytes)).collect::<Option<_>>()?;
    let mut keys: Vec<u16> = laid.iter().flat_map(|set| set.containers.iter().map(|container| container.key)).collect();
    keys.sort_unstable();
    keys.dedup();
    let pairs = sets.len() * sets.len().saturating_sub(1) / 2;
    let level = Level::new();
    let task = || (vec![0_u64; pairs], sets.iter().map(|_| Block::new()).collect::<Vec<_>>());
    let counted = keys.par_iter().fold(task, |(mut counts, mut blocks), &key| {
        laid.iter().zip(&mut blocks).for_each(|(set, block)| set.lay_out(key, block));
        count(&blocks, &mut counts, level);
        (counts, blocks)
    });
    // Whole numbers: their order does not matter.
    let shared = counted.map(|(counts, _)| counts).reduce(|| vec![0; pairs], add);
    Some((laid.iter().map(Laid::numbers).collect(), shared))
}

fn add(mut sums: Vec<u64>, more: Vec<u64>) -> Vec<u64> {
    sums.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
    sums
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

/// Where the containers are in a set's bytes.
fn containers(bytes: &[u8]) -> Option<Vec<Container>> {
    let cookie = long(bytes, 0)?;
    let (count, runs, mut at) = match cookie {
        cookie if cookie == COOKIES.0 => (long(bytes, 4)? as usize, 0..0, 8),
        cookie if cookie & 0xffff == COOKIES.1 => {
            let count = (cookie >> 16) as usize + 1;
            (count, 4..4 + count.div_ceil(8), 4 + count.div_ceil(8))
        }
        _ => return None,
    };
    let flags = bytes.get(runs.clone())?;
    let descriptions = at;
    at += 4 * count;
    // Offsets, which are not needed to read all containers in order.
    if runs.is_empty() || count >= 4 {
        at += 4 * count;
    }
    let mut found = Vec::with_capacity(count);
    for n in 0..count {
        let key = short(bytes, descriptions + 4 * n)?;
        let numbers = usize::from(short(bytes, descriptions + 4 * n + 2)?) + 1;
        let is_runs = flags.get(n / 8).is_some_and(|flag| flag >> (n % 8) & 1 == 1);
        let (kind, start, length) = match numbers {
            _ if is_runs => (Kind::Runs, at + 2, 4 * usize::from(short(bytes, at)?)),
            numbers if numbers > ARRAY_MAX => (Kind::Bits, at, 8 * WORDS),
            numbers => (Kind::Array, at, 2 * numbers),
        };
        at = start + length;
        found.push(Container { key, kind, numbers: numbers as u32, bytes: start..at });
    }
    (at == bytes.len()).then_some(found)
}

fn long(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|four| u32::from_le_bytes(*four))
}

fn short(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk().map(|two| u16::from_le_bytes(*two))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn containers_of_every_kind_are_found_in_the_bytes() {
        let mut set: RoaringBitmap = (0..300_000_u32).filter(|n| n % 3 == 0).collect();
        set.extend([70_000_000, 70_000_001]);
        set.insert_range(80_000_000..80_050_000);
        for optimized in [false, true] {
            if optimized {
                set.optimize();
            }
            let bytes = saved(&set).expect("memory");
            let laid = Laid::new(&bytes).expect("the portable format");
            assert_eq!(laid.numbers(), set.len());
            for kind in [Kind::Array, Kind::Bits, Kind::Runs] {
                assert!(laid.containers.iter().any(|c| c.kind == kind));
            }
            let mut block = Block::new();
            let mut numbers = 0;
            for container in &laid.containers {
                laid.lay_out(container.key, &mut block);
                numbers += block.words.iter().map(|word| u64::from(word.count_ones())).sum::<u64>();
                let key = u32::from(container.key) << 16;
                let first = block.words.iter().position(|word| *word > 0).expect("not empty");
                assert!(set.contains(key + 64 * first as u32 + block.words[first].trailing_zeros()));
            }
            assert_eq!(numbers, set.len());
        }
        assert!(containers(b"something else").is_none());
        assert_eq!(containers(&saved(&RoaringBitmap::new()).expect("memory")).map(|c| c.len()), Some(0));
    }
}
