//! Floats of 32 and of 64 bits under one name: a graph runs in 32 as the file says, and in 64 where sums of an explanation must be exact.

use std::ops::{Add, Div, Mul, Sub};

pub(in crate::onnx) trait Real:
    Copy + PartialOrd + Add<Output = Self> + Sub<Output = Self> + Mul<Output = Self> + Div<Output = Self>
{
    const ZERO: Self;
    const ONE: Self;
    /// Less than any other finite one.
    const LEAST: Self;

    fn narrowed(value: f64) -> Self;
    fn widened(self) -> f64;
    fn exp(self) -> Self;
    fn ln(self) -> Self;
    fn sqrt(self) -> Self;
    fn tanh(self) -> Self;
    fn abs(self) -> Self;
    fn larger(self, other: Self) -> Self;
}

macro_rules! real {
    ($ty:ty) => {
        impl Real for $ty {
            const ZERO: Self = 0.0;
            const ONE: Self = 1.0;
            const LEAST: Self = <$ty>::MIN;

            fn narrowed(value: f64) -> Self {
                value as $ty
            }

            fn widened(self) -> f64 {
                self.into()
            }

            fn exp(self) -> Self {
                self.exp()
            }

            fn ln(self) -> Self {
                self.ln()
            }

            fn sqrt(self) -> Self {
                self.sqrt()
            }

            fn tanh(self) -> Self {
                self.tanh()
            }

            fn abs(self) -> Self {
                self.abs()
            }

            fn larger(self, other: Self) -> Self {
                if other > self { other } else { self }
            }
        }
    };
}

real!(f32);
real!(f64);
