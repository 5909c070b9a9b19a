//! Whose a row is: persons in the place of customers, customers in the place of visitors.

use std::{
    fmt,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use arrow::{
    array::{ArrayRef, AsArray, RecordBatch},
    datatypes::{DataType, Field, Int64Type, Schema, SchemaRef},
};
use datafusion::{
    common::{Result, Statistics, internal_err, tree_node::TreeNodeRecursion},
    execution::{RecordBatchStream, SendableRecordBatchStream, TaskContext},
    logical_expr::{Expr, col, lit},
    physical_expr::{EquivalenceProperties, Partitioning, PhysicalExpr},
    physical_plan::{
        ChildStats, DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties, ReplaceChildrenOptions,
        StatisticsArgs,
        execution_plan::{Boundedness, EmissionType},
    },
};
use florin_domain::catalogue::CUSTOMER_ID;
use futures::Stream;

use super::{
    CustomerSet, Persons,
    files::required_ids,
    visitors::{Span, Visitors},
};
use crate::layout;

/// Who is who in a session.
#[derive(Debug, Clone, Default)]
pub(crate) struct Whose {
    /// Customers whom several systems know, as one; `None` where everyone is themselves.
    pub(crate) persons: Option<Arc<Persons>>,
    /// Visitors whose customer is known; `None` where there are none.
    pub(crate) visitors: Option<Arc<Visitors>>,
}

impl Whose {
    /// Whether every row is whose it says.
    pub(super) fn is_plain(&self) -> bool {
        self.persons.is_none() && self.visitors.is_none()
    }

    /// The same for whoever says the same of everybody, and for nobody else.
    pub(crate) fn fingerprint(&self) -> String {
        let mut hash = self.persons.as_ref().map_or_else(blake3::Hasher::new, |persons| persons.hashed());
        hash.update(b"visitors");
        if let Some(visitors) = &self.visitors {
            visitors.add_to(&mut hash);
        }
        hash.finalize().to_string()
    }

    /// Whom a question is about, if a condition names them and they are few: the numbers that rows of them are stored under, and the times
    /// in which visitors were one of them. Of those whom the session does not see nothing is looked up.
    pub(super) fn asked_for(&self, condition: &Expr, seen: Option<&CustomerSet>) -> Option<Asked> {
        let on_customers = self.on_customers(condition, seen)?;
        // Rows of nobody are asked for too: then no time says which.
        let named = |ids: &Vec<i64>| ids.len() <= ASKED_FOR_MAX && !ids.contains(&layout::NO_ID);
        let born = required_ids(&on_customers, CUSTOMER_ID).filter(named)?;
        let is_seen = |born: u32| seen.is_none_or(|seen| seen.sees(i64::from(self.person(born))));
        let customers = born.iter().filter_map(|&id| u32::try_from(id).ok());
        let customers: Vec<u32> = customers.filter(|&born| is_seen(born)).collect();
        let of_visitors = |visitors: &Arc<Visitors>| visitors.spans_of(&self.known_to_visitors(&customers));
        let visited = self.visitors.as_ref().map(of_visitors);
        let mut numbers = or_nobody(customers.into_iter().map(i64::from).map(lit).collect());
        // One is compared sooner than a list is searched.
        let on_customers = match (numbers.pop(), numbers.is_empty()) {
            (Some(one), true) => col(CUSTOMER_ID).eq(one),
            (last, _) => col(CUSTOMER_ID).in_list(numbers.into_iter().chain(last).collect(), false),
        };
        Some(Asked { on_customers, visited })
    }

    fn person(&self, born: u32) -> u32 {
        self.persons.as_ref().map_or(born, |persons| persons.person(born))
    }

    fn on_customers(&self, condition: &Expr, seen: Option<&CustomerSet>) -> Option<Expr> {
        match &self.persons {
            Some(persons) => persons.on_customers(condition, &|person| seen.is_none_or(|seen| seen.sees(person))),
            None => Some(condition.clone()),
        }
    }

    /// Visitors are known to be customers by the numbers of these or of their persons.
    fn known_to_visitors(&self, customers: &[u32]) -> Vec<u32> {
        let persons = customers.iter().map(|&born| self.person(born));
        let mut known: Vec<u32> = customers.iter().copied().chain(persons).collect();
        known.sort_unstable();
        known.dedup();
        known
    }

    /// What must hold of stored rows where a condition holds of what the session sees; `None` when that cannot be said.
    pub(super) fn on_stored(&self, condition: &Expr, seen: Option<&CustomerSet>) -> Option<Expr> {
        let on_customers = self.on_customers(condition, seen)?;
        let about = condition.column_refs().iter().any(|c| c.name == CUSTOMER_ID);
        // A row without a customer may be a visitor's who is the one that is asked for.
        let or_visitors = about && self.visitors.is_some();
        Some(if or_visitors { on_customers.or(col(CUSTOMER_ID).is_null()) } else { on_customers })
    }
}

/// Literals, or the number of nobody: an empty list is no condition.
pub(super) fn or_nobody(numbers: Vec<Expr>) -> Vec<Expr> {
    if numbers.is_empty() { vec![lit(-1i64)] } else { numbers }
}

/// Customers that a question names at most to be one about few.
const ASKED_FOR_MAX: usize = 32;

/// Whom a question is about.
pub(super) struct Asked {
    /// What holds of rows that are stored as theirs, as far as the session sees them.
    pub(super) on_customers: Expr,
    /// When visitors were one of them; `None` where no visitor is known.
    pub(super) visited: Option<Vec<Span>>,
}

/// Where a scanned batch has what it takes.
#[derive(Debug, Clone, Copy)]
pub(super) struct WhoseColumns {
    pub(super) customer: usize,
    /// The visitor and the time.
    pub(super) visitor: Option<(usize, usize)>,
    /// Whether the customer's own number is wanted too, as a last column.
    pub(super) keep_born: bool,
}

/// Puts in place whose rows are.
#[derive(Debug, Clone)]
pub(super) struct PersonsExec {
    input: Arc<dyn ExecutionPlan>,
    whose: Whose,
    columns: WhoseColumns,
    /// Whether rows lie and come by customer.
    by_customer: bool,
    properties: Arc<PlanProperties>,
}

impl PersonsExec {
    pub(super) fn new(input: Arc<dyn ExecutionPlan>, whose: Whose, columns: WhoseColumns, by_customer: bool) -> Self {
        if !by_customer && !columns.keep_born {
            let properties = Arc::clone(input.properties());
            return Self { input, whose, columns, by_customer, properties };
        }
        // Rows of one person may lie in several buckets, and no longer come in the order of customers.
        let partitions = input.properties().output_partitioning().partition_count();
        let properties = Arc::new(PlanProperties::new(
            EquivalenceProperties::new(schema(&input.schema(), columns)),
            Partitioning::UnknownPartitioning(partitions),
            EmissionType::Incremental,
            Boundedness::Bounded,
        ));
        Self { input, whose, columns, by_customer, properties }
    }
}

fn schema(input: &SchemaRef, columns: WhoseColumns) -> SchemaRef {
    if !columns.keep_born {
        return Arc::clone(input);
    }
    let born = Arc::new(Field::new("born", DataType::Int64, true));
    Arc::new(Schema::new(input.fields().iter().cloned().chain([born]).collect::<Vec<_>>()))
}

impl DisplayAs for PersonsExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PersonsExec")?;
        let visitors = self.columns.visitor.is_some() && self.whose.visitors.is_some();
        if visitors { write!(f, ": visitors") } else { Ok(()) }
    }
}

