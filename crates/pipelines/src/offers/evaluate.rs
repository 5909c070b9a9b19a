//! `florin recommend --evaluate`: how well what alike customers hold foretells what customers took, against popularity, and what the first of its
//! lists would have earned by a log with chances.
//!
//! It is learnt from what was held before a time and asks what was taken after. Scores of models have no part in it: their versions may have learnt from what came
//! after; `florin evaluate` judges them.

use std::collections::BTreeMap;

use florin_decisions::{
    alike::{Alike, ChooseSettings, Method, choose},
    evaluation::{Judged, Made, off_policy},
    holdings::Holdings,
    offers::Offers,
};
use florin_domain::{CustomerId, EventTime, Purpose};
use florin_governance::audit::{Entry, EventKind};
use florin_measurement::{Interval, policy::PolicyValue};
use serde::Serialize;

use super::{
    facts::{Asking, Gathered, Whom},
    learn::{DAY, TAKEN_DAYS, holdings, split, taken},
    products::offers_now,
    table::{column, moments, numbers, texts},
};
use crate::{
    FlowError, House,
    models::{each, ids},
    traits::Profiling,
};

/// Weights of the log above this are cut.
const WEIGHT_MAX: f64 = 20.0;

/// What is asked.
#[derive(Debug, Clone, Copy)]
pub struct Asked {
    /// Nothing that was known later is looked at.
    pub as_of: EventTime,
    /// What was taken from then on is to be foretold; 90 days before `as_of` when absent.
    pub from: Option<EventTime>,
    /// The length of lists.
    pub k: usize,
}

/// A method that was tried on those who validate.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TriedMethod {
    /// Which.
    pub method: String,
    /// How it did.
    pub judged: Judged,
}

/// What a policy would have earned an offer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FromLog {
    /// Rows of the log after the time.
    pub rows: usize,
    /// Of the first of each list by what alike customers hold.
    pub alike: Option<PolicyValue>,
    /// Of the most popular that the customer does not have.
    pub popularity: Option<PolicyValue>,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Evaluated {
    /// What was taken from then on was to be foretold.
    pub from: EventTime,
    /// Length of lists.
    pub k: usize,
    /// Customers who took something after it.
    pub customers: usize,
    /// Products.
    pub products: usize,
    /// All that was tried, popularity first.
    pub tried: Vec<TriedMethod>,
    /// Which was taken, and why.
    pub why: String,
    /// The chosen one on those who test.
    pub test: Judged,
    /// Popularity on them.
    pub popularity: Judged,
    /// How much more NDCG, customer by customer.
    pub difference: Interval,
    /// By the log, where `offers/rules.toml` says where it is.
    pub log: Option<FromLog>,
}

/// Evaluates on what was taken after a time.
///
/// # Errors
/// When the policies do not permit it, too little was taken, or something cannot be read.
pub async fn evaluate(house: &House, asked: Asked) -> Result<Evaluated, FlowError> {
    let profiling = house.profiling(Purpose::Analytics, asked.as_of).await?;
    let entry = Entry::new(house.now(), house.who(), Some(Purpose::Analytics), EventKind::Query)
        .with("recommendations", "evaluated")
        .with("as_of", asked.as_of.micros());
    house.record(&entry).await?;
    let offers = offers_now(house, profiling.session()).await?;
    let persons = crate::resolve::persons(house, Some(asked.as_of)).await?;
    let asking = Asking {
        house,
        session: profiling.session(),
        persons: &persons,
        offers: &offers,
        whom: Whom::Everyone,
        // Nobody is offered anything: conditions need not be asked.
        purposes: &[],
    };
    let gathered = asking.gather(profiling.everyone().await?).await?;
    let from = asked.from.unwrap_or(EventTime(asked.as_of.micros() - TAKEN_DAYS * DAY));
    let all = holdings(&gathered)?;
    let split = split(all.items(), &taken(&gathered), from)?;
    let settings = ChooseSettings { k: asked.k, ..ChooseSettings::usual(all.items().len(), 1) };
    let chosen = tokio::task::block_in_place(|| choose(&all, &split, &settings))?;
    let log = match &offers.rules().facts.log {
        Some(sql) => Some(from_log(&profiling, sql, &offers, &gathered, chosen.model.method(), from).await?),
        None => None,
    };
    let tried = chosen.trials.into_iter();
    Ok(Evaluated {
        from,
        k: asked.k,
        customers: split.test.len(),
        products: all.items().len(),
        tried: tried.map(|trial| TriedMethod { method: trial.method.describe(), judged: trial.judged }).collect(),
        why: chosen.why,
        test: chosen.test,
        popularity: chosen.test_popularity,
        difference: chosen.test_difference,
        log,
    })
}

