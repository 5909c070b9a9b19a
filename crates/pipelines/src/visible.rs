//! Which tables somebody's sessions would show, so that tools can list them before they ask. Asking it reads nothing and is not on
//! record; whatever is then read is weighed again.

use florin_domain::{ColumnType, Purpose, TableDef};
use florin_features::segments::Segment;
use florin_governance::{Grant, open_session};

use crate::{House, segments};

/// A table that a session would show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VisibleTable {
    /// `public`, or the schema of what Florin makes.
    pub schema: String,
    /// Within its schema.
    pub name: String,
    /// One line for people.
    pub about: String,
    /// In their order.
    pub columns: Vec<VisibleColumn>,
    /// Which of the bank's definitions it is: the same for everybody, as long as the definitions are.
    pub place: usize,
}

/// A column of a table that a session would show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VisibleColumn {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub ty: ColumnType,
    /// Whether every row has a value in it.
    pub required: bool,
    /// Whether it reads as NULL.
    pub masked: bool,
    /// One line for people.
    pub about: String,
}

impl House {
    /// The tables that a session of whoever acts would show for a purpose; without one, those that would be shown for any, of which a
    /// column counts as masked if it is for all. In the order of their names.
    #[must_use]
    pub fn visible(&self, purpose: Option<Purpose>) -> Vec<VisibleTable> {
        let purposes = purpose.map_or_else(|| Purpose::ALL.to_vec(), |purpose| vec![purpose]);
        let bank = &self.bank;
        let rules = &bank.settings.purposes;
        let grant =
            |purpose| open_session(&bank.policies, &bank.catalogue, rules, &self.who, purpose, None, self.now());
        let grants: Vec<Grant> = purposes.into_iter().filter_map(|purpose| grant(purpose).ok()).collect();
        let tables = bank.catalogue.tables().enumerate().filter_map(|(place, table)| visible(place, table, &grants));
        let mut all: Vec<VisibleTable> = tables.collect();
        let first = bank.catalogue.tables().count();
        let known = |segment: &Segment| grants.iter().any(|grant| segments::may_be_known(self, segment, grant));
        let segments = bank.segments.in_order().enumerate().filter(|(_, segment)| known(segment));
        all.extend(segments.map(|(place, segment)| of_segment(first + place, segment)));
        all
    }
}

fn visible(place: usize, table: &TableDef, grants: &[Grant]) -> Option<VisibleTable> {
    let seen: Vec<_> = grants.iter().filter_map(|grant| grant.table(&table.name)).collect();
    if seen.is_empty() {
        return None;
    }
    let (schema, name) = table.name.split_once('.').unwrap_or(("public", &table.name));
    let columns = table.all_columns().into_iter().map(|column| VisibleColumn {
        masked: seen.iter().all(|seen| seen.is_masked(&column.name)),
        required: column.required,
        ty: column.ty,
        about: column.about,
        name: column.name,
    });
    let (schema, name, about) = (schema.to_owned(), name.to_owned(), table.about.clone());
    Some(VisibleTable { schema, name, about, columns: columns.collect(), place })
}

fn of_segment(place: usize, segment: &Segment) -> VisibleTable {
    let column = |name: &str| VisibleColumn {
        name: name.to_owned(),
        ty: ColumnType::Int,
        required: name == "customer_id",
        masked: false,
        about: String::new(),
    };
    let clusters = segments::is_clustering(segment).then(|| column("cluster"));
    VisibleTable {
        schema: segments::SCHEMA.to_owned(),
        name: segment.name.clone(),
        about: format!("{} / {}", segment.meaning.zh, segment.meaning.en),
        columns: std::iter::once(column("customer_id")).chain(clusters).collect(),
        place,
    }
}
