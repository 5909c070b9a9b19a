//! `florin models`: which versions there are, how they stand, and what may be done with each.
//!
//! ```text
//! train ──► candidate ──approve──► approved ──promote──► champion ──► retired
//!   │           │  ▲                  │  └─► challenger ─┘    ▲          │
//!   └─► refused ◄┘  └─ every failing guard waived             └ roll-back┘
//! ```
//!
//! Whoever acts has leave to approve, and no version is approved, nor a guard waived, by who trained it. Every act is on the audit log before it
//! happens.

use std::collections::{BTreeMap, BTreeSet};

use florin_domain::{EventTime, Principal, Purpose};
use florin_governance::{
    Action, Permit, Resource,
    approval::{self, Draft},
    audit::{Entry, EventKind},
};
use florin_store::{ModelAct, ModelMove, ModelState, ModelVersion};
use serde::Serialize;

use super::{drift::Drifted, known::Made, score, state, wrong};
use crate::{FlowError, House};

/// What is done with a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// Agree to it.
    Approve,
    /// Hold it back.
    Refuse {
        /// Why.
        reason: String,
    },
    /// Let it go in spite of a guard.
    Waive {
        /// Which guard.
        guard: String,
        /// Why.
        reason: String,
    },
    /// Let it score: as the champion, whom it succeeds, or as a challenger, whose scores nobody uses.
    Promote {
        /// Only as a challenger.
        challenger: bool,
    },
    /// Take it out of use.
    Retire {
        /// Why.
        reason: String,
    },
    /// Put the champion before this one back.
    Rollback {
        /// Why.
        reason: String,
    },
}

impl Act {
    fn word(&self) -> &'static str {
        match self {
            Self::Approve => "approved",
            Self::Refuse { .. } => "refused",
            Self::Waive { .. } => "waived",
            Self::Promote { challenger: false } => "promoted",
            Self::Promote { challenger: true } => "challenger",
            Self::Retire { .. } => "retired",
            Self::Rollback { .. } => "rolled back",
        }
    }

    fn reason(&self) -> Option<&str> {
        match self {
            Self::Approve | Self::Promote { .. } => None,
            Self::Refuse { reason }
            | Self::Waive { reason, .. }
            | Self::Retire { reason }
            | Self::Rollback { reason } => Some(reason),
        }
    }
}

/// A version on one line.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Line {
    /// Of which model.
    pub name: String,
    /// Its number; nothing of a model that was never trained.
    pub version: Option<u32>,
    /// Where it stands.
    pub state: Option<ModelState>,
    /// When it was trained, and by whom.
    pub trained_at: Option<EventTime>,
    /// By whom.
    pub trained_by: Option<String>,
    /// Area under the ROC curve on its test.
    pub auc: Option<f64>,
    /// Guards that hold it back.
    pub held_back_by: Vec<String>,
    /// Guards that were waived.
    pub waived: Vec<String>,
    /// Of the newest version: why it ought to be trained anew.
    pub stale: Vec<String>,
    /// Of the champion: how far scores and features are from training, the farthest first.
    pub drift: Vec<Drifted>,
}

/// Everything about a version.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Shown {
    /// The line.
    #[serde(flatten)]
    pub line: Line,
    /// A hash of what it is.
    pub content: String,
    /// A hash of its bytes.
    pub bytes: String,
    /// What it was made of and how good it is.
    pub made: Made,
    /// What was done with it.
    pub acts: Vec<ModelAct>,
}

/// All versions of one model or of all, by name, the newest first; models that were never trained too.
///
/// # Errors
/// When there is no such model, or the store or the lake cannot be read.
pub async fn list(house: &House, name: Option<&str>) -> Result<Vec<Line>, FlowError> {
    let versions = house.store.model_versions(name).await?;
    if let Some(name) = name.filter(|_| versions.is_empty()) {
        super::defined(house, name)?;
    }
    let mut lines = Vec::new();
    let mut seen = BTreeSet::new();
    for version in &versions {
        let newest = seen.insert(version.name.clone());
        lines.push(line(house, version, newest).await?);
    }
    let untrained = house.bank.models.keys().filter(|model| !seen.contains(*model));
    lines.extend(untrained.filter(|model| name.is_none_or(|name| name == *model)).map(|model| Line {
        name: model.clone(),
        version: None,
        state: None,
        trained_at: None,
        trained_by: None,
        auc: None,
        held_back_by: Vec::new(),
        waived: Vec::new(),
        stale: vec!["it was never trained".to_owned()],
        drift: Vec::new(),
    }));
    lines.sort_by(|a, b| a.name.cmp(&b.name).then(b.version.cmp(&a.version)));
    Ok(lines)
}

