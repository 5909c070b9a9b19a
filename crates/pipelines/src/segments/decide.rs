//! Who belongs, of everybody or of some: each test is answered by governed questions, and `features` puts the answers together.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use arrow::{
    array::{Array, ArrayRef, AsArray, BooleanArray, RecordBatch},
    compute::{cast, concat_batches},
    datatypes::{DataType, Date32Type, Int64Type},
};
use florin_domain::{EventTime, Purpose};
use florin_features::{
    Value,
    clustering::{Clustered, Request, cluster},
    segments::{
        Clustering, Holding, Predicate,
        behaviour::Now,
        predicate::{Holds, InSegment, TraitTest},
        sets::{TraitColumn, TruthSets, evaluate, of_trait},
    },
};
use florin_store::{Erasures, Membership};
use roaring::RoaringBitmap;

use super::{behaviour, content::Versions};
use crate::{FlowError, House, traits::Profiling};

/// Microseconds of a day of 24 hours.
const DAY: i64 = 86_400_000_000;

/// What is decided is decided of one snapshot of everything, under Florin's own leave: consent, purposes and classes apply
/// when it is read.
pub(super) struct Deciding<'h> {
    pub(super) house: &'h House,
    profiling: Profiling<'h>,
    pub(super) now: Now,
    /// What is read, as it was before anything was.
    pub(super) versions: Versions,
    /// What was erased before.
    pub(super) erasures: Erasures,
    /// The persons that are meant; all when absent.
    only: Option<RoaringBitmap>,
    /// Who there is, of those who are meant.
    pub(super) everyone: RoaringBitmap,
    /// Answers to behaviours and holdings.
    answers: Vec<(Predicate, TruthSets)>,
    traits: BTreeMap<String, TraitValues>,
}

/// A trait's values.
pub(super) struct TraitValues {
    customers: Vec<u32>,
    values: ArrayRef,
    filled: Option<BooleanArray>,
}

impl<'h> Deciding<'h> {
    /// As of a time, for whoever may start it for that purpose.
    pub(super) async fn begin(
        house: &'h House,
        purpose: Purpose,
        as_of: EventTime,
        tables: &BTreeSet<&str>,
    ) -> Result<Self, FlowError> {
        let erasures = house.store.membership_erasures().await?;
        let versions = versions(house, tables).await?;
        let profiling = house.profiling(purpose, as_of).await?;
        let now = Now { as_of: profiling.as_of(), zone: zone(house)? };
        let (answers, traits) = (Vec::new(), BTreeMap::new());
        let everyone = RoaringBitmap::new();
        Ok(Self { house, profiling, now, versions, erasures, only: None, everyone, answers, traits })
    }

    /// The persons whom new rows of a table are about: those of these batches.
    pub(super) async fn touched(&self, table: &str, batches: (i64, i64)) -> Result<RoaringBitmap, FlowError> {
        let sql = format!(
            "select distinct customer_id from \"{table}\" where batch >= {} and batch <= {} and customer_id is not null",
            batches.0, batches.1
        );
        self.customers(&sql).await
    }

    /// Means only these persons from now on (all when absent), and finds out who of them there is.
    pub(super) async fn mean(&mut self, only: Option<RoaringBitmap>) -> Result<(), FlowError> {
        let condition = only.as_ref().map(|only| format!(" where customer_id in ({})", behaviour::list(only)));
        let sql = format!("select distinct customer_id from customer{}", condition.unwrap_or_default());
        self.everyone = self.customers(&sql).await?;
        self.only = only;
        Ok(())
    }

    /// Answers all behaviours and holdings of these predicates, in as few questions as there are tables.
    pub(super) async fn prepare(&mut self, predicates: &[&Predicate]) -> Result<(), FlowError> {
        let mut leaves: Vec<Predicate> = Vec::new();
        predicates.iter().for_each(|predicate| gather(predicate, &mut leaves));
        leaves.retain(|leaf| !self.answers.iter().any(|(known, _)| known == leaf));
        let (holdings, behaviours): (Vec<_>, Vec<_>) =
            leaves.into_iter().partition(|leaf| matches!(leaf, Predicate::Holds(_)));
        let told =
            behaviour::told(self.profiling.session(), &behaviours, self.only.as_ref(), &self.everyone, &self.now)
                .await?;
        self.answers.extend(behaviours.into_iter().zip(told));
        let held = self.held(&holdings).await?;
        self.answers.extend(holdings.into_iter().zip(held));
        Ok(())
    }

    /// Decides a predicate whose behaviours and holdings are [prepared](Self::prepare). Traits and segments that it names are
    /// noted among the versions.
    pub(super) async fn decide(&mut self, predicate: &Predicate) -> Result<TruthSets, FlowError> {
        let mut others = BTreeMap::new();
        let upkeep = predicate.upkeep();
        for name in &upkeep.traits {
            self.read_trait(name).await?;
        }
        for name in &upkeep.segments {
            let kept = self.house.store.membership(name).await?;
            let kept = kept.ok_or_else(|| FlowError::Segment(format!("segment `{name}` was never decided")))?;
            self.versions.segments.insert((*name).to_owned(), kept.revision);
            others.insert((*name).to_owned(), kept.membership);
        }
        let everyone = self.everyone.clone();
        evaluate(predicate, &everyone, &mut |leaf| self.answer(leaf, &others))
    }

