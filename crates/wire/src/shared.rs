//! What all connections share: the bank, who signs in, who is connected, and how each can be stopped.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicI32, Ordering},
    },
};

use florin_access::Access;
use florin_pipelines::{House, bank::SqlSettings};
use tokio::sync::{Notify, watch};

use crate::fault::{Fault, code};

/// The bank, as its definitions are by now.
pub type HouseNow = Arc<dyn Fn() -> Arc<House> + Send + Sync>;
/// Who is told of what fails inside, and of who comes and goes.
pub type Tell = Arc<dyn Fn(&str) + Send + Sync>;

/// What all connections share.
pub(crate) struct Shared {
    pub(crate) house: HouseNow,
    pub(crate) access: Arc<Access>,
    pub(crate) tell: Tell,
    pub(crate) settings: SqlSettings,
    pub(crate) ending: watch::Receiver<bool>,
    next: AtomicI32,
    open: Mutex<HashMap<i32, Arc<Stop>>>,
}

impl Shared {
    pub(crate) fn new(
        house: HouseNow,
        access: Arc<Access>,
        tell: Tell,
        settings: SqlSettings,
        ending: watch::Receiver<bool>,
    ) -> Self {
        Self { house, access, tell, settings, ending, next: AtomicI32::new(1), open: Mutex::default() }
    }

    fn open(&self) -> std::sync::MutexGuard<'_, HashMap<i32, Arc<Stop>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A place for a connection; `None` when there are as many as there may be.
    pub(crate) fn enter(self: &Arc<Self>) -> Option<Entered> {
        let mut open = self.open();
        if open.len() >= self.settings.connections_max {
            return None;
        }
        let process = self.next.fetch_add(1, Ordering::Relaxed) & i32::MAX;
        let mut secret = [0; 4];
        ((self.house)().surroundings().random)(&mut secret);
        let stop =
            Arc::new(Stop { secret: i32::from_be_bytes(secret), asked: AtomicBool::new(false), notify: Notify::new() });
        open.insert(process, Arc::clone(&stop));
        Some(Entered { shared: Arc::clone(self), process, stop })
    }

    /// Stops what a connection is answering, for whoever knows its secret.
    pub(crate) fn cancel(&self, process: i32, secret: i32) {
        if let Some(stop) = self.open().get(&process).filter(|stop| stop.secret == secret) {
            stop.ask();
        }
    }

    pub(crate) fn cancel_all(&self) {
        self.open().values().for_each(|stop| stop.ask());
    }

    pub(crate) fn connected(&self) -> usize {
        self.open().len()
    }
}

/// The place of a connection, given back when dropped.
pub(crate) struct Entered {
    shared: Arc<Shared>,
    pub(crate) process: i32,
    pub(crate) stop: Arc<Stop>,
}

impl Drop for Entered {
    fn drop(&mut self) {
        self.shared.open().remove(&self.process);
    }
}

/// How what a connection is answering can be stopped.
pub(crate) struct Stop {
    pub(crate) secret: i32,
    asked: AtomicBool,
    notify: Notify,
}

impl Stop {
    /// A statement begins; what was to stop the one before it does not stop this one.
    pub(crate) fn begin(&self) {
        self.asked.store(false, Ordering::SeqCst);
    }

    fn ask(&self) {
        self.asked.store(true, Ordering::SeqCst);
        self.notify.notify_waiters();
    }

    /// Returns when it is asked.
    pub(crate) async fn asked(&self) {
        loop {
            let mut told = std::pin::pin!(self.notify.notified());
            told.as_mut().enable();
            if self.asked.load(Ordering::SeqCst) {
                return;
            }
            told.await;
        }
    }
}

pub(crate) fn cancelled(by_time: bool) -> Fault {
    let why = if by_time { "statement timeout" } else { "user request" };
    Fault::new(code::CANCELLED, format!("canceling statement due to {why}"))
}
