//! Whose record is this? Match weights, clusters, undo.
//!
//! *Start here*: x
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
mod random;
pub mod scores;
pub mod settings;
pub mod table;
pub mod train;
mod weigh;

pub use blocking::{KeyPart, Rule, SkewedKey};
pub use cluster::{Clusters, Decision, Refusal, Refused, cluster};
pub use compare::{Comparison, Level, Test};
pub use error::IdentityError;
pub use field::{Field, FieldKind};
pub use link::{Evidence, Link, Links, link};
pub use model::{Model, probability};
pub use settings::{Contradiction, Prior, Settings, Training};
pub use table::{RecordRef, Records};
pub use train::{Trained, train};
