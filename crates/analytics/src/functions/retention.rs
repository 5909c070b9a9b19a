//! `retention(condition, …)`: for each condition, whether it was met together with the first, as ClickHouse's `retention`.

use std::sync::Arc;

use arrow::{
    array::{ArrayRef, ListArray, UInt8Array},
    buffer::{OffsetBuffer, ScalarBuffer},
    datatypes::{DataType, Field, FieldRef},
};
use datafusion::{
    common::{Result, ScalarValue, exec_datafusion_err},
    logical_expr::function::AccumulatorArgs,
};

use super::{aggregate::Kind, arguments::condition_types, gathered::Fold, input::Places};

const NAME: &str = "retention";

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Retention;

/// One number is kept of a group: a bit for each condition that a row met.
#[derive(Debug)]
pub(super) struct Met {
    conditions: usize,
}

impl Kind for Retention {
    type Fold = Met;

    const NAME: &'static str = NAME;

    fn coerce(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        condition_types(NAME, types)
    }

    fn answer(&self) -> DataType {
        DataType::List(element())
    }

    /// How many conditions there are is not known here.
    fn nothing(&self) -> Option<ScalarValue> {
        None
    }

    fn fold(&self, args: &AccumulatorArgs<'_>) -> Result<(Met, Places)> {
        Ok((Met { conditions: args.exprs.len() }, Places { time: None, conditions: 0 }))
    }
}

fn element() -> FieldRef {
    Arc::new(Field::new_list_field(DataType::UInt8, false))
}

impl Fold for Met {
    fn take(&self, kept: &mut Vec<i64>, _: i64, bits: u32) {
        self.absorb(kept, &[i64::from(bits)]);
    }

    fn absorb(&self, kept: &mut Vec<i64>, other: &[i64]) {
        let met = other.iter().fold(0, |all, bits| all | bits);
        match kept.first_mut() {
            Some(all) => *all |= met,
            None if met != 0 => *kept = vec![met],
            None => {}
        }
    }

    fn value(&mut self, kept: &mut [i64]) -> Result<i64> {
        let met = kept.first().copied().unwrap_or_default();
        Ok(if met & 1 == 1 { met } else { 0 })
    }

    fn column(&self, values: Vec<i64>) -> Result<ArrayRef> {
        let ends = (0..=values.len()).map(|n| i32::try_from(n * self.conditions));
        let offsets = ends.collect::<Result<Vec<_>, _>>();
        let offsets = offsets.map_err(|_| exec_datafusion_err!("{NAME}: more answers than fit one column"))?;
        let bits = values.iter().flat_map(|met| (0..self.conditions).map(move |n| u8::from(met >> n & 1 == 1)));
        let bits = UInt8Array::from_iter_values(bits);
        Ok(Arc::new(ListArray::try_new(
            element(),
            OffsetBuffer::new(ScalarBuffer::from(offsets)),
            Arc::new(bits),
            None,
        )?))
    }
}
