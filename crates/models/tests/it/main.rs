//! What learners learn, against other programs and against what was planted.

mod data;
mod definition;
mod explanations;
mod frames;
mod leaks;
mod linear;
mod odd_ones;
mod real_data;
mod scorecards;
mod survival;
mod trees;
mod uplift;
