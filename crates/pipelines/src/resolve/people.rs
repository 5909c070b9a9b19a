//! One person: who of the systems' customers it is, and why; merging, splitting and taking back by hand.

use std::time::Duration;

use florin_domain::{CustomerId, EventTime, Purpose};
use florin_governance::{
    Action, Resource,
    audit::{Entry, EventKind},
};
use florin_identity::{
    RecordRef,
    ledger::{Change, Event, Signature},
};
use serde::Serialize;

use super::history::{Because, History, Past, give_number, internal};
use crate::{FlowError, House, turns::WholeTurn};

/// A person, as `florin identity show` tells.
#[derive(Debug, Clone, Serialize)]
pub struct PersonView {
    /// The person's number.
    pub person: u32,
    /// The systems' customers who are that person.
    pub members: Vec<Member>,
    /// What was merged and split, and what was taken back.
    pub events: Vec<Merged>,
}

/// A customer of a system.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Member {
    /// Its number before any merge.
    pub customer: u32,
    /// Who knows it.
    pub system: String,
}

/// Something that happened to a person.
#[derive(Debug, Clone, Serialize)]
pub struct Merged {
    /// Its number, by which it can be taken back.
    pub event: usize,
    /// `merged`, `split` or `undone`.
    pub what: &'static str,
    /// The customers that it moved.
    pub customers: Vec<u32>,
    /// Who did it.
    pub by: String,
    /// When.
    pub at: EventTime,
    /// In their words.
    pub reason: String,
    /// What was compared.
    pub because: Option<Because>,
}

/// Shows a person: any of their customers' numbers will do.
///
/// # Errors
/// When the policies do not permit it, or there is no such customer.
pub async fn show(house: &House, customer: CustomerId) -> Result<PersonView, FlowError> {
    house.permit(Purpose::Service, Action::Resolve, Resource::Bank).await?;
    let history = History::read(house).await?;
    let person = person_of(&history, customer)?;
    let members = history.ledger.records(person).filter_map(|record| {
        let customer = history.births.get(&record)?.0;
        Some(Member { customer, system: history.systems.get(usize::from(record.system))?.clone() })
    });
    let mut members: Vec<Member> = members.collect();
    members.sort_by_key(|member| member.customer);
    let about = |merged: &Merged| merged.customers.iter().any(|c| members.iter().any(|m| m.customer == *c));
    let events = history.past.iter().enumerate().map(|(number, past)| told(&history, number, past));
    let events = events.filter(about).collect();
    Ok(PersonView { person: person.0, members, events })
}

/// Merges two persons.
///
/// # Errors
/// When the policies do not permit it, no reason is given, or they are not two persons.
pub async fn merge(house: &House, a: CustomerId, b: CustomerId, reason: &str) -> Result<(), FlowError> {
    let (_lock, mut history) = begin(house, reason).await?;
    let (a, b) = (person_of(&history, a)?, person_of(&history, b)?);
    history.ledger.merge(a, b, signature(house, reason)).map_err(|e| refused(&e))?;
    end(house, &history, "merge", &[a.0, b.0]).await
}

/// Splits customers off the person that they are taken for. Says the number of the new person.
///
/// # Errors
/// When the policies do not permit it, no reason is given, or they are not some of one person's customers.
pub async fn split(house: &House, customers: &[CustomerId], reason: &str) -> Result<u32, FlowError> {
    let (_lock, mut history) = begin(house, reason).await?;
    let records = records_of(&history, customers)?;
    let fresh = CustomerId(history.last.checked_add(1).ok_or_else(|| internal(&"no number is free"))?);
    let event = history.ledger.split(&records, fresh, signature(house, reason)).map_err(|e| refused(&e))?;
    let into = match history.ledger.events().get(event.0 as usize).map(|e| &e.change) {
        Some(Change::Split { into, .. }) => *into,
        _ => return Err(internal(&"a split is no split")),
    };
    if into == fresh {
        give_number(house, fresh).await?;
    }
    end(house, &history, "split", &customers.iter().map(|c| c.0).collect::<Vec<_>>()).await?;
    Ok(into.0)
}

