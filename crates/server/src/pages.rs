//! The console: files from inside the program, or from a folder.

use std::path::{Component, Path, PathBuf};

use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use florin_console_assets as assets;

use crate::{failure::Failure, state::Shared};

/// What pages may do: nothing from elsewhere, no script but ours. Styles are made at run time by the console's components.
const CONTENT_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; \
                              font-src 'self'; connect-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'self'; \
                              frame-ancestors 'none'";
/// Where files lie whose names have their hash in them.
const HASHED: &str = "assets/";
/// The longest file that is read from a folder.
const FILE_BYTES_MAX: u64 = 64 << 20;

/// Where pages come from.
pub(crate) struct Pages(Option<PathBuf>);

impl Pages {
    pub(crate) fn new(folder: Option<PathBuf>) -> Self {
        Self(folder)
    }

    /// Whether there is a console.
    pub(crate) fn are_built(&self) -> bool {
        self.0.as_ref().map_or_else(assets::is_built, |folder| folder.join("index.html").is_file())
    }

    fn file(&self, path: &str) -> Option<assets::Asset> {
        let Some(folder) = &self.0 else { return assets::file(path) };
        let plain = Path::new(path).components().all(|part| matches!(part, Component::Normal(_)));
        let whole = folder.join(path);
        let fits = std::fs::metadata(&whole).is_ok_and(|meta| meta.is_file() && meta.len() <= FILE_BYTES_MAX);
        if !plain || !fits {
            return None;
        }
        let bytes = std::fs::read(whole).ok()?;
        let hash = florin_domain::KeyHasher::new([0; 32]).id("page", &bytes);
        Some(assets::Asset { hash: format!("{hash:016x}"), kind: assets::kind(path), bytes: bytes.into() })
    }
}

/// Answers what no route answers: a file of the console, or its page, which finds its way by the address itself.
pub(crate) async fn page(State(server): State<Shared>, request: Request) -> Response {
    let path = request.uri().path().trim_start_matches('/');
    if request.method() != Method::GET && request.method() != Method::HEAD {
        return Failure::new(StatusCode::METHOD_NOT_ALLOWED, "unknown", "nothing is done here").into_response();
    }
    if path.starts_with("v1/") {
        return Failure::unknown(format!("there is no route `/{path}`; /v1/openapi.json lists them")).into_response();
    }
    let headers = request.headers();
    if let Some(asset) = server.pages.file(path).filter(|_| !path.is_empty()) {
        return sent(asset, path.starts_with(HASHED), headers);
    }
    if path.contains('.') || !wants_page(headers) {
        return Failure::unknown(format!("there is no `/{path}`")).into_response();
    }
    match server.pages.file("index.html") {
        Some(page) => sent(page, false, headers),
        None => guarded(Response::new(Body::from(assets::FALLBACK)), assets::kind("index.html")),
    }
}

fn wants_page(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    accept.is_none_or(|accept| accept.contains("text/html") || accept.contains("*/*"))
}

fn sent(asset: assets::Asset, immutable: bool, asked: &HeaderMap) -> Response {
    let tag = format!("\"{}\"", asset.hash);
    let known = asked.get(header::IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes());
    let mut answer = match known {
        true => StatusCode::NOT_MODIFIED.into_response(),
        false => Response::new(Body::from(asset.bytes.into_owned())),
    };
    let keep = if immutable { "public, max-age=31536000, immutable" } else { "no-cache" };
    answer.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(keep));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        answer.headers_mut().insert(header::ETAG, tag);
    }
    guarded(answer, asset.kind)
}

fn guarded(mut answer: Response, kind: &'static str) -> Response {
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(CONTENT_POLICY));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    answer
}
