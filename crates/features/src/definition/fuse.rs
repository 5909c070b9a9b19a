//! Many traits in one pass: queries over the same table become one.
//!
//! Most traits are one aggregate over a customer's rows of one table: `SELECT customer_id, sum(amount) AS value FROM transaction WHERE …
//! GROUP BY customer_id`. Those of one table are asked together, each aggregate with its own condition (`FILTER`), so that the table is
//! read once; or those of one table and one window of time, where rows outside the window shall go no further than its time ([`Windows`]).
//! A customer has a value where some row meets the condition, as if each were asked alone. Whatever is not of that form is asked alone.

use std::{collections::BTreeMap, ops::ControlFlow};

use sqlparser::{
    ast::{
        BinaryOperator, Expr, Function, GroupByExpr, Ident, Query, Select, SelectItem, SetExpr, Statement, TableFactor,
        Value, VisitMut, VisitorMut,
    },
    dialect::GenericDialect,
    parser::Parser,
};

use florin_domain::catalogue::TS;

use super::{TRAIT_SCHEMA, Trait};
use crate::methods::Method;

/// Traits of one pass: their columns are held in memory together.
const TRAITS_MAX: usize = 64;
/// Functions that make one value of many rows, and take a condition.
const AGGREGATES: [&str; 18] = [
    "sum",
    "count",
    "avg",
    "mean",
    "min",
    "max",
    "median",
    "stddev",
    "stddev_samp",
    "stddev_pop",
    "var",
    "var_samp",
    "var_pop",
    "bool_and",
    "bool_or",
    "corr",
    "regr_slope",
    "approx_distinct",
];
/// Functions of values, which may stand in and around aggregates. Any other might be an aggregate that we do not know.
const SCALARS: [&str; 28] = [
    "abs",
    "round",
    "floor",
    "ceil",
    "coalesce",
    "nullif",
    "greatest",
    "least",
    "sqrt",
    "ln",
    "log10",
    "exp",
    "power",
    "date_part",
    "date_trunc",
    "extract",
    "to_date",
    "to_unixtime",
    "date_diff",
    "as_of",
    "lower",
    "upper",
    "substr",
    "concat",
    "length",
    "strpos",
    "starts_with",
    "mood",
];

/// One question for several traits, or for one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pass {
    /// The question. For several traits its columns are `customer_id`, then what each of [`Self::traits`] says.
    pub sql: String,
    /// The traits it answers.
    pub traits: Vec<InPass>,
}

/// Where a pass has the values of a trait.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InPass {
    /// Which trait.
    pub name: String,
    /// The column with how many rows met its condition, and the one with its values; `None` where the question is the trait's own.
    pub columns: Option<(String, String)>,
}

/// What becomes of traits of one table that look at other windows of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Windows {
    /// They share a pass: where whoever answers looks at each window's rows only.
    Together,
    /// Each window has a pass of its own.
    Apart,
}

/// The questions for some traits none of which reads another of them, in the order of the traits that come first in each.
#[must_use]
pub fn passes<'a>(traits: impl IntoIterator<Item = &'a Trait>, windows: Windows) -> Vec<Pass> {
    let mut open: BTreeMap<(String, Option<String>), usize> = BTreeMap::new();
    let mut groups: Vec<Vec<(&Trait, Option<Simple>)>> = Vec::new();
    for of in traits {
        let simple = simple(of, windows);
        match simple.as_ref().map(|simple| (simple.from.clone(), simple.window.clone())) {
            None => groups.push(vec![(of, None)]),
            Some(from) => match open.get(&from).copied().filter(|&at| groups[at].len() < TRAITS_MAX) {
                Some(at) => groups[at].push((of, simple)),
                None => {
                    open.insert(from, groups.len());
                    groups.push(vec![(of, simple)]);
                }
            },
        }
    }
    groups.into_iter().map(pass).collect()
}

