//! The tables of `pg_catalog` and `information_schema`: every column that PostgreSQL 15 has (`data/shapes.txt`), with rows where there is
//! something to tell. Florin has no indexes, keys, defaults, triggers or functions to tell of, so most are empty.

use std::{collections::BTreeMap, sync::Arc};

use super::{
    types::{self, NUMERIC, Oid},
    value::{Row, Value},
    world::SeenTable,
};

/// A table of the catalogue.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) oid: Oid,
    pub(crate) columns: Vec<(&'static str, Oid)>,
    pub(crate) rows: Vec<Row>,
}

/// Numbers that clients may know by heart.
const WELL_KNOWN: [(&str, Oid); 8] = [
    ("pg_type", 1247),
    ("pg_attribute", 1249),
    ("pg_proc", 1255),
    ("pg_class", 1259),
    ("pg_database", 1262),
    ("pg_constraint", 2606),
    ("pg_description", 2609),
    ("pg_namespace", 2615),
];
/// Where the numbers of other tables of the catalogue begin.
const FIRST_OF_CATALOGUE: Oid = 13_000;
/// Where the numbers of the bank's tables begin, as PostgreSQL's users' do.
pub(crate) const FIRST_OF_BANK: Oid = 16_384;
const PG_CATALOG: i64 = 11;
const PUBLIC: i64 = 2200;
const INFORMATION_SCHEMA: i64 = 13_500;
const FIRST_OTHER_SCHEMA: i64 = 13_501;
/// Who owns everything: nobody who can sign in.
const OWNER: i64 = 10;
const OWNER_NAME: &str = "florin";
const WHO_ASKS: i64 = 16_000;
const DATABASE: i64 = 5;
const HEAP: i64 = 2;

/// A row, of the columns that say something; the others have what is usual for their type.
struct Told<'a>(Vec<(&'a str, Value)>);

type Tables = BTreeMap<String, Arc<Table>>;

/// Every table, filled with what a session may see.
pub(crate) fn filled(seen: &[SeenTable], user: &str, database: &str) -> Tables {
    let mut tables: BTreeMap<String, Table> =
        include_str!("data/shapes.txt").lines().enumerate().filter_map(shape).collect();
    let schemas = schemas(seen);
    let mut fill = |name: &str, rows: Vec<Told<'_>>| {
        if let Some(table) = tables.get_mut(name) {
            table.rows = rows.into_iter().map(|told| row(&table.columns, &told)).collect();
        }
    };
    fill("pg_catalog.pg_namespace", schemas.iter().map(|(name, oid)| namespace(name, *oid)).collect());
    fill("information_schema.schemata", schemas.iter().map(|(name, _)| schema_row(name, database)).collect());
    fill("pg_catalog.pg_type", types::all().iter().map(type_row).collect());
    fill("pg_catalog.pg_description", descriptions(seen));
    fill("pg_catalog.pg_tables", seen.iter().map(table_line).collect());
    fill("information_schema.tables", seen.iter().map(|table| information_table(table, database)).collect());
    fill("information_schema.columns", information_columns(seen, database));
    fill("pg_catalog.pg_stat_user_tables", seen.iter().map(statistics).collect());
    fill("information_schema.table_privileges", privileges(seen, user, database));
    fill("information_schema.role_table_grants", privileges(seen, user, database));
    fill("pg_catalog.pg_roles", roles(user));
    fill("pg_catalog.pg_user", users(user));
    fill(
        "pg_catalog.pg_am",
        vec![Told(vec![("oid", Value::Int(HEAP)), ("amname", text("heap")), ("amtype", text("t"))])],
    );
    fill("pg_catalog.pg_tablespace", vec![Told(vec![("oid", Value::Int(1663)), ("spcname", text("pg_default"))])]);
    fill("pg_catalog.pg_database", vec![database_row(database)]);
    fill("pg_catalog.pg_collation", collations());
    fill("information_schema.information_schema_catalog_name", vec![Told(vec![("catalog_name", text(database))])]);
    fill("information_schema.enabled_roles", vec![Told(vec![("role_name", text(user))])]);
    let (classes, attributes) = relations(&tables, seen, &schemas, user);
    for (name, rows) in [("pg_catalog.pg_class", classes), ("pg_catalog.pg_attribute", attributes)] {
        if let Some(table) = tables.get_mut(name) {
            table.rows = rows;
        }
    }
    tables.into_iter().map(|(name, table)| (name, Arc::new(table))).collect()
}

