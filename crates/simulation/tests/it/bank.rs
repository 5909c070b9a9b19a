//! Banks to test with.

use std::path::Path;

use florin_simulation::{Settings, Summary, simulate};
use tempfile::TempDir;

pub(crate) fn make(settings: &Settings) -> (TempDir, Summary) {
    let folder = TempDir::new().unwrap();
    let summary = simulate(settings, folder.path(), &|_| ()).unwrap();
    (folder, summary)
}

pub(crate) fn small() -> Settings {
    Settings { customers: 120, months: 3, ..Settings::default() }
}

/// All files below a folder with their contents' hashes, sorted.
pub(crate) fn contents(folder: &Path) -> Vec<(String, blake3::Hash)> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_string_lossy().into_owned();
                found.push((name, blake3::hash(&std::fs::read(&path).unwrap())));
            }
        }
    }
    found.sort_by(|a, b| a.0.cmp(&b.0));
    found
}
