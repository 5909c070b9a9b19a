//! Rows to learn from: customers as of dates, with what was known of them then and what became of them.
//!
//! Population, traits and the features' query are asked in a session as of each date; the label in one as of the end of its horizon, with
//! `as_of()` still the date. So nothing that was known after a date is in its features, and nothing known after the horizon in its label.
//! Consent is that of today in both: who withdrew is in no session, at no date.

use std::collections::HashMap;

use arrow::{
    array::AsArray as _,
    compute::cast,
    datatypes::{DataType, Float64Type},
};
use florin_domain::{EventTime, Purpose, catalogue::CUSTOMER_ID};
use florin_governance::audit::{Entry, EventKind};
use florin_models::{
    Frame,
    definition::{ModelDef, Source, Task},
};
use jiff::civil::Date;

use super::{
    dates::{Dated, dates},
    done::{Treated, done, treatment},
    gather::{Features, customers, each, gather, ids},
    grown::Growing,
    times, wrong,
};
use crate::{FlowError, House, ask::Asking, load::Progress};

/// Rows of a data set at most.
const ROWS_MAX: usize = 50_000_000;

/// Rows to learn from, in the order of dates and, within each, of customers.
pub(super) struct Rows {
    pub(super) frame: Frame,
    /// What became of each: a value, or of models of times the days (or the table's unit) until it happened; of a customer whom the label's query did not
    /// give, nothing.
    pub(super) labels: Vec<Option<f64>>,
    /// Of models of times: how long each was seen.
    pub(super) seen: Option<Vec<f64>>,
    /// Whose each row is.
    pub(super) customers: Vec<i64>,
    /// Which date each is of; none of a flat table without dates.
    pub(super) days: Option<Vec<Date>>,
    /// Who was treated; of models of effects.
    pub(super) treated: Option<Treated>,
    /// Rows a date, and the dates left out because their horizon is not over.
    pub(super) dates: Vec<(String, usize)>,
    pub(super) dates_open: usize,
}

/// What a data set is asked for.
pub(super) struct Wanted<'d> {
    pub(super) def: &'d ModelDef,
    pub(super) purpose: Purpose,
    /// Nothing that was known later is in it, labels included.
    pub(super) known_by: EventTime,
}

/// The rows of a model over the lake.
pub(super) async fn of_lake(house: &House, wanted: &Wanted<'_>, progress: &dyn Progress) -> Result<Rows, FlowError> {
    let Source::Lake { dates: (first, last), latest, every, horizon_days, .. } = &wanted.def.source else {
        return Err(FlowError::Internal("a model over a flat table has no dates".to_owned()));
    };
    let name = &wanted.def.name;
    let (dates, open) = dates(house, name, ((first, last), *latest), *every, *horizon_days, wanted.known_by)?;
    if dates.is_empty() {
        let what = format!("no date from {first} to {last} has its {horizon_days} days after it behind it");
        return Err(wrong(name, format!("{what}; take earlier dates, or a shorter horizon")));
    }
    at_dates(house, wanted, &dates, open, progress).await
}

/// The same at dates of the caller's choice.
pub(super) async fn at_dates(
    house: &House,
    wanted: &Wanted<'_>,
    dates: &[Dated],
    dates_open: usize,
    progress: &dyn Progress,
) -> Result<Rows, FlowError> {
    let Source::Lake { traits, .. } = &wanted.def.source else {
        return Err(FlowError::Internal("a flat table has no dates".to_owned()));
    };
    let mut growing = Growing::new(traits.clone());
    let mut rows = Gathered::default();
    progress.begin(&format!("{}: rows as of each date", wanted.def.name), "dates", Some(dates.len() as u64));
    for dated in dates {
        one_date(house, wanted, dated, &mut growing, &mut rows).await?;
        progress.advance(1);
    }
    progress.end();
    let Gathered { labels, seen, customers, days, counts, treated } = rows;
    if customers.is_empty() {
        let what = match treatment(wanted.def) {
            None => "its population is nobody at every date; look at `population` and at the dates",
            Some(_) => {
                "nobody of its population was treated or held back at any date; look at the treatment's query and at the dates"
            }
        };
        return Err(wrong(&wanted.def.name, what));
    }
    let treated = treatment(wanted.def).is_some().then_some(treated);
    let seen = (wanted.def.learner.task() == Task::Time).then_some(seen);
    Ok(Rows { frame: growing.frame()?, labels, seen, customers, days: Some(days), treated, dates: counts, dates_open })
}

#[derive(Default)]
struct Gathered {
    labels: Vec<Option<f64>>,
    seen: Vec<f64>,
    customers: Vec<i64>,
    days: Vec<Date>,
    counts: Vec<(String, usize)>,
    treated: Treated,
}

