//! A question about the catalogue, with every name looked up: what `bind` makes and `run` answers.

use std::sync::Arc;

use super::{functions::Implementation, tables::Table, types::Oid, value::Value};

/// A column of what a question reads or tells.
#[derive(Debug, Clone)]
pub(crate) struct Column {
    /// What it is reached by before the dot; empty for what a question tells.
    pub(crate) table: String,
    pub(crate) name: String,
    pub(crate) ty: Oid,
}

/// An expression and its type.
#[derive(Debug, Clone)]
pub(crate) struct Bound {
    pub(crate) op: Op,
    pub(crate) ty: Oid,
}

/// What an expression does.
#[derive(Debug, Clone)]
pub(crate) enum Op {
    Constant(Value),
    /// A column of the row, or of the row of a question so many levels around this one.
    Column {
        depth: usize,
        at: usize,
    },
    /// An aggregate of the group.
    Aggregate(usize),
    /// Which row of its partition this is.
    RowNumber(usize),
    Not(Box<Bound>),
    Negative(Box<Bound>),
    And(Box<Bound>, Box<Bound>),
    Or(Box<Bound>, Box<Bound>),
    Compare {
        how: Compare,
        left: Box<Bound>,
        right: Box<Bound>,
    },
    /// `= ANY (list)`, `<> ALL (list)`.
    Each {
        how: Compare,
        all: bool,
        left: Box<Bound>,
        list: Box<Bound>,
    },
    Concat(Box<Bound>, Box<Bound>),
    Arithmetic {
        sign: Arithmetic,
        left: Box<Bound>,
        right: Box<Bound>,
    },
    IsNull(Box<Bound>),
    IsTruth {
        of: Box<Bound>,
        truth: bool,
    },
    Distinct(Box<Bound>, Box<Bound>),
    In {
        of: Box<Bound>,
        list: Vec<Bound>,
    },
    Case {
        branches: Vec<(Bound, Bound)>,
        otherwise: Option<Box<Bound>>,
    },
    Cast(Box<Bound>),
    Call {
        what: Implementation,
        arguments: Vec<Bound>,
    },
    List(Vec<Bound>),
    Element {
        of: Box<Bound>,
        at: Box<Bound>,
    },
    /// An array of the type `int2vector` counts from 0.
    VectorElement {
        of: Box<Bound>,
        at: Box<Bound>,
    },
    /// A value a row of a list.
    Rows(Box<Bound>),
    Exists(Box<Plan>),
    Scalar(Box<Plan>),
    InPlan {
        of: Box<Bound>,
        plan: Box<Plan>,
    },
    ListOf(Box<Plan>),
}

/// How two values are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Compare {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Matches { ignore_case: bool, not: bool },
    Like { ignore_case: bool, not: bool, escape: Option<char> },
}

/// What is done with two numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Arithmetic {
    Plus,
    Minus,
    Times,
    Divided,
    Modulo,
    BitAnd,
}

/// A question.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    /// What it tells.
    pub(crate) columns: Vec<Column>,
    pub(crate) body: Body,
    /// Columns of the body's rows (told ones, then hidden ones) to sort by.
    pub(crate) order: Vec<Sorted>,
    pub(crate) limit: Option<Bound>,
    pub(crate) offset: Option<Bound>,
}

/// A column to sort by.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sorted {
    pub(crate) at: usize,
    pub(crate) descending: bool,
    pub(crate) nulls_first: bool,
}

/// What makes rows.
#[derive(Debug, Clone)]
pub(crate) enum Body {
    Select(Box<Select>),
    Values(Vec<Vec<Bound>>),
    Union { left: Box<Plan>, right: Box<Plan>, all: bool },
    Except { left: Box<Plan>, right: Box<Plan> },
    Intersect { left: Box<Plan>, right: Box<Plan> },
}

/// One SELECT.
#[derive(Debug, Clone)]
pub(crate) struct Select {
    pub(crate) from: Vec<Step>,
    pub(crate) conditions: Vec<Bound>,
    pub(crate) grouping: Option<Grouping>,
    pub(crate) numbered: Vec<Numbered>,
    /// What is told, then what is only sorted by.
    pub(crate) told: Vec<Bound>,
    pub(crate) distinct: bool,
}

