//! From the rows of a segment to values of its customers.

use std::{fmt, sync::Arc};

use arrow::{
    array::{ArrayRef, Decimal128Array, Float64Array, Int64Array, RecordBatch},
    datatypes::{DataType, Field},
};

use super::{
    super::{
        manifest::Manifest,
        rows::{damaged, timed, unreadable},
        segment::{EVER, Measure, People, Scratch, Segment, SegmentFile},
    },
    question::{Function, Of, Value, Values, Wanted},
};
use crate::{LakeError, read::CustomerSet};

/// A value is read from lists where they hold at most one in so many rows; else from the history.
const LISTS_SHARE: usize = 3;

/// How the presence of customers (the first) and each value is found: from lists or from the history.
#[derive(Debug)]
pub(super) struct Ways {
    by_list: Vec<bool>,
}

impl Ways {
    pub(super) fn of(values: &Values, manifest: &Manifest) -> Self {
        let all: usize = manifest.parts.iter().flat_map(|part| &part.segments).map(|segment| segment.rows).sum();
        let listed = |wanted: &Wanted| {
            let segments = manifest.parts.iter().flat_map(|part| &part.segments);
            segments.map(|segment| lists_of(segment, wanted).map(|(_, rows)| rows).sum::<usize>()).sum::<usize>()
        };
        let by_list = |wanted: &Wanted| listed(wanted).saturating_mul(LISTS_SHARE) <= all;
        let wanted = std::iter::once(&values.present).chain(values.values.iter().map(|value| &value.wanted));
        Self { by_list: wanted.map(by_list).collect() }
    }

    fn by_list(&self, place: usize) -> bool {
        self.by_list.get(place).copied().unwrap_or(false)
    }
}

impl fmt::Display for Ways {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lists = self.by_list.iter().filter(|by_list| **by_list).count();
        write!(f, "from lists={lists}, from history={}", self.by_list.len() - lists)
    }
}

/// Lists with rows that may count, and how many rows each has.
fn lists_of<'a>(segment: &'a Segment, wanted: &'a Wanted) -> impl Iterator<Item = (usize, usize)> + 'a {
    let overlaps = |first, last| first <= *wanted.times.end() && *wanted.times.start() <= last;
    let lists = segment.lists.iter().enumerate();
    lists
        .filter(move |(_, list)| wanted.kind(list.kind) && overlaps(list.first, list.last))
        .map(|(n, list)| (n, list.rows))
}

/// Folds one part's segments.
pub(super) struct Folding {
    file: SegmentFile,
    values: Arc<Values>,
    ways: Arc<Ways>,
    customers: Option<Arc<CustomerSet>>,
    scratch: Scratch,
}

/// What was found of each customer of a segment.
struct Found {
    function: Function,
    of: Of,
    /// How many rows (with a value).
    counts: Vec<i64>,
    /// The least or the most.
    extremes: Vec<i64>,
    sums: Vec<i128>,
}

/// The rows of a block of the history.
#[derive(Default)]
struct Block {
    start: usize,
    kinds: Vec<u16>,
    times: Vec<i64>,
}

impl Folding {
    pub(super) fn new(
        file: SegmentFile,
        values: Arc<Values>,
        ways: Arc<Ways>,
        customers: Option<Arc<CustomerSet>>,
    ) -> Self {
        Self { file, values, ways, customers, scratch: Scratch::new() }
    }

    /// The groups of a segment, in the order of customers.
    pub(super) fn segment(&mut self, segment: &Segment) -> Result<RecordBatch, LakeError> {
        let people = self.file.people(segment, &mut self.scratch).map_err(unreadable)?;
        let values = Arc::clone(&self.values);
        let present = Value { function: Function::Count, of: Of::Rows, wanted: values.present.clone() };
        let all: Vec<&Value> = std::iter::once(&present).chain(&values.values).collect();
        let mut found: Vec<Found> = all.iter().map(|value| Found::new(value, people.numbers.len())).collect();
        let measures = self.measures(segment, &all)?;
        for (place, (value, found)) in all.iter().zip(&mut found).enumerate() {
            if self.ways.by_list(place) {
                self.fold_lists(segment, &people, value, &measures, found)?;
            }
        }
        self.fold_history(segment, &people, &all, &measures, &mut found)?;
        self.batch(&people, &found)
    }

