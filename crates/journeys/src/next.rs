//! The next event after an event.
//!
//! The next row of the customer is the next event; rows of one instant follow each other in the order they come. Rows without
//! a name ([`MISSING`]) are not there: the row after them is next.

use roaring::RoaringBitmap;

use crate::{
    Durations, JourneyError, MISSING, Rows,
    durations::DenseDurations,
    error::settings,
    rows::{Cursor, Step, for_each_where},
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
}

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
        Ok(Self { anchor, names, within, cursor: Cursor::default(), since: None, cells })
    }

    /// The next batch.
    ///
    /// # Errors
    /// When the column is of another length, a code is outside the dictionary, or rows that are looked at are out of order.
    pub fn push(&mut self, rows: Rows<'_>, names: &[u32]) -> Result<(), JourneyError> {
        rows.matches("name", names)?;
        // All are compared, many at a time, rather than up to the first that has none.
        let named = names.iter().fold(true, |all, name| all & ((*name as usize) < self.names));
        if named { self.push_named(rows, names) } else { self.push_each(rows, names) }
    }

    /// Where every row has a name: only the event's own rows are looked at, and those after them.
    fn push_named(&mut self, rows: Rows<'_>, names: &[u32]) -> Result<(), JourneyError> {
        let Some(last) = rows.len().checked_sub(1) else { return Ok(()) };
        self.row(0, rows.customer[0], rows.ts[0], names[0])?;
        let anchor = self.anchor;
        for_each_where(
            last,
            |row| names[row] == anchor,
            |row| {
                let next = row + 1;
                let (customer, ts) = (rows.customer[row], rows.ts[row]);
                let mut cursor = Cursor::default();
                cursor.advance(row, customer, ts)?;
                let step = cursor.advance(next, rows.customer[next], rows.ts[next])?;
                self.count(u32::try_from(customer).ok(), ts, step, rows.ts[next], names[next]);
                Ok::<_, JourneyError>(())
            },
        )?;
        self.cursor.advance(last, rows.customer[last], rows.ts[last])?;
        self.since = (names[last] == anchor).then_some(rows.ts[last]);
        Ok(())
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
