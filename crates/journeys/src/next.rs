//! The next event after an event.
//!
//! The next row of the customer is the next event; rows of one instant follow each other in the order they come. Rows without
//! a name ([`MISSING`]) are not there: the row after them is next.

use std::ops::Range;

use fearless_simd::{Level, Simd, dispatch};
use roaring::RoaringBitmap;

use crate::{
    Durations, JourneyError, MISSING, Rows,
    durations::DenseDurations,
    error::settings,
    rows::{Cursor, Step, for_each_block_marked},
    sets::SetBuilder,
};

/// Names (codes below this) that can be told apart.
pub const NAMES_MAX: usize = 2048;

/// How often each event follows each: all pairs in one pass, without their customers (ask [`NextKernel`] for those of one).
#[derive(Debug, Clone)]
pub struct TransitionKernel {
    names: usize,
    cursor: Cursor,
    ts: i64,
    /// The row before, [`MISSING`] when there is none.
    name: u32,
    cells: Vec<Transition>,
    /// How often each name was a customer's last.
    lasts: Vec<u64>,
}

/// How often one event followed another.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Transition {
    /// How often.
    pub count: u64,
    /// The sum of the times between, microseconds.
    pub micros: u128,
}

fn check_names(names: usize) -> Result<(), JourneyError> {
    if (1..=NAMES_MAX).contains(&names) {
        return Ok(());
    }
    Err(settings(format!("1 to {NAMES_MAX} names can be told apart, not {names}: join rare ones")))
}

fn check_code(names: usize, code: u32) -> Result<(), JourneyError> {
    if (code as usize) < names || code == MISSING {
        return Ok(());
    }
    Err(settings(format!("code {code} is outside the dictionary of {names} names")))
}

impl TransitionKernel {
    /// `names`: how many the dictionary has.
    ///
    /// # Errors
    /// When there is none, or there are too many.
    pub fn new(names: usize) -> Result<Self, JourneyError> {
        check_names(names)?;
        let (cells, lasts) = (vec![Transition::default(); names * names], vec![0; names]);
        Ok(Self { names, cursor: Cursor::default(), ts: 0, name: MISSING, cells, lasts })
    }

    /// The next batch.
    ///
    /// # Errors
    /// When the column is of another length, a code is outside the dictionary, or rows are out of order.
    pub fn push(&mut self, rows: Rows<'_>, names: &[u32]) -> Result<(), JourneyError> {
        rows.matches("name", names)?;
        for (i, ((customer, ts), name)) in rows.customer.iter().zip(rows.ts).zip(names).enumerate() {
            if *name as usize >= self.names {
                check_code(self.names, *name)?;
                continue;
            }
            match self.cursor.advance(i, *customer, *ts)? {
                Step::New(_) => self.end_customer(),
                Step::Same => self.count(*name, *ts),
            }
            (self.ts, self.name) = (*ts, *name);
        }
        Ok(())
    }

    #[inline]
    fn count(&mut self, name: u32, ts: i64) {
        let place = self.name as usize * self.names + name as usize;
        if let Some(cell) = self.cells.get_mut(place) {
            cell.count += 1;
            cell.micros += u128::from(ts.abs_diff(self.ts));
        }
    }

    fn end_customer(&mut self) {
        if let Some(last) = self.lasts.get_mut(self.name as usize) {
            *last += 1;
        }
        self.name = MISSING;
    }

    /// Joins one over other customers.
    ///
    /// # Errors
    /// When its dictionary is of another size.
    pub fn merge(&mut self, mut other: Self) -> Result<(), JourneyError> {
        if other.names != self.names {
            return Err(settings("transitions over dictionaries of two sizes cannot be joined"));
        }
        self.end_customer();
        other.end_customer();
        self.cursor = Cursor::default();
        for (mine, theirs) in self.cells.iter_mut().zip(other.cells) {
            mine.count += theirs.count;
            mine.micros += theirs.micros;
        }
        self.lasts.iter_mut().zip(other.lasts).for_each(|(mine, theirs)| *mine += theirs);
        Ok(())
    }

