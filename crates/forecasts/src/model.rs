//! The forecaster: a regression on the calendar that forgets, and how far the past must be forgotten.
//!
//! First the special days: what holidays, the days around them and Spring Festival do to the level of their month (the median of
//! four weeks around), by ridge regression over all that is known, since they come once a year. What they do is taken off. Then
//! a day is level, weekday, place in the month and (from two years on) in the year, by ridge regression in which a day counts
//! half as much for every half-life that it lies back; then what was left over lately, smoothed exponentially (Brown 1959). Several half-lives, richnesses and smoothings are tried on rolling origins before the series ends, and the
//! three with the least mean error in each other's company make the forecast. Positive series are worked on as logarithms.
//! No trend is carried on: within a horizon of weeks it is what forecasts go wrong by.
//!
//! Intervals are conformal (Vovk, Gammerman and Shafer 2005): quantiles of what the chosen ones were off on the rolling origins.

use florin_measurement::forecast::windows;
use jiff::{ToSpan as _, civil::Date};
use serde::{Deserialize, Serialize};

use crate::{
    calendar::{Day, Holidays, Notice},
    error::ForecastError,
    regression,
};

/// Half-lives that are tried, days.
const HALF_LIVES: [f64; 5] = [30.0, 60.0, 90.0, 180.0, 365.0];
/// Waves a month that are tried.
const MONTH_WAVES: [usize; 3] = [0, 1, 2];
/// Smoothings of what is left over that are tried; none, and a tenth a day.
const SMOOTHINGS: [f64; 2] = [0.0, 0.1];
/// Candidates that make the forecast.
const TOGETHER: usize = 3;
/// Rolling origins.
const ORIGINS_MAX: usize = 6;
/// From so many days on, years have waves.
const YEARS_FROM: usize = 730;
const YEAR_WAVES: usize = 3;
/// How much coefficients are shrunk, in days.
const RIDGE: f64 = 0.3;
/// What is left over is smoothed from so many days back.
const SMOOTHED_DAYS: usize = 60;
/// Days on either side of one that tell its level.
const LEVEL_DAYS: usize = 14;
/// Columns of an ordinary day: the level and six weekdays.
const ORDINARY: usize = 7;
/// Days that must be known before a rolling origin.
const TRAIN_MIN: usize = 56;
/// The longest horizon.
pub const HORIZON_MAX: usize = 366;

/// A value a day.
#[derive(Debug, Clone, PartialEq)]
pub struct DailySeries {
    /// The first day.
    pub from: Date,
    /// One value for every day from there on.
    pub values: Vec<f64>,
}

/// What comes next.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Forecast {
    /// One a day, right after the series.
    pub days: Vec<ForecastDay>,
    /// What was chosen.
    pub chosen: Vec<Chosen>,
    /// Rolling origins on which it was chosen.
    pub origins: usize,
}

/// A day to come.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ForecastDay {
    /// The day.
    pub date: Date,
    /// What is expected.
    pub value: f64,
    /// The lower end of its interval.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

/// A way to forecast, with its mean absolute error on the rolling origins (of logarithms where the series is positive).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Chosen {
    /// Days after which a day counts half.
    pub half_life: f64,
    /// Waves a month.
    pub month_waves: usize,
    /// How fast what is left over is followed.
    pub smoothing: f64,
    /// The error.
    pub error: f64,
}

/// Days as rows of a regression.
struct Rows {
    /// Level, weekdays and waves of years.
    plain: Vec<Vec<f64>>,
    /// Level, weekdays and special days.
    special: Vec<Vec<f64>>,
    months: Vec<f64>,
    /// On the scale that is worked on.
    y: Vec<f64>,
}

