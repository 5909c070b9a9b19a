//! Made-up rows, cut into batches anywhere and spread over buckets in any way.

use florin_journeys::{MISSING, Rows, Zone};
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use proptest::{collection::vec, prelude::*, sample::Index};

/// Rows lie this far apart, or several of these: a quarter of a day, so that days matter.
pub(crate) const UNIT: i64 = 6 * 3_600_000_000;
/// Clocks go back in this zone in the middle of the rows.
pub(crate) const ZONE: &str = "Europe/Amsterdam";

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Event {
    pub(crate) customer: u32,
    pub(crate) ts: i64,
    pub(crate) bits: u64,
    pub(crate) held: u32,
    pub(crate) by: u32,
    pub(crate) name: u32,
}

/// How rows come to a kernel.
#[derive(Debug, Clone)]
pub(crate) struct Delivery {
    cuts: Vec<Index>,
    buckets: u32,
    backwards: bool,
}

pub(crate) fn zone() -> Zone {
    Zone::named(ZONE).unwrap()
}

pub(crate) fn deliveries() -> impl Strategy<Value = Delivery> {
    (vec(any::<Index>(), 0..6), 1u32..4, any::<bool>()).prop_map(|(cuts, buckets, backwards)| Delivery {
        cuts,
        buckets,
        backwards,
    })
}

fn codes() -> impl Strategy<Value = u32> {
    prop_oneof![3 => Just(0u32), 3 => Just(1u32), 1 => Just(2u32), 1 => Just(MISSING)]
}

/// Up to `customers` times `rows` events, sorted; bits below `bits`, spread over `span` units.
pub(crate) fn events(customers: u32, rows: usize, bits: u32, span: i64) -> impl Strategy<Value = Vec<Event>> {
    let start = "2011-10-28T00:00:00Z".parse::<Timestamp>().unwrap().as_microsecond();
    // One bit mostly, several or none sometimes.
    let any_bits = prop_oneof![6 => (0..bits).prop_map(|bit| 1u64 << bit), 2 => 0..1u64 << bits, 1 => Just(0u64)];
    let event = (0..customers, 0..span, any_bits, codes(), codes(), codes());
    vec(event, 0..customers as usize * rows).prop_map(move |events| {
        let made = |(customer, at, bits, held, by, name)| Event {
            // Customers of two blocks of a bitmap.
            customer: customer * 40_000,
            ts: start + at * UNIT,
            bits,
            held,
            by,
            name,
        };
        let mut events: Vec<Event> = events.into_iter().map(made).collect();
        events.sort_by_key(|e| (e.customer, e.ts));
        events
    })
}

/// The rows of each customer.
pub(crate) fn by_customer(events: &[Event]) -> impl Iterator<Item = (u32, &[Event])> {
    events.chunk_by(|a, b| a.customer == b.customer).map(|rows| (rows[0].customer, rows))
}

/// The columns of some rows.
pub(crate) struct Columns {
    customer: Vec<i64>,
    ts: Vec<i64>,
    pub(crate) bits: Vec<u32>,
    pub(crate) held: Vec<u32>,
    pub(crate) by: Vec<u32>,
    pub(crate) name: Vec<u32>,
}

impl Columns {
    pub(crate) fn of(events: &[Event]) -> Self {
        Self {
            customer: events.iter().map(|e| e.customer.into()).collect(),
            ts: events.iter().map(|e| e.ts).collect(),
            bits: events.iter().map(|e| e.bits as u32).collect(),
            held: events.iter().map(|e| e.held).collect(),
            by: events.iter().map(|e| e.by).collect(),
            name: events.iter().map(|e| e.name).collect(),
        }
    }

    pub(crate) fn rows(&self) -> Rows<'_> {
        Rows::new(&self.customer, &self.ts).unwrap()
    }
}

/// Lets kernels, one a bucket, take the rows as the delivery says, and joins them.
pub(crate) fn deliver<K>(
    delivery: &Delivery,
    events: &[Event],
    new: impl Fn() -> K,
    push: impl Fn(&mut K, &Columns),
    merge: impl Fn(&mut K, K),
) -> K {
    let mut kernels: Vec<K> = (0..delivery.buckets)
        .map(|bucket| {
            let mine: Vec<Event> =
                events.iter().filter(|e| e.customer / 40_000 % delivery.buckets == bucket).copied().collect();
            let mut ends: Vec<usize> = delivery.cuts.iter().map(|cut| cut.index(mine.len() + 1)).collect();
            ends.push(mine.len());
            ends.sort_unstable();
            let mut kernel = new();
            let mut from = 0;
            for end in ends {
                push(&mut kernel, &Columns::of(&mine[from..end]));
                from = end;
            }
            kernel
        })
        .collect();
    if delivery.backwards {
        kernels.reverse();
    }
    kernels
        .into_iter()
        .reduce(|mut all, one| {
            merge(&mut all, one);
            all
        })
        .unwrap()
}

/// The local day, asked of the calendar.
pub(crate) fn date(ts: i64) -> Date {
    Timestamp::from_microsecond(ts).unwrap().to_zoned(TimeZone::get(ZONE).unwrap()).date()
}

/// Days since 1970-01-01.
pub(crate) fn day_number(date: Date) -> i32 {
    Date::constant(1970, 1, 1).until(date).unwrap().get_days()
}
