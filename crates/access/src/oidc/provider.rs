//! What the issuer says of itself (OpenID Connect Discovery), and its keys. Believed for a while.

use std::sync::Arc;

use florin_domain::EventTime;
use serde::Deserialize;
use tokio::sync::Mutex;
use url::Url;

use super::{
    KEYS_AGAIN_AFTER, Oidc, PROVIDER_BELIEVED, is_safe,
    jwk::{self, Jwk},
    token::{Claims, Signed, Unchecked},
    web::Ask,
};
use crate::{
    access::{Refused, since},
    error::AccessError,
};

/// What was read last.
#[derive(Default)]
pub(crate) struct Believed(Mutex<Option<Read>>);

#[derive(Clone)]
struct Read {
    provider: Arc<Provider>,
    read_at: EventTime,
    keys: Arc<Vec<Jwk>>,
    keys_read_at: EventTime,
}

/// What the issuer says of itself.
#[derive(Debug)]
pub(crate) struct Provider {
    pub(crate) authorization: Url,
    pub(crate) token: Url,
    pub(crate) userinfo: Option<Url>,
    keys: Url,
    /// Whether our secret stands in `Authorization`, and not in the form.
    pub(crate) basic: bool,
    /// Whether answers name the issuer (RFC 9207).
    pub(crate) names_itself: bool,
}

#[derive(Deserialize)]
struct Document {
    issuer: String,
    authorization_endpoint: Url,
    token_endpoint: Url,
    userinfo_endpoint: Option<Url>,
    jwks_uri: Url,
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

impl Oidc {
    /// What the issuer says of itself.
    ///
    /// # Errors
    /// When it cannot be asked, or is not who it should be.
    pub(crate) async fn provider(&self, now: EventTime) -> Result<Arc<Provider>, AccessError> {
        Ok(self.read(now).await?.provider)
    }

    async fn read(&self, now: EventTime) -> Result<Read, AccessError> {
        // One reads, the others wait for it; the client that is asked has a bound for how long.
        let mut believed = self.provider.0.lock().await;
        if let Some(read) = believed.as_ref().filter(|read| since(read.read_at, now) < PROVIDER_BELIEVED) {
            return Ok(read.clone());
        }
        let provider = self.discover().await?;
        let keys = self.read_keys(&provider).await?;
        let read = Read { provider: Arc::new(provider), read_at: now, keys: Arc::new(keys), keys_read_at: now };
        *believed = Some(read.clone());
        Ok(read)
    }

    async fn discover(&self) -> Result<Provider, AccessError> {
        let issuer = &self.settings.issuer;
        let place = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
        let place = Url::parse(&place).map_err(|_| AccessError::sign_on("the issuer's address is none"))?;
        let document: Document = self.json(Ask::get(place), "what it says of itself").await?;
        if document.issuer != *issuer {
            let why = format!("it calls itself `{}` and not `{issuer}`; set `issuer` to what it is", document.issuer);
            return Err(AccessError::sign_on(why));
        }
        let places = [&document.authorization_endpoint, &document.token_endpoint, &document.jwks_uri];
        if !places.into_iter().chain(&document.userinfo_endpoint).all(is_safe) {
            return Err(AccessError::sign_on("it wants to be spoken to without TLS"));
        }
        Ok(provider(document))
    }

    async fn read_keys(&self, provider: &Provider) -> Result<Vec<Jwk>, AccessError> {
        let told = self.fetch(Ask::get(provider.keys.clone()), "its keys").await?;
        jwk::keys(&told).ok_or_else(|| AccessError::sign_on("its keys cannot be read"))
    }

    /// What a token says, if the issuer signed it. Its keys are read anew where none of them may have, as it may have changed them.
    pub(crate) async fn signed(&self, token: &str, now: EventTime) -> Result<Claims, Refused> {
        let token = Unchecked::parse(token).map_err(Refused::Wrong)?;
        let read = self.read(now).await?;
        if let Signed::By(claims) = token.signed_by(&read.keys).map_err(Refused::Wrong)? {
            return Ok(claims);
        }
        let keys = self.keys_again(now).await?;
        match token.signed_by(&keys).map_err(Refused::Wrong)? {
            Signed::By(claims) => Ok(claims),
            Signed::ByUnknownKey => Err(Refused::Wrong("signed by an unknown key")),
        }
    }

    /// The keys as they are now, or as they were moments ago.
    async fn keys_again(&self, now: EventTime) -> Result<Arc<Vec<Jwk>>, AccessError> {
        let mut believed = self.provider.0.lock().await;
        let Some(read) = believed.as_mut() else { return Ok(Arc::default()) };
        if since(read.keys_read_at, now) >= KEYS_AGAIN_AFTER {
            // Also where it fails, so that nobody makes us ask again and again.
            read.keys_read_at = now;
            read.keys = Arc::new(self.read_keys(&read.provider).await?);
        }
        Ok(Arc::clone(&read.keys))
    }

    /// Asks for JSON.
    pub(crate) async fn json<T: serde::de::DeserializeOwned>(&self, ask: Ask, what: &str) -> Result<T, AccessError> {
        let body = self.fetch(ask, what).await?;
        serde_json::from_slice(&body).map_err(|_| AccessError::sign_on(format!("{what} cannot be read")))
    }

    async fn fetch(&self, ask: Ask, what: &str) -> Result<Vec<u8>, AccessError> {
        let told = self.web.ask(ask).await.map_err(|why| AccessError::sign_on(format!("{what}: {why}")))?;
        match told.status {
            200 => Ok(told.body),
            status => Err(AccessError::sign_on(format!("{what}: the status {status}"))),
        }
    }
}

fn provider(document: Document) -> Provider {
    let methods = document.token_endpoint_auth_methods_supported;
    Provider {
        authorization: document.authorization_endpoint,
        token: document.token_endpoint,
        userinfo: document.userinfo_endpoint,
        keys: document.jwks_uri,
        // What holds where nothing is said.
        basic: methods.is_none_or(|methods| methods.iter().any(|method| method == "client_secret_basic")),
        names_itself: document.authorization_response_iss_parameter_supported,
    }
}
