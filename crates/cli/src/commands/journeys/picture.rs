//! `--chart FILE`: the answer as a picture, beside the numbers that are printed.

use std::{
    fs::{self, File, OpenOptions},
    io::Write as _,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use florin_charts::{Language, Picture, Style, Theme};

/// Pixels a unit, so that a PNG is sharp on today's screens.
const PNG_SCALE: f64 = 2.0;

/// What every journey that can be drawn takes.
#[derive(Args)]
pub(crate) struct ChartArgs {
    /// Also draw the answer into this file, which ends in .svg or .png
    #[arg(long, value_name = "FILE", value_parser = chart_file)]
    chart: Option<ChartFile>,
    /// How the picture looks
    #[arg(long, requires = "chart", default_value = "light")]
    theme: ThemeName,
    /// The language of the picture's own words
    #[arg(long, requires = "chart", default_value = "en")]
    language: LanguageName,
}

#[derive(Clone, Copy, ValueEnum)]
enum ThemeName {
    Light,
    Dark,
}

#[derive(Clone, Copy, ValueEnum)]
enum LanguageName {
    En,
    Zh,
}

/// Where a picture goes, and as what.
#[derive(Debug, Clone, PartialEq)]
struct ChartFile {
    path: PathBuf,
    png: bool,
}

fn chart_file(text: &str) -> Result<ChartFile, String> {
    let path = PathBuf::from(text);
    let extension = path.extension().and_then(|extension| extension.to_str()).map(str::to_ascii_lowercase);
    match extension.as_deref() {
        Some("svg") => Ok(ChartFile { path, png: false }),
        Some("png") => Ok(ChartFile { path, png: true }),
        _ => Err("a picture is a file that ends in .svg or .png".to_owned()),
    }
}

impl ChartArgs {
    /// Draws and writes, if a picture was asked for.
    ///
    /// # Errors
    /// When there is no font for it, or the file cannot be written.
    pub(crate) fn draw(&self, picture: impl FnOnce(Style) -> Picture) -> anyhow::Result<()> {
        let Some(file) = &self.chart else { return Ok(()) };
        let picture = picture(self.style());
        let bytes = if file.png { picture.png(PNG_SCALE)? } else { picture.svg().into_bytes() };
        replace(&file.path, &bytes).with_context(|| format!("cannot write `{}`", file.path.display()))
    }

    fn style(&self) -> Style {
        let theme = match self.theme {
            ThemeName::Light => Theme::Light,
            ThemeName::Dark => Theme::Dark,
        };
        let language = match self.language {
            LanguageName::En => Language::English,
            LanguageName::Zh => Language::Chinese,
        };
        Style { theme, language }
    }
}

/// Writes beside and renames: whoever looks sees the old file or the new one, never a part.
fn replace(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let beside = path.with_file_name(format!(".{name}.{}.part", std::process::id()));
    let written = OpenOptions::new().write(true).create_new(true).open(&beside).and_then(|file| fill(file, bytes));
    let done = written.and_then(|()| fs::rename(&beside, path));
    if done.is_err() {
        // What is said is why it failed; a leftover beside it would only confuse.
        let _ = fs::remove_file(&beside);
    }
    done
}

fn fill(mut file: File, bytes: &[u8]) -> std::io::Result<()> {
    file.write_all(bytes)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ending_says_what_a_picture_is() {
        assert_eq!(chart_file("a.svg").map(|file| file.png), Ok(false));
        assert_eq!(chart_file("b/c.PNG").map(|file| file.png), Ok(true));
        for other in ["a.gif", "svg", "..", ""] {
            assert!(chart_file(other).is_err(), "{other}");
        }
    }

    #[test]
    fn a_file_is_replaced_whole_and_nothing_is_left_beside_it() {
        let dir = std::env::temp_dir().join(format!("florin-picture-{}", std::process::id()));
        fs::create_dir_all(&dir).unwrap();
        let path = dir.join("a.svg");
        replace(&path, b"old").unwrap();
        replace(&path, b"new").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(fs::read_dir(&dir).unwrap().count(), 1);
        assert!(replace(&dir.join("missing/a.svg"), b"x").is_err());
        fs::remove_dir_all(&dir).unwrap();
    }
}
