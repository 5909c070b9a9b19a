//! The bank's keys: one small file that only its owner can read.
//!
//! It holds the master key (opens the vault; can be changed), the hashing key (makes ids and tokens; never changes) and
//! the seed of the key that signs the audit log. Whoever has the file and the store can read everything; whoever loses
//! it can read nothing of the vault, so a copy belongs somewhere else than the data.
//!
//! Changing the master key survives a crash at any point: [`Keys::write_next`] puts the new keys beside the old ones,
//! [`Store::rewrap`](crate::Store::rewrap) rewraps in one transaction, [`Keys::promote_next`] swaps the files in one step.
//! When the keys do not fit the store and there is a next file, the swap is what is missing.

use std::{
    fs::{File, OpenOptions},
    io::{Read, Write},
    path::{Path, PathBuf},
};

use florin_domain::KeyHasher;
use zeroize::Zeroizing;

use crate::{
    error::{Result, StoreError},
    vault::{Random, Vault},
};

/// The name of the key file.
pub const KEY_FILE: &str = "florin.keys";
/// The name of the key file that a change of the master key is about to put in its place.
pub const NEXT_KEY_FILE: &str = "florin.keys.next";
/// No key file is longer; what is longer is not one.
const KEY_FILE_BYTES_MAX: u64 = 4096;

const FIRST_LINES: &str =
    "# Florin's keys. Keep a copy apart from the data: without it the vault cannot be read.\nversion 1\n";

type Key = Zeroizing<[u8; 32]>;

/// The bank's keys. They leave memory when dropped, and `Debug` does not show them.
pub struct Keys {
    master: Key,
    hashing: Key,
    audit: Key,
}

impl Keys {
    /// Makes new keys and writes them to [`KEY_FILE`] in `dir`.
    ///
    /// # Errors
    /// When there is a key file already (it is never overwritten), or it cannot be written.
    pub fn create(dir: &Path, random: Random<'_>) -> Result<Self> {
        let mut fresh = || {
            let mut key = Key::default();
            random(&mut *key);
            key
        };
        let keys = Self { master: fresh(), hashing: fresh(), audit: fresh() };
        write_new(&dir.join(KEY_FILE), &keys.text())?;
        Ok(keys)
    }

    /// Reads the keys from [`KEY_FILE`] in `dir`.
    ///
    /// # Errors
    /// When there is none, others than its owner may read it, or it is not as written. No error shows its text.
    pub fn load(dir: &Path) -> Result<Self> {
        let path = dir.join(KEY_FILE);
        let text = read_private(&path)?;
        parse(&text).map_err(|reason| StoreError::KeyFile { path, reason })
    }

    /// The vault these keys open.
    #[must_use]
    pub fn vault(&self) -> Vault {
        Vault::new(&self.master, self.hasher())
    }

    /// What makes ids and tokens.
    #[must_use]
    pub fn hasher(&self) -> KeyHasher {
        KeyHasher::new(*self.hashing)
    }

    /// The seed of the Ed25519 key that signs the audit log.
    #[must_use]
    pub fn audit_seed(&self) -> &[u8; 32] {
        &self.audit
    }

    /// The same keys but for a new master key. Nothing is written.
    #[must_use]
    pub fn with_new_master(&self, random: Random<'_>) -> Self {
        let mut master = Key::default();
        random(&mut *master);
        Self { master, hashing: self.hashing.clone(), audit: self.audit.clone() }
    }

    /// Writes these keys beside the current ones, as [`NEXT_KEY_FILE`] in `dir`.
    ///
    /// # Errors
    /// When there is such a file already, or it cannot be written.
    pub fn write_next(&self, dir: &Path) -> Result<()> {
        write_new(&dir.join(NEXT_KEY_FILE), &self.text())
    }

    /// Puts the next key file in the place of the current one, in one step.
    ///
    /// # Errors
    /// When there is none, or the file system refuses.
    pub fn promote_next(dir: &Path) -> Result<()> {
        let path = dir.join(NEXT_KEY_FILE);
        std::fs::rename(&path, dir.join(KEY_FILE))
            .and_then(|()| sync_folder(dir))
            .map_err(|source| StoreError::File { path, source })
    }

