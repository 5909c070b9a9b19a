//! A run over all customers.

use std::collections::{BTreeMap, HashMap};

use florin_domain::{CustomerId, EventTime, Purpose};
use florin_governance::{
    Action, Grant, Resource,
    audit::{Entry, EventKind},
};
use florin_identity::{
    Clusters, Link, Links, Model, Records, Settings, cluster,
    explain::Explainer,
    ledger::{Proposal, Signature, reconcile},
    link,
    model::KeptModel,
    people, train,
};
use serde::Serialize;

use super::{
    gather,
    history::{Because, Beside, History, internal},
    visitors::{Visitors, visitors},
};
use crate::{
    FlowError, House,
    bank::{IdentitySettings, MergesKnown},
    load::Progress,
};

/// What came of a run.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Resolved {
    /// Customers of all systems.
    pub records: usize,
    /// Persons before.
    pub persons_before: usize,
    /// Persons after.
    pub persons_after: usize,
    /// Merges of this run.
    pub merges: usize,
    /// Pairs that were compared.
    pub pairs_compared: u64,
    /// Links that were not followed: they contradict a valid national id, or what somebody decided.
    pub refused: u64,
    /// Persons of whom this run thinks that they may be several: for a person to look at.
    pub doubtful: Vec<u32>,
    /// Values that too many customers share to be told apart by.
    pub skewed: Vec<SkewedKey>,
    /// Anonymous visitors whose customer is known; absent where nothing was ever seen of any.
    pub visitors: Option<Visitors>,
}

/// A value that too many share.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SkewedKey {
    /// By which rule.
    pub rule: String,
    /// One of those who share it.
    pub example: Option<u32>,
    /// How many do.
    pub customers: u64,
}

/// What comparing found; nothing, where nothing is known of anybody.
#[derive(Default)]
struct Found {
    links: Links,
    clusters: Clusters,
    proposal: Proposal,
    /// By customer that is merged away: why.
    because: BTreeMap<u32, Because>,
    /// What they were compared by.
    model: Option<KeptModel>,
}

/// Compares all customers and merges those who are one.
///
/// # Errors
/// When the policies do not permit it, a load is at work, or the store or the lake fails.
pub async fn resolve(house: &House, progress: &dyn Progress) -> Result<Resolved, FlowError> {
    let permit = house.permit(Purpose::Service, Action::Resolve, Resource::Bank).await?;
    let grant = Grant::for_resolving(&permit, &house.bank.catalogue)?;
    house.record_grant(&grant).await?;
    let _turn = crate::turns::whole(house).await?;
    progress.begin("reading customers", "steps", None);
    let mut history = History::read(house).await?;
    let records = gather::records(house, &grant, &history).await?;
    progress.end();
    progress.begin("comparing customers", "steps", None);
    let persons_before = persons(&history);
    let settings = settings(&records, &house.bank.settings.identity, &history.systems)?;
    let (found, back) = tokio::task::spawn_blocking(move || (compare(&records, &history, &settings), history))
        .await
        .map_err(|e| internal(&e))?;
    let found = found?;
    history = back;
    progress.end();
    let known = match house.bank.settings.identity.merges_known {
        MergesKnown::Found => BTreeMap::new(),
        MergesKnown::BothKnown => gather::known_since(house, &grant).await?,
    };
    let beside = merge(house, &mut history, &found, &known)?;
    let merges = beside.len();
    if let Some(model) = &found.model {
        house.store.keep_identity_model(serde_json::to_string(model).map_err(|e| internal(&e))?).await?;
    }
    history.keep(house, beside).await?;
    progress.begin("finding the customers of visitors", "steps", None);
    let visitors = visitors(house, &grant).await?;
    progress.end();
    let report = Resolved { visitors, ..report(&history, persons_before, merges, &found) };
    record(house, &report).await?;
    Ok(report)
}

/// How customers are compared: by what anybody knows of them, with what the bank says.
pub(super) fn settings(records: &Records, bank: &IdentitySettings, systems: &[String]) -> Result<Settings, FlowError> {
    let known =
        |column: &str| records.fields().iter().position(|f| f.name == column).is_some_and(|c| records.distinct(c) > 0);
    let mut settings = people::settings();
    settings.comparisons.retain(|comparison| known(&comparison.name));
    let certain = people::certain_fields().into_iter().zip(people::certain_rules());
    settings.certain.extend(certain.filter(|(field, _)| known(&field.name)).map(|(_, rule)| rule));
    settings.link_probability = bank.link_probability;
    settings.one_record_systems =
        bank.one_record_systems.iter().map(|name| number(name, systems)).collect::<Result<_, _>>()?;
    Ok(settings)
}

fn number(name: &str, systems: &[String]) -> Result<u16, FlowError> {
    let number = systems.iter().position(|system| system == name).and_then(|place| u16::try_from(place).ok());
    let known = || systems.join(", ");
    number.ok_or_else(|| FlowError::Unknown { what: "system", name: name.to_owned(), known: known() })
}

