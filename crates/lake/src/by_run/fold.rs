//! What becomes of the rows of a group: a value that grows with each run of them.

use std::sync::Arc;

use arrow::{
    array::{
        Array, ArrayRef, ArrowPrimitiveType, AsArray, BooleanArray, Float64Array, Int64Array, PrimitiveArray,
        new_empty_array,
    },
    buffer::BooleanBuffer,
    datatypes::{
        ArrowNativeTypeOp, DataType, Date32Type, Decimal128Type, Float64Type, Int32Type, Int64Type, SchemaRef,
        TimeUnit, TimestampMicrosecondType,
    },
};
use datafusion::{
    common::{Result, internal_err},
    logical_expr::{EmitTo, GroupsAccumulator},
    physical_expr::GroupsAccumulatorAdapter,
};

use super::{
    distinct::Distinct,
    groups::{Groups, take_flags},
    stages::Measure,
};

/// One aggregate of the groups that are not told yet.
pub(super) trait Fold: Send {
    /// Takes in rows. `arguments` are of these rows.
    fn push(&mut self, groups: Groups<'_>, arguments: &[ArrayRef]) -> Result<()>;

    /// The values of the first groups, which are then forgotten. `of` is how many groups there are.
    fn take(&mut self, count: usize, of: usize) -> Result<ArrayRef>;
}

/// How a measure is folded: in a loop of our own where there is one, else by the engine's accumulator, which is told the group of
/// each row.
pub(super) fn fold(measure: &Measure, schema: &SchemaRef) -> Result<Box<dyn Fold>> {
    Ok(match own(measure, schema)? {
        Some(own) => own,
        None => Box::new(Engine::new(measure, schema)?),
    })
}

fn own(measure: &Measure, schema: &SchemaRef) -> Result<Option<Box<dyn Fold>>> {
    if measure.counts_rows() {
        return Ok(Some(Box::<Count>::default()));
    }
    let [argument] = &measure.arguments[..] else { return Ok(None) };
    let from = argument.data_type(schema)?;
    let to = measure.aggregate.field().data_type().clone();
    let name = measure.aggregate.fun().name();
    if measure.aggregate.is_distinct() {
        let counts = name == "count" && Distinct::takes(&from);
        return Ok(counts.then(|| Box::<Distinct>::default() as Box<dyn Fold>));
    }
    Ok(match (name, &from, &to) {
        ("count", _, _) => Some(Box::<Count>::default()),
        ("sum", DataType::Int64, DataType::Int64) => Some(total::<Int64Type>(to)),
        ("sum", DataType::Float64, DataType::Float64) => Some(total::<Float64Type>(to)),
        ("sum", DataType::Decimal128(_, a), DataType::Decimal128(_, b)) if a == b => Some(total::<Decimal128Type>(to)),
        ("avg", DataType::Float64, DataType::Float64) => Some(Box::<Mean>::default()),
        ("min" | "max", _, _) if from == to => extreme(name == "max", to),
        _ => None,
    })
}

/// As the engine does, sums wrap where not even the widest type can hold them.
fn total<T: ArrowPrimitiveType<Native: ArrowNativeTypeOp>>(ty: DataType) -> Box<dyn Fold> {
    Box::new(Folded::<T, _>::new(ty, T::Native::ZERO, ArrowNativeTypeOp::add_wrapping))
}

fn extreme(greatest: bool, ty: DataType) -> Option<Box<dyn Fold>> {
    match ty {
        DataType::Int64 => Some(extreme_of::<Int64Type>(greatest, ty)),
        DataType::Int32 => Some(extreme_of::<Int32Type>(greatest, ty)),
        DataType::Date32 => Some(extreme_of::<Date32Type>(greatest, ty)),
        DataType::Decimal128(_, _) => Some(extreme_of::<Decimal128Type>(greatest, ty)),
        DataType::Timestamp(TimeUnit::Microsecond, _) => Some(extreme_of::<TimestampMicrosecondType>(greatest, ty)),
        _ => None,
    }
}

fn extreme_of<T: ArrowPrimitiveType<Native: ArrowNativeTypeOp + Ord>>(greatest: bool, ty: DataType) -> Box<dyn Fold> {
    match greatest {
        true => Box::new(Folded::<T, _>::new(ty, T::Native::MIN_TOTAL_ORDER, Ord::max)),
        false => Box::new(Folded::<T, _>::new(ty, T::Native::MAX_TOTAL_ORDER, Ord::min)),
    }
}

/// How many rows, or values where there is an argument.
#[derive(Default)]
struct Count {
    counts: Vec<i64>,
}

impl Fold for Count {
    fn push(&mut self, groups: Groups<'_>, arguments: &[ArrayRef]) -> Result<()> {
        self.counts.resize(groups.count, 0);
        let nulls = arguments.first().and_then(Array::logical_nulls).filter(|nulls| nulls.null_count() > 0);
        for (group, rows) in groups.rows() {
            let missing = nulls.as_ref().map_or(0, |nulls| nulls.slice(rows.start, rows.len()).null_count());
            self.counts[group] += (rows.len() - missing) as i64;
        }
        Ok(())
    }

