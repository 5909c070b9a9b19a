//! Operators on each value, with shapes that stretch to one another.

use super::real::Real;
use crate::onnx::{
    budget::Budget,
    scores::logistic,
    tensor::{Data, Tensor},
    wire::Read,
};

/// One value in, one out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::onnx) enum Unary {
    Relu,
    LeakyRelu(f64),
    Sigmoid,
    Tanh,
    Exp,
    Log,
    Neg,
    Sqrt,
    Abs,
    /// Kept between two bounds; infinite where there is none.
    Clip(f64, f64),
    /// 1 above a threshold, else 0.
    Binarize(f64),
}

/// Two values in, one out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::onnx) enum Binary {
    Add,
    Sub,
    Mul,
    Div,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::onnx) enum Compare {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Equal,
}

impl Unary {
    pub(in crate::onnx) fn run(self, x: &Tensor, budget: &mut Budget) -> Read<Tensor> {
        budget.room(&x.shape)?;
        let data = match &x.data {
            Data::F64(values) => Data::F64(values.iter().map(|value| self.of(*value)).collect()),
            Data::F32(values) => Data::F32(values.iter().map(|value| self.of(*value)).collect()),
            _ => Data::F32(x.narrow()?.into_iter().map(|value| self.of(value)).collect()),
        };
        Ok(Tensor::new(x.shape.clone(), data))
    }

    fn of<T: Real>(self, x: T) -> T {
        match self {
            Self::Relu => {
                if x < T::ZERO {
                    T::ZERO
                } else {
                    x
                }
            }
            Self::LeakyRelu(alpha) => {
                if x < T::ZERO {
                    x * T::narrowed(alpha)
                } else {
                    x
                }
            }
            Self::Sigmoid => logistic(x),
            Self::Tanh => x.tanh(),
            Self::Exp => x.exp(),
            Self::Log => x.ln(),
            Self::Neg => T::ZERO - x,
            Self::Sqrt => x.sqrt(),
            Self::Abs => x.abs(),
            Self::Clip(low, high) => {
                let (low, high) = (T::narrowed(low), T::narrowed(high));
                if x < low {
                    low
                } else if x > high {
                    high
                } else {
                    x
                }
            }
            Self::Binarize(threshold) => {
                if x > T::narrowed(threshold) {
                    T::ONE
                } else {
                    T::ZERO
                }
            }
        }
    }
}

impl Binary {
    pub(in crate::onnx) fn run(self, a: &Tensor, b: &Tensor, budget: &mut Budget) -> Read<Tensor> {
        let stretch = Stretch::of(&a.shape, &b.shape, budget)?;
        let data = match (&a.data, &b.data) {
            (Data::I64(a), Data::I64(b)) => {
                Data::I64(stretch.pairs().map(|(i, j)| self.ints(a[i], b[j])).collect::<Read<Vec<_>>>()?)
            }
            _ if a.is_wide() || b.is_wide() => Data::F64(self.all(&a.wide()?, &b.wide()?, &stretch)),
            (Data::F32(a), Data::F32(b)) => Data::F32(self.all(a, b, &stretch)),
            _ => Data::F32(self.all(&a.narrow()?, &b.narrow()?, &stretch)),
        };
        Ok(Tensor::new(stretch.shape, data))
    }

    fn all<T: Real>(self, a: &[T], b: &[T], stretch: &Stretch) -> Vec<T> {
        stretch.pairs().map(|(i, j)| self.of(a[i], b[j])).collect()
    }

    fn of<T: Real>(self, a: T, b: T) -> T {
        match self {
            Self::Add => a + b,
            Self::Sub => a - b,
            Self::Mul => a * b,
            Self::Div => a / b,
        }
    }

    fn ints(self, a: i64, b: i64) -> Read<i64> {
        Ok(match self {
            Self::Add => a.wrapping_add(b),
            Self::Sub => a.wrapping_sub(b),
            Self::Mul => a.wrapping_mul(b),
            Self::Div => a.checked_div(b).ok_or("it divides an integer by zero")?,
        })
    }
}