fn shape((place, line): (usize, &'static str)) -> Option<(String, Table)> {
    let (full, columns) = line.split_once(' ')?;
    let (schema, name) = full.split_once('.')?;
    let known = WELL_KNOWN.iter().find(|(known, _)| *known == name && schema == "pg_catalog").map(|(_, oid)| *oid);
    let column = |column: &'static str| {
        let (name, ty) = column.split_once(' ')?;
        Some((name, types::by_name(&format!("pg_catalog.{ty}")).map_or(types::TEXT, |facts| facts.oid)))
    };
    let columns = columns
        .split(',')
        .filter_map(column)
        .map(|(name, ty)| (name, if ty == types::BPCHAR { types::CHAR } else { ty }));
    let oid = known.unwrap_or(FIRST_OF_CATALOGUE + place as Oid);
    Some((full.to_owned(), Table { oid, columns: columns.collect(), rows: Vec::new() }))
}

fn row(columns: &[(&str, Oid)], told: &Told<'_>) -> Row {
    let value = |(name, ty): &(&str, Oid)| {
        let said = told.0.iter().find(|(column, _)| column == name).map(|(_, value)| value.clone());
        said.unwrap_or_else(|| usual(name, *ty))
    };
    columns.iter().map(value).collect()
}

/// What a column holds that nobody says anything of.
fn usual(name: &str, ty: Oid) -> Value {
    match ty {
        types::BOOL => Value::Bool(false),
        types::INT2 | types::INT4 | types::INT8 | types::OID
            if !name.ends_with("_length") && !name.contains("precision") =>
        {
            Value::Int(0)
        }
        types::FLOAT4 => Value::Float(-1.0),
        types::CHAR => Value::text(""),
        types::REGPROC => Value::text("-"),
        _ => Value::Null,
    }
}

fn text(text: &str) -> Value {
    Value::text(text)
}

/// Names and numbers of all schemas.
fn schemas(seen: &[SeenTable]) -> Vec<(String, i64)> {
    let mut others: Vec<&str> =
        seen.iter().map(|table| table.schema.as_str()).filter(|name| *name != "public").collect();
    others.sort_unstable();
    others.dedup();
    let fixed = [("pg_catalog", PG_CATALOG), ("public", PUBLIC), ("information_schema", INFORMATION_SCHEMA)];
    let fixed = fixed.into_iter().map(|(name, oid)| (name.to_owned(), oid));
    fixed.chain(others.into_iter().map(str::to_owned).zip(FIRST_OTHER_SCHEMA..)).collect()
}

fn namespace(name: &str, oid: i64) -> Told<'static> {
    Told(vec![("oid", Value::Int(oid)), ("nspname", text(name)), ("nspowner", Value::Int(OWNER))])
}

fn schema_row(name: &str, database: &str) -> Told<'static> {
    Told(vec![("catalog_name", text(database)), ("schema_name", text(name)), ("schema_owner", text(OWNER_NAME))])
}

fn type_row(facts: &types::TypeFacts) -> Told<'static> {
    const COLUMNS: [&str; 20] = [
        "oid",
        "typname",
        "typlen",
        "typbyval",
        "typtype",
        "typcategory",
        "typispreferred",
        "typdelim",
        "typsubscript",
        "typelem",
        "typarray",
        "typinput",
        "typoutput",
        "typreceive",
        "typsend",
        "typmodin",
        "typmodout",
        "typalign",
        "typstorage",
        "typcollation",
    ];
    let number = ["oid", "typlen", "typelem", "typarray", "typcollation"];
    let truth = ["typbyval", "typispreferred"];
    let value = |(column, word): (&'static str, &&'static str)| {
        let value = match column {
            column if number.contains(&column) => Value::Int(word.parse().unwrap_or_default()),
            column if truth.contains(&column) => Value::Bool(*word == "t"),
            _ => text(word),
        };
        (column, value)
    };
    let mut told: Vec<(&str, Value)> = COLUMNS.into_iter().zip(&facts.words).map(value).collect();
    told.extend([
        ("typnamespace", Value::Int(PG_CATALOG)),
        ("typowner", Value::Int(OWNER)),
        ("typisdefined", Value::Bool(true)),
    ]);
    told.push(("typtypmod", Value::Int(-1)));
    Told(told)
}

