//! What the crate promises, against references.

mod calibration;
mod comparison;
mod discrimination;
mod fairness;
mod forecast;
mod golden;
mod groups;
mod ranking;
mod real;
mod stability;
mod uplift;
