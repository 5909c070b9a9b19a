//! `FROM`: which rows a question reads, and how they are put together.

use std::sync::Arc;

use sqlparser::ast::{
    Expr, FunctionArg, Join, JoinConstraint, JoinOperator, ObjectName, TableAlias, TableFactor, TableWithJoins,
};

use super::{
    bind::{comparison, expression, name_of},
    bound::{Bound, Column, Compare, JoinKind, Op, Source, Step, conjuncts},
    call, plan,
    scope::Scope,
    types,
    value::Value,
};
use crate::fault::{Fault, code};

/// The column that every table has beside its own.
pub(crate) const TABLE_OID: &str = "tableoid";

/// Binds `FROM`.
pub(crate) fn steps(from: &[TableWithJoins], scope: &Scope<'_>) -> Result<Vec<Step>, Fault> {
    let mut steps: Vec<Step> = Vec::new();
    for tables in from {
        add_joined(tables, &mut steps, scope)?;
    }
    Ok(steps)
}

fn add_joined(tables: &TableWithJoins, steps: &mut Vec<Step>, scope: &Scope<'_>) -> Result<(), Fault> {
    let first = step(&tables.relation, steps, scope)?;
    steps.push(first);
    for join in &tables.joins {
        let joined = joined(join, steps, scope)?;
        steps.push(joined);
    }
    Ok(())
}

fn columns_of(steps: &[Step]) -> Vec<Column> {
    steps.iter().flat_map(|step| step.columns.clone()).collect()
}

fn joined(join: &Join, steps: &[Step], scope: &Scope<'_>) -> Result<Step, Fault> {
    use JoinOperator as J;
    let (kind, constraint) = match &join.join_operator {
        J::Join(on) | J::Inner(on) | J::CrossJoin(on) => (JoinKind::Inner, on),
        J::Left(on) | J::LeftOuter(on) => (JoinKind::Left, on),
        J::Right(on) | J::RightOuter(on) => (JoinKind::Right, on),
        J::FullOuter(on) => (JoinKind::Full, on),
        _ => return Err(Fault::unsupported("such a JOIN")),
    };
    let mut step = step(&join.relation, steps, scope)?;
    step.join = kind;
    step.on = match constraint {
        JoinConstraint::None => Vec::new(),
        JoinConstraint::Natural => return Err(Fault::unsupported("NATURAL JOIN")),
        JoinConstraint::On(on) => {
            let mut columns = columns_of(steps);
            columns.extend(step.columns.iter().cloned());
            conjuncts(expression(on, &scope.with(&columns))?)
        }
        JoinConstraint::Using(names) => {
            names.iter().map(|name| same_column(name, steps, &step, scope)).collect::<Result<_, _>>()?
        }
    };
    Ok(step)
}

fn same_column(name: &ObjectName, steps: &[Step], joined: &Step, scope: &Scope<'_>) -> Result<Bound, Fault> {
    let (name, before) = (call::last(name), columns_of(steps));
    let left = scope.with(&before).column(None, &name)?;
    let right = joined.columns.iter().position(|column| column.name == name);
    let right =
        right.ok_or_else(|| Fault::new(code::NO_COLUMN, format!("column `{name}` does not exist on both sides")))?;
    let ty = joined.columns[right].ty;
    let right = Bound { op: Op::Column { depth: 0, at: before.len() + right }, ty };
    comparison(Compare::Equal, left, right, scope)
}

fn step(of: &TableFactor, before: &[Step], scope: &Scope<'_>) -> Result<Step, Fault> {
    match of {
        TableFactor::Table { name, alias, args: None, .. } => table(name, alias.as_ref(), scope),
        TableFactor::Table { name, alias, args: Some(args), with_ordinality, .. } => {
            rows_of(name, &args.args, alias.as_ref(), *with_ordinality, before, scope)
        }
        TableFactor::Function { name, args, alias, with_ordinality, .. } => {
            rows_of(name, args, alias.as_ref(), *with_ordinality, before, scope)
        }
        TableFactor::UNNEST { alias, array_exprs, with_ordinality: false, .. } if array_exprs.len() == 1 => {
            let columns = columns_of(before);
            let list = call::named("unnest", &array_exprs[..1], &scope.with(&columns))?;
            Ok(list_step(list, "unnest", alias.as_ref()))
        }
        TableFactor::Derived { lateral, subquery, alias, .. } => {
            let columns = columns_of(before);
            let around = scope.with(&columns);
            let plan = plan::question(subquery, &if *lateral { around.inside() } else { scope.with(&[]) })?;
            let columns = aliased(&plan.columns, alias.as_ref(), "");
            Ok(inner(Source::Plan { plan: Box::new(plan), lateral: *lateral }, columns))
        }
        TableFactor::NestedJoin { table_with_joins, alias: None } => {
            let mut steps = Vec::new();
            add_joined(table_with_joins, &mut steps, scope)?;
            let columns = columns_of(&steps);
            Ok(inner(Source::Nested(steps), columns))
        }
        _ => Err(Fault::unsupported("such a FROM")),
    }
}

