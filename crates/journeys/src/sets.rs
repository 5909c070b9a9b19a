//! Sets of customers, built fast: a block of 65,536 customers is plain bits until the rows move on to the next.

use roaring::RoaringBitmap;

/// Bytes of a block: one bit for each of the 65,536 customers that share their upper 16 bits (a container of the bitmap).
const BLOCK_BYTES: usize = 8192;

/// A set that rows sorted by customer are put into. Putting a customer in twice is as cheap as once.
#[derive(Debug, Clone, Default)]
pub(crate) struct SetBuilder {
    /// The upper bits of the block at hand; meaningless while `bytes` is empty.
    block: u32,
    bytes: Vec<u8>,
    done: RoaringBitmap,
}

impl SetBuilder {
    #[inline]
    pub(crate) fn insert(&mut self, customer: u32) {
        if self.bytes.is_empty() || self.block != customer >> 16 {
            self.turn_to(customer >> 16);
        }
        let low = customer & 0xffff;
        if let Some(byte) = self.bytes.get_mut((low >> 3) as usize) {
            *byte |= 1 << (low & 7);
        }
    }

    /// Whether a customer of the block at hand is in. Rows come by customer, so for the customer at hand this is the answer.
    #[inline]
    pub(crate) fn has_in_block(&self, customer: u32) -> bool {
        let low = customer & 0xffff;
        let byte = self.bytes.get((low >> 3) as usize).filter(|_| self.block == customer >> 16);
        byte.is_some_and(|byte| byte >> (low & 7) & 1 == 1)
    }

    #[cold]
    fn turn_to(&mut self, block: u32) {
        self.flush();
        self.bytes.resize(BLOCK_BYTES, 0);
        self.block = block;
    }

    fn flush(&mut self) {
        if !self.bytes.is_empty() {
            self.done |= RoaringBitmap::from_lsb0_bytes(self.block << 16, &self.bytes);
            self.bytes.clear();
        }
    }

    pub(crate) fn merge(&mut self, mut other: Self) {
        if self.block == other.block && self.bytes.len() == other.bytes.len() {
            // As plain bits they are one quickly: of many small parts none is made a bitmap first.
            self.bytes.iter_mut().zip(&other.bytes).for_each(|(mine, theirs)| *mine |= theirs);
            self.done |= other.done;
            return;
        }
        other.flush();
        self.flush();
        self.done |= other.done;
    }

    pub(crate) fn finish(mut self) -> RoaringBitmap {
        self.flush();
        self.done
    }
}

/// Customers that wait to be put into a set together.
const PENDING: usize = 128;

/// A set that customers are put into in ascending order, few at a time; small, where [`SetBuilder`] takes a block.
#[derive(Debug, Clone, Default)]
pub(crate) struct AscendingSet {
    pending: Vec<u32>,
    done: RoaringBitmap,
}

impl AscendingSet {
    #[inline]
    pub(crate) fn insert(&mut self, customer: u32) {
        if self.pending.len() == PENDING {
            self.flush();
        }
        self.pending.push(customer);
    }

    #[cold]
    fn flush(&mut self) {
        // Customers of a bucket come once and in order; a set that is not in order would still be right.
        match RoaringBitmap::from_sorted_iter(self.pending.iter().copied()) {
            Ok(set) => self.done |= set,
            Err(_) => self.done.extend(&self.pending),
        }
        self.pending.clear();
    }

    pub(crate) fn merge(&mut self, other: Self) {
        self.flush();
        self.done |= other.finish();
    }

    pub(crate) fn finish(mut self) -> RoaringBitmap {
        self.flush();
        self.done
    }
}

/// Joins two tables of sets, cell by cell.
pub(crate) fn merge_each(into: &mut [SetBuilder], from: Vec<SetBuilder>) {
    for (mine, theirs) in into.iter_mut().zip(from) {
        mine.merge(theirs);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_come_together_in_one_set() {
        let customers = [0, 1, 1, 7, 8, 65_535, 65_536, 200_000, u32::MAX];
        let mut set = SetBuilder::default();
        customers.iter().for_each(|c| set.insert(*c));
        assert_eq!(set.finish(), customers.iter().copied().collect());
    }

    #[test]
    fn merged_sets_are_united() {
        let (mut a, mut b) = (SetBuilder::default(), SetBuilder::default());
        a.insert(3);
        b.insert(4);
        b.insert(70_000);
        a.merge(b);
        assert_eq!(a.finish(), [3, 4, 70_000].into_iter().collect());
        let (mut a, mut b) = (SetBuilder::default(), SetBuilder::default());
        [1, 70_000].iter().for_each(|c| a.insert(*c));
        [2, 3, 70_001].iter().for_each(|c| b.insert(*c));
        a.merge(b);
        a.insert(70_002);
        assert_eq!(a.finish(), [1, 2, 3, 70_000, 70_001, 70_002].into_iter().collect());
    }
}
