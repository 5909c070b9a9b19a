//! What the catalogue's tables and functions tell of: who is connected to what, and which tables they may see.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use super::{
    tables::{self, Table},
    types::Oid,
    value::Value,
};

/// A table that a session may see.
#[derive(Debug, Clone)]
pub(crate) struct SeenTable {
    /// `public`, or the schema of what Florin makes.
    pub(crate) schema: String,
    /// Within its schema.
    pub(crate) name: String,
    /// One line for people.
    pub(crate) about: String,
    /// In their order.
    pub(crate) columns: Vec<SeenColumn>,
    /// The number that clients know it by: the same as long as the bank's definitions are.
    pub(crate) oid: Oid,
}

/// A column of a table that a session may see.
#[derive(Debug, Clone)]
pub(crate) struct SeenColumn {
    /// Its name.
    pub(crate) name: String,
    /// Its type, by PostgreSQL's number.
    pub(crate) ty: Oid,
    /// Digits of a number; -1 when nothing is said.
    pub(crate) modifier: i32,
    /// Whether every row has it.
    pub(crate) required: bool,
    /// One line for people.
    pub(crate) about: String,
}

/// Everything that the catalogue tells of.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) user: String,
    pub(crate) database: String,
    pub(crate) process: i32,
    /// Names and values, as `SHOW` tells them.
    pub(crate) settings: BTreeMap<String, String>,
    /// Microseconds.
    pub(crate) now: i64,
    pub(crate) tables: Arc<Known>,
}

/// The tables of the catalogue, and those it tells of.
#[derive(Debug)]
pub(crate) struct Known {
    pub(crate) seen: Vec<SeenTable>,
    /// By `schema.name`.
    own: BTreeMap<String, Arc<Table>>,
    /// Schema and name of everything that has a number.
    names: HashMap<Oid, (String, String)>,
}

impl Known {
    pub(crate) fn new(seen: Vec<SeenTable>, user: &str, database: &str) -> Self {
        let own = tables::filled(&seen, user, database);
        let of_own = own.iter().filter_map(|(name, table)| {
            let (schema, name) = name.split_once('.')?;
            Some((table.oid, (schema.to_owned(), name.to_owned())))
        });
        let of_seen = seen.iter().map(|table| (table.oid, (table.schema.clone(), table.name.clone())));
        let names = of_own.chain(of_seen).collect();
        Self { seen, own, names }
    }

    /// Without tables.
    pub(crate) fn nothing() -> Self {
        Self { seen: Vec::new(), own: BTreeMap::new(), names: HashMap::new() }
    }

    /// A table of the catalogue; without a schema, one of `pg_catalog`.
    pub(crate) fn table(&self, schema: Option<&str>, name: &str) -> Option<&Arc<Table>> {
        self.own.get(&format!("{}.{name}", schema.unwrap_or("pg_catalog")))
    }

    /// The number of a table by its name, as `'name'::regclass` asks for it.
    pub(crate) fn oid_of(&self, text: &str) -> Option<Oid> {
        let parts = identifiers(text);
        let (schema, name) = match parts.as_slice() {
            [name] => (None, name),
            [.., schema, name] => (Some(schema.as_str()), name),
            [] => return None,
        };
        let fits = |of: &str| schema.map_or(of == "public" || of == "pg_catalog", |schema| schema == of);
        let seen = self.seen.iter().find(|table| table.name == *name && fits(&table.schema)).map(|table| table.oid);
        seen.or_else(|| self.table(schema, name).map(|table| table.oid))
    }

    /// Schema and name of a table by its number.
    pub(crate) fn name_of(&self, oid: Oid) -> Option<(&str, &str)> {
        self.names.get(&oid).map(|(schema, name)| (schema.as_str(), name.as_str()))
    }

    /// Whether a table is found without naming its schema.
    pub(crate) fn is_visible(&self, oid: Oid) -> bool {
        self.name_of(oid).is_some_and(|(schema, _)| schema == "public" || schema == "pg_catalog")
    }

    /// The line for people of a table (column 0) or of one of its columns.
    pub(crate) fn about(&self, oid: Oid, column: i64) -> Value {
        let Some(table) = self.seen.iter().find(|table| table.oid == oid) else { return Value::Null };
        let about = match usize::try_from(column).ok().and_then(|column| column.checked_sub(1)) {
            None => Some(&table.about),
            Some(place) => table.columns.get(place).map(|column| &column.about),
        };
        about.filter(|about| !about.is_empty()).map_or(Value::Null, Value::text)
    }
}

/// The parts of a name: `public."a b"` has two.
pub(crate) fn identifiers(text: &str) -> Vec<String> {
    let (mut parts, mut part, mut quoted) = (Vec::new(), String::new(), false);
    for sign in text.trim().chars() {
        match sign {
            '"' => quoted = !quoted,
            '.' if !quoted => parts.push(std::mem::take(&mut part)),
            other if quoted => part.push(other),
            other => part.extend(other.to_lowercase()),
        }
    }
    parts.push(part);
    parts
}

/// A name in quotes where it needs them.
pub(crate) fn quoted_name(name: &str) -> String {
    let plain = name.starts_with(|c: char| c.is_ascii_lowercase() || c == '_')
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if plain { name.to_owned() } else { format!("\"{}\"", name.replace('"', "\"\"")) }
}
