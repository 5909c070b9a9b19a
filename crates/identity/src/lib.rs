//! Whose record is this? Match weights, clusters, undo.
//!
//! *What*: records of several systems, compared field by field, become clusters of one customer each; every verdict can be
//! explained and taken back. Pure: facts in, verdicts out. No I/O, no clock, no store, no query engine; the same bytes
//! out for the same bytes in, on any number of threads (those of rayon's pool that the caller runs in).
//!
//! *Start here*: [`Records::build`] takes raw values; [`train()`] estimates a [`Model`] without labels; [`link()`] weighs the
//! pairs that blocking rules make; [`cluster()`] joins them. With the [`KeptModel`] of such a run, [`link_new`] and [`cluster_onto`] do
//! the same for records that came since, and [`index::Index`] takes them one at a time. [`explain::Explainer`] says why, [`ledger::Ledger`] keeps customer numbers and takes merges back, [`anonymous`] joins activity to
//! the customer who signs in, [`scores`] compares with the truth.
//!
//! *How to read*: [`field`] and [`table`] (what is compared) → [`settings`] (what a bank says; [`people`] unless it does) → [`blocking`] (which pairs) →
//! [`compare`] (levels) → [`train`](mod@train) and [`model`] (weights) → [`link`](mod@link) → [`cluster`](mod@cluster) →
//! [`ledger`]. The formulae, their sources and the exact meanings are in `docs/concepts/identity.md`.
//!
//! *How to write*: values of records never leave through reports, explanations, models or messages: they hold names of
//! rules and columns, counts, weights and record keys. What is worked out of a value is worked out once a distinct
//! value, in `normalise`. Sums of floats run in a fixed order.

pub mod anonymous;
pub mod blocking;
pub mod cluster;
pub mod compare;
pub mod error;
pub mod explain;
pub mod field;
pub mod index;
pub mod ledger;
pub mod link;
pub mod model;
mod normalise;
pub mod people;
mod random;
pub mod scores;
pub mod settings;
pub mod table;
pub mod train;
mod weigh;

pub use blocking::{KeyPart, Rule, SkewedKey};
pub use cluster::{Clusters, Decision, Refusal, Refused, cluster, cluster_onto};
pub use compare::{Comparison, Level, Test};
pub use error::IdentityError;
pub use field::{Field, FieldKind};
pub use link::{Evidence, Link, Links, link, link_new};
pub use model::{KeptModel, Model, probability};
pub use settings::{Contradiction, Prior, Settings, Training};
pub use table::{RecordRef, Records};
pub use train::{Trained, train};