/// Rows that are put to those there are.
#[derive(Debug, Clone)]
pub(crate) struct Step {
    pub(crate) source: Source,
    pub(crate) columns: Vec<Column>,
    pub(crate) join: JoinKind,
    pub(crate) on: Vec<Bound>,
}

/// Where rows come from.
#[derive(Debug, Clone)]
pub(crate) enum Source {
    Table(Arc<Table>),
    Rows(Arc<[Vec<Value>]>),
    Plan {
        plan: Box<Plan>,
        lateral: bool,
    },
    /// A list, a row each.
    List(Bound),
    Nested(Vec<Step>),
}

/// How rows are put together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum JoinKind {
    Inner,
    Left,
    Right,
    Full,
}

/// `GROUP BY`, and what is told of each group.
#[derive(Debug, Clone)]
pub(crate) struct Grouping {
    pub(crate) by: Vec<Bound>,
    pub(crate) aggregates: Vec<Aggregate>,
    pub(crate) having: Option<Bound>,
}

/// One value of many rows.
#[derive(Debug, Clone)]
pub(crate) struct Aggregate {
    pub(crate) what: AggregateKind,
    pub(crate) of: Option<Bound>,
    pub(crate) separator: Option<Bound>,
    pub(crate) distinct: bool,
    pub(crate) filter: Option<Bound>,
    pub(crate) order: Vec<(Bound, bool)>,
}

/// Which.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AggregateKind {
    Count,
    Sum,
    Min,
    Max,
    List,
    Text,
    All,
    Any,
}

/// `row_number()` over a window.
#[derive(Debug, Clone)]
pub(crate) struct Numbered {
    pub(crate) by: Vec<Bound>,
    pub(crate) order: Vec<(Bound, bool)>,
}

impl Bound {
    pub(crate) fn constant(value: Value, ty: Oid) -> Self {
        Self { op: Op::Constant(value), ty }
    }

    /// Tells every expression right beneath this one.
    pub(crate) fn parts(&self) -> Vec<&Self> {
        match &self.op {
            Op::Constant(_)
            | Op::Column { .. }
            | Op::Aggregate(_)
            | Op::RowNumber(_)
            | Op::Exists(_)
            | Op::Scalar(_)
            | Op::ListOf(_) => Vec::new(),
            Op::Not(of) | Op::Negative(of) | Op::IsNull(of) | Op::IsTruth { of, .. } | Op::Cast(of) | Op::Rows(of) => {
                vec![of]
            }
            Op::And(left, right)
            | Op::Or(left, right)
            | Op::Compare { left, right, .. }
            | Op::Each { left, list: right, .. }
            | Op::Concat(left, right)
            | Op::Arithmetic { left, right, .. }
            | Op::Distinct(left, right)
            | Op::Element { of: left, at: right }
            | Op::VectorElement { of: left, at: right } => vec![left, right],
            Op::In { of, list } => std::iter::once(of.as_ref()).chain(list).collect(),
            Op::InPlan { of, .. } => vec![of],
            Op::Case { branches, otherwise } => {
                let branches = branches.iter().flat_map(|(when, then)| [when, then]);
                branches.chain(otherwise.as_deref()).collect()
            }
            Op::Call { arguments, .. } => arguments.iter().collect(),
            Op::List(values) => values.iter().collect(),
        }
    }

    /// How many of the row's columns must be there for it: those up to the last one it names. With a question in it, all of them.
    pub(crate) fn width(&self) -> Option<usize> {
        match &self.op {
            Op::Column { depth: 0, at } => Some(at + 1),
            Op::Exists(_) | Op::Scalar(_) | Op::ListOf(_) | Op::InPlan { .. } => None,
            _ => self.parts().into_iter().try_fold(0, |width, part| part.width().map(|part| part.max(width))),
        }
    }

    /// Whether it makes several rows of one.
    pub(crate) fn makes_rows(&self) -> bool {
        matches!(self.op, Op::Rows(_)) || self.parts().into_iter().any(Self::makes_rows)
    }
}

/// A condition as its parts, all of which must hold.
pub(crate) fn conjuncts(condition: Bound) -> Vec<Bound> {
    match condition.op {
        Op::And(left, right) => conjuncts(*left).into_iter().chain(conjuncts(*right)).collect(),
        _ => vec![condition],
    }
}
