//! For each step, the latest chain of rows that reached it.

use super::{STEPS_MAX, reached::Reached};
use crate::{Window, Zone};

/// The windows of a funnel.
#[derive(Debug, Clone)]
pub(super) struct Windows {
    overall: Window,
    /// From a step to the next; `Unbounded` behind the last.
    between: [Window; STEPS_MAX],
    zone: Zone,
}

impl Windows {
    pub(super) fn new(overall: Window, between: &[Window], zone: Zone) -> Self {
        let mut all = [Window::Unbounded; STEPS_MAX];
        all.iter_mut().zip(between).for_each(|(to, from)| *to = *from);
        Self { overall, between: all, zone }
    }

    pub(super) fn overall(&mut self, entry: i64) -> i64 {
        self.overall.deadline(entry, &mut self.zone)
    }

    fn after_step(&mut self, step: usize, ts: i64) -> i64 {
        self.between[step].deadline(ts, &mut self.zone)
    }
}

/// A chain that reached some step: when it started and until when it may go on.
#[derive(Debug, Clone, Copy, Default)]
struct Chain {
    entry: i64,
    last: i64,
    /// The end of the overall window.
    until: i64,
    /// The last instant at which the next step may follow.
    next_until: i64,
}

/// The latest chain to reach each step, and the best chain of all.
///
/// One chain a step is enough. A chain that reaches step `i` at an instant comes from the latest chain at step `i - 1`, whose
/// entry and last row are both at least as late as those of any other chain there; so it starts no earlier and ends later
/// than what it replaces, and whatever could follow the replaced chain can follow it.
#[derive(Debug, Clone)]
pub(super) struct Chains {
    steps: usize,
    windows: Windows,
    /// Bit `i`: `chains[i]` is there.
    present: u64,
    chains: [Chain; STEPS_MAX],
    /// Row `i`: when the chain at step `i` reached each of its steps.
    times: Box<[[i64; STEPS_MAX]; STEPS_MAX]>,
    pub(super) best: Reached,
}

impl Chains {
    pub(super) fn new(steps: usize, windows: Windows) -> Self {
        Self {
            steps: steps.min(STEPS_MAX),
            windows,
            present: 0,
            chains: [Chain::default(); STEPS_MAX],
            times: Box::new([[0; STEPS_MAX]; STEPS_MAX]),
            best: Reached::default(),
        }
    }

    pub(super) fn reset(&mut self) {
        self.present = 0;
        self.best.reset();
    }

    /// Whether the last step was reached.
    pub(super) fn complete(&self) -> bool {
        self.best.level == self.steps
    }

    pub(super) fn has(&self, step: usize) -> bool {
        self.present >> step & 1 == 1
    }

    pub(super) fn any(&self) -> bool {
        self.present != 0
    }

    pub(super) fn keep_only(&mut self, steps: u64) {
        self.present &= steps;
    }

    /// When the chain at a step started.
    pub(super) fn entry(&self, step: usize) -> Option<i64> {
        self.has(step).then(|| self.chains[step].entry)
    }

    /// When the latest row that reached a step happened.
    pub(super) fn last(&self, step: usize) -> Option<i64> {
        self.has(step).then(|| self.chains[step].last)
    }

    pub(super) fn within_overall(&mut self, entry: i64, ts: i64) -> bool {
        ts <= self.windows.overall(entry)
    }

    /// Whether the chain before a step may take it at an instant; the first step may always be taken.
    #[inline]
    pub(super) fn may_take(&self, step: usize, ts: i64) -> bool {
        step == 0 || (self.has(step - 1) && ts <= self.chains[step - 1].next_until)
    }

    /// A row takes a step, if windows allow.
    #[inline]
    pub(super) fn take(&mut self, step: usize, ts: i64) {
        if self.may_take(step, ts) {
            self.run(step, step, ts);
        }
    }

    /// The chain before step `from` takes all steps up to and with `to` at one instant, and stands at `to`.
    #[inline]
    pub(super) fn run(&mut self, from: usize, to: usize, ts: i64) {
        let (entry, until) = match from.checked_sub(1) {
            None => (ts, self.windows.overall(ts)),
            Some(before) => {
                self.copy_times(before, to);
                (self.chains[before].entry, self.chains[before].until)
            }
        };
        self.times[to][from..=to].fill(ts);
        let next_until = until.min(self.windows.after_step(to, ts));
        self.chains[to] = Chain { entry, last: ts, until, next_until };
        self.present |= 1 << to;
        if to >= self.best.level {
            self.best.level = to + 1;
            self.best.times[..=to].copy_from_slice(&self.times[to][..=to]);
        }
    }

    fn copy_times(&mut self, from: usize, to: usize) {
        let (before, after) = self.times.split_at_mut(to);
        if let (Some(source), Some(target)) = (before.get(from), after.first_mut()) {
            target[..=from].copy_from_slice(&source[..=from]);
        }
    }
}
