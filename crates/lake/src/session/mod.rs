//! Questions under a grant, as of a time.

mod engine;
mod granted;
mod made;
mod of_customer;
mod origins;

use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock},
};

use arrow::{
    array::{ArrayRef, RecordBatch, RecordBatchOptions},
    compute::cast,
    datatypes::{DataType, Field, Schema, SchemaRef},
};
use datafusion::{
    catalog::{CatalogProvider, MemoryCatalogProvider},
    error::DataFusionError,
    execution::{
        SessionState,
        context::{SQLOptions, SessionContext},
    },
    logical_expr::{AggregateUDF, DdlStatement, LogicalPlan, ScalarUDF, WindowUDF},
    physical_plan::{ExecutionPlan, ExecutionPlanProperties as _},
    sql::{
        parser::{DFParser, Statement},
        sqlparser::ast::Statement as SqlStatement,
    },
};
use florin_domain::{
    EventTime,
    catalogue::{RECOMMENDATIONS, SCORES, TRAITS},
};
use florin_governance::Grant;
use futures::{StreamExt as _, stream::BoxStream};

pub(crate) use self::engine::engine;
pub use self::made::{Made, MadeError};
use self::{
    granted::{Granted, GrantedSchema},
    made::MadeSchema,
};
pub use self::{of_customer::OfCustomer, origins::Origins};
use crate::{
    Lake, LakeError,
    as_of::AsOf,
    narrow::{NarrowQuestion, is_narrow},
    read::{Consented, Persons},
    runs::in_runs,
};

/// Name of the schema that holds the tables.
const SCHEMA: &str = "public";
const CATALOG: &str = "florin";

/// Answers questions with what a grant lets be seen, from one snapshot of each table.
pub struct Session {
    context: SessionContext,
    granted: Arc<Granted>,
    /// What reading by [`Self::of_customer`] goes by, made once.
    reading: OnceLock<SessionState>,
}

/// Tables of a session that are not in the lake, such as the quarantine.
pub type SessionTables = Vec<(String, RecordBatch)>;

/// SQL functions that a session has beside the engine's. Another kind of function gets a list of its own.
#[derive(Debug, Clone, Default)]
pub struct SqlFunctions {
    /// Of many rows, one value.
    pub aggregates: Vec<AggregateUDF>,
    /// Of the rows of a window, a value each.
    pub windows: Vec<WindowUDF>,
    /// Of one row, a value.
    pub scalars: Vec<ScalarUDF>,
}

/// Rows of an answer, as they come.
pub struct QueryOutput {
    /// Their columns.
    pub schema: SchemaRef,
    /// The rows, in batches.
    pub batches: BoxStream<'static, Result<RecordBatch, LakeError>>,
}

/// What a question would tell, and what it has to be given first.
#[derive(Debug, Clone)]
pub struct Described {
    /// Its columns.
    pub schema: SchemaRef,
    /// Types of its parameters (`$1`), as far as they are known.
    pub parameters: BTreeMap<String, Option<DataType>>,
}

/// Rows of some customers, each customer's together and in the order of time.
pub type Run = BoxStream<'static, Result<RecordBatch, LakeError>>;

impl QueryOutput {
    /// All rows at once.
    ///
    /// # Errors
    /// The first error of the query.
    pub async fn collect(self) -> Result<Vec<RecordBatch>, LakeError> {
        use futures::TryStreamExt as _;
        self.batches.try_collect().await
    }
}

impl Session {
    /// Opens a session in which every customer is themselves. As [`Self::of_persons`].
    ///
    /// # Errors
    /// When the engine cannot be set up.
    pub fn open(
        lake: &Lake,
        grant: &Grant,
        consented: &Consented,
        extra: SessionTables,
        threads: usize,
    ) -> Result<Self, LakeError> {
        Self::of_persons(lake, grant, consented, &Arc::default(), extra, threads)
    }

    /// Opens a session in which customers whom several systems know are one. The grant must come from `governance`;
    /// `consented` is what persons said of its purpose. `threads` bounds how many cores a query uses.
    ///
    /// # Errors
    /// When the engine cannot be set up.
    pub fn of_persons(
        lake: &Lake,
        grant: &Grant,
        consented: &Consented,
        persons: &Arc<Persons>,
        extra: SessionTables,
        threads: usize,
    ) -> Result<Self, LakeError> {
        let context = engine(lake, threads)?;
        let as_of = grant.as_of().unwrap_or_else(|| grant.granted_at());
        context.register_udf(AsOf::new(as_of.micros(), lake.time_zone()).into());
        let granted = Arc::new(Granted::new(lake, grant, consented, persons, extra, threads)?);
        let catalog = MemoryCatalogProvider::new();
        let own = [TRAITS, SCORES, RECOMMENDATIONS].map(|name| (name, name));
        for (schema, prefix) in [(SCHEMA, "")].into_iter().chain(own) {
            let schema_of = GrantedSchema { granted: Arc::clone(&granted), prefix };
            catalog.register_schema(schema, Arc::new(schema_of))?;
        }
        context.register_catalog(CATALOG, Arc::new(catalog));
        Ok(Self { context, granted, reading: OnceLock::new() })
    }

