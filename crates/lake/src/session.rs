//! Questions under a grant, as of a time.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use arrow::{
    array::{ArrayRef, AsArray, BooleanArray, RecordBatch, RecordBatchOptions, new_null_array},
    compute::{cast, filter_record_batch},
    datatypes::{DataType, Field, Int64Type, Schema, SchemaRef},
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
    logical_expr::{AggregateUDF, DdlStatement, LogicalPlan, WindowUDF},
    physical_optimizer::optimizer::PhysicalOptimizer,
    physical_plan::ExecutionPlanProperties as _,
    prelude::SessionConfig,
    sql::{
        parser::{DFParser, Statement},
        sqlparser::ast::Statement as SqlStatement,
    },
};
use florin_domain::catalogue::{CUSTOMER_ID, TRAITS};
use florin_governance::{ConsentFilter, Grant, GrantKind};
use futures::{StreamExt as _, stream::BoxStream};
use tokio::sync::OnceCell;

use crate::{
    Lake, LakeError,
    as_of::AsOf,
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
    granted: Arc<Granted>,
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
}

/// Why a table could not be made.
pub type MadeError = Box<dyn std::error::Error + Send + Sync>;

/// Tables of a schema of their own, each made when a question first names it. Whoever makes them answers for what the session may
/// see of them.
#[async_trait]
pub trait Made: Send + Sync {
    /// The tables that may be named.
    fn names(&self) -> Vec<String>;
    /// A table; `None` when there is none of that name.
    async fn table(&self, name: &str) -> Result<Option<RecordBatch>, MadeError>;
}

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
        let as_of = grant.as_of().unwrap_or_else(|| grant.granted_at());
        context.register_udf(AsOf::new(as_of.micros(), lake.time_zone()).into());
        let granted = Arc::new(Granted {
            lake: lake.clone(),
            grant: grant.clone(),
            customers,
            persons: (!persons.is_empty()).then(|| Arc::clone(persons)),
            visitors: OnceCell::new(),
            threads,
            opened: Mutex::new(extra_tables(extra)?),
        });
        let catalog = MemoryCatalogProvider::new();
        for (schema, prefix) in [(SCHEMA, ""), (TRAITS, TRAITS)] {
            let schema_of = GrantedSchema { granted: Arc::clone(&granted), prefix };
            catalog.register_schema(schema, Arc::new(schema_of))?;
        }
        context.register_catalog(CATALOG, Arc::new(catalog));
        Ok(Self { context, granted })
    }

    /// Puts rows in the place of a table of the catalogue, such as the values of a trait at a time for which none are
    /// stored. Consent and masks hold of them as of any table. Columns as in the catalogue, or only the first of these.
    ///
    /// # Errors
    /// When the catalogue has no such table, or the rows have other columns.
    pub fn in_place_of(&self, table: &str, rows: RecordBatch) -> Result<(), LakeError> {
        let Some(granted) = self.granted.grant.table(table) else { return Ok(()) };
        let rows = of_customers(rows, self.granted.customers.as_deref())?;
        let schema = rows.schema();
        let columns = schema.fields().iter().zip(rows.columns()).map(|(field, column)| {
            let masked = granted.is_masked(field.name());
            let column = if masked { new_null_array(field.data_type(), rows.num_rows()) } else { Arc::clone(column) };
            (field.name().clone(), column, true)
        });
        let rows = RecordBatch::try_from_iter_with_nullable(columns.collect::<Vec<_>>())?;
        let provider = datafusion::datasource::MemTable::try_new(rows.schema(), vec![vec![rows]])?;
        self.granted.opened_mut().insert(table.to_owned(), Arc::new(provider));
        Ok(())
    }

    /// With functions beside the engine's; one of the same name takes the place of an earlier one.
    #[must_use]
    pub fn with_functions(self, functions: SqlFunctions) -> Self {
        functions.aggregates.into_iter().for_each(|f| self.context.register_udaf(f));
        functions.windows.into_iter().for_each(|f| self.context.register_udwf(f));
        self
    }

    /// Adds a schema of tables that are not in the lake.
    ///
    /// # Errors
    /// When the engine does not take it.
    pub fn with_schema(self, name: &str, made: Arc<dyn Made>) -> Result<Self, LakeError> {
        let catalog = self.context.catalog(CATALOG).ok_or_else(|| LakeError::Setting("no catalog".to_owned()))?;
        catalog.register_schema(name, Arc::new(MadeSchema { made, opened: Mutex::default() }))?;
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
        let question = self.runs_question(text).await?;
        if let Some(narrow) = NarrowQuestion::of(&question, &state).await {
            return Ok(narrow.runs());
        }
        let plan = in_runs(&question, &state).await?;
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
        let plan = in_runs(&question, &state).await?;
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
struct Granted {
    lake: Lake,
    grant: Grant,
    customers: Option<Arc<CustomerSet>>,
    persons: Option<Arc<Persons>>,
    /// Read when a table is first asked for that may have some.
    visitors: OnceCell<Option<Arc<Visitors>>>,
    threads: usize,
    opened: Mutex<BTreeMap<String, Arc<dyn TableProvider>>>,
}

impl Granted {
    fn opened_mut(&self) -> MutexGuard<'_, BTreeMap<String, Arc<dyn TableProvider>>> {
        self.opened.lock().unwrap_or_else(PoisonError::into_inner)
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
            all_versions: !self.sees_persons(),
            time_zone: Arc::clone(self.lake.time_zone()),
            whose,
        };
        Ok(Arc::new(GovernedTable::new(table, view).with_narrow()?))
    }

    /// Whether rows are as people see them: persons, and of versions the latest.
    fn sees_persons(&self) -> bool {
        matches!(self.grant.kind(), GrantKind::Session | GrantKind::Profiling)
    }

    /// Visitors whose customer the session may know. What Florin does for itself sees rows as they are stored.
    async fn visitors(&self) -> Result<Option<Arc<Visitors>>, LakeError> {
        if !self.sees_persons() {
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

/// The tables of one schema.
struct GrantedSchema {
    granted: Arc<Granted>,
    /// What stands before a dot in the catalogue's names of them; empty for those without a dot.
    prefix: &'static str,
}

impl GrantedSchema {
    /// The catalogue's name of a table of this schema.
    fn full(&self, name: &str) -> String {
        if self.prefix.is_empty() { name.to_owned() } else { format!("{}.{name}", self.prefix) }
    }

    /// The name in this schema of a table of the catalogue; `None` when it is of another.
    fn own<'a>(&self, full: &'a str) -> Option<&'a str> {
        match full.split_once('.') {
            Some((schema, name)) => (schema == self.prefix).then_some(name),
            None => self.prefix.is_empty().then_some(full),
        }
    }

    fn exists(&self, full: &str) -> bool {
        self.granted.lake.catalogue().table(full).is_some()
    }
}

