//! Draws every kind of chart, light, dark and in Chinese, into a folder: `cargo run -p florin-charts --example gallery -- DIR`.

#[path = "../tests/it/made.rs"]
mod made;
#[path = "../tests/it/made_models.rs"]
mod made_models;

use std::{error::Error, fs, path::PathBuf};

fn main() -> Result<(), Box<dyn Error>> {
    let dir: PathBuf = std::env::args_os().nth(1).ok_or("say which folder")?.into();
    fs::create_dir_all(&dir)?;
    for (style_name, style) in made::styles() {
        for (name, chart) in made::charts(style) {
            let picture = chart.draw(style);
            fs::write(dir.join(format!("{name}_{style_name}.svg")), picture.svg())?;
            fs::write(dir.join(format!("{name}_{style_name}.png")), picture.png(1.0)?)?;
        }
    }
    for (name, chart) in made::empty() {
        let picture = chart.draw(made::styles()[0].1);
        fs::write(dir.join(format!("{name}_empty.png")), picture.png(1.0)?)?;
    }
    Ok(())
}
