//! Questions under a grant, as of a time.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use arrow::{
    array::{ArrayRef, RecordBatch, RecordBatchOptions},
    compute::cast,
    datatypes::{DataType, Field, Schema, SchemaRef},
};
use async_trait::async_trait;
use datafusion::{
    catalog::{CatalogProvider, MemoryCatalogProvider, SchemaProvider, TableProvider},
    common::Result as EngineResult,
    datasource::empty::EmptyTable,
    error::DataFusionError,
    execution::{
        FunctionRegistry as _, SessionStateBuilder,
        context::{SQLOptions, SessionContext},
        memory_pool::GreedyMemoryPool,
        runtime_env::RuntimeEnvBuilder,
    },
    logical_expr::{DdlStatement, LogicalPlan},
    physical_optimizer::optimizer::PhysicalOptimizer,
    physical_plan::ExecutionPlanProperties as _,
    prelude::SessionConfig,
    sql::{
        parser::{DFParser, Statement},
        sqlparser::ast::Statement as SqlStatement,
    },
};
use florin_governance::{ConsentFilter, Grant, GrantKind};
use futures::{StreamExt as _, stream::BoxStream};
use tokio::sync::OnceCell;

use crate::{
    Lake, LakeError,
    local_time::InLocalTime,
    narrow::NarrowQuestion,
    read::{
        Consented, CustomerSet, DeclareBuckets, GovernedTable, Persons, TableView, Visitors, Whose, has_visitors,
        visitors,
    },
    running::RunningWindows,
    runs::in_runs,
};

/// Memory one session's queries may hold before they spill to disk or fail.
const QUERY_BYTES_MAX: usize = 6 << 30;
/// Name of the schema that holds the tables.
const SCHEMA: &str = "public";
const CATALOG: &str = "florin";

/// Answers questions with what a grant lets be seen, from one snapshot of each table.
pub struct Session {
    context: SessionContext,
}

/// Tables of a session that are not in the lake, such as the quarantine.
pub type SessionTables = Vec<(String, RecordBatch)>;

