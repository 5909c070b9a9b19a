//! BERT with mean pooling (Devlin et al. 2019; Reimers & Gurevych 2019): all-MiniLM-L6-v2 and others of its shape.

mod attention;
mod tokens;

use std::path::Path;

use serde::Deserialize;

use crate::{
    error::Result,
    files::{File, Tensors},
    matrix::{Linear, add, normalise},
};
use tokens::Pieces;

/// Pieces of a text that are read, when the folder does not say.
const TOKENS_MAX: usize = 256;
/// Layers, and numbers of a piece, at most.
const LAYERS_MAX: usize = 48;
const WIDTH_MAX: usize = 4_096;

/// `config.json`, as far as it matters here.
#[derive(Deserialize)]
struct Shape {
    hidden_size: usize,
    intermediate_size: usize,
    num_attention_heads: usize,
    num_hidden_layers: usize,
    max_position_embeddings: usize,
    layer_norm_eps: f32,
    hidden_act: String,
    vocab_size: usize,
}

/// `sentence_bert_config.json`.
#[derive(Deserialize)]
struct Sentence {
    max_seq_length: usize,
}

/// Gain and shift.
struct Norm {
    gain: Vec<f32>,
    shift: Vec<f32>,
}

/// One layer: attention, then a network of one hidden layer, each added to what came in.
struct Layer {
    projections: Linear,
    attended: Linear,
    attended_norm: Norm,
    widened: Linear,
    narrowed: Linear,
    norm: Norm,
}

/// The model.
pub(crate) struct Bert {
    pieces: Pieces,
    shape: Shape,
    tokens_max: usize,
    words: Vec<f32>,
    positions: Vec<f32>,
    norm: Norm,
    layers: Vec<Layer>,
}

impl Bert {
    /// From `config.json`, `vocab.txt`, `model.safetensors` and, when it is there, `sentence_bert_config.json`.
    pub(crate) fn open(folder: &Path) -> Result<Self> {
        let shape = shape(&File::read(folder.join("config.json"))?)?;
        let vocabulary = File::read(folder.join("vocab.txt"))?;
        let pieces = Pieces::of(&vocabulary)?;
        if pieces.len() != shape.vocab_size {
            let why = format!("it has {} pieces, and `config.json` says {}", pieces.len(), shape.vocab_size);
            return Err(vocabulary.damaged(why));
        }
        let tokens_max = tokens_max(folder)?.clamp(2, shape.max_position_embeddings);
        let weights = Weights { tensors: Tensors::read(folder.join("model.safetensors"))? };
        let (width, rows) = (shape.hidden_size, shape.max_position_embeddings);
        let words = weights.floats("embeddings.word_embeddings.weight", &[shape.vocab_size, width])?;
        let mut positions = weights.floats("embeddings.position_embeddings.weight", &[rows, width])?;
        let types = weights.floats("embeddings.token_type_embeddings.weight", &[2, width])?;
        // There is one sentence: its type's vector is the same at every place.
        positions.chunks_exact_mut(width).for_each(|row| add(row, &types[..width]));
        let norm = weights.norm("embeddings.LayerNorm", width)?;
        let layers = (0..shape.num_hidden_layers).map(|layer| weights.layer(layer, &shape)).collect::<Result<_>>()?;
        Ok(Self { pieces, shape, tokens_max, words, positions, norm, layers })
    }

    pub(crate) fn dimensions(&self) -> usize {
        self.shape.hidden_size
    }

    pub(crate) fn ids(&self, text: &str) -> Vec<u32> {
        self.pieces.ids(text, self.tokens_max)
    }

    /// The mean of a sentence's pieces after the last layer, for each sentence. Their rows stand one after the other; only attention knows
    /// where one ends.
    pub(crate) fn means(&self, sentences: &[Vec<u32>]) -> Vec<f32> {
        let width = self.dimensions();
        let mut x = self.embedded(sentences);
        for layer in &self.layers {
            self.through(layer, sentences, &mut x);
        }
        let mut means = vec![0.0; sentences.len() * width];
        let mut rows = x.chunks_exact(width);
        for (mean, ids) in means.chunks_exact_mut(width).zip(sentences) {
            rows.by_ref().take(ids.len()).for_each(|row| add(mean, row));
            mean.iter_mut().for_each(|value| *value /= ids.len() as f32);
        }
        means
    }

    fn embedded(&self, sentences: &[Vec<u32>]) -> Vec<f32> {
        let width = self.dimensions();
        let mut x = Vec::new();
        for ids in sentences {
            for (&id, position) in ids.iter().zip(self.positions.chunks_exact(width)) {
                let word = self.words.chunks_exact(width).nth(id as usize).unwrap_or_default();
                x.extend(word.iter().zip(position).map(|(word, position)| word + position));
            }
        }
        normalise(&mut x, &self.norm.gain, &self.norm.shift, self.shape.layer_norm_eps);
        x
    }

