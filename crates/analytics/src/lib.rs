//! Journeys over the lake: funnels, retention, sessions, paths, what comes next, how often, when, and what goes together.
//!
//! *What*: a definition (what a bank writes in `journeys/*.toml`, or on the command line) becomes one governed question whose rows
//! come in runs, customer after customer, and the kernels of `journeys` tell from them what happened. Every number comes
//! with the set of customers it counts.
//!
//! *Start here*: [`FunnelDef`] and the other definitions are each a [`Journey`], which is asked in a [`Session`].
//!
//! *How to read*: [`rows`] (from which rows, in SQL) → `parts` (runs side by side, each with a kernel of its own) → one file a
//! journey.
//!
//! *How to write*: SQL and batches stay here, what a journey means stays in `journeys`. Answers do not depend on how rows lie
//! or on how many threads read them: names are sorted before they are numbered or shown.

mod codes;
mod error;
mod functions;
pub mod funnel;
mod funnel_sets;
pub mod holders;
pub mod next;
mod parts;
pub mod paths;
pub mod retention;
pub mod rhythm;
pub mod rows;
pub mod rules;
pub mod sessions;
pub mod stickiness;
mod within;

pub use error::AnalyticsError;
pub use functions::functions;
pub use funnel::{FunnelAnswer, FunnelDef};
pub use funnel_sets::FunnelSets;
pub use holders::{HoldersDef, differences};
pub use next::{NextAnswer, NextDef};
pub use paths::{PathsAnswer, PathsDef};
pub use retention::{RetentionAnswer, RetentionDef};
pub use rhythm::RhythmDef;
pub use rows::{Around, PeriodDef, RowsDef};
pub use rules::{RulesAnswer, RulesDef};
pub use sessions::{SessionsAnswer, SessionsDef};
pub use stickiness::{StickinessAnswer, StickinessDef};

use florin_lake::Session;

/// A question about journeys.
pub trait Journey: Sync {
    /// What comes of it.
    type Answer;

    /// Whether it can be asked, as far as that can be told without rows.
    ///
    /// # Errors
    /// When the definition contradicts itself.
    fn check(&self, around: &Around) -> Result<(), AnalyticsError>;

    /// The question that its rows come from.
    ///
    /// # Errors
    /// When the definition contradicts itself.
    fn sql(&self, around: &Around) -> Result<String, AnalyticsError>;

    /// Asks it.
    ///
    /// # Errors
    /// When the definition contradicts itself, a condition is wrong or may not be asked, or a bound is reached.
    fn ask(
        &self,
        session: &Session,
        around: &Around,
    ) -> impl Future<Output = Result<Self::Answer, AnalyticsError>> + Send;
}
