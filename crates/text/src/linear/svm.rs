//! The support vector machine with squared hinge loss, in the dual, with shrinking (Hsieh et al. 2008, algorithm 3).

use super::{Machine, Problem};
use crate::{random::Random, rows::Row};

/// Passes over the examples at most.
const PASSES_MAX: usize = 200;
/// How far projected gradients may lie apart at the end.
const TOLERANCE: f64 = 0.01;

/// One example's part of the dual: α ≥ 0, gradient y w·x − 1 + α / (2 c), curvature x·x + 1 + 1 / (2 c).
struct Example<'r> {
    row: Row<'r>,
    y: f64,
    diagonal: f64,
    curvature: f64,
    alpha: f64,
}

pub(super) fn train(problem: &Problem<'_>) -> Machine {
    let mut examples = examples(problem);
    let mut machine = Machine::zero(problem.rows.width());
    let mut random = Random::new(problem.seed);
    let mut order: Vec<usize> = (0..examples.len()).collect();
    let mut active = order.len();
    let mut bound = f64::INFINITY;
    for _ in 0..PASSES_MAX {
        let (most, least) = pass(&mut examples, &mut order, &mut active, bound, &mut machine, &mut random);
        if most - least > TOLERANCE {
            bound = if most > 0.0 { most } else { f64::INFINITY };
        } else if active == order.len() {
            break;
        } else {
            // What was set aside is looked at once more before the end.
            (active, bound) = (order.len(), f64::INFINITY);
        }
    }
    machine
}

fn examples<'p>(problem: &Problem<'p>) -> Vec<Example<'p>> {
    let each = problem.chosen.iter().zip(problem.inside).zip(problem.costs);
    each.map(|((&row, &inside), &cost)| {
        let row = problem.rows.row(row as usize);
        let diagonal = 0.5 / cost;
        Example {
            row,
            y: if inside { 1.0 } else { -1.0 },
            diagonal,
            curvature: row.square() + 1.0 + diagonal,
            alpha: 0.0,
        }
    })
    .collect()
}

/// Visits the active examples once; the largest and the smallest projected gradient.
fn pass(
    examples: &mut [Example<'_>],
    order: &mut [usize],
    active: &mut usize,
    bound: f64,
    machine: &mut Machine,
    random: &mut Random,
) -> (f64, f64) {
    random.shuffle(&mut order[..*active]);
    let (mut most, mut least) = (f64::NEG_INFINITY, f64::INFINITY);
    let mut at = 0;
    while at < *active {
        let example = &mut examples[order[at]];
        let gradient = example.y * machine.decision(&example.row) - 1.0 + example.diagonal * example.alpha;
        if example.alpha == 0.0 && gradient > bound {
            *active -= 1;
            order.swap(at, *active);
            continue;
        }
        let projected = if example.alpha == 0.0 { gradient.min(0.0) } else { gradient };
        (most, least) = (most.max(projected), least.min(projected));
        if projected != 0.0 {
            let alpha = (example.alpha - gradient / example.curvature).max(0.0);
            machine.add(&example.row, (alpha - example.alpha) * example.y);
            example.alpha = alpha;
        }
        at += 1;
    }
    (most, least)
}
