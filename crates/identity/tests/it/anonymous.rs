//! Anonymous activity joins its customer at the sign-in, backwards, as of then.

use florin_domain::{CustomerId, EventTime};
use florin_identity::anonymous::{SignIn, customer_of, spans};

const DEVICE: u64 = 7;
const FOR_EVER: i64 = i64::MAX;

fn sign_in(at: i64, customer: u32, session_end: i64) -> SignIn {
    SignIn { anonymous: DEVICE, at: EventTime(at), customer: CustomerId(customer), session_end: EventTime(session_end) }
}

/// Whose an event at a time is, as of another.
fn whose(sign_ins: &[SignIn], lookback: i64, at: i64, as_of: i64) -> Option<u32> {
    customer_of(&spans(sign_ins, lookback), DEVICE, EventTime(at), EventTime(as_of)).map(|customer| customer.0)
}

#[test]
fn an_earlier_event_is_known_from_the_sign_in_on_and_not_before() {
    let one = [sign_in(100, 1, 120)];
    assert_eq!(whose(&one, FOR_EVER, 50, 99), None);
    assert_eq!(whose(&one, FOR_EVER, 50, 100), Some(1));
    assert_eq!(whose(&one, 30, 50, 100), None, "beyond the lookback");
    assert_eq!(whose(&one, FOR_EVER, 110, 110), Some(1), "in the session");
    assert_eq!(whose(&one, FOR_EVER, 121, 500), None, "after the session nobody is signed in");
}

#[test]
fn on_a_shared_device_the_next_sign_in_takes_what_lies_between() {
    let shared = [sign_in(100, 1, 120), sign_in(200, 2, 220)];
    let of = |at| whose(&shared, FOR_EVER, at, 1000);
    assert_eq!(
        [90, 100, 120, 121, 199, 200, 220, 221].map(of),
        [Some(1), Some(1), Some(1), Some(2), Some(2), Some(2), Some(2), None]
    );
    assert_eq!(whose(&shared, FOR_EVER, 150, 199), None, "not known before the second sign-in");
}

#[test]
fn a_sign_in_within_a_session_ends_it() {
    let overlapping = [sign_in(100, 1, 300), sign_in(200, 2, 220)];
    assert_eq!(
        [199, 200, 210, 250].map(|at| whose(&overlapping, FOR_EVER, at, 1000)),
        [Some(1), Some(2), Some(2), None]
    );
}

#[test]
fn what_was_known_stays_known_when_later_sign_ins_arrive() {
    let all = [sign_in(100, 1, 120), sign_in(200, 2, 220), sign_in(300, 1, 300), sign_in(310, 3, 350)];
    for known in 1..all.len() {
        let as_of = all[known].at.0 - 1;
        for at in 0..as_of {
            assert_eq!(
                whose(&all[..known], FOR_EVER, at, as_of),
                whose(&all, FOR_EVER, at, as_of),
                "{at} as of {as_of}"
            );
        }
    }
}
