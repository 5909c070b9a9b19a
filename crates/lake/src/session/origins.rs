//! Where the columns of an answer come from: followed through the plan of a question down to the tables it scans.

use std::collections::BTreeSet;

use datafusion::{
    common::{
        Column, DFSchema,
        tree_node::{TreeNode as _, TreeNodeRecursion},
    },
    logical_expr::{Expr, LogicalPlan},
};

/// Columns of tables, as `table.column`.
pub type Origins = BTreeSet<String>;

/// Of each column of a plan, in order: the columns of tables it is made of. What only decides which rows there are, is not among them.
pub(crate) fn origins(plan: &LogicalPlan) -> Vec<Origins> {
    match plan {
        LogicalPlan::TableScan(scan) => {
            let table = scan.table_name.to_string();
            let table = table.strip_prefix("florin.").unwrap_or(&table);
            let table = table.strip_prefix("public.").unwrap_or(table).to_owned();
            let fields = scan.projected_schema.fields().iter();
            fields.map(|field| [format!("{table}.{}", field.name())].into()).collect()
        }
        LogicalPlan::Projection(projection) => of_each(projection.expr.iter(), &projection.input),
        LogicalPlan::Aggregate(aggregate) => {
            of_each(aggregate.group_expr.iter().chain(&aggregate.aggr_expr), &aggregate.input)
        }
        LogicalPlan::Window(window) => {
            let mut found = origins(&window.input);
            found.extend(of_each(window.window_expr.iter(), &window.input));
            found
        }
        LogicalPlan::Join(join) => {
            let mut found = origins(&join.left);
            found.extend(origins(&join.right));
            // Of semi and anti joins, one side only is told.
            let width = plan.schema().fields().len();
            if found.len() != width {
                let left = join.left.schema().fields().len();
                found = if left == width { origins(&join.left) } else { origins(&join.right) };
            }
            found
        }
        LogicalPlan::Union(union) => {
            let mut all = union.inputs.iter().map(|input| origins(input));
            let mut found = all.next().unwrap_or_default();
            for other in all {
                found.iter_mut().zip(other).for_each(|(one, more)| one.extend(more));
            }
            found
        }
        other => passed_on(other),
    }
}

/// Of what hands rows on as they are. Of what does something else, every column is made of everything.
fn passed_on(plan: &LogicalPlan) -> Vec<Origins> {
    let width = plan.schema().fields().len();
    let inputs = plan.inputs();
    if let [input] = inputs.as_slice() {
        let found = origins(input);
        if found.len() == width {
            return found;
        }
    }
    let all: Origins = inputs.iter().flat_map(|input| origins(input)).flatten().collect();
    vec![all; width]
}

fn of_each<'a>(expressions: impl Iterator<Item = &'a Expr>, input: &LogicalPlan) -> Vec<Origins> {
    let of_input = origins(input);
    expressions.map(|expression| of_expression(expression, input.schema(), &of_input)).collect()
}

fn of_expression(expression: &Expr, schema: &DFSchema, of_input: &[Origins]) -> Origins {
    let mut found = Origins::new();
    let mut add = |column: &Column| {
        if let Ok(at) = schema.index_of_column(column) {
            found.extend(of_input.get(at).into_iter().flatten().cloned());
        }
    };
    for column in expression.column_refs() {
        add(column);
    }
    let _ = expression.apply(|part| {
        if let Expr::ScalarSubquery(question) = part {
            found.extend(origins(&question.subquery).into_iter().flatten());
        }
        Ok(TreeNodeRecursion::Continue)
    });
    found
}
