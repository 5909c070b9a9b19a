//! What the collector did since it was started, as plain numbers under the names that Prometheus gets.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use crate::{Counts, log::LogFigures};

/// Numbers at one moment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Figures {
    /// What became of events.
    pub events: Counts,
    /// Requests that were answered 200 or 207.
    pub requests_taken: u64,
    /// Requests whose sender did something wrong.
    pub requests_wrong: u64,
    /// Requests that were told to come back, since too much was going on.
    pub requests_shed: u64,
    /// Requests that were told to come back, since nothing could be stored.
    pub requests_failed: u64,
    /// Bytes of the bodies of requests that were taken, decompressed.
    pub body_bytes: u64,
    /// How the disk did.
    pub log: LogFigures,
}

impl Figures {
    /// Each number with its name (`florin_collector_…`); those that end in `_total` only grow.
    #[must_use]
    pub fn named(&self) -> Vec<(&'static str, u64)> {
        let Counts { received, stored, duplicate, refused, quarantined, rejected, turned_away } = self.events;
        vec![
            ("florin_collector_events_received_total", received),
            ("florin_collector_events_stored_total", stored),
            ("florin_collector_events_duplicate_total", duplicate),
            ("florin_collector_events_refused_total", refused),
            ("florin_collector_events_quarantined_total", quarantined),
            ("florin_collector_events_rejected_total", rejected),
            ("florin_collector_events_turned_away_total", turned_away),
            ("florin_collector_requests_taken_total", self.requests_taken),
            ("florin_collector_requests_wrong_total", self.requests_wrong),
            ("florin_collector_requests_shed_total", self.requests_shed),
            ("florin_collector_requests_failed_total", self.requests_failed),
            ("florin_collector_body_bytes_total", self.body_bytes),
            ("florin_collector_log_groups_total", self.log.groups),
            ("florin_collector_log_group_requests_total", self.log.group_requests),
            ("florin_collector_log_disk_failures_total", self.log.disk_failures),
            ("florin_collector_log_sync_microseconds_total", self.log.sync_micros),
            ("florin_collector_log_sync_microseconds_max", self.log.sync_micros_max),
            ("florin_collector_log_segments_closed_total", self.log.segments_closed),
            ("florin_collector_log_backlog_bytes", self.log.backlog_bytes),
        ]
    }
}

/// The numbers, growing.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    received: AtomicU64,
    stored: AtomicU64,
    duplicate: AtomicU64,
    refused: AtomicU64,
    quarantined: AtomicU64,
    rejected: AtomicU64,
    turned_away: AtomicU64,
    pub(crate) taken: AtomicU64,
    pub(crate) wrong: AtomicU64,
    pub(crate) shed: AtomicU64,
    pub(crate) failed: AtomicU64,
    pub(crate) body_bytes: AtomicU64,
}

impl Tally {
    pub(crate) fn add(&self, counts: Counts) {
        let Counts { received, stored, duplicate, refused, quarantined, rejected, turned_away } = counts;
        self.received.fetch_add(received, Relaxed);
        self.stored.fetch_add(stored, Relaxed);
        self.duplicate.fetch_add(duplicate, Relaxed);
        self.refused.fetch_add(refused, Relaxed);
        self.quarantined.fetch_add(quarantined, Relaxed);
        self.rejected.fetch_add(rejected, Relaxed);
        self.turned_away.fetch_add(turned_away, Relaxed);
    }

    pub(crate) fn figures(&self, log: LogFigures) -> Figures {
        let events = Counts {
            received: self.received.load(Relaxed),
            stored: self.stored.load(Relaxed),
            duplicate: self.duplicate.load(Relaxed),
            refused: self.refused.load(Relaxed),
            quarantined: self.quarantined.load(Relaxed),
            rejected: self.rejected.load(Relaxed),
            turned_away: self.turned_away.load(Relaxed),
        };
        Figures {
            events,
            requests_taken: self.taken.load(Relaxed),
            requests_wrong: self.wrong.load(Relaxed),
            requests_shed: self.shed.load(Relaxed),
            requests_failed: self.failed.load(Relaxed),
            body_bytes: self.body_bytes.load(Relaxed),
            log,
        }
    }
}
