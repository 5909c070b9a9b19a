//! Logistic regression in the dual: each step a one-dimensional Newton search inside (0, c) (Yu, Huang & Lin 2011, algorithms 4 and 5).

use super::{Machine, Problem};
use crate::{random::Random, rows::Row};

/// Passes over the examples at most.
const PASSES_MAX: usize = 200;
/// Newton steps of one visit at most.
const STEPS_MAX: usize = 100;
/// How large gradients may be at the end.
const TOLERANCE: f64 = 0.01;
/// A step that would leave the interval goes to this share of the way to its end.
const RETREAT: f64 = 0.1;

/// One example: α in (0, c), and c − α beside it, since either may be too small for a difference.
struct Example<'r> {
    row: Row<'r>,
    y: f64,
    square: f64,
    cost: f64,
    alpha: f64,
    rest: f64,
}

pub(super) fn train(problem: &Problem<'_>) -> Machine {
    let mut machine = Machine::zero(problem.rows.width());
    let mut examples = examples(problem);
    examples.iter().for_each(|example| machine.add(&example.row, example.y * example.alpha));
    let mut random = Random::new(problem.seed);
    let mut order: Vec<usize> = (0..examples.len()).collect();
    let mut precision = 0.01_f64;
    for _ in 0..PASSES_MAX {
        random.shuffle(&mut order);
        let (mut largest, mut steps) = (0.0_f64, 0);
        for &at in &order {
            let (gradient, taken) = visit(&mut examples[at], precision, &mut machine);
            largest = largest.max(gradient);
            steps += taken;
        }
        if largest < TOLERANCE {
            break;
        }
        if steps <= order.len() / 10 {
            precision = (precision * 0.1).max(1e-8);
        }
    }
    machine
}

fn examples<'p>(problem: &Problem<'p>) -> Vec<Example<'p>> {
    let each = problem.chosen.iter().zip(problem.inside).zip(problem.costs);
    each.map(|((&row, &inside), &cost)| {
        let row = problem.rows.row(row as usize);
        let alpha = (0.001 * cost).min(1e-8);
        Example { row, y: if inside { 1.0 } else { -1.0 }, square: row.square() + 1.0, cost, alpha, rest: cost - alpha }
    })
    .collect()
}

/// Brings one example to its optimum; its gradient before, and the Newton steps taken.
fn visit(example: &mut Example<'_>, precision: f64, machine: &mut Machine) -> (f64, usize) {
    let Example { row, y, square: a, cost, .. } = *example;
    let b = y * machine.decision(&row);
    // The smaller of α and c − α is searched for: only that one is exact near its end of the interval.
    let flipped = 0.5 * a * (example.rest - example.alpha) + b < 0.0;
    let (old, sign) = if flipped { (example.rest, -1.0) } else { (example.alpha, 1.0) };
    let mut z = if cost - old < 0.5 * cost { RETREAT * old } else { old };
    let slope = |z: f64| a * (z - old) + sign * b + (z / (cost - z)).ln();
    let mut gradient = slope(z);
    let before = gradient.abs();
    let mut steps = 0;
    while gradient.abs() >= precision && steps < STEPS_MAX {
        let curvature = a + cost / (cost - z) / z;
        let next = z - gradient / curvature;
        z = if next <= 0.0 { z * RETREAT } else { next };
        gradient = slope(z);
        steps += 1;
    }
    if steps > 0 {
        (example.alpha, example.rest) = if flipped { (cost - z, z) } else { (z, cost - z) };
        machine.add(&row, sign * (z - old) * y);
    }
    (before, steps)
}
