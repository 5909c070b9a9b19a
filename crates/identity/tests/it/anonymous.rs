//! Anonymous activity joins its customer at the sign-in, backwards, as of then.

use florin_domain::{CustomerId, EventTime};
use florin_identity::anonymous::{Event, Reach, Span, customer_of, spans};
use proptest::prelude::*;

const DEVICE: u64 = 7;
const FOR_EVER: Reach = Reach { session_gap_micros_max: 20, lookback_micros_max: i64::MAX };

fn signed(at: i64, customer: u32) -> Event {
    known(at, customer, at)
}

fn known(at: i64, customer: u32, known_at: i64) -> Event {
    let customer = Some(CustomerId(customer));
    Event { anonymous: DEVICE, at: EventTime(at), customer, known_at: EventTime(known_at) }
}

fn all(events: &[Event], reach: Reach) -> Vec<Span> {
    spans(events.iter().copied(), reach).collect::<Result<_, _>>().expect("sorted events")
}

/// Whose an event at a time is, as of another.
fn whose(events: &[Event], reach: Reach, at: i64, as_of: i64) -> Option<u32> {
    customer_of(&all(events, reach), DEVICE, EventTime(at), EventTime(as_of)).map(|customer| customer.0)
}

/// The rule, event by event, of what was known: nothing of how spans are made.
fn by_the_rule(events: &[Event], reach: Reach, at: i64, as_of: i64) -> Option<u32> {
    let signed = events.iter().filter(|e| e.customer.is_some() && e.known_at.max(e.at).0 <= as_of);
    let mut signed: Vec<(i64, u32)> = signed.map(|e| (e.at.0, e.customer.map_or(0, |c| c.0))).collect();
    signed.sort_unstable();
    signed.dedup_by_key(|(at, _)| *at);
    let last = signed.iter().rfind(|(of, _)| *of <= at).copied();
    let next = signed.iter().find(|(of, _)| *of >= at).copied();
    match (last, next) {
        _ if at > as_of => None,
        (Some((of, customer)), _) if at - of <= reach.session_gap_micros_max => Some(customer),
        (Some((_, one)), Some((_, other))) if one != other => None,
        (_, Some((of, customer))) if of - at <= reach.lookback_micros_max => Some(customer),
        _ => None,
    }
}

#[test]
fn an_earlier_event_is_known_from_the_sign_in_on_and_not_before() {
    let one = [signed(100, 1)];
    assert_eq!(whose(&one, FOR_EVER, 50, 99), None);
    assert_eq!(whose(&one, FOR_EVER, 50, 100), Some(1));
    let short = Reach { lookback_micros_max: 30, ..FOR_EVER };
    assert_eq!(whose(&one, short, 50, 100), None, "beyond the lookback");
    assert_eq!(whose(&one, FOR_EVER, 110, 110), Some(1), "in the session");
    assert_eq!(whose(&one, FOR_EVER, 121, 500), None, "after the session nobody is signed in");
}

#[test]
fn between_two_customers_of_one_device_the_session_is_the_formers_and_the_rest_nobodys() {
    let shared = [signed(100, 1), signed(200, 2)];
    let of = |at| whose(&shared, FOR_EVER, at, 1000);
    assert_eq!(
        [90, 100, 120, 121, 199, 200, 220, 221].map(of),
        [Some(1), Some(1), Some(1), None, None, Some(2), Some(2), None]
    );
}

#[test]
fn between_two_sessions_of_one_customer_activity_is_theirs_since_the_second() {
    let again = [signed(100, 1), signed(200, 1)];
    assert_eq!(whose(&again, FOR_EVER, 150, 199), None);
    assert_eq!(whose(&again, FOR_EVER, 150, 200), Some(1));
}

#[test]
fn a_sign_in_of_another_within_a_session_ends_it() {
    let overlapping = [signed(100, 1), signed(110, 2)];
    let of = |at| whose(&overlapping, FOR_EVER, at, 1000);
    assert_eq!([109, 110, 130, 131].map(of), [Some(1), Some(2), Some(2), None]);
}

#[test]
fn an_event_that_becomes_known_late_says_nothing_before_it_is() {
    let late = [signed(100, 1), known(150, 1, 900)];
    assert_eq!(whose(&late, FOR_EVER, 130, 899), None);
    assert_eq!(whose(&late, FOR_EVER, 130, 900), Some(1));
    assert_eq!(whose(&late, FOR_EVER, 160, 899), None, "nor in the session that it begins");
}

