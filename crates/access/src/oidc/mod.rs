//! The bank's own sign-on: OpenID Connect's authorization code flow, with PKCE.
//!
//! *Goals.* Whoever the bank's sign-on names has the same session as one who typed a password. Nobody else has: not who stole an answer,
//! not who lured somebody into signing in as another, not who can write claims that nobody signed.
//!
//! *Decision.* The browser that begins is given a secret in a cookie. `nonce` and PKCE's verifier are derived from it, so that the
//! store, which has hashes of it and of `state`, holds nothing that could finish a sign-on. A sign-on is used once and lasts
//! [`FLOW_HOLDS`]. What comes back must have the `state` and the cookie of one; the ID token must be signed by a key that the issuer
//! publishes, for us, now, with our `nonce` (`token.rs`). Then `people.rs` says which user it is: the first time by a claim, from then on
//! by the subject, which never becomes another's.
//!
//! *Why not a library.* `openidconnect` 4.1 brings 43 packages, among them RSA code with an advisory open since 2023, and a second
//! version of most of our cryptography. What is left when signatures are checked by `ring`, which TLS has in the program anyway,
//! is this folder.
//!
//! *Simplifying assumptions.* One issuer. Nothing is encrypted beyond TLS. Signing out here does not sign out there.

mod flow;
mod jwk;
mod people;
mod provider;
mod token;
mod web;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use florin_domain::Role;
use url::Url;

pub use flow::{OidcAnswer, OidcBegun, OidcSignedIn};
pub use web::{Ask, Told, Unreachable, Web};

use crate::{
    error::{AccessError, Result},
    secret::Secret,
};

/// How long a sign-on may take, from the button to the way back.
pub const FLOW_HOLDS: Duration = Duration::from_secs(10 * 60);
/// Sign-ons under way at most; those that end first make room.
pub const FLOWS_MAX: u32 = 10_000;
/// Sign-ons that an address may begin a second, and at once after a pause: a whole branch may sit behind one.
pub const BEGIN_RATE: (u32, u32) = (5, 100);
/// What the issuer says of itself, and its keys, are believed for so long.
pub const PROVIDER_BELIEVED: Duration = Duration::from_secs(60 * 60);
/// Keys are read anew for a token of a key that is not known, but at most so often.
pub const KEYS_AGAIN_AFTER: Duration = Duration::from_secs(60);
/// How far the issuer's clock may be off.
pub const CLOCKS_DIFFER_MAX: Duration = Duration::from_secs(60);

/// What to do with whom the bank's sign-on knows and Florin does not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Unknown {
    /// They are not let in.
    #[default]
    Refuse,
    /// They become a user, with the roles that their claims map to; without any, they are not let in.
    Make,
}

/// What a bank says of its sign-on.
#[derive(Debug, Clone)]
pub struct OidcSettings {
    /// Its address, exactly as it calls itself.
    pub issuer: String,
    /// What we are called there.
    pub client_id: String,
    /// What we show there; a public client has none.
    pub client_secret: Option<Secret>,
    /// What is asked for; `openid` is always.
    pub scopes: Vec<String>,
    /// Where browsers come back to.
    pub redirect_uri: Url,
    /// The claim that is the user's name here.
    pub name_claim: String,
    /// The claim whose values map to roles.
    pub roles_claim: String,
    /// Roles by values of that claim.
    pub roles: BTreeMap<String, Vec<Role>>,
    /// Whether the roles of users are those that their claims map to, each time they sign in.
    pub roles_follow: bool,
    /// What to do with whom Florin does not know.
    pub unknown: Unknown,
}

/// The bank's sign-on, as all requests share it.
pub(crate) struct Oidc {
    pub(crate) settings: OidcSettings,
    pub(crate) web: Arc<dyn Web>,
    pub(crate) provider: provider::Believed,
}

impl Oidc {
    pub(crate) fn new(settings: OidcSettings, web: Arc<dyn Web>) -> Result<Self> {
        let issuer = Url::parse(&settings.issuer).map_err(|_| unfit(&settings.issuer))?;
        if !is_safe(&issuer) || issuer.query().is_some() || issuer.fragment().is_some() {
            return Err(unfit(&settings.issuer));
        }
        Ok(Self { settings, web, provider: provider::Believed::default() })
    }
}

fn unfit(issuer: &str) -> AccessError {
    AccessError::invalid(format!("`{issuer}` cannot be an issuer: write an address that begins with `https://`"))
}

/// Whether what is sent there stays between us and them: by TLS, or within this machine.
pub(crate) fn is_safe(url: &Url) -> bool {
    match (url.scheme(), url.host()) {
        ("https", Some(_)) => true,
        ("http", Some(url::Host::Domain(name))) => name == "localhost",
        ("http", Some(url::Host::Ipv4(address))) => address.is_loopback(),
        ("http", Some(url::Host::Ipv6(address))) => address.is_loopback(),
        _ => false,
    }
}
