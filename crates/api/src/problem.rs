//! What is said when something is refused or fails (RFC 9457).

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The media type of a problem.
pub const PROBLEM_TYPE: &str = "application/problem+json";

/// Why a request was refused or failed. What is inside (paths, plans, errors of the database) goes to the server's log under the same
/// `request_id` and never into an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Problem {
    /// `about:blank`: the code says more.
    #[serde(rename = "type")]
    pub kind: String,
    /// The status in words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What is wrong, for programs: `refused`, `unknown`, `invalid`, `second_factor` …
    pub code: String,
    /// What is wrong and what to do, for people.
    pub detail: String,
    /// By which the server's log finds the request.
    pub request_id: String,
    /// Places in what was sent, where that is a definition.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub places: Vec<ProblemPlace>,
}

/// A place in a definition, and what is wrong there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProblemPlace {
    /// Which file.
    pub file: String,
    /// Which line, from 1.
    pub line: Option<u32>,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: String,
}
