//! A real issuer on loopback, and somebody with a browser. The tests of the server use this file as well.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Lines},
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
};

use serde_json::{Value, json};
use url::Url;

use crate::support::NOW;

/// Where browsers come back to.
pub(crate) const REDIRECT: &str = "http://localhost:9/v1/sign-in/oidc/callback";

/// The certified `oidc-provider`, in a process of its own that ends with this.
pub(crate) struct Issuer {
    process: Child,
    /// It fails when nobody listens to what it says.
    _says: Lines<BufReader<ChildStdout>>,
    pub(crate) address: String,
}

impl Issuer {
    /// With settings over those of `tests/oidc/issuer.mjs`; nothing where Node or the package is not.
    pub(crate) fn start(settings: &Value) -> Option<Self> {
        let Some(modules) = std::env::var_os("FLORIN_TEST_NODE_MODULES") else {
            println!("skipped: FLORIN_TEST_NODE_MODULES is not set");
            return None;
        };
        if !Path::new(&modules).join("oidc-provider").is_dir() {
            println!("skipped: `{}` has no `oidc-provider`", modules.display());
            return None;
        }
        let mut all = json!({"now": NOW / 1_000, "redirect": REDIRECT, "accounts": {
            "s-1": {"preferred_username": "Ana", "name": "Ana Li", "groups": ["florin-analysts", "everybody"]},
            "s-2": {"preferred_username": "zoe", "name": "Zoe", "groups": ["everybody"]},
            "s-3": {"preferred_username": "ana", "name": "Another Ana", "groups": ["florin-analysts"]},
        }});
        all.as_object_mut().unwrap().extend(settings.as_object().unwrap().clone());
        let mut process = Command::new("node")
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("../access/tests/oidc/issuer.mjs"))
            .env("MODULES", modules)
            .env("SETTINGS", all.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let address = lines.by_ref().map(Result::unwrap).find(|line| line.starts_with("http://"));
        let address = address.expect("the issuer says where it listens");
        Some(Self { process, _says: lines, address })
    }
}

impl Drop for Issuer {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}

/// A browser without screen: follows redirects until they lead to us, keeps cookies, fills in the issuer's form.
pub(crate) struct Browser {
    agent: ureq::Agent,
    cookies: BTreeMap<String, String>,
}

impl Browser {
    pub(crate) fn new() -> Self {
        let agent = ureq::Agent::config_builder().http_status_as_error(false).max_redirects(0).build().new_agent();
        Self { agent, cookies: BTreeMap::new() }
    }

    /// Signs in at the issuer; gives back the address that it then sends us to.
    pub(crate) fn sign_on(&mut self, begin: &Url, account: &str) -> Url {
        let mut at = begin.clone();
        let mut form = None;
        for _ in 0..10 {
            let (status, location) = self.ask(&at, form.take());
            match location.map(|location| at.join(&location).unwrap()) {
                Some(ours) if ours.as_str().starts_with(REDIRECT) => return ours,
                Some(next) => at = next,
                None => {
                    assert_eq!(status, 200, "{at}");
                    form = Some(format!("prompt=login&login={account}&password=x"));
                }
            }
        }
        panic!("the issuer sends us in circles, by {at}");
    }

    fn ask(&mut self, url: &Url, form: Option<String>) -> (u16, Option<String>) {
        let method = if form.is_some() { "POST" } else { "GET" };
        let pairs = self.cookies.iter().map(|(name, value)| format!("{name}={value}"));
        let request = ureq::http::Request::builder().method(method).uri(url.as_str());
        let request = request.header("cookie", pairs.collect::<Vec<_>>().join("; "));
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        let answer = self.agent.run(request.body(form.unwrap_or_default()).unwrap()).unwrap();
        for set in answer.headers().get_all("set-cookie") {
            let (name, value) = set.to_str().unwrap().split(';').next().unwrap().split_once('=').unwrap();
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        let location = answer.headers().get("location").map(|value| value.to_str().unwrap().to_owned());
        (answer.status().as_u16(), location)
    }
}