/// One version (the newest, when none is named).
///
/// # Errors
/// When there is none, or the store or the lake cannot be read.
pub async fn show(house: &House, name: &str, version: Option<u32>) -> Result<Shown, FlowError> {
    let versions = versions(house, name).await?;
    let found = pick(name, &versions, version, &ModelState::ALL)?;
    let newest = versions.first().is_some_and(|newest| newest.version == found.version);
    Ok(Shown {
        line: line(house, found, newest).await?,
        content: found.content.clone(),
        bytes: found.bytes.clone(),
        made: Made::of(found)?,
        acts: house.store.model_acts(name, found.version).await?,
    })
}

/// The version whose scores are used.
pub(super) async fn champion(house: &House, name: &str) -> Result<Option<ModelVersion>, FlowError> {
    let versions = house.store.model_versions(Some(name)).await?;
    Ok(versions.into_iter().find(|version| version.state == ModelState::Champion))
}

/// All versions of a model, the newest first; at least one.
pub(super) async fn versions(house: &House, name: &str) -> Result<Vec<ModelVersion>, FlowError> {
    let versions = house.store.model_versions(Some(name)).await?;
    if versions.is_empty() {
        super::defined(house, name)?;
        return Err(wrong(name, format!("it was never trained; `florin train {name}`")));
    }
    Ok(versions)
}

/// The version that is named, or the newest that is in one of these states.
pub(super) fn pick<'v>(
    name: &str,
    versions: &'v [ModelVersion],
    number: Option<u32>,
    states: &[ModelState],
) -> Result<&'v ModelVersion, FlowError> {
    if let Some(number) = number {
        let known = || versions.iter().map(|v| v.version.to_string()).collect::<Vec<_>>().join(", ");
        let found = versions.iter().find(|version| version.version == number);
        return found.ok_or_else(|| wrong(name, format!("it has no version {number}; there are: {}", known())));
    }
    versions.iter().find(|version| states.contains(&version.state)).ok_or_else(|| {
        let wanted = states.iter().map(|state| state.name()).collect::<Vec<_>>().join(" or ");
        let there =
            versions.iter().map(|v| format!("{} is {}", v.version, v.state.name())).collect::<Vec<_>>().join(", ");
        wrong(name, format!("no version of it is {wanted}: {there}"))
    })
}

async fn line(house: &House, version: &ModelVersion, newest: bool) -> Result<Line, FlowError> {
    let made = Made::of(version)?;
    let waived = waivers(&house.store.model_acts(&version.name, version.version).await?);
    let failing = made.judged.verdicts.iter().filter(|verdict| !verdict.passed).map(|verdict| verdict.guard.clone());
    let held_back_by = failing.filter(|guard| !waived.contains_key(guard)).collect();
    let stale = match house.bank.models.get(&version.name).filter(|_| newest) {
        Some(def) => state::stale(house, def, &made).await?,
        None => Vec::new(),
    };
    let drift = match version.state {
        ModelState::Champion => score::kept(house, &version.name)
            .await?
            .filter(|kept| kept.version == version.version)
            .map(|kept| kept.drift)
            .unwrap_or_default(),
        _ => Vec::new(),
    };
    Ok(Line {
        name: version.name.clone(),
        version: Some(version.version),
        state: Some(version.state),
        trained_at: Some(version.trained_at),
        trained_by: Some(version.trained_by.clone()),
        auc: Some(made.judged.auc.value),
        held_back_by,
        waived: waived.into_keys().collect(),
        stale,
        drift,
    })
}

