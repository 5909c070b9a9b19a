//! What learners learn, against other programs and against what was planted.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr, reason = "tests")]

mod data;
mod definition;
mod effects;
mod evaluation;
mod explanations;
mod foreign;
mod frames;
mod hostile;
mod leaks;
mod linear;
mod odd_ones;
mod onnx;
mod real_data;
mod scorecards;
mod series;
mod survival;
mod texts;
mod times;
mod trees;
mod uplift;
