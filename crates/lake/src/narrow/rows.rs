//! The rows of a part, as the session sees them and the question wants them.

use std::{
    ops::{Range, RangeInclusive},
    sync::Arc,
};

use arrow::{
    array::{
        Array, ArrayData, ArrayRef, AsArray, DictionaryArray, Int64Array, RecordBatch, TimestampMicrosecondArray,
        UInt8Array, UInt16Array, UInt32Array,
    },
    buffer::Buffer,
    compute::take,
    datatypes::{DataType, SchemaRef, UInt8Type, UInt16Type},
};

use super::{
    kinds::KINDS_MAX,
    segment::{EVER, People, Scratch, Segment, SegmentFile},
};
use crate::{LakeError, read::CustomerSet};

/// What a question makes of rows.
pub(super) struct Answer {
    pub(super) schema: SchemaRef,
    pub(super) kinds: KindTable,
    /// Which times are wanted, microseconds UTC.
    pub(super) times: RangeInclusive<i64>,
    /// Whose rows are seen; everybody's without.
    pub(super) customers: Option<Arc<CustomerSet>>,
}

/// What a question says of each kind.
pub(super) struct KindTable {
    passes: Box<[bool; KINDS_MAX]>,
    all_pass: bool,
    passing: usize,
    columns: Vec<Values>,
}

/// The values of an expression by kind.
enum Values {
    Text(ArrayRef),
    Bits(Box<[u8; KINDS_MAX]>),
    Other(ArrayRef),
}

impl KindTable {
    /// `places` has no value for kinds that do not pass; `columns` have a value for each kind.
    pub(super) fn new(places: &UInt32Array, columns: Vec<ArrayRef>) -> Self {
        let mut passes = Box::new([false; KINDS_MAX]);
        passes.iter_mut().zip(0..places.len()).for_each(|(pass, kind)| *pass = places.is_valid(kind));
        let passing = places.len() - places.null_count();
        let columns = columns.into_iter().map(|column| Values::of(column, places)).collect();
        Self { passes, all_pass: passing == places.len(), passing, columns }
    }

    /// How many kinds pass.
    pub(super) fn passing(&self) -> usize {
        self.passing
    }

    /// Adds what it says of every kind.
    pub(super) fn digest(&self, hasher: &mut blake3::Hasher) {
        hasher.update(&self.passes.map(u8::from));
        for column in &self.columns {
            match column {
                Values::Text(values) | Values::Other(values) => digest(&values.to_data(), hasher),
                Values::Bits(bits) => {
                    hasher.update(&bits[..]);
                }
            }
        }
    }

    /// The types of the columns.
    pub(super) fn types(&self) -> impl Iterator<Item = DataType> {
        self.columns.iter().map(Values::data_type)
    }

    /// Whether the answer depends on kinds.
    fn are_asked(&self) -> bool {
        !self.all_pass || !self.columns.is_empty()
    }

    #[inline]
    pub(super) fn passes(&self, kind: u16) -> bool {
        self.passes[usize::from(kind) % KINDS_MAX]
    }
}

impl Values {
    fn of(column: ArrayRef, places: &UInt32Array) -> Self {
        match column.data_type() {
            DataType::Utf8 | DataType::Utf8View | DataType::LargeUtf8 => Self::Text(column),
            DataType::UInt8 if column.null_count() == places.null_count() => {
                let mut bits = Box::new([0; KINDS_MAX]);
                let values = column.as_primitive::<UInt8Type>();
                bits.iter_mut().zip(values.iter()).for_each(|(bits, value)| *bits = value.unwrap_or_default());
                Self::Bits(bits)
            }
            _ => Self::Other(column),
        }
    }

    fn data_type(&self) -> DataType {
        match self {
            Self::Text(values) => {
                DataType::Dictionary(Box::new(DataType::UInt16), Box::new(values.data_type().clone()))
            }
            Self::Bits(_) => DataType::UInt8,
            Self::Other(values) => values.data_type().clone(),
        }
    }

