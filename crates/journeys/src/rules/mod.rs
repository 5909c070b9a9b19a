//! Association rules: who has these has that, more often than chance says.
//!
//! Rows say that a customer has an item (a product, a merchant, an event); when does not matter. A set of items is *frequent* if
//! at least `support_min` customers have all of it. Frequent sets are found by FP-Growth (J. Han, J. Pei, Y. Yin, "Mining frequent
//! patterns without candidate generation", SIGMOD 2000). From each, a rule "antecedent → consequent" for every split whose
//! confidence suffices:
//!
//! - support = customers with both / all customers with a row;
//! - confidence = customers with both / customers with the antecedent;
//! - lift = confidence / share of customers with the consequent (1: no more than chance).

mod growth;

use std::cmp::Ordering;

use roaring::RoaringBitmap;
use rustc_hash::FxHashMap;

use crate::{
    JourneyError, MISSING, Rows,
    error::settings,
    rows::{Cursor, Step},
    sets::{SetBuilder, merge_each},
};

/// Items (codes below this) that can be told apart.
pub const ITEMS_MAX: usize = 65_536;
/// Items in one frequent set.
pub const SET_ITEMS_MAX: usize = 8;
/// Different baskets (all items of a customer) that are kept.
pub const BASKETS_MAX: usize = 20_000_000;
/// Frequent sets that are kept.
pub const FREQUENT_MAX: usize = 1_000_000;

/// Which rules are asked for.
#[derive(Debug, Clone, Copy)]
pub struct RuleSettings {
    /// Fewest customers with all items of a rule; at least 1.
    pub support_min: u64,
    /// Least confidence, 0 to 1.
    pub confidence_min: f64,
    /// Most items in a rule, 2 to [`SET_ITEMS_MAX`].
    pub items_max: usize,
}

/// Gathers what each customer has.
#[derive(Debug, Clone)]
pub struct RuleKernel {
    asked: RuleSettings,
    cursor: Cursor,
    customers: u64,
    basket: Vec<u32>,
    baskets: FxHashMap<Box<[u32]>, u64>,
    items: Vec<SetBuilder>,
}

impl RuleKernel {
    /// Before any row.
    ///
    /// # Errors
    /// When the settings are out of range.
    pub fn new(asked: &RuleSettings) -> Result<Self, JourneyError> {
        if !(2..=SET_ITEMS_MAX).contains(&asked.items_max) || asked.support_min == 0 {
            return Err(settings(format!("rules have 2 to {SET_ITEMS_MAX} items and a support of 1 customer or more")));
        }
        if !(0.0..=1.0).contains(&asked.confidence_min) {
            return Err(settings("a confidence is a number from 0 to 1"));
        }
        Ok(Self {
            asked: *asked,
            cursor: Cursor::default(),
            customers: 0,
            basket: Vec::new(),
            baskets: FxHashMap::default(),
            items: Vec::new(),
        })
    }

    /// The next batch; `item` is a code, [`MISSING`] for a row without one.
    ///
    /// # Errors
    /// When the column is of another length, rows are out of order, or a bound is reached.
    pub fn push(&mut self, rows: Rows<'_>, item: &[u32]) -> Result<(), JourneyError> {
        rows.matches("item", item)?;
        for (i, item) in item.iter().enumerate() {
            if let Step::New(_) = self.cursor.advance(i, rows.customer[i], rows.ts[i])? {
                self.end_customer()?;
                self.customers += 1;
            }
            self.add(rows.customer[i] as u32, *item)?;
        }
        Ok(())
    }

    #[inline]
    fn add(&mut self, customer: u32, item: u32) -> Result<(), JourneyError> {
        if item == MISSING || self.basket.last() == Some(&item) {
            return Ok(());
        }
        let place = item as usize;
        if place >= ITEMS_MAX {
            let advice = "use the codes of a dictionary, and join rare items into one";
            return Err(JourneyError::TooMany { what: "items", limit: ITEMS_MAX, advice });
        }
        if place >= self.items.len() {
            self.items.resize_with(place + 1, SetBuilder::default);
        }
        if let Some(set) = self.items.get_mut(place).filter(|set| !set.has_in_block(customer)) {
            set.insert(customer);
            self.basket.push(item);
        }
        Ok(())
    }

    fn end_customer(&mut self) -> Result<(), JourneyError> {
        self.basket.sort_unstable();
        match self.baskets.get_mut(self.basket.as_slice()) {
            Some(count) => *count += 1,
            None if self.basket.is_empty() => {}
            None => drop(self.baskets.insert(self.basket.as_slice().into(), 1)),
        }
        self.basket.clear();
        self.check_bounds()
    }

