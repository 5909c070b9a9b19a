//! The folder of a log: names of segments, which are closed, and what a crash left behind.
//!
//! `0000000003-00000001.open` is being written; `0000000003-00000001.jsonl` is closed and never changes. The first number
//! counts how often the log was opened (it is kept in `generation`), so no name is used twice.

use std::{
    fs::{self, File, TryLockError},
    io::{ErrorKind, Write},
    path::{Path, PathBuf},
};

use super::{
    disk::new_file,
    line::{is_whole, lines},
};
use crate::CollectorError;

const OPEN: &str = "open";
const CLOSED: &str = "jsonl";
const DAMAGED: &str = "damaged";
const LOCK: &str = "lock";
const GENERATION: &str = "generation";
/// The new contents of a file that then takes its place.
const FRESH: &str = "fresh";

/// A closed segment: a file of JSON lines that never changes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ClosedSegment {
    /// Its name, by which it is released. In the order of writing.
    pub name: String,
    /// Where it is.
    pub path: PathBuf,
    /// How long it is.
    pub bytes: u64,
}

impl ClosedSegment {
    /// How many of its records are not as they were written: what a disk did to them since. Zero, or the disk is bad.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub fn spoilt_records(&self) -> Result<u64, CollectorError> {
        let text = fs::read(&self.path).map_err(CollectorError::io("read", &self.path))?;
        Ok(lines(&text).filter(|line| !is_whole(line)).count() as u64)
    }
}

/// What a crash left behind and what became of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Recovered {
    /// Segments that were being written.
    pub segments: u64,
    /// Whole records found in them.
    pub records: u64,
    /// Bytes of records that broke off, which were cut. Nobody was told that they are stored.
    pub cut_bytes: u64,
    /// Segments with damage that no write which broke off explains. Whole records were kept, and the file as it was is beside them (`.damaged`).
    pub damaged: u64,
}

/// The folder, which no other process writes to while this is held.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    generation: u64,
    /// Locked until it is dropped.
    _lock: File,
}

impl Folder {
    /// Takes the folder, makes it where it is missing, and mends what a crash left behind.
    pub(crate) fn open(path: &Path) -> Result<(Self, Recovered), CollectorError> {
        make(path)?;
        let lock_path = path.join(LOCK);
        let lock = File::create(&lock_path).map_err(CollectorError::io("open", &lock_path))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(CollectorError::InUse { path: path.to_owned() }),
            Err(TryLockError::Error(error)) => return Err(CollectorError::io("lock", lock_path)(error)),
        }
        let generation = next_generation(path)?;
        let recovered = recover(path)?;
        Ok((Self { path: path.to_owned(), generation, _lock: lock }, recovered))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// How often the log was opened, this time included.
    pub(crate) fn generation(&self) -> u64 {
        self.generation
    }

    pub(crate) fn open_path(&self, number: u64) -> PathBuf {
        self.path.join(format!("{:010}-{number:08}.{OPEN}", self.generation))
    }
}

/// The name that an open segment gets when it is closed.
pub(crate) fn closed_path(open: &Path) -> PathBuf {
    open.with_extension(CLOSED)
}

/// All closed segments, in the order of writing. A file that somebody else put there is none: sources may load it, and it stays.
pub(crate) fn closed(folder: &Path) -> Result<Vec<ClosedSegment>, CollectorError> {
    let mut segments = Vec::new();
    for path in files(folder, CLOSED)? {
        let bytes = match fs::metadata(&path) {
            Ok(metadata) => metadata.len(),
            Err(error) if error.kind() == ErrorKind::NotFound => continue, // released meanwhile
            Err(error) => return Err(CollectorError::io("look at", &path)(error)),
        };
        let name = path.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if segment_path(folder, &name).is_some() {
            segments.push(ClosedSegment { name, path, bytes });
        }
    }
    segments.sort();
    Ok(segments)
}

/// Where the closed segment of that name is; `None` when no segment can have the name.
pub(crate) fn segment_path(folder: &Path, name: &str) -> Option<PathBuf> {
    let fits = name.len() == 19
        && name.bytes().enumerate().all(|(at, c)| if at == 10 { c == b'-' } else { c.is_ascii_digit() });
    fits.then(|| folder.join(format!("{name}.{CLOSED}")))
}

