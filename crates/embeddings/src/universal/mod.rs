//! Google's multilingual Universal Sentence Encoder v3 (Yang et al. 2020): pieces' vectors and three networks over neighbouring pieces, added
//! up, then a small network with shortcuts.
//!
//! The vectors of pieces are kept in eight bits: piece n is row n / c of chunk n % c, and each of the c chunks has its scale and its lowest
//! value.

mod protobuf;
mod spelling;
mod tokens;

use std::path::Path;

use crate::{
    error::Result,
    files::{Array, File},
    matrix::{Linear, add, normalise, rectify},
};
use tokens::Pieces;

/// Pieces of a text that are read.
const TOKENS_MAX: usize = 1_024;
/// Chunks of pieces' vectors at most.
const CHUNKS_MAX: usize = 256;
/// How many pieces each network looks at, and how many of them stand before its own.
const WINDOWS: [(usize, usize); 3] = [(2, 0), (3, 1), (5, 2)];

/// Vectors of pieces in eight bits.
struct Table {
    chunks: Vec<Vec<u8>>,
    scales: Vec<f32>,
    lowest: Vec<f32>,
    width: usize,
}

/// A network over neighbouring pieces: two layers with shortcuts.
struct Branch {
    pieces: usize,
    before: usize,
    width: usize,
    layers: [Linear; 2],
}

/// What goes into the branches: one narrowed row a branch, all brought to one scale together.
struct Narrowed {
    each: Vec<Linear>,
    gain: Vec<f32>,
    shift: Vec<f32>,
}

/// The model.
pub(crate) struct Universal {
    pieces: Pieces,
    table: Table,
    narrowed: Narrowed,
    branches: Vec<Branch>,
    gain: Vec<f32>,
    shift: Vec<f32>,
    projected: Linear,
    head: Head,
    epsilon: f32,
}

/// The network at the end: two layers with a shortcut each.
struct Head {
    first: [Linear; 2],
    first_shortcut: Linear,
    second: [Linear; 2],
    second_shortcut: Linear,
}

impl Universal {
    /// From `sp.model` and one `.npy` file an array.
    pub(crate) fn open(folder: &Path) -> Result<Self> {
        let model = File::read(folder.join("sp.model"))?;
        let pieces = Pieces::of(&model)?;
        let table = Table::open(folder)?;
        let known = table.chunks.iter().map(|chunk| chunk.len() / table.width.max(1)).sum::<usize>();
        if pieces.len() > known {
            return Err(model.damaged(format!("it has {} pieces, and there are vectors for {known}", pieces.len())));
        }
        let epsilon = Array::read(folder, "eps")?;
        let epsilon = epsilon.bytes("<f8", 8)?.first_chunk().map_or(1e-12, |bytes| f64::from_le_bytes(*bytes)) as f32;
        let narrowed = Narrowed::open(folder, table.width)?;
        let widths = narrowed.each.iter().map(Linear::outputs);
        let branches: Vec<Branch> = WINDOWS
            .iter()
            .zip(widths)
            .map(|(&window, width)| Branch::open(folder, window, width))
            .collect::<Result<_>>()?;
        let features = table.width + narrowed.gain.len();
        let gain = row(folder, "ln_g", features)?;
        let shift = row(folder, "ln_b", features)?;
        let projected = linear(folder, "cnn_W", features, Some("cnn_b"))?;
        let head = Head::open(folder, projected.outputs())?;
        Ok(Self { pieces, table, narrowed, branches, gain, shift, projected, head, epsilon })
    }

    pub(crate) fn dimensions(&self) -> usize {
        self.head.second_shortcut.outputs()
    }

    pub(crate) fn ids(&self, text: &str) -> Vec<u32> {
        self.pieces.ids(text, TOKENS_MAX)
    }

