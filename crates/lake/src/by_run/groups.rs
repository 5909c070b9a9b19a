//! Rows cut into runs of one key.

use arrow::{
    array::{Array, ArrayRef, AsArray, BooleanBufferBuilder, Int64Array},
    buffer::{BooleanBuffer, NullBuffer},
    datatypes::Int64Type,
};
use datafusion::common::{Result, internal_err};

/// The groups that are not told yet, of which the last may go on.
#[derive(Default)]
pub(super) struct Keys {
    keys: Vec<i64>,
    known: Vec<bool>,
}

/// Rows of consecutive groups: those of the group `first + i` are `ends[i]..ends[i + 1]`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Groups<'a> {
    pub(super) first: usize,
    pub(super) ends: &'a [usize],
    /// How many groups there are so far, these included.
    pub(super) count: usize,
}

impl<'a> Groups<'a> {
    /// Each group that has rows here, with where they are.
    pub(super) fn rows(self) -> impl Iterator<Item = (usize, std::ops::Range<usize>)> + 'a {
        let ranges = self.ends.windows(2).enumerate();
        ranges.filter(|(_, ends)| ends[0] < ends[1]).map(move |(at, ends)| (self.first + at, ends[0]..ends[1]))
    }
}

impl Keys {
    pub(super) fn count(&self) -> usize {
        self.keys.len()
    }

    /// Takes in the keys of the next rows, and says which group the first is of and where runs end.
    pub(super) fn push(&mut self, keys: &ArrayRef) -> Result<(usize, Vec<usize>)> {
        let Some(keys) = keys.as_primitive_opt::<Int64Type>() else { return internal_err!("keys are whole numbers") };
        let (values, nulls) = (keys.values(), keys.nulls());
        let known = |row: usize| nulls.is_none_or(|n| n.is_valid(row));
        let Some(&key) = values.first() else { return Ok((self.count(), vec![0])) };
        let goes_on = match (self.keys.last(), self.known.last()) {
            (Some(last), Some(true)) => known(0) && *last == key,
            (Some(_), Some(false)) => !known(0),
            _ => false,
        };
        if !goes_on {
            self.begin(key, known(0));
        }
        let first = self.count() - 1;
        let mut ends = vec![0];
        for row in 1..values.len() {
            let same = match nulls {
                None => values[row] == values[row - 1],
                Some(_) => known(row) == known(row - 1) && (!known(row) || values[row] == values[row - 1]),
            };
            if !same {
                ends.push(row);
                self.begin(values[row], known(row));
            }
        }
        ends.push(values.len());
        Ok((first, ends))
    }

    fn begin(&mut self, key: i64, known: bool) {
        self.keys.push(key);
        self.known.push(known);
    }

    /// The first keys, which are told.
    pub(super) fn take(&mut self, count: usize) -> Int64Array {
        let keys: Vec<i64> = self.keys.drain(..count).collect();
        let known: Vec<bool> = self.known.drain(..count).collect();
        Int64Array::new(keys.into(), Some(NullBuffer::from(known)).filter(|n| n.null_count() > 0))
    }
}

/// Where runs end among the rows that are kept.
pub(super) fn kept(ends: &[usize], keep: &BooleanBuffer) -> Vec<usize> {
    let words: Vec<u64> = keep.bit_chunks().iter_padded().collect();
    let mut before = Vec::with_capacity(words.len());
    let mut sum = 0;
    for word in &words {
        before.push(sum);
        sum += word.count_ones() as usize;
    }
    let rank = |row: &usize| {
        let (word, bit) = (row / 64, row % 64);
        let below = (1u64 << bit) - 1;
        words.get(word).map_or(sum, |bits| before[word] + (bits & below).count_ones() as usize)
    };
    ends.iter().map(rank).collect()
}

/// Which rows meet a condition, from its answers: neither true nor false is not true.
pub(super) fn met(answers: &ArrayRef) -> Result<BooleanBuffer> {
    let Some(answers) = answers.as_boolean_opt() else { return internal_err!("a condition is true or false") };
    Ok(match answers.nulls() {
        Some(nulls) => answers.values() & nulls.inner(),
        None => answers.values().clone(),
    })
}

/// The first flags, the others moving up.
pub(super) fn take_flags(flags: &mut Vec<bool>, count: usize) -> Option<NullBuffer> {
    let mut bits = BooleanBufferBuilder::new(count);
    flags.drain(..count).for_each(|flag| bits.append(flag));
    Some(NullBuffer::new(bits.finish())).filter(|nulls| nulls.null_count() > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_end_where_they_do_among_the_rows_that_are_kept() {
        for rows in [1, 63, 64, 65, 200] {
            let keep = BooleanBuffer::collect_bool(rows, |row| row % 3 == 0);
            let ends: Vec<usize> = (0..=rows).collect();
            let expected: Vec<usize> = ends.iter().map(|end| end.div_ceil(3)).collect();
            assert_eq!(kept(&ends, &keep), expected);
            let sliced = BooleanBuffer::collect_bool(rows + 5, |row| row >= 5 && (row - 5) % 3 == 0).slice(5, rows);
            assert_eq!(kept(&ends, &sliced), expected);
        }
    }
}