    /// After the last batch.
    #[must_use]
    pub fn finish(mut self) -> Transitions {
        self.end_customer();
        Transitions { names: self.names, cells: self.cells, lasts: self.lasts }
    }
}

/// How often each event follows each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transitions {
    names: usize,
    cells: Vec<Transition>,
    lasts: Vec<u64>,
}

impl Transitions {
    /// How often `to` came right after `from`.
    #[must_use]
    pub fn of(&self, from: u32, to: u32) -> Transition {
        let (from, to) = (from as usize, to as usize);
        if to >= self.names {
            return Transition::default();
        }
        self.cells.get(from * self.names + to).copied().unwrap_or_default()
    }

    /// How often a name was the last of a customer.
    #[must_use]
    pub fn last(&self, name: u32) -> u64 {
        self.lasts.get(name as usize).copied().unwrap_or(0)
    }
}

/// What follows one event, and for whom.
#[derive(Debug, Clone)]
pub struct NextKernel {
    anchor: u32,
    names: usize,
    /// Longest time between; later rows count as none.
    within: u64,
    cursor: Cursor,
    /// When the anchor happened, if it was the row before.
    since: Option<i64>,
    /// By name; the last is "none".
    cells: Vec<NextCell>,
    /// Between some anchors and what one name follows with, until they are counted.
    times: Vec<i64>,
}

/// A batch of which every row has a name.
struct Named<'a, A, C> {
    rows: Rows<'a>,
    /// Marks those of a range of rows that are the event's own.
    is_anchor: A,
    code: C,
}

/// Keys of a dictionary that are looked at without turning each into its code first.
const KEYS_MAX: usize = 4096;
/// Keys of the anchor that rows are compared with, one after the other.
const COMPARED_MAX: usize = 6;
/// Of a key without a code in the dictionary. The other values are 1 for the anchor, and 0.
const NO_CODE: u8 = 2;

#[derive(Debug, Clone, Default)]
struct NextCell {
    count: u64,
    customers: SetBuilder,
    times: DenseDurations,
}

/// What followed the event.
#[derive(Debug, Clone, PartialEq)]
pub struct NextEvent {
    /// The name of the next event; `None` for no next event (in time).
    pub code: Option<u32>,
    /// How often.
    pub count: u64,
    /// For whom.
    pub customers: RoaringBitmap,
    /// After how long.
    pub times: Durations,
}

/// Marks the rows that have one of these keys.
#[inline(always)]
fn mark_keys<S: Simd>(_simd: S, keys: &[u16], anchors: &[u16], marks: &mut [u8]) {
    marks.fill(0);
    for anchor in anchors {
        marks.iter_mut().zip(keys).for_each(|(mark, key)| *mark |= u8::from(key == anchor));
    }
}

impl NextKernel {
    /// What follows `anchor`, `within` microseconds (`u64::MAX` for whenever), in a dictionary of `names`.
    ///
    /// # Errors
    /// When there are too many names or the anchor is none of them.
    pub fn new(anchor: u32, names: usize, within: u64) -> Result<Self, JourneyError> {
        check_names(names)?;
        if anchor as usize >= names {
            return Err(settings(format!("code {anchor} is outside the dictionary of {names} names")));
        }
        let cells = vec![NextCell::default(); names + 1];
        Ok(Self { anchor, names, within, cursor: Cursor::default(), since: None, cells, times: Vec::new() })
    }