fn pass(group: Vec<(&Trait, Option<Simple>)>) -> Pass {
    if let [(only, _)] = &group[..] {
        return Pass { sql: only.sql.clone(), traits: vec![InPass { name: only.name.clone(), columns: None }] };
    }
    let mut conditions: Vec<String> = Vec::new();
    let (mut outputs, mut traits, mut from, mut window) = (Vec::new(), Vec::new(), String::new(), None);
    for (of, simple) in group {
        let Some(mut simple) = simple else { continue };
        let condition = simple.condition.take().map(|condition| {
            let known = conditions.iter().position(|c| *c == condition);
            known.unwrap_or_else(|| {
                conditions.push(condition);
                conditions.len() - 1
            })
        });
        let value = format!("v{}", traits.len());
        outputs.push(format!("{} AS {value}", simple.filtered(condition)));
        let counted = condition.map_or_else(|| "n_all".to_owned(), |at| format!("n{at}"));
        traits.push(InPass { name: of.name.clone(), columns: Some((counted, value)) });
        (from, window) = (simple.from, simple.window);
    }
    let counts = (0..conditions.len()).map(|at| format!("count(*) FILTER (WHERE {}) AS n{at}", flag(at)));
    let outputs = outputs.into_iter().chain(counts).chain(["count(*) AS n_all".to_owned()]).collect::<Vec<_>>();
    let flags = conditions.iter().enumerate().map(|(at, c)| format!(", ({c}) AS {}", flag(at))).collect::<String>();
    let window = window.map(|window| format!(" WHERE {window}")).unwrap_or_default();
    let outputs = outputs.join(", ");
    let sql = format!("SELECT customer_id, {outputs} FROM (SELECT *{flags} FROM {from}{window}) GROUP BY customer_id");
    Pass { sql, traits }
}

/// The column that says whether a row meets a condition.
fn flag(at: usize) -> String {
    format!("florin_c{at}")
}

/// A query that is one aggregate of one table.
struct Simple {
    from: String,
    /// Since when rows count.
    window: Option<String>,
    /// What else must hold of them.
    condition: Option<String>,
    value: Expr,
}

impl Simple {
    /// The value, with a condition on each of its aggregates.
    fn filtered(&self, condition: Option<usize>) -> String {
        let mut value = self.value.clone();
        if let Some(at) = condition {
            let _ = VisitMut::visit(&mut value, &mut Conditioning { flag: Expr::Identifier(Ident::new(flag(at))) });
        }
        value.to_string()
    }
}

fn simple(of: &Trait, windows: Windows) -> Option<Simple> {
    if of.method != Method::Value || !of.sql.to_lowercase().contains("group by") {
        return None;
    }
    let statements = Parser::parse_sql(&GenericDialect {}, &of.sql).ok()?;
    let [Statement::Query(query)] = &statements[..] else { return None };
    let Query { with: None, body, order_by: None, limit_clause: None, fetch: None, .. } = &**query else { return None };
    let SetExpr::Select(select) = &**body else { return None };
    simple_select(select, windows)
}

fn simple_select(select: &Select, windows: Windows) -> Option<Simple> {
    let plain = select.distinct.is_none()
        && select.having.is_none()
        && select.qualify.is_none()
        && select.named_window.is_empty()
        && select.lateral_views.is_empty();
    let [table] = &select.from[..] else { return None };
    // An alias would name columns that the table inside does not have.
    let TableFactor::Table { name, alias: None, args: None, .. } = &table.relation else { return None };
    let name = name.to_string();
    if !plain || !table.joins.is_empty() || name.starts_with(TRAIT_SCHEMA) || !groups_by_customer(&select.group_by) {
        return None;
    }
    let [SelectItem::UnnamedExpr(customer), SelectItem::ExprWithAlias { expr, .. }] = &select.projection[..] else {
        return None;
    };
    let mut value = expr.clone();
    let condition = select.selection.clone();
    let sound =
        is_customer(customer) && is_aggregate(&mut value) && condition.clone().is_none_or(|mut c| is_plain(&mut c));
    let apart = |part: &Expr| windows == Windows::Apart && is_window(part);
    let (windows, others): (Vec<Expr>, Vec<Expr>) = conjuncts(condition).into_iter().partition(apart);
    let joined = |parts: Vec<Expr>| {
        let parts: Vec<String> = parts.iter().map(ToString::to_string).collect();
        (!parts.is_empty()).then(|| parts.join(" AND "))
    };
    sound.then(|| Simple { from: name, window: joined(windows), condition: joined(others), value })
}