#[async_trait]
impl SchemaProvider for GrantedSchema {
    fn table_names(&self) -> Vec<String> {
        let Granted { lake, grant, .. } = &*self.granted;
        let granted = lake.catalogue().tables().map(|t| t.name.clone()).filter(|n| grant.table(n).is_some());
        let opened = self.granted.opened_mut().keys().cloned().collect::<Vec<_>>();
        let own = granted.chain(opened).filter_map(|name| self.own(&name).map(str::to_owned));
        let mut names: Vec<String> = own.collect();
        names.sort();
        names.dedup();
        names
    }

    async fn table(&self, name: &str) -> EngineResult<Option<Arc<dyn TableProvider>>> {
        let full = self.full(name);
        let opened = self.granted.opened_mut().get(&full).cloned();
        if opened.is_some() || !self.exists(&full) {
            return Ok(opened);
        }
        if self.granted.grant.table(&full).is_none() {
            let refusal = self.granted.grant.refuse_table(&full);
            return Err(DataFusionError::External(Box::new(refusal)));
        }
        let table = self.granted.open(&full).await.map_err(|e| DataFusionError::External(Box::new(e)))?;
        Ok(Some(Arc::clone(self.granted.opened_mut().entry(full).or_insert(table))))
    }

    /// Views of the session; a table of the lake cannot be replaced by one.
    fn register_table(
        &self,
        name: String,
        table: Arc<dyn TableProvider>,
    ) -> EngineResult<Option<Arc<dyn TableProvider>>> {
        let full = self.full(&name);
        if self.exists(&full) {
            return datafusion::common::plan_err!("`{full}` is a table; a view needs another name");
        }
        Ok(self.granted.opened_mut().insert(full, table))
    }

    fn deregister_table(&self, name: &str) -> EngineResult<Option<Arc<dyn TableProvider>>> {
        Ok(self.granted.opened_mut().remove(&self.full(name)))
    }

    fn table_exist(&self, name: &str) -> bool {
        let full = self.full(name);
        self.granted.opened_mut().contains_key(&full) || self.granted.grant.table(&full).is_some()
    }
}

impl std::fmt::Debug for GrantedSchema {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("GrantedSchema")
    }
}

/// Tables that others make, unchanging for the session once made.
struct MadeSchema {
    made: Arc<dyn Made>,
    opened: Mutex<BTreeMap<String, Arc<dyn TableProvider>>>,
}

#[async_trait]
impl SchemaProvider for MadeSchema {
    fn table_names(&self) -> Vec<String> {
        self.made.names()
    }

    async fn table(&self, name: &str) -> EngineResult<Option<Arc<dyn TableProvider>>> {
        let opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned();
        if opened.is_some() {
            return Ok(opened);
        }
        let Some(rows) = self.made.table(name).await.map_err(DataFusionError::External)? else { return Ok(None) };
        let table = datafusion::datasource::MemTable::try_new(rows.schema(), vec![vec![rows]])?;
        let mut opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(Some(Arc::clone(opened.entry(name.to_owned()).or_insert_with(|| Arc::new(table)))))
    }

    fn table_exist(&self, name: &str) -> bool {
        self.made.names().iter().any(|known| known == name)
    }
}

impl std::fmt::Debug for MadeSchema {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MadeSchema")
    }
}

/// The rows of customers who are seen.
fn of_customers(rows: RecordBatch, customers: Option<&CustomerSet>) -> Result<RecordBatch, LakeError> {
    let (Some(seen), Some(numbers)) = (customers, rows.column_by_name(CUSTOMER_ID)) else { return Ok(rows) };
    let numbers = numbers.as_primitive_opt::<Int64Type>().ok_or_else(|| LakeError::Shape {
        table: CUSTOMER_ID.to_owned(),
        difference: "customers are no whole numbers".to_owned(),
    })?;
    let keep = BooleanArray::from_iter(
        numbers.iter().map(|customer| Some(customer.map_or(seen.sees_nobody(), |customer| seen.sees(customer)))),
    );
    Ok(filter_record_batch(&rows, &keep)?)
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
