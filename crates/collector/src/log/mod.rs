//! An append log in a folder: what is acknowledged is on disk, in plain files that a loader reads and releases.
//!
//! Options were a store (SQLite commits a few thousand requests a second, and its file has to be read out again) and a
//! broker (a service beside Florin). A log of JSON lines is read by `florin ingest` as it is, and one wait for the disk
//! does for all requests that arrived during the one before.
//!
//! *Simplifying assumptions*: one process writes to a folder; a segment is read whole when a crash is mended, so its
//! size is bounded; a file system keeps what `fsync` said it keeps.

mod disk;
mod folder;
pub(crate) mod line;
mod window;
mod writer;

use std::{
    ops::Range,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
        mpsc::{self, SyncSender, TrySendError},
    },
    thread::JoinHandle,
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use tokio::sync::{oneshot, watch};

pub use disk::{Appending, Disk, LocalDisk};
pub use folder::{ClosedSegment, Recovered};
pub use window::MessageKey;

use crate::{CollectorError, settings::LogSettings};
use folder::Folder;
use window::Window;
use writer::{Append, Work, Writer};

/// A request's sealed records, and the key of each.
#[derive(Debug, Default)]
pub struct Records {
    pub(crate) text: Vec<u8>,
    /// Where each record is in the text, with its newline.
    pub(crate) lines: Vec<Range<usize>>,
    pub(crate) keys: Vec<MessageKey>,
}

/// The log, being written.
pub struct Log {
    folder: PathBuf,
    generation: u64,
    recovered: Recovered,
    shared: Arc<Shared>,
    queue: Mutex<Option<SyncSender<Work>>>,
    writer: Mutex<Option<JoinHandle<()>>>,
}

/// What the writer tells everybody.
#[derive(Debug)]
struct Shared {
    backlog: AtomicU64,
    closed: watch::Sender<u64>,
    groups: AtomicU64,
    group_requests: AtomicU64,
    disk_failures: AtomicU64,
    sync_micros: AtomicU64,
    sync_micros_max: AtomicU64,
    /// What the system said when the disk failed, until it works again.
    trouble: Mutex<Option<String>>,
}

/// Figures of the log.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LogFigures {
    /// Waits for the disk.
    pub groups: u64,
    /// Requests they were for.
    pub group_requests: u64,
    /// How often the disk failed.
    pub disk_failures: u64,
    /// Microseconds that the disk took in all.
    pub sync_micros: u64,
    /// The longest of them.
    pub sync_micros_max: u64,
    /// Segments closed since the log was opened.
    pub segments_closed: u64,
    /// Bytes of closed segments that were not released.
    pub backlog_bytes: u64,
}

impl Shared {
    fn backlog_bytes(&self) -> u64 {
        self.backlog.load(Relaxed)
    }

    fn closed(&self, bytes: u64) {
        self.backlog.fetch_add(bytes, Relaxed);
        self.closed.send_modify(|closed| *closed += 1);
    }

    fn released(&self, bytes: u64) {
        let less = |backlog: u64| Some(backlog.saturating_sub(bytes));
        self.backlog.fetch_update(Relaxed, Relaxed, less).ok(); // it never fails: the function always has a value
    }

    fn group(&self, requests: u64) {
        self.groups.fetch_add(1, Relaxed);
        self.group_requests.fetch_add(requests, Relaxed);
    }

    fn disk_failed(&self, error: &std::io::Error) {
        self.disk_failures.fetch_add(1, Relaxed);
        *self.trouble.lock().unwrap_or_else(PoisonError::into_inner) = Some(error.to_string());
    }

