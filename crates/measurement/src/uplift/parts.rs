//! The effect among the highest rows, and in each tenth.

use serde::{Deserialize, Serialize};

use crate::{
    error::{MeasureError, settings},
    interval::{Interval, Level},
    sample::ascending,
    uplift::Experiment,
};

/// Rows an arm must have for an effect to be said.
const ARM_MIN: usize = 10;

/// The effect among some rows.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Effect {
    /// Rows that were treated.
    pub treated: usize,
    /// Rows that were not.
    pub untreated: usize,
    /// Mean outcome of the treated less that of the untreated, unequal variances; none when an arm has fewer than ten rows.
    pub effect: Option<Interval>,
}

/// One of equally large parts of rows.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct UpliftPart {
    /// Its number, from 1; the highest predictions first.
    pub part: usize,
    /// Mean prediction.
    pub said: f64,
    /// What happened.
    pub happened: Effect,
}

/// The effect among the highest share of rows: uplift at k. Rows tied across the cut are taken from the first on.
///
/// # Errors
/// When the share is not above 0 and at most 1.
pub fn uplift_at(rows: &Experiment<'_>, share: f64, level: Level) -> Result<Effect, MeasureError> {
    if !(share > 0.0 && share <= 1.0) {
        return Err(settings(format!("a share of {share} is not above 0 and at most 1")));
    }
    let order = from_high(rows);
    Ok(effect(rows, &order[..(rows.len() as f64 * share) as usize], level))
}

/// Cuts rows into so many parts, the highest predictions first; the first ones have one row more where it does not come out even.
///
/// # Errors
/// When parts are none or more than rows.
pub fn by_part(rows: &Experiment<'_>, parts: usize, level: Level) -> Result<Vec<UpliftPart>, MeasureError> {
    if parts == 0 || parts > rows.len() {
        return Err(settings(format!("{parts} parts of {} rows", rows.len())));
    }
    let order = from_high(rows);
    let (each, more) = (rows.len() / parts, rows.len() % parts);
    let mut from = 0;
    let part = |part: usize| {
        let to = from + each + usize::from(part <= more);
        let own = &order[from..to];
        from = to;
        let said = own.iter().map(|row| rows.uplift[*row as usize]).sum::<f64>() / own.len() as f64;
        UpliftPart { part, said, happened: effect(rows, own, level) }
    };
    Ok((1..=parts).map(part).collect())
}

fn from_high(rows: &Experiment<'_>) -> Vec<u32> {
    let turned: Vec<f64> = rows.uplift.iter().map(|u| -u).collect();
    ascending(&turned)
}

fn effect(rows: &Experiment<'_>, own: &[u32], level: Level) -> Effect {
    let arm = |treated: bool| Arm::of(rows, own.iter().map(|r| *r as usize).filter(|r| rows.treated[*r] == treated));
    let (with, without) = (arm(true), arm(false));
    let enough = with.rows >= ARM_MIN && without.rows >= ARM_MIN;
    let error = (with.variance + without.variance).sqrt();
    let effect = enough.then(|| Interval::around(with.mean - without.mean, error, level));
    Effect { treated: with.rows, untreated: without.rows, effect }
}

/// Rows, their weighted mean and its variance.
struct Arm {
    rows: usize,
    mean: f64,
    variance: f64,
}

impl Arm {
    /// The mean of Hájek (1971) and its linearised variance; without weights, the variance of a share p is p (1 - p) / n.
    fn of(rows: &Experiment<'_>, own: impl Iterator<Item = usize> + Clone) -> Self {
        let weight: f64 = own.clone().map(|row| rows.weight(row)).sum();
        let mean = own.clone().map(|row| rows.weight(row) * rows.outcome[row]).sum::<f64>() / weight;
        let squares: f64 = own.clone().map(|row| (rows.weight(row) * (rows.outcome[row] - mean)).powi(2)).sum();
        Self { rows: own.count(), mean, variance: squares / (weight * weight) }
    }
}
