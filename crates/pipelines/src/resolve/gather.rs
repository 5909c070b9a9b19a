//! What customers are compared by: identifying values from the vault, and dates of birth from the lake.

use std::collections::BTreeMap;

use arrow::{array::AsArray, datatypes::Int64Type};
use florin_governance::Grant;
use florin_identity::{Field, FieldKind, Records};
use florin_lake::{Consented, Session};

use super::history::{History, internal};
use crate::{FlowError, House};

/// What is compared, and what the vault calls it.
const FIELDS: [(&str, FieldKind, &[&str]); 7] = [
    ("name", FieldKind::Name, &["name", "full_name"]),
    ("birth_date", FieldKind::Date, &[]),
    ("phone", FieldKind::Phone, &["phone", "mobile"]),
    ("national_id", FieldKind::NationalId, &["national_id", "id_number"]),
    ("email", FieldKind::Email, &["email"]),
    ("address", FieldKind::Address, &["address"]),
    ("login", FieldKind::Login, &["login"]),
];
const BIRTH_DATE: usize = 1;

/// One customer's values, in the order of [`FIELDS`].
type Values = [Option<String>; FIELDS.len()];

/// The latest date of birth of each customer.
const BIRTH_DATES: &str = "select distinct on (customer_id) customer_id, cast(birth_date as varchar) as birth_date
    from customer where birth_date is not null order by customer_id, valid_from desc";

/// All customers as records. Values leave memory with them.
pub(super) async fn records(house: &House, grant: &Grant, history: &History) -> Result<Records, FlowError> {
    let mut values: BTreeMap<u32, Values> = history.births.values().map(|born| (born.0, Values::default())).collect();
    from_the_vault(house, &mut values).await?;
    from_the_lake(house, grant, &mut values).await?;
    let fields = FIELDS.iter().map(|(name, kind, _)| Field::new(name, *kind)).collect();
    let rows = history.births.iter().map(|(&record, born)| (record, values.remove(&born.0).unwrap_or_default()));
    Records::build(fields, rows.collect::<Vec<_>>()).map_err(|e| internal(&e))
}

async fn from_the_vault(house: &House, values: &mut BTreeMap<u32, Values>) -> Result<(), FlowError> {
    let take = |revealed: florin_store::Revealed| {
        let customer = revealed.subject.strip_prefix("customer:").and_then(|id| id.parse::<u32>().ok());
        let field = FIELDS.iter().position(|(_, _, kinds)| kinds.contains(&revealed.kind.as_str()));
        let (Some(customer), Some(field)) = (customer, field) else { return };
        if let Some(values) = values.get_mut(&customer) {
            // Of several, always the same one: values come in the order of their tokens.
            values[field].get_or_insert_with(|| revealed.value.to_string());
        }
    };
    Ok(house.store.each_customer_value(&house.vault, take).await?)
}

async fn from_the_lake(house: &House, grant: &Grant, values: &mut BTreeMap<u32, Values>) -> Result<(), FlowError> {
    let session = Session::open(&house.lake, grant, &Consented::default(), Vec::new(), house.around.threads)?;
    for batch in session.sql(BIRTH_DATES).await?.collect().await? {
        let (customers, dates) = (batch.column(0).as_primitive::<Int64Type>(), batch.column(1).as_string::<i32>());
        for (customer, date) in customers.iter().zip(dates) {
            let customer = customer.and_then(|id| u32::try_from(id).ok());
            if let Some(values) = customer.and_then(|id| values.get_mut(&id)) {
                values[BIRTH_DATE] = date.map(str::to_owned);
            }
        }
    }
    Ok(())
}
