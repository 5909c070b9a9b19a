//! From an expression of a mapping to something that can be run.

use std::sync::Arc;

use datafusion::{
    common::{DFSchema, Result},
    logical_expr::{Expr, simplify::SimplifyContext},
    optimizer::simplify_expressions::ExprSimplifier,
    physical_expr::PhysicalExpr,
    prelude::SessionContext,
};

/// Resolves an expression over `schema`.
///
/// A query's expressions go through the optimizer, and some functions (`coalesce`, `nvl`) are only there for it to
/// rewrite. So expressions of mappings are simplified too.
pub(super) fn physical(context: &SessionContext, expr: Expr, schema: &DFSchema) -> Result<Arc<dyn PhysicalExpr>> {
    let simplifier = ExprSimplifier::new(SimplifyContext::builder().with_schema(Arc::new(schema.clone())).build());
    let expr = simplifier.simplify(simplifier.coerce(expr, schema)?)?;
    context.create_physical_expr(expr, schema)
}
