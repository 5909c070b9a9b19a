//! What weights lie in: safetensors (BERT) and NumPy's `.npy` (Universal Sentence Encoder). Both are a short header and plain numbers.

use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
};

use serde::Deserialize;

use crate::error::{EmbeddingError, Result};

/// Bytes of a header at most.
const HEADER_MAX: usize = 16 << 20;

/// A file that was read.
pub(crate) struct File {
    pub(crate) path: PathBuf,
    pub(crate) bytes: Vec<u8>,
}

impl File {
    pub(crate) fn read(path: PathBuf) -> Result<Self> {
        match fs::read(&path) {
            Ok(bytes) => Ok(Self { path, bytes }),
            Err(source) => Err(EmbeddingError::Unreadable { file: path, source }),
        }
    }

    /// This file is not what it should be.
    pub(crate) fn damaged(&self, why: impl Into<String>) -> EmbeddingError {
        damaged(&self.path, why)
    }

    pub(crate) fn text(&self) -> Result<&str> {
        std::str::from_utf8(&self.bytes).map_err(|_| self.damaged("it is no text"))
    }
}

pub(crate) fn damaged(file: &Path, why: impl Into<String>) -> EmbeddingError {
    EmbeddingError::Damaged { file: file.to_owned(), why: why.into() }
}

/// Named arrays of one safetensors file: the length of a JSON header in eight bytes, the header, numbers.
pub(crate) struct Tensors {
    file: File,
    entries: HashMap<String, Entry>,
    /// Where numbers begin.
    start: usize,
}

#[derive(Deserialize)]
struct Entry {
    dtype: String,
    shape: Vec<usize>,
    data_offsets: [usize; 2],
}

impl Tensors {
    pub(crate) fn read(path: PathBuf) -> Result<Self> {
        let file = File::read(path)?;
        let length = file.bytes.first_chunk().map(|bytes| u64::from_le_bytes(*bytes));
        let length = length.and_then(|length| usize::try_from(length).ok()).filter(|&length| length <= HEADER_MAX);
        let Some(header) = length.and_then(|length| file.bytes.get(8..8 + length)) else {
            return Err(file.damaged("its header is cut"));
        };
        let start = 8 + header.len();
        let mut values: serde_json::Map<String, serde_json::Value> =
            serde_json::from_slice(header).map_err(|e| file.damaged(format!("its header is no JSON ({e})")))?;
        values.remove("__metadata__");
        let entries = values
            .into_iter()
            .map(|(name, value)| Ok((name, serde_json::from_value(value)?)))
            .collect::<std::result::Result<_, serde_json::Error>>()
            .map_err(|e| file.damaged(format!("its header does not describe arrays ({e})")))?;
        Ok(Self { file, entries, start })
    }

    /// An array of 32-bit floats with a shape.
    pub(crate) fn floats(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>> {
        let entry = self.entries.get(name).ok_or_else(|| self.file.damaged(format!("there is no `{name}`")))?;
        if entry.dtype != "F32" || entry.shape != shape {
            let Entry { dtype, shape: found, .. } = entry;
            return Err(self.file.damaged(format!("`{name}` is {dtype} {found:?} and should be F32 {shape:?}")));
        }
        let [from, to] = entry.data_offsets;
        let range = self.start.saturating_add(from)..self.start.saturating_add(to);
        let bytes = self.file.bytes.get(range).filter(|bytes| Some(bytes.len()) == size(shape, 4));
        bytes.map(floats).ok_or_else(|| self.file.damaged(format!("it ends before the end of `{name}`")))
    }
}

/// One `.npy` file: a mark, a header that reads like Python, numbers.
pub(crate) struct Array {
    file: File,
    pub(crate) shape: Vec<usize>,
    kind: String,
    start: usize,
}

impl Array {
    pub(crate) fn read(folder: &Path, name: &str) -> Result<Self> {
        let file = File::read(folder.join(format!("{name}.npy")))?;
        let Some((header, start)) = npy_header(&file.bytes) else {
            return Err(file.damaged("it is no array of NumPy, or its header is cut"));
        };
        let (kind, shape) = described(header).ok_or_else(|| file.damaged(format!("its header says `{header}`")))?;
        Ok(Self { file, shape, kind, start })
    }

    /// Its bytes, when they are of a kind and as many as the shape says.
    pub(crate) fn bytes(&self, kind: &str, size_of_one: usize) -> Result<&[u8]> {
        if self.kind != kind {
            return Err(self.file.damaged(format!("it holds `{}` and should hold `{kind}`", self.kind)));
        }
        let bytes = self.file.bytes.get(self.start..).filter(|b| Some(b.len()) == size(&self.shape, size_of_one));
        bytes.ok_or_else(|| self.file.damaged(format!("it is cut or too long for the shape {:?}", self.shape)))
    }

    /// Its 32-bit floats.
    pub(crate) fn floats(&self) -> Result<Vec<f32>> {
        Ok(floats(self.bytes("<f4", 4)?))
    }

    /// This array's shape is wrong.
    pub(crate) fn misshapen(&self, expected: &str) -> EmbeddingError {
        self.file.damaged(format!("its shape is {:?} and should be {expected}", self.shape))
    }
}

/// The header's text and where numbers begin (format 1.0: two bytes of length; 2.0 and 3.0: four).
fn npy_header(bytes: &[u8]) -> Option<(&str, usize)> {
    let (length, start): (usize, usize) = match bytes.strip_prefix(b"\x93NUMPY")?.first()? {
        1 => (usize::from(u16::from_le_bytes([*bytes.get(8)?, *bytes.get(9)?])), 10),
        _ => (u32::from_le_bytes(*bytes.get(8..)?.first_chunk()?) as usize, 12),
    };
    let header = bytes.get(start..start.checked_add(length)?)?;
    Some((std::str::from_utf8(header).ok()?.trim(), start + length))
}

/// Kind and shape of `{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }`.
fn described(header: &str) -> Option<(String, Vec<usize>)> {
    let after = |key: &str| header.split_once(key).map(|(_, rest)| rest.trim_start());
    if !after("'fortran_order':")?.starts_with("False") {
        return None;
    }
    let kind = after("'descr':")?.strip_prefix('\'')?.split('\'').next()?.to_owned();
    let inside = after("'shape':")?.strip_prefix('(')?.split(')').next()?;
    let shape = inside.split(',').map(str::trim).filter(|n| !n.is_empty()).map(|n| n.parse().ok());
    Some((kind, shape.collect::<Option<_>>()?))
}

/// Bytes that an array of a shape takes.
fn size(shape: &[usize], size_of_one: usize) -> Option<usize> {
    shape.iter().try_fold(size_of_one, |all, &n| all.checked_mul(n))
}

fn floats(bytes: &[u8]) -> Vec<f32> {
    let (fours, _) = bytes.as_chunks::<4>();
    fours.iter().map(|four| f32::from_le_bytes(*four)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_of_arrays_are_understood() {
        let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (17,), }";
        assert_eq!(described(header), Some(("<f4".to_owned(), vec![17])));
        let header = "{'descr': '|u1', 'fortran_order': False, 'shape': (7530, 512), }";
        assert_eq!(described(header), Some(("|u1".to_owned(), vec![7530, 512])));
        assert_eq!(
            described("{'descr': '<f8', 'fortran_order': False, 'shape': (), }"),
            Some(("<f8".to_owned(), vec![]))
        );
        assert_eq!(described("{'descr': '<f4', 'fortran_order': True, 'shape': (3, 4), }"), None);
    }
}