    /// The columns of numbers that values are made of, by place.
    fn measures(&mut self, segment: &Segment, values: &[&Value]) -> Result<Vec<Option<Measure>>, LakeError> {
        let mut measures: Vec<Option<Measure>> = Vec::new();
        for value in values {
            let Of::Measure(place) = value.of else { continue };
            if measures.len() <= place {
                measures.resize_with(place + 1, || None);
            }
            if let Some(slot) = measures.get_mut(place).filter(|slot| slot.is_none()) {
                *slot = Some(self.file.measure(segment, place, &mut self.scratch).map_err(unreadable)?);
            }
        }
        Ok(measures)
    }

    fn fold_lists(
        &mut self,
        segment: &Segment,
        people: &People,
        value: &Value,
        measures: &[Option<Measure>],
        found: &mut Found,
    ) -> Result<(), LakeError> {
        for (place, _) in lists_of(segment, &value.wanted) {
            let list = segment.lists.get(place).ok_or_else(damaged)?;
            let times = &value.wanted.times;
            let partly = !(times.contains(&list.first) && times.contains(&list.last));
            let timed = partly || value.of == Of::Time;
            let (rows, at) = self.file.list(segment, place, timed, &mut self.scratch).map_err(unreadable)?;
            let mut whose = Whose::default();
            let mut numbers = measure_of(value, measures).map(Numbers::new);
            for (place, row) in rows.iter().enumerate() {
                let time = at.get(place).copied().unwrap_or_default();
                if partly && !times.contains(&time) {
                    continue;
                }
                let person = whose.of_row(*row as usize, people)?;
                match &mut numbers {
                    Some(numbers) => {
                        if let Some(number) = numbers.of_row(*row) {
                            found.add(person, number);
                        }
                    }
                    None => found.add(person, time),
                }
            }
        }
        Ok(())
    }

    fn fold_history(
        &mut self,
        segment: &Segment,
        people: &People,
        values: &[&Value],
        measures: &[Option<Measure>],
        found: &mut [Found],
    ) -> Result<(), LakeError> {
        let ways = Arc::clone(&self.ways);
        let mut each: Vec<(&Value, &mut Found, Option<Numbers<'_>>)> = values
            .iter()
            .zip(found)
            .enumerate()
            .filter(|(place, _)| !ways.by_list(*place))
            .map(|(_, (value, found))| (*value, found, measure_of(value, measures).map(Numbers::new)))
            .collect();
        // What all rows say needs none of them looked at.
        each.retain_mut(|(value, found, numbers)| !found.whole(value, numbers, people));
        if each.is_empty() {
            return Ok(());
        }
        let mut block = Block::default();
        let mut whose = Whose::default();
        for number in 0.. {
            let rows = segment.block(number);
            if rows.is_empty() {
                break;
            }
            block.start = rows.start;
            let (kinds, times) = (&mut block.kinds, &mut block.times);
            self.file.block(segment, &rows, kinds, times, &mut self.scratch).map_err(unreadable)?;
            let first = whose.of_row(rows.start, people)?;
            for (value, found, numbers) in &mut each {
                found.block(&block, value, numbers, first, people)?;
            }
        }
        Ok(())
    }

    fn batch(&self, people: &People, found: &[Found]) -> Result<RecordBatch, LakeError> {
        let Some((present, values)) = found.split_first() else { return Err(damaged()) };
        let sees = |number: &u32| self.customers.as_ref().is_none_or(|set| set.sees(i64::from(*number)));
        let groups = present.counts.iter().zip(&people.numbers).enumerate();
        let groups: Vec<usize> =
            groups.filter(|(_, (rows, number))| **rows > 0 && sees(number)).map(|(place, _)| place).collect();
        let customers: Int64Array =
            groups.iter().map(|place| people.numbers.get(*place).map(|n| i64::from(*n))).collect();
        let mut columns: Vec<ArrayRef> = vec![Arc::new(customers)];
        for (found, field) in values.iter().zip(self.values.schema.fields().iter().skip(1)) {
            columns.push(found.column(&groups, field)?);
        }
        Ok(RecordBatch::try_new(Arc::clone(&self.values.schema), columns)?)
    }
}

fn measure_of<'a>(value: &Value, measures: &'a [Option<Measure>]) -> Option<&'a Measure> {
    let Of::Measure(place) = value.of else { return None };
    measures.get(place).and_then(Option::as_ref)
}

