//! What was recommended to one customer, as it is kept, with reasons as sentences.

use arrow::array::Array as _;
use florin_decisions::{Words, ranking::Reason};
use florin_domain::{CustomerId, EventTime, Purpose};
use florin_lake::OfCustomer;
use serde::Serialize;

use super::table::{column, flags, moments, numbers, texts};
use crate::{FlowError, ask::Asking, bank::recommendation_table};

/// An offer that a customer is to be made.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CustomerOffer {
    /// Which.
    pub offer: String,
    /// What it is called.
    pub meaning: Words,
    /// For which purpose.
    pub purpose: Purpose,
    /// 1 for the first.
    pub place: u32,
    /// What it was ranked by; nothing where the session may not see it.
    pub score: Option<f64>,
    /// Whether the order went by what is personal.
    pub personalised: bool,
    /// Why.
    pub reasons: Vec<Words>,
    /// The time it is as of.
    pub as_of: EventTime,
}

/// What a customer is to be offered for the purpose of a session, the best first; nothing where the session may not see it.
///
/// # Errors
/// When the lake cannot be read.
pub async fn offers_to(asking: &Asking<'_>, customer: CustomerId) -> Result<Vec<CustomerOffer>, FlowError> {
    let purpose = asking.grant().purpose();
    let table = recommendation_table(purpose);
    if asking.grant().table(&table).is_none_or(|granted| granted.is_masked("reasons")) {
        return Ok(Vec::new());
    }
    let asked = OfCustomer {
        table: &table,
        columns: &["offer", "place", "score", "personalised", "reasons", "valid_from"],
        customer,
        before: None,
        order: &[("place", false)],
        limit: None,
    };
    let what = "a table of recommendations";
    let mut found = Vec::new();
    for batch in asking.session().of_customer(&asked).await? {
        let (offers, reasons) = (texts(column(&batch, "offer", what)?)?, texts(column(&batch, "reasons", what)?)?);
        let (places, scores) = (numbers(column(&batch, "place", what)?)?, numbers(column(&batch, "score", what)?)?);
        let personalised = flags(column(&batch, "personalised", what)?)?;
        let times = moments(column(&batch, "valid_from", what)?)?;
        for row in 0..batch.num_rows() {
            let reasons: Vec<Reason> = serde_json::from_str(reasons.value(row)).unwrap_or_default();
            let name = offers.value(row);
            found.push(CustomerOffer {
                offer: name.to_owned(),
                meaning: called(asking, name),
                purpose,
                place: places.value(row) as u32,
                score: scores.is_valid(row).then(|| scores.value(row)),
                personalised: personalised.value(row),
                reasons: reasons.into_iter().map(|reason| reason.words).collect(),
                as_of: times.get(row).copied().flatten().unwrap_or_else(|| asking.grant().granted_at()),
            });
        }
    }
    Ok(found)
}

/// What an offer is called; its name, where it is no longer defined.
fn called(asking: &Asking<'_>, name: &str) -> Words {
    let known = asking.house().bank.offers.get(name).ok();
    known.map_or_else(|| Words { zh: name.to_owned(), en: name.to_owned() }, |offer| offer.meaning.clone())
}
