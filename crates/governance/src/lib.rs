//! May X use Y for purpose Z?
//!
//! *What*: the bank's policies, customers' consent, approval by a second person, and the audit log that proves what
//! was done. Pure: facts in, a [`Grant`], a [`Permit`] or a [`Refusal`] out. No I/O, no clock, no randomness.
//!
//! *Start here*: [`Policies::parse`] reads `policies/*.cedar`; [`open_session`] gives the [`Grant`] under which tables
//! are read; [`permit()`] gives the [`Permit`] for anything else. Whoever reads data takes a `&Grant`, whoever does
//! something takes a `&Permit`, and only this crate can make either.
//!
//! *How to read*: [`policy`] (what is allowed) → [`grant`], [`permit`](mod@permit) and [`refusal`] (the answers) →
//! [`consent`] (what customers said) → [`approval`] (four eyes) → [`audit`] (the record). `default.cedar` is what a new
//! bank starts from and is written for its risk and compliance officers; `schema.cedarschema` is its vocabulary.
//!
//! *How to write*: fail closed. What cannot be decided is refused, and a refusal says who, what, which purpose and what
//! would be allowed, never a value of the data. A new action is one line in `schema.cedarschema`, one in
//! [`permit::Action`] and a decision in `default.cedar`; the matrix in `tests/it/snapshots` shows what it changed.

pub mod approval;
pub mod audit;
pub mod consent;
pub mod grant;
mod hex;
pub mod permit;
pub mod policy;
pub mod refusal;
mod session;

pub use consent::{ConsentDefault, ConsentFilter, ConsentState, PurposeRule, PurposeRules, may_use};
pub use grant::{Grant, GrantKind, TableGrant};
pub use permit::{Action, Permit, Resource, permit};
pub use policy::{DEFAULT_POLICIES, Policies, PolicyFile, PolicyProblem, PolicyProblems};
pub use refusal::Refusal;
pub use session::open_session;
