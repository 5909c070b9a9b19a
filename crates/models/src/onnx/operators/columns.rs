//! Operators of `ai.onnx.ml` on columns of a table.

use std::collections::BTreeMap;

use super::real::Real;
use crate::onnx::{
    attributes::Attributes,
    budget::Budget,
    tensor::{Data, Tensor},
    wire::Read,
};

/// `(x − offset) · scale`, by column.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::onnx) struct Scaler {
    offset: Vec<f32>,
    scale: Vec<f32>,
}

impl Scaler {
    pub(super) fn of(attributes: Attributes<'_>) -> Read<Self> {
        let (offset, scale) = (attributes.floats("offset").to_vec(), attributes.floats("scale").to_vec());
        if offset.is_empty() || scale.is_empty() {
            return Err("it has no offset or no scale".to_owned());
        }
        Ok(Self { offset, scale })
    }

    pub(super) fn run(&self, x: &Tensor, budget: &mut Budget) -> Read<Tensor> {
        let (_, columns) = x.table()?;
        budget.room(&x.shape)?;
        for (what, values) in [("offset", &self.offset), ("scale", &self.scale)] {
            if values.len() != 1 && values.len() != columns {
                return Err(format!("its {what} has {} values, and there are {columns} columns", values.len()));
            }
        }
        fn of<T: Real>(values: &[T], columns: usize, scaler: &Scaler) -> Vec<T> {
            let at = |values: &[f32], column: usize| {
                T::narrowed(f64::from(values[if values.len() == 1 { 0 } else { column }]))
            };
            let one = |(at_all, value): (usize, &T)| {
                let column = at_all % columns.max(1);
                (*value - at(&scaler.offset, column)) * at(&scaler.scale, column)
            };
            values.iter().enumerate().map(one).collect()
        }
        let data = match &x.data {
            Data::F64(values) => Data::F64(of(values, columns, self)),
            _ => Data::F32(of(&x.narrow()?, columns, self)),
        };
        Ok(Tensor::new(x.shape.clone(), data))
    }
}

/// One value (or a gap) replaced by another, by column.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::onnx) enum Imputer {
    Floats { replaced: f32, by: Vec<f32> },
    Ints { replaced: i64, by: Vec<i64> },
}

impl Imputer {
    pub(super) fn of(attributes: Attributes<'_>) -> Read<Self> {
        let (floats, ints) = (attributes.floats("imputed_value_floats"), attributes.ints("imputed_value_int64s"));
        match (floats.is_empty(), ints.is_empty()) {
            (false, true) => {
                Ok(Self::Floats { replaced: attributes.float("replaced_value_float", 0.0), by: floats.to_vec() })
            }
            (true, false) => Ok(Self::Ints { replaced: attributes.int("replaced_value_int64", 0), by: ints.to_vec() }),
            _ => Err("it has no values to put in, or of two kinds".to_owned()),
        }
    }

    pub(super) fn run(&self, x: &Tensor, budget: &mut Budget) -> Read<Tensor> {
        let (_, columns) = x.table()?;
        budget.room(&x.shape)?;
        fn of<T: Copy>(values: &[T], columns: usize, by: impl Fn(usize) -> T, replaced: impl Fn(T) -> bool) -> Vec<T> {
            let one = |(at, value): (usize, &T)| if replaced(*value) { by(at % columns.max(1)) } else { *value };
            values.iter().enumerate().map(one).collect()
        }
        // As runtimes do: as many values as columns go by column, else the first goes everywhere.
        fn which(values: usize, columns: usize, column: usize) -> usize {
            if values == columns { column } else { 0 }
        }
        let data = match (self, &x.data) {
            (Self::Ints { replaced, by }, Data::I64(values)) => {
                Data::I64(of(values, columns, |c| by[which(by.len(), columns, c)], |value| value == *replaced))
            }
            (Self::Floats { replaced, by }, Data::F64(values)) => {
                let wanted = f64::from(*replaced);
                let is = |value: f64| value == wanted || (value.is_nan() && wanted.is_nan());
                Data::F64(of(values, columns, |c| f64::from(by[which(by.len(), columns, c)]), is))
            }
            (Self::Floats { replaced, by }, _) => {
                let is = |value: f32| value == *replaced || (value.is_nan() && replaced.is_nan());
                Data::F32(of(&x.narrow()?, columns, |c| by[which(by.len(), columns, c)], is))
            }
            (Self::Ints { .. }, _) => return Err(format!("it puts in integers and is given {}", x.kind())),
        };
        Ok(Tensor::new(x.shape.clone(), data))
    }
}

