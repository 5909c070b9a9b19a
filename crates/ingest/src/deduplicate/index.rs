//! Keys that were stored before, on disk in order: what a load is compared with takes as long as the load is large, however many keys
//! there are.
//!
//! Keys lie in *runs*: files of 8 bytes a key, little-endian, ascending by the key with its highest bit moved to the end, which is the
//! order of partitions ([`partition_of`](super::partition_of)). New keys are a new run. Runs of about one size are made one, so that
//! there are never many, and each key is written a number of times that grows with the logarithm of how many there are. A list of the
//! runs is put in place last and at once, after they are on disk: a crash leaves what was there before.

use std::{
    cmp::Reverse,
    collections::{BTreeSet, BinaryHeap},
    fs::{self, File},
    io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

const KEY_BYTES: usize = 8;
/// Keys that are sorted in memory at once: 32 MB.
const SORTED_AT_ONCE: usize = 1 << 22;
/// Keys of a run that are read together: 4 KB.
const BLOCK_KEYS: usize = 512;
/// Looking for a key costs about as much as reading so many.
const LOOK_COSTS: u64 = 1 << 13;
const LIST: &str = "runs.json";

/// The list of runs.
#[derive(Debug, Default, Serialize, Deserialize)]
struct List {
    of: String,
    upto: u64,
    runs: Vec<RunFile>,
    /// The number of the next run.
    next: u64,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct RunFile {
    file: String,
    keys: u64,
}

/// Keys on disk. One process at a time may add to it.
#[derive(Debug)]
pub struct KeyIndex {
    dir: PathBuf,
    list: List,
    /// Not written yet.
    fresh: Vec<u64>,
}

impl KeyIndex {
    /// What is in a folder of the keys of `of`; `None` where there is nothing, or of something else, or not all of it.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn open(dir: &Path, of: &str) -> io::Result<Option<Self>> {
        let text = match fs::read(dir.join(LIST)) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let Ok(list) = serde_json::from_slice::<List>(&text) else { return Ok(None) };
        let is_there = |run: &RunFile| fs::metadata(dir.join(&run.file)).is_ok_and(|of| of.len() == bytes(run.keys));
        let whole = list.of == of && list.runs.iter().all(is_there);
        Ok(whole.then(|| Self { dir: dir.to_owned(), list, fresh: Vec::new() }))
    }

    /// An empty one in the place of whatever is in the folder, which is made if it is not there.
    ///
    /// # Errors
    /// When the folder cannot be emptied or made.
    pub fn begin(dir: &Path, of: &str) -> io::Result<Self> {
        if let Err(error) = fs::remove_dir_all(dir)
            && error.kind() != io::ErrorKind::NotFound
        {
            return Err(error);
        }
        fs::create_dir_all(dir)?;
        let list = List { of: of.to_owned(), ..List::default() };
        Ok(Self { dir: dir.to_owned(), list, fresh: Vec::new() })
    }

    /// Up to which version of what it is of it has the keys, as [`save`](Self::save) was told.
    #[must_use]
    pub fn upto(&self) -> u64 {
        self.list.upto
    }

    /// How many keys there are; one that was added twice counts as two.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.list.runs.iter().map(|run| run.keys).sum::<u64>() + self.fresh.len() as u64
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Adds keys. They are looked at once they are [saved](Self::save).
    ///
    /// # Errors
    /// When the disk has no room.
    pub fn add(&mut self, keys: &[u64]) -> io::Result<()> {
        for some in keys.chunks(SORTED_AT_ONCE) {
            self.fresh.extend(some.iter().map(|key| in_order(*key)));
            if self.fresh.len() >= SORTED_AT_ONCE {
                self.write_fresh()?;
            }
        }
        Ok(())
    }

    /// Makes durable what was added, and that it has all keys up to a version.
    ///
    /// # Errors
    /// When the disk has no room. What was there before stays.
    pub fn save(&mut self, upto: u64) -> io::Result<()> {
        self.write_fresh()?;
        self.merge()?;
        self.list.upto = upto;
        let next = self.dir.join(format!("{LIST}.next"));
        let mut file = File::create(&next)?;
        file.write_all(&serde_json::to_vec(&self.list)?)?;
        file.sync_all()?;
        fs::rename(next, self.dir.join(LIST))?;
        self.remove_others();
        Ok(())
    }

    fn write_fresh(&mut self) -> io::Result<()> {
        if self.fresh.is_empty() {
            return Ok(());
        }
        self.fresh.sort_unstable();
        let mut keys = std::mem::take(&mut self.fresh);
        let run = self.write_run(keys.iter().map(|key| Ok(*key)))?;
        self.list.runs.push(run);
        keys.clear();
        self.fresh = keys;
        Ok(())
    }

    fn write_run(&mut self, keys: impl Iterator<Item = io::Result<u64>>) -> io::Result<RunFile> {
        let file = format!("{}.run", self.list.next);
        self.list.next += 1;
        let mut out = BufWriter::with_capacity(1 << 18, File::create(self.dir.join(&file))?);
        let mut written = 0;
        for key in keys {
            out.write_all(&key?.to_le_bytes())?;
            written += 1;
        }
        out.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
        Ok(RunFile { file, keys: written })
    }

    /// Makes one of runs that are of about one size, from the smallest on.
    fn merge(&mut self) -> io::Result<()> {
        self.list.runs.sort_by_key(|run| run.keys);
        let (mut together, mut keys) = (1, self.list.runs.first().map_or(0, |run| run.keys));
        for (place, run) in self.list.runs.iter().enumerate().skip(1) {
            if run.keys <= keys.saturating_mul(2) {
                together = place + 1;
            }
            keys += run.keys;
        }
        if together < 2 {
            return Ok(());
        }
        let rest = self.list.runs.split_off(together);
        let merged = std::mem::replace(&mut self.list.runs, rest);
        let readers = merged.iter().map(|run| Reader::open(&self.dir, run)).collect::<io::Result<Vec<_>>>()?;
        let one = self.write_run(Merging::new(readers)?)?;
        self.list.runs.push(one);
        Ok(())
    }

    /// Removes files that the list does not name. One that cannot be removed only takes room.
    fn remove_others(&self) {
        let named: BTreeSet<&str> = self.list.runs.iter().map(|run| run.file.as_str()).chain([LIST]).collect();
        for entry in fs::read_dir(&self.dir).into_iter().flatten().flatten() {
            if !named.contains(entry.file_name().to_string_lossy().as_ref()) {
                fs::remove_file(entry.path()).unwrap_or_default();
            }
        }
    }

    /// Which of these keys are known.
    ///
    /// # Errors
    /// When a run cannot be read.
    pub fn known(&self, keys: &[u64]) -> io::Result<Vec<u64>> {
        let mut wanted: Vec<u64> = keys.iter().map(|key| in_order(*key)).collect();
        wanted.sort_unstable();
        let mut known = Vec::new();
        for run in &self.list.runs {
            LookedAt::open(&self.dir, run)?.among(&wanted, &mut known)?;
        }
        Ok(known.into_iter().map(|key| key.rotate_right(1)).collect())
    }
}

/// As runs have a key.
fn in_order(key: u64) -> u64 {
    key.rotate_left(1)
}

fn bytes(keys: u64) -> u64 {
    keys * KEY_BYTES as u64
}

/// A run from one end to the other.
struct Reader {
    file: BufReader<File>,
    left: u64,
}

impl Reader {
    fn open(dir: &Path, run: &RunFile) -> io::Result<Self> {
        let file = BufReader::with_capacity(1 << 18, File::open(dir.join(&run.file))?);
        Ok(Self { file, left: run.keys })
    }

    fn next(&mut self) -> io::Result<Option<u64>> {
        if self.left == 0 {
            return Ok(None);
        }
        self.left -= 1;
        let mut key = [0; KEY_BYTES];
        self.file.read_exact(&mut key)?;
        Ok(Some(u64::from_le_bytes(key)))
    }
}

/// Several runs as one.
struct Merging {
    readers: Vec<Reader>,
    next: BinaryHeap<Reverse<(u64, usize)>>,
}

impl Merging {
    fn new(mut readers: Vec<Reader>) -> io::Result<Self> {
        let mut next = BinaryHeap::new();
        for (place, reader) in readers.iter_mut().enumerate() {
            next.extend(reader.next()?.map(|key| Reverse((key, place))));
        }
        Ok(Self { readers, next })
    }

    fn step(&mut self) -> io::Result<Option<u64>> {
        let Some(Reverse((key, place))) = self.next.pop() else { return Ok(None) };
        self.next.extend(self.readers[place].next()?.map(|key| Reverse((key, place))));
        Ok(Some(key))
    }
}

impl Iterator for Merging {
    type Item = io::Result<u64>;

    fn next(&mut self) -> Option<Self::Item> {
        self.step().transpose()
    }
}

/// A run in which keys are looked for.
struct LookedAt {
    file: File,
    keys: u64,
    /// The block that was read last, and where it begins.
    block: Vec<u64>,
    begins: u64,
}

impl LookedAt {
    fn open(dir: &Path, run: &RunFile) -> io::Result<Self> {
        Ok(Self { file: File::open(dir.join(&run.file))?, keys: run.keys, block: Vec::new(), begins: u64::MAX })
    }

    /// Adds those of ascending `wanted` that the run has.
    fn among(&mut self, wanted: &[u64], known: &mut Vec<u64>) -> io::Result<()> {
        let (Some(&first), Some(&last)) = (wanted.first(), wanted.last()) else { return Ok(()) };
        let (mut at, end) = (self.not_before(first, 0)?, self.not_before(last.saturating_add(1), 0)?);
        // Where most of the run would be read anyway it is read through.
        let through = (end - at) / LOOK_COSTS <= wanted.len() as u64;
        for &key in wanted {
            match through {
                true => {
                    while at < end && self.key(at)? < key {
                        at += 1;
                    }
                }
                false => at = self.not_before(key, at)?,
            }
            if at < self.keys && self.key(at)? == key {
                known.push(key);
            }
        }
        Ok(())
    }

    /// The first place from `from` on whose key is not smaller.
    fn not_before(&mut self, key: u64, from: u64) -> io::Result<u64> {
        let (mut low, mut high) = (from, self.keys);
        while low < high {
            let middle = low + (high - low) / 2;
            match self.key(middle)? < key {
                true => low = middle + 1,
                false => high = middle,
            }
        }
        Ok(low)
    }

    fn key(&mut self, place: u64) -> io::Result<u64> {
        let block = place / BLOCK_KEYS as u64 * BLOCK_KEYS as u64;
        if block != self.begins {
            let many = usize::try_from(self.keys - block).unwrap_or(BLOCK_KEYS).min(BLOCK_KEYS);
            let mut raw = vec![0; many * KEY_BYTES];
            self.file.seek(SeekFrom::Start(bytes(block)))?;
            self.file.read_exact(&mut raw)?;
            self.block.clear();
            self.block.extend(raw.as_chunks::<KEY_BYTES>().0.iter().map(|key| u64::from_le_bytes(*key)));
            self.begins = block;
        }
        Ok(self.block[usize::try_from(place - block).unwrap_or_default()])
    }
}
