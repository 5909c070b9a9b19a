//! Columns of features that grow date by date. Texts are kept once each: of a row there is a number.

use std::collections::HashMap;

use arrow::{
    array::{Array, ArrayRef, AsArray as _, Float64Array},
    compute::cast,
    datatypes::{DataType, Date32Type, Float64Type, TimeUnit, TimestampMicrosecondType},
};
use florin_domain::EventTime;
use florin_models::{
    Column, Frame,
    frame::{MISSING, Values},
};

use crate::FlowError;

/// Microseconds of a day.
const DAY_MICROS: i64 = 86_400_000_000;
/// Different texts of one feature at most: more tell rows apart, and nothing else.
const LEVELS_MAX: usize = 20_000;

/// One feature, as long as the rows so far.
enum Grown {
    /// Nothing but gaps yet.
    Gaps,
    Numbers(Vec<f64>),
    Texts {
        codes: Vec<u32>,
        levels: HashMap<String, u32>,
    },
}

/// Features of rows that come date by date.
pub(super) struct Growing {
    names: Vec<String>,
    columns: Vec<Grown>,
    rows: usize,
    /// The time that rows are of, microseconds UTC; none of a flat table's.
    as_of: Option<i64>,
}

/// Where the customers of a date stand among the rows.
pub(crate) struct Places {
    /// By customer's number; [`MISSING`] of who is not among them.
    of: Vec<u32>,
    count: usize,
}

impl Places {
    /// Of customers in the order of their rows, each once.
    pub(crate) fn of(customers: &[i64]) -> Self {
        let largest = customers.iter().max().map_or(0, |id| usize::try_from(*id).unwrap_or(0));
        let mut of = vec![MISSING; largest + 1];
        for (place, customer) in (0u32..).zip(customers) {
            if let Some(found) = usize::try_from(*customer).ok().and_then(|at| of.get_mut(at)) {
                *found = place;
            }
        }
        Self { of, count: customers.len() }
    }

    /// The row of a customer, from 0.
    pub(crate) fn get(&self, customer: i64) -> Option<usize> {
        let found = usize::try_from(customer).ok().and_then(|at| self.of.get(at)).copied()?;
        (found != MISSING).then_some(found as usize)
    }

    pub(crate) fn count(&self) -> usize {
        self.count
    }
}

impl Growing {
    /// No rows of these features.
    pub(super) fn new(names: Vec<String>) -> Self {
        let columns = names.iter().map(|_| Grown::Gaps).collect();
        Self { names, columns, rows: 0, as_of: None }
    }

    /// From here on rows are of this time: dates and times among their features become days before it.
    pub(super) fn as_of(&mut self, time: EventTime) {
        self.as_of = Some(time.micros());
    }

    /// The position of a feature; it is added, with gaps so far, when it is not there.
    pub(super) fn position(&mut self, name: &str) -> usize {
        self.names.iter().position(|known| known == name).unwrap_or_else(|| {
            self.names.push(name.to_owned());
            self.columns.push(Grown::Gaps);
            self.names.len() - 1
        })
    }

    /// Makes room for so many rows, all gaps.
    pub(super) fn extend(&mut self, rows: usize) {
        self.rows += rows;
        for column in &mut self.columns {
            match column {
                Grown::Gaps => {}
                Grown::Numbers(values) => values.resize(self.rows, f64::NAN),
                Grown::Texts { codes, .. } => codes.resize(self.rows, MISSING),
            }
        }
    }

    /// Values of one feature, for rows from `first` on: `rows[i]` is the row of `values[i]`, where it has one.
    pub(super) fn put(
        &mut self,
        at: usize,
        first: usize,
        rows: &[Option<usize>],
        values: &ArrayRef,
    ) -> Result<(), FlowError> {
        let name = &self.names[at];
        let column = &mut self.columns[at];
        match kind(name, values.data_type(), self.as_of.is_some())? {
            Kind::Nothing => Ok(()),
            Kind::Number => {
                if matches!(column, Grown::Gaps) {
                    *column = Grown::Numbers(vec![f64::NAN; self.rows]);
                }
                let Grown::Numbers(mine) = column else { return Err(changed(name)) };
                let values = cast(&days(values, self.as_of)?, &DataType::Float64)?;
                let values = values.as_primitive::<Float64Type>();
                for (row, value) in rows.iter().zip(values.iter()) {
                    if let (Some(row), Some(value)) = (row, value) {
                        mine[first + row] = value;
                    }
                }
                Ok(())
            }
            Kind::Text => {
                if matches!(column, Grown::Gaps) {
                    *column = Grown::Texts { codes: vec![MISSING; self.rows], levels: HashMap::new() };
                }
                let Grown::Texts { codes, levels } = column else { return Err(changed(name)) };
                let values = cast(values, &DataType::Utf8)?;
                for (row, value) in rows.iter().zip(values.as_string::<i32>().iter()) {
                    if let (Some(row), Some(value)) = (row, value) {
                        codes[first + row] = code(name, levels, value)?;
                    }
                }
                Ok(())
            }
        }
    }

