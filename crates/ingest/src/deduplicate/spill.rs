//! The first half: pairs go to disk, by partition.

use std::{
    fs::{self, File, TryLockError},
    io::{self, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    sync::{
        Mutex, MutexGuard,
        atomic::{AtomicBool, Ordering},
    },
};

use super::partition_of;

/// Memory for pairs that are not written yet, over all partitions.
const BUFFERS_BYTES: usize = 16 << 20;
/// Bounds of a block, in pairs: small ones cost system calls, large ones memory.
const BLOCK_PAIRS_MIN: usize = 64;
const BLOCK_PAIRS_MAX: usize = 4096;
/// A key and an ordinal, 8 bytes each, little-endian.
const PAIR_BYTES: usize = 16;
const FILE_NAME: &str = "keys.spill";

/// A row: its key, and where it is.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Pair {
    pub(super) key: u64,
    pub(super) ordinal: u64,
}

/// Collects the (key, ordinal) pairs of a load in one scratch file, which goes away with it.
#[derive(Debug)]
pub struct KeySpill {
    path: PathBuf,
    file: Mutex<SpillFile>,
    partitions: Vec<Mutex<Partition>>,
    block_pairs: usize,
    /// A write failed, so that pairs are missing and no answer can be exact any more.
    incomplete: AtomicBool,
}

#[derive(Debug)]
struct SpillFile {
    file: File,
    bytes: u64,
}

#[derive(Debug, Default)]
pub(super) struct Partition {
    /// Not written yet.
    buffer: Vec<Pair>,
    /// Written.
    blocks: Vec<Block>,
}

#[derive(Debug, Clone, Copy)]
struct Block {
    offset: u64,
    pairs: usize,
}

#[derive(Debug, thiserror::Error)]
#[error("cannot {action} the scratch {what} `{}`", path.display())]
struct ScratchError {
    action: &'static str,
    what: &'static str,
    path: PathBuf,
    source: io::Error,
}

fn scratch_error(action: &'static str, what: &'static str, path: &Path, source: io::Error) -> io::Error {
    io::Error::new(source.kind(), ScratchError { action, what, path: path.to_owned(), source })
}

impl KeySpill {
    /// An empty spill with its file in `dir`, which is made if it is not there. A file that a crashed load left is
    /// overwritten.
    ///
    /// # Errors
    /// A directory that cannot be made or written, or that another spill is using; the error names it.
    pub fn create(dir: &Path, partitions: usize) -> io::Result<Self> {
        fs::create_dir_all(dir).map_err(|e| scratch_error("make", "directory", dir, e))?;
        let path = dir.join(FILE_NAME);
        let file = open_alone(&path).map_err(|e| scratch_error("write", "file", &path, e))?;
        let partitions = partitions.max(1);
        let block_pairs = (BUFFERS_BYTES / PAIR_BYTES / partitions).clamp(BLOCK_PAIRS_MIN, BLOCK_PAIRS_MAX);
        Ok(Self {
            path,
            file: Mutex::new(SpillFile { file, bytes: 0 }),
            partitions: std::iter::repeat_with(Mutex::default).take(partitions).collect(),
            block_pairs,
            incomplete: AtomicBool::new(false),
        })
    }

    /// How many partitions there are: what [`partition_of`] wants to be told.
    #[must_use]
    pub fn partitions(&self) -> usize {
        self.partitions.len()
    }

    /// Adds rows: the key and the ordinal of each. Several threads may add at once. An ordinal may be any number as long
    /// as no two rows share it; among rows of one key the lowest wins.
    ///
    /// # Errors
    /// As many keys as ordinals are needed, and a disk with room. After an error the spill cannot be resolved.
    pub fn add(&self, keys: &[u64], ordinals: &[u64]) -> io::Result<()> {
        if keys.len() != ordinals.len() {
            self.incomplete.store(true, Ordering::Relaxed);
            let message = format!("{} keys for {} ordinals", keys.len(), ordinals.len());
            return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
        }
        let (pairs, ends) = self.by_partition(keys, ordinals);
        let mut start = 0;
        for (partition, &end) in ends.iter().enumerate() {
            if end > start {
                self.add_to(partition, &pairs[start..end])?;
            }
            start = end;
        }
        Ok(())
    }

    /// Pairs in the order of their partitions, and where each partition ends.
    fn by_partition(&self, keys: &[u64], ordinals: &[u64]) -> (Vec<Pair>, Vec<usize>) {
        let count = self.partitions.len();
        let mut next = vec![0; count + 1];
        for &key in keys {
            next[partition_of(key, count) + 1] += 1;
        }
        for partition in 0..count {
            next[partition + 1] += next[partition];
        }
        let mut pairs = vec![Pair::default(); keys.len()];
        for (&key, &ordinal) in keys.iter().zip(ordinals) {
            let slot = &mut next[partition_of(key, count)];
            pairs[*slot] = Pair { key, ordinal };
            *slot += 1;
        }
        // Each `next[p]` has moved from where p starts to where it ends.
        next.truncate(count);
        (pairs, next)
    }