    fn of_rows(&self, kinds: &UInt16Array) -> Result<ArrayRef, LakeError> {
        Ok(match self {
            Self::Text(values) => Arc::new(dictionary(kinds, values)?),
            Self::Bits(bits) => {
                let bits: Vec<u8> = kinds.values().iter().map(|kind| bits[usize::from(*kind) % KINDS_MAX]).collect();
                Arc::new(UInt8Array::from(bits))
            }
            Self::Other(values) => take(values, kinds, None)?,
        })
    }
}

/// Adds an array: all that it is made of, so that what has the same digest has the same values.
fn digest(data: &ArrayData, hasher: &mut blake3::Hasher) {
    let about = format!("{:?} {} {} {}", data.data_type(), data.offset(), data.len(), data.buffers().len());
    hasher.update(about.as_bytes());
    let nulls = data.nulls().map(|nulls| nulls.iter().map(u8::from).collect::<Vec<_>>());
    for bytes in nulls.iter().map(Vec::as_slice).chain(data.buffers().iter().map(Buffer::as_slice)) {
        hasher.update(&(bytes.len() as u64).to_le_bytes());
        hasher.update(bytes);
    }
    data.child_data().iter().for_each(|child| digest(child, hasher));
}

/// The values of rows as a dictionary: kinds are its keys.
#[allow(unsafe_code, reason = "the keys were looked at, all at once and not one by one")]
fn dictionary(kinds: &UInt16Array, values: &ArrayRef) -> Result<DictionaryArray<UInt16Type>, LakeError> {
    let highest = kinds.values().iter().copied().max().map_or(0, usize::from);
    if highest >= values.len() || kinds.null_count() > 0 {
        return Err(damaged());
    }
    // SAFETY: a dictionary array must not have a key at or beyond the end of its values. The highest key is below it, by the lines above, and
    // keys are unsigned; there are no nulls behind which another could hide.
    Ok(unsafe { DictionaryArray::new_unchecked(kinds.clone(), Arc::clone(values)) })
}

/// The rows of one part, batch by batch.
pub(super) struct NarrowRows {
    answer: Arc<Answer>,
    file: SegmentFile,
    segments: std::vec::IntoIter<Segment>,
    by_list: bool,
    at_hand: Option<History>,
    scratch: Scratch,
}

/// A segment that is read from end to end.
struct History {
    segment: Segment,
    people: People,
    /// The next block, and whose its first row is.
    block: usize,
    person: usize,
}

/// Rows of a batch.
#[derive(Default)]
struct Rows {
    customers: Vec<i64>,
    times: Vec<i64>,
    kinds: Vec<u16>,
}

impl NarrowRows {
    pub(super) fn new(answer: &Arc<Answer>, file: &SegmentFile, segments: Vec<Segment>, by_list: bool) -> Self {
        let (answer, file, segments) = (Arc::clone(answer), file.clone(), segments.into_iter());
        Self { answer, file, segments, by_list, at_hand: None, scratch: Scratch::new() }
    }

    /// The next batch that has a row; `None` after the last.
    pub(super) fn next(&mut self) -> Option<Result<RecordBatch, LakeError>> {
        loop {
            let rows = match self.read().transpose()? {
                Ok(rows) if rows.times.is_empty() => continue,
                Ok(rows) => rows,
                Err(error) => return Some(Err(error)),
            };
            return Some(self.answer.batch(rows));
        }
    }

    fn read(&mut self) -> Result<Option<Rows>, LakeError> {
        if self.by_list {
            return self.segments.next().map(|segment| self.read_lists(&segment)).transpose();
        }
        let mut history = match self.at_hand.take() {
            Some(history) if !history.segment.block(history.block).is_empty() => history,
            _ => {
                let Some(segment) = self.segments.next() else { return Ok(None) };
                let people = self.file.people(&segment, &mut self.scratch).map_err(unreadable)?;
                History { segment, people, block: 0, person: 0 }
            }
        };
        let rows = self.read_history(&mut history)?;
        self.at_hand = Some(history);
        Ok(Some(rows))
    }

