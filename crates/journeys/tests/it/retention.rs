//! Retention against asking every customer.

use std::collections::BTreeSet;

use florin_journeys::{
    Period,
    retention::{Cohorts, ConditionsKernel, RETURN, Retention, RetentionKernel, RetentionSettings, Return, START},
};
use proptest::prelude::*;

use crate::{
    funnel_oracle::period,
    made::{Event, by_customer, deliver, deliveries, events, zone},
};

fn questions() -> impl Strategy<Value = RetentionSettings> {
    let cohorts = prop_oneof![Just(Cohorts::FirstTime), Just(Cohorts::Recurring)];
    let returns = prop_oneof![Just(Return::On), Just(Return::OnOrAfter)];
    let periods = prop_oneof![Just(Period::Day), Just(Period::Week), Just(Period::Month)];
    // 2011-10-28 is day 15275; some tables start later, some earlier.
    (cohorts, returns, periods, -2..3i32, 1..6usize, 0..20i64).prop_map(|(cohorts, returns, period, shift, n, days)| {
        let first = period.of_day(15_275) + shift;
        let as_of = (15_275 + days) * 86_400_000_000;
        RetentionSettings { cohorts, returns, period, first, periods: n, zone: zone(), as_of }
    })
}

/// Who is in a cell, one customer at a time.
fn cell(asked: &RetentionSettings, events: &[Event], cohort: usize, after: usize) -> BTreeSet<u32> {
    let number = |cohort: usize| asked.first + cohort as i32;
    let last = number(asked.periods - 1);
    let is_in = |rows: &[Event]| {
        let starts: Vec<i32> =
            rows.iter().filter(|e| e.bits & START != 0).map(|e| period(asked.period, e.ts)).collect();
        let started = match asked.cohorts {
            Cohorts::FirstTime => starts.first() == Some(&number(cohort)),
            Cohorts::Recurring => starts.contains(&number(cohort)),
        };
        let wanted = number(cohort + after);
        let returned = rows
            .iter()
            .filter(|e| e.bits & RETURN != 0)
            .map(|e| period(asked.period, e.ts))
            .any(|p| p == wanted || (asked.returns == Return::OnOrAfter && p > wanted && p <= last));
        started && (after == 0 || returned)
    };
    by_customer(events).filter(|(_, rows)| is_in(rows)).map(|(customer, _)| customer).collect()
}

/// Whether all that a cell looks at had ended.
fn complete(asked: &RetentionSettings, cohort: usize, after: usize) -> bool {
    let last = if asked.returns == Return::OnOrAfter && after > 0 { asked.periods - 1 } else { cohort + after };
    // The last microsecond before `as_of` is in a later period than the one asked about, or the last of it.
    period(asked.period, asked.as_of) > asked.first + last as i32
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(250) })]

    #[test]
    fn every_cell_holds_exactly_the_customers_who_came_back(
        asked in questions(),
        delivery in deliveries(),
        events in events(6, 6, 3, 60),
    ) {
        let found: Retention = deliver(
            &delivery,
            &events,
            || RetentionKernel::new(&asked).unwrap(),
            |kernel, columns| kernel.push(columns.rows(), &columns.bits).unwrap(),
            RetentionKernel::merge,
        )
        .finish();
        for cohort in 0..asked.periods {
            for after in 0..asked.periods - cohort {
                let expected = cell(&asked, &events, cohort, after);
                let customers: BTreeSet<u32> = found.cell(cohort, after).unwrap().iter().collect();
                prop_assert_eq!(&customers, &expected, "cohort {} after {}", cohort, after);
                prop_assert_eq!(found.count(cohort, after), Some(expected.len() as u64));
                prop_assert_eq!(found.complete(cohort, after), complete(&asked, cohort, after));
            }
            prop_assert_eq!(found.cell(cohort, asked.periods - cohort), None);
        }
    }

    #[test]
    fn conditions_are_met_together_with_the_first(delivery in deliveries(), events in events(6, 6, 4, 20)) {
        let found = deliver(
            &delivery,
            &events,
            || ConditionsKernel::new(4).unwrap(),
            |kernel, columns| kernel.push(columns.rows(), &columns.bits).unwrap(),
            ConditionsKernel::merge,
        )
        .finish();
        for (condition, set) in found.iter().enumerate() {
            let met = |rows: &[Event], bit: usize| rows.iter().any(|e| e.bits >> bit & 1 == 1);
            let expected: Vec<u32> = by_customer(&events)
                .filter(|(_, rows)| met(rows, 0) && met(rows, condition))
                .map(|(customer, _)| customer)
                .collect();
            prop_assert_eq!(set.iter().collect::<Vec<_>>(), expected);
        }
    }
}

#[test]
fn the_mean_counts_complete_cells_only() {
    let day = 86_400_000_000i64;
    let asked = RetentionSettings {
        cohorts: Cohorts::Recurring,
        returns: Return::On,
        period: Period::Day,
        first: 0,
        periods: 3,
        zone: florin_journeys::Zone::utc(),
        as_of: 2 * day,
    };
    // Day 0: three start; day 1: one of them is back; day 2 has not ended.
    let (customer, ts, bits) = ([1i64, 1, 2, 3, 3], [0, day, 5, 0, 2 * day], [3u8; 5]);
    let mut kernel = RetentionKernel::new(&asked).unwrap();
    kernel.push(florin_journeys::Rows::new(&customer, &ts).unwrap(), &bits).unwrap();
    let found = kernel.finish();
    assert_eq!(found.mean(1), Some(1.0 / 3.0));
    assert_eq!(found.mean(2), None);
}
