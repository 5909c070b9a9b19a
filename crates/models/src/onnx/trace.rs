//! What a slot holds of the features: whether each of its columns comes of one feature, or is a sum of such.
//!
//! Explanations rest on it: trees over columns of one feature each are explained exactly, and so is a sum.

use super::{
    graph::{Graph, Step},
    operators::{
        Operator, To,
        arithmetic::{Binary, Unary},
    },
    proto::element,
    tensor::{Data, Tensor},
};

/// What is known of the columns of a slot, a row's values taken one after the other.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Trace {
    /// Each comes of one feature.
    Columns(Columns),
    /// Each is a sum of parts that come of one feature each.
    Sum,
    /// Nothing.
    Unknown,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Columns {
    /// The feature of each.
    pub(super) sources: Vec<usize>,
    /// Whether they are floats of 32 bits.
    pub(super) floats: bool,
    /// Whether they are the feature's values as they are.
    pub(super) plain: bool,
}

/// How many rows the shapes were found with: a number that is no usual number of columns.
pub(super) const PROBED_ROWS: usize = 3;

/// What each slot holds. `widths` says how many features each input has, `shapes` what a run on [`PROBED_ROWS`] rows gave.
pub(super) fn traces(graph: &Graph, widths: &[usize], shapes: &[Option<Vec<usize>>]) -> Vec<Trace> {
    let mut traces = vec![Trace::Unknown; shapes.len()];
    let mut first = 0;
    for (input, width) in graph.inputs.iter().zip(widths) {
        let floats = input.element == element::FLOAT;
        traces[input.slot] =
            Trace::Columns(Columns { sources: (first..first + width).collect(), floats, plain: floats });
        first += width;
    }
    for step in &graph.steps {
        let trace = Tracer { graph, traces: &traces, shapes }.step(step);
        let fits = |columns: &Columns| width(shapes, step.output) == Some(columns.sources.len());
        traces[step.output] = match trace {
            Some(Trace::Columns(columns)) if !fits(&columns) => Trace::Unknown,
            Some(Trace::Sum) if width(shapes, step.output).is_none() => Trace::Unknown,
            found => found.unwrap_or(Trace::Unknown),
        };
    }
    traces
}

/// How many values a row has in a slot; nothing, when its first dimension is not that of rows.
pub(super) fn width(shapes: &[Option<Vec<usize>>], slot: usize) -> Option<usize> {
    match shapes.get(slot)?.as_deref()? {
        [PROBED_ROWS, rest @ ..] => Some(rest.iter().product()),
        _ => None,
    }
}

struct Tracer<'a> {
    graph: &'a Graph,
    traces: &'a [Trace],
    shapes: &'a [Option<Vec<usize>>],
}

