//! `florin.toml`.

use std::{collections::BTreeMap, path::Path};

use florin_domain::{Principal, Role};
use florin_governance::PurposeRules;
use florin_lake::S3Settings;
use serde::Deserialize;

use super::{OidcSettings, Problem};

/// `florin.toml`. Paths are relative to the bank directory.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The bank itself.
    pub bank: BankSettings,
    /// Where tables are.
    #[serde(default)]
    pub lake: LakeSettings,
    /// Where the working records are.
    #[serde(default)]
    pub store: StoreSettings,
    /// Where keys are.
    #[serde(default)]
    pub keys: KeySettings,
    /// How customers are found to be one.
    #[serde(default)]
    pub identity: IdentitySettings,
    /// What each purpose rests on.
    #[serde(default)]
    pub purposes: PurposeRules,
    /// Who may act, by name.
    #[serde(default)]
    pub users: BTreeMap<String, UserSettings>,
    /// How `florin serve` listens.
    #[serde(default)]
    pub serve: ServeSettings,
}

/// `[bank]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BankSettings {
    /// For people.
    pub name: String,
    /// An IANA time zone: what days are, and what local times in files are in.
    #[serde(default = "utc")]
    pub time_zone: String,
    /// Who acts when nobody is named (`--as`, `FLORIN_USER`): one of `[users]`.
    #[serde(default)]
    pub operator: Option<String>,
}

/// `[lake]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LakeSettings {
    /// A directory, or `s3://bucket/prefix`.
    #[serde(default = "lake_path")]
    pub path: String,
    /// Hash buckets of new tables about customers: at least the cores that will read them.
    #[serde(default = "buckets")]
    pub buckets: usize,
    /// How to reach S3-compatible storage.
    #[serde(default)]
    pub s3: S3Settings,
}

/// `[store]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoreSettings {
    /// A file, or `postgres://…`.
    #[serde(default = "store_url")]
    pub url: String,
}

/// `[keys]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeySettings {
    /// A directory that only the owner may read.
    #[serde(default = "keys_path")]
    pub path: String,
}

/// `[identity]`
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IdentitySettings {
    /// From which probability on customers are one, 0 to 1. Higher leaves people in pieces, lower makes one of two.
    #[serde(default = "link_probability")]
    pub link_probability: f64,
    /// Systems that know each customer once: two of their customers are never one.
    #[serde(default)]
    pub one_record_systems: Vec<String>,
    /// Since when a merge that was found by comparison is known to sessions as of a time.
    #[serde(default)]
    pub merges_known: MergesKnown,
    /// How long before signing in what an anonymous visitor did is still the customer's, in days.
    #[serde(default = "anonymous_lookback_days")]
    pub anonymous_lookback_days: u32,
    /// How long after an event that says who is signed in others without a customer are still theirs, in minutes.
    #[serde(default = "anonymous_session_minutes")]
    pub anonymous_session_minutes: u32,
}

/// Since when a merge is known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MergesKnown {
    /// Since it was found. Good: a session as of a time sees what the bank saw then. Bad: where years are loaded at once, the past
    /// has nobody whom several systems know.
    #[default]
    Found,
    /// Since both customers were. Good: the past of years that were loaded at once is about persons too. Bad: it shows what
    /// could have been known, not what was.
    BothKnown,
}

/// `[users.<name>]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UserSettings {
    /// What the user is at the bank.
    pub roles: Vec<Role>,
}

/// `[serve]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServeSettings {
    /// Where the API and the console are: address and port. Loopback, unless something that speaks TLS stands before it.
    #[serde(default = "listen")]
    pub listen: String,
    /// Whether browsers reach it by HTTPS, through a proxy that speaks TLS: cookies are then sent no other way.
    #[serde(default)]
    pub https: bool,
    /// How browsers call it, as `https://florin.bank.example`: needed by the bank's sign-on and by passkeys, which are bound to it.
    #[serde(default)]
    pub public_address: Option<String>,
    /// The bank's own sign-on; none when absent.
    #[serde(default)]
    pub oidc: Option<OidcSettings>,
    /// How many proxies of the bank stand before it: so many of the last addresses in `X-Forwarded-For` are theirs to write.
    #[serde(default)]
    pub proxies: usize,
    /// Where events are taken; nowhere when absent.
    #[serde(default)]
    pub events: Option<EventsSettings>,
    /// Where BI tools are answered that speak PostgreSQL's wire protocol; nowhere when absent.
    #[serde(default)]
    pub postgres: Option<SqlSettings>,
    /// Where programs are answered that speak Arrow Flight SQL; nowhere when absent.
    #[serde(default)]
    pub flight: Option<SqlSettings>,
}

