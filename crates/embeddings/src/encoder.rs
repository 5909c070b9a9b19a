//! Texts in, vectors out.

use std::path::Path;

use rayon::prelude::*;

use crate::{
    bert::Bert,
    error::{EmbeddingError, Result},
    matrix::unit,
    universal::Universal,
    vectors::Vectors,
};

/// Pieces of texts that go through a model together, unless one text has more: weights are read once for all of them, and numbers in
/// between stay in a core's cache.
const BATCH_TOKENS: usize = 256;
/// Texts that are cut into pieces before any goes through the model.
const CHUNK_TEXTS: usize = 4_096;

enum Model {
    Bert(Box<Bert>),
    Universal(Box<Universal>),
}

/// A model of sentences.
pub struct Encoder {
    model: Model,
}

impl Encoder {
    /// Reads the model in a folder: BERT where there is `model.safetensors`, the Universal Sentence Encoder where there is `sp.model`.
    ///
    /// # Errors
    /// When there is neither, or a file is missing, cut or not what it should be.
    pub fn open(folder: impl AsRef<Path>) -> Result<Self> {
        let folder = folder.as_ref();
        let model = if folder.join("model.safetensors").exists() {
            Model::Bert(Box::new(Bert::open(folder)?))
        } else if folder.join("sp.model").exists() {
            Model::Universal(Box::new(Universal::open(folder)?))
        } else {
            return Err(EmbeddingError::Unknown { folder: folder.to_owned() });
        };
        Ok(Self { model })
    }

    /// How many numbers a vector has.
    #[must_use]
    pub fn dimensions(&self) -> usize {
        match &self.model {
            Model::Bert(model) => model.dimensions(),
            Model::Universal(model) => model.dimensions(),
        }
    }

    /// One vector of length 1 a text, on every thread of the pool. A text's vector does not depend on the texts beside it.
    #[must_use]
    pub fn encode<S: AsRef<str> + Sync>(&self, texts: &[S]) -> Vectors {
        let mut values = Vec::with_capacity(texts.len() * self.dimensions());
        for texts in texts.chunks(CHUNK_TEXTS) {
            let sentences: Vec<Vec<u32>> = texts.par_iter().map(|text| self.tokens(text.as_ref())).collect();
            let rows: Vec<Vec<f32>> = batches(&sentences).into_par_iter().map(|batch| self.rows(batch)).collect();
            rows.iter().for_each(|rows| values.extend_from_slice(rows));
        }
        values.par_chunks_exact_mut(self.dimensions()).for_each(unit);
        Vectors::of(self.dimensions(), values)
    }

    /// The numbers of a text's pieces in the model's vocabulary, as far as they are read.
    #[must_use]
    pub fn tokens(&self, text: &str) -> Vec<u32> {
        match &self.model {
            Model::Bert(model) => model.ids(text),
            Model::Universal(model) => model.ids(text),
        }
    }

    fn rows(&self, sentences: &[Vec<u32>]) -> Vec<f32> {
        match &self.model {
            Model::Bert(model) => model.means(sentences),
            Model::Universal(model) => model.rows(sentences),
        }
    }
}

/// Runs of sentences of so many pieces together.
fn batches(sentences: &[Vec<u32>]) -> Vec<&[Vec<u32>]> {
    let mut batches = Vec::new();
    let (mut first, mut tokens) = (0, 0);
    for (at, ids) in sentences.iter().enumerate() {
        if at > first && tokens + ids.len() > BATCH_TOKENS {
            batches.push(&sentences[first..at]);
            (first, tokens) = (at, 0);
        }
        tokens += ids.len();
    }
    batches.push(&sentences[first..]);
    batches
}
