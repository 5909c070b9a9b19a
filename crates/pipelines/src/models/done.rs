//! What was done to some customers and not to others, after a date and within its horizon.

use std::collections::HashMap;

use arrow::{
    array::{Array as _, ArrayRef, AsArray as _, Float64Array, RecordBatch, StringArray, UInt32Array},
    compute::{cast, concat_batches, take},
    datatypes::{DataType, Float64Type},
};
use florin_models::{
    DataSet,
    definition::{Assumed, Chosen, ModelDef, Source, Treatment},
    evaluation::{Periods, TreatedPart},
};

use super::{dataset::known_as, gather::ids, grown::Growing, wrong};
use crate::{FlowError, ask::Asking};

/// What a treatment's query is called in messages.
const QUERY: &str = "the treatment's query";

/// Who was treated, row by row.
#[derive(Debug, Clone, Default)]
pub(super) struct Treated {
    pub(super) of: Vec<bool>,
    /// How likely each was to be; empty where the query does not say.
    pub(super) chances: Vec<f64>,
}

/// What was done to the people of one date.
pub(super) struct Done {
    treated: Treated,
    /// Of each of them, the row of the query's answer.
    rows: UInt32Array,
    answer: RecordBatch,
}

/// The treatment of a model of effects.
pub(super) fn treatment(def: &ModelDef) -> Option<&Treatment> {
    match &def.source {
        Source::Lake { treatment, .. } => treatment.as_ref(),
        Source::Table { .. } | Source::Texts { .. } | Source::Series { .. } => None,
    }
}

/// Whom of these people something was done to and who was held back; all others could not have been treated and are taken out, with their labels.
pub(super) async fn done(
    after: &Asking<'_>,
    model: &str,
    treatment: &Treatment,
    (people, labels): (&mut Vec<i64>, &mut Vec<Option<f64>>),
) -> Result<Done, FlowError> {
    let output = after.sql(&treatment.sql).await?;
    let schema = output.schema.clone();
    let answer = concat_batches(&schema, &output.collect().await?)?;
    let wrong = |what: String| wrong(model, format!("{QUERY} {what}"));
    let mut row_of: HashMap<i64, u32> = HashMap::new();
    for (row, id) in (0u32..).zip(ids(&answer, QUERY)?) {
        let Some(id) = id else { continue };
        if row_of.insert(id, row).is_some() {
            return Err(wrong(format!("gives customer {id} more than one row; group by `customer_id`")));
        }
    }
    let of = number(&answer, "treated").map_err(&wrong)?;
    let chances = match treatment.chosen {
        Chosen::Given => Some(number(&answer, "chance").map_err(&wrong)?),
        Chosen::Known(_) | Chosen::Learnt => None,
    };
    let (mut treated, mut rows, mut kept) = (Treated::default(), Vec::new(), Vec::new());
    for (place, customer) in people.iter().enumerate() {
        let Some(row) = row_of.get(&known_as(after, *customer)).copied() else { continue };
        let at = row as usize;
        if of.is_null(at) {
            continue;
        }
        match of.value(at) {
            1.0 => treated.of.push(true),
            0.0 => treated.of.push(false),
            other => return Err(wrong(format!("says that customer {customer} was treated {other}; it is 1 or 0"))),
        }
        if let Some(chances) = &chances {
            let chance = if chances.is_null(at) { f64::NAN } else { chances.value(at) };
            if !(chance > 0.0 && chance < 1.0) {
                return Err(wrong(format!(
                    "gives customer {customer} a chance of {chance}; it is between 0 and 1, or the customer is left out"
                )));
            }
            treated.chances.push(chance);
        }
        rows.push(row);
        kept.push(place);
    }
    *people = kept.iter().map(|place| people[*place]).collect();
    *labels = kept.iter().map(|place| labels[*place]).collect();
    Ok(Done { treated, rows: rows.into(), answer })
}

fn number(answer: &RecordBatch, name: &str) -> Result<Float64Array, String> {
    let values = answer.column_by_name(name).ok_or_else(|| format!("gives no column `{name}`"))?;
    let ty = values.data_type();
    if !(ty.is_numeric() || matches!(ty, DataType::Boolean)) {
        return Err(format!("gives a `{name}` of type {ty}; make it a number, or true and false"));
    }
    let values = cast(values, &DataType::Float64).map_err(|e| e.to_string())?;
    Ok(values.as_primitive::<Float64Type>().clone())
}

impl Done {
    /// Puts the features of the treatment behind the rows so far.
    pub(super) fn put(&self, treatment: &Treatment, growing: &mut Growing, first: usize) -> Result<(), FlowError> {
        let rows: Vec<Option<usize>> = (0..self.rows.len()).map(Some).collect();
        for name in &treatment.features {
            let Some(values) = self.answer.column_by_name(name) else { continue };
            let at = growing.position(name);
            growing.put(at, first, &rows, &take(values, &self.rows, None)?)?;
        }
        Ok(())
    }
}

impl Treated {
    pub(super) fn append(&mut self, done: Done) {
        self.of.extend(done.treated.of);
        self.chances.extend(done.treated.chances);
    }

    /// The chances, where there are any.
    pub(super) fn chances(&self) -> Option<&[f64]> {
        (!self.chances.is_empty()).then_some(&self.chances[..])
    }

    /// Rows of which this says who was treated.
    pub(super) fn part<'a>(&'a self, set: &'a DataSet, periods: Option<&'a Periods>) -> TreatedPart<'a> {
        TreatedPart { set, treated: &self.of, chances: self.chances(), periods }
    }

    pub(super) fn select(&self, rows: &[usize]) -> Self {
        let chances = self.chances().map(|all| rows.iter().map(|row| all[*row]).collect()).unwrap_or_default();
        Self { of: rows.iter().map(|row| self.of[*row]).collect(), chances }
    }
}

/// Features of the treatment as scores take them to be: rows from `first` on get what the definition assumes, or nothing.
pub(super) fn assume(def: &ModelDef, growing: &mut Growing, first: usize, count: usize) -> Result<(), FlowError> {
    let Some(treatment) = treatment(def) else { return Ok(()) };
    let rows: Vec<Option<usize>> = (0..count).map(Some).collect();
    for name in &treatment.features {
        let at = growing.position(name);
        let values: ArrayRef = match treatment.scored_as.get(name) {
            None => continue,
            Some(Assumed::Number(number)) => std::sync::Arc::new(Float64Array::from(vec![*number; count])),
            Some(Assumed::Text(text)) => std::sync::Arc::new(StringArray::from(vec![text.as_str(); count])),
        };
        growing.put(at, first, &rows, &values)?;
    }
    Ok(())
}