/// Whose rows are, asked in ascending order.
#[derive(Default)]
struct Whose {
    person: usize,
}

impl Whose {
    #[inline]
    fn of_row(&mut self, row: usize, people: &People) -> Result<usize, LakeError> {
        while *people.ends.get(self.person).ok_or_else(damaged)? as usize <= row {
            self.person += 1;
        }
        Ok(self.person)
    }
}

/// The numbers of rows, asked in ascending order.
struct Numbers<'a> {
    measure: &'a Measure,
    next: usize,
}

impl<'a> Numbers<'a> {
    fn new(measure: &'a Measure) -> Self {
        Self { measure, next: 0 }
    }

    #[inline]
    fn of_row(&mut self, row: u32) -> Option<i64> {
        let Some(rows) = &self.measure.rows else { return self.measure.values.get(row as usize).copied() };
        while rows.get(self.next).is_some_and(|with| *with < row) {
            self.next += 1;
        }
        let here = rows.get(self.next).is_some_and(|with| *with == row);
        if here { self.measure.values.get(self.next).copied() } else { None }
    }
}

impl Found {
    fn new(value: &Value, people: usize) -> Self {
        let many = |of: bool| if of { people } else { 0 };
        let start = if value.function == Function::Min { i64::MAX } else { i64::MIN };
        Self {
            function: value.function,
            of: value.of,
            counts: vec![0; people],
            extremes: vec![start; many(matches!(value.function, Function::Min | Function::Max))],
            sums: vec![0; many(matches!(value.function, Function::Sum | Function::Mean))],
        }
    }

    #[inline]
    fn add(&mut self, person: usize, value: i64) {
        if let Some(count) = self.counts.get_mut(person) {
            *count += 1;
        }
        if let Some(sum) = self.sums.get_mut(person) {
            *sum += i128::from(value);
        }
        if let Some(extreme) = self.extremes.get_mut(person) {
            *extreme = if self.function == Function::Min { value.min(*extreme) } else { value.max(*extreme) };
        }
    }

    /// Of all rows: counts are known, and numbers are added up as they lie. Whether that was all there is to do.
    fn whole(&mut self, value: &Value, numbers: &mut Option<Numbers<'_>>, people: &People) -> bool {
        let wanted = &value.wanted;
        if !wanted.all_kinds || wanted.times != EVER || value.of == Of::Time {
            return false;
        }
        let Some(numbers) = numbers else {
            let starts = std::iter::once(&0).chain(&people.ends);
            let counts = self.counts.iter_mut().zip(starts.zip(&people.ends));
            counts.for_each(|(count, (start, end))| *count = i64::from(end.saturating_sub(*start)));
            return true;
        };
        let rows = numbers.measure.rows.as_deref();
        let mut from = 0;
        for (person, end) in people.ends.iter().enumerate() {
            let until = match rows {
                Some(rows) => from + rows.iter().skip(from).take_while(|row| *row < end).count(),
                None => *end as usize,
            };
            let values = numbers.measure.values.get(from..until).unwrap_or_default();
            self.add_all(person, values);
            from = until;
        }
        true
    }

    /// Numbers of one customer.
    fn add_all(&mut self, person: usize, values: &[i64]) {
        if let Some(count) = self.counts.get_mut(person) {
            *count += values.len() as i64;
        }
        if let Some(sum) = self.sums.get_mut(person) {
            *sum += values.iter().map(|value| i128::from(*value)).sum::<i128>();
        }
        if let Some(extreme) = self.extremes.get_mut(person) {
            let all = values.iter().copied();
            let here = if self.function == Function::Min { all.min() } else { all.max() };
            *extreme = match (self.function, here) {
                (Function::Min, Some(here)) => here.min(*extreme),
                (_, Some(here)) => here.max(*extreme),
                (_, None) => *extreme,
            };
        }
    }

