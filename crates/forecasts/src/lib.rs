//! What comes next? Daily balances, flows and demand.
//!
//! *What*: forecasts of daily series with weeks, places in the month, years, official holidays and Spring Festival, with
//! intervals. Pure: values and a calendar in, days to come out. No clock, no chance, no I/O.
//!
//! *Start here*:
//!
//! ```
//! use florin_forecasts::{DailySeries, Holidays, forecast};
//!
//! let values = (0..200).map(|day| if day % 7 < 5 { 100.0 } else { 40.0 }).collect();
//! let series = DailySeries { from: jiff::civil::date(2024, 1, 1), values };
//! let next = forecast(&series, &Holidays::none(), 14, 0.9)?;
//! assert!((next.days[0].value - 100.0).abs() < 2.0);
//! # Ok::<(), florin_forecasts::ForecastError>(())
//! ```
//!
//! *How to read*: `lunar` (when Spring Festival is) → `calendar` (what kind of day) → `model` (its header is the method).
//!
//! *How to write*: whatever is chosen is chosen on days before the origin. An assumption about the future is said.

mod calendar;
mod error;
mod lunar;
mod model;
mod regression;

pub use calendar::{Holidays, Notice};
pub use error::ForecastError;
pub use lunar::{YEARS, spring_festival};
pub use model::{Chosen, DailySeries, Forecast, ForecastDay, HORIZON_MAX, forecast};
