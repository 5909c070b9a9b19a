//! A segment: all rows of some customers, as columns in few bytes.
//!
//! | section | what is in it | bytes |
//! | --- | --- | --- |
//! | people | the customer of each history, ascending | 4 each |
//! | ends | the row after the last of each history | 4 each |
//! | blocks | of [`BLOCK_ROWS`] rows each, in order of customer and time: the kinds of all, then the times of all | 1 or 2, and [`Packing`] |
//! | measures | of each column of numbers: the number of each row that has a value, unless all have; the values | 0 or 4, and [`Packing`] |
//! | lists | of rows of one kind: the number of each, then their times | 4 and [`Packing`] |
//!
//! The first three are the history of everybody, read from end to end, a block at a time. Lists are what a question reads that asks for
//! few kinds: their rows lie by customer and time, and their numbers say where they stand among the others. A kind with many rows has a
//! list for each of [`SLICES`] spans of time, so that a question about few weeks passes over the rest.

use std::{
    fs::File,
    io::{Read as _, Seek as _, SeekFrom},
    ops::{Range, RangeInclusive},
    sync::{Arc, Mutex, PoisonError},
};

use serde::{Deserialize, Serialize};

use super::packed::{Found, Packing};

/// All times.
pub(super) const EVER: RangeInclusive<i64> = i64::MIN..=i64::MAX;
/// Rows after which a segment ends with the customer at hand.
pub(super) const SEGMENT_ROWS: usize = 1 << 20;
/// Rows of a block: they, and what is made of them, stay in the cache of a core.
pub(super) const BLOCK_ROWS: usize = 16 * 1024;
/// Into how many equal spans the time of a segment is cut for kinds with many rows.
const SLICES: u64 = 16;
/// Rows of a kind from which on each slice has a list of its own.
const SLICED_ROWS: usize = 8 * 1024;

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
    /// The columns of numbers, as the manifest names them.
    measures: Vec<Column>,
    /// The kinds that occur, ascending; lists of one kind by time.
    pub(super) lists: Vec<List>,
}

/// A column of numbers as it is written.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Column {
    values: usize,
    packing: Packing,
    /// Whether every row has a value.
    full: bool,
}

impl Column {
    fn len(&self) -> usize {
        self.values * (self.packing.width() + if self.full { 0 } else { 4 })
    }
}

/// The values of a column of numbers.
#[derive(Debug, Default)]
pub(super) struct Measure {
    /// The rows that have a value; all of them without.
    pub(super) rows: Option<Vec<u32>>,
    pub(super) values: Vec<i64>,
}

/// Some rows of a kind.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) struct List {
    pub(super) kind: u16,
    pub(super) rows: usize,
    /// The earliest and the latest time.
    pub(super) first: i64,
    pub(super) last: i64,
}

/// A list that a question reads.
pub(super) struct WantedList<'a> {
    pub(super) list: &'a List,
    /// Where it starts, counted from the segment's start.
    at: usize,
}

/// The rows of a segment while they are gathered.
#[derive(Debug, Default)]
pub(super) struct SegmentRows {
    people: Vec<u32>,
    ends: Vec<u32>,
    kinds: Vec<u16>,
    times: Vec<i64>,
    measures: Vec<Listed>,
}

impl SegmentRows {
    /// None yet, with so many columns of numbers.
    pub(super) fn with_measures(measures: usize) -> Self {
        Self { measures: vec![Listed::default(); measures], ..Self::default() }
    }

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

    /// Gives the row that was added last a number.
    pub(super) fn measure(&mut self, column: usize, value: i64) {
        let row = self.kinds.len().saturating_sub(1) as u32;
        if let Some(measure) = self.measures.get_mut(column) {
            measure.push(row, value);
        }
    }

    /// The segment's bytes, appended, and what is to be known of them; empty again afterwards.
    pub(super) fn finish(&mut self, start: u64, bytes: &mut Vec<u8>) -> Segment {
        let rows = std::mem::replace(self, Self::with_measures(self.measures.len()));
        let packing = Packing::of(&rows.times);
        let kind_width = if rows.kinds.iter().all(|kind| *kind <= u16::from(u8::MAX)) { 1 } else { 2 };
        bytes.extend(rows.people.iter().chain(&rows.ends).flat_map(|number| number.to_le_bytes()));
        for (kinds, times) in rows.kinds.chunks(BLOCK_ROWS).zip(rows.times.chunks(BLOCK_ROWS)) {
            bytes.extend(kinds.iter().flat_map(|kind| kind.to_le_bytes().into_iter().take(kind_width)));
            packing.pack(times, bytes);
        }
        let measures = rows.measures.iter().map(|measure| measure.pack(rows.len(), bytes)).collect();
        let lists = rows.pack_lists(packing, bytes);
        let (people, rows) = (rows.people.len(), rows.len());
        Segment { start, people, rows, times: packing, kind_width, measures, lists }
    }

