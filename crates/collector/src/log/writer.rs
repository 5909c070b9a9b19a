//! One thread writes: it takes all requests that wait, writes their records at once, waits for the disk once, and answers.
//!
//! What a message's id is compared with (the [`Window`]) belongs to this thread, so a repeated message is told from the first one
//! without a race: either the first is on disk when the repeated one is answered, or both fail together.

use std::{
    io,
    path::{Path, PathBuf},
    sync::{Arc, mpsc::Receiver, mpsc::RecvTimeoutError},
    time::{Duration, Instant},
};

use jiff::Timestamp;
use tokio::sync::oneshot;

use super::{
    Records, Shared,
    disk::{Appending, Disk},
    folder::{Folder, closed_path},
    window::{MessageKey, Window},
};
use crate::{CollectorError, settings::LogSettings};

/// How long the writer sleeps when nothing is open.
const IDLE: Duration = Duration::from_secs(60);
/// Files that could not be cut after the disk failed, and are tried again. With more, nothing is taken until one is mended.
const STUCK_MAX: usize = 8;

/// What waits for the disk.
pub(super) enum Work {
    /// A request's records.
    Append(Append),
    /// Close the segment that is open, and say so.
    Close(oneshot::Sender<()>),
}

pub(super) struct Append {
    pub(super) records: Records,
    pub(super) received: Timestamp,
    pub(super) reply: oneshot::Sender<Result<Vec<bool>, CollectorError>>,
}

pub(super) struct Writer {
    pub(super) folder: Folder,
    pub(super) disk: Box<dyn Disk>,
    pub(super) settings: LogSettings,
    pub(super) window: Window,
    pub(super) shared: Arc<Shared>,
    segment: Option<Segment>,
    /// The number of the next segment.
    next: u64,
    /// Files that may have more than was acknowledged, and could not be cut or closed.
    stuck: Vec<Segment>,
    /// Nothing is tried before, since the disk failed.
    paused_until: Option<Instant>,
    buffer: Vec<u8>,
}

/// The file that is being written.
struct Segment {
    path: PathBuf,
    file: Box<dyn Appending>,
    /// What is surely on disk.
    bytes: u64,
    close_at: Instant,
}

/// One request within a group: which of its records are new.
struct Sorted {
    append: Append,
    fresh: Vec<bool>,
}

impl Writer {
    pub(super) fn new(
        folder: Folder,
        disk: Box<dyn Disk>,
        settings: LogSettings,
        window: Window,
        shared: Arc<Shared>,
    ) -> Self {
        let (segment, stuck, buffer) = (None, Vec::new(), Vec::new());
        Self { folder, disk, settings, window, shared, segment, next: 0, stuck, paused_until: None, buffer }
    }

