//! What an expression is for one row.

use std::{cmp::Ordering, sync::Arc};

use super::{
    bound::{Arithmetic, Bound, Compare, Op},
    functions::cast,
    run::{Here, pattern, rows_inside},
    value::{Value, compared},
};
use crate::fault::{Fault, code};

/// Evaluates an expression.
pub(crate) fn evaluate(of: &Bound, here: &Here<'_>) -> Result<Value, Fault> {
    match &of.op {
        Op::Constant(value) => Ok(value.clone()),
        Op::Column { depth, at } => {
            Ok(around(here, *depth).and_then(|row| row.get(*at)).cloned().unwrap_or(Value::Null))
        }
        Op::Aggregate(place) => Ok(here.aggregates.get(*place).cloned().unwrap_or(Value::Null)),
        Op::RowNumber(place) => Ok(here.numbers.get(*place).map_or(Value::Null, |number| Value::Int(*number))),
        Op::Not(inner) => Ok(match evaluate(inner, here)? {
            Value::Null => Value::Null,
            value => Value::Bool(!value.holds()),
        }),
        Op::Negative(inner) => Ok(match evaluate(inner, here)? {
            Value::Int(number) => Value::Int(number.saturating_neg()),
            Value::Float(number) => Value::Float(-number),
            _ => Value::Null,
        }),
        Op::And(left, right) => either(left, right, false, here),
        Op::Or(left, right) => either(left, right, true, here),
        Op::Compare { how, left, right } => compare(*how, &evaluate(left, here)?, &evaluate(right, here)?),
        Op::Each { how, all, left, list } => each(*how, *all, &evaluate(left, here)?, &evaluate(list, here)?),
        Op::Concat(left, right) => Ok(concat(&evaluate(left, here)?, &evaluate(right, here)?)),
        Op::Arithmetic { sign, left, right } => arithmetic(*sign, &evaluate(left, here)?, &evaluate(right, here)?),
        Op::IsNull(inner) => Ok(Value::Bool(evaluate(inner, here)?.is_null())),
        Op::IsTruth { of, truth } => {
            let value = evaluate(of, here)?;
            Ok(Value::Bool(!value.is_null() && value.holds() == *truth))
        }
        Op::Distinct(left, right) => Ok(Value::Bool(distinct(&evaluate(left, here)?, &evaluate(right, here)?))),
        Op::In { of, list } => {
            let values = list.iter().map(|value| evaluate(value, here)).collect::<Result<Vec<_>, _>>()?;
            each(Compare::Equal, false, &evaluate(of, here)?, &Value::list(values))
        }
        Op::Case { branches, otherwise } => case(branches, otherwise.as_deref(), here),
        Op::Cast(inner) => cast(here.world, evaluate(inner, here)?, inner.ty, of.ty),
        Op::Call { what, arguments } => {
            here.worked()?;
            let arguments = arguments.iter().map(|argument| evaluate(argument, here)).collect::<Result<Vec<_>, _>>()?;
            what(here.world, &arguments)
        }
        Op::List(values) => {
            Ok(Value::list(values.iter().map(|value| evaluate(value, here)).collect::<Result<Vec<_>, _>>()?))
        }
        Op::Element { of, at } => Ok(element(&evaluate(of, here)?, evaluate(at, here)?.as_int().map(|at| at - 1))),
        Op::VectorElement { of, at } => Ok(element(&evaluate(of, here)?, evaluate(at, here)?.as_int())),
        Op::Rows(_) => Err(Fault::unsupported("a list of rows within an expression")),
        Op::Exists(plan) => Ok(Value::Bool(!rows_inside(plan, here)?.is_empty())),
        Op::Scalar(plan) => scalar(rows_inside(plan, here)?),
        Op::InPlan { of, plan } => {
            let values = rows_inside(plan, here)?.into_iter().filter_map(|row| row.into_iter().next());
            each(Compare::Equal, false, &evaluate(of, here)?, &Value::list(values))
        }
        Op::ListOf(plan) => {
            Ok(Value::list(rows_inside(plan, here)?.into_iter().filter_map(|row| row.into_iter().next())))
        }
    }
}

fn around<'a>(here: &'a Here<'_>, depth: usize) -> Option<&'a [Value]> {
    let mut here = here;
    for _ in 0..depth {
        here = here.outer?;
    }
    Some(here.row)
}

/// `AND` and `OR`, with NULL as not known.
fn either(left: &Bound, right: &Bound, decides: bool, here: &Here<'_>) -> Result<Value, Fault> {
    let left = evaluate(left, here)?;
    if !left.is_null() && left.holds() == decides {
        return Ok(Value::Bool(decides));
    }
    let right = evaluate(right, here)?;
    if !right.is_null() && right.holds() == decides {
        return Ok(Value::Bool(decides));
    }
    Ok(if left.is_null() || right.is_null() { Value::Null } else { Value::Bool(!decides) })
}

pub(crate) fn compare(how: Compare, left: &Value, right: &Value) -> Result<Value, Fault> {
    if left.is_null() || right.is_null() {
        return Ok(Value::Null);
    }
    match how {
        Compare::Matches { ignore_case, not } => {
            let (Some(text), Some(of)) = (left.shown(), right.shown()) else { return Ok(Value::Null) };
            Ok(Value::Bool(pattern(&of, ignore_case)?.is_match(&text) != not))
        }
        Compare::Like { ignore_case, not, escape } => {
            let (Some(text), Some(of)) = (left.shown(), right.shown()) else { return Ok(Value::Null) };
            Ok(Value::Bool(pattern(&like(&of, escape), ignore_case)?.is_match(&text) != not))
        }
        _ => Ok(Value::Bool(fits(how, compared(left, right)))),
    }
}

