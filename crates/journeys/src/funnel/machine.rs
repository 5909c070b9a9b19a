//! One customer's rows, one after the other: how far does the customer come?

use super::{
    Exclusion, FunnelSettings, Modes, Order, STEPS_MAX, Sharing,
    chains::{Chains, Windows},
    reached::Reached,
    ties::Tied,
};

/// One row of a customer, as the machines take it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row {
    pub(super) ts: i64,
    /// Steps, then exclusions.
    pub(super) bits: u64,
    /// Which row of the stream it is.
    pub(super) position: u64,
    pub(super) held: u32,
    pub(super) by: u32,
}

/// A funnel over the rows of one customer at a time.
#[derive(Debug, Clone)]
pub(super) enum Machine {
    Ordered(Ordered),
    Strict(Strict),
    Any(Any),
}

impl Machine {
    pub(super) fn new(settings: &FunnelSettings) -> Self {
        let windows = Windows::new(settings.window, &settings.step_windows, settings.zone.clone());
        match settings.order {
            Order::Strict => Self::Strict(Strict::new(settings, windows)),
            Order::Any => Self::Any(Any::new(settings, windows)),
            Order::Ordered => Self::Ordered(Ordered::new(settings, windows, None)),
            Order::WindowFunnel(modes) => Self::Ordered(Ordered::new(settings, windows, Some(modes))),
        }
    }

    pub(super) fn reset(&mut self) {
        match self {
            Self::Ordered(machine) => machine.reset(),
            Self::Strict(machine) => machine.reset(),
            Self::Any(machine) => machine.reset(),
        }
    }

    #[inline]
    pub(super) fn row(&mut self, row: &Row) {
        match self {
            Self::Ordered(machine) => machine.row(row.ts, row.bits),
            Self::Strict(machine) => machine.row(row),
            Self::Any(machine) => machine.row(row.ts, row.bits),
        }
    }

    /// After the last row.
    pub(super) fn end(&mut self) -> &Reached {
        match self {
            Self::Ordered(machine) => machine.end(),
            Self::Strict(machine) => &machine.chains.best,
            Self::Any(machine) => machine.end(),
        }
    }

    /// Whether more rows came at one instant than are kept apart.
    pub(super) fn overflown(&self) -> bool {
        matches!(self, Self::Ordered(machine) if machine.tied.overflown)
    }
}

fn low_bits(count: usize) -> u64 {
    if count >= 64 { u64::MAX } else { (1 << count) - 1 }
}

/// The bits that are set, from the lowest.
fn ones(mut bits: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let lowest = bits.trailing_zeros() as usize;
        bits &= bits.wrapping_sub(1);
        (lowest < 64).then_some(lowest)
    })
}

/// Step after step, whatever lies between. Rows of one instant are gathered first: they have no order among themselves.
#[derive(Debug, Clone)]
pub(super) struct Ordered {
    chains: Chains,
    steps: usize,
    sharing: Sharing,
    exclusions: Vec<Exclusion>,
    modes: Option<Modes>,
    instant: Option<i64>,
    /// All bits of the instant.
    bits: u64,
    /// Steps that more than one row of the instant meets.
    repeated: u64,
    /// Whether a row of the instant has no bit at all.
    foreign: bool,
    tied: Tied,
    /// The rest of the customer's rows cannot matter.
    stopped: bool,
}

impl Ordered {
    fn new(settings: &FunnelSettings, windows: Windows, modes: Option<Modes>) -> Self {
        let sharing = match modes {
            Some(Modes { strict_once: true, strict_increase: true, .. }) => Sharing::Nothing,
            Some(Modes { strict_once: true, .. }) => Sharing::Instant,
            _ => settings.sharing,
        };
        Self {
            chains: Chains::new(settings.steps, windows),
            steps: settings.steps,
            sharing,
            exclusions: settings.exclusions.clone(),
            modes,
            instant: None,
            bits: 0,
            repeated: 0,
            foreign: false,
            tied: Tied::default(),
            stopped: false,
        }
    }

    fn reset(&mut self) {
        self.chains.reset();
        self.clear_instant();
        self.instant = None;
        self.stopped = false;
    }

    fn clear_instant(&mut self) {
        (self.bits, self.repeated, self.foreign) = (0, 0, false);
        self.tied.clear();
    }

    #[inline]
    fn row(&mut self, ts: i64, bits: u64) {
        if self.stopped {
            return;
        }
        if self.instant != Some(ts) {
            self.settle();
            self.clear_instant();
            self.instant = Some(ts);
        }
        let steps = bits & low_bits(self.steps);
        self.repeated |= self.bits & steps;
        self.bits |= bits;
        self.foreign |= bits == 0;
        if self.sharing == Sharing::Instant {
            self.tied.add(steps);
        }
    }

