//! A bank with everything open: settings, store, lake, keys.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use florin_domain::{EventTime, Principal, TableDef};
use florin_lake::{Lake, Location, write::FileSink};
use florin_store::{Keys, Store, Vault};

use crate::{FlowError, bank::Bank, record::Recorder, resolve::KnownPersons, turns::Lines};

/// Fills a slice with random bytes fit for keys.
pub type FillRandom = dyn Fn(&mut [u8]) + Send + Sync;

/// What only the binary has: the clock, randomness, the machine.
#[derive(Clone)]
pub struct Surroundings {
    /// What time it is.
    pub now: Arc<dyn Fn() -> EventTime + Send + Sync>,
    /// Fills with random bytes fit for keys.
    pub random: Arc<FillRandom>,
    /// Threads to use.
    pub threads: usize,
    /// This process, for people who find its lock.
    pub process: String,
    /// Where weights of sentence encoders lie, a folder each: an add-on that somebody brought.
    pub encoders: Option<PathBuf>,
}

/// What the command line says instead of the settings.
#[derive(Debug, Clone, Default)]
pub struct Overrides {
    /// Where all that Florin makes goes: lake, store and keys.
    pub lake: Option<PathBuf>,
    /// Who acts.
    pub user: Option<String>,
    /// Who acts when neither that nor the settings' operator says.
    pub os_user: Option<String>,
}

/// A bank with everything open. Cheap to clone: clones share what is open.
#[derive(Clone)]
pub struct House {
    pub(crate) bank: Arc<Bank>,
    pub(crate) store: Store,
    pub(crate) lake: Lake,
    pub(crate) keys: Arc<Keys>,
    pub(crate) vault: Arc<Vault>,
    pub(crate) recorder: Arc<Recorder>,
    pub(crate) who: Principal,
    pub(crate) around: Surroundings,
    pub(crate) work_dir: PathBuf,
    pub(crate) lines: Arc<Lines>,
    pub(crate) known_persons: Arc<KnownPersons>,
}

impl House {
    /// Opens a bank directory. Keys, store and lake are made when they are not there.
    ///
    /// # Errors
    /// When the directory is not sound, the user is not known, or a part cannot be opened.
    pub async fn open(dir: &Path, overrides: &Overrides, around: Surroundings) -> Result<Self, FlowError> {
        let bank = Bank::read(dir)?;
        let who = principal(&bank, overrides)?;
        let places = Places::of(&bank, overrides)?;
        let keys = open_keys(&places.keys, &around)?;
        let store = Store::open(&places.store).await?;
        let vault = keys.vault();
        let mut random = |bytes: &mut [u8]| (around.random)(bytes);
        store.verify_keys(&vault, &mut random).await?;
        let lake = lake_of(&bank, places.lake);
        let recorder = Arc::new(Recorder::new(&keys, &places.keys));
        let (bank, keys, vault) = (Arc::new(bank), Arc::new(keys), Arc::new(vault));
        Ok(Self {
            bank,
            store,
            lake,
            keys,
            vault,
            recorder,
            who,
            around,
            work_dir: places.work,
            lines: Arc::default(),
            known_persons: Arc::default(),
        })
    }

    /// The same bank, with somebody else acting: whoever the server let in. What they may do is for the policies to say.
    #[must_use]
    pub fn acting_as(&self, who: Principal) -> Self {
        Self { who, ..self.clone() }
    }

    /// The same bank with its definitions as they are on disk by now. What is open stays open.
    ///
    /// # Errors
    /// When the directory is not sound.
    pub fn read_again(&self) -> Result<Self, FlowError> {
        let bank = Arc::new(Bank::read(&self.bank.dir)?);
        Ok(Self { lake: lake_of(&bank, self.lake.location().clone()), bank, ..self.clone() })
    }

    /// The working records, for those who keep users, sessions and jobs in them.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// A vault under the bank's keys, for those who seal secrets of users.
    #[must_use]
    pub fn sealing_vault(&self) -> Vault {
        self.keys.vault()
    }

    /// The machine and the moment.
    #[must_use]
    pub fn surroundings(&self) -> &Surroundings {
        &self.around
    }

