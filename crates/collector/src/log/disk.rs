//! What the log asks of a disk, so that tests can have one that fails.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::Path,
};

/// Makes, renames and removes files so that it lasts.
pub trait Disk: Send {
    /// A new file that only its owner may read.
    ///
    /// # Errors
    /// As the system says; a file of that name is one.
    fn create(&self, path: &Path) -> io::Result<Box<dyn Appending>>;
    /// Gives a file another name.
    ///
    /// # Errors
    /// As the system says.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Removes a file.
    ///
    /// # Errors
    /// As the system says.
    fn remove(&self, path: &Path) -> io::Result<()>;
    /// Returns when the names in a folder are on disk.
    ///
    /// # Errors
    /// As the system says.
    fn sync_folder(&self, path: &Path) -> io::Result<()>;
}

/// A file that is only written at its end.
pub trait Appending: Send {
    /// Writes all of it.
    ///
    /// # Errors
    /// As the system says; some of it may have been written.
    fn append(&mut self, bytes: &[u8]) -> io::Result<()>;
    /// Returns when everything written is on disk.
    ///
    /// # Errors
    /// As the system says; what was written since the last time may be lost then.
    fn sync(&mut self) -> io::Result<()>;
    /// Takes away what is behind `bytes`, so that it lasts.
    ///
    /// # Errors
    /// As the system says.
    fn cut(&mut self, bytes: u64) -> io::Result<()>;
}

/// The disk of this machine.
#[derive(Debug, Default, Clone, Copy)]
pub struct LocalDisk;

impl Disk for LocalDisk {
    fn create(&self, path: &Path) -> io::Result<Box<dyn Appending>> {
        Ok(Box::new(new_file(path)?))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        File::open(path)?.sync_all()
    }
}

impl Appending for File {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.write_all(bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.sync_data()
    }

    fn cut(&mut self, bytes: u64) -> io::Result<()> {
        self.set_len(bytes)?;
        self.sync_all()
    }
}

/// A new file, written at its end, that only its owner may read.
pub(super) fn new_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.append(true).create_new(true);
    private(&mut options);
    options.open(path)
}

#[cfg(unix)]
fn private(options: &mut OpenOptions) {
    use std::os::unix::fs::OpenOptionsExt;
    options.mode(0o600);
}

#[cfg(not(unix))]
fn private(_: &mut OpenOptions) {}
