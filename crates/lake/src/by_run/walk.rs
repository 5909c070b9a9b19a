//! One batch through the tree of stages.

use std::sync::Arc;

use arrow::{
    array::{ArrayRef, NullArray, RecordBatch, RecordBatchOptions},
    buffer::BooleanBuffer,
    compute::FilterBuilder,
    datatypes::{DataType, Field, Schema, SchemaRef},
};
use datafusion::common::Result;

use super::{
    fold::{Fold, fold},
    groups::{Groups, Keys, kept, met},
    stages::{Measure, Stage},
};

/// What is known of the groups so far.
pub(super) struct Walk {
    key: usize,
    root: Staged,
    folds: Vec<Box<dyn Fold>>,
    keys: Keys,
}

/// A stage, and the schema of its rows: columns that nobody needs there are left out, and nulls stand in their place.
struct Staged {
    stage: Stage,
    schema: SchemaRef,
    stages: Vec<Staged>,
}

impl Staged {
    fn new(mut stage: Stage, input: &Schema) -> Self {
        let fields = input.fields().iter().enumerate().map(|(at, field)| match stage.columns.contains(&at) {
            true => Arc::clone(field),
            false => Arc::new(Field::new(field.name(), DataType::Null, true)),
        });
        let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
        let stages = std::mem::take(&mut stage.stages).into_iter().map(|stage| Self::new(stage, input)).collect();
        Self { stage, schema, stages }
    }

    /// The rows that are kept, of the columns that are needed here.
    fn rows(&self, above: &RecordBatch, keep: &BooleanBuffer, count: usize) -> Result<RecordBatch> {
        let filter = match count == keep.len() {
            true => None,
            false => Some(FilterBuilder::new(&keep.clone().into()).optimize().build()),
        };
        let column = |(at, column): (usize, &ArrayRef)| -> Result<ArrayRef> {
            Ok(match (&filter, self.stage.columns.contains(&at)) {
                (_, false) => Arc::new(NullArray::new(count)),
                (None, true) => Arc::clone(column),
                (Some(filter), true) => filter.filter(column)?,
            })
        };
        let columns = above.columns().iter().enumerate().map(column).collect::<Result<Vec<_>>>()?;
        let options = RecordBatchOptions::new().with_row_count(Some(count));
        Ok(RecordBatch::try_new_with_options(Arc::clone(&self.schema), columns, &options)?)
    }
}

impl Walk {
    pub(super) fn new(key: usize, root: &Stage, measures: &[Measure], input: &SchemaRef) -> Result<Self> {
        let folds = measures.iter().map(|measure| fold(measure, input)).collect::<Result<_>>()?;
        Ok(Self { key, root: Staged::new(root.clone(), input), folds, keys: Keys::default() })
    }

    /// How many groups there are; the last may go on.
    pub(super) fn groups(&self) -> usize {
        self.keys.count()
    }

    pub(super) fn push(&mut self, rows: &RecordBatch) -> Result<()> {
        let (first, ends) = self.keys.push(rows.column(self.key))?;
        if rows.num_rows() == 0 {
            return Ok(());
        }
        let groups = Groups { first, ends: &ends, count: self.keys.count() };
        visit(&self.root, rows, groups, &mut self.folds)
    }

    /// The key and the values of the first groups, which are then forgotten.
    pub(super) fn take(&mut self, count: usize) -> Result<Vec<ArrayRef>> {
        let of = self.groups();
        let values = self.folds.iter_mut().map(|fold| fold.take(count, of));
        let values = values.collect::<Result<Vec<_>>>()?;
        let keys: ArrayRef = Arc::new(self.keys.take(count));
        Ok([keys].into_iter().chain(values).collect())
    }
}

fn visit(staged: &Staged, rows: &RecordBatch, groups: Groups<'_>, folds: &mut [Box<dyn Fold>]) -> Result<()> {
    let evaluated = staged.stage.arguments.iter().map(|argument| argument.evaluate(rows)?.into_array(rows.num_rows()));
    let evaluated = evaluated.collect::<Result<Vec<_>>>()?;
    for (measure, arguments) in &staged.stage.measures {
        let arguments: Vec<ArrayRef> = arguments.iter().map(|&at| Arc::clone(&evaluated[at])).collect();
        folds[*measure].push(groups, &arguments)?;
    }
    for below in &staged.stages {
        let Some(condition) = &below.stage.condition else { continue };
        let keep = met(&condition.evaluate(rows)?.into_array(rows.num_rows())?)?;
        let count = keep.count_set_bits();
        if count == 0 {
            continue;
        }
        let ends = kept(groups.ends, &keep);
        let groups = Groups { ends: &ends, ..groups };
        if below.stage.only_counts() && below.stages.is_empty() {
            below.stage.measures.iter().try_for_each(|(measure, _)| folds[*measure].push(groups, &[]))?;
            continue;
        }
        visit(below, &below.rows(rows, &keep, count)?, groups, folds)?;
    }
    Ok(())
}
