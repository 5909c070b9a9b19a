//! What can be wrong with a series or a calendar.

/// Why there is no forecast.
#[derive(Debug, thiserror::Error)]
pub enum ForecastError {
    /// Too little is known.
    #[error("{days} days are too few to forecast {horizon} from: {needed} are needed")]
    TooShort {
        /// How many there are.
        days: usize,
        /// How many are asked for.
        horizon: usize,
        /// How many it takes.
        needed: usize,
    },
    /// A day has no number.
    #[error("day {day} of the series is {value}; fill gaps before forecasting")]
    Value {
        /// Which day, from 0.
        day: usize,
        /// What it holds.
        value: f64,
    },
    /// A line of a calendar cannot be read.
    #[error(
        "line {line} of the calendar: {what}; write `2014-01-31,off,Spring Festival` or `2014-01-26,work,Spring Festival`"
    )]
    Calendar {
        /// Which line, from 1.
        line: usize,
        /// What is wrong with it.
        what: String,
    },
    /// The question contradicts itself.
    #[error("{0}")]
    Settings(String),
    /// A date is outside what a calendar can hold.
    #[error("a date of the series is outside the calendar")]
    Date(#[from] jiff::Error),
    /// Measuring the back-tests failed.
    #[error("the back-tests cannot be measured")]
    Measure(#[from] florin_measurement::MeasureError),
}
