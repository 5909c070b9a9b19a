//! What may be done with a version, by whom, and what then becomes of others.
//!
//! ```text
//! train ──► candidate ──approve──► approved ──promote──► champion ──► retired
//!   │           │  ▲                  │  └─► challenger ─┘    ▲          │
//!   └─► refused ◄┘  └─ every failing guard waived             └ roll-back┘
//! ```
//!
//! Whoever acts has leave to approve, and no version is approved, nor a guard waived, by who trained it. Every act is on the audit log before it
//! happens.

use florin_domain::{EventTime, Principal, Purpose};
use florin_governance::{
    Action, Permit, Resource,
    approval::{self, Draft},
    audit::{Entry, EventKind},
};
use florin_store::{ModelAct, ModelMove, ModelState, ModelVersion};

use super::{
    known::Made,
    registry::{Line, pick, show, versions, waivers},
    wrong,
};
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
    let failing = made.failing();
    if !failing.iter().any(|failing| failing == guard) {
        let held = failing.join(", ");
        return Err(wrong(
            &version.name,
            format!("`{guard}` does not hold version {} back; what does: {held}", version.version),
        ));
    }
    waived.insert(guard.to_owned(), String::new());
    let free = failing.iter().all(|failing| waived.contains_key(failing));
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