/// Forecasts so many days with intervals that are to hold the truth so often (0.9 for 90 %).
///
/// # Errors
/// When the series has fewer days than 56 and twice the horizon, a value is not finite, the horizon is 0 or longer than
/// [`HORIZON_MAX`], or the level is not between 0 and 1.
pub fn forecast(
    series: &DailySeries,
    holidays: &Holidays,
    horizon: usize,
    level: f64,
) -> Result<Forecast, ForecastError> {
    check(series, horizon, level)?;
    let log = series.values.iter().all(|value| *value > 0.0);
    let rows = Rows::of(series, holidays, horizon, log)?;
    let known = series.values.len();
    let mut origins = windows(known, horizon, (horizon / 2).max(1), TRAIN_MIN.max(known / 3), false)?;
    origins.drain(..origins.len().saturating_sub(ORIGINS_MAX));
    let mut tried: Vec<(Chosen, Vec<f64>)> = candidates()
        .map(|mut one| {
            let off: Vec<f64> = origins.iter().flat_map(|o| rows.errors(&one, o.train.end, horizon)).collect();
            one.error = off.iter().map(|e| e.abs()).sum::<f64>() / off.len() as f64;
            (one, off)
        })
        .collect();
    tried.sort_by(|a, b| a.0.error.total_cmp(&b.0.error));
    tried.truncate(TOGETHER);
    let share = 1.0 / tried.len() as f64;
    let mut value = vec![0.0; horizon];
    for (one, _) in &tried {
        value.iter_mut().zip(rows.forecast(one, known, horizon)).for_each(|(sum, one)| *sum += share * one);
    }
    let together = (0..tried[0].1.len()).map(|i| share * tried.iter().map(|(_, off)| off[i]).sum::<f64>());
    let room = conformal(together.map(f64::abs).collect(), level);
    let back = |y: f64| if log { y.exp() } else { y };
    let mut days = Vec::with_capacity(horizon);
    for (ahead, y) in value.into_iter().enumerate() {
        let date = series.from.checked_add(((known + ahead) as i64).days())?;
        days.push(ForecastDay { date, value: back(y), low: back(y - room), high: back(y + room) });
    }
    Ok(Forecast { days, chosen: tried.into_iter().map(|(one, _)| one).collect(), origins: origins.len() })
}

fn check(series: &DailySeries, horizon: usize, level: f64) -> Result<(), ForecastError> {
    let days = series.values.len();
    if !(1..=HORIZON_MAX).contains(&horizon) {
        return Err(ForecastError::Settings(format!("a horizon of {horizon} days: take 1 to {HORIZON_MAX}")));
    }
    if !(level > 0.0 && level < 1.0) {
        return Err(ForecastError::Settings(format!("a level of {level} is not between 0 and 1")));
    }
    // A third of the series, or the least training part, must be left before the first origin.
    let needed = (TRAIN_MIN + 2 * horizon).max(horizon * 3 / 2 + 1);
    if days < needed {
        return Err(ForecastError::TooShort { days, horizon, needed });
    }
    match series.values.iter().position(|value| !value.is_finite()) {
        Some(day) => Err(ForecastError::Value { day, value: series.values[day] }),
        None => Ok(()),
    }
}

fn candidates() -> impl Iterator<Item = Chosen> {
    HALF_LIVES.into_iter().flat_map(|half_life| {
        MONTH_WAVES.into_iter().flat_map(move |month_waves| {
            SMOOTHINGS.into_iter().map(move |smoothing| Chosen { half_life, month_waves, smoothing, error: 0.0 })
        })
    })
}

/// The error that a share of `level` stays within, one more than seen counted as larger (split conformal).
fn conformal(mut off: Vec<f64>, level: f64) -> f64 {
    off.sort_unstable_by(f64::total_cmp);
    let rank = ((off.len() + 1) as f64 * level).ceil() as usize;
    off.get(rank.clamp(1, off.len().max(1)) - 1).copied().unwrap_or(f64::INFINITY)
}

