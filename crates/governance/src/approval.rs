//! Four eyes: what one person makes, another approves before it takes effect.
//!
//! The life of a change, each state a type that only the one before it turns into:
//!
//! ```text
//! Draft ──submit──► Submitted ──approve──► Approved ──activate──► Active
//!   ▲                 │    │                  │
//!   ├──── recall ─────┘    └─reject─► Rejected│
//!   ├──── revise ────────────────────────┘    │
//!   └──── recall ─────────────────────────────┘
//! ```
//!
//! - Everyone who wrote any of it is a maker, and no maker approves or rejects it.
//! - An approval is of one content, by its hash: the checker says which content they read, and only that content
//!   becomes active. To edit is to go back to [`Draft`], which voids what was said.
//! - Who may approve is for the policies to say (`Action::"approve"`): the checker shows a [`Permit`].
//!
//! A store keeps the [`Step`]s; [`State::replay`] takes them through the same functions again, so a stored approval by
//! a maker, or of another content, is refused when it is read.

use std::collections::BTreeSet;

use florin_domain::{EventTime, Principal};
use serde::{Deserialize, Serialize};

use crate::permit::{Action, Permit};

/// A hash of a content: 32 bytes, written as 64 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ContentHash(#[serde(with = "crate::hex")] pub [u8; 32]);

/// What is to be changed: one definition, to one content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// What kind of thing: `rule`, `policy`, `offer` ….
    pub kind: String,
    /// Its name.
    pub name: String,
    /// What it shall be, in full.
    pub content: String,
}

impl Change {
    /// The hash of kind, name and content: approval of a rule is not approval of another rule with the same text.
    #[must_use]
    pub fn hash(&self) -> ContentHash {
        let mut hasher = blake3::Hasher::new();
        for text in [&self.kind, &self.name, &self.content] {
            hasher.update(&(text.len() as u64).to_le_bytes());
            hasher.update(text.as_bytes());
        }
        ContentHash(*hasher.finalize().as_bytes())
    }
}

/// Why an approval, or what stands on one, was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ApprovalError {
    /// Two different people are needed.
    #[error("`{user}` made this change; somebody else has to decide on it")]
    OwnWork {
        /// The maker.
        user: String,
    },
    /// The permit is for something else.
    #[error("`{user}` has leave to `{has}`, not to `approve`")]
    NotAnApprover {
        /// Who wanted to decide.
        user: String,
        /// What their permit is for.
        has: Action,
    },
    /// The content is not the one that was submitted, or approved.
    #[error("the content is no longer the one that was {what}")]
    ContentDiffers {
        /// `submitted` or `approved`.
        what: &'static str,
    },
    /// A stored step that does not follow from the one before it.
    #[error("step {number} cannot follow: `{step}` on a change that is `{state}`")]
    OutOfOrder {
        /// Of the step, from 1.
        number: usize,
        /// What the step does.
        step: &'static str,
        /// Where the change stood.
        state: &'static str,
    },
    /// A change without a first step.
    #[error("a change begins with a draft")]
    NoSteps,
}

/// Being written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    change: Change,
    makers: BTreeSet<String>,
}

/// Waits for somebody else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submitted {
    change: Change,
    makers: BTreeSet<String>,
}

/// Somebody else agreed to exactly this content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approved {
    change: Change,
    hash: ContentHash,
    makers: BTreeSet<String>,
    checker: String,
    approved_at: EventTime,
}

/// Somebody else did not agree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejected {
    change: Change,
    makers: BTreeSet<String>,
    checker: String,
    reason: String,
}

/// In force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Active {
    approved: Approved,
    active_since: EventTime,
}

impl Draft {
    /// A first version, by its maker.
    #[must_use]
    pub fn new(change: Change, maker: &Principal) -> Self {
        Self { change, makers: BTreeSet::from([maker.user.clone()]) }
    }

    /// Another content. Who edits becomes a maker too.
    #[must_use]
    pub fn edit(self, content: String, editor: &Principal) -> Self {
        self.edit_as(content, &editor.user)
    }

    fn edit_as(mut self, content: String, editor: &str) -> Self {
        self.makers.insert(editor.to_owned());
        self.change.content = content;
        self
    }

    /// Asks for somebody else's approval.
    #[must_use]
    pub fn submit(self) -> Submitted {
        Submitted { change: self.change, makers: self.makers }
    }