    fn answer(&self, leaf: &Predicate, others: &BTreeMap<String, Membership>) -> Result<TruthSets, FlowError> {
        match leaf {
            Predicate::Trait(test) => self.of_trait(test),
            Predicate::Segment(of) => Ok(others.get(&of.name).map(|other| of_segment(of, other)).unwrap_or_default()),
            other => {
                let found = self.answers.iter().find(|(known, _)| known == other);
                found
                    .map(|(_, sets)| sets.clone())
                    .ok_or_else(|| FlowError::Internal("a test was not answered".to_owned()))
            }
        }
    }

    /// Reads a trait's values, once.
    pub(super) async fn read_trait(&mut self, name: &str) -> Result<(), FlowError> {
        if self.traits.contains_key(name) {
            return Ok(());
        }
        let version = super::stale::trait_version(self.house, name).await?;
        if version.is_empty() {
            return Err(FlowError::NeverComputed(name.to_owned()));
        }
        let only = self.only.as_ref().map(|only| format!(" where customer_id in ({})", behaviour::list(only)));
        let sql = format!("select customer_id, value, filled from traits.\"{name}\"{}", only.unwrap_or_default());
        let output = self.profiling.session().sql(&sql).await?;
        let schema = Arc::clone(&output.schema);
        let rows = concat_batches(&schema, &output.collect().await?)?;
        let customers = numbers(&rows)?;
        let filled = rows.column(2).as_boolean_opt().cloned();
        let values = TraitValues { customers, values: Arc::clone(rows.column(1)), filled };
        self.traits.insert(name.to_owned(), values);
        self.versions.traits.insert(name.to_owned(), version);
        Ok(())
    }

    fn of_trait(&self, test: &TraitTest) -> Result<TruthSets, FlowError> {
        let found = self.traits.get(&test.name);
        let found = found.ok_or_else(|| FlowError::Internal(format!("trait `{}` was not read", test.name)))?;
        let column = TraitColumn { customers: &found.customers, values: &*found.values, filled: found.filled.as_ref() };
        Ok(of_trait(test, column, &self.everyone)?)
    }

    /// A trait of these customers as measurements, in the order of their numbers. It must have been read.
    pub(super) fn measures(&self, name: &str, of: &RoaringBitmap) -> Vec<Option<f64>> {
        let mut measures: BTreeMap<u32, f64> = BTreeMap::new();
        if let Some(found) = self.traits.get(name) {
            let rows = found.customers.iter().enumerate().filter(|(_, customer)| of.contains(**customer));
            measures.extend(
                rows.filter_map(|(row, &customer)| Some((customer, Value::of_row(&*found.values, row)?.measure()?))),
            );
        }
        of.iter().map(|customer| measures.get(&customer).copied()).collect()
    }

    /// Clusters everybody by traits: the members of each cluster, and what sets them apart.
    pub(super) async fn cluster(&mut self, def: &Clustering) -> Result<(Vec<RoaringBitmap>, Clustered), FlowError> {
        for name in &def.traits {
            self.read_trait(name).await?;
        }
        let columns: Vec<Vec<Option<f64>>> =
            def.traits.iter().map(|name| self.measures(name, &self.everyone)).collect();
        let request = Request { names: &def.traits, columns: &columns, method: &def.method, seed: def.seed };
        let found = tokio::task::block_in_place(|| cluster(request))?;
        let mut sets = vec![RoaringBitmap::new(); found.clusters.len()];
        for (customer, label) in self.everyone.iter().zip(&found.labels) {
            let place = label.and_then(|label| label.checked_sub(1)).map(|place| place as usize);
            if let Some(set) = place.and_then(|place| sets.get_mut(place)) {
                set.insert(customer);
            }
        }
        Ok((sets, found))
    }

    /// Who holds each of these: accounts whose product is of that family or name.
    async fn held(&self, wanted: &[Predicate]) -> Result<Vec<TruthSets>, FlowError> {
        if wanted.is_empty() {
            return Ok(Vec::new());
        }
        let only = self.only.as_ref().map(|only| format!(" and a.customer_id in ({})", behaviour::list(only)));
        let sql = format!(
            "select a.customer_id, cast(p.family as varchar) as family, cast(p.name as varchar) as name,
                    coalesce(a.opened_on, cast(a.valid_from as date)) as opened_on, a.closed_on
             from (select distinct on (account_id) * from account order by account_id, valid_from desc) a
             join product p on p.product_id = a.product_id where true{}",
            only.unwrap_or_default()
        );
        let mut found: Vec<RoaringBitmap> = vec![RoaringBitmap::new(); wanted.len()];
        for batch in self.profiling.session().sql(&sql).await?.collect().await? {
            self.holders(&batch, wanted, &mut found)?;
        }
        Ok(found.into_iter().map(TruthSets::known).collect())
    }

