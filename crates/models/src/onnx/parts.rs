//! Why a graph says what it says: margins that add up, and what each feature brings to them.

use super::{
    BLOCK_ROWS, OnnxModel,
    form::{Form, Place},
    refused, shapley,
};
use crate::{error::Result, frame::Aligned, learner::Contributions};

impl OnnxModel {
    /// Margins of trees.
    pub(super) fn tree_margins(&self, aligned: &Aligned<'_>) -> Result<Option<Vec<f64>>> {
        let (Form::Trees { columns, slot, .. }, Some(forest)) = (&self.form, &self.forest) else { return Ok(None) };
        if columns.plain {
            let fill = |first: usize, rows: usize, out: &mut [f32]| plain(aligned, &columns.sources, first, rows, out);
            return Ok(Some(forest.margins(aligned.rows, &fill)));
        }
        let of = |first: usize| {
            let cells = self.graph.run(self.block(aligned, first, false)?, *slot, false).map_err(refused)?;
            let cells = cells.narrow().map_err(refused)?;
            let width = columns.sources.len();
            let rows = cells.len() / width.max(1);
            let fill = |first: usize, rows: usize, out: &mut [f32]| {
                out.copy_from_slice(&cells[first * width..(first + rows) * width]);
            };
            Ok(forest.margins(rows, &fill))
        };
        self.blocks(aligned.rows, of).map(Some)
    }

    /// What each column added, put to the feature that it comes of.
    pub(super) fn tree_contributions(&self, aligned: &Aligned<'_>) -> Result<Option<Contributions>> {
        let (Form::Trees { columns, slot, .. }, Some(forest)) = (&self.form, &self.forest) else { return Ok(None) };
        let (features, width) = (self.schema.len(), columns.sources.len());
        let mut all = Contributions { base: 0.0, values: Vec::with_capacity(aligned.rows * features), features };
        let mut first = 0;
        while first < aligned.rows || first == 0 {
            let rows = BLOCK_ROWS.min(aligned.rows - first);
            let cells = match columns.plain {
                true => {
                    let mut cells = vec![0.0; rows * width];
                    plain(aligned, &columns.sources, first, rows, &mut cells);
                    cells
                }
                false => self
                    .graph
                    .run(self.block(aligned, first, false)?, *slot, false)
                    .and_then(|t| t.narrow())
                    .map_err(refused)?,
            };
            let fill = |first: usize, rows: usize, out: &mut [f32]| {
                out.copy_from_slice(&cells[first * width..(first + rows) * width]);
            };
            let parts = forest.contributions(rows, &fill);
            all.base = parts.base;
            for row in 0..rows {
                let start = all.values.len();
                all.values.resize(start + features, 0.0);
                parts
                    .row(row)
                    .iter()
                    .zip(&columns.sources)
                    .for_each(|(part, source)| all.values[start + source] += part);
            }
            first += BLOCK_ROWS;
        }
        Ok(Some(all))
    }

    /// What each feature alone moves a sum away from the reference.
    pub(super) fn sum_contributions(
        &self,
        aligned: &Aligned<'_>,
        reference: &[f64],
        place: Place,
    ) -> Result<Contributions> {
        let features = self.schema.len();
        let base = self.placed(self.tensors(1, &|_, feature| reference[feature], true)?, place)?;
        let base = base.first().copied().unwrap_or(0.0);
        let of = |first: usize| {
            let rows = BLOCK_ROWS.min(aligned.rows - first);
            let mut values = vec![0.0; rows * features];
            for moved in 0..features {
                let value = |row: usize, feature: usize| match feature == moved {
                    true => aligned.cells[feature].number(first + row),
                    false => reference[feature],
                };
                let found = self.placed(self.tensors(rows, &value, true)?, place)?;
                found.iter().enumerate().for_each(|(row, margin)| values[row * features + moved] = margin - base);
            }
            Ok(values)
        };
        Ok(Contributions { base, values: self.blocks(aligned.rows, of)?, features })
    }

    pub(super) fn shapley_contributions(&self, aligned: &Aligned<'_>, reference: &[f64]) -> Result<Contributions> {
        let features = self.schema.len();
        let at = |rows: &[f64]| {
            let of = |first: usize| {
                let count = BLOCK_ROWS.min(rows.len() / features - first);
                let value = |row: usize, feature: usize| rows[(first + row) * features + feature];
                self.outputs(self.tensors(count, &value, false)?, count)
            };
            self.blocks(rows.len() / features.max(1), of)
        };
        let base = at(reference)?.first().copied().unwrap_or(0.0);
        let mut values = Vec::with_capacity(aligned.rows * features);
        for row in 0..aligned.rows {
            let cells: Vec<f64> = aligned.cells.iter().map(|cells| cells.number(row)).collect();
            values.extend(shapley::values(&cells, reference, &at)?);
        }
        Ok(Contributions { base, values, features })
    }
}

/// Values of features as they are.
fn plain(aligned: &Aligned<'_>, sources: &[usize], first: usize, rows: usize, out: &mut [f32]) {
    for (at, source) in sources.iter().enumerate() {
        let cells = &aligned.cells[*source];
        let places = out.iter_mut().skip(at).step_by(sources.len());
        (first..first + rows).zip(places).for_each(|(row, out)| *out = cells.number(row) as f32);
    }
}
