//! Rows times weights, on the vector instructions of the machine.
//!
//! Weights stay the same for every text, so they are laid out once as the multiplication reads them: panels of sixteen outputs, input by
//! input. Six rows meet a panel at a time; their 6 × 16 sums stay in registers. A library for general matrices would lay the weights out
//! anew for every call, which for one short sentence costs more than the multiplication.

use fearless_simd::{Level, Simd, dispatch, f32x16, prelude::*};

/// Outputs that are computed side by side.
const LANES: usize = 16;
/// Rows that are computed side by side.
const ROWS: usize = 6;

/// x · W + b for rows x.
#[derive(Debug, Clone)]
pub(crate) struct Linear {
    inputs: usize,
    outputs: usize,
    /// One panel after the other; what is beyond the outputs is 0.
    panels: Vec<f32>,
    bias: Vec<f32>,
    level: Level,
}

impl Linear {
    /// From weights that lie output by output (`outputs` × `inputs`), as PyTorch keeps them. Several matrices of the same inputs are put
    /// side by side.
    pub(crate) fn of_outputs(inputs: usize, parts: &[(&[f32], &[f32])]) -> Self {
        let rows: Vec<&[f32]> = parts.iter().flat_map(|(weights, _)| weights.chunks_exact(inputs.max(1))).collect();
        let bias = parts.iter().flat_map(|(_, bias)| bias.iter().copied()).collect();
        Self::of(inputs, rows.len(), bias, |input, output| rows[output][input])
    }

    /// From weights that lie input by input (`inputs` × `outputs`), as TensorFlow keeps them.
    pub(crate) fn of_inputs(weights: &[f32], outputs: usize, bias: Option<&[f32]>) -> Self {
        let inputs = weights.len() / outputs.max(1);
        let bias = bias.map_or_else(|| vec![0.0; outputs], <[f32]>::to_vec);
        Self::of(inputs, outputs, bias, |input, output| weights[input * outputs + output])
    }

    fn of(inputs: usize, outputs: usize, mut bias: Vec<f32>, weight: impl Fn(usize, usize) -> f32) -> Self {
        let count = outputs.div_ceil(LANES);
        let mut panels = vec![0.0; count * LANES * inputs];
        for output in 0..outputs {
            let panel = &mut panels[output / LANES * LANES * inputs..];
            (0..inputs).for_each(|input| panel[input * LANES + output % LANES] = weight(input, output));
        }
        bias.resize(count * LANES, 0.0);
        Self { inputs, outputs, panels, bias, level: Level::new() }
    }

    pub(crate) fn outputs(&self) -> usize {
        self.outputs
    }

    /// One row of outputs for each row of inputs.
    pub(crate) fn apply(&self, x: &[f32]) -> Vec<f32> {
        let rows = x.len() / self.inputs.max(1);
        let blocks = blocks(x, self.inputs);
        let mut out = vec![0.0; rows * self.outputs];
        dispatch!(self.level, simd => multiply(simd, self, &blocks, &mut out));
        out
    }
}

/// Six rows side by side, input by input; rows that are missing at the end are 0.
fn blocks(x: &[f32], inputs: usize) -> Vec<f32> {
    let rows = x.len() / inputs.max(1);
    let mut blocks = vec![0.0; rows.div_ceil(ROWS) * ROWS * inputs];
    for (at, row) in x.chunks_exact(inputs.max(1)).enumerate() {
        let block = &mut blocks[at / ROWS * ROWS * inputs..];
        row.iter().enumerate().for_each(|(input, &value)| block[input * ROWS + at % ROWS] = value);
    }
    blocks
}

#[inline(always)]
fn multiply<S: Simd>(simd: S, linear: &Linear, blocks: &[f32], out: &mut [f32]) {
    let (inputs, outputs) = (linear.inputs.max(1), linear.outputs);
    let panels = linear.panels.chunks_exact(inputs * LANES).zip(linear.bias.chunks_exact(LANES));
    for (number, (panel, bias)) in panels.enumerate() {
        let first = number * LANES;
        let width = LANES.min(outputs - first);
        for (block, rows) in blocks.chunks_exact(inputs * ROWS).zip(out.chunks_mut(ROWS * outputs)) {
            let sums = tile(simd, block, panel, bias);
            for (row, sums) in rows.chunks_exact_mut(outputs).zip(&sums) {
                row[first..first + width].copy_from_slice(&sums[..width]);
            }
        }
    }
}

