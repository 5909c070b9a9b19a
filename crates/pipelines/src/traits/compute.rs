//! Computes traits as of a time.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use arrow::{
    array::{AsArray, RecordBatch},
    datatypes::Int64Type,
};
use florin_domain::{EventTime, Purpose};
use florin_features::{
    Trait,
    definition::{Pass, passes},
    fill::Fill,
    methods::Method,
};
use florin_governance::{Action, Grant, Resource};
use florin_lake::{Consented, Session};

use super::column::{Values, Whole, column};
use crate::{FlowError, House};

/// Florin's own work over everybody, as of a time: a session of persons that consent and masks do not bind, and nothing of which
/// leaves but values under a class and purposes of their own.
pub(crate) struct Profiling<'a> {
    house: &'a House,
    as_of: EventTime,
    session: Session,
}

impl House {
    /// Opens it, once it is permitted and on record.
    pub(crate) async fn profiling(&self, purpose: Purpose, as_of: EventTime) -> Result<Profiling<'_>, FlowError> {
        let permit = self.permit(purpose, Action::Profile, Resource::Bank).await?;
        let grant = Grant::for_profiling(&permit, &self.bank.catalogue, as_of)?;
        let persons = Arc::new(crate::resolve::persons(self, Some(as_of)).await?);
        let threads = self.around.threads;
        let session = Session::of_persons(&self.lake, &grant, &Consented::default(), &persons, Vec::new(), threads)?;
        Ok(Profiling { house: self, as_of, session })
    }
}

/// What one trait came to.
pub(super) struct Computed {
    pub(super) name: String,
    pub(super) whole: Whole,
}

impl Profiling<'_> {
    /// The session itself.
    pub(crate) fn session(&self) -> &Session {
        &self.session
    }

    /// The moment it stands at.
    pub(crate) fn as_of(&self) -> EventTime {
        self.as_of
    }

    /// All customers, ascending.
    pub(crate) async fn everyone(&self) -> Result<Vec<i64>, FlowError> {
        let sql = "select distinct customer_id from customer where customer_id is not null order by customer_id";
        let batches = self.session.sql(sql).await?.collect().await?;
        let of = |batch: &RecordBatch| batch.column(0).as_primitive::<Int64Type>().values().to_vec();
        Ok(batches.iter().flat_map(of).collect())
    }

    /// Computes these (in an order in which each comes after those it reads), and hands on each as it is done. What they read of
    /// traits that are not among them is what is kept.
    pub(super) async fn compute<'t>(
        &self,
        wanted: &[&'t Trait],
        mut done: impl AsyncFnMut(&'t Trait, Computed) -> Result<(), FlowError>,
    ) -> Result<(), FlowError> {
        let everyone = self.everyone().await?;
        let mut groupings: BTreeMap<&str, Values> = BTreeMap::new();
        let grouping: BTreeSet<&str> = wanted.iter().filter_map(|of| grouped_by(of)).collect();
        let mut left: Vec<&Trait> = wanted.to_vec();
        while !left.is_empty() {
            let names: BTreeSet<&str> = left.iter().map(|of| of.name.as_str()).collect();
            let (now, later): (Vec<&Trait>, Vec<&Trait>) =
                left.iter().partition(|of| of.traits.iter().all(|input| !names.contains(input.as_str())));
            if now.is_empty() {
                return Err(FlowError::Internal("traits that read each other".to_owned()));
            }
            for pass in passes(now.iter().copied()) {
                for (of, values) in self.answered(&pass, wanted).await? {
                    let by = match grouped_by(of) {
                        Some(by) => Some(self.grouping(by, &mut groupings).await?),
                        None => None,
                    };
                    let whole = values.filled(of, &everyone, by.as_ref())?;
                    if grouping.contains(of.name.as_str()) {
                        groupings.insert(&of.name, whole.unfilled());
                    }
                    let table = of.table().name;
                    self.session.in_place_of(&table, whole.batch(self.as_of)?)?;
                    done(of, Computed { name: of.name.clone(), whole }).await?;
                }
            }
            left = later;
        }
        Ok(())
    }

    /// The values of a trait that gaps of others are filled by: just computed, or as kept.
    async fn grouping<'t>(&self, by: &'t str, known: &mut BTreeMap<&'t str, Values>) -> Result<Values, FlowError> {
        if let Some(values) = known.get(by) {
            return Ok(values.clone());
        }
        let of = self.house.bank.traits.get(by);
        let of = of.ok_or_else(|| FlowError::Internal(format!("there is no trait `{by}`")))?;
        let sql = format!("select customer_id, value from \"traits\".\"{by}\"");
        let batches = self.session.sql(&sql).await?;
        let schema = Arc::clone(&batches.schema);
        let batches = some(batches.collect().await?, &schema);
        let values = Values::new(of, &column(&batches, "customer_id")?, &column(&batches, "value")?, None)?;
        known.insert(by, values.clone());
        Ok(values)
    }

    async fn answered<'t>(&self, pass: &Pass, wanted: &[&'t Trait]) -> Result<Vec<(&'t Trait, Values)>, FlowError> {
        let of = |name: &str| wanted.iter().find(|of| of.name == name).copied();
        let traits = pass.traits.iter().filter_map(|part| Some((part, of(&part.name)?)));
        let first = pass.traits.first().and_then(|part| of(&part.name));
        let named = |error: florin_lake::LakeError| match first {
            Some(first) => FlowError::TraitQuery {
                name: pass.traits.iter().map(|t| t.name.as_str()).collect::<Vec<_>>().join("`, `"),
                file: first.file.clone(),
                source: error,
            },
            None => error.into(),
        };
        let output = self.session.sql(&pass.sql).await.map_err(named)?;
        let schema = Arc::clone(&output.schema);
        let batches = some(output.collect().await.map_err(named)?, &schema);
        traits
            .map(|(part, of)| {
                let values = match (&part.columns, of.method) {
                    (Some((counted, values)), _) => {
                        let counted = column(&batches, counted)?;
                        Values::new(of, &column(&batches, "customer_id")?, &column(&batches, values)?, Some(&counted))?
                    }
                    (None, Method::Value) => {
                        Values::new(of, &column(&batches, "customer_id")?, &column(&batches, "value")?, None)?
                    }
                    (None, method) => Values::of_method(of, method.apply(&batches, self.today()?)?)?,
                };
                Ok((of, values))
            })
            .collect()
    }

    /// The day it stands at, in the bank's time zone, as days since 1970-01-01.
    pub(crate) fn today(&self) -> Result<i32, FlowError> {
        let zone = &self.house.bank.settings.bank.time_zone;
        super::state::day_of(self.as_of, zone)
    }
}

fn grouped_by(of: &Trait) -> Option<&str> {
    match &of.fill {
        Fill::MedianBy(by) => Some(by),
        _ => None,
    }
}

/// At least one batch, so that an answer without rows has columns too.
fn some(batches: Vec<RecordBatch>, schema: &arrow::datatypes::SchemaRef) -> Vec<RecordBatch> {
    match batches.is_empty() {
        true => vec![RecordBatch::new_empty(Arc::clone(schema))],
        false => batches,
    }
}
