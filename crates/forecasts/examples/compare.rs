//! Our side of `cargo xtask bench forecasts`: the last month of Yu'E Bao's purchases and redemptions, and the months before it.
//!
//! `compare FOLDER` prints one JSON line a series. The last month is forecast once, from all days before it. `rolling` is the mean over ten months before that,
//! whose last days are a week apart, up to the last day before the last month.
#![allow(clippy::print_stdout, reason = "a program that prints")]

use std::{error::Error, fs, path::Path, time::Instant};

use florin_forecasts::{DailySeries, Holidays, forecast};
use florin_measurement::forecast::{coverage, forecast_errors};
use jiff::civil::date;

const MONTH: usize = 31;
const WEEK: usize = 7;
const ORIGINS: usize = 10;
/// How often intervals are to hold the truth.
const LEVEL: f64 = 0.9;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).ok_or("name the folder `yuebao` of the public data")?;
    for name in ["purchase", "redeem"] {
        let all = read(&Path::new(&folder).join(format!("{name}_by_type.csv")))?;
        let started = Instant::now();
        let (mape, naive, held) = month(&all)?;
        let seconds = started.elapsed().as_secs_f64();
        let before = &all[..all.len() - MONTH];
        let mut rolling = [0.0; 2];
        for origin in 0..ORIGINS {
            let (ours, naive, _) = month(&before[..before.len() - origin * WEEK])?;
            rolling = [rolling[0] + ours / ORIGINS as f64, rolling[1] + naive / ORIGINS as f64];
        }
        println!(
            "{{\"series\":\"{name}\",\"mape\":{mape},\"mape_naive\":{naive},\"held\":{held},\"seconds\":{seconds},\"rolling\":{},\"rolling_naive\":{}}}",
            rolling[0], rolling[1]
        );
    }
    Ok(())
}

fn read(file: &Path) -> Result<Vec<f64>, Box<dyn Error>> {
    let text = fs::read_to_string(file)?;
    let days = text.lines().skip(1).filter(|line| line < &"20140901");
    days.map(|line| Ok(line.split(',').nth(1).ok_or("a line has no total")?.parse()?)).collect()
}

/// The error of the last month of a series, that of repeating the week before it, and the share of days within intervals.
fn month(all: &[f64]) -> Result<(f64, f64, f64), Box<dyn Error>> {
    let (known, actual) = all.split_at(all.len() - MONTH);
    let series = DailySeries { from: date(2013, 7, 1), values: known.to_vec() };
    let next = forecast(&series, &Holidays::china()?, MONTH, LEVEL)?;
    let of = |side: fn(&florin_forecasts::ForecastDay) -> f64| next.days.iter().map(side).collect::<Vec<f64>>();
    let naive: Vec<f64> = known[known.len() - WEEK..].iter().copied().cycle().take(MONTH).collect();
    let mape = |said: &[f64]| -> Result<f64, Box<dyn Error>> {
        Ok(forecast_errors(actual, said, known, WEEK)?.mape.ok_or("a day is zero")?)
    };
    let held = coverage(actual, &of(|day| day.low), &of(|day| day.high))?.0;
    Ok((mape(&of(|day| day.value))?, mape(&naive)?, held))
}
