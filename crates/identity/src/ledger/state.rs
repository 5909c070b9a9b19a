//! The state that events make.

use std::collections::{BTreeMap, BTreeSet};

use florin_domain::CustomerId;

use super::{Change, Event, EventId, Signature};
use crate::{
    error::{IdentityError, Result},
    table::{Born, RecordRef},
};

/// Events in their order, and the state they make.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ledger {
    events: Vec<Event>,
    records: BTreeMap<RecordRef, Life>,
    customers: BTreeMap<CustomerId, BTreeSet<RecordRef>>,
    /// Numbers that were ever given out.
    numbers: BTreeSet<CustomerId>,
}

/// Where a record was born and what moved it since.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Life {
    born: CustomerId,
    now: CustomerId,
    moves: Vec<Move>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Move {
    event: EventId,
    from: CustomerId,
    to: CustomerId,
    /// What took it back.
    undone: Option<EventId>,
}

impl Life {
    fn settle(&mut self) {
        self.now = self.whose(|_| true);
    }

    /// Whose it is where only some of the events are known.
    fn whose(&self, known: impl Fn(EventId) -> bool) -> CustomerId {
        let counts = |step: &Move| known(step.event) && !step.undone.is_some_and(&known);
        let moved = |at: CustomerId, step: &Move| if counts(step) && step.from == at { step.to } else { at };
        self.moves.iter().fold(self.born, moved)
    }
}

impl Ledger {
    /// The ledger of those events.
    ///
    /// # Errors
    /// When an event could not have happened then.
    pub fn replay(events: impl IntoIterator<Item = Event>) -> Result<Self> {
        let mut ledger = Self::default();
        for event in events {
            ledger.apply(event)?;
        }
        Ok(ledger)
    }

    /// All events, oldest first.
    #[must_use]
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// Whose a record is now.
    #[must_use]
    pub fn customer(&self, record: RecordRef) -> Option<CustomerId> {
        self.records.get(&record).map(|life| life.now)
    }

    /// The records of a customer, in order. A number that lost all of them has none.
    pub fn records(&self, customer: CustomerId) -> impl Iterator<Item = RecordRef> {
        self.customers.get(&customer).into_iter().flatten().copied()
    }

    /// Every record and whose it is, by record: the table that readers see.
    pub fn table(&self) -> impl Iterator<Item = (RecordRef, CustomerId)> {
        self.records.iter().map(|(record, life)| (*record, life.now))
    }

    /// The same where only some of the events are known: the others are as if they had been taken back.
    pub fn table_where(&self, known: impl Fn(EventId) -> bool) -> impl Iterator<Item = (RecordRef, CustomerId)> {
        self.records.iter().map(move |(record, life)| (*record, life.whose(&known)))
    }

    /// Adds records, each with the customer number it was born with.
    ///
    /// # Errors
    /// When a record is there already, or the number belonged to other records before.
    pub fn add(&mut self, records: Vec<Born>, signature: Signature) -> Result<EventId> {
        self.apply(Event { change: Change::Added { records }, signature })
    }

    /// Makes two customers one. The smaller number survives.
    ///
    /// # Errors
    /// When they are one already or one of them has no records.
    pub fn merge(&mut self, a: CustomerId, b: CustomerId, signature: Signature) -> Result<EventId> {
        let (survivor, absorbed) = (a.min(b), a.max(b));
        let records = self.records(absorbed).collect();
        self.apply(Event { change: Change::Merged { survivor, absorbed, records }, signature })
    }

    /// Parts records from their customer. They get the smallest number that one of them was born with, if nobody has it
    /// now, else `fresh`, a number that was never given out.
    ///
    /// # Errors
    /// When the records are not some but not all of one customer's, or `fresh` is needed and was given out before.
    pub fn split(&mut self, records: &[RecordRef], fresh: CustomerId, signature: Signature) -> Result<EventId> {
        let records: BTreeSet<RecordRef> = records.iter().copied().collect();
        let first = records.first().ok_or_else(|| refused("a split needs records"))?;
        let from = self.customer(*first).ok_or_else(|| unknown(*first))?;
        let own = records.iter().filter_map(|record| self.records.get(record)).map(|life| life.born);
        let own = own.filter(|born| self.records(*born).next().is_none()).min();
        let change = Change::Split { from, into: own.unwrap_or(fresh), records: records.into_iter().collect() };
        self.apply(Event { change, signature })
    }

    /// Takes back a merge or a split, for all of its records (`None`) or for some.
    ///
    /// # Errors
    /// When the event is neither, or did not move those records, or was taken back for them before.
    pub fn undo(&mut self, event: EventId, records: Option<&[RecordRef]>, signature: Signature) -> Result<EventId> {
        let moved = self.moved_by(event)?;
        let records = records.map_or(moved, <[RecordRef]>::to_vec);
        self.apply(Event { change: Change::Undone { event, records }, signature })
    }

