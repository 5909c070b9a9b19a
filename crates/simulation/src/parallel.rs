//! Work by several threads whose results come back in order, so that files do not depend on the number of threads.

use std::{
    collections::BTreeMap,
    sync::{
        Condvar, Mutex, MutexGuard, PoisonError,
        mpsc::{Receiver, sync_channel},
    },
    thread,
};

use crate::SimulationError;

/// Results that may wait to be taken, for each thread.
const AHEAD_MAX: usize = 3;

/// How far the work is.
#[derive(Default)]
struct Progress {
    next: usize,
    taken: usize,
}

struct Board {
    progress: Mutex<Progress>,
    moved: Condvar,
    jobs: usize,
    ahead_max: usize,
}

impl Board {
    fn lock(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next job, as soon as the taker is not too far behind; `None` when there is none left.
    fn claim(&self) -> Option<usize> {
        let mut progress = self.lock();
        while progress.next < self.jobs && progress.next >= progress.taken.saturating_add(self.ahead_max) {
            progress = self.moved.wait(progress).unwrap_or_else(PoisonError::into_inner);
        }
        let job = progress.next;
        progress.next += 1;
        (job < self.jobs).then_some(job)
    }

    fn taken(&self, up_to: usize) {
        self.lock().taken = up_to;
        self.moved.notify_all();
    }

    /// No further job is handed out.
    fn stop(&self) {
        let mut progress = self.lock();
        progress.next = self.jobs;
        progress.taken = usize::MAX;
        self.moved.notify_all();
    }
}

/// Does `jobs` jobs on `workers` threads and hands their results to `take` in the order of the jobs, on this thread.
///
/// # Errors
/// The first that `take` returns; work then stops.
pub(crate) fn in_order<T: Send>(
    workers: usize,
    jobs: usize,
    work: &(dyn Fn(usize) -> T + Sync),
    take: &mut dyn FnMut(T) -> Result<(), SimulationError>,
) -> Result<(), SimulationError> {
    let workers = workers.clamp(1, jobs.max(1));
    let board = Board { progress: Mutex::default(), moved: Condvar::new(), jobs, ahead_max: workers * AHEAD_MAX };
    thread::scope(|scope| {
        let (done, results) = sync_channel(workers * AHEAD_MAX);
        for _ in 0..workers {
            let (done, board) = (done.clone(), &board);
            scope.spawn(move || {
                while let Some(job) = board.claim() {
                    if done.send((job, work(job))).is_err() {
                        return;
                    }
                }
            });
        }
        drop(done);
        let outcome = take_all(&board, &results, take);
        board.stop();
        outcome
    })
}

fn take_all<T>(
    board: &Board,
    results: &Receiver<(usize, T)>,
    take: &mut dyn FnMut(T) -> Result<(), SimulationError>,
) -> Result<(), SimulationError> {
    let mut early = BTreeMap::new();
    let mut wanted = 0;
    for (job, result) in results {
        early.insert(job, result);
        while let Some(result) = early.remove(&wanted) {
            take(result)?;
            wanted += 1;
            board.taken(wanted);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_the_order_of_the_jobs() {
        for workers in [1, 2, 5] {
            let mut seen = Vec::new();
            let work = |job: usize| (0..(job * 7919) % 1000).fold(job, |kept, turn| kept + turn - turn);
            in_order(workers, 100, &work, &mut |job| {
                seen.push(job);
                Ok(())
            })
            .unwrap();
            assert!(seen.into_iter().eq(0..100));
        }
    }

    #[test]
    fn work_stops_at_the_first_error() {
        let refuse = SimulationError::Setting { setting: "x", found: 0, allowed: "y" };
        let mut refuse = Some(refuse);
        let outcome = in_order(2, 1000, &|job| job, &mut |_| refuse.take().map_or(Ok(()), Err));
        assert!(outcome.is_err());
    }
}
