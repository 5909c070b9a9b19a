//! A table as a session sees it.

use std::{
    collections::{BTreeSet, HashSet},
    sync::Arc,
};

use arrow::datatypes::SchemaRef;
use async_trait::async_trait;
use datafusion::{
    catalog::{Session as EngineSession, TableProvider},
    common::{Result, ScalarValue},
    logical_expr::{Expr, TableProviderFilterPushDown, TableType, col, lit},
    physical_expr::{
        PhysicalExpr,
        expressions::{Column, is_not_null, is_null},
    },
    physical_plan::{ExecutionPlan, execute_stream, filter::FilterExec, union::UnionExec},
};
use florin_domain::catalogue::{ANONYMOUS_ID, CUSTOMER_ID, KNOWN_AT, TS, VALID_FROM};
use futures::TryStreamExt as _;

use super::{
    CustomerSet,
    best_known::VersionColumns,
    conditions::{in_stored_zone, is_about_times, is_plain, unqualified},
    exec::LakeScanExec,
    files::{FileScan, Filtering, required_ids, scan_files},
    rules::RowRules,
    stream::{Governing, Output},
    visited::was_in,
    visitors::times_of,
    whose::{Asked, PersonsExec, Whose, WhoseColumns},
};
use crate::{
    LakeError, LakeTable, layout,
    narrow::{Covering, Manifest},
};

/// Things that a question finds named at most to be one about few.
const THINGS_MAX: usize = 256;

/// What of a table a session sees.
#[derive(Debug, Clone)]
pub(crate) struct TableView {
    /// Columns that read as missing.
    pub(crate) masked: BTreeSet<String>,
    /// Nothing known later (UTC microseconds) is seen.
    pub(crate) as_of: Option<i64>,
    /// When the session opened: versions that hold only from later are not seen.
    pub(crate) now: i64,
    /// Whose rows are seen; everyone's when absent.
    pub(crate) customers: Option<Arc<CustomerSet>>,
    /// Whether every version of a slowly changing row is seen, or the latest only.
    pub(crate) all_versions: bool,
    /// The zone that times are shown in.
    pub(crate) time_zone: Arc<str>,
    /// Who is who.
    pub(crate) whose: Whose,
}

/// A snapshot of a table below the rules of a session.
pub(crate) struct GovernedTable {
    table: LakeTable,
    view: TableView,
    schema: SchemaRef,
    /// As of when rows must be looked at; `None` where all were known by then.
    known_by: Option<i64>,
    narrow: Option<Covering>,
}

impl GovernedTable {
    pub(crate) fn new(table: LakeTable, view: TableView) -> Result<Self, LakeError> {
        // A masked column can be missing whatever its definition says.
        let stored = layout::read_schema(table.def());
        let fields = stored.fields().iter().map(|f| {
            let nullable = f.is_nullable() || view.masked.contains(f.name());
            in_zone(f, &view.time_zone).with_nullable(nullable)
        });
        let schema = Arc::new(arrow::datatypes::Schema::new(fields.collect::<Vec<_>>()));
        let known_by = match view.as_of {
            Some(as_of) if !table.all_known_by(as_of)? => Some(as_of),
            _ => None,
        };
        Ok(Self { table, view, schema, known_by, narrow: None })
    }

    /// The same table, whose narrow projection is used where it says what the session may see.
    pub(crate) fn with_narrow(self) -> Result<Self, LakeError> {
        let narrow = crate::narrow::covering(&self.table)?.filter(|covering| {
            let shown = [CUSTOMER_ID, TS].iter().all(|column| !self.view.masked.contains(*column));
            shown && covering.manifest.is_true_for(&self.view.whose, self.view.as_of)
        });
        Ok(Self { narrow, ..self })
    }

    /// The narrow projection that says what the session may see, if there is one.
    pub(crate) fn narrow(&self) -> Option<&Arc<Manifest>> {
        self.narrow.as_ref().filter(|covering| covering.lacks.is_empty()).map(|covering| &covering.manifest)
    }

    /// The same, or one that says it but for the rows of some files.
    pub(crate) fn narrow_but_for(&self) -> Option<&Covering> {
        self.narrow.as_ref()
    }

    /// The same table with only the rows of these files.
    pub(crate) fn of_files(&self, files: &Arc<BTreeSet<String>>) -> Self {
        let (table, view) = (self.table.of_files(files), self.view.clone());
        Self { table, view, schema: Arc::clone(&self.schema), known_by: self.known_by, narrow: None }
    }

    /// The snapshot.
    pub(crate) fn table(&self) -> &LakeTable {
        &self.table
    }