    fn check_bounds(&self) -> Result<(), JourneyError> {
        if self.baskets.len() > BASKETS_MAX {
            let advice = "join rare items into one";
            return Err(JourneyError::TooMany { what: "different baskets", limit: BASKETS_MAX, advice });
        }
        Ok(())
    }

    /// Joins one of the same settings over other customers.
    ///
    /// # Errors
    /// When a bound is reached.
    pub fn merge(&mut self, mut other: Self) -> Result<(), JourneyError> {
        self.end_customer()?;
        other.end_customer()?;
        self.cursor = Cursor::default();
        self.customers += other.customers;
        for (basket, count) in other.baskets {
            *self.baskets.entry(basket).or_default() += count;
        }
        if other.items.len() > self.items.len() {
            self.items.resize_with(other.items.len(), SetBuilder::default);
        }
        merge_each(&mut self.items, other.items);
        self.check_bounds()
    }

    /// After the last batch.
    ///
    /// # Errors
    /// When a bound is reached.
    pub fn finish(mut self) -> Result<Rules, JourneyError> {
        self.end_customer()?;
        let baskets = self.baskets.iter().map(|(items, count)| (items.to_vec(), *count)).collect();
        let frequent = growth::frequent_sets(baskets, self.asked.support_min, self.asked.items_max)?;
        let rules = derive(&frequent, self.customers, self.asked.confidence_min);
        let items = self.items.into_iter().map(SetBuilder::finish).collect();
        Ok(Rules { customers: self.customers, rules, items })
    }
}

/// The rules found.
#[derive(Debug, Clone, PartialEq)]
pub struct Rules {
    /// Customers with a row.
    pub customers: u64,
    /// By lift, confidence and support, the highest first; then by antecedent and consequent.
    pub rules: Vec<AssociationRule>,
    items: Vec<RoaringBitmap>,
}

/// Who has `antecedent` has `consequent`.
#[derive(Debug, Clone, PartialEq)]
pub struct AssociationRule {
    /// Codes, ascending.
    pub antecedent: Vec<u32>,
    /// Codes, ascending; none of the antecedent.
    pub consequent: Vec<u32>,
    /// How many have all of both.
    pub both: u64,
    /// Their share of all customers.
    pub support: f64,
    /// Their share of those with the antecedent.
    pub confidence: f64,
    /// By how much that is more than the share of all customers with the consequent.
    pub lift: f64,
}

impl Rules {
    /// Who has all of these items.
    #[must_use]
    pub fn customers_with(&self, items: &[u32]) -> RoaringBitmap {
        let none = RoaringBitmap::new();
        let mut sets = items.iter().map(|item| self.items.get(*item as usize).unwrap_or(&none));
        let first = sets.next().cloned().unwrap_or_default();
        sets.fold(first, |all, set| all & set)
    }
}

fn derive(frequent: &FxHashMap<Vec<u32>, u64>, customers: u64, confidence_min: f64) -> Vec<AssociationRule> {
    let sets = frequent.iter().filter(|(items, _)| items.len() > 1);
    let mut rules: Vec<AssociationRule> = sets
        .flat_map(|(items, both)| splits(items).map(|split| (split, *both)))
        .filter_map(|((antecedent, consequent), both)| {
            let (with, chance) = (*frequent.get(&antecedent)? as f64, *frequent.get(&consequent)? as f64);
            let confidence = both as f64 / with;
            let (support, lift) = (both as f64 / customers as f64, confidence * customers as f64 / chance);
            Some(AssociationRule { antecedent, consequent, both, support, confidence, lift })
        })
        .filter(|rule| rule.confidence >= confidence_min)
        .collect();
    rules.sort_by(in_order);
    rules
}

/// All ways to split a set in two parts, neither empty.
fn splits(items: &[u32]) -> impl Iterator<Item = (Vec<u32>, Vec<u32>)> {
    (1..(1u32 << items.len()) - 1).map(move |mask| {
        let (mut antecedent, mut consequent) = (Vec::new(), Vec::new());
        for (n, item) in items.iter().enumerate() {
            if mask >> n & 1 == 1 { antecedent.push(*item) } else { consequent.push(*item) }
        }
        (antecedent, consequent)
    })
}

fn in_order(a: &AssociationRule, b: &AssociationRule) -> Ordering {
    let best_first = b.lift.total_cmp(&a.lift).then(b.confidence.total_cmp(&a.confidence)).then(b.both.cmp(&a.both));
    best_first.then_with(|| (&a.antecedent, &a.consequent).cmp(&(&b.antecedent, &b.consequent)))
}