/// Takes back a merge or a split, wholly or for some customers.
///
/// # Errors
/// When the policies do not permit it, no reason is given, or it did not move these customers.
pub async fn undo(house: &House, event: usize, customers: &[CustomerId], reason: &str) -> Result<(), FlowError> {
    let (_lock, mut history) = begin(house, reason).await?;
    let records = records_of(&history, customers)?;
    let only = (!records.is_empty()).then_some(records.as_slice());
    let id = history.event_id(event).ok_or_else(|| no_such_event(event, &history))?;
    history.ledger.undo(id, only, signature(house, reason)).map_err(|e| refused(&e))?;
    end(house, &history, "undo", &customers.iter().map(|c| c.0).collect::<Vec<_>>()).await
}

/// How long somebody who merges, splits or takes back waits for a load of the same process.
const PERSON_WAITS_MAX: Duration = Duration::from_secs(10);

/// Not beside loads: they give customers numbers, as a split may.
async fn begin(house: &House, reason: &str) -> Result<(WholeTurn, History), FlowError> {
    house.permit(Purpose::Service, Action::Resolve, Resource::Bank).await?;
    if reason.trim().is_empty() {
        return Err(FlowError::Identity("say why: others will read it".to_owned()));
    }
    let lock = tokio::time::timeout(PERSON_WAITS_MAX, crate::turns::whole(house)).await;
    let lock = lock.map_err(|_| FlowError::Busy { by: house.around.process.clone() })??;
    Ok((lock, History::read(house).await?))
}

async fn end(house: &House, history: &History, done: &str, customers: &[u32]) -> Result<(), FlowError> {
    history.keep(house, Vec::new()).await?;
    let entry = Entry::new(house.now(), &house.who, Some(Purpose::Service), EventKind::Identity)
        .with("done", done)
        .with("customers", customers.iter().map(u32::to_string).collect::<Vec<_>>().join(" "));
    house.record(&entry).await
}

fn records_of(history: &History, customers: &[CustomerId]) -> Result<Vec<RecordRef>, FlowError> {
    let record = |customer: &CustomerId| history.record_of(customer.0).ok_or_else(|| unknown(*customer));
    customers.iter().map(record).collect()
}

fn signature(house: &House, reason: &str) -> Signature {
    Signature { actor: house.who.user.clone(), by_person: true, reason: reason.to_owned(), at: house.now() }
}

fn person_of(history: &History, customer: CustomerId) -> Result<CustomerId, FlowError> {
    if history.ledger.records(customer).next().is_some() {
        return Ok(customer);
    }
    let record = history.record_of(customer.0).ok_or_else(|| unknown(customer))?;
    history.ledger.customer(record).ok_or_else(|| unknown(customer))
}

fn told(history: &History, number: usize, past: &Past) -> Merged {
    let Event { change, signature } = &past.event;
    let (what, records) = match change {
        Change::Added { records } => ("added", records.iter().map(|born| born.record).collect()),
        Change::Merged { records, .. } => ("merged", records.clone()),
        Change::Split { records, .. } => ("split", records.clone()),
        Change::Undone { records, .. } => ("undone", records.clone()),
    };
    Merged {
        event: number,
        what,
        customers: records.iter().filter_map(|record| history.births.get(record)).map(|c| c.0).collect(),
        by: signature.actor.clone(),
        at: signature.at,
        reason: signature.reason.clone(),
        because: past.because.clone(),
    }
}

fn unknown(customer: CustomerId) -> FlowError {
    let known = "those that sources loaded into `customer`, by `customer_id`".to_owned();
    FlowError::Unknown { what: "customer", name: customer.to_string(), known }
}

fn no_such_event(event: usize, history: &History) -> FlowError {
    let known = match history.past.len() {
        0 => "none, nothing was merged yet".to_owned(),
        count => format!("0 to {}; `florin identity show` lists a person's", count - 1),
    };
    FlowError::Unknown { what: "event", name: event.to_string(), known }
}

fn refused(error: &florin_identity::IdentityError) -> FlowError {
    FlowError::Identity(error.to_string())
}