    fn take(&mut self, count: usize, of: usize) -> Result<ArrayRef> {
        self.counts.resize(of, 0);
        Ok(Arc::new(Int64Array::from_iter_values(self.counts.drain(..count))))
    }
}

/// Values put together one after the other; missing where there are none.
struct Folded<T: ArrowPrimitiveType, P> {
    ty: DataType,
    none: T::Native,
    put: P,
    values: Vec<T::Native>,
    known: Vec<bool>,
}

impl<T: ArrowPrimitiveType, P: Fn(T::Native, T::Native) -> T::Native> Folded<T, P> {
    fn new(ty: DataType, none: T::Native, put: P) -> Self {
        Self { ty, none, put, values: Vec::new(), known: Vec::new() }
    }

    fn resize(&mut self, groups: usize) {
        self.values.resize(groups, self.none);
        self.known.resize(groups, false);
    }
}

impl<T: ArrowPrimitiveType, P: Fn(T::Native, T::Native) -> T::Native + Send> Fold for Folded<T, P> {
    fn push(&mut self, groups: Groups<'_>, arguments: &[ArrayRef]) -> Result<()> {
        let Some(values) = arguments.first().and_then(|a| a.as_primitive_opt::<T>()) else {
            return internal_err!("a value is not of its type, {}", self.ty);
        };
        self.resize(groups.count);
        let (of, nulls) = (values.values(), values.nulls().filter(|nulls| nulls.null_count() > 0));
        for (group, rows) in groups.rows() {
            let mut value = self.values[group];
            match nulls {
                None => {
                    of[rows].iter().for_each(|&next| value = (self.put)(value, next));
                    self.known[group] = true;
                }
                Some(nulls) => {
                    for row in rows.filter(|&row| nulls.is_valid(row)) {
                        value = (self.put)(value, of[row]);
                        self.known[group] = true;
                    }
                }
            }
            self.values[group] = value;
        }
        Ok(())
    }

    fn take(&mut self, count: usize, of: usize) -> Result<ArrayRef> {
        self.resize(of);
        let values: Vec<T::Native> = self.values.drain(..count).collect();
        let nulls = take_flags(&mut self.known, count);
        Ok(Arc::new(PrimitiveArray::<T>::new(values.into(), nulls).with_data_type(self.ty.clone())))
    }
}

/// The mean of floats.
#[derive(Default)]
struct Mean {
    sums: Vec<f64>,
    counts: Vec<u64>,
}

impl Fold for Mean {
    fn push(&mut self, groups: Groups<'_>, arguments: &[ArrayRef]) -> Result<()> {
        let Some(values) = arguments.first().and_then(|a| a.as_primitive_opt::<Float64Type>()) else {
            return internal_err!("a mean of this type is the engine's");
        };
        self.sums.resize(groups.count, 0.0);
        self.counts.resize(groups.count, 0);
        let (of, nulls) = (values.values(), values.nulls().filter(|nulls| nulls.null_count() > 0));
        for (group, rows) in groups.rows() {
            for row in rows.filter(|&row| nulls.is_none_or(|nulls| nulls.is_valid(row))) {
                self.sums[group] += of[row];
                self.counts[group] += 1;
            }
        }
        Ok(())
    }

    fn take(&mut self, count: usize, of: usize) -> Result<ArrayRef> {
        self.sums.resize(of, 0.0);
        self.counts.resize(of, 0);
        let parts = self.sums.drain(..count).zip(self.counts.drain(..count));
        Ok(Arc::new(parts.map(|(sum, count)| (count > 0).then(|| sum / count as f64)).collect::<Float64Array>()))
    }
}

/// Whatever else the engine can aggregate.
struct Engine {
    accumulator: Box<dyn GroupsAccumulator>,
    /// The group of each row.
    of_rows: Vec<usize>,
    /// No rows, of the arguments' types.
    nothing: Vec<ArrayRef>,
}

impl Engine {
    fn new(measure: &Measure, schema: &SchemaRef) -> Result<Self> {
        let aggregate = Arc::clone(&measure.aggregate);
        let accumulator: Box<dyn GroupsAccumulator> = match aggregate.groups_accumulator_supported() {
            true => aggregate.create_groups_accumulator()?,
            false => Box::new(GroupsAccumulatorAdapter::new(move || aggregate.create_accumulator())),
        };
        let types = measure.arguments.iter().map(|a| a.data_type(schema)).collect::<Result<Vec<_>>>()?;
        Ok(Self { accumulator, of_rows: Vec::new(), nothing: types.iter().map(new_empty_array).collect() })
    }

    /// Without a filter the engine takes every group so far to have had a row; a stage has none of some groups.
    fn update(&mut self, arguments: &[ArrayRef], groups: usize) -> Result<()> {
        let all = BooleanArray::new(BooleanBuffer::new_set(self.of_rows.len()), None);
        self.accumulator.update_batch(arguments, &self.of_rows, Some(&all), groups)
    }
}

impl Fold for Engine {
    fn push(&mut self, groups: Groups<'_>, arguments: &[ArrayRef]) -> Result<()> {
        self.of_rows.clear();
        for (group, rows) in groups.rows() {
            self.of_rows.resize(rows.end, group);
        }
        self.update(arguments, groups.count)
    }

    fn take(&mut self, count: usize, of: usize) -> Result<ArrayRef> {
        // It must know of groups that none of its rows were of.
        self.of_rows.clear();
        self.update(&self.nothing.clone(), of)?;
        self.accumulator.evaluate(if count == of { EmitTo::All } else { EmitTo::First(count) })
    }
}
