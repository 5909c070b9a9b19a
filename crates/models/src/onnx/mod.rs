//! Models of others in ONNX: read, checked, run and explained without a runtime of others.
//!
//! What exporters of scikit-learn, LightGBM and XGBoost write for tables is taken: trees, linear models, scalers, imputers, encoders, and the plain operators of
//! small networks (`operators` lists them). Anything else is refused with the node, the operator and its version. The file is read by hand: no value in it can make the reader panic, loop or
//! take more memory or work than the bounds that stand beside each part ([`FILE_BYTES_MAX`], `graph`, `tensor`, `budget`, `operators::ensemble`).
//!
//! Numbers are floats of 32 bits where the file says so, as runtimes have them. Trees that add up are turned into this crate's own, whose leaves are added in 64 bits: their scores lie within
//! rounding of a runtime's, and contributions add up to them.
//!
//! *How to read*: `wire` → `proto` → `tensor` → `operators` → `graph` → `trace`, `form` (what can be explained) → `rows`, `parts` → `shapley`.

mod attributes;
mod budget;
mod form;
mod graph;
mod operators;
mod parts;
mod proto;
mod rows;
mod scores;
mod shapley;
mod tensor;
mod trace;
mod wire;

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use serde::{Deserialize, Serialize};

use crate::{
    error::{ModelError, Result, saved},
    exact,
    frame::{Aligned, ColumnKind, Frame, Schema},
    learner::{Contributions, Model, Saved, not_offered},
    trees::given::GivenForest,
};
use form::Form;
use graph::Graph;
use proto::{ModelProto, element};
use rows::features;
use trace::{PROBED_ROWS, traces};

/// The longest file that is read.
pub const FILE_BYTES_MAX: usize = 64 << 20;
/// The most features.
pub const FEATURES_MAX: usize = 10_000;
/// The most features of a graph that is neither trees nor a sum, so that its scores can still be explained.
const SAMPLED_MAX: usize = 1_000;
/// Rows that run through a graph together.
const BLOCK_ROWS: usize = 256;
/// Rows whose reference is taken at most.
const REFERENCE_ROWS_MAX: usize = 10_000;

/// What is asked of a file beyond its bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OnnxOptions {
    /// Names of the features, in the order of the file's inputs and their columns. When empty: the names of inputs of one column, else `f0`, `f1` and so on.
    pub features: Vec<String>,
    /// Which output tells scores, when the file has several.
    pub output: Option<String>,
    /// Which column of it is taken (from 0); when absent the second of two (the probability of the second class), or the only one.
    pub column: Option<usize>,
}

/// A model that came in ONNX.
#[derive(Debug)]
pub struct OnnxModel {
    schema: Schema,
    bytes: Vec<u8>,
    options: OnnxOptions,
    graph: Graph,
    /// How many features each input takes.
    widths: Vec<usize>,
    /// Which column of the output is taken; nothing, when that shows only with rows.
    column: Option<usize>,
    form: Form,
    forest: Option<GivenForest>,
    reference: Option<Reference>,
}

/// What scores are explained against.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Reference {
    /// A usual row: a number a feature, a category as the code of its level.
    #[serde(with = "exact::many")]
    row: Vec<f64>,
    /// Of trees: how many reference rows went through each node.
    #[serde(with = "exact::many")]
    counts: Vec<f64>,
}

/// An ONNX model as data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SavedOnnx {
    /// The file, in base 64.
    file: String,
    features: Vec<String>,
    output: Option<String>,
    column: Option<usize>,
    reference: Option<Reference>,
}

/// A file that cannot be taken.
pub(crate) fn refused(why: impl Into<String>) -> ModelError {
    ModelError::Foreign { format: "ONNX", why: why.into() }
}

impl OnnxModel {
    /// Reads a file.
    ///
    /// Inputs are one table (then `options.features` says which feature each column is), or an input a feature, or a mixture; texts are categories of the levels that the
    /// file's encoders know. One number a row is taken from one output.
    ///
    /// # Errors
    /// When the bytes are no ONNX file, it has an operator that is not taken (which is named, with its node and version), its parts do not hold together, it is larger than
    /// [`FILE_BYTES_MAX`], or options do not fit it.
    pub fn read(bytes: &[u8], options: OnnxOptions) -> Result<Self> {
        if bytes.len() > FILE_BYTES_MAX {
            return Err(refused(format!("it has {} bytes; at most {FILE_BYTES_MAX} are read", bytes.len())));
        }
        let graph =
            ModelProto::read(bytes).and_then(|model| Graph::of(model, options.output.as_deref())).map_err(refused)?;
        let (schema, widths) = features(&graph.inputs, &options.features)?;
        let mut model = Self {
            schema,
            bytes: bytes.to_vec(),
            options,
            graph,
            widths,
            column: None,
            form: Form::Any,
            forest: None,
            reference: None,
        };
        model.look()?;
        Ok(model)
    }