    /// The same table without what visitors did before they were known: less, and sooner read. `None` where there are none.
    pub(crate) fn but_for_visitors(&self) -> Option<Self> {
        self.view.whose.visitors.as_ref()?;
        let whose = Whose { visitors: None, ..self.view.whose.clone() };
        let view = TableView { whose, ..self.view.clone() };
        let (table, schema) = (self.table.clone(), Arc::clone(&self.schema));
        Some(Self { table, view, schema, known_by: self.known_by, narrow: None })
    }

    /// Columns that read as missing.
    pub(crate) fn masked(&self) -> &BTreeSet<String> {
        &self.view.masked
    }

    /// Whose rows are seen; everyone's when absent.
    pub(crate) fn customers(&self) -> Option<&Arc<CustomerSet>> {
        self.view.customers.as_ref()
    }

    /// The columns that the session sees.
    pub(crate) fn whole_schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// Whether a filter of the query may help to choose which files and pages to read. It may when it concerns only what
    /// the session sees, and when leaving rows out cannot change which version of a thing is its latest.
    fn may_prune(&self, filter: &Expr) -> bool {
        let columns = filter.column_refs();
        let masked = columns.iter().any(|c| self.view.masked.contains(&c.name));
        let versions = self.versions_of();
        let keeps_versions = versions.is_empty() || columns.iter().all(|c| versions.contains(&c.name));
        !masked && keeps_versions && !filter.is_volatile()
    }

    /// What the rows are versions of, where only the latest is seen.
    fn versions_of(&self) -> &[String] {
        if self.view.all_versions { &[] } else { &self.table.def().versions_of }
    }

    /// Columns of the read schema that the scan needs for `outputs` and for the rules, ascending.
    fn columns_to_read(&self, outputs: &[usize]) -> Vec<usize> {
        let named = |name: &str| self.schema.index_of(name).ok();
        let unmasked = |i: &&usize| !self.view.masked.contains(self.schema.field(**i).name());
        let mut columns: BTreeSet<usize> = outputs.iter().filter(unmasked).copied().collect();
        let def = self.table.def();
        columns.extend(self.known_by.and_then(|_| named(KNOWN_AT)));
        columns.extend(self.view.customers.as_ref().and_then(|_| named(CUSTOMER_ID)));
        if !self.versions_of().is_empty() {
            columns.extend(self.versions_of().iter().filter_map(|n| named(n)));
            columns.extend(def.sort_columns().into_iter().filter_map(named));
            columns.extend(named(VALID_FROM));
        }
        if self.view.whose.visitors.is_some() && named(CUSTOMER_ID).is_some_and(|i| columns.contains(&i)) {
            columns.extend([ANONYMOUS_ID, TS].into_iter().filter_map(named));
        }
        columns.into_iter().collect()
    }

    /// Where the columns that were read say whose a row is; `None` when nobody asks, or rows are whose they say.
    fn whose(&self, read: &[usize]) -> Option<WhoseColumns> {
        if self.view.whose.is_plain() {
            return None;
        }
        let at = |name: &str| self.schema.index_of(name).ok().and_then(|i| read.binary_search(&i).ok());
        let visitors = self.view.whose.visitors.as_ref();
        let of_customers = self.versions_of().iter().any(|c| c == CUSTOMER_ID);
        Some(WhoseColumns {
            customer: at(CUSTOMER_ID)?,
            visitor: visitors.and_then(|_| Some((at(ANONYMOUS_ID)?, at(TS)?))),
            keep_born: of_customers && self.view.whose.persons.is_some(),
        })
    }

    /// The rules, over the columns that were read.
    fn rules(&self, read: &[usize], whose: Option<WhoseColumns>) -> RowRules {
        let at = |name: &str| self.schema.index_of(name).ok().and_then(|i| read.binary_search(&i).ok());
        let versioned = !self.versions_of().is_empty();
        let latest_of: Vec<usize> = self.versions_of().iter().filter_map(|n| at(n)).collect();
        let several = whose.is_some_and(|w| w.keep_born);
        let best_known = || {
            let (latest_of, valid_from) = (latest_of.clone(), at(VALID_FROM)?);
            Some(VersionColumns { latest_of, valid_from, born: read.len() })
        };
        RowRules {
            known_by: self.known_by.and_then(|t| Some((at(KNOWN_AT)?, t))),
            valid_by: versioned.then(|| Some((at(VALID_FROM)?, self.view.as_of.unwrap_or(self.view.now)))).flatten(),
            best_known: several.then(best_known).flatten(),
            latest_of,
            customers: self.view.customers.as_ref().and_then(|set| Some((at(CUSTOMER_ID)?, Arc::clone(set)))),
        }
    }

    /// Whom a condition names, if they are few.
    fn asked_for(&self, condition: &Expr) -> Option<Asked> {
        self.view.whose.asked_for(condition, self.view.customers.as_deref())
    }