/// The log after a time, weighed by what each policy would have offered first: learnt from what was held before.
async fn from_log(
    profiling: &Profiling<'_>,
    sql: &str,
    offers: &Offers,
    gathered: &Gathered,
    method: Method,
    from: EventTime,
) -> Result<FromLog, FlowError> {
    let log = log(profiling, sql, from).await?;
    let before = before(gathered, from)?;
    let (alike, popular) = (Alike::fit(&before.0, method)?, Alike::fit(&before.0, Method::Popularity)?);
    let value = |model: &Alike| -> Result<Option<PolicyValue>, FlowError> {
        let firsts = firsts(model, &before, offers)?;
        let policy = |customer: CustomerId, product: &str| {
            f64::from(u8::from(firsts.get(&customer).is_some_and(|first| first == product)))
        };
        // A policy that makes none of the offers of the log cannot be told.
        Ok(off_policy(&log, policy, WEIGHT_MAX).ok())
    };
    Ok(FromLog { rows: log.len(), alike: value(&alike)?, popularity: value(&popular)? })
}

/// What was held before a time, and whose row is whose.
fn before(gathered: &Gathered, from: EventTime) -> Result<(Holdings, Vec<CustomerId>), FlowError> {
    let places = (0..gathered.customers.len()).filter(|at| gathered.personalised[*at]);
    let (mut rows, mut whose) = (Vec::new(), Vec::new());
    for at in places {
        let held = gathered.held[at].iter().filter(|held| held.since.is_none_or(|since| since < from));
        rows.push(held.map(|held| held.product).collect::<Vec<u32>>());
        whose.push(CustomerId(u32::try_from(gathered.customers[at]).unwrap_or_default()));
    }
    Ok((Holdings::new(gathered.products.clone(), rows)?, whose))
}

/// The first product that each customer would be offered: of those that are offered, and not held.
fn firsts(
    model: &Alike,
    (holdings, whose): &(Holdings, Vec<CustomerId>),
    offers: &Offers,
) -> Result<BTreeMap<CustomerId, String>, FlowError> {
    let offered =
        |item: &u32| offers.all().iter().any(|offer| Some(&offer.product) == model.items().get(*item as usize));
    let mut firsts = BTreeMap::new();
    for (held, customer) in holdings.rows().zip(whose) {
        let list = model.list(held, model.items().len())?;
        if let Some(first) = list.into_iter().find(offered) {
            firsts.insert(*customer, model.items()[first as usize].clone());
        }
    }
    Ok(firsts)
}

async fn log(profiling: &Profiling<'_>, sql: &str, from: EventTime) -> Result<Vec<Made>, FlowError> {
    let what = "the query for the log";
    let mut log = Vec::new();
    let wrong = |error| FlowError::Offer(format!("{what} of offers/rules.toml: {error}"));
    each(profiling.session().sql(sql).await.map_err(wrong)?, |batch| {
        let products = texts(column(batch, "product", what)?)?;
        let (chances, rewards) = (numbers(column(batch, "chance", what)?)?, numbers(column(batch, "reward", what)?)?);
        let times = moments(column(batch, "ts", what)?)?;
        let columns = products.iter().zip(chances.iter()).zip(rewards.iter()).zip(times);
        for (id, (((product, chance), reward), ts)) in ids(batch, what)?.into_iter().zip(columns) {
            let (Some(id), Some(chance), Some(reward)) = (id, chance, reward) else { continue };
            if ts.is_none_or(|ts| ts < from) {
                continue;
            }
            let customer = CustomerId(u32::try_from(id).unwrap_or_default());
            log.push(Made { customer, offer: product.unwrap_or_default().to_owned(), chance, reward });
        }
        Ok(())
    })
    .await?;
    // In an order of its own, so that sums do not depend on that of rows.
    log.sort_by(|a, b| {
        a.customer.cmp(&b.customer).then_with(|| a.offer.cmp(&b.offer)).then(a.reward.total_cmp(&b.reward))
    });
    Ok(log)
}
