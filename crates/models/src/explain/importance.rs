//! How much a model leans on each feature.

use serde::{Deserialize, Serialize};

use crate::{
    error::{Result, argument},
    figures,
    frame::{Column, DataSet, Frame, Values},
    learner::Model,
    random::Random,
};

/// One feature's share.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Importance {
    /// Its name.
    pub feature: String,
    /// How much: see the function that says so.
    pub value: f64,
}

/// The mean size of contributions, the largest first: how far each feature moves margins.
///
/// # Errors
/// When the model cannot explain, or features are not there.
pub fn importance(model: &dyn Model, frame: &Frame) -> Result<Vec<Importance>> {
    let values = model.contributions(frame)?.importance();
    Ok(ranked(model, values))
}

/// How much AUC is lost when a feature's values are shuffled (Breiman 2001), the mean of `repeats`, the largest first.
///
/// # Errors
/// When the label is not yes or no, features are not there, or nothing is to be repeated.
pub fn permutation_importance(model: &dyn Model, set: &DataSet, repeats: usize, seed: u64) -> Result<Vec<Importance>> {
    if repeats == 0 {
        return Err(argument("the number of repeats", 0, "shuffle at least once"));
    }
    let label = set.binary()?;
    let auc = |frame: &Frame| Ok(figures::auc(&model.margins(frame)?, label, set.weights()));
    let whole = auc(set.frame())?;
    let mut random = Random::new(seed);
    let mut lost = Vec::with_capacity(model.schema().len());
    for name in &model.schema().names {
        let mut sum = 0.0;
        for _ in 0..repeats {
            let order = random.permutation(label.len());
            sum += whole - auc(&set.frame().with(shuffled(set.frame().column(name)?, &order))?)?;
        }
        lost.push(sum / repeats as f64);
    }
    Ok(ranked(model, lost))
}

fn shuffled(column: &Column, order: &[usize]) -> Column {
    let values = match &column.values {
        Values::Number(values) => Values::Number(order.iter().map(|&row| values[row]).collect()),
        Values::Category { codes, levels } => {
            Values::Category { codes: order.iter().map(|&row| codes[row]).collect(), levels: levels.clone() }
        }
    };
    Column { name: column.name.clone(), values }
}

fn ranked(model: &dyn Model, values: Vec<f64>) -> Vec<Importance> {
    let named = model.schema().names.iter().cloned().zip(values);
    let mut all: Vec<Importance> = named.map(|(feature, value)| Importance { feature, value }).collect();
    all.sort_by(|a, b| b.value.total_cmp(&a.value).then_with(|| a.feature.cmp(&b.feature)));
    all
}
