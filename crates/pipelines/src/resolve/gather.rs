//! What customers are compared by: identifying values from the vault, and dates of birth from the lake.

use std::collections::BTreeMap;

use arrow::{
    array::AsArray,
    datatypes::{Int64Type, TimestampMicrosecondType},
};
use florin_domain::EventTime;
use florin_governance::Grant;
use florin_identity::{Field, Records, people};
use florin_lake::{Consented, Session};

use super::history::{History, internal};
use crate::{FlowError, House};

/// What the vault may call a field, beside the field's own name.
const ALSO_CALLED: [(&str, &str); 3] = [("full_name", "name"), ("mobile", "phone"), ("id_number", "national_id")];
/// A phone whose owner was checked is a phone too.
const CHECKED: (&str, &str) = ("verified_phone", "phone");
/// The field that is not in the vault.
const BIRTH_DATE: &str = "birth_date";

/// One customer's values, in the order of the fields.
type Values = Vec<Option<String>>;

/// The latest date of birth of each customer.
const BIRTH_DATES: &str = "select distinct on (customer_id) customer_id, cast(birth_date as varchar) as birth_date
    from customer where birth_date is not null order by customer_id, valid_from desc";

/// All customers as records. Values leave memory with them.
pub(super) async fn records(house: &House, grant: &Grant, history: &History) -> Result<Records, FlowError> {
    let fields: Vec<Field> = people::fields().into_iter().chain(people::certain_fields()).collect();
    let none = vec![None; fields.len()];
    let mut values: BTreeMap<u32, Values> = history.births.values().map(|born| (born.0, none.clone())).collect();
    from_the_vault(house, &fields, &mut values).await?;
    from_the_lake(house, grant, &fields, &mut values).await?;
    let rows = history.births.iter().map(|(&record, born)| (record, values.remove(&born.0).unwrap_or_default()));
    Records::build(fields, rows.collect::<Vec<_>>()).map_err(|e| internal(&e))
}

/// Which field a kind of value of the vault is.
pub(super) fn place(fields: &[Field], name: &str) -> Option<usize> {
    let also = ALSO_CALLED.iter().find(|(other, _)| *other == name).map(|(_, field)| *field);
    fields.iter().position(|field| field.name == also.unwrap_or(name))
}

async fn from_the_vault(house: &House, fields: &[Field], values: &mut BTreeMap<u32, Values>) -> Result<(), FlowError> {
    let take = |revealed: florin_store::Revealed| {
        let customer = revealed.subject.strip_prefix("customer:").and_then(|id| id.parse::<u32>().ok());
        let Some(values) = customer.and_then(|customer| values.get_mut(&customer)) else { return };
        let also = (revealed.kind == CHECKED.0).then_some(CHECKED.1);
        for field in also.into_iter().chain([revealed.kind.as_str()]).filter_map(|kind| place(fields, kind)) {
            // Of several, always the same one: values come in the order of their tokens.
            values[field].get_or_insert_with(|| revealed.value.to_string());
        }
    };
    Ok(house.store.each_customer_value(&house.vault, take).await?)
}

async fn from_the_lake(
    house: &House,
    grant: &Grant,
    fields: &[Field],
    values: &mut BTreeMap<u32, Values>,
) -> Result<(), FlowError> {
    let Some(field) = place(fields, BIRTH_DATE) else { return Ok(()) };
    let session = Session::open(&house.lake, grant, &Consented::default(), Vec::new(), house.around.threads)?;
    for batch in session.sql(BIRTH_DATES).await?.collect().await? {
        let (customers, dates) = (batch.column(0).as_primitive::<Int64Type>(), batch.column(1).as_string::<i32>());
        for (customer, date) in customers.iter().zip(dates) {
            let customer = customer.and_then(|id| u32::try_from(id).ok());
            if let Some(values) = customer.and_then(|id| values.get_mut(&id)) {
                values[field] = date.map(str::to_owned);
            }
        }
    }
    Ok(())
}

/// Since when the bank knows each customer: the earliest of what it was told of them.
const KNOWN_SINCE: &str = "select customer_id, min(known_at) as since from (
        select customer_id, known_at from customer union all select customer_id, known_at from identifier) as told
    group by customer_id";

/// Since when the bank knows each customer, by number.
pub(super) async fn known_since(house: &House, grant: &Grant) -> Result<BTreeMap<u32, EventTime>, FlowError> {
    let session = Session::open(&house.lake, grant, &Consented::default(), Vec::new(), house.around.threads)?;
    let mut known = BTreeMap::new();
    for batch in session.sql(KNOWN_SINCE).await?.collect().await? {
        let customers = batch.column(0).as_primitive::<Int64Type>();
        let since = batch.column(1).as_primitive::<TimestampMicrosecondType>();
        for (customer, since) in customers.iter().zip(since) {
            let customer = customer.and_then(|id| u32::try_from(id).ok());
            known.extend(customer.zip(since.map(EventTime)));
        }
    }
    Ok(known)
}
