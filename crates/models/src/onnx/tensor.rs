//! Values between operators.

use super::wire::Read;

/// The most dimensions.
const RANK_MAX: usize = 8;
/// The most numbers of one tensor, in a file or between operators.
pub(super) const CELLS_MAX: usize = 1 << 26;

/// What a tensor holds, row by row. Integers of 32 bits are kept in 64.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Data {
    F32(Vec<f32>),
    F64(Vec<f64>),
    I64(Vec<i64>),
    Bool(Vec<bool>),
    Text(Vec<String>),
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Tensor {
    pub(super) shape: Vec<usize>,
    pub(super) data: Data,
}

/// How many numbers a shape has room for.
pub(super) fn cells(shape: &[usize]) -> Read<usize> {
    if shape.len() > RANK_MAX {
        return Err(format!("has {} dimensions; at most {RANK_MAX} are taken", shape.len()));
    }
    // A dimension of none counts as one here: what lies around it is looped over too.
    let around = shape.iter().try_fold(1_usize, |size, dim| size.checked_mul(*dim.max(&1)));
    match around.filter(|size| *size <= CELLS_MAX) {
        Some(size) => Ok(if shape.contains(&0) { 0 } else { size }),
        None => Err(format!("has the shape {shape:?}; at most {CELLS_MAX} values are taken")),
    }
}

impl Data {
    pub(super) fn len(&self) -> usize {
        match self {
            Self::F32(values) => values.len(),
            Self::F64(values) => values.len(),
            Self::I64(values) => values.len(),
            Self::Bool(values) => values.len(),
            Self::Text(values) => values.len(),
        }
    }

    fn kind(&self) -> &'static str {
        match self {
            Self::F32(_) => "floats",
            Self::F64(_) => "doubles",
            Self::I64(_) => "integers",
            Self::Bool(_) => "booleans",
            Self::Text(_) => "texts",
        }
    }

    /// These positions; they are within.
    pub(super) fn pick(&self, at: impl Iterator<Item = usize>) -> Self {
        match self {
            Self::F32(values) => Self::F32(at.map(|at| values[at]).collect()),
            Self::F64(values) => Self::F64(at.map(|at| values[at]).collect()),
            Self::I64(values) => Self::I64(at.map(|at| values[at]).collect()),
            Self::Bool(values) => Self::Bool(at.map(|at| values[at]).collect()),
            Self::Text(values) => Self::Text(at.map(|at| values[at].clone()).collect()),
        }
    }
}

impl Tensor {
    pub(super) fn new(shape: Vec<usize>, data: Data) -> Self {
        debug_assert_eq!(cells(&shape), Ok(data.len()));
        Self { shape, data }
    }

    pub(super) fn kind(&self) -> &'static str {
        self.data.kind()
    }

    /// As rows and columns, as operators for tables see it: a vector is one row.
    pub(super) fn table(&self) -> Read<(usize, usize)> {
        match self.shape[..] {
            [columns] => Ok((1, columns)),
            [rows, columns] => Ok((rows, columns)),
            _ => Err(format!("it is given the shape {:?}, and takes rows and columns", self.shape)),
        }
    }

    /// As numbers of 64 bits; what a float holds stays exactly that.
    pub(super) fn wide(&self) -> Read<Vec<f64>> {
        match &self.data {
            Data::F32(values) => Ok(values.iter().map(|value| f64::from(*value)).collect()),
            Data::F64(values) => Ok(values.clone()),
            Data::I64(values) => Ok(values.iter().map(|value| *value as f64).collect()),
            Data::Bool(values) => Ok(values.iter().map(|value| f64::from(u8::from(*value))).collect()),
            Data::Text(_) => Err("it is given texts, and takes numbers".to_owned()),
        }
    }

    /// As floats.
    pub(super) fn narrow(&self) -> Read<Vec<f32>> {
        match &self.data {
            Data::F32(values) => Ok(values.clone()),
            _ => Ok(self.wide()?.into_iter().map(|value| value as f32).collect()),
        }
    }

    pub(super) fn is_wide(&self) -> bool {
        matches!(self.data, Data::F64(_))
    }

    pub(super) fn ints(&self) -> Read<&[i64]> {
        match &self.data {
            Data::I64(values) => Ok(values),
            other => Err(format!("it is given {}, and takes integers", other.kind())),
        }
    }
}