    /// The same, explained against these rows: trees by how many of them take each branch, anything else against a usual row (mean numbers, commonest levels). Without
    /// it trees are explained by what the file tells of training data, or else as if both branches were equally usual, and other graphs are not.
    ///
    /// # Errors
    /// When there are no rows, or a feature is not there.
    pub fn referenced(mut self, rows: &Frame) -> Result<Self> {
        let used = rows.rows().min(REFERENCE_ROWS_MAX);
        if used == 0 {
            return Err(ModelError::TooLittle { what: "rows to explain scores against", found: 0, needed: 1 });
        }
        let rows = rows.select(&(0..used).collect::<Vec<_>>())?;
        let aligned = self.schema.align(&rows)?;
        let row = (0..self.schema.len()).map(|at| self.usual(&aligned, at)).collect();
        let mut counts = Vec::new();
        if let (Form::Trees { slot, .. }, Some(ensemble)) = (&self.form, self.form.ensemble(&self.graph)) {
            for first in (0..used).step_by(BLOCK_ROWS) {
                let cells = self.graph.run(self.block(&aligned, first, false)?, *slot, false).map_err(refused)?;
                let found = ensemble.counted(&cells).map_err(refused)?;
                counts.resize(found.len(), 0.0);
                counts.iter_mut().zip(found).for_each(|(sum, count): (&mut f64, f32)| *sum += f64::from(count));
            }
        }
        self.reference = Some(Reference { row, counts });
        self.plant()?;
        Ok(self)
    }

    /// The same with other names of features, in the same order.
    ///
    /// # Errors
    /// When there are not as many, or one comes twice.
    pub fn renamed(mut self, names: Vec<String>) -> Result<Self> {
        self.schema = self.schema.renamed(names)?;
        Ok(self)
    }

    /// How explanations are made, for people.
    #[must_use]
    pub fn explained_by(&self) -> &'static str {
        match (&self.form, &self.reference) {
            (Form::Trees { .. }, _) => "exact values of trees",
            (_, None) => "nothing: it has no reference rows",
            (Form::Sum { .. }, _) => "exact values of a sum over features, against a usual row",
            (Form::Any, _) if self.schema.len() <= shapley::EXACT_MAX => "exact Shapley values against a usual row",
            (Form::Any, _) => "sampled Shapley values against a usual row (64 orders of features)",
        }
    }

    fn usual(&self, aligned: &Aligned<'_>, feature: usize) -> f64 {
        let cells = &aligned.cells[feature];
        let mut known: Vec<f64> =
            (0..aligned.rows).map(|row| cells.number(row)).filter(|value| !value.is_nan()).collect();
        let whole = matches!(self.element_of(feature), element::INT32 | element::INT64 | element::BOOL);
        if known.is_empty() {
            return if whole { 0.0 } else { f64::NAN };
        }
        if self.schema.kinds[feature] == ColumnKind::Number && !whole {
            return known.iter().sum::<f64>() / known.len() as f64;
        }
        known.sort_unstable_by(f64::total_cmp);
        if whole {
            return known[known.len() / 2];
        }
        // The commonest level; the first of several.
        let runs = known.chunk_by(|a, b| a == b).map(|run| (run.len(), run[0]));
        runs.fold((0, f64::NAN), |best, run| if run.0 > best.0 { run } else { best }).1
    }

    fn element_of(&self, feature: usize) -> i64 {
        let mut end = 0;
        let of = self.graph.inputs.iter().zip(&self.widths).find(|(_, width)| {
            end += **width;
            feature < end
        });
        of.map_or(element::FLOAT, |(input, _)| input.element)
    }

    /// Runs a few rows of nothing, and looks at what kind of graph it is.
    fn look(&mut self) -> Result<()> {
        let nothing = |_: usize, feature: usize| match &self.schema.kinds[feature] {
            ColumnKind::Number => 0.0,
            ColumnKind::Category(levels) => {
                if levels.is_empty() {
                    f64::NAN
                } else {
                    0.0
                }
            }
        };
        let given = self.tensors(PROBED_ROWS, &nothing, false)?;
        // Rows of nothing may be none that the model takes (a category that is none of its own): then there is nothing to look at yet.
        let Ok(shapes) = self.graph.shapes(given) else { return Ok(()) };
        let columns = trace::width(&shapes, self.graph.output)
            .ok_or_else(|| refused("its output does not have a row for every row that is given"))?;
        let column = self.chosen(columns)?;
        let traces = traces(&self.graph, &self.widths, &shapes);
        (self.column, self.form) = (Some(column), form::form(&self.graph, &traces, &shapes, column));
        self.plant()
    }

    /// Which of so many columns is taken.
    fn chosen(&self, columns: usize) -> Result<usize> {
        match (self.options.column, columns) {
            (Some(column), _) if column < columns => Ok(column),
            (Some(column), _) => {
                Err(refused(format!("its output has {columns} columns, and column {column} is asked for")))
            }
            (None, 1) => Ok(0),
            (None, 2) => Ok(1),
            (None, _) => Err(refused(format!("its output has {columns} columns; say which of them is taken"))),
        }
    }

    /// Turns the trees of a form of trees into this crate's own; a form of trees for which that cannot be is any other form.
    fn plant(&mut self) -> Result<()> {
        let Form::Trees { columns, place, .. } = &self.form else { return Ok(()) };
        let counts = self
            .reference
            .as_ref()
            .map(|reference| reference.counts.iter().map(|count| *count as f32).collect::<Vec<_>>());
        let ensemble = self.form.ensemble(&self.graph);
        let planted = ensemble
            .and_then(|ensemble| ensemble.forest(columns.sources.len(), place.column, place.less, counts.as_deref()));
        match planted.transpose() {
            Ok(Some(forest)) => self.forest = Some(forest),
            // Too many features on one path: scores are there, explanations are of the other kind.
            Ok(None) | Err(ModelError::Argument { .. }) => (self.form, self.forest) = (Form::Any, None),
            Err(error) => return Err(error),
        }
        Ok(())
    }
}

