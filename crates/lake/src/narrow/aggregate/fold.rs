//! From the rows of a segment to values of its customers.
//!
//! Values that ask for the same rows are made of them together, and what several need of a segment is read once: whose its rows are, its
//! columns of numbers, its blocks.

use std::{fmt, sync::Arc};

use arrow::{
    array::{ArrayRef, Decimal128Array, Float64Array, Int64Array, RecordBatch},
    datatypes::{DataType, Field},
};

use super::{
    super::{
        manifest::Manifest,
        rows::{damaged, timed, unreadable},
        segment::{People, Scratch, Segment, SegmentFile},
    },
    numbers::Numbers,
    question::{Function, Of, Values, Wanted},
};
use crate::{LakeError, read::CustomerSet};

/// Which rows are read, and how.
#[derive(Debug)]
pub(super) struct Ways {
    /// The presence of customers (at place 0) and each value after it, by the rows they ask for.
    groups: Vec<Group>,
}

/// Values that ask for the same rows.
#[derive(Debug)]
struct Group {
    wanted: Wanted,
    by_list: bool,
    /// Their places.
    members: Vec<usize>,
}

impl Ways {
    pub(super) fn of(values: &Values, manifest: &Manifest) -> Self {
        let mut groups: Vec<Group> = Vec::new();
        let wanted = std::iter::once(&values.present).chain(values.values.iter().map(|value| &value.wanted));
        for (place, wanted) in wanted.enumerate() {
            if let Some(group) = groups.iter_mut().find(|group| group.wanted == *wanted) {
                group.members.push(place);
                continue;
            }
            let by_list = manifest.by_list(|kind| wanted.kind(kind), &wanted.times);
            groups.push(Group { wanted: wanted.clone(), by_list, members: vec![place] });
        }
        Self { groups }
    }
}

impl fmt::Display for Ways {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let of = |by_list| self.groups.iter().filter(move |group| group.by_list == by_list);
        let values = |by_list| of(by_list).map(|group| group.members.len()).sum::<usize>();
        write!(f, "from lists={}, from history={}", values(true), values(false))
    }
}

/// Folds one part's segments.
pub(super) struct Folding {
    file: SegmentFile,
    values: Arc<Values>,
    ways: Arc<Ways>,
    customers: Option<Arc<CustomerSet>>,
    scratch: Scratch,
}

/// What was found of each customer of a segment, or of each group.
pub(super) struct Found {
    function: Function,
    of: Of,
    /// How many rows (with a value).
    counts: Vec<i64>,
    /// The least or the most.
    extremes: Vec<i64>,
    sums: Vec<i128>,
}

