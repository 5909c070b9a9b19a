//! One table of the lake: its Delta log, its live files, and commits to it.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use deltalake_core::{
    DeltaTable, DeltaTableError,
    kernel::{
        Action, Add, DataType as DeltaType, LogicalFileView, PrimitiveType, Remove, StructField, StructType,
        Transaction,
        engine::arrow_conversion::TryIntoKernel,
        transaction::{CommitBuilder, CommitProperties},
    },
    logstore::{StorageConfig, default_logstore},
    protocol::{DeltaOperation, SaveMode},
};
use florin_domain::{TableDef, catalogue::KNOWN_AT};

use crate::{LakeError, Location, durable, layout, narrow::Manifests, newest::commit_at, write::Written};

/// The table property that says how many buckets a table was made with.
const BUCKETS_PROPERTY: &str = "florin.buckets";
/// After how many commits all that a log says is summed up in one file (Delta's own property, and Spark's default). Without it, the log of a
/// table that is written each day takes longer to read every day.
const CHECKPOINT_PROPERTY: &str = "delta.checkpointInterval";
const CHECKPOINT_EVERY: u32 = 10;

/// Commits in a row that only care for a table, without its being taken for changed.
const CARE_COMMITS_MAX: usize = 50;
/// How often a commit is tried again when another writer came first.
const COMMIT_RETRIES_MAX: usize = 15;

/// A table as of one version of its log: an unchanging set of live files.
#[derive(Clone)]
pub struct LakeTable {
    def: Arc<TableDef>,
    location: Location,
    delta: DeltaTable,
    buckets: usize,
    manifests: Manifests,
    /// Only these of its files count; all without.
    only: Option<Arc<BTreeSet<String>>>,
}

/// One live data file.
#[derive(Debug, Clone)]
pub struct LiveFile {
    /// Relative to the table.
    pub path: String,
    /// In bytes.
    pub size: u64,
    /// How many rows, when the log says so.
    pub rows: Option<u64>,
    /// Which bucket its rows are in.
    pub bucket: usize,
}

/// What a commit did, for `history`.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Commit {
    /// Version of the table.
    pub version: u64,
    /// Milliseconds since the epoch, as the writer's clock had it.
    pub timestamp_millis: Option<i64>,
    /// `WRITE`, `OPTIMIZE`, `DELETE`, `CREATE TABLE`, …
    pub operation: String,
    /// What the writer said of it.
    pub info: serde_json::Value,
}

impl Commit {
    /// Whether the table has the same rows as before: they were only laid out anew, or files were removed that it no longer needed.
    #[must_use]
    pub fn keeps_rows(&self) -> bool {
        self.operation == "OPTIMIZE" || self.operation.starts_with("VACUUM")
    }
}

/// The identity a load leaves in the log, so that after a crash it can be told whether it was committed.
#[derive(Debug, Clone)]
pub struct LoadMark {
    /// Which mapping of which source.
    pub app: String,
    /// Increases with every load of that mapping.
    pub version: i64,
}

impl LakeTable {
    /// Opens a table, or makes it with `buckets` hash buckets when it is not there.
    ///
    /// # Errors
    /// When the storage fails, or the table in the lake has other columns than its definition.
    pub async fn open_or_create(location: &Location, def: Arc<TableDef>, buckets: usize) -> Result<Self, LakeError> {
        if let Some(table) = Self::open(location, Arc::clone(&def)).await? {
            return Ok(table);
        }
        let made = Self::create(location, &def, layout::buckets_of(&def, buckets)).await;
        match Self::open(location, def).await? {
            Some(table) => Ok(table),
            None => Err(made.err().unwrap_or_else(|| LakeError::Setting("a table vanished while it was made".into()))),
        }
    }