/// Six rows times one panel.
#[inline(always)]
fn tile<S: Simd>(simd: S, block: &[f32], panel: &[f32], bias: &[f32]) -> [[f32; LANES]; ROWS] {
    let mut sums = [f32x16::from_slice(simd, bias); ROWS];
    for (values, weights) in block.chunks_exact(ROWS).zip(panel.chunks_exact(LANES)) {
        let weights = f32x16::from_slice(simd, weights);
        for (sum, &value) in sums.iter_mut().zip(values) {
            *sum = weights.mul_add(f32x16::splat(simd, value), *sum);
        }
    }
    let mut out = [[0.0; LANES]; ROWS];
    sums.iter().zip(&mut out).for_each(|(sum, out)| sum.store_slice(out));
    out
}

/// Each row less its mean, by its standard deviation, times gain plus shift, in place (Ba, Kiros & Hinton 2016).
pub(crate) fn normalise(x: &mut [f32], gain: &[f32], shift: &[f32], epsilon: f32) {
    for row in x.chunks_exact_mut(gain.len().max(1)) {
        let count = row.len() as f32;
        let mean = row.iter().sum::<f32>() / count;
        row.iter_mut().for_each(|value| *value -= mean);
        let variance = row.iter().map(|value| value * value).sum::<f32>() / count;
        let inverse = 1.0 / (variance + epsilon).sqrt();
        row.iter_mut().zip(gain).zip(shift).for_each(|((v, gain), shift)| *v = *v * inverse * gain + shift);
    }
}

/// Adds one to the other, number by number.
pub(crate) fn add(to: &mut [f32], values: &[f32]) {
    to.iter_mut().zip(values).for_each(|(to, value)| *to += value);
}

/// What is below 0 becomes 0.
pub(crate) fn rectify(values: &mut [f32]) {
    values.iter_mut().for_each(|value| *value = value.max(0.0));
}

/// Brings a row to length 1; one of zeros stays.
pub(crate) fn unit(row: &mut [f32]) {
    let length = row.iter().map(|value| value * value).sum::<f32>().sqrt().max(f32::MIN_POSITIVE);
    row.iter_mut().for_each(|value| *value /= length);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(at: usize) -> f32 {
        ((at * 7919) % 101) as f32 / 50.0 - 1.0
    }

    #[test]
    fn every_shape_is_multiplied_as_sums_by_hand_say() {
        for (rows, inputs, outputs) in [(1, 1, 1), (5, 3, 16), (6, 17, 15), (7, 32, 33), (13, 48, 40)] {
            let x: Vec<f32> = (0..rows * inputs).map(number).collect();
            let w: Vec<f32> = (0..inputs * outputs).map(|at| number(at + 5)).collect();
            let bias: Vec<f32> = (0..outputs).map(|at| number(at + 11)).collect();
            let by_hand: Vec<f32> = (0..rows * outputs)
                .map(|at| {
                    let (row, output) = (at / outputs, at % outputs);
                    bias[output] + (0..inputs).map(|i| x[row * inputs + i] * w[i * outputs + output]).sum::<f32>()
                })
                .collect();
            let turned: Vec<f32> = (0..w.len()).map(|at| w[at % inputs * outputs + at / inputs]).collect();
            for linear in [Linear::of_inputs(&w, outputs, Some(&bias)), Linear::of_outputs(inputs, &[(&turned, &bias)])]
            {
                let said = linear.apply(&x);
                assert!(said.iter().zip(&by_hand).all(|(a, b)| (a - b).abs() < 1e-4), "{rows} {inputs} {outputs}");
            }
        }
    }

    #[test]
    fn a_row_has_its_answer_whichever_rows_stand_beside_it() {
        let w: Vec<f32> = (0..20 * 18).map(number).collect();
        let x: Vec<f32> = (0..9 * 20).map(|at| number(at * 3)).collect();
        let linear = Linear::of_inputs(&w, 18, None);
        let together = linear.apply(&x);
        let alone: Vec<f32> = x.chunks_exact(20).flat_map(|row| linear.apply(row)).collect();
        assert_eq!(together, alone);
    }
}
