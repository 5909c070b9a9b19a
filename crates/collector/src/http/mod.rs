//! The paths that Segment's and PostHog's clients post to, as a router that a server mounts.

mod answer;
mod body;
mod cors;

use std::sync::Arc;

use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderMap, Method, header},
    response::Response,
    routing::{MethodRouter, on},
};
use tokio::sync::Semaphore;

use self::{answer::Refused, body::Body};
use crate::{
    Collector, Dialect, Kind,
    collector::{Report, Request as Taken},
    parse::moment,
};

/// The header by which a sender asks to be told of each event (`?strict=1` does the same).
pub const STRICT_HEADER: &str = "florin-strict";

/// What every request needs.
#[derive(Clone)]
struct Desk {
    collector: Arc<Collector>,
    /// Bytes that bodies may still take.
    room: Arc<Semaphore>,
}

/// All paths, answered by this collector.
pub fn router(collector: Arc<Collector>) -> Router {
    let room = Arc::new(Semaphore::new(collector.settings().limits.bytes_in_flight_max));
    let desk = Desk { collector, room };
    let mut router = Router::new();
    for (paths, dialect) in paths() {
        for path in paths {
            router = router.route(path, taking(dialect)).route(&format!("{path}/"), taking(dialect));
        }
    }
    router.with_state(desk)
}

/// Short paths are those of browsers' clients.
fn paths() -> [(&'static [&'static str], Dialect); 9] {
    use Dialect::{PostHog, PostHogEach, SegmentBatch, SegmentEvent};
    [
        (&["/v1/track", "/v1/t"], SegmentEvent(Kind::Track)),
        (&["/v1/identify", "/v1/i"], SegmentEvent(Kind::Identify)),
        (&["/v1/page", "/v1/p"], SegmentEvent(Kind::Page)),
        (&["/v1/screen", "/v1/s"], SegmentEvent(Kind::Screen)),
        (&["/v1/group", "/v1/g"], SegmentEvent(Kind::Group)),
        (&["/v1/alias", "/v1/a"], SegmentEvent(Kind::Alias)),
        (&["/v1/batch", "/v1/b", "/v1/import"], SegmentBatch),
        (&["/capture", "/batch", "/e", "/i/v0/e"], PostHog),
        (&["/i/v1/analytics/events"], PostHogEach),
    ]
}

fn taking(dialect: Dialect) -> MethodRouter<Desk> {
    let methods = axum::routing::MethodFilter::POST.or(axum::routing::MethodFilter::OPTIONS);
    on(methods, move |State(desk): State<Desk>, request: Request| async move { desk.answer(dialect, request).await })
}

impl Desk {
    async fn answer(&self, dialect: Dialect, request: Request) -> Response {
        let origin = cors::allowed(request.headers(), &self.collector.settings().origins);
        if request.method() == Method::OPTIONS {
            return cors::preflight(origin);
        }
        let answer = match self.take(dialect, request).await {
            Ok((report, strict)) => answer::taken(dialect, &report, strict),
            Err(refused) => answer::refused(&refused),
        };
        answer::count(self.collector.tally(), answer.status());
        cors::with_origin(answer, origin)
    }

    async fn take(&self, dialect: Dialect, request: Request) -> Result<(Report, bool), Refused> {
        let (head, stream) = request.into_parts();
        let query = head.uri.query().unwrap_or_default().to_owned();
        let limits = &self.collector.settings().limits;
        let bytes_max = if dialect.is_posthog() { limits.posthog_batch_bytes_max } else { limits.batch_bytes_max };
        // Holds its share of the room until the request is answered.
        let body = Body::read(stream, &head.headers, &query, bytes_max, limits.body_seconds_max, &self.room).await?;
        let word = |name: &str| head.headers.get(name).and_then(|value| value.to_str().ok());
        let strict = wants_strict(&head.headers, &query);
        let taken = Taken {
            dialect,
            body: body.bytes(),
            authorization: word(header::AUTHORIZATION.as_str()),
            key: body::parameter(&query, "token"),
            sent_at: word("posthog-request-timestamp").and_then(moment),
            library: word("posthog-sdk-info"),
            strict,
        };
        let report = self.collector.collect(taken).await?;
        Ok((report, strict))
    }
}

fn wants_strict(headers: &HeaderMap, query: &str) -> bool {
    let yes = |word: &str| matches!(word, "1" | "true" | "yes");
    let header = headers.get(STRICT_HEADER).and_then(|value| value.to_str().ok()).is_some_and(yes);
    header || body::parameter(query, "strict").is_some_and(yes)
}