    fn text(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(512));
        text.push_str(FIRST_LINES);
        for (name, key) in [("master", &self.master), ("hashing", &self.hashing), ("audit", &self.audit)] {
            text.push_str(name);
            text.push(' ');
            push_hex(&mut text, &key[..]);
            text.push('\n');
        }
        let check = check_of(&text);
        text.push_str("check ");
        push_hex(&mut text, &check);
        text.push('\n');
        text
    }
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys(…)")
    }
}

/// Finds a mistyped or cut file, which would otherwise be a wrong key that nobody can explain.
fn check_of(text: &str) -> [u8; 8] {
    let digest = blake3::derive_key("florin 2026 check of the key file", text.as_bytes());
    let mut check = [0; 8];
    check.copy_from_slice(&digest[..8]);
    check
}

fn parse(text: &str) -> Result<Keys, String> {
    let (checked, check) = text.split_at(text.find("check ").ok_or("the line `check` is missing; is it complete?")?);
    let mut lines = checked.lines().filter(|line| !line.starts_with('#'));
    if lines.next() != Some("version 1") {
        return Err("it does not begin with `version 1`; this Florin knows no other".to_owned());
    }
    let mut key = |name| lines.next().and_then(|line| key_of(line, name)).ok_or_else(|| bad_line(name));
    let keys = Keys { master: key("master")?, hashing: key("hashing")?, audit: key("audit")? };
    let mut expected = "check ".to_owned();
    push_hex(&mut expected, &check_of(checked));
    if check.trim_end() != expected {
        return Err("it was changed since it was written; use a copy that was not".to_owned());
    }
    Ok(keys)
}

fn bad_line(name: &str) -> String {
    format!("the line `{name}` is missing, or not 64 hexadecimal digits")
}

fn key_of(line: &str, name: &str) -> Option<Key> {
    let digits = line.strip_prefix(name)?.strip_prefix(' ')?;
    let mut key = Key::default();
    if digits.len() != 2 * key.len() {
        return None;
    }
    for (byte, pair) in key.iter_mut().zip(digits.as_bytes().chunks(2)) {
        let high = char::from(pair[0]).to_digit(16)?;
        let low = char::from(pair[1]).to_digit(16)?;
        *byte = u8::try_from(high * 16 + low).ok()?;
    }
    Some(key)
}

fn push_hex(text: &mut String, bytes: &[u8]) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for byte in bytes {
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
}

/// Written beside and then given its name, so that a crash leaves the whole file or none, and whoever comes second fails.
fn write_new(path: &Path, text: &str) -> Result<()> {
    let beside = path.with_extension(format!("tmp-{}", std::process::id()));
    let named = write_private(&beside, text).and_then(|()| std::fs::hard_link(&beside, path));
    let removed = std::fs::remove_file(&beside);
    let folder = path.parent().unwrap_or(Path::new("."));
    named.and(removed).and_then(|()| sync_folder(folder)).map_err(|error| of_writing(path, error))
}

fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    // What a killed process of the same number left is not a key file that anybody uses.
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

fn of_writing(path: &Path, source: std::io::Error) -> StoreError {
    let path = path.to_owned();
    if source.kind() == std::io::ErrorKind::AlreadyExists {
        let reason = "there is one already, and keys are never overwritten".to_owned();
        return StoreError::KeyFile { path, reason };
    }
    StoreError::File { path, source }
}

/// A new name in a folder survives a power cut when the folder is synced too.
fn sync_folder(folder: &Path) -> std::io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

fn read_private(path: &Path) -> Result<Zeroizing<String>> {
    let failed = |source: std::io::Error| match source.kind() {
        std::io::ErrorKind::NotFound => missing(path),
        _ => StoreError::File { path: path.to_owned(), source },
    };
    let file = File::open(path).map_err(failed)?;
    refuse_public(path, &file)?;
    let mut text = Zeroizing::new(String::with_capacity(512));
    file.take(KEY_FILE_BYTES_MAX).read_to_string(&mut text).map_err(failed)?;
    Ok(text)
}

fn missing(path: &Path) -> StoreError {
    StoreError::KeyFile { path: path.to_owned(), reason: "there is none; bring back the copy made of it".to_owned() }
}