    fn holders(&self, batch: &RecordBatch, wanted: &[Predicate], found: &mut [RoaringBitmap]) -> Result<(), FlowError> {
        let customers = numbers(batch)?;
        let texts = [1, 2].map(|column| cast(batch.column(column), &DataType::Utf8));
        let [families, names] = texts;
        let (families, names) = (families?, names?);
        let (families, names) = (families.as_string::<i32>(), names.as_string::<i32>());
        let days = |column: usize| {
            let dates = batch.column(column).as_primitive_opt::<Date32Type>();
            dates.ok_or_else(|| FlowError::Internal("a day is no date".to_owned()))
        };
        let (opened, closed) = (days(3)?, days(4)?);
        for (row, &customer) in customers.iter().enumerate() {
            let text = |column: &arrow::array::StringArray| {
                if column.is_valid(row) { column.value(row).to_owned() } else { String::new() }
            };
            let (family, name) = (text(families), text(names));
            let since = opened.is_valid(row).then(|| self.day(opened.value(row)));
            let until = closed.is_valid(row).then(|| self.day(closed.value(row)));
            let held = Holding { family: &family, name: &name, since: since.unwrap_or(EventTime(i64::MIN)), until };
            for (leaf, found) in wanted.iter().zip(found.iter_mut()) {
                if let Predicate::Holds(holds) = leaf
                    && holds_one(holds, held, &self.now)
                {
                    found.insert(customer);
                }
            }
        }
        Ok(())
    }

    /// When a day of the bank's time zone begins.
    fn day(&self, days: i32) -> EventTime {
        let utc = i64::from(days) * DAY;
        let date = jiff::Timestamp::from_microsecond(utc).map(|at| at.to_zoned(jiff::tz::TimeZone::UTC).date());
        let start = date.and_then(|date| date.to_zoned(self.now.zone.clone()));
        start.map_or(EventTime(utc), |start| EventTime(start.timestamp().as_microsecond()))
    }

    async fn customers(&self, sql: &str) -> Result<RoaringBitmap, FlowError> {
        let mut found = RoaringBitmap::new();
        for batch in self.profiling.session().sql(sql).await?.collect().await? {
            found.extend(numbers(&batch)?);
        }
        Ok(found)
    }
}

fn holds_one(holds: &Holds, held: Holding<'_>, now: &Now) -> bool {
    holds.holds(&[held], now)
}

fn of_segment(of: &InSegment, other: &Membership) -> TruthSets {
    let unknown = other.unknown.clone();
    let Some(number) = of.cluster else { return TruthSets { yes: other.members.clone(), unknown } };
    let place = number.checked_sub(1).map(|place| place as usize);
    let clusters = other.clusters.as_deref().unwrap_or_default();
    let cluster = place.and_then(|place| clusters.get(place)).cloned().unwrap_or_default();
    TruthSets { yes: cluster, unknown }
}

fn gather(predicate: &Predicate, leaves: &mut Vec<Predicate>) {
    match predicate {
        Predicate::All(parts) | Predicate::Any(parts) => parts.iter().for_each(|part| gather(part, leaves)),
        Predicate::Not(part) => gather(part, leaves),
        Predicate::Holds(_) | Predicate::Did(_) | Predicate::Sequence(_) if !leaves.contains(predicate) => {
            leaves.push(predicate.clone());
        }
        _ => {}
    }
}

/// The first column, as customers' numbers.
fn numbers(rows: &RecordBatch) -> Result<Vec<u32>, FlowError> {
    let wide = rows.column(0).as_primitive_opt::<Int64Type>();
    let wide = wide.ok_or_else(|| FlowError::Internal("customers are no whole numbers".to_owned()))?;
    let out_of_range = |_| FlowError::Internal("a customer's number is out of range".to_owned());
    wide.iter().flatten().map(|n| u32::try_from(n).map_err(out_of_range)).collect()
}

pub(super) fn zone(house: &House) -> Result<jiff::tz::TimeZone, FlowError> {
    let name = &house.bank.settings.bank.time_zone;
    jiff::tz::TimeZone::get(name).map_err(|e| FlowError::Internal(e.to_string()))
}

/// What these tables, and who is who, are at now.
pub(super) async fn versions(house: &House, tables: &BTreeSet<&str>) -> Result<Versions, FlowError> {
    let mut found = BTreeMap::new();
    for name in tables {
        if let Some(table) = house.lake.table(name).await? {
            found.insert((*name).to_owned(), table.data_version().await?);
        }
    }
    let persons = house.store.persons_changed_at().await?.map_or(0, EventTime::micros);
    Ok(Versions { tables: found, persons, ..Versions::default() })
}
