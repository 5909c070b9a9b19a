//! Who signs in, and with what: users, passwords, second factors, sessions, keys for machines. Without HTTP.
//!
//! *What*: [`Access`] over a [`Store`](florin_store::Store). It answers who a request comes from, or why it may not be known; what they
//! may then do is for `governance` to say. Every sign-in, failure, lock-out and change is on the bank's audit log before it counts.
//!
//! *Start here*: [`Access::open`], [`Access::first_administrator`], [`Access::sign_in`], then [`Access::session`] for every request of a
//! person and [`Access::key`] for every request of a machine.
//!
//! *How to read*: [`access`] (what everything hangs on) → [`sign_in`], [`sessions`], [`users`], [`second_factor`], [`oidc`], [`passkeys`], [`api_keys`]
//! (what can be done) → [`hashing`], [`password`], [`totp`], [`scram`], [`scram_exchange`], [`throttle`], [`rate`] (what it is done with: pure, or nearly).
//!
//! *How to write*: a secret is a [`Secret`], so that no `Debug` shows it, and is kept as a hash; it goes into no error and no entry of the
//! log. What fails says [`AccessError::WrongCredentials`] and not which part. Time, randomness and the log are arguments.

pub mod access;
pub mod api_keys;
mod cache;
pub mod error;
pub mod hashing;
pub mod oidc;
pub mod passkeys;
pub mod password;
pub mod rate;
mod record;
pub mod scram;
pub mod scram_exchange;
pub mod second_factor;
mod secret;
pub mod sessions;
pub mod sign_in;
mod signature;
pub mod sql_login;
pub mod throttle;
pub mod totp;
pub mod users;

pub use access::{Access, Authority, FillRandom, Settings, Surroundings};
pub use api_keys::{KeyLine, KeyUse, MadeKey, NewKey};
pub use error::{AccessError, Result};
pub use florin_store::{KeyScope as Scope, ScramVerifier, User, UserChange};
pub use hashing::HashCost;
pub use oidc::{OidcAnswer, OidcBegun, OidcSettings, OidcSignedIn};
pub use passkeys::{NewPasskey, PasskeyAnswer, PasskeyBegun, PasskeyLine, PasskeySettings};
pub use rate::RateLimit;
pub use record::{AuditLog, Unrecorded};
pub use scram_exchange::{ClientFinal, ClientFirst, Malformed, Mechanism, ServerFirst};
pub use second_factor::{Enrolment, SecondFactor};
pub use secret::Secret;
pub use sessions::{Session, SessionLine};
pub use sign_in::{SignIn, SignedIn};
pub use sql_login::{SqlLogin, SqlSignedIn};
pub use users::{NewUser, OneTimePassword, UserDetail};