    fn read_history(&mut self, history: &mut History) -> Result<Rows, LakeError> {
        let wanted = history.segment.block(history.block);
        let (mut rows, answer, scratch) = (Rows::default(), &self.answer, &mut self.scratch);
        let read = match answer.kinds.are_asked() {
            true => self.file.block(&history.segment, &wanted, &mut rows.kinds, &mut rows.times, scratch),
            false => self.file.times_of_block(&history.segment, &wanted, &mut rows.times, scratch),
        };
        read.map_err(unreadable)?;
        let seen = history.customers(wanted, answer, &mut rows.customers)?;
        rows.keep_histories(&seen);
        if !answer.kinds.all_pass {
            let pass = rows.kinds.iter().map(|kind| answer.kinds.passes(*kind)).collect();
            rows = rows.keep(Some(pass));
        }
        let in_time = answer.in_time(&rows.times);
        Ok(rows.keep(in_time))
    }

    fn read_lists(&mut self, segment: &Segment) -> Result<Rows, LakeError> {
        let answer = &self.answer;
        let mut lists = Vec::new();
        for wanted in segment.wanted_lists(|kind| answer.kinds.passes(kind), &answer.times) {
            let found = self.file.list(segment, &wanted, &answer.times, true, &mut self.scratch).map_err(unreadable)?;
            if !found.rows.is_empty() {
                lists.push(Listed { kind: wanted.list.kind, numbers: found.rows, times: found.times });
            }
        }
        if lists.is_empty() {
            return Ok(Rows::default());
        }
        let people = self.file.people(segment, &mut self.scratch).map_err(unreadable)?;
        let (numbers, mut rows) = in_order(lists, segment.rows)?;
        let seen = people.of_rows(&numbers, answer, &mut rows.customers)?;
        Ok(rows.keep(seen))
    }
}

/// Rows of one kind in a segment.
struct Listed {
    kind: u16,
    numbers: Vec<u32>,
    times: Vec<i64>,
}

/// Lists as one, by number of row. A bit is set for each row; how many are set before it says where it goes.
fn in_order(mut lists: Vec<Listed>, rows: usize) -> Result<(Vec<u32>, Rows), LakeError> {
    if lists.len() == 1
        && let Some(Listed { kind, numbers, times }) = lists.pop()
    {
        let kinds = vec![kind; numbers.len()];
        return Ok((numbers, Rows { customers: Vec::new(), times, kinds }));
    }
    let mut set = vec![0u64; rows / 64 + 1];
    for row in lists.iter().flat_map(|list| &list.numbers) {
        *set.get_mut((row >> 6) as usize).ok_or_else(damaged)? |= 1 << (row & 63);
    }
    let mut before = Vec::with_capacity(set.len());
    let mut many = 0u32;
    for word in &set {
        before.push(many);
        many += word.count_ones();
    }
    let many = many as usize;
    let mut numbers = vec![0; many];
    let mut ordered = Rows { customers: Vec::new(), times: vec![0; many], kinds: vec![0; many] };
    for Listed { kind, numbers: rows, times } in lists {
        for (row, time) in rows.into_iter().zip(times) {
            let word = (row >> 6) as usize;
            let place = (before[word] + (set[word] & ((1 << (row & 63)) - 1)).count_ones()) as usize;
            (numbers[place], ordered.times[place], ordered.kinds[place]) = (row, time, kind);
        }
    }
    Ok((numbers, ordered))
}

impl History {
    /// The customers of those of the next rows that are seen, appended, and which rows these are, counted from the first: few ranges, since whole
    /// histories are seen or not.
    fn customers(
        &mut self,
        rows: Range<usize>,
        answer: &Answer,
        customers: &mut Vec<i64>,
    ) -> Result<Vec<Range<usize>>, LakeError> {
        customers.reserve(rows.len());
        let mut seen: Vec<Range<usize>> = Vec::new();
        let mut row = rows.start;
        while row < rows.end {
            let (number, end) = self.people.get(self.person)?;
            let until = end.min(rows.end).max(row);
            if answer.customers.as_ref().is_none_or(|set| set.sees(number)) {
                customers.resize(customers.len() + until - row, number);
                let (from, to) = (row - rows.start, until - rows.start);
                match seen.last_mut() {
                    Some(last) if last.end == from => last.end = to,
                    _ => seen.push(from..to),
                }
            }
            row = until;
            self.person += usize::from(end <= row);
        }
        self.block += 1;
        Ok(seen)
    }
}

