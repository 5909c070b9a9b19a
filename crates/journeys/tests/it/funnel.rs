//! Funnels against trying every chain.

use std::collections::{BTreeMap, BTreeSet};

use florin_journeys::{
    Durations, JourneyError, MISSING, Period, Window,
    funnel::{Attribution, Exclusion, Funnel, FunnelKernel, FunnelRows, FunnelSettings, FunnelValue, Order, Sharing},
};
use proptest::{collection::vec, prelude::*};

use crate::{
    funnel_oracle::{self, Came},
    made::{Columns, Delivery, Event, UNIT, deliver, deliveries, events, zone},
};

fn windows() -> impl Strategy<Value = Window> {
    prop_oneof![
        Just(Window::Unbounded),
        (0..6u64).prop_map(|n| Window::Micros(n * UNIT as u64)),
        (1..4u32).prop_map(Window::Days)
    ]
}

fn breakdowns(steps: usize) -> impl Strategy<Value = Option<Attribution>> {
    prop_oneof![
        3 => Just(None),
        1 => Just(Some(Attribution::First)),
        1 => Just(Some(Attribution::Last)),
        1 => Just(Some(Attribution::Every)),
        1 => (0..steps).prop_map(|step| Some(Attribution::Step(step))),
    ]
}

fn trends() -> impl Strategy<Value = Option<Period>> {
    prop_oneof![Just(None), Just(Some(Period::Day)), Just(Some(Period::Week)), Just(Some(Period::Month))]
}

fn exclusions(steps: usize) -> impl Strategy<Value = Vec<Exclusion>> {
    let some = (1..steps.max(2)).prop_flat_map(|before| (0..before).prop_map(move |after| Exclusion { after, before }));
    if steps < 2 { Just(Vec::new()).boxed() } else { prop_oneof![vec(some.clone(), 0..1), vec(some, 1..3)].boxed() }
}

/// A question that is allowed.
fn questions() -> impl Strategy<Value = FunnelSettings> {
    let orders = prop_oneof![3 => Just(Order::Ordered), 1 => Just(Order::Strict), 1 => Just(Order::Any)];
    let sharing = prop_oneof![Just(Sharing::Row), Just(Sharing::Instant), Just(Sharing::Nothing)];
    (1usize..5).prop_flat_map(move |steps| {
        let between = prop_oneof![Just(Vec::new()), vec(windows(), steps - 1)];
        let whens = (windows(), between, trends());
        let whats = (exclusions(steps), prop_oneof![3 => Just(false), 1 => Just(true)], breakdowns(steps));
        (orders.clone(), sharing.clone(), whens, whats).prop_map(move |(order, sharing, whens, whats)| {
            let (window, step_windows, trend) = whens;
            let (exclusions, held, breakdown) = whats;
            let mut asked = FunnelSettings::new(steps);
            (asked.order, asked.sharing, asked.window, asked.trend) = (order, sharing, window, trend);
            (asked.held, asked.breakdown, asked.zone) = (held, breakdown, zone());
            (asked.step_windows, asked.exclusions) = (step_windows, exclusions);
            if order != Order::Ordered {
                asked.exclusions.clear();
            }
            if order == Order::Any {
                asked.step_windows.clear();
                asked.breakdown = asked.breakdown.filter(|by| !matches!(by, Attribution::Step(_)));
                asked.sharing = Sharing::Row;
            }
            asked
        })
    })
}

fn push(kernel: &mut FunnelKernel, columns: &Columns) {
    let batch =
        FunnelRows { rows: columns.rows(), bits: &columns.bits, held: Some(&columns.held), by: Some(&columns.by) };
    kernel.push(&batch).unwrap();
}

fn ask(asked: &FunnelSettings, delivery: &Delivery, events: &[Event]) -> Funnel {
    let new = || FunnelKernel::new(asked).unwrap();
    deliver(delivery, events, new, push, |all, one| all.merge(one).unwrap()).finish().unwrap()
}

type Expected<'a> = BTreeMap<u32, Vec<(u32, &'a Came)>>;

fn assert_value(asked: &FunnelSettings, value: &FunnelValue, expected: &[(u32, &Came)]) {
    let there = |wanted: &dyn Fn(&Came) -> bool| -> Vec<u32> {
        expected.iter().filter(|(_, came)| wanted(came)).map(|(customer, _)| *customer).collect()
    };
    assert_eq!(value.excluded.iter().collect::<Vec<_>>(), there(&|came| came.excluded));
    for step in 0..asked.steps {
        let reached = there(&|came| !came.excluded && came.times.len() > step);
        assert_eq!(value.reached(step).iter().collect::<Vec<_>>(), reached, "step {step}");
        assert_eq!(value.counts()[step], reached.len() as u64);
        let dropped = there(&|came| !came.excluded && came.times.len() == step && step > 0);
        assert_eq!(value.dropped(step).iter().collect::<Vec<_>>(), dropped);
        assert_times(asked, value, step, expected);
    }
    assert_trend(asked, value, expected);
}

