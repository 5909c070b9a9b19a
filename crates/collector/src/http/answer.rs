//! Answers, in the words that each kind of client reads.
//!
//! A refusal is one JSON object that all of them understand: `application/problem+json` (RFC 9457) with `code` and
//! `message`, which Segment's clients look for; PostHog's look for `detail`.

use std::{sync::atomic::Ordering::Relaxed, time::Duration};

use axum::{
    body::Body,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::Response,
};
use serde_json::{Map, Value, json};

use crate::{
    BodyProblem, CollectorError, Dialect, ItemReport, Outcome, Refusal,
    collector::Report,
    figures::Tally,
    settings::{RETRY_AFTER_DISK_SECONDS, RETRY_AFTER_SECONDS},
};

/// Why a request was turned away whole.
#[derive(Debug, thiserror::Error)]
pub(super) enum Refused {
    #[error(transparent)]
    Request(#[from] Refusal),
    #[error("the body has more than {bytes_max} bytes; send fewer events at once")]
    TooLarge { bytes_max: usize },
    #[error("the body did not arrive within {} seconds", .0.as_secs())]
    Slow(Duration),
    #[error("the body broke off")]
    BrokenOff,
    #[error("the body is no {0}, though the request says so")]
    NotDecoded(&'static str),
    #[error("no such content encoding; send gzip, deflate or none")]
    Encoding,
    #[error("too much is going on; try again in a second")]
    Busy,
}

impl Refused {
    fn kind(&self) -> (StatusCode, &'static str) {
        match self {
            Self::Request(Refusal::Unknown) => (StatusCode::UNAUTHORIZED, "unknown_write_key"),
            Self::Request(Refusal::Body(BodyProblem::TooMany { .. })) => {
                (StatusCode::PAYLOAD_TOO_LARGE, "too_many_events")
            }
            Self::Request(Refusal::Body(_)) => (StatusCode::BAD_REQUEST, "invalid_request"),
            Self::Request(Refusal::NotStored(CollectorError::Busy)) | Self::Busy => {
                (StatusCode::TOO_MANY_REQUESTS, "busy")
            }
            Self::Request(Refusal::NotStored(CollectorError::Backlog)) => (StatusCode::SERVICE_UNAVAILABLE, "backlog"),
            Self::Request(Refusal::NotStored(CollectorError::Closed)) => (StatusCode::SERVICE_UNAVAILABLE, "closing"),
            Self::Request(Refusal::NotStored(_)) => (StatusCode::SERVICE_UNAVAILABLE, "not_stored"),
            Self::TooLarge { .. } => (StatusCode::PAYLOAD_TOO_LARGE, "body_too_large"),
            Self::Slow(_) => (StatusCode::REQUEST_TIMEOUT, "body_too_slow"),
            Self::BrokenOff | Self::NotDecoded(_) => (StatusCode::BAD_REQUEST, "invalid_body"),
            Self::Encoding => (StatusCode::UNSUPPORTED_MEDIA_TYPE, "unknown_encoding"),
        }
    }
}

/// What is said of events that were taken.
pub(super) fn taken(dialect: Dialect, report: &Report, strict: bool) -> Response {
    let rejected = report.counts.rejected > 0;
    if dialect == Dialect::PostHogEach {
        return json_answer(StatusCode::OK, "application/json", &each_of_posthog(report));
    }
    if strict {
        let status = if rejected { StatusCode::MULTI_STATUS } else { StatusCode::OK };
        return json_answer(status, "application/json", &each(report));
    }
    let word = if dialect.is_posthog() { json!({"status": "Ok"}) } else { json!({"success": true}) };
    json_answer(StatusCode::OK, "application/json", &word)
}

/// What is said of a request that was turned away.
pub(super) fn refused(refused: &Refused) -> Response {
    let (status, code) = refused.kind();
    let text = refused.to_string();
    let title = status.canonical_reason().unwrap_or("refused");
    let body = json!({
        "type": "about:blank", "title": title, "status": status.as_u16(), "code": code, "detail": text, "message": text,
    });
    let mut answer = json_answer(status, "application/problem+json", &body);
    let wait = match status {
        StatusCode::TOO_MANY_REQUESTS => Some(RETRY_AFTER_SECONDS),
        StatusCode::SERVICE_UNAVAILABLE => Some(RETRY_AFTER_DISK_SECONDS),
        _ => None,
    };
    let headers = answer.headers_mut();
    if let Some(seconds) = wait {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    if status == StatusCode::UNAUTHORIZED {
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"events\", Bearer"));
    }
    answer
}

/// Counts an answer.
pub(super) fn count(tally: &Tally, status: StatusCode) {
    let counter = match status {
        StatusCode::TOO_MANY_REQUESTS => &tally.shed,
        status if status.is_server_error() => &tally.failed,
        status if status.is_client_error() => &tally.wrong,
        _ => &tally.taken,
    };
    counter.fetch_add(1, Relaxed);
}

/// Each event with its outcome, for senders who asked for it.
fn each(report: &Report) -> Value {
    let counts = report.counts;
    let items: Vec<Value> = report.items.iter().map(item).collect();
    json!({
        "success": counts.rejected == 0, "received": counts.received, "stored": counts.stored, "duplicate": counts.duplicate,
        "refused": counts.refused, "rejected": counts.rejected, "items": items,
    })
}

fn item(item: &ItemReport) -> Value {
    let mut fields = Map::new();
    fields.insert("messageId".to_owned(), json!(item.message_id));
    fields.insert("outcome".to_owned(), json!(item.outcome.word()));
    if let Some((code, detail)) = reason(&item.outcome) {
        fields.insert("code".to_owned(), json!(code));
        fields.insert("detail".to_owned(), json!(detail));
    }
    Value::Object(fields)
}

fn reason(outcome: &Outcome) -> Option<(&'static str, String)> {
    match outcome {
        Outcome::Stored | Outcome::Duplicate => None,
        Outcome::Refused(purpose) => Some(("consent", format!("the event says no to {purpose}"))),
        Outcome::Quarantined(problem) | Outcome::Rejected(problem) => Some((problem.code(), problem.to_string())),
    }
}

/// PostHog's newer protocol: a word for each `uuid`.
fn each_of_posthog(report: &Report) -> Value {
    let mut results = Map::new();
    for item in &report.items {
        let Some(id) = &item.message_id else { continue };
        let result = match reason(&item.outcome) {
            None => json!({"result": "ok"}),
            Some((_, detail)) => json!({"result": "drop", "details": detail}),
        };
        results.insert(id.clone(), result);
    }
    json!({ "results": results })
}

fn json_answer(status: StatusCode, kind: &'static str, body: &Value) -> Response {
    let mut answer = Response::new(Body::from(body.to_string()));
    *answer.status_mut() = status;
    answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    answer.headers_mut().insert(HeaderName::from_static("x-content-type-options"), HeaderValue::from_static("nosniff"));
    answer
}
