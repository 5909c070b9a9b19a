//! Schemas of tables that are not in the lake.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use arrow::array::RecordBatch;
use async_trait::async_trait;
use datafusion::{
    catalog::{MemTable, SchemaProvider, TableProvider},
    common::Result as EngineResult,
    error::DataFusionError,
};

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

/// Tables that others make, unchanging for the session once made.
pub(super) struct MadeSchema {
    made: Arc<dyn Made>,
    opened: Mutex<BTreeMap<String, Arc<dyn TableProvider>>>,
}

impl MadeSchema {
    pub(super) fn new(made: Arc<dyn Made>) -> Self {
        Self { made, opened: Mutex::default() }
    }
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
        let table = MemTable::try_new(rows.schema(), vec![vec![rows]])?;
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