    /// The next batch.
    ///
    /// # Errors
    /// When the column is of another length, a code is outside the dictionary, or rows that are looked at are out of order.
    pub fn push(&mut self, rows: Rows<'_>, names: &[u32]) -> Result<(), JourneyError> {
        rows.matches("name", names)?;
        // All are compared, many at a time, rather than up to the first that has none.
        let named = names.iter().fold(true, |all, name| all & ((*name as usize) < self.names));
        if !named {
            return self.push_each(rows, names);
        }
        let anchor = self.anchor;
        self.push_named(&Named {
            rows,
            is_anchor: |range: Range<usize>, marks: &mut [u8]| {
                let names = names.get(range).unwrap_or_default();
                marks.iter_mut().zip(names).for_each(|(mark, name)| *mark = u8::from(*name == anchor));
            },
            code: |row: usize| names[row],
        })
    }

    /// The next batch, with names as a dictionary: a key a row, and the code of each key. `false` when a row's key has none: nothing was
    /// done then, and the batch is for [`NextKernel::push`].
    ///
    /// # Errors
    /// As [`NextKernel::push`].
    pub fn push_keys(&mut self, rows: Rows<'_>, keys: &[u16], codes: &[u32]) -> Result<bool, JourneyError> {
        rows.matches("name", keys)?;
        let mut about = [NO_CODE; KEYS_MAX];
        for (about, code) in about.iter_mut().zip(codes) {
            *about = if *code as usize >= self.names { NO_CODE } else { u8::from(*code == self.anchor) };
        }
        let highest = keys.iter().copied().max().map_or(0, usize::from);
        let known = about.get(..codes.len()).is_some_and(|about| !about.contains(&NO_CODE)) && highest < codes.len();
        let all = || keys.iter().fold(0, |all, key| all | about[usize::from(*key) % KEYS_MAX]);
        if codes.len() > KEYS_MAX || (!known && all() & NO_CODE != 0) {
            return Ok(false);
        }
        let anchors: Vec<u16> = (0..).zip(about).filter(|(_, about)| *about == 1).map(|(key, _)| key).collect();
        let (about, level) = (&about, Level::new());
        let is_anchor = |range: Range<usize>, marks: &mut [u8]| {
            let Some(keys) = keys.get(range) else { return };
            match anchors.len() {
                // A few comparisons of many keys at a time are faster than looking up each.
                0..=COMPARED_MAX => dispatch!(level, simd => mark_keys(simd, keys, &anchors, marks)),
                _ => marks.iter_mut().zip(keys).for_each(|(mark, key)| *mark = about[usize::from(*key) % KEYS_MAX]),
            }
        };
        self.push_named(&Named { rows, is_anchor, code: |row: usize| codes[usize::from(keys[row])] })?;
        Ok(true)
    }

    /// Where every row has a name: only the event's own rows are looked at, and those after them.
    fn push_named<A: Fn(Range<usize>, &mut [u8]), C: Fn(usize) -> u32>(
        &mut self,
        named: &Named<'_, A, C>,
    ) -> Result<(), JourneyError> {
        let rows = named.rows;
        let Some(last) = rows.len().checked_sub(1) else { return Ok(()) };
        self.row(0, rows.customer[0], rows.ts[0], (named.code)(0))?;
        for_each_block_marked(last, &named.is_anchor, |anchors| self.follow_each(named, anchors))?;
        self.cursor.advance(last, rows.customer[last], rows.ts[last])?;
        self.since = ((named.code)(last) == self.anchor).then_some(rows.ts[last]);
        Ok(())
    }

