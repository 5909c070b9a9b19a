//! Containers of 65,536 customers in roaring's portable format
//! (<https://github.com/RoaringBitmap/RoaringFormatSpec>), which is public and stable: bit containers are written as they are.

use std::ops::Range;

/// Words of 64 customers in a container.
pub(super) const WORDS: usize = 1024;
/// A container with more numbers is bits.
const ARRAY_MAX: usize = 4096;
/// Without and with containers of runs.
const COOKIES: (u32, u32) = (12_346, 12_347);

/// The bits of a container's customers.
pub(super) type Bits = [u64; WORDS];

/// What is said of a container before its bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Described {
    pub(super) key: u16,
    pub(super) kind: Kind,
    pub(super) numbers: u32,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Kind {
    Array,
    Bits,
    Runs,
}

impl Described {
    /// How many bytes it has; `None` while too few of them are there to say.
    pub(super) fn length(&self, bytes: &[u8]) -> Option<usize> {
        Some(match self.kind {
            Kind::Runs => 2 + 4 * usize::from(short(bytes, 0)?),
            Kind::Bits => 8 * WORDS,
            Kind::Array => 2 * self.numbers as usize,
        })
    }
}

/// What is said of all containers before the first, and how many bytes that takes; `None` for another format, or while bytes are missing.
pub(super) fn header(bytes: &[u8]) -> Option<(Vec<Described>, usize)> {
    let cookie = long(bytes, 0)?;
    let (count, runs, at) = match cookie {
        cookie if cookie == COOKIES.0 => (long(bytes, 4)? as usize, 0..0, 8),
        cookie if cookie & 0xffff == COOKIES.1 => {
            let count = (cookie >> 16) as usize + 1;
            (count, 4..4 + count.div_ceil(8), 4 + count.div_ceil(8))
        }
        _ => return None,
    };
    // After the descriptions come offsets, which are not needed to read all containers in order.
    let offsets = if runs.is_empty() || count >= 4 { 4_usize.checked_mul(count)? } else { 0 };
    let length = at.checked_add(4_usize.checked_mul(count)?)?.checked_add(offsets)?;
    let flags = bytes.get(runs)?;
    bytes.get(..length)?;
    let described = |n: usize| {
        let numbers = usize::from(short(bytes, at + 4 * n + 2)?) + 1;
        let is_runs = flags.get(n / 8).is_some_and(|flag| flag >> (n % 8) & 1 == 1);
        let kind = match numbers {
            _ if is_runs => Kind::Runs,
            numbers if numbers > ARRAY_MAX => Kind::Bits,
            _ => Kind::Array,
        };
        Some(Described { key: short(bytes, at + 4 * n)?, kind, numbers: numbers as u32 })
    };
    Some(((0..count).map(described).collect::<Option<_>>()?, length))
}

/// The containers of a set, and where in its bytes each lies; `None` for another format.
pub(super) fn containers(bytes: &[u8]) -> Option<Vec<(Described, Range<usize>)>> {
    let (described, mut at) = header(bytes)?;
    let mut found = Vec::with_capacity(described.len());
    for container in described {
        let end = at + container.length(bytes.get(at..)?)?;
        found.push((container, at..end));
        at = end;
    }
    (at == bytes.len()).then_some(found)
}

/// The numbers of a container that is a list.
pub(super) fn numbers(bytes: &[u8]) -> impl Iterator<Item = u16> + '_ {
    bytes.as_chunks::<2>().0.iter().map(|pair| u16::from_le_bytes(*pair))
}

/// Lays a container's customers out as bits, in the place of what was there.
pub(super) fn lay_out(kind: Kind, bytes: &[u8], words: &mut Bits) {
    match kind {
        Kind::Bits => {
            let bits = bytes.as_chunks::<8>().0.iter().map(|word| u64::from_le_bytes(*word));
            words.iter_mut().zip(bits).for_each(|(word, bits)| *word = bits);
        }
        Kind::Array => {
            words.fill(0);
            each_number(bytes, |number| words[usize::from(number >> 6)] |= 1 << (number & 63));
        }
        Kind::Runs => {
            words.fill(0);
            each_run(bytes, |word, bits| words[word] |= bits);
        }
    }
}

/// Adds a container's customers to those laid out.
pub(super) fn add(kind: Kind, bytes: &[u8], words: &mut Bits) {
    match kind {
        Kind::Bits => {
            let bits = bytes.as_chunks::<8>().0.iter().map(|word| u64::from_le_bytes(*word));
            words.iter_mut().zip(bits).for_each(|(word, bits)| *word |= bits);
        }
        Kind::Array => each_number(bytes, |number| words[usize::from(number >> 6)] |= 1 << (number & 63)),
        Kind::Runs => each_run(bytes, |word, bits| words[word] |= bits),
    }
}

/// Takes a container's customers from those laid out.
pub(super) fn take(kind: Kind, bytes: &[u8], words: &mut Bits) {
    match kind {
        Kind::Bits => {
            let bits = bytes.as_chunks::<8>().0.iter().map(|word| u64::from_le_bytes(*word));
            words.iter_mut().zip(bits).for_each(|(word, bits)| *word &= !bits);
        }
        Kind::Array => each_number(bytes, |number| words[usize::from(number >> 6)] &= !(1 << (number & 63))),
        Kind::Runs => each_run(bytes, |word, bits| words[word] &= !bits),
    }
}

/// Calls `each` with every number of a list. Numbers that follow each other are often in one word, which is then changed again before
/// the last change is through; so four stretches of the list are walked side by side.
#[inline(always)]
fn each_number(bytes: &[u8], mut each: impl FnMut(u16)) {
    let list = bytes.as_chunks::<2>().0;
    let quarter = list.len() / 4;
    let (first, rest) = list.split_at(quarter);
    let (second, rest) = rest.split_at(quarter);
    let (third, rest) = rest.split_at(quarter);
    let (fourth, rest) = rest.split_at(quarter);
    for ((first, second), (third, fourth)) in first.iter().zip(second).zip(third.iter().zip(fourth)) {
        each(u16::from_le_bytes(*first));
        each(u16::from_le_bytes(*second));
        each(u16::from_le_bytes(*third));
        each(u16::from_le_bytes(*fourth));
    }
    rest.iter().for_each(|pair| each(u16::from_le_bytes(*pair)));
}

/// Calls `each` with every word that has numbers of a run, and their bits.
fn each_run(bytes: &[u8], mut each: impl FnMut(usize, u64)) {
    for run in bytes.get(2..).unwrap_or_default().as_chunks::<4>().0 {
        let (start, more) = (u16::from_le_bytes([run[0], run[1]]), u16::from_le_bytes([run[2], run[3]]));
        let end = start.saturating_add(more);
        for word in start >> 6..=end >> 6 {
            let first = if word == start >> 6 { start & 63 } else { 0 };
            let last = if word == end >> 6 { end & 63 } else { 63 };
            each(usize::from(word), u64::MAX << first & u64::MAX >> (63 - last));
        }
    }
}

fn long(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|four| u32::from_le_bytes(*four))
}

fn short(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk().map(|two| u16::from_le_bytes(*two))
}
