//! A mapping at work: batches of records in, batches of rows out.

use std::sync::Arc;

use arrow::{
    array::{Array, ArrayRef, RecordBatch, RecordBatchOptions, new_null_array},
    compute::{CastOptions, cast, cast_with_options, concat},
    datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit},
};
use datafusion::physical_expr::PhysicalExpr;
use florin_domain::ColumnType;

use super::{
    compile::OutputPlan,
    lookup::{Found, Lookup},
};
use crate::LakeError;

/// Why a record did not become a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MapFailure {
    /// More than one row was found where one was looked up.
    ManyMatches {
        /// Where it was looked up.
        input: String,
    },
    /// An expression could not be computed: a text that is no number, a day that does not exist, a division by zero.
    Computation {
        /// The column it was for.
        column: String,
    },
}

/// What became of a batch of records.
pub struct Mapped {
    /// One row a record, in order, with the columns that the mapping gives.
    pub rows: RecordBatch,
    /// The records that did not become a row, ascending; their rows are not to be used.
    pub failures: Vec<(usize, MapFailure)>,
}

/// A mapping with the rows that it looks things up in. Threads apply it at once.
pub struct BoundMapping {
    lookups: Vec<Lookup>,
    outputs: Vec<OutputPlan>,
    used: Vec<bool>,
    widths: Vec<usize>,
    schema: SchemaRef,
    time_zone: Arc<str>,
}

impl BoundMapping {
    pub(super) fn new(
        lookups: Vec<Lookup>,
        outputs: Vec<OutputPlan>,
        used: Vec<bool>,
        widths: Vec<usize>,
        time_zone: &Arc<str>,
    ) -> Self {
        let fields: Vec<Field> = outputs.iter().map(|o| Field::new(&o.name, o.ty.arrow(), true)).collect();
        let schema = Arc::new(Schema::new(fields));
        Self { lookups, outputs, used, widths, schema, time_zone: Arc::clone(time_zone) }
    }

    /// The columns that the mapping gives.
    #[must_use]
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// Computes the rows of a batch of records of the driving input.
    ///
    /// # Errors
    /// Only when memory or a bug fails the whole batch; what concerns one record is among the failures.
    pub fn apply(&self, records: &RecordBatch) -> Result<Mapped, LakeError> {
        let mut failures = Vec::new();
        let joined = self.join(records, &mut failures)?;
        let mut columns = Vec::with_capacity(self.outputs.len());
        for output in &self.outputs {
            let (values, failed) = evaluate_each(&output.expr, &joined, &output.ty.arrow())?;
            let (values, unconverted) = convert(&values, output.ty, &self.time_zone)?;
            let computation = || MapFailure::Computation { column: output.name.clone() };
            failures.extend(failed.into_iter().chain(unconverted).map(|row| (row, computation())));
            columns.push(values);
        }
        failures.sort_by_key(|(row, _)| *row);
        failures.dedup_by_key(|(row, _)| *row);
        let options = RecordBatchOptions::new().with_row_count(Some(records.num_rows()));
        let rows = RecordBatch::try_new_with_options(Arc::clone(&self.schema), columns, &options)?;
        Ok(Mapped { rows, failures })
    }

    /// The records with what was looked up for them beside.
    fn join(&self, records: &RecordBatch, failures: &mut Vec<(usize, MapFailure)>) -> Result<RecordBatch, LakeError> {
        if self.lookups.is_empty() {
            return Ok(records.clone());
        }
        let mut fields: Vec<Arc<Field>> = records.schema().fields().iter().cloned().collect();
        let mut columns = records.columns().to_vec();
        for lookup in &self.lookups {
            let so_far = batch(&fields, &columns, records.num_rows())?;
            let found = lookup.find(&so_far)?;
            let many = || MapFailure::ManyMatches { input: lookup.name().to_owned() };
            failures.extend(found.many.iter().map(|&row| (row, many())));
            self.add_lookup(lookup, &found, &mut fields, &mut columns)?;
        }
        batch(&fields, &columns, records.num_rows())
    }

    fn add_lookup(
        &self,
        lookup: &Lookup,
        found: &Found,
        fields: &mut Vec<Arc<Field>>,
        columns: &mut Vec<ArrayRef>,
    ) -> Result<(), LakeError> {
        for (index, field) in lookup.schema().fields().iter().enumerate() {
            let used = self.used.get(columns.len()).copied().unwrap_or(true);
            columns.push(match used {
                true => lookup.column(index, found)?,
                false => new_null_array(field.data_type(), found.rows.len()),
            });
            fields.push(Arc::new(field.as_ref().clone().with_nullable(true)));
        }
        debug_assert!(self.widths.iter().sum::<usize>() >= columns.len(), "inputs lie side by side");
        Ok(())
    }
}

fn batch(fields: &[Arc<Field>], columns: &[ArrayRef], rows: usize) -> Result<RecordBatch, LakeError> {
    let options = RecordBatchOptions::new().with_row_count(Some(rows));
    let schema = Arc::new(Schema::new(fields.to_vec()));
    Ok(RecordBatch::try_new_with_options(schema, columns.to_vec(), &options)?)
}

/// Evaluates an expression, row by row where the whole fails: missing for the rows that cannot be computed, which are
/// listed. (Halving finds k bad rows among n with about k·log n evaluations; the good path costs one.)
pub(super) fn evaluate_each(
    expr: &Arc<dyn PhysicalExpr>,
    rows: &RecordBatch,
    ty: &DataType,
) -> Result<(ArrayRef, Vec<usize>), LakeError> {
    let whole = expr.evaluate(rows).and_then(|v| v.into_array(rows.num_rows()));
    match whole {
        Ok(values) => Ok((values, Vec::new())),
        Err(_) if rows.num_rows() <= 1 => {
            let ty = expr.data_type(&rows.schema()).unwrap_or_else(|_| ty.clone());
            Ok((new_null_array(&ty, rows.num_rows()), (0..rows.num_rows()).collect()))
        }
        Err(_) => {
            let half = rows.num_rows() / 2;
            let (first, mut failed) = evaluate_each(expr, &rows.slice(0, half), ty)?;
            let (second, failed_second) = evaluate_each(expr, &rows.slice(half, rows.num_rows() - half), ty)?;
            failed.extend(failed_second.into_iter().map(|row| row + half));
            Ok((concat(&[&first, &second])?, failed))
        }
    }
}

/// Values as the type of a column, and the rows that could not be converted. A date or a time without zone is local to
/// the bank.
fn convert(values: &ArrayRef, ty: ColumnType, time_zone: &Arc<str>) -> Result<(ArrayRef, Vec<usize>), LakeError> {
    let to = ty.arrow();
    if *values.data_type() == to {
        return Ok((Arc::clone(values), Vec::new()));
    }
    let options = CastOptions { safe: true, ..CastOptions::default() };
    let local = matches!(values.data_type(), DataType::Date32 | DataType::Date64 | DataType::Timestamp(_, None));
    let converted = if ty == ColumnType::Timestamp && local {
        let naive = cast_with_options(values, &DataType::Timestamp(TimeUnit::Microsecond, None), &options)?;
        let zoned = DataType::Timestamp(TimeUnit::Microsecond, Some(Arc::clone(time_zone)));
        cast(&cast_with_options(&naive, &zoned, &options)?, &to)?
    } else {
        cast_with_options(values, &to, &options)?
    };
    let lost = converted.null_count() > values.null_count();
    let unconverted = |&row: &usize| converted.is_null(row) && values.is_valid(row);
    let failed = if lost { (0..values.len()).filter(unconverted).collect() } else { Vec::new() };
    Ok((converted, failed))
}
