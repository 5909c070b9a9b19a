//! Which offers a customer is made, in which order, and why.
//!
//! A score is the mean of the parts that an offer has (the chance that it is taken, what making it changes, the chance that alike customers have
//! it), weighed as the bank declares (a linear opinion pool, Stone 1961), times (value / the largest value) to a declared power. Offers
//! that a veto falls on are taken out before anything is put in order.
//!
//! **Who declined personalisation** gets the order for everybody: [`Ranker::general`] makes it from popularity and value and
//! takes no customer at all; [`Ranker::rank_general`] takes offers out of it and takes no [`Personal`]. What is left stands in the same order
//! for each customer.

mod order;
mod reasons;

use std::collections::{BTreeMap, BTreeSet};

use florin_domain::CustomerId;
use florin_models::explain::Reason as ModelReason;
use serde::Serialize;

pub use crate::vetoes::Asked;
pub use reasons::{REASONS_MAX, Reason, ReasonKind};

use crate::{
    Words,
    alike::{Alike, TakeUp},
    error::{DecisionError, Result, argument, saved},
    offers::{Offer, Offers},
    standing::{Personalisable, Standing},
    vetoes::{Cleared, Veto, clear},
};
use order::{Candidate, put_in_order};

/// The longest list.
pub const LIST_MAX: usize = 1000;
/// Held products that are named as why alike customers have another.
const BECAUSE_MAX: usize = 2;

/// What is personal: by offer, what models and alike customers say.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Personal {
    /// By name of the offer.
    pub signals: BTreeMap<String, Signals>,
}

/// What is known of one customer and one offer.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Signals {
    /// The chance that the customer takes it, 0 to 1.
    pub propensity: Option<f64>,
    /// What making the offer changes about that chance, -1 to 1.
    pub uplift: Option<f64>,
    /// The chance that one who holds what the customer holds takes it, 0 to 1; where alike customers say nothing, how often it is taken.
    pub alike: Option<f64>,
    /// What raised the propensity, the strongest first.
    pub propensity_reasons: Vec<ModelReason>,
    /// What raised the effect, the strongest first.
    pub uplift_reasons: Vec<ModelReason>,
    /// Held products that raised the chance by alike customers, the strongest first.
    pub alike_because: Vec<String>,
    /// How often it is taken by those who do not have it, and within how many days.
    pub taken: Option<(f64, f64)>,
}

impl Personal {
    /// Adds what alike customers say of each offer whose product `alike` knows, as chances to take it (see [`TakeUp`]). Where nothing is known of when products were taken,
    /// it is the chance to have it, on a scale of its own. Products that are not known say nothing.
    ///
    /// # Errors
    /// When `alike` does not know its own items.
    pub fn add_alike(
        &mut self,
        offers: &Offers,
        alike: &Alike,
        take_up: Option<&TakeUp>,
        held: &BTreeSet<String>,
    ) -> Result<()> {
        let numbers: BTreeMap<&str, u32> = alike.items().iter().map(String::as_str).zip(0..).collect();
        let held: Vec<u32> = held.iter().filter_map(|product| numbers.get(product.as_str()).copied()).collect();
        let chances = alike.chances(&held)?;
        for offer in offers.all() {
            let Some(&item) = numbers.get(offer.product.as_str()) else { continue };
            let chance = chances.as_ref().map(|chances| chances[item as usize]);
            let taken = match take_up {
                Some(take_up) => take_up.chance(&offer.product, chance),
                None => chance,
            };
            let Some(taken) = taken else { continue };
            let signals = self.signals.entry(offer.name.clone()).or_default();
            signals.alike = Some(taken);
            signals.taken = take_up.and_then(|take_up| Some((take_up.chance(&offer.product, None)?, take_up.days)));
            if chance.is_some() {
                let because = alike.why(&held, item, BECAUSE_MAX)?;
                signals.alike_because = because.into_iter().map(|(at, _)| alike.items()[at as usize].clone()).collect();
            }
        }
        Ok(())
    }
}

/// What a score was made of.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Parts {
    /// The chance that the customer takes it.
    pub propensity: Option<f64>,
    /// What making the offer changes.
    pub uplift: Option<f64>,
    /// The chance that it is taken, by alike customers.
    pub alike: Option<f64>,
    /// The share of customers who have it; of the order for everybody.
    pub popularity: Option<f64>,
    /// What the bank's gain multiplied the score by.
    pub value_factor: f64,
}

/// An offer to be made.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Recommendation {
    /// Its name.
    pub offer: String,
    /// Its product.
    pub product: String,
    /// What it is called.
    pub meaning: Words,
    /// What it was ranked by, before variety counted.
    pub score: f64,
    /// What that was made of.
    pub parts: Parts,
    /// Why, the strongest reason first.
    pub reasons: Vec<Reason>,
}

/// An offer that is not made, whatever its score.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Withheld {
    /// Its name.
    pub offer: String,
    /// What it is called.
    pub meaning: Words,
    /// All that speaks against it, with its words; at least one.
    pub vetoes: Vec<(Veto, Words)>,
}

