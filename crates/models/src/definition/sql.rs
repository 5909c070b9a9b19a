//! What a query of a definition reads and gives, without the engine.

use std::{collections::BTreeSet, ops::ControlFlow};

use sqlparser::{
    ast::{Expr, ObjectName, Query, SelectItem, SetExpr, Statement, Visit, Visitor},
    dialect::GenericDialect,
    parser::Parser,
};

/// The schema of traits.
const TRAITS: &str = "traits";
/// The function that gives the date that features are as of.
const AS_OF: &str = "as_of";
/// Functions that give another time, and so would leak the future.
const CLOCKS: [&str; 7] =
    ["now", "today", "current_date", "current_time", "current_timestamp", "localtime", "localtimestamp"];

/// What a query reads and gives.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Reads {
    pub(super) tables: BTreeSet<String>,
    pub(super) traits: BTreeSet<String>,
    pub(super) as_of: bool,
    pub(super) clocks: BTreeSet<String>,
    /// The columns that it gives; nothing where it takes all with `*`.
    pub(super) outputs: Option<Vec<String>>,
}

/// Reads one SELECT.
///
/// # Errors
/// What is wrong with it, and what to do.
pub(super) fn read(sql: &str) -> Result<Reads, (String, &'static str)> {
    let statements = Parser::parse_sql(&GenericDialect {}, sql)
        .map_err(|error| (format!("the SQL cannot be read: {error}"), "check it with `florin sql`"))?;
    let [Statement::Query(query)] = &statements[..] else {
        return Err(("it is not one query".to_owned(), "write one SELECT, without a semicolon"));
    };
    let mut finder = Finder::default();
    let _ = query.visit(&mut finder);
    let mut reads = Reads { as_of: finder.as_of, clocks: finder.clocks, outputs: outputs(query), ..Reads::default() };
    for relation in finder.relations {
        match &relation[..] {
            [name] if !finder.with.contains(name) => drop(reads.tables.insert(name.clone())),
            [schema, name] if schema == TRAITS => drop(reads.traits.insert(name.clone())),
            [_] => {}
            other => drop(reads.tables.insert(other.join("."))),
        }
    }
    Ok(reads)
}

fn outputs(query: &Query) -> Option<Vec<String>> {
    let mut body = query.body.as_ref();
    let select = loop {
        match body {
            SetExpr::Select(select) => break select,
            SetExpr::Query(query) => body = query.body.as_ref(),
            SetExpr::SetOperation { left, .. } => body = left.as_ref(),
            _ => return None,
        }
    };
    select.projection.iter().map(output).collect()
}

/// The name of a column; nothing for all columns. One without a name has none that could be asked for.
fn output(item: &SelectItem) -> Option<String> {
    match item {
        SelectItem::ExprWithAlias { alias, .. } => Some(alias.value.clone()),
        SelectItem::UnnamedExpr(Expr::Identifier(name)) => Some(name.value.clone()),
        SelectItem::UnnamedExpr(Expr::CompoundIdentifier(names)) => names.last().map(|name| name.value.clone()),
        SelectItem::UnnamedExpr(other) => Some(other.to_string()),
        _ => None,
    }
}

#[derive(Default)]
struct Finder {
    relations: Vec<Vec<String>>,
    with: BTreeSet<String>,
    clocks: BTreeSet<String>,
    as_of: bool,
}

impl Visitor for Finder {
    type Break = ();

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<()> {
        let tables = query.with.iter().flat_map(|with| &with.cte_tables);
        self.with.extend(tables.map(|table| table.alias.name.value.clone()));
        ControlFlow::Continue(())
    }

    fn pre_visit_relation(&mut self, relation: &ObjectName) -> ControlFlow<()> {
        let parts = relation.0.iter().filter_map(|part| part.as_ident()).map(|ident| ident.value.clone());
        self.relations.push(parts.collect());
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expression: &Expr) -> ControlFlow<()> {
        if let Expr::Function(function) = expression {
            let name = function.name.to_string().to_lowercase();
            self.as_of |= name == AS_OF;
            if CLOCKS.contains(&name.as_str()) {
                self.clocks.insert(name);
            }
        }
        ControlFlow::Continue(())
    }
}