impl Tracer<'_> {
    fn input<'s>(&'s self, step: &Step, at: usize) -> Option<(usize, &'s Trace)> {
        let slot = (*step.inputs.get(at)?)?;
        Some((slot, &self.traces[slot]))
    }

    fn constant(&self, step: &Step, at: usize) -> Option<&Tensor> {
        self.graph.constants.get(&(*step.inputs.get(at)?)?)
    }

    fn step(&self, step: &Step) -> Option<Trace> {
        let (_, x) = self.input(step, 0)?;
        let each = |keeps: fn(&mut Columns)| match x {
            Trace::Columns(columns) => {
                let mut columns = columns.clone();
                keeps(&mut columns);
                Some(Trace::Columns(columns))
            }
            _ => None,
        };
        let changed = |columns: &mut Columns| columns.plain = false;
        let inexact = |columns: &mut Columns| (columns.plain, columns.floats) = (false, false);
        let sum = || matches!(x, Trace::Columns(_) | Trace::Sum).then_some(Trace::Sum);
        let others_are_constant =
            || (1..step.inputs.len()).all(|at| step.inputs[at].is_none() || self.constant(step, at).is_some());
        match &step.operator {
            Operator::Same => Some(x.clone()),
            Operator::Reshape | Operator::Flatten(_) | Operator::Squeeze(_) | Operator::Unsqueeze(_) => Some(x.clone()),
            Operator::Cast(To::Float) if *x == Trace::Sum => Some(Trace::Sum),
            Operator::Cast(To::Double) if *x == Trace::Sum => Some(Trace::Sum),
            Operator::Cast(To::Float) => each(|columns| {
                columns.plain &= columns.floats;
                columns.floats = true;
            }),
            Operator::Cast(_) | Operator::Compare(_) if others_are_constant() => each(inexact),
            Operator::Unary(Unary::Neg) if *x == Trace::Sum => Some(Trace::Sum),
            Operator::Unary(_) | Operator::Imputer(_) => each(changed),
            Operator::Clip if others_are_constant() => each(changed),
            Operator::Scaler(_) if *x == Trace::Sum => Some(Trace::Sum),
            Operator::Scaler(_) => each(changed),
            Operator::BatchNormalization(_) if others_are_constant() => {
                sum().filter(|_| *x == Trace::Sum).or_else(|| each(changed))
            }
            Operator::Binary(binary) => self.binary(step, *binary),
            Operator::Concat(_) | Operator::Vectorize => self.concat(step),
            Operator::Extract => self.extract(step, x),
            Operator::OneHot(one_hot) => match x {
                Trace::Columns(columns) => {
                    let repeated =
                        columns.sources.iter().flat_map(|source| std::iter::repeat_n(*source, one_hot.width));
                    Some(Trace::Columns(Columns { sources: repeated.collect(), floats: true, plain: false }))
                }
                _ => None,
            },
            Operator::LabelEncoder(encoder) if encoder.says_floats() => each(|columns| {
                (columns.plain, columns.floats) = (false, true);
            }),
            Operator::LabelEncoder(_) => each(inexact),
            Operator::ReduceSum { .. } | Operator::Linear(_) => sum(),
            Operator::MatMul | Operator::Gemm { .. } if others_are_constant() => sum(),
            _ => None,
        }
    }

    /// Of two: sums add up, and a constant changes each value alone.
    fn binary(&self, step: &Step, binary: Binary) -> Option<Trace> {
        let [Some(a), Some(b)] = step.inputs[..] else { return None };
        let constants = (self.graph.constants.get(&a), self.graph.constants.get(&b));
        let adds = matches!(binary, Binary::Add | Binary::Sub);
        match (constants, &self.traces[a], &self.traces[b]) {
            ((None, None), Trace::Columns(_) | Trace::Sum, Trace::Columns(_) | Trace::Sum) => {
                adds.then_some(Trace::Sum)
            }
            ((Some(by), None), _, Trace::Columns(columns)) | ((None, Some(by)), Trace::Columns(columns), _) => {
                let floats = columns.floats && matches!(by.data, Data::F32(_));
                Some(Trace::Columns(Columns { sources: columns.sources.clone(), floats, plain: false }))
            }
            ((Some(_), None), _, Trace::Sum) => (binary != Binary::Div).then_some(Trace::Sum),
            ((None, Some(_)), Trace::Sum, _) => Some(Trace::Sum),
            _ => None,
        }
    }

    /// Side by side along the second dimension, or along the last where those between are of one.
    fn concat(&self, step: &Step) -> Option<Trace> {
        let shape = self.shapes.get(step.output)?.as_deref()?;
        let axis = match &step.operator {
            Operator::Concat(axis) if *axis < 0 => usize::try_from(axis + shape.len() as i64).ok()?,
            Operator::Concat(axis) => usize::try_from(*axis).ok()?,
            _ => 1,
        };
        let alone = axis >= 1 && shape.get(1..axis)?.iter().all(|dim| *dim == 1);
        if !alone {
            return None;
        }
        let mut all = Columns { sources: Vec::new(), floats: true, plain: true };
        let mut summed = false;
        for at in 0..step.inputs.len() {
            match self.input(step, at)?.1 {
                Trace::Columns(columns) => {
                    all.sources.extend(&columns.sources);
                    all.floats &= columns.floats;
                    all.plain &= columns.plain;
                }
                Trace::Sum => summed = true,
                Trace::Unknown => return None,
            }
        }
        Some(if summed { Trace::Sum } else { Trace::Columns(all) })
    }

    fn extract(&self, step: &Step, x: &Trace) -> Option<Trace> {
        let places = self.constant(step, 1)?.ints().ok()?;
        match x {
            Trace::Columns(columns) => {
                let place = |place: &i64| columns.sources.get(usize::try_from(*place).ok()?).copied();
                let sources = places.iter().map(place).collect::<Option<Vec<_>>>()?;
                Some(Trace::Columns(Columns { sources, ..columns.clone() }))
            }
            found => Some(found.clone()),
        }
    }
}
