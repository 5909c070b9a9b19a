//! Anonymous activity: whose it was, and from when on that is known.
//!
//! A channel sees an anonymous id (a cookie, an installation) and, now and then, a sign-in that tells the customer behind
//! it. The sign-ins of one anonymous id, in the order of their times, cut time into spans, and every event of that id
//! falls into at most one:
//!
//! 1. An event in the session of a sign-in, at or after it, belongs to that sign-in's customer, until the next sign-in of
//!    the id. It is known when it happens.
//! 2. Any other event belongs to the customer of the next sign-in of the id, the first at or after it. It is known from
//!    that sign-in on, and not before: as of an earlier time the event is still anonymous. Events that lie further
//!    back than `lookback_micros_max` stay anonymous for ever.
//! 3. After the last sign-in's session the id is anonymous again, until somebody signs in.
//!
//! On a device that two customers share, what happens between the session of one and the sign-in of the other is
//! therefore the other's, who was about to sign in. A sign-in's session lasts until [`SignIn::session_end`]; the caller
//! knows where sessions end, and says the sign-in's own time when it does not.
//!
//! A span once closed by a sign-in never changes when later sign-ins arrive, so that nothing known as of a time is
//! unknown or known otherwise as of a later one.

use florin_domain::{CustomerId, EventTime};
use serde::{Deserialize, Serialize};

/// A customer signed in where activity had been anonymous.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    /// The anonymous id.
    pub anonymous: u64,
    /// When.
    pub at: EventTime,
    /// Who.
    pub customer: CustomerId,
    /// The last moment of the session in which they signed in, at least `at`.
    pub session_end: EventTime,
}

/// Events of an anonymous id with `after` < time ≤ `until` belong to a customer, as of `known_at` and later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Span {
    /// The anonymous id.
    pub anonymous: u64,
    /// The span begins after that moment.
    pub after: EventTime,
    /// Its last moment.
    pub until: EventTime,
    /// Whose the events are.
    pub customer: CustomerId,
    /// When the bank could know it: at the sign-in. Events after it are known when they happen.
    pub known_at: EventTime,
}

/// Cuts time into spans, by anonymous id and time. Of sign-ins at the same moment the smaller customer number counts.
#[must_use]
pub fn spans(sign_ins: &[SignIn], lookback_micros_max: i64) -> Vec<Span> {
    let mut sorted = sign_ins.to_vec();
    sorted.sort_unstable();
    sorted.dedup_by_key(|sign_in| (sign_in.anonymous, sign_in.at));
    let mut spans = Vec::with_capacity(sorted.len() * 2);
    for of_id in sorted.chunk_by(|a, b| a.anonymous == b.anonymous) {
        let mut taken_until = EventTime(i64::MIN);
        for (at, sign_in) in of_id.iter().enumerate() {
            let lookback = EventTime(sign_in.at.0.saturating_sub(lookback_micros_max));
            let next = of_id.get(at + 1).map_or(EventTime(i64::MAX), |next| EventTime(next.at.0 - 1));
            let session_end = sign_in.session_end.max(sign_in.at).min(next);
            push(&mut spans, sign_in, taken_until.max(lookback), sign_in.at);
            push(&mut spans, sign_in, sign_in.at, session_end);
            taken_until = session_end;
        }
    }
    spans
}

fn push(spans: &mut Vec<Span>, sign_in: &SignIn, after: EventTime, until: EventTime) {
    if after < until {
        let SignIn { anonymous, customer, at, .. } = *sign_in;
        spans.push(Span { anonymous, after, until, customer, known_at: at });
    }
}

/// Whose an event was, as known at `as_of`. `spans` are as [`spans()`] gives them.
#[must_use]
pub fn customer_of(spans: &[Span], anonymous: u64, at: EventTime, as_of: EventTime) -> Option<CustomerId> {
    let first = spans.partition_point(|span| (span.anonymous, span.until) < (anonymous, at));
    let span = spans.get(first)?;
    let holds = span.anonymous == anonymous && span.after < at && span.known_at.max(at) <= as_of;
    holds.then_some(span.customer)
}