    fn through(&self, layer: &Layer, sentences: &[Vec<u32>], x: &mut [f32]) {
        let (width, epsilon) = (self.dimensions(), self.shape.layer_norm_eps);
        let projected = layer.projections.apply(x);
        let mut attended = vec![0.0; x.len()];
        let (mut from, mut to) = (&projected[..], &mut attended[..]);
        for ids in sentences {
            let (sentence, rest) = from.split_at(ids.len() * 3 * width);
            let (out, others) = to.split_at_mut(ids.len() * width);
            attention::attend(sentence, self.shape.num_attention_heads, width, out);
            (from, to) = (rest, others);
        }
        add(x, &layer.attended.apply(&attended));
        normalise(x, &layer.attended_norm.gain, &layer.attended_norm.shift, epsilon);
        let mut wide = layer.widened.apply(x);
        wide.iter_mut().for_each(|value| *value = gelu(*value));
        add(x, &layer.narrowed.apply(&wide));
        normalise(x, &layer.norm.gain, &layer.norm.shift, epsilon);
    }
}

fn shape(config: &File) -> Result<Shape> {
    let shape: Shape = serde_json::from_slice(&config.bytes).map_err(|e| config.damaged(e.to_string()))?;
    let sizes = [shape.hidden_size, shape.intermediate_size, shape.num_attention_heads, shape.max_position_embeddings];
    if sizes.iter().any(|&size| size == 0 || size > 4 * WIDTH_MAX)
        || shape.hidden_size > WIDTH_MAX
        || shape.num_hidden_layers > LAYERS_MAX
        || !shape.hidden_size.is_multiple_of(shape.num_attention_heads)
    {
        return Err(config.damaged("its sizes are out of bounds"));
    }
    match shape.hidden_act.as_str() {
        "gelu" => Ok(shape),
        other => Err(config.damaged(format!("its activation is `{other}`; only `gelu` is known"))),
    }
}

fn tokens_max(folder: &Path) -> Result<usize> {
    let path = folder.join("sentence_bert_config.json");
    if !path.exists() {
        return Ok(TOKENS_MAX);
    }
    let file = File::read(path)?;
    let sentence: Sentence = serde_json::from_slice(&file.bytes).map_err(|e| file.damaged(e.to_string()))?;
    Ok(sentence.max_seq_length)
}

/// x Φ(x) (Hendrycks & Gimpel 2016), the error function after Abramowitz & Stegun 1964, 7.1.26 (within 1.5 · 10⁻⁷).
fn gelu(x: f32) -> f32 {
    let z = x.abs() * std::f32::consts::FRAC_1_SQRT_2;
    let t = 1.0 / (1.0 + 0.327_591_1 * z);
    let terms = [1.061_405_4, -1.453_152, 1.421_413_7, -0.284_496_72, 0.254_829_6];
    let polynomial = terms.iter().fold(0.0, |sum, term| sum * t + term) * t;
    let beyond = 0.5 * polynomial * (-z * z).exp();
    x * if x < 0.0 { beyond } else { 1.0 - beyond }
}

/// Arrays by their names in PyTorch.
struct Weights {
    tensors: Tensors,
}

impl Weights {
    fn floats(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>> {
        self.tensors.floats(name, shape)
    }

    fn norm(&self, name: &str, width: usize) -> Result<Norm> {
        let gain = self.floats(&format!("{name}.weight"), &[width])?;
        Ok(Norm { gain, shift: self.floats(&format!("{name}.bias"), &[width])? })
    }

    fn pair(&self, name: &str, outputs: usize, inputs: usize) -> Result<(Vec<f32>, Vec<f32>)> {
        let weights = self.floats(&format!("{name}.weight"), &[outputs, inputs])?;
        Ok((weights, self.floats(&format!("{name}.bias"), &[outputs])?))
    }

    fn linear(&self, name: &str, outputs: usize, inputs: usize) -> Result<Linear> {
        let (weights, bias) = self.pair(name, outputs, inputs)?;
        Ok(Linear::of_outputs(inputs, &[(&weights, &bias)]))
    }

    fn layer(&self, number: usize, shape: &Shape) -> Result<Layer> {
        let (width, wide) = (shape.hidden_size, shape.intermediate_size);
        let of = |part: &str| format!("encoder.layer.{number}.{part}");
        let projection = |kind: &str| self.pair(&of(&format!("attention.self.{kind}")), width, width);
        let [query, key, value] = [projection("query")?, projection("key")?, projection("value")?];
        let parts = [&query, &key, &value].map(|(weights, bias)| (&weights[..], &bias[..]));
        Ok(Layer {
            projections: Linear::of_outputs(width, &parts),
            attended: self.linear(&of("attention.output.dense"), width, width)?,
            attended_norm: self.norm(&of("attention.output.LayerNorm"), width)?,
            widened: self.linear(&of("intermediate.dense"), wide, width)?,
            narrowed: self.linear(&of("output.dense"), width, wide)?,
            norm: self.norm(&of("output.LayerNorm"), width)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gelu_is_as_tables_say() {
        for (x, expected) in [(0.0, 0.0), (1.0, 0.841_344_7), (-1.0, -0.158_655_26), (3.0, 2.995_950_2), (-6.0, 0.0)] {
            assert!((gelu(x) - expected).abs() < 1e-6, "{x}: {}", gelu(x));
        }
    }
}
