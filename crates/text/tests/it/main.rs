//! What customers' words say, end to end.

mod classifier;
mod public_data;
mod readers;