/// A category as a row of zeros with a one.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::onnx) struct OneHot {
    ints: BTreeMap<i64, usize>,
    texts: BTreeMap<String, usize>,
    /// How many categories.
    pub(in crate::onnx) width: usize,
    /// Whether a value that is no category gives zeros; else it is refused.
    zeros: bool,
}

impl OneHot {
    pub(super) fn of(attributes: Attributes<'_>) -> Read<Self> {
        let (ints, texts) = (attributes.ints("cats_int64s"), attributes.texts("cats_strings")?);
        if ints.is_empty() == texts.is_empty() {
            return Err("it has no categories, or of two kinds".to_owned());
        }
        let width = ints.len().max(texts.len());
        let zeros = attributes.int("zeros", 1) != 0;
        let ints = ints.iter().enumerate().map(|(at, value)| (*value, at)).collect();
        Ok(Self { ints, texts: texts.into_iter().enumerate().map(|(at, text)| (text, at)).collect(), width, zeros })
    }

    pub(super) fn levels(&self) -> Vec<String> {
        self.texts.keys().cloned().collect()
    }

    pub(super) fn run(&self, x: &Tensor, budget: &mut Budget) -> Read<Tensor> {
        let mut shape = x.shape.clone();
        shape.push(self.width);
        let mut out = vec![0.0_f32; budget.room(&shape)?];
        for at in 0..x.data.len() {
            let found = match &x.data {
                Data::Text(texts) => self.texts.get(&texts[at]),
                Data::I64(values) => self.ints.get(&values[at]),
                Data::F32(values) => self.ints.get(&(values[at] as i64)),
                Data::F64(values) => self.ints.get(&(values[at] as i64)),
                Data::Bool(values) => self.ints.get(&i64::from(values[at])),
            };
            match found {
                Some(category) => out[at * self.width + category] = 1.0,
                None if self.zeros => {}
                None => return Err(format!("it meets a value (at position {at}) that is none of its categories")),
            }
        }
        Ok(Tensor::new(shape, Data::F32(out)))
    }
}

/// Keys and what each becomes.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::onnx) struct LabelEncoder {
    keys: Keys,
    values: Data,
    otherwise: Data,
}

#[derive(Debug, Clone, PartialEq)]
enum Keys {
    Texts(BTreeMap<String, usize>),
    Ints(BTreeMap<i64, usize>),
    /// Bits of floats; all gaps are one, and so are both zeros.
    Floats(BTreeMap<u32, usize>),
}

fn bits(value: f32) -> u32 {
    if value.is_nan() { f32::NAN.to_bits() } else { (value + 0.0).to_bits() }
}

impl LabelEncoder {
    pub(super) fn of(attributes: Attributes<'_>) -> Read<Self> {
        let texts = attributes.texts("keys_strings")?;
        let (ints, floats) = (attributes.ints("keys_int64s"), attributes.floats("keys_floats"));
        // The first of a key that comes twice counts.
        fn places<K: Ord>(keys: impl DoubleEndedIterator<Item = K> + ExactSizeIterator) -> BTreeMap<K, usize> {
            keys.enumerate().rev().map(|(at, key)| (key, at)).collect()
        }
        let (keys, count) = match (texts.len(), ints.len(), floats.len()) {
            (count, 0, 0) if count > 0 => (Keys::Texts(places(texts.into_iter())), count),
            (0, count, 0) if count > 0 => (Keys::Ints(places(ints.iter().copied())), count),
            (0, 0, count) if count > 0 => (Keys::Floats(places(floats.iter().copied().map(bits))), count),
            _ => {
                return Err("it has no keys, or of two kinds; version 2 of the operator and later are taken".to_owned());
            }
        };
        let texts = attributes.texts("values_strings")?;
        let (ints, floats) = (attributes.ints("values_int64s"), attributes.floats("values_floats"));
        let (values, otherwise) = match (texts.len(), ints.len(), floats.len()) {
            (_, 0, 0) => {
                (Data::Text(texts), Data::Text(vec![attributes.text("default_string", "_Unused")?.to_owned()]))
            }
            (0, _, 0) => (Data::I64(ints.to_vec()), Data::I64(vec![attributes.int("default_int64", -1)])),
            (0, 0, _) => (Data::F32(floats.to_vec()), Data::F32(vec![attributes.float("default_float", -0.0)])),
            _ => return Err("it has values of two kinds".to_owned()),
        };
        match values.len() == count {
            true => Ok(Self { keys, values, otherwise }),
            false => Err(format!("it has {count} keys and {} values", values.len())),
        }
    }