fn descriptions(seen: &[SeenTable]) -> Vec<Told<'static>> {
    let line = |oid: Oid, column: usize, about: &str| {
        let said = vec![
            ("objoid", Value::Int(i64::from(oid))),
            ("classoid", Value::Int(1259)),
            ("objsubid", Value::Int(column as i64)),
            ("description", text(about)),
        ];
        (!about.is_empty()).then_some(Told(said))
    };
    let of_table = |table: &SeenTable| {
        let columns = table.columns.iter().enumerate().map(|(place, column)| line(table.oid, place + 1, &column.about));
        std::iter::once(line(table.oid, 0, &table.about)).chain(columns).flatten().collect::<Vec<_>>()
    };
    seen.iter().flat_map(of_table).collect()
}

fn table_line(table: &SeenTable) -> Told<'static> {
    Told(vec![("schemaname", text(&table.schema)), ("tablename", text(&table.name)), ("tableowner", text(OWNER_NAME))])
}

fn statistics(table: &SeenTable) -> Told<'static> {
    let oid = Value::Int(i64::from(table.oid));
    Told(vec![
        ("relid", oid),
        ("schemaname", text(&table.schema)),
        ("relname", text(&table.name)),
        ("n_live_tup", Value::Null),
    ])
}

fn information_table(table: &SeenTable, database: &str) -> Told<'static> {
    Told(vec![
        ("table_catalog", text(database)),
        ("table_schema", text(&table.schema)),
        ("table_name", text(&table.name)),
        ("table_type", text("BASE TABLE")),
        ("is_insertable_into", text("NO")),
        ("is_typed", text("NO")),
    ])
}

fn information_columns(seen: &[SeenTable], database: &str) -> Vec<Told<'static>> {
    let of_table = |table: &SeenTable| {
        let column = |(place, column): (usize, &super::world::SeenColumn)| {
            let (precision, scale) = digits(column.ty, column.modifier);
            Told(vec![
                ("table_catalog", text(database)),
                ("table_schema", text(&table.schema)),
                ("table_name", text(&table.name)),
                ("column_name", text(&column.name)),
                ("ordinal_position", Value::Int(place as i64 + 1)),
                ("is_nullable", text(if column.required { "NO" } else { "YES" })),
                ("data_type", text(&types::shown(column.ty, -1))),
                ("numeric_precision", precision),
                ("numeric_precision_radix", Value::Null),
                ("numeric_scale", scale),
                ("udt_catalog", text(database)),
                ("udt_schema", text("pg_catalog")),
                ("udt_name", text(types::by_oid(column.ty).map_or("text", |facts| facts.name))),
                ("dtd_identifier", text(&(place + 1).to_string())),
                ("is_identity", text("NO")),
                ("is_generated", text("NEVER")),
                ("is_updatable", text("NO")),
                ("is_self_referencing", text("NO")),
                ("maximum_cardinality", Value::Null),
                ("interval_precision", Value::Null),
            ])
        };
        table.columns.iter().enumerate().map(column).collect::<Vec<_>>()
    };
    seen.iter().flat_map(of_table).collect()
}

fn digits(ty: Oid, modifier: i32) -> (Value, Value) {
    match ty {
        NUMERIC if modifier >= 4 => {
            (Value::Int(i64::from((modifier - 4) >> 16)), Value::Int(i64::from((modifier - 4) & 0xffff)))
        }
        types::INT8 => (Value::Int(64), Value::Int(0)),
        types::INT4 => (Value::Int(32), Value::Int(0)),
        types::FLOAT8 => (Value::Int(53), Value::Null),
        _ => (Value::Null, Value::Null),
    }
}

fn privileges(seen: &[SeenTable], user: &str, database: &str) -> Vec<Told<'static>> {
    let of = |table: &SeenTable| {
        Told(vec![
            ("grantor", text(OWNER_NAME)),
            ("grantee", text(user)),
            ("table_catalog", text(database)),
            ("table_schema", text(&table.schema)),
            ("table_name", text(&table.name)),
            ("privilege_type", text("SELECT")),
            ("is_grantable", text("NO")),
            ("with_hierarchy", text("NO")),
        ])
    };
    seen.iter().map(of).collect()
}

fn roles(user: &str) -> Vec<Told<'static>> {
    let role = |(name, oid, enters): (&str, i64, bool)| {
        Told(vec![
            ("rolname", text(name)),
            ("rolcanlogin", Value::Bool(enters)),
            ("rolinherit", Value::Bool(true)),
            ("rolconnlimit", Value::Int(-1)),
            ("oid", Value::Int(oid)),
        ])
    };
    [(OWNER_NAME, OWNER, false), (user, WHO_ASKS, true)].into_iter().map(role).collect()
}

fn users(user: &str) -> Vec<Told<'static>> {
    vec![Told(vec![("usename", text(user)), ("usesysid", Value::Int(WHO_ASKS))])]
}

