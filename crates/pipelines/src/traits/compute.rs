//! Computes traits as of a time.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use arrow::{
    array::{ArrayRef, AsArray, RecordBatch},
    compute::{CastOptions, cast_with_options, concat_batches, sort_to_indices, take_record_batch},
    datatypes::{DataType, Field, Int64Type, SchemaRef},
};
use florin_domain::{
    ColumnType, EventTime, Purpose,
    catalogue::{ANONYMOUS_SPAN, CUSTOMER_ID},
};
use florin_features::{
    FeatureError, Trait,
    definition::{InPass, Pass, Windows, passes},
    fill::Fill,
    methods::Method,
};
use florin_governance::{Action, Grant, Resource};
use florin_lake::{Consented, Session};

use super::column::{Values, Whole, column};
use crate::{FlowError, House};

/// Traits asked for one by one whose values are kept together.
const TOGETHER_MAX: usize = 64;

/// Florin's own work over everybody, as of a time: a session of persons that consent and masks do not bind, and nothing of which
/// leaves but values under a class and purposes of their own.
pub(crate) struct Profiling<'a> {
    house: &'a House,
    as_of: EventTime,
    session: Session,
    windows: Windows,
}

impl House {
    /// Opens it, once it is permitted and on record.
    pub(crate) async fn profiling(&self, purpose: Purpose, as_of: EventTime) -> Result<Profiling<'_>, FlowError> {
        let permit = self.permit(purpose, Action::Profile, Resource::Bank).await?;
        let grant = Grant::for_profiling(&permit, &self.bank.catalogue, as_of)?;
        let persons = Arc::new(crate::resolve::persons(self, Some(as_of)).await?);
        let threads = self.around.threads;
        let session = Session::of_persons(&self.lake, &grant, &Consented::default(), &persons, Vec::new(), threads)?
            .with_functions(florin_analytics::functions());
        // One pass over runs looks at each window's rows only; where persons are several customers, rows are not in runs.
        let in_runs = persons.is_empty() && self.knows_no_visitors().await?;
        let windows = if in_runs { Windows::Together } else { Windows::Apart };
        Ok(Profiling { house: self, as_of, session, windows })
    }

    async fn knows_no_visitors(&self) -> Result<bool, FlowError> {
        Ok(match self.lake.table(ANONYMOUS_SPAN).await? {
            Some(spans) => spans.is_empty()?,
            None => true,
        })
    }
}

