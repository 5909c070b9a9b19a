//! Expressions, with every name looked up and every type known.

use sqlparser::ast::{
    AccessExpr, Array, BinaryOperator, CaseWhen, DataType, Expr, Ident, Query, Subscript, TrimWhereField,
    UnaryOperator, Value as Literal, ValueWithSpan,
};

use super::{
    bound::{Arithmetic, Bound, Compare, Op},
    call,
    functions::{self, cast},
    plan,
    scope::Scope,
    types::{self, Oid},
    value::Value,
};
use crate::fault::{Fault, code};

/// Binds an expression.
pub(crate) fn expression(of: &Expr, scope: &Scope<'_>) -> Result<Bound, Fault> {
    match of {
        Expr::Identifier(name) => identifier(name, scope),
        Expr::CompoundIdentifier(parts) => compound(parts, scope),
        Expr::Value(value) => literal(value),
        Expr::Nested(inner) | Expr::Collate { expr: inner, .. } => expression(inner, scope),
        Expr::BinaryOp { left, op, right } => binary(left, op, right, scope),
        Expr::UnaryOp { op, expr } => unary(op, expr, scope),
        Expr::IsNull(inner) => Ok(truth(Op::IsNull(boxed(inner, scope)?))),
        Expr::IsNotNull(inner) => Ok(not(truth(Op::IsNull(boxed(inner, scope)?)))),
        Expr::IsTrue(inner) => is_truth(inner, true, scope),
        Expr::IsNotTrue(inner) => is_truth(inner, true, scope).map(not),
        Expr::IsFalse(inner) => is_truth(inner, false, scope),
        Expr::IsNotFalse(inner) => is_truth(inner, false, scope).map(not),
        Expr::IsDistinctFrom(left, right) => Ok(truth(Op::Distinct(boxed(left, scope)?, boxed(right, scope)?))),
        Expr::IsNotDistinctFrom(left, right) => Ok(not(truth(Op::Distinct(boxed(left, scope)?, boxed(right, scope)?)))),
        Expr::InList { expr, list, negated } => {
            let list = list.iter().map(|value| expression(value, scope)).collect::<Result<_, _>>()?;
            Ok(negated_if(*negated, truth(Op::In { of: boxed(expr, scope)?, list })))
        }
        Expr::InSubquery { expr, subquery, negated } => {
            let plan = subquestion(subquery, scope)?;
            Ok(negated_if(*negated, truth(Op::InPlan { of: boxed(expr, scope)?, plan })))
        }
        Expr::Between { expr, negated, low, high } => between(expr, low, high, *negated, scope),
        Expr::Like { negated, expr, pattern, escape_char, .. } => {
            like((expr, pattern), escape_char.as_ref(), false, *negated, scope)
        }
        Expr::ILike { negated, expr, pattern, escape_char, .. } => {
            like((expr, pattern), escape_char.as_ref(), true, *negated, scope)
        }
        Expr::AnyOp { left, compare_op, right, .. } => each(left, compare_op, right, false, scope),
        Expr::AllOp { left, compare_op, right } => each(left, compare_op, right, true, scope),
        Expr::Cast { expr, data_type, .. } => cast_to(expression(expr, scope)?, data_type, scope),
        Expr::TypedString(typed) => cast_to(literal(&typed.value)?, &typed.data_type, scope),
        Expr::Case { operand, conditions, else_result, .. } => {
            case(operand.as_deref(), conditions, else_result.as_deref(), scope)
        }
        Expr::Exists { subquery, negated } => {
            Ok(negated_if(*negated, truth(Op::Exists(subquestion(subquery, scope)?))))
        }
        Expr::Subquery(query) => {
            let plan = subquestion(query, scope)?;
            let ty = plan.columns.first().map_or(types::TEXT, |column| column.ty);
            Ok(Bound { op: Op::Scalar(plan), ty })
        }
        Expr::Array(Array { elem, .. }) => list(elem, scope),
        Expr::Function(function) => call::function(function, scope),
        Expr::Trim { expr, trim_where, trim_what, trim_characters } => {
            let name = match trim_where {
                Some(TrimWhereField::Leading) => "ltrim",
                Some(TrimWhereField::Trailing) => "rtrim",
                _ => "btrim",
            };
            let what = trim_what.as_deref().or_else(|| trim_characters.as_ref().and_then(|signs| signs.first()));
            call::named(name, std::iter::once(expr.as_ref()).chain(what), scope)
        }
        Expr::Substring { expr, substring_from, substring_for, .. } => {
            let one = number(1);
            let from = substring_from.as_deref().unwrap_or(&one);
            call::named("substring", [expr.as_ref(), from].into_iter().chain(substring_for.as_deref()), scope)
        }
        Expr::Position { expr, r#in } => call::named("strpos", [r#in.as_ref(), expr.as_ref()], scope),
        Expr::CompoundFieldAccess { root, access_chain } => access(root, access_chain, scope),
        Expr::Tuple(values) if values.len() == 1 => expression(&values[0], scope),
        other => Err(Fault::unsupported(&format!("`{}`", short(&other.to_string())))),
    }
}

fn number(number: i64) -> Expr {
    Expr::value(Literal::Number(number.to_string(), false))
}

fn short(text: &str) -> String {
    text.chars().take(60).collect()
}

pub(crate) fn boxed(of: &Expr, scope: &Scope<'_>) -> Result<Box<Bound>, Fault> {
    expression(of, scope).map(Box::new)
}

pub(crate) fn truth(op: Op) -> Bound {
    Bound { op, ty: types::BOOL }
}

fn not(of: Bound) -> Bound {
    truth(Op::Not(Box::new(of)))
}

fn negated_if(negated: bool, of: Bound) -> Bound {
    if negated { not(of) } else { of }
}

fn subquestion(query: &Query, scope: &Scope<'_>) -> Result<Box<super::bound::Plan>, Fault> {
    plan::question(query, &scope.inside()).map(Box::new)
}

fn is_truth(of: &Expr, wanted: bool, scope: &Scope<'_>) -> Result<Bound, Fault> {
    Ok(truth(Op::IsTruth { of: boxed(of, scope)?, truth: wanted }))
}

/// A name as it counts: without quotes, in small letters.
pub(crate) fn name_of(ident: &Ident) -> String {
    if ident.quote_style.is_some() { ident.value.clone() } else { ident.value.to_ascii_lowercase() }
}

/// Words that PostgreSQL reads as calls without parentheses.
const BARE_CALLS: [&str; 6] =
    ["current_user", "session_user", "current_role", "user", "current_catalog", "current_schema"];

fn identifier(ident: &Ident, scope: &Scope<'_>) -> Result<Bound, Fault> {
    let name = name_of(ident);
    match scope.column(None, &name) {
        Ok(found) => Ok(found),
        Err(_) if ident.quote_style.is_none() && BARE_CALLS.contains(&name.as_str()) => call::named(&name, [], scope),
        // A table's own name stands for its row; where that is one column (a function in FROM), for its value.
        Err(unknown) if scope.has_table(&name) => scope.column(Some(&name), &name).map_err(|_| unknown),
        Err(unknown) => Err(unknown),
    }
}

fn compound(parts: &[Ident], scope: &Scope<'_>) -> Result<Bound, Fault> {
    let names: Vec<String> = parts.iter().map(name_of).collect();
    match names.as_slice() {
        [.., table, column] => scope.column(Some(table), column),
        _ => Err(Fault::unsupported("such a name")),
    }
}

pub(crate) fn literal(value: &ValueWithSpan) -> Result<Bound, Fault> {
    Ok(match &value.value {
        Literal::Number(number, _) => match number.parse::<i64>() {
            Ok(number) => Bound::constant(
                Value::Int(number),
                if i32::try_from(number).is_ok() { types::INT4 } else { types::INT8 },
            ),
            Err(_) => {
                let number =
                    number.parse().map_err(|_| Fault::new(code::INVALID_TEXT, format!("`{number}` is no number")))?;
                Bound::constant(Value::Float(number), types::FLOAT8)
            }
        },
        Literal::Boolean(truth) => Bound::constant(Value::Bool(*truth), types::BOOL),
        Literal::Null => Bound::constant(Value::Null, types::UNKNOWN),
        Literal::SingleQuotedString(text)
        | Literal::EscapedStringLiteral(text)
        | Literal::NationalStringLiteral(text)
        | Literal::UnicodeStringLiteral(text) => Bound::constant(Value::text(text), types::UNKNOWN),
        Literal::DollarQuotedString(quoted) => Bound::constant(Value::text(&quoted.value), types::UNKNOWN),
        Literal::Placeholder(_) => Bound::constant(Value::Null, types::UNKNOWN),
        other => return Err(Fault::unsupported(&format!("`{other}`"))),
    })
}

fn unary(op: &UnaryOperator, of: &Expr, scope: &Scope<'_>) -> Result<Bound, Fault> {
    let of = expression(of, scope)?;
    match op {
        UnaryOperator::Not => Ok(not(of)),
        UnaryOperator::Plus => Ok(of),
        UnaryOperator::Minus => Ok(Bound { ty: of.ty, op: Op::Negative(Box::new(of)) }),
        other => Err(Fault::unsupported(&format!("the operator `{other}`"))),
    }
}

fn binary(left: &Expr, op: &BinaryOperator, right: &Expr, scope: &Scope<'_>) -> Result<Bound, Fault> {
    use BinaryOperator as B;
    if let (Some(how), Expr::Function(function)) = (compare(op), right)
        && let Some((all, list)) = call::quantified(function)
    {
        return each_of(left, how, list, all, scope);
    }
    let (left, right) = (boxed(left, scope)?, boxed(right, scope)?);
    if let Some(how) = compare(op) {
        return comparison(how, *left, *right, scope);
    }
    let arithmetic = |sign: Arithmetic, left: Box<Bound>, right: Box<Bound>| {
        let ty = wider(left.ty, right.ty);
        Bound { op: Op::Arithmetic { sign, left, right }, ty }
    };
    Ok(match op {
        B::And => truth(Op::And(left, right)),
        B::Or => truth(Op::Or(left, right)),
        B::StringConcat => {
            let ty = [left.ty, right.ty].into_iter().find(|ty| types::element_of(*ty).is_some()).unwrap_or(types::TEXT);
            Bound { op: Op::Concat(left, right), ty }
        }
        B::Plus => arithmetic(Arithmetic::Plus, left, right),
        B::Minus => arithmetic(Arithmetic::Minus, left, right),
        B::Multiply => arithmetic(Arithmetic::Times, left, right),
        B::Divide => arithmetic(Arithmetic::Divided, left, right),
        B::Modulo => arithmetic(Arithmetic::Modulo, left, right),
        B::BitwiseAnd => arithmetic(Arithmetic::BitAnd, left, right),
        other => return Err(Fault::unsupported(&format!("the operator `{other}`"))),
    })
}

fn wider(left: Oid, right: Oid) -> Oid {
    let of = |ty: Oid| [types::FLOAT8, types::NUMERIC, types::INT8].into_iter().find(|wide| *wide == ty);
    of(left).or(of(right)).unwrap_or(types::INT4)
}

/// How an operator compares; `None` when it does something else.
pub(crate) fn compare(op: &BinaryOperator) -> Option<Compare> {
    use BinaryOperator as B;
    let matches = |ignore_case, not| Compare::Matches { ignore_case, not };
    let like = |ignore_case, not| Compare::Like { ignore_case, not, escape: Some('\\') };
    Some(match op {
        B::Eq => Compare::Equal,
        B::NotEq => Compare::NotEqual,
        B::Lt => Compare::Less,
        B::LtEq => Compare::LessOrEqual,
        B::Gt => Compare::Greater,
        B::GtEq => Compare::GreaterOrEqual,
        B::PGRegexMatch => matches(false, false),
        B::PGRegexIMatch => matches(true, false),
        B::PGRegexNotMatch => matches(false, true),
        B::PGRegexNotIMatch => matches(true, true),
        B::PGLikeMatch => like(false, false),
        B::PGILikeMatch => like(true, false),
        B::PGNotLikeMatch => like(false, true),
        B::PGNotILikeMatch => like(true, true),
        B::PGCustomBinaryOperator(parts) => match parts.last().map(String::as_str)? {
            "~" => matches(false, false),
            "~*" => matches(true, false),
            "!~" => matches(false, true),
            "!~*" => matches(true, true),
            "~~" => like(false, false),
            "!~~" => like(false, true),
            "=" => Compare::Equal,
            "<>" | "!=" => Compare::NotEqual,
            _ => return None,
        },
        _ => return None,
    })
}

/// A comparison; a bare text takes the type of what it is compared with, as `'pg_class'` of a `regclass` does.
pub(crate) fn comparison(how: Compare, left: Bound, right: Bound, scope: &Scope<'_>) -> Result<Bound, Fault> {
    let (left_ty, right_ty) = (left.ty, right.ty);
    let left = alike(left, right_ty, scope)?;
    let right = alike(right, left_ty, scope)?;
    Ok(truth(Op::Compare { how, left: Box::new(left), right: Box::new(right) }))
}

fn alike(of: Bound, other: Oid, scope: &Scope<'_>) -> Result<Bound, Fault> {
    let named = [types::REGCLASS, types::REGTYPE, types::REGPROC, types::REGNAMESPACE].contains(&other);
    match of.op {
        Op::Constant(value) if of.ty == types::UNKNOWN && named => {
            Ok(Bound::constant(cast(scope.world, value, types::UNKNOWN, other)?, other))
        }
        _ => Ok(of),
    }
}

fn between(of: &Expr, low: &Expr, high: &Expr, negated: bool, scope: &Scope<'_>) -> Result<Bound, Fault> {
    let above = comparison(Compare::GreaterOrEqual, expression(of, scope)?, expression(low, scope)?, scope)?;
    let below = comparison(Compare::LessOrEqual, expression(of, scope)?, expression(high, scope)?, scope)?;
    Ok(negated_if(negated, truth(Op::And(Box::new(above), Box::new(below)))))
}

fn like(
    (of, pattern): (&Expr, &Expr),
    escape: Option<&ValueWithSpan>,
    ignore_case: bool,
    not: bool,
    scope: &Scope<'_>,
) -> Result<Bound, Fault> {
    let escape = match escape.map(|value| &value.value) {
        Some(Literal::SingleQuotedString(sign)) => sign.chars().next(),
        _ => Some('\\'),
    };
    let how = Compare::Like { ignore_case, not, escape };
    comparison(how, expression(of, scope)?, expression(pattern, scope)?, scope)
}

fn each(left: &Expr, op: &BinaryOperator, right: &Expr, all: bool, scope: &Scope<'_>) -> Result<Bound, Fault> {
    let how = compare(op).ok_or_else(|| Fault::unsupported(&format!("`{op} ANY`")))?;
    each_of(left, how, right, all, scope)
}

fn each_of(left: &Expr, how: Compare, right: &Expr, all: bool, scope: &Scope<'_>) -> Result<Bound, Fault> {
    let list = match right {
        Expr::Subquery(query) => Box::new(list_of_plan(subquestion(query, scope)?)),
        other => boxed(other, scope)?,
    };
    Ok(truth(Op::Each { how, all, left: boxed(left, scope)?, list }))
}

/// Everything that a question tells, as one list.
pub(crate) fn list_of_plan(plan: Box<super::bound::Plan>) -> Bound {
    let element = plan.columns.first().map_or(types::TEXT, |column| column.ty);
    Bound { op: Op::ListOf(plan), ty: types::list_of(element) }
}

fn list(elements: &[Expr], scope: &Scope<'_>) -> Result<Bound, Fault> {
    let elements: Vec<Bound> = elements.iter().map(|element| expression(element, scope)).collect::<Result<_, _>>()?;
    let ty = known_type(elements.iter().map(|element| element.ty));
    Ok(Bound { op: Op::List(elements), ty: types::list_of(ty) })
}

/// The first type that says something.
pub(crate) fn known_type(types: impl Iterator<Item = Oid>) -> Oid {
    types.into_iter().find(|ty| *ty != types::UNKNOWN).unwrap_or(types::TEXT)
}

fn cast_to(of: Bound, to: &DataType, scope: &Scope<'_>) -> Result<Bound, Fault> {
    let name = to.to_string().replace('"', "");
    let ty = types::by_name(&name).map(|facts| facts.oid);
    let ty = ty.ok_or_else(|| Fault::new(code::NO_SETTING, format!("type `{name}` does not exist")))?;
    if let Op::Constant(value) = &of.op {
        return Ok(Bound::constant(cast(scope.world, value.clone(), of.ty, ty)?, ty));
    }
    Ok(Bound { op: Op::Cast(Box::new(of)), ty })
}

fn case(
    operand: Option<&Expr>,
    branches: &[CaseWhen],
    otherwise: Option<&Expr>,
    scope: &Scope<'_>,
) -> Result<Bound, Fault> {
    let operand = operand.map(|operand| expression(operand, scope)).transpose()?;
    let branch = |branch: &CaseWhen| {
        let when = expression(&branch.condition, scope)?;
        let when = match &operand {
            Some(operand) => comparison(Compare::Equal, operand.clone(), when, scope)?,
            None => when,
        };
        Ok((when, expression(&branch.result, scope)?))
    };
    let branches: Vec<(Bound, Bound)> = branches.iter().map(branch).collect::<Result<_, Fault>>()?;
    let otherwise = otherwise.map(|otherwise| boxed(otherwise, scope)).transpose()?;
    let ty = known_type(branches.iter().map(|(_, then)| then.ty).chain(otherwise.iter().map(|otherwise| otherwise.ty)));
    Ok(Bound { op: Op::Case { branches, otherwise }, ty })
}

/// `list[1]`, `(function()).field`, `(table.column).field`.
fn access(root: &Expr, chain: &[AccessExpr], scope: &Scope<'_>) -> Result<Bound, Fault> {
    let mut of = match (root, chain) {
        (Expr::Identifier(table), [AccessExpr::Dot(Expr::Identifier(column)), ..])
            if scope.has_table(&name_of(table)) =>
        {
            scope.column(Some(&name_of(table)), &name_of(column))?
        }
        _ => expression(root, scope)?,
    };
    let skipped = usize::from(
        matches!((root, chain.first()), (Expr::Identifier(table), Some(AccessExpr::Dot(_))) if scope.has_table(&name_of(table))),
    );
    for step in &chain[skipped..] {
        of = match step {
            // The fields of the only function that tells rows of fields are both numbers.
            AccessExpr::Dot(_) => of,
            AccessExpr::Subscript(Subscript::Index { index }) => element(of, expression(index, scope)?),
            AccessExpr::Subscript(Subscript::Slice { .. }) => return Err(Fault::unsupported("a slice of a list")),
        };
    }
    Ok(of)
}

fn element(of: Bound, at: Bound) -> Bound {
    let ty = types::element_of(of.ty).unwrap_or(types::TEXT);
    let vector = of.ty == types::INT2VECTOR || of.ty == types::OIDVECTOR;
    let (of, at) = (Box::new(of), Box::new(at));
    Bound { op: if vector { Op::VectorElement { of, at } } else { Op::Element { of, at } }, ty }
}

/// A function's answer, typed as its arguments say where it says nothing itself.
pub(crate) fn call_of(function: &functions::Function, arguments: Vec<Bound>) -> Bound {
    let of_arguments = || known_type(arguments.iter().map(|argument| argument.ty));
    let ty = match function.name {
        "coalesce" | "nullif" | "greatest" | "least" | "abs" => of_arguments(),
        "unnest" => types::element_of(of_arguments()).unwrap_or(types::TEXT),
        _ => function.ty,
    };
    Bound { op: Op::Call { what: function.what, arguments }, ty }
}