impl Compare {
    pub(in crate::onnx) fn run(self, a: &Tensor, b: &Tensor, budget: &mut Budget) -> Read<Tensor> {
        let stretch = Stretch::of(&a.shape, &b.shape, budget)?;
        let found: Vec<bool> = match (&a.data, &b.data) {
            (Data::Text(a), Data::Text(b)) => stretch.pairs().map(|(i, j)| self.holds(&a[i], &b[j])).collect(),
            _ => {
                let (a, b) = (a.wide()?, b.wide()?);
                stretch.pairs().map(|(i, j)| self.holds(&a[i], &b[j])).collect()
            }
        };
        Ok(Tensor::new(stretch.shape, Data::Bool(found)))
    }

    fn holds<T: PartialOrd + ?Sized>(self, a: &T, b: &T) -> bool {
        match self {
            Self::Less => a < b,
            Self::LessOrEqual => a <= b,
            Self::Greater => a > b,
            Self::GreaterOrEqual => a >= b,
            Self::Equal => a == b,
        }
    }
}

/// The first where a condition holds, else the second.
pub(in crate::onnx) fn choose(condition: &Tensor, yes: &Tensor, no: &Tensor, budget: &mut Budget) -> Read<Tensor> {
    let Data::Bool(holds) = &condition.data else {
        return Err(format!("its condition is {}, and should be booleans", condition.kind()));
    };
    let (wide, first) = (yes.is_wide() || no.is_wide(), Stretch::of(&yes.shape, &no.shape, budget)?);
    let whole = Stretch::of(&condition.shape, &first.shape, budget)?;
    let values: Vec<(usize, usize)> = first.pairs().collect();
    let (yes, no) = (yes.wide()?, no.wide()?);
    let chosen = whole.pairs().map(|(at, pair)| if holds[at] { yes[values[pair].0] } else { no[values[pair].1] });
    let data = match wide {
        true => Data::F64(chosen.collect()),
        false => Data::F32(chosen.map(|value| value as f32).collect()),
    };
    Ok(Tensor::new(whole.shape, data))
}

/// Two shapes stretched to one, as numpy broadcasts: from the last dimension on, a dimension of one repeats.
struct Stretch {
    shape: Vec<usize>,
    /// How far each step along a dimension goes, in the first and in the second.
    strides: Vec<(usize, usize)>,
    size: usize,
}

impl Stretch {
    fn of(a: &[usize], b: &[usize], budget: &mut Budget) -> Read<Self> {
        let rank = a.len().max(b.len());
        let dim = |shape: &[usize], at: usize| (at + shape.len()).checked_sub(rank).map_or(1, |at| shape[at]);
        let mut shape = Vec::with_capacity(rank);
        for at in 0..rank {
            shape.push(match (dim(a, at), dim(b, at)) {
                (a, b) if a == b => a,
                (1, other) | (other, 1) => other,
                _ => return Err(format!("its shapes {a:?} and {b:?} do not go together")),
            });
        }
        let size = budget.room(&shape)?;
        let (mut strides, mut steps) = (vec![(0, 0); rank], (1, 1));
        for at in (0..rank).rev() {
            let dims = (dim(a, at), dim(b, at));
            strides[at] = (if dims.0 == 1 { 0 } else { steps.0 }, if dims.1 == 1 { 0 } else { steps.1 });
            steps = (steps.0 * dims.0, steps.1 * dims.1);
        }
        Ok(Self { shape, strides, size })
    }

    /// Positions in the first and in the second, for every value.
    fn pairs(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        let (mut at, mut pair) = (vec![0; self.shape.len()], (0, 0));
        (0..self.size).map(move |_| {
            let now = pair;
            for (dim, place) in at.iter_mut().enumerate().rev() {
                let stride = self.strides[dim];
                *place += 1;
                pair = (pair.0 + stride.0, pair.1 + stride.1);
                if *place < self.shape[dim] {
                    break;
                }
                pair = (pair.0 - stride.0 * *place, pair.1 - stride.1 * *place);
                *place = 0;
            }
            now
        })
    }
}
