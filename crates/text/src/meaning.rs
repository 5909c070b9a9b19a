//! What texts mean as numbers, made elsewhere: by an encoder of sentences. Classifiers put them behind the columns of words; topics are
//! groups of them.

use crate::{
    error::{Result, TextError, one_each, setting},
    rows::Rows,
};

/// Numbers of a meaning at most.
const DIMENSIONS_MAX: usize = 8_192;

/// One vector a text, one after the other.
#[derive(Debug, Clone, Copy)]
pub struct Meanings<'m> {
    values: &'m [f32],
    dimensions: usize,
}

impl<'m> Meanings<'m> {
    /// So many numbers a text.
    ///
    /// # Errors
    /// When the numbers are not whole vectors, or a vector is longer than 8,192 numbers.
    pub fn new(values: &'m [f32], dimensions: usize) -> Result<Self> {
        if dimensions > DIMENSIONS_MAX {
            let what = "numbers of a meaning";
            return Err(TextError::TooMuch { what, found: dimensions, allowed: DIMENSIONS_MAX });
        }
        match values.len().checked_rem(dimensions) {
            Some(0) => Ok(Self { values, dimensions }),
            None if values.is_empty() => Ok(Self { values, dimensions }),
            _ => Err(setting("the length of all meanings", values.len(), "it is a multiple of the numbers of one")),
        }
    }

    /// No meanings.
    #[must_use]
    pub fn none() -> Self {
        Self { values: &[], dimensions: 0 }
    }

    /// How many numbers one has.
    #[must_use]
    pub fn dimensions(&self) -> usize {
        self.dimensions
    }

    /// Each brought to a length; one of zeros stays.
    pub(crate) fn scaled(&self, texts: usize, length: f32) -> Result<Vec<f32>> {
        if self.dimensions == 0 {
            return Ok(Vec::new());
        }
        one_each("meanings", self.values.len() / self.dimensions, texts)?;
        if self.values.iter().any(|value| !value.is_finite()) {
            return Err(setting("a number of a meaning", "not finite", "hand in what the encoder said"));
        }
        let mut values = self.values.to_vec();
        for row in values.chunks_exact_mut(self.dimensions) {
            let factor = length / row.iter().map(|value| value * value).sum::<f32>().sqrt().max(f32::MIN_POSITIVE);
            row.iter_mut().for_each(|value| *value *= factor);
        }
        Ok(values)
    }

    /// As rows of which every column is kept; none without meanings.
    pub(crate) fn rows(&self, texts: usize) -> Result<Option<Rows>> {
        let values = self.scaled(texts, 1.0)?;
        let mut rows = Rows::new(self.dimensions);
        for row in values.chunks_exact(self.dimensions.max(1)) {
            rows.push(&(0..).zip(row.iter().copied()).collect::<Vec<(u32, f32)>>());
        }
        Ok((self.dimensions > 0).then_some(rows))
    }
}