    fn pack_lists(&self, packing: Packing, bytes: &mut Vec<u8>) -> Vec<List> {
        let kinds = self.kinds.iter().max().map_or(0, |most| usize::from(*most) + 1);
        let mut by_kind: Vec<Listed> = vec![Listed::default(); kinds];
        for (row, (kind, time)) in (0u32..).zip(self.kinds.iter().zip(&self.times)) {
            by_kind[usize::from(*kind)].push(row, *time);
        }
        let first = self.times.iter().copied().min().unwrap_or_default();
        let last = self.times.iter().copied().max().unwrap_or_default();
        let span = last.abs_diff(first) / SLICES + 1;
        let mut lists = Vec::new();
        for (kind, listed) in (0u16..).zip(by_kind).filter(|(_, listed)| !listed.rows.is_empty()) {
            let slices = if listed.rows.len() < SLICED_ROWS { vec![listed] } else { listed.sliced(first, span) };
            for listed in slices {
                bytes.extend(listed.rows.iter().flat_map(|row| row.to_le_bytes()));
                packing.pack(&listed.times, bytes);
                lists.extend(listed.about(kind));
            }
        }
        lists
    }
}

/// Numbers of rows, with a time or another value of each, while they are gathered.
#[derive(Debug, Clone, Default)]
struct Listed {
    rows: Vec<u32>,
    times: Vec<i64>,
}

impl Listed {
    fn pack(&self, rows: usize, bytes: &mut Vec<u8>) -> Column {
        let (packing, full) = (Packing::of(&self.times), self.rows.len() == rows);
        if !full {
            bytes.extend(self.rows.iter().flat_map(|row| row.to_le_bytes()));
        }
        packing.pack(&self.times, bytes);
        Column { values: self.rows.len(), packing, full }
    }

    fn push(&mut self, row: u32, time: i64) {
        self.rows.push(row);
        self.times.push(time);
    }

    /// The rows of each span of time from `first` on, in the order they are.
    fn sliced(&self, first: i64, span: u64) -> Vec<Self> {
        let mut slices = vec![Self::default(); SLICES as usize];
        for (row, time) in self.rows.iter().zip(&self.times) {
            let slice = (time.abs_diff(first) / span).min(SLICES - 1);
            slices[slice as usize].push(*row, *time);
        }
        slices
    }

    /// What is to be known of it; nothing of one without a row.
    fn about(&self, kind: u16) -> Option<List> {
        let (first, last) = self.times.iter().min().zip(self.times.iter().max())?;
        Some(List { kind, rows: self.rows.len(), first: *first, last: *last })
    }
}

/// Where the sections of a segment are, counted from its start.
impl Segment {
    fn blocks_at(&self) -> usize {
        8 * self.people
    }

    fn row_len(&self) -> usize {
        self.kind_width + self.times.width()
    }

    /// Where a block with these rows is.
    fn block_at(&self, rows: &Range<usize>) -> usize {
        self.blocks_at() + rows.start * self.row_len()
    }

    fn measure_at(&self, measure: usize) -> usize {
        let before: usize = self.measures.iter().take(measure).map(Column::len).sum();
        self.blocks_at() + self.row_len() * self.rows + before
    }

    fn lists_at(&self) -> usize {
        self.measure_at(self.measures.len())
    }

    fn list_len(&self, list: &List) -> usize {
        (4 + self.times.width()) * list.rows
    }

    /// The rows of a block, by its number; none after the last.
    pub(super) fn block(&self, number: usize) -> Range<usize> {
        let start = number.saturating_mul(BLOCK_ROWS).min(self.rows);
        start..(start + BLOCK_ROWS).min(self.rows)
    }

    /// The lists with rows that may count: those of wanted kinds whose times overlap a range.
    pub(super) fn wanted_lists(
        &self,
        kind: impl Fn(u16) -> bool,
        range: &RangeInclusive<i64>,
    ) -> impl Iterator<Item = WantedList<'_>> {
        let mut next = self.lists_at();
        let placed = self.lists.iter().map(move |list| {
            let at = next;
            next += self.list_len(list);
            WantedList { list, at }
        });
        placed.filter(move |WantedList { list, .. }| {
            kind(list.kind) && list.first <= *range.end() && *range.start() <= list.last
        })
    }

    /// Whether what was read of it can be so.
    pub(super) fn is_sound(&self, count: usize) -> bool {
        let rows: usize = self.lists.iter().map(|list| list.rows).sum();
        let limit = u32::MAX as usize;
        let of_rows = |column: &Column| match column.full {
            true => column.values == self.rows,
            false => column.values < self.rows,
        };
        let measures = self.measures.iter().all(|column| column.packing.is_sound() && of_rows(column));
        let measures = measures && self.measures.len() == count;
        measures
            && self.times.is_sound()
            && matches!(self.kind_width, 1 | 2)
            && rows == self.rows
            && rows.max(self.people) < limit
    }
}

