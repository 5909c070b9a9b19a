//! The rows that kernels take: batches sorted by customer and time, as columns.

use std::ops::Range;

use crate::JourneyError;

/// A dictionary code that stands for "no value".
pub const MISSING: u32 = u32::MAX;

/// One batch: two columns of one length, sorted by `(customer, ts)` within and across the batches of a bucket.
#[derive(Debug, Clone, Copy)]
pub struct Rows<'a> {
    pub(crate) customer: &'a [i64],
    pub(crate) ts: &'a [i64],
}

impl<'a> Rows<'a> {
    /// `customer`: dense numbers from 0 to `u32::MAX`; `ts`: microseconds since 1970 UTC.
    ///
    /// # Errors
    /// When the columns differ in length.
    pub fn new(customer: &'a [i64], ts: &'a [i64]) -> Result<Self, JourneyError> {
        let rows = Self { customer, ts };
        rows.matches("ts", ts)?;
        Ok(rows)
    }

    /// The customer of each row.
    #[must_use]
    pub fn customers(&self) -> &'a [i64] {
        self.customer
    }

    /// How many rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.customer.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.customer.is_empty()
    }

    /// Some of them; `None` where there are not so many.
    pub(crate) fn part(&self, start: usize, end: usize) -> Option<Self> {
        Some(Self { customer: self.customer.get(start..end)?, ts: self.ts.get(start..end)? })
    }

    pub(crate) fn matches<T>(&self, column: &'static str, values: &[T]) -> Result<(), JourneyError> {
        if values.len() == self.len() {
            return Ok(());
        }
        Err(JourneyError::Lengths { column, values: values.len(), rows: self.len() })
    }
}

/// A column of bits a row: bit `i` says whether the row meets condition `i`. The narrower the type, the faster the scan.
pub trait Bits: Copy + Into<u64> + std::ops::BitOr<Output = Self> + Default + PartialEq {}

impl Bits for u8 {}
impl Bits for u16 {}
impl Bits for u32 {}
impl Bits for u64 {}

/// How many rows are looked at together: as many as a word has bits.
const BLOCK: usize = 64;

/// A row that has a bit.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Met {
    /// Which row of the batch.
    pub(crate) row: usize,
    pub(crate) customer: i64,
    pub(crate) ts: i64,
    pub(crate) bits: u64,
}

/// Rows fetched before any is visited. Where few rows have a bit, each is on a line of memory of its own, and fetching many
/// at once waits for them together instead of one after the other (a sixth of the time of a funnel).
const AHEAD: usize = 2 * BLOCK;

/// Calls `visit` with every row that has a bit, in order. The columns have one length.
#[inline]
pub(crate) fn for_each_met<M: Bits, E>(
    rows: Rows<'_>,
    bits: &[M],
    mut visit: impl FnMut(&Met) -> Result<(), E>,
) -> Result<(), E> {
    let mut ahead = [Met::default(); AHEAD];
    let mut fetched = 0;
    for (n, block) in bits.chunks(BLOCK).enumerate() {
        let mut set = rows_set(block);
        while set != 0 {
            let i = set.trailing_zeros() as usize;
            set &= set - 1;
            let row = n * BLOCK + i;
            ahead[fetched] = Met { row, customer: rows.customer[row], ts: rows.ts[row], bits: block[i].into() };
            fetched += 1;
        }
        if fetched > AHEAD - BLOCK {
            ahead[..fetched].iter().try_for_each(&mut visit)?;
            fetched = 0;
        }
    }
    ahead[..fetched].iter().try_for_each(&mut visit)
}

/// Which rows of a block have a bit. In groups of eight, so that the compiler compares many at a time.
#[inline]
fn rows_set<M: Bits>(block: &[M]) -> u64 {
    let (groups, rest) = block.as_chunks::<8>();
    let mut set = 0;
    for (n, group) in groups.iter().enumerate() {
        let any = group.iter().fold(M::default(), |any, b| any | *b);
        if any != M::default() {
            set |= lanes(group) << (n * 8);
        }
    }
    set | lanes(rest) << (groups.len() * 8 % BLOCK)
}

