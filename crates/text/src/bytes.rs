//! Saved things: a mark, a version, a check sum, sections. Little-endian.

use crate::{
    error::{Result, TextError},
    random::mixed,
};

/// The bytes of a section at most.
const SECTION_MAX: u64 = 1 << 33;

/// Writes sections one after the other.
pub(crate) struct Writer(Vec<u8>);

impl Writer {
    pub(crate) fn new(mark: [u8; 4], version: u32) -> Self {
        let mut bytes = mark.to_vec();
        bytes.extend(version.to_le_bytes());
        Self(bytes)
    }

    pub(crate) fn section(&mut self, bytes: &[u8]) {
        self.0.extend((bytes.len() as u64).to_le_bytes());
        self.0.extend(bytes);
    }

    /// All bytes, with their check sum at the end.
    pub(crate) fn finish(mut self) -> Vec<u8> {
        let sum = check_sum(&self.0);
        self.0.extend(sum.to_le_bytes());
        self.0
    }
}

/// Reads what [`Writer`] wrote; what is not so is an error.
pub(crate) struct Reader<'b> {
    what: &'static str,
    rest: &'b [u8],
}

impl<'b> Reader<'b> {
    pub(crate) fn new(what: &'static str, bytes: &'b [u8], mark: [u8; 4], version: u32) -> Result<Self> {
        let bad = |why: &str| TextError::Saved { what, why: why.to_owned() };
        let (body, sum) = bytes.split_last_chunk::<8>().ok_or_else(|| bad("it is too short"))?;
        let (found_mark, rest) = body.split_first_chunk::<4>().ok_or_else(|| bad("it is too short"))?;
        let (found_version, rest) = rest.split_first_chunk::<4>().ok_or_else(|| bad("it is too short"))?;
        if *found_mark != mark {
            return Err(bad("it is something else"));
        }
        if u32::from_le_bytes(*found_version) != version {
            return Err(bad("it is of another version"));
        }
        match check_sum(body) == u64::from_le_bytes(*sum) {
            true => Ok(Self { what, rest }),
            false => Err(bad("its check sum is another")),
        }
    }

    pub(crate) fn bad(&self, why: impl Into<String>) -> TextError {
        TextError::Saved { what: self.what, why: why.into() }
    }

    pub(crate) fn section(&mut self) -> Result<&'b [u8]> {
        let (length, rest) = self.rest.split_first_chunk::<8>().ok_or_else(|| self.bad("a section is missing"))?;
        let length = u64::from_le_bytes(*length);
        if length > SECTION_MAX || length > rest.len() as u64 {
            return Err(self.bad("a section is cut off"));
        }
        let (section, rest) = rest.split_at(length as usize);
        self.rest = rest;
        Ok(section)
    }

    /// A section of numbers of `N` bytes each.
    pub(crate) fn numbers<const N: usize, T>(&mut self, from: impl Fn([u8; N]) -> T) -> Result<Vec<T>> {
        let (chunks, rest) = self.section()?.as_chunks::<N>();
        if rest.is_empty() {
            Ok(chunks.iter().map(|&chunk| from(chunk)).collect())
        } else {
            Err(self.bad("a section is cut off"))
        }
    }

    pub(crate) fn end(self) -> Result<()> {
        if self.rest.is_empty() { Ok(()) } else { Err(self.bad("there is more than there should be")) }
    }
}

/// Finds damage, not forgery.
fn check_sum(bytes: &[u8]) -> u64 {
    bytes.chunks(8).fold(bytes.len() as u64, |sum, chunk| {
        let mut word = [0; 8];
        word[..chunk.len()].copy_from_slice(chunk);
        mixed(sum.rotate_left(5) ^ u64::from_le_bytes(word))
    })
}
