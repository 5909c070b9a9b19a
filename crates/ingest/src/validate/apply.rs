//! The kernels: each runs over a whole column, and looks closer only where something failed.

use arrow::{
    array::{Array, ArrayRef, ArrowPrimitiveType, AsArray, PrimitiveArray, RecordBatch, StringArray},
    buffer::BooleanBuffer,
    datatypes::{DataType, Date32Type, Decimal128Type, Float64Type, Int64Type, TimestampMicrosecondType},
};
use florin_domain::EventTime;

use super::{
    Compiled, Failures,
    bounds::{Bounds, Ends, Side},
    compile::{Kernel, Rule},
    failures::ReasonId,
};

/// A batch, or the outcome of a check, that does not belong to the compiled checks. Always a mistake of the program.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BatchMismatch {
    /// The batch lacks a column of the table.
    #[error("the batch has no column `{0}`")]
    Column(String),
    /// A column of the batch is not typed as in the table.
    #[error("column `{column}` of the batch is {found}, not {expected}")]
    Type {
        /// Its name.
        column: String,
        /// Its type in the table.
        expected: DataType,
        /// Its type in the batch.
        found: DataType,
    },
    /// Another number of rows than expected.
    #[error("{found} rows instead of {expected}")]
    Rows {
        /// Rows of the batch.
        expected: usize,
        /// Rows that were handed in.
        found: usize,
    },
    /// A check that the mapping does not have.
    #[error("there is no check {check} among {checks}")]
    Check {
        /// The position that was named.
        check: usize,
        /// How many checks there are.
        checks: usize,
    },
    /// The table does not require the column at this position.
    #[error("column {0} is not required")]
    NotRequired(usize),
}

impl Compiled {
    /// Runs every check that needs the batch alone, and adds to `failures`. The batch has the table's own columns, found
    /// by name; `now` in bounds is `received_at`.
    ///
    /// # Errors
    /// A batch that is not one of the table, or not the one that `failures` was made for.
    pub fn apply(
        &self,
        batch: &RecordBatch,
        received_at: EventTime,
        failures: &mut Failures,
    ) -> Result<(), BatchMismatch> {
        failures.expect_rows(batch.num_rows())?;
        for (nth, &column) in self.reasons.required.iter().enumerate() {
            fail_nulls(self.column(batch, column)?, self.reasons.required(nth), failures);
        }
        for kernel in &self.kernels {
            let column = self.column(batch, kernel.column)?;
            kernel.apply(column, received_at, self, failures);
        }
        Ok(())
    }

    fn column<'b>(&self, batch: &'b RecordBatch, position: usize) -> Result<&'b ArrayRef, BatchMismatch> {
        let def = &self.columns[position];
        let column = batch.column_by_name(&def.name).ok_or_else(|| BatchMismatch::Column(def.name.clone()))?;
        let (expected, found) = (def.ty.arrow(), column.data_type());
        if *found == expected {
            return Ok(column);
        }
        Err(BatchMismatch::Type { column: def.name.clone(), expected, found: found.clone() })
    }
}

impl Kernel {
    fn apply(&self, column: &ArrayRef, received_at: EventTime, compiled: &Compiled, failures: &mut Failures) {
        let id = compiled.reasons.check(self.check, Side::Min);
        match &self.rule {
            Rule::Required => fail_nulls(column, id, failures),
            Rule::Pattern(pattern) => fail_texts(column.as_string(), id, failures, |text| pattern.is_match(text)),
            Rule::Allowed(allowed) => fail_texts(column.as_string(), id, failures, |text| allowed.contains(text)),
            Rule::Range(bounds) => {
                let ids = (id, compiled.reasons.check(self.check, Side::Max));
                fail_range(column, bounds, received_at, ids, failures);
            }
        }
    }
}

fn fail_nulls(column: &ArrayRef, id: ReasonId, failures: &mut Failures) {
    if let Some(nulls) = column.nulls().filter(|nulls| nulls.null_count() > 0) {
        failures.fail_all(id, &!nulls.inner());
    }
}

fn fail_texts(column: &StringArray, id: ReasonId, failures: &mut Failures, passes: impl Fn(&str) -> bool) {
    let mut check = |row| {
        if !passes(column.value(row)) {
            failures.fail_row(id, row);
        }
    };
    match column.nulls().filter(|nulls| nulls.null_count() > 0) {
        None => (0..column.len()).for_each(&mut check),
        Some(nulls) => nulls.valid_indices().for_each(&mut check),
    }
}

fn fail_range(
    column: &ArrayRef,
    bounds: &Bounds,
    received_at: EventTime,
    ids: (ReasonId, ReasonId),
    failures: &mut Failures,
) {
    match bounds {
        Bounds::Int(ends) => fail_outside::<Int64Type>(column.as_primitive(), *ends, ids, failures),
        Bounds::Decimal(ends) => fail_outside::<Decimal128Type>(column.as_primitive(), *ends, ids, failures),
        Bounds::Float(ends) => fail_outside::<Float64Type>(column.as_primitive(), *ends, ids, failures),
        Bounds::Date(ends) => {
            fail_outside::<Date32Type>(column.as_primitive(), ends.at(received_at), ids, failures);
        }
        Bounds::Timestamp(ends) => {
            fail_outside::<TimestampMicrosecondType>(column.as_primitive(), ends.at(received_at), ids, failures);
        }
    }
}

fn fail_outside<T: ArrowPrimitiveType>(
    column: &PrimitiveArray<T>,
    ends: Ends<T::Native>,
    (below, above): (ReasonId, ReasonId),
    failures: &mut Failures,
) where
    T::Native: PartialOrd,
{
    // What is not a number is not in any range, so the comparisons ask for what passes.
    if let Some(min) = ends.min {
        fail_values(column, below, failures, |value| value >= min);
    }
    if let Some(max) = ends.max {
        fail_values(column, above, failures, |value| value <= max);
    }
}

fn fail_values<T: ArrowPrimitiveType>(
    column: &PrimitiveArray<T>,
    id: ReasonId,
    failures: &mut Failures,
    passes: impl Fn(T::Native) -> bool,
) {
    let values = column.values();
    // Without a branch this is vectorised. Nulls may hold anything, so that it can only acquit.
    let all_pass = values.iter().fold(true, |all, &value| all & passes(value));
    if all_pass {
        return;
    }
    let failed = BooleanBuffer::collect_bool(values.len(), |row| !passes(values[row]));
    match column.nulls() {
        None => failures.fail_all(id, &failed),
        Some(nulls) => failures.fail_all(id, &(&failed & nulls.inner())),
    }
}
