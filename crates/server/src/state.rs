//! What all requests share.

use std::{
    path::PathBuf,
    sync::{Arc, PoisonError, RwLock},
};

use florin_access::Access;
use florin_collector::{Collector, CollectorError, FixedKeys, LocalDisk, Source};
use florin_pipelines::{FlowError, House, bank::EventsSettings};
use tokio::sync::{Semaphore, watch};

use crate::{
    address::PublicAddress, bounds, door::Door, figures::Figures, jobs::Jobs, pages::Pages, sign_on::with_other_ways,
};

/// What handlers are given.
pub(crate) type Shared = Arc<Server>;

/// Why a server does not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The bank.
    #[error(transparent)]
    Flow(#[from] FlowError),
    /// Users and sessions.
    #[error(transparent)]
    Access(#[from] florin_access::AccessError),
    /// The collector of events.
    #[error("the event collector: {0}")]
    Collector(#[from] CollectorError),
    /// The settings.
    #[error("florin.toml, [serve]: {0}")]
    Setting(String),
    /// The address is taken, or not ours.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// Which.
        address: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The doors of BI tools.
    #[error(transparent)]
    Tools(#[from] florin_wire::OpenError),
    /// Serving broke off.
    #[error("serving broke off: {0}")]
    Broken(#[from] std::io::Error),
}

/// A bank behind an address.
pub struct Server {
    house: RwLock<Arc<House>>,
    pub(crate) access: Arc<Access>,
    pub(crate) door: Door,
    pub(crate) jobs: Jobs,
    pub(crate) collector: Option<Arc<Collector>>,
    pub(crate) figures: Figures,
    pub(crate) pages: Pages,
    /// Where questions are answered.
    pub(crate) engine: tokio::runtime::Handle,
    /// Requests that may still be taken on.
    pub(crate) room: Arc<Semaphore>,
    /// Set when the server is told to end.
    pub(crate) ending: watch::Sender<bool>,
}

impl Server {
    /// Puts a bank behind routes, and answers questions on the runtime that this is called on. `pages` is where a built console lies, instead of the one inside the program.
    ///
    /// # Errors
    /// When the collector's folder cannot be used, or the settings are wrong.
    pub async fn open(house: House, pages: Option<PathBuf>) -> Result<Arc<Self>, OpenError> {
        let settings = house.bank().settings.serve.clone();
        let collector = settings.events.as_ref().map(|events| collector(&house, events)).transpose()?;
        let address = PublicAddress::of(&settings)?;
        let access = with_other_ways(crate::door::access(&house).await?, &house, address.as_ref())?;
        Ok(Arc::new(Self {
            access: Arc::new(access),
            door: Door::new(&settings, address.as_ref()),
            jobs: Jobs::new(house.store().clone()),
            collector,
            figures: Figures::default(),
            pages: Pages::new(pages),
            engine: tokio::runtime::Handle::current(),
            room: Arc::new(Semaphore::new(bounds::REQUESTS_MAX)),
            ending: watch::Sender::new(false),
            house: RwLock::new(Arc::new(house)),
        }))
    }

    /// The bank, as its definitions are.
    pub(crate) fn house(&self) -> Arc<House> {
        Arc::clone(&self.house.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Takes definitions as they are on disk by now.
    ///
    /// # Errors
    /// When they are not sound; then those there were hold.
    pub(crate) fn read_again(&self) -> Result<(), FlowError> {
        let again = self.house().read_again()?;
        *self.house.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(again);
        Ok(())
    }

    /// Whether there is a console to be served, and not only a plain page.
    #[must_use]
    pub fn has_console(&self) -> bool {
        self.pages.are_built()
    }

    /// Makes the first administrator when there is no user yet, and says the one-time password, which nobody can say again.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn first_administrator(&self) -> Result<Option<(String, String)>, OpenError> {
        Ok(self.first().await?)
    }
}

fn collector(house: &House, events: &EventsSettings) -> Result<Arc<Collector>, OpenError> {
    let known = &house.bank().sources;
    if let Some(unknown) = events.sources.iter().find(|name| !known.contains_key(*name)) {
        return Err(OpenError::Setting(format!("there is no source `{unknown}` to load events")));
    }
    if let Some((name, _)) = events.keys.iter().find(|(_, key)| key.len() < KEY_CHARS_MIN) {
        return Err(OpenError::Setting(format!(
            "the write key of `{name}` is shorter than {KEY_CHARS_MIN} characters"
        )));
    }
    let source = |name: &String| Source { name: name.clone(), channel: None };
    let keys = FixedKeys::new(events.keys.iter().map(|(name, key)| (key.as_str(), source(name))));
    let mut settings = florin_collector::Settings::default();
    settings.origins.clone_from(&events.origins);
    let around = house.surroundings().clone();
    let clock = Arc::new(move || jiff::Timestamp::from_microsecond((around.now)().micros()).unwrap_or_default());
    let folder = house.bank().path(&events.folder);
    Ok(Arc::new(Collector::open(&folder, settings, Arc::new(keys), clock, Box::new(LocalDisk))?))
}

/// The shortest write key.
const KEY_CHARS_MIN: usize = 12;
