//! The events of identity, as the store keeps them, and the persons that they make.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use florin_domain::{CustomerId, EventTime};
use florin_identity::{
    RecordRef,
    explain::Waterfall,
    ledger::{Event, EventId, Ledger, Signature},
    table::Born,
};
use florin_lake::Persons;
use florin_store::{IdentityEvent, Store};
use serde::{Deserialize, Serialize};

use crate::{FlowError, House};

/// The system of numbers that were given to what a split left without one.
const SPLIT_SYSTEM: &str = "(split)";

/// Why two customers were taken for one: what was compared, without the values.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Because {
    /// One of the two customers, by the number of birth.
    pub left: u32,
    /// The other.
    pub right: u32,
    /// From the prior to the probability.
    pub waterfall: Waterfall,
}

/// One event as it is kept.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Past {
    /// What happened.
    pub(super) event: Event,
    /// The link that it rests on, for what was found by comparison.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) because: Option<Because>,
    /// Since when it counts as known, where that is before it was found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) known_since: Option<EventTime>,
}

/// What is kept of an event beside itself.
#[derive(Debug, Clone, Default)]
pub(super) struct Beside {
    pub(super) because: Option<Because>,
    pub(super) known_since: Option<EventTime>,
}

/// All that is known of who is who.
pub(super) struct History {
    pub(super) ledger: Ledger,
    /// What is in the store.
    pub(super) past: Vec<Past>,
    /// Names of the systems, by number.
    pub(super) systems: Vec<String>,
    pub(super) births: BTreeMap<RecordRef, CustomerId>,
    /// The largest number of a customer.
    pub(super) last: u32,
}

impl History {
    /// Everything, from the store.
    pub(super) async fn read(house: &House) -> Result<Self, FlowError> {
        let customers = house.store.all_customers().await?;
        let last = customers.last().map_or(0, |(customer, ..)| customer.0);
        let (mut systems, mut births) = (Vec::new(), BTreeMap::new());
        // By number: a system keeps its place when others come later.
        for (customer, system, key) in customers.into_iter().filter(|(_, system, _)| system != SPLIT_SYSTEM) {
            let place = systems.iter().position(|s| *s == system).unwrap_or_else(|| {
                systems.push(system);
                systems.len() - 1
            });
            let system = u16::try_from(place).map_err(|_| internal(&"too many systems"))?;
            births.insert(RecordRef { system, key: key.cast_unsigned() }, customer);
        }
        let past = house.store.identity_events().await?;
        let past: Vec<Past> = past.iter().map(kept).collect::<Result<_, _>>()?;
        let mut ledger = Ledger::default();
        let born = births.iter().map(|(&record, &customer)| Born { record, customer }).collect();
        ledger.add(born, birth()).map_err(|e| internal(&e))?;
        for event in &past {
            ledger.apply(event.event.clone()).map_err(|e| internal(&e))?;
        }
        Ok(Self { ledger, past, systems, births, last })
    }

    /// Customers and the persons whom they are, where those are somebody other than themselves.
    fn pairs(&self) -> impl Iterator<Item = (CustomerId, CustomerId)> {
        self.others_than_themselves(self.ledger.table())
    }

    /// The same as of a time: an event that was not known then is as if it had not happened.
    fn pairs_as_of(&self, time: EventTime) -> impl Iterator<Item = (CustomerId, CustomerId)> {
        let known = move |event: EventId| {
            // Births come first, and are always known.
            let past = (event.0 as usize).checked_sub(1).and_then(|place| self.past.get(place));
            past.is_none_or(|past| past.known_since.unwrap_or(past.event.signature.at) <= time)
        };
        self.others_than_themselves(self.ledger.table_where(known))
    }

    fn others_than_themselves(
        &self,
        table: impl Iterator<Item = (RecordRef, CustomerId)>,
    ) -> impl Iterator<Item = (CustomerId, CustomerId)> {
        let pair = |(record, person): (RecordRef, CustomerId)| Some((*self.births.get(&record)?, person));
        table.filter_map(pair).filter(|(customer, person)| customer != person)
    }

