//! Series that were made by a rule.

use florin_forecasts::{DailySeries, ForecastError, Holidays, forecast, spring_festival};
use jiff::{
    ToSpan as _,
    civil::{Date, date},
};

fn made(from: Date, days: usize, of: impl Fn(Date) -> f64) -> DailySeries {
    let values = (0..days).map(|day| of(from.checked_add((day as i64).days()).expect("a date"))).collect();
    DailySeries { from, values }
}

#[test]
fn weeks_and_holidays_come_back() {
    let holidays =
        Holidays::parse("2024-05-01,off,x\n2024-04-04,off,x\n2024-02-12,off,x\n2024-03-08,off,x").expect("reads");
    let rule = |day: Date| {
        let off = ["2024-05-01", "2024-04-04", "2024-02-12", "2024-03-08"].contains(&day.to_string().as_str());
        let weekend = day.weekday().to_monday_zero_offset() > 4;
        if off {
            20.0
        } else if weekend {
            50.0
        } else {
            100.0
        }
    };
    let series = made(date(2023, 9, 1), 240, rule);
    let next = forecast(&series, &holidays, 14, 0.9).expect("long enough");
    for day in &next.days {
        assert!((day.value / rule(day.date) - 1.0).abs() < 0.25, "{day:?}");
        assert!(day.low <= day.value && day.value <= day.high);
    }
    let may = next.days.iter().find(|day| day.date == date(2024, 5, 1)).expect("in the horizon");
    assert!(may.value < 30.0, "{may:?}");
    assert_eq!(next, forecast(&series, &holidays, 14, 0.9).expect("long enough"), "the same every time");
}

#[test]
fn spring_festival_moves_and_the_forecast_moves_with_it() {
    let rule = |day: Date| {
        let festival = spring_festival(day.year()).expect("a known year");
        let since = day.since((jiff::Unit::Day, festival)).expect("days").get_days();
        if (-7..=-1).contains(&since) {
            300.0
        } else if (0..=6).contains(&since) {
            30.0
        } else {
            100.0
        }
    };
    // Ends on 2024-01-20; the festivals before were on 2022-02-01 and 2023-01-22, the next is on 2024-02-10.
    let series = made(date(2021, 6, 1), 964, rule);
    let calendar = Holidays::none().with_spring_festival();
    let next = forecast(&series, &calendar, 28, 0.9).expect("long enough");
    let of = |day: Date| next.days.iter().find(|found| found.date == day).expect("in the horizon").value;
    assert!(of(date(2024, 2, 7)) > 160.0 && of(date(2024, 2, 12)) < 80.0, "{:?}", next.days);
    let blind = forecast(&series, &Holidays::none(), 28, 0.9).expect("long enough");
    assert!(blind.days.iter().all(|day| (70.0..140.0).contains(&day.value)), "{:?}", blind.days);
}

#[test]
fn intervals_hold_the_truth_about_as_often_as_they_say() {
    let mut state = 9u64;
    let mut noise = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1u64 << 53) as f64 - 0.5
    };
    let (mut inside, mut all) = (0, 0);
    for _ in 0..12 {
        let values: Vec<f64> =
            (0..230).map(|day| 100.0 + 20.0 * f64::from(u8::from(day % 7 == 0)) + 30.0 * noise()).collect();
        let series = DailySeries { from: date(2023, 1, 1), values: values[..200].to_vec() };
        let next = forecast(&series, &Holidays::none(), 30, 0.8).expect("long enough");
        inside += next.days.iter().zip(&values[200..]).filter(|(day, y)| (day.low..=day.high).contains(y)).count();
        all += 30;
    }
    let held = f64::from(inside as u32) / f64::from(all);
    assert!((0.7..0.92).contains(&held), "{held}");
}

#[test]
fn what_cannot_be_forecast_says_why() {
    let short = made(date(2024, 1, 1), 80, |_| 1.0);
    let said = forecast(&short, &Holidays::none(), 31, 0.9).expect_err("too short").to_string();
    assert_eq!(said, "80 days are too few to forecast 31 from: 118 are needed");
    let mut gap = made(date(2024, 1, 1), 200, |_| 1.0);
    gap.values[7] = f64::NAN;
    assert!(matches!(forecast(&gap, &Holidays::none(), 7, 0.9), Err(ForecastError::Value { day: 7, .. })));
    assert!(forecast(&short, &Holidays::none(), 0, 0.9).is_err());
    assert!(forecast(&short, &Holidays::none(), 7, 1.0).is_err());
    let zero = made(date(2024, 1, 1), 200, |_| 0.0);
    let next = forecast(&zero, &Holidays::none(), 7, 0.9).expect("nothing, for ever");
    assert!(next.days.iter().all(|day| day.value.abs() < 1e-6));
}
