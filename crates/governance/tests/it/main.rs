//! Governance as the other crates use it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod approval;
mod audit;
mod policies;
mod refusals;
mod sessions;

use florin_domain::{Catalogue, EventTime, Principal, Purpose, Role};
use florin_governance::{Grant, Policies, PolicyFile, PurposeRules, Refusal, open_session};

/// When everything in these tests happens.
const NOW: EventTime = EventTime(1_700_000_000_000_000);

fn catalogue() -> Catalogue {
    Catalogue::new(vec![]).unwrap()
}

fn defaults() -> Policies {
    Policies::default_for(&catalogue()).unwrap_or_else(|problems| panic!("{problems}"))
}

/// The default policies and one more file.
fn defaults_and(text: &str) -> Policies {
    let files =
        [PolicyFile::new("default.cedar", florin_governance::DEFAULT_POLICIES), PolicyFile::new("ours.cedar", text)];
    Policies::parse(&files, &catalogue()).unwrap_or_else(|problems| panic!("{problems}"))
}

fn user(name: &str, roles: &[Role]) -> Principal {
    Principal { user: name.to_owned(), roles: roles.to_vec() }
}

fn session(policies: &Policies, principal: &Principal, purpose: Purpose) -> Result<Grant, Refusal> {
    open_session(policies, &catalogue(), &PurposeRules::default(), principal, purpose, None, NOW)
}
