//! Mounts every endpoint of the API by its id, and what stands beside the API.

use std::collections::BTreeMap;

use axum::{
    Json, Router,
    extract::{DefaultBodyLimit, Request, State},
    http::{StatusCode, header},
    middleware::{Next, from_fn},
    response::{IntoResponse as _, Response},
    routing::{MethodFilter, MethodRouter, get},
};
use florin_api::{Endpoint, Method, endpoints, openapi};

use crate::{
    bounds::BODY_BYTES_MAX,
    guard::{Guard, guard},
    pages, routes,
    serve::Told,
    state::Shared,
};

/// The ids of all routes that are mounted.
#[must_use]
pub fn mounted() -> Vec<&'static str> {
    endpoints().iter().filter(|one| routes::handler(one.id, MethodFilter::GET).is_some()).map(|one| one.id).collect()
}

/// Everything that the server answers.
pub(crate) fn router(server: &Shared, told: &Told) -> Router {
    let mut paths: BTreeMap<&'static str, MethodRouter<Shared>> = BTreeMap::new();
    for endpoint in endpoints() {
        let Some(route) = routes::handler(endpoint.id, filter(endpoint.method)) else { continue };
        let (path, route) = (endpoint.path, guarded(route, server, endpoint, told));
        let known = paths.remove(path).unwrap_or_default();
        paths.insert(path, known.merge(route));
    }
    let api = paths.into_iter().fold(Router::new(), |router, (path, route)| router.route(path, route));
    let beside = Router::new()
        .route("/v1/openapi.json", get(document))
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
        .fallback(pages::page);
    let all = api.merge(beside).layer(DefaultBodyLimit::max(BODY_BYTES_MAX)).with_state(server.clone());
    match &server.collector {
        Some(collector) => florin_collector::router(collector.clone()).merge(all),
        None => all,
    }
}

fn guarded(route: MethodRouter<Shared>, server: &Shared, endpoint: Endpoint, told: &Told) -> MethodRouter<Shared> {
    let knows = Guard { server: server.clone(), endpoint, told: told.clone() };
    route.layer(from_fn(move |request: Request, next: Next| guard(knows.clone(), request, next)))
}

fn filter(method: Method) -> MethodFilter {
    match method {
        Method::Get => MethodFilter::GET,
        Method::Post => MethodFilter::POST,
        Method::Put => MethodFilter::PUT,
        Method::Patch => MethodFilter::PATCH,
        Method::Delete => MethodFilter::DELETE,
    }
}

async fn document() -> Response {
    Json(openapi()).into_response()
}

/// Whether questions are answered: the store can be read.
async fn ready(State(server): State<Shared>) -> Response {
    if *server.ending.borrow() {
        return (StatusCode::SERVICE_UNAVAILABLE, "ending\n").into_response();
    }
    match server.jobs.open().await {
        Ok(_) => "ready\n".into_response(),
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "the store cannot be read\n").into_response(),
    }
}

/// Counts of requests and events; nothing of customers.
async fn metrics(State(server): State<Shared>) -> Response {
    let jobs = server.jobs.open().await.unwrap_or_default();
    let text = server.figures.text(server.collector.as_deref(), jobs);
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response()
}
