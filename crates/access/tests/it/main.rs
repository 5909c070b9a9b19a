//! Signing in, as a server would see it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::needless_pass_by_value,
    clippy::print_stdout,
    reason = "tests"
)]

mod api_keys;
mod authenticator;
mod issuer;
mod oidc;
mod passkeys;
mod record;
mod second_factor;
mod sessions;
mod sign_in;
mod sql_login;
mod support;
mod users;
