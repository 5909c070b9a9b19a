//! An answer, told in parts: of the catalogue, or of the bank's tables as they are read.

use std::sync::Arc;

use arrow::datatypes::Schema;
use florin_lake::QueryOutput;
use futures::StreamExt as _;
use jiff::tz::TimeZone;

use crate::{
    catalogue::{
        Told,
        functions::shown_as,
        types::{self, Oid},
        value::{Row, Value},
        world::World,
    },
    columns::{Column, Rows, column, sized},
    fault::{Fault, code},
    faults,
    parameters::EPOCH_MICROS,
};

/// Bytes that are written before they are sent.
pub(crate) const FLUSH_BYTES: usize = 128 << 10;

/// Rows that are told in parts.
pub(crate) struct Answer {
    pub(crate) columns: Vec<Column>,
    source: Source,
}

enum Source {
    Values { rows: std::vec::IntoIter<Row>, world: Arc<World> },
    Batches { output: QueryOutput, current: Option<(Rows, usize)>, zone: TimeZone },
}

/// How far an answer came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Came {
    /// There may be more; what is written should be sent.
    OnTheWay,
    /// As many rows as were asked for.
    ToTheLimit,
    ToTheEnd,
}

impl Answer {
    /// Of the catalogue.
    pub(crate) fn told(told: Told, world: Arc<World>) -> Self {
        let columns = told.columns.into_iter().map(|(name, ty)| Column { name, ty, modifier: -1 }).collect();
        Self { columns, source: Source::Values { rows: told.rows.into_iter(), world } }
    }

    /// Of the bank's tables. Times with an offset are written in a time zone.
    pub(crate) fn read(output: QueryOutput, zone: &str) -> Self {
        let columns = columns_of(&output.schema);
        let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
        Self { columns, source: Source::Batches { output, current: None, zone } }
    }

    /// Writes rows until there are enough to send, as many as are asked for, or none left; `told` counts them.
    pub(crate) async fn write(
        &mut self,
        binary: &[bool],
        most: u64,
        told: &mut u64,
        out: &mut Vec<u8>,
    ) -> Result<Came, Fault> {
        while out.len() < FLUSH_BYTES {
            if *told >= most {
                return Ok(Came::ToTheLimit);
            }
            match &mut self.source {
                Source::Values { rows, world } => match rows.next() {
                    Some(row) => {
                        write_values(&row, &self.columns, binary, world, out);
                        *told += 1;
                    }
                    None => return Ok(Came::ToTheEnd),
                },
                Source::Batches { current, .. } if current.as_ref().is_some_and(|(rows, next)| *next < rows.len()) => {
                    if let Some((rows, next)) = current {
                        rows.write(*next, out);
                        (*next, *told) = (*next + 1, *told + 1);
                    }
                }
                Source::Batches { output, current, zone } => match output.batches.next().await {
                    Some(batch) => {
                        let batch = batch.map_err(|error| faults::of_lake(&error))?;
                        let rows = Rows::new(&batch, flags(binary, batch.num_columns()), zone);
                        *current = Some((rows.map_err(|error| faults::of_arrow(&error))?, 0));
                    }
                    None => return Ok(Came::ToTheEnd),
                },
            }
        }
        Ok(Came::OnTheWay)
    }

    /// From now on, rows are written so; a cursor may be asked in another way each time.
    pub(crate) fn rewritten(&mut self, binary: &[bool]) {
        if let Source::Batches { current: Some((rows, _)), .. } = &mut self.source {
            rows.set_binary(flags(binary, self.columns.len()));
        }
    }
}

/// Columns as clients are told of them.
pub(crate) fn columns_of(schema: &Schema) -> Vec<Column> {
    schema.fields().iter().map(|field| column(field)).collect()
}

fn flags(binary: &[bool], columns: usize) -> Vec<bool> {
    (0..columns).map(|place| binary.get(place).copied().unwrap_or_default()).collect()
}

/// Which columns are written in the binary format: none, all, or as is said of each.
pub(crate) fn binary_columns(formats: &[u16], columns: usize) -> Result<Vec<bool>, Fault> {
    match formats {
        [] => Ok(vec![false; columns]),
        [one] => Ok(vec![*one == 1; columns]),
        each if each.len() == columns => Ok(each.iter().map(|format| *format == 1).collect()),
        each => {
            let message = format!("{} formats were named for {columns} columns", each.len());
            Err(Fault::new(code::PROTOCOL, message))
        }
    }
}

fn write_values(row: &[Value], columns: &[Column], binary: &[bool], world: &World, out: &mut Vec<u8>) {
    crate::messages::message(out, b'D', |out| {
        out.extend_from_slice(&(columns.len() as u16).to_be_bytes());
        for (place, (value, column)) in row.iter().zip(columns).enumerate() {
            let binary = binary.get(place).copied().unwrap_or_default();
            match value {
                Value::Null => out.extend_from_slice(&(-1_i32).to_be_bytes()),
                value if binary => sized(out, |out| write_binary(value, column.ty, world, out)),
                value => sized(out, |out| out.extend_from_slice(shown(value, column.ty, world).as_bytes())),
            }
        }
    });
}

fn shown(value: &Value, ty: Oid, world: &World) -> String {
    let shown = if ty == types::BOOL { value.shown() } else { shown_as(world, value, ty) };
    shown.unwrap_or_default()
}

fn write_binary(value: &Value, ty: Oid, world: &World, out: &mut Vec<u8>) {
    let number = || value.as_int().unwrap_or_default();
    match ty {
        types::BOOL => out.push(u8::from(value.holds())),
        types::INT2 => out.extend_from_slice(&(number() as i16).to_be_bytes()),
        types::INT4 => out.extend_from_slice(&(number() as i32).to_be_bytes()),
        types::INT8 => out.extend_from_slice(&number().to_be_bytes()),
        types::OID | types::REGCLASS | types::REGTYPE | types::REGPROC | types::REGNAMESPACE | types::REGROLE => {
            out.extend_from_slice(&(number() as u32).to_be_bytes());
        }
        types::FLOAT4 => out.extend_from_slice(&(float(value) as f32).to_be_bytes()),
        types::FLOAT8 => out.extend_from_slice(&float(value).to_be_bytes()),
        types::TIMESTAMPTZ => {
            let at = value.shown().and_then(|text| text.replace(' ', "T").parse::<jiff::Timestamp>().ok());
            out.extend_from_slice(&(at.map_or(0, jiff::Timestamp::as_microsecond) - EPOCH_MICROS).to_be_bytes());
        }
        _ => match (types::element_of(ty), value) {
            (Some(element), Value::List(values)) => write_list(values, element, world, out),
            _ => out.extend_from_slice(shown(value, ty, world).as_bytes()),
        },
    }
}

fn float(value: &Value) -> f64 {
    match value {
        Value::Float(number) => *number,
        other => other.as_int().unwrap_or_default() as f64,
    }
}

fn write_list(values: &[Value], element: Oid, world: &World, out: &mut Vec<u8>) {
    let dimensions = i32::from(!values.is_empty());
    let nulls = i32::from(values.iter().any(Value::is_null));
    for word in [dimensions, nulls, element.cast_signed()] {
        out.extend_from_slice(&word.to_be_bytes());
    }
    if !values.is_empty() {
        out.extend_from_slice(&(values.len() as i32).to_be_bytes());
        out.extend_from_slice(&1_i32.to_be_bytes());
    }
    for value in values {
        match value {
            Value::Null => out.extend_from_slice(&(-1_i32).to_be_bytes()),
            value => sized(out, |out| write_binary(value, element, world, out)),
        }
    }
}
