//! The built console, inside the program; a plain page where it was not built.
//!
//! *What*: files of `console/dist`, as they were when this crate was compiled, with their types and hashes. A leaf that nothing else
//! is compiled after but the server, so that a change of the console costs seconds.
//!
//! *Start here*: [`file()`], and [`FALLBACK`] when [`is_built`] says no.
//!
//! *How to write*: nothing here runs npm; `cargo xtask console` does, and `florin serve --console DIR` takes another folder at run time.

use std::borrow::Cow;

use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "../../console/dist"]
#[allow_missing = true]
struct Built;

/// A file of the console.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asset {
    /// What is in it.
    pub bytes: Cow<'static, [u8]>,
    /// Of what is in it, in hexadecimal: the same as long as that is.
    pub hash: String,
    /// Its media type.
    pub kind: &'static str,
}

/// What is shown where the console was not built: no script, no style from elsewhere.
pub const FALLBACK: &str = include_str!("../fallback/index.html");

/// Whether there is a console.
#[must_use]
pub fn is_built() -> bool {
    Built::get("index.html").is_some()
}

/// A file of the console, by its path without a slash before it.
#[must_use]
pub fn file(path: &str) -> Option<Asset> {
    let found = Built::get(path)?;
    let hash = found.metadata.sha256_hash().iter().map(|byte| format!("{byte:02x}")).collect();
    Some(Asset { bytes: found.data, hash, kind: kind(path) })
}

/// The media type of a file of the console, by its ending.
#[must_use]
pub fn kind(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, ending)| ending) {
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("json" | "map") => "application/json",
        Some("webmanifest") => "application/manifest+json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        Some("woff2") => "font/woff2",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
#[allow(clippy::print_stderr, reason = "a skipped test says so")]
mod tests {
    use super::*;

    #[test]
    fn the_fallback_brings_nothing_from_elsewhere() {
        assert!(FALLBACK.contains("<html lang=\"en\">"));
        for foreign in ["<script", "http://", "https://", "src=", "@import"] {
            assert!(!FALLBACK.contains(foreign), "the fallback has `{foreign}`");
        }
    }

    #[test]
    fn a_built_console_has_a_page_and_its_scripts() {
        if !is_built() {
            eprintln!("SKIPPED: console/dist is not there; `cargo xtask console` builds it");
            return;
        }
        let page = file("index.html").map(|page| String::from_utf8_lossy(&page.bytes).into_owned()).unwrap_or_default();
        let scripts: Vec<&str> = page.split("src=\"/").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        assert!(!scripts.is_empty());
        for script in scripts {
            assert!(file(script).is_some(), "`{script}` is missing");
        }
    }
}