/// Why an offer that may be made is not on the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LeftOut {
    /// The list has enough of its group.
    GroupFull,
    /// The list is full.
    ListFull,
    /// Neither a model nor alike customers say anything of it.
    NothingKnown,
}

/// Each offer of the bank is in exactly one of the three.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Ranking {
    /// For whom.
    pub customer: CustomerId,
    /// Whether it went by what is personal.
    pub personalised: bool,
    /// To be made, the best first.
    pub offers: Vec<Recommendation>,
    /// Not to be made, by name.
    pub withheld: Vec<Withheld>,
    /// Could be made and are not on the list, by name.
    pub left_out: Vec<(String, LeftOut)>,
}

impl Ranking {
    /// As JSON, for a record that replays.
    ///
    /// # Errors
    /// When it cannot be written down.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        serde_json::to_vec(self).map_err(saved)
    }
}

/// An offer that may be made, what it was ranked by, and what that was made of.
type Scored<'a> = (Cleared<'a>, f64, Parts);

/// The order of all offers for everybody. It was made without a customer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GeneralOrder(Vec<(String, f64, Parts)>);

impl GeneralOrder {
    /// Names of offers, the best first.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, ..)| name.as_str())
    }
}

/// Puts a bank's offers in order.
#[derive(Debug, Clone)]
pub struct Ranker<'a> {
    offers: &'a Offers,
    products: &'a BTreeMap<String, Words>,
    value_max: f64,
}

impl<'a> Ranker<'a> {
    /// For these offers; `products` says what held products are called in reasons (their offers' names, else their codes, where they are not there).
    #[must_use]
    pub fn new(offers: &'a Offers, products: &'a BTreeMap<String, Words>) -> Self {
        let value_max = offers.all().iter().map(|offer| offer.value).fold(0.0, f64::max);
        Self { offers, products, value_max }
    }

    /// For a customer who lets the bank go by what is personal.
    ///
    /// # Errors
    /// When a number of `personal` is out of its range, is of no offer, or the list is too long.
    pub fn rank_personal(&self, who: Personalisable<'_>, personal: &Personal, asked: &Asked) -> Result<Ranking> {
        self.check(personal, asked)?;
        let standing = who.standing();
        let (cleared, withheld) = self.clear(standing, asked);
        let (mut left_out, mut candidates) = (Vec::new(), Vec::new());
        for cleared in cleared {
            match personal.signals.get(&cleared.offer().name).and_then(|signals| self.score(cleared.offer(), signals)) {
                Some((score, parts)) => candidates.push(Candidate {
                    what: (cleared, parts),
                    name: &cleared.offer().name,
                    group: &cleared.offer().group,
                    score,
                }),
                None => left_out.push((cleared.offer().name.clone(), LeftOut::NothingKnown)),
            }
        }
        let ordered = put_in_order(candidates, self.offers.rules().group_discount);
        let scored = ordered.into_iter().map(|candidate| (candidate.what.0, candidate.score, candidate.what.1));
        let (kept, more) = self.cut(scored, asked.at_most);
        left_out.extend(more);
        let reasons = |offer: &Offer| {
            let signals = personal.signals.get(&offer.name);
            signals.map(|signals| reasons::personal(offer, signals, self)).unwrap_or_default()
        };
        Ok(ranking(standing, true, kept, withheld, left_out, reasons))
    }

    /// The order for everybody, from the share of customers who have each product (0 to 1; 0 for one that is not there) and what offers
    /// are worth. There is no customer among its arguments.
    ///
    /// # Errors
    /// When a share is none.
    pub fn general(&self, popularity: &BTreeMap<String, f64>) -> Result<GeneralOrder> {
        let mut candidates = Vec::new();
        for offer in self.offers.all() {
            let share = popularity.get(&offer.product).copied().unwrap_or(0.0);
            in_range("the popularity", &offer.name, Some(share), 0.0, "it is from 0 to 1")?;
            let value_factor = self.value_factor(offer);
            let parts = Parts { propensity: None, uplift: None, alike: None, popularity: Some(share), value_factor };
            candidates.push(Candidate {
                what: parts,
                name: &offer.name,
                group: &offer.group,
                score: share * value_factor,
            });
        }
        let ordered = put_in_order(candidates, self.offers.rules().group_discount);
        Ok(GeneralOrder(ordered.into_iter().map(|c| (c.name.to_owned(), c.score, c.what)).collect()))
    }

    /// For a customer who declined personalisation, or for anybody: the order for everybody without what may not be offered. There is
    /// nothing personal among its arguments.
    ///
    /// # Errors
    /// When the order is of other offers, or the list is too long.
    pub fn rank_general(&self, order: &GeneralOrder, standing: &Standing, asked: &Asked) -> Result<Ranking> {
        self.check(&Personal::default(), asked)?;
        let (cleared, withheld) = self.clear(standing, asked);
        let by_name: BTreeMap<&str, Cleared<'_>> = cleared.into_iter().map(|c| (c.offer().name.as_str(), c)).collect();
        order.names().try_for_each(|name| self.offers.get(name).map(drop))?;
        if order.0.len() != self.offers.all().len() {
            return Err(argument(
                "the number of offers in order",
                order.0.len(),
                "let `general` of this ranker make it",
            ));
        }
        let scored =
            order.0.iter().filter_map(|(name, score, parts)| Some((*by_name.get(name.as_str())?, *score, *parts)));
        let (kept, left_out) = self.cut(scored, asked.at_most);
        let share = |name: &str| order.0.iter().find(|(n, ..)| n == name).and_then(|(.., parts)| parts.popularity);
        Ok(ranking(standing, false, kept, withheld, left_out, |offer| reasons::general(share(&offer.name))))
    }