impl Rows {
    fn of(series: &DailySeries, holidays: &Holidays, horizon: usize, log: bool) -> Result<Self, ForecastError> {
        let known = series.values.len();
        let years = known >= YEARS_FROM;
        let (mut plain, mut special, mut months) = (Vec::new(), Vec::new(), Vec::new());
        for day in 0..known + horizon {
            let date = series.from.checked_add((day as i64).days())?;
            let all = of_day(&holidays.day(date)?);
            let mut row = all[..ORDINARY].to_vec();
            special.push(all);
            if years {
                waves(&mut row, f64::from(date.day_of_year()) / 365.25, YEAR_WAVES);
            }
            plain.push(row);
            months.push(f64::from(date.day() - 1) / f64::from(date.days_in_month()));
        }
        let y = series.values.iter().map(|value| if log { value.ln() } else { *value }).collect();
        Ok(Self { plain, special, months, y })
    }

    fn row(&self, day: usize, month_waves: usize) -> Vec<f64> {
        let mut row = self.plain[day].clone();
        waves(&mut row, self.months[day], month_waves);
        row
    }

    /// What a special day adds, for every day, as it looks from an origin.
    fn specials(&self, origin: usize) -> Vec<f64> {
        let apart: Vec<f64> = (0..origin).map(|day| self.y[day] - self.level(day, origin)).collect();
        let mut coefficients = regression::fit(&self.special[..origin], &apart, &vec![1.0; origin], RIDGE);
        coefficients.iter_mut().take(ORDINARY).for_each(|ordinary| *ordinary = 0.0);
        self.special.iter().map(|row| regression::predict(row, &coefficients)).collect()
    }

    /// The median of the days around one, of those before the origin.
    fn level(&self, day: usize, origin: usize) -> f64 {
        let around = day.saturating_sub(LEVEL_DAYS)..(day + LEVEL_DAYS + 1).min(origin);
        let mut values = self.y[around].to_vec();
        values.sort_unstable_by(f64::total_cmp);
        values[values.len() / 2]
    }

    /// As from an origin: only days before it are looked at.
    fn forecast(&self, one: &Chosen, origin: usize, horizon: usize) -> Vec<f64> {
        let specials = self.specials(origin);
        let ordinary: Vec<f64> = self.y[..origin].iter().zip(&specials).map(|(y, special)| y - special).collect();
        let rows: Vec<Vec<f64>> = (0..origin).map(|day| self.row(day, one.month_waves)).collect();
        let weights: Vec<f64> = (0..origin).map(|day| 0.5f64.powf((origin - 1 - day) as f64 / one.half_life)).collect();
        let coefficients = regression::fit(&rows, &ordinary, &weights, RIDGE);
        let mut left = 0.0;
        for day in origin.saturating_sub(SMOOTHED_DAYS)..origin {
            left += one.smoothing * (ordinary[day] - regression::predict(&rows[day], &coefficients) - left);
        }
        let ahead =
            |day: usize| left + specials[day] + regression::predict(&self.row(day, one.month_waves), &coefficients);
        (origin..origin + horizon).map(ahead).collect()
    }

    /// What happened less what was forecast.
    fn errors(&self, one: &Chosen, origin: usize, horizon: usize) -> Vec<f64> {
        let forecast = self.forecast(one, origin, horizon);
        self.y[origin..origin + horizon].iter().zip(forecast).map(|(y, f)| y - f).collect()
    }
}

fn of_day(day: &Day) -> Vec<f64> {
    let yes = |what: bool| f64::from(u8::from(what));
    let ordinary = day.notice.is_none();
    let mut row = vec![1.0];
    row.extend((1..7).map(|weekday| yes(ordinary && day.weekday == weekday)));
    row.extend([
        yes(day.notice == Some(Notice::Off)),
        yes(day.notice == Some(Notice::Work)),
        yes(day.before_off),
        yes(day.after_off),
    ]);
    for span in [-14..=-8, -7..=-1, 0..=6, 7..=20] {
        row.push(yes(day.since_festival.is_some_and(|since| span.contains(&since))));
    }
    row
}

fn waves(row: &mut Vec<f64>, at: f64, count: usize) {
    for wave in 1..=count {
        let turn = std::f64::consts::TAU * wave as f64 * at;
        row.extend([turn.sin(), turn.cos()]);
    }
}