/// What cannot be compared is not equal.
fn fits(how: Compare, order: Option<Ordering>) -> bool {
    match how {
        Compare::NotEqual => order != Some(Ordering::Equal),
        Compare::Equal => order == Some(Ordering::Equal),
        Compare::Less => order == Some(Ordering::Less),
        Compare::Greater => order == Some(Ordering::Greater),
        Compare::LessOrEqual => order.is_some_and(|order| order != Ordering::Greater),
        _ => order.is_some_and(|order| order != Ordering::Less),
    }
}

/// The pattern of `LIKE` as a regular expression.
fn like(of: &str, escape: Option<char>) -> String {
    let mut text = String::from("(?s)^");
    let mut signs = of.chars();
    while let Some(sign) = signs.next() {
        match sign {
            sign if Some(sign) == escape => text.extend(signs.next().map(|sign| regex::escape(&sign.to_string()))),
            '%' => text.push_str(".*"),
            '_' => text.push('.'),
            other => text.push_str(&regex::escape(&other.to_string())),
        }
    }
    text + "$"
}

fn each(how: Compare, all: bool, left: &Value, list: &Value) -> Result<Value, Fault> {
    let Some(list) = list.elements() else { return Ok(Value::Null) };
    let mut unknown = false;
    for value in &list {
        match compare(how, left, value)? {
            Value::Null => unknown = true,
            value if value.holds() != all => return Ok(Value::Bool(!all)),
            _ => {}
        }
    }
    Ok(if unknown { Value::Null } else { Value::Bool(all) })
}

fn concat(left: &Value, right: &Value) -> Value {
    match (left, right) {
        (Value::List(left), Value::List(right)) => Value::list(left.iter().chain(right.iter()).cloned()),
        (Value::List(list), Value::Null) | (Value::Null, Value::List(list)) => Value::List(Arc::clone(list)),
        (Value::List(list), one) => Value::list(list.iter().cloned().chain([one.clone()])),
        (one, Value::List(list)) => Value::list(std::iter::once(one.clone()).chain(list.iter().cloned())),
        (left, right) => match (left.shown(), right.shown()) {
            (Some(left), Some(right)) => Value::text(left + &right),
            _ => Value::Null,
        },
    }
}

fn arithmetic(sign: Arithmetic, left: &Value, right: &Value) -> Result<Value, Fault> {
    let whole = |left: i64, right: i64| match sign {
        Arithmetic::Plus => left.checked_add(right),
        Arithmetic::Minus => left.checked_sub(right),
        Arithmetic::Times => left.checked_mul(right),
        Arithmetic::Divided => left.checked_div(right),
        Arithmetic::Modulo => left.checked_rem(right),
        Arithmetic::BitAnd => Some(left & right),
    };
    let broken = |left: f64, right: f64| match sign {
        Arithmetic::Plus => left + right,
        Arithmetic::Minus => left - right,
        Arithmetic::Times => left * right,
        Arithmetic::Modulo => left % right,
        Arithmetic::Divided | Arithmetic::BitAnd => left / right,
    };
    match (left, right) {
        (Value::Null, _) | (_, Value::Null) => Ok(Value::Null),
        (Value::Float(left), Value::Float(right)) => Ok(Value::Float(broken(*left, *right))),
        (Value::Float(left), right) => {
            Ok(right.as_int().map_or(Value::Null, |right| Value::Float(broken(*left, right as f64))))
        }
        (left, Value::Float(right)) => {
            Ok(left.as_int().map_or(Value::Null, |left| Value::Float(broken(left as f64, *right))))
        }
        (left, right) => match (left.as_int(), right.as_int()) {
            (Some(left), Some(right)) => whole(left, right)
                .map(Value::Int)
                .ok_or_else(|| Fault::new(code::OUT_OF_RANGE, "a number is out of range, or divided by zero")),
            _ => Ok(Value::Null),
        },
    }
}

fn distinct(left: &Value, right: &Value) -> bool {
    match (left.is_null(), right.is_null()) {
        (true, true) => false,
        (false, false) => compared(left, right) != Some(Ordering::Equal),
        _ => true,
    }
}

fn case(branches: &[(Bound, Bound)], otherwise: Option<&Bound>, here: &Here<'_>) -> Result<Value, Fault> {
    for (when, then) in branches {
        if evaluate(when, here)?.holds() {
            return evaluate(then, here);
        }
    }
    otherwise.map_or(Ok(Value::Null), |otherwise| evaluate(otherwise, here))
}

fn element(of: &Value, at: Option<i64>) -> Value {
    let place = at.and_then(|at| usize::try_from(at).ok());
    let list = of.elements().unwrap_or_default();
    place.and_then(|place| list.into_iter().nth(place)).unwrap_or(Value::Null)
}

fn scalar(rows: Vec<Vec<Value>>) -> Result<Value, Fault> {
    if rows.len() > 1 {
        return Err(Fault::new("21000", "a question that stands for one value tells several rows"));
    }
    Ok(rows.into_iter().next().and_then(|row| row.into_iter().next()).unwrap_or(Value::Null))
}
