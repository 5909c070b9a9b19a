//! What there is to ask, as Flight SQL tells it.

use std::sync::Arc;

use arrow::{
    array::RecordBatch,
    datatypes::{Field, Schema},
};
use arrow_flight::{
    error::Result,
    sql::{
        SqlInfo,
        metadata::{GetDbSchemasBuilder, GetTablesBuilder, SqlInfoData, SqlInfoDataBuilder},
    },
};
use florin_pipelines::VisibleTable;

/// What the one catalogue is called.
pub(super) const NAME: &str = "florin";
/// What every table is.
pub(super) const TABLE: &str = "TABLE";

pub(super) fn schemas(mut builder: GetDbSchemasBuilder, tables: &[VisibleTable]) -> Result<RecordBatch> {
    let mut names: Vec<&str> = tables.iter().map(|table| table.schema.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    names.into_iter().for_each(|name| builder.append(NAME, name));
    builder.build()
}

pub(super) fn tables(mut builder: GetTablesBuilder, tables: &[VisibleTable]) -> Result<RecordBatch> {
    for table in tables {
        builder.append(NAME, &table.schema, &table.name, TABLE, &schema(table))?;
    }
    builder.build()
}

fn schema(table: &VisibleTable) -> Schema {
    let field = |column: &florin_pipelines::VisibleColumn| {
        let field = Field::new(&column.name, column.ty.arrow(), !column.required || column.masked);
        field.with_metadata([("ARROW:FLIGHT:SQL:REMARKS".to_owned(), column.about.clone())].into())
    };
    Schema::new(table.columns.iter().map(field).map(Arc::new).collect::<Vec<_>>())
}

/// What a client may want to know of the server.
pub(super) fn facts() -> Result<SqlInfoData> {
    let mut facts = SqlInfoDataBuilder::new();
    facts.append(SqlInfo::FlightSqlServerName, "Florin");
    facts.append(SqlInfo::FlightSqlServerVersion, env!("CARGO_PKG_VERSION"));
    facts.append(SqlInfo::FlightSqlServerArrowVersion, "1.3");
    facts.append(SqlInfo::FlightSqlServerReadOnly, true);
    facts.append(SqlInfo::FlightSqlServerSql, true);
    facts.append(SqlInfo::FlightSqlServerSubstrait, false);
    facts.build()
}
