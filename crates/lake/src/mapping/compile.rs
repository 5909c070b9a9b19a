//! From expressions in SQL to expressions over batches.

use std::sync::Arc;

use arrow::{
    array::{BooleanArray, RecordBatch},
    compute::cast,
    datatypes::{DataType, SchemaRef},
};
use datafusion::{
    common::{Column, DFSchema, DFSchemaRef, TableReference},
    execution::context::SessionContext,
    logical_expr::{Expr, Operator, utils::split_conjunction_owned},
    physical_expr::PhysicalExpr,
    prelude::SessionConfig,
};
use florin_domain::{ColumnType, TableDef, catalogue::KNOWN_AT};

use super::{
    functions::{KeySource, functions},
    lookup::{Lookup, LookupKey},
    parse::{MappingSelect, Source},
    physical::physical,
    rows::BoundMapping,
};
use crate::LakeError;

/// What is wrong with a mapping or a check, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct MappingProblem {
    /// Lower-case, without a full stop.
    pub message: String,
    /// What to do about it.
    pub help: String,
}

impl MappingProblem {
    pub(super) fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { message: message.into(), help: help.into() }
    }
}

/// A mapping whose expressions are resolved against the columns of its inputs and of its target.
pub struct Mapping {
    driver: Source,
    /// How many columns each input has, the driver first: they lie side by side in the joined batch.
    widths: Vec<usize>,
    lookups: Vec<LookupPlan>,
    outputs: Vec<OutputPlan>,
    used: Vec<bool>,
    time_zone: Arc<str>,
}

struct LookupPlan {
    input: String,
    keys: Vec<LookupKey>,
    filter: Option<Arc<dyn PhysicalExpr>>,
}

#[derive(Clone)]
pub(super) struct OutputPlan {
    pub(super) name: String,
    pub(super) expr: Arc<dyn PhysicalExpr>,
    pub(super) ty: ColumnType,
}

impl Mapping {
    /// Resolves a SELECT. `schema_of` gives the columns of an input, or `None` when there is no such input. `time_zone`
    /// is the bank's: what local dates and times are in.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn compile(
        select: &MappingSelect,
        target: &TableDef,
        schema_of: &dyn Fn(&str) -> Option<SchemaRef>,
        keys: &Arc<dyn KeySource>,
        time_zone: &str,
    ) -> Result<Self, Vec<MappingProblem>> {
        let compiler = Compiler::new(select, schema_of, keys).map_err(|p| vec![p])?;
        let mut problems = Vec::new();
        let mut lookups = Vec::new();
        for (position, (source, on)) in select.lookups.iter().enumerate() {
            match compiler.lookup(position, source, &on.to_string()) {
                Ok(lookup) => lookups.push(lookup),
                Err(problem) => problems.push(problem),
            }
        }
        let mut outputs = Vec::new();
        for (name, expr) in &select.outputs {
            match compiler.output(name, &expr.to_string(), target) {
                Ok(output) => outputs.push(output),
                Err(problem) => problems.push(problem),
            }
        }
        let given = |name: &str| select.outputs.iter().any(|(n, _)| n == name);
        for column in target.columns.iter().filter(|c| c.required && !given(&c.name)) {
            let message =
                format!("`{}` of `{}` is required, and the mapping does not give it", column.name, target.name);
            problems.push(MappingProblem::new(message, format!("add `… as {}`", column.name)));
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        let exprs = lookups.iter().flat_map(LookupPlan::joined_exprs).chain(outputs.iter().map(|o| &o.expr));
        let used = used_columns(exprs, compiler.schema.fields().len());
        let widths = compiler.schemas.iter().map(|s| s.fields().len()).collect();
        Ok(Self { driver: select.driver.clone(), widths, lookups, outputs, used, time_zone: time_zone.into() })
    }

    /// The input that drives.
    #[must_use]
    pub fn driver(&self) -> &str {
        &self.driver.input
    }

    /// The inputs that must be bound, in order.
    pub fn lookups(&self) -> impl Iterator<Item = &str> {
        self.lookups.iter().map(|l| l.input.as_str())
    }

    /// Gives the mapping the rows it looks things up in, one batch an input, in the order of [`Self::lookups`].
    ///
    /// # Errors
    /// When an expression of a look-up's ON fails on its rows.
    pub fn bind(&self, lookups: &[RecordBatch]) -> Result<BoundMapping, LakeError> {
        let bind = |(plan, rows): (&LookupPlan, &RecordBatch)| {
            Lookup::build(&plan.input, &plan.keys, plan.filter.as_ref(), rows)
        };
        let lookups = self.lookups.iter().zip(lookups).map(bind).collect::<Result<Vec<_>, _>>()?;
        Ok(BoundMapping::new(lookups, self.outputs.clone(), self.used.clone(), self.widths.clone(), &self.time_zone))
    }
}

impl LookupPlan {
    /// The expressions that are computed over the joined batch.
    fn joined_exprs(&self) -> impl Iterator<Item = &Arc<dyn PhysicalExpr>> {
        self.keys.iter().map(|k| &k.of_record)
    }
}

