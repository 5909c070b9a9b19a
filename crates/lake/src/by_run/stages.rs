//! Which rows each aggregate looks at, as a tree: the conditions of one are looked at only where those above it hold.
//!
//! Sixty traits ask for logins in 7, 30 and 90 days, for searches in 30 and 90, and so on. Windows of time that end now lie in each
//! other, so they are put in a row, the widest first; the other conditions hang below the window they are asked in. A condition
//! that several aggregates share stands in the tree once, and what costs much (the day of a time) is computed of the few rows of its
//! window.

use std::{collections::BTreeSet, sync::Arc};

use datafusion::{
    common::ScalarValue,
    logical_expr::Operator,
    physical_expr::{
        PhysicalExpr,
        aggregate::AggregateFunctionExpr,
        expressions::{BinaryExpr, Column, Literal},
        split_conjunction,
        utils::collect_columns,
    },
};

/// One aggregate, its arguments over the columns of the input.
#[derive(Debug, Clone)]
pub(super) struct Measure {
    pub(super) aggregate: Arc<AggregateFunctionExpr>,
    pub(super) arguments: Vec<Arc<dyn PhysicalExpr>>,
}

impl Measure {
    pub(super) fn new(aggregate: Arc<AggregateFunctionExpr>, arguments: Vec<Arc<dyn PhysicalExpr>>) -> Self {
        Self { aggregate, arguments }
    }

    /// Whether it only counts rows, whatever is in them.
    pub(super) fn counts_rows(&self) -> bool {
        let is_value = |e: &Arc<dyn PhysicalExpr>| e.downcast_ref::<Literal>().is_some_and(|l| !l.value().is_null());
        self.aggregate.fun().name() == "count"
            && !self.aggregate.is_distinct()
            && matches!(&self.arguments[..], [one] if is_value(one))
    }
}

/// Rows that meet a condition, among those that the stage above has.
#[derive(Debug, Clone, Default)]
pub(super) struct Stage {
    /// `None` for all rows.
    pub(super) condition: Option<Arc<dyn PhysicalExpr>>,
    /// Aggregates that look at these rows, and where in [`Self::arguments`] their arguments are; none where rows are counted.
    pub(super) measures: Vec<(usize, Vec<usize>)>,
    /// What the aggregates are of, each once.
    pub(super) arguments: Vec<Arc<dyn PhysicalExpr>>,
    pub(super) stages: Vec<Stage>,
    /// Columns that the arguments, and whatever is below, need.
    pub(super) columns: BTreeSet<usize>,
}

/// The tree of these aggregates.
pub(super) fn stages(filters: &[Option<Arc<dyn PhysicalExpr>>], measures: &[Measure]) -> Stage {
    let conditions: Vec<Conditions> = filters.iter().map(Conditions::of).collect();
    let windows = windows(&conditions);
    let mut root = Stage::default();
    for (at, (conditions, measure)) in conditions.into_iter().zip(measures).enumerate() {
        let mut stage = &mut root;
        for condition in conditions.path(&windows) {
            stage = stage.below(condition);
        }
        stage.look(at, measure);
    }
    root.gather_columns();
    root
}

impl Stage {
    fn below(&mut self, condition: Arc<dyn PhysicalExpr>) -> &mut Self {
        let known = self.stages.iter().position(|stage| stage.condition.as_ref() == Some(&condition));
        let at = known.unwrap_or_else(|| {
            self.stages.push(Self { condition: Some(condition), ..Self::default() });
            self.stages.len() - 1
        });
        &mut self.stages[at]
    }

    fn look(&mut self, at: usize, measure: &Measure) {
        let wanted = if measure.counts_rows() { &[][..] } else { &measure.arguments[..] };
        let positions = wanted.iter().map(|argument| {
            let known = self.arguments.iter().position(|known| known == argument);
            known.unwrap_or_else(|| {
                self.arguments.push(Arc::clone(argument));
                self.arguments.len() - 1
            })
        });
        let positions = positions.collect();
        self.measures.push((at, positions));
    }

    fn gather_columns(&mut self) {
        let of = |expr: &Arc<dyn PhysicalExpr>| collect_columns(expr).into_iter().map(|column| column.index());
        self.columns = self.arguments.iter().flat_map(of).collect();
        for stage in &mut self.stages {
            stage.gather_columns();
            self.columns.extend(stage.condition.iter().flat_map(of));
            self.columns.extend(&stage.columns);
        }
    }

    /// Whether it is enough to know how many rows there are.
    pub(super) fn only_counts(&self) -> bool {
        self.stages.is_empty() && self.arguments.is_empty()
    }
}

/// The conditions of one aggregate, all of which must hold.
#[derive(Default)]
struct Conditions {
    /// Since when rows count.
    window: Option<Window>,
    /// The others as they were written: one may guard the next.
    others: Vec<Arc<dyn PhysicalExpr>>,
}

/// `column > value`.
#[derive(Clone)]
struct Window {
    column: usize,
    operator: Operator,
    from: i64,
    condition: Arc<dyn PhysicalExpr>,
}

impl Conditions {
    fn of(filter: &Option<Arc<dyn PhysicalExpr>>) -> Self {
        let mut conditions = Self::default();
        for part in filter.iter().flat_map(split_conjunction) {
            match (Window::of(part), &conditions.window) {
                (Some(window), None) => conditions.window = Some(window),
                _ => conditions.others.push(Arc::clone(part)),
            }
        }
        conditions
    }

    /// From all rows to its own. `windows` are those of all aggregates, the widest first.
    fn path(self, windows: &[Window]) -> Vec<Arc<dyn PhysicalExpr>> {
        let own = self.window;
        let wider = windows.iter().filter(|wider| own.as_ref().is_some_and(|own| wider.holds(own)));
        let mut path: Vec<Arc<dyn PhysicalExpr>> = wider.map(|window| Arc::clone(&window.condition)).collect();
        path.extend(own.filter(|own| !path.contains(&own.condition)).map(|own| own.condition));
        path.extend(self.others);
        path
    }
}

impl Window {
    fn of(part: &Arc<dyn PhysicalExpr>) -> Option<Self> {
        let compared = part.downcast_ref::<BinaryExpr>()?;
        let operator = *compared.op();
        let column = compared.left().downcast_ref::<Column>()?.index();
        let from = match compared.right().downcast_ref::<Literal>()?.value() {
            ScalarValue::TimestampMicrosecond(Some(from), _) => *from,
            _ => return None,
        };
        let since = matches!(operator, Operator::Gt | Operator::GtEq);
        since.then(|| Self { column, operator, from, condition: Arc::clone(part) })
    }

    /// Whether every row of the other is in this one.
    fn holds(&self, other: &Self) -> bool {
        self.column == other.column && self.operator == other.operator && self.from <= other.from
    }
}

/// All windows, the widest first, each once.
fn windows(conditions: &[Conditions]) -> Vec<Window> {
    let mut windows: Vec<Window> = conditions.iter().filter_map(|c| c.window.clone()).collect();
    windows.sort_by_key(|window| window.from);
    windows.dedup_by(|a, b| a.column == b.column && a.operator == b.operator && a.from == b.from);
    windows
}
