//! Did it work? Figures with intervals.
//!
//! *What*: pure statistics. Slices of scores, labels, weights and groups in; figures with intervals out, which serialise. No I/O,
//! no clock, no query engine; chance comes from a seed that is handed in, and answers do not depend on the number of threads.
//!
//! *Start here*:
//!
//! ```
//! use florin_measurement::{Resampling, Sample, discriminate};
//!
//! let scores = [0.9, 0.8, 0.7, 0.4, 0.3, 0.2];
//! let labels = [true, true, false, true, false, false];
//! let found = discriminate(&Sample::new(&scores, &labels)?, &Resampling::new(1))?;
//! assert!((found.auc.value - 8.0 / 9.0).abs() < 1e-12);
//! # Ok::<(), florin_measurement::MeasureError>(())
//! ```
//!
//! *How to read*: `interval` (a number and how sure we are) → `sample` (rows, checked and ranked) → `discrimination`, `gain`,
//! `confusion` → `bootstrap` and `delong` → [`calibration`] → [`stability`]
//! → `groups`, [`fairness`] → [`comparison`]; [`uplift`], [`ranking`], [`policy`], [`survival`], [`classification`] and [`forecast`] each on their own. What each figure means and where its formula is from is in
//! `docs/concepts/measurement.md`.
//!
//! *How to write*: a formula names its source. A number that too few rows stand behind is not given. Bad input is an error that
//! says which row; nothing panics.

mod bootstrap;
pub mod calibration;
pub mod classification;
pub mod comparison;
mod confusion;
mod delong;
mod discrimination;
mod error;
pub mod fairness;
pub mod forecast;
mod gain;
mod groups;
mod interval;
mod multiplicity;
pub mod policy;
mod random;
pub mod ranking;
mod sample;
pub mod stability;
pub mod survival;
pub mod uplift;

pub use bootstrap::{Discrimination, RESAMPLES_MAX, Resampling, discriminate};
pub use confusion::Confusion;
pub use delong::{AucComparison, auc_interval, compare_auc};
pub use discrimination::{Figures, TOP};
pub use error::MeasureError;
pub use gain::{GainPart, RocPoint, gains, roc};
pub use groups::{GroupCalibration, GroupFigures, Groups, MeasuredGroup, SmallGroups, Versus, by_group};
pub use interval::{Interval, Level, difference, ratio, wilson};
pub use multiplicity::holm;
pub use sample::{Ranked, Sample};
