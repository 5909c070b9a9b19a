//! The many records of a month while they wait for their days to be written.
//!
//! People are lived one after the other and days are written one after the other, so a month's records must wait somewhere.
//! Up to [`crate::Settings::records_in_memory`] of them wait in memory; the others wait in a file beside the exports, which
//! is gone when the month is written. What is written does not depend on where it waited.

use std::{
    fs::{self, File, OpenOptions},
    io::{Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use crate::{
    SimulationError,
    life::{
        outbox::DayBox,
        packed::{Packed, pack, unpack},
        records::{Booking, Event, Payment},
    },
};

/// The records of one group of people.
enum Group {
    InMemory(Vec<DayBox>),
    /// Where each day lies in the file.
    InFile(Vec<Span>),
}

/// A group's records of one day in the file: bookings, then payments, then events.
#[derive(Clone, Copy)]
struct Span {
    at: u64,
    bookings: usize,
    payments: usize,
    events: usize,
}

impl Span {
    fn bytes(self) -> usize {
        self.bookings * Booking::SIZE + self.payments * Payment::SIZE + self.events * Event::SIZE
    }
}

/// The records of one month.
pub(crate) struct Spool {
    path: PathBuf,
    file: Option<Mutex<File>>,
    file_bytes: u64,
    records_max: usize,
    records: usize,
    groups: Vec<Group>,
}

impl Spool {
    /// An empty one; its file, if it needs one, is in `folder`.
    pub(crate) fn new(folder: &Path, records_max: usize) -> Self {
        let path = folder.join(".month.spool");
        Self { path, file: None, file_bytes: 0, records_max, records: 0, groups: Vec::new() }
    }

    /// Takes the records of the next group.
    pub(crate) fn push(&mut self, mut days: Vec<DayBox>) -> Result<(), SimulationError> {
        let records: usize = days.iter().map(DayBox::len).sum();
        if self.records + records > self.records_max {
            return self.write(&days);
        }
        self.records += records;
        // A third of the room was reserved and not used.
        days.iter_mut().for_each(DayBox::shrink);
        self.groups.push(Group::InMemory(days));
        Ok(())
    }

    fn write(&mut self, days: &[DayBox]) -> Result<(), SimulationError> {
        let (mut bytes, mut spans) = (Vec::new(), Vec::with_capacity(days.len()));
        for day in days {
            let at = self.file_bytes + bytes.len() as u64;
            let (bookings, payments, events) = (day.bookings.len(), day.payments.len(), day.events.len());
            spans.push(Span { at, bookings, payments, events });
            pack(&day.bookings, &mut bytes);
            pack(&day.payments, &mut bytes);
            pack(&day.events, &mut bytes);
        }
        let file = match self.file.take() {
            Some(file) => file,
            None => Mutex::new(create(&self.path)?),
        };
        let file = self.file.insert(file).get_mut().unwrap_or_else(PoisonError::into_inner);
        file.write_all(&bytes).map_err(SimulationError::file("write", &self.path))?;
        self.file_bytes += bytes.len() as u64;
        self.groups.push(Group::InFile(spans));
        Ok(())
    }

    /// Everybody's records of a day, in the order of people.
    pub(crate) fn day(&self, at: usize) -> Result<DayBox, SimulationError> {
        let mut all = DayBox::default();
        for group in &self.groups {
            match group {
                Group::InMemory(days) => days.get(at).into_iter().for_each(|day| all.copy(day)),
                Group::InFile(spans) => spans.get(at).map_or(Ok(()), |span| self.read(*span, &mut all))?,
            }
        }
        Ok(all)
    }

    fn read(&self, span: Span, into: &mut DayBox) -> Result<(), SimulationError> {
        let Some(file) = &self.file else { return Ok(()) };
        let mut bytes = vec![0; span.bytes()];
        let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
        let read = file.seek(SeekFrom::Start(span.at)).and_then(|_| file.read_exact(&mut bytes));
        read.map_err(SimulationError::file("read", &self.path))?;
        drop(file);
        let (bookings, rest) = bytes.split_at(span.bookings * Booking::SIZE);
        let (payments, events) = rest.split_at(span.payments * Payment::SIZE);
        unpack(bookings, &mut into.bookings);
        unpack(payments, &mut into.payments);
        unpack(events, &mut into.events);
        Ok(())
    }
}

fn create(path: &Path) -> Result<File, SimulationError> {
    let mut options = OpenOptions::new();
    let opened = options.read(true).write(true).create(true).truncate(true).open(path);
    opened.map_err(SimulationError::file("write", path))
}

impl Drop for Spool {
    fn drop(&mut self) {
        if self.file.take().is_some() {
            // What cannot be removed is left; the run has its outcome by then.
            let _ = fs::remove_file(&self.path);
        }
    }
}
