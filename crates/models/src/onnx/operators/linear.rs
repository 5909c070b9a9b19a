//! Products of matrices, and the linear operators of `ai.onnx.ml`.
//!
//! Sums run in 64 bits and are rounded at the end, so that they lie within rounding of what any runtime with another order of sums finds.

use super::real::Real;
use crate::onnx::{
    budget::Budget,
    tensor::{Data, Tensor},
    wire::Read,
};

/// `x · coefficientsᵀ + intercepts`.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::onnx) struct Linear {
    /// By output, then by column.
    coefficients: Vec<f32>,
    intercepts: Vec<f32>,
    outputs: usize,
}

impl Linear {
    pub(super) fn of(coefficients: &[f32], intercepts: &[f32], outputs: usize) -> Read<Self> {
        if outputs == 0 || coefficients.is_empty() || !coefficients.len().is_multiple_of(outputs) {
            return Err(format!("it has {} coefficients for {outputs} outputs", coefficients.len()));
        }
        if !intercepts.is_empty() && intercepts.len() != outputs {
            return Err(format!("it has {} intercepts for {outputs} outputs", intercepts.len()));
        }
        let mut intercepts = intercepts.to_vec();
        intercepts.resize(outputs, 0.0);
        Ok(Self { coefficients: coefficients.to_vec(), intercepts, outputs })
    }

    /// Whether the two outputs of any row are each other's opposite.
    pub(in crate::onnx) fn is_mirrored(&self) -> bool {
        let (first, second) = self.coefficients.split_at(self.coefficients.len() / 2);
        self.outputs == 2
            && first.iter().zip(second).all(|(a, b)| *a == -*b)
            && self.intercepts[0] == -self.intercepts[1]
    }

    pub(super) fn run(&self, x: &Tensor, budget: &mut Budget) -> Read<Tensor> {
        let (rows, columns) = x.table()?;
        if columns * self.outputs != self.coefficients.len() {
            return Err(format!("it takes {} columns and is given {columns}", self.coefficients.len() / self.outputs));
        }
        let shape = vec![rows, self.outputs];
        budget.room(&shape)?;
        budget.work(rows, self.outputs, columns)?;
        let values = x.wide()?;
        let mut out = Vec::with_capacity(rows * self.outputs);
        for row in values.chunks_exact(columns) {
            for (weights, intercept) in self.coefficients.chunks_exact(columns).zip(&self.intercepts) {
                let sum: f64 = row.iter().zip(weights).map(|(value, weight)| value * f64::from(*weight)).sum();
                out.push(sum + f64::from(*intercept));
            }
        }
        Ok(Tensor::new(shape, rounded(out, x.is_wide())))
    }
}

fn rounded(values: Vec<f64>, wide: bool) -> Data {
    match wide {
        true => Data::F64(values),
        false => Data::F32(values.into_iter().map(|value| value as f32).collect()),
    }
}

/// A table times a table; the second may be given the other way round.
pub(super) fn product(a: &Tensor, b: &Tensor, turned: bool, budget: &mut Budget) -> Read<(Vec<usize>, Vec<f64>)> {
    let (&[rows, inner], &[first, second]) = (&a.shape[..], &b.shape[..]) else {
        return Err(format!("it multiplies the shapes {:?} and {:?}; tables are taken", a.shape, b.shape));
    };
    let (along, columns) = if turned { (second, first) } else { (first, second) };
    if along != inner {
        return Err(format!("its shapes {:?} and {:?} do not go together", a.shape, b.shape));
    }
    let shape = vec![rows, columns];
    let mut out = vec![0.0; budget.room(&shape)?];
    budget.work(rows, columns, inner.max(1))?;
    // Both are copied into 64 bits first.
    budget.room(&a.shape)?;
    budget.room(&b.shape)?;
    let (a, b) = (a.wide()?, b.wide()?);
    for row in 0..rows {
        let sums = &mut out[row * columns..(row + 1) * columns];
        for (step, value) in a[row * inner..(row + 1) * inner].iter().enumerate() {
            for (column, sum) in sums.iter_mut().enumerate() {
                let at = if turned { column * inner + step } else { step * columns + column };
                *sum += value * b[at];
            }
        }
    }
    Ok((shape, out))
}

pub(super) fn mat_mul(a: &Tensor, b: &Tensor, budget: &mut Budget) -> Read<Tensor> {
    let (shape, values) = product(a, b, false, budget)?;
    Ok(Tensor::new(shape, rounded(values, a.is_wide() || b.is_wide())))
}

/// `alpha · a · b`, to which the caller adds what else there is.
pub(super) fn gemm(a: &Tensor, b: &Tensor, turned: bool, alpha: f64, budget: &mut Budget) -> Read<Tensor> {
    let (shape, mut values) = product(a, b, turned, budget)?;
    values.iter_mut().for_each(|value| *value *= alpha);
    Ok(Tensor::new(shape, rounded(values, a.is_wide() || b.is_wide())))
}

/// Scale, shift, mean and variance of each column, as learnt.
pub(super) fn normalise(x: &Tensor, learnt: [&Tensor; 4], epsilon: f64, budget: &mut Budget) -> Read<Tensor> {
    let &[_, columns] = &x.shape[..] else {
        return Err(format!("it is given the shape {:?}, and takes rows and columns", x.shape));
    };
    budget.room(&x.shape)?;
    let [scale, shift, mean, variance] = learnt.map(Tensor::wide);
    let (scale, shift, mean, variance) = (scale?, shift?, mean?, variance?);
    if [&scale, &shift, &mean, &variance].iter().any(|values| values.len() != columns) {
        return Err(format!("what it learnt is not of {columns} columns"));
    }
    let factors: Vec<f64> = scale.iter().zip(&variance).map(|(scale, v)| scale / (v + epsilon).sqrt()).collect();
    fn of<T: Real>(values: &[T], factors: &[f64], mean: &[f64], shift: &[f64]) -> Vec<T> {
        let one = |(at, value): (usize, &T)| {
            let column = at % factors.len().max(1);
            T::narrowed((value.widened() - mean[column]) * factors[column] + shift[column])
        };
        values.iter().enumerate().map(one).collect()
    }
    let data = match &x.data {
        Data::F64(values) => Data::F64(of(values, &factors, &mean, &shift)),
        _ => Data::F32(of(&x.narrow()?, &factors, &mean, &shift)),
    };
    Ok(Tensor::new(x.shape.clone(), data))
}