    /// Puts rows in the place of a table of the catalogue, such as the values of a trait at a time for which none are
    /// stored. Consent and masks hold of them as of any table. Columns as in the catalogue, or only the first of these.
    ///
    /// # Errors
    /// When the catalogue has no such table, or the rows have other columns.
    pub fn in_place_of(&self, table: &str, rows: RecordBatch) -> Result<(), LakeError> {
        self.granted.put_in_place_of(table, rows)
    }

    /// With `as_of()` telling another time than the one up to which rows are seen: what became of customers since a date is asked with
    /// that date, of what was known later.
    #[must_use]
    pub fn told_as_of(self, at: EventTime, lake: &Lake) -> Self {
        self.context.register_udf(AsOf::new(at.micros(), lake.time_zone()).into());
        self
    }

    /// With functions beside the engine's; one of the same name takes the place of an earlier one.
    #[must_use]
    pub fn with_functions(self, functions: SqlFunctions) -> Self {
        functions.aggregates.into_iter().for_each(|f| self.context.register_udaf(f));
        functions.windows.into_iter().for_each(|f| self.context.register_udwf(f));
        functions.scalars.into_iter().for_each(|f| self.context.register_udf(f));
        self
    }

    /// Adds a schema of tables that are not in the lake.
    ///
    /// # Errors
    /// When the engine does not take it.
    pub fn with_schema(self, name: &str, made: Arc<dyn Made>) -> Result<Self, LakeError> {
        let catalog = self.context.catalog(CATALOG).ok_or_else(|| LakeError::Setting("no catalog".to_owned()))?;
        catalog.register_schema(name, Arc::new(MadeSchema::new(made)))?;
        Ok(self)
    }

    /// Answers a question: any number of `CREATE VIEW`s and one SELECT, WITH or EXPLAIN. Nothing that writes is run.
    ///
    /// # Errors
    /// When the SQL is wrong, names a table that is not granted, or the query fails.
    pub async fn sql(&self, text: &str) -> Result<QueryOutput, LakeError> {
        let mut statements = DFParser::parse_sql(text)?;
        let question = statements.pop_back().filter(is_question).ok_or(LakeError::NotAQuestion)?;
        for statement in statements {
            self.create_view(statement).await?;
        }
        let plan = self.context.state().statement_to_plan(question).await?;
        verify(&plan)?;
        let frame = self.context.execute_logical_plan(plan).await?;
        let stream = frame.execute_stream().await?;
        let schema = plain_schema(&stream.schema());
        let to = Arc::clone(&schema);
        let batches = stream.map(move |batch| plain(&batch?, &to).map_err(LakeError::from)).boxed();
        Ok(QueryOutput { schema, batches })
    }

    /// Answers a question whose first two columns are `customer_id` and a time, in parts that can be read side by side: all rows of
    /// a customer are in one of them, and every part is sorted by customer and time. Text columns may come as views or as dictionaries of some.
    ///
    /// # Errors
    /// As [`Self::sql`].
    pub async fn runs(&self, text: &str) -> Result<Vec<Run>, LakeError> {
        let state = self.context.state();
        let question = self.question(text).await?;
        if let Some(narrow) = NarrowQuestion::of(&question, &state).await {
            return narrow.runs(state.task_ctx()).await;
        }
        let plan = in_runs(&question, &state).await?;
        let context = state.task_ctx();
        let run = |partition| {
            let rows = plan.execute(partition, Arc::clone(&context))?;
            Ok(rows.map(|batch| batch.map_err(LakeError::from)).boxed())
        };
        (0..plan.output_partitioning().partition_count()).map(run).collect()
    }

    /// What the rows of [`Self::runs`] follow from, as far as that is known without reading them: where two sessions say the same, the
    /// rows are the same.
    ///
    /// # Errors
    /// As [`Self::sql`].
    pub async fn fingerprint(&self, text: &str) -> Result<Option<String>, LakeError> {
        let question = self.question(text).await?;
        let narrow = NarrowQuestion::of(&question, &self.context.state()).await;
        Ok(narrow.and_then(|narrow| narrow.fingerprint()))
    }

