//! `florin customer`: who somebody is, what they hold, their latest records, on one screen. Whom a phone number or the like is of
//! (`search`), and what happened, page by page (`timeline`).

mod search;
mod timeline;

use arrow::{
    array::{Array as _, AsArray as _, RecordBatch},
    datatypes::TimestampMicrosecondType,
    util::display::{ArrayFormatter, FormatOptions},
};
use florin_domain::{
    CustomerId, EventTime, Purpose, TableDef,
    catalogue::{CUSTOMER_ID, TS},
};
use florin_features::definition::Meaning;
use florin_governance::{
    Action, Resource,
    audit::{Entry, EventKind},
};
use florin_lake::OfCustomer;
use serde::Serialize;

pub use search::{FoundCustomer, search};
pub use timeline::{Page, Story, story};

use crate::{
    FlowError, House,
    ask::Asking,
    models::{CustomerScore, scores_of},
    offers::{CustomerOffer, offers_to},
    traits::{ProfileValue, profile},
};

/// The whole view of one customer.
pub struct CustomerView {
    /// Who.
    pub customer: CustomerId,
    /// What is shown, in order: a heading and its rows.
    pub sections: Vec<(String, Vec<RecordBatch>)>,
    /// What happened, in all tables together, the newest first.
    pub timeline: Vec<Happened>,
    /// What is known of them: the values of traits.
    pub profile: Vec<ProfileValue>,
    /// The segments that hold them, by name, and what each says.
    pub segments: Vec<(String, Meaning)>,
    /// What models foretell of them, and why.
    pub scores: Vec<CustomerScore>,
    /// What they are to be offered for the purpose, the best first, and why.
    pub recommendations: Vec<CustomerOffer>,
    /// Names, phones and the like, for those who may look them up: kind and value.
    pub identifiers: Option<Vec<(String, String)>>,
    /// What the customer said on each purpose.
    pub consent: Vec<(String, String)>,
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Happened {
    /// When, in the bank's time zone.
    pub at: String,
    /// In which table it is.
    pub table: String,
    /// What is said of it: values of the columns that tell most.
    pub what: String,
}

/// Latest records shown of each kind.
const LATEST: usize = 10;
/// The longest reason for looking at identifying values.
const REASON_CHARS_MAX: usize = 500;
/// Things shown on the timeline.
const TIMELINE: usize = 20;
/// The columns that tell most of a record, in the order in which they are said.
const TELLING: [&str; 14] = [
    "name",
    "kind",
    "campaign",
    "survey",
    "direction",
    "amount",
    "currency",
    "merchant_category",
    "channel",
    "status",
    "score",
    "value",
    "device",
    "text",
];

/// Shows a customer, for a purpose, as of a time: the whole person, where several systems know them.
///
/// # Errors
/// When the policies do not permit it, or there is no such customer (or consent hides them).
pub async fn customer(
    house: &House,
    customer: CustomerId,
    purpose: Purpose,
    as_of: Option<EventTime>,
    look_up: bool,
) -> Result<CustomerView, FlowError> {
    let asking = house.asking(purpose, as_of).await?;
    let customer = CustomerId(asking.persons().known_as(customer.0));
    let members = asking.persons().members(customer.0);
    // None waits for another's being put on record.
    let (sections, profile, scores, recommendations, segments) = futures::try_join!(
        sections(&asking, customer),
        profile(&asking, customer),
        scores_of(&asking, customer),
        offers_to(&asking, customer),
        asking.segments_of(customer),
    )?;
    if sections.is_empty() {
        let known = "none that may be seen for this purpose".to_owned();
        return Err(FlowError::Unknown { what: "customer", name: customer.to_string(), known });
    }
    let timeline = timeline(&sections)?;
    let identifiers = if look_up { Some(identifiers(house, &members, purpose, None).await?) } else { None };
    let mut words = Vec::new();
    for &member in &members {
        words.extend(house.store.consent_of(CustomerId(member), house.now()).await?);
    }
    let consent = words.iter().map(|w| (w.purpose.to_string(), format!("{:?}", w.state).to_lowercase())).collect();
    Ok(CustomerView { customer, sections, timeline, profile, segments, scores, recommendations, identifiers, consent })
}

/// The latest rows of each table that the session may see. Who they are comes first.
async fn sections(asking: &Asking<'_>, customer: CustomerId) -> Result<Vec<(String, Vec<RecordBatch>)>, FlowError> {
    let catalogue = &asking.house().bank.catalogue;
    // What Florin found out itself is in what is shown already.
    let shown = catalogue.tables().filter(|t| t.is_about_customers() && !catalogue.is_derived(&t.name));
    let shown: Vec<_> = shown.filter_map(|table| Some((table, seen_of(asking, table)?, latest_first(table)))).collect();
    let asked = shown.iter().map(|(table, columns, order)| OfCustomer {
        table: &table.name,
        columns,
        customer,
        before: None,
        order,
        limit: Some(LATEST),
    });
    let rows = asking.of_customer(&asked.collect::<Vec<_>>()).await?;
    let mut found: Vec<_> = shown.iter().map(|(table, ..)| table.name.clone()).zip(rows).collect();
    found.retain(|(_, rows)| !rows.is_empty());
    found.sort_by_key(|(table, _)| table != "customer");
    Ok(found)
}

/// The columns of a table that the session may see, but for whose it is; nothing where it may see none.
fn seen_of<'t>(asking: &Asking<'_>, table: &'t TableDef) -> Option<Vec<&'t str>> {
    let granted = asking.grant().table(&table.name).filter(|_| table.name != "identifier")?;
    let names = table.columns.iter().map(|column| column.name.as_str());
    let seen: Vec<&str> = names.filter(|name| *name != CUSTOMER_ID && !granted.is_masked(name)).collect();
    (!seen.is_empty()).then_some(seen)
}

fn latest_first(table: &TableDef) -> Vec<(&str, bool)> {
    table.order.iter().map(|column| (column.as_str(), true)).collect()
}

/// The latest of all records that have a time.
fn timeline(sections: &[(String, Vec<RecordBatch>)]) -> Result<Vec<Happened>, FlowError> {
    let options = FormatOptions::default();
    let mut all = Vec::new();
    for (table, batch) in sections.iter().flat_map(|(table, batches)| batches.iter().map(move |batch| (table, batch))) {
        let Some(times) = batch.column_by_name(TS) else { continue };
        let Some(moments) = times.as_primitive_opt::<TimestampMicrosecondType>() else { continue };
        let times = ArrayFormatter::try_new(times, &options)?;
        let telling: Vec<_> = TELLING.iter().filter_map(|name| batch.column_by_name(name)).collect();
        let shown =
            telling.iter().map(|column| ArrayFormatter::try_new(*column, &options)).collect::<Result<Vec<_>, _>>()?;
        for row in (0..batch.num_rows()).filter(|&row| moments.is_valid(row)) {
            let there = shown.iter().zip(&telling).filter(|(_, column)| column.is_valid(row));
            let what = there.map(|(shown, _)| shown.value(row).to_string()).collect::<Vec<_>>().join(", ");
            let at = times.value(row).to_string();
            all.push((moments.value(row), Happened { at, table: table.clone(), what }));
        }
    }
    all.sort_by(|(a, one), (b, other)| b.cmp(a).then_with(|| one.table.cmp(&other.table)));
    all.truncate(TIMELINE);
    Ok(all.into_iter().map(|(_, happened)| happened).collect())
}

/// Names, phones and the like of a person, for a reason that is put on record before the vault is opened.
///
/// # Errors
/// When no reason is given, the policies do not permit it, there is no such customer, or it cannot be put on record.
pub async fn look_up(
    house: &House,
    customer: CustomerId,
    purpose: Purpose,
    reason: &str,
) -> Result<Vec<(String, String)>, FlowError> {
    let reason = reason.trim();
    if reason.is_empty() || reason.chars().count() > REASON_CHARS_MAX {
        let wrong = format!("say why you look at it, in 1 to {REASON_CHARS_MAX} characters");
        return Err(FlowError::Identity(wrong));
    }
    let asking = house.asking(purpose, None).await?;
    let members = asking.persons().members(asking.persons().known_as(customer.0));
    identifiers(house, &members, purpose, Some(reason)).await
}

/// Identifying values, from the vault. Each look-up is on record before the vault is opened.
async fn identifiers(
    house: &House,
    members: &[u32],
    purpose: Purpose,
    reason: Option<&str>,
) -> Result<Vec<(String, String)>, FlowError> {
    let mut values = Vec::new();
    for &member in members {
        house.permit(purpose, Action::LookUp, Resource::Customer(CustomerId(member))).await?;
        let mut entry = Entry::new(house.now(), house.who(), Some(purpose), EventKind::LookUp).with("customer", member);
        if let Some(reason) = reason {
            entry = entry.with("reason", reason);
        }
        house.record(&entry).await?;
        let revealed = house.store.reveal_subject(&house.vault, &format!("customer:{member}")).await?;
        values.extend(revealed.into_iter().map(|r| (r.kind.clone(), r.value.to_string())));
    }
    values.sort();
    values.dedup();
    Ok(values)
}
