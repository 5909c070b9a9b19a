//! The path of a request of the API: is there room, who asks, may they ask this at all, how long it may take, what is logged.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    time::Instant,
};

use axum::{
    Json,
    extract::{ConnectInfo, Request},
    http::{HeaderMap, HeaderValue, header},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use florin_access::{Scope, Secret};
use florin_api::{CHANGE_HEADER, Endpoint, May, Method, PROBLEM_TYPE, Problem, SESSION_COOKIE};
use florin_domain::Role;

use crate::{
    bounds::REQUEST_SECONDS_MAX,
    caller::{By, Caller},
    failure::{Failure, Inside},
    serve::Told,
    state::Shared,
    tag::tagged,
};

/// The header by which an answer is found in the log.
pub(crate) const REQUEST_ID: &str = "x-request-id";
/// So much of a body is read whose sender is then refused.
const UNHEARD_BYTES_MAX: usize = 64 * 1024;
/// Seconds after which it may be tried again where there is no room.
const ROOM_AFTER: u32 = 1;

/// What the guard knows of a route.
#[derive(Clone)]
pub(crate) struct Guard {
    pub(crate) server: Shared,
    pub(crate) endpoint: Endpoint,
    pub(crate) told: Told,
}

/// Lets a request through, or says why not.
pub(crate) async fn guard(guard: Guard, request: Request, next: Next) -> Response {
    let began = Instant::now();
    let id = guard.server.house().fresh_id();
    let known = request.headers().get(header::IF_NONE_MATCH).cloned();
    let (mut answer, user) = passed(&guard, request, next).await;
    if guard.endpoint.method == Method::Get {
        answer = tagged(answer, known.as_ref()).await;
    }
    let answer = signed(answer, &id);
    let status = answer.status().as_u16();
    guard.server.figures.count(guard.endpoint.id, status, began.elapsed());
    let inside = answer.extensions().get::<Inside>().map(|inside| inside.0.as_str());
    guard.told.request(&id, guard.endpoint.id, status, began.elapsed(), user.as_deref(), inside);
    answer
}

async fn passed(guard: &Guard, mut request: Request, next: Next) -> (Response, Option<String>) {
    let server = &guard.server;
    // Streams go on for long and cost nothing meanwhile.
    let Ok(_room) = server.room.clone().try_acquire_owned() else {
        return (Failure::busy(ROOM_AFTER).into_response(), None);
    };
    let from = address(server, &request);
    let caller = match guard.endpoint.may {
        May::Anybody => None,
        may => match admitted(guard, may, request.headers(), from).await {
            Ok(caller) => Some(caller),
            Err(failure) => {
                // Whoever is still sending would find the connection closed, and not the answer.
                let _ = axum::body::to_bytes(request.into_body(), UNHEARD_BYTES_MAX).await;
                return (failure.into_response(), None);
            }
        },
    };
    let user = caller.as_ref().map(|caller| caller.who.user.clone());
    request.extensions_mut().insert(From(from));
    request.extensions_mut().extend(caller.map(extension).unwrap_or_default());
    let answered = tokio::time::timeout(REQUEST_SECONDS_MAX, next.run(request)).await;
    let answer = answered.unwrap_or_else(|_| {
        let detail = format!("it took longer than {} s; ask for less", REQUEST_SECONDS_MAX.as_secs());
        Failure::new(axum::http::StatusCode::GATEWAY_TIMEOUT, "too_long", detail).into_response()
    });
    (answer, user)
}

/// The address of whoever asks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct From(pub(crate) IpAddr);

fn extension(caller: Caller) -> axum::http::Extensions {
    let mut extensions = axum::http::Extensions::new();
    extensions.insert(caller);
    extensions
}

fn address(server: &Shared, request: &Request) -> IpAddr {
    let connected = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let connected = connected.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |ConnectInfo(address)| address.ip());
    server.door.address(connected, request.headers())
}

async fn admitted(guard: &Guard, may: May, headers: &HeaderMap, from: IpAddr) -> Result<Caller, Failure> {
    let caller = caller(guard, headers, from).await?;
    let changes = guard.endpoint.method.changes();
    if changes && matches!(caller.by, By::Session(_)) && headers.get(CHANGE_HEADER).is_none_or(|value| value != "1") {
        return Err(Failure::refused(format!("send the header `{CHANGE_HEADER}: 1`: pages of other origins cannot")));
    }
    if may == May::Administrator && !caller.who.roles.contains(&Role::Administrator) {
        return Err(Failure::refused("only an administrator of users may do this"));
    }
    guard.server.door.knock(&caller.who.user, guard.server.house().time()).map_err(Failure::throttled)?;
    Ok(caller)
}

async fn caller(guard: &Guard, headers: &HeaderMap, from: IpAddr) -> Result<Caller, Failure> {
    let server = &guard.server;
    if let Some(key) = bearer(headers) {
        let found = server.access.key(&Secret::from(key), needed(&guard.endpoint), from).await?;
        return Ok(Caller { name: found.name, who: found.principal, by: By::Key, from });
    }
    let token = cookie(headers).ok_or_else(Failure::signed_out)?;
    let session = server.access.session(token).await?;
    Ok(Caller {
        name: session.display_name.clone(),
        who: session.principal(),
        by: By::Session(Box::new(session)),
        from,
    })
}

/// What a key must be for. Questions are asked by `POST` too: they say what for, and values stay out of addresses.
fn needed(endpoint: &Endpoint) -> Scope {
    let asks =
        ["sql", "explore", "journeys", "segments"].contains(&endpoint.chapter) && endpoint.method == Method::Post;
    match endpoint.may {
        May::Administrator => Scope::Admin,
        _ if endpoint.method.changes() && !asks => Scope::Write,
        _ => Scope::Query,
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, key) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| key.trim())
}

/// The token of the session, if there is one.
pub(crate) fn cookie(headers: &HeaderMap) -> Option<&str> {
    cookie_named(headers, SESSION_COOKIE)
}

/// What a cookie holds, if it is there.
pub(crate) fn cookie_named<'a>(headers: &'a HeaderMap, wanted: &str) -> Option<&'a str> {
    let all = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = all.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| *name == wanted).map(|(_, value)| value)
}

/// Puts the id of the request on an answer, and into what it says of a failure.
fn signed(mut answer: Response, id: &str) -> Response {
    if let Some(problem) = answer.extensions_mut().remove::<Problem>() {
        let problem = Problem { request_id: id.to_owned(), ..problem };
        let (parts, _) = answer.into_parts();
        let mut headers = parts.headers;
        headers.remove(header::CONTENT_LENGTH);
        answer = (parts.status, Json(problem)).into_response();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(PROBLEM_TYPE));
        answer.headers_mut().extend(headers.drain().filter_map(|(name, value)| Some((name?, value))));
        answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(PROBLEM_TYPE));
        answer.extensions_mut().extend(parts.extensions);
    }
    let headers = answer.headers_mut();
    if let Ok(id) = HeaderValue::from_str(id) {
        headers.insert(REQUEST_ID, id);
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sessions_cookie_is_found_among_others() {
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, "theme=dark; florin_session=abc".parse().unwrap());
        headers.append(header::COOKIE, "x=florin_session".parse().unwrap());
        assert_eq!(cookie(&headers), Some("abc"));
        headers.clear();
        assert_eq!(cookie(&headers), None);
    }
}