    /// The plan of [`Self::runs`], as [`Self::explain`] shows plans.
    ///
    /// # Errors
    /// As [`Self::sql`].
    pub async fn explain_runs(&self, text: &str) -> Result<String, LakeError> {
        let state = self.context.state();
        let question = self.question(text).await?;
        if let Some(narrow) = NarrowQuestion::of(&question, &state).await {
            return Ok(narrow.explain());
        }
        let plan = in_runs(&question, &state).await?;
        Ok(datafusion::physical_plan::displayable(plan.as_ref()).indent(false).to_string())
    }

    /// Of each column of an answer, its name and the columns of tables it is made of, as `table.column`. Nothing is read.
    ///
    /// # Errors
    /// As [`Self::sql`].
    pub async fn origins(&self, text: &str) -> Result<Vec<(String, Origins)>, LakeError> {
        let plan = self.question(text).await?;
        let names = plan.schema().fields().iter().map(|field| field.name().clone());
        Ok(names.zip(origins::origins(&plan)).collect())
    }

    /// What a question would tell, and the types of its parameters. Nothing is read.
    ///
    /// # Errors
    /// As [`Self::sql`].
    pub async fn described(&self, text: &str) -> Result<Described, LakeError> {
        let plan = self.question(text).await?;
        let parameters = plan.get_parameter_types()?.into_iter().collect();
        Ok(Described { schema: plain_schema(plan.schema().as_arrow()), parameters })
    }

    async fn question(&self, text: &str) -> Result<LogicalPlan, LakeError> {
        let question = DFParser::parse_sql(text)?.pop_back().filter(is_question).ok_or(LakeError::NotAQuestion)?;
        let plan = self.context.state().statement_to_plan(question).await?;
        verify(&plan)?;
        Ok(plan)
    }

    async fn create_view(&self, statement: Statement) -> Result<(), LakeError> {
        let is_view = matches!(&statement, Statement::Statement(s) if matches!(**s, SqlStatement::CreateView { .. }));
        if !is_view {
            return Err(LakeError::NotAQuestion);
        }
        let plan = self.context.state().statement_to_plan(statement).await?;
        match &plan {
            LogicalPlan::Ddl(DdlStatement::CreateView(view)) => verify(&view.input)?,
            _ => return Err(LakeError::NotAQuestion),
        }
        self.context.execute_logical_plan(plan).await?;
        Ok(())
    }

    /// Whether a question is answered from narrow projections and no table is read.
    pub async fn is_narrow(&self, text: &str) -> bool {
        self.physical(text).await.is_ok_and(|plan| is_narrow(plan.as_ref()))
    }

    /// The physical plan of a question, a node a line, as `EXPLAIN` shows it.
    ///
    /// # Errors
    /// As [`Self::sql`].
    pub async fn explain(&self, text: &str) -> Result<String, LakeError> {
        let plan = self.physical(text).await?;
        Ok(datafusion::physical_plan::displayable(plan.as_ref()).indent(false).to_string())
    }

    async fn physical(&self, text: &str) -> Result<Arc<dyn ExecutionPlan>, LakeError> {
        let plan = self.question(text).await?;
        Ok(self.context.state().create_physical_plan(&plan).await?)
    }
}

/// Whether a statement may be planned at all.
fn is_question(statement: &Statement) -> bool {
    match statement {
        Statement::Statement(statement) => matches!(**statement, SqlStatement::Query(_)),
        Statement::Explain(explain) => !explain.options.analyze && is_question(&explain.statement),
        _ => false,
    }
}

/// Only questions. `EXPLAIN ANALYZE` is none: it would count rows below the rules of the session.
fn verify(plan: &LogicalPlan) -> Result<(), LakeError> {
    let questions = SQLOptions::new().with_allow_ddl(false).with_allow_dml(false).with_allow_statements(false);
    if matches!(plan, LogicalPlan::Analyze(_)) || questions.verify_plan(plan).is_err() {
        return Err(LakeError::NotAQuestion);
    }
    Ok(())
}

/// Views are for the engine; others get plain text columns.
fn plain_schema(schema: &Schema) -> SchemaRef {
    let fields = schema.fields().iter().map(|f| match f.data_type() {
        DataType::Utf8View => f.as_ref().clone().with_data_type(DataType::Utf8),
        DataType::BinaryView => f.as_ref().clone().with_data_type(DataType::Binary),
        _ => f.as_ref().clone(),
    });
    Arc::new(Schema::new(fields.collect::<Vec<Field>>()))
}

fn plain(batch: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch, DataFusionError> {
    let columns: Result<Vec<ArrayRef>, _> =
        batch.columns().iter().zip(schema.fields()).map(|(c, f)| cast(c, f.data_type())).collect();
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    Ok(RecordBatch::try_new_with_options(Arc::clone(schema), columns?, &options)?)
}