    /// The rows of a block, the first of which is `person`'s.
    fn block(
        &mut self,
        block: &Block,
        value: &Value,
        numbers: &mut Option<Numbers<'_>>,
        mut person: usize,
        people: &People,
    ) -> Result<(), LakeError> {
        let wanted = &value.wanted;
        let every = wanted.all_kinds && wanted.times == EVER;
        let (first, last) = (*wanted.times.start(), *wanted.times.end());
        let mut row = 0;
        while row < block.times.len() {
            let end = *people.ends.get(person).ok_or_else(damaged)? as usize;
            let until = end.saturating_sub(block.start).min(block.times.len()).max(row);
            let times = block.times.get(row..until).unwrap_or_default();
            let kinds = block.kinds.get(row..until).unwrap_or_default();
            match numbers {
                // In the order of time: the least is the first, and the most the last.
                None if every => self.add_all(
                    person,
                    if self.function == Function::Min { times.first() } else { times.last() }
                        .map_or(&[], std::slice::from_ref),
                ),
                None => {
                    let counts = |kind: u16, time: i64| wanted.kind(kind) & (first <= time) & (time <= last);
                    if self.of == Of::Rows {
                        let rows: i64 = kinds.iter().zip(times).map(|(k, t)| i64::from(counts(*k, *t))).sum();
                        if let Some(count) = self.counts.get_mut(person) {
                            *count += rows;
                        }
                    } else {
                        let passing = kinds.iter().zip(times).filter(|(k, t)| counts(**k, **t));
                        passing.for_each(|(_, time)| self.add(person, *time));
                    }
                }
                Some(numbers) => {
                    for (place, (kind, time)) in kinds.iter().zip(times).enumerate() {
                        if wanted.kind(*kind)
                            && (first..=last).contains(time)
                            && let Some(number) = numbers.of_row((block.start + row + place) as u32)
                        {
                            self.add(person, number);
                        }
                    }
                }
            }
            row = until;
            person += 1;
        }
        Ok(())
    }

    /// The values of some customers, as a column.
    fn column(&self, groups: &[usize], field: &Field) -> Result<ArrayRef, LakeError> {
        let counted = |place: &usize| self.counts.get(*place).copied().filter(|count| *count > 0);
        let sum = |place: &usize| counted(place).and_then(|_| self.sums.get(*place).copied());
        let extreme = |place: &usize| counted(place).and_then(|_| self.extremes.get(*place).copied());
        let number = |place: &usize| match self.function {
            Function::Sum => sum(place),
            _ => extreme(place).map(i128::from),
        };
        Ok(match (self.function, field.data_type()) {
            (Function::Count, _) => {
                let counts = groups.iter().map(|place| self.counts.get(*place).copied().unwrap_or_default());
                Arc::new(Int64Array::from_iter_values(counts))
            }
            (Function::Mean, _) => {
                let mean = |place: &usize| Some(sum(place)? as f64 / counted(place)? as f64);
                Arc::new(groups.iter().map(mean).collect::<Float64Array>())
            }
            (_, ty @ DataType::Timestamp(_, _)) => {
                let times = groups.iter().map(|place| extreme(place).unwrap_or_default());
                let column = timed(times.collect(), ty);
                let none: arrow::array::BooleanArray =
                    groups.iter().map(|place| Some(counted(place).is_none())).collect();
                arrow::compute::nullif(&column, &none)?
            }
            (_, DataType::Decimal128(precision, scale)) => {
                let column: Decimal128Array = groups.iter().map(number).collect();
                Arc::new(column.with_precision_and_scale(*precision, *scale)?)
            }
            // As the engine adds whole numbers: round the corner.
            _ => Arc::new(groups.iter().map(|place| number(place).map(|number| number as i64)).collect::<Int64Array>()),
        })
    }
}
