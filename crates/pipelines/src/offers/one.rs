//! `florin recommend --customer`: one customer's offers with their reasons, and what is withheld with all that speaks against it.
//!
//! Whoever asks sees it in a session of their own: what they may not see says nothing, and an offer whose conditions cannot be told is withheld.

use florin_decisions::{
    offers::Offers,
    ranking::{Asked, Ranking},
    standing::Standing,
    vetoes::Veto,
};
use florin_domain::{CustomerId, EventTime, Purpose};
use florin_governance::audit::{Entry, EventKind};
use serde::Serialize;

use super::{
    consent::Consenting,
    due::traits_of,
    facts::{self, Whom},
    kept::kept,
    learn::AlikeNow,
    offered_for,
    products::offers_now,
    rank::Ranks,
    scored::Scored,
};
use crate::{FlowError, House, ask, bank::recommendation_table};

/// One customer's offers.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ForOne {
    /// For which purpose.
    pub purpose: Purpose,
    /// As of when.
    pub as_of: EventTime,
    /// Offers to be made, withheld and left out.
    #[serde(flatten)]
    pub ranking: Ranking,
    /// What could not be taken into account, and why.
    pub notes: Vec<String>,
}

/// Ranks offers for a customer, for a purpose, as of a time (now, when none is given).
///
/// # Errors
/// When no offer is for the purpose, the policies do not let the user see recommendations, there is no such customer, or something cannot be read.
pub async fn recommend_to(
    house: &House,
    customer: CustomerId,
    purpose: Purpose,
    as_of: Option<EventTime>,
    at_most: usize,
) -> Result<ForOne, FlowError> {
    offered_for(house, purpose)?;
    let asking = house.asking(purpose, as_of).await?;
    may_see(&asking, purpose).await?;
    let customer = CustomerId(asking.persons().known_as(customer.0));
    let entry = Entry::new(house.now(), house.who(), Some(purpose), EventKind::Query)
        .with("recommendations", purpose.name())
        .with("customer", customer.0);
    house.record(&entry).await?;
    let asked = Asked { purpose, as_of: as_of.unwrap_or_else(|| house.now()), at_most };
    let offers = offers_now(house, asking.session()).await?;
    if !Consenting::of(house, purpose, asking.persons()).await?.may(i64::from(customer.0)) {
        return Ok(ForOne {
            purpose,
            as_of: asked.as_of,
            ranking: not_for(&offers, customer, &asked)?,
            notes: Vec::new(),
        });
    }
    there(&asking, customer).await?;
    let mut notes = Vec::new();
    let traits = traits_of(&offers);
    asking.with_traits(traits.iter().map(String::as_str)).await?;
    let whom = i64::from(customer.0);
    let facts = facts::Asking {
        house,
        session: asking.session(),
        persons: asking.persons(),
        offers: &offers,
        whom: Whom::One(whom),
        purposes: &[purpose],
    };
    let gathered = facts.gather(vec![whom]).await?;
    let alike = alike(house, purpose, &mut notes).await?;
    let seen = |table: &str| asking.grant().table(table).is_some_and(|granted| !granted.is_masked("score"));
    let scored = Scored::of(asking.session(), &offers, &gathered.customers, &seen).await?;
    let ranking = Ranks::new(&offers, &alike)?.of(&gathered, 0, (&scored, 0), &asked)?;
    Ok(ForOne { purpose, as_of: asked.as_of, ranking, notes })
}

/// What is recommended says as much as what it follows from: who may not see the one is not shown the other.
async fn may_see(asking: &ask::Asking<'_>, purpose: Purpose) -> Result<(), FlowError> {
    let table = recommendation_table(purpose);
    match asking.grant().table(&table) {
        None => Err(asking.house().record_refusal(asking.grant().refuse_table(&table)).await),
        Some(granted) if granted.is_masked("reasons") => {
            let who = &asking.house().who().user;
            Err(FlowError::Offer(format!("`{who}` may not see for {purpose} what recommendations follow from")))
        }
        Some(_) => Ok(()),
    }
}

async fn there(asking: &ask::Asking<'_>, customer: CustomerId) -> Result<(), FlowError> {
    let sql = format!("SELECT customer_id FROM customer WHERE customer_id = {customer} LIMIT 1");
    let found = asking.session().sql(&sql).await?.collect().await?;
    if found.iter().any(|batch| batch.num_rows() > 0) {
        return Ok(());
    }
    let known = "none that may be seen for this purpose".to_owned();
    Err(FlowError::Unknown { what: "customer", name: customer.to_string(), known })
}

/// Who may not be used for the purpose is offered nothing, and nothing else of them is looked at.
fn not_for(offers: &Offers, customer: CustomerId, asked: &Asked) -> Result<Ranking, FlowError> {
    let nobody = AlikeNow { model: None, learnt: None };
    let mut ranking = Ranks::new(offers, &nobody)?.withheld(&Standing::unknown(customer), asked)?;
    let of_consent = |veto: &Veto| matches!(veto, Veto::NotForPurpose(_) | Veto::NoConsent(_));
    ranking.withheld.iter_mut().for_each(|withheld| withheld.vetoes.retain(|(veto, _)| of_consent(veto)));
    Ok(ranking)
}

/// What alike customers hold, as it was learnt when recommendations were last made for everybody.
async fn alike(house: &House, purpose: Purpose, notes: &mut Vec<String>) -> Result<AlikeNow, FlowError> {
    match kept(house, purpose).await?.and_then(|kept| kept.learnt) {
        Some(learnt) => AlikeNow::kept(house, &learnt),
        None => {
            notes.push("what alike customers hold is not learnt yet: `florin recommend` does it".to_owned());
            Ok(AlikeNow { model: None, learnt: None })
        }
    }
}
