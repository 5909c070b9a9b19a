//! What is computed along the rows.

use std::sync::Arc;

use arrow::{
    array::{Array, ArrayRef, ArrowPrimitiveType, AsArray, Int64Array, PrimitiveArray, RecordBatch, UInt64Array},
    buffer::{BooleanBuffer, NullBuffer},
    datatypes::{
        ArrowNativeTypeOp, DataType, Date32Type, Decimal128Type, Float64Type, Int32Type, Int64Type, TimeUnit,
        TimestampMicrosecondType,
    },
};
use datafusion::{
    common::{Result, internal_err},
    logical_expr::{WindowFrameBound, WindowFrameUnits},
    physical_expr::{
        PhysicalExpr,
        window::{PlainAggregateWindowExpr, StandardWindowExpr, WindowExpr},
    },
    physical_plan::windows::WindowUDFExpr,
};

/// One window column: a function of all rows of the partition up to this one.
#[derive(Debug, Clone)]
pub(super) struct Running {
    function: Function,
    argument: Option<Arc<dyn PhysicalExpr>>,
    /// Whether rows that are equal in the order count together (RANGE), or each by itself (ROWS).
    pub(super) counts_peers: bool,
    ty: DataType,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Function {
    Sum,
    Count,
    Min,
    Max,
    RowNumber,
    Rank,
}

/// Where partitions and groups of peers begin and end within the rows at hand.
pub(super) struct Bounds {
    /// For each row, whether it is the first of its partition.
    pub(super) starts: BooleanBuffer,
    /// For each row, whether it is the last of its peers.
    pub(super) ends: BooleanBuffer,
}

impl Running {
    /// What a window of the engine asks for, where it is of this kind.
    pub(super) fn of(window: &dyn WindowExpr) -> Option<Self> {
        let any = window.as_any();
        if let Some(standard) = any.downcast_ref::<StandardWindowExpr>() {
            let function = standard.get_standard_func_expr().as_any().downcast_ref::<WindowUDFExpr>()?;
            let ty = DataType::UInt64;
            let function = match function.fun().name() {
                "row_number" => Function::RowNumber,
                "rank" => Function::Rank,
                _ => return None,
            };
            return Some(Self { function, argument: None, counts_peers: function == Function::Rank, ty });
        }
        let aggregate = any.downcast_ref::<PlainAggregateWindowExpr>()?;
        let counts_peers = until_this_row(window)?;
        let asked = aggregate.get_aggregate_expr();
        let arguments = asked.expressions();
        let [argument] = arguments.as_slice() else { return None };
        let ty = asked.field().data_type().clone();
        let function = function(asked.fun().name(), &ty)?;
        let plain = !asked.is_distinct() && !has_filter(aggregate);
        plain.then(|| Self { function, argument: Some(Arc::clone(argument)), counts_peers, ty })
    }

    /// Values of the rows, which go on from where `carried` is.
    pub(super) fn along(&self, rows: &RecordBatch, bounds: &Bounds, carried: &mut Carried) -> Result<ArrayRef> {
        let values = self.argument.as_ref().map(|a| a.evaluate(rows)?.into_array(rows.num_rows())).transpose()?;
        let peers = self.counts_peers.then_some(&bounds.ends);
        let starts = &bounds.starts;
        match (self.function, values) {
            (Function::RowNumber, _) => {
                let numbers = counted(starts, None, None, &mut carried.count);
                Ok(Arc::new(numbers.into_iter().map(i64::cast_unsigned).collect::<UInt64Array>()))
            }
            (Function::Rank, _) => Ok(Arc::new(ranked(bounds, &mut carried.count))),
            (Function::Count, Some(values)) => {
                let counts = counted(starts, values.logical_nulls().as_ref(), peers, &mut carried.count);
                Ok(Arc::new(Int64Array::from(counts)))
            }
            (_, Some(values)) => self.folded(&values, starts, peers, &mut carried.value),
            (_, None) => internal_err!("a running {:?} has an argument", self.function),
        }
    }

    fn folded(
        &self,
        values: &ArrayRef,
        starts: &BooleanBuffer,
        peers: Option<&BooleanBuffer>,
        carried: &mut Option<i128>,
    ) -> Result<ArrayRef> {
        let folded: ArrayRef = match (&self.ty, self.function) {
            (DataType::Float64, Function::Sum) => {
                // Bits of a float travel in the integer.
                let mut sum = carried.map(|bits| f64::from_bits(bits as u64));
                let sums = fold::<Float64Type>(values.as_primitive(), starts, peers, &mut sum, |a, b| a + b);
                *carried = sum.map(|sum| i128::from(sum.to_bits()));
                Arc::new(sums)
            }
            (DataType::Decimal128(_, _), f) => self.integers::<Decimal128Type>(f, values, starts, peers, carried),
            (DataType::Int64, f) => self.integers::<Int64Type>(f, values, starts, peers, carried),
            (DataType::Int32, f) => self.integers::<Int32Type>(f, values, starts, peers, carried),
            (DataType::Date32, f) => self.integers::<Date32Type>(f, values, starts, peers, carried),
            (DataType::Timestamp(TimeUnit::Microsecond, _), f) => {
                self.integers::<TimestampMicrosecondType>(f, values, starts, peers, carried)
            }
            (other, f) => return internal_err!("a running {f:?} of {other}"),
        };
        Ok(folded)
    }

