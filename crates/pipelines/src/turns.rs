//! Who waits for whom.
//!
//! Two things are done one at a time: what fills the tables of sources (loads), and work that reads these tables as they were at one
//! moment and keeps what it finds out in tables of its own (traits, scores, models, recommendations). The one goes on beside the other: events
//! are there to be asked for while a model learns. Care of the lake, and finding out who is who, is done while neither is.
//!
//! Within a process they stand in line, so that none is passed over for ever; another process that has the lock for longer than a moment is told of.

use std::{path::PathBuf, sync::Arc, time::Duration};

use florin_store::{Lock, LockGuard};
use tokio::sync::{Mutex, OwnedMutexGuard};

use crate::{FlowError, House, house::Scratch};

/// How long work waits for other work of the same process.
const WAITS_MAX: Duration = Duration::from_secs(1_800);

/// How often another process's lock is asked for, and how long between: together longer than the load of some fresh events.
const TRIES_MAX: u32 = 20;
const PAUSE: Duration = Duration::from_millis(100);

/// Where loads, and where work, of one process stand in line.
#[derive(Default)]
pub(crate) struct Lines {
    load: Arc<Mutex<()>>,
    work: Arc<Mutex<()>>,
}

/// What is done one at a time. The name is that of its lock, and of its folder for what is not ready yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    Load,
    Work,
}

/// The turn of something that is done one at a time; it ends when this is dropped.
pub(crate) struct Turn {
    _lock: LockGuard,
    _line: OwnedMutexGuard<()>,
}

/// The turn of what neither loads nor work may go on beside.
pub(crate) struct WholeTurn {
    _work: Turn,
    _load: Turn,
}

/// The turn of a load.
///
/// # Errors
/// When it waited too long, another process loads, or the store fails.
pub(crate) async fn load(house: &House) -> Result<Turn, FlowError> {
    turn(house, What::Load).await
}

/// The turn of work, and the bank with its tables as they are between two loads.
///
/// # Errors
/// As [`load`].
pub(crate) async fn work(house: &House) -> Result<(Turn, House), FlowError> {
    let turn = turn(house, What::Work).await?;
    let _no_load = load(house).await?;
    let catalogue = &house.bank.catalogue;
    let filled = catalogue.tables().map(|table| table.name.as_str()).filter(|name| !name.contains('.'));
    let lake = house.lake.holding(filled).await?;
    Ok((turn, House { lake, ..house.clone() }))
}

/// The turn of what neither may go on beside.
///
/// # Errors
/// As [`load`].
pub(crate) async fn whole(house: &House) -> Result<WholeTurn, FlowError> {
    // Always in this order, as in `work`: two that wait for each other would wait for ever.
    let work = turn(house, What::Work).await?;
    Ok(WholeTurn { _work: work, _load: load(house).await? })
}

async fn turn(house: &House, what: What) -> Result<Turn, FlowError> {
    let line = match what {
        What::Load => &house.lines.load,
        What::Work => &house.lines.work,
    };
    let waited = tokio::time::timeout(WAITS_MAX, Arc::clone(line).lock_owned()).await;
    let line = waited.map_err(|_| FlowError::Busy { by: house.around.process.clone() })?;
    let lock = locked(house, what).await?;
    house.remove_leftover(what);
    Ok(Turn { _lock: lock, _line: line })
}

/// The lock, once another process that is nearly done with it gave it back.
async fn locked(house: &House, what: What) -> Result<LockGuard, FlowError> {
    let mut tries = 1;
    loop {
        match house.store.lock(what.name(), &house.around.process, house.now()).await? {
            Lock::Taken(lock) => return Ok(lock),
            Lock::Held(holder) if tries == TRIES_MAX => return Err(FlowError::Busy { by: holder.by }),
            Lock::Held(_) => tokio::time::sleep(PAUSE).await,
        }
        tries += 1;
    }
}

impl What {
    fn name(self) -> &'static str {
        match self {
            Self::Load => "load",
            Self::Work => "work",
        }
    }
}

impl House {
    /// A folder for what a load has not ready yet, removed when dropped. Only in a load's turn.
    pub(crate) fn scratch_of_load(&self) -> Result<Scratch, FlowError> {
        Scratch::create(self.scratch_of(What::Load).join(self.fresh_name()))
    }

    /// As [`Self::scratch_of_load`], in the turn of work.
    pub(crate) fn scratch_of_work(&self) -> Result<Scratch, FlowError> {
        Scratch::create(self.scratch_of(What::Work).join(self.fresh_name()))
    }

    fn scratch_of(&self, what: What) -> PathBuf {
        self.work_dir.join("scratch").join(what.name())
    }

    /// Removes what those who were killed left behind. Only in the turn: then nobody else has any.
    fn remove_leftover(&self, what: What) {
        let dir = self.scratch_of(what);
        if let Err(error) = std::fs::remove_dir_all(&dir) {
            // Nothing depends on it; it only takes room.
            debug_assert!(error.kind() == std::io::ErrorKind::NotFound || dir.exists());
        }
    }
}
