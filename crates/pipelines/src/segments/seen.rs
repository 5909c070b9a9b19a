//! Who belongs, as a session may know it: for a purpose that the segment is for, as of a time, persons in the place of
//! customers, those who withdrew left out, and nothing to those who may not read what it says something of.

use std::{collections::BTreeMap, sync::Arc};

use arrow::{
    array::{ArrayRef, Int64Array, RecordBatch, UInt32Array},
    datatypes::{DataType, Field, Schema},
};
use async_trait::async_trait;
use florin_domain::{Catalogue, DataClass, EventTime, Purpose};
use florin_features::{
    Segments, Traits,
    definition::Meaning,
    segments::{Membership as Meant, Segment, history::History},
};
use florin_governance::{ConsentFilter, Grant, Refusal};
use florin_lake::{Consented, Made, MadeError, Persons};
use florin_store::{Erasures, Membership, Store};
use roaring::RoaringBitmap;
use tokio::sync::Mutex;

use super::{
    content::{Content, Saved},
    inputs::needs,
};
use crate::{FlowError, House};

/// The schema of a session in which segments are tables.
pub const SCHEMA: &str = "segments";

/// What a session may know of segments.
pub(crate) struct Seen {
    pub(crate) store: Store,
    pub(crate) segments: Arc<Segments>,
    pub(crate) traits: Traits,
    pub(crate) catalogue: Arc<Catalogue>,
    pub(crate) grant: Grant,
    pub(crate) consented: Consented,
    pub(crate) persons: Arc<Persons>,
    /// Numbers that were saved, by name.
    saved: BTreeMap<String, Saved>,
    /// What was erased before anything was read.
    pub(crate) erasures: Erasures,
    /// What was read: in one session a segment does not change.
    read: Mutex<BTreeMap<String, Arc<Members>>>,
}

/// Who belongs, as a session sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct Members {
    /// Persons.
    pub all: RoaringBitmap,
    /// Of a clustering: the members of each cluster.
    pub clusters: Option<Vec<RoaringBitmap>>,
    /// How many belong in all, before consent.
    pub decided: u64,
    /// The time for which it was decided.
    pub as_of: EventTime,
}

impl Seen {
    pub(crate) async fn open(
        house: &House,
        grant: &Grant,
        consented: &Consented,
        persons: &Arc<Persons>,
    ) -> Result<Self, FlowError> {
        let erasures = house.store.membership_erasures().await?;
        let mut saved = BTreeMap::new();
        for (name, of) in house.store.saved_memberships().await? {
            saved.insert(name, Saved::read(&of)?);
        }
        Ok(Self {
            store: house.store.clone(),
            segments: Arc::clone(&house.bank.segments),
            traits: house.bank.traits.clone(),
            catalogue: Arc::clone(&house.bank.catalogue),
            grant: grant.clone(),
            consented: consented.clone(),
            persons: Arc::clone(persons),
            saved,
            erasures,
            read: Mutex::default(),
        })
    }

    /// Whether the session may know who belongs.
    ///
    /// # Errors
    /// A refusal in words, or that there is no such segment.
    pub(crate) fn may_know(&self, name: &str) -> Result<(), FlowError> {
        let (purposes, needs) = self.rules(name).ok_or_else(|| self.unknown(name))?;
        self.may_draft(name, &purposes, &needs)
    }

    /// Whether the session may know who is in a segment for these purposes that says something of these classes.
    pub(crate) fn may_draft(
        &self,
        name: &str,
        purposes: &[Purpose],
        needs: &BTreeMap<String, DataClass>,
    ) -> Result<(), FlowError> {
        if !purposes.contains(&self.grant.purpose()) {
            return Err(FlowError::Refused(Refusal::segment_for_others(&self.grant, name, purposes)));
        }
        let hidden = |(table, class): &(&String, &DataClass)| {
            self.grant.table(table).is_none_or(|granted| granted.class_max() < **class)
        };
        match needs.iter().find(hidden) {
            Some((table, class)) => Err(FlowError::Refused(Refusal::segment_says(&self.grant, name, table, *class))),
            None => Ok(()),
        }
    }

    /// What the segments tell that a question names, but for one.
    pub(crate) fn needs_of_all_in(&self, sql: &str, but: &str) -> Vec<(String, DataClass)> {
        let known = self.known();
        let named =
            known.iter().filter(|name| name.as_str() != but && sql.contains(SCHEMA) && sql.contains(name.as_str()));
        named.filter_map(|name| self.rules(name)).flat_map(|(_, needs)| needs).collect()
    }

    fn unknown(&self, name: &str) -> FlowError {
        let known = self.known().join(", ");
        FlowError::Unknown { what: "segment", name: name.to_owned(), known }
    }

    fn known(&self) -> Vec<String> {
        let defined = self.segments.in_order().map(|segment| segment.name.clone());
        let mut known: Vec<String> = defined.chain(self.saved.keys().cloned()).collect();
        known.sort();
        known.dedup();
        known
    }

    fn rules(&self, name: &str) -> Option<(Vec<Purpose>, BTreeMap<String, DataClass>)> {
        match self.segments.get(name) {
            Some(segment) => {
                let needs = needs(segment, &self.segments, &self.traits, &self.catalogue);
                Some((segment.purposes.clone(), needs))
            }
            None => self.saved.get(name).map(|saved| (vec![saved.purpose], saved.needs.clone())),
        }
    }

    /// What a segment says of its members; `None` when there is none of that name any more.
    pub(crate) fn meaning(&self, name: &str) -> Option<&Meaning> {
        let defined = self.segments.get(name).map(|segment| &segment.meaning);
        defined.or_else(|| self.saved.get(name).map(|saved| &saved.meaning))
    }

