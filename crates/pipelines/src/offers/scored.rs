//! Scores of the models that offers name, as their champions left them.

use std::collections::{BTreeMap, BTreeSet};

use arrow::array::Array as _;
use florin_decisions::{
    offers::{Offer, Offers},
    ranking::{Personal, Signals},
};
use florin_domain::catalogue::CUSTOMER_ID;
use florin_lake::Session;
use florin_models::explain::Reason;

use super::table::{column, numbers, texts};
use crate::{
    FlowError,
    bank::score_table,
    models::{KeptReason, Places, each, ids, short},
};

/// What a model says of the customers of a chunk, by their place in it.
struct OfModel {
    scores: Vec<Option<f64>>,
    /// As JSON: read of those only who are ranked.
    reasons: Vec<Option<String>>,
}

/// Scores of the customers of a chunk, by model.
pub(super) struct Scored(BTreeMap<String, OfModel>);

/// The models that offers name.
pub(super) fn models_of(offers: &Offers) -> BTreeSet<String> {
    offers.all().iter().flat_map(|offer| offer.propensity.iter().chain(&offer.uplift)).cloned().collect()
}

impl Scored {
    /// Scores of these customers, ascending, by the models whose tables there are.
    pub(super) async fn of(
        session: &Session,
        offers: &Offers,
        customers: &[i64],
        there: &(dyn Fn(&str) -> bool + Sync),
    ) -> Result<Self, FlowError> {
        let mut found = BTreeMap::new();
        let (Some(first), Some(last)) = (customers.first(), customers.last()) else { return Ok(Self(found)) };
        let places = Places::of(customers);
        for model in models_of(offers).into_iter().filter(|model| there(&score_table(model))) {
            let mut of = OfModel { scores: vec![None; customers.len()], reasons: vec![None; customers.len()] };
            let sql = format!(
                "SELECT {CUSTOMER_ID}, score, reasons FROM scores.\"{model}\" WHERE {CUSTOMER_ID} BETWEEN {first} AND {last}"
            );
            let what = "a table of scores";
            each(session.sql(&sql).await?, |batch| {
                let scores = numbers(column(batch, "score", what)?)?;
                let reasons = texts(column(batch, "reasons", what)?)?;
                for (row, id) in ids(batch, what)?.into_iter().enumerate() {
                    let Some(at) = id.and_then(|id| places.get(id)) else { continue };
                    of.scores[at] = scores.is_valid(row).then(|| scores.value(row));
                    of.reasons[at] = reasons.is_valid(row).then(|| reasons.value(row).to_owned());
                }
                Ok(())
            })
            .await?;
            found.insert(model, of);
        }
        Ok(Self(found))
    }

    /// What models say of the customer at a place of the chunk.
    pub(super) fn personal(&self, offers: &Offers, at: usize) -> Personal {
        let mut personal = Personal::default();
        for offer in offers.all() {
            let signals = self.signals(offer, at);
            if signals.propensity.is_some() || signals.uplift.is_some() {
                personal.signals.insert(offer.name.clone(), signals);
            }
        }
        personal
    }

    fn signals(&self, offer: &Offer, at: usize) -> Signals {
        let of = |model: &Option<String>| {
            let of = self.0.get(model.as_ref()?)?;
            Some((of.scores[at]?, of.reasons[at].as_deref().map(reasons).unwrap_or_default()))
        };
        let (propensity, propensity_reasons) = of(&offer.propensity).unzip();
        let (uplift, uplift_reasons) = of(&offer.uplift).unzip();
        Signals {
            propensity,
            uplift,
            propensity_reasons: propensity_reasons.unwrap_or_default(),
            uplift_reasons: uplift_reasons.unwrap_or_default(),
            ..Signals::default()
        }
    }
}

/// Reasons as they are kept; what cannot be read says nothing.
fn reasons(kept: &str) -> Vec<Reason> {
    let kept: Vec<KeptReason> = serde_json::from_str(kept).unwrap_or_default();
    let reason = |kept: KeptReason| Reason {
        feature: kept.feature,
        value: kept.value.as_deref().map(short),
        contribution: kept.effect,
    };
    kept.into_iter().map(reason).collect()
}
