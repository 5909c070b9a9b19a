//! A model that was trained elsewhere: read from the bank directory, checked on sample rows, and then as any other.

use std::{io::Cursor, sync::Arc};

use arrow::csv::{ReaderBuilder, reader::Format};
use florin_models::{
    Column, Frame, Model,
    definition::{ForeignDef, ModelDef},
    foreign::{Asked, check, read},
    frame::Values,
};

use super::wrong;
use crate::{FlowError, House};

/// Bytes of a model at most, and of its samples.
const BYTES_MAX: u64 = 1 << 30;
/// How far a model may be from what is expected of it, when the definition does not say.
const WITHIN: f64 = 1e-4;
/// The column of samples that holds what is expected.
const EXPECTED: &str = "expected";
/// Training rows that explanations of a model in ONNX are made against.
const REFERENCE_ROWS: usize = 256;
/// Rows that do not agree which are told.
const TOLD_MAX: usize = 3;

/// The bytes of a model and of its samples.
pub(super) struct Files {
    model: Vec<u8>,
    samples: Vec<u8>,
}

/// Reads the files of a foreign model.
pub(super) fn files(house: &House, def: &ModelDef, foreign: &ForeignDef) -> Result<Files, FlowError> {
    let bytes = |path: &str| {
        let path = house.bank.path(path);
        let unreadable = |e: std::io::Error| wrong(&def.name, format!("could not read `{}`: {e}", path.display()));
        let size = std::fs::metadata(&path).map_err(unreadable)?.len();
        if size > BYTES_MAX {
            return Err(wrong(&def.name, format!("`{}` has {size} bytes; {BYTES_MAX} are the most", path.display())));
        }
        std::fs::read(&path).map_err(unreadable)
    };
    Ok(Files { model: bytes(&foreign.file)?, samples: bytes(&foreign.samples)? })
}

/// The model, with the features of the definition, when it says of the sample rows what is expected.
pub(super) fn model(
    def: &ModelDef,
    foreign: &ForeignDef,
    files: &Files,
    train: &Frame,
) -> Result<Box<dyn Model>, FlowError> {
    let features: Vec<String> = train.columns().iter().map(|column| column.name.clone()).collect();
    let step = train.rows().div_ceil(REFERENCE_ROWS).max(1);
    let reference = train.select(&(0..train.rows()).step_by(step).collect::<Vec<_>>())?;
    let asked = Asked {
        format: None,
        features: &features,
        renamed: foreign.renamed.clone(),
        output: foreign.output.clone(),
        column: foreign.column,
        reference: Some(&reference),
    };
    let of_file = |error| wrong(&def.name, format!("`{}`: {error}", foreign.file));
    let model = read(&files.model, &asked).map_err(of_file)?;
    let (rows, expected) =
        samples(&files.samples, train).map_err(|what| wrong(&def.name, format!("`{}`: {what}", foreign.samples)))?;
    let found = check(&*model, &rows, &expected, foreign.within.unwrap_or(WITHIN)).map_err(of_file)?;
    if found.agrees() {
        return Ok(model);
    }
    let first = found.first.iter().take(TOLD_MAX);
    let first: Vec<String> = first.map(|d| format!("line {}: {} and not {}", d.row + 2, d.found, d.expected)).collect();
    let what = format!(
        "`{}` says something else of {} of {} sample rows than `{}` expects ({}); what was exported is not what was trained, or features are in another order or unit",
        foreign.file,
        found.differing,
        found.rows,
        foreign.samples,
        first.join("; ")
    );
    Err(wrong(&def.name, what))
}

/// Sample rows with the features of training, each of its kind there, and what is expected of them.
fn samples(bytes: &[u8], train: &Frame) -> Result<(Frame, Vec<f64>), String> {
    let unreadable = |e: arrow::error::ArrowError| format!("it is no CSV with a header: {e}");
    let format = Format::default().with_header(true);
    let (schema, _) = format.infer_schema(Cursor::new(bytes), None).map_err(unreadable)?;
    let schema = Arc::new(schema);
    let reader = ReaderBuilder::new(Arc::clone(&schema)).with_format(format).build(Cursor::new(bytes));
    let batches: Vec<_> = reader.map_err(unreadable)?.collect::<Result<_, _>>().map_err(unreadable)?;
    let rows = arrow::compute::concat_batches(&schema, &batches).map_err(unreadable)?;
    let column = |name: &str| rows.column_by_name(name).ok_or_else(|| format!("it has no column `{name}`"));
    let mut columns = Vec::new();
    for wanted in train.columns() {
        let found = column(&wanted.name)?;
        let as_text = matches!(wanted.values, Values::Category { .. });
        // A category whose levels look like numbers is one all the same.
        let found = match as_text {
            true => arrow::compute::cast(found, &arrow::datatypes::DataType::Utf8).map_err(|e| e.to_string())?,
            false => Arc::clone(found),
        };
        columns.push(Column::from_arrow(&wanted.name, &found).map_err(|e| e.to_string())?);
    }
    let expected = Column::from_arrow(EXPECTED, column(EXPECTED)?).map_err(|e| e.to_string())?;
    let Values::Number(expected) = expected.values else {
        return Err(format!("its column `{EXPECTED}` is no number"));
    };
    Ok((Frame::new(columns).map_err(|e| e.to_string())?, expected))
}
