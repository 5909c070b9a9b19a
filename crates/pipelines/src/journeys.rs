//! `florin funnel`, `retention`, `sessions`, `paths`, `next`, `stickiness`, `rhythm`, `rules`: what customers did, one thing
//! after the other.

use florin_analytics::{
    AnalyticsError, Around, FunnelDef, Journey, NextDef, PathsDef, RetentionDef, RhythmDef, RulesDef, SessionsDef,
    StickinessDef,
};
use florin_lake::LakeError;
use serde::{Deserialize, Serialize};

use crate::{FlowError, ask::Asking};

/// A journey that a bank has defined, in `journeys/*.toml`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum JourneyDef {
    /// How many come how far through a sequence of steps.
    Funnel(FunnelDef),
    /// Who comes back.
    Retention(RetentionDef),
    /// Runs of rows without a long pause.
    Sessions(SessionsDef),
    /// What comes after, or before.
    Paths(PathsDef),
    /// What comes right after an event.
    Next(NextDef),
    /// On how many days customers are active.
    Stickiness(StickinessDef),
    /// At which hours of the week.
    Rhythm(RhythmDef),
    /// What goes together.
    Rules(RulesDef),
}

impl JourneyDef {
    /// What kind it is.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Funnel(_) => "funnel",
            Self::Retention(_) => "retention",
            Self::Sessions(_) => "sessions",
            Self::Paths(_) => "paths",
            Self::Next(_) => "next",
            Self::Stickiness(_) => "stickiness",
            Self::Rhythm(_) => "rhythm",
            Self::Rules(_) => "rules",
        }
    }

    /// Checks what can be checked without rows.
    ///
    /// # Errors
    /// When it contradicts itself.
    pub(crate) fn check(&self, around: &Around) -> Result<(), AnalyticsError> {
        match self {
            Self::Funnel(def) => def.check(around),
            Self::Retention(def) => def.check(around),
            Self::Sessions(def) => def.check(around),
            Self::Paths(def) => def.check(around),
            Self::Next(def) => def.check(around),
            Self::Stickiness(def) => def.check(around),
            Self::Rhythm(def) => def.check(around),
            Self::Rules(def) => def.check(around),
        }
    }
}

impl Asking<'_> {
    /// Asks a journey, and tells its answer once the question is on record.
    ///
    /// # Errors
    /// When it cannot be put on record, contradicts itself, or may not be asked.
    pub async fn journey<J: Journey>(&self, journey: &J) -> Result<J::Answer, FlowError> {
        let sql = journey.sql(&self.around())?;
        let recording = self.record_aside(&sql);
        let answer = async {
            self.traits_of(&sql).await?;
            Ok::<_, FlowError>(journey.ask(self.session(), &self.around()).await)
        };
        let answer = answer.await;
        recording.kept().await?;
        self.answered(answer?).await
    }

    /// Asks a journey that is on record.
    pub(crate) async fn told<J: Journey>(&self, journey: &J) -> Result<J::Answer, FlowError> {
        self.answered(journey.ask(self.session(), &self.around()).await).await
    }

    async fn answered<A>(&self, answer: Result<A, AnalyticsError>) -> Result<A, FlowError> {
        match answer {
            Err(AnalyticsError::Lake(error)) => Err(self.refused(error).await),
            answer => Ok(answer?),
        }
    }

    /// How the rows of a journey are read: the plan, a node a line.
    ///
    /// # Errors
    /// As [`Self::journey`].
    pub async fn explain_journey<J: Journey>(&self, journey: &J) -> Result<String, FlowError> {
        let sql = journey.sql(&self.around())?;
        self.traits_of(&sql).await?;
        Ok(self.session().explain_runs(&sql).await?)
    }

    /// The question that a journey's rows come from.
    ///
    /// # Errors
    /// When it contradicts itself.
    pub fn sql_of<J: Journey>(&self, journey: &J) -> Result<String, FlowError> {
        Ok(journey.sql(&self.around())?)
    }

    pub(crate) fn around(&self) -> Around {
        let zone = self.house().bank.settings.bank.time_zone.clone();
        let as_of = self.grant().as_of().unwrap_or_else(|| self.grant().granted_at()).micros();
        Around { zone, as_of, threads: self.house().around.threads }
    }

    /// A refusal is put on record.
    pub(crate) async fn refused(&self, error: LakeError) -> FlowError {
        match crate::ask::refusal_in(&error) {
            Some(refusal) => self.house().record_refusal(refusal).await,
            None => error.into(),
        }
    }
}
