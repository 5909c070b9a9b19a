//! What was measured of a model, by what it foretells.

use florin_measurement::Interval;
use serde::{Deserialize, Serialize};

use super::{
    EffectEvaluation, Evaluation, OddEvaluation, SeriesEvaluation, SurvivalEvaluation, TextEvaluation,
    report::{Finding, GuardVerdict},
};
use crate::{explain::Importance, leaks::Leak};

/// What was measured of a model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Assessment {
    /// Of one that says how likely something is.
    Chance(Box<Evaluation>),
    /// Of one that says what a treatment changes.
    Effect(Box<EffectEvaluation>),
    /// Of one that says how long until something happens.
    Time(Box<SurvivalEvaluation>),
    /// Of one that says what texts are about.
    Text(Box<TextEvaluation>),
    /// Of one that says how a series goes on.
    Series(Box<SeriesEvaluation>),
    /// Of one that says who is unlike all others.
    Odd(Box<OddEvaluation>),
}

/// The one figure by which versions of a model are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Headline {
    /// What it is called.
    pub figure: &'static str,
    /// The figure on the test.
    pub value: Interval,
}

impl Assessment {
    /// Of a model that says how likely something is.
    #[must_use]
    pub fn of_chances(&self) -> Option<&Evaluation> {
        match self {
            Self::Chance(found) => Some(found),
            _ => None,
        }
    }

    /// Of a model that says what a treatment changes.
    #[must_use]
    pub fn of_effects(&self) -> Option<&EffectEvaluation> {
        match self {
            Self::Effect(found) => Some(found),
            _ => None,
        }
    }

    /// Of a model that says how long until something happens.
    #[must_use]
    pub fn of_times(&self) -> Option<&SurvivalEvaluation> {
        match self {
            Self::Time(found) => Some(found),
            _ => None,
        }
    }

    /// Of a model that says what texts are about.
    #[must_use]
    pub fn of_texts(&self) -> Option<&TextEvaluation> {
        match self {
            Self::Text(found) => Some(found),
            _ => None,
        }
    }

    /// Of a model that says how a series goes on.
    #[must_use]
    pub fn of_series(&self) -> Option<&SeriesEvaluation> {
        match self {
            Self::Series(found) => Some(found),
            _ => None,
        }
    }

    /// Of a model that says who is unlike all others.
    #[must_use]
    pub fn of_odd(&self) -> Option<&OddEvaluation> {
        match self {
            Self::Odd(found) => Some(found),
            _ => None,
        }
    }

    /// Each guard of the definition.
    #[must_use]
    pub fn guards(&self) -> &[GuardVerdict] {
        match self {
            Self::Chance(found) => &found.guards,
            Self::Effect(found) => &found.guards,
            Self::Time(found) => &found.guards,
            Self::Text(found) => &found.guards,
            Self::Series(found) => &found.guards,
            Self::Odd(found) => &found.guards,
        }
    }

    /// What a reader must know first, the worst first.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        match self {
            Self::Chance(found) => &found.findings,
            Self::Effect(found) => &found.findings,
            Self::Time(found) => &found.findings,
            Self::Text(found) => &found.findings,
            Self::Series(found) => &found.findings,
            Self::Odd(found) => &found.findings,
        }
    }

    /// The guards that refuse a release; with none, the model may be released.
    pub fn refusals(&self) -> impl Iterator<Item = &GuardVerdict> {
        self.guards().iter().filter(|guard| !guard.passes)
    }

    /// Whether no guard refuses it.
    #[must_use]
    pub fn passes(&self) -> bool {
        self.refusals().next().is_none()
    }

    /// The kind of model, in a word or two.
    #[must_use]
    pub fn kind(&self) -> &str {
        match self {
            Self::Chance(found) => &found.kind,
            Self::Effect(found) => &found.kind,
            Self::Time(found) => &found.kind,
            Self::Text(found) => &found.kind,
            Self::Series(found) => &found.kind,
            Self::Odd(found) => &found.kind,
        }
    }

    /// How much it leans on each feature, the largest first; nothing of texts, whose words are told by class.
    #[must_use]
    pub fn importance(&self) -> &[Importance] {
        match self {
            Self::Chance(found) => &found.importance,
            Self::Effect(found) => &found.importance,
            Self::Time(found) => &found.importance,
            Self::Odd(found) => &found.importance,
            Self::Text(_) | Self::Series(_) => &[],
        }
    }

    /// Features that know too much.
    #[must_use]
    pub fn leaks(&self) -> &[Leak] {
        match self {
            Self::Chance(found) => &found.leaks,
            Self::Effect(found) => &found.leaks,
            Self::Time(found) => &found.leaks,
            Self::Text(_) | Self::Series(_) | Self::Odd(_) => &[],
        }
    }

    /// The one figure by which versions are told apart: AUC, concordance of times, accuracy of texts, skill of forecasts, of the odd ones the agreement of seeds, or the Qini coefficient (of outcomes that are numbers, the area of the Qini curve).
    #[must_use]
    pub fn headline(&self) -> Headline {
        match self {
            Self::Chance(found) => Headline { figure: "AUC", value: found.quality.figures.auc },
            Self::Text(found) => Headline { figure: "accuracy", value: found.accuracy },
            Self::Series(found) => Headline { figure: "skill", value: found.skill },
            Self::Odd(found) => match &found.check {
                Some(check) => Headline { figure: "AUC", value: check.figures.auc },
                None => Headline { figure: "agreement", value: found.agreement },
            },
            Self::Time(found) => Headline { figure: "concordance", value: found.concordance },
            Self::Effect(found) => match found.figures.qini {
                Some(value) => Headline { figure: "Qini", value },
                None => Headline { figure: "Qini area", value: found.figures.qini_area },
            },
        }
    }
}