#[test]
fn a_session_is_one_span_however_many_events_it_has() {
    let events: Vec<Event> = (0..1000).map(|n| signed(n * 10, 1)).collect();
    assert_eq!(all(&events, FOR_EVER).len(), 2, "what was before, and the session");
}

#[test]
fn events_out_of_order_are_refused_and_end_it() {
    let mut found = spans([signed(100, 1), signed(50, 1), signed(300, 2)], FOR_EVER);
    assert!(found.next().is_some_and(|span| span.is_ok()), "what was before the first");
    let refusal = found.next().and_then(Result::err).map(|error| error.to_string());
    assert!(refusal.is_some_and(|text| text.contains("out of order")));
    assert!(found.next().is_none());
}

#[test]
fn ids_are_read_one_after_the_other_and_never_together() {
    let events = (0..100_000u64).map(|anonymous| Event { anonymous, ..signed(100, 1) });
    let mut read = 0;
    let mut found = spans(events.inspect(|_| read += 1), FOR_EVER);
    assert!(found.by_ref().take(10).all(|span| span.is_ok()));
    drop(found);
    assert!(read < 10, "{read} events were read for ten spans");
}

fn history() -> impl Strategy<Value = Vec<(u64, i64, Option<u32>, i64)>> {
    prop::collection::vec((0u64..2, 0i64..60, prop::option::weighted(0.8, 1u32..4), 0i64..40), 0..12)
}

fn events(history: &[(u64, i64, Option<u32>, i64)], late: bool) -> Vec<Event> {
    let event = |(anonymous, at, customer, delay): &(u64, i64, Option<u32>, i64)| Event {
        anonymous: *anonymous,
        at: EventTime(*at),
        customer: customer.map(CustomerId),
        known_at: EventTime(if late { at + delay } else { *at }),
    };
    let mut events: Vec<Event> = history.iter().map(event).collect();
    events.sort_unstable();
    events
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn spans_say_what_the_rule_says_as_of_any_time(history in history(), gap in 0i64..8, lookback in 0i64..40) {
        let reach = Reach { session_gap_micros_max: gap, lookback_micros_max: lookback };
        let events = events(&history, false);
        let spans = all(&events, reach);
        for (id, at, as_of) in moments() {
            let own: Vec<Event> = events.iter().filter(|e| e.anonymous == id).copied().collect();
            let told = customer_of(&spans, id, EventTime(at), EventTime(as_of)).map(|c| c.0);
            prop_assert_eq!(told, by_the_rule(&own, reach, at, as_of), "{} at {} as of {}", id, at, as_of);
        }
    }

    #[test]
    fn with_late_events_nothing_is_told_that_was_not_known_and_leaving_them_out_tells_all(
        history in history(), gap in 0i64..8, lookback in 0i64..40,
    ) {
        let reach = Reach { session_gap_micros_max: gap, lookback_micros_max: lookback };
        let events = events(&history, true);
        let whole = all(&events, reach);
        for (id, at, as_of) in moments() {
            let own: Vec<Event> = events.iter().filter(|e| e.anonymous == id).copied().collect();
            let known: Vec<Event> = events.iter().filter(|e| e.known_at.0 <= as_of).copied().collect();
            let ask = |spans: &[Span]| customer_of(spans, id, EventTime(at), EventTime(as_of)).map(|c| c.0);
            let truth = by_the_rule(&own, reach, at, as_of);
            prop_assert!(ask(&whole).is_none() || ask(&whole) == truth, "{} at {} as of {}", id, at, as_of);
            prop_assert_eq!(ask(&all(&known, reach)), truth, "{} at {} as of {}", id, at, as_of);
        }
    }

    #[test]
    fn spans_come_in_order_and_do_not_overlap(history in history(), gap in 0i64..8) {
        let reach = Reach { session_gap_micros_max: gap, ..FOR_EVER };
        let spans = all(&events(&history, true), reach);
        prop_assert!(spans.iter().all(|span| span.from <= span.until));
        let apart = |two: &[Span]| (two[0].anonymous, two[0].until) < (two[1].anonymous, two[1].from);
        prop_assert!(spans.windows(2).all(apart), "{:?}", spans);
    }
}

/// Ids, times and times of asking.
fn moments() -> impl Iterator<Item = (u64, i64, i64)> {
    let times = || (0..110).step_by(7);
    (0..2).flat_map(move |id| (0..64).flat_map(move |at| times().map(move |as_of| (id, at, as_of))))
}