    fn synced(&self, took: Duration) {
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        self.sync_micros.fetch_add(micros, Relaxed);
        self.sync_micros_max.fetch_max(micros, Relaxed);
        *self.trouble.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

impl Log {
    /// Opens the log in a folder, which is made where it is missing. Segments that a crash left open are mended and closed.
    /// `now` says which messages are still remembered.
    ///
    /// # Errors
    /// A folder that cannot be written, or that another process has.
    pub fn open(
        path: &Path,
        settings: LogSettings,
        disk: Box<dyn Disk>,
        now: Timestamp,
    ) -> Result<Self, CollectorError> {
        let (folder, recovered) = Folder::open(path)?;
        let closed = folder::closed(path)?;
        let mut window = Window::new(settings.window, settings.window_ids_max);
        remember(&closed, &settings, &mut window, now)?;
        let shared = Arc::new(Shared {
            backlog: AtomicU64::new(closed.iter().map(|segment| segment.bytes).sum()),
            closed: watch::Sender::new(0),
            groups: AtomicU64::new(0),
            group_requests: AtomicU64::new(0),
            disk_failures: AtomicU64::new(0),
            sync_micros: AtomicU64::new(0),
            sync_micros_max: AtomicU64::new(0),
            trouble: Mutex::new(None),
        });
        let (generation, folder_path) = (folder.generation(), folder.path().to_owned());
        let (queue, waiting) = mpsc::sync_channel(settings.queue_requests_max);
        let writer = Writer::new(folder, disk, settings, window, Arc::clone(&shared));
        let thread = std::thread::Builder::new().name("event-log".to_owned()).spawn(move || writer.run(&waiting));
        let thread = thread.map_err(CollectorError::io("start writing to", path))?;
        let (queue, writer) = (Mutex::new(Some(queue)), Mutex::new(Some(thread)));
        Ok(Self { folder: folder_path, generation, recovered, shared, queue, writer })
    }

    /// What a crash had left behind.
    #[must_use]
    pub fn recovered(&self) -> Recovered {
        self.recovered
    }

    /// How often the log was opened, this time included.
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// Stores records. Returns when they are on disk, and says of each whether it is new; the others were stored before.
    ///
    /// # Errors
    /// When nothing was stored: too much waits, the disk failed, or the log is closed.
    pub async fn append(&self, records: Records, received: Timestamp) -> Result<Vec<bool>, CollectorError> {
        let (reply, answer) = oneshot::channel();
        let queue = self.queue()?;
        queue.try_send(Work::Append(Append { records, received, reply })).map_err(|error| match error {
            TrySendError::Full(_) => CollectorError::Busy,
            TrySendError::Disconnected(_) => CollectorError::Closed,
        })?;
        drop(queue);
        answer.await.unwrap_or(Err(CollectorError::Closed))
    }

    /// Closes the segment that is open, so that a loader finds its records.
    ///
    /// # Errors
    /// When too much waits, or the log is closed.
    pub async fn flush(&self) -> Result<(), CollectorError> {
        let (done, closed) = oneshot::channel();
        match self.queue()?.try_send(Work::Close(done)) {
            Ok(()) => closed.await.map_err(|_| CollectorError::Closed),
            Err(TrySendError::Full(_)) => Err(CollectorError::Busy),
            Err(TrySendError::Disconnected(_)) => Err(CollectorError::Closed),
        }
    }

    /// Stores what waits, closes the segment, and takes nothing any more.
    pub fn close(&self) {
        drop(self.queue.lock().unwrap_or_else(PoisonError::into_inner).take());
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(writer) = writer {
            drop(writer.join()); // it does not panic; if it did, what is acknowledged is on disk
        }
    }

    /// The closed segments, in the order of writing. They never change; what is loaded is [released](Log::release).
    ///
    /// # Errors
    /// A folder that cannot be read.
    pub fn closed(&self) -> Result<Vec<ClosedSegment>, CollectorError> {
        folder::closed(&self.folder)
    }

    /// Counts the closed segments, so that a loader can wait for the next one.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<u64> {
        self.shared.closed.subscribe()
    }

    /// Removes a closed segment: its events are stored elsewhere. Only a loader whose batch is done calls this.
    ///
    /// # Errors
    /// A name that is none, or a file that cannot be removed.
    pub fn release(&self, name: &str) -> Result<(), CollectorError> {
        let unknown = || CollectorError::NoSegment { name: name.to_owned() };
        let path = folder::segment_path(&self.folder, name).ok_or_else(unknown)?;
        let bytes = std::fs::metadata(&path).map_err(|_| unknown())?.len();
        std::fs::remove_file(&path).map_err(CollectorError::io("remove", &path))?;
        self.shared.released(bytes);
        Ok(())
    }

    /// What the log did.
    #[must_use]
    pub fn figures(&self) -> LogFigures {
        let Shared { backlog, closed, groups, group_requests, disk_failures, sync_micros, sync_micros_max, .. } =
            &*self.shared;
        LogFigures {
            groups: groups.load(Relaxed),
            group_requests: group_requests.load(Relaxed),
            disk_failures: disk_failures.load(Relaxed),
            sync_micros: sync_micros.load(Relaxed),
            sync_micros_max: sync_micros_max.load(Relaxed),
            segments_closed: *closed.borrow(),
            backlog_bytes: backlog.load(Relaxed),
        }
    }

    /// What the system says of the disk, from when it failed until it works again.
    #[must_use]
    pub fn trouble(&self) -> Option<String> {
        self.shared.trouble.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn queue(&self) -> Result<SyncSender<Work>, CollectorError> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner).clone().ok_or(CollectorError::Closed)
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        self.close();
    }
}

/// What is read of a record to remember its message.
#[derive(Deserialize)]
struct Remembered<'t> {
    #[serde(borrow)]
    source: Option<std::borrow::Cow<'t, str>>,
    #[serde(borrow)]
    message_id: Option<std::borrow::Cow<'t, str>>,
    received_at: Option<Timestamp>,
}

/// Remembers the messages of segments that were not released, the newest first, as long as they are young enough.
fn remember(
    closed: &[ClosedSegment],
    settings: &LogSettings,
    window: &mut Window,
    now: Timestamp,
) -> Result<(), CollectorError> {
    let span = SignedDuration::try_from(settings.window).unwrap_or(SignedDuration::MAX);
    let mut room = settings.window_ids_max / 2;
    for segment in closed.iter().rev() {
        let text = std::fs::read(&segment.path).map_err(CollectorError::io("read", &segment.path))?;
        let mut young = false;
        for line in line::lines(&text).take(room) {
            let Ok(record) = serde_json::from_slice::<Remembered<'_>>(line) else { continue };
            if record.received_at.is_none_or(|received| now.duration_since(received) >= span) {
                continue;
            }
            young = true;
            if let (Some(source), Some(id)) = (record.source, record.message_id) {
                window.add(MessageKey::new(&source, &id), now);
                room -= 1;
            }
        }
        if !young || room == 0 {
            break;
        }
    }
    Ok(())
}
