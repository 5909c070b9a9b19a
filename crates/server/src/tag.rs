//! Entity tags of answers: who has one already is told that it is still so, and not the whole of it again.
//!
//! Answers are of customers, so nothing on the way and no browser keeps them (`no-store`). Programs that hold one themselves send its tag in
//! `If-None-Match`.

use axum::{
    body::{Body, HttpBody as _, to_bytes},
    http::{HeaderValue, StatusCode, header},
    response::Response,
};

use crate::failure::Failure;

/// Longer answers are not looked through.
const BYTES_MAX: u64 = 8 << 20;
/// Characters of a tag.
const TAG_CHARS: usize = 32;

/// Puts the tag on an answer to a question, and leaves the body out for those who have it.
pub(crate) async fn tagged(answer: Response, known: Option<&HeaderValue>) -> Response {
    let whole = answer.body().size_hint().exact().is_some_and(|size| size <= BYTES_MAX);
    if answer.status() != StatusCode::OK || !whole {
        return answer;
    }
    let (mut parts, body) = answer.into_parts();
    let Ok(bytes) = to_bytes(body, BYTES_MAX as usize).await else {
        return axum::response::IntoResponse::into_response(Failure::busy(1));
    };
    let tag = format!("\"{:.TAG_CHARS$}\"", blake3::hash(&bytes).to_hex());
    let has_it = known.and_then(|known| known.to_str().ok()).is_some_and(|known| names(known, &tag));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        parts.headers.insert(header::ETAG, tag);
    }
    if !has_it {
        return Response::from_parts(parts, Body::from(bytes));
    }
    parts.status = StatusCode::NOT_MODIFIED;
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.remove(header::CONTENT_TYPE);
    Response::from_parts(parts, Body::empty())
}

/// Whether a header `If-None-Match` names a tag (RFC 9110, 13.1.2: weak ones are the same here).
fn names(header: &str, tag: &str) -> bool {
    let named = header.split(',').map(|one| one.trim().trim_start_matches("W/"));
    header.trim() == "*" || named.into_iter().any(|one| one == tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_named_alone_or_among_others() {
        for (header, named) in
            [("\"a\"", true), ("W/\"a\"", true), ("\"b\", \"a\"", true), ("*", true), ("\"b\"", false), ("a", false)]
        {
            assert_eq!(names(header, "\"a\""), named, "{header}");
        }
    }
}
