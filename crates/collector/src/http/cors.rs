//! Which web pages' scripts may post: those that a setting names, and nobody else.

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::Response,
};

const METHODS: &str = "POST, OPTIONS";
const HEADERS: &str = "authorization, content-type, content-encoding, florin-strict";
/// How long a browser may remember the answer.
const REMEMBER_SECONDS: u64 = 600;

/// The page's origin, when it may post.
pub(super) fn allowed(headers: &HeaderMap, origins: &[String]) -> Option<HeaderValue> {
    let origin = headers.get(header::ORIGIN)?;
    origins.iter().any(|allowed| origin.as_bytes() == allowed.as_bytes()).then(|| origin.clone())
}

/// The answer to a browser that asks first.
pub(super) fn preflight(origin: Option<HeaderValue>) -> Response {
    let mut answer = Response::new(Body::empty());
    *answer.status_mut() = StatusCode::NO_CONTENT;
    if origin.is_some() {
        let headers = answer.headers_mut();
        headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static(METHODS));
        headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static(HEADERS));
        headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from(REMEMBER_SECONDS));
    }
    with_origin(answer, origin)
}

/// Says that the page may read the answer.
pub(super) fn with_origin(mut answer: Response, origin: Option<HeaderValue>) -> Response {
    let headers = answer.headers_mut();
    headers.insert(header::VARY, HeaderValue::from_static("origin"));
    if let Some(origin) = origin {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    }
    answer
}
