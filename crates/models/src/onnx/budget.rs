//! What one run through a graph may take, so that a hostile file cannot make it endless.

use super::{
    tensor::{Data, cells},
    wire::Read,
};

/// The most values of all tensors of one run together.
const CELLS_MAX: usize = 1 << 26;
/// The most multiplications, steps down trees and the like of one run.
const WORK_MAX: u64 = 1 << 33;

/// What is left of it.
#[derive(Debug)]
pub(super) struct Budget {
    cells: usize,
    work: u64,
    /// Whether floats are kept in 64 bits throughout, whatever the file says: for sums of explanations.
    pub(super) wide: bool,
}

impl Budget {
    pub(super) fn new(wide: bool) -> Self {
        Self { cells: CELLS_MAX, work: WORK_MAX, wide }
    }

    /// Takes room for a tensor and says how many values it has.
    pub(super) fn room(&mut self, shape: &[usize]) -> Read<usize> {
        let size = cells(shape)?;
        self.take(Some(size))?;
        Ok(size)
    }

    /// The same for values that are copies of others: a text takes room by its length, and may be copied more often than it is there.
    pub(super) fn room_of(&mut self, shape: &[usize], copied: &Data) -> Read<usize> {
        let size = self.room(shape)?;
        if let Data::Text(texts) = copied {
            let longest = texts.iter().map(String::len).max().unwrap_or(0);
            self.take(size.checked_mul(longest / size_of::<u64>()))?;
        }
        Ok(size)
    }

    fn take(&mut self, size: Option<usize>) -> Read<()> {
        let left = size.and_then(|size| self.cells.checked_sub(size));
        self.cells = left.ok_or("it takes more memory than a model of tables should")?;
        Ok(())
    }

    /// Takes so many steps of work.
    pub(super) fn work(&mut self, a: usize, b: usize, c: usize) -> Read<()> {
        let steps = (a as u64).checked_mul(b as u64).and_then(|ab| ab.checked_mul(c as u64));
        let left = steps.and_then(|steps| self.work.checked_sub(steps));
        self.work = left.ok_or("it takes more work than a model of tables should")?;
        Ok(())
    }
}