    /// What of a query's conditions may be put to stored rows. Those that are looked at row by row, also at rows that the session does not
    /// see, are such that nothing comes of looking; and none goes by the zone that times are shown in, which stored ones do not know.
    fn on_stored(&self, conditions: Vec<Expr>, filtering: Filtering) -> Vec<Expr> {
        let schema = layout::read_schema(self.table.def());
        let conditions = conditions.into_iter().map(in_stored_zone).filter(|condition| match filtering {
            Filtering::Rows => is_plain(condition, &schema),
            Filtering::Pages => is_plain(condition, &schema) || !is_about_times(condition, &schema),
        });
        let seen = self.view.customers.as_deref();
        conditions.filter_map(|condition| self.view.whose.on_stored(&condition, seen)).collect()
    }

    /// What the session's time leaves of the rows.
    fn known_in_time(&self) -> Option<Expr> {
        let time = ScalarValue::TimestampMicrosecond(Some(self.known_by?), Some("UTC".into()));
        Some(col(KNOWN_AT).lt_eq(lit(time)))
    }

    /// The rows that are stored as somebody's, and those of visitors in the times in which these were that customer. Each part leaves out
    /// what the other has; the pages of each are chosen by one column, as the engine can.
    fn scan_of(&self, asked: &Asked, read: &[usize], prune: &[Expr], session: &dyn EngineSession) -> Result<FileScan> {
        let at = self.schema.index_of(CUSTOMER_ID)?;
        let whole = || scan_files(&self.table, read, prune, Filtering::Rows, session);
        let Some(visited) = &asked.visited else { return whole() };
        let Ok(customer) = read.binary_search(&at) else { return whole() };
        let customer: Arc<dyn PhysicalExpr> = Arc::new(Column::new(CUSTOMER_ID, customer));
        let about_others = |c: &&Expr| !c.column_refs().iter().any(|c| c.name == CUSTOMER_ID);
        let others: Vec<Expr> = prune.iter().filter(about_others).cloned().collect();
        let part = |conditions: Vec<Expr>, keep: Arc<dyn PhysicalExpr>| -> Result<Arc<dyn ExecutionPlan>> {
            let conditions = [others.clone(), conditions].concat();
            let scan = scan_files(&self.table, read, &conditions, Filtering::Rows, session)?;
            Ok(Arc::new(FilterExec::try_new(keep, scan.plan)?))
        };
        let mut parts = vec![part(vec![asked.on_customers.clone()], is_not_null(Arc::clone(&customer))?)?];
        if let Some(times) = within(&times_of(visited)) {
            // The times stand in the plan, which can be looked at.
            let told = (!self.view.masked.contains(TS)).then_some(times);
            let theirs = [col(CUSTOMER_ID).is_null()].into_iter().chain(told).chain([was_in(visited.clone())]);
            parts.push(part(theirs.collect(), is_null(customer)?)?);
        }
        Ok(FileScan { plan: UnionExec::try_new(parts)?, in_order: false })
    }

    /// A question about few of what files are sorted by finds few rows in a page.
    fn filtering(&self, filters: &[Expr]) -> Filtering {
        let few = |column| filters.iter().any(|f| required_ids(f, column).is_some_and(|ids| ids.len() <= THINGS_MAX));
        match self.table.def().bucket_column() {
            Some(column) if few(column) => Filtering::Rows,
            _ => Filtering::Pages,
        }
    }

    /// What rows are versions of, where that may pass from one customer to another, and may be named: a plan can be looked at.
    fn owned(&self) -> Option<&String> {
        let of_others = !self.versions_of().iter().any(|column| column == CUSTOMER_ID);
        self.versions_of().first().filter(|thing| of_others && !self.view.masked.contains(*thing))
    }

    /// Whether a condition of the query names a few whose such things are asked for.
    fn names_owners(&self, filter: &Expr) -> bool {
        let masked = filter.column_refs().iter().any(|c| self.view.masked.contains(&c.name));
        self.owned().is_some()
            && !masked
            && !filter.is_volatile()
            && self.asked_for(&unqualified(filter.clone())).is_some()
    }

