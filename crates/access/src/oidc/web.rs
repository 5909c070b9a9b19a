//! How the issuer is asked. Whoever puts the parts together hands the HTTP client in.

use async_trait::async_trait;
use url::Url;

use crate::secret::Secret;

/// A request.
#[derive(Debug, Clone)]
pub struct Ask {
    /// Where.
    pub url: Url,
    /// What stands in `Authorization`.
    pub authorization: Option<Secret>,
    /// A form to be posted; without one it is a `GET`.
    pub form: Option<Secret>,
}

impl Ask {
    pub(crate) fn get(url: Url) -> Self {
        Self { url, authorization: None, form: None }
    }
}

/// An answer.
#[derive(Clone)]
pub struct Told {
    /// Its status.
    pub status: u16,
    /// Its body.
    pub body: Vec<u8>,
}

/// No answer came.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unreachable(pub String);

/// An HTTP client. It follows no redirects, and has a bound for how long it waits and how much it reads.
#[async_trait]
pub trait Web: Send + Sync {
    /// Asks.
    ///
    /// # Errors
    /// When no answer came.
    async fn ask(&self, ask: Ask) -> Result<Told, Unreachable>;
}
