//! Brings the tables of a store up to date: numbered files, each applied once, all in one transaction.

use crate::{
    error::{Result, StoreError},
    memberships,
    open::{Db, Store},
    sql::{Tx, values},
};

/// One step, for both databases.
struct Migration {
    name: &'static str,
    sqlite: &'static str,
    postgres: &'static str,
}

macro_rules! migration {
    ($name:literal) => {
        Migration {
            name: $name,
            sqlite: include_str!(concat!("../migrations/sqlite/", $name, ".sql")),
            postgres: include_str!(concat!("../migrations/postgres/", $name, ".sql")),
        }
    };
}

/// In order; the first has number 1. A step that was ever released is never changed: add another.
const MIGRATIONS: &[Migration] = &[
    migration!("0001_working_records"),
    migration!("0002_identity"),
    migration!("0003_identity_model"),
    migration!("0004_memberships"),
    migration!("0005_membership_sizes"),
    migration!("0006_models"),
    migration!("0007_access"),
    migration!("0008_jobs_and_dashboards"),
    migration!("0009_other_ways_in"),
    migration!("0010_consent_revision"),
];

/// The step that gave memberships their sizes, which SQL alone cannot count.
const MEMBERSHIP_SIZES: i64 = 5;

/// Keeps two programs from migrating one PostgreSQL database at the same time. Any number does, as long as it stays.
const POSTGRES_MIGRATION_LOCK: i64 = 0x0466_6c6f_7269_6e01;

pub(crate) async fn migrate(store: &Store) -> Result<()> {
    // Most often there is nothing to do, and then nobody who writes needs to be waited for.
    if applied(store, &mut store.read().await?).await? == known() {
        return Ok(());
    }
    let mut tx = store.write().await?;
    if let Tx::Postgres(_) = tx {
        tx.execute("select pg_advisory_xact_lock($1)", values![POSTGRES_MIGRATION_LOCK]).await?;
    }
    let done = applied(store, &mut tx).await?;
    if done == 0 {
        tx.script("create table schema_version (version bigint primary key, name text not null)").await?;
    }
    for (number, step) in (1..).zip(MIGRATIONS).skip_while(|(number, _)| *number <= done) {
        let text = if matches!(tx, Tx::Sqlite(_)) { step.sqlite } else { step.postgres };
        tx.script(text).await?;
        tx.execute("insert into schema_version (version, name) values ($1, $2)", values![number, step.name]).await?;
    }
    if (1..MEMBERSHIP_SIZES).contains(&done) {
        memberships::complete(&mut tx).await?;
    }
    tx.commit().await
}

fn known() -> i64 {
    MIGRATIONS.len() as i64
}

/// How many steps the store has seen; none when it is new.
async fn applied(store: &Store, tx: &mut Tx) -> Result<i64> {
    let exists = match store.db {
        Db::Sqlite { .. } => "select count(*) from sqlite_master where type = 'table' and name = 'schema_version'",
        Db::Postgres { .. } => {
            "select count(*) from information_schema.tables
             where table_schema = current_schema() and table_name = 'schema_version'"
        }
    };
    if tx.count(exists, vec![]).await? == 0 {
        return Ok(0);
    }
    let found = tx.count("select coalesce(max(version), 0) from schema_version", vec![]).await?;
    if found > known() {
        return Err(StoreError::NewerSchema { place: store.place(), found, known: known() });
    }
    Ok(found)
}