    /// The change as it stands.
    #[must_use]
    pub fn change(&self) -> &Change {
        &self.change
    }

    /// Everyone who wrote any of it.
    #[must_use]
    pub fn makers(&self) -> &BTreeSet<String> {
        &self.makers
    }
}

impl Submitted {
    /// Agrees to the content with this hash, which is the one the checker read.
    ///
    /// # Errors
    /// The checker is a maker, has no leave to approve, or read another content.
    pub fn approve(self, checker: &Permit, read: ContentHash) -> Result<Approved, ApprovalError> {
        may_decide(checker)?;
        self.approve_as(&checker.principal().user, read, checker.permitted_at())
    }

    /// Does not agree, and says why.
    ///
    /// # Errors
    /// The checker is a maker (who may [`recall`](Self::recall) it), or has no leave to approve.
    pub fn reject(self, checker: &Permit, reason: String) -> Result<Rejected, ApprovalError> {
        may_decide(checker)?;
        self.reject_as(&checker.principal().user, reason)
    }

    /// Takes it back, to be edited.
    #[must_use]
    pub fn recall(self) -> Draft {
        Draft { change: self.change, makers: self.makers }
    }

    fn approve_as(self, checker: &str, read: ContentHash, at: EventTime) -> Result<Approved, ApprovalError> {
        self.somebody_else(checker)?;
        let hash = self.change.hash();
        if read != hash {
            return Err(ApprovalError::ContentDiffers { what: "submitted" });
        }
        let Self { change, makers } = self;
        Ok(Approved { change, hash, makers, checker: checker.to_owned(), approved_at: at })
    }

    fn reject_as(self, checker: &str, reason: String) -> Result<Rejected, ApprovalError> {
        self.somebody_else(checker)?;
        Ok(Rejected { change: self.change, makers: self.makers, checker: checker.to_owned(), reason })
    }

    fn somebody_else(&self, checker: &str) -> Result<(), ApprovalError> {
        match self.makers.contains(checker) {
            true => Err(ApprovalError::OwnWork { user: checker.to_owned() }),
            false => Ok(()),
        }
    }

    /// The change as submitted.
    #[must_use]
    pub fn change(&self) -> &Change {
        &self.change
    }

    /// Everyone who wrote any of it.
    #[must_use]
    pub fn makers(&self) -> &BTreeSet<String> {
        &self.makers
    }
}

fn may_decide(checker: &Permit) -> Result<(), ApprovalError> {
    match checker.action() {
        Action::Approve => Ok(()),
        has => Err(ApprovalError::NotAnApprover { user: checker.principal().user.clone(), has }),
    }
}

impl Approved {
    /// Puts it in force. `content` is what will run, as found at this moment: it must be what was approved.
    ///
    /// # Errors
    /// It is another content.
    pub fn activate(self, content: &str, at: EventTime) -> Result<Active, ApprovalError> {
        let found = Change { content: content.to_owned(), ..self.change.clone() };
        match found.hash() == self.hash {
            true => Ok(Active { approved: self, active_since: at }),
            false => Err(ApprovalError::ContentDiffers { what: "approved" }),
        }
    }

    /// Takes it back, to be edited. The approval is void.
    #[must_use]
    pub fn recall(self) -> Draft {
        Draft { change: self.change, makers: self.makers }
    }

    /// The change as approved.
    #[must_use]
    pub fn change(&self) -> &Change {
        &self.change
    }

    /// The hash that was approved.
    #[must_use]
    pub fn hash(&self) -> ContentHash {
        self.hash
    }

    /// Everyone who wrote any of it.
    #[must_use]
    pub fn makers(&self) -> &BTreeSet<String> {
        &self.makers
    }

    /// Who approved it: none of the makers.
    #[must_use]
    pub fn checker(&self) -> &str {
        &self.checker
    }

    /// When.
    #[must_use]
    pub fn approved_at(&self) -> EventTime {
        self.approved_at
    }
}

impl Rejected {
    /// Tries again, with the same makers.
    #[must_use]
    pub fn revise(self) -> Draft {
        Draft { change: self.change, makers: self.makers }
    }

    /// The change as rejected.
    #[must_use]
    pub fn change(&self) -> &Change {
        &self.change
    }