fn inner(source: Source, columns: Vec<Column>) -> Step {
    Step { source, columns, join: JoinKind::Inner, on: Vec::new() }
}

/// Columns as they are reached: by the alias, under the names that it gives.
fn aliased(columns: &[Column], alias: Option<&TableAlias>, own: &str) -> Vec<Column> {
    let table = alias.map_or_else(|| own.to_owned(), |alias| name_of(&alias.name));
    let names = alias.map(|alias| alias.columns.as_slice()).unwrap_or_default();
    let column = |(place, column): (usize, &Column)| {
        let name = names.get(place).map_or_else(|| column.name.clone(), |name| name_of(&name.name));
        Column { table: table.clone(), name, ty: column.ty }
    };
    columns.iter().enumerate().map(column).collect()
}

fn table(name: &ObjectName, alias: Option<&TableAlias>, scope: &Scope<'_>) -> Result<Step, Fault> {
    let parts: Vec<String> = name.0.iter().filter_map(|part| part.as_ident()).map(name_of).collect();
    let (schema, own) = match parts.as_slice() {
        [own] => (None, own),
        [.., schema, own] => (Some(schema.as_str()), own),
        [] => return Err(Fault::unsupported("a table without a name")),
    };
    if let (None, Some(plan)) = (schema, scope.named.get(own)) {
        let columns = aliased(&plan.columns, alias, own);
        return Ok(inner(Source::Plan { plan: Box::new(plan.as_ref().clone()), lateral: false }, columns));
    }
    let found = scope.world.tables.table(schema, own);
    let found = found.ok_or_else(|| {
        Fault::new(code::NO_TABLE, format!("table `{}` does not exist in the catalogue", parts.join(".")))
    })?;
    let own_columns = found.columns.iter().map(|(name, ty)| (*name, *ty)).chain([(TABLE_OID, types::OID)]);
    let columns: Vec<Column> =
        own_columns.map(|(name, ty)| Column { table: String::new(), name: name.to_owned(), ty }).collect();
    let source = if own == "pg_settings" { Source::Rows(settings(scope)) } else { Source::Table(Arc::clone(found)) };
    Ok(inner(source, aliased(&columns, alias, own)))
}

/// The rows of `pg_settings`: what `SHOW` tells.
fn settings(scope: &Scope<'_>) -> Arc<[Vec<Value>]> {
    let Some(table) = scope.world.tables.table(None, "pg_settings") else { return Arc::new([]) };
    let row = |(name, value): (&String, &String)| {
        let cell = |(column, _): &(&str, types::Oid)| match *column {
            "name" => Value::text(name),
            "setting" | "reset_val" | "boot_val" => Value::text(value),
            "context" => Value::text("user"),
            "vartype" => Value::text("string"),
            "pending_restart" => Value::Bool(false),
            _ => Value::Null,
        };
        table.columns.iter().map(cell).chain([Value::Int(i64::from(table.oid))]).collect()
    };
    scope.world.settings.iter().map(row).collect()
}

fn rows_of(
    name: &ObjectName,
    arguments: &[FunctionArg],
    alias: Option<&TableAlias>,
    with_ordinality: bool,
    before: &[Step],
    scope: &Scope<'_>,
) -> Result<Step, Fault> {
    if with_ordinality {
        return Err(Fault::unsupported("WITH ORDINALITY"));
    }
    let arguments: Vec<&Expr> = arguments.iter().map(call::argument).collect::<Result<_, _>>()?;
    let columns = columns_of(before);
    let name = call::last(name);
    let list = call::named(&name, arguments, &scope.with(&columns))?;
    Ok(list_step(list, &name, alias))
}

fn list_step(list: Bound, name: &str, alias: Option<&TableAlias>) -> Step {
    // Its one column goes by the alias, as the table does.
    let own = match name {
        "pg_get_keywords" => "word".to_owned(),
        _ => alias.map_or_else(|| name.to_owned(), |alias| name_of(&alias.name)),
    };
    let column = Column { table: String::new(), name: own, ty: list.ty };
    let columns = aliased(&[column], alias, name);
    inner(Source::List(list), columns)
}