    fn end(&mut self) -> &Reached {
        if !self.stopped {
            self.settle();
        }
        &self.chains.best
    }

    /// All rows of the instant are there.
    #[inline]
    fn settle(&mut self) {
        let Some(ts) = self.instant else { return };
        let met = if self.exclusions.is_empty() { 0 } else { self.bits >> self.steps };
        if met != 0 {
            return self.settle_excluding(met, ts);
        }
        self.settle_steps(ts);
    }

    #[inline]
    fn settle_steps(&mut self, ts: i64) {
        let steps = self.bits & low_bits(self.steps);
        match self.modes {
            None => self.take_all(steps, ts),
            Some(modes) => self.scan(modes, steps, ts),
        }
        self.stopped |= self.chains.complete();
    }

    fn settle_excluding(&mut self, met: u64, ts: i64) {
        let entries = self.entries_before(met);
        self.settle_steps(ts);
        if !self.stopped {
            self.exclude(met, &entries, ts);
        }
    }

    fn take_all(&mut self, steps: u64, ts: i64) {
        match self.sharing {
            Sharing::Row => ones(steps).for_each(|step| self.chains.take(step, ts)),
            Sharing::Nothing => self.take_from_before(steps, ts),
            Sharing::Instant => self.take_apart(steps, ts),
        }
    }

    /// Every step is taken from where chains stood before the instant.
    fn take_from_before(&mut self, steps: u64, ts: i64) {
        (0..self.steps).rev().filter(|step| steps >> step & 1 == 1).for_each(|step| self.chains.take(step, ts));
    }

    /// Rows of the instant fill one step each.
    fn take_apart(&mut self, steps: u64, ts: i64) {
        if self.tied.rows().len() == 1 {
            self.take_from_before(steps, ts);
        } else if self.tied.single() {
            ones(steps).for_each(|step| self.chains.take(step, ts));
        } else {
            self.take_matched(ts);
        }
    }

    /// From each step a chain stands at, as many further steps as different rows fill. Of the chains that get to a step, the
    /// one that starts latest comes from the lowest step.
    fn take_matched(&mut self, ts: i64) {
        let mut start_of = [usize::MAX; STEPS_MAX];
        for start in 0..self.steps {
            if !self.chains.may_take(start, ts) {
                continue;
            }
            let reached = self.tied.longest(start, self.steps);
            start_of[start..start + reached].iter_mut().for_each(|s| *s = (*s).min(start));
        }
        // From the highest down: what a chain starts from has not been overwritten yet.
        for step in (0..self.steps).rev().filter(|step| start_of[*step] != usize::MAX) {
            self.chains.run(start_of[step], step, ts);
        }
    }

    /// As `windowFunnel` goes through the steps of an instant: rows without a step first, then steps from the first on.
    fn scan(&mut self, modes: Modes, steps: u64, ts: i64) {
        if modes.strict_order && self.foreign && self.chains.any() {
            self.stopped = true;
            return;
        }
        let strict = modes.strict_order || modes.strict_deduplication;
        match self.sharing {
            Sharing::Row => self.scan_steps(modes, steps, ts),
            _ if strict => self.scan_once(modes, steps, ts),
            _ => self.take_all(steps, ts),
        }
    }

    fn scan_steps(&mut self, modes: Modes, steps: u64, ts: i64) {
        for step in ones(steps) {
            if !self.turn_of(modes, step, self.chains.best.level) {
                continue;
            }
            if self.stopped {
                return;
            }
            let later = !modes.strict_increase || step == 0 || self.chains.last(step - 1).is_some_and(|last| ts > last);
            if later {
                self.chains.take(step, ts);
            }
            if self.chains.complete() {
                return;
            }
            self.stopped |= step > 0 && self.repeats(modes, step);
        }
    }

    /// Whether a second row of the instant meets a step that is reached by now.
    fn repeats(&self, modes: Modes, step: usize) -> bool {
        modes.strict_deduplication && self.repeated >> step & 1 == 1 && self.chains.best.level > step
    }

    /// Whether a step counts; the scan may stop instead.
    fn turn_of(&mut self, modes: Modes, step: usize, level: usize) -> bool {
        if step == 0 {
            return true;
        }
        self.stopped |= modes.strict_deduplication && level > step;
        let early = modes.strict_order && level > 0 && level < step;
        self.stopped |= early && !modes.allow_reentry;
        !early || self.stopped
    }

