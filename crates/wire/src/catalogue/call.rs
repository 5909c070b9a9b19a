//! Calls: of functions, of aggregates, of what tells several rows.

use sqlparser::ast::{
    DuplicateTreatment, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArgumentClause, FunctionArgumentList,
    FunctionArguments, ObjectName, OrderByExpr, WindowType,
};

use super::{
    bind::{call_of, expression, list_of_plan, name_of},
    bound::{Aggregate, AggregateKind, Bound, Numbered, Op},
    functions, plan,
    scope::Scope,
    types,
};
use crate::fault::{Fault, code};

/// The last part of a name: what a function is called without its schema.
pub(crate) fn last(name: &ObjectName) -> String {
    name.0.last().and_then(|part| part.as_ident()).map(name_of).unwrap_or_default()
}

/// Binds a call.
pub(crate) fn function(call: &Function, scope: &Scope<'_>) -> Result<Bound, Fault> {
    let name = last(&call.name);
    match (&call.args, name.as_str()) {
        (FunctionArguments::Subquery(query), "array") => {
            Ok(list_of_plan(Box::new(plan::question(query, &scope.inside())?)))
        }
        (FunctionArguments::None, _) => named(&name, [], scope),
        (FunctionArguments::List(list), _) if call.over.is_some() => numbered(&name, call, list, scope),
        (FunctionArguments::List(list), _) => match aggregate_kind(&name) {
            Some(kind) => aggregate(kind, call, list, scope),
            None => named(&name, arguments(list)?, scope),
        },
        (FunctionArguments::Subquery(_), _) => Err(Fault::unsupported("a question as an argument")),
    }
}

/// `ANY (list)` and `ALL (list)`, which some statements' parser takes for calls.
pub(crate) fn quantified(call: &Function) -> Option<(bool, &Expr)> {
    let all = match last(&call.name).as_str() {
        "any" | "some" => false,
        "all" => true,
        _ => return None,
    };
    match &call.args {
        FunctionArguments::List(list) => match list.args.as_slice() {
            [FunctionArg::Unnamed(FunctionArgExpr::Expr(of))] => Some((all, of)),
            _ => None,
        },
        _ => None,
    }
}

fn arguments(list: &FunctionArgumentList) -> Result<Vec<&Expr>, Fault> {
    list.args.iter().map(argument).collect()
}

pub(crate) fn argument(of: &FunctionArg) -> Result<&Expr, Fault> {
    match of {
        FunctionArg::Unnamed(FunctionArgExpr::Expr(of)) | FunctionArg::Named { arg: FunctionArgExpr::Expr(of), .. } => {
            Ok(of)
        }
        _ => Err(Fault::unsupported("such an argument")),
    }
}

/// Binds a call by the function's name.
pub(crate) fn named<'a>(
    name: &str,
    arguments: impl IntoIterator<Item = &'a Expr>,
    scope: &Scope<'_>,
) -> Result<Bound, Fault> {
    let found = functions::by_name(name);
    let found = found
        .ok_or_else(|| Fault::new(code::NO_FUNCTION, format!("function `{name}` does not exist in the catalogue")))?;
    let arguments = arguments.into_iter().map(|argument| expression(argument, scope)).collect::<Result<_, _>>()?;
    let call = call_of(found, arguments);
    if functions::OF_ROWS.contains(&name) {
        return Ok(Bound { ty: call.ty, op: Op::Rows(Box::new(call)) });
    }
    Ok(call)
}

fn aggregate_kind(name: &str) -> Option<AggregateKind> {
    Some(match name {
        "count" => AggregateKind::Count,
        "sum" => AggregateKind::Sum,
        "min" => AggregateKind::Min,
        "max" => AggregateKind::Max,
        "array_agg" => AggregateKind::List,
        "string_agg" => AggregateKind::Text,
        "bool_and" | "every" => AggregateKind::All,
        "bool_or" => AggregateKind::Any,
        _ => return None,
    })
}

fn aggregate(
    what: AggregateKind,
    call: &Function,
    list: &FunctionArgumentList,
    scope: &Scope<'_>,
) -> Result<Bound, Fault> {
    let Some(found) = scope.aggregates else {
        return Err(Fault::new(code::SYNTAX, format!("`{}` has no place here", last(&call.name))));
    };
    // What is counted is not itself counted.
    let inner = Scope { aggregates: None, ..scope.with(scope.columns) };
    let star = matches!(list.args.as_slice(), [] | [FunctionArg::Unnamed(FunctionArgExpr::Wildcard)]);
    let mut arguments = if star { Vec::new() } else { arguments(list)? }.into_iter();
    let of = arguments.next().map(|of| expression(of, &inner)).transpose()?;
    let separator = arguments.next().map(|of| expression(of, &inner)).transpose()?;
    let filter = call.filter.as_deref().map(|filter| expression(filter, &inner)).transpose()?;
    let mut order = Vec::new();
    for clause in &list.clauses {
        if let FunctionArgumentClause::OrderBy(by) = clause {
            order = sorted_by(by, &inner)?;
        }
    }
    let of_type = of.as_ref().map_or(types::TEXT, |of| of.ty);
    let ty = match what {
        AggregateKind::Count | AggregateKind::Sum => types::INT8,
        AggregateKind::Min | AggregateKind::Max => of_type,
        AggregateKind::List => types::list_of(of_type),
        AggregateKind::Text => types::TEXT,
        AggregateKind::All | AggregateKind::Any => types::BOOL,
    };
    let distinct = list.duplicate_treatment == Some(DuplicateTreatment::Distinct);
    let mut found = found.borrow_mut();
    found.push(Aggregate { what, of, separator, distinct, filter, order });
    Ok(Bound { op: Op::Aggregate(found.len() - 1), ty })
}

fn sorted_by(by: &[OrderByExpr], scope: &Scope<'_>) -> Result<Vec<(Bound, bool)>, Fault> {
    by.iter().map(|by| Ok((expression(&by.expr, scope)?, by.options.asc == Some(false)))).collect()
}

fn numbered(name: &str, call: &Function, list: &FunctionArgumentList, scope: &Scope<'_>) -> Result<Bound, Fault> {
    let (Some(found), Some(WindowType::WindowSpec(window)), "row_number", true) =
        (scope.numbered, &call.over, name, list.args.is_empty())
    else {
        return Err(Fault::unsupported(&format!("`{name}` over a window")));
    };
    let inner = scope.with(scope.columns);
    let by = window.partition_by.iter().map(|by| expression(by, &inner)).collect::<Result<_, _>>()?;
    let order = sorted_by(&window.order_by, &inner)?;
    let mut found = found.borrow_mut();
    found.push(Numbered { by, order });
    Ok(Bound { op: Op::RowNumber(found.len() - 1), ty: types::INT8 })
}