    /// Where customers are named, few of them, and rows are versions of something else that may have passed from one to another: what of
    /// these was ever one of theirs. Its latest version is found among its own, so that all others can be left out.
    async fn ever_of_named(&self, filters: &[Expr], session: &dyn EngineSession) -> Result<Option<Expr>> {
        let Some(thing) = self.owned() else { return Ok(None) };
        let named = filters.iter().filter(|f| self.names_owners(f));
        let Some(asked) = named.cloned().map(unqualified).find_map(|f| self.asked_for(&f)) else { return Ok(None) };
        let at = self.schema.index_of(thing)?;
        let theirs: Vec<Expr> = self.known_in_time().into_iter().chain([asked.on_customers]).collect();
        let scan = scan_files(&self.table, &[at], &theirs, Filtering::Rows, session)?;
        let mut rows = execute_stream(scan.plan, session.task_ctx())?;
        let mut things = HashSet::new();
        while let Some(batch) = rows.try_next().await? {
            for row in 0..batch.num_rows() {
                things.insert(ScalarValue::try_from_array(batch.column(0), row)?);
            }
            if things.len() > THINGS_MAX {
                return Ok(None);
            }
        }
        Ok(Some(col(thing).in_list(things.into_iter().map(lit).collect(), false)))
    }

    fn outputs(&self, projection: &[usize], read: &[usize]) -> Vec<Output> {
        let output = |&i: &usize| {
            let field = self.schema.field(i);
            match read.binary_search(&i) {
                Ok(position) if !self.view.masked.contains(field.name()) => Output::Read(position),
                _ => Output::Masked,
            }
        };
        projection.iter().map(output).collect()
    }
}

#[async_trait]
impl TableProvider for GovernedTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    fn supports_filters_pushdown(&self, filters: &[&Expr]) -> Result<Vec<TableProviderFilterPushDown>> {
        // Never exact: the query's own filter stays above, where only rows that may be seen arrive.
        let answer = |f: &&Expr| match self.may_prune(f) || self.names_owners(f) {
            true => TableProviderFilterPushDown::Inexact,
            false => TableProviderFilterPushDown::Unsupported,
        };
        Ok(filters.iter().map(answer).collect())
    }

    async fn scan(
        &self,
        session: &dyn EngineSession,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        _limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let all: Vec<usize> = (0..self.schema.fields().len()).collect();
        let projection = projection.unwrap_or(&all);
        let read = self.columns_to_read(projection);
        let conditions = filters.iter().filter(|f| self.may_prune(f)).cloned().map(unqualified).collect::<Vec<_>>();
        let ever = self.ever_of_named(filters, session).await?;
        let asked = conditions.iter().find_map(|c| self.asked_for(c));
        let filtering = if ever.is_some() || asked.is_some() { Filtering::Rows } else { self.filtering(&conditions) };
        let prune = [self.on_stored(conditions, filtering), self.known_in_time().into_iter().chain(ever).collect()];
        let prune = prune.concat();
        let scan = match asked {
            Some(asked) => self.scan_of(&asked, &read, &prune, session)?,
            None => scan_files(&self.table, &read, &prune, filtering, session)?,
        };
        let whose = self.whose(&read);
        let rules = self.rules(&read, whose);
        let by_customer = self.table.def().sort_columns().contains(&CUSTOMER_ID);
        let plan: Arc<dyn ExecutionPlan> = match whose {
            Some(columns) => Arc::new(PersonsExec::new(scan.plan, self.view.whose.clone(), columns, by_customer)),
            None => scan.plan,
        };
        let moved = whose.is_some() && by_customer;
        let in_order = scan.in_order && !moved;
        // Versions are compared along the order; where fresh files overlap, or persons are several customers, the
        // planner makes it.
        let sorted = in_order || !rules.latest_of.is_empty();
        let by = self.table.def().bucket_column().filter(|_| !moved).map(str::to_owned);
        let governing = Governing {
            rules,
            seen: self.outputs(projection, &read),
            seen_schema: Arc::new(self.schema.project(projection)?),
            condition: None,
            emitted: (0..projection.len()).collect(),
        };
        Ok(Arc::new(LakeScanExec::new(plan, self.table.def().clone(), governing, by, sorted)?))
    }
}

impl std::fmt::Debug for GovernedTable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "GovernedTable({})", self.table.def().name)
    }
}

/// That a row happened in one of these times; nothing where there are none.
fn within(times: &[(i64, i64)]) -> Option<Expr> {
    let moment = |at: i64| lit(ScalarValue::TimestampMicrosecond(Some(at), Some("UTC".into())));
    let within = times.iter().map(|&(first, last)| col(TS).gt_eq(moment(first)).and(col(TS).lt_eq(moment(last))));
    within.reduce(Expr::or)
}

/// A stored time column as shown in a zone; other columns as they are.
fn in_zone(field: &arrow::datatypes::Field, zone: &Arc<str>) -> arrow::datatypes::Field {
    use arrow::datatypes::DataType;
    match field.data_type() {
        DataType::Timestamp(unit, Some(_)) => {
            field.clone().with_data_type(DataType::Timestamp(*unit, Some(Arc::clone(zone))))
        }
        _ => field.clone(),
    }
}
