//! Sessions: runs of a customer's rows without a long pause.
//!
//! A row starts a session when it is the customer's first; when more than `gap` has passed since the row before (exactly `gap` is
//! still the same session); when `channel_change` is on and its channel differs (a missing channel is a channel of its own);
//! when `midnight` is on and it falls on another day of the zone. A session lasts from its first row to its last, so one
//! of a single row lasts 0.
//!
//! *Dwell* on a screen or event is the time from its row to the next of the same session, capped; the last row of a session
//! has none, because nobody knows. Rows of one instant are taken in the order they come: it decides which is the entry, the exit
//! and who dwells, and nothing else.

use std::ops::Range;

use fearless_simd::{Level, Simd, dispatch};
use roaring::RoaringBitmap;

use crate::{
    Durations, JourneyError, MISSING, Rows, Zone,
    durations::DenseDurations,
    rows::{LOOKED_THROUGH, for_each_block_marked},
    sets::SetBuilder,
};

/// Names (codes below this) of screens or events that are told apart.
pub const NAMES_MAX: usize = 4096;

/// What ends a session.
#[derive(Debug, Clone)]
pub struct SessionSettings {
    /// The longest pause inside a session, microseconds.
    pub gap: u64,
    /// Another channel starts another session; the batch then needs `channel`.
    pub channel_change: bool,
    /// Another local day starts another session.
    pub midnight: bool,
    /// Whose days.
    pub zone: Zone,
    /// No dwell counts for more than this, microseconds.
    pub dwell_max: u64,
}

impl SessionSettings {
    /// Ended by a pause only; dwell is capped at the pause.
    #[must_use]
    pub fn with_gap(gap: u64) -> Self {
        Self { gap, channel_change: false, midnight: false, zone: Zone::utc(), dwell_max: gap }
    }
}

/// The columns of a batch that sessions read.
#[derive(Debug, Clone, Copy)]
pub struct SessionRows<'a> {
    /// Who and when.
    pub rows: Rows<'a>,
    /// Codes of channels ([`MISSING`] for none); needed with `channel_change`.
    pub channel: Option<&'a [u32]>,
    /// Codes of screens or events ([`MISSING`] for none), for entries, exits and dwell.
    pub name: Option<&'a [u32]>,
}

/// What a row is to the session before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Inside,
    NewSession,
    NewCustomer,
}

/// Finds where sessions start.
#[derive(Debug, Clone)]
struct Boundary {
    settings: SessionSettings,
    /// `-1` before the first row: no customer has that number.
    customer: i64,
    ts: i64,
    channel: u32,
    /// The first instant of the day after the row at hand.
    day_end: i64,
}

impl Boundary {
    fn new(settings: &SessionSettings) -> Self {
        Self { settings: settings.clone(), customer: -1, ts: 0, channel: MISSING, day_end: i64::MAX }
    }

    /// `SPLIT`: channels or days matter.
    #[inline]
    fn place<const SPLIT: bool>(&mut self, customer: i64, ts: i64, channel: u32) -> Option<Place> {
        // A step back in time wraps to a long pause and is told apart there.
        let pause = ts.wrapping_sub(self.ts).cast_unsigned();
        let place = if customer != self.customer {
            if customer < self.customer || customer > i64::from(u32::MAX) {
                return None;
            }
            Place::NewCustomer
        } else if pause > self.settings.gap {
            if ts < self.ts {
                return None;
            }
            Place::NewSession
        } else if SPLIT && (channel != self.channel || ts >= self.day_end) {
            Place::NewSession
        } else {
            Place::Inside
        };
        (self.customer, self.ts) = (customer, ts);
        if SPLIT {
            self.split(place, ts, channel);
        }
        Some(place)
    }

    #[inline]
    fn split(&mut self, place: Place, ts: i64, channel: u32) {
        self.channel = channel;
        if self.settings.midnight && place != Place::Inside {
            let tomorrow = self.settings.zone.day(ts).saturating_add(1);
            self.day_end = self.settings.zone.day_start(tomorrow);
        }
    }

    /// Why a row has no place.
    #[cold]
    fn error(&self, row: usize, customer: i64) -> JourneyError {
        if u32::try_from(customer).is_err() {
            return JourneyError::CustomerOutOfRange { customer };
        }
        JourneyError::NotSorted { row }
    }

    fn splits(&self) -> bool {
        self.settings.channel_change || self.settings.midnight
    }