    /// Who belongs.
    ///
    /// # Errors
    /// Those of [`Self::may_know`]; that it was never decided; those of the store.
    pub(crate) async fn members(&self, name: &str) -> Result<Arc<Members>, FlowError> {
        self.may_know(name)?;
        if let Some(known) = self.read.lock().await.get(name) {
            return Ok(Arc::clone(known));
        }
        let kept = self.store.membership(name).await?;
        let members = Arc::new(self.of(&kept.ok_or_else(|| super::never_decided(name))?.membership)?);
        Ok(Arc::clone(self.read.lock().await.entry(name.to_owned()).or_insert(members)))
    }

    /// The segments that hold a person, of those that the session may know, by name.
    ///
    /// # Errors
    /// Those of the store.
    pub(crate) async fn holding(&self, person: u32) -> Result<Vec<String>, FlowError> {
        if self.grant.as_of().is_some() {
            return self.held_then(person).await;
        }
        if self.consenting(&RoaringBitmap::from([person])).is_empty() {
            return Ok(Vec::new());
        }
        let mut born = self.persons.members(person);
        born.push(person);
        born.retain(|&customer| self.persons.known_as(customer) == person);
        let mut holding = self.store.segments_holding(&born).await?;
        holding.retain(|name| self.may_know(name).is_ok());
        Ok(holding)
    }

    /// As [`Self::holding`], in a session of the past: who belonged then is told by whole histories.
    async fn held_then(&self, person: u32) -> Result<Vec<String>, FlowError> {
        let mut holding = Vec::new();
        for line in self.store.memberships().await? {
            if self.may_know(&line.segment).is_ok() && self.members(&line.segment).await?.all.contains(person) {
                holding.push(line.segment);
            }
        }
        Ok(holding)
    }

    /// Who belongs of a membership, as the session sees it.
    pub(crate) fn of(&self, membership: &Membership) -> Result<Members, FlowError> {
        let content = Content::of(membership)?;
        let (born, as_of) = match self.grant.as_of() {
            Some(as_of) => {
                let history = History::from_bytes(&membership.history)?;
                (history.at(as_of), content.latest().min(as_of))
            }
            None => (membership.members.clone(), content.latest()),
        };
        let persons = self.of_persons(&born);
        let clusters = membership.clusters.as_deref();
        let clusters =
            clusters.map(|sets| sets.iter().map(|set| self.consenting(&self.of_persons(&(set & &born)))).collect());
        Ok(Members { decided: persons.len(), all: self.consenting(&persons), clusters, as_of })
    }

    /// The persons whom customers are.
    pub(crate) fn of_persons(&self, customers: &RoaringBitmap) -> RoaringBitmap {
        match self.persons.is_empty() {
            true => customers.clone(),
            false => customers.iter().map(|customer| self.persons.known_as(customer)).collect(),
        }
    }

    /// Those of them whom the purpose may see.
    pub(crate) fn consenting(&self, persons: &RoaringBitmap) -> RoaringBitmap {
        match self.grant.consent() {
            ConsentFilter::Everyone => persons.clone(),
            ConsentFilter::AllBut => persons - &self.consented.withdrawn,
            ConsentFilter::Only => persons & &self.consented.given,
        }
    }
}

/// Whether sessions under a grant may know who belongs to a defined segment: it is for their purpose, and they may read what it says
/// something of.
pub(crate) fn may_be_known(house: &House, segment: &Segment, grant: &Grant) -> bool {
    let needs = needs(segment, &house.bank.segments, &house.bank.traits, &house.bank.catalogue);
    let shown =
        |(table, class): (&String, &DataClass)| grant.table(table).is_some_and(|granted| granted.class_max() >= *class);
    segment.purposes.contains(&grant.purpose()) && needs.iter().all(shown)
}

/// Whether a segment is one of several that a clustering made.
pub(crate) fn is_clustering(segment: &Segment) -> bool {
    matches!(segment.membership, Meant::Clusters(_))
}

#[async_trait]
impl Made for Seen {
    fn names(&self) -> Vec<String> {
        self.known().into_iter().filter(|name| self.may_know(name).is_ok()).collect()
    }

    async fn table(&self, name: &str) -> Result<Option<RecordBatch>, MadeError> {
        if self.rules(name).is_none() {
            return Ok(None);
        }
        match self.members(name).await {
            Ok(members) => Ok(Some(rows(&members, self.is_clustering(name))?)),
            Err(FlowError::Refused(refusal)) => Err(Box::new(refusal)),
            Err(other) => Err(Box::new(other)),
        }
    }
}

impl Seen {
    fn is_clustering(&self, name: &str) -> bool {
        self.segments.get(name).is_some_and(is_clustering)
    }
}

/// Members as rows: the customer and, of a clustering, the cluster.
pub(crate) fn rows(members: &Members, clustered: bool) -> Result<RecordBatch, FlowError> {
    let customers: ArrayRef =
        Arc::new(members.all.iter().map(|customer| Some(i64::from(customer))).collect::<Int64Array>());
    let mut fields = vec![Field::new("customer_id", DataType::Int64, false)];
    let mut columns = vec![customers];
    if clustered {
        let clusters = members.clusters.as_deref().unwrap_or_default();
        let of =
            |customer: u32| (1u32..).zip(clusters).find(|(_, set)| set.contains(customer)).map(|(number, _)| number);
        fields.push(Field::new("cluster", DataType::UInt32, true));
        columns.push(Arc::new(members.all.iter().map(of).collect::<UInt32Array>()));
    }
    Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)?)
}