impl People {
    /// The customer of a history, and the row after its last.
    pub(super) fn get(&self, person: usize) -> Result<(i64, usize), LakeError> {
        let found = self.numbers.get(person).zip(self.ends.get(person));
        found.map(|(number, end)| (i64::from(*number), *end as usize)).ok_or_else(damaged)
    }

    /// The customers of ascending rows, appended, and which are seen; `None` for all.
    fn of_rows(&self, rows: &[u32], answer: &Answer, customers: &mut Vec<i64>) -> Result<Option<Vec<bool>>, LakeError> {
        let sees = |number| answer.customers.as_ref().is_none_or(|set| set.sees(number));
        let mut seen = Vec::with_capacity(if answer.customers.is_some() { rows.len() } else { 0 });
        let (mut person, mut at_hand, mut end, mut is_seen) = (0, 0, 0, true);
        for row in rows {
            while *row as usize >= end {
                (at_hand, end) = self.get(person)?;
                is_seen = sees(at_hand);
                person += 1;
            }
            customers.push(at_hand);
            if answer.customers.is_some() {
                seen.push(is_seen);
            }
        }
        Ok(answer.customers.is_some().then_some(seen))
    }
}

impl Rows {
    /// Leaves out kinds and times of rows that are not in these ranges, which ascend; the customers are theirs already.
    fn keep_histories(&mut self, seen: &[Range<usize>]) {
        retain_ranges(&mut self.times, seen);
        retain_ranges(&mut self.kinds, seen);
    }

    fn keep(mut self, keep: Option<Vec<bool>>) -> Self {
        if let Some(keep) = keep.filter(|keep| keep.contains(&false)) {
            retain(&mut self.customers, &keep);
            retain(&mut self.times, &keep);
            retain(&mut self.kinds, &keep);
        }
        self
    }
}

/// Leaves out what is in none of these ranges, which ascend. Nothing moves where the first begins at the first value.
fn retain_ranges<T: Copy>(values: &mut Vec<T>, ranges: &[Range<usize>]) {
    let mut kept = 0;
    for range in ranges {
        let range = range.start.min(values.len())..range.end.min(values.len());
        let many = range.len();
        if range.start > kept {
            values.copy_within(range, kept);
        }
        kept += many;
    }
    values.truncate(kept);
}

/// Leaves out what is not to be kept, without a branch a row.
fn retain<T: Copy>(values: &mut Vec<T>, keep: &[bool]) {
    let mut kept = 0;
    for (row, keep) in keep.iter().enumerate().take(values.len()) {
        values[kept] = values[row];
        kept += usize::from(*keep);
    }
    values.truncate(kept);
}

impl Answer {
    /// Which times are wanted; `None` for all.
    fn in_time(&self, times: &[i64]) -> Option<Vec<bool>> {
        let (first, last) = (*self.times.start(), *self.times.end());
        let wanted = |time: &i64| (first <= *time) & (*time <= last);
        (self.times != EVER).then(|| times.iter().map(wanted).collect())
    }

    fn batch(&self, rows: Rows) -> Result<RecordBatch, LakeError> {
        let kinds = UInt16Array::from(rows.kinds);
        let mut columns: Vec<ArrayRef> = vec![Arc::new(Int64Array::from(rows.customers))];
        columns.push(timed(rows.times, self.schema.field(1).data_type()));
        for values in &self.kinds.columns {
            columns.push(values.of_rows(&kinds)?);
        }
        Ok(RecordBatch::try_new(Arc::clone(&self.schema), columns)?)
    }
}

pub(super) fn timed(times: Vec<i64>, ty: &DataType) -> ArrayRef {
    let zone = match ty {
        DataType::Timestamp(_, zone) => zone.clone(),
        _ => None,
    };
    Arc::new(TimestampMicrosecondArray::from(times).with_timezone_opt(zone))
}

pub(super) fn damaged() -> LakeError {
    unreadable(std::io::ErrorKind::InvalidData.into())
}

pub(super) fn unreadable(error: std::io::Error) -> LakeError {
    LakeError::Narrow(error)
}
