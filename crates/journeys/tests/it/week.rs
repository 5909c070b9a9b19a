//! Hours of the week and active days against the calendar.

use std::collections::{BTreeMap, BTreeSet};

use florin_journeys::{
    Period,
    rhythm::RhythmKernel,
    stickiness::{StickinessKernel, StickinessSettings},
};
use jiff::{Timestamp, tz::TimeZone};
use proptest::prelude::*;

use crate::{
    funnel_oracle::period,
    made::{ZONE, by_customer, deliver, deliveries, events, zone},
};

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(100) })]

    #[test]
    fn hours_of_the_week_are_those_on_the_wall(delivery in deliveries(), events in events(5, 10, 2, 60)) {
        let found = deliver(
            &delivery,
            &events,
            || RhythmKernel::new(zone()),
            |kernel, columns| kernel.push(columns.rows(), &columns.bits).unwrap(),
            RhythmKernel::merge,
        )
        .finish();
        let mut expected: BTreeMap<(usize, usize), (u64, BTreeSet<u32>)> = BTreeMap::new();
        for event in events.iter().filter(|e| e.bits != 0) {
            let wall = Timestamp::from_microsecond(event.ts).unwrap().to_zoned(TimeZone::get(ZONE).unwrap());
            let weekday = wall.weekday().to_monday_zero_offset() as usize;
            let cell = expected.entry((weekday, wall.hour() as usize)).or_default();
            cell.0 += 1;
            cell.1.insert(event.customer);
        }
        for weekday in 0..7 {
            for hour in 0..24 {
                let (rows, customers) = expected.remove(&(weekday, hour)).unwrap_or_default();
                prop_assert_eq!(found.rows(weekday, hour), rows);
                prop_assert_eq!(found.customers(weekday, hour).unwrap().iter().collect::<BTreeSet<_>>(), customers);
            }
        }
    }

    #[test]
    fn active_days_are_counted_in_their_period(
        delivery in deliveries(),
        events in events(5, 14, 2, 90),
        kinds in prop_oneof![
            Just((Period::Day, Period::Week)),
            Just((Period::Day, Period::Month)),
            Just((Period::Week, Period::Month))
        ],
        shift in -1..2i32,
    ) {
        let (active, within) = kinds;
        let first = within.of_day(15_275) + shift;
        let asked = StickinessSettings { active, within, first, periods: 3, zone: zone() };
        let found = deliver(
            &delivery,
            &events,
            || StickinessKernel::new(&asked).unwrap(),
            |kernel, columns| kernel.push(columns.rows(), &columns.bits).unwrap(),
            StickinessKernel::merge,
        )
        .finish();
        for place in 0..3 {
            let days = |rows: &[crate::made::Event]| {
                let inside = rows.iter().filter(|e| e.bits != 0 && period(within, e.ts) == first + place as i32);
                inside.map(|e| period(active, e.ts)).collect::<BTreeSet<_>>().len()
            };
            for wanted in 1..=31 {
                let exactly: Vec<u32> =
                    by_customer(&events).filter(|(_, rows)| days(rows) == wanted).map(|(c, _)| c).collect();
                prop_assert_eq!(found.exactly(place, wanted).iter().collect::<Vec<_>>(), exactly);
            }
            let often: Vec<u32> = by_customer(&events).filter(|(_, rows)| days(rows) >= 2).map(|(c, _)| c).collect();
            prop_assert_eq!(found.at_least(place, 2).iter().collect::<Vec<_>>(), often);
        }
    }
}

#[test]
fn the_ends_of_time_have_an_hour_and_a_day() {
    let ts = [i64::MIN, -1, 0, i64::MAX];
    let rows = || florin_journeys::Rows::new(&[1; 4], &ts).unwrap();
    let mut rhythm = RhythmKernel::new(zone());
    rhythm.push(rows(), &[1u8; 4]).unwrap();
    let rhythm = rhythm.finish();
    assert_eq!((0..7).flat_map(|d| (0..24).map(move |h| (d, h))).map(|(d, h)| rhythm.rows(d, h)).sum::<u64>(), 4);
    assert_eq!(rhythm.rows(7, 0), 0);
    let asked =
        StickinessSettings { active: Period::Day, within: Period::Month, first: i32::MAX, periods: 3, zone: zone() };
    let mut stickiness = StickinessKernel::new(&asked).unwrap();
    stickiness.push(rows(), &[1u8; 4]).unwrap();
    assert!(stickiness.finish().at_least(0, 1).is_empty());
}
