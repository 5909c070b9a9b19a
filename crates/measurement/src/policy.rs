//! What another policy would have earned, from the log of the one that ran.
//!
//! w = the new policy's chance of the action that was taken over the old one's. IPS: mean w r (Horvitz and Thompson 1952).
//! SNIPS: Σ w r / Σ w (Swaminathan and Joachims 2015). Doubly robust: mean of v + w (r - q), q the reward a model
//! expects of that action and v what it expects of the new policy (Dudík, Langford and Li 2011).

use serde::{Deserialize, Serialize};

use crate::{
    error::{MeasureError, every, same_length, settings},
    interval::{Interval, Level},
    ranking::mean_interval,
};

/// One row a decision.
#[derive(Debug, Clone, Copy)]
pub struct Log<'a> {
    /// The old policy's chance of the action it took, above 0.
    pub logged: &'a [f64],
    /// The new policy's chance of the same action.
    pub target: &'a [f64],
    /// What came of it.
    pub reward: &'a [f64],
    /// What a model expects, for the doubly robust estimate.
    pub expected: Option<Expected<'a>>,
}

/// What a model, not fitted on these rows, expects.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// Of the action that was taken.
    pub of_action: &'a [f64],
    /// Of the new policy: the mean over its actions.
    pub of_policy: &'a [f64],
}

/// What the new policy would have earned a decision.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PolicyValue {
    /// What the old policy earned.
    pub logged: Interval,
    /// Inverse propensity score.
    pub ips: Interval,
    /// Self-normalised: less spread, a little bias.
    pub snips: Interval,
    /// Doubly robust.
    pub doubly_robust: Option<Interval>,
    /// Rows that would be as sure without weights: (Σ w)² / Σ w² (Kish 1965). When it is small, nothing here is sure.
    pub effective_rows: f64,
    /// Mean weight. Far from 1, some action of the new policy was never tried, and no estimate is right.
    pub mean_weight: f64,
    /// Share of rows whose weight was cut.
    pub cut: f64,
}

/// Weights above `weight_max` (at least 1; infinite for none) are cut to it: less spread, some bias.
///
/// # Errors
/// When lengths differ, a chance is not one, a reward is not finite, or there are no rows.
pub fn policy_value(log: &Log<'_>, weight_max: f64, level: Level) -> Result<PolicyValue, MeasureError> {
    check(log, weight_max)?;
    let raw = || log.target.iter().zip(log.logged).map(|(target, logged)| target / logged);
    let weights: Vec<f64> = raw().map(|w| w.min(weight_max)).collect();
    let n = weights.len() as f64;
    let weighted: Vec<f64> = weights.iter().zip(log.reward).map(|(w, r)| w * r).collect();
    let (sum, squares) = (weights.iter().sum::<f64>(), weights.iter().map(|w| w * w).sum::<f64>());
    if sum <= 0.0 {
        return Err(settings("the new policy takes none of the actions in the log: nothing can be said of it"));
    }
    let snips = weighted.iter().sum::<f64>() / sum;
    let apart: f64 = weights.iter().zip(log.reward).map(|(w, r)| (w * (r - snips)).powi(2)).sum();
    let doubly_robust = log.expected.map(|expected| {
        let one = |row: usize| expected.of_policy[row] + weights[row] * (log.reward[row] - expected.of_action[row]);
        mean_interval(&(0..weights.len()).map(one).collect::<Vec<f64>>(), level)
    });
    Ok(PolicyValue {
        logged: mean_interval(log.reward, level),
        ips: mean_interval(&weighted, level),
        snips: Interval::around(snips, apart.sqrt() / sum, level),
        doubly_robust,
        effective_rows: sum * sum / squares,
        mean_weight: raw().sum::<f64>() / n,
        cut: raw().filter(|w| *w > weight_max).count() as f64 / n,
    })
}

fn check(log: &Log<'_>, weight_max: f64) -> Result<(), MeasureError> {
    let rows = log.logged.len();
    if rows == 0 {
        return Err(MeasureError::Empty);
    }
    if weight_max.is_nan() || weight_max < 1.0 {
        return Err(settings(format!("weights cut at {weight_max}: take 1 or more")));
    }
    same_length("target", log.target.len(), rows)?;
    same_length("reward", log.reward.len(), rows)?;
    every("logged", "above 0 and at most 1", log.logged, |p| p > 0.0 && p <= 1.0)?;
    every("target", "from 0 to 1", log.target, |p| (0.0..=1.0).contains(&p))?;
    every("reward", "a finite number", log.reward, f64::is_finite)?;
    if let Some(expected) = log.expected {
        same_length("of_action", expected.of_action.len(), rows)?;
        same_length("of_policy", expected.of_policy.len(), rows)?;
        every("of_action", "a finite number", expected.of_action, f64::is_finite)?;
        every("of_policy", "a finite number", expected.of_policy, f64::is_finite)?;
    }
    Ok(())
}
