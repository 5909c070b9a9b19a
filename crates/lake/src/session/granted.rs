//! The tables that a grant names: opened as the session may see them, when a question first asks for them.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use arrow::{
    array::{AsArray, BooleanArray, RecordBatch, new_null_array},
    compute::filter_record_batch,
    datatypes::{Int64Type, Schema},
};
use async_trait::async_trait;
use datafusion::{
    catalog::{MemTable, SchemaProvider, TableProvider},
    common::Result as EngineResult,
    datasource::empty::EmptyTable,
    error::DataFusionError,
};
use florin_domain::catalogue::CUSTOMER_ID;
use florin_governance::{ConsentFilter, Grant, GrantKind};
use tokio::sync::OnceCell;

use super::{SessionTables, engine::engine};
use crate::{
    Lake, LakeError,
    read::{Consented, CustomerSet, GovernedTable, Persons, TableView, Visitors, Whose, has_visitors, visitors},
};

/// The tables that a grant names, opened when first asked for and then unchanging for the session.
pub(super) struct Granted {
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
    pub(super) fn new(
        lake: &Lake,
        grant: &Grant,
        consented: &Consented,
        persons: &Arc<Persons>,
        extra: SessionTables,
        threads: usize,
    ) -> Result<Self, LakeError> {
        let customers = match grant.consent() {
            ConsentFilter::Everyone => None,
            ConsentFilter::AllBut => Some(CustomerSet::all_but(&consented.withdrawn)),
            ConsentFilter::Only => Some(CustomerSet::only(&consented.given)),
        };
        Ok(Self {
            lake: lake.clone(),
            grant: grant.clone(),
            customers,
            persons: (!persons.is_empty()).then(|| Arc::clone(persons)),
            visitors: OnceCell::new(),
            threads,
            opened: Mutex::new(extra_tables(extra)?),
        })
    }

    fn opened_mut(&self) -> MutexGuard<'_, BTreeMap<String, Arc<dyn TableProvider>>> {
        self.opened.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts rows in the place of a table, as the session may see them.
    pub(super) fn put_in_place_of(&self, table: &str, rows: RecordBatch) -> Result<(), LakeError> {
        let Some(granted) = self.grant.table(table) else { return Ok(()) };
        let rows = of_customers(rows, self.customers.as_deref())?;
        let schema = rows.schema();
        let columns = schema.fields().iter().zip(rows.columns()).map(|(field, column)| {
            let masked = granted.is_masked(field.name());
            let column = if masked { new_null_array(field.data_type(), rows.num_rows()) } else { Arc::clone(column) };
            (field.name().clone(), column, true)
        });
        let rows = RecordBatch::try_from_iter_with_nullable(columns.collect::<Vec<_>>())?;
        let provider = MemTable::try_new(rows.schema(), vec![vec![rows]])?;
        self.opened_mut().insert(table.to_owned(), Arc::new(provider));
        Ok(())
    }

    fn exists(&self, full: &str) -> bool {
        self.lake.catalogue().table(full).is_some()
    }

    /// A table by the catalogue's name, as the session may see it, or a view of the session; `None` when there is none.
    pub(super) async fn provider(&self, full: &str) -> EngineResult<Option<Arc<dyn TableProvider>>> {
        let opened = self.opened_mut().get(full).cloned();
        if opened.is_some() || !self.exists(full) {
            return Ok(opened);
        }
        if self.grant.table(full).is_none() {
            return Err(DataFusionError::External(Box::new(self.grant.refuse_table(full))));
        }
        let table = self.open(full).await.map_err(|e| DataFusionError::External(Box::new(e)))?;
        Ok(Some(Arc::clone(self.opened_mut().entry(full.to_owned()).or_insert(table))))
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
        Ok(Arc::new(GovernedTable::new(table, view)?.with_narrow()?))
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
            Ok::<_, LakeError>((!known.is_empty()).then_some(known))
        };
        self.visitors.get_or_try_init(read).await.cloned()
    }
}

/// The tables of one schema.
pub(super) struct GrantedSchema {
    pub(super) granted: Arc<Granted>,
    /// What stands before a dot in the catalogue's names of them; empty for those without a dot.
    pub(super) prefix: &'static str,
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
        self.granted.provider(&self.full(name)).await
    }

    /// Views of the session; a table of the lake cannot be replaced by one.
    fn register_table(
        &self,
        name: String,
        table: Arc<dyn TableProvider>,
    ) -> EngineResult<Option<Arc<dyn TableProvider>>> {
        let full = self.full(&name);
        if self.granted.exists(&full) {
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
        let table = MemTable::try_new(batch.schema(), vec![vec![batch]])?;
        Ok((name, Arc::new(table) as Arc<dyn TableProvider>))
    };
    extra.into_iter().map(table).collect()
}
