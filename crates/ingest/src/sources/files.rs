//! Which files a source means, and whether they hold still while they are read.

use std::{
    collections::BTreeSet,
    fs::{File, Metadata},
    io::Read,
    path::{Path, PathBuf},
    time::SystemTime,
};

use super::SourceError;
use crate::definition::InputDef;

/// How much of a file is read at once when only its content id is wanted.
const HASH_BLOCK_BYTES: usize = 1 << 20;

/// The files of an input, each once, in the order of their names.
///
/// Patterns are relative to `root` (the bank directory) unless they are absolute. *Every* pattern must mean at least one
/// file, with or without wildcards: a file that is not there is never taken for a file without records. Folders that
/// match are passed over.
///
/// # Errors
/// A pattern that is not one, means no file, or leads where one may not look.
pub fn list_files(input: &InputDef, root: &Path) -> Result<Vec<PathBuf>, SourceError> {
    let mut files = BTreeSet::new();
    for pattern in &input.files {
        let pattern = anchored(pattern.get_ref(), root);
        let matched = matches(&pattern)?;
        if matched.is_empty() {
            return Err(SourceError::NoFiles { pattern });
        }
        files.extend(matched);
    }
    Ok(files.into_iter().collect())
}

fn anchored(pattern: &str, root: &Path) -> String {
    if Path::new(pattern).is_absolute() {
        return pattern.to_owned();
    }
    format!("{}/{pattern}", glob::Pattern::escape(&root.to_string_lossy()))
}

fn matches(pattern: &str) -> Result<Vec<PathBuf>, SourceError> {
    let found =
        glob::glob(pattern).map_err(|e| SourceError::Glob { pattern: pattern.to_owned(), reason: e.msg.to_owned() })?;
    let mut files = Vec::new();
    for entry in found {
        let path = entry.map_err(|e| {
            let path = e.path().to_owned();
            SourceError::io(&path, e.into())
        })?;
        if path.is_file() {
            files.push(path);
        }
    }
    Ok(files)
}

/// BLAKE3 of a file's bytes as they are on disk. `on_bytes` is told how many more bytes were read.
///
/// # Errors
/// A file that cannot be read, or changes meanwhile.
pub fn content_id(path: &Path, on_bytes: &(dyn Fn(u64) + Sync)) -> Result<[u8; 32], SourceError> {
    let mut watched = Watched::open(path)?;
    let mut hasher = blake3::Hasher::new();
    let mut block = vec![0; HASH_BLOCK_BYTES];
    let mut bytes = 0;
    loop {
        let read = watched.file.read(&mut block).map_err(|e| SourceError::io(path, e))?;
        if read == 0 {
            break;
        }
        hasher.update(&block[..read]);
        bytes += read as u64;
        on_bytes(read as u64);
    }
    watched.seen.check(bytes)?;
    Ok(*hasher.finalize().as_bytes())
}

/// An open file, and how it looked when it was opened.
pub(super) struct Watched {
    pub(super) file: File,
    pub(super) seen: Seen,
}

/// How a file looked when it was opened.
#[derive(Clone)]
pub(super) struct Seen {
    path: PathBuf,
    pub(super) len: u64,
    modified: Option<SystemTime>,
}

impl Watched {
    pub(super) fn open(path: &Path) -> Result<Self, SourceError> {
        let file = File::open(path).map_err(|e| SourceError::io(path, e))?;
        let metadata = file.metadata().map_err(|e| SourceError::io(path, e))?;
        let seen = Seen { path: path.to_owned(), len: metadata.len(), modified: modified(&metadata) };
        Ok(Self { file, seen })
    }
}

impl Seen {
    /// Whether the file under the name is still the one that was opened, and all `bytes_read` of it were read.
    pub(super) fn check(&self, bytes_read: u64) -> Result<(), SourceError> {
        let now = std::fs::metadata(&self.path);
        let same = now.is_ok_and(|m| m.len() == self.len && modified(&m) == self.modified);
        if same && bytes_read == self.len {
            return Ok(());
        }
        Err(SourceError::Changed { path: self.path.clone() })
    }
}

fn modified(metadata: &Metadata) -> Option<SystemTime> {
    metadata.modified().ok()
}
