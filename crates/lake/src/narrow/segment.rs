//! A segment: all rows of some customers, as columns in few bytes.
//!
//! | section | what is in it | bytes |
//! | --- | --- | --- |
//! | people | the customer of each history, ascending | 4 each |
//! | ends | the row after the last of each history | 4 each |
//! | kinds | the kind of each row, in order of customer and time | 1 or 2 each |
//! | times | the time of each row | [`Packing`] |
//! | lists | for each kind that occurs: the number of each of its rows, then their times | 4 and [`Packing`] |
//!
//! The first four are the history of everybody, read from end to end. A list is what a question reads that asks for few kinds: its
//! rows by customer and time, and their numbers say where they stand among the others.

use std::{
    fs::File,
    io::{Read as _, Seek as _, SeekFrom},
    ops::{Range, RangeInclusive},
    sync::Arc,
};

use serde::{Deserialize, Serialize};

use super::packed::{Found, Packing};

/// All times.
pub(super) const EVER: RangeInclusive<i64> = i64::MIN..=i64::MAX;
/// Rows after which a segment ends with the customer at hand.
pub(super) const SEGMENT_ROWS: usize = 1 << 20;

/// What is written of a segment beside its bytes.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Segment {
    /// Where it starts in its file.
    pub(super) start: u64,
    pub(super) people: usize,
    pub(super) rows: usize,
    times: Packing,
    /// Bytes of a kind.
    kind_width: usize,
    /// The kinds that occur, ascending, and how many rows each has.
    pub(super) lists: Vec<(u16, usize)>,
}

/// The rows of a segment while they are gathered.
#[derive(Debug, Default)]
pub(super) struct SegmentRows {
    people: Vec<u32>,
    ends: Vec<u32>,
    kinds: Vec<u16>,
    times: Vec<i64>,
}

impl SegmentRows {
    pub(super) fn len(&self) -> usize {
        self.kinds.len()
    }

    /// Whether a row of this customer can be the next: of the customer at hand, or of a later one.
    pub(super) fn takes(&self, customer: u32) -> bool {
        self.people.last().is_none_or(|last| *last <= customer)
    }

    /// Whether the segment should end before a row of this customer.
    pub(super) fn is_full_before(&self, customer: u32) -> bool {
        self.len() >= SEGMENT_ROWS && self.people.last() != Some(&customer)
    }

    /// Adds a row after all others.
    pub(super) fn push(&mut self, customer: u32, time: i64, kind: u16) {
        if self.people.last() != Some(&customer) {
            self.people.push(customer);
            self.ends.push(0);
        }
        self.kinds.push(kind);
        self.times.push(time);
        if let Some(end) = self.ends.last_mut() {
            // A customer's rows are cut off by the caller before their number has more than 32 bits.
            *end = self.kinds.len() as u32;
        }
    }

    /// The segment's bytes, appended, and what is to be known of them; empty again afterwards.
    pub(super) fn finish(&mut self, start: u64, bytes: &mut Vec<u8>) -> Segment {
        let rows = std::mem::take(self);
        let packing = Packing::of(&rows.times);
        let kind_width = if rows.kinds.iter().all(|kind| *kind <= u16::from(u8::MAX)) { 1 } else { 2 };
        bytes.extend(rows.people.iter().chain(&rows.ends).flat_map(|number| number.to_le_bytes()));
        bytes.extend(rows.kinds.iter().flat_map(|kind| kind.to_le_bytes().into_iter().take(kind_width)));
        packing.pack(&rows.times, bytes);
        let lists = rows.pack_lists(packing, bytes);
        Segment { start, people: rows.people.len(), rows: rows.len(), times: packing, kind_width, lists }
    }

    fn pack_lists(&self, packing: Packing, bytes: &mut Vec<u8>) -> Vec<(u16, usize)> {
        let kinds = self.kinds.iter().max().map_or(0, |most| usize::from(*most) + 1);
        let mut lists: Vec<(Vec<u32>, Vec<i64>)> = vec![Default::default(); kinds];
        for (row, (kind, time)) in (0u32..).zip(self.kinds.iter().zip(&self.times)) {
            let (rows, times) = &mut lists[usize::from(*kind)];
            rows.push(row);
            times.push(*time);
        }
        let mut counts = Vec::new();
        for (kind, (rows, times)) in (0u16..).zip(&lists).filter(|(_, (rows, _))| !rows.is_empty()) {
            bytes.extend(rows.iter().flat_map(|row| row.to_le_bytes()));
            packing.pack(times, bytes);
            counts.push((kind, rows.len()));
        }
        counts
    }
}