    /// Works until all senders are gone.
    pub(super) fn run(mut self, queue: &Receiver<Work>) {
        loop {
            match queue.recv_timeout(self.patience()) {
                Ok(work) => self.take(work, queue),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            self.close_if_due();
        }
        self.close();
        self.mend();
    }

    /// How long there is nothing to do without new work.
    fn patience(&self) -> Duration {
        let close = self.segment.as_ref().map(|segment| segment.close_at.saturating_duration_since(Instant::now()));
        let mend = (!self.stuck.is_empty()).then_some(self.settings.disk_pause);
        close.into_iter().chain(mend).min().unwrap_or(IDLE)
    }

    fn take(&mut self, first: Work, queue: &Receiver<Work>) {
        let (mut group, mut bytes, mut next) = (Vec::new(), 0, Some(first));
        while let Some(work) = next {
            match work {
                Work::Append(append) => {
                    bytes += append.records.text.len();
                    group.push(append);
                }
                Work::Close(done) => {
                    self.commit(std::mem::take(&mut group));
                    self.close();
                    done.send(()).ok(); // whoever asked may be gone
                }
            }
            next = if bytes < self.settings.group_bytes_max { queue.try_recv().ok() } else { None };
        }
        self.commit(group);
    }

    /// Writes a group, waits for the disk, and answers everybody.
    fn commit(&mut self, group: Vec<Append>) {
        if group.is_empty() {
            return;
        }
        let sorted = self.sort(group);
        match self.store() {
            Ok(()) => answer(sorted, &self.shared),
            Err(error) => self.refuse(sorted, &error),
        }
    }

    /// Puts new records into the buffer and marks the others as repeated.
    fn sort(&mut self, group: Vec<Append>) -> Vec<Sorted> {
        self.buffer.clear();
        if let Some(first) = group.first() {
            self.window.turn(first.received);
        }
        let mut sorted = Vec::with_capacity(group.len());
        for append in group {
            let mut fresh = Vec::with_capacity(append.records.keys.len());
            for (key, line) in append.records.each() {
                let new = self.window.add(key, append.received);
                if new {
                    self.buffer.extend_from_slice(line);
                }
                fresh.push(new);
            }
            sorted.push(Sorted { append, fresh });
        }
        sorted
    }

    fn store(&mut self) -> Result<(), StoreError> {
        if self.buffer.is_empty() {
            return Ok(()); // everything is repeated, and what it repeats is on disk
        }
        if self.paused_until.is_some_and(|until| Instant::now() < until) {
            return Err(StoreError::Paused);
        }
        self.mend();
        if self.stuck.len() >= STUCK_MAX {
            return Err(StoreError::Paused);
        }
        if self.shared.backlog_bytes() >= self.settings.backlog_bytes_max {
            return Err(StoreError::Backlog);
        }
        self.append().map_err(StoreError::Disk)
    }

    fn append(&mut self) -> io::Result<()> {
        if self.segment.is_none() {
            self.segment = Some(self.begin()?);
        }
        let Some(segment) = &mut self.segment else { return Ok(()) };
        segment.file.append(&self.buffer)?;
        let began = Instant::now();
        segment.file.sync()?;
        self.shared.synced(began.elapsed());
        segment.bytes += self.buffer.len() as u64;
        self.paused_until = None;
        Ok(())
    }

    fn begin(&mut self) -> io::Result<Segment> {
        let path = self.folder.open_path(self.next);
        self.next += 1;
        let file = self.disk.create(&path)?;
        if let Err(error) = self.disk.sync_folder(self.folder.path()) {
            self.disk.remove(&path).ok(); // it is empty; if it stays, the next start removes it
            return Err(error);
        }
        let close_at = Instant::now() + self.settings.segment_age_max;
        Ok(Segment { path, file, bytes: 0, close_at })
    }

    /// Takes back what was not stored and tells everybody.
    fn refuse(&mut self, sorted: Vec<Sorted>, error: &StoreError) {
        if let StoreError::Disk(error) = error {
            self.shared.disk_failed(error);
            self.paused_until = Some(Instant::now() + self.settings.disk_pause);
            if let Some(segment) = self.segment.take() {
                self.stuck.push(segment);
            }
            self.mend();
        }
        for Sorted { append, fresh } in &sorted {
            for (key, _) in append.records.keys.iter().zip(fresh).filter(|(_, fresh)| **fresh) {
                self.window.remove(*key);
            }
        }
        for Sorted { append, .. } in sorted {
            drop(append.reply.send(Err(error.told()))); // whoever asked may be gone
        }
    }

    /// Cuts what was not acknowledged from files that failed, and closes them.
    fn mend(&mut self) {
        for mut segment in std::mem::take(&mut self.stuck) {
            match segment.file.cut(segment.bytes) {
                Ok(()) => self.finish(segment),
                Err(_) => self.stuck.push(segment),
            }
        }
    }

    fn close_if_due(&mut self) {
        let full = |segment: &Segment| segment.bytes >= self.settings.segment_bytes_max;
        if self.segment.as_ref().is_some_and(|segment| full(segment) || Instant::now() >= segment.close_at) {
            self.close();
        }
    }

    fn close(&mut self) {
        if let Some(segment) = self.segment.take() {
            self.finish(segment);
        }
    }

    /// Gives a segment the name under which it is found, or removes one that has nothing.
    fn finish(&mut self, segment: Segment) {
        let Segment { path, bytes, .. } = &segment;
        let done = if *bytes == 0 { self.disk.remove(path) } else { self.disk.rename(path, &closed_path(path)) };
        match done {
            Ok(()) if *bytes > 0 => self.shared.closed(*bytes),
            Ok(()) => {}
            Err(_) if self.is_gone(path) => {}
            Err(error) => {
                self.shared.disk_failed(&error);
                self.stuck.push(segment);
            }
        }
    }

    fn is_gone(&self, path: &Path) -> bool {
        matches!(path.try_exists(), Ok(false))
    }
}

fn answer(sorted: Vec<Sorted>, shared: &Shared) {
    shared.group(sorted.len() as u64);
    for Sorted { append, fresh } in sorted {
        drop(append.reply.send(Ok(fresh))); // whoever asked may be gone; the events are stored all the same
    }
}

/// Why a group was not stored.
enum StoreError {
    Disk(io::Error),
    Paused,
    Backlog,
}

impl StoreError {
    fn told(&self) -> CollectorError {
        match self {
            Self::Disk(_) | Self::Paused => CollectorError::Disk,
            Self::Backlog => CollectorError::Backlog,
        }
    }
}

/// A request's records, in order.
impl Records {
    pub(super) fn each(&self) -> impl Iterator<Item = (MessageKey, &[u8])> {
        self.keys.iter().zip(&self.lines).map(|(key, range)| (*key, &self.text[range.clone()]))
    }
}