    /// Opens a table at its latest version; `None` when it was never written.
    ///
    /// # Errors
    /// When the storage fails, or the table in the lake has other columns than its definition.
    pub async fn open(location: &Location, def: Arc<TableDef>) -> Result<Option<Self>, LakeError> {
        let mut delta = delta_table(location, &def.name)?;
        match delta.load().await {
            Ok(()) => {}
            Err(DeltaTableError::NotATable(_) | DeltaTableError::InvalidTableLocation(_)) => return Ok(None),
            Err(error) if !delta.verify_deltatable_existence().await.unwrap_or(true) => {
                let _never_written = error;
                return Ok(None);
            }
            Err(error) => return Err(LakeError::delta(&def.name, error)),
        }
        let buckets = buckets_property(&delta, &def.name)?;
        let (location, manifests) = (location.clone(), Manifests::default());
        let table = Self { def, location, delta, buckets, manifests, only: None };
        table.check_shape()?;
        Ok(Some(table))
    }

    /// The same table, with what manifests were read of its lake before.
    pub(crate) fn with_manifests(self, manifests: &Manifests) -> Self {
        Self { manifests: manifests.clone(), ..self }
    }

    /// The same snapshot with only these of its files.
    pub(crate) fn of_files(&self, files: &Arc<BTreeSet<String>>) -> Self {
        Self { only: Some(Arc::clone(files)), ..self.clone() }
    }

    pub(crate) fn manifests(&self) -> &Manifests {
        &self.manifests
    }

    async fn create(location: &Location, def: &TableDef, buckets: usize) -> Result<(), LakeError> {
        let delta = delta_table(location, &def.name)?;
        let fields = delta_fields(def)?;
        delta
            .create()
            .with_table_name(&def.name)
            .with_comment(&def.about)
            .with_columns(fields)
            .with_partition_columns([layout::BUCKET])
            .with_raise_if_key_not_exists(false)
            .with_configuration([
                (BUCKETS_PROPERTY, Some(buckets.to_string())),
                (CHECKPOINT_PROPERTY, Some(CHECKPOINT_EVERY.to_string())),
            ])
            .with_save_mode(SaveMode::Ignore)
            .with_commit_properties(CommitProperties::default())
            .await
            .map(|_| ())
            .map_err(|e| LakeError::delta(&def.name, e))
    }

    fn check_shape(&self) -> Result<(), LakeError> {
        let stored = self.state()?.snapshot().arrow_schema();
        for field in self.def.schema().fields() {
            let difference = match stored.field_with_name(field.name()) {
                Err(_) => Some(format!("column `{}` is not in the lake", field.name())),
                Ok(found) if found.data_type() != field.data_type() => {
                    Some(format!("column `{}` is {} in the lake", field.name(), found.data_type()))
                }
                Ok(_) => None,
            };
            if let Some(difference) = difference {
                return Err(LakeError::Shape { table: self.def.name.clone(), difference });
            }
        }
        Ok(())
    }

    fn state(&self) -> Result<&deltalake_core::table::state::DeltaTableState, LakeError> {
        self.delta.snapshot().map_err(|e| LakeError::delta(&self.def.name, e))
    }

    /// The definition.
    #[must_use]
    pub fn def(&self) -> &Arc<TableDef> {
        &self.def
    }

    /// How many hash buckets the table was made with.
    #[must_use]
    pub fn buckets(&self) -> usize {
        self.buckets
    }