    /// The strict modes together with `strict_once`: which steps count is found from the first on, and they are taken from
    /// where chains stood before the rows, unless different rows meet them.
    fn scan_once(&mut self, modes: Modes, steps: u64, ts: i64) {
        if self.tied.single() && self.sharing == Sharing::Instant {
            return self.scan_steps(modes, steps, ts);
        }
        let mut level = self.chains.best.level;
        let mut counted = 0;
        for step in ones(steps) {
            if !self.turn_of(modes, step, level) {
                continue;
            }
            if self.stopped {
                break;
            }
            counted |= 1 << step;
            if self.chains.may_take(step, ts) {
                level = level.max(step + 1);
            }
        }
        self.take_from_before(counted, ts);
    }

    /// For each exclusion met, from when the latest chain that reached the step before it started.
    fn entries_before(&self, met: u64) -> [Option<i64>; 64] {
        let mut entries = [None; 64];
        for (n, exclusion) in self.exclusions.iter().enumerate().filter(|(n, _)| met >> n & 1 == 1) {
            entries[n] = self.chains.entry(exclusion.after);
        }
        entries
    }

    fn exclude(&mut self, met: u64, entries: &[Option<i64>; 64], ts: i64) {
        for n in ones(met) {
            let (Some(exclusion), Some(entry)) = (self.exclusions.get(n), entries[n]) else { continue };
            let gone_on = self.chains.entry(exclusion.before).is_some_and(|reached| reached >= entry);
            if !gone_on && self.chains.within_overall(entry, ts) {
                self.chains.best.excluded = true;
                self.stopped = true;
            }
        }
    }
}

/// Step after step in consecutive rows.
#[derive(Debug, Clone)]
pub(super) struct Strict {
    chains: Chains,
    steps: usize,
    sharing: Sharing,
    position: u64,
}

impl Strict {
    fn new(settings: &FunnelSettings, windows: Windows) -> Self {
        let chains = Chains::new(settings.steps, windows);
        Self { chains, steps: settings.steps, sharing: settings.sharing, position: 0 }
    }

    fn reset(&mut self) {
        self.chains.reset();
    }

    fn row(&mut self, row: &Row) {
        if self.chains.complete() {
            return;
        }
        if row.position != self.position + 1 {
            self.chains.keep_only(0);
        }
        self.position = row.position;
        let mut taken = 0;
        for step in (0..self.steps).rev().filter(|step| row.bits >> step & 1 == 1) {
            let later = self.sharing != Sharing::Nothing
                || step == 0
                || self.chains.last(step - 1).is_none_or(|last| row.ts > last);
            if later && self.chains.may_take(step, row.ts) {
                self.chains.run(step, step, row.ts);
                taken |= 1 << step;
            }
        }
        self.chains.keep_only(taken);
    }
}

/// As many different steps as happen within one window.
#[derive(Debug, Clone)]
pub(super) struct Any {
    windows: Windows,
    steps: usize,
    /// When each step happened last, and the end of the window that starts there.
    last: [Option<(i64, i64)>; STEPS_MAX],
    /// The instant at hand and the end of the window that starts there.
    instant: Option<(i64, i64)>,
    best: Reached,
}

impl Any {
    fn new(settings: &FunnelSettings, windows: Windows) -> Self {
        Self { windows, steps: settings.steps, last: [None; STEPS_MAX], instant: None, best: Reached::default() }
    }

    fn reset(&mut self) {
        self.last[..self.steps].fill(None);
        self.instant = None;
        self.best.reset();
    }

    fn row(&mut self, ts: i64, bits: u64) {
        let steps = bits & low_bits(self.steps);
        if steps == 0 || self.best.level == self.steps {
            return;
        }
        if self.instant.is_none_or(|(instant, _)| instant != ts) {
            self.settle();
            self.instant = Some((ts, self.windows.overall(ts)));
        }
        ones(steps).for_each(|step| self.last[step] = self.instant);
    }

    fn end(&mut self) -> &Reached {
        self.settle();
        &self.best
    }

    /// All rows of the instant are there.
    fn settle(&mut self) {
        let Some((ts, _)) = self.instant else { return };
        let mut times = [0; STEPS_MAX];
        let mut level = 0;
        for (happened, until) in self.last[..self.steps].iter().flatten() {
            if ts <= *until {
                times[level] = *happened;
                level += 1;
            }
        }
        if level > self.best.level {
            times[..level].sort_unstable();
            (self.best.level, self.best.times) = (level, times);
        }
    }
}