fn make(path: &Path) -> Result<(), CollectorError> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        builder.mode(0o700);
    }
    builder.create(path).map_err(CollectorError::io("make", path))
}

fn sync(folder: &Path) -> Result<(), CollectorError> {
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(CollectorError::io("sync", folder))
}

fn files(folder: &Path, extension: &str) -> Result<Vec<PathBuf>, CollectorError> {
    let entries = fs::read_dir(folder).map_err(CollectorError::io("list", folder))?;
    let mut paths = Vec::new();
    for entry in entries {
        let path = entry.map_err(CollectorError::io("list", folder))?.path();
        if path.extension().is_some_and(|found| found == extension) {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

fn next_generation(folder: &Path) -> Result<u64, CollectorError> {
    let path = folder.join(GENERATION);
    let written = fs::read_to_string(&path).ok().and_then(|text| text.trim().parse::<u64>().ok());
    // A generation that cannot be read must not be used again: names of segments say what there was.
    let used = fs::read_dir(folder).map_err(CollectorError::io("list", folder))?.flatten();
    let used = used.filter_map(|entry| entry.file_name().to_string_lossy().split_once('-')?.0.parse::<u64>().ok());
    let generation = used.chain(written).max().map_or(1, |last| last.saturating_add(1));
    replace(&path, format!("{generation}\n").as_bytes())?;
    Ok(generation)
}

/// Puts a file in place of another, or where none is, so that it lasts.
fn replace(path: &Path, contents: &[u8]) -> Result<(), CollectorError> {
    let fresh = path.with_extension(FRESH);
    let written = fs::remove_file(&fresh).or_else(|error| match error.kind() {
        ErrorKind::NotFound => Ok(()),
        _ => Err(error),
    });
    let written = written.and_then(|()| {
        let mut file = new_file(&fresh)?;
        file.write_all(contents)?;
        file.sync_all()?;
        fs::rename(&fresh, path)
    });
    written.map_err(CollectorError::io("write", path))?;
    path.parent().map_or(Ok(()), sync)
}

/// Closes the segments that were being written when the process ended.
fn recover(folder: &Path) -> Result<Recovered, CollectorError> {
    let mut recovered = Recovered::default();
    for path in files(folder, OPEN)? {
        recovered.segments += 1;
        recover_segment(&path, &mut recovered)?;
    }
    sync(folder)?;
    Ok(recovered)
}

fn recover_segment(path: &Path, recovered: &mut Recovered) -> Result<(), CollectorError> {
    let text = fs::read(path).map_err(CollectorError::io("read", path))?;
    let mut whole_to = 0;
    let (mut whole, mut spoilt, mut end) = (Vec::new(), 0, 0);
    for line in lines(&text) {
        end += line.len();
        if is_whole(line) {
            whole.push(end - line.len()..end);
            whole_to = end;
        } else {
            spoilt += line.len();
        }
    }
    recovered.records += whole.len() as u64;
    // A write that broke off leaves the beginning of one record, or whole ones: anything else is damage.
    let tail = &text[whole_to..];
    if spoilt > tail.len() || memchr::memchr(b'\n', tail).is_some() {
        return set_aside(path, &text, &whole, recovered);
    }
    recovered.cut_bytes += tail.len() as u64;
    if whole.is_empty() {
        return fs::remove_file(path).map_err(CollectorError::io("remove", path));
    }
    let file = File::options().write(true).open(path).map_err(CollectorError::io("open", path))?;
    let cut = if whole_to < text.len() { file.set_len(whole_to as u64) } else { Ok(()) };
    cut.and_then(|()| file.sync_all()).map_err(CollectorError::io("cut", path))?;
    fs::rename(path, closed_path(path)).map_err(CollectorError::io("close", path))
}

/// Keeps a damaged file as it is, and closes a segment with what is whole in it.
fn set_aside(
    path: &Path,
    text: &[u8],
    whole: &[std::ops::Range<usize>],
    recovered: &mut Recovered,
) -> Result<(), CollectorError> {
    recovered.damaged += 1;
    if !whole.is_empty() {
        let kept: Vec<u8> = whole.iter().flat_map(|range| &text[range.clone()]).copied().collect();
        replace(&closed_path(path), &kept)?;
    }
    fs::rename(path, path.with_extension(DAMAGED)).map_err(CollectorError::io("set aside", path))
}
