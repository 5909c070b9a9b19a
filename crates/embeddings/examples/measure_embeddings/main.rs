//! How good and how fast vectors of sentences are on public data, as JSON lines for `cargo xtask bench embeddings`:
//! `cargo run --release -p florin-embeddings --example measure_embeddings -- ../shared/data ~/.cache/florin/models intents` (or `few`,
//! `topics`).
//!
//! `intents` trains on words and vectors by five stratified folds (seed 42) of Banking77's training file (its test file is not kept here);
//! `few` takes 15 labels an intent of each training part; `topics` groups all texts without labels. To try others: `--set delivery` (`hotel`,
//! `bank_comments`), `--encoders minilm` (several joined by commas), `--meaning 2`, `--labels 15`, `--folds 1`, `--learn s0.5+l5`, `--doubt 0.1`. `--words too`
//! measures words alone as well. `--splits-to FILE` and `--vectors-to FILE` write what the peer needs; vectors that are there are not made
//! again.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "figures on standard output, remarks beside them")]

#[path = "../../../text/examples/measure_text/data.rs"]
mod data;
mod intents;
mod topics;

use std::{collections::BTreeMap, error::Error, path::PathBuf};

type Outcome<T> = Result<T, Box<dyn Error>>;

/// What was asked for.
struct Asked {
    data: PathBuf,
    models: PathBuf,
    options: BTreeMap<String, String>,
}

impl Asked {
    fn option<T: std::str::FromStr>(&self, name: &str, otherwise: T) -> Outcome<T> {
        match self.options.get(name) {
            None => Ok(otherwise),
            Some(text) => text.parse().map_err(|_| format!("`{name} {text}` is not understood").into()),
        }
    }
}

fn main() -> Outcome<()> {
    let mut words = std::env::args().skip(1);
    let usage = "usage: measure_embeddings DATA MODELS NAME [--option value]…";
    let data = words.next().ok_or(usage)?.into();
    let models = words.next().ok_or(usage)?.into();
    let name = words.next().ok_or(usage)?;
    let mut options = BTreeMap::new();
    while let (Some(option), Some(value)) = (words.next(), words.next()) {
        options.insert(option, value);
    }
    let asked = Asked { data, models, options };
    match name.as_str() {
        "intents" => intents::all(&asked),
        "few" => intents::few(&asked),
        "topics" => topics::measure(&asked),
        other => Err(format!("`{other}` is nothing to measure; see the head of this program").into()),
    }
}
