//! Writes the cards of a made-up model that fails the young, of one of effects, of one of times, of one of texts, of a forecast and of one of the odd ones: `cargo run -p florin-cards --example planted -- DIR`.
#![allow(clippy::expect_used, reason = "rows are made up here")]

#[path = "../tests/it/made.rs"]
mod made;

use std::{error::Error, fs, path::PathBuf};

use florin_cards::{Card, Language};
use florin_models::evaluation::Assessment;

fn main() -> Result<(), Box<dyn Error>> {
    let dir: PathBuf = std::env::args_os().nth(1).ok_or("say which folder")?.into();
    fs::create_dir_all(&dir)?;
    let all = [
        ("card", Assessment::Chance(Box::new(made::evaluation()))),
        ("effects", Assessment::Effect(Box::new(made::effects()))),
        ("times", Assessment::Time(Box::new(made::times()))),
        ("texts", Assessment::Text(Box::new(made::texts()))),
        ("series", Assessment::Series(Box::new(made::series()))),
        ("odd", Assessment::Odd(Box::new(made::odd()))),
    ];
    for (name, found) in &all {
        let card = Card::new(found).version("1").trained_at("2024-12-31");
        fs::write(dir.join(format!("{name}.html")), card.html(Language::English))?;
        fs::write(dir.join(format!("{name}.zh.html")), card.html(Language::Chinese))?;
        fs::write(dir.join(format!("{name}.md")), card.markdown(Language::English))?;
    }
    Ok(())
}
