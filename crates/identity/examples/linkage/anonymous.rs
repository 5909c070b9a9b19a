//! Many anonymous ids: how long cutting their time into spans takes, and that memory does not grow with them.

use std::time::Instant;

use florin_domain::{CustomerId, EventTime};
use florin_identity::anonymous::{Event, Reach, spans};
use serde_json::json;

use crate::{Failure, people::Dice, scale::peak_memory_mib};

const SEED: u64 = 11;
const MINUTE: i64 = 60_000_000;
const DAY: i64 = 24 * 60 * MINUTE;
const REACH: Reach = Reach { session_gap_micros_max: 30 * MINUTE, lookback_micros_max: 90 * DAY };
/// One id in that many is of a device that two customers share.
const SHARED_ONE_IN: u64 = 20;

/// Makes the events one after the other, as a sorted table would hand them over, and counts the spans.
pub(crate) fn measure(ids: u64) -> Result<(), Failure> {
    let (mut dice, mut events, mut found, mut known) = (Dice::new(SEED), 0u64, 0u64, 0u64);
    let begun = Instant::now();
    let stream = (0..ids).flat_map(|id| visits(id, &mut dice)).inspect(|_| events += 1);
    for span in spans(stream, REACH) {
        let span = span?;
        found += 1;
        known += u64::from(span.known_since <= span.from);
    }
    let seconds = begun.elapsed().as_secs_f64();
    let told = json!({
        "ids": ids, "events": events, "spans": found, "known_when_they_happen": known, "seconds": seconds,
        "peak_memory_mib": peak_memory_mib(),
    });
    println!("{told}");
    Ok(())
}

/// Up to six visits of some events each, of which the later ones are signed.
fn visits(id: u64, dice: &mut Dice) -> Vec<Event> {
    let shared = dice.below(SHARED_ONE_IN) == 0;
    let mut events = Vec::new();
    let mut at = dice.below(30) as i64 * DAY;
    for _ in 0..dice.below(7) {
        let signs_in = dice.below(3) > 0;
        let other = shared && dice.below(2) == 0;
        let customer = signs_in.then_some(CustomerId((id * 2) as u32 + u32::from(other)));
        for _ in 0..1 + dice.below(6) {
            events.push(Event { anonymous: id, at: EventTime(at), customer, known_at: EventTime(at) });
            at += 1 + dice.below(5) as i64 * MINUTE;
        }
        at += DAY + dice.below(20) as i64 * DAY;
    }
    events
}