    fn integers<T>(
        &self,
        function: Function,
        values: &ArrayRef,
        starts: &BooleanBuffer,
        peers: Option<&BooleanBuffer>,
        carried: &mut Option<i128>,
    ) -> ArrayRef
    where
        T: ArrowPrimitiveType,
        T::Native: ArrowNativeTypeOp + Ord + Into<i128> + TryFrom<i128>,
    {
        let mut value = carried.and_then(|v| T::Native::try_from(v).ok());
        let values = values.as_primitive::<T>();
        // As the engine does, sums wrap where not even the widest type can hold them.
        let folded = match function {
            Function::Min => fold::<T>(values, starts, peers, &mut value, Ord::min),
            Function::Max => fold::<T>(values, starts, peers, &mut value, Ord::max),
            _ => fold::<T>(values, starts, peers, &mut value, ArrowNativeTypeOp::add_wrapping),
        };
        *carried = value.map(Into::into);
        Arc::new(folded.with_data_type(self.ty.clone()))
    }
}

/// What goes from one batch to the next.
#[derive(Debug, Clone, Default)]
pub(super) struct Carried {
    count: i64,
    value: Option<i128>,
}

/// Whether an aggregate looks at some rows only. The engine tells nobody but its own debug text; should that change, its
/// operator is kept, which is slow and right.
fn has_filter(window: &PlainAggregateWindowExpr) -> bool {
    !format!("{window:?}").ends_with("filter: None }")
}

/// Whether a frame runs from the beginning of the partition to this row, and then whether peers count together.
fn until_this_row(window: &dyn WindowExpr) -> Option<bool> {
    let frame = window.get_window_frame();
    let from_start = frame.start_bound.is_unbounded() && matches!(frame.start_bound, WindowFrameBound::Preceding(_));
    let to_here = matches!(frame.end_bound, WindowFrameBound::CurrentRow);
    match frame.units {
        _ if !from_start || !to_here => None,
        WindowFrameUnits::Rows => Some(false),
        WindowFrameUnits::Range if !window.order_by().is_empty() => Some(true),
        _ => None,
    }
}

fn function(name: &str, ty: &DataType) -> Option<Function> {
    let integer = matches!(
        ty,
        DataType::Decimal128(_, _)
            | DataType::Int64
            | DataType::Int32
            | DataType::Date32
            | DataType::Timestamp(TimeUnit::Microsecond, _)
    );
    match name {
        "count" => Some(Function::Count),
        "sum" if matches!(ty, DataType::Decimal128(_, _) | DataType::Int64 | DataType::Float64) => Some(Function::Sum),
        "min" if integer => Some(Function::Min),
        "max" if integer => Some(Function::Max),
        _ => None,
    }
}

/// How many values there were so far.
fn counted(
    starts: &BooleanBuffer,
    nulls: Option<&NullBuffer>,
    peers: Option<&BooleanBuffer>,
    count: &mut i64,
) -> Vec<i64> {
    let mut counts = Vec::with_capacity(starts.len());
    for (row, start) in starts.iter().enumerate() {
        if start {
            *count = 0;
        }
        *count += i64::from(nulls.is_none_or(|n| n.is_valid(row)));
        counts.push(*count);
    }
    if let Some(ends) = peers {
        as_the_last_peer(&mut counts, ends);
    }
    counts
}

/// One more than how many rows come before the peers.
fn ranked(bounds: &Bounds, count: &mut i64) -> UInt64Array {
    let mut rank = 0;
    let mut of_peers = true;
    let mut next = |(start, end): (bool, bool)| {
        if start {
            *count = 0;
        }
        if of_peers {
            rank = (*count + 1).cast_unsigned();
        }
        *count += 1;
        of_peers = end;
        rank
    };
    bounds.starts.iter().zip(&bounds.ends).map(&mut next).collect()
}

/// All values so far put together; missing until the first.
fn fold<T: ArrowPrimitiveType>(
    values: &PrimitiveArray<T>,
    starts: &BooleanBuffer,
    peers: Option<&BooleanBuffer>,
    so_far: &mut Option<T::Native>,
    put: impl Fn(T::Native, T::Native) -> T::Native,
) -> PrimitiveArray<T> {
    let mut folded = Vec::with_capacity(values.len());
    let mut known = Vec::with_capacity(values.len());
    for (row, start) in starts.iter().enumerate() {
        if start {
            *so_far = None;
        }
        if values.is_valid(row) {
            let value = values.value(row);
            *so_far = Some(so_far.map_or(value, |before| put(before, value)));
        }
        folded.push(so_far.unwrap_or_default());
        known.push(so_far.is_some());
    }
    if let Some(ends) = peers {
        as_the_last_peer(&mut folded, ends);
        as_the_last_peer(&mut known, ends);
    }
    PrimitiveArray::new(folded.into(), Some(NullBuffer::from(known)).filter(|n| n.null_count() > 0))
}

fn as_the_last_peer<T: Copy>(values: &mut [T], ends: &BooleanBuffer) {
    for row in (1..values.len()).rev() {
        if !ends.value(row - 1) {
            values[row - 1] = values[row];
        }
    }
}
