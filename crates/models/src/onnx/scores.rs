//! From raw scores to what a classifier or a regressor of `ai.onnx.ml` says.
//!
//! The standard is vague about two classes with one score. What stands here is what onnxruntime 1.32 does, found out by small models (`golden/onnx/make.py`); what it does
//! nonsensically is refused where the operator is read.

use super::{
    operators::real::Real,
    tensor::{Data, Tensor},
    wire::Read,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Transform {
    None,
    Logistic,
    Softmax,
    /// Softmax over scores that are not zero.
    SoftmaxZero,
    Probit,
}

/// What becomes of a single score of two classes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Second {
    /// Nothing: it is no classifier of two classes, or has a score for each.
    Absent,
    /// The first class gets one minus the score.
    Complement,
    /// The first class gets the score with the other sign.
    Negated,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Finish {
    pub(super) transform: Transform,
    pub(super) second: Second,
}

impl Transform {
    pub(super) fn of(name: &str) -> Read<Self> {
        match name {
            "NONE" => Ok(Self::None),
            "LOGISTIC" => Ok(Self::Logistic),
            "SOFTMAX" => Ok(Self::Softmax),
            "SOFTMAX_ZERO" => Ok(Self::SoftmaxZero),
            "PROBIT" => Ok(Self::Probit),
            other => Err(format!("its post_transform `{other}` is not known")),
        }
    }
}

impl Finish {
    /// Rows of scores in, rows of what is said out.
    pub(super) fn run(self, scores: &Tensor) -> Read<Tensor> {
        let (rows, columns) = scores.table()?;
        let wider = self.second != Second::Absent && columns == 1;
        let shape = vec![rows, if wider { 2 } else { columns }];
        Ok(match &scores.data {
            Data::F64(values) => Tensor::new(shape, Data::F64(self.rows(values, columns))),
            _ => Tensor::new(shape, Data::F32(self.rows(&scores.narrow()?, columns))),
        })
    }

    fn rows<T: Real>(self, scores: &[T], columns: usize) -> Vec<T> {
        if columns == 0 {
            return Vec::new();
        }
        if self.second != Second::Absent && columns == 1 {
            return scores.iter().flat_map(|score| self.pair(*score)).collect();
        }
        let mut out = scores.to_vec();
        out.chunks_exact_mut(columns).for_each(|row| self.transform.row(row));
        out
    }

    fn pair<T: Real>(self, score: T) -> [T; 2] {
        match (self.transform, self.second) {
            (Transform::Logistic, _) => [logistic(T::ZERO - score), logistic(score)],
            (_, Second::Negated) => [T::ZERO - score, score],
            _ => [T::ONE - score, score],
        }
    }
}

impl Transform {
    fn row<T: Real>(self, row: &mut [T]) {
        match self {
            Self::None => {}
            Self::Logistic => row.iter_mut().for_each(|score| *score = logistic(*score)),
            Self::Probit => row.iter_mut().for_each(|score| *score = probit(*score)),
            Self::Softmax => softmax(row),
            Self::SoftmaxZero => softmax_zero(row),
        }
    }
}

pub(super) fn logistic<T: Real>(value: T) -> T {
    let positive = T::ONE / (T::ONE + (T::ZERO - value.abs()).exp());
    if value < T::ZERO { T::ONE - positive } else { positive }
}

/// The largest is taken off first, so that nothing overflows.
pub(super) fn softmax<T: Real>(row: &mut [T]) {
    let largest = row.iter().copied().fold(T::LEAST, T::larger);
    let mut sum = T::ZERO;
    for value in row.iter_mut() {
        *value = (*value - largest).exp();
        sum = sum + *value;
    }
    row.iter_mut().for_each(|value| *value = *value / sum);
}

fn softmax_zero<T: Real>(row: &mut [T]) {
    /// What is closer to zero counts as zero.
    const ZERO: f64 = 1e-7;
    let largest = row.iter().copied().fold(T::LEAST, T::larger);
    let scale = (T::ZERO - largest).exp();
    let mut sum = T::ZERO;
    for value in row.iter_mut() {
        if value.abs() > T::narrowed(ZERO) {
            *value = (*value - largest).exp();
            sum = sum + *value;
        } else {
            *value = *value * scale;
        }
    }
    row.iter_mut().for_each(|value| *value = *value / sum);
}

/// The inverse of the normal distribution by Winitzki's approximation of the inverse error function, as runtimes compute it.
fn probit<T: Real>(value: T) -> T {
    /// Winitzki, "A handy approximation for the error function and its inverse" (2008).
    const A: f64 = 0.147;
    let x = value + value - T::ONE;
    let sign = if x < T::ZERO { T::ZERO - T::ONE } else { T::ONE };
    let log = ((T::ONE - x) * (T::ONE + x)).ln();
    let first = T::narrowed(2.0 / (std::f64::consts::PI * A)) + T::narrowed(0.5) * log;
    let second = T::narrowed(1.0 / A) * log;
    let root = (first * first - second).sqrt();
    T::narrowed(std::f64::consts::SQRT_2) * sign * (root - first).sqrt()
}