impl ExecutionPlan for PersonsExec {
    fn name(&self) -> &'static str {
        "PersonsExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![&self.input]
    }

    fn apply_expressions(
        &self,
        _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn maintains_input_order(&self) -> Vec<bool> {
        vec![!self.by_customer]
    }

    fn benefits_from_input_partitioning(&self) -> Vec<bool> {
        vec![false]
    }

    fn replace_children(
        self: Arc<Self>,
        mut children: Vec<Arc<dyn ExecutionPlan>>,
        _: ReplaceChildrenOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        match children.pop() {
            Some(input) => Ok(Arc::new(Self::new(input, self.whose.clone(), self.columns, self.by_customer))),
            None => internal_err!("persons are read from one input"),
        }
    }

    fn with_new_children(self: Arc<Self>, children: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
        use datafusion::physical_plan::ChildrenPropertiesMode;
        self.replace_children(children, ReplaceChildrenOptions::new(ChildrenPropertiesMode::Recompute))
    }

    fn execute(&self, partition: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let input = self.input.execute(partition, context)?;
        let (whose, columns, schema) = (self.whose.clone(), self.columns, self.schema());
        Ok(Box::pin(WhoseStream { input, whose, columns, schema }))
    }

    fn child_stats_requests(&self, partition: Option<usize>) -> Vec<ChildStats> {
        vec![ChildStats::At(partition)]
    }

    fn statistics_from_inputs(&self, inputs: &[Arc<Statistics>], _: &StatisticsArgs) -> Result<Arc<Statistics>> {
        let mut statistics = Statistics::new_unknown(&self.schema());
        if let Some(input) = inputs.first() {
            statistics.num_rows = input.num_rows;
        }
        Ok(Arc::new(statistics))
    }
}

struct WhoseStream {
    input: SendableRecordBatchStream,
    whose: Whose,
    columns: WhoseColumns,
    schema: SchemaRef,
}

impl WhoseStream {
    fn put_in_place(&self, batch: &RecordBatch) -> Result<RecordBatch> {
        let customers = self.customers(batch)?;
        let mut columns = batch.columns().to_vec();
        columns[self.columns.customer] = self.persons(&customers);
        columns.extend(self.columns.keep_born.then_some(customers));
        Ok(RecordBatch::try_new(Arc::clone(&self.schema), columns)?)
    }

    fn customers(&self, batch: &RecordBatch) -> Result<ArrayRef> {
        let customers = batch.column(self.columns.customer);
        match (&self.whose.visitors, self.columns.visitor) {
            (Some(known), Some((visitor, time))) => {
                known.customers(customers, batch.column(visitor), batch.column(time))
            }
            _ => Ok(Arc::clone(customers)),
        }
    }

    fn persons(&self, customers: &ArrayRef) -> ArrayRef {
        let Some(persons) = &self.whose.persons else { return Arc::clone(customers) };
        let numbers = customers.as_primitive::<Int64Type>();
        if numbers.values().iter().all(|&born| persons.person_of(born) == born) {
            return Arc::clone(customers);
        }
        Arc::new(numbers.unary::<_, Int64Type>(|born| persons.person_of(born)))
    }
}

impl Stream for WhoseStream {
    type Item = Result<RecordBatch>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let next = ready!(Pin::new(&mut self.input).poll_next(context));
        Poll::Ready(next.map(|batch| batch.and_then(|batch| self.put_in_place(&batch))))
    }
}

impl RecordBatchStream for WhoseStream {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }
}