    fn add_to(&self, partition: usize, pairs: &[Pair]) -> io::Result<()> {
        let full = {
            let mut partition = lock(&self.partitions[partition])?;
            if partition.buffer.capacity() == 0 {
                partition.buffer.reserve_exact(self.block_pairs);
            }
            partition.buffer.extend_from_slice(pairs);
            if partition.buffer.len() < self.block_pairs {
                return Ok(());
            }
            std::mem::take(&mut partition.buffer)
        };
        // Written without the partition's lock: other threads go on adding to it.
        let block = self.write(&full)?;
        lock(&self.partitions[partition])?.blocks.push(block);
        Ok(())
    }

    fn write(&self, pairs: &[Pair]) -> io::Result<Block> {
        let mut bytes = Vec::with_capacity(pairs.len() * PAIR_BYTES);
        for pair in pairs {
            bytes.extend_from_slice(&pair.key.to_le_bytes());
            bytes.extend_from_slice(&pair.ordinal.to_le_bytes());
        }
        let mut file = lock(&self.file)?;
        let offset = file.bytes;
        file.file.write_all(&bytes).map_err(|e| {
            self.incomplete.store(true, Ordering::Relaxed);
            scratch_error("write", "file", &self.path, e)
        })?;
        file.bytes += bytes.len() as u64;
        Ok(Block { offset, pairs: pairs.len() })
    }

    /// Refuses to go on when pairs are missing.
    pub(super) fn check_complete(&self) -> io::Result<()> {
        if self.incomplete.load(Ordering::Relaxed) {
            let source = io::Error::other("an earlier write failed, so that rows are missing in it");
            return Err(scratch_error("use", "file", &self.path, source));
        }
        Ok(())
    }

    /// Takes a partition out; it is read with [`Self::each_pair`].
    pub(super) fn take(&self, partition: usize) -> io::Result<Partition> {
        Ok(std::mem::take(&mut *lock(&self.partitions[partition])?))
    }

    /// Calls `each` with all pairs of a partition, some at a time.
    pub(super) fn each_pair(
        &self,
        partition: &Partition,
        scratch: &mut Scratch,
        mut each: impl FnMut(&[Pair]) -> io::Result<()>,
    ) -> io::Result<()> {
        for &block in &partition.blocks {
            self.read(block, &mut scratch.bytes)?;
            scratch.pairs.clear();
            scratch.pairs.extend(scratch.bytes.as_chunks::<PAIR_BYTES>().0.iter().map(decode));
            each(&scratch.pairs)?;
        }
        each(&partition.buffer)
    }

    fn read(&self, block: Block, bytes: &mut Vec<u8>) -> io::Result<()> {
        bytes.resize(block.pairs * PAIR_BYTES, 0);
        let mut file = lock(&self.file)?;
        file.file
            .seek(SeekFrom::Start(block.offset))
            .and_then(|_| file.file.read_exact(bytes))
            .map_err(|e| scratch_error("read", "file", &self.path, e))
    }
}

impl Partition {
    /// How many pairs there are.
    pub(super) fn len(&self) -> usize {
        self.buffer.len() + self.blocks.iter().map(|b| b.pairs).sum::<usize>()
    }
}

impl Drop for KeySpill {
    fn drop(&mut self) {
        // What cannot be removed is overwritten by the next load.
        fs::remove_file(&self.path).unwrap_or_default();
    }
}

/// Buffers to read a partition with, used again and again.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    bytes: Vec<u8>,
    pairs: Vec<Pair>,
}

fn decode(bytes: &[u8; PAIR_BYTES]) -> Pair {
    let both = u128::from_le_bytes(*bytes);
    Pair { key: both as u64, ordinal: (both >> 64) as u64 }
}

/// Opens the file for one spill: two at once would overwrite each other's pairs.
fn open_alone(path: &Path) -> io::Result<File> {
    let file = File::options().read(true).write(true).create(true).truncate(false).open(path)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            return Err(io::Error::new(io::ErrorKind::ResourceBusy, "another load uses it"));
        }
        // A file system without locks: nothing better can be done.
        Err(TryLockError::Error(e)) if e.kind() == io::ErrorKind::Unsupported => {}
        Err(TryLockError::Error(e)) => return Err(e),
    }
    file.set_len(0)?;
    Ok(file)
}

fn lock<T>(mutex: &Mutex<T>) -> io::Result<MutexGuard<'_, T>> {
    mutex.lock().map_err(|_| io::Error::other("another thread of the load failed while it added keys"))
}
