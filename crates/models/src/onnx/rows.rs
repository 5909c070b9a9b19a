//! Rows in, numbers out: tensors of a frame's rows, and what the graph says of them, block by block.

use rayon::prelude::*;

use super::{
    BLOCK_ROWS, FEATURES_MAX, OnnxModel,
    form::Place,
    graph::Input,
    proto::element,
    refused,
    tensor::{Data, Tensor},
};
use crate::{
    error::{ModelError, Result},
    frame::{Aligned, ColumnKind, Schema},
};

impl OnnxModel {
    /// Tensors of rows whose values are told by row and feature; a category by its code.
    pub(super) fn tensors(&self, rows: usize, value: &dyn Fn(usize, usize) -> f64, wide: bool) -> Result<Vec<Tensor>> {
        let mut first = 0;
        let mut given = Vec::with_capacity(self.widths.len());
        for (input, width) in self.graph.inputs.iter().zip(&self.widths) {
            let features = first..first + width;
            let cells = || (0..rows).flat_map(|row| features.clone().map(move |feature| (row, feature)));
            let values = cells().map(|(row, feature)| value(row, feature));
            let data = match input.element {
                element::TEXT => {
                    Data::Text(cells().map(|(row, feature)| self.text(feature, value(row, feature))).collect())
                }
                element::FLOAT if !wide => Data::F32(values.map(|value| value as f32).collect()),
                element::FLOAT | element::DOUBLE => Data::F64(values.collect()),
                element => {
                    let whole = cells().map(|(row, feature)| self.whole(row, feature, value(row, feature)));
                    let whole = whole.collect::<Result<Vec<_>>>()?;
                    match element {
                        element::BOOL => Data::Bool(whole.into_iter().map(|value| value != 0).collect()),
                        _ => Data::I64(whole),
                    }
                }
            };
            given.push(Tensor::new(vec![rows, *width], data));
            first += width;
        }
        Ok(given)
    }

    /// The level of a code; the empty text for a gap.
    pub(super) fn text(&self, feature: usize, code: f64) -> String {
        let ColumnKind::Category(levels) = &self.schema.kinds[feature] else { return String::new() };
        let level = if code >= 0.0 { levels.get(code as usize) } else { None };
        level.cloned().unwrap_or_default()
    }

    pub(super) fn whole(&self, row: usize, feature: usize, value: f64) -> Result<i64> {
        // What 64 bits hold of whole numbers without a gap.
        const LARGEST: f64 = 9_007_199_254_740_992.0;
        if value.fract() == 0.0 && value.abs() <= LARGEST {
            return Ok(value as i64);
        }
        Err(ModelError::Value {
            name: self.schema.names[feature].clone(),
            row,
            found: if value.is_nan() { "missing".to_owned() } else { value.to_string() },
            help: "the model takes whole numbers there: fill gaps and round before",
        })
    }

    pub(super) fn block(&self, aligned: &Aligned<'_>, first: usize, wide: bool) -> Result<Vec<Tensor>> {
        let rows = BLOCK_ROWS.min(aligned.rows - first);
        self.tensors(rows, &|row, feature| aligned.cells[feature].number(first + row), wide)
    }

    /// What the graph says of some rows, as it is written.
    pub(super) fn outputs(&self, given: Vec<Tensor>, rows: usize) -> Result<Vec<f64>> {
        let said = self.graph.run(given, self.graph.output, false).map_err(refused)?;
        if rows == 0 || said.data.len() == 0 || said.shape.first() != Some(&rows) {
            return Err(refused("its output does not have a row for every row that is given"));
        }
        let values = said.wide().map_err(refused)?;
        let columns = values.len() / rows;
        let column = self.chosen(columns)?;
        Ok(values.into_iter().skip(column).step_by(columns).collect())
    }

    /// A column of a slot in 64 bits, less another where two are compared.
    pub(super) fn placed(&self, given: Vec<Tensor>, place: Place) -> Result<Vec<f64>> {
        let found = self.graph.run(given, place.slot, true).map_err(refused)?;
        let rows = found.shape.first().copied().unwrap_or(0);
        let values = found.wide().map_err(refused)?;
        let columns = values.len() / rows.max(1);
        if place.column.max(place.less.unwrap_or(0)) >= columns {
            return Err(refused("its output does not have a row for every row that is given"));
        }
        Ok(values
            .chunks_exact(columns)
            .map(|row| row[place.column] - place.less.map_or(0.0, |less| row[less]))
            .collect())
    }

    /// Blocks of rows on all threads, in order.
    pub(super) fn blocks(&self, rows: usize, of: impl Fn(usize) -> Result<Vec<f64>> + Sync + Send) -> Result<Vec<f64>> {
        let firsts: Vec<usize> = (0..rows).step_by(BLOCK_ROWS).collect();
        let parts: Vec<Result<Vec<f64>>> = match firsts.len() {
            0 | 1 => firsts.into_iter().map(of).collect(),
            _ => firsts.into_par_iter().map(of).collect(),
        };
        Ok(parts.into_iter().collect::<Result<Vec<_>>>()?.concat())
    }
}

/// Names, kinds and how many features each input takes.
pub(super) fn features(inputs: &[Input], named: &[String]) -> Result<(Schema, Vec<usize>)> {
    let open = inputs.iter().filter(|input| input.columns.is_none()).count();
    let known: usize = inputs.iter().filter_map(|input| input.columns).fold(0, usize::saturating_add);
    let rest = named.len().checked_sub(known).filter(|rest| *rest > 0);
    let widths = inputs.iter().map(|input| match (input.columns, open, rest) {
        (Some(columns), ..) => Ok(columns),
        (None, 1, Some(rest)) => Ok(rest),
        _ => Err(refused(format!(
            "its input `{}` does not say how many columns it has; name the features in its order",
            input.name
        ))),
    });
    let widths = widths.collect::<Result<Vec<_>>>()?;
    let all = widths.iter().copied().fold(0, usize::saturating_add);
    if all == 0 || all > FEATURES_MAX {
        return Err(refused(format!("it takes {all} features; 1 to {FEATURES_MAX} are taken")));
    }
    let mut kinds = Vec::with_capacity(all);
    for (input, width) in inputs.iter().zip(&widths) {
        let kind = match input.element {
            element::TEXT if input.levels.is_empty() => {
                return Err(refused(format!(
                    "its input `{}` takes texts, and no operator tells any apart",
                    input.name
                )));
            }
            element::TEXT => ColumnKind::Category(input.levels.clone()),
            _ => ColumnKind::Number,
        };
        kinds.extend(std::iter::repeat_n(kind, *width));
    }
    let own = || match widths.iter().all(|width| *width == 1) && inputs.len() > 1 {
        true => inputs.iter().map(|input| input.name.clone()).collect(),
        false => (0..all).map(|at| format!("f{at}")).collect(),
    };
    let names = if named.is_empty() { own() } else { named.to_vec() };
    if names.len() != all {
        return Err(refused(format!("it takes {all} features, and {} are named", names.len())));
    }
    let schema = Schema { names: Vec::new(), kinds };
    Ok((schema.renamed(names)?, widths))
}
