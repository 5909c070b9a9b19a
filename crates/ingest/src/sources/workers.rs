//! One thread cuts a file into jobs, the others turn jobs into chunks and hand them out.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicBool, AtomicU64, Ordering},
    mpsc::{Receiver, SyncSender, sync_channel},
};

use super::{Chunk, ReadError, SourceError};

/// Jobs that wait for a worker, at most. Each holds a block of the file.
const JOBS_WAITING_MAX: usize = 2;

/// Takes jobs. Returns false when nobody wants more.
pub(super) struct Jobs<'a, J> {
    sender: SyncSender<J>,
    stopped: &'a AtomicBool,
}

impl<J> Jobs<'_, J> {
    pub(super) fn send(&self, job: J) -> bool {
        !self.stopped.load(Ordering::Relaxed) && self.sender.send(job).is_ok()
    }
}

/// How many records went through.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Totals {
    pub(super) records: u64,
    pub(super) rejected: u64,
}

struct Shared<'a, E> {
    each: &'a (dyn Fn(Chunk) -> Result<(), E> + Sync),
    stopped: AtomicBool,
    failure: Mutex<Option<ReadError<E>>>,
    records: AtomicU64,
    rejected: AtomicU64,
}

impl<E> Shared<'_, E> {
    fn hand_out(&self, chunk: Chunk) -> Result<(), ReadError<E>> {
        self.records.fetch_add(chunk.records() as u64, Ordering::Relaxed);
        self.rejected.fetch_add(chunk.rejects.len() as u64, Ordering::Relaxed);
        (self.each)(chunk).map_err(ReadError::Each)
    }

    /// Keeps the first failure only.
    fn fail(&self, error: ReadError<E>) {
        self.stopped.store(true, Ordering::Relaxed);
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
    }
}

/// What a worker does with one job: any number of chunks, each handed to the function it is given.
type Work<'a, J, E> =
    &'a (dyn Fn(J, &mut dyn FnMut(Chunk) -> Result<(), ReadError<E>>) -> Result<(), ReadError<E>> + Sync);

/// Runs `produce` here and `work` on `workers` other threads, until all jobs are done or one fails.
pub(super) fn run<J: Send, E: Send>(
    workers: usize,
    each: &(dyn Fn(Chunk) -> Result<(), E> + Sync),
    produce: impl FnOnce(&Jobs<'_, J>) -> Result<(), SourceError>,
    work: Work<'_, J, E>,
) -> Result<Totals, ReadError<E>> {
    let shared = Shared {
        each,
        stopped: AtomicBool::new(false),
        failure: Mutex::new(None),
        records: AtomicU64::new(0),
        rejected: AtomicU64::new(0),
    };
    let produced = std::thread::scope(|scope| {
        let (sender, receiver) = sync_channel(JOBS_WAITING_MAX);
        let receiver = Arc::new(Mutex::new(receiver));
        for _ in 0..workers.max(1) {
            let (receiver, shared) = (Arc::clone(&receiver), &shared);
            scope.spawn(move || work_off(&receiver, shared, work));
        }
        // Only workers hold the other end: when they are gone, `send` says so instead of waiting for ever.
        drop(receiver);
        produce(&Jobs { sender, stopped: &shared.stopped })
    });
    if let Some(error) = shared.failure.into_inner().unwrap_or_else(PoisonError::into_inner) {
        return Err(error);
    }
    produced?;
    Ok(Totals { records: shared.records.into_inner(), rejected: shared.rejected.into_inner() })
}

fn work_off<J, E>(receiver: &Mutex<Receiver<J>>, shared: &Shared<'_, E>, work: Work<'_, J, E>) {
    loop {
        let job = receiver.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = job else { return };
        if shared.stopped.load(Ordering::Relaxed) {
            continue;
        }
        if let Err(error) = work(job, &mut |chunk| shared.hand_out(chunk)) {
            shared.fail(error);
        }
    }
}