/// Guards that were waived, by whom.
fn waivers(acts: &[ModelAct]) -> BTreeMap<String, String> {
    let waived = acts.iter().filter(|act| act.act == "waived");
    waived.filter_map(|act| Some((act.subject.clone()?, act.by.clone()))).collect()
}

/// Does something with a version (which one follows from the act, when none is named), and says how it then stands.
///
/// # Errors
/// When the policies do not permit it, the act is not one for a version that stands so, it is the user's own work, or somebody else acted meanwhile.
pub async fn act(house: &House, name: &str, number: Option<u32>, what: &Act) -> Result<Line, FlowError> {
    let permit = leave(house).await?;
    if what.reason().is_some_and(|reason| reason.trim().is_empty()) {
        return Err(wrong(name, "say why: the reason is kept with the act"));
    }
    let versions = versions(house, name).await?;
    let version = pick(name, &versions, number, from(what))?;
    if !from(what).contains(&version.state) {
        return Err(wrong(name, not_so(version, what)));
    }
    let moves = moves(house, &permit, &versions, version, what).await?;
    let entry = Entry::new(house.now(), house.who(), Some(permit.purpose()), EventKind::Approval)
        .with("model", name)
        .with("version", version.version)
        .with("content", version.content.as_str())
        .with("act", what.word())
        .with("reason", what.reason().unwrap_or_default());
    let entry = match what {
        Act::Waive { guard, .. } => entry.with("guard", guard.as_str()),
        _ => entry,
    };
    house.record(&entry).await?;
    house.store.move_models(&moves).await?;
    let shown = moves.last().map_or(version.version, |last| last.version);
    Ok(show(house, name, Some(shown)).await?.line)
}

/// Leave to approve, for the first purpose for which the policies give it.
async fn leave(house: &House) -> Result<Permit, FlowError> {
    let may = |purpose: &Purpose| {
        let asked = (*purpose, Action::Approve, Resource::Bank);
        florin_governance::permit(&house.bank.policies, &house.who, asked.0, asked.1, asked.2, house.now()).is_ok()
    };
    let purpose = Purpose::ALL.into_iter().find(may).unwrap_or(Purpose::Risk);
    house.permit(purpose, Action::Approve, Resource::Bank).await
}

/// States from which an act can be done.
fn from(what: &Act) -> &'static [ModelState] {
    use ModelState::{Approved, Candidate, Challenger, Champion, Refused};
    match what {
        Act::Approve => &[Candidate],
        Act::Refuse { .. } => &[Candidate, Approved, Challenger],
        Act::Waive { .. } => &[Refused],
        Act::Promote { challenger: false } => &[Approved, Challenger],
        Act::Promote { challenger: true } => &[Approved],
        Act::Retire { .. } => &[Champion, Challenger, Approved],
        Act::Rollback { .. } => &[Champion],
    }
}

fn not_so(version: &ModelVersion, what: &Act) -> String {
    let (number, state) = (version.version, version.state.name());
    let advice = match (what, version.state) {
        (Act::Approve, ModelState::Refused) => {
            "guards or a colleague hold it back; waive what failed (`florin models waive`), or train a better one"
        }
        (Act::Promote { .. }, ModelState::Candidate) => {
            "somebody else has to approve it first (`florin models approve`)"
        }
        (Act::Promote { .. }, ModelState::Refused) => "it was refused",
        (Act::Promote { .. }, ModelState::Retired) => "`florin models rollback` puts the last champion back",
        (Act::Promote { .. }, ModelState::Champion) => "it is the champion already",
        (Act::Waive { .. }, _) => "no guard holds it back",
        _ => "that cannot be done with it",
    };
    format!("version {number} is {state}: {advice}")
}

