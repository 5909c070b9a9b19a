//! When Spring Festival is, computed from the sun and the moon.
//!
//! The Chinese calendar's months begin on the day of the new moon in China (UTC+8). The month of the winter solstice is the
//! eleventh. Where thirteen months lie between two of them, the first that holds no major solar term is a leap month.
//! Spring Festival is the first day of the first month (GB/T 33661-2017). New moons and the sun's longitude are those of Meeus,
//! *Astronomical Algorithms* (1998), chapters 49 and 25: to within a minute and a quarter of an hour.

use jiff::civil::{Date, date};

use crate::error::ForecastError;

/// Years for which it is computed: the reference was compared up to here.
pub const YEARS: std::ops::RangeInclusive<i16> = 1950..=2099;
/// 1970-01-01 as a Julian day number.
const UNIX_JULIAN_DAY: i64 = 2_440_588;
/// China's time, in days ahead of universal time.
const CHINA: f64 = 8.0 / 24.0;
/// Terrestrial time is ahead of universal time by so many days; between 29 and about 200 seconds in these years.
const DELTA_T: f64 = 70.0 / 86_400.0;

/// The first day of the Chinese year that begins in this year.
///
/// # Errors
/// Outside [`YEARS`].
pub fn spring_festival(year: i16) -> Result<Date, ForecastError> {
    if !YEARS.contains(&year) {
        let (first, last) = (YEARS.start(), YEARS.end());
        return Err(ForecastError::Settings(format!("Spring Festival of {year}: known from {first} to {last}")));
    }
    let eleventh = eleventh_month(year - 1)?;
    let next = eleventh_month(year)?;
    let months: Vec<i64> = (0..4).map(|i| new_moon_day(eleventh + f64::from(i))).collect();
    let thirteen = (next - eleventh).round() as i64 == 13;
    let leap_before = thirteen && (1..3).any(|i| !holds_major_term(months[i], months[i + 1]));
    day(months[if leap_before { 3 } else { 2 }])
}

/// The number (of new moons since 2000) of the month of the winter solstice.
fn eleventh_month(year: i16) -> Result<f64, ForecastError> {
    let from = julian_day(date(year, 12, 19))?;
    // Longitudes run from 265° to 275° here, so they do not wrap.
    let solstice = (from..from + 6).find(|day| sun_longitude(midnight(day + 1)) >= 270.0).unwrap_or(from + 3);
    let mut number = ((f64::from(year) + 0.97 - 2000.0) * 12.3685).round() + 1.0;
    while new_moon_day(number) > solstice {
        number -= 1.0;
    }
    Ok(number)
}

fn julian_day(date: Date) -> Result<i64, ForecastError> {
    let days = date.since((jiff::Unit::Day, jiff::civil::date(1970, 1, 1)))?.get_days();
    Ok(UNIX_JULIAN_DAY + i64::from(days))
}

fn day(julian: i64) -> Result<Date, ForecastError> {
    Ok(date(1970, 1, 1).checked_add(jiff::Span::new().try_days(julian - UNIX_JULIAN_DAY)?)?)
}

/// When a day begins in China, terrestrial time.
fn midnight(julian: i64) -> f64 {
    julian as f64 - 0.5 - CHINA + DELTA_T
}

/// Whether the sun enters a sign (a multiple of 30°) between the beginnings of two days.
fn holds_major_term(from: i64, to: i64) -> bool {
    (sun_longitude(midnight(from)) / 30.0).floor() != (sun_longitude(midnight(to)) / 30.0).floor()
}

/// The day in China of a new moon.
fn new_moon_day(number: f64) -> i64 {
    (new_moon(number) - DELTA_T + CHINA + 0.5).floor() as i64
}

/// Meeus, chapter 49: Julian day (terrestrial time) of the new moon with this number since January 2000.
fn new_moon(k: f64) -> f64 {
    let t = k / 1236.85;
    let (t2, t3) = (t * t, t * t * t);
    let sin = |degrees: f64| degrees.to_radians().sin();
    let e = 1.0 - 0.002_516 * t - 0.000_007_4 * t2;
    let sun = 2.5534 + 29.105_356_70 * k - 0.000_001_4 * t2 - 0.000_000_11 * t3;
    let moon = 201.5643 + 385.816_935_28 * k + 0.010_758_2 * t2 + 0.000_012_38 * t3;
    let node = 160.7108 + 390.670_502_84 * k - 0.001_611_8 * t2 - 0.000_002_27 * t3;
    let ascending = 124.7746 - 1.563_755_88 * k + 0.002_067_2 * t2 + 0.000_002_15 * t3;
    let mean = 2_451_550.097_66 + 29.530_588_861 * k + 0.000_154_37 * t2 - 0.000_000_15 * t3;
    let large = -0.40720 * sin(moon)
        + 0.17241 * e * sin(sun)
        + 0.01608 * sin(2.0 * moon)
        + 0.01039 * sin(2.0 * node)
        + 0.00739 * e * sin(moon - sun)
        - 0.00514 * e * sin(moon + sun)
        + 0.00208 * e * e * sin(2.0 * sun);
    let small = -0.00111 * sin(moon - 2.0 * node) - 0.00057 * sin(moon + 2.0 * node)
        + 0.00056 * e * sin(2.0 * moon + sun)
        - 0.00042 * sin(3.0 * moon)
        + 0.00042 * e * sin(sun + 2.0 * node)
        + 0.00038 * e * sin(sun - 2.0 * node)
        - 0.00024 * e * sin(2.0 * moon - sun)
        - 0.00017 * sin(ascending)
        - 0.00007 * sin(moon + 2.0 * sun)
        + 0.00004 * sin(2.0 * moon - 2.0 * node)
        + 0.00004 * sin(3.0 * sun);
    let planets = 0.000_325 * sin(299.77 + 0.107_408 * k - 0.009_173 * t2)
        + 0.000_165 * sin(251.88 + 0.016_321 * k)
        + 0.000_164 * sin(251.83 + 26.651_886 * k)
        + 0.000_126 * sin(349.42 + 36.412_478 * k)
        + 0.000_110 * sin(84.66 + 18.206_239 * k);
    mean + large + small + planets
}

/// Meeus, chapter 25: the sun's apparent longitude in degrees, 0 to 360, at a Julian day (terrestrial time).
fn sun_longitude(julian: f64) -> f64 {
    let t = (julian - 2_451_545.0) / 36_525.0;
    let sin = |degrees: f64| degrees.to_radians().sin();
    let mean = 280.466_46 + 36_000.769_83 * t + 0.000_303_2 * t * t;
    let anomaly = 357.529_11 + 35_999.050_29 * t - 0.000_153_7 * t * t;
    let centre = (1.914_602 - 0.004_817 * t) * sin(anomaly)
        + (0.019_993 - 0.000_101 * t) * sin(2.0 * anomaly)
        + 0.000_289 * sin(3.0 * anomaly);
    (mean + centre - 0.005_69 - 0.004_78 * sin(125.04 - 1934.136 * t)).rem_euclid(360.0)
}
