//! Why an offer is made, in plain Chinese and English.

use florin_models::explain::Reason as ModelReason;
use serde::{Deserialize, Serialize};

use super::{Ranker, Signals};
use crate::{Words, offers::Offer};

/// The most reasons of an offer.
pub const REASONS_MAX: usize = 3;
/// The most of one kind.
const OF_A_KIND_MAX: usize = 2;
/// Where a text has the value of its feature.
const VALUE: &str = "{value}";

/// What a reason stems from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReasonKind {
    /// The chance that the customer takes it.
    Propensity,
    /// What making the offer changes.
    Uplift,
    /// What alike customers hold.
    Alike,
    /// How many have it.
    Popularity,
    /// That the order is the same for everybody.
    Everybody,
}

/// One reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// What it stems from.
    pub kind: ReasonKind,
    /// The feature or the held product that it names.
    pub of: Option<String>,
    /// A sentence in both languages.
    pub words: Words,
}

/// Reasons of the parts of a score, those of the part that weighs most first.
pub(super) fn personal(offer: &Offer, signals: &Signals, ranker: &Ranker<'_>) -> Vec<Reason> {
    let weights = ranker.offers.rules().weights;
    let model = |kind: ReasonKind, reasons: &[ModelReason]| -> Vec<Reason> {
        reasons.iter().filter_map(|reason| of_feature(offer, kind, reason)).take(OF_A_KIND_MAX).collect()
    };
    let alike = signals.alike_because.iter().filter(|product| **product != offer.product);
    let mut alike: Vec<Reason> = alike.map(|product| of_product(offer, product, ranker)).take(OF_A_KIND_MAX).collect();
    if alike.is_empty() {
        alike.extend(signals.taken.and_then(often_taken));
    }
    let mut parts: [(f64, Vec<Reason>); 3] = [
        (
            weights.propensity * signals.propensity.unwrap_or(0.0),
            model(ReasonKind::Propensity, &signals.propensity_reasons),
        ),
        (weights.uplift * signals.uplift.unwrap_or(0.0), model(ReasonKind::Uplift, &signals.uplift_reasons)),
        (weights.alike * signals.alike.unwrap_or(0.0), alike),
    ];
    parts.sort_by(|a, b| b.0.total_cmp(&a.0));
    parts.into_iter().filter(|(weight, _)| *weight > 0.0).flat_map(|(_, reasons)| reasons).take(REASONS_MAX).collect()
}

/// Nothing for a feature that is protected, lowered the score, or has no text, or where the text asks for a value that is not there.
fn of_feature(offer: &Offer, kind: ReasonKind, reason: &ModelReason) -> Option<Reason> {
    if offer.protected.contains(&reason.feature) || reason.contribution.is_nan() || reason.contribution <= 0.0 {
        return None;
    }
    let words = offer.reasons.get(&reason.feature)?;
    let value = reason.value.as_deref();
    if value.is_none() && (words.zh.contains(VALUE) || words.en.contains(VALUE)) {
        return None;
    }
    let told = |text: &str| text.replace(VALUE, value.unwrap_or_default());
    Some(Reason { kind, of: Some(reason.feature.clone()), words: Words { zh: told(&words.zh), en: told(&words.en) } })
}

fn of_product(offer: &Offer, product: &str, ranker: &Ranker<'_>) -> Reason {
    let held = ranker.product_name(product);
    let zh = format!("持有{}的客户也常选择{}", held.zh, offer.meaning.zh);
    let en = format!("customers who have {} often choose {} too", held.en, offer.meaning.en);
    Reason { kind: ReasonKind::Alike, of: Some(product.to_owned()), words: Words { zh, en } }
}

/// How many take it; nothing where that is less than one in a thousand.
fn often_taken((rate, days): (f64, f64)) -> Option<Reason> {
    let in_thousand = (1000.0 * rate).round();
    let words = || Words {
        zh: format!("每千名尚未持有的客户中，{days}天内有{in_thousand}人办理"),
        en: format!("{in_thousand} of 1,000 customers without it take it within {days} days"),
    };
    (in_thousand >= 1.0).then(|| Reason { kind: ReasonKind::Popularity, of: None, words: words() })
}

/// Reasons of the order for everybody; nothing in them is personal.
pub(super) fn general(share: Option<f64>) -> Vec<Reason> {
    let percent = (100.0 * share.unwrap_or(0.0)).round();
    let popular = (percent >= 1.0).then(|| Reason {
        kind: ReasonKind::Popularity,
        of: None,
        words: Words {
            zh: format!("{percent}%的客户持有该产品"), en: format!("{percent} % of customers have it")
        },
    });
    let everybody = Reason {
        kind: ReasonKind::Everybody,
        of: None,
        words: Words {
            zh: "该排序对所有客户相同，不使用个人信息".to_owned(),
            en: "the order is the same for everybody and uses nothing personal".to_owned(),
        },
    };
    popular.into_iter().chain([everybody]).collect()
}
