//! From a trait to the columns of the sources.

use std::collections::{BTreeMap, BTreeSet};

use florin_features::definition::{columns, outputs};
use serde::Serialize;

use crate::{FlowError, House};

/// Columns of one source that end up in one table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SourceColumns {
    /// Which source.
    pub source: String,
    /// For each column of the table that is read: the columns of the source's inputs it is made of.
    pub columns: BTreeMap<String, BTreeSet<String>>,
}

/// What a trait rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Lineage {
    /// Traits, directly or through others.
    pub traits: BTreeSet<String>,
    /// Tables with the columns that are read of them.
    pub tables: BTreeMap<String, BTreeSet<String>>,
    /// Where those columns come from, by table.
    pub sources: BTreeMap<String, Vec<SourceColumns>>,
}

/// Follows a trait through the traits it reads and the tables to the sources.
///
/// # Errors
/// When there is no such trait.
pub fn lineage(house: &House, name: &str) -> Result<Lineage, FlowError> {
    let bank = &house.bank;
    let Some(of) = bank.traits.get(name) else {
        let known = bank.traits.in_order().map(|of| of.name.as_str()).collect::<Vec<_>>().join(", ");
        return Err(FlowError::Unknown { what: "trait", name: name.to_owned(), known });
    };
    let (_, inputs) = bank.traits.lineage(name);
    let mut tables: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for of in inputs.iter().filter_map(|input| bank.traits.get(input)).chain([of]) {
        let named = columns(&of.sql);
        for table in &of.tables {
            let Some(def) = bank.catalogue.table(table) else { continue };
            let read = def.all_columns().into_iter().map(|column| column.name);
            let read = read.filter(|column| named.as_ref().is_none_or(|named| named.contains(column)));
            tables.entry(table.clone()).or_default().extend(read);
        }
    }
    let sources = tables.iter().map(|(table, read)| (table.clone(), sources(house, table, read))).collect();
    Ok(Lineage { traits: inputs.into_iter().map(str::to_owned).collect(), tables, sources })
}

pub(crate) fn sources(house: &House, table: &str, read: &BTreeSet<String>) -> Vec<SourceColumns> {
    let mut found = Vec::new();
    for (source, def) in &house.bank.sources {
        for map in def.maps.iter().filter(|map| map.into.get_ref() == table) {
            let made_of = outputs(map.select.get_ref()).into_iter().filter(|(column, _)| read.contains(column));
            found.push(SourceColumns { source: source.clone(), columns: made_of.collect() });
        }
    }
    found
}