/// `[serve.postgres]` and `[serve.flight]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SqlSettings {
    /// Address and port; `127.0.0.1:5432` and `127.0.0.1:32010` when absent. Without TLS, loopback alone.
    #[serde(default)]
    pub listen: Option<String>,
    /// The file of the server's certificate and of those it hangs on (PEM). Relative to the bank directory. With a key, TLS is spoken
    /// and nothing else.
    #[serde(default)]
    pub certificate: Option<String>,
    /// The file of the certificate's key (PEM).
    #[serde(default)]
    pub key: Option<String>,
    /// Connections at once; more are told to come back.
    #[serde(default = "connections_max")]
    pub connections_max: usize,
    /// How long an answer may take, in seconds. A client may ask for less.
    #[serde(default = "statement_timeout_seconds")]
    pub statement_timeout_seconds: u32,
    /// A connection that asks nothing for so long is ended, in seconds.
    #[serde(default = "idle_timeout_seconds")]
    pub idle_timeout_seconds: u32,
}

/// `[serve.events]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventsSettings {
    /// Where they are kept until they are loaded: the folder that the sources' `files` name. Relative to the bank directory.
    #[serde(default = "events_folder")]
    pub folder: String,
    /// The sources that load them.
    pub sources: Vec<String>,
    /// Write keys, by the name that records of each carry.
    pub keys: BTreeMap<String, String>,
    /// Web pages of these origins may post.
    #[serde(default)]
    pub origins: Vec<String>,
}

/// Most buckets a table may have: each is a file a load.
const BUCKETS_MAX: usize = 256;

impl Settings {
    pub(super) fn problems(&self, file: &Path) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut problem = |message: String, help: &str| problems.push(Problem::of_file(file, message, help));
        if jiff::tz::TimeZone::get(&self.bank.time_zone).is_err() {
            problem(
                format!("there is no time zone `{}`", self.bank.time_zone),
                "use an IANA name such as `Asia/Shanghai`",
            );
        }
        if !(1..=BUCKETS_MAX).contains(&self.lake.buckets) {
            problem(format!("{} buckets", self.lake.buckets), "a table has 1 to 256 buckets");
        }
        if !(self.identity.link_probability > 0.0 && self.identity.link_probability < 1.0) {
            problem(
                format!("a link_probability of {}", self.identity.link_probability),
                "a probability is more than 0 and less than 1; 0.99 is usual",
            );
        }
        if let Some(operator) = self.bank.operator.as_ref().filter(|o| !self.users.contains_key(*o)) {
            problem(format!("the operator `{operator}` is no user"), "add a section `[users.<name>]` for them");
        }
        problems
    }

    /// The principal of a user; `None` when the settings do not name them.
    #[must_use]
    pub fn principal(&self, user: &str) -> Option<Principal> {
        let found = self.users.get(user)?;
        Some(Principal { user: user.to_owned(), roles: found.roles.clone() })
    }
}

impl Default for ServeSettings {
    fn default() -> Self {
        Self {
            listen: listen(),
            https: false,
            public_address: None,
            oidc: None,
            proxies: 0,
            events: None,
            postgres: None,
            flight: None,
        }
    }
}

impl Default for SqlSettings {
    fn default() -> Self {
        Self {
            listen: None,
            certificate: None,
            key: None,
            connections_max: connections_max(),
            statement_timeout_seconds: statement_timeout_seconds(),
            idle_timeout_seconds: idle_timeout_seconds(),
        }
    }
}

impl Default for LakeSettings {
    fn default() -> Self {
        Self { path: lake_path(), buckets: buckets(), s3: S3Settings::default() }
    }
}

impl Default for StoreSettings {
    fn default() -> Self {
        Self { url: store_url() }
    }
}

impl Default for KeySettings {
    fn default() -> Self {
        Self { path: keys_path() }
    }
}

impl Default for IdentitySettings {
    fn default() -> Self {
        Self {
            link_probability: link_probability(),
            one_record_systems: Vec::new(),
            merges_known: MergesKnown::default(),
            anonymous_lookback_days: anonymous_lookback_days(),
            anonymous_session_minutes: anonymous_session_minutes(),
        }
    }
}

fn link_probability() -> f64 {
    0.99
}

fn anonymous_lookback_days() -> u32 {
    30
}

fn anonymous_session_minutes() -> u32 {
    30
}

fn listen() -> String {
    "127.0.0.1:8080".to_owned()
}

fn connections_max() -> usize {
    64
}

fn statement_timeout_seconds() -> u32 {
    300
}

fn idle_timeout_seconds() -> u32 {
    1800
}

fn events_folder() -> String {
    ".florin/events".to_owned()
}

fn utc() -> String {
    "UTC".to_owned()
}

fn lake_path() -> String {
    ".florin/lake".to_owned()
}

fn buckets() -> usize {
    16
}

fn store_url() -> String {
    ".florin/florin.db".to_owned()
}

fn keys_path() -> String {
    ".florin/keys".to_owned()
}
