//! One request, from its body to the report of its events: open, find the source, sort, store, report.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

use jiff::Timestamp;

use crate::{
    BodyProblem, Clock, CollectorError, Counts, Dialect, Disk, Figures, ItemReport, Keys, Log, Outcome, Settings,
    Source,
    figures::Tally,
    keys::key_of_header,
    parse::{Envelope, Frame, Sorted, Verdict},
};

/// Takes events and keeps them until they are loaded.
pub struct Collector {
    settings: Settings,
    keys: Arc<dyn Keys>,
    clock: Arc<dyn Clock>,
    log: Log,
    tally: Tally,
    ids: AtomicU64,
}

/// One request's body, decompressed, and what its headers and address say.
#[derive(Debug, Clone, Copy)]
pub struct Request<'r> {
    /// Whose words it is in.
    pub dialect: Dialect,
    /// The body.
    pub body: &'r [u8],
    /// The header `Authorization`.
    pub authorization: Option<&'r str>,
    /// A write key in the address.
    pub key: Option<&'r str>,
    /// When it was sent by the sender's clock, where a header says so.
    pub sent_at: Option<Timestamp>,
    /// What sent it, where a header says so.
    pub library: Option<&'r str>,
    /// Whether its sender wants to be told of each event.
    pub strict: bool,
}

/// What became of a request's events, in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Each event. Ids are there when the sender is told of each event.
    pub items: Vec<ItemReport>,
    /// How many ended how.
    pub counts: Counts,
}

/// Why nothing of a request was taken.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// It cannot be understood.
    #[error(transparent)]
    Body(#[from] BodyProblem),
    /// It says no source, or one that does not exist.
    #[error("give a write key that is valid: as the name of Basic, as Bearer, or in the body")]
    Unknown,
    /// It could not be stored.
    #[error(transparent)]
    NotStored(#[from] CollectorError),
}

/// Tables hold microseconds.
fn to_the_microsecond(now: Timestamp) -> Timestamp {
    Timestamp::from_microsecond(now.as_microsecond()).unwrap_or(now)
}

impl Collector {
    /// Opens the log in a folder and is ready to take events.
    ///
    /// # Errors
    /// A folder that cannot be written, or that another collector has.
    pub fn open(
        folder: &Path,
        settings: Settings,
        keys: Arc<dyn Keys>,
        clock: Arc<dyn Clock>,
        disk: Box<dyn Disk>,
    ) -> Result<Self, CollectorError> {
        let log = Log::open(folder, settings.log.clone(), disk, clock.now())?;
        Ok(Self { settings, keys, clock, log, tally: Tally::default(), ids: AtomicU64::new(0) })
    }

    /// Where events are kept: what a loader lists and releases.
    #[must_use]
    pub fn log(&self) -> &Log {
        &self.log
    }

    /// The settings it was opened with.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// What it did since it was opened.
    #[must_use]
    pub fn figures(&self) -> Figures {
        self.tally.figures(self.log.figures())
    }

    /// Stores what waits and takes nothing any more. Blocks until it is on disk.
    pub fn close(&self) {
        self.log.close();
    }

    /// Takes a request. Returns when its events are on disk.
    ///
    /// # Errors
    /// When nothing of it was taken.
    pub async fn collect(&self, request: Request<'_>) -> Result<Report, Refusal> {
        let (sorted, received) = self.sort(request)?;
        let Sorted { verdicts, records } = sorted;
        if records.lines.is_empty() {
            return Ok(self.report(verdicts, Vec::new()));
        }
        let stored =
            tokio::time::timeout(self.settings.limits.store_seconds_max, self.log.append(records, received)).await;
        // What is stored after all is a duplicate when it is sent again.
        match stored.unwrap_or(Err(CollectorError::Disk)) {
            Ok(fresh) => Ok(self.report(verdicts, fresh)),
            Err(error) => {
                let events = verdicts.len() as u64;
                self.tally.add(Counts { received: events, turned_away: events, ..Counts::default() });
                Err(error.into())
            }
        }
    }

    /// What is to become of each event.
    fn sort(&self, request: Request<'_>) -> Result<(Sorted, Timestamp), Refusal> {
        let Request { dialect, body, sent_at, library, .. } = request;
        let envelope = dialect.open(body, self.settings.limits.batch_events_max, sent_at)?;
        let source = self.source(&request, &envelope).ok_or(Refusal::Unknown)?;
        self.tally.body_bytes.fetch_add(body.len() as u64, Relaxed);
        let frame = Frame {
            source: &source,
            settings: &self.settings,
            received: to_the_microsecond(self.clock.now()),
            strict: request.strict || dialect == Dialect::PostHogEach,
            new_id: &|| self.new_id(),
        };
        Ok((dialect.sort(&envelope, library, &frame), frame.received))
    }

    /// Whose events they are: the header counts before the body.
    fn source(&self, request: &Request<'_>, envelope: &Envelope<'_>) -> Option<Arc<Source>> {
        let header = request.authorization.and_then(key_of_header);
        let key = header.as_deref().or(request.key).or(envelope.key.as_deref())?;
        self.keys.find(key)
    }

    /// An id that no message had: the node's name, how often its log was opened, and a number.
    fn new_id(&self) -> String {
        let number = self.ids.fetch_add(1, Relaxed);
        format!("{}.{}.{number}", self.settings.log.node, self.log.generation())
    }

    fn report(&self, verdicts: Vec<(Option<String>, Verdict)>, fresh: Vec<bool>) -> Report {
        let mut fresh = fresh.into_iter();
        let mut new = || fresh.next().unwrap_or(true);
        let mut outcome = |verdict| match verdict {
            Verdict::Refuse(purpose) => Outcome::Refused(purpose),
            Verdict::Reject(problem) => Outcome::Rejected(problem),
            Verdict::Keep if new() => Outcome::Stored,
            Verdict::Quarantine(problem) if new() => Outcome::Quarantined(problem),
            Verdict::Keep | Verdict::Quarantine(_) => Outcome::Duplicate,
        };
        let items: Vec<ItemReport> = verdicts
            .into_iter()
            .map(|(message_id, verdict)| ItemReport { message_id, outcome: outcome(verdict) })
            .collect();
        let counts = Counts::of(items.iter().map(|item| &item.outcome));
        self.tally.add(counts);
        Report { items, counts }
    }

    pub(crate) fn tally(&self) -> &Tally {
        &self.tally
    }
}