    fn check(&self, personal: &Personal, asked: &Asked) -> Result<()> {
        if asked.at_most > LIST_MAX {
            return Err(argument("the length of the list", asked.at_most, "at most 1,000"));
        }
        for (offer, signals) in &personal.signals {
            self.offers.get(offer)?;
            in_range("the propensity", offer, signals.propensity, 0.0, "it is from 0 to 1")?;
            in_range("the uplift", offer, signals.uplift, -1.0, "it is from -1 to 1")?;
            in_range("the chance by alike customers", offer, signals.alike, 0.0, "it is from 0 to 1")?;
        }
        Ok(())
    }

    fn clear(&self, standing: &Standing, asked: &Asked) -> (Vec<Cleared<'a>>, Vec<Withheld>) {
        let (mut cleared, mut withheld) = (Vec::new(), Vec::new());
        for offer in self.offers.all() {
            match clear(offer, standing, asked) {
                Ok(offer) => cleared.push(offer),
                Err(vetoes) => withheld.push(Withheld {
                    offer: offer.name.clone(),
                    meaning: offer.meaning.clone(),
                    vetoes: vetoes.into_iter().map(Veto::with_words).collect(),
                }),
            }
        }
        (cleared, withheld)
    }

    /// The weighed mean of the parts there are, times what value counts; nothing where no part that weighs anything is there.
    fn score(&self, offer: &Offer, signals: &Signals) -> Option<(f64, Parts)> {
        let (propensity, uplift, alike) = (signals.propensity, signals.uplift, signals.alike);
        let weights = self.offers.rules().weights;
        let pairs = [(weights.propensity, propensity), (weights.uplift, uplift), (weights.alike, alike)];
        let (mut sum, mut weight) = (0.0, 0.0);
        for (w, part) in pairs.into_iter().filter_map(|(w, part)| Some((w, part?))) {
            sum += w * part;
            weight += w;
        }
        let value_factor = self.value_factor(offer);
        let parts = Parts { propensity, uplift, alike, popularity: None, value_factor };
        (weight > 0.0).then(|| (sum / weight * value_factor, parts))
    }

    fn value_factor(&self, offer: &Offer) -> f64 {
        (offer.value / self.value_max).powf(self.offers.rules().value_weight)
    }

    /// The first of a list, and what did not get on it.
    fn cut<'b>(
        &self,
        ordered: impl Iterator<Item = Scored<'b>>,
        at_most: usize,
    ) -> (Vec<Scored<'b>>, Vec<(String, LeftOut)>) {
        let mut of_group: BTreeMap<&str, usize> = BTreeMap::new();
        let (mut kept, mut left_out) = (Vec::new(), Vec::new());
        for one in ordered {
            let offer = one.0.offer();
            let count = of_group.entry(&offer.group).or_default();
            if *count >= self.offers.rules().per_group_max {
                left_out.push((offer.name.clone(), LeftOut::GroupFull));
            } else if kept.len() >= at_most {
                left_out.push((offer.name.clone(), LeftOut::ListFull));
            } else {
                *count += 1;
                kept.push(one);
            }
        }
        (kept, left_out)
    }

    /// What a product is called.
    fn product_name(&self, product: &str) -> Words {
        let offered = || self.offers.all().iter().find(|offer| offer.product == product).map(|offer| &offer.meaning);
        let code = || Words { zh: product.to_owned(), en: product.to_owned() };
        self.products.get(product).or_else(offered).cloned().unwrap_or_else(code)
    }
}

fn ranking(
    standing: &Standing,
    personalised: bool,
    kept: Vec<Scored<'_>>,
    withheld: Vec<Withheld>,
    mut left_out: Vec<(String, LeftOut)>,
    reasons: impl Fn(&Offer) -> Vec<Reason>,
) -> Ranking {
    left_out.sort_by(|a, b| a.0.cmp(&b.0));
    let recommendation = |(cleared, score, parts): Scored<'_>| {
        let offer = cleared.offer();
        Recommendation {
            offer: offer.name.clone(),
            product: offer.product.clone(),
            meaning: offer.meaning.clone(),
            score,
            parts,
            reasons: reasons(offer),
        }
    };
    let offers = kept.into_iter().map(recommendation).collect();
    Ranking { customer: standing.customer, personalised, offers, withheld, left_out }
}

fn in_range(what: &'static str, offer: &str, number: Option<f64>, least: f64, allowed: &'static str) -> Result<()> {
    match number.filter(|number| !(least..=1.0).contains(number)) {
        Some(found) => Err(DecisionError::Signal { what, offer: offer.to_owned(), found, allowed }),
        None => Ok(()),
    }
}