    /// The record that was born with a customer's number.
    pub(super) fn record_of(&self, customer: u32) -> Option<RecordRef> {
        self.births.iter().find(|(_, born)| born.0 == customer).map(|(record, _)| *record)
    }

    /// The place of a kept event in the ledger, where births come first; `None` when there is no such event.
    pub(super) fn event_id(&self, kept: usize) -> Option<EventId> {
        let place = u32::try_from(kept).ok()?.checked_add(1)?;
        (kept < self.past.len()).then_some(EventId(place))
    }

    /// Keeps what was added to the ledger since it was read, with what is to be kept beside each.
    pub(super) async fn keep(&self, house: &House, beside: Vec<Beside>) -> Result<(), FlowError> {
        let new = self.ledger.events().iter().skip(1 + self.past.len());
        let kept = |(event, beside): (&Event, Beside)| {
            let Beside { because, known_since } = beside;
            let past = Past { event: event.clone(), because, known_since };
            let content = serde_json::to_string(&past).map_err(|e| FlowError::Internal(e.to_string()))?;
            Ok(IdentityEvent { at: past.event.signature.at, content })
        };
        let beside = beside.into_iter().chain(std::iter::repeat_with(Beside::default));
        let events = new.zip(beside).map(kept).collect::<Result<Vec<_>, FlowError>>()?;
        Ok(house.store.add_identity_events(self.past.len(), events, self.pairs().collect()).await?)
    }
}

fn kept(event: &IdentityEvent) -> Result<Past, FlowError> {
    serde_json::from_str(&event.content).map_err(|e| internal(&e))
}

/// Who is one with whom, as of a time.
pub(crate) async fn persons(house: &House, as_of: Option<EventTime>) -> Result<Arc<Persons>, FlowError> {
    let Known { latest, persons, .. } = house.known_persons.now(&house.store).await?;
    match as_of {
        Some(time) if latest.is_some_and(|latest| latest > time) => {
            Ok(Arc::new(of_pairs(History::read(house).await?.pairs_as_of(time))))
        }
        _ => Ok(persons),
    }
}

/// Who is one with whom, as it was last read: a session asks each time, and it changes seldom.
#[derive(Default)]
pub(crate) struct KnownPersons(Mutex<Known>);

#[derive(Default, Clone)]
struct Known {
    revision: i64,
    /// When the latest event was.
    latest: Option<EventTime>,
    persons: Arc<Persons>,
}

impl KnownPersons {
    async fn now(&self, store: &Store) -> Result<Known, FlowError> {
        // Asked first: what is read afterwards is at least as new.
        let revision = store.identity_revision().await?;
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if known.revision == revision {
            return Ok(known);
        }
        let (latest, pairs) = store.persons().await?.map_or((None, Vec::new()), |(at, pairs)| (Some(at), pairs));
        let known = Known { revision, latest, persons: Arc::new(of_pairs(pairs)) };
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = known.clone();
        Ok(known)
    }
}

fn of_pairs(pairs: impl IntoIterator<Item = (CustomerId, CustomerId)>) -> Persons {
    Persons::new(pairs.into_iter().map(|(customer, person)| (customer.0, person.0)))
}

pub(super) async fn give_number(house: &House, customer: CustomerId) -> Result<(), FlowError> {
    let new = florin_store::NewCustomer { system: SPLIT_SYSTEM.to_owned(), key: i64::from(customer.0), customer };
    let extras = florin_store::Extras { customers: vec![new], ..florin_store::Extras::default() };
    Ok(house.store.prepare_batches(&[], extras).await?)
}

fn birth() -> Signature {
    Signature { actor: "florin".to_owned(), by_person: false, reason: "as loaded".to_owned(), at: EventTime(0) }
}

pub(super) fn internal(error: &dyn ToString) -> FlowError {
    FlowError::Internal(error.to_string())
}
