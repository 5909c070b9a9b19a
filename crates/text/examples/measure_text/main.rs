//! How good and how fast the readers of this crate are on public data, as JSON lines for `cargo xtask bench text`:
//! `cargo run --release -p florin-text --example measure_text -- ../shared/data banking77` (or `hotel`, `delivery`, `bank_comments`, `mood`, `mood_score`,
//! `language`, `urgency`, `aspects`, `phrases`, `topics`).
//!
//! Classifiers are measured by five stratified folds (seed 42). Everything that is chosen is chosen inside the training part of each
//! fold. To try others: `--views w1-2,i2-5,c1-3` (words, in words, characters; f for
//! feelings), `--learn s0.5+l5,s0.2r1b0.5` (candidates parted by commas; s or
//! l with its cost, r what is added to counts, b the balance), `--folds 1` (only the first), `--texts-min 1`, `--inner 3`, `--doubt 0.1`.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "figures on standard output, remarks beside them")]

mod classify;
mod data;
mod read;

use std::{collections::BTreeMap, error::Error, path::PathBuf};

type Outcome<T> = Result<T, Box<dyn Error>>;

/// What was asked for.
struct Asked {
    data: PathBuf,
    name: String,
    options: BTreeMap<String, String>,
}

fn main() -> Outcome<()> {
    let mut words = std::env::args().skip(1);
    let usage = "usage: measure DATA NAME [--option value]…";
    let data = words.next().ok_or(usage)?.into();
    let name = words.next().ok_or(usage)?;
    let mut options = BTreeMap::new();
    while let (Some(option), Some(value)) = (words.next(), words.next()) {
        options.insert(option, value);
    }
    let asked = Asked { data, name, options };
    match asked.name.as_str() {
        "banking77" | "hotel" | "delivery" | "bank_comments" => classify::measure(&asked),
        "mood" => read::mood(&asked.data),
        "mood_score" => read::mood_score(&asked.data),
        "language" => read::language(&asked.data),
        "urgency" => read::urgency(&asked.data),
        "aspects" => read::aspects(&asked.data),
        "phrases" => read::phrases(&asked.data),
        "topics" => read::topics(&asked.data),
        other => Err(format!("`{other}` is nothing to measure; see the head of this program").into()),
    }
}