/// Rows that count, in their order: the number of each, whose it is by the place among the people, and when it was, where that is asked.
#[derive(Default)]
pub(super) struct Counted {
    pub(super) rows: Vec<u32>,
    pub(super) whose: Vec<u32>,
    pub(super) times: Vec<i64>,
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
        let shapes =
            std::iter::once((Function::Count, Of::Rows)).chain(values.values.iter().map(|v| (v.function, v.of)));
        let shapes: Vec<(Function, Of)> = shapes.collect();
        let mut found: Vec<Found> = shapes.iter().map(|(f, of)| Found::new(*f, *of, people.numbers.len())).collect();
        let numbers = self.numbers(segment, &shapes)?;
        let ways = Arc::clone(&self.ways);
        let mut whose = Whose::new(segment, &people, &ways.groups);
        for group in ways.groups.iter().filter(|group| group.by_list) {
            self.fold_lists(segment, &mut whose, group, &numbers, &mut found)?;
        }
        self.fold_history(segment, &people, &mut whose, &ways.groups, &numbers, &mut found)?;
        self.batch(&people, &found)
    }

    /// The columns of numbers that values are made of, by place.
    fn numbers(&mut self, segment: &Segment, shapes: &[(Function, Of)]) -> Result<Vec<Option<Numbers>>, LakeError> {
        let mut numbers: Vec<Option<Numbers>> = Vec::new();
        for (_, of) in shapes {
            let Of::Measure(place) = *of else { continue };
            if numbers.len() <= place {
                numbers.resize_with(place + 1, || None);
            }
            if let Some(slot) = numbers.get_mut(place).filter(|slot| slot.is_none()) {
                let measure = self.file.measure(segment, place, &mut self.scratch).map_err(unreadable)?;
                *slot = Some(Numbers::new(measure, segment.rows));
            }
        }
        Ok(numbers)
    }

    fn fold_lists(
        &mut self,
        segment: &Segment,
        whose: &mut Whose<'_>,
        group: &Group,
        numbers: &[Option<Numbers>],
        found: &mut [Found],
    ) -> Result<(), LakeError> {
        let wanted = &group.wanted;
        let timed = group.members.iter().any(|place| found.get(*place).is_some_and(|found| found.of == Of::Time));
        for list in segment.wanted_lists(|kind| wanted.kind(kind), &wanted.times) {
            let listed = self.file.list(segment, &list, &wanted.times, timed, &mut self.scratch).map_err(unreadable)?;
            let mut counted = Counted { rows: listed.rows, whose: Vec::new(), times: listed.times };
            whose.of_rows(&counted.rows, &mut counted.whose)?;
            for place in &group.members {
                if let Some(found) = found.get_mut(*place) {
                    found.add(&counted, numbers);
                }
            }
        }
        Ok(())
    }

    fn fold_history(
        &mut self,
        segment: &Segment,
        people: &People,
        whose: &mut Whose<'_>,
        groups: &[Group],
        numbers: &[Option<Numbers>],
        found: &mut [Found],
    ) -> Result<(), LakeError> {
        let mut left: Vec<(&Wanted, Vec<usize>)> = Vec::new();
        for group in groups.iter().filter(|group| !group.by_list) {
            let wanted = &group.wanted;
            let every = wanted.is_every();
            let mut members = group.members.clone();
            // What all rows say needs none of them looked at.
            members.retain(|place| !(every && found.get_mut(*place).is_some_and(|f| f.whole(numbers, people))));
            if !members.is_empty() {
                left.push((wanted, members));
            }
        }
        if left.is_empty() {
            return Ok(());
        }
        let (mut kinds, mut times, mut counted) = (Vec::new(), Vec::new(), Counted::default());
        for number in 0.. {
            let rows = segment.block(number);
            if rows.is_empty() {
                break;
            }
            self.file.block(segment, &rows, &mut kinds, &mut times, &mut self.scratch).map_err(unreadable)?;
            for (wanted, members) in &left {
                if wanted.is_every() {
                    for place in members {
                        found.get_mut(*place).map_or(Ok(()), |found| found.add_ends(rows.start, &times, people))?;
                    }
                    continue;
                }
                counted.keep(rows.start as u32, &kinds, &times, wanted);
                counted.whose.clear();
                whose.of_rows(&counted.rows, &mut counted.whose)?;
                for place in members {
                    if let Some(found) = found.get_mut(*place) {
                        found.add(&counted, numbers);
                    }
                }
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

impl Counted {
    pub(super) fn clear(&mut self) {
        self.rows.clear();
        self.whose.clear();
        self.times.clear();
    }

    /// The rows of a block that are wanted, in the place of those before: without a branch a row.
    fn keep(&mut self, start: u32, kinds: &[u16], times: &[i64], wanted: &Wanted) {
        let (first, last) = (*wanted.times.start(), *wanted.times.end());
        self.rows.resize(kinds.len(), 0);
        self.times.resize(kinds.len(), 0);
        let mut kept = 0;
        for ((row, kind), time) in (start..).zip(kinds).zip(times) {
            self.rows[kept] = row;
            self.times[kept] = *time;
            kept += usize::from(wanted.kind(*kind) & (first <= *time) & (*time <= last));
        }
        self.rows.truncate(kept);
        self.times.truncate(kept);
    }
}

/// Whose the rows of a segment are.
struct Whose<'a> {
    people: &'a People,
    /// Whose each row is: where most rows are asked for.
    all: Option<Vec<u32>>,
}

impl<'a> Whose<'a> {
    fn new(segment: &Segment, people: &'a People, groups: &[Group]) -> Self {
        let listed = |group: &Group| {
            let wanted = segment.wanted_lists(|kind| group.wanted.kind(kind), &group.wanted.times);
            wanted.map(|wanted| wanted.list.rows).sum::<usize>()
        };
        let asked: usize = groups.iter().filter(|group| group.by_list).map(listed).sum();
        let from_history = groups.iter().any(|group| !group.by_list && !group.wanted.is_every());
        let all = (from_history || asked > segment.rows / 2).then(|| {
            let mut all = Vec::with_capacity(segment.rows);
            for (place, end) in (0u32..).zip(&people.ends) {
                all.resize((*end as usize).max(all.len()).min(segment.rows), place);
            }
            all
        });
        Self { people, all }
    }

    /// The places of those whose ascending rows these are, appended.
    fn of_rows(&self, rows: &[u32], whose: &mut Vec<u32>) -> Result<(), LakeError> {
        if let Some(all) = &self.all {
            // The greatest is the last.
            if rows.last().is_some_and(|last| *last as usize >= all.len()) {
                return Err(damaged());
            }
            whose.extend(rows.iter().map(|row| all.get(*row as usize).copied().unwrap_or_default()));
            return Ok(());
        }
        let ends = &self.people.ends;
        let mut person = rows.first().map_or(0, |first| ends.partition_point(|end| end <= first));
        for row in rows {
            while ends.get(person).ok_or_else(damaged)? <= row {
                person += 1;
            }
            whose.push(person as u32);
        }
        Ok(())
    }
}

impl Found {
    pub(super) fn new(function: Function, of: Of, people: usize) -> Self {
        let many = |of: bool| if of { people } else { 0 };
        let start = if function == Function::Min { i64::MAX } else { i64::MIN };
        Self {
            function,
            of,
            counts: vec![0; people],
            extremes: vec![start; many(matches!(function, Function::Min | Function::Max))],
            sums: vec![0; many(matches!(function, Function::Sum | Function::Mean))],
        }
    }

    /// Rows that count.
    pub(super) fn add(&mut self, rows: &Counted, numbers: &[Option<Numbers>]) {
        match self.of {
            Of::Rows => self.add_values(&rows.whose, std::iter::repeat(Some(0))),
            Of::Time => self.add_values(&rows.whose, rows.times.iter().map(|time| Some(*time))),
            Of::Measure(place) => {
                if let Some(numbers) = numbers.get(place).and_then(Option::as_ref) {
                    self.add_values(&rows.whose, rows.rows.iter().map(|row| numbers.of_row(*row)));
                }
            }
        }
    }

    fn add_values(&mut self, whose: &[u32], values: impl Iterator<Item = Option<i64>>) {
        let counts = &mut self.counts;
        let rows = whose.iter().zip(values).filter_map(|(person, value)| Some((*person as usize, value?)));
        let counted = rows.inspect(|(person, _)| {
            if let Some(count) = counts.get_mut(*person) {
                *count += 1;
            }
        });
        match self.function {
            Function::Count => counted.for_each(drop),
            Function::Sum | Function::Mean => counted.for_each(|(person, value)| {
                if let Some(sum) = self.sums.get_mut(person) {
                    *sum += i128::from(value);
                }
            }),
            Function::Min => counted.for_each(|(person, value)| {
                if let Some(least) = self.extremes.get_mut(person) {
                    *least = value.min(*least);
                }
            }),
            Function::Max => counted.for_each(|(person, value)| {
                if let Some(most) = self.extremes.get_mut(person) {
                    *most = value.max(*most);
                }
            }),
        }
    }

    /// Of all rows of a block, the first or the last time of each customer's: they are in the order of time.
    fn add_ends(&mut self, start: usize, times: &[i64], people: &People) -> Result<(), LakeError> {
        let mut person = people.ends.partition_point(|end| *end as usize <= start);
        let mut row = 0;
        while row < times.len() {
            let end = *people.ends.get(person).ok_or_else(damaged)? as usize;
            let until = end.saturating_sub(start).min(times.len());
            let times = times.get(row..until).ok_or_else(damaged)?;
            let time = if self.function == Function::Min { times.first() } else { times.last() };
            self.add_all(person, time.map_or(&[], std::slice::from_ref));
            row = until;
            person += 1;
        }
        Ok(())
    }

    /// Of all rows: counts are known, and numbers are added up as they lie. Whether that was all there is to do.
    fn whole(&mut self, numbers: &[Option<Numbers>], people: &People) -> bool {
        match self.of {
            Of::Time => return false,
            Of::Rows => {
                let starts = std::iter::once(&0).chain(&people.ends);
                let counts = self.counts.iter_mut().zip(starts.zip(&people.ends));
                counts.for_each(|(count, (start, end))| *count = i64::from(end.saturating_sub(*start)));
            }
            Of::Measure(place) => {
                let Some(numbers) = numbers.get(place).and_then(Option::as_ref) else { return false };
                let mut from = 0;
                for (person, end) in people.ends.iter().enumerate() {
                    let values = numbers.until(from, *end);
                    self.add_all(person, values);
                    from += values.len();
                }
            }
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

    /// Adds what was found of the same, or of the first of them.
    pub(super) fn merge(&mut self, other: &Self) {
        self.counts.iter_mut().zip(&other.counts).for_each(|(count, more)| *count += more);
        self.sums.iter_mut().zip(&other.sums).for_each(|(sum, more)| *sum += more);
        let least = self.function == Function::Min;
        let extreme = |one: i64, other: i64| if least { one.min(other) } else { one.max(other) };
        self.extremes.iter_mut().zip(&other.extremes).for_each(|(one, other)| *one = extreme(*one, *other));
    }

    /// Of how many there can be something.
    pub(super) fn len(&self) -> usize {
        self.counts.len()
    }

    /// How many rows (with a value) one has.
    pub(super) fn count(&self, place: usize) -> i64 {
        self.counts.get(place).copied().unwrap_or_default()
    }

    /// The mean of one, of whole numbers and of digits alike; `None` without a value.
    pub(super) fn mean(&self, place: usize) -> Option<f64> {
        let count = Some(self.count(place)).filter(|count| *count > 0)?;
        Some(*self.sums.get(place)? as f64 / count as f64)
    }

    /// The values of some customers, as a column.
    pub(super) fn column(&self, groups: &[usize], field: &Field) -> Result<ArrayRef, LakeError> {
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
            (Function::Mean, _) => Arc::new(groups.iter().map(|place| self.mean(*place)).collect::<Float64Array>()),
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
