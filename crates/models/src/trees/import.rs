//! Trees that others have grown: LightGBM's text and XGBoost's JSON.

use hessboost::model::{BoostedModel as Grown, ModelFormat};
use serde_json::Value;

use super::{BoostedModel, Encoding, Output, forest::Forest};
use crate::{
    error::{ModelError, Result, library},
    frame::{ColumnKind, Schema},
};

/// Reads a model that LightGBM saved as text (`save_model`, version 4).
///
/// Features have the names in the file. Those that LightGBM took as categories of a pandas column keep their levels; other categories are
/// numbers: the codes that the model was trained with.
///
/// # Errors
/// When it is no such model, or has several outputs, linear leaves or averaged trees.
pub fn from_lightgbm(text: &str) -> Result<BoostedModel> {
    let wrong = |error| library("a LightGBM model", error);
    let grown = Grown::decode(text, ModelFormat::LightgbmText).map_err(wrong)?;
    let field = |key: &str| text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('='));
    let names: Vec<String> = field("feature_names").unwrap_or_default().split(' ').map(str::to_owned).collect();
    let infos: Vec<&str> = field("feature_infos").unwrap_or_default().split(' ').collect();
    let levels = pandas_levels(text);
    let is_category = |info: &&str| !info.starts_with('[') && *info != "none";
    let categories = infos.iter().filter(|info| is_category(info)).count();
    let mut levels = levels.filter(|levels| levels.len() == categories).unwrap_or_default().into_iter();
    let kinds = infos.iter().map(|info| match is_category(info) {
        true => levels.next().map_or(ColumnKind::Number, ColumnKind::Category),
        false => ColumnKind::Number,
    });
    let kinds = kinds.collect();
    let output = match field("objective").unwrap_or_default().split(' ').next() {
        Some("binary" | "cross_entropy" | "xentropy") => Output::Probability,
        Some("regression" | "regression_l2" | "l2" | "mse" | "regression_l1" | "huber" | "quantile" | "mape") => {
            Output::Value
        }
        other => return Err(objective(other.unwrap_or_default())),
    };
    let rounds = grown.num_boost_rounds();
    imported(&grown, rounds, Schema { names, kinds }, output)
}

/// The levels of pandas columns, one list a category, when the file has them and they are texts.
fn pandas_levels(text: &str) -> Option<Vec<Vec<String>>> {
    let json = text.lines().rev().find_map(|line| line.strip_prefix("pandas_categorical:"))?;
    serde_json::from_str(json).ok()
}

/// Reads a model that XGBoost saved as JSON.
///
/// When the file says which round was best (`best_iteration`, written by early stopping), the rounds after it are left out, as XGBoost's own
/// `predict` leaves them out.
///
/// # Errors
/// When it is no such model, or has several outputs or a linear booster.
pub fn from_xgboost(json: &[u8]) -> Result<BoostedModel> {
    let wrong = |error| library("an XGBoost model", error);
    let grown = Grown::decode(json, ModelFormat::XgboostJson).map_err(wrong)?;
    let document: Value = serde_json::from_slice(json).map_err(|error| library("an XGBoost model", error))?;
    let learner = &document["learner"];
    let best = learner["attributes"]["best_iteration"].as_str().and_then(|best| best.parse::<usize>().ok());
    let rounds = best.map_or(grown.num_boost_rounds(), |best| best + 1);
    let named: Vec<String> = learner["feature_names"]
        .as_array()
        .map(|names| names.iter().filter_map(|name| name.as_str().map(str::to_owned)).collect())
        .unwrap_or_default();
    let names = match named.len() == grown.n_features() {
        true => named,
        false => (0..grown.n_features()).map(|at| format!("f{at}")).collect(),
    };
    let output = match learner["objective"]["name"].as_str().unwrap_or_default() {
        "binary:logistic" | "reg:logistic" => Output::Probability,
        "reg:squarederror" | "reg:absoluteerror" | "reg:pseudohubererror" => Output::Value,
        other => return Err(objective(other)),
    };
    let kinds = vec![ColumnKind::Number; names.len()];
    imported(&grown, rounds, Schema { names, kinds }, output)
}

fn objective(name: &str) -> ModelError {
    library("a model of others", format!("its objective is `{name}`; yes and no, and plain numbers are taken"))
}

fn imported(grown: &Grown, rounds: usize, schema: Schema, output: Output) -> Result<BoostedModel> {
    let encoding = |kind: &ColumnKind| match kind {
        ColumnKind::Number => Encoding::Number,
        ColumnKind::Category(_) => Encoding::Native,
    };
    let encodings = schema.kinds.iter().map(encoding).collect();
    BoostedModel { encodings, schema, output, forest: Forest::of(grown, rounds)? }.checked()
}
