//! Computes traits as of a time.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use arrow::{
    array::{Array, ArrayRef, AsArray, Int64Array, RecordBatch, UInt32Array},
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
use florin_lake::{Consented, LakeError, Session};
use tokio::task::JoinSet;

use super::column::{Values, Whole, column};
use crate::{FlowError, House};

/// Customers are put in order by their numbers where at most so many numbers come on one that is there.
const SPARSE_MAX: usize = 8;

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
        let persons = crate::resolve::persons(self, Some(as_of)).await?;
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
            let passes = self.passes(&sound).await;
            let mut next = None;
            for (place, pass) in passes.iter().enumerate() {
                let asked = match next.take() {
                    Some(asked) => asked,
                    None => self.asked(pass).await,
                };
                let rows = collected(asked).await;
                // While the answers are kept the next question is at work: disk and processor take turns.
                if let Some(pass) = passes.get(place + 1) {
                    next = Some(self.asked(pass).await);
                }
                let mut answers = Vec::new();
                for (of, values) in self.answers(pass, rows, wanted).await {
                    let whole = match values {
                        Ok(values) => self.whole(of, values, &everyone, &mut known).await,
                        Err(error) => Err(error),
                    };
                    if whole.is_err() {
                        known.failed.insert(&of.name);
                    }
                    answers.push((of, whole));
                }
                done(answers).await?;
            }
            left = later;
        }
        Ok(())
    }

    /// How to ask for these. Those that narrow projections answer share a pass, and the others do: a projection reads each of its
    /// parts once for all that is asked together.
    async fn passes(&self, wanted: &[&Trait]) -> Vec<Pass> {
        let (mut narrow, mut others) = (Vec::new(), Vec::new());
        for of in wanted {
            let alone = Pass { sql: of.sql.clone(), traits: vec![InPass { name: of.name.clone(), columns: None }] };
            match of.method == Method::Value && self.is_narrow(&of_somebody(alone.clone())).await {
                true => narrow.push((*of, alone)),
                false => others.push(*of),
            }
        }
        let mut all = Vec::new();
        for together in passes(narrow.iter().map(|(of, _)| *of), Windows::Together) {
            let together = of_somebody(together);
            if together.traits.len() == 1 || self.is_narrow(&together).await {
                all.push(together);
                continue;
            }
            let parts = narrow.iter().filter(|(of, _)| together.traits.iter().any(|part| part.name == of.name));
            all.extend(parts.map(|(_, alone)| of_somebody(alone.clone())));
        }
        all.extend(passes(others, self.windows));
        all
    }

    async fn is_narrow(&self, pass: &Pass) -> bool {
        self.session.is_narrow(&pass.sql).await
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

    /// Asks a pass, and has its rows gathered beside whatever else is done. Dropped before they are there, they are not gathered.
    async fn asked(&self, pass: &Pass) -> Result<Gathering, LakeError> {
        let output = self.session.sql(&pass.sql).await?;
        let schema = Arc::clone(&output.schema);
        let mut rows = JoinSet::new();
        rows.spawn(output.collect());
        Ok((schema, rows))
    }

    /// What a pass gives, by trait. Where it fails for several together, each is asked alone, so that it is known whose fault it is.
    async fn answers<'t>(&self, pass: &Pass, rows: Rows, wanted: &[&'t Trait]) -> Vec<Told<'t>> {
        let members = pass.traits.iter().filter_map(|part| wanted.iter().find(|of| of.name == part.name).copied());
        let members: Vec<&Trait> = members.collect();
        match self.answered(pass, rows, wanted) {
            Ok(answers) => answers,
            Err(error) if members.len() == 1 => members.into_iter().zip([Err(error)]).collect(),
            Err(_) => {
                let mut answers = Vec::new();
                for of in members {
                    let mut answer = match passes([of], self.windows).first() {
                        Some(alone) => self.answered(alone, collected(self.asked(alone).await).await, wanted),
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
    fn answered<'t>(&self, pass: &Pass, rows: Rows, wanted: &[&'t Trait]) -> Result<Vec<Told<'t>>, FlowError> {
        let of = |name: &str| wanted.iter().find(|of| of.name == name).copied();
        let parts: Vec<_> = pass.traits.iter().filter_map(|part| Some((part, of(&part.name)?))).collect();
        let Some((_, first)) = parts.first() else { return Ok(Vec::new()) };
        let named = |source: LakeError| {
            let (name, file) = (first.name.clone(), first.file.clone());
            FlowError::TraitQuery { name, file, source }
        };
        let (schema, batches) = rows.map_err(named)?;
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

/// Rows that a task of their own gathers.
type Gathering = (SchemaRef, JoinSet<Result<Vec<RecordBatch>, LakeError>>);
/// The rows of a pass, or why there are none.
type Rows = Result<(SchemaRef, Vec<RecordBatch>), LakeError>;

async fn collected(asked: Result<Gathering, LakeError>) -> Rows {
    let (schema, mut rows) = asked?;
    match rows.join_next().await {
        Some(Ok(batches)) => Ok((schema, batches?)),
        _ => Err(LakeError::Worker),
    }
}

/// A trait, and what its question gives.
type Told<'t> = (&'t Trait, Result<Values, FlowError>);

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

/// A pass about rows that are somebody's. Others make no value of anybody, and a projection does not have them.
fn of_somebody(pass: Pass) -> Pass {
    let sql = format!("SELECT * FROM (\n{}\n) WHERE {CUSTOMER_ID} IS NOT NULL", pass.sql);
    Pass { sql, ..pass }
}

/// An answer in the order of customers: once for all its traits.
fn by_customer(batches: &[RecordBatch], schema: &SchemaRef) -> Result<RecordBatch, FlowError> {
    let rows = concat_batches(schema, batches)?;
    let Some(customers) = rows.column_by_name(CUSTOMER_ID) else { return Ok(rows) };
    if customers.as_primitive_opt::<Int64Type>().is_some_and(|c| c.null_count() == 0 && c.values().is_sorted()) {
        return Ok(rows);
    }
    let order = match customers.as_primitive_opt::<Int64Type>().and_then(order_of) {
        Some(order) => order,
        None => sort_to_indices(customers, None, None)?,
    };
    Ok(take_record_batch(&rows, &order)?)
}

/// The places of customers in ascending order, where they are close together and each is there once. Their numbers are dense: a place
/// for each is found faster than they are sorted.
fn order_of(customers: &Int64Array) -> Option<UInt32Array> {
    let (least, most) = customers.values().iter().copied().fold((i64::MAX, i64::MIN), |(l, m), c| (l.min(c), m.max(c)));
    let span = usize::try_from(most.checked_sub(least)?.checked_add(1)?).ok()?;
    if customers.null_count() > 0 || span > customers.len().saturating_mul(SPARSE_MAX) {
        return None;
    }
    let mut places = vec![u32::MAX; span];
    for (place, customer) in (0u32..u32::MAX).zip(customers.values()) {
        let slot = places.get_mut(usize::try_from(customer - least).ok()?)?;
        if *slot != u32::MAX {
            return None;
        }
        *slot = place;
    }
    let order: UInt32Array = places.into_iter().filter(|place| *place != u32::MAX).collect();
    (order.len() == customers.len()).then_some(order)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn customers_close_together_are_put_in_order_without_sorting() {
        let order = |customers: Vec<i64>| order_of(&customers.into()).map(|order| order.values().to_vec());
        assert_eq!(order(vec![12, 10, 15, 11]), Some(vec![1, 3, 0, 2]));
        assert_eq!(order(vec![7]), Some(vec![0]));
        assert_eq!(order(vec![12, 10, 12]), None, "twice the same: whoever sorts says so");
        assert_eq!(order(vec![1, i64::MAX]), None, "far apart");
        assert_eq!(order(vec![i64::MIN, i64::MAX]), None);
        assert_eq!(order(vec![]), None);
    }
}
