//! What is kept of each group until all of its rows are there.

use std::{fmt::Debug, mem::size_of, sync::Arc};

use arrow::{
    array::{Array, ArrayRef, AsArray, BooleanArray, Int64Array, ListArray},
    buffer::{OffsetBuffer, ScalarBuffer},
    datatypes::{DataType, Field, FieldRef, Int64Type},
};
use datafusion::{
    common::{Result, ScalarValue, exec_datafusion_err, exec_err},
    logical_expr::{Accumulator, EmitTo, GroupsAccumulator},
};

use super::input::{Input, Places};

/// Numbers kept of one group, at 8 bytes each: a row of a funnel or a sequence is two, a session is two.
const NUMBERS_OF_GROUP_MAX: usize = 1 << 25;

/// What a function keeps of a group, as numbers whose meaning is its own, and what it makes of them. Neither depends on the
/// order in which rows come.
pub(super) trait Fold: Debug + Send + Sync + 'static {
    /// A row: its time and a bit for each condition it meets.
    fn take(&self, kept: &mut Vec<i64>, ts: i64, bits: u32);

    /// What was kept of other rows of the group.
    fn absorb(&self, kept: &mut Vec<i64>, other: &[i64]);

    /// The answer as a number. What is kept may be put in another order; it goes on meaning the same.
    fn value(&mut self, kept: &mut [i64]) -> Result<i64>;

    /// Answers as a column.
    fn column(&self, values: Vec<i64>) -> Result<ArrayRef>;
}

/// The type of what is kept, between one step of a query and the next.
pub(super) fn state_type() -> DataType {
    DataType::List(element())
}

fn element() -> FieldRef {
    Arc::new(Field::new_list_field(DataType::Int64, false))
}

/// Many groups.
#[derive(Debug)]
pub(super) struct Gathered<F> {
    name: &'static str,
    fold: F,
    places: Places,
    groups: Vec<Vec<i64>>,
    /// Room of all groups, in numbers.
    room: usize,
}

impl<F: Fold> Gathered<F> {
    pub(super) fn new(name: &'static str, fold: F, places: Places) -> Self {
        Self { name, fold, places, groups: Vec::new(), room: 0 }
    }

    fn add(&mut self, group: usize, how: impl FnOnce(&F, &mut Vec<i64>)) -> Result<()> {
        let Some(kept) = self.groups.get_mut(group) else {
            return exec_err!("{}: there is no group {group}", self.name);
        };
        let before = kept.capacity();
        how(&self.fold, kept);
        self.room = (self.room + kept.capacity()).saturating_sub(before);
        if kept.len() > NUMBERS_OF_GROUP_MAX {
            return exec_err!(
                "{}: one group has more rows than are kept ({NUMBERS_OF_GROUP_MAX} numbers): group by customer, or leave rows out with FILTER or WHERE",
                self.name
            );
        }
        Ok(())
    }

    fn values(&mut self, groups: &mut [Vec<i64>]) -> Result<ArrayRef> {
        let values = groups.iter_mut().map(|kept| self.fold.value(kept)).collect::<Result<Vec<_>>>()?;
        self.fold.column(values)
    }

    fn emit(&mut self, groups: EmitTo) -> Vec<Vec<i64>> {
        let taken = groups.take_needed(&mut self.groups);
        self.room = self.room.saturating_sub(taken.iter().map(Vec::capacity).sum());
        taken
    }
}

