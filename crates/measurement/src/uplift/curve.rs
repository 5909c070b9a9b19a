//! Qini and uplift curves, and how much of the best possible they reach.
//!
//! Qini (Radcliffe 2007): after the highest rows, what the treated among them gained over the untreated, the latter scaled to as
//! many: Y₁ - Y₀ N₁ / N₀. Uplift curve: (Y₁ / N₁ - Y₀ / N₀) (N₁ + N₀). Both areas are taken above the straight line to the end
//! (choosing at random), and as shares of the area of a perfect order; so they are `qini_auc_score` and `uplift_auc_score` of
//! scikit-uplift. Rows of one prediction come together.

use serde::{Deserialize, Serialize};

use crate::{
    bootstrap::Resampling,
    error::{MeasureError, settings},
    interval::Interval,
    random::Stream,
    sample::ascending,
    uplift::Experiment,
};

/// A point of the Qini curve.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct QiniPoint {
    /// Share of rows with at least this prediction.
    pub share: f64,
    /// What was gained among them, over all rows: outcomes a row that treating just them brings.
    pub gain: f64,
    /// What choosing as many at random gains.
    pub at_random: f64,
}

/// How good a prediction of uplift is.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct UpliftFigures {
    /// The effect of treatment on all: mean outcome of the treated less that of the untreated.
    pub effect: Interval,
    /// Area between Qini curve and random line over that of a perfect order; 0 is random, and below 0 worse than it. None for
    /// outcomes other than 0 and 1, which have no perfect order.
    pub qini: Option<Interval>,
    /// The same of the uplift curve.
    pub auuc: Option<Interval>,
    /// Area between Qini curve and random line, in outcomes a row (Radcliffe's Q over rows squared). Compare it only on the
    /// same rows.
    pub qini_area: Interval,
}

/// Sums of an arm.
#[derive(Debug, Clone, Copy, Default)]
struct Arm {
    rows: f64,
    outcome: f64,
}

/// Sums of rows that share a prediction: untreated, treated.
type Place = [Arm; 2];

/// The curve, thinned to about `points_max` points.
#[must_use]
pub fn qini_curve(rows: &Experiment<'_>, points_max: usize) -> Vec<QiniPoint> {
    let (places, _) = ranked(rows);
    let total: f64 = places.iter().flatten().map(|arm| arm.rows).sum();
    // Scaled to the treated arm; over the treated it is the effect a treated row, over all the gain a row.
    let curve = curve(&places, qini);
    let treated: f64 = places.iter().map(|place| place[1].rows).sum();
    let end = curve.last().map_or(0.0, |(_, gain)| gain / treated);
    let apart = 1.0 / points_max.max(2) as f64;
    let mut kept: Vec<QiniPoint> = Vec::new();
    for (i, (x, gain)) in curve.iter().enumerate() {
        let share = x / total;
        if i == 0 || i + 1 == curve.len() || kept.last().is_none_or(|last| share - last.share >= apart) {
            kept.push(QiniPoint { share, gain: gain / treated, at_random: end * share });
        }
    }
    kept
}

/// The figures with bootstrap intervals, resampled by arm.
///
/// # Errors
/// By the bounds of resampling.
pub fn evaluate(rows: &Experiment<'_>, how: &Resampling) -> Result<UpliftFigures, MeasureError> {
    if rows.len() > u32::MAX as usize {
        return Err(settings("too many rows"));
    }
    let (places, of) = ranked(rows);
    let binary = rows.outcome.iter().all(|y| *y == 0.0 || *y == 1.0);
    let best = binary.then(|| perfect_order(rows));
    let found = Areas::of(&places, best.as_ref().map(perfect));
    let arms: [Vec<u32>; 2] =
        [false, true].map(|arm| (0..rows.len() as u32).filter(|row| rows.treated[*row as usize] == arm).collect());
    let resampled = how.run(|stream| resample(rows, &arms, &of, places.len(), binary, stream))?;
    let of = |value: f64, part: fn(&Areas) -> f64| {
        Interval::of_resamples(value, resampled.iter().map(part).collect(), how.level)
    };
    Ok(UpliftFigures {
        effect: of(found.effect, |a| a.effect),
        qini: binary.then(|| of(found.qini, |a| a.qini)),
        auuc: binary.then(|| of(found.auuc, |a| a.auuc)),
        qini_area: of(found.qini_area, |a| a.qini_area),
    })
}

/// Sums by distinct prediction from high to low, and the place of each row.
fn ranked(rows: &Experiment<'_>) -> (Vec<Place>, Vec<u32>) {
    by_place(rows, rows.uplift)
}

fn by_place(rows: &Experiment<'_>, scores: &[f64]) -> (Vec<Place>, Vec<u32>) {
    let mut places: Vec<Place> = Vec::new();
    let mut of = vec![0; rows.len()];
    let mut before = None;
    for row in ascending(scores).into_iter().rev() {
        let row = row as usize;
        if before != Some(scores[row]) {
            places.push(Place::default());
            before = Some(scores[row]);
        }
        of[row] = (places.len() - 1) as u32;
        if let Some(place) = places.last_mut() {
            add(place, rows, row);
        }
    }
    (places, of)
}

