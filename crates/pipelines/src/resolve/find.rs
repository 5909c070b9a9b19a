//! Whose is a new record? The customers of all systems, ready to be compared with one at a time.

use florin_domain::Purpose;
use florin_governance::{
    Action, Grant, Resource,
    audit::{Entry, EventKind},
};
use florin_identity::{explain::Waterfall, index::Index, model::KeptModel, train};
use serde::Serialize;

use super::{
    gather,
    history::{History, internal},
    run::settings,
};
use crate::{FlowError, House, load::Progress};

/// The number of no system: a new record is in none yet.
const NO_SYSTEM: u16 = u16::MAX;

/// All customers in memory, by what they are found by. It knows those that were loaded when it was opened.
pub struct Finder<'a> {
    house: &'a House,
    index: Index,
    history: History,
}

/// Somebody whom a new record may be of.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Candidate {
    /// The person.
    pub person: u32,
    /// Their customer whose record is the likest.
    pub customer: u32,
    /// The system that knows it.
    pub system: String,
    /// That it is one person, 0 to 1.
    pub probability: f64,
    /// Why; only of the first few.
    pub because: Option<Waterfall>,
}

impl<'a> Finder<'a> {
    /// Reads all customers. They are compared as by the last `florin resolve`; where there was none, or customers have become
    /// many more since, that is estimated anew.
    ///
    /// # Errors
    /// When the policies do not permit it, nothing is known of any customer, or the store or the lake fails.
    pub async fn open(house: &'a House, progress: &dyn Progress) -> Result<Self, FlowError> {
        let permit = house.permit(Purpose::Service, Action::Resolve, Resource::Bank).await?;
        let grant = Grant::for_resolving(&permit, &house.bank.catalogue)?;
        house.record_grant(&grant).await?;
        progress.begin("reading customers", "steps", None);
        let history = History::read(house).await?;
        let records = gather::records(house, &grant, &history).await?;
        let settings = settings(&records, &house.bank.settings.identity, &history.systems)?;
        if settings.comparisons.is_empty() {
            return Err(FlowError::Identity("no source says anything that customers are found by".to_owned()));
        }
        let kept = house.store.identity_model().await?;
        let kept = kept.and_then(|content| serde_json::from_str::<KeptModel>(&content).ok());
        let indexed = tokio::task::spawn_blocking(move || {
            let kept = kept.as_ref().and_then(|kept| kept.for_run(&settings, &records).ok().cloned());
            let model = match kept {
                Some(model) => model,
                None => train(&records, &settings)?.model,
            };
            Index::new(records, settings, &model)
        });
        let index = indexed.await.map_err(|e| internal(&e))?.map_err(|e| internal(&e))?;
        progress.end();
        Ok(Self { house, index, history })
    }

    /// Whom a record is of, the likeliest first, each person once. `values` are pairs of a kind (`name`, `phone`, …) and a
    /// value. On record are the persons that are found, not the values.
    ///
    /// # Errors
    /// When a kind is none that customers are found by, or the audit log cannot be written.
    pub async fn find(&self, values: &[(String, String)]) -> Result<Vec<Candidate>, FlowError> {
        let candidates = self.candidates(values)?;
        let persons: Vec<String> = candidates.iter().map(|found| found.person.to_string()).collect();
        let entry = Entry::new(self.house.now(), self.house.who(), Some(Purpose::Service), EventKind::Identity)
            .with("done", "find")
            .with("persons", persons.join(", "));
        self.house.record(&entry).await?;
        Ok(candidates)
    }

    fn candidates(&self, values: &[(String, String)]) -> Result<Vec<Candidate>, FlowError> {
        let fields = self.index.records().fields();
        let mut probe: Vec<Option<&str>> = vec![None; fields.len()];
        for (kind, value) in values {
            let known = || fields.iter().map(|f| f.name.as_str()).collect::<Vec<_>>().join(", ");
            let place = gather::place(fields, kind);
            let place =
                place.ok_or_else(|| FlowError::Unknown { what: "field", name: kind.clone(), known: known() })?;
            probe[place] = Some(value);
        }
        let found = self.index.find(NO_SYSTEM, &probe).map_err(|e| internal(&e))?;
        let mut candidates: Vec<Candidate> = Vec::new();
        for matched in found.matches {
            let (Some(customer), Some(person)) =
                (self.history.births.get(&matched.record), self.history.ledger.customer(matched.record))
            else {
                continue;
            };
            if candidates.iter().any(|known| known.person == person.0) {
                continue;
            }
            let system = self.history.systems.get(usize::from(matched.record.system));
            candidates.push(Candidate {
                person: person.0,
                customer: customer.0,
                system: system.cloned().unwrap_or_default(),
                probability: matched.probability,
                because: matched.waterfall,
            });
        }
        Ok(candidates)
    }

    /// How many customers it knows.
    #[must_use]
    pub fn customers(&self) -> usize {
        self.index.records().len()
    }
}
