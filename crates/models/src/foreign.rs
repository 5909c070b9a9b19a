//! Models that others have trained, from bytes to a model like our own.
//!
//! A flow that registers one does three things, all of them here and all pure:
//!
//! 1. [`read`] finds out what the bytes are ([`detect`]: LightGBM's text, XGBoost's JSON, ONNX), reads them and gives the features the names of the definition. A feature that the model
//!    wants and the definition lacks is refused by name, and so is one that the definition has and the model does not take.
//! 2. [`check`] runs sample rows through it and compares what it says with what the program that trained it said. A model that does not agree must not be registered:
//!    what was exported is not what was trained.
//! 3. [`crate::Model::to_bytes`] saves it, and [`crate::from_bytes`] reads it, as any other.
//!
//! What each format loses: ONNX keeps thresholds of LightGBM as floats of 32 bits (rows within rounding of one may go the other way) and no counts of training rows, which explanations of
//! trees need ([`Asked::reference`] makes up for them). LightGBM's text and XGBoost's JSON lose nothing; prefer them.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::{
    error::{ModelError, Result, same_length},
    frame::Frame,
    learner::Model,
    onnx::{OnnxModel, OnnxOptions},
    trees::{from_lightgbm, from_xgboost},
};

/// Rows that a check shows at most.
pub const ROWS_SHOWN_MAX: usize = 10;

/// What a foreign model came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// What LightGBM's `save_model` writes.
    LightGbm,
    /// What XGBoost's `save_model` writes into a file that ends in `.json`.
    XgBoost,
    /// An ONNX file.
    Onnx,
}

impl Format {
    /// What people call it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::LightGbm => "LightGBM text",
            Self::XgBoost => "XGBoost JSON",
            Self::Onnx => "ONNX",
        }
    }
}

/// What is asked of a foreign model beyond its bytes.
#[derive(Debug, Clone, Default)]
pub struct Asked<'a> {
    /// What the bytes are; found out when absent.
    pub format: Option<Format>,
    /// The features of the definition. Where the model has names of its own, they say which is which, in whatever order; where it has none (`f0`, `Column_0`, the one table of an ONNX file) the
    /// order counts. When empty, the model keeps its names.
    pub features: &'a [String],
    /// The model's name of a feature of the definition, where they differ: definition's name to model's name.
    pub renamed: BTreeMap<String, String>,
    /// ONNX: which output, and which column of it; see [`OnnxOptions`].
    pub output: Option<String>,
    /// ONNX: the column.
    pub column: Option<usize>,
    /// ONNX: rows (with the names of the definition) that explanations are made against; see [`OnnxModel::referenced`].
    pub reference: Option<&'a Frame>,
}

/// What bytes look like; nothing, when they look like no model that is read.
#[must_use]
pub fn detect(bytes: &[u8]) -> Option<Format> {
    /// The first bytes, in which all that tells formats apart lies.
    const HEAD: usize = 4096;
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(HEAD)]);
    let start = head.trim_start();
    match start {
        _ if start.starts_with("tree\n") || start.starts_with("tree\r\n") => Some(Format::LightGbm),
        _ if start.starts_with('{') && head.contains('"') => Some(Format::XgBoost),
        // The first field of an ONNX file is its version of the format: field 1, a small number.
        _ if bytes.len() > 8 && bytes[0] == 0x08 && (1..=20).contains(&bytes[1]) => Some(Format::Onnx),
        _ => None,
    }
}

/// Reads a foreign model, and gives its features the names of the definition.
///
/// XGBoost's rounds after the best one (`best_iteration`) are left out, as its own `predict` leaves them out.
///
/// # Errors
/// When the bytes are no model that is read, or one with parts that are not taken (said where and which), or its features and those that are asked for do not match: all that are
/// missing and all that are too many are named.
pub fn read(bytes: &[u8], asked: &Asked<'_>) -> Result<Box<dyn Model>> {
    let format = asked.format.or_else(|| detect(bytes)).ok_or_else(|| ModelError::Foreign {
        format: "unknown",
        why: "the bytes are neither LightGBM's text, nor XGBoost's JSON, nor ONNX; XGBoost's other formats are to be saved as JSON".to_owned(),
    })?;
    if format == Format::Onnx {
        return read_onnx(bytes, asked);
    }
    let model = match format {
        Format::LightGbm => {
            let text = std::str::from_utf8(bytes);
            from_lightgbm(text.map_err(|_| mismatch(format, "it is no UTF-8 text".to_owned()))?)?
        }
        _ => from_xgboost(bytes)?,
    };
    let own = model.schema().names.clone();
    // A model without names of its own takes features in the order of the definition.
    let nameless =
        own.iter().enumerate().all(|(at, name)| *name == format!("f{at}") || *name == format!("Column_{at}"));
    match named(format, &own, nameless, asked)? {
        Some(names) => Ok(Box::new(model.renamed(names)?)),
        None => Ok(Box::new(model)),
    }
}

