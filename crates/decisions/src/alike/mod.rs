//! What alike customers hold.
//!
//! A customer is what the customer holds, and nothing else: scores are worked out from it at the moment of asking, so what is saved has no
//! row of anybody. Each score says which held items made it.

pub mod choose;
mod dense;
mod factors;
mod neighbours;
mod saved;
mod take_up;

use florin_measurement::calibration::Platt;
use serde::{Deserialize, Serialize};

pub use choose::{ChooseSettings, Chosen, Trial, choose};
pub use factors::{FactorSettings, RANK_MAX, ROUNDS_MAX};
pub use neighbours::PAIRED_ITEMS_MAX;
pub use take_up::TakeUp;

use crate::{
    error::{Result, argument},
    holdings::{Holdings, unknown_item},
};
use factors::Factors;

/// How scores are learnt.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind", deny_unknown_fields)]
pub enum Method {
    /// How many hold it, whoever asks.
    Popularity,
    /// Items held by the same customers.
    Cosine {
        /// Keeps rare pairs small.
        shrinkage: f64,
    },
    /// The linear map of items that gives holdings back best.
    Ease {
        /// How strongly weights are kept small.
        ridge: f64,
    },
    /// Factors of customers and items.
    Factors(FactorSettings),
}

impl Method {
    /// As people read it.
    #[must_use]
    pub fn describe(&self) -> String {
        match self {
            Self::Popularity => "popularity".to_owned(),
            Self::Cosine { shrinkage } => format!("item neighbours by cosine (shrinkage {shrinkage})"),
            Self::Ease { ridge } => format!("item neighbours by EASE (ridge {ridge})"),
            Self::Factors(s) => format!("factorisation (rank {}, alpha {}, lambda {})", s.rank, s.alpha, s.lambda),
        }
    }
}

/// What was learnt.
#[derive(Debug, Clone, PartialEq)]
pub struct Alike {
    method: Method,
    items: Vec<String>,
    holders: Vec<u64>,
    customers: u64,
    learnt: Learnt,
    chance: Option<Platt>,
}

#[derive(Debug, Clone, PartialEq)]
enum Learnt {
    Nothing,
    Pairs(Vec<f64>),
    Factors(Factors),
}

impl Alike {
    /// Learns from holdings. [`choose()`] takes the method that measures best.
    ///
    /// # Errors
    /// When settings do not hold up, there are no holdings, or there are too many items for the method.
    pub fn fit(holdings: &Holdings, method: Method) -> Result<Self> {
        if holdings.pairs() == 0 {
            return Err(argument("the number of holdings", 0, "somebody must hold something"));
        }
        let learnt = match method {
            Method::Popularity => Learnt::Nothing,
            Method::Cosine { shrinkage } => Learnt::Pairs(neighbours::cosine(holdings, shrinkage)?),
            Method::Ease { ridge } => Learnt::Pairs(neighbours::ease(holdings, ridge)?),
            Method::Factors(settings) => Learnt::Factors(Factors::fit(holdings, settings)?),
        };
        Ok(Self {
            method,
            items: holdings.items().to_vec(),
            holders: holdings.holders(),
            customers: holdings.customers() as u64,
            learnt,
            chance: None,
        })
    }

    /// How it was learnt.
    #[must_use]
    pub fn method(&self) -> Method {
        self.method
    }

    /// What can be held.
    #[must_use]
    pub fn items(&self) -> &[String] {
        &self.items
    }

    /// An item's number.
    ///
    /// # Errors
    /// When there is none of that name, with the nearest.
    pub fn number(&self, item: &str) -> Result<u32> {
        let at = self.items.iter().position(|name| name == item);
        at.map(|at| at as u32).ok_or_else(|| unknown_item(item, &self.items))
    }

    /// By item, the share of customers who hold it, from 0 to 1: what a ranking for everybody goes by.
    #[must_use]
    pub fn popularity(&self) -> Vec<f64> {
        self.holders.iter().map(|n| *n as f64 / (self.customers as f64).max(1.0)).collect()
    }

    /// By item, a score for one who holds these (numbers of items, in any order): the higher the better, of no unit.
    ///
    /// # Errors
    /// When a number is none of an item.
    pub fn scores(&self, held: &[u32]) -> Result<Vec<f64>> {
        let held = self.sound(held)?;
        match &self.learnt {
            Learnt::Nothing => Ok(self.popularity()),
            Learnt::Factors(factors) => factors.scores(&held),
            Learnt::Pairs(weights) => {
                let n = self.items.len();
                let mut scores = vec![0.0; n];
                for item in held {
                    let row = &weights[item as usize * n..(item as usize + 1) * n];
                    scores.iter_mut().zip(row).for_each(|(score, weight)| *score += weight);
                }
                Ok(scores)
            }
        }
    }

    /// By item, the chance (0 to 1) that one who shows these holdings has it too: scores through the sigmoid that [`choose()`] fitted on
    /// customers it did not learn from. Nothing when that was not done.
    ///
    /// # Errors
    /// When a number is none of an item.
    pub fn chances(&self, held: &[u32]) -> Result<Option<Vec<f64>>> {
        let Some(chance) = &self.chance else { return Ok(None) };
        Ok(Some(self.scores(held)?.into_iter().map(|score| chance.apply(score)).collect()))
    }

    /// The items not held, the best first; ties by number.
    ///
    /// # Errors
    /// When a number is none of an item.
    pub fn list(&self, held: &[u32], at_most: usize) -> Result<Vec<u32>> {
        let scores = self.scores(held)?;
        let mut order: Vec<u32> = (0..self.items.len() as u32).filter(|item| !held.contains(item)).collect();
        order.sort_by(|a, b| scores[*b as usize].total_cmp(&scores[*a as usize]).then(a.cmp(b)));
        order.truncate(at_most);
        Ok(order)
    }

    /// Which held items made the score of another: those that raised it, the strongest first, with what each added. With those that lowered it
    /// they add up to the score. None when scores go by popularity.
    ///
    /// # Errors
    /// When a number is none of an item.
    pub fn why(&self, held: &[u32], item: u32, at_most: usize) -> Result<Vec<(u32, f64)>> {
        let mut shares = self.shares(held, item)?;
        shares.retain(|(_, share)| *share > 0.0);
        shares.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        shares.truncate(at_most);
        Ok(shares)
    }

    /// What each held item added to the score of another; they add up to it. None when scores go by popularity.
    ///
    /// # Errors
    /// When a number is none of an item.
    pub fn shares(&self, held: &[u32], item: u32) -> Result<Vec<(u32, f64)>> {
        let held = self.sound(held)?;
        self.sound(&[item])?;
        let n = self.items.len();
        let shares = match &self.learnt {
            Learnt::Nothing => return Ok(Vec::new()),
            Learnt::Pairs(weights) => held.iter().map(|h| weights[*h as usize * n + item as usize]).collect(),
            Learnt::Factors(factors) => factors.shares(&held, item as usize)?,
        };
        Ok(held.into_iter().zip(shares).collect())
    }

    /// Rising, none twice.
    fn sound(&self, held: &[u32]) -> Result<Vec<u32>> {
        let mut held = held.to_vec();
        held.sort_unstable();
        held.dedup();
        match held.last().filter(|item| **item as usize >= self.items.len()) {
            Some(wrong) => Err(argument("an item's number", wrong, "it is below the number of items")),
            None => Ok(held),
        }
    }
}