async fn moves(
    house: &House,
    permit: &Permit,
    versions: &[ModelVersion],
    version: &ModelVersion,
    what: &Act,
) -> Result<Vec<ModelMove>, FlowError> {
    let to = |version: &ModelVersion, to, act: &str, subject: Option<&String>, reason: Option<&str>| ModelMove {
        name: version.name.clone(),
        version: version.version,
        read: version.revision,
        to,
        act: ModelAct {
            at: house.now(),
            by: house.who.user.clone(),
            act: act.to_owned(),
            subject: subject.cloned(),
            reason: reason.map(str::to_owned),
        },
    };
    let plain = |state| vec![to(version, state, what.word(), None, what.reason())];
    let champion = versions.iter().find(|other| other.state == ModelState::Champion);
    Ok(match what {
        Act::Approve => {
            four_eyes(permit, version)?;
            plain(ModelState::Approved)
        }
        Act::Refuse { .. } => plain(ModelState::Refused),
        Act::Retire { .. } => plain(ModelState::Retired),
        Act::Waive { guard, reason } => {
            four_eyes(permit, version)?;
            let state = waived(house, version, guard).await?;
            vec![to(version, state, what.word(), Some(guard), Some(reason))]
        }
        Act::Promote { challenger: true } => plain(ModelState::Challenger),
        Act::Promote { challenger: false } => {
            let by = format!("version {} succeeded it", version.version);
            let old = champion.map(|old| to(old, ModelState::Retired, "retired", None, Some(&by)));
            old.into_iter().chain(plain(ModelState::Champion)).collect()
        }
        Act::Rollback { .. } => {
            let before = before(house, versions, version).await?;
            let back = format!("put back in place of version {}", version.version);
            let mut moves = plain(ModelState::Retired);
            moves.push(to(before, ModelState::Champion, "promoted", None, Some(&back)));
            moves
        }
    })
}

/// Two pairs of eyes, by the rules of `governance`.
fn four_eyes(permit: &Permit, version: &ModelVersion) -> Result<(), FlowError> {
    let change =
        approval::Change { kind: "model".to_owned(), name: version.name.clone(), content: version.content.clone() };
    let maker = Principal { user: version.trained_by.clone(), roles: Vec::new() };
    let read = change.hash();
    Draft::new(change, &maker).submit().approve(permit, read)?;
    Ok(())
}

/// Where a version stands once a guard is waived.
async fn waived(house: &House, version: &ModelVersion, guard: &str) -> Result<ModelState, FlowError> {
    let acts = house.store.model_acts(&version.name, version.version).await?;
    if let Some(refused) = acts.iter().rev().find(|act| act.act == "refused") {
        let why = refused.reason.as_deref().unwrap_or_default();
        return Err(wrong(
            &version.name,
            format!("`{}` refused version {} ({why}); train another", refused.by, version.version),
        ));
    }
    let made = Made::of(version)?;
    let mut waived = waivers(&acts);
    let failing: Vec<&str> =
        made.judged.verdicts.iter().filter(|v| !v.passed).map(|verdict| verdict.guard.as_str()).collect();
    if !failing.contains(&guard) {
        let held = failing.join(", ");
        return Err(wrong(
            &version.name,
            format!("`{guard}` does not hold version {} back; what does: {held}", version.version),
        ));
    }
    waived.insert(guard.to_owned(), String::new());
    let free = failing.iter().all(|failing| waived.contains_key(*failing));
    Ok(if free { ModelState::Candidate } else { ModelState::Refused })
}

/// The champion before a version: of those that are retired, the one that was promoted last.
async fn before<'v>(
    house: &House,
    versions: &'v [ModelVersion],
    version: &ModelVersion,
) -> Result<&'v ModelVersion, FlowError> {
    let mut last: Option<(EventTime, &ModelVersion)> = None;
    for other in versions.iter().filter(|other| other.state == ModelState::Retired && other.version != version.version)
    {
        let acts = house.store.model_acts(&other.name, other.version).await?;
        let promoted = acts.iter().filter(|act| act.act == "promoted").map(|act| act.at).max();
        if let Some(at) = promoted.filter(|at| last.is_none_or(|(then, _)| *at > then)) {
            last = Some((at, other));
        }
    }
    let none = || wrong(&version.name, "no champion was before this one; retire it, or promote another version");
    last.map(|(_, found)| found).ok_or_else(none)
}
