//! What kind of answer a graph gives: trees that add up, a sum over features, or anything else; and on which scale it adds up.
//!
//! It is found from the end: whatever does not change the chosen column is taken off, then the last map (a logistic curve, a softmax of two), and what is left is looked at.

use super::{
    graph::{Graph, Step},
    operators::{
        Operator, To,
        arithmetic::{Binary, Unary},
        columns::Norm,
        ensemble::Ensemble,
    },
    scores::{Finish, Second, Transform},
    tensor::Tensor,
    trace::{Columns, Trace, width},
};
use crate::learner::logistic;

/// From the scale on which parts add up to what is predicted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Link {
    Identity,
    Logistic,
}

impl Link {
    pub(super) fn apply(self, margin: f64) -> f64 {
        match self {
            Self::Identity => margin,
            Self::Logistic => logistic(margin),
        }
    }
}

/// A column of a slot, less another where two are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) slot: usize,
    pub(super) column: usize,
    pub(super) less: Option<usize>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Form {
    /// Trees over columns of one feature each, which lie in a slot.
    Trees {
        columns: Columns,
        slot: usize,
        ensemble: usize,
        place: Place,
        link: Link,
    },
    /// A sum of what each feature brings.
    Sum {
        place: Place,
        link: Link,
    },
    Any,
}

pub(super) fn form(graph: &Graph, traces: &[Trace], shapes: &[Option<Vec<usize>>], column: usize) -> Form {
    Peeler { graph, traces, shapes }.peel(Place { slot: graph.output, column, less: None })
}

struct Peeler<'a> {
    graph: &'a Graph,
    traces: &'a [Trace],
    shapes: &'a [Option<Vec<usize>>],
}

/// What one step back finds.
enum Back {
    /// The same number elsewhere.
    To(Place),
    /// A logistic curve of it.
    Curve(Place),
    Stop,
}

impl Peeler<'_> {
    fn peel(&self, mut place: Place) -> Form {
        let mut link = Link::Identity;
        // Every step back leads to an earlier slot.
        while let Some(step) = self.graph.writer(place.slot) {
            match self.back(step, place) {
                Back::To(earlier) => place = earlier,
                Back::Curve(earlier) if link == Link::Identity => (place, link) = (earlier, Link::Logistic),
                _ => break,
            }
        }
        self.found(place, link)
    }

    fn found(&self, place: Place, link: Link) -> Form {
        let step = self.graph.steps.iter().enumerate().find(|(_, step)| step.output == place.slot);
        if let Some((ensemble, Step { operator: Operator::Ensemble(_), inputs, .. })) = step {
            let slot = inputs.first().copied().flatten();
            return match slot.map(|slot| (slot, &self.traces[slot])) {
                Some((slot, Trace::Columns(columns))) if columns.floats => {
                    Form::Trees { columns: columns.clone(), slot, ensemble, place, link }
                }
                _ => Form::Any,
            };
        }
        match self.traces[place.slot] {
            Trace::Columns(_) | Trace::Sum => Form::Sum { place, link },
            Trace::Unknown => Form::Any,
        }
    }

    fn back(&self, step: &Step, place: Place) -> Back {
        let Some(before) = step.inputs.first().copied().flatten() else { return Back::Stop };
        let same = Place { slot: before, ..place };
        let widths = (width(self.shapes, before), width(self.shapes, step.output));
        let keeps_width = widths.0.is_some() && widths.0 == widths.1;
        match &step.operator {
            Operator::Same | Operator::Cast(To::Float | To::Double) => Back::To(same),
            Operator::Reshape | Operator::Flatten(_) if keeps_width => Back::To(same),
            Operator::Binary(Binary::Mul | Binary::Div) if keeps_width => match step.inputs[1..] {
                [Some(by)] if self.graph.constants.get(&by).is_some_and(is_one) => Back::To(same),
                _ => Back::Stop,
            },
            Operator::Concat(_) | Operator::Vectorize if place.less.is_none() => self.part(step, place.column),
            Operator::Normalizer(Norm::L1) if self.sums_to_one(before) => Back::To(same),
            Operator::Unary(Unary::Sigmoid) if place.less.is_none() => Back::Curve(same),
            Operator::Softmax { .. } if widths.0 == Some(2) && place.less.is_none() => {
                Back::Curve(Place { less: Some(1 - place.column.min(1)), ..same })
            }
            Operator::Finish(finish) if place.less.is_none() => finished(*finish, widths.0, same),
            _ => Back::Stop,
        }
    }

    /// Which of the parts that stand side by side holds a column.
    fn part(&self, step: &Step, mut column: usize) -> Back {
        let table = self.shapes.get(step.output).is_some_and(|shape| shape.as_ref().is_some_and(|s| s.len() == 2));
        let rows_stay = width(self.shapes, step.output).is_some();
        for slot in step.inputs.iter().flatten() {
            match width(self.shapes, *slot) {
                Some(width) if column < width && table && rows_stay => {
                    return Back::To(Place { slot: *slot, column, less: None });
                }
                Some(width) => column = column.saturating_sub(width),
                None => return Back::Stop,
            }
        }
        Back::Stop
    }

    /// Whether a slot holds the probabilities of two opposite scores, which add up to one as they are.
    fn sums_to_one(&self, slot: usize) -> bool {
        let Some(step) = self.graph.writer(slot) else { return false };
        let Operator::Finish(finish) = &step.operator else { return false };
        let raw = step.inputs.first().copied().flatten().and_then(|slot| self.graph.writer(slot));
        match (finish, raw.map(|raw| &raw.operator)) {
            (Finish { transform: Transform::Softmax, second: Second::Absent }, Some(_)) => true,
            (Finish { transform: Transform::Logistic, second: Second::Absent }, Some(Operator::Linear(linear))) => {
                linear.is_mirrored()
            }
            (Finish { transform: Transform::Logistic, .. }, Some(_)) => finish.second != Second::Absent,
            _ => false,
        }
    }
}

fn finished(finish: Finish, raw: Option<usize>, before: Place) -> Back {
    let one = Place { column: 0, ..before };
    match (finish.transform, finish.second, raw, before.column) {
        (Transform::Logistic, Second::Complement | Second::Negated, Some(1), 1) => Back::Curve(one),
        (_, Second::Complement | Second::Negated, Some(1), 1) => Back::To(one),
        (_, Second::Complement | Second::Negated, ..) => Back::Stop,
        (Transform::None, ..) => Back::To(before),
        (Transform::Logistic, ..) => Back::Curve(before),
        (Transform::Softmax, _, Some(2), column) => Back::Curve(Place { less: Some(1 - column.min(1)), ..before }),
        _ => Back::Stop,
    }
}

fn is_one(tensor: &Tensor) -> bool {
    tensor.wide().is_ok_and(|values| values.iter().all(|value| *value == 1.0))
}

impl Form {
    /// The trees of a form of trees.
    pub(super) fn ensemble<'g>(&self, graph: &'g Graph) -> Option<&'g Ensemble> {
        let Self::Trees { ensemble, .. } = self else { return None };
        match &graph.steps.get(*ensemble)?.operator {
            Operator::Ensemble(ensemble) => Some(ensemble),
            _ => None,
        }
    }
}