impl<F: Fold> GroupsAccumulator for Gathered<F> {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        group_indices: &[usize],
        opt_filter: Option<&BooleanArray>,
        total_num_groups: usize,
    ) -> Result<()> {
        self.groups.resize_with(total_num_groups, Vec::new);
        let input = Input::of(values, self.places)?;
        for (row, group) in group_indices.iter().enumerate() {
            if let Some((ts, bits)) = input.row(row).filter(|_| is_wanted(opt_filter, row)) {
                self.add(*group, |fold, kept| fold.take(kept, ts, bits))?;
            }
        }
        Ok(())
    }

    fn merge_batch(&mut self, values: &[ArrayRef], group_indices: &[usize], total_num_groups: usize) -> Result<()> {
        self.groups.resize_with(total_num_groups, Vec::new);
        let states = values.first().and_then(|s| s.as_list_opt::<i32>());
        let states = states.ok_or_else(|| exec_datafusion_err!("{}: what was kept is no list", self.name))?;
        let numbers = states.values().as_primitive_opt::<Int64Type>();
        let numbers = numbers.ok_or_else(|| exec_datafusion_err!("{}: what was kept are no numbers", self.name))?;
        let offsets = states.value_offsets();
        for (row, group) in group_indices.iter().enumerate() {
            if states.is_valid(row) {
                let kept_there = &numbers.values()[offsets[row] as usize..offsets[row + 1] as usize];
                self.add(*group, |fold, kept| fold.absorb(kept, kept_there))?;
            }
        }
        Ok(())
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        let mut groups = self.emit(emit_to);
        self.values(&mut groups)
    }

    fn state(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        Ok(vec![Arc::new(lists(&self.emit(emit_to))?)])
    }

    fn convert_to_state(&self, values: &[ArrayRef], opt_filter: Option<&BooleanArray>) -> Result<Vec<ArrayRef>> {
        let input = Input::of(values, self.places)?;
        let state = |row| {
            let mut kept = Vec::new();
            if let Some((ts, bits)) = input.row(row).filter(|_| is_wanted(opt_filter, row)) {
                self.fold.take(&mut kept, ts, bits);
            }
            kept
        };
        Ok(vec![Arc::new(lists(&(0..input.len()).map(state).collect::<Vec<_>>())?)])
    }

    fn size(&self) -> usize {
        self.room * size_of::<i64>() + self.groups.capacity() * size_of::<Vec<i64>>()
    }
}

fn is_wanted(filter: Option<&BooleanArray>, row: usize) -> bool {
    filter.is_none_or(|filter| filter.is_valid(row) && filter.value(row))
}

/// What is kept of each group, as a column.
fn lists(groups: &[Vec<i64>]) -> Result<ListArray> {
    let mut offsets = Vec::with_capacity(groups.len() + 1);
    let mut end = 0i32;
    offsets.push(end);
    for kept in groups {
        let length = i32::try_from(kept.len()).ok();
        let next = length.and_then(|length| end.checked_add(length));
        end = next.ok_or_else(|| exec_datafusion_err!("more rows are kept than fit one column: leave rows out"))?;
        offsets.push(end);
    }
    let numbers = Int64Array::from_iter_values(groups.iter().flatten().copied());
    Ok(ListArray::try_new(element(), OffsetBuffer::new(ScalarBuffer::from(offsets)), Arc::new(numbers), None)?)
}

/// All rows are one group.
#[derive(Debug)]
pub(super) struct OneGroup<F> {
    groups: Gathered<F>,
    /// As many zeros as the longest batch had rows.
    zeros: Vec<usize>,
}

impl<F: Fold> OneGroup<F> {
    pub(super) fn new(groups: Gathered<F>) -> Self {
        Self { groups, zeros: Vec::new() }
    }

    /// The group of each row.
    fn zeros(&mut self, columns: &[ArrayRef]) -> Vec<usize> {
        let mut zeros = std::mem::take(&mut self.zeros);
        zeros.resize(columns.first().map_or(0, Array::len), 0);
        zeros
    }
}

impl<F: Fold> Accumulator for OneGroup<F> {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        let zeros = self.zeros(values);
        let done = self.groups.update_batch(values, &zeros, None, 1);
        self.zeros = zeros;
        done
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        let zeros = self.zeros(states);
        let done = self.groups.merge_batch(states, &zeros, 1);
        self.zeros = zeros;
        done
    }

    /// More rows may follow, in a window that grows.
    fn evaluate(&mut self) -> Result<ScalarValue> {
        let mut groups = std::mem::take(&mut self.groups.groups);
        groups.resize_with(1, Vec::new);
        let values = self.groups.values(&mut groups);
        self.groups.groups = groups;
        ScalarValue::try_from_array(&values?, 0)
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        self.groups.groups.resize_with(1, Vec::new);
        let states = self.groups.state(EmitTo::All)?;
        states.iter().map(|state| ScalarValue::try_from_array(state, 0)).collect()
    }

    fn size(&self) -> usize {
        self.groups.size() + self.zeros.capacity() * size_of::<usize>()
    }
}

/// What is kept are rows: their times and bits, one after the other.
pub(super) fn keep(kept: &mut Vec<i64>, ts: i64, bits: u32) {
    kept.extend([ts, i64::from(bits)]);
}

/// Rows by time. Rows of one instant have no order, so that by their bits is as good as any and always the same.
pub(super) fn sorted(kept: &mut [i64]) -> &[[i64; 2]] {
    let (rows, _) = kept.as_chunks_mut::<2>();
    rows.sort_unstable();
    rows
}
