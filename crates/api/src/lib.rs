//! What Florin says over HTTP: requests, answers, problems, and the OpenAPI document made of them. No implementation.
//!
//! *What*: every route is one [`Endpoint`]: its method and path, who may call it at all, what it takes and what it answers. The server
//! mounts what is in [`endpoints`] and nothing else; the console's client is generated from [`openapi`].
//!
//! *Start here*: [`endpoints`].
//!
//! *How to read*: one file a topic, each with its types and its `endpoints()`. Times are microseconds since 1970, UTC; money is decimal text;
//! shares are 0 to 1. Whoever asks about customers says for which purpose.
//!
//! *How to write*: a type that the engine's crates already have in the same shape is mirrored here, since what is promised to programs must
//! not change with what is inside; a test of the server reads its real answers as these types, which refuse unknown keys. After a
//! change: `FLORIN_WRITE=1 cargo test -p florin-api` writes `openapi.json` anew.

mod customers;
mod data;
mod definitions;
mod document;
mod endpoint;
mod explore;
mod governance;
mod home;
mod jobs;
mod journeys;
mod models;
mod oidc;
mod passkeys;
mod problem;
mod segments;
mod session;
mod sql;
mod users;

pub use customers::*;
pub use data::*;
pub use definitions::*;
pub use document::{endpoints, openapi};
pub use endpoint::{Answer, Endpoint, May, Method, Takes};
pub use explore::*;
pub use florin_domain::{ColumnType, Counts, DataClass, EventTime, Purpose, Role};
pub use governance::*;
pub use home::*;
pub use jobs::*;
pub use journeys::*;
pub use models::*;
pub use oidc::*;
pub use passkeys::*;
pub use problem::{PROBLEM_TYPE, Problem, ProblemPlace};
pub use segments::*;
pub use session::*;
pub use sql::*;
pub use users::*;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The header that every changing request carries: a page of another origin cannot send it unasked.
pub const CHANGE_HEADER: &str = "x-florin";
/// The cookie of a session.
pub const SESSION_COOKIE: &str = "florin_session";

/// Words in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Words {
    /// In Chinese.
    pub zh: String,
    /// In English.
    pub en: String,
}
