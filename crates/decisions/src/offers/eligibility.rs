//! Who may have a product: an SQL predicate, kept as text, checked for its form without the engine.
//!
//! A bare name is a trait. Tables may be asked in sub-queries (`customer_id in (select customer_id from account …)`), whose
//! names are not checked here: the engine does that. What cannot be told of a customer (SQL's NULL) is not eligible.

use std::{collections::BTreeSet, ops::ControlFlow};

use serde::{Deserialize, Serialize};
use sqlparser::{
    ast::{BinaryOperator, Expr, Query, UnaryOperator, Value, Visit, Visitor},
    dialect::GenericDialect,
    parser::Parser,
    tokenizer::Token,
};

/// What is always there beside traits.
const CUSTOMER: &str = "customer_id";
/// Functions that give another time than the session's.
const CLOCKS: [&str; 7] =
    ["now", "today", "current_date", "current_time", "current_timestamp", "localtime", "localtimestamp"];

/// A predicate that holds up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Eligibility {
    /// As written, without blanks around it.
    pub sql: String,
    /// The traits it names outside sub-queries.
    pub traits: BTreeSet<String>,
}

/// Reads a predicate.
///
/// # Errors
/// What is wrong with it, and what to do.
pub(super) fn read(sql: &str) -> Result<Eligibility, (String, &'static str)> {
    let unreadable = |error: String| (format!("the predicate cannot be read: {error}"), "write it as behind `WHERE`");
    let dialect = GenericDialect {};
    let mut parser = Parser::new(&dialect).try_with_sql(sql).map_err(|error| unreadable(error.to_string()))?;
    let predicate = parser.parse_expr().map_err(|error| unreadable(error.to_string()))?;
    let next = parser.peek_token().token;
    if next != Token::EOF {
        return Err((
            format!("there is more behind the predicate: `{next}`"),
            "write one predicate, as behind `WHERE`",
        ));
    }
    if !may_be_true(&predicate) {
        return Err((format!("`{predicate}` is neither true nor false"), "compare it with something"));
    }
    let mut finder = Finder::default();
    let _ = predicate.visit(&mut finder);
    if let Some(clock) = finder.clocks.first() {
        return Err((format!("the predicate reads the clock by `{clock}`"), "use `as_of()`: a decision must replay"));
    }
    if let Some(qualified) = finder.qualified.first() {
        return Err((
            format!("`{qualified}` names a table"),
            "write a trait's name alone, or ask the table in a sub-query",
        ));
    }
    Ok(Eligibility { sql: sql.trim().to_owned(), traits: finder.names })
}

/// The clocks that something reads.
pub(super) fn clocks(of: &impl Visit) -> BTreeSet<String> {
    let mut finder = Finder::default();
    let _ = of.visit(&mut finder);
    finder.clocks
}

/// Whether an expression can be a truth value, as far as its form says.
fn may_be_true(expression: &Expr) -> bool {
    use BinaryOperator as B;
    match expression {
        Expr::Nested(inner) => may_be_true(inner),
        Expr::UnaryOp { op, expr } => *op == UnaryOperator::Not && may_be_true(expr),
        Expr::BinaryOp { op: B::And | B::Or | B::Xor, left, right } => may_be_true(left) && may_be_true(right),
        Expr::BinaryOp { op, .. } => {
            matches!(op, B::Eq | B::NotEq | B::Lt | B::LtEq | B::Gt | B::GtEq | B::Spaceship)
        }
        Expr::Value(value) => matches!(value.value, Value::Boolean(_)),
        Expr::Subquery(_) | Expr::Array(_) | Expr::Tuple(_) | Expr::Interval(_) | Expr::Extract { .. } => false,
        _ => true,
    }
}

#[derive(Default)]
struct Finder {
    depth: usize,
    names: BTreeSet<String>,
    qualified: BTreeSet<String>,
    clocks: BTreeSet<String>,
}

impl Visitor for Finder {
    type Break = ();

    fn pre_visit_query(&mut self, _: &Query) -> ControlFlow<()> {
        self.depth += 1;
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, _: &Query) -> ControlFlow<()> {
        self.depth = self.depth.saturating_sub(1);
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expression: &Expr) -> ControlFlow<()> {
        match expression {
            Expr::Function(function) => {
                let name = function.name.to_string().to_lowercase();
                self.clocks.extend(CLOCKS.contains(&name.as_str()).then_some(name));
            }
            Expr::Identifier(name) if CLOCKS.contains(&name.value.to_lowercase().as_str()) => {
                self.clocks.insert(name.value.clone());
            }
            Expr::Identifier(name) if self.depth == 0 && name.value != CUSTOMER => {
                self.names.insert(name.value.clone());
            }
            Expr::CompoundIdentifier(_) if self.depth == 0 => drop(self.qualified.insert(expression.to_string())),
            _ => {}
        }
        ControlFlow::Continue(())
    }
}