    /// The version this snapshot is of.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.delta.version().unwrap_or_default()
    }

    pub(crate) fn location(&self) -> &Location {
        &self.location
    }

    /// The key of a file in the store, from its path in the log.
    pub(crate) fn object_path(&self, file: &str) -> Result<object_store::path::Path, LakeError> {
        let url = self.location.table_url(&self.def.name)?;
        let root = object_store::path::Path::from_url_path(url.path())
            .map_err(|e| LakeError::Setting(format!("`{url}` cannot be a path: {e}")))?;
        Ok(file.split('/').fold(root, object_store::path::Path::join))
    }

    /// The live files, by bucket and path.
    ///
    /// # Errors
    /// When the log names a file outside the buckets.
    pub fn live_files(&self) -> Result<Vec<LiveFile>, LakeError> {
        let mut files = Vec::new();
        for view in self.state()?.log_data().iter() {
            if self.only.as_ref().is_some_and(|only| !only.contains(view.path().as_ref())) {
                continue;
            }
            let values = view.partition_values_map();
            let bucket = values.get(layout::BUCKET).and_then(Option::as_deref);
            let bucket = bucket.and_then(|b| b.parse().ok()).ok_or_else(|| LakeError::Shape {
                table: self.def.name.clone(),
                difference: format!("file `{}` has no bucket", view.path()),
            })?;
            let size = u64::try_from(view.size()).unwrap_or_default();
            let rows = view.num_records().map(|n| n as u64);
            files.push(LiveFile { path: view.path().into_owned(), size, rows, bucket });
        }
        files.sort_by(|a, b| (a.bucket, &a.path).cmp(&(b.bucket, &b.path)));
        Ok(files)
    }

    /// Whether the log says of every live file that all its rows were known by then (UTC microseconds).
    pub(crate) fn all_known_by(&self, time: i64) -> Result<bool, LakeError> {
        let latest = |file: LogicalFileView| crate::write::latest_of(&file.stats()?, KNOWN_AT);
        Ok(self.state()?.log_data().iter().all(|file| latest(file).is_some_and(|latest| latest <= time)))
    }

    /// Whether it has no rows.
    ///
    /// # Errors
    /// As [`Self::live_files`].
    pub fn is_empty(&self) -> Result<bool, LakeError> {
        Ok(self.live_files()?.is_empty())
    }

    /// Whether the load with this mark, or a later one of the same mapping, is in the log.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub async fn has_load(&self, mark: &LoadMark) -> Result<bool, LakeError> {
        let version = self
            .state()?
            .snapshot()
            .transaction_version(&self.delta.log_store(), &mark.app)
            .await
            .map_err(|e| LakeError::delta(&self.def.name, e))?;
        Ok(version.is_some_and(|v| v >= mark.version))
    }

    /// Adds files, in one commit. Concurrent appends both succeed.
    ///
    /// # Errors
    /// When the storage fails or too many writers came first.
    pub async fn append(&self, files: Written, mark: &LoadMark, info: serde_json::Value) -> Result<u64, LakeError> {
        let operation = DeltaOperation::Write {
            mode: SaveMode::Append,
            partition_by: Some(vec![layout::BUCKET.to_owned()]),
            predicate: None,
        };
        let actions = files.into_files().into_iter().map(Action::Add).collect();
        let marks = vec![Transaction::new(&mark.app, mark.version)];
        self.commit(actions, operation, marks, info).await
    }

    /// Replaces files by others with the same rows (`data_change` false) or fewer (true), in one commit. Fails when
    /// another writer removed one of the files meanwhile.
    ///
    /// # Errors
    /// When the storage fails or another writer was in the way.
    pub(crate) async fn replace(
        &self,
        old: &[LiveFile],
        new: Vec<Add>,
        operation: DeltaOperation,
        data_change: bool,
        now_millis: i64,
        info: serde_json::Value,
    ) -> Result<u64, LakeError> {
        let removed = old.iter().map(|f| Action::Remove(remove(f, data_change, now_millis)));
        let added = new.into_iter().map(|mut add| {
            add.data_change = data_change;
            Action::Add(add)
        });
        self.commit(removed.chain(added).collect(), operation, vec![], info).await
    }

    /// Replaces all rows by those of files that are in place, in one commit: for tables that Florin makes itself.
    ///
    /// # Errors
    /// When the storage fails or another writer was in the way.
    pub async fn overwrite(&self, files: Written, now_millis: i64, info: serde_json::Value) -> Result<u64, LakeError> {
        let version = self.overwrite_unsynced(files, now_millis, info).await?;
        self.sync_log(version)?;
        Ok(version)
    }

    /// The same, durable once [`Self::sync_log`] returned.
    pub(crate) async fn overwrite_unsynced(
        &self,
        files: Written,
        now_millis: i64,
        info: serde_json::Value,
    ) -> Result<u64, LakeError> {
        let operation = DeltaOperation::Write {
            mode: SaveMode::Overwrite,
            partition_by: Some(vec![layout::BUCKET.to_owned()]),
            predicate: None,
        };
        let old = self.live_files()?;
        let removed = old.iter().map(|f| Action::Remove(remove(f, true, now_millis)));
        let actions = removed.chain(files.into_files().into_iter().map(Action::Add)).collect();
        self.commit_unsynced(actions, operation, vec![], info).await
    }

    async fn commit(
        &self,
        actions: Vec<Action>,
        operation: DeltaOperation,
        marks: Vec<Transaction>,
        info: serde_json::Value,
    ) -> Result<u64, LakeError> {
        let version = self.commit_unsynced(actions, operation, marks, info).await?;
        self.sync_log(version)?;
        Ok(version)
    }

    async fn commit_unsynced(
        &self,
        actions: Vec<Action>,
        operation: DeltaOperation,
        marks: Vec<Transaction>,
        info: serde_json::Value,
    ) -> Result<u64, LakeError> {
        let properties = CommitProperties::default()
            .with_metadata([("florin".to_owned(), info)])
            .with_application_transactions(marks)
            .with_max_retries(COMMIT_RETRIES_MAX);
        let snapshot = self.state()?.snapshot();
        let commit = CommitBuilder::from(properties)
            .with_actions(actions)
            .build(Some(snapshot), self.delta.log_store(), operation)
            .await
            .map_err(|e| LakeError::delta(&self.def.name, e))?;
        Ok(commit.version())
    }

    /// The log store does not sync what it writes to local disk, and the ledger is about to rely on it. A summary of the log that was
    /// written after the commit is read in place of what it sums up, so it is synced too.
    pub(crate) fn sync_log(&self, version: u64) -> Result<(), LakeError> {
        let Some(lake) = self.location.local_dir() else { return Ok(()) };
        let log = lake.join(&self.def.name).join("_delta_log");
        durable::sync(&log.join(format!("{version:020}.json")))?;
        let summary =
            [format!("{version:020}.checkpoint.parquet"), "_last_checkpoint".to_owned()].map(|name| log.join(name));
        match summary[0].is_file() {
            true => summary.iter().try_for_each(|file| durable::sync(file)),
            false => Ok(()),
        }
    }

    /// The commits up to this version, newest first, as far back as the log has them one by one. Whatever was committed since it was
    /// opened is not among them.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub async fn history(&self, limit: usize) -> Result<Vec<Commit>, LakeError> {
        let mut commits = Vec::new();
        let mut next = Some(self.version());
        while let Some(version) = next.filter(|_| commits.len() < limit) {
            let Some(commit) = commit_at(&self.location, &self.def.name, version).await? else { break };
            commits.push(commit);
            next = version.checked_sub(1);
        }
        Ok(commits)
    }

    /// What tells this table from one that was made in its place.
    #[must_use]
    pub fn id(&self) -> String {
        self.delta.snapshot().map_or_else(|_| String::new(), |state| state.metadata().id().to_owned())
    }

    /// The newest version that changed rows: not one that only laid them out anew or removed old files.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub async fn data_version(&self) -> Result<u64, LakeError> {
        let mut version = self.version();
        for _ in 0..CARE_COMMITS_MAX {
            match commit_at(&self.location, &self.def.name, version).await? {
                Some(commit) if commit.keeps_rows() && version > 0 => version -= 1,
                Some(_) => return Ok(version),
                None => break,
            }
        }
        Ok(self.version())
    }

    /// Removes files that no version within the retention needs.
    ///
    /// # Errors
    /// When the storage fails.
    pub async fn vacuum(&self, retention_hours: u32, dry_run: bool) -> Result<Vec<String>, LakeError> {
        let (_, metrics) = self
            .delta
            .clone()
            .vacuum()
            .with_mode(deltalake_core::operations::vacuum::VacuumMode::Full)
            .with_retention_period(chrono::Duration::hours(i64::from(retention_hours)))
            .with_enforce_retention_duration(false)
            .with_dry_run(dry_run)
            .await
            .map_err(|e| LakeError::delta(&self.def.name, e))?;
        let mut files = metrics.files_deleted;
        files.extend(crate::narrow::vacuum(self, dry_run)?);
        files.sort();
        Ok(files)
    }

    /// The table as of an earlier version.
    ///
    /// # Errors
    /// When there is no such version, or its log is gone.
    pub async fn at_version(&self, version: u64) -> Result<Self, LakeError> {
        let mut delta = delta_table(&self.location, &self.def.name)?;
        delta.load_version(version).await.map_err(|e| LakeError::delta(&self.def.name, e))?;
        Ok(Self { delta, ..self.clone() })
    }
}