    pub(in crate::onnx) fn says_floats(&self) -> bool {
        matches!(self.values, Data::F32(_))
    }

    pub(super) fn levels(&self) -> Vec<String> {
        match &self.keys {
            Keys::Texts(keys) => keys.keys().cloned().collect(),
            _ => Vec::new(),
        }
    }

    pub(super) fn run(&self, x: &Tensor, budget: &mut Budget) -> Read<Tensor> {
        budget.room_of(&x.shape, &self.values)?;
        budget.room_of(&x.shape, &self.otherwise)?;
        let places: Vec<Option<usize>> = match (&self.keys, &x.data) {
            (Keys::Texts(keys), Data::Text(texts)) => texts.iter().map(|text| keys.get(text).copied()).collect(),
            (Keys::Ints(keys), Data::I64(values)) => values.iter().map(|value| keys.get(value).copied()).collect(),
            (Keys::Floats(keys), Data::F32(_) | Data::F64(_)) => {
                x.narrow()?.iter().map(|value| keys.get(&bits(*value)).copied()).collect()
            }
            _ => return Err(format!("its keys are of another kind than the {} it is given", x.kind())),
        };
        macro_rules! found {
            ($kind:ident, $values:expr, $otherwise:expr) => {
                Data::$kind(places.iter().map(|at| at.map_or(&$otherwise[0], |at| &$values[at]).clone()).collect())
            };
        }
        let data = match (&self.values, &self.otherwise) {
            (Data::Text(values), Data::Text(otherwise)) => found!(Text, values, otherwise),
            (Data::I64(values), Data::I64(otherwise)) => found!(I64, values, otherwise),
            (Data::F32(values), Data::F32(otherwise)) => found!(F32, values, otherwise),
            _ => return Err("its values and its default are of two kinds".to_owned()),
        };
        Ok(Tensor::new(x.shape.clone(), data))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::onnx) enum Norm {
    Max,
    L1,
    L2,
}

impl Norm {
    pub(super) fn of(name: &str) -> Read<Self> {
        match name {
            "MAX" => Ok(Self::Max),
            "L1" => Ok(Self::L1),
            "L2" => Ok(Self::L2),
            other => Err(format!("its norm `{other}` is not known")),
        }
    }

    /// Rows divided by their norm; a row without one stays as it is.
    pub(super) fn run(self, x: &Tensor, budget: &mut Budget) -> Read<Tensor> {
        let (_, columns) = x.table()?;
        budget.room(&x.shape)?;
        fn of<T: Real>(mut values: Vec<T>, columns: usize, norm: Norm) -> Vec<T> {
            for row in values.chunks_exact_mut(columns.max(1)) {
                let size = match norm {
                    Norm::Max => row.iter().copied().fold(T::LEAST, T::larger),
                    Norm::L1 => row.iter().fold(T::ZERO, |sum, value| sum + value.abs()),
                    Norm::L2 => row.iter().fold(T::ZERO, |sum, value| sum + *value * *value).sqrt(),
                };
                if size != T::ZERO {
                    row.iter_mut().for_each(|value| *value = *value / size);
                }
            }
            values
        }
        let data = match &x.data {
            Data::F64(values) => Data::F64(of(values.clone(), columns, self)),
            _ => Data::F32(of(x.narrow()?, columns, self)),
        };
        Ok(Tensor::new(x.shape.clone(), data))
    }
}

/// Some columns (or positions of the last dimension), in an order.
pub(super) fn extract(x: &Tensor, places: &Tensor, budget: &mut Budget) -> Read<Tensor> {
    let along = *x.shape.last().ok_or("it takes from a single value")?;
    let places = places.ints()?;
    let mut wanted = Vec::with_capacity(places.len());
    for place in places {
        let found = usize::try_from(*place).ok().filter(|place| *place < along);
        wanted.push(found.ok_or_else(|| format!("it takes position {place} of {along}"))?);
    }
    let rows = x.data.len().checked_div(along).unwrap_or(0);
    // As runtimes do: of a vector comes one row.
    let mut shape = if x.shape.len() == 1 { vec![1] } else { x.shape[..x.shape.len() - 1].to_vec() };
    shape.push(wanted.len());
    budget.room_of(&shape, &x.data)?;
    let at = (0..rows).flat_map(|row| wanted.iter().map(move |place| row * along + place));
    Ok(Tensor::new(shape, x.data.pick(at)))
}
