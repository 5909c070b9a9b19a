//! What a trait's query reads, without the engine: its tables, the traits among them, and whether it asks for the time.

use std::{collections::BTreeSet, ops::ControlFlow};

use sqlparser::{
    ast::{Expr, ObjectName, Query, Select, SelectItem, SetExpr, Statement, Visit, Visitor},
    dialect::GenericDialect,
    parser::Parser,
};

/// The schema under which a query sees other traits: `traits.balance` has the columns `customer_id` and `value`.
pub const TRAIT_SCHEMA: &str = "traits";
/// The function that gives the session's time.
const AS_OF: &str = "as_of";
/// Functions that give another time than the session's, and so would leak the future into a training set.
const CLOCKS: [&str; 7] =
    ["now", "today", "current_date", "current_time", "current_timestamp", "localtime", "localtimestamp"];

/// What a query reads.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SqlReads {
    /// Tables.
    pub tables: BTreeSet<String>,
    /// Other traits.
    pub traits: BTreeSet<String>,
    /// Whether it calls `as_of()`.
    pub time: bool,
}

/// What is wrong with a query, and what to do.
pub(super) type Wrong = (String, String);

/// What a question of whatever columns reads; `None` when it cannot be read as SQL.
#[must_use]
pub fn reads(sql: &str) -> Option<SqlReads> {
    let statements = Parser::parse_sql(&GenericDialect {}, sql).ok()?;
    let mut finder = Finder::default();
    for statement in &statements {
        let _ = statement.visit(&mut finder);
    }
    let mut reads = SqlReads { time: finder.time, ..SqlReads::default() };
    for relation in finder.relations {
        match &relation[..] {
            [name] if !finder.with_names.contains(name) => drop(reads.tables.insert(name.clone())),
            [schema, name] if schema == TRAIT_SCHEMA => drop(reads.traits.insert(name.clone())),
            _ => {}
        }
    }
    Some(reads)
}

/// The names of columns that stand anywhere in a query; `None` for all, where it takes them with `*`.
#[must_use]
pub fn columns(sql: &str) -> Option<BTreeSet<String>> {
    let statements = Parser::parse_sql(&GenericDialect {}, sql).ok()?;
    let mut named = Named::default();
    let _ = statements.visit(&mut named);
    (!named.all).then_some(named.names)
}

/// What each column that a query gives is made of: its name and the names of columns in its expression.
#[must_use]
pub fn outputs(sql: &str) -> Vec<(String, BTreeSet<String>)> {
    let statements = Parser::parse_sql(&GenericDialect {}, sql).unwrap_or_default();
    let [Statement::Query(query)] = &statements[..] else { return Vec::new() };
    let Some(select) = first_select(&query.body) else { return Vec::new() };
    let made_of = |item: &SelectItem| {
        let mut named = Named::default();
        let _ = item.visit(&mut named);
        (output_name(item), named.names)
    };
    select.projection.iter().map(made_of).collect()
}

#[derive(Default)]
struct Named {
    names: BTreeSet<String>,
    all: bool,
}

impl Visitor for Named {
    type Break = ();

    fn pre_visit_select(&mut self, select: &Select) -> ControlFlow<()> {
        let all = |item: &SelectItem| matches!(item, SelectItem::Wildcard(_) | SelectItem::QualifiedWildcard(..));
        self.all |= select.projection.iter().any(all);
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expression: &Expr) -> ControlFlow<()> {
        let name = match expression {
            Expr::Identifier(name) => Some(name),
            Expr::CompoundIdentifier(names) => names.last(),
            _ => None,
        };
        self.names.extend(name.map(|name| name.value.clone()));
        ControlFlow::Continue(())
    }
}

/// Reads a query that is to give these columns.
pub(super) fn read(sql: &str, columns: &[&str]) -> Result<SqlReads, Vec<Wrong>> {
    let statements = Parser::parse_sql(&GenericDialect {}, sql)
        .map_err(|error| vec![(format!("the SQL cannot be read: {error}"), "check it with `florin sql`".to_owned())])?;
    let [Statement::Query(query)] = &statements[..] else {
        return Err(vec![("`sql` is not one query".to_owned(), "write one SELECT, without a semicolon".to_owned())]);
    };
    let mut finder = Finder::default();
    let _ = query.visit(&mut finder);
    finder.check_output(query, columns);
    finder.finish()
}

#[derive(Default)]
struct Finder {
    relations: Vec<Vec<String>>,
    with_names: BTreeSet<String>,
    clocks: BTreeSet<String>,
    time: bool,
    wrong: Vec<Wrong>,
}

impl Visitor for Finder {
    type Break = ();

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<()> {
        let names = query.with.iter().flat_map(|with| &with.cte_tables).map(|cte| cte.alias.name.value.to_lowercase());
        self.with_names.extend(names);
        ControlFlow::Continue(())
    }

