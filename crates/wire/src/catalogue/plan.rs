//! Questions about the catalogue, with every name looked up.

use std::{cell::RefCell, sync::Arc};

use sqlparser::ast::{
    Distinct, Expr, GroupByExpr, LimitClause, OrderByExpr, OrderByKind, Query, Select as Asked, SelectItem,
    SelectItemQualifiedWildcardKind, SetExpr, SetOperator, SetQuantifier, TableAlias, Value as Literal, With,
};

use super::{
    bind::{expression, literal, name_of},
    bound::{Body, Bound, Column, Grouping, Op, Plan, Select, Sorted, Step, conjuncts},
    call, from,
    scope::{Named, Scope},
    types,
};
use crate::fault::{Fault, code};

/// Binds a question.
pub(crate) fn question(query: &Query, scope: &Scope<'_>) -> Result<Plan, Fault> {
    let mut named = scope.named.clone();
    if let Some(with) = &query.with {
        add_named(with, scope, &mut named)?;
    }
    let scope = Scope {
        world: scope.world,
        columns: scope.columns,
        outer: scope.outer,
        named: &named,
        aggregates: None,
        numbered: None,
    };
    let order = match query.order_by.as_ref().map(|order| &order.kind) {
        Some(OrderByKind::Expressions(by)) => by.as_slice(),
        _ => &[],
    };
    let mut plan = match query.body.as_ref() {
        SetExpr::Select(select) => select_plan(select, order, &scope)?,
        other => {
            let mut plan = set_plan(other, &scope)?;
            plan.order = order.iter().map(|by| told_order(by, &plan.columns)).collect::<Result<_, _>>()?;
            plan
        }
    };
    (plan.limit, plan.offset) = limits(query, &scope)?;
    Ok(plan)
}

fn add_named(with: &With, scope: &Scope<'_>, named: &mut Named) -> Result<(), Fault> {
    if with.recursive {
        return Err(Fault::unsupported("WITH RECURSIVE"));
    }
    for cte in &with.cte_tables {
        let plan = {
            let around =
                Scope { world: scope.world, columns: &[], outer: scope.outer, named, aggregates: None, numbered: None };
            renamed(question(&cte.query, &around)?, &cte.alias)
        };
        named.insert(name_of(&cte.alias.name), Arc::new(plan));
    }
    Ok(())
}

fn renamed(mut plan: Plan, alias: &TableAlias) -> Plan {
    for (column, name) in plan.columns.iter_mut().zip(&alias.columns) {
        column.name = name_of(&name.name);
    }
    plan
}

fn set_plan(of: &SetExpr, scope: &Scope<'_>) -> Result<Plan, Fault> {
    match of {
        SetExpr::Select(select) => select_plan(select, &[], scope),
        SetExpr::Query(query) => question(query, scope),
        SetExpr::Values(values) => {
            let row = |row: &sqlparser::ast::Parens<Vec<Expr>>| {
                row.content.iter().map(|value| expression(value, scope)).collect()
            };
            let rows: Vec<Vec<Bound>> = values.rows.iter().map(row).collect::<Result<_, Fault>>()?;
            let first = rows.first().map(Vec::as_slice).unwrap_or_default();
            let column = |(place, value): (usize, &Bound)| told(format!("column{}", place + 1), value.ty);
            let columns = first.iter().enumerate().map(column).collect();
            Ok(plain(columns, Body::Values(rows)))
        }
        SetExpr::SetOperation { left, op, set_quantifier, right } => {
            let (left, right) = (Box::new(set_plan(left, scope)?), Box::new(set_plan(right, scope)?));
            if left.columns.len() != right.columns.len() {
                return Err(Fault::new(code::SYNTAX, "the parts of a union have different numbers of columns"));
            }
            let pairs = left.columns.iter().zip(&right.columns);
            let columns =
                pairs.map(|(a, b)| told(a.name.clone(), if a.ty == types::UNKNOWN { b.ty } else { a.ty })).collect();
            let body = match op {
                SetOperator::Union => Body::Union { left, right, all: *set_quantifier == SetQuantifier::All },
                SetOperator::Except | SetOperator::Minus => Body::Except { left, right },
                SetOperator::Intersect => Body::Intersect { left, right },
            };
            Ok(plain(columns, body))
        }
        _ => Err(Fault::unsupported("such a statement")),
    }
}

