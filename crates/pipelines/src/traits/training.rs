//! Traits of many customers at many past dates: what models learn from.

use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, TimestampMicrosecondArray};
use florin_domain::{EventTime, Purpose};
use florin_governance::audit::{Entry, EventKind};

use crate::{FlowError, House};

/// For each date in turn: one row a customer who may be seen for the purpose, `as_of`, `customer_id`, then the named traits (all that
/// may be seen, when none is named) with their values as of that date. Each date is a session of its own, so nothing that was
/// known later can be in it. What leaves is on record before the first row does.
///
/// # Errors
/// When the policies do not permit it, there is no such trait, or a query fails.
pub async fn training(
    house: &House,
    names: &[String],
    dates: &[EventTime],
    purpose: Purpose,
    mut each: impl FnMut(RecordBatch) -> Result<(), FlowError>,
) -> Result<u64, FlowError> {
    let mut rows = 0;
    for &date in dates {
        let asking = house.asking(purpose, Some(date)).await?;
        let all = || house.bank.traits.in_order().filter(|of| asking.grant().table(&of.table().name).is_some());
        let names: Vec<String> =
            if names.is_empty() { all().map(|of| of.name.clone()).collect() } else { names.to_vec() };
        if let Some(unknown) = names.iter().find(|name| house.bank.traits.get(name).is_none()) {
            let known = all().map(|of| of.name.as_str()).collect::<Vec<_>>().join(", ");
            return Err(FlowError::Unknown { what: "trait", name: unknown.clone(), known });
        }
        let entry = Entry::new(house.now(), house.who(), Some(purpose), EventKind::Export)
            .with("traits", names.join(", "))
            .with("as_of", date.micros());
        house.record(&entry).await?;
        for batch in asking.sql(&sql(&names)).await?.collect().await? {
            rows += batch.num_rows() as u64;
            each(dated(&batch, date)?)?;
        }
    }
    Ok(rows)
}

fn sql(names: &[String]) -> String {
    let values = names.iter().enumerate().map(|(at, name)| format!(", t{at}.value as \"{name}\"")).collect::<String>();
    let joins = names
        .iter()
        .enumerate()
        .map(|(at, name)| format!(" left join \"traits\".\"{name}\" t{at} on t{at}.customer_id = c.customer_id"));
    let joins = joins.collect::<String>();
    format!(
        "select c.customer_id{values} from (select distinct customer_id from customer where customer_id is not null) c{joins} \
         order by c.customer_id"
    )
}

fn dated(batch: &RecordBatch, date: EventTime) -> Result<RecordBatch, FlowError> {
    let times: ArrayRef =
        Arc::new(TimestampMicrosecondArray::from(vec![date.micros(); batch.num_rows()]).with_timezone("UTC"));
    let schema = batch.schema();
    let columns = schema.fields().iter().zip(batch.columns()).map(|(f, c)| (f.name().clone(), Arc::clone(c), true));
    Ok(RecordBatch::try_from_iter_with_nullable([("as_of".to_owned(), times, false)].into_iter().chain(columns))?)
}