    fn pre_visit_relation(&mut self, relation: &ObjectName) -> ControlFlow<()> {
        self.relations.push(parts(relation));
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expression: &Expr) -> ControlFlow<()> {
        let called = match expression {
            Expr::Function(function) => parts(&function.name).pop().unwrap_or_default(),
            _ => return ControlFlow::Continue(()),
        };
        self.time |= called == AS_OF;
        if CLOCKS.contains(&called.as_str()) {
            self.clocks.insert(called);
        }
        ControlFlow::Continue(())
    }
}

impl Finder {
    fn check_output(&mut self, query: &Query, columns: &[&str]) {
        let Some(select) = first_select(&query.body) else { return };
        let names: Vec<String> = select.projection.iter().map(output_name).collect();
        if names != columns {
            let message = format!("the query gives {}", listed(&names));
            let wanted: Vec<String> = columns.iter().map(|&name| name.to_owned()).collect();
            self.wrong.push((
                message,
                format!("give these columns: {} (SELECT …, … AS {})", listed(&wanted), wanted[wanted.len() - 1]),
            ));
        }
    }

    fn finish(mut self) -> Result<SqlReads, Vec<Wrong>> {
        let mut reads = SqlReads { time: self.time, ..SqlReads::default() };
        for clock in std::mem::take(&mut self.clocks) {
            let message = format!("`{clock}` is the time of the machine, not of the session");
            self.wrong.push((message, "use `as_of()`: the same definition then gives past dates too".to_owned()));
        }
        for relation in std::mem::take(&mut self.relations) {
            match &relation[..] {
                [name] if self.with_names.contains(name) => {}
                [name] => drop(reads.tables.insert(name.clone())),
                [schema, name] if schema == TRAIT_SCHEMA => drop(reads.traits.insert(name.clone())),
                _ => self.wrong.push((
                    format!("`{}` is neither a table nor a trait", relation.join(".")),
                    format!("name a table as it is, a trait as `{TRAIT_SCHEMA}.<name>`"),
                )),
            }
        }
        match self.wrong.is_empty() {
            true => Ok(reads),
            false => Err(self.wrong),
        }
    }
}

fn parts(name: &ObjectName) -> Vec<String> {
    name.0.iter().map(|part| part.to_string().trim_matches('"').to_lowercase()).collect()
}

fn first_select(body: &SetExpr) -> Option<&Select> {
    match body {
        SetExpr::Select(select) => Some(select),
        SetExpr::Query(query) => first_select(&query.body),
        SetExpr::SetOperation { left, .. } => first_select(left),
        _ => None,
    }
}

fn output_name(item: &SelectItem) -> String {
    match item {
        SelectItem::ExprWithAlias { alias, .. } => alias.value.to_lowercase(),
        SelectItem::UnnamedExpr(Expr::Identifier(name)) => name.value.to_lowercase(),
        SelectItem::UnnamedExpr(Expr::CompoundIdentifier(names)) => {
            names.last().map(|name| name.value.to_lowercase()).unwrap_or_default()
        }
        other => other.to_string(),
    }
}

fn listed(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(set: &BTreeSet<String>) -> Vec<&str> {
        set.iter().map(String::as_str).collect()
    }

    #[test]
    fn tables_traits_and_time_are_found_everywhere_in_a_query() {
        let sql = "WITH recent AS (SELECT customer_id, amount FROM transaction WHERE ts > as_of() - INTERVAL '30 days')
                   SELECT r.customer_id, sum(r.amount) / max(t.value) AS value FROM recent r
                   JOIN traits.income t ON t.customer_id = r.customer_id
                   WHERE EXISTS (SELECT 1 FROM account a WHERE a.customer_id = r.customer_id) GROUP BY 1";
        let reads = read(sql, &["customer_id", "value"]).expect("sound");
        assert_eq!(names(&reads.tables), ["account", "transaction"]);
        assert_eq!(names(&reads.traits), ["income"]);
        assert!(reads.time);
        assert!(!read("SELECT customer_id, 1 AS value FROM customer", &["customer_id", "value"]).expect("sound").time);
    }

    #[test]
    fn clocks_odd_outputs_and_other_statements_are_refused() {
        let wrong = |sql: &str| {
            read(sql, &["customer_id", "value"])
                .expect_err("wrong")
                .into_iter()
                .map(|w| w.0)
                .collect::<Vec<_>>()
                .join("; ")
        };
        assert!(wrong("SELECT customer_id, now() AS value FROM event").contains("`now` is the time of the machine"));
        assert!(wrong("SELECT customer_id, current_date AS value FROM event").contains("`current_date`"));
        assert!(wrong("SELECT customer_id, a, b FROM event").contains("gives `customer_id`, `a`, `b`"));
        assert!(wrong("DELETE FROM event").contains("not one query"));
        assert!(wrong("SELECT (customer_id").contains("cannot be read"));
        assert!(wrong("SELECT customer_id, value FROM other.thing").contains("neither a table nor a trait"));
    }
}