fn plain(columns: Vec<Column>, body: Body) -> Plan {
    Plan { columns, body, order: Vec::new(), limit: None, offset: None }
}

fn told(name: String, ty: types::Oid) -> Column {
    Column { table: String::new(), name, ty }
}

fn limits(query: &Query, scope: &Scope<'_>) -> Result<(Option<Bound>, Option<Bound>), Fault> {
    let bound = |of: &Expr| expression(of, scope);
    let (mut limit, mut offset) = (None, None);
    match &query.limit_clause {
        Some(LimitClause::LimitOffset { limit: most, offset: skipped, .. }) => {
            limit = most.as_ref().map(bound).transpose()?;
            offset = skipped.as_ref().map(|skipped| bound(&skipped.value)).transpose()?;
        }
        Some(LimitClause::OffsetCommaLimit { .. }) => return Err(Fault::unsupported("such a LIMIT")),
        None => {}
    }
    if let Some(fetch) = &query.fetch {
        limit = fetch.quantity.as_ref().map(bound).transpose()?;
    }
    Ok((limit, offset))
}

fn select_plan(asked: &Asked, order: &[OrderByExpr], scope: &Scope<'_>) -> Result<Plan, Fault> {
    let steps = from::steps(&asked.from, scope)?;
    let columns: Vec<Column> = steps.iter().flat_map(|step| step.columns.clone()).collect();
    let (aggregates, numbered) = (RefCell::default(), RefCell::default());
    let inner = scope.with(&columns);
    let condition = asked.selection.as_ref().map(|condition| expression(condition, &inner)).transpose()?;
    let grouped = Scope { aggregates: Some(&aggregates), numbered: Some(&numbered), ..scope.with(&columns) };
    let (mut names, mut values) = projection(&asked.projection, &steps, &grouped)?;
    let by = group_by(&asked.group_by, (&names, &values), &inner)?;
    let having = asked.having.as_ref().map(|having| expression(having, &grouped)).transpose()?;
    let order = order.iter().map(|by| sorted(by, &mut names, &mut values, &grouped)).collect::<Result<_, _>>()?;
    let distinct = match &asked.distinct {
        None | Some(Distinct::All) => false,
        Some(Distinct::Distinct) => true,
        Some(Distinct::On(_)) => return Err(Fault::unsupported("DISTINCT ON")),
    };
    let aggregates = aggregates.into_inner();
    let groups = !by.is_empty() || !aggregates.is_empty() || having.is_some();
    let select = Select {
        from: steps,
        conditions: condition.map(conjuncts).unwrap_or_default(),
        grouping: groups.then_some(Grouping { by, aggregates, having }),
        numbered: numbered.into_inner(),
        told: values,
        distinct,
    };
    Ok(Plan { columns: names, body: Body::Select(Box::new(select)), order, limit: None, offset: None })
}

fn projection(items: &[SelectItem], steps: &[Step], scope: &Scope<'_>) -> Result<(Vec<Column>, Vec<Bound>), Fault> {
    let (mut names, mut values) = (Vec::new(), Vec::new());
    let mut add = |name: String, value: Bound| {
        names.push(told(name, if value.ty == types::UNKNOWN { types::TEXT } else { value.ty }));
        values.push(value);
    };
    for item in items {
        match item {
            SelectItem::UnnamedExpr(of) => add(name_for(of), expression(of, scope)?),
            SelectItem::ExprWithAlias { expr, alias } => add(name_of(alias), expression(expr, scope)?),
            SelectItem::Wildcard(_) => every_column(steps, None, &mut add),
            SelectItem::QualifiedWildcard(SelectItemQualifiedWildcardKind::ObjectName(table), _) => {
                every_column(steps, Some(&call::last(table)), &mut add);
            }
            _ => return Err(Fault::unsupported("such a list of columns")),
        }
    }
    Ok((names, values))
}

fn every_column(steps: &[Step], table: Option<&str>, add: &mut impl FnMut(String, Bound)) {
    let columns = steps.iter().flat_map(|step| &step.columns).enumerate();
    // A table's own number is no column of it.
    let wanted =
        columns.filter(|(_, column)| column.name != from::TABLE_OID && table.is_none_or(|table| column.table == table));
    for (at, column) in wanted {
        add(column.name.clone(), Bound { op: Op::Column { depth: 0, at }, ty: column.ty });
    }
}

