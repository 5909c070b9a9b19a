//! Whether a decision treats groups alike.
//!
//! Every figure is about the *favourable* outcome: the loan granted, the offer made. For a model of default that is a score
//! below the threshold, and who deserves it is who did not default: [`Favourable`] says which way round it is.

mod pairs;
mod rates;
mod thresholds;

pub use pairs::{FOUR_FIFTHS, FourFifths, Pair, pairs};
pub use rates::{GroupRates, Overview, overview, rates};
pub use thresholds::{Gap, Rule, Trade, TradeOff, Worth, trade_off};

use serde::{Deserialize, Serialize};

/// Which side of the threshold is good for the customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Favourable {
    /// A score at or above it; a true label deserves it.
    Above,
    /// A score below it; a false label deserves it.
    Below,
}

impl Favourable {
    /// Whether a score is decided favourably.
    #[must_use]
    pub fn decides(self, score: f64, threshold: f64) -> bool {
        (score >= threshold) == (self == Self::Above)
    }

    /// Whether a label deserves it.
    #[must_use]
    pub fn deserved(self, label: bool) -> bool {
        label == (self == Self::Above)
    }
}
