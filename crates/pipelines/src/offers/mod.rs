//! `florin recommend`, and the recommendations that `florin run` ends with: what to offer each customer next and why, and what not.
//!
//! What decides is in `florin-decisions`; here its facts are gathered (`facts`, `eligible`, `consent`), scores of models and what alike customers hold put beside
//! them (`scored`, `learn`), everybody ranked (`rank`), and the result kept (`kept`) as a table of the lake for each purpose, read under that purpose and
//! consent. Facts of everybody are asked with one query each, never customer by customer.

mod consent;
mod due;
mod eligible;
mod evaluate;
mod facts;
mod kept;
mod learn;
mod make;
mod one;
mod products;
mod rank;
mod scored;
mod table;
mod told;

pub use florin_decisions::{evaluation::Judged, ranking::Recommendation};
pub use florin_measurement::Interval;

pub use due::{StaleOffers, stale_offers};
pub use evaluate::{Asked as EvaluationAsked, Evaluated, FromLog, TriedMethod, evaluate};
pub use learn::Learnt;
pub use make::{OfOffer, Recommended, recommend};
pub use one::{ForOne, recommend_to};
pub(crate) use products::checked;
pub use told::{CustomerOffer, offers_to};

/// Offers to a customer at most, unless more are asked for: what is kept of each.
pub const AT_MOST: usize = 3;

use florin_domain::Purpose;

use crate::{FlowError, House};

/// The purposes that an offer may be made for.
#[must_use]
pub fn purposes(house: &House) -> Vec<Purpose> {
    let named = |purpose: &Purpose| house.bank.offers.all().iter().any(|offer| offer.purposes.contains(purpose));
    Purpose::ALL.into_iter().filter(named).collect()
}

/// The purpose must be one that an offer may be made for.
pub(crate) fn offered_for(house: &House, purpose: Purpose) -> Result<(), FlowError> {
    let known = purposes(house);
    if known.contains(&purpose) {
        return Ok(());
    }
    let known = match known.is_empty() {
        true => "none; write offers/*.toml".to_owned(),
        false => known.iter().map(|purpose| purpose.name()).collect::<Vec<_>>().join(", "),
    };
    Err(FlowError::Unknown { what: "offer for the purpose", name: purpose.to_string(), known })
}