    /// The features as learners take them. Levels are in order, so that the order in which they came does not matter.
    pub(super) fn frame(self) -> Result<Frame, FlowError> {
        let rows = self.rows;
        let columns = self.names.into_iter().zip(self.columns).map(|(name, column)| Column {
            name,
            values: match column {
                Grown::Gaps => Values::Number(vec![f64::NAN; rows]),
                Grown::Numbers(values) => Values::Number(values),
                Grown::Texts { codes, levels } => in_order(codes, levels),
            },
        });
        Ok(Frame::new(columns.collect())?)
    }
}

fn in_order(mut codes: Vec<u32>, levels: HashMap<String, u32>) -> Values {
    let mut sorted: Vec<(String, u32)> = levels.into_iter().collect();
    sorted.sort();
    let mut place = vec![MISSING; sorted.len()];
    for (new, (_, old)) in (0u32..).zip(&sorted) {
        place[*old as usize] = new;
    }
    for code in codes.iter_mut().filter(|code| **code != MISSING) {
        *code = place[*code as usize];
    }
    Values::Category { codes, levels: sorted.into_iter().map(|(level, _)| level).collect() }
}

fn code(name: &str, levels: &mut HashMap<String, u32>, value: &str) -> Result<u32, FlowError> {
    if let Some(code) = levels.get(value) {
        return Ok(*code);
    }
    if levels.len() >= LEVELS_MAX {
        return Err(FlowError::Model(format!(
            "feature `{name}` has more than {LEVELS_MAX} different texts; leave it out (`without`), or group them"
        )));
    }
    let code = u32::try_from(levels.len()).unwrap_or(MISSING);
    levels.insert(value.to_owned(), code);
    Ok(code)
}

enum Kind {
    Nothing,
    Number,
    Text,
}

fn kind(name: &str, ty: &DataType, dated: bool) -> Result<Kind, FlowError> {
    match ty {
        DataType::Null => Ok(Kind::Nothing),
        DataType::Boolean | DataType::Date32 => Ok(Kind::Number),
        DataType::Timestamp(..) if dated => Ok(Kind::Number),
        ty if ty.is_numeric() => Ok(Kind::Number),
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Dictionary(..) => Ok(Kind::Text),
        other => Err(FlowError::Model(format!(
            "feature `{name}` is a {other}; a feature is a number, a boolean, a date or a text: turn a time into days before `as_of()`"
        ))),
    }
}

/// Dates and times as days before `as_of`, so that a model goes by how long ago something was and not by the calendar; without it dates are days
/// since 1970. All else as it is.
fn days(values: &ArrayRef, as_of: Option<i64>) -> Result<ArrayRef, FlowError> {
    Ok(match (values.data_type(), as_of) {
        (DataType::Date32, None) => cast(values, &DataType::Int32)?,
        (DataType::Date32, Some(as_of)) => {
            let today = as_of.div_euclid(DAY_MICROS) as f64;
            let ago: Float64Array = values.as_primitive::<Date32Type>().unary(|day| today - f64::from(day));
            std::sync::Arc::new(ago)
        }
        (DataType::Timestamp(..), Some(as_of)) => {
            let times = cast(values, &DataType::Timestamp(TimeUnit::Microsecond, None))?;
            let times = times.as_primitive::<TimestampMicrosecondType>();
            let ago: Float64Array = times.unary(|time| as_of.saturating_sub(time) as f64 / DAY_MICROS as f64);
            std::sync::Arc::new(ago)
        }
        _ => std::sync::Arc::clone(values),
    })
}

fn changed(name: &str) -> FlowError {
    FlowError::Model(format!("feature `{name}` is a text at one date and a number at another; cast it in its query"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::sync::Arc;

    use arrow::array::{Date32Array, TimestampMicrosecondArray};

    use super::*;

    #[test]
    fn dates_and_times_are_days_before_the_time_that_rows_are_of() {
        let (today, both) = (20_000, [Some(0), Some(1)]);
        let dates: ArrayRef = Arc::new(Date32Array::from(vec![Some(19_990), None]));
        let times: ArrayRef =
            Arc::new(TimestampMicrosecondArray::from(vec![today * DAY_MICROS, -1]).with_timezone("UTC"));
        let mut growing = Growing::new(vec!["on".to_owned(), "at".to_owned()]);
        growing.extend(2);
        assert!(growing.put(1, 0, &both, &times).is_err(), "of a flat table's rows nobody knows the time");
        growing.as_of(EventTime(today * DAY_MICROS + DAY_MICROS / 2));
        growing.put(0, 0, &both, &dates).unwrap();
        growing.put(1, 0, &both, &times).unwrap();
        let frame = growing.frame().unwrap();
        let Values::Number(on) = &frame.column("on").unwrap().values else { panic!("numbers") };
        assert!(on[0] == 10.0 && on[1].is_nan(), "{on:?}");
        let Values::Number(at) = &frame.column("at").unwrap().values else { panic!("numbers") };
        assert!(at[0] == 0.5 && at[1] > 20_000.0, "{at:?}");
        let mut flat = Growing::new(vec!["on".to_owned()]);
        flat.extend(2);
        flat.put(0, 0, &both, &dates).unwrap();
        let frame = flat.frame().unwrap();
        let Values::Number(on) = &frame.column("on").unwrap().values else { panic!("numbers") };
        assert_eq!(on[0], 19_990.0);
    }
}