fn delta_table(location: &Location, table: &str) -> Result<DeltaTable, LakeError> {
    let url = location.table_url(table)?;
    if let Some(dir) = location.local_dir() {
        let dir = dir.join(table);
        std::fs::create_dir_all(&dir).map_err(|e| LakeError::file(&dir, e))?;
    }
    // Not by the scheme of the URL: delta's own registry knows local files only. The default log commits with a put that
    // fails when the file is there, on any store.
    let options = StorageConfig::default();
    let root = Arc::clone(location.store());
    let prefixed = options.decorate_store(Arc::clone(&root), &url).map_err(|e| LakeError::delta(table, e))?;
    Ok(DeltaTable::new(default_logstore(Arc::from(prefixed), root, &url, &options)))
}

fn buckets_property(delta: &DeltaTable, table: &str) -> Result<usize, LakeError> {
    let state = delta.snapshot().map_err(|e| LakeError::delta(table, e))?;
    let property = state.metadata().configuration().get(BUCKETS_PROPERTY).and_then(|n| n.parse().ok());
    property.ok_or_else(|| LakeError::Shape {
        table: table.to_owned(),
        difference: format!("it has no `{BUCKETS_PROPERTY}`, so it was not made by Florin"),
    })
}

fn delta_fields(def: &TableDef) -> Result<Vec<StructField>, LakeError> {
    let schema: StructType = def.schema().as_ref().try_into_kernel()?;
    let bucket = StructField::nullable(layout::BUCKET, DeltaType::Primitive(PrimitiveType::Integer));
    Ok(schema.fields().cloned().chain([bucket]).collect())
}

fn partition_values(bucket: usize) -> HashMap<String, Option<String>> {
    HashMap::from([(layout::BUCKET.to_owned(), Some(bucket.to_string()))])
}

fn remove(file: &LiveFile, data_change: bool, now_millis: i64) -> Remove {
    Remove {
        path: file.path.clone(),
        data_change,
        deletion_timestamp: Some(now_millis),
        extended_file_metadata: Some(true),
        partition_values: Some(partition_values(file.bucket)),
        size: i64::try_from(file.size).ok(),
        tags: None,
        deletion_vector: None,
        base_row_id: None,
        default_row_commit_version: None,
    }
}

/// A data file as the log records it.
pub(crate) fn add_action(path: String, size: u64, bucket: usize, stats: String, now_millis: i64) -> Add {
    Add {
        path,
        partition_values: partition_values(bucket),
        size: i64::try_from(size).unwrap_or(i64::MAX),
        modification_time: now_millis,
        data_change: true,
        stats: Some(stats),
        tags: None,
        deletion_vector: None,
        base_row_id: None,
        default_row_commit_version: None,
        clustering_provider: None,
    }
}
