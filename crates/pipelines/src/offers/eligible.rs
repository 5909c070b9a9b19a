//! Whose conditions an offer meets: its predicate, asked of everybody at once.

use florin_decisions::offers::Offer;
use florin_domain::catalogue::{CUSTOMER_ID, TRAITS};
use florin_lake::Session;

use super::facts::Whom;
use crate::{
    FlowError,
    models::{Places, each, ids},
};

/// By place, whether the predicate holds; nothing where it cannot be told.
pub(super) async fn eligible(
    session: &Session,
    offer: &Offer,
    whom: Whom,
    places: &Places,
) -> Result<Vec<Option<bool>>, FlowError> {
    let mut found = vec![None; places.count()];
    let Some(eligibility) = &offer.eligibility else { return Ok(found) };
    let rows = rows(eligibility.traits.iter().map(String::as_str), whom);
    // Asked both ways: what is neither true nor false cannot be told. A predicate with a sub-query can stand nowhere but behind WHERE.
    for (condition, holds) in [(format!("({})", eligibility.sql), true), (format!("NOT ({})", eligibility.sql), false)]
    {
        let sql = format!("SELECT {CUSTOMER_ID} FROM ({rows}) WHERE {condition}");
        let wrong = |error: &dyn std::fmt::Display| {
            FlowError::Offer(format!("the eligibility of offer `{}` ({}): {error}", offer.name, offer.file))
        };
        let output = session.sql(&sql).await.map_err(|e| wrong(&e))?;
        each(output, |batch| {
            for at in ids(batch, "eligibility")?.into_iter().flatten().filter_map(|id| places.get(id)) {
                found[at] = Some(holds);
            }
            Ok(())
        })
        .await
        .map_err(|e| wrong(&e))?;
    }
    Ok(found)
}

/// Customers with the traits that a predicate names.
fn rows<'t>(traits: impl Iterator<Item = &'t str>, whom: Whom) -> String {
    let (mut values, mut joins) = (String::new(), String::new());
    for (at, name) in traits.enumerate() {
        values += &format!(", t{at}.value AS \"{name}\"");
        joins += &format!(" LEFT JOIN \"{TRAITS}\".\"{name}\" t{at} ON t{at}.{CUSTOMER_ID} = c.{CUSTOMER_ID}");
    }
    let who = match whom {
        Whom::Everyone => format!("{CUSTOMER_ID} IS NOT NULL"),
        Whom::One(customer) => format!("{CUSTOMER_ID} = {customer}"),
    };
    format!(
        "SELECT c.{CUSTOMER_ID} AS {CUSTOMER_ID}{values} FROM (SELECT DISTINCT {CUSTOMER_ID} FROM customer WHERE {who}) c{joins}"
    )
}