fn add(place: &mut Place, rows: &Experiment<'_>, row: usize) {
    let (arm, weight) = (&mut place[usize::from(rows.treated[row])], rows.weight(row));
    arm.rows += weight;
    arm.outcome += weight * rows.outcome[row];
}

fn resample(
    rows: &Experiment<'_>,
    arms: &[Vec<u32>; 2],
    of: &[u32],
    places: usize,
    binary: bool,
    stream: &mut Stream,
) -> Areas {
    let mut drawn = vec![Place::default(); places];
    let mut best = [[Place::default(); 2]; 2];
    for arm in arms {
        for _ in 0..arm.len() {
            let row = arm[stream.index(arm.len())] as usize;
            add(&mut drawn[of[row] as usize], rows, row);
            if binary {
                let (treated, outcome) = (usize::from(rows.treated[row]), usize::from(rows.outcome[row] == 1.0));
                add(&mut best[treated][outcome], rows, row);
            }
        }
    }
    Areas::of(&drawn, binary.then(|| perfect(&best)))
}

/// Rows by treatment and outcome.
type Quarters = [[Place; 2]; 2];

fn perfect_order(rows: &Experiment<'_>) -> Quarters {
    let mut best = Quarters::default();
    for row in 0..rows.len() {
        let (treated, outcome) = (usize::from(rows.treated[row]), usize::from(rows.outcome[row] == 1.0));
        add(&mut best[treated][outcome], rows, row);
    }
    best
}

fn both(a: Place, b: Place) -> Place {
    let sum = |i: usize| Arm { rows: a[i].rows + b[i].rows, outcome: a[i].outcome + b[i].outcome };
    [sum(0), sum(1)]
}

/// Perfect orders of Qini and of uplift, as scikit-uplift has them: treated who responded first, untreated who responded last;
/// for uplift, those between by which are more.
fn perfect(best: &Quarters) -> [Vec<Place>; 2] {
    let [[untreated_no, untreated_yes], [treated_no, treated_yes]] = *best;
    let qini = vec![treated_yes, both(treated_no, untreated_no), untreated_yes];
    let auuc = if untreated_yes[0].rows > treated_no[1].rows {
        vec![treated_yes, untreated_no, untreated_yes, treated_no]
    } else {
        vec![treated_yes, untreated_no, treated_no, untreated_yes]
    };
    [qini, auuc]
}

struct Areas {
    effect: f64,
    qini: f64,
    auuc: f64,
    qini_area: f64,
}

impl Areas {
    fn of(places: &[Place], perfect: Option<[Vec<Place>; 2]>) -> Self {
        let all = places.iter().fold(Place::default(), |sum, place| both(sum, *place));
        let total = all[0].rows + all[1].rows;
        let area = above_random(&curve(places, qini));
        let share = |of: f64, best: &[Place], value: fn(Place) -> f64| of / above_random(&curve(best, value));
        let (qini_share, auuc_share) = perfect.map_or((f64::NAN, f64::NAN), |[best_qini, best_auuc]| {
            let uplift_area = above_random(&curve(places, uplift));
            (share(area, &best_qini, qini), share(uplift_area, &best_auuc, uplift))
        });
        Self {
            effect: mean(all[1]) - mean(all[0]),
            qini: qini_share,
            auuc: auuc_share,
            qini_area: area / total / all[1].rows,
        }
    }
}

fn mean(arm: Arm) -> f64 {
    if arm.rows > 0.0 { arm.outcome / arm.rows } else { 0.0 }
}

fn qini(sum: Place) -> f64 {
    let scaled = if sum[0].rows > 0.0 { sum[0].outcome * sum[1].rows / sum[0].rows } else { 0.0 };
    sum[1].outcome - scaled
}

fn uplift(sum: Place) -> f64 {
    (mean(sum[1]) - mean(sum[0])) * (sum[0].rows + sum[1].rows)
}

/// Rows taken and the value of them, from (0, 0).
fn curve(places: &[Place], value: fn(Place) -> f64) -> Vec<(f64, f64)> {
    let mut sum = Place::default();
    let mut points = vec![(0.0, 0.0)];
    for place in places.iter().filter(|place| place[0].rows + place[1].rows > 0.0) {
        sum = both(sum, *place);
        points.push((sum[0].rows + sum[1].rows, value(sum)));
    }
    points
}

/// Area (trapezoids) above the straight line from start to end.
fn above_random(curve: &[(f64, f64)]) -> f64 {
    let area: f64 = curve.windows(2).map(|p| (p[1].0 - p[0].0) * (p[1].1 + p[0].1) / 2.0).sum();
    curve.last().map_or(0.0, |(x, y)| area - x * y / 2.0)
}