    /// Adds an event that was made elsewhere.
    ///
    /// # Errors
    /// When it cannot happen now; nothing is changed then.
    pub fn apply(&mut self, event: Event) -> Result<EventId> {
        let id = EventId(u32::try_from(self.events.len()).map_err(|_| refused("the ledger is full"))?);
        match &event.change {
            Change::Added { records } => self.give_birth(records)?,
            Change::Merged { survivor, absorbed, records } => self.apply_merge(id, *survivor, *absorbed, records)?,
            Change::Split { from, into, records } => self.apply_split(id, *from, *into, records)?,
            Change::Undone { event, records } => self.apply_undo(id, *event, records)?,
        }
        self.events.push(event);
        Ok(id)
    }

    fn give_birth(&mut self, records: &[Born]) -> Result<()> {
        let mut new = BTreeSet::new();
        for Born { record, customer } in records {
            if self.records.contains_key(record) || !new.insert(*record) {
                return Err(IdentityError::Repeated { system: record.system, key: record.key });
            }
            if self.numbers.contains(customer) {
                return Err(refused(format!("customer {customer} was given out before")));
            }
        }
        for Born { record, customer } in records {
            self.records.insert(*record, Life { born: *customer, now: *customer, moves: Vec::new() });
            self.customers.entry(*customer).or_default().insert(*record);
        }
        self.numbers.extend(records.iter().map(|born| born.customer));
        Ok(())
    }

    fn apply_merge(
        &mut self,
        id: EventId,
        survivor: CustomerId,
        absorbed: CustomerId,
        records: &[RecordRef],
    ) -> Result<()> {
        let both_live = self.records(survivor).next().is_some() && !records.is_empty();
        if survivor >= absorbed || !both_live || !self.records(absorbed).eq(records.iter().copied()) {
            return Err(refused(format!(
                "customers {survivor} and {absorbed} are not two customers with these records"
            )));
        }
        self.move_all(id, absorbed, survivor, records);
        Ok(())
    }

    fn apply_split(&mut self, id: EventId, from: CustomerId, into: CustomerId, records: &[RecordRef]) -> Result<()> {
        if let Some(stranger) = records.iter().find(|record| self.customer(**record) != Some(from)) {
            return Err(unknown(*stranger));
        }
        if records.is_empty() || records.len() >= self.records(from).count() || !records.is_sorted_by(|a, b| a < b) {
            return Err(refused(format!("a split takes some records of customer {from}, not all and each once")));
        }
        let own = records.iter().any(|record| self.records[record].born == into) && self.records(into).next().is_none();
        if !own && self.numbers.contains(&into) {
            return Err(refused(format!("customer {into} was given out before")));
        }
        self.numbers.insert(into);
        self.move_all(id, from, into, records);
        Ok(())
    }

    fn apply_undo(&mut self, id: EventId, event: EventId, records: &[RecordRef]) -> Result<()> {
        let open: BTreeSet<RecordRef> = self.moved_by(event)?.into_iter().collect();
        let asked: BTreeSet<RecordRef> = records.iter().copied().collect();
        if asked.is_empty() || asked.len() != records.len() || !asked.is_subset(&open) {
            return Err(refused(format!("event {} did not move these records, or was taken back for them", event.0)));
        }
        for record in records {
            self.change(*record, |life| {
                life.moves.iter_mut().filter(|step| step.event == event).for_each(|step| step.undone = Some(id));
            });
        }
        Ok(())
    }

    /// The records that a merge or a split moved and that it was not taken back for.
    fn moved_by(&self, event: EventId) -> Result<Vec<RecordRef>> {
        let found = self.events.get(event.0 as usize).map(|event| &event.change);
        let (Some(Change::Merged { records, .. }) | Some(Change::Split { records, .. })) = found else {
            return Err(refused(format!("event {} is neither a merge nor a split", event.0)));
        };
        let open = |life: &Life| life.moves.iter().any(|step| step.event == event && step.undone.is_none());
        Ok(records.iter().filter(|record| self.records.get(record).is_some_and(open)).copied().collect())
    }

    fn move_all(&mut self, event: EventId, from: CustomerId, to: CustomerId, records: &[RecordRef]) {
        for record in records {
            self.change(*record, |life| life.moves.push(Move { event, from, to, undone: None }));
        }
    }

    /// Changes the moves of a record and puts it with the customer that they lead to.
    fn change(&mut self, record: RecordRef, change: impl FnOnce(&mut Life)) {
        let Some(life) = self.records.get_mut(&record) else { return };
        let before = life.now;
        change(life);
        life.settle();
        let now = life.now;
        if let Some(records) = self.customers.get_mut(&before) {
            records.remove(&record);
        }
        self.customers.entry(now).or_default().insert(record);
    }
}

fn refused(why: impl Into<String>) -> IdentityError {
    IdentityError::Ledger(why.into())
}

fn unknown(record: RecordRef) -> IdentityError {
    refused(format!(
        "the record {} of system number {} is not there, or not this customer's",
        record.key, record.system
    ))
}