/// The parts of a condition that must all hold.
fn conjuncts(condition: Option<Expr>) -> Vec<Expr> {
    match condition {
        Some(Expr::BinaryOp { left, op: BinaryOperator::And, right }) => {
            let mut parts = conjuncts(Some(*left));
            parts.extend(conjuncts(Some(*right)));
            parts
        }
        Some(one) => vec![one],
        None => Vec::new(),
    }
}

/// Whether a part says since when rows count: `ts > as_of() - INTERVAL '90 days'`.
fn is_window(part: &Expr) -> bool {
    let Expr::BinaryOp { left, op: BinaryOperator::Gt | BinaryOperator::GtEq, right } = part else { return false };
    let on_time = matches!(&**left, Expr::Identifier(name) if name.value.eq_ignore_ascii_case(TS));
    on_time && right.to_string().to_lowercase().starts_with("as_of()")
}

fn groups_by_customer(group_by: &GroupByExpr) -> bool {
    matches!(group_by, GroupByExpr::Expressions(by, modifiers) if modifiers.is_empty() && matches!(&by[..], [one] if is_customer(one)))
}

fn is_customer(expr: &Expr) -> bool {
    matches!(expr, Expr::Identifier(name) if name.value.eq_ignore_ascii_case("customer_id"))
        || matches!(expr, Expr::Value(value) if matches!(&value.value, Value::Number(one, _) if one == "1"))
}

/// Whether all columns of a value are within aggregates, and everything in it is known.
fn is_aggregate(value: &mut Expr) -> bool {
    let mut looking = Looking { outside: 0, inside: 0, depth: 0, sound: true };
    let _ = VisitMut::visit(value, &mut looking);
    looking.sound && looking.outside == 0 && looking.inside > 0
}

/// Whether a condition is one of the row alone.
fn is_plain(condition: &mut Expr) -> bool {
    let mut looking = Looking { outside: 0, inside: 0, depth: 0, sound: true };
    let _ = VisitMut::visit(condition, &mut looking);
    looking.sound && looking.inside == 0
}

fn name_of(function: &Function) -> String {
    function.name.to_string().to_lowercase()
}

fn aggregates(function: &Function) -> bool {
    AGGREGATES.contains(&name_of(function).as_str()) && function.over.is_none()
}

struct Looking {
    /// Columns that stand outside an aggregate.
    outside: usize,
    /// Aggregates.
    inside: usize,
    depth: usize,
    sound: bool,
}

impl VisitorMut for Looking {
    type Break = ();

    fn pre_visit_query(&mut self, _: &mut Query) -> ControlFlow<()> {
        self.sound = false;
        ControlFlow::Break(())
    }

    fn pre_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        match expr {
            Expr::Function(function) if aggregates(function) => {
                self.sound &= self.depth == 0;
                self.depth += 1;
                self.inside += 1;
            }
            Expr::Function(function) => {
                self.sound &= function.over.is_none() && SCALARS.contains(&name_of(function).as_str());
            }
            Expr::Identifier(_) if self.depth == 0 => self.outside += 1,
            // Names with a table in front would not be found through the inner question.
            Expr::CompoundIdentifier(_) => self.sound = false,
            _ => {}
        }
        ControlFlow::Continue(())
    }

    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        if matches!(expr, Expr::Function(function) if aggregates(function)) {
            self.depth -= 1;
        }
        ControlFlow::Continue(())
    }
}

/// Puts a condition on every aggregate.
struct Conditioning {
    flag: Expr,
}

