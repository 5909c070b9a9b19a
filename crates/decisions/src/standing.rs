//! What is true of a customer that decides what may be offered, whatever a model thinks.
//!
//! It protects the customer or follows from contracts. It can take offers away; it never puts them in another order. What
//! is personal (scores, what alike customers hold, their reasons) is not here: see [`crate::ranking::Personal`].

use std::collections::{BTreeMap, BTreeSet};

use florin_domain::{CustomerId, EventTime, Purpose};

use crate::suitability::Assessment;

/// A customer's standing, as of the moment of asking.
#[derive(Debug, Clone, PartialEq)]
pub struct Standing {
    /// Who.
    pub customer: CustomerId,
    /// Whether the customer lets the bank rank offers by what is personal.
    pub personalised: bool,
    /// What the customer's data may be used for, as governance found.
    pub purposes: BTreeSet<Purpose>,
    /// What the customer can bear, where it was assessed.
    pub assessment: Option<Assessment>,
    /// By offer, whether its predicate holds. An offer that has one and is not here cannot be told, which counts as no.
    pub eligible: BTreeMap<String, bool>,
    /// Products that the customer has.
    pub products: BTreeSet<String>,
    /// Complaints that are not resolved.
    pub open_complaints: u32,
    /// Offers that were made.
    pub contacts: Vec<Contact>,
    /// Offers that the customer refused.
    pub refusals: Vec<Contact>,
}

/// An offer that was made or refused.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Contact {
    /// Which.
    pub offer: String,
    /// Its group then.
    pub group: String,
    /// When. One that is planned counts as made.
    pub at: EventTime,
}

impl Standing {
    /// A customer of whom nothing is known: may be offered nothing, and not be ranked by what is personal.
    #[must_use]
    pub fn unknown(customer: CustomerId) -> Self {
        Self {
            customer,
            personalised: false,
            purposes: BTreeSet::new(),
            assessment: None,
            eligible: BTreeMap::new(),
            products: BTreeSet::new(),
            open_complaints: 0,
            contacts: Vec::new(),
            refusals: Vec::new(),
        }
    }

    /// Leave to rank by what is personal; nothing for a customer who declined. There is no other way to get one.
    #[must_use]
    pub fn personalisable(&self) -> Option<Personalisable<'_>> {
        self.personalised.then_some(Personalisable(self))
    }
}

/// The standing of a customer who lets the bank rank by what is personal.
#[derive(Debug, Clone, Copy)]
pub struct Personalisable<'a>(&'a Standing);

impl<'a> Personalisable<'a> {
    /// The standing.
    #[must_use]
    pub fn standing(self) -> &'a Standing {
        self.0
    }
}
