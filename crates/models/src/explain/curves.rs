//! How predictions go with one feature.

use serde::{Deserialize, Serialize};

use crate::{
    error::{Result, argument},
    frame::{Column, Frame, Values},
    learner::Model,
};

/// The most points of a curve.
const POINTS_MAX: usize = 200;

/// One point of a curve.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// The feature's value, as people write it.
    pub label: String,
    /// Of numbers: the value.
    pub value: Option<f64>,
    /// The prediction there, or the effect.
    pub effect: f64,
    /// How many rows stand behind it.
    pub rows: usize,
}

/// How predictions go with a feature.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Curve {
    /// The feature.
    pub feature: String,
    /// By value; levels by their order.
    pub points: Vec<Point>,
}

/// The mean prediction over all rows, when each had this value instead (Friedman 2001). Of numbers at up to `points` quantiles, of categories at
/// each level.
///
/// # Errors
/// When there is no such feature, or too few or too many points are asked for.
pub fn partial_dependence(model: &dyn Model, frame: &Frame, feature: &str, points: usize) -> Result<Curve> {
    let column = frame.column(feature)?;
    let mean = |values: Values| -> Result<f64> {
        let asked = frame.with(Column { name: feature.to_owned(), values })?;
        let predictions = model.predict(&asked)?;
        Ok(predictions.iter().sum::<f64>() / predictions.len().max(1) as f64)
    };
    let rows = frame.rows();
    let mut curve = Curve { feature: feature.to_owned(), points: Vec::new() };
    match &column.values {
        Values::Number(values) => {
            for value in quantiles(values, points)? {
                let here = values.iter().filter(|v| **v == value).count();
                let effect = mean(Values::Number(vec![value; rows]))?;
                curve.points.push(Point { label: value.to_string(), value: Some(value), effect, rows: here });
            }
        }
        Values::Category { codes, levels } => {
            for (code, level) in levels.iter().enumerate() {
                let here = codes.iter().filter(|c| **c as usize == code).count();
                let effect = mean(Values::Category { codes: vec![code as u32; rows], levels: levels.clone() })?;
                curve.points.push(Point { label: level.clone(), value: None, effect, rows: here });
            }
        }
    }
    Ok(curve)
}

/// Accumulated local effects of a number (Apley and Zhu 2020): what changes within intervals that rows really lie in, added up and centred. Unlike partial
/// dependence it asks nothing of rows that cannot be.
///
/// # Errors
/// When the feature is not a number or has one value, or too few or too many intervals are asked for.
pub fn accumulated_effects(model: &dyn Model, frame: &Frame, feature: &str, intervals: usize) -> Result<Curve> {
    let Values::Number(values) = &frame.column(feature)?.values else {
        return Err(argument(
            "the feature of accumulated effects",
            feature,
            "it is a number; take partial dependence for categories",
        ));
    };
    let edges = quantiles(values, intervals.saturating_add(1))?;
    if edges.len() < 2 {
        return Err(argument(
            "the number of values of the feature",
            edges.len(),
            "two or more have effects between them",
        ));
    }
    let known: Vec<usize> = (0..values.len()).filter(|&row| !values[row].is_nan()).collect();
    let interval = |row: usize| edges.partition_point(|edge| *edge < values[row]).clamp(1, edges.len() - 1);
    let frame = frame.select(&known)?;
    let at_edge = |up: bool| {
        let edge = |&row: &usize| edges[if up { interval(row) } else { interval(row) - 1 }];
        model.predict(&frame.with(Column::number(feature, known.iter().map(edge).collect()))?)
    };
    let (upper, lower) = (at_edge(true)?, at_edge(false)?);
    let mut sums = vec![(0.0, 0_usize); edges.len()];
    for (at, &row) in known.iter().enumerate() {
        let sum = &mut sums[interval(row)];
        *sum = (sum.0 + upper[at] - lower[at], sum.1 + 1);
    }
    let mut effect = 0.0;
    let effects: Vec<f64> = sums
        .iter()
        .map(|(sum, rows)| {
            effect += if *rows > 0 { sum / *rows as f64 } else { 0.0 };
            effect
        })
        .collect();
    // Centred so that the mean effect over rows, each halfway through its interval, is none.
    let middle = (1..edges.len()).map(|at| sums[at].1 as f64 * f64::midpoint(effects[at - 1], effects[at]));
    let mean = middle.sum::<f64>() / known.len() as f64;
    let point = |(at, edge): (usize, &f64)| Point {
        label: edge.to_string(),
        value: Some(*edge),
        effect: effects[at] - mean,
        rows: sums[at].1,
    };
    Ok(Curve { feature: feature.to_owned(), points: edges.iter().enumerate().map(point).collect() })
}

/// Different values, about as many rows between any two; the smallest and the largest are among them.
fn quantiles(values: &[f64], points: usize) -> Result<Vec<f64>> {
    if !(2..=POINTS_MAX).contains(&points) {
        return Err(argument("the number of points", points, "a curve has 2 to 200"));
    }
    let mut known: Vec<f64> = values.iter().copied().filter(|v| !v.is_nan()).collect();
    known.sort_unstable_by(f64::total_cmp);
    let Some(last) = known.len().checked_sub(1) else { return Ok(Vec::new()) };
    let mut chosen: Vec<f64> = (0..points).map(|at| known[last * at / (points - 1)]).collect();
    chosen.dedup();
    Ok(chosen)
}
