//! What is known of one customer.

use arrow::array::{Array, AsArray};
use florin_domain::{CustomerId, DataClass, EventTime};
use florin_features::{Trait, Value, definition::Meaning};
use florin_lake::OfCustomer;
use futures::{StreamExt as _, TryStreamExt as _};
use serde::Serialize;

use super::state::{Kept, kept};
use crate::{FlowError, ask::Asking};

/// A trait's value of one customer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ProfileValue {
    /// Which trait.
    pub name: String,
    /// What it says.
    pub meaning: Meaning,
    /// The value; `None` when there is none.
    pub value: Option<Value>,
    /// Of numbers: what one of it is.
    pub unit: Option<String>,
    /// Whether a gap was filled with it.
    pub filled: bool,
    /// Whether the session may not see it.
    pub masked: bool,
    /// How sensitive it is.
    pub class: DataClass,
    /// The time it is as of.
    pub as_of: EventTime,
    /// Where it is defined.
    pub file: String,
    /// The tables it was computed from.
    pub tables: Vec<String>,
}

/// The values of all traits that the session may see and that were computed.
pub(crate) async fn profile(asking: &Asking<'_>, customer: CustomerId) -> Result<Vec<ProfileValue>, FlowError> {
    let house = asking.house();
    let kept = kept(house).await?;
    let seen = |of: &&Trait| asking.grant().table(&of.table().name).is_some();
    let as_of = asking.grant().as_of();
    let there = |of: &&Trait| as_of.is_some() || kept.contains_key(&of.name);
    let traits: Vec<&Trait> = house.bank.traits.in_order().filter(seen).filter(there).collect();
    if as_of.is_some() {
        asking.with_traits(traits.iter().map(|of| of.name.as_str())).await?;
    }
    let found = futures::stream::iter(traits.iter().map(|of| value_of(asking, of, customer))).buffered(AT_ONCE);
    let found: Vec<Option<Found>> = found.try_collect().await?;
    let told = |(of, found): (&Trait, Option<Found>)| {
        let masked = asking.grant().table(&of.table().name).is_some_and(|table| table.is_masked("value"));
        let (value, filled, time) = found.unwrap_or((None, false, None));
        let kept_at = kept.get(&of.name).map(|kept: &Kept| kept.run.as_of);
        let (read, inputs) = house.bank.traits.lineage(&of.name);
        let inputs = inputs.into_iter().map(|input| format!("traits.{input}"));
        ProfileValue {
            name: of.name.clone(),
            meaning: of.meaning.clone(),
            value,
            unit: of.unit.clone(),
            filled,
            masked,
            class: of.class,
            as_of: time.or(as_of).or(kept_at).unwrap_or_else(|| asking.grant().granted_at()),
            file: of.file.clone(),
            tables: read.into_iter().map(str::to_owned).chain(inputs).collect(),
        }
    };
    Ok(traits.into_iter().zip(found).map(told).collect())
}

/// Traits that are read at the same time.
const AT_ONCE: usize = 8;

type Found = (Option<Value>, bool, Option<EventTime>);

async fn value_of(asking: &Asking<'_>, of: &Trait, customer: CustomerId) -> Result<Option<Found>, FlowError> {
    let table = &of.table().name;
    let asked = OfCustomer {
        table,
        columns: &["value", "filled", "valid_from"],
        customer,
        before: None,
        order: &[],
        limit: None,
    };
    let batches = asking.session().of_customer(&asked).await?;
    let Some(batch) = batches.first() else { return Ok(None) };
    let filled = batch.column(1).as_boolean();
    let time = match Value::of_row(batch.column(2), 0) {
        Some(Value::Timestamp(at)) => Some(EventTime(at)),
        _ => None,
    };
    Ok(Some((Value::of_row(batch.column(0), 0), filled.is_valid(0) && filled.value(0), time)))
}
