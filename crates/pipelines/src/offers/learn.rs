//! What alike customers hold: learnt from the holdings of those who let the bank go by what is personal, and kept by content.
//!
//! Who declined is not learnt from, and is not counted where products are counted: nothing of them is in anybody's ranking.

use std::collections::BTreeMap;

use florin_decisions::{
    DecisionError, Holdings,
    alike::{Alike, ChooseSettings, Chosen, Method, TakeUp, choose},
    evaluation::{Split, Taken, by_customer, by_time},
};
use florin_domain::{CustomerId, EventTime};
use serde::{Deserialize, Serialize};

use super::facts::Gathered;
use crate::{FlowError, House};

/// How long before now what customers took is asked of methods, in days; and as long before that, settings are chosen by.
pub(super) const TAKEN_DAYS: i64 = 90;
/// Within how many days a chance by alike customers says that something is taken: as the usual horizon of models that foretell it.
const TAKES_DAYS: i64 = 30;
/// Where holdings have no times: the share of customers who validate, and who test.
const SHARE: f64 = 0.2;
/// Draws them, and the factors' beginnings.
const SEED: u64 = 1;
/// Microseconds of a day of 24 hours.
pub(super) const DAY: i64 = 86_400_000_000;
/// What the bytes of a model of alike customers are kept as.
const ENDING: &str = "alike";

/// What was learnt, and how good it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Learnt {
    /// A hash of the bytes.
    pub bytes: String,
    /// A hash of the holdings.
    pub holdings: String,
    /// Customers it was learnt from.
    pub customers: usize,
    /// Products they hold, one for each customer and product.
    pub pairs: usize,
    /// Which method, and why.
    pub why: String,
    /// NDCG of the method on customers who had no part in the choice; none where there are too few.
    pub ndcg: Option<f64>,
    /// The same of popularity.
    pub ndcg_popularity: Option<f64>,
    /// How often products are taken; none where holdings have no times.
    #[serde(default)]
    pub take_up: Option<TakeUp>,
}

/// A model of alike customers, ready for use.
pub(super) struct AlikeNow {
    /// None when nobody holds anything.
    pub(super) model: Option<Alike>,
    pub(super) learnt: Option<Learnt>,
}

impl AlikeNow {
    /// The share of customers who have each product.
    pub(super) fn popularity(&self) -> BTreeMap<String, f64> {
        let of = |model: &Alike| model.items().iter().cloned().zip(model.popularity()).collect();
        self.model.as_ref().map(of).unwrap_or_default()
    }

    /// What can be said of a customer. Popularity where nobody knows how often products are taken says nothing.
    pub(super) fn personal(&self) -> Option<(&Alike, Option<&TakeUp>)> {
        let take_up = self.learnt.as_ref().and_then(|learnt| learnt.take_up.as_ref());
        let says = |model: &&Alike| take_up.is_some() || matches!(model.chances(&[]), Ok(Some(_)));
        self.model.as_ref().filter(says).map(|model| (model, take_up))
    }

    /// As it was kept.
    pub(super) fn kept(house: &House, learnt: &Learnt) -> Result<Self, FlowError> {
        let bytes = house.kept_bytes("what alike customers hold", &learnt.bytes, ENDING)?;
        Ok(Self { model: Some(Alike::from_bytes(&bytes)?), learnt: Some(learnt.clone()) })
    }
}

/// Learns from what these hold, unless what is kept was learnt from the same.
pub(super) fn learn(
    house: &House,
    gathered: &Gathered,
    as_of: EventTime,
    before: Option<&Learnt>,
) -> Result<AlikeNow, FlowError> {
    let holdings = holdings(gathered)?;
    let hash = hash(gathered);
    if let Some(before) = before.filter(|before| before.holdings == hash)
        && let Ok(AlikeNow { model: Some(model), learnt: Some(learnt) }) = AlikeNow::kept(house, before)
    {
        // The days that it is counted over have moved on.
        let take_up = take_up(&model, &holdings, gathered, as_of)?;
        return Ok(AlikeNow { model: Some(model), learnt: Some(Learnt { take_up, ..learnt }) });
    }
    if holdings.pairs() == 0 {
        return Ok(AlikeNow { model: None, learnt: None });
    }
    let from = EventTime(as_of.micros() - TAKEN_DAYS * DAY);
    let chosen = chosen(&holdings, &taken(gathered), from);
    let (model, why, figures) = match chosen {
        Ok(chosen) => {
            let figures = (chosen.test.figures.ndcg.value, chosen.test_popularity.figures.ndcg.value);
            (chosen.model, chosen.why, Some(figures))
        }
        Err(_) => {
            let why = "popularity: too few customers hold two products to learn what goes together".to_owned();
            (Alike::fit(&holdings, Method::Popularity)?, why, None)
        }
    };
    let take_up = take_up(&model, &holdings, gathered, as_of)?;
    let bytes = house.keep_bytes(&model.to_bytes()?, ENDING)?;
    let learnt = Learnt {
        bytes,
        holdings: hash,
        customers: holdings.customers(),
        pairs: holdings.pairs(),
        why,
        ndcg: figures.map(|of| of.0),
        ndcg_popularity: figures.map(|of| of.1),
        take_up,
    };
    Ok(AlikeNow { model: Some(model), learnt: Some(learnt) })
}

