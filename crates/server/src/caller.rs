//! Who asks, and how what they send is read.

use std::net::IpAddr;

use axum::{
    Json,
    extract::{FromRequest, FromRequestParts, Path, Query, Request},
    http::request::Parts,
};
use florin_access::Session;
use florin_domain::Principal;
use florin_pipelines::House;
use serde::de::DeserializeOwned;

use crate::{failure::Failure, state::Shared};

/// How somebody got in.
#[derive(Debug, Clone)]
pub(crate) enum By {
    /// With a cookie.
    Session(Box<Session>),
    /// With a key of a machine.
    Key,
}

/// Whoever asks. The guard puts it into the request; what is guarded cannot be asked without.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    pub(crate) who: Principal,
    pub(crate) name: String,
    pub(crate) by: By,
    pub(crate) from: IpAddr,
}

impl Caller {
    /// The bank, with them acting.
    pub(crate) fn house(&self, server: &Shared) -> House {
        server.house().acting_as(self.who.clone())
    }

    /// Their session; what only a person may do needs one.
    pub(crate) fn session(&self) -> Result<&Session, Failure> {
        match &self.by {
            By::Session(session) => Ok(session),
            By::Key => Err(Failure::refused("a key of a machine cannot do this; sign in")),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        parts.extensions.get::<Self>().cloned().ok_or_else(Failure::signed_out)
    }
}

/// A JSON body.
pub(crate) struct Body<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        let read = Json::<T>::from_request(request, state).await;
        read.map(|Json(body)| Self(body)).map_err(|wrong| {
            let status = wrong.status();
            Failure::new(status, "invalid", wrong.body_text())
        })
    }
}

/// What stands behind the question mark.
pub(crate) struct Asked<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Asked<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let read = Query::<T>::from_request_parts(parts, state).await;
        read.map(|Query(asked)| Self(asked)).map_err(|wrong| Failure::invalid(wrong.body_text()))
    }
}

/// What stands in the braces of the path.
pub(crate) struct Named<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Named<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let read = Path::<T>::from_request_parts(parts, state).await;
        read.map(|Path(named)| Self(named)).map_err(|wrong| Failure::unknown(wrong.body_text()))
    }
}