/// A file of segments that is open.
#[derive(Debug, Clone)]
pub(super) struct SegmentFile {
    /// Read by one at a time: a question may have the same part twice, and a file has one place at which it is read.
    file: Arc<Mutex<File>>,
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
    pub(super) fn new(file: File) -> Self {
        Self { file: Arc::new(Mutex::new(file)) }
    }

    fn read<'a>(&self, segment: &Segment, at: Range<usize>, scratch: &'a mut Scratch) -> std::io::Result<&'a [u8]> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(segment.start + at.start as u64))?;
        // In one call, into bytes that are there: `read_to_end` asks for 8 kB, then 16, then 24.
        if scratch.len() < at.len() {
            scratch.resize(at.len(), 0);
        }
        let bytes = scratch.get_mut(..at.len()).unwrap_or_default();
        file.read_exact(bytes)?;
        Ok(bytes)
    }

    /// Whose rows there are.
    pub(super) fn people(&self, segment: &Segment, scratch: &mut Scratch) -> std::io::Result<People> {
        let bytes = self.read(segment, 0..segment.blocks_at(), scratch)?;
        let (numbers, ends) = bytes.split_at(4 * segment.people);
        Ok(People { numbers: numbers_of(numbers), ends: numbers_of(ends) })
    }

    /// Kinds and times of a block's rows, in the place of those before.
    pub(super) fn block(
        &self,
        segment: &Segment,
        rows: &Range<usize>,
        kinds: &mut Vec<u16>,
        times: &mut Vec<i64>,
        scratch: &mut Scratch,
    ) -> std::io::Result<()> {
        let at = segment.block_at(rows);
        let bytes = self.read(segment, at..at + rows.len() * segment.row_len(), scratch)?;
        let (packed_kinds, packed_times) = bytes.split_at(segment.kind_width * rows.len());
        kinds.clear();
        match segment.kind_width {
            1 => kinds.extend(packed_kinds.iter().map(|kind| u16::from(*kind))),
            _ => kinds.extend(packed_kinds.as_chunks::<2>().0.iter().map(|kind| u16::from_le_bytes(*kind))),
        }
        times.resize(rows.len(), 0);
        segment.times.unpack(packed_times, times);
        Ok(())
    }

    /// Times of a block's rows, in the place of those before; kinds are not read.
    pub(super) fn times_of_block(
        &self,
        segment: &Segment,
        rows: &Range<usize>,
        times: &mut Vec<i64>,
        scratch: &mut Scratch,
    ) -> std::io::Result<()> {
        let at = segment.block_at(rows) + segment.kind_width * rows.len();
        let bytes = self.read(segment, at..at + rows.len() * segment.times.width(), scratch)?;
        times.resize(rows.len(), 0);
        segment.times.unpack(bytes, times);
        Ok(())
    }

    /// A column of numbers, by its place.
    pub(super) fn measure(&self, segment: &Segment, place: usize, scratch: &mut Scratch) -> std::io::Result<Measure> {
        let column = segment.measures.get(place).ok_or(std::io::ErrorKind::InvalidData)?;
        let at = segment.measure_at(place);
        let bytes = self.read(segment, at..at + column.len(), scratch)?;
        let (rows, values) = bytes.split_at(if column.full { 0 } else { 4 * column.values });
        let mut measure = Measure { rows: (!column.full).then(|| numbers_of(rows)), values: vec![0; column.values] };
        column.packing.unpack(values, &mut measure.values);
        Ok(measure)
    }

    /// The rows of a list in a range of times, by number, and their times: none of them where every row counts and they are not asked for.
    pub(super) fn list(
        &self,
        segment: &Segment,
        wanted: &WantedList<'_>,
        range: &RangeInclusive<i64>,
        timed: bool,
        scratch: &mut Scratch,
    ) -> std::io::Result<Found> {
        let (at, list) = (wanted.at, wanted.list);
        let whole = range.contains(&list.first) && range.contains(&list.last);
        let length = if timed || !whole { segment.list_len(list) } else { 4 * list.rows };
        let (rows, packed) = self.read(segment, at..at + length, scratch)?.split_at(4 * list.rows);
        let mut found = Found::default();
        if whole {
            found = Found { rows: numbers_of(rows), times: vec![0; if timed { list.rows } else { 0 }] };
            segment.times.unpack(packed, &mut found.times);
        } else {
            segment.times.unpack_within((rows, packed), range, &mut found);
        }
        Ok(found)
    }
}

fn numbers_of(bytes: &[u8]) -> Vec<u32> {
    bytes.as_chunks::<4>().0.iter().map(|number| u32::from_le_bytes(*number)).collect()
}