fn read_onnx(bytes: &[u8], asked: &Asked<'_>) -> Result<Box<dyn Model>> {
    let options = OnnxOptions { features: Vec::new(), output: asked.output.clone(), column: asked.column };
    let in_order = OnnxOptions { features: asked.features.to_vec(), ..options.clone() };
    let mut model = match OnnxModel::read(bytes, options) {
        Ok(model) => {
            let own = model.schema().names.clone();
            let nameless = own.iter().enumerate().all(|(at, name)| *name == format!("f{at}"));
            match named(Format::Onnx, &own, nameless, asked)? {
                Some(names) => model.renamed(names)?,
                None => model,
            }
        }
        // A table that does not say how many columns it has takes them from the definition.
        Err(_) if !asked.features.is_empty() => OnnxModel::read(bytes, in_order)?,
        Err(error) => return Err(error),
    };
    if let Some(reference) = asked.reference {
        model = model.referenced(reference)?;
    }
    Ok(Box::new(model))
}

fn mismatch(format: Format, why: String) -> ModelError {
    ModelError::Foreign { format: format.name(), why }
}

/// The definition's name of each of the model's features, in the model's order; nothing, when none are asked for.
fn named(format: Format, own: &[String], nameless: bool, asked: &Asked<'_>) -> Result<Option<Vec<String>>> {
    let listed = |names: &[&str]| names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    if asked.features.is_empty() {
        return Ok(None);
    }
    if nameless && asked.renamed.is_empty() {
        return match own.len() == asked.features.len() {
            true => Ok(Some(asked.features.to_vec())),
            false => Err(mismatch(
                format,
                format!(
                    "it takes {} features without names, and the definition has {}: {}",
                    own.len(),
                    asked.features.len(),
                    listed(&asked.features.iter().map(String::as_str).collect::<Vec<_>>())
                ),
            )),
        };
    }
    if let Some(unknown) = asked.renamed.keys().find(|name| !asked.features.contains(name)) {
        return Err(mismatch(
            format,
            format!("`{unknown}` is given another name, and is no feature of the definition"),
        ));
    }
    let theirs = |feature: &'_ String| asked.renamed.get(feature).unwrap_or(feature).clone();
    let ours: BTreeMap<String, &String> = asked.features.iter().map(|feature| (theirs(feature), feature)).collect();
    let wanted: BTreeSet<&str> = own.iter().map(String::as_str).collect();
    let missing: Vec<&str> = own.iter().map(String::as_str).filter(|name| !ours.contains_key(*name)).collect();
    let extra: Vec<&str> =
        ours.iter().filter(|(theirs, _)| !wanted.contains(theirs.as_str())).map(|(_, ours)| ours.as_str()).collect();
    if missing.is_empty() && extra.is_empty() && ours.len() == asked.features.len() {
        return Ok(Some(own.iter().filter_map(|name| ours.get(name)).map(|name| (*name).clone()).collect()));
    }
    let mut why = "its features and the definition's do not match".to_owned();
    if !missing.is_empty() {
        why += &format!("; the definition lacks {}", listed(&missing));
    }
    if !extra.is_empty() {
        why += &format!("; the model does not take {}", listed(&extra));
    }
    if ours.len() < asked.features.len() {
        why += "; two features are one of the model's";
    }
    Err(mismatch(format, why))
}

/// How a model's answers compare with what was expected.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SampleCheck {
    /// How many rows were compared.
    pub rows: usize,
    /// The largest difference, of a value beyond 1 as a share of it.
    pub largest: f64,
    /// How many rows differ by more than is allowed.
    pub differing: usize,
    /// The first of them, at most [`ROWS_SHOWN_MAX`].
    pub first: Vec<Difference>,
}

/// A row on which a model says something else.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Difference {
    /// The row, from 0.
    pub row: usize,
    /// What was expected.
    pub expected: f64,
    /// What the model says.
    pub found: f64,
}

impl SampleCheck {
    /// Whether every row agrees.
    #[must_use]
    pub fn agrees(&self) -> bool {
        self.differing == 0
    }
}

/// Compares what a model predicts for sample rows with what is expected of it. A row differs when it is off by more than `within`, or, where the expected value is beyond 1, by more than
/// that share of it; a model that says nothing of a row (no number) differs.
///
/// # Errors
/// When there are no rows, lengths differ, `within` is no positive number, or the model cannot take the rows.
pub fn check(model: &dyn Model, rows: &Frame, expected: &[f64], within: f64) -> Result<SampleCheck> {
    same_length("expected values", expected.len(), rows.rows())?;
    if expected.is_empty() {
        return Err(ModelError::TooLittle { what: "sample rows", found: 0, needed: 1 });
    }
    if !(within > 0.0 && within.is_finite()) {
        return Err(crate::error::argument("the allowed difference", within, "it is above 0"));
    }
    let found = model.predict(rows)?;
    let mut checked = SampleCheck { rows: found.len(), largest: 0.0, differing: 0, first: Vec::new() };
    for (row, (found, expected)) in found.iter().zip(expected).enumerate() {
        let off = (found - expected).abs() / expected.abs().max(1.0);
        let off = if off.is_nan() { f64::INFINITY } else { off };
        checked.largest = checked.largest.max(off);
        if off > within {
            checked.differing += 1;
            if checked.first.len() < ROWS_SHOWN_MAX {
                checked.first.push(Difference { row, expected: *expected, found: *found });
            }
        }
    }
    Ok(checked)
}