impl VisitorMut for Conditioning {
    type Break = ();

    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        if let Expr::Function(function) = expr
            && aggregates(function)
        {
            let both = function.filter.take().map(|own| {
                let own = Expr::Nested(own);
                let op = BinaryOperator::And;
                Expr::BinaryOp { left: Box::new(own), op, right: Box::new(self.flag.clone()) }
            });
            function.filter = Some(Box::new(both.unwrap_or_else(|| self.flag.clone())));
        }
        ControlFlow::Continue(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(name: &str, sql: &str) -> Trait {
        let text = format!(
            "[[trait]]\nname = \"{name}\"\nmeaning = {{ zh = \"一\", en = \"one\" }}\ntype = \"int\"\nclass = \"C1\"\n\
             purposes = [\"service\"]\nsql = \"\"\"{sql}\"\"\"\n"
        );
        let file = crate::TraitFile::parse("traits/a.toml", &text).expect("a file");
        let catalogue = florin_domain::Catalogue::new(Vec::new()).expect("canonical tables");
        let traits = crate::Traits::compile(&[("traits/a.toml".to_owned(), file)], &catalogue).expect("sound");
        traits.get(name).expect("there").clone()
    }

    #[test]
    fn aggregates_of_one_table_are_asked_together_each_with_its_condition() {
        let traits = [
            of("n", "SELECT customer_id, count(*) AS value FROM event WHERE name = 'login' GROUP BY customer_id"),
            of(
                "d",
                "SELECT customer_id, max(duration_ms) / nullif(count(*), 0) AS value FROM event WHERE name = 'login' GROUP BY 1",
            ),
            of(
                "m",
                "SELECT customer_id, min(duration_ms) FILTER (WHERE duration_ms > 0) AS value FROM event GROUP BY customer_id",
            ),
        ];
        let passes = passes(&traits, Windows::Together);
        assert_eq!(passes.len(), 1);
        assert_eq!(
            passes[0].sql,
            "SELECT customer_id, count(*) FILTER (WHERE florin_c0) AS v0, \
             max(duration_ms) FILTER (WHERE florin_c0) / nullif(count(*) FILTER (WHERE florin_c0), 0) AS v1, \
             min(duration_ms) FILTER (WHERE duration_ms > 0) AS v2, \
             count(*) FILTER (WHERE florin_c0) AS n0, count(*) AS n_all \
             FROM (SELECT *, (name = 'login') AS florin_c0 FROM event) GROUP BY customer_id"
        );
        let counted: Vec<_> = passes[0].traits.iter().filter_map(|t| t.columns.clone()).collect();
        assert_eq!(counted, [("n0".into(), "v0".into()), ("n0".into(), "v1".into()), ("n_all".into(), "v2".into())]);
    }

    #[test]
    fn what_looks_at_one_window_of_time_is_asked_together() {
        let traits = [
            of(
                "a",
                "SELECT customer_id, count(*) AS value FROM event WHERE ts > as_of() - INTERVAL '30 days' AND name = 'login' GROUP BY 1",
            ),
            of(
                "b",
                "SELECT customer_id, count(*) AS value FROM event WHERE name = 'login' AND ts > as_of() - INTERVAL '7 days' GROUP BY 1",
            ),
            of(
                "c",
                "SELECT customer_id, max(duration_ms) AS value FROM event WHERE ts > as_of() - INTERVAL '30 days' GROUP BY 1",
            ),
        ];
        let together = passes(&traits, Windows::Together);
        assert_eq!((together.len(), together[0].traits.len()), (1, 3), "the table is read once");
        let passes = passes(&traits, Windows::Apart);
        assert_eq!(passes.len(), 2);
        assert_eq!(
            passes[0].sql,
            "SELECT customer_id, count(*) FILTER (WHERE florin_c0) AS v0, max(duration_ms) AS v1, \
             count(*) FILTER (WHERE florin_c0) AS n0, count(*) AS n_all \
             FROM (SELECT *, (name = 'login') AS florin_c0 FROM event WHERE ts > as_of() - INTERVAL '30 days') GROUP BY customer_id"
        );
        assert_eq!(passes[1].sql, traits[1].sql, "alone in its window");
    }

    #[test]
    fn whatever_is_not_surely_one_aggregate_is_asked_alone() {
        let alone = [
            of("a", "SELECT customer_id, count(*) AS value FROM event e GROUP BY customer_id"),
            of("b", "SELECT customer_id, string_agg(name, ',') AS value FROM event GROUP BY customer_id"),
            of(
                "c",
                "SELECT customer_id, max(ts) AS value FROM event WHERE name IN (SELECT name FROM product) GROUP BY customer_id",
            ),
            of("d", "SELECT customer_id, count(*) AS value FROM event GROUP BY customer_id HAVING count(*) > 1"),
            of("e", "SELECT customer_id, max(length(name)) OVER () AS value FROM event"),
        ];
        let passes = passes(&alone, Windows::Together);
        assert_eq!(passes.len(), alone.len());
        assert!(passes.iter().zip(&alone).all(|(pass, of)| pass.sql == of.sql));
    }
}
