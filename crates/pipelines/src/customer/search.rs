//! Whom a phone number, a card or the like is of.

use std::collections::BTreeMap;

use arrow::{array::AsArray as _, datatypes::Int64Type};
use florin_domain::{Purpose, catalogue::CUSTOMER_ID};

use crate::{FlowError, House, ask::Asking, load::normalised};

/// The table of what customers are recognised by.
const IDENTIFIER: &str = "identifier";
/// Most customers who are told; more have one value only by mistake.
const FOUND_MAX: usize = 20;
/// What may be said of somebody who was found, in this order.
const SAID: [&str; 4] = ["kind", "region", "occupation", "joined_on"];

/// A customer who was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundCustomer {
    /// The person's number.
    pub customer: u32,
    /// By what: `number`, or the kind of the value.
    pub by: String,
    /// What the session may say of them.
    pub said: Vec<String>,
}

/// Finds customers by their number or by a value that recognises them. A value is compared as its token: it is neither kept nor told.
///
/// # Errors
/// When the policies do not permit it, or it cannot be put on record.
pub async fn search(house: &House, purpose: Purpose, text: &str) -> Result<Vec<FoundCustomer>, FlowError> {
    let asking = house.asking(purpose, None).await?;
    let text = text.trim();
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let mut found = by_value(&asking, text).await?;
    if let Ok(number) = text.parse::<u32>() {
        found.entry(asking.persons().known_as(number)).or_insert_with(|| "number".to_owned());
    }
    let mut shown = Vec::new();
    for (customer, by) in found.into_iter().take(FOUND_MAX) {
        if let Some(said) = said(&asking, customer).await? {
            shown.push(FoundCustomer { customer, by, said });
        }
    }
    Ok(shown)
}

/// Persons with that value, and what kind of value it is.
async fn by_value(asking: &Asking<'_>, text: &str) -> Result<BTreeMap<u32, String>, FlowError> {
    let mut found = BTreeMap::new();
    if asking.grant().table(IDENTIFIER).is_none_or(|seen| seen.is_masked("kind")) {
        return Ok(found);
    }
    let house = asking.house();
    let mut tokens = BTreeMap::new();
    let kinds = asking.sql(&format!("select distinct kind from {IDENTIFIER}")).await?.collect().await?;
    for kind in kinds.iter().flat_map(|batch| strings(batch.column(0))) {
        tokens.insert(house.vault.token(&kind, &normalised(&kind, text)), kind);
    }
    for (token, kind) in tokens {
        for sealed in house.store.sealed_by_token(&token).await? {
            let customer = sealed.subject.strip_prefix("customer:").and_then(|number| number.parse().ok());
            let Some(customer) = customer else { continue };
            found.entry(asking.persons().known_as(customer)).or_insert_with(|| kind.clone());
        }
    }
    Ok(found)
}

fn strings(column: &arrow::array::ArrayRef) -> Vec<String> {
    let text = arrow::compute::cast(column, &arrow::datatypes::DataType::Utf8).ok();
    text.map(|text| text.as_string::<i32>().iter().flatten().map(str::to_owned).collect()).unwrap_or_default()
}

/// What the session may say of somebody; nothing of one whom it may not see.
async fn said(asking: &Asking<'_>, customer: u32) -> Result<Option<Vec<String>>, FlowError> {
    let Some(seen) = asking.grant().table("customer") else { return Ok(None) };
    let columns: Vec<&str> = SAID.into_iter().filter(|column| !seen.is_masked(column)).collect();
    let listed: String = columns.iter().map(|column| format!(", cast({column} as varchar)")).collect();
    let sql = format!("select {CUSTOMER_ID}{listed} from customer where {CUSTOMER_ID} = {customer} limit 1");
    let rows = asking.sql(&sql).await?.collect().await?;
    let Some(row) = rows.iter().find(|batch| batch.num_rows() > 0) else { return Ok(None) };
    debug_assert!(row.column(0).as_primitive_opt::<Int64Type>().is_some(), "customers have numbers");
    Ok(Some((1..row.num_columns()).flat_map(|at| strings(row.column(at))).collect()))
}
