//! What the crate promises.

mod calendar;
mod model;
mod yuebao;