    /// Counts what comes after each of these rows, which are the event's own; the next of each is in the batch. Those that one name
    /// follows, one after the other, are counted together.
    fn follow_each<A, C: Fn(usize) -> u32>(
        &mut self,
        named: &Named<'_, A, C>,
        anchors: &[u32],
    ) -> Result<(), JourneyError> {
        let rows = named.rows;
        let (mut place, mut customer) = (self.names, None);
        self.times.clear();
        let mut counted = 0;
        for row in anchors.iter().map(|row| *row as usize) {
            let (whose, next_whose) = (rows.customer[row], rows.customer[row + 1]);
            let micros = rows.ts[row + 1].wrapping_sub(rows.ts[row]);
            if next_whose < whose || (next_whose == whose && micros < 0) {
                return Err(JourneyError::NotSorted { row: row + 1 });
            }
            let followed = next_whose == whose && micros.cast_unsigned() <= self.within;
            let next = if followed { (named.code)(row + 1) as usize } else { self.names };
            if next != place {
                self.count_together(place, counted);
                (place, customer, counted) = (next, None, 0);
            }
            if customer != Some(whose) {
                let number = u32::try_from(whose).map_err(|_| JourneyError::CustomerOutOfRange { customer: whose })?;
                if let Some(cell) = self.cells.get_mut(place) {
                    cell.customers.insert(number);
                }
                customer = Some(whose);
            }
            counted += 1;
            if followed {
                self.times.push(micros);
            }
        }
        self.count_together(place, counted);
        Ok(())
    }

    fn count_together(&mut self, place: usize, counted: u64) {
        if let Some(cell) = self.cells.get_mut(place) {
            cell.count += counted;
            cell.times.add_all(&self.times);
        }
        self.times.clear();
    }

    fn push_each(&mut self, rows: Rows<'_>, names: &[u32]) -> Result<(), JourneyError> {
        for (i, ((customer, ts), name)) in rows.customer.iter().zip(rows.ts).zip(names).enumerate() {
            if *name as usize >= self.names {
                check_code(self.names, *name)?;
                continue;
            }
            self.row(i, *customer, *ts, *name)?;
        }
        Ok(())
    }

    #[inline]
    fn row(&mut self, i: usize, customer: i64, ts: i64, name: u32) -> Result<(), JourneyError> {
        let before = self.cursor.customer();
        let step = self.cursor.advance(i, customer, ts)?;
        if let Some(since) = self.since.take() {
            self.count(before, since, step, ts, name);
        }
        self.since = (name == self.anchor).then_some(ts);
        Ok(())
    }

    #[inline]
    fn count(&mut self, customer: Option<u32>, since: i64, step: Step, ts: i64, name: u32) {
        let followed = step == Step::Same && ts.abs_diff(since) <= self.within;
        self.add(customer, followed.then(|| (name as usize, ts.saturating_sub(since))));
    }

    #[inline]
    fn add(&mut self, customer: Option<u32>, next: Option<(usize, i64)>) {
        let place = next.map_or(self.names, |(name, _)| name);
        let (Some(customer), Some(cell)) = (customer, self.cells.get_mut(place)) else { return };
        cell.count += 1;
        cell.customers.insert(customer);
        if let Some((_, micros)) = next {
            cell.times.add(micros);
        }
    }

    fn end_stream(&mut self) {
        if self.since.take().is_some() {
            self.add(self.cursor.customer(), None);
        }
        self.cursor = Cursor::default();
    }

    /// Joins one of the same settings over other customers.
    pub fn merge(&mut self, mut other: Self) {
        self.end_stream();
        other.end_stream();
        for (mine, theirs) in self.cells.iter_mut().zip(other.cells) {
            mine.count += theirs.count;
            mine.customers.merge(theirs.customers);
            mine.times.merge(theirs.times);
        }
    }

    /// After the last batch: by count, the most frequent first; equal ones by code, "none" last.
    #[must_use]
    pub fn finish(mut self) -> Vec<NextEvent> {
        self.end_stream();
        let names = self.names;
        let cells = self.cells.into_iter().enumerate().filter(|(_, cell)| cell.count > 0);
        let mut found: Vec<NextEvent> = cells
            .map(|(place, cell)| NextEvent {
                code: (place < names).then_some(place as u32),
                count: cell.count,
                customers: cell.customers.finish(),
                times: cell.times.finish(),
            })
            .collect();
        found.sort_by_key(|next| (std::cmp::Reverse(next.count), next.code.unwrap_or(MISSING)));
        found
    }
}
