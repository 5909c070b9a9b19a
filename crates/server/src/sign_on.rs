//! The bank's own sign-on, as the settings say, and the HTTP client that asks it.

use std::{path::Path, sync::Arc, time::Duration};

use async_trait::async_trait;
use florin_access::{
    Access, OidcSettings, Secret,
    oidc::{Ask, Told, Unknown, Unreachable, Web},
};
use florin_pipelines::{
    House,
    bank::{self, UnknownUsers},
};
use reqwest::{Certificate, Client, redirect::Policy};

use crate::{address::PublicAddress, state::OpenError};

/// Where the sign-on sends browsers back to.
pub(crate) const CALLBACK: &str = "/v1/sign-in/oidc/callback";
/// How long an answer of the sign-on may take.
const ANSWER_MAX: Duration = Duration::from_secs(10);
/// The longest answer.
const ANSWER_BYTES_MAX: usize = 1 << 20;

/// Lets users in by other ways than a password: by passkeys where there is an address, by the bank's own sign-on where the settings name one.
///
/// # Errors
/// When what they say of it cannot be.
pub(crate) fn with_other_ways(
    access: Access,
    house: &House,
    address: Option<&PublicAddress>,
) -> Result<Access, OpenError> {
    let access = match address.and_then(PublicAddress::site) {
        Some(site) => access.with_passkeys(site),
        None => access,
    };
    let Some(settings) = &house.bank().settings.serve.oidc else { return Ok(access) };
    let address = address.ok_or_else(|| OpenError::Setting("[serve.oidc] needs a public_address".to_owned()))?;
    let secret = client_secret(settings, |file| house.bank().path(file))?;
    let known = OidcSettings {
        issuer: settings.issuer.clone(),
        client_id: settings.client_id.clone(),
        client_secret: secret,
        scopes: settings.scopes.clone(),
        redirect_uri: address.at(CALLBACK),
        name_claim: settings.user_claim.clone(),
        roles_claim: settings.roles_claim.clone(),
        roles: settings.roles.clone(),
        roles_follow: settings.roles_follow,
        unknown: match settings.unknown_users {
            UnknownUsers::Refuse => Unknown::Refuse,
            UnknownUsers::Make => Unknown::Make,
        },
    };
    let certificates = settings.certificates.as_ref().map(|file| house.bank().path(file));
    let client = client(certificates.as_deref())?;
    Ok(access.with_oidc(known, Arc::new(Asking(client)))?)
}

fn client_secret(
    settings: &bank::OidcSettings,
    path: impl Fn(&str) -> std::path::PathBuf,
) -> Result<Option<Secret>, OpenError> {
    match (&settings.client_secret, &settings.client_secret_file) {
        (Some(_), Some(_)) => {
            Err(OpenError::Setting("[serve.oidc] has a client_secret and a client_secret_file: leave one".to_owned()))
        }
        (Some(secret), None) => Ok(Some(secret.0.as_str().into())),
        (None, Some(file)) => {
            let text = std::fs::read_to_string(path(file)).map_err(|error| unread(file, &error))?;
            Ok(Some(text.trim_end_matches(['\r', '\n']).into()))
        }
        (None, None) => Ok(None),
    }
}

fn unread(file: &str, why: &dyn std::fmt::Display) -> OpenError {
    OpenError::Setting(format!("[serve.oidc] `{file}` cannot be read: {why}"))
}

fn client(certificates: Option<&Path>) -> Result<Client, OpenError> {
    let mut building = Client::builder().timeout(ANSWER_MAX).redirect(Policy::none());
    if let Some(file) = certificates {
        let shown = file.display().to_string();
        let text = std::fs::read(file).map_err(|error| unread(&shown, &error))?;
        let all = Certificate::from_pem_bundle(&text).map_err(|error| unread(&shown, &error))?;
        building = building.tls_certs_merge(all);
    }
    building.build().map_err(|error| OpenError::Setting(format!("[serve.oidc] {error}")))
}

/// Asks over HTTP: no redirects, a bound for how long and how much.
struct Asking(Client);

#[async_trait]
impl Web for Asking {
    async fn ask(&self, ask: Ask) -> Result<Told, Unreachable> {
        let mut request = match &ask.form {
            Some(form) => self
                .0
                .post(ask.url.as_str())
                .header("content-type", "application/x-www-form-urlencoded")
                .body(form.expose().to_owned()),
            None => self.0.get(ask.url.as_str()),
        };
        request = request.header("accept", "application/json");
        if let Some(authorization) = &ask.authorization {
            request = request.header("authorization", authorization.expose());
        }
        let answer = request.send().await.map_err(|error| unreachable(&error))?;
        let status = answer.status().as_u16();
        Ok(Told { status, body: body(answer).await? })
    }
}

async fn body(mut answer: reqwest::Response) -> Result<Vec<u8>, Unreachable> {
    let mut body = Vec::new();
    while let Some(part) = answer.chunk().await.map_err(|error| unreachable(&error))? {
        if body.len() + part.len() > ANSWER_BYTES_MAX {
            return Err(Unreachable("its answer is too long".to_owned()));
        }
        body.extend_from_slice(&part);
    }
    Ok(body)
}

fn unreachable(error: &reqwest::Error) -> Unreachable {
    Unreachable(crate::failure::chain(error))
}
