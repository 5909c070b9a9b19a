//! What is true of customers that decides what they may be offered: each fact asked once, of everybody or of one.

use std::collections::{BTreeMap, BTreeSet};

use arrow::array::RecordBatch;
use florin_decisions::{
    offers::{Facts, Offers},
    standing::{Contact, Standing},
    suitability::{Assessment, Tolerance},
};
use florin_domain::{CustomerId, EventTime, Purpose, catalogue::CUSTOMER_ID};
use florin_lake::{Persons, Session};

use super::{
    consent::Consenting,
    eligible::eligible,
    table::{column, moments, texts},
};
use crate::{
    FlowError, House,
    models::{Places, each, ids},
};

/// Of whom facts are asked.
#[derive(Debug, Clone, Copy)]
pub(super) enum Whom {
    /// All customers.
    Everyone,
    /// One.
    One(i64),
}

impl Whom {
    /// A query about customers, of those that are meant.
    fn of(self, sql: &str) -> String {
        match self {
            Self::Everyone => sql.to_owned(),
            Self::One(customer) => format!("SELECT * FROM ({sql}) WHERE {CUSTOMER_ID} = {customer}"),
        }
    }
}

/// A product that a customer has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Held {
    /// Its number among [`Gathered::products`].
    pub(super) product: u32,
    /// Since when, where that is known.
    pub(super) since: Option<EventTime>,
}

/// What was said or done about an offer; its place among the offers, none of one that is no longer there.
type Touch = (Option<u32>, EventTime);

/// Facts, by a customer's place.
pub(super) struct Gathered {
    pub(super) customers: Vec<i64>,
    pub(super) personalised: Vec<bool>,
    /// What can be held, in order.
    pub(super) products: Vec<String>,
    /// Each customer's, rising.
    pub(super) held: Vec<Vec<Held>>,
    purposes: Vec<(Purpose, Vec<bool>)>,
    assessments: Vec<Option<Assessment>>,
    eligible: Vec<(String, Vec<Option<bool>>)>,
    complaints: Vec<u32>,
    contacts: Vec<Vec<Touch>>,
    refusals: Vec<Vec<Touch>>,
    /// Name and group of each offer.
    offers: Vec<(String, String)>,
}

/// What is asked, and where.
pub(super) struct Asking<'a> {
    pub(super) house: &'a House,
    pub(super) session: &'a Session,
    pub(super) persons: &'a Persons,
    pub(super) offers: &'a Offers,
    pub(super) whom: Whom,
    /// Eligibility is asked of offers for these.
    pub(super) purposes: &'a [Purpose],
}

