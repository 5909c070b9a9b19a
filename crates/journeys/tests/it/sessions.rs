//! Sessions against cutting each customer's rows by hand.

use std::collections::BTreeSet;

use florin_journeys::{
    MISSING,
    sessions::{SessionKernel, SessionRows, SessionSettings, Sessionizer},
};
use proptest::prelude::*;

use crate::{
    funnel::assert_durations,
    made::{Columns, Event, UNIT, by_customer, date, deliver, deliveries, events, zone},
};

fn questions() -> impl Strategy<Value = SessionSettings> {
    (0..4u64, any::<bool>(), any::<bool>(), 0..3u64).prop_map(|(gap, channel_change, midnight, most)| SessionSettings {
        gap: gap * UNIT as u64,
        channel_change,
        midnight,
        zone: zone(),
        dwell_max: most * UNIT as u64,
    })
}

/// The rows of every session, the channel being `by`.
fn cut<'a>(asked: &SessionSettings, events: &'a [Event]) -> Vec<&'a [Event]> {
    let same = |a: &Event, b: &Event| {
        (b.ts - a.ts) as u64 <= asked.gap
            && (!asked.channel_change || a.by == b.by)
            && (!asked.midnight || date(a.ts) == date(b.ts))
    };
    by_customer(events).flat_map(|(_, rows)| rows.chunk_by(same).collect::<Vec<_>>()).collect()
}

fn batch(columns: &Columns, names: bool) -> SessionRows<'_> {
    SessionRows { rows: columns.rows(), channel: Some(&columns.by), name: names.then_some(columns.name.as_slice()) }
}

fn customers<'a>(sessions: impl Iterator<Item = &'a &'a [Event]>) -> Vec<u32> {
    sessions.map(|rows| rows[0].customer).collect::<BTreeSet<_>>().into_iter().collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(250) })]

    #[test]
    fn sessions_are_cut_where_they_should_be(
        asked in questions(),
        delivery in deliveries(),
        events in events(5, 10, 2, 30),
        names in any::<bool>(),
    ) {
        let cut = cut(&asked, &events);
        let found = deliver(
            &delivery,
            &events,
            || SessionKernel::new(&asked),
            |kernel, columns| kernel.push(&batch(columns, names)).unwrap(),
            SessionKernel::merge,
        )
        .finish();
        prop_assert_eq!(found.sessions, cut.len() as u64);
        prop_assert_eq!(found.rows, events.len() as u64);
        assert_durations(&found.durations, cut.iter().map(|rows| rows[rows.len() - 1].ts - rows[0].ts).collect());
        prop_assert_eq!(found.customers.iter().collect::<Vec<_>>(), customers(cut.iter()));
        let single = || cut.iter().filter(|rows| rows.len() == 1);
        prop_assert_eq!(found.single, single().count() as u64);
        prop_assert_eq!(found.single_customers.iter().collect::<Vec<_>>(), customers(single()));
        for code in (0..3).filter(|_| names) {
            let entered = || cut.iter().filter(|rows| rows[0].name == code);
            let exited = || cut.iter().filter(|rows| rows[rows.len() - 1].name == code);
            let dwell: Vec<i64> = cut
                .iter()
                .flat_map(|rows| rows.windows(2))
                .filter(|pair| pair[0].name == code)
                .map(|pair| (pair[1].ts - pair[0].ts).min(asked.dwell_max as i64))
                .collect();
            let Some(name) = found.names.iter().find(|name| name.code == code) else {
                prop_assert_eq!(entered().count() + exited().count() + dwell.len(), 0);
                continue;
            };
            prop_assert_eq!((name.entries, name.exits), (entered().count() as u64, exited().count() as u64));
            prop_assert_eq!(name.entered.iter().collect::<Vec<_>>(), customers(entered()));
            prop_assert_eq!(name.exited.iter().collect::<Vec<_>>(), customers(exited()));
            assert_durations(&name.dwell, dwell);
        }
        prop_assert!(found.names.iter().all(|name| names && name.code != MISSING));
    }

    #[test]
    fn every_row_gets_the_number_of_its_session(asked in questions(), events in events(5, 10, 2, 30), at in 0usize..60) {
        let mut expected = Vec::new();
        let mut before = None;
        let mut number = 0;
        for rows in cut(&asked, &events) {
            number = if before == Some(rows[0].customer) { number + 1 } else { 1 };
            before = Some(rows[0].customer);
            expected.extend(rows.iter().map(|_| number));
        }
        let (mut sessionizer, mut numbers) = (Sessionizer::new(&asked), Vec::new());
        let (head, tail) = events.split_at(at.min(events.len()));
        for part in [head, tail] {
            sessionizer.push(&batch(&Columns::of(part), false), &mut numbers).unwrap();
        }
        prop_assert_eq!(numbers, expected);
    }
}

#[test]
fn rows_out_of_order_are_refused() {
    let push = |customer: &[i64], ts: &[i64]| {
        let rows = florin_journeys::Rows::new(customer, ts).unwrap();
        SessionKernel::new(&SessionSettings::with_gap(10)).push(&SessionRows { rows, channel: None, name: None })
    };
    assert!(push(&[1, 1], &[5, 4]).is_err());
    assert!(push(&[2, 1], &[5, 5]).is_err());
    assert!(push(&[-1, 1], &[5, 5]).is_err());
    assert!(push(&[1, i64::from(u32::MAX) + 1], &[5, 5]).is_err());
    assert!(push(&[1, 1, 2], &[5, 5, 4]).is_ok());
}

#[test]
fn the_ends_of_time_are_one_session_if_the_gap_allows() {
    let rows = florin_journeys::Rows::new(&[1, 1, 1], &[i64::MIN, 0, i64::MAX]).unwrap();
    for (gap, sessions) in [(0, 3), (u64::MAX, 1)] {
        let mut asked = SessionSettings::with_gap(gap);
        asked.midnight = gap == 0;
        let mut kernel = SessionKernel::new(&asked);
        kernel.push(&SessionRows { rows, channel: None, name: Some(&[0, 1, 2]) }).unwrap();
        assert_eq!(kernel.finish().sessions, sessions);
    }
}