async fn one_date(
    house: &House,
    wanted: &Wanted<'_>,
    dated: &Dated,
    growing: &mut Growing,
    rows: &mut Gathered,
) -> Result<(), FlowError> {
    let Source::Lake { population, label, traits, sql, without, .. } = &wanted.def.source else { return Ok(()) };
    let asking = house.asking(wanted.purpose, Some(dated.as_of)).await?;
    may_see(&asking, &wanted.def.name, traits).await?;
    let people = asking.sql(population).await?.collect().await?;
    let people = customers(&people, "the population")?;
    let after = house.asking(wanted.purpose, Some(dated.until)).await?.told_as_of(dated.as_of);
    let (mut people, mut labels): (Vec<i64>, Vec<Option<f64>>) = match (label, wanted.def.learner.task()) {
        // Nobody says what became of them.
        (None, _) => people.into_iter().map(|customer| (customer, None)).unzip(),
        (Some(label), Task::Time) => {
            let found = times::of(&after, &wanted.def.name, label, dated, &people).await?;
            rows.seen.extend(found.iter().map(|(_, lived)| lived.seen));
            found.into_iter().map(|(customer, lived)| (customer, lived.happened)).unzip()
        }
        (Some(label), _) => labels(&after, wanted, label, &people).await?.into_iter().unzip(),
    };
    let done = match treatment(wanted.def) {
        Some(treatment) => Some(done(&after, &wanted.def.name, treatment, (&mut people, &mut labels)).await?),
        None => None,
    };
    let first = rows.customers.len();
    if first + people.len() > ROWS_MAX {
        return Err(wrong(
            &wanted.def.name,
            format!("more than {ROWS_MAX} rows; take fewer dates, or a smaller population"),
        ));
    }
    record_features(&asking, &wanted.def.name, traits, dated).await?;
    asking.with_traits(traits.iter().map(String::as_str)).await?;
    if let Some(sql) = sql {
        asking.record(sql).await?;
        asking.traits_of(sql).await?;
    }
    let features = Features { traits, sql: sql.as_deref(), without: &|name| without.iter().any(|w| w == name) };
    growing.as_of(dated.as_of);
    gather(asking.session(), &features, &people, growing, first).await?;
    if let (Some(done), Some(treatment)) = (done, treatment(wanted.def)) {
        done.put(treatment, growing, first)?;
        rows.treated.append(done);
    }
    rows.counts.push((dated.day.to_string(), people.len()));
    rows.days.resize(first + people.len(), dated.day);
    rows.customers.extend(people);
    rows.labels.extend(labels);
    Ok(())
}

/// Everything that is a feature must be seen, or it would be learnt as a gap.
pub(super) async fn may_see(asking: &Asking<'_>, model: &str, traits: &[String]) -> Result<(), FlowError> {
    for name in traits {
        let table = format!("{}.{name}", florin_domain::catalogue::TRAITS);
        match asking.grant().table(&table) {
            None => return Err(asking.house().record_refusal(asking.grant().refuse_table(&table)).await),
            Some(granted) if granted.is_masked("value") => {
                let who = &asking.house().who().user;
                let purpose = asking.grant().purpose();
                let what = format!("`{who}` may not see trait `{name}` for {purpose}, and would train on gaps");
                return Err(wrong(model, format!("{what}; ask somebody who may, or take it out of the features")));
            }
            Some(_) => {}
        }
    }
    Ok(())
}

async fn record_features(asking: &Asking<'_>, model: &str, traits: &[String], dated: &Dated) -> Result<(), FlowError> {
    let house = asking.house();
    let entry = Entry::new(house.now(), house.who(), Some(asking.grant().purpose()), EventKind::Query)
        .with("model", model)
        .with("traits", traits.join(", "))
        .with("as_of", dated.as_of.micros());
    house.record(&entry).await
}

/// Of each of these people who may still be seen at the end of the horizon, what became of them. Who became one with somebody else meanwhile has what became of
/// that person.
async fn labels(
    asking: &Asking<'_>,
    wanted: &Wanted<'_>,
    label: &str,
    people: &[i64],
) -> Result<Vec<(i64, Option<f64>)>, FlowError> {
    let seen = may_be_seen(asking).await?;
    let mut found: HashMap<i64, f64> = HashMap::new();
    each(asking.sql(label).await?, |batch| {
        let wrong = |what: &str| wrong(&wanted.def.name, format!("the label's query {what}"));
        let values = batch.column_by_name("value").ok_or_else(|| wrong("gives no column `value`"))?;
        let numeric = values.data_type().is_numeric() || matches!(values.data_type(), DataType::Boolean);
        if !numeric {
            return Err(wrong(&format!(
                "gives a `value` of type {}; make it a number, or true and false",
                values.data_type()
            )));
        }
        let values = cast(values, &DataType::Float64)?;
        for (id, value) in ids(batch, "the label's query")?.into_iter().zip(values.as_primitive::<Float64Type>().iter())
        {
            let (Some(id), Some(value)) = (id, value) else { continue };
            if found.insert(id, value).is_some_and(|other| other.to_bits() != value.to_bits()) {
                return Err(wrong(&format!("gives customer {id} two values; group by `customer_id`")));
            }
        }
        Ok(())
    })
    .await?;
    let of = |customer: &i64| {
        let person = known_as(asking, *customer);
        seen.binary_search(&person).is_ok().then(|| (*customer, found.get(&person).copied()))
    };
    Ok(people.iter().filter_map(of).collect())
}

/// The customers whom a session may see, ascending.
pub(super) async fn may_be_seen(asking: &Asking<'_>) -> Result<Vec<i64>, FlowError> {
    let seen = format!("select distinct {CUSTOMER_ID} from customer where {CUSTOMER_ID} is not null");
    customers(&asking.session().sql(&seen).await?.collect().await?, "the customers")
}

/// Whom a session knows a customer as.
pub(super) fn known_as(asking: &Asking<'_>, customer: i64) -> i64 {
    u32::try_from(customer).map_or(customer, |born| i64::from(asking.persons().known_as(born)))
}