fn compare(records: &Records, history: &History, settings: &Settings) -> Result<Found, FlowError> {
    if settings.comparisons.is_empty() {
        return Ok(Found::default());
    }
    let model = train(records, settings).map_err(|e| internal(&e))?.model;
    let links = link(records, settings, &model, settings.link_probability).map_err(|e| internal(&e))?;
    let decisions = history.ledger.decisions();
    let clusters = cluster(records, settings, &links.links, &decisions).map_err(|e| internal(&e))?;
    let proposal = reconcile(&history.ledger, records, &clusters);
    let because = reasons(records, settings, &model, &clusters.joined, history, &proposal)?;
    let model = Some(KeptModel::new(model, settings, records));
    Ok(Found { links, clusters, proposal, because, model })
}

/// For each person who is merged away: the link by which they hang on the survivor, directly or through others, explained.
fn reasons(
    records: &Records,
    settings: &Settings,
    model: &Model,
    joined: &[Link],
    history: &History,
    proposal: &Proposal,
) -> Result<BTreeMap<u32, Because>, FlowError> {
    let explainer = Explainer::new(records, settings, model).map_err(|e| internal(&e))?;
    let born = |row: u32| history.births.get(&records.id(row)).map(|c| c.0);
    let links = links_of_persons(records, joined, history);
    let mut because = BTreeMap::new();
    for (survivor, _) in &proposal.merges {
        let mut reached = vec![survivor.0];
        let mut at = 0;
        while let Some(person) = reached.get(at).copied() {
            at += 1;
            for (other, link) in links.get(&person).into_iter().flatten() {
                let (Some(left), Some(right)) = (born(link.left), born(link.right)) else { continue };
                if *other != survivor.0 && !because.contains_key(other) {
                    let waterfall = explainer.explain(link.left, link.right);
                    because.insert(*other, Because { left, right, waterfall });
                    reached.push(*other);
                }
            }
        }
    }
    Ok(because)
}

/// The links that joined persons, by each of the two.
fn links_of_persons<'a>(
    records: &Records,
    joined: &'a [Link],
    history: &History,
) -> HashMap<u32, Vec<(u32, &'a Link)>> {
    let person = |row: u32| history.ledger.customer(records.id(row)).map(|c| c.0);
    let mut links: HashMap<u32, Vec<(u32, &Link)>> = HashMap::new();
    for link in joined {
        let (Some(a), Some(b)) = (person(link.left), person(link.right)) else { continue };
        for (one, other) in [(a, b), (b, a)].into_iter().filter(|_| a != b) {
            links.entry(one).or_default().push((other, link));
        }
    }
    links
}

/// Merges what the run proposes; what to keep beside each merge, in their order. `known` says since when customers are, where
/// merges count as known from then on.
fn merge(
    house: &House,
    history: &mut History,
    found: &Found,
    known: &BTreeMap<u32, EventTime>,
) -> Result<Vec<Beside>, FlowError> {
    let signature = Signature {
        actor: house.who.user.clone(),
        by_person: false,
        reason: "found by comparison".to_owned(),
        at: house.now(),
    };
    let mut beside = Vec::new();
    for (survivor, absorbed) in &found.proposal.merges {
        for &customer in absorbed {
            history.ledger.merge(*survivor, customer, signature.clone()).map_err(|e| internal(&e))?;
            let because = found.because.get(&customer.0).cloned();
            let both = |because: &Because| Some(*known.get(&because.left)?.max(known.get(&because.right)?));
            let known_since = because.as_ref().and_then(both).filter(|since| *since < house.now());
            beside.push(Beside { because, known_since });
        }
    }
    Ok(beside)
}

fn persons(history: &History) -> usize {
    let all: std::collections::BTreeSet<CustomerId> = history.ledger.table().map(|(_, person)| person).collect();
    all.len()
}

fn report(history: &History, persons_before: usize, merges: usize, found: &Found) -> Resolved {
    let skewed = found.links.skewed.iter().map(|skewed| SkewedKey {
        rule: skewed.rule.clone(),
        example: history.births.get(&skewed.example).map(|customer| customer.0),
        customers: skewed.records,
    });
    Resolved {
        records: history.births.len(),
        persons_before,
        persons_after: persons(history),
        merges,
        pairs_compared: found.links.pairs_compared,
        refused: found.clusters.refused_count,
        doubtful: found.proposal.doubtful.iter().map(|c| c.0).collect(),
        skewed: skewed.collect(),
        visitors: None,
    }
}

async fn record(house: &House, report: &Resolved) -> Result<(), FlowError> {
    let entry = Entry::new(house.now(), &house.who, Some(Purpose::Service), EventKind::Identity)
        .with("done", "resolve")
        .with("customers", report.records as u64)
        .with("merges", report.merges as u64);
    house.record(&entry).await
}