fn assert_times(asked: &FunnelSettings, value: &FunnelValue, step: usize, expected: &[(u32, &Came)]) {
    assert_eq!(value.times.len(), asked.steps);
    let came = expected.iter().filter(|(_, came)| !came.excluded && came.times.len() > step && step > 0);
    let times: Vec<(i64, i64)> =
        came.map(|(_, came)| (came.times[step] - came.times[step - 1], came.times[step] - came.times[0])).collect();
    assert_durations(&value.times[step].from_previous, times.iter().map(|t| t.0).collect());
    assert_durations(&value.times[step].from_first, times.iter().map(|t| t.1).collect());
}

pub(crate) fn assert_durations(durations: &Durations, mut expected: Vec<i64>) {
    expected.sort_unstable();
    assert_eq!(durations.count(), expected.len() as u64);
    assert_eq!(durations.sum(), expected.iter().map(|t| *t as u128).sum());
    assert_eq!(durations.buckets().map(|b| b.count).sum::<u64>(), durations.count());
    if let (Some(first), Some(last)) = (expected.first(), expected.last()) {
        assert_eq!(durations.range(), Some((*first as u64, *last as u64)));
        let median = expected[expected.len().div_ceil(2) - 1] as f64;
        assert!((durations.median().unwrap() as f64 - median).abs() <= median / 128.0);
    }
}

fn assert_trend(asked: &FunnelSettings, value: &FunnelValue, expected: &[(u32, &Came)]) {
    let mut periods: BTreeMap<i32, Vec<BTreeSet<u32>>> = BTreeMap::new();
    for (customer, came) in expected.iter().filter(|(_, came)| !came.excluded) {
        let Some(trend) = asked.trend else { continue };
        let sets =
            periods.entry(funnel_oracle::period(trend, came.times[0])).or_insert(vec![BTreeSet::new(); asked.steps]);
        sets[..came.times.len()].iter_mut().for_each(|set| assert!(set.insert(*customer)));
    }
    let found: BTreeMap<i32, Vec<BTreeSet<u32>>> = value
        .trend
        .iter()
        .map(|t| (t.period, (0..asked.steps).map(|step| t.reached(step).iter().collect()).collect()))
        .collect();
    assert_eq!(found, periods);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(500) })]

    #[test]
    fn a_funnel_counts_exactly_the_customers_with_a_chain(
        asked in questions(),
        delivery in deliveries(),
        events in events(5, 6, 6, 14),
    ) {
        let expected = funnel_oracle::funnel(&asked, &events);
        let mut by_value: Expected<'_> = BTreeMap::new();
        for ((value, customer), came) in &expected {
            by_value.entry(*value).or_default().push((*customer, came));
        }
        if asked.breakdown.is_none() {
            by_value.entry(MISSING).or_default();
        }
        let found = ask(&asked, &delivery, &events);
        let codes: Vec<u32> = found.values.iter().map(|v| v.code.unwrap_or(MISSING)).collect();
        prop_assert_eq!(codes, by_value.keys().copied().collect::<Vec<_>>());
        for (value, expected) in found.values.iter().zip(by_value.values()) {
            assert_value(&asked, value, expected);
        }
    }
}

#[test]
fn a_gap_in_the_settings_is_pointed_at() {
    let refused = |change: &dyn Fn(&mut FunnelSettings)| {
        let mut asked = FunnelSettings::new(3);
        change(&mut asked);
        FunnelKernel::new(&asked).expect_err("refused").to_string()
    };
    assert_eq!(refused(&|s| s.steps = 33), "a funnel has 1 to 32 steps, not 33");
    assert_eq!(
        refused(&|s| s.step_windows = vec![Window::Days(1)]),
        "1 windows between steps are given; 2 or none are needed"
    );
    assert_eq!(
        refused(&|s| s.exclusions = vec![Exclusion { after: 1, before: 1 }]),
        "an exclusion after step 1 and before step 1 has no place in the funnel"
    );
    assert_eq!(
        refused(&|s| s.window = Window::Days(0)),
        "a window of 0 days holds nothing: the day of the start is the first"
    );
}