    /// Who rejected it.
    #[must_use]
    pub fn checker(&self) -> &str {
        &self.checker
    }

    /// Why.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.reason
    }
}

impl Active {
    /// What was approved, by whom.
    #[must_use]
    pub fn approved(&self) -> &Approved {
        &self.approved
    }

    /// Since when it is in force.
    #[must_use]
    pub fn active_since(&self) -> EventTime {
        self.active_since
    }
}

/// One step of a change's life, as a store keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case", deny_unknown_fields)]
pub enum Step {
    /// [`Draft::new`].
    Drafted {
        /// Who made it.
        user: String,
        /// What.
        change: Change,
    },
    /// [`Draft::edit`].
    Edited {
        /// Who edited it.
        user: String,
        /// What it then was.
        content: String,
    },
    /// [`Draft::submit`].
    Submitted {},
    /// [`Submitted::recall`] or [`Approved::recall`].
    Recalled {},
    /// [`Submitted::approve`].
    Approved {
        /// Who approved it.
        user: String,
        /// Which content they read.
        read: ContentHash,
        /// When.
        at: EventTime,
    },
    /// [`Submitted::reject`].
    Rejected {
        /// Who rejected it.
        user: String,
        /// Why.
        reason: String,
    },
    /// [`Rejected::revise`].
    Revised {},
    /// [`Approved::activate`].
    Activated {
        /// When.
        at: EventTime,
    },
}

impl Step {
    fn name(&self) -> &'static str {
        match self {
            Self::Drafted { .. } => "drafted",
            Self::Edited { .. } => "edited",
            Self::Submitted {} => "submitted",
            Self::Recalled {} => "recalled",
            Self::Approved { .. } => "approved",
            Self::Rejected { .. } => "rejected",
            Self::Revised {} => "revised",
            Self::Activated { .. } => "activated",
        }
    }
}

/// Where a change stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// Being written.
    Draft(Draft),
    /// Waits for somebody else.
    Submitted(Submitted),
    /// Agreed to, not yet in force.
    Approved(Approved),
    /// Not agreed to.
    Rejected(Rejected),
    /// In force.
    Active(Active),
}

impl State {
    /// Takes stored steps through their rules again. What it cannot judge again is whether the policies of that day let
    /// the checker approve: the audit log says so.
    ///
    /// # Errors
    /// The first step that is against the rules.
    pub fn replay(steps: impl IntoIterator<Item = Step>) -> Result<Self, ApprovalError> {
        let mut steps = steps.into_iter().enumerate();
        let first = steps.next().ok_or(ApprovalError::NoSteps)?;
        let (0, Step::Drafted { user, change }) = first else { return Err(ApprovalError::NoSteps) };
        let draft = Draft { change, makers: BTreeSet::from([user]) };
        steps.try_fold(Self::Draft(draft), |state, (index, step)| state.after(step, index + 1))
    }

    fn after(self, step: Step, number: usize) -> Result<Self, ApprovalError> {
        Ok(match (self, step) {
            (Self::Draft(draft), Step::Edited { user, content }) => Self::Draft(draft.edit_as(content, &user)),
            (Self::Draft(draft), Step::Submitted {}) => Self::Submitted(draft.submit()),
            (Self::Submitted(change), Step::Recalled {}) => Self::Draft(change.recall()),
            (Self::Approved(change), Step::Recalled {}) => Self::Draft(change.recall()),
            (Self::Submitted(change), Step::Approved { user, read, at }) => {
                Self::Approved(change.approve_as(&user, read, at)?)
            }
            (Self::Submitted(change), Step::Rejected { user, reason }) => {
                Self::Rejected(change.reject_as(&user, reason)?)
            }
            (Self::Rejected(change), Step::Revised {}) => Self::Draft(change.revise()),
            (Self::Approved(change), Step::Activated { at }) => {
                let content = change.change.content.clone();
                Self::Active(change.activate(&content, at)?)
            }
            (state, step) => {
                return Err(ApprovalError::OutOfOrder { number, step: step.name(), state: state.name() });
            }
        })
    }

    /// `draft`, `submitted`, `approved`, `rejected` or `active`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Draft(_) => "draft",
            Self::Submitted(_) => "submitted",
            Self::Approved(_) => "approved",
            Self::Rejected(_) => "rejected",
            Self::Active(_) => "active",
        }
    }
}