    /// A folder of Florin's own beside the lake, for what programs put down between two starts. Made when it is not there.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn folder(&self, name: &str) -> Result<PathBuf, FlowError> {
        let path = self.work_dir.join(name);
        std::fs::create_dir_all(&path).map_err(|e| FlowError::file(&path, e))?;
        Ok(path)
    }

    /// The bank's settings and definitions.
    #[must_use]
    pub fn bank(&self) -> &Bank {
        &self.bank
    }

    /// Who acts.
    #[must_use]
    pub fn who(&self) -> &Principal {
        &self.who
    }

    /// The lake, for what needs no grant: where it is, and its history.
    #[must_use]
    pub fn lake(&self) -> &Lake {
        &self.lake
    }

    /// What time it is, as its surroundings say.
    #[must_use]
    pub fn time(&self) -> EventTime {
        self.now()
    }

    pub(crate) fn now(&self) -> EventTime {
        (self.around.now)()
    }

    pub(crate) fn now_millis(&self) -> i64 {
        self.now().micros().div_euclid(1000)
    }

    /// An id that nothing else has or will have.
    #[must_use]
    pub fn fresh_id(&self) -> String {
        self.fresh_name()
    }

    pub(crate) fn fresh_name(&self) -> String {
        let mut bytes = [0u8; 8];
        (self.around.random)(&mut bytes);
        format!("{:016x}", u64::from_le_bytes(bytes))
    }

    /// Where answers are kept between two questions.
    pub(crate) fn answers(&self) -> PathBuf {
        self.work_dir.join("answers")
    }

    /// Where files of a table go that so many workers write, by way of a directory, under a [fresh name](Self::fresh_name).
    pub(crate) fn sink<'a>(
        &'a self,
        table: &'a Arc<TableDef>,
        scratch: &'a Scratch,
        name: &'a str,
        workers: usize,
        on_rows: &'a (dyn Fn(u64) + Sync),
    ) -> FileSink<'a> {
        let (location, now_millis) = (self.lake.location(), self.now_millis());
        FileSink { location, table, scratch: scratch.path(), name, now_millis, workers, on_rows }
    }
}

fn lake_of(bank: &Bank, location: Location) -> Lake {
    let lake = Lake::new(location, Arc::clone(&bank.catalogue), bank.settings.lake.buckets);
    lake.with_time_zone(&bank.settings.bank.time_zone)
}

/// A directory that is removed when dropped. What a killed process left behind is removed by whoever has its turn next.
pub(crate) struct Scratch(PathBuf);

impl Scratch {
    pub(crate) fn create(path: PathBuf) -> Result<Self, FlowError> {
        std::fs::create_dir_all(&path).map_err(|e| FlowError::file(&path, e))?;
        Ok(Self(path))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // A directory that stays is removed by whoever has its turn next.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

struct Places {
    lake: Location,
    store: String,
    keys: PathBuf,
    work: PathBuf,
}

impl Places {
    fn of(bank: &Bank, overrides: &Overrides) -> Result<Self, FlowError> {
        let settings = &bank.settings;
        if let Some(dir) = &overrides.lake {
            std::fs::create_dir_all(dir).map_err(|e| FlowError::file(dir, e))?;
            return Ok(Self {
                lake: Location::local(dir.join("lake"))?,
                store: dir.join("florin.db").display().to_string(),
                keys: dir.join("keys"),
                work: dir.clone(),
            });
        }
        let work = bank.path(".florin");
        std::fs::create_dir_all(&work).map_err(|e| FlowError::file(&work, e))?;
        let lake = match settings.lake.path.contains("://") {
            true => Location::s3(&settings.lake.path, &settings.lake.s3)?,
            false => Location::local(bank.path(&settings.lake.path))?,
        };
        let store = match settings.store.url.contains("://") {
            true => settings.store.url.clone(),
            false => bank.path(&settings.store.url).display().to_string(),
        };
        Ok(Self { lake, store, keys: bank.path(&settings.keys.path), work })
    }
}

fn principal(bank: &Bank, overrides: &Overrides) -> Result<Principal, FlowError> {
    let known = || bank.settings.users.keys().cloned().collect::<Vec<_>>().join(", ");
    let named = |user: &String| bank.settings.principal(user);
    if let Some(user) = &overrides.user {
        return named(user).ok_or_else(|| FlowError::UnknownUser { user: user.clone(), known: known() });
    }
    let operator = bank.settings.bank.operator.as_ref().and_then(named);
    let found = overrides.os_user.as_ref().and_then(named).or(operator);
    found.ok_or_else(|| FlowError::UnknownUser { user: overrides.os_user.clone().unwrap_or_default(), known: known() })
}

fn open_keys(dir: &Path, around: &Surroundings) -> Result<Keys, FlowError> {
    if florin_store::key_file(dir).exists() {
        return Ok(Keys::load(dir)?);
    }
    std::fs::create_dir_all(dir).map_err(|e| FlowError::file(dir, e))?;
    let mut random = |bytes: &mut [u8]| (around.random)(bytes);
    match Keys::create(dir, &mut random) {
        // Another process was first: its keys hold.
        Err(_) if florin_store::key_file(dir).exists() => Ok(Keys::load(dir)?),
        created => Ok(created?),
    }
}
