//! What a funnel asks.

use super::STEPS_MAX;
use crate::{JourneyError, Period, Window, Zone, error::settings};

/// Which bits of a row mean a step, which an exclusion: steps first, then exclusions.
const BITS: usize = 64;

/// In which order steps must happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Step after step, whatever happens in between.
    Ordered,
    /// Step after step, in consecutive rows of the customer: no other event in between.
    Strict,
    /// In any order; the window starts with whichever step happens first.
    Any,
    /// As ClickHouse's `windowFunnel` scans, with its modes.
    WindowFunnel(Modes),
}

/// The modes of ClickHouse's `windowFunnel` (version 26.9).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Modes {
    /// `strict_deduplication`: the scan stops at a step (other than the first) that was reached before.
    pub strict_deduplication: bool,
    /// `strict_order`: after the first step, the scan stops at a row without a step and at a step before whose turn it is.
    pub strict_order: bool,
    /// `strict_increase`: a step must be later than the latest row that reached the step before it.
    pub strict_increase: bool,
    /// `strict_once`: a row fills one step of a chain.
    pub strict_once: bool,
    /// `allow_reentry` (with `strict_order`): a step before its turn is passed over instead of ending the scan.
    pub allow_reentry: bool,
}

/// What two steps may have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sharing {
    /// A row: one that meets several conditions fills all of these steps at once (ClickHouse's default).
    Row,
    /// An instant, but not a row (ClickHouse's `strict_once`; PostHog: the same event twice must happen twice).
    Instant,
    /// Nothing: each step is later than the one before it.
    Nothing,
}

/// A row that removes its customer when it comes after one step and before another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exclusion {
    /// The step (from 0) after which it counts.
    pub after: usize,
    /// The step at which it no longer counts.
    pub before: usize,
}

/// Which value of a breakdown a customer goes under.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attribution {
    /// That of the customer's first row with a step and a value.
    First,
    /// That of the customer's last row with a step and a value.
    Last,
    /// Each value has a funnel of its own, of the rows with that value; a customer may be in several.
    Every,
    /// Each value has a funnel in which this step (from 0) must have it; customers who do not get to it are left out.
    Step(usize),
}

/// A funnel's question.
#[derive(Debug, Clone)]
pub struct FunnelSettings {
    /// How many steps: bits `0..steps` of a row.
    pub steps: usize,
    /// In which order.
    pub order: Order,
    /// What steps may share.
    pub sharing: Sharing,
    /// From the first step to any other.
    pub window: Window,
    /// From step `i` to step `i + 1`; empty when only `window` counts.
    pub step_windows: Vec<Window>,
    /// Exclusion `i` is bit `steps + i` of a row.
    pub exclusions: Vec<Exclusion>,
    /// All rows of a chain must have the same value in the `held` column of the batch.
    pub held: bool,
    /// Counts for each value of the `by` column of the batch.
    pub breakdown: Option<Attribution>,
    /// Counts for each period of entry.
    pub trend: Option<Period>,
    /// For windows of days and for the trend.
    pub zone: Zone,
}

impl FunnelSettings {
    /// Ordered, rows may be shared, no window, nothing else.
    #[must_use]
    pub fn new(steps: usize) -> Self {
        Self {
            steps,
            order: Order::Ordered,
            sharing: Sharing::Row,
            window: Window::Unbounded,
            step_windows: Vec::new(),
            exclusions: Vec::new(),
            held: false,
            breakdown: None,
            trend: None,
            zone: Zone::utc(),
        }
    }

    pub(super) fn check(&self) -> Result<(), JourneyError> {
        let steps = self.steps;
        if steps == 0 || steps > STEPS_MAX {
            return Err(settings(format!("a funnel has 1 to {STEPS_MAX} steps, not {steps}")));
        }
        self.check_windows()?;
        self.check_exclusions()?;
        if matches!(self.breakdown, Some(Attribution::Step(step)) if step >= steps) {
            return Err(settings(format!("the breakdown is by a step the funnel does not have; it has {steps}")));
        }
        match self.order {
            Order::Ordered => Ok(()),
            Order::Strict => self.check_strict(),
            Order::Any => self.check_any(),
            Order::WindowFunnel(modes) => self.check_window_funnel(modes),
        }
    }

    fn check_windows(&self) -> Result<(), JourneyError> {
        if !self.step_windows.is_empty() && self.step_windows.len() + 1 != self.steps {
            let (given, wanted) = (self.step_windows.len(), self.steps - 1);
            return Err(settings(format!("{given} windows between steps are given; {wanted} or none are needed")));
        }
        if self.step_windows.iter().chain([&self.window]).any(|window| window.is_empty()) {
            return Err(settings("a window of 0 days holds nothing: the day of the start is the first"));
        }
        Ok(())
    }

    fn check_exclusions(&self) -> Result<(), JourneyError> {
        if self.steps + self.exclusions.len() > BITS {
            return Err(settings(format!("steps and exclusions together may be {BITS} at most")));
        }
        let wrong = self.exclusions.iter().find(|x| x.after >= x.before || x.before >= self.steps);
        wrong.map_or(Ok(()), |x| {
            let (after, before) = (x.after, x.before);
            Err(settings(format!(
                "an exclusion after step {after} and before step {before} has no place in the funnel"
            )))
        })
    }

    fn check_strict(&self) -> Result<(), JourneyError> {
        self.without_exclusions("strict order leaves no room for exclusions between steps")
    }

    fn check_any(&self) -> Result<(), JourneyError> {
        self.without_exclusions("in any order there is no `between` for exclusions")?;
        if !self.step_windows.is_empty() {
            return Err(settings("in any order no step has a step before it: give one window overall"));
        }
        if matches!(self.breakdown, Some(Attribution::Step(_))) {
            return Err(settings(
                "in any order steps have no number to take a value from: use `First`, `Last` or `Every`",
            ));
        }
        if self.sharing != Sharing::Row {
            return Err(settings("in any order a row counts for every step it meets: sharing must be `Row`"));
        }
        Ok(())
    }

    fn check_window_funnel(&self, modes: Modes) -> Result<(), JourneyError> {
        self.without_exclusions("windowFunnel has no exclusions: use the order `Ordered`")?;
        let by_row = matches!(self.breakdown, Some(Attribution::Every | Attribution::Step(_)));
        if self.held || by_row || !self.step_windows.is_empty() || self.sharing != Sharing::Row {
            return Err(settings(
                "windowFunnel has modes instead of sharing, one window, and a customer has one value: use the order `Ordered`",
            ));
        }
        if modes.allow_reentry && !modes.strict_order {
            return Err(settings("allow_reentry needs strict_order"));
        }
        Ok(())
    }

    fn without_exclusions(&self, why: &str) -> Result<(), JourneyError> {
        if self.exclusions.is_empty() { Ok(()) } else { Err(settings(why)) }
    }
}