impl Profiling<'_> {
    /// The bank it is of.
    pub(super) fn house(&self) -> &House {
        self.house
    }

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

    /// Computes these (in an order in which each comes after those it reads), and hands on what became of those that were answered
    /// together. What they read of traits that are not among them is what is kept. Where one fails, those that read it fail too, and the others go on.
    pub(super) async fn compute<'t>(
        &self,
        wanted: &[&'t Trait],
        mut done: impl AsyncFnMut(Vec<Answered<'t>>) -> Result<(), FlowError>,
    ) -> Result<(), FlowError> {
        let everyone = self.everyone().await?;
        let mut known = Known { grouping: wanted.iter().filter_map(|of| grouped_by(of)).collect(), ..Known::default() };
        let mut left: Vec<&Trait> = wanted.to_vec();
        while !left.is_empty() {
            let names: BTreeSet<&str> = left.iter().map(|of| of.name.as_str()).collect();
            let (now, later): (Vec<&Trait>, Vec<&Trait>) =
                left.iter().partition(|of| of.traits.iter().all(|input| !names.contains(input.as_str())));
            if now.is_empty() {
                return Err(FlowError::Internal("traits that read each other".to_owned()));
            }
            let (failed, sound): (Vec<&Trait>, Vec<&Trait>) =
                now.into_iter().partition(|of| of.traits.iter().any(|input| known.failed.contains(input.as_str())));
            for of in failed {
                known.failed.insert(&of.name);
                let what = "it reads a trait that could not be computed".to_owned();
                let error = FlowError::Trait { name: of.name.clone(), file: of.file.clone(), what };
                done(vec![(of, Err(error))]).await?;
            }
            for together in self.passes(&sound).await {
                let mut answers = Vec::new();
                for pass in together {
                    for (of, values) in self.answers(&pass, wanted).await {
                        let whole = match values {
                            Ok(values) => self.whole(of, values, &everyone, &mut known).await,
                            Err(error) => Err(error),
                        };
                        if whole.is_err() {
                            known.failed.insert(&of.name);
                        }
                        answers.push((of, whole));
                    }
                }
                done(answers).await?;
            }
            left = later;
        }
        Ok(())
    }

    /// How to ask for these, in groups whose answers are kept together. What a narrow projection answers is asked alone: it
    /// reads no more than each needs. The others share passes.
    async fn passes(&self, wanted: &[&Trait]) -> Vec<Vec<Pass>> {
        let (mut narrow, mut others) = (Vec::new(), Vec::new());
        for of in wanted {
            match self.narrowly(of).await {
                Some(pass) => narrow.push(pass),
                None => others.push(*of),
            }
        }
        let narrow = narrow.chunks(TOGETHER_MAX).map(<[Pass]>::to_vec);
        narrow.chain(passes(others, self.windows).into_iter().map(|pass| vec![pass])).collect()
    }

    /// The question for a trait that a narrow projection answers.
    async fn narrowly(&self, of: &Trait) -> Option<Pass> {
        if of.method != Method::Value {
            return None;
        }
        // Rows that are nobody's make no value of anybody, and a projection does not have them.
        let sql = format!("SELECT * FROM (\n{}\n) WHERE {CUSTOMER_ID} IS NOT NULL", of.sql);
        let traits = vec![InPass { name: of.name.clone(), columns: None }];
        self.session.is_narrow(&sql).await.then_some(Pass { sql, traits })
    }

    async fn whole<'t>(
        &self,
        of: &'t Trait,
        values: Values,
        everyone: &[i64],
        known: &mut Known<'t>,
    ) -> Result<Whole, FlowError> {
        let by = match grouped_by(of) {
            Some(by) => Some(self.grouping(by, &mut known.values).await?),
            None => None,
        };
        let whole = values.filled(of, everyone, by.as_ref())?;
        if known.grouping.contains(of.name.as_str()) {
            known.values.insert(&of.name, whole.unfilled());
        }
        self.session.in_place_of(&of.table().name, whole.batch(self.as_of)?)?;
        Ok(whole)
    }

    /// What a pass gives, by trait. Where it fails for several together, each is asked alone, so that it is known whose fault it is.
    async fn answers<'t>(&self, pass: &Pass, wanted: &[&'t Trait]) -> Vec<(&'t Trait, Result<Values, FlowError>)> {
        let members = pass.traits.iter().filter_map(|part| wanted.iter().find(|of| of.name == part.name).copied());
        let members: Vec<&Trait> = members.collect();
        match self.answered(pass, wanted).await {
            Ok(answers) => answers,
            Err(error) if members.len() == 1 => members.into_iter().zip([Err(error)]).collect(),
            Err(_) => {
                let mut answers = Vec::new();
                for of in members {
                    let mut answer = match passes([of], self.windows).first() {
                        Some(alone) => self.answered(alone, wanted).await,
                        None => Ok(Vec::new()),
                    };
                    let values = answer.as_mut().map(Vec::pop);
                    answers.push(match values {
                        Ok(Some((of, values))) => (of, values),
                        Ok(None) => (of, Err(FlowError::Internal("an answer of nothing".to_owned()))),
                        Err(_) => (of, Err(answer.err().unwrap_or_else(|| FlowError::Internal(String::new())))),
                    });
                }
                answers
            }
        }
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

    /// Fails when the question does; else has for each trait its values, or why there are none.
    async fn answered<'t>(
        &self,
        pass: &Pass,
        wanted: &[&'t Trait],
    ) -> Result<Vec<(&'t Trait, Result<Values, FlowError>)>, FlowError> {
        let of = |name: &str| wanted.iter().find(|of| of.name == name).copied();
        let parts: Vec<_> = pass.traits.iter().filter_map(|part| Some((part, of(&part.name)?))).collect();
        let Some((_, first)) = parts.first() else { return Ok(Vec::new()) };
        let named = |source: florin_lake::LakeError| {
            let (name, file) = (first.name.clone(), first.file.clone());
            FlowError::TraitQuery { name, file, source }
        };
        let output = self.session.sql(&pass.sql).await.map_err(named)?;
        let schema = Arc::clone(&output.schema);
        let batches = output.collect().await.map_err(named)?;
        let batches = match first.method {
            Method::Value => vec![by_customer(&batches, &schema)?],
            _ => some(batches, &schema),
        };
        let today = self.today()?;
        Ok(parts.into_iter().map(|(part, of)| (of, values(of, part, &batches, today))).collect())
    }

    /// The day it stands at, in the bank's time zone, as days since 1970-01-01.
    pub(crate) fn today(&self) -> Result<i32, FlowError> {
        let zone = &self.house.bank.settings.bank.time_zone;
        super::state::day_of(self.as_of, zone)
    }
}