    /// A row for each sentence, not yet of length 1. Rows of pieces stand one after the other; windows end where a sentence does.
    pub(crate) fn rows(&self, sentences: &[Vec<u32>]) -> Vec<f32> {
        let embedded = self.table.rows(sentences);
        let narrowed = self.narrowed.rows(&embedded, self.epsilon);
        let branches = self.branches.iter().zip(narrowed);
        let branches = branches.map(|(branch, x)| (branch.rows(x, sentences), branch.width));
        let parts: Vec<(Vec<f32>, usize)> = std::iter::once((embedded, self.table.width)).chain(branches).collect();
        let mut features = side_by_side(&parts);
        normalise(&mut features, &self.gain, &self.shift, self.epsilon);
        // Summed first: the projection of a sum is the sum of projections, the bias counting once a piece.
        let width = self.gain.len();
        let mut sums = vec![0.0; sentences.len() * width];
        let mut rows = features.chunks_exact(width);
        for (sum, ids) in sums.chunks_exact_mut(width).zip(sentences) {
            rows.by_ref().take(ids.len()).for_each(|row| add(sum, row));
            sum.iter_mut().for_each(|value| *value /= ids.len() as f32);
        }
        let mut projected = self.projected.apply(&sums);
        for (row, ids) in projected.chunks_exact_mut(self.projected.outputs()).zip(sentences) {
            row.iter_mut().for_each(|value| *value *= (ids.len() as f32).sqrt());
        }
        self.head.apply(&projected)
    }
}

impl Table {
    fn open(folder: &Path) -> Result<Self> {
        let scale = Array::read(folder, "scale")?;
        let count = match scale.shape[..] {
            [count] if (1..=CHUNKS_MAX).contains(&count) => count,
            _ => return Err(scale.misshapen("one number a chunk of vectors")),
        };
        let mut width = 0;
        let mut chunks = Vec::new();
        for chunk in 1..=count {
            let array = Array::read(folder, &format!("q{chunk}"))?;
            match array.shape[..] {
                [_, wide] if wide > 0 && (chunk == 1 || wide == width) => width = wide,
                _ => return Err(array.misshapen("vectors as wide as those of other chunks")),
            }
            chunks.push(array.bytes("|u1", 1)?.to_vec());
        }
        Ok(Self { chunks, scales: scale.floats()?, lowest: row(folder, "lo", count)?, width })
    }

    fn rows(&self, sentences: &[Vec<u32>]) -> Vec<f32> {
        let mut rows = Vec::new();
        for &id in sentences.iter().flatten() {
            let (chunk, at) = (id as usize % self.chunks.len(), id as usize / self.chunks.len());
            let (scale, lowest) = (self.scales[chunk], self.lowest[chunk]);
            let steps = self.chunks[chunk].get(at * self.width..(at + 1) * self.width);
            match steps {
                Some(steps) => rows.extend(steps.iter().map(|&step| f32::from(step) * scale + lowest)),
                None => rows.resize(rows.len() + self.width, lowest),
            }
        }
        rows
    }
}

impl Narrowed {
    fn open(folder: &Path, inputs: usize) -> Result<Self> {
        let mut narrowed = Self { each: Vec::new(), gain: Vec::new(), shift: Vec::new() };
        for (pieces, _) in WINDOWS {
            let branch = linear(folder, &format!("proj{pieces}"), inputs, Some(&format!("proj_b{pieces}")))?;
            narrowed.gain.extend(row(folder, &format!("ln_g{pieces}"), branch.outputs())?);
            narrowed.shift.extend(row(folder, &format!("ln_b{pieces}"), branch.outputs())?);
            narrowed.each.push(branch);
        }
        Ok(narrowed)
    }

    fn rows(&self, embedded: &[f32], epsilon: f32) -> Vec<Vec<f32>> {
        let parts: Vec<(Vec<f32>, usize)> =
            self.each.iter().map(|branch| (branch.apply(embedded), branch.outputs())).collect();
        let mut together = side_by_side(&parts);
        normalise(&mut together, &self.gain, &self.shift, epsilon);
        let mut first = 0;
        let mut apart = |width: usize| {
            let from = first;
            first += width;
            together.chunks_exact(self.gain.len()).flat_map(|row| &row[from..from + width]).copied().collect()
        };
        parts.iter().map(|part| apart(part.1)).collect()
    }
}

impl Branch {
    fn open(folder: &Path, (pieces, before): (usize, usize), width: usize) -> Result<Self> {
        let layer = |at: usize| {
            let part = |kind: &str| format!("{kind}{at}_{pieces}");
            let layer = linear(folder, &part("w"), pieces * width, Some(&part("b")))?;
            if layer.outputs() == width {
                return Ok(layer);
            }
            Err(Array::read(folder, &part("w"))?.misshapen(&format!("{} × {width}", pieces * width)))
        };
        Ok(Self { pieces, before, width, layers: [layer(1)?, layer(2)?] })
    }