#[cfg(unix)]
fn refuse_public(path: &Path, file: &File) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let metadata = file.metadata().map_err(|source| StoreError::File { path: path.to_owned(), source })?;
    let mode = metadata.permissions().mode() & 0o777;
    if mode & 0o077 == 0 {
        return Ok(());
    }
    let reason = format!("others may use it (mode {mode:o}); run `chmod 600 {}`", path.display());
    Err(StoreError::KeyFile { path: path.to_owned(), reason })
}

#[cfg(not(unix))]
fn refuse_public(_: &Path, _: &File) -> Result<()> {
    Ok(())
}

/// Where the keys of a folder are.
#[must_use]
pub fn key_file(dir: &Path) -> PathBuf {
    dir.join(KEY_FILE)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
mod tests {
    use super::*;

    fn random(seed: u8) -> impl FnMut(&mut [u8]) + Send {
        let mut next = seed;
        move |bytes| {
            bytes.fill(next);
            next += 1;
        }
    }

    #[test]
    fn keys_are_read_as_they_were_written_and_never_overwritten() {
        let dir = tempfile::tempdir().unwrap();
        let created = Keys::create(dir.path(), &mut random(0xa0)).unwrap();
        let loaded = Keys::load(dir.path()).unwrap();
        assert_eq!(created.text(), loaded.text());
        assert_eq!(*loaded.audit_seed(), [0xa2; 32]);
        assert_eq!(loaded.hasher().id("x", b"1"), KeyHasher::new([0xa1; 32]).id("x", b"1"));
        let error = Keys::create(dir.path(), &mut random(1)).expect_err("there is one").to_string();
        assert!(error.ends_with("there is one already, and keys are never overwritten"), "{error}");
        assert_eq!(Keys::load(dir.path()).unwrap().text(), created.text());
    }

    #[cfg(unix)]
    #[test]
    fn a_key_file_that_others_may_read_is_refused_with_advice() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        Keys::create(dir.path(), &mut random(1)).unwrap();
        let path = key_file(dir.path());
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        for mode in [0o640, 0o604, 0o660, 0o601] {
            std::fs::set_permissions(&path, PermissionsExt::from_mode(mode)).unwrap();
            let error = Keys::load(dir.path()).expect_err("too open").to_string();
            assert!(error.contains(&format!("mode {mode:o}")) && error.contains("chmod 600"), "{error}");
        }
    }

    #[test]
    fn a_damaged_key_file_is_refused_and_its_text_stays_secret() {
        let dir = tempfile::tempdir().unwrap();
        let text = Keys::create(dir.path(), &mut random(0xa0)).unwrap().text();
        let path = key_file(dir.path());
        let cases = [
            (text.replace("a0a0", "a0a1"), "it was changed"),
            (text[..200].to_owned(), "the line `check` is missing"),
            (text.replace("hashing a1", "hashing zz"), "the line `hashing`"),
            (text.replace("version 1", "version 2"), "this Florin knows no other"),
            (text.replace("a2a2", "äöa"), "the line `audit`"),
            (String::new(), "the line `check` is missing"),
        ];
        for (damaged, reason) in cases {
            std::fs::write(&path, &damaged).unwrap();
            let error = Keys::load(dir.path()).expect_err(reason);
            let words = format!("{error} {error:?}");
            assert!(words.contains(reason), "{words}");
            assert!(!words.contains("a0a0") && !words.contains("a1a1") && !words.contains("a2a2"), "{words}");
        }
    }

    #[test]
    fn a_new_master_key_replaces_the_old_in_one_step_and_the_other_keys_stay() {
        let dir = tempfile::tempdir().unwrap();
        let old = Keys::create(dir.path(), &mut random(1)).unwrap();
        let new = old.with_new_master(&mut random(9));
        new.write_next(dir.path()).unwrap();
        assert_eq!(Keys::load(dir.path()).unwrap().text(), old.text());
        Keys::promote_next(dir.path()).unwrap();
        let loaded = Keys::load(dir.path()).unwrap();
        assert_eq!(loaded.text(), new.text());
        assert_eq!((*loaded.master, *loaded.hashing, *loaded.audit), ([9; 32], [2; 32], [3; 32]));
        assert!(Keys::promote_next(dir.path()).is_err());
        assert_eq!(format!("{loaded:?}"), "Keys(…)");
    }
}