impl Asking<'_> {
    /// Gathers facts of these customers, ascending.
    pub(super) async fn gather(&self, customers: Vec<i64>) -> Result<Gathered, FlowError> {
        let Self { house, session, persons, offers, whom, .. } = *self;
        let places = Places::of(&customers);
        let (rules, count) = (offers.rules(), customers.len());
        let personal = Consenting::of(house, rules.personalisation, persons).await?;
        let mut purposes = Vec::new();
        for purpose in Purpose::ALL.into_iter().filter(|p| offers.all().iter().any(|offer| offer.purposes.contains(p)))
        {
            let consenting = Consenting::of(house, purpose, persons).await?;
            purposes.push((purpose, customers.iter().map(|customer| consenting.may(*customer)).collect()));
        }
        let mut predicates = Vec::new();
        for offer in offers.all().iter().filter(|offer| offer.eligibility.is_some()) {
            if offer.purposes.iter().any(|purpose| self.purposes.contains(purpose)) {
                predicates.push((offer.name.clone(), eligible(session, offer, whom, &places).await?));
            }
        }
        let (products, held) = self.holdings(&places).await?;
        let mut complaints = vec![0; count];
        let open = |batch: &RecordBatch| {
            let at = ids(batch, "the query for complaints")?.into_iter().flatten().filter_map(|id| places.get(id));
            at.for_each(|at| complaints[at] += 1);
            Ok(())
        };
        each(self.fact("complaints", &rules.facts.complaints).await?, open).await?;
        Ok(Gathered {
            personalised: customers.iter().map(|customer| personal.may(*customer)).collect(),
            products,
            held,
            purposes,
            assessments: self.assessments(&places, &rules.facts).await?,
            eligible: predicates,
            complaints,
            contacts: self.touches("contacts", &rules.facts.contacts, &places).await?,
            refusals: self.touches("refusals", &rules.facts.refusals, &places).await?,
            offers: offers.all().iter().map(|offer| (offer.name.clone(), offer.group.clone())).collect(),
            customers,
        })
    }

    async fn fact(&self, name: &str, sql: &str) -> Result<florin_lake::QueryOutput, FlowError> {
        let wrong = |error| FlowError::Offer(format!("the query for {name} of offers/rules.toml: {error}"));
        self.session.sql(&self.whom.of(sql)).await.map_err(wrong)
    }

    async fn assessments(&self, places: &Places, facts: &Facts) -> Result<Vec<Option<Assessment>>, FlowError> {
        let what = "the query for assessments";
        let mut found: Vec<Option<Assessment>> = vec![None; places.count()];
        each(self.fact("assessments", &facts.assessments).await?, |batch| {
            let grades = texts(column(batch, "tolerance", what)?)?;
            let times = moments(column(batch, "made_at", what)?)?;
            for ((id, grade), made_at) in ids(batch, what)?.into_iter().zip(grades.iter()).zip(times) {
                let (Some(at), Some(grade), Some(made_at)) = (id.and_then(|id| places.get(id)), grade, made_at) else {
                    continue;
                };
                let tolerance = Tolerance::ALL.into_iter().find(|known| known.name() == grade);
                let tolerance = tolerance
                    .ok_or_else(|| FlowError::Offer(format!("{what} gives the tolerance `{grade}`; it is C1 to C5")))?;
                // The latest counts; of two of one moment, the more careful.
                let later = |known: Assessment| (made_at, known.tolerance) > (known.made_at, tolerance);
                if found[at].is_none_or(later) {
                    found[at] = Some(Assessment { tolerance, made_at });
                }
            }
            Ok(())
        })
        .await?;
        Ok(found)
    }

    /// Products by name, and who has which.
    async fn holdings(&self, places: &Places) -> Result<(Vec<String>, Vec<Vec<Held>>), FlowError> {
        let what = "the query for holdings";
        let mut numbers: BTreeMap<String, u32> = BTreeMap::new();
        let mut held: Vec<Vec<Held>> = vec![Vec::new(); places.count()];
        each(self.fact("holdings", &self.offers.rules().facts.holdings).await?, |batch| {
            let products = texts(column(batch, "product", what)?)?;
            let since = moments(column(batch, "since", what)?)?;
            for ((id, product), since) in ids(batch, what)?.into_iter().zip(products.iter()).zip(since) {
                let (Some(at), Some(product)) = (id.and_then(|id| places.get(id)), product) else { continue };
                let next = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
                let product = match numbers.get(product) {
                    Some(number) => *number,
                    None => *numbers.entry(product.to_owned()).or_insert(next),
                };
                held[at].push(Held { product, since });
            }
            Ok(())
        })
        .await?;
        // In the order of names, so that the order of rows does not matter.
        let mut place = vec![0; numbers.len()];
        (0u32..).zip(numbers.values()).for_each(|(new, old)| place[*old as usize] = new);
        for of in &mut held {
            of.iter_mut().for_each(|one| one.product = place[one.product as usize]);
            // Of several of one product, since the first.
            of.sort_by_key(|one| (one.product, one.since.is_none(), one.since));
            of.dedup_by_key(|one| one.product);
        }
        Ok((numbers.into_keys().collect(), held))
    }

    /// What was done about offers, by offer or by product.
    async fn touches(&self, name: &str, sql: &str, places: &Places) -> Result<Vec<Vec<Touch>>, FlowError> {
        let what = format!("the query for {name}");
        let mut known: BTreeMap<&str, u32> = BTreeMap::new();
        for (at, offer) in (0u32..).zip(self.offers.all()) {
            known.entry(&offer.product).or_insert(at);
        }
        known.extend(self.offers.all().iter().map(|offer| offer.name.as_str()).zip(0u32..));
        let mut found: Vec<Vec<Touch>> = vec![Vec::new(); places.count()];
        each(self.fact(name, sql).await?, |batch| {
            let of = batch.column_by_name("offer").or_else(|| batch.column_by_name("product"));
            let of = of.ok_or_else(|| FlowError::Offer(format!("{what} gives no column `offer` or `product`")))?;
            let (of, times) = (texts(of)?, moments(column(batch, "ts", &what)?)?);
            for ((id, of), ts) in ids(batch, &what)?.into_iter().zip(of.iter()).zip(times) {
                if let (Some(at), Some(ts)) = (id.and_then(|id| places.get(id)), ts) {
                    found[at].push((of.and_then(|of| known.get(of).copied()), ts));
                }
            }
            Ok(())
        })
        .await?;
        found.iter_mut().for_each(|of| of.sort_unstable());
        Ok(found)
    }
}

impl Gathered {
    /// The standing of the customer at a place.
    pub(super) fn standing(&self, at: usize) -> Standing {
        let customer = CustomerId(u32::try_from(self.customers[at]).unwrap_or_default());
        let eligible = self.eligible.iter().filter_map(|(name, of)| Some((name.clone(), of[at]?)));
        let purposes = self.purposes.iter().filter(|(_, may)| may[at]).map(|(purpose, _)| *purpose);
        Standing {
            customer,
            personalised: self.personalised[at],
            purposes: purposes.collect(),
            assessment: self.assessments[at],
            eligible: eligible.collect(),
            products: self.held_names(at),
            open_complaints: self.complaints[at],
            contacts: self.contacts[at].iter().map(|touch| self.contact(*touch)).collect(),
            refusals: self.refusals[at].iter().map(|touch| self.contact(*touch)).collect(),
        }
    }

    /// The products that the customer at a place has.
    fn held_names(&self, at: usize) -> BTreeSet<String> {
        self.held[at].iter().filter_map(|held| self.products.get(held.product as usize).cloned()).collect()
    }

    /// One with an offer that is no longer there counts among all of them.
    fn contact(&self, (offer, at): Touch) -> Contact {
        let named = offer.and_then(|offer| self.offers.get(offer as usize)).cloned();
        let (offer, group) = named.unwrap_or_default();
        Contact { offer, group, at }
    }
}