impl Model for OnnxModel {
    fn kind(&self) -> &'static str {
        "onnx"
    }

    fn schema(&self) -> &Schema {
        &self.schema
    }

    /// Of trees and sums, the scale on which they add up (log-odds under a logistic curve); of other graphs, what they predict.
    fn margins(&self, frame: &Frame) -> Result<Vec<f64>> {
        let aligned = self.schema.align(frame)?;
        if let Some(margins) = self.tree_margins(&aligned)? {
            return Ok(margins);
        }
        match &self.form {
            Form::Sum { place, .. } => {
                self.blocks(aligned.rows, |first| self.placed(self.block(&aligned, first, true)?, *place))
            }
            _ => self.predict(frame),
        }
    }

    fn predict(&self, frame: &Frame) -> Result<Vec<f64>> {
        let aligned = self.schema.align(frame)?;
        if let (Some(margins), Form::Trees { link, .. }) = (self.tree_margins(&aligned)?, &self.form) {
            return Ok(margins.into_iter().map(|margin| link.apply(margin)).collect());
        }
        let of = |first: usize| self.outputs(self.block(&aligned, first, false)?, BLOCK_ROWS.min(aligned.rows - first));
        self.blocks(aligned.rows, of)
    }

    /// Exact for trees and for sums; Shapley values against a usual row for other graphs, exact up to 8 features and sampled beyond. They add up in every case.
    fn contributions(&self, frame: &Frame) -> Result<Contributions> {
        let aligned = self.schema.align(frame)?;
        if let Some(found) = self.tree_contributions(&aligned)? {
            return Ok(found);
        }
        let Some(reference) = &self.reference else {
            return Err(not_offered(
                "onnx",
                "explain scores without rows to compare with",
                "give it reference rows when it is registered",
            ));
        };
        match &self.form {
            Form::Sum { place, .. } => self.sum_contributions(&aligned, &reference.row, *place),
            _ if self.schema.len() > SAMPLED_MAX => Err(not_offered(
                "onnx",
                "explain a graph of so many features",
                "up to 1000 are explained, of trees and linear models as many as there are",
            )),
            _ => self.shapley_contributions(&aligned, &reference.row),
        }
    }

    fn to_saved(&self) -> Saved {
        Saved::Onnx(Box::new(SavedOnnx {
            file: BASE64.encode(&self.bytes),
            features: self.schema.names.clone(),
            output: self.options.output.clone(),
            column: self.options.column,
            reference: self.reference.clone(),
        }))
    }
}

impl OnnxModel {
    pub(crate) fn of(read: SavedOnnx) -> Result<Self> {
        let bytes = BASE64.decode(read.file.as_bytes()).map_err(|error| saved("ONNX model", error))?;
        let options = OnnxOptions { features: read.features, output: read.output, column: read.column };
        let mut model = Self::read(&bytes, options)?;
        if let Some(reference) = read.reference {
            if reference.row.len() != model.schema.len()
                || reference.counts.iter().any(|count| !(0.0..f64::INFINITY).contains(count))
            {
                return Err(saved("ONNX model", "its reference and its features do not fit together"));
            }
            model.reference = Some(reference);
            model.plant()?;
        }
        Ok(model)
    }
}
