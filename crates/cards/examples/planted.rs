//! Writes the card of a made-up model that fails the young: `cargo run -p florin-cards --example planted -- DIR`.
#![allow(clippy::expect_used, reason = "rows are made up here")]

#[path = "../tests/it/made.rs"]
mod made;

use std::{error::Error, fs, path::PathBuf};

use florin_cards::{Card, Language};

fn main() -> Result<(), Box<dyn Error>> {
    let dir: PathBuf = std::env::args_os().nth(1).ok_or("say which folder")?.into();
    fs::create_dir_all(&dir)?;
    let found = made::evaluation();
    let card = Card::new(&found).version("1").trained_at("2024-12-31");
    fs::write(dir.join("card.html"), card.html(Language::English))?;
    fs::write(dir.join("card.zh.html"), card.html(Language::Chinese))?;
    fs::write(dir.join("card.md"), card.markdown(Language::English))?;
    Ok(())
}