/// How often products were taken lately; nothing where no time of any is known.
fn take_up(
    model: &Alike,
    holdings: &Holdings,
    gathered: &Gathered,
    as_of: EventTime,
) -> Result<Option<TakeUp>, FlowError> {
    let from = EventTime(as_of.micros() - TAKEN_DAYS * DAY);
    let mut takers = vec![0; holdings.items().len()];
    let mut timed = false;
    for held in learnt_from(gathered).flat_map(|at| &gathered.held[at]) {
        timed |= held.since.is_some();
        if held.since.is_some_and(|since| since > from && since <= as_of)
            && let Some(count) = takers.get_mut(held.product as usize)
        {
            *count += 1;
        }
    }
    let days = (TAKEN_DAYS as f64, TAKES_DAYS as f64);
    Ok(if timed { Some(TakeUp::of(model, holdings, &takers, days)?) } else { None })
}

/// The method that finds best what customers took after a time; by customers drawn, where too little was taken then.
fn chosen(holdings: &Holdings, taken: &[Taken], from: EventTime) -> Result<Chosen, DecisionError> {
    let settings = ChooseSettings::usual(holdings.items().len(), SEED);
    let timed = split(holdings.items(), taken, from).and_then(|split| choose(holdings, &split, &settings));
    timed.or_else(|_| choose(holdings, &by_customer(holdings, SHARE, SEED)?, &settings))
}

/// Asks what was taken from a time on; settings are chosen by what was taken in as long before.
pub(super) fn split(items: &[String], taken: &[Taken], from: EventTime) -> Result<Split, DecisionError> {
    by_time(items, taken, EventTime(from.micros() - TAKEN_DAYS * DAY), from)
}

/// Places of those who may be learnt from.
fn learnt_from(gathered: &Gathered) -> impl Iterator<Item = usize> + '_ {
    (0..gathered.customers.len()).filter(|at| gathered.personalised[*at])
}

/// What those hold who may be learnt from.
pub(super) fn holdings(gathered: &Gathered) -> Result<Holdings, FlowError> {
    let rows = learnt_from(gathered).map(|at| gathered.held[at].iter().map(|held| held.product).collect::<Vec<u32>>());
    Ok(Holdings::new(gathered.products.clone(), rows)?)
}

/// When they came to hold it. What has no time was always there.
pub(super) fn taken(gathered: &Gathered) -> Vec<Taken> {
    let of = |at: usize| {
        let customer = CustomerId(u32::try_from(gathered.customers[at]).unwrap_or_default());
        let taken = move |held: &super::facts::Held| {
            let at = held.since.unwrap_or(EventTime(i64::MIN));
            Taken { customer, item: held.product, at }
        };
        gathered.held[at].iter().map(taken)
    };
    learnt_from(gathered).flat_map(of).collect()
}

fn hash(gathered: &Gathered) -> String {
    let mut hasher = blake3::Hasher::new();
    for product in &gathered.products {
        hasher.update(&(product.len() as u64).to_le_bytes());
        hasher.update(product.as_bytes());
    }
    for at in learnt_from(gathered) {
        hasher.update(&(gathered.held[at].len() as u64).to_le_bytes());
        for held in &gathered.held[at] {
            hasher.update(&held.product.to_le_bytes());
            hasher.update(&held.since.map_or(i64::MIN, EventTime::micros).to_le_bytes());
        }
    }
    hasher.finalize().to_hex().to_string()
}
