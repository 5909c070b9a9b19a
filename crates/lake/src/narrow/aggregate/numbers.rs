//! The numbers of a column, by row.

use arrow::array::{Array as _, Int64Array};

use super::super::segment::Measure;

/// A column of numbers that is asked for rows here and there.
pub(super) struct Numbers {
    /// Those of the rows that have one, in order.
    values: Vec<i64>,
    /// Which rows have one; all do without.
    with: Option<Marked>,
}

/// A set of rows: a bit each, and how many come before each word.
struct Marked {
    rows: Vec<u32>,
    bits: Vec<u64>,
    before: Vec<u32>,
}

impl Marked {
    fn new(rows: Vec<u32>, segment_rows: usize) -> Self {
        let mut bits = vec![0u64; segment_rows / 64 + 1];
        for row in &rows {
            if let Some(word) = bits.get_mut((row >> 6) as usize) {
                *word |= 1 << (row & 63);
            }
        }
        let mut many = 0;
        let before = |word: &u64| {
            let before = many;
            many += word.count_ones();
            before
        };
        let before = bits.iter().map(before).collect();
        Self { rows, bits, before }
    }

    /// How many of its rows come before one of them; `None` for any other.
    #[inline]
    fn place(&self, row: u32) -> Option<usize> {
        let at = (row >> 6) as usize;
        let (word, bit) = (*self.bits.get(at)?, 1 << (row & 63));
        (word & bit != 0)
            .then(|| (self.before.get(at).copied().unwrap_or_default() + (word & (bit - 1)).count_ones()) as usize)
    }
}

impl Numbers {
    pub(super) fn new(measure: Measure, segment_rows: usize) -> Self {
        Self { values: measure.values, with: measure.rows.map(|rows| Marked::new(rows, segment_rows)) }
    }

    /// Those of a column at hand.
    pub(super) fn of(column: &Int64Array) -> Self {
        let values = column.iter().flatten().collect();
        let with = (0u32..).zip(column.iter()).filter_map(|(row, value)| value.map(|_| row));
        Self::new(Measure { rows: (column.null_count() > 0).then(|| with.collect()), values }, column.len())
    }

    /// The number of a row; `None` when it has none.
    #[inline]
    pub(super) fn of_row(&self, row: u32) -> Option<i64> {
        let place = match &self.with {
            Some(marked) => marked.place(row)?,
            None => row as usize,
        };
        self.values.get(place).copied()
    }

    /// Those of the rows before `end`, from the place `from` among all numbers on.
    pub(super) fn until(&self, from: usize, end: u32) -> &[i64] {
        let until = match &self.with {
            Some(marked) => {
                let rows = marked.rows.get(from..).unwrap_or_default();
                from + rows.iter().take_while(|row| **row < end).count()
            }
            None => end as usize,
        };
        self.values.get(from..until).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_row_has_its_own_number_or_none() {
        let rows = vec![0, 3, 63, 64, 130];
        let some = Numbers::new(Measure { rows: Some(rows.clone()), values: vec![10, 13, 73, 74, 140] }, 131);
        for row in 0..140 {
            assert_eq!(some.of_row(row), rows.contains(&row).then(|| i64::from(row) + 10));
        }
        assert_eq!(some.until(1, 64), [13, 73]);
        let all = Numbers::new(Measure { rows: None, values: vec![5, 6, 7] }, 3);
        assert_eq!((all.of_row(2), all.of_row(3), all.until(1, 3)), (Some(7), None, &[6, 7][..]));
    }
}