/// Rows of an answer, as they come.
pub struct QueryOutput {
    /// Their columns.
    pub schema: SchemaRef,
    /// The rows, in batches.
    pub batches: BoxStream<'static, Result<RecordBatch, LakeError>>,
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
        let customers = match grant.consent() {
            ConsentFilter::Everyone => None,
            ConsentFilter::AllBut => Some(CustomerSet::all_but(&consented.withdrawn)),
            ConsentFilter::Only => Some(CustomerSet::only(&consented.given)),
        };
        let schema = GrantedSchema {
            lake: lake.clone(),
            grant: grant.clone(),
            customers,
            persons: (!persons.is_empty()).then(|| Arc::clone(persons)),
            visitors: OnceCell::new(),
            threads,
            opened: Mutex::new(extra_tables(extra)?),
        };
        let catalog = MemoryCatalogProvider::new();
        catalog.register_schema(SCHEMA, Arc::new(schema))?;
        context.register_catalog(CATALOG, Arc::new(catalog));
        Ok(Self { context })
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
        let question = self.runs_question(text).await?;
        if let Some(narrow) = NarrowQuestion::of(&question, &state).await {
            return Ok(narrow.runs());
        }
        let plan = in_runs(state.create_physical_plan(&question).await?, &state)?;
        let context = state.task_ctx();
        let run = |partition| {
            let rows = plan.execute(partition, Arc::clone(&context))?;
            Ok(rows.map(|batch| batch.map_err(LakeError::from)).boxed())
        };
        (0..plan.output_partitioning().partition_count()).map(run).collect()
    }

    /// The plan of [`Self::runs`], as [`Self::explain`] shows plans.
    ///
    /// # Errors
    /// As [`Self::sql`].
    pub async fn explain_runs(&self, text: &str) -> Result<String, LakeError> {
        let state = self.context.state();
        let question = self.runs_question(text).await?;
        if let Some(narrow) = NarrowQuestion::of(&question, &state).await {
            return Ok(narrow.explain());
        }
        let plan = in_runs(state.create_physical_plan(&question).await?, &state)?;
        Ok(datafusion::physical_plan::displayable(plan.as_ref()).indent(false).to_string())
    }

    async fn runs_question(&self, text: &str) -> Result<LogicalPlan, LakeError> {
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

    /// The physical plan of a question, a node a line, as `EXPLAIN` shows it.
    ///
    /// # Errors
    /// As [`Self::sql`].
    pub async fn explain(&self, text: &str) -> Result<String, LakeError> {
        let question = DFParser::parse_sql(text)?.pop_back().filter(is_question).ok_or(LakeError::NotAQuestion)?;
        let plan = self.context.state().statement_to_plan(question).await?;
        verify(&plan)?;
        let physical = self.context.state().create_physical_plan(&plan).await?;
        Ok(datafusion::physical_plan::displayable(physical.as_ref()).indent(false).to_string())
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

pub(crate) fn engine(lake: &Lake, threads: usize) -> Result<SessionContext, LakeError> {
    let mut config = SessionConfig::new()
        .with_target_partitions(threads.max(1))
        .with_information_schema(true)
        .with_default_catalog_and_schema(CATALOG, SCHEMA)
        .with_create_default_catalog_and_schema(false);
    config.options_mut().execution.time_zone = Some("UTC".to_owned());
    let runtime =
        RuntimeEnvBuilder::new().with_memory_pool(Arc::new(GreedyMemoryPool::new(QUERY_BYTES_MAX))).build_arc()?;
    let state = SessionStateBuilder::new()
        .with_config(config)
        .with_runtime_env(runtime)
        .with_default_features()
        .with_physical_optimizer_rules(physical_rules())
        .build();
    let mut context = SessionContext::new_with_state(state);
    if let Some(local_time) = InLocalTime::new(lake.time_zone()) {
        context.register_function_rewrite(Arc::new(local_time))?;
    }
    let url = crate::read::store_url_of(lake.location())?;
    context.register_object_store(url.as_ref(), Arc::clone(lake.location().store()));
    Ok(context)
}

/// The engine's rules, with ours: buckets are declared before it decides where to repartition and sort, and running
/// windows take its place after all else.
fn physical_rules() -> Vec<Arc<dyn datafusion::physical_optimizer::PhysicalOptimizerRule + Send + Sync>> {
    let mut rules = PhysicalOptimizer::new().rules;
    let decides = rules.iter().position(|r| r.name() == "EnsureRequirements" || r.name() == "EnforceDistribution");
    rules.insert(decides.unwrap_or_default(), Arc::new(DeclareBuckets));
    let checks = rules.iter().position(|r| r.name() == "SanityCheckPlan");
    rules.insert(checks.unwrap_or(rules.len()), Arc::new(RunningWindows));
    rules
}

/// The tables that a grant names, opened when first asked for and then unchanging for the session.
struct GrantedSchema {
    lake: Lake,
    grant: Grant,
    customers: Option<Arc<CustomerSet>>,
    persons: Option<Arc<Persons>>,
    /// Read when a table is first asked for that may have some.
    visitors: OnceCell<Option<Arc<Visitors>>>,
    threads: usize,
    opened: Mutex<BTreeMap<String, Arc<dyn TableProvider>>>,
}

impl GrantedSchema {
    fn opened(&self, name: &str) -> Option<Arc<dyn TableProvider>> {
        self.opened.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }

    async fn open(&self, name: &str) -> Result<Arc<dyn TableProvider>, LakeError> {
        let Some(table) = self.lake.table(name).await? else {
            let def = self.lake.catalogue().table(name).cloned();
            let schema = def.map_or_else(|| Arc::new(Schema::empty()), |d| crate::read_schema(&d));
            return Ok(Arc::new(EmptyTable::new(schema)));
        };
        let about_customers = table.def().is_about_customers();
        let whose = Whose {
            persons: self.persons.clone().filter(|_| about_customers),
            visitors: if has_visitors(table.def()) { self.visitors().await? } else { None },
        };
        let view = TableView {
            masked: self.grant.table(name).map(|t| t.masked().clone()).unwrap_or_default(),
            as_of: self.grant.as_of().map(florin_domain::EventTime::micros),
            now: self.grant.granted_at().micros(),
            customers: self.customers.clone().filter(|_| about_customers),
            all_versions: self.grant.kind() != GrantKind::Session,
            time_zone: Arc::clone(self.lake.time_zone()),
            whose,
        };
        Ok(Arc::new(GovernedTable::new(table, view).with_narrow()?))
    }

    /// Visitors whose customer the session may know. What Florin does for itself sees rows as they are stored.
    async fn visitors(&self) -> Result<Option<Arc<Visitors>>, LakeError> {
        if self.grant.kind() != GrantKind::Session {
            return Ok(None);
        }
        let read = || async {
            let as_of = self.grant.as_of().map(florin_domain::EventTime::micros);
            // An engine of its own: that of the session holds this schema, which must not hold it in turn.
            let known = visitors(&self.lake, as_of, &engine(&self.lake, self.threads)?).await?;
            Ok::<_, LakeError>((!known.is_empty()).then(|| Arc::new(known)))
        };
        self.visitors.get_or_try_init(read).await.cloned()
    }
}

#[async_trait]
impl SchemaProvider for GrantedSchema {
    fn table_names(&self) -> Vec<String> {
        let granted = self.lake.catalogue().tables().map(|t| t.name.clone()).filter(|n| self.grant.table(n).is_some());
        let opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner).keys().cloned().collect::<Vec<_>>();
        let mut names: Vec<String> = granted.chain(opened).collect();
        names.sort();
        names.dedup();
        names
    }

    async fn table(&self, name: &str) -> EngineResult<Option<Arc<dyn TableProvider>>> {
        if let Some(table) = self.opened(name) {
            return Ok(Some(table));
        }
        if self.lake.catalogue().table(name).is_none() {
            return Ok(None);
        }
        if self.grant.table(name).is_none() {
            let refusal = self.grant.refuse_table(name);
            return Err(DataFusionError::External(Box::new(refusal)));
        }
        let table = self.open(name).await.map_err(|e| DataFusionError::External(Box::new(e)))?;
        let mut opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(Some(Arc::clone(opened.entry(name.to_owned()).or_insert(table))))
    }

    /// Views of the session; a table of the lake cannot be replaced by one.
    fn register_table(
        &self,
        name: String,
        table: Arc<dyn TableProvider>,
    ) -> EngineResult<Option<Arc<dyn TableProvider>>> {
        if self.lake.catalogue().table(&name).is_some() {
            return datafusion::common::plan_err!("`{name}` is a table; a view needs another name");
        }
        Ok(self.opened.lock().unwrap_or_else(PoisonError::into_inner).insert(name, table))
    }

    fn deregister_table(&self, name: &str) -> EngineResult<Option<Arc<dyn TableProvider>>> {
        Ok(self.opened.lock().unwrap_or_else(PoisonError::into_inner).remove(name))
    }

    fn table_exist(&self, name: &str) -> bool {
        self.opened(name).is_some() || self.grant.table(name).is_some()
    }
}

impl std::fmt::Debug for GrantedSchema {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("GrantedSchema")
    }
}

fn extra_tables(extra: SessionTables) -> Result<BTreeMap<String, Arc<dyn TableProvider>>, LakeError> {
    let table = |(name, batch): (String, RecordBatch)| {
        let table = datafusion::datasource::MemTable::try_new(batch.schema(), vec![vec![batch]])?;
        Ok((name, Arc::new(table) as Arc<dyn TableProvider>))
    };
    extra.into_iter().map(table).collect()
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
