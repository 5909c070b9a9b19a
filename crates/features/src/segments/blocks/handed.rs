//! The containers of a set in memory, as they lie.
//!
//! They are not reachable; but roaring writes a set down in its portable format, and hands the writer each container whole. So a
//! writer that keeps nothing sees them without a copy being made.

use std::io::{Error, ErrorKind, Result, Write};

use roaring::RoaringBitmap;

use super::container::{Described, header};

/// What is said of a set's containers, and how many bytes that takes.
#[derive(Debug)]
pub(super) struct Headed<'a> {
    set: &'a RoaringBitmap,
    containers: Vec<Described>,
    length: usize,
}

impl<'a> Headed<'a> {
    /// `None` when roaring writes in another way than is known.
    pub(super) fn of(set: &'a RoaringBitmap) -> Option<Self> {
        let mut start = Start { bytes: Vec::new(), found: None };
        // It ends early once the header is there.
        let _ = set.serialize_into(&mut start);
        let (containers, length) = start.found?;
        Some(Self { set, containers, length })
    }

    pub(super) fn containers(&self) -> &[Described] {
        &self.containers
    }

    /// Calls `each` with the containers whose keys are in a range, and their bytes. Whether all were seen.
    pub(super) fn each(&self, first: u16, last: u16, mut each: impl FnMut(&Described, &[u8])) -> bool {
        let from = self.containers.partition_point(|container| container.key < first);
        let until = self.containers.partition_point(|container| container.key <= last);
        if from == until {
            return true;
        }
        let mut next = 0;
        let each = |container: &Described, bytes: &[u8]| {
            if (from..until).contains(&next) {
                each(container, bytes);
            }
            next += 1;
            next < until
        };
        let mut handing = Handing { header: self.length, left: self.containers.iter(), partly: Vec::new(), each };
        // It ends early once the last that is wanted was seen.
        let _ = self.set.serialize_into(&mut handing);
        next >= until
    }
}

/// Reads until the header is whole.
struct Start {
    bytes: Vec<u8>,
    found: Option<(Vec<Described>, usize)>,
}

impl Write for Start {
    fn write(&mut self, bytes: &[u8]) -> Result<usize> {
        self.bytes.extend_from_slice(bytes);
        self.found = header(&self.bytes);
        if self.found.is_some() { Err(ErrorKind::Other.into()) } else { Ok(bytes.len()) }
    }

    fn flush(&mut self) -> Result<()> {
        Ok(())
    }
}

/// Passes over the header, and hands on one container after the other.
struct Handing<'a, F> {
    /// Bytes of it that are still to come.
    header: usize,
    left: std::slice::Iter<'a, Described>,
    /// The first bytes of a container that comes in pieces.
    partly: Vec<u8>,
    /// Whether more are wanted.
    each: F,
}

impl<F: FnMut(&Described, &[u8]) -> bool> Handing<'_, F> {
    fn take(&mut self, container: &Described, bytes: &[u8]) -> Result<()> {
        self.left.next();
        if (self.each)(container, bytes) { Ok(()) } else { Err(ErrorKind::Other.into()) }
    }
}

impl<F: FnMut(&Described, &[u8]) -> bool> Write for Handing<'_, F> {
    #[inline]
    fn write(&mut self, bytes: &[u8]) -> Result<usize> {
        if self.header > 0 {
            let passed = self.header.min(bytes.len());
            self.header -= passed;
            return Ok(passed);
        }
        let container = *self.left.as_slice().first().ok_or_else(|| Error::from(ErrorKind::Other))?;
        if self.partly.is_empty() && container.length(bytes) == Some(bytes.len()) {
            self.take(&container, bytes)?;
            return Ok(bytes.len());
        }
        self.partly.extend_from_slice(bytes);
        if container.length(&self.partly) == Some(self.partly.len()) {
            let whole = std::mem::take(&mut self.partly);
            self.take(&container, &whole)?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> Result<()> {
        Ok(())
    }
}