    /// The channels, where they matter. Sorted rows start with the smallest customer, so a negative one is found here.
    fn channels<'a>(&self, batch: &SessionRows<'a>) -> Result<Option<&'a [u32]>, JourneyError> {
        if let Some(customer) = batch.rows.customer.first().filter(|customer| **customer < 0) {
            return Err(self.error(0, *customer));
        }
        if !self.settings.channel_change {
            return Ok(None);
        }
        let channels = batch.channel.unwrap_or_default();
        batch.rows.matches("channel", channels)?;
        Ok(Some(channels))
    }
}

/// Marks the rows of a range at which a session starts that is ended by pauses only; the first row of a batch is none. A step back in time
/// wraps to a long pause and is told apart later.
#[inline(always)]
fn mark_starts<S: Simd>(_simd: S, rows: Rows<'_>, range: Range<usize>, gap: u64, marks: &mut [u8]) {
    let from = range.start.max(1);
    let (Some(before), Some(now)) = (rows.part(from - 1, range.end - 1), rows.part(from, range.end)) else {
        return;
    };
    let marks = match marks.split_first_mut() {
        Some((first, rest)) if range.start == 0 => {
            *first = 0;
            rest
        }
        _ => marks,
    };
    let customers = now.customer.iter().zip(before.customer);
    let times = now.ts.iter().zip(before.ts);
    for (mark, ((customer, customer_before), (ts, ts_before))) in marks.iter_mut().zip(customers.zip(times)) {
        let pause = ts.wrapping_sub(*ts_before).cast_unsigned();
        *mark = u8::from((customer != customer_before) | (pause > gap));
    }
}

/// Numbers sessions, row by row (`sessionize` of SQL).
#[derive(Debug, Clone)]
pub struct Sessionizer {
    boundary: Boundary,
    number: u32,
}

impl Sessionizer {
    /// Before any row.
    #[must_use]
    pub fn new(settings: &SessionSettings) -> Self {
        Self { boundary: Boundary::new(settings), number: 0 }
    }

    /// Appends for each row which session of its customer it is in, from 1.
    ///
    /// # Errors
    /// When a column is missing or rows are out of order.
    pub fn push(&mut self, batch: &SessionRows<'_>, numbers: &mut Vec<u32>) -> Result<(), JourneyError> {
        let channels = self.boundary.channels(batch)?;
        numbers.reserve(batch.rows.len());
        for (i, (customer, ts)) in batch.rows.customer.iter().zip(batch.rows.ts).enumerate() {
            let channel = channels.map_or(MISSING, |c| c[i]);
            let place = self.boundary.place::<true>(*customer, *ts, channel);
            match place.ok_or_else(|| self.boundary.error(i, *customer))? {
                Place::Inside => {}
                Place::NewSession => self.number = self.number.saturating_add(1),
                Place::NewCustomer => self.number = 1,
            }
            numbers.push(self.number);
        }
        Ok(())
    }
}

/// Sessions over a stream of batches.
#[derive(Debug, Clone)]
pub struct SessionKernel {
    boundary: Boundary,
    /// When the session at hand started.
    start: i64,
    /// The rows before this batch, and where the session at hand started among all.
    rows: u64,
    start_row: u64,
    name: u32,
    sessions: u64,
    durations: DenseDurations,
    customers: SetBuilder,
    single: u64,
    single_customers: SetBuilder,
    names: Vec<NameCell>,
}

#[derive(Debug, Clone, Default)]
struct NameCell {
    entries: u64,
    exits: u64,
    entered: SetBuilder,
    exited: SetBuilder,
    dwell: DenseDurations,
}

impl SessionKernel {
    /// Before any row.
    #[must_use]
    pub fn new(settings: &SessionSettings) -> Self {
        Self {
            boundary: Boundary::new(settings),
            start: 0,
            rows: 0,
            start_row: 0,
            name: MISSING,
            sessions: 0,
            durations: DenseDurations::default(),
            customers: SetBuilder::default(),
            single: 0,
            single_customers: SetBuilder::default(),
            names: Vec::new(),
        }
    }

    /// The next batch.
    ///
    /// # Errors
    /// When a column is missing or of another length, rows are out of order, or there are too many names.
    pub fn push(&mut self, batch: &SessionRows<'_>) -> Result<(), JourneyError> {
        let channels = self.boundary.channels(batch)?.unwrap_or_default();
        match (batch.name, self.boundary.splits()) {
            (None, false) => self.run_pauses(batch.rows),
            (None, true) => self.run::<true, false>(batch.rows, channels, &[]),
            (Some(names), splits) => {
                batch.rows.matches("name", names)?;
                self.make_room(names)?;
                if splits {
                    self.run::<true, true>(batch.rows, channels, names)
                } else {
                    self.run::<false, true>(batch.rows, &[], names)
                }
            }
        }
    }

