//! Which names mean what where an expression stands.

use std::{cell::RefCell, collections::BTreeMap, sync::Arc};

use super::{
    bound::{Aggregate, Bound, Column, Numbered, Op, Plan},
    world::World,
};
use crate::fault::{Fault, code};

/// Queries named by `WITH`.
pub(crate) type Named = BTreeMap<String, Arc<Plan>>;

/// The names around an expression.
pub(crate) struct Scope<'a> {
    pub(crate) world: &'a World,
    pub(crate) columns: &'a [Column],
    pub(crate) outer: Option<&'a Scope<'a>>,
    pub(crate) named: &'a Named,
    /// Where aggregates are allowed: those found so far.
    pub(crate) aggregates: Option<&'a RefCell<Vec<Aggregate>>>,
    pub(crate) numbered: Option<&'a RefCell<Vec<Numbered>>>,
}

impl<'a> Scope<'a> {
    /// Without tables.
    pub(crate) fn outermost(world: &'a World, named: &'a Named) -> Self {
        Self { world, columns: &[], outer: None, named, aggregates: None, numbered: None }
    }

    /// The same world with other columns.
    pub(crate) fn with<'b>(&'b self, columns: &'b [Column]) -> Scope<'b> {
        Scope { world: self.world, columns, outer: self.outer, named: self.named, aggregates: None, numbered: None }
    }

    /// What a question inside this one stands in.
    pub(crate) fn inside(&'a self) -> Scope<'a> {
        Scope { outer: Some(self), ..Self::outermost(self.world, self.named) }
    }

    /// A column by its name, here or around.
    pub(crate) fn column(&self, table: Option<&str>, name: &str) -> Result<Bound, Fault> {
        let (mut scope, mut depth) = (Some(self), 0);
        while let Some(here) = scope {
            if let Some((at, column)) = here.own(table, name) {
                return Ok(Bound { op: Op::Column { depth, at }, ty: column.ty });
            }
            (scope, depth) = (here.outer, depth + 1);
        }
        let full = table.map_or_else(|| name.to_owned(), |table| format!("{table}.{name}"));
        Err(Fault::new(code::NO_COLUMN, format!("column `{full}` does not exist")))
    }

    fn own(&self, table: Option<&str>, name: &str) -> Option<(usize, &Column)> {
        let fits = |column: &Column| column.name == name && table.is_none_or(|table| column.table == table);
        self.columns.iter().enumerate().find(|(_, column)| fits(column))
    }

    /// Whether a table goes by that name here or around.
    pub(crate) fn has_table(&self, table: &str) -> bool {
        let here = self.columns.iter().any(|column| column.table == table);
        here || self.outer.is_some_and(|outer| outer.has_table(table))
    }
}
