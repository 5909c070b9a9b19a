//! `florin history`, `optimize`, `vacuum`, `erase`: care of the lake.

use florin_domain::{CustomerId, Purpose};
use florin_governance::{
    Action, Permit, Resource,
    audit::{Entry, EventKind},
};
use florin_lake::{
    Commit, LakeTable,
    care::{Deleted, Optimized, Rewriting, delete_customers, narrow, optimize as optimize_table},
};
use roaring::RoaringBitmap;
use serde::Serialize;

use crate::{FlowError, House, house::Scratch, load::Progress};

/// Earlier versions are kept this long unless told otherwise: a week, as Delta does.
pub const RETENTION_HOURS: u32 = 168;

/// What was done to one table.
#[derive(Debug, Serialize)]
pub struct TableCare<T> {
    /// Which table.
    pub table: String,
    /// What was done.
    #[serde(flatten)]
    pub done: T,
}

/// What a vacuum removed.
#[derive(Debug, Serialize)]
pub struct Vacuumed {
    /// Files that no version within the retention needs.
    pub files: Vec<String>,
}

/// The latest commits of a table, newest first.
///
/// # Errors
/// When the policies do not permit it, or there is no such table.
pub async fn history(house: &House, table: &str, limit: usize) -> Result<Vec<Commit>, FlowError> {
    house.permit(Purpose::Service, Action::Maintain, Resource::Table(table.to_owned())).await?;
    match house.lake.table(table).await? {
        Some(table) => Ok(table.history(limit).await?),
        None => Ok(Vec::new()),
    }
}

/// Merges the small files of tables (all when none is named), and brings their narrow projections up to date.
///
/// # Errors
/// When the policies do not permit it, a load is at work, or the lake fails.
pub async fn optimize(
    house: &House,
    names: &[String],
    progress: &dyn Progress,
) -> Result<Vec<TableCare<Optimized>>, FlowError> {
    let _turn = crate::turns::whole(house).await?;
    let persons = crate::resolve::persons(house, None).await?;
    let mut done = Vec::new();
    for (permit, table) in tables(house, names).await? {
        let name = table.def().name.clone();
        let (scratch, fresh) = (house.scratch_of_load()?, house.fresh_name());
        progress.begin(&format!("{name}: merging files"), "rows", None);
        let on_rows = |n| progress.advance(n);
        let with = rewriting(house, &scratch, &fresh, &on_rows);
        let optimized = optimize_table(&permit, &table, &with).await?;
        progress.end();
        if let Some(table) = house.lake.table(&name).await? {
            progress.begin(&format!("{name}: narrow projection"), "rows", None);
            narrow(&permit, &table, &persons, &with).await?;
            progress.end();
        }
        record(house, &name, "optimize").await?;
        done.push(TableCare { table: name, done: optimized });
    }
    Ok(done)
}

/// Deletes a person's rows in every table, those of every customer who is that person, and destroys their keys in the
/// vault. Earlier versions of the tables have the rows until [`vacuum`].
///
/// # Errors
/// When the policies do not permit it, a load is at work, or the lake fails.
pub async fn erase(house: &House, customer: CustomerId) -> Result<Vec<TableCare<Deleted>>, FlowError> {
    let permit = house.permit(Purpose::Compliance, Action::Erase, Resource::Customer(customer)).await?;
    let _turn = crate::turns::whole(house).await?;
    let persons = crate::resolve::persons(house, None).await?;
    let customers: RoaringBitmap = persons.members(persons.known_as(customer.0)).into_iter().collect();
    let mut done = Vec::new();
    let catalogue = &house.bank.catalogue;
    let mut tables: Vec<_> = catalogue.tables().filter(|t| t.is_about_customers()).collect();
    // What Florin found out itself goes last: it says whose some of the rows are.
    tables.sort_by_key(|def| catalogue.is_derived(&def.name));
    for def in tables {
        let Some(table) = house.lake.table(&def.name).await? else { continue };
        let (scratch, fresh) = (house.scratch_of_load()?, house.fresh_name());
        let rewriting = rewriting(house, &scratch, &fresh, &|_| {});
        let deleted = delete_customers(&permit, &table, &customers, &rewriting).await?;
        if deleted.rows > 0 {
            done.push(TableCare { table: def.name.clone(), done: deleted });
        }
    }
    // Also the number they go by, which may be nobody's of birth.
    let mut known: RoaringBitmap = customers.clone();
    known.insert(persons.known_as(customer.0));
    let memberships = crate::segments::erase(house, &known).await?;
    crate::behind::forget(house)?;
    crate::load::forget_keys(house)?;
    // The key goes last: until then, what was interrupted can be done again.
    let subjects: Vec<String> = customers.iter().map(|customer| format!("customer:{customer}")).collect();
    house.store.shred_subjects(&subjects).await?;
    let entry = Entry::new(house.now(), &house.who, Some(Purpose::Compliance), EventKind::Erasure)
        .with("customer", customer.0)
        .with("rows", done.iter().map(|d| d.done.rows).sum::<u64>())
        .with("segments", memberships);
    house.record(&entry).await?;
    Ok(done)
}

/// Removes files of tables (all when none is named) that no version within the retention needs.
///
/// # Errors
/// When the policies do not permit it, a load is at work, or the lake fails.
pub async fn vacuum(
    house: &House,
    names: &[String],
    retention_hours: u32,
    dry_run: bool,
) -> Result<Vec<TableCare<Vacuumed>>, FlowError> {
    // A load's files are in place before they are committed: it must not be under way.
    let _turn = crate::turns::whole(house).await?;
    let mut done = Vec::new();
    for (_, table) in tables(house, names).await? {
        let name = table.def().name.clone();
        let files = table.vacuum(retention_hours, dry_run).await?;
        if !dry_run {
            record(house, &name, "vacuum").await?;
        }
        done.push(TableCare { table: name, done: Vacuumed { files } });
    }
    Ok(done)
}

fn rewriting<'a>(
    house: &'a House,
    scratch: &'a Scratch,
    name: &'a str,
    on_rows: &'a (dyn Fn(u64) + Sync),
) -> Rewriting<'a> {
    let (now_millis, threads) = (house.now_millis(), house.around.threads);
    Rewriting { lake: &house.lake, scratch: scratch.path(), name, now_millis, threads, on_rows }
}

async fn tables(house: &House, names: &[String]) -> Result<Vec<(Permit, LakeTable)>, FlowError> {
    let all: Vec<String> = house.bank.catalogue.tables().map(|t| t.name.clone()).collect();
    if let Some(name) = names.iter().find(|n| !all.contains(n)) {
        return Err(FlowError::Unknown { what: "table", name: name.clone(), known: all.join(", ") });
    }
    let mut tables = Vec::new();
    for name in all.into_iter().filter(|n| names.is_empty() || names.contains(n)) {
        if let Some(table) = house.lake.table(&name).await? {
            let permit = house.permit(Purpose::Service, Action::Maintain, Resource::Table(name)).await?;
            tables.push((permit, table));
        }
    }
    Ok(tables)
}

async fn record(house: &House, table: &str, what: &str) -> Result<(), FlowError> {
    let entry = Entry::new(house.now(), &house.who, Some(Purpose::Service), EventKind::Maintenance)
        .with("table", table)
        .with("done", what);
    house.record(&entry).await
}
