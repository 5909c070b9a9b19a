//! Anonymous activity: whose it was, and since when that is known.
//!
//! A channel sees an anonymous id (a cookie, an installation) and, in some of the events, the customer who is signed in.
//! Those signed events of one anonymous id, in the order of their times, decide about all others of that id:
//!
//! 1. **Session.** An event at or after a signed one, and at most `session_gap_micros_max` after it, belongs to the same
//!    customer, until a signed event of another. It is known when it happens.
//! 2. **Backwards.** Any other event belongs to the customer of the next signed event of the id, at most
//!    `lookback_micros_max` later, if the one before was signed by the same customer or there is none before. That is
//!    known since the signed event, and not before: as of an earlier time the event is still anonymous.
//! 3. **Shared devices.** What lies between the session of one customer and the sign-in of another is nobody's, for
//!    ever: it may be either's, and nobody's activity may be shown to somebody else.
//! 4. What comes after the last session is anonymous until somebody signs in.
//!
//! Of events signed at the same moment by several, the smallest customer number counts.
//!
//! *As of a time.* [`customer_of`] never tells what was not known then. While events become known in the order of their
//! times, it tells all that was: what is known once stays so. An event that becomes known late may take
//! something away again (somebody else turns out to have signed in between). To see such a past exactly as it was
//! seen, leave out the events that were not known before asking for [`spans`].
//!
//! *Memory.* [`Spans`] holds one session, whatever the number of ids and events: sorting is the caller's, who has an
//! engine that spills. Events that nobody signed may be left out of what it is given.

use std::collections::VecDeque;

use florin_domain::{CustomerId, EventTime};
use serde::{Deserialize, Serialize};

use crate::error::{IdentityError, Result};

/// What a channel saw. The order of events is that of the fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// The anonymous id.
    pub anonymous: u64,
    /// When it happened.
    pub at: EventTime,
    /// Who was signed in.
    pub customer: Option<CustomerId>,
    /// When the bank knew of it; never before it happened.
    pub known_at: EventTime,
}

/// How far a signed event tells of others, in microseconds; less than 0 is 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reach {
    /// How long a session goes on without a signed event.
    /// Good when long: pages that do not say who is signed in are still theirs. Bad: so is what somebody else does on
    /// the device right after them.
    pub session_gap_micros_max: i64,
    /// How far back a sign-in tells whose the activity before it was.
    /// Good when long: the whole way to the first sign-in is seen. Bad: the older the activity, the likelier the device
    /// had another user.
    pub lookback_micros_max: i64,
}

/// Events of an anonymous id from `from` to `until`, both included, belong to a customer as of `known_since` and later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Span {
    /// The anonymous id.
    pub anonymous: u64,
    /// Its first moment.
    pub from: EventTime,
    /// Its last moment.
    pub until: EventTime,
    /// Whose the events are.
    pub customer: CustomerId,
    /// Since when the bank can know it. Events after that are known when they are.
    pub known_since: EventTime,
}

/// Cuts time into spans that do not overlap, by anonymous id and time, as the events come.
pub fn spans<I: IntoIterator<Item = Event>>(events: I, reach: Reach) -> Spans<I::IntoIter> {
    let Reach { session_gap_micros_max: gap, lookback_micros_max: lookback } = reach;
    let reach = Reach { session_gap_micros_max: gap.max(0), lookback_micros_max: lookback.max(0) };
    Spans { events: events.into_iter(), reach, last: None, session: None, ready: VecDeque::new(), broken: false }
}

/// The spans of [`spans()`]. Events that are out of order are an error, and the end.
#[derive(Debug)]
pub struct Spans<I> {
    events: I,
    reach: Reach,
    /// The last signed event, to see that they come in order.
    last: Option<Event>,
    session: Option<Session>,
    /// At most two: an event closes one session and tells of what was before it.
    ready: VecDeque<Span>,
    /// Whether an event was out of order.
    broken: bool,
}

/// Signed events of one customer that follow each other closely.
#[derive(Debug, Clone, Copy)]
struct Session {
    anonymous: u64,
    customer: CustomerId,
    first: EventTime,
    last: EventTime,
    known_since: EventTime,
}

impl<I: Iterator<Item = Event>> Iterator for Spans<I> {
    type Item = Result<Span>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.ready.is_empty() && !self.broken {
            let Some(event) = self.events.next() else {
                self.close(EventTime(i64::MAX));
                break;
            };
            let Some(customer) = event.customer else { continue };
            if self.last.is_some_and(|last| event < last) {
                (self.session, self.broken) = (None, true);
                return Some(Err(IdentityError::Unsorted { anonymous: event.anonymous }));
            }
            self.last = Some(event);
            self.signed(event, customer);
        }
        self.ready.pop_front().map(Ok)
    }
}

impl<I> Spans<I> {
    fn signed(&mut self, event: Event, customer: CustomerId) {
        let known = event.known_at.max(event.at);
        match self.session.filter(|session| session.anonymous == event.anonymous) {
            Some(session) if session.last == event.at => return,
            Some(session) if session.goes_on(event.at, customer, known, self.reach) => {
                self.session = Some(Session { last: event.at, ..session });
                return;
            }
            Some(session) => {
                let end = self.close(before(event.at));
                if session.customer == customer {
                    self.look_back(event, customer, known.max(session.known_since), after(end));
                }
            }
            None => {
                self.close(EventTime(i64::MAX));
                self.look_back(event, customer, known, EventTime(i64::MIN));
            }
        }
        let Event { anonymous, at, .. } = event;
        self.session = Some(Session { anonymous, customer, first: at, last: at, known_since: known });
    }

    /// Ends the session, not later than that, and says when.
    fn close(&mut self, latest: EventTime) -> EventTime {
        let Some(session) = self.session.take() else { return latest };
        let Session { anonymous, customer, first, last, known_since } = session;
        let until = EventTime(last.0.saturating_add(self.reach.session_gap_micros_max)).min(latest);
        self.ready.push_back(Span { anonymous, from: first, until, customer, known_since });
        until
    }

    /// What was before a sign-in, as far back as it reaches.
    fn look_back(&mut self, event: Event, customer: CustomerId, known_since: EventTime, earliest: EventTime) {
        let from = EventTime(event.at.0.saturating_sub(self.reach.lookback_micros_max)).max(earliest);
        if from < event.at {
            let (anonymous, until) = (event.anonymous, before(event.at));
            self.ready.push_back(Span { anonymous, from, until, customer, known_since });
        }
    }
}

impl Session {
    /// Whether a signed event is of the session and was known no later than the events around it are.
    fn goes_on(&self, at: EventTime, customer: CustomerId, known: EventTime, reach: Reach) -> bool {
        let near = at.0.saturating_sub(self.last.0) <= reach.session_gap_micros_max;
        near && customer == self.customer && known <= self.known_since.max(at)
    }
}

fn before(time: EventTime) -> EventTime {
    EventTime(time.0.saturating_sub(1))
}

fn after(time: EventTime) -> EventTime {
    EventTime(time.0.saturating_add(1))
}

/// Whose an event was, as known at `as_of`. The spans are in the order in which [`spans()`] gives them.
#[must_use]
pub fn customer_of(spans: &[Span], anonymous: u64, at: EventTime, as_of: EventTime) -> Option<CustomerId> {
    let first = spans.partition_point(|span| (span.anonymous, span.until) < (anonymous, at));
    let span = spans.get(first)?;
    let holds = span.anonymous == anonymous && span.from <= at && span.known_since.max(at) <= as_of;
    holds.then_some(span.customer)
}