fn used_columns<'a>(exprs: impl Iterator<Item = &'a Arc<dyn PhysicalExpr>>, columns: usize) -> Vec<bool> {
    let mut used = vec![false; columns];
    for expr in exprs {
        for column in datafusion::physical_expr::utils::collect_columns(expr) {
            if let Some(used) = used.get_mut(column.index()) {
                *used = true;
            }
        }
    }
    used
}

/// Resolves expressions over all inputs of a mapping side by side.
struct Compiler<'a> {
    context: SessionContext,
    schema: DFSchemaRef,
    schemas: Vec<SchemaRef>,
    select: &'a MappingSelect,
}

impl<'a> Compiler<'a> {
    fn new(
        select: &'a MappingSelect,
        schema_of: &dyn Fn(&str) -> Option<SchemaRef>,
        keys: &Arc<dyn KeySource>,
    ) -> Result<Self, MappingProblem> {
        let sources = std::iter::once(&select.driver).chain(select.lookups.iter().map(|(s, _)| s));
        let (mut fields, mut schemas) = (Vec::new(), Vec::new());
        for source in sources {
            let schema = schema_of(&source.input).ok_or_else(|| {
                MappingProblem::new(
                    format!("there is no input `{}`", source.input),
                    "an input has the name of its file in sources/",
                )
            })?;
            let qualifier = TableReference::bare(source.alias.clone());
            // Whether a value is there is known only when it is looked up.
            let nullable = |f: &Arc<arrow::datatypes::Field>| Arc::new(f.as_ref().clone().with_nullable(true));
            fields.extend(schema.fields().iter().map(|f| (Some(qualifier.clone()), nullable(f))));
            schemas.push(schema);
        }
        let schema = DFSchema::new_with_metadata(fields, Default::default())
            .map_err(|e| MappingProblem::new(e.strip_backtrace(), "give each input another alias"))?;
        let context = expression_context(keys);
        Ok(Self { context, schema: Arc::new(schema), schemas, select })
    }

    fn logical(&self, sql: &str) -> Result<Expr, MappingProblem> {
        let problem = |e: datafusion::error::DataFusionError| {
            let text = e.strip_backtrace();
            let message = text.lines().next().unwrap_or_default().trim_end_matches('.').to_owned();
            MappingProblem::new(format!("in `{sql}`: {message}"), self.columns_help())
        };
        let expr = self.context.state().create_logical_expr(sql, &self.schema).map_err(problem)?;
        let (expr, _) = expr.infer_placeholder_types(&self.schema).map_err(problem)?;
        Ok(expr)
    }

    fn physical(&self, expr: Expr, sql: &str) -> Result<Arc<dyn PhysicalExpr>, MappingProblem> {
        physical(&self.context, expr, &self.schema).map_err(|e| {
            let text = e.strip_backtrace();
            let message = text.lines().next().unwrap_or_default().trim_end_matches('.').to_owned();
            MappingProblem::new(format!("in `{sql}`: {message}"), self.columns_help())
        })
    }

    fn columns_help(&self) -> String {
        let columns: Vec<String> = self.schema.columns().iter().map(Column::flat_name).collect();
        format!("the columns are: {}", columns.join(", "))
    }

    fn output(&self, name: &str, sql: &str, target: &TableDef) -> Result<OutputPlan, MappingProblem> {
        let ty = match target.column(name) {
            Some(column) => column.ty,
            None if name == KNOWN_AT => ColumnType::Timestamp,
            None => {
                let columns: Vec<&str> = target.columns.iter().map(|c| c.name.as_str()).collect();
                let help = format!("its columns are: {}, {KNOWN_AT}", columns.join(", "));
                return Err(MappingProblem::new(format!("`{}` has no column `{name}`", target.name), help));
            }
        };
        let expr = self.physical(self.logical(sql)?, sql)?;
        let found = expr.data_type(self.schema.as_arrow()).unwrap_or(DataType::Null);
        if !arrow::compute::can_cast_types(&found, &ty.arrow()) {
            let message = format!("`{name}` is {}, and `{sql}` is {found}", ty.name());
            return Err(MappingProblem::new(message, "convert it, for example with cast(… as …)"));
        }
        Ok(OutputPlan { name: name.to_owned(), expr, ty })
    }

    fn lookup(&self, position: usize, source: &Source, on: &str) -> Result<LookupPlan, MappingProblem> {
        let earlier: Vec<&str> = std::iter::once(&self.select.driver)
            .chain(self.select.lookups[..position].iter().map(|(s, _)| s))
            .map(|s| s.alias.as_str())
            .collect();
        let (mut keys, mut filters) = (Vec::new(), Vec::new());
        for condition in split_conjunction_owned(self.logical(on)?) {
            match side(&condition, &earlier, &source.alias) {
                Side::LookedUp => filters.push(condition),
                _ => keys.push(self.lookup_key(condition, &earlier, &source.alias, position)?),
            }
        }
        if keys.is_empty() {
            let help = format!("write `{}.key = {}.key`", source.alias, self.select.driver.alias);
            return Err(MappingProblem::new(
                format!("the look-up in `{}` compares nothing with the record", source.input),
                help,
            ));
        }
        let filter = filters.into_iter().reduce(Expr::and).map(|f| self.of_lookup(f, position)).transpose()?;
        Ok(LookupPlan { input: source.input.clone(), keys, filter })
    }

