//! The working records of Florin: what it must remember beside the tables of the lake.
//!
//! *What*: definitions with their versions, the ledger of files and batches, the quarantine, customers' numbers and
//! who of them is one, versions of models, who may sign in and with what, consent, the vault, the audit log and locks between processes. One [`Store`] over SQLite (one file, the default) or
//! PostgreSQL (by URL), with the same statements and the same tests on both.
//!
//! *Start here*: [`Store::open`]; then [`batches`](Batch), which tell how a load goes and what a crash leaves behind.
//!
//! *How to read*: one file a topic, each with its types, its part of `impl Store` and its rows. `sql.rs` is the only
//! place that knows there are two databases, apart from `open.rs`, `migrate.rs` and `locks.rs`. `vault.rs` and `keys.rs`
//! are cryptography and hold no database.
//!
//! *How to write*: what belongs together goes into one transaction (`Store::write`), and a transaction that is not
//! committed never happened. A change of a table is a new pair of files in `migrations/`; released ones never change.
//! Times and randomness come from the caller. No error may show a stored value.

mod api_keys;
mod audit;
mod batches;
mod consent;
mod customers;
mod dashboards;
mod definitions;
mod error;
mod files;
mod identity;
mod jobs;
mod keys;
mod locks;
mod memberships;
mod migrate;
mod models;
mod oidc;
mod open;
mod passkeys;
mod prepare;
mod quarantine;
mod sealed;
mod second_factors;
mod sessions;
mod sql;
mod users;
mod vault;

pub use api_keys::{ApiKey, KeyScope, ScramVerifier};
pub use audit::{AuditHead, AuditRow};
pub use batches::{Batch, BatchId, BatchState, NewBatch, SourceTotals};
pub use consent::{Consent, ConsentState, ConsentWord, Origin};
pub use customers::NewCustomer;
pub use dashboards::KeptDashboard;
pub use definitions::{Change, ChangeKind, Definition, RecordedDefinition};
pub use error::{Fault, Result, StoreError};
pub use files::FileStamp;
pub use identity::IdentityEvent;
pub use jobs::{JobState, KeptJob};
pub use keys::{KEY_FILE, Keys, NEXT_KEY_FILE, key_file};
pub use locks::{Holder, Lock, LockGuard};
pub use memberships::{Erasures, Kept, Membership, MembershipLine};
pub use models::{ModelAct, ModelMove, ModelState, ModelVersion, NewModel};
pub use oidc::OidcFlow;
pub use open::{BUSY_WAIT, CONNECTION_WAIT, CONNECTIONS_MAX, Store};
pub use passkeys::{Passkey, PasskeyChallenge};
pub use prepare::{Extras, Prepared};
pub use quarantine::{NewQuarantined, QuarantineCount, QuarantineFilter, QuarantineId, Quarantined};
pub use sealed::Revealed;
pub use second_factors::{NewTotp, Totp};
pub use sessions::{LiveSession, NewSession, SessionLimits};
pub use users::{Credentials, Stays, User, UserChange, UserPassword};
pub use vault::{Random, SealedValue, SubjectKey, TOKEN_PREFIX, Vault, WrappedKey};
