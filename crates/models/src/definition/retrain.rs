//! When a model is trained anew by itself: `[retrain]`.

use serde::Deserialize;
use toml::Spanned;

/// The longest time between two trainings, in days.
pub const RETRAIN_DAYS_MAX: u32 = 3653;

/// How often a model is trained anew. What comes of it is a candidate like any other: guards judge it, and somebody else approves it.
///
/// ```toml
/// [retrain]
/// every_days = 90
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RetrainDef {
    /// Days since its newest version was trained, from 1.
    pub every_days: Spanned<u32>,
}

impl RetrainDef {
    /// The days, where they are so many.
    pub(super) fn days(&self) -> Option<u32> {
        Some(*self.every_days.get_ref()).filter(|days| (1..=RETRAIN_DAYS_MAX).contains(days))
    }
}
