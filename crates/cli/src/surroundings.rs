//! The clock, randomness, the machine and the environment: the only place that reads them.

use std::{path::PathBuf, sync::Arc};

use florin_domain::EventTime;
use florin_pipelines::{House, Overrides, Surroundings};

use crate::args::Global;

/// The real ones.
pub(crate) fn surroundings() -> Surroundings {
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let process = format!("florin, process {}", std::process::id());
    Surroundings { now: Arc::new(now), random: Arc::new(random), threads, process, encoders: encoders() }
}

/// Where `cargo xtask models` brings sentence encoders: `FLORIN_MODELS`, or `florin/models` in the user's cache folder.
fn encoders() -> Option<PathBuf> {
    if let Some(folder) = std::env::var_os("FLORIN_MODELS").filter(|folder| !folder.is_empty()) {
        return Some(folder.into());
    }
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let cache = cache.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache")));
    Some(cache?.join("florin/models"))
}

#[expect(clippy::disallowed_methods, reason = "only the binary reads the clock")]
fn now() -> EventTime {
    EventTime(jiff::Timestamp::now().as_microsecond())
}

#[expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    reason = "only the binary reads the random source, and without it there are no keys"
)]
fn random(bytes: &mut [u8]) {
    getrandom::fill(bytes).expect("the system gives random bytes");
}

/// Opens the bank that the command line names, as the user it names.
pub(crate) async fn open(global: &Global) -> anyhow::Result<House> {
    let named = |variable: &str| std::env::var(variable).ok().filter(|v| !v.is_empty());
    let overrides = Overrides {
        lake: global.lake.clone(),
        user: global.user.clone().or_else(|| named("FLORIN_USER")),
        os_user: named("USER").or_else(|| named("LOGNAME")),
    };
    Ok(House::open(&global.bank, &overrides, surroundings()).await?)
}

/// The login name, for a new bank's first user.
pub(crate) fn os_user() -> Option<String> {
    let login = std::env::var("USER").or_else(|_| std::env::var("LOGNAME")).ok()?;
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    (!login.is_empty() && login.chars().all(is_plain)).then_some(login)
}