    fn make_room(&mut self, names: &[u32]) -> Result<(), JourneyError> {
        let highest = names.iter().filter(|code| **code != MISSING).max();
        let needed = highest.map_or(0, |code| *code as usize + 1);
        if needed > NAMES_MAX {
            let advice = "use the codes of a dictionary, and join rare names into one";
            return Err(JourneyError::TooMany { what: "names of screens or events", limit: NAMES_MAX, advice });
        }
        if needed > self.names.len() {
            self.names.resize_with(needed, NameCell::default);
        }
        Ok(())
    }

    /// Where pauses alone end sessions: first where they start, many rows at a time, then all that start so.
    fn run_pauses(&mut self, rows: Rows<'_>) -> Result<(), JourneyError> {
        let (Some(first), Some(at)) = (rows.customer.first(), rows.ts.first()) else { return Ok(()) };
        self.first_of_batch(*first, *at)?;
        let (gap, level) = (self.boundary.settings.gap, Level::new());
        let mut durations = [0; LOOKED_THROUGH];
        for_each_block_marked(
            rows.len(),
            |range, marks| dispatch!(level, simd => mark_starts(simd, rows, range, gap, marks)),
            |starts| {
                self.start_each(rows, starts, &mut durations)?;
                self.durations.add_all(durations.get(..starts.len()).unwrap_or_default());
                Ok::<_, JourneyError>(())
            },
        )?;
        if let (Some(customer), Some(ts)) = (rows.customer.last(), rows.ts.last()) {
            (self.boundary.customer, self.boundary.ts) = (*customer, *ts);
        }
        self.rows += rows.len() as u64;
        Ok(())
    }

    /// The first row of a batch, where pauses alone end sessions: it may start one.
    fn first_of_batch(&mut self, customer: i64, ts: i64) -> Result<(), JourneyError> {
        let (before, last) = (self.boundary.customer, self.boundary.ts);
        match self.boundary.place::<false>(customer, ts, MISSING) {
            Some(Place::Inside) => {}
            Some(place) => {
                self.end_session(before, last, self.rows);
                self.start_session(place, customer as u32, ts, self.rows, MISSING);
            }
            None => return Err(self.boundary.error(0, customer)),
        }
        Ok(())
    }

    /// Sessions that start at these rows, none of them the first of a batch, end those before them, whose durations are put down; without names.
    fn start_each(
        &mut self,
        rows: Rows<'_>,
        starts: &[u32],
        durations: &mut [i64; LOOKED_THROUGH],
    ) -> Result<(), JourneyError> {
        let (mut start, mut start_row) = (self.start, self.start_row);
        for (row, duration) in starts.iter().map(|row| *row as usize).zip(durations) {
            let pair = row.saturating_sub(1)..row + 1;
            let (Some([before, now]), Some([last, at])) = (rows.customer.get(pair.clone()), rows.ts.get(pair)) else {
                continue;
            };
            let (before, now, last, at) = (*before, *now, *last, *at);
            if now != before {
                if now < before || now > i64::from(u32::MAX) {
                    return Err(self.boundary.error(row, now));
                }
                self.customers.insert(now as u32);
            } else if at < last {
                return Err(self.boundary.error(row, now));
            }
            let number = self.rows + row as u64;
            if number - start_row == 1 {
                self.single += 1;
                self.single_customers.insert(before as u32);
            }
            *duration = last.saturating_sub(start);
            (start, start_row) = (at, number);
        }
        self.sessions += starts.len() as u64;
        (self.start, self.start_row) = (start, start_row);
        Ok(())
    }

    fn run<const SPLIT: bool, const NAMES: bool>(
        &mut self,
        rows: Rows<'_>,
        channels: &[u32],
        names: &[u32],
    ) -> Result<(), JourneyError> {
        for (i, (customer, ts)) in rows.customer.iter().zip(rows.ts).enumerate() {
            let channel = if SPLIT { channels.get(i).copied().unwrap_or(MISSING) } else { MISSING };
            let name = if NAMES { names[i] } else { MISSING };
            let (before, last) = (self.boundary.customer, self.boundary.ts);
            let place = self.boundary.place::<SPLIT>(*customer, *ts, channel);
            if place == Some(Place::Inside) {
                if NAMES {
                    self.dwell(ts.saturating_sub(last));
                    self.name = name;
                }
                continue;
            }
            let place = place.ok_or_else(|| self.boundary.error(i, *customer))?;
            let row = self.rows + i as u64;
            self.end_session(before, last, row);
            self.start_session(place, *customer as u32, *ts, row, name);
        }
        self.rows += rows.len() as u64;
        Ok(())
    }

