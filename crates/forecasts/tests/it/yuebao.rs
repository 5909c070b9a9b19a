//! Purchases and redemptions of Yu'E Bao in August 2014, forecast from what was known at the end of July.
//!
//! Skips with a reason where the data is absent. Prophet 1.5.0 with its defaults is off by 0.2345 and 0.2152; with the year switched on, which its defaults leave out of
//! so short a series, by 0.0987 and 0.2149 (`benches/forecasts/prophet_peer.py`). The better of the two is what must be beaten.

use std::{fs, path::PathBuf};

use florin_forecasts::{DailySeries, Forecast, Holidays, forecast};
use florin_measurement::forecast::{coverage, forecast_errors};
use jiff::civil::date;

const AUGUST: usize = 31;

fn read(file: &str) -> Option<Vec<f64>> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/yuebao").join(file);
    if !path.exists() {
        println!("skipped: {} is not there", path.display());
        return None;
    }
    let text = fs::read_to_string(path).expect("text");
    let days = text.lines().skip(1).filter(|line| line < &"20140901");
    Some(days.map(|line| line.split(',').nth(1).expect("a total").parse().expect("a number")).collect())
}

/// The error of August, that of repeating the last week, and the forecast.
fn august(file: &str) -> Option<(f64, f64, Forecast, Vec<f64>)> {
    let all = read(file)?;
    assert_eq!(all.len(), 427);
    let (known, actual) = all.split_at(all.len() - AUGUST);
    let series = DailySeries { from: date(2013, 7, 1), values: known.to_vec() };
    let next = forecast(&series, &Holidays::china().expect("reads"), AUGUST, 0.9).expect("long enough");
    let mape = |forecast: &[f64]| forecast_errors(actual, forecast, known, 7).expect("sound").mape.expect("no zero");
    let ours: Vec<f64> = next.days.iter().map(|day| day.value).collect();
    let naive: Vec<f64> = known[known.len() - 7..].iter().copied().cycle().take(AUGUST).collect();
    println!("{file}: ours {:.4}, seasonal naive {:.4}", mape(&ours), mape(&naive));
    println!("{:?}", next.chosen);
    Some((mape(&ours), mape(&naive), next, actual.to_vec()))
}

fn held(next: &Forecast, actual: &[f64]) -> f64 {
    let low: Vec<f64> = next.days.iter().map(|day| day.low).collect();
    let high: Vec<f64> = next.days.iter().map(|day| day.high).collect();
    coverage(actual, &low, &high).expect("sound").0
}

#[test]
fn purchases_beat_the_seasonal_naive_and_prophet() {
    let Some((ours, naive, next, actual)) = august("purchase_by_type.csv") else { return };
    assert!((naive - 0.1241).abs() < 1e-4, "{naive}");
    assert!(ours < naive && ours < 0.0987, "{ours}");
    assert!(held(&next, &actual) >= 0.8);
}

#[test]
fn redemptions_beat_the_seasonal_naive_and_prophet() {
    let Some((ours, naive, next, actual)) = august("redeem_by_type.csv") else { return };
    assert!((naive - 0.1268).abs() < 1e-4, "{naive}");
    assert!(ours < naive && ours < 0.2149, "{ours}");
    assert!(held(&next, &actual) >= 0.8);
}