    fn rows(&self, mut x: Vec<f32>, sentences: &[Vec<u32>]) -> Vec<f32> {
        for layer in &self.layers {
            let mut added = layer.apply(&self.windows(&x, sentences));
            rectify(&mut added);
            add(&mut x, &added);
        }
        x
    }

    /// For each piece, its row between those of its neighbours; beyond the ends of a sentence there are zeros.
    fn windows(&self, x: &[f32], sentences: &[Vec<u32>]) -> Vec<f32> {
        let width = self.width;
        let mut windows = vec![0.0; x.len() * self.pieces];
        let mut first = 0;
        for ids in sentences {
            let end = first + ids.len();
            for at in first..end {
                let window = &mut windows[at * self.pieces * width..][..self.pieces * width];
                for (slot, out) in window.chunks_exact_mut(width).enumerate() {
                    match (at + slot).checked_sub(self.before) {
                        Some(other) if (first..end).contains(&other) => {
                            out.copy_from_slice(&x[other * width..][..width]);
                        }
                        _ => {}
                    }
                }
            }
            first = end;
        }
        windows
    }
}

/// Rows of several widths as one row each.
fn side_by_side(parts: &[(Vec<f32>, usize)]) -> Vec<f32> {
    let rows = parts.first().map_or(0, |(values, width)| values.len() / width);
    let mut together = Vec::with_capacity(parts.iter().map(|part| part.0.len()).sum());
    for at in 0..rows {
        parts.iter().for_each(|(values, width)| together.extend_from_slice(&values[at * width..][..*width]));
    }
    together
}

impl Head {
    fn open(folder: &Path, inputs: usize) -> Result<Self> {
        let [narrow, wide] = [linear(folder, "d0", inputs, None)?, linear(folder, "p1", inputs, None)?];
        let first = [linear(folder, "d1", narrow.outputs(), None)?, linear(folder, "d2", wide.outputs(), None)?];
        let third = linear(folder, "d3", first[1].outputs(), None)?;
        let shortcut = linear(folder, "p3", wide.outputs(), None)?;
        if first[0].outputs() != wide.outputs() {
            return Err(Array::read(folder, "d1")?.misshapen("as many outputs as `p1` has"));
        }
        if third.outputs() != shortcut.outputs() {
            return Err(Array::read(folder, "d3")?.misshapen("as many outputs as `p3` has"));
        }
        let [after, before_last] = first;
        Ok(Self {
            first: [narrow, after],
            first_shortcut: wide,
            second: [before_last, third],
            second_shortcut: shortcut,
        })
    }

    fn apply(&self, x: &[f32]) -> Vec<f32> {
        let mut inner = block(x, &self.first, &self.first_shortcut);
        rectify(&mut inner);
        let mut out = block(&inner, &self.second, &self.second_shortcut);
        out.iter_mut().for_each(|value| *value = value.tanh());
        out
    }
}

fn block(x: &[f32], [first, second]: &[Linear; 2], shortcut: &Linear) -> Vec<f32> {
    let mut inner = first.apply(x);
    rectify(&mut inner);
    let mut out = second.apply(&inner);
    add(&mut out, &shortcut.apply(x));
    out
}

/// An array of one row.
fn row(folder: &Path, name: &str, width: usize) -> Result<Vec<f32>> {
    let array = Array::read(folder, name)?;
    if array.shape == [width] { array.floats() } else { Err(array.misshapen(&format!("[{width}]"))) }
}

/// Weights of so many inputs, with a bias when there is one.
fn linear(folder: &Path, name: &str, inputs: usize, bias: Option<&str>) -> Result<Linear> {
    let array = Array::read(folder, name)?;
    let outputs = match array.shape[..] {
        [rows, outputs] if rows == inputs && outputs > 0 => outputs,
        _ => return Err(array.misshapen(&format!("{inputs} inputs by outputs"))),
    };
    let bias = bias.map(|bias| row(folder, bias, outputs)).transpose()?;
    Ok(Linear::of_inputs(&array.floats()?, outputs, bias.as_deref()))
}
