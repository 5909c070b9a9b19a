//! Whether an investment suits a customer: product grades R1–R5 against tolerance grades C1–C5.
//!
//! A customer of grade Cn may be offered products up to Rn (the matrix of the Chinese suitability rules for financial institutions, in
//! force from 2026-02-01, which ask for at least five product grades). A bank may be stricter, never laxer. An assessment that is missing, lies in the future or is
//! older than allowed counts as unsuitable. Whether twelve months are the right age is for the bank's lawyers.

use florin_domain::EventTime;
use serde::{Deserialize, Serialize};

/// The oldest assessment that may be relied on, in days, unless an offer says less.
pub const ASSESSMENT_DAYS_MAX: u32 = 365;
/// Microseconds of a day of 24 hours.
pub(crate) const DAY_MICROS: i64 = 86_400_000_000;

/// How risky a product is, R1 (least) to R5.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum RiskLevel {
    /// Low.
    R1,
    /// Low to middle.
    R2,
    /// Middle.
    R3,
    /// Middle to high.
    R4,
    /// High.
    R5,
}

impl RiskLevel {
    /// All of them, the least risky first.
    pub const ALL: [Self; 5] = [Self::R1, Self::R2, Self::R3, Self::R4, Self::R5];

    /// The least tolerance that suits it.
    #[must_use]
    pub fn needs(self) -> Tolerance {
        Tolerance::ALL[self as usize]
    }

    /// As the table `product` writes it.
    #[must_use]
    pub fn name(self) -> &'static str {
        ["R1", "R2", "R3", "R4", "R5"][self as usize]
    }
}

/// How much risk a customer can bear, C1 (least) to C5.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Tolerance {
    /// Cautious.
    C1,
    /// Steady.
    C2,
    /// Balanced.
    C3,
    /// Growing.
    C4,
    /// Aggressive.
    C5,
}

impl Tolerance {
    /// All of them, the least tolerant first.
    pub const ALL: [Self; 5] = [Self::C1, Self::C2, Self::C3, Self::C4, Self::C5];

    /// As the table `customer` writes it.
    #[must_use]
    pub fn name(self) -> &'static str {
        ["C1", "C2", "C3", "C4", "C5"][self as usize]
    }
}

/// What a customer was found to bear, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assessment {
    /// The grade.
    pub tolerance: Tolerance,
    /// When it was made.
    pub made_at: EventTime,
}

/// What an offer asks of a customer's assessment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suitability {
    /// The product's grade: the higher one where issuer and seller differ.
    pub risk: RiskLevel,
    /// The least grade of customers; at least what the risk needs.
    pub tolerance_min: Tolerance,
    /// The oldest assessment, in days of 24 hours; at most [`ASSESSMENT_DAYS_MAX`].
    pub assessment_days_max: u32,
}

/// Why an offer does not suit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Unsuitable {
    /// There is no assessment, or it is dated after the moment of asking.
    NotAssessed,
    /// It is too old.
    Expired {
        /// The oldest that would do, in days.
        days_max: u32,
    },
    /// It is too risky.
    TooRisky {
        /// The offer's grade.
        risk: RiskLevel,
        /// The grade it asks for.
        needed: Tolerance,
        /// The customer's.
        found: Tolerance,
    },
}

impl Suitability {
    /// Whether it suits, as of a moment.
    ///
    /// # Errors
    /// Why it does not.
    pub fn check(&self, assessment: Option<Assessment>, as_of: EventTime) -> Result<(), Unsuitable> {
        let Some(assessment) = assessment.filter(|a| a.made_at <= as_of) else {
            return Err(Unsuitable::NotAssessed);
        };
        let days_max = self.assessment_days_max.min(ASSESSMENT_DAYS_MAX);
        let oldest = as_of.micros().saturating_sub(i64::from(days_max) * DAY_MICROS);
        if assessment.made_at.micros() < oldest {
            return Err(Unsuitable::Expired { days_max });
        }
        let needed = self.tolerance_min.max(self.risk.needs());
        match assessment.tolerance >= needed {
            true => Ok(()),
            false => Err(Unsuitable::TooRisky { risk: self.risk, needed, found: assessment.tolerance }),
        }
    }
}