fn database_row(database: &str) -> Told<'static> {
    Told(vec![
        ("oid", Value::Int(DATABASE)),
        ("datname", text(database)),
        ("datdba", Value::Int(OWNER)),
        ("encoding", Value::Int(6)),
        ("datlocprovider", text("c")),
        ("datallowconn", Value::Bool(true)),
        ("datconnlimit", Value::Int(-1)),
        ("dattablespace", Value::Int(1663)),
        ("datcollate", text("C")),
        ("datctype", text("C")),
    ])
}

fn collations() -> Vec<Told<'static>> {
    let collation = |(oid, name): (i64, &str)| {
        Told(vec![("oid", Value::Int(oid)), ("collname", text(name)), ("collnamespace", Value::Int(PG_CATALOG))])
    };
    [(100, "default"), (950, "C")].into_iter().map(collation).collect()
}

/// The rows of `pg_class` and `pg_attribute`: of the catalogue's own tables, and of those the session may see.
fn relations(
    tables: &BTreeMap<String, Table>,
    seen: &[SeenTable],
    schemas: &[(String, i64)],
    user: &str,
) -> (Vec<Row>, Vec<Row>) {
    let columns_of = |name: &str| tables.get(name).map(|table| table.columns.clone()).unwrap_or_default();
    let (of_class, of_attribute) = (columns_of("pg_catalog.pg_class"), columns_of("pg_catalog.pg_attribute"));
    let schema_of = |name: &str| schemas.iter().find(|(known, _)| known == name).map_or(PG_CATALOG, |(_, oid)| *oid);
    let (mut classes, mut attributes) = (Vec::new(), Vec::new());
    for (full, table) in tables {
        let (schema, name) = full.split_once('.').unwrap_or(("pg_catalog", full));
        let kind = if schema == "pg_catalog" { "r" } else { "v" };
        classes.push(row(&of_class, &class(table.oid, name, schema_of(schema), kind, table.columns.len())));
        for (place, (name, ty)) in table.columns.iter().enumerate() {
            attributes.push(row(&of_attribute, &attribute(table.oid, place, name, *ty, -1, false)));
        }
    }
    for table in seen {
        let mut told = class(table.oid, &table.name, schema_of(&table.schema), "r", table.columns.len());
        told.0.push(("relacl", Value::list([text(&format!("{user}=r/{OWNER_NAME}"))])));
        classes.push(row(&of_class, &told));
        for (place, column) in table.columns.iter().enumerate() {
            let told = attribute(table.oid, place, &column.name, column.ty, column.modifier, column.required);
            attributes.push(row(&of_attribute, &told));
        }
    }
    (classes, attributes)
}

fn class(oid: Oid, name: &str, schema: i64, kind: &str, columns: usize) -> Told<'static> {
    Told(vec![
        ("oid", Value::Int(i64::from(oid))),
        ("relname", text(name)),
        ("relnamespace", Value::Int(schema)),
        ("relowner", Value::Int(OWNER)),
        ("relam", Value::Int(if kind == "r" { HEAP } else { 0 })),
        ("reltuples", Value::Float(-1.0)),
        ("relpersistence", text("p")),
        ("relkind", text(kind)),
        ("relnatts", Value::Int(columns as i64)),
        ("relispopulated", Value::Bool(true)),
        ("relreplident", text("d")),
    ])
}

fn attribute(table: Oid, place: usize, name: &str, ty: Oid, modifier: i32, required: bool) -> Told<'_> {
    let facts = types::by_oid(ty);
    let word = |at: usize| facts.and_then(|facts| facts.words.get(at)).copied().unwrap_or_default();
    Told(vec![
        ("attrelid", Value::Int(i64::from(table))),
        ("attname", text(name)),
        ("atttypid", Value::Int(i64::from(ty))),
        ("attstattarget", Value::Int(-1)),
        ("attlen", Value::Int(facts.map_or(-1, |facts| i64::from(facts.len)))),
        ("attnum", Value::Int(place as i64 + 1)),
        ("attcacheoff", Value::Int(-1)),
        ("atttypmod", Value::Int(i64::from(modifier))),
        ("attbyval", Value::Bool(word(3) == "t")),
        ("attalign", text(word(17))),
        ("attstorage", text(word(18))),
        ("attnotnull", Value::Bool(required)),
        ("attislocal", Value::Bool(true)),
        ("attcollation", Value::Int(word(19).parse().unwrap_or_default())),
    ])
}
