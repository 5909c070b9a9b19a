//! What a bank may set, with the bounds of everything that is held or waited for.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use florin_domain::Purpose;

/// A longer event is quarantined (or rejected, in the strict mode).
pub const EVENT_BYTES_MAX: usize = 32 * 1024;
/// A longer body of Segment's paths is refused whole.
pub const BATCH_BYTES_MAX: usize = 500 * 1024;
/// A longer body of PostHog's paths is refused whole: its clients send up to 5 MiB and one event.
pub const POSTHOG_BATCH_BYTES_MAX: usize = 6 * 1024 * 1024;
/// More events in one request are refused whole.
pub const BATCH_EVENTS_MAX: usize = 2_500;
/// Bytes of all bodies that are read or wait for the disk. A request beyond is told to come back.
pub const BYTES_IN_FLIGHT_MAX: usize = 64 * 1024 * 1024;
/// How long a body may take to arrive.
pub const BODY_SECONDS_MAX: Duration = Duration::from_secs(10);
/// How long a request waits for the disk.
pub const STORE_SECONDS_MAX: Duration = Duration::from_secs(30);
/// Characters of the name of an event.
pub const NAME_CHARS_MAX: usize = 200;
/// Characters of an id of a user, a visitor or a group.
pub const ID_CHARS_MAX: usize = 255;
/// Characters of a message's id.
pub const MESSAGE_ID_CHARS_MAX: usize = 100;
/// How long a message's id is remembered at least (unless there are too many), so that a repeated message is stored once.
pub const WINDOW: Duration = Duration::from_secs(10 * 60);
/// Ids that are remembered at most.
pub const WINDOW_IDS_MAX: usize = 1_000_000;
/// A larger segment is closed.
pub const SEGMENT_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// An older segment is closed, so that a loader finds its events soon.
pub const SEGMENT_AGE_MAX: Duration = Duration::from_millis(900);
/// Bytes that one write to the disk takes at most; what waits longer takes the next.
pub const GROUP_BYTES_MAX: usize = 8 * 1024 * 1024;
/// Requests that wait for the disk at most.
pub const QUEUE_REQUESTS_MAX: usize = 1_024;
/// Bytes of closed segments that nobody has loaded. Beyond, nothing is taken any more.
pub const BACKLOG_BYTES_MAX: u64 = 8 * 1024 * 1024 * 1024;
/// How long the disk is left alone after it failed.
pub const DISK_PAUSE: Duration = Duration::from_millis(250);
/// What a sender is told to wait for when too much is going on.
pub const RETRY_AFTER_SECONDS: u64 = 1;
/// What a sender is told to wait for when the disk fails or is full.
pub const RETRY_AFTER_DISK_SECONDS: u64 = 5;

/// Everything a bank may set.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// What is too much.
    pub limits: Limits,
    /// What consent an event must bring.
    pub consent: ConsentRules,
    /// How events get to the disk.
    pub log: LogSettings,
    /// Web pages whose scripts may post here (`https://www.bank.example`), for browsers. None by default.
    pub origins: Vec<String>,
}

/// What is too much.
#[derive(Debug, Clone)]
pub struct Limits {
    /// See [`EVENT_BYTES_MAX`].
    pub event_bytes_max: usize,
    /// See [`BATCH_BYTES_MAX`].
    pub batch_bytes_max: usize,
    /// See [`POSTHOG_BATCH_BYTES_MAX`].
    pub posthog_batch_bytes_max: usize,
    /// See [`BATCH_EVENTS_MAX`].
    pub batch_events_max: usize,
    /// See [`BYTES_IN_FLIGHT_MAX`].
    pub bytes_in_flight_max: usize,
    /// See [`BODY_SECONDS_MAX`].
    pub body_seconds_max: Duration,
    /// See [`STORE_SECONDS_MAX`].
    pub store_seconds_max: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            event_bytes_max: EVENT_BYTES_MAX,
            batch_bytes_max: BATCH_BYTES_MAX,
            posthog_batch_bytes_max: POSTHOG_BATCH_BYTES_MAX,
            batch_events_max: BATCH_EVENTS_MAX,
            bytes_in_flight_max: BYTES_IN_FLIGHT_MAX,
            body_seconds_max: BODY_SECONDS_MAX,
            store_seconds_max: STORE_SECONDS_MAX,
        }
    }
}

/// What consent an event must bring.
#[derive(Debug, Clone)]
pub struct ConsentRules {
    /// An event that says no to one of these is refused, counted and not kept. Analytics by default.
    pub refuse_without: BTreeSet<Purpose>,
    /// What a category of a consent banner is for, by its name in small letters (`c0002` of OneTrust, say).
    pub categories: BTreeMap<String, Purpose>,
    /// Events by which somebody says yes or no: they are the record of that word, and are kept whatever it is.
    pub words: BTreeSet<String>,
}

impl Default for ConsentRules {
    fn default() -> Self {
        let categories = [
            ("analytics", Purpose::Analytics),
            ("performance", Purpose::Analytics),
            ("statistics", Purpose::Analytics),
            ("advertising", Purpose::Marketing),
            ("marketing", Purpose::Marketing),
            ("targeting", Purpose::Marketing),
            ("functional", Purpose::Service),
        ];
        Self {
            refuse_without: BTreeSet::from([Purpose::Analytics]),
            categories: categories.map(|(name, purpose)| (name.to_owned(), purpose)).into(),
            words: BTreeSet::from(["Segment Consent Preference Updated".to_owned()]),
        }
    }
}

/// How events get to the disk.
#[derive(Debug, Clone)]
pub struct LogSettings {
    /// Tells this collector from the bank's others in the ids it gives to messages without one.
    pub node: String,
    /// See [`SEGMENT_BYTES_MAX`].
    pub segment_bytes_max: u64,
    /// See [`SEGMENT_AGE_MAX`].
    pub segment_age_max: Duration,
    /// See [`GROUP_BYTES_MAX`].
    pub group_bytes_max: usize,
    /// See [`QUEUE_REQUESTS_MAX`].
    pub queue_requests_max: usize,
    /// See [`BACKLOG_BYTES_MAX`].
    pub backlog_bytes_max: u64,
    /// See [`DISK_PAUSE`].
    pub disk_pause: Duration,
    /// See [`WINDOW`].
    pub window: Duration,
    /// See [`WINDOW_IDS_MAX`].
    pub window_ids_max: usize,
}

impl Default for LogSettings {
    fn default() -> Self {
        Self {
            node: "a".to_owned(),
            segment_bytes_max: SEGMENT_BYTES_MAX,
            segment_age_max: SEGMENT_AGE_MAX,
            group_bytes_max: GROUP_BYTES_MAX,
            queue_requests_max: QUEUE_REQUESTS_MAX,
            backlog_bytes_max: BACKLOG_BYTES_MAX,
            disk_pause: DISK_PAUSE,
            window: WINDOW,
            window_ids_max: WINDOW_IDS_MAX,
        }
    }
}