#[inline]
fn lanes<M: Bits>(group: &[M]) -> u64 {
    group.iter().enumerate().fold(0, |set, (i, b)| set | u64::from(*b != M::default()) << i)
}

/// Rows that are looked through together for those that something starts with: their customers and times stay in the nearest cache.
pub(crate) const LOOKED_THROUGH: usize = 1024;

/// Calls `visit` with the numbers of marked rows (below `rows`), ascending, as many at a time as were looked through together.
/// `mark` says of a range of rows which are, 1 or 0 each: all of a block are asked first, without a branch and many at a time, for where
/// something starts is what a processor guesses worst.
#[inline]
pub(crate) fn for_each_block_marked<E>(
    rows: usize,
    mut mark: impl FnMut(Range<usize>, &mut [u8]),
    mut visit: impl FnMut(&[u32]) -> Result<(), E>,
) -> Result<(), E> {
    let (mut marks, mut found) = ([0; LOOKED_THROUGH], [0; LOOKED_THROUGH]);
    let mut start = 0;
    while start < rows {
        let end = rows.min(start + LOOKED_THROUGH);
        let marks = &mut marks[..end - start];
        mark(start..end, marks);
        let many = collect_marked(start as u32, marks, &mut found);
        visit(&found[..many])?;
        start = end;
    }
    Ok(())
}

/// The numbers of marked rows, the first of all being `start`; how many there are.
fn collect_marked(start: u32, marks: &[u8], found: &mut [u32; LOOKED_THROUGH]) -> usize {
    let (mut first, mut place) = (start, 0);
    for block in marks.chunks(BLOCK) {
        let (groups, rest) = block.as_chunks::<8>();
        // The bytes' lowest bits move into the highest byte of the product.
        let bits = |group: &[u8; 8]| u64::from_le_bytes(*group).wrapping_mul(0x0102_0408_1020_4080) >> 56;
        let mut set = groups.iter().enumerate().fold(0, |set, (n, group)| set | bits(group) << (8 * n));
        set |= lanes(rest) << (8 * groups.len() % BLOCK);
        while set != 0 {
            // There are no more than rows that were looked through.
            found[place % LOOKED_THROUGH] = first + set.trailing_zeros();
            place += 1;
            set &= set - 1;
        }
        first += block.len() as u32;
    }
    place
}

/// Where a stream of rows stands: the customer at hand, and whether the order holds.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Cursor {
    customer: Option<u32>,
    ts: i64,
}

/// What a row is to the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    Same,
    /// The first row of a customer.
    New(u32),
}

impl Cursor {
    /// The customer whose rows are under way.
    pub(crate) fn customer(&self) -> Option<u32> {
        self.customer
    }

    /// Forgets the customer under way, not the order: the next row must still be of a later one.
    #[inline]
    pub(crate) fn advance(&mut self, row: usize, customer: i64, ts: i64) -> Result<Step, JourneyError> {
        match self.customer {
            Some(now) if i64::from(now) == customer => {
                if ts < self.ts {
                    return Err(JourneyError::NotSorted { row });
                }
                self.ts = ts;
                Ok(Step::Same)
            }
            before => self.start(before, row, customer, ts),
        }
    }

    #[cold]
    fn out_of_range(customer: i64) -> JourneyError {
        JourneyError::CustomerOutOfRange { customer }
    }

    #[inline]
    fn start(&mut self, before: Option<u32>, row: usize, customer: i64, ts: i64) -> Result<Step, JourneyError> {
        let new = u32::try_from(customer).map_err(|_| Self::out_of_range(customer))?;
        if before.is_some_and(|before| before > new) {
            return Err(JourneyError::NotSorted { row });
        }
        (self.customer, self.ts) = (Some(new), ts);
        Ok(Step::New(new))
    }
}