/// Where the sections of a segment are, counted from its start.
impl Segment {
    fn kinds_at(&self) -> usize {
        8 * self.people
    }

    fn times_at(&self) -> usize {
        self.kinds_at() + self.kind_width * self.rows
    }

    fn lists_at(&self) -> usize {
        self.times_at() + self.times.width() * self.rows
    }

    fn list_len(&self, rows: usize) -> usize {
        (4 + self.times.width()) * rows
    }

    /// Whether what was read of it can be so.
    pub(super) fn is_sound(&self) -> bool {
        let rows: usize = self.lists.iter().map(|(_, rows)| *rows).sum();
        let limit = u32::MAX as usize;
        self.times.is_sound() && matches!(self.kind_width, 1 | 2) && rows == self.rows && rows.max(self.people) < limit
    }
}

/// A file of segments that is open.
#[derive(Debug, Clone)]
pub(super) struct SegmentFile {
    pub(super) file: Arc<File>,
}

/// Numbers of people and where their rows end.
#[derive(Debug, Default)]
pub(super) struct People {
    pub(super) numbers: Vec<u32>,
    pub(super) ends: Vec<u32>,
}

/// Bytes that are read over and over.
pub(super) type Scratch = Vec<u8>;

impl SegmentFile {
    fn read<'a>(&self, segment: &Segment, at: Range<usize>, scratch: &'a mut Scratch) -> std::io::Result<&'a [u8]> {
        let mut file = &*self.file;
        file.seek(SeekFrom::Start(segment.start + at.start as u64))?;
        scratch.clear();
        file.take(at.len() as u64).read_to_end(scratch)?;
        if scratch.len() == at.len() { Ok(scratch) } else { Err(std::io::ErrorKind::UnexpectedEof.into()) }
    }

    /// Whose rows there are.
    pub(super) fn people(&self, segment: &Segment, scratch: &mut Scratch) -> std::io::Result<People> {
        let bytes = self.read(segment, 0..segment.kinds_at(), scratch)?;
        let (numbers, ends) = bytes.split_at(4 * segment.people);
        Ok(People { numbers: numbers_of(numbers), ends: numbers_of(ends) })
    }

    /// Kinds and times of some rows, appended.
    pub(super) fn history(
        &self,
        segment: &Segment,
        rows: Range<usize>,
        kinds: &mut Vec<u16>,
        times: &mut Vec<i64>,
        scratch: &mut Scratch,
    ) -> std::io::Result<()> {
        let (at, width) = (segment.kinds_at(), segment.kind_width);
        let bytes = self.read(segment, at + rows.start * width..at + rows.end * width, scratch)?;
        match width {
            1 => kinds.extend(bytes.iter().map(|kind| u16::from(*kind))),
            _ => kinds.extend(bytes.as_chunks::<2>().0.iter().map(|kind| u16::from_le_bytes(*kind))),
        }
        let (at, width) = (segment.times_at(), segment.times.width());
        let bytes = self.read(segment, at + rows.start * width..at + rows.end * width, scratch)?;
        segment.times.unpack(bytes, times);
        Ok(())
    }

    /// Calls `each` with every list whose kind is wanted: the kind, and numbers and times of the rows in a range of times.
    pub(super) fn lists(
        &self,
        segment: &Segment,
        wanted: impl Fn(u16) -> bool,
        range: &RangeInclusive<i64>,
        scratch: &mut Scratch,
        mut each: impl FnMut(u16, Vec<u32>, Vec<i64>),
    ) -> std::io::Result<()> {
        let mut at = segment.lists_at();
        for (kind, rows) in &segment.lists {
            let end = at + segment.list_len(*rows);
            if wanted(*kind) {
                let (numbers, packed) = self.read(segment, at..end, scratch)?.split_at(4 * rows);
                if *range == EVER {
                    let mut times = Vec::with_capacity(*rows);
                    segment.times.unpack(packed, &mut times);
                    each(*kind, numbers_of(numbers), times);
                } else {
                    let mut found = Found::default();
                    segment.times.unpack_within((numbers, packed), range, &mut found);
                    each(*kind, found.rows, found.times);
                }
            }
            at = end;
        }
        Ok(())
    }
}

fn numbers_of(bytes: &[u8]) -> Vec<u32> {
    bytes.as_chunks::<4>().0.iter().map(|number| u32::from_le_bytes(*number)).collect()
}