/// A trait, and what became of it.
pub(super) type Answered<'t> = (&'t Trait, Result<Whole, FlowError>);

/// What is known while traits are computed.
#[derive(Default)]
struct Known<'t> {
    /// Traits that gaps of others are filled by, and their values.
    grouping: BTreeSet<&'t str>,
    values: BTreeMap<&'t str, Values>,
    failed: BTreeSet<&'t str>,
}

fn values(of: &Trait, part: &InPass, batches: &[RecordBatch], today: i32) -> Result<Values, FlowError> {
    let named = |name: &str| column(batches, name);
    match (&part.columns, of.method) {
        (Some((counted, values)), _) => {
            Values::new(of, &named("customer_id")?, &named(values)?, Some(&named(counted)?))
        }
        (None, Method::Value) => Values::new(of, &named("customer_id")?, &named("value")?, None),
        (None, method) => {
            let plain = batches.iter().map(plain).collect::<Result<Vec<_>, _>>()?;
            match method.apply(&plain, today) {
                // Who has next to no customers of a kind has no values yet, and nothing is wrong with that.
                Err(FeatureError::TooLittle { .. }) => Values::of_method(of, BTreeMap::new()),
                found => Values::of_method(of, found?),
            }
        }
    }
}

/// The types of the catalogue: sums of money come with more digits, parts of dates with fewer.
fn plain(batch: &RecordBatch) -> Result<RecordBatch, FlowError> {
    let schema = batch.schema();
    let strict = CastOptions { safe: false, ..CastOptions::default() };
    let column = |(field, column): (&Arc<Field>, &ArrayRef)| -> Result<(String, ArrayRef), FlowError> {
        let to = match column.data_type() {
            DataType::Decimal128(..) => ColumnType::Decimal.arrow(),
            from if from.is_integer() => DataType::Int64,
            from => from.clone(),
        };
        Ok((field.name().clone(), cast_with_options(column, &to, &strict)?))
    };
    let columns = schema.fields().iter().zip(batch.columns()).map(column).collect::<Result<Vec<_>, _>>()?;
    Ok(RecordBatch::try_from_iter(columns)?)
}

/// An answer in the order of customers: once for all its traits.
fn by_customer(batches: &[RecordBatch], schema: &SchemaRef) -> Result<RecordBatch, FlowError> {
    let rows = concat_batches(schema, batches)?;
    match rows.column_by_name(CUSTOMER_ID) {
        Some(customers) => Ok(take_record_batch(&rows, &sort_to_indices(customers, None, None)?)?),
        None => Ok(rows),
    }
}

fn grouped_by(of: &Trait) -> Option<&str> {
    match &of.fill {
        Fill::MedianBy(by) => Some(by),
        _ => None,
    }
}

/// At least one batch, so that an answer without rows has columns too.
fn some(batches: Vec<RecordBatch>, schema: &SchemaRef) -> Vec<RecordBatch> {
    match batches.is_empty() {
        true => vec![RecordBatch::new_empty(Arc::clone(schema))],
        false => batches,
    }
}