#[test]
fn rows_out_of_order_and_short_columns_are_refused() {
    let asked = FunnelSettings::new(2);
    let push = |customer: &[i64], ts: &[i64], bits: &[u8]| {
        let rows = florin_journeys::Rows::new(customer, ts)?;
        FunnelKernel::new(&asked)?.push(&FunnelRows { rows, bits, held: None, by: None })
    };
    assert!(matches!(push(&[1, 1], &[5, 4], &[1, 2]), Err(JourneyError::NotSorted { row: 1 })));
    assert!(matches!(push(&[2, 1], &[5, 5], &[1, 2]), Err(JourneyError::NotSorted { row: 1 })));
    assert!(matches!(push(&[-1], &[5], &[1]), Err(JourneyError::CustomerOutOfRange { customer: -1 })));
    assert!(matches!(push(&[1], &[5, 6], &[1]), Err(JourneyError::Lengths { column: "ts", .. })));
    assert!(matches!(push(&[1], &[5], &[1, 2]), Err(JourneyError::Lengths { column: "bits", .. })));
}

#[test]
fn thirty_two_steps_over_half_a_year_take_one_pass() {
    // Every row meets every step: the worst a customer can do.
    let mut asked = FunnelSettings::new(32);
    asked.window = Window::Days(180);
    asked.sharing = Sharing::Nothing;
    let rows = 20_000;
    let customer = vec![7i64; rows];
    let ts: Vec<i64> = (0..rows as i64).map(|n| n * 600_000_000).collect();
    let bits: Vec<u32> = (0..rows).map(|n| 1 << (n % 31)).collect();
    let mut kernel = FunnelKernel::new(&asked).unwrap();
    let rows = florin_journeys::Rows::new(&customer, &ts).unwrap();
    kernel.push(&FunnelRows { rows, bits: &bits, held: None, by: None }).unwrap();
    let found = kernel.finish().unwrap();
    assert_eq!(found.values[0].counts(), [vec![1; 31], vec![0]].concat());
}

#[test]
fn a_breakdown_into_too_many_values_says_so() {
    let mut asked = FunnelSettings::new(1);
    asked.breakdown = Some(Attribution::First);
    let rows = 10_002;
    let customer: Vec<i64> = (0..rows).collect();
    let (ts, bits) = (vec![0; customer.len()], vec![1u8; customer.len()]);
    let by: Vec<u32> = (0..rows as u32).collect();
    let mut kernel = FunnelKernel::new(&asked).unwrap();
    let rows = florin_journeys::Rows::new(&customer, &ts).unwrap();
    let pushed = kernel.push(&FunnelRows { rows, bits: &bits, held: None, by: Some(&by) });
    let error = pushed.and_then(|()| kernel.finish()).expect_err("refused").to_string();
    assert_eq!(error, "more than 10000 values in a breakdown: break down by something coarser");
}

#[test]
fn too_many_different_rows_at_one_instant_say_so() {
    let mut asked = FunnelSettings::new(16);
    asked.sharing = Sharing::Instant;
    let bits: Vec<u16> = (1..=5000).collect();
    let (customer, ts) = (vec![1i64; bits.len()], vec![0i64; bits.len()]);
    let mut kernel = FunnelKernel::new(&asked).unwrap();
    let rows = florin_journeys::Rows::new(&customer, &ts).unwrap();
    kernel.push(&FunnelRows { rows, bits: &bits, held: None, by: None }).unwrap();
    assert!(matches!(kernel.finish(), Err(JourneyError::TooMany { limit: 4096, .. })));
}

#[test]
fn kernels_may_be_sent_between_threads() {
    fn sent<T: Send>() {}
    sent::<FunnelKernel>();
    sent::<florin_journeys::retention::RetentionKernel>();
    sent::<florin_journeys::sessions::SessionKernel>();
    sent::<florin_journeys::paths::PathKernel>();
    sent::<florin_journeys::rules::RuleKernel>();
}

#[test]
fn the_ends_of_time_and_unknown_bits_do_no_harm() {
    let mut asked = FunnelSettings::new(2);
    asked.exclusions = vec![Exclusion { after: 0, before: 1 }];
    asked.trend = Some(Period::Month);
    asked.zone = zone();
    for window in [Window::Unbounded, Window::Micros(u64::MAX), Window::Days(u32::MAX)] {
        asked.window = window;
        let mut kernel = FunnelKernel::new(&asked).unwrap();
        let rows = florin_journeys::Rows::new(&[1, 1, 1], &[i64::MIN, 0, i64::MAX]).unwrap();
        kernel.push(&FunnelRows { rows, bits: &[0b1u8, 0b1000, 0b10], held: None, by: None }).unwrap();
        let found = kernel.finish().unwrap();
        assert_eq!(found.values[0].counts()[0], 1, "{window:?}");
        assert!(found.values[0].excluded.is_empty());
    }
}