/// What a column is called that nobody named.
fn name_for(of: &Expr) -> String {
    match of {
        Expr::Identifier(name) => name_of(name),
        Expr::CompoundIdentifier(parts) => parts.last().map(name_of).unwrap_or_default(),
        Expr::Function(function) => call::last(&function.name),
        Expr::Nested(inner) | Expr::Collate { expr: inner, .. } => name_for(inner),
        Expr::Cast { expr, data_type, .. } => match name_for(expr).as_str() {
            "?column?" => types::by_name(&data_type.to_string()).map_or("?column?", |facts| facts.name).to_owned(),
            name => name.to_owned(),
        },
        Expr::Case { else_result, .. } => match else_result.as_deref().map(name_for) {
            Some(name) if name != "?column?" => name,
            _ => "case".to_owned(),
        },
        Expr::Array(_) => "array".to_owned(),
        Expr::Exists { .. } => "exists".to_owned(),
        Expr::Trim { .. } => "btrim".to_owned(),
        Expr::Substring { .. } => "substring".to_owned(),
        Expr::Value(value) if matches!(value.value, Literal::Boolean(_)) => "bool".to_owned(),
        Expr::Subquery(query) => match query.body.as_ref() {
            SetExpr::Select(select) => match select.projection.first() {
                Some(SelectItem::UnnamedExpr(of)) => name_for(of),
                Some(SelectItem::ExprWithAlias { alias, .. }) => name_of(alias),
                _ => "?column?".to_owned(),
            },
            _ => "?column?".to_owned(),
        },
        _ => "?column?".to_owned(),
    }
}

fn group_by(of: &GroupByExpr, told: (&[Column], &[Bound]), scope: &Scope<'_>) -> Result<Vec<Bound>, Fault> {
    let GroupByExpr::Expressions(by, _) = of else { return Err(Fault::unsupported("GROUP BY ALL")) };
    let (names, values) = told;
    let one = |of: &Expr| {
        let place = ordinal(of, values.len())?.or_else(|| alias(of, names).filter(|_| expression(of, scope).is_err()));
        match place.and_then(|place| values.get(place)) {
            Some(value) => Ok(value.clone()),
            None => expression(of, scope),
        }
    };
    by.iter().map(one).collect()
}

/// The column that a number stands for, in `ORDER BY 1`.
fn ordinal(of: &Expr, columns: usize) -> Result<Option<usize>, Fault> {
    let Expr::Value(value) = of else { return Ok(None) };
    let Op::Constant(constant) = literal(value)?.op else { return Ok(None) };
    match constant.as_int().and_then(|number| usize::try_from(number).ok()) {
        Some(number) if (1..=columns).contains(&number) => Ok(Some(number - 1)),
        _ => Err(Fault::new(code::SYNTAX, "ORDER BY and GROUP BY name no column of the answer")),
    }
}

fn alias(of: &Expr, names: &[Column]) -> Option<usize> {
    let Expr::Identifier(name) = of else { return None };
    let name = name_of(name);
    names.iter().position(|column| column.name == name)
}

/// What a SELECT is sorted by: a column that it tells, or one that is made for it.
fn sorted(by: &OrderByExpr, names: &mut [Column], values: &mut Vec<Bound>, scope: &Scope<'_>) -> Result<Sorted, Fault> {
    let at = match ordinal(&by.expr, names.len())?.or_else(|| alias(&by.expr, names)) {
        Some(at) => at,
        None => {
            values.push(expression(&by.expr, scope)?);
            values.len() - 1
        }
    };
    Ok(in_order(by, at))
}

fn told_order(by: &OrderByExpr, columns: &[Column]) -> Result<Sorted, Fault> {
    let at = ordinal(&by.expr, columns.len())?.or_else(|| alias(&by.expr, columns));
    at.map(|at| in_order(by, at)).ok_or_else(|| Fault::unsupported("sorting a union by an expression"))
}

fn in_order(by: &OrderByExpr, at: usize) -> Sorted {
    let descending = by.options.asc == Some(false);
    Sorted { at, descending, nulls_first: by.options.nulls_first.unwrap_or(descending) }
}