    fn lookup_key(
        &self,
        condition: Expr,
        earlier: &[&str],
        alias: &str,
        position: usize,
    ) -> Result<LookupKey, MappingProblem> {
        let text = condition.to_string();
        let unclear = || {
            MappingProblem::new(
                format!("`{text}` cannot be looked up by"),
                "a look-up compares a value of the record with one of the input looked up in, by `=`",
            )
        };
        let Expr::BinaryExpr(binary) = condition else { return Err(unclear()) };
        if binary.op != Operator::Eq {
            return Err(unclear());
        }
        let (left, right) = (*binary.left, *binary.right);
        let (record, looked_up) = match (side(&left, earlier, alias), side(&right, earlier, alias)) {
            (Side::Record, Side::LookedUp) => (left, right),
            (Side::LookedUp, Side::Record) => (right, left),
            _ => return Err(unclear()),
        };
        let of_record = self.physical(record, &text)?;
        let of_lookup = self.of_lookup(looked_up, position)?;
        let types =
            (of_record.data_type(self.schema.as_arrow()).ok(), of_lookup.data_type(&self.schemas[position + 1]).ok());
        if types.0 != types.1 {
            return Err(MappingProblem::new(
                format!("`{text}` compares different types"),
                "cast one side to the other's type",
            ));
        }
        Ok(LookupKey { of_record, of_lookup })
    }

    /// An expression over the columns of one look-up alone.
    fn of_lookup(&self, expr: Expr, position: usize) -> Result<Arc<dyn PhysicalExpr>, MappingProblem> {
        let (source, _) = &self.select.lookups[position];
        let text = expr.to_string();
        let schema = DFSchema::try_from_qualified_schema(source.alias.as_str(), &self.schemas[position + 1])
            .map_err(|e| MappingProblem::new(e.strip_backtrace(), "give each input another alias"))?;
        let problem = |e: datafusion::error::DataFusionError| {
            MappingProblem::new(format!("in `{text}`: {}", e.strip_backtrace()), "")
        };
        physical(&self.context, expr, &schema).map_err(problem)
    }
}

#[derive(PartialEq, Eq)]
enum Side {
    Record,
    LookedUp,
    Both,
}

fn side(expr: &Expr, earlier: &[&str], alias: &str) -> Side {
    let relations: Vec<&str> =
        expr.column_refs().iter().filter_map(|c| c.relation.as_ref().map(TableReference::table)).collect();
    match (relations.contains(&alias), relations.iter().any(|r| earlier.contains(r))) {
        (true, false) => Side::LookedUp,
        (false, _) => Side::Record,
        (true, true) => Side::Both,
    }
}

/// Names are as written, so that columns called `A1` need no quotes.
fn expression_context(keys: &Arc<dyn KeySource>) -> SessionContext {
    let mut config = SessionConfig::new();
    config.options_mut().sql_parser.enable_ident_normalization = false;
    let context = SessionContext::new_with_config(config);
    for function in functions(keys) {
        context.register_udf(function);
    }
    context
}

/// A check in SQL over the columns of a table: true or unknown passes.
pub struct SqlCheck {
    expr: Arc<dyn PhysicalExpr>,
}

impl SqlCheck {
    /// Resolves an expression over the own columns of a table.
    ///
    /// # Errors
    /// When it is not SQL, names another column, or is not true-or-false.
    pub fn compile(sql: &str, table: &TableDef) -> Result<Self, MappingProblem> {
        let context = SessionContext::new();
        let schema = DFSchema::try_from(table.schema().as_ref().clone())
            .map_err(|e| MappingProblem::new(e.strip_backtrace(), ""))?;
        let problem = |e: datafusion::error::DataFusionError| {
            let columns: Vec<&str> = table.columns.iter().map(|c| c.name.as_str()).collect();
            let text = e.strip_backtrace();
            let message = text.lines().next().unwrap_or_default().trim_end_matches('.').to_owned();
            MappingProblem::new(message, format!("the columns are: {}", columns.join(", ")))
        };
        let expr = context.state().create_logical_expr(sql, &schema).map_err(problem)?;
        let expr = physical(&context, expr, &schema).map_err(problem)?;
        if expr.data_type(schema.as_arrow()).ok() != Some(DataType::Boolean) {
            return Err(MappingProblem::new(format!("`{sql}` is not true or false"), "a check is a condition"));
        }
        Ok(Self { expr })
    }

    /// Which rows pass; missing where the answer is unknown or could not be computed.
    ///
    /// # Errors
    /// When memory fails.
    pub fn passes(&self, rows: &RecordBatch) -> Result<BooleanArray, LakeError> {
        let (values, _) = super::rows::evaluate_each(&self.expr, rows, &DataType::Boolean)?;
        let values = cast(&values, &DataType::Boolean)?;
        Ok(arrow::array::AsArray::as_boolean(&values).clone())
    }
}
