//! What customers did, how often, in which order and within how long.
//!
//! **Windows.** "In the last n days" are n natural days of the bank's time zone before today, and today until now. "In the last n hours"
//! is the time since n × 3,600 s ago, that moment excluded. What lies after the session's time is never looked at.
//!
//! **Order.** A step comes after another when its time is later: of two events at one moment, neither is before the other. A sequence
//! may have other events between its steps. The window of a sequence goes from its first step to its last: at most n × 3,600 s, or
//! at most n days later on the calendar (0: on one day).

use florin_domain::EventTime;
use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};

/// Microseconds in an hour.
const HOUR: i64 = 3_600_000_000;

/// The moment for which is decided, and what a day is.
#[derive(Debug, Clone)]
pub struct Now {
    /// The session's time.
    pub as_of: EventTime,
    /// The bank's time zone.
    pub zone: TimeZone,
}

/// One event of a customer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Event<'a> {
    /// When.
    pub ts: EventTime,
    /// What.
    pub name: &'a str,
    /// Where.
    pub channel: Option<&'a str>,
    /// How much, in ten thousandths.
    pub amount: Option<i128>,
}

/// Which events count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventTest {
    /// Of that name.
    pub name: String,
    /// In that channel.
    pub channel: Option<String>,
    /// With at least that amount, in ten thousandths. An event without an amount does not count then.
    pub amount_at_least: Option<i128>,
}

impl EventTest {
    fn holds(&self, event: &Event<'_>) -> bool {
        event.name == self.name
            && self.channel.as_deref().is_none_or(|channel| event.channel == Some(channel))
            && self.amount_at_least.is_none_or(|least| event.amount.is_some_and(|amount| amount >= least))
    }
}

/// A length of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Span {
    /// Hours of 3,600 s.
    Hours(u32),
    /// Natural days.
    Days(u32),
}

/// Something done between so many and so many times.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Did {
    /// Which events count.
    pub event: EventTest,
    /// At least so often.
    pub at_least: u32,
    /// At most so often.
    pub at_most: Option<u32>,
    /// In the last so long; ever when absent.
    pub last: Option<Span>,
}

/// Some things done in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sequence {
    /// Names of events; at least two.
    pub steps: Vec<String>,
    /// From the first to the last at most so long; however long when absent.
    pub within: Option<Span>,
    /// All of it in the last so long; ever when absent.
    pub last: Option<Span>,
}

impl Now {
    /// The earliest moment that counts as in the last `span`.
    #[must_use]
    pub fn earliest(&self, span: Span) -> EventTime {
        match span {
            Span::Hours(hours) => EventTime(self.as_of.0.saturating_sub(i64::from(hours) * HOUR).saturating_add(1)),
            Span::Days(days) => self.day_start(self.as_of, -i64::from(days)),
        }
    }

    /// The last moment that counts as within `span` of a first one.
    fn latest(&self, first: EventTime, span: Span) -> EventTime {
        match span {
            Span::Hours(hours) => EventTime(first.0.saturating_add(i64::from(hours) * HOUR)),
            Span::Days(days) => EventTime(self.day_start(first, i64::from(days) + 1).0.saturating_sub(1)),
        }
    }

    /// When the day begins that is `days` after that of `at`. Moments outside the calendar stay at its ends.
    fn day_start(&self, at: EventTime, days: i64) -> EventTime {
        let end = if days < 0 { EventTime(i64::MIN) } else { EventTime(i64::MAX) };
        let Ok(moment) = Timestamp::from_microsecond(at.0) else { return end };
        let day: Result<Date, _> = self.zone.to_datetime(moment).date().checked_add(days.days());
        let start = day.and_then(|day| day.to_zoned(self.zone.clone())).map(|zoned| zoned.timestamp().as_microsecond());
        start.map_or(end, EventTime)
    }
}

/// The events of the window, given events in the order of time.
fn window<'e, 'a>(events: &'e [Event<'a>], last: Option<Span>, now: &Now) -> &'e [Event<'a>] {
    let from = last.map_or(EventTime(i64::MIN), |span| now.earliest(span));
    let first = events.partition_point(|event| event.ts < from);
    let end = events.partition_point(|event| event.ts <= now.as_of);
    events.get(first..end).unwrap_or_default()
}

impl Did {
    /// Whether a customer with these events (in the order of time) did so.
    #[must_use]
    pub fn holds(&self, events: &[Event<'_>], now: &Now) -> bool {
        let enough = self.at_most.map_or(self.at_least, |most| most.saturating_add(1).max(self.at_least));
        let found = window(events, self.last, now).iter().filter(|event| self.event.holds(event));
        let times = found.take(enough as usize).count() as u64;
        times >= u64::from(self.at_least) && self.at_most.is_none_or(|most| times <= u64::from(most))
    }
}

impl Sequence {
    /// Whether a customer with these events (in the order of time) did all steps in order.
    ///
    /// For each step, the latest start of a chain that has reached it is kept: a later start leaves more time for the rest, so no other
    /// chain need be remembered. Events of one moment are looked at together, so that none of them follows another.
    #[must_use]
    pub fn holds(&self, events: &[Event<'_>], now: &Now) -> bool {
        let mut starts: Vec<Option<EventTime>> = vec![None; self.steps.len()];
        for moment in window(events, self.last, now).chunk_by(|a, b| a.ts == b.ts) {
            for step in (0..self.steps.len()).rev() {
                let Some(event) = moment.iter().find(|event| event.name == self.steps[step]) else { continue };
                let start = match step {
                    0 => Some(event.ts),
                    _ => starts[step - 1].filter(|start| self.in_time(*start, event.ts, now)),
                };
                starts[step] = starts[step].max(start);
            }
            if starts.last().is_some_and(Option::is_some) {
                return true;
            }
        }
        false
    }

    fn in_time(&self, start: EventTime, at: EventTime, now: &Now) -> bool {
        self.within.is_none_or(|span| at <= now.latest(start, span))
    }
}
