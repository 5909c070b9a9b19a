//! Handlers, run on the engine's runtime.
//!
//! What a flow holds on to while it waits need not be fit for other threads, so a handler's answer is awaited on one thread from beginning to
//! end. That thread is none of those that read requests: a long question delays no event. When whoever asked is gone, the
//! question is dropped.

use std::sync::Arc;

use axum::{
    extract::{FromRequest, FromRequestParts, Request, State},
    response::{IntoResponse, Response},
    routing::{MethodFilter, MethodRouter, on},
};
use tokio::sync::oneshot;

use crate::{failure::Failure, state::Shared};

/// A function of what a request holds. `A` tells its arguments apart.
pub(crate) trait Handle<A>: Clone + Send + Sync + 'static {
    /// Reads the arguments, and answers.
    fn answer(&self, request: Request, server: Shared) -> impl Future<Output = Response>;
}

macro_rules! handle {
    ($($part:ident)*; $last:ident) => {
        #[allow(non_snake_case, reason = "arguments are called as their types")]
        impl<F, Fut, Out, M, $($part,)* $last> Handle<(M, $($part,)* $last,)> for F
        where
            F: Fn($($part,)* $last) -> Fut + Clone + Send + Sync + 'static,
            Fut: Future<Output = Out>,
            Out: IntoResponse,
            $($part: FromRequestParts<Shared>,)*
            $last: FromRequest<Shared, M>,
        {
            async fn answer(&self, request: Request, server: Shared) -> Response {
                #[allow(unused_mut, reason = "not every handler reads parts")]
                let (mut parts, body) = request.into_parts();
                $(let $part = match $part::from_request_parts(&mut parts, &server).await {
                    Ok(read) => read,
                    Err(wrong) => return wrong.into_response(),
                };)*
                match $last::from_request(Request::from_parts(parts, body), &server).await {
                    Ok($last) => self($($part,)* $last).await.into_response(),
                    Err(wrong) => wrong.into_response(),
                }
            }
        }
    };
}

handle!(; L);
handle!(A; L);
handle!(A B; L);
handle!(A B C; L);

/// A route that a handler answers.
pub(crate) fn at<A: 'static>(method: MethodFilter, handler: impl Handle<A>) -> MethodRouter<Shared> {
    on(method, move |State(server): State<Shared>, request: Request| alone(handler.clone(), request, server))
}

async fn alone<A>(handler: impl Handle<A>, request: Request, server: Shared) -> Response {
    let engine = server.engine.clone();
    let (mut tell, told) = oneshot::channel();
    let asking = Arc::clone(&server);
    engine.clone().spawn_blocking(move || {
        engine.block_on(async move {
            let answer = tokio::select! {
                answer = handler.answer(request, asking) => answer,
                () = tell.closed() => return,
            };
            // Whoever asked may have gone just now.
            drop(tell.send(answer));
        });
    });
    told.await.unwrap_or_else(|_| Failure::inside("a handler stopped unexpectedly").into_response())
}
