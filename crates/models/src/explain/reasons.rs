//! The principal reasons of one row's score.

use std::collections::BTreeSet;

use crate::{
    error::{Result, argument},
    frame::{Column, Frame, MISSING, Values},
    learner::Model,
};

/// The most principal reasons of a refusal (Regulation B's commentary: more than four are unlikely to help).
pub const REASONS_MAX: usize = 4;

/// One reason.
#[derive(Debug, Clone, PartialEq)]
pub struct Reason {
    /// The feature; of a group of features that say one thing, the one that says most.
    pub feature: String,
    /// Its value in this row, as people write it; nothing where there is none.
    pub value: Option<String>,
    /// What it (and its group) added to the margin.
    pub contribution: f64,
}

/// The features that moved each row's margin most, in one direction: up when `raising`, down otherwise. At most `at_most` a row; those of `unnamed`
/// (protected attributes) are never named. Ties go by the order of features.
///
/// # Errors
/// When the model cannot explain, a feature is not there, or more than [`REASONS_MAX`] are asked for.
pub fn reasons(
    model: &dyn Model,
    frame: &Frame,
    raising: bool,
    at_most: usize,
    unnamed: &BTreeSet<String>,
) -> Result<Vec<Vec<Reason>>> {
    if at_most > REASONS_MAX {
        return Err(argument("the number of reasons", at_most, "at most four principal reasons are told"));
    }
    let contributions = model.contributions(frame)?;
    let names = &model.schema().names;
    let columns = names.iter().map(|name| frame.column(name)).collect::<Result<Vec<_>>>()?;
    let of_row = |row: usize| {
        let towards = |value: f64| if raising { value } else { -value };
        let values = contributions.row(row);
        let mut order: Vec<usize> =
            (0..names.len()).filter(|&at| towards(values[at]) > 0.0 && !unnamed.contains(&names[at])).collect();
        order.sort_by(|&a, &b| towards(values[b]).total_cmp(&towards(values[a])).then(a.cmp(&b)));
        let reason = |at: usize| Reason {
            feature: names[at].clone(),
            value: written(columns[at], row),
            contribution: values[at],
        };
        order.into_iter().take(at_most).map(reason).collect()
    };
    Ok((0..frame.rows()).map(of_row).collect())
}

fn written(column: &Column, row: usize) -> Option<String> {
    match &column.values {
        Values::Number(values) => values.get(row).filter(|v| !v.is_nan()).map(f64::to_string),
        Values::Category { codes, levels } => {
            codes.get(row).filter(|code| **code != MISSING).and_then(|&code| levels.get(code as usize)).cloned()
        }
    }
}
