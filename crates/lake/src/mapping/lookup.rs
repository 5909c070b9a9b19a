//! Rows of another input, found by key.

use std::{collections::HashMap, sync::Arc};

use arrow::{
    array::{Array, ArrayRef, AsArray, RecordBatch, UInt32Array},
    compute::{filter_record_batch, take},
    row::{RowConverter, SortField},
};
use datafusion::physical_expr::PhysicalExpr;

use crate::LakeError;

/// The two sides of one `=` in a look-up's ON.
pub(super) struct LookupKey {
    /// Over the joined batch.
    pub(super) of_record: Arc<dyn PhysicalExpr>,
    /// Over the columns of the look-up.
    pub(super) of_lookup: Arc<dyn PhysicalExpr>,
}

/// Where a key leads.
#[derive(Clone, Copy)]
enum Slot {
    One(u32),
    Many,
}

/// One look-up with its rows.
pub(super) struct Lookup {
    name: String,
    keys: Vec<Arc<dyn PhysicalExpr>>,
    converter: RowConverter,
    slots: HashMap<Box<[u8]>, Slot>,
    rows: RecordBatch,
}

/// What was found for each record of a batch.
pub(super) struct Found {
    /// The row for each record; missing when there is none.
    pub(super) rows: UInt32Array,
    /// The records for which there is more than one.
    pub(super) many: Vec<usize>,
}

impl Lookup {
    pub(super) fn build(
        name: &str,
        keys: &[LookupKey],
        filter: Option<&Arc<dyn PhysicalExpr>>,
        rows: &RecordBatch,
    ) -> Result<Self, LakeError> {
        let rows = match filter {
            Some(filter) => {
                let keep = filter.evaluate(rows)?.into_array(rows.num_rows())?;
                filter_record_batch(rows, keep.as_boolean())?
            }
            None => rows.clone(),
        };
        let columns = evaluate(keys.iter().map(|k| &k.of_lookup), &rows)?;
        let fields = columns.iter().map(|c| SortField::new(c.data_type().clone())).collect();
        let converter = RowConverter::new(fields)?;
        let converted = converter.convert_columns(&columns)?;
        let mut slots: HashMap<Box<[u8]>, Slot> = HashMap::with_capacity(rows.num_rows());
        for (row, index) in converted.iter().zip(0u32..) {
            if !any_null(&columns, index as usize) {
                slots.entry(row.as_ref().into()).and_modify(|s| *s = Slot::Many).or_insert(Slot::One(index));
            }
        }
        let keys = keys.iter().map(|k| Arc::clone(&k.of_record)).collect();
        Ok(Self { name: name.to_owned(), keys, converter, slots, rows })
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Finds the row of each record of a joined batch.
    pub(super) fn find(&self, records: &RecordBatch) -> Result<Found, LakeError> {
        let columns = evaluate(self.keys.iter(), records)?;
        let converted = self.converter.convert_columns(&columns)?;
        let mut many = Vec::new();
        let mut found = Vec::with_capacity(records.num_rows());
        for (record, key) in converted.iter().enumerate() {
            let slot = if any_null(&columns, record) { None } else { self.slots.get(key.as_ref()) };
            found.push(match slot {
                Some(Slot::One(row)) => Some(*row),
                Some(Slot::Many) => {
                    many.push(record);
                    None
                }
                None => None,
            });
        }
        Ok(Found { rows: found.into(), many })
    }

    /// A column of the look-up for each record.
    pub(super) fn column(&self, index: usize, found: &Found) -> Result<ArrayRef, LakeError> {
        Ok(take(self.rows.column(index), &found.rows, None)?)
    }

    pub(super) fn schema(&self) -> arrow::datatypes::SchemaRef {
        self.rows.schema()
    }
}

fn evaluate<'a>(
    exprs: impl Iterator<Item = &'a Arc<dyn PhysicalExpr>>,
    rows: &RecordBatch,
) -> Result<Vec<ArrayRef>, LakeError> {
    exprs.map(|e| Ok(e.evaluate(rows)?.into_array(rows.num_rows())?)).collect()
}

fn any_null(columns: &[ArrayRef], row: usize) -> bool {
    columns.iter().any(|c| c.is_null(row))
}