    #[inline]
    fn dwell(&mut self, micros: i64) {
        let most = i64::try_from(self.boundary.settings.dwell_max).unwrap_or(i64::MAX);
        if let Some(cell) = self.names.get_mut(self.name as usize) {
            cell.dwell.add(micros.min(most));
        }
    }

    #[inline]
    fn start_session(&mut self, place: Place, customer: u32, ts: i64, row: u64, name: u32) {
        (self.start, self.start_row, self.name) = (ts, row, name);
        if place == Place::NewCustomer {
            self.customers.insert(customer);
        }
        if let Some(cell) = self.names.get_mut(name as usize) {
            cell.entries += 1;
            cell.entered.insert(customer);
        }
    }

    /// The session at hand ends before `row`; its last row was at `last`.
    #[inline]
    fn end_session(&mut self, customer: i64, last: i64, row: u64) {
        let Ok(customer) = u32::try_from(customer) else { return };
        self.sessions += 1;
        self.durations.add(last.saturating_sub(self.start));
        if row - self.start_row == 1 {
            self.single += 1;
            self.single_customers.insert(customer);
        }
        if let Some(cell) = self.names.get_mut(self.name as usize) {
            cell.exits += 1;
            cell.exited.insert(customer);
        }
    }

    fn end_stream(&mut self) {
        self.end_session(self.boundary.customer, self.boundary.ts, self.rows);
        self.boundary.customer = -1;
    }

    /// Joins sessions of the same settings over other customers.
    pub fn merge(&mut self, mut other: Self) {
        self.end_stream();
        other.end_stream();
        self.rows += other.rows;
        self.sessions += other.sessions;
        self.single += other.single;
        self.durations.merge(other.durations);
        self.customers.merge(other.customers);
        self.single_customers.merge(other.single_customers);
        if other.names.len() > self.names.len() {
            self.names.resize_with(other.names.len(), NameCell::default);
        }
        self.names.iter_mut().zip(other.names).for_each(|(mine, theirs)| mine.merge(theirs));
    }

    /// After the last batch.
    #[must_use]
    pub fn finish(mut self) -> Sessions {
        self.end_stream();
        let names = self.names.into_iter().enumerate().filter_map(|(code, cell)| cell.finish(code as u32));
        Sessions {
            sessions: self.sessions,
            rows: self.rows,
            durations: self.durations.finish(),
            customers: self.customers.finish(),
            single: self.single,
            single_customers: self.single_customers.finish(),
            names: names.collect(),
        }
    }
}

impl NameCell {
    fn merge(&mut self, other: Self) {
        self.entries += other.entries;
        self.exits += other.exits;
        self.entered.merge(other.entered);
        self.exited.merge(other.exited);
        self.dwell.merge(other.dwell);
    }

    fn finish(self, code: u32) -> Option<NameSessions> {
        let dwell = self.dwell.finish();
        let found = self.entries + self.exits + dwell.count() > 0;
        found.then(|| NameSessions {
            code,
            entries: self.entries,
            exits: self.exits,
            entered: self.entered.finish(),
            exited: self.exited.finish(),
            dwell,
        })
    }
}

/// What sessions there were.
#[derive(Debug, Clone, PartialEq)]
pub struct Sessions {
    /// How many.
    pub sessions: u64,
    /// Of how many rows.
    pub rows: u64,
    /// How long they lasted.
    pub durations: Durations,
    /// Who had any.
    pub customers: RoaringBitmap,
    /// How many were a single row.
    pub single: u64,
    /// Who had one of those.
    pub single_customers: RoaringBitmap,
    /// By screen or event, in order of code; those that no session entered, left or dwelt on are left out.
    pub names: Vec<NameSessions>,
}

/// A screen or event in sessions.
#[derive(Debug, Clone, PartialEq)]
pub struct NameSessions {
    /// Which.
    pub code: u32,
    /// Sessions that started with it.
    pub entries: u64,
    /// Sessions that ended with it.
    pub exits: u64,
    /// Who started a session with it.
    pub entered: RoaringBitmap,
    /// Who ended a session with it.
    pub exited: RoaringBitmap,
    /// How long customers stayed.
    pub dwell: Durations,
}
