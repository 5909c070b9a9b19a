//! What is answered when something is refused or fails: one text for whoever asked, and what is inside for the log alone.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use florin_access::AccessError;
use florin_api::{PROBLEM_TYPE, Problem, ProblemPlace};
use florin_pipelines::{FlowError, bank::Problems};
use florin_store::StoreError;

/// What a handler answers.
pub(crate) type Answer<T> = Result<Json<T>, Failure>;

/// Why a request was refused or failed.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) status: StatusCode,
    pub(crate) code: &'static str,
    /// For people.
    detail: String,
    places: Vec<ProblemPlace>,
    /// For the log: what the answer does not say.
    inside: Option<String>,
    /// After how many seconds it may be tried again.
    retry_after: Option<u32>,
}

/// What the log says of a failure; it rides on the answer and never leaves the server.
#[derive(Debug, Clone)]
pub(crate) struct Inside(pub(crate) String);

impl Failure {
    pub(crate) fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self { status, code, detail: detail.into(), places: Vec::new(), inside: None, retry_after: None }
    }

    pub(crate) fn invalid(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid", detail)
    }

    pub(crate) fn unknown(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "unknown", detail)
    }

    pub(crate) fn refused(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "refused", detail)
    }

    pub(crate) fn conflict(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, "conflict", detail)
    }

    pub(crate) fn signed_out() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "signed_out", "sign in first")
    }

    pub(crate) fn busy(seconds: u32) -> Self {
        let failure = Self::new(StatusCode::SERVICE_UNAVAILABLE, "busy", "too much is going on; try again in a moment");
        Self { retry_after: Some(seconds), ..failure }
    }

    pub(crate) fn throttled(seconds: u32) -> Self {
        let detail = format!("too often; try again in {seconds} s");
        Self { retry_after: Some(seconds), ..Self::new(StatusCode::TOO_MANY_REQUESTS, "throttled", detail) }
    }

    /// The bank's own sign-on does not do what it should; why, is for the log.
    pub(crate) fn sign_on(said: &str) -> Self {
        let detail = "the bank's sign-on does not answer as it should; the log has more under this request's id";
        let failure = Self::new(StatusCode::BAD_GATEWAY, "sign_on", detail);
        Self { inside: Some(said.to_owned()), ..failure }
    }

    /// Something failed that whoever asked can do nothing about, or must not hear of.
    pub(crate) fn inside(said: impl std::fmt::Display) -> Self {
        let detail = "something failed inside; the log has more under this request's id";
        let failure = Self::new(StatusCode::INTERNAL_SERVER_ERROR, "failed", detail);
        Self { inside: Some(said.to_string()), ..failure }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let problem = Problem {
            kind: "about:blank".to_owned(),
            title: self.status.canonical_reason().unwrap_or("failed").to_owned(),
            status: self.status.as_u16(),
            code: self.code.to_owned(),
            detail: self.detail,
            // The guard puts it in, which knows it.
            request_id: String::new(),
            places: self.places,
        };
        let mut answer = (self.status, Json(&problem)).into_response();
        let headers = answer.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(PROBLEM_TYPE));
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        answer.extensions_mut().insert(problem);
        if let Some(inside) = self.inside {
            answer.extensions_mut().insert(Inside(inside));
        }
        answer
    }
}

/// An error and what caused it, as people read it.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut said = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = error.to_string();
        // Transparent errors say the same as their causes.
        if !said.contains(&more) {
            said = format!("{said}: {}", more.lines().next().unwrap_or_default());
        }
        cause = error.source();
    }
    said
}

impl From<FlowError> for Failure {
    fn from(error: FlowError) -> Self {
        let said = chain(&error);
        match error {
            FlowError::Bank(problems) => problems.into(),
            FlowError::Refused(_) | FlowError::Approval(_) => Self::refused(said),
            FlowError::Unknown { .. } => Self::unknown(said),
            FlowError::Busy { .. } => Self::conflict(said),
            FlowError::Store(StoreError::Conflict(_)) => Self::conflict(said),
            FlowError::Lake(error) if error.is_the_askers() => Self::invalid(said),
            FlowError::Journey(error) if error.is_the_askers() => Self::invalid(said),
            FlowError::Time(_)
            | FlowError::NeverComputed(_)
            | FlowError::Identity(_)
            | FlowError::Segment(_)
            | FlowError::Model(_)
            | FlowError::Offer(_)
            | FlowError::Feature(_)
            | FlowError::Output(_) => Self::invalid(said),
            _ => Self::inside(said),
        }
    }
}

impl From<Problems> for Failure {
    fn from(problems: Problems) -> Self {
        let places = problems.problems().iter().map(|problem| ProblemPlace {
            file: problem.file.display().to_string(),
            line: problem.line.and_then(|line| u32::try_from(line).ok()),
            message: problem.message.clone(),
            help: problem.help.clone(),
        });
        let places: Vec<ProblemPlace> = places.collect();
        let detail = places.first().map_or_else(String::new, |place| format!("{}: {}", place.file, place.message));
        Self { places, ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, "definition", detail) }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        FlowError::Store(error).into()
    }
}

impl From<AccessError> for Failure {
    fn from(error: AccessError) -> Self {
        let said = error.to_string();
        match error {
            AccessError::WrongCredentials => Self::new(StatusCode::UNAUTHORIZED, "wrong_credentials", said),
            AccessError::SecondFactorNeeded => Self::new(StatusCode::UNAUTHORIZED, "second_factor", said),
            AccessError::PasskeyNeeded => Self::new(StatusCode::UNAUTHORIZED, "passkey", said),
            AccessError::SignInAgain => Self::new(StatusCode::FORBIDDEN, "sign_in_again", said),
            AccessError::NotSignedIn => Self::signed_out(),
            AccessError::MustChangePassword => Self::new(StatusCode::FORBIDDEN, "must_change_password", said),
            AccessError::Throttled { seconds } => Self::throttled(seconds),
            AccessError::Busy => Self::busy(1),
            AccessError::WeakPassword { .. } | AccessError::Invalid { .. } => Self::invalid(said),
            AccessError::Taken { .. } => Self::conflict(said),
            AccessError::NotAllowed { .. } => Self::refused(said),
            AccessError::Unknown { .. } => Self::unknown(said),
            AccessError::SignOn { .. } => Self::sign_on(&said),
            _ => Self::inside(said),
        }
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Self::inside(error)
    }
}

impl From<arrow::error::ArrowError> for Failure {
    fn from(error: arrow::error::ArrowError) -> Self {
        Self::inside(error)
    }
}

impl From<florin_lake::LakeError> for Failure {
    fn from(error: florin_lake::LakeError) -> Self {
        FlowError::Lake(error).into()
    }
}
