//! A snapshot as a plain Parquet scan of its live files.

use std::{collections::BTreeSet, sync::Arc};

use arrow::{compute::SortOptions, datatypes::SchemaRef};
use datafusion::{
    catalog::Session as EngineSession,
    common::{DFSchema, Result, ScalarValue, Statistics, config::TableParquetOptions, stats::Precision},
    datasource::{
        listing::PartitionedFile,
        object_store::ObjectStoreUrl,
        physical_plan::{FileGroup, FileScanConfigBuilder, ParquetSource, parquet::CachedParquetFileReaderFactory},
        source::DataSourceExec,
    },
    logical_expr::{Expr, Operator, expr::InList, utils::conjunction},
    physical_expr::{LexOrdering, Partitioning, PhysicalExpr, PhysicalSortExpr, expressions::Column},
    physical_plan::ExecutionPlan,
};
use florin_domain::TableDef;

use crate::{LakeError, LakeTable, layout};

/// A Parquet scan, and what is known of it.
pub(super) struct FileScan {
    pub(super) plan: Arc<dyn ExecutionPlan>,
    /// Whether each partition holds one bucket's files and comes in the table's order.
    pub(super) in_order: bool,
}

/// What filters do in a scan, beside choosing which pages are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Filtering {
    /// Nothing: rows that do not pass may still come.
    Pages,
    /// They are looked at first, and of rows that do not pass nothing else is read: for questions that few rows of a page answer.
    Rows,
}

/// Scans `columns` (of [`layout::read_schema`]) of the live files, one bucket a partition.
pub(super) fn scan_files(
    table: &LakeTable,
    columns: &[usize],
    filters: &[Expr],
    filtering: Filtering,
    session: &dyn EngineSession,
) -> Result<FileScan> {
    let def = table.def();
    let schema = layout::read_schema(def);
    let groups = file_groups(table, &wanted_buckets(table, filters))?;
    let in_order = groups.iter().all(|g| g.len() <= 1);
    let mut options = TableParquetOptions::default();
    options.global.clone_from(&session.config_options().execution.parquet);
    let predicate = predicate(filters, &schema, session)?;
    let footers = session.runtime_env().cache_manager.get_file_metadata_cache();
    let reading = CachedParquetFileReaderFactory::new(Arc::clone(table.location().store()), footers);
    let mut source = ParquetSource::new(Arc::clone(&schema))
        .with_table_parquet_options(options)
        .with_pushdown_filters(filtering == Filtering::Rows)
        .with_parquet_file_reader_factory(Arc::new(reading));
    if let Some(predicate) = predicate {
        source = source.with_predicate(predicate);
    }
    let rows: Option<usize> = groups.iter().flat_map(FileGroup::files).map(rows_of).sum();
    let mut statistics = Statistics::new_unknown(&schema);
    statistics.num_rows = rows.map_or(Precision::Absent, Precision::Exact);
    // A file stays in the partition of its bucket: versions are compared, and buckets declared, partition by partition.
    let partitioning = by_bucket(def, &schema, groups.len());
    let mut config = FileScanConfigBuilder::new(store_url(table)?, Arc::new(source))
        .with_file_groups(groups)
        .with_preserve_order(true)
        .with_output_partitioning(partitioning)
        .with_statistics(statistics);
    if in_order && let Some(order) = file_order(def, &schema)? {
        config = config.with_output_ordering(vec![order]);
    }
    let config = config.with_projection_indices(Some(columns.to_vec()))?.build();
    Ok(FileScan { plan: DataSourceExec::from_data_source(config), in_order })
}

/// All filters as one condition.
fn predicate(
    filters: &[Expr],
    schema: &SchemaRef,
    session: &dyn EngineSession,
) -> Result<Option<Arc<dyn PhysicalExpr>>> {
    let Some(filter) = conjunction(filters.to_vec()) else { return Ok(None) };
    let schema = DFSchema::try_from(schema.as_ref().clone())?;
    session.create_physical_expr(filter, &schema).map(Some)
}

fn by_bucket(def: &TableDef, schema: &SchemaRef, partitions: usize) -> Option<Partitioning> {
    let name = def.bucket_column()?;
    let column = Column::new(name, schema.index_of(name).ok()?);
    Some(Partitioning::Hash(vec![Arc::new(column)], partitions))
}

fn rows_of(file: &PartitionedFile) -> Option<usize> {
    file.statistics.as_ref().and_then(|s| s.num_rows.get_value().copied())
}

/// One group a bucket; a bucket without files has none. Where there is no file at all there is one group without any: a
/// plan has a partition.
fn file_groups(table: &LakeTable, wanted: &BTreeSet<usize>) -> Result<Vec<FileGroup>> {
    let mut groups: Vec<(usize, Vec<PartitionedFile>)> = Vec::new();
    for file in table.live_files().map_err(external)? {
        if !wanted.contains(&file.bucket) {
            continue;
        }
        let path = table.object_path(&file.path).map_err(external)?;
        let mut part = PartitionedFile::new(path.as_ref(), file.size);
        // The path is one already: parsing it again would decode it twice.
        part.object_meta.location = path;
        if let Some(rows) = file.rows {
            let mut statistics = Statistics::new_unknown(&layout::read_schema(table.def()));
            statistics.num_rows = Precision::Exact(usize::try_from(rows).unwrap_or(usize::MAX));
            part = part.with_statistics(Arc::new(statistics));
        }
        match groups.last_mut() {
            Some((bucket, files)) if *bucket == file.bucket => files.push(part),
            _ => groups.push((file.bucket, vec![part])),
        }
    }
    if groups.is_empty() {
        groups.push((0, Vec::new()));
    }
    Ok(groups.into_iter().map(|(_, files)| FileGroup::new(files)).collect())
}

/// The buckets that can hold rows passing `filters`: all, or those of the ids that the bucket column must equal.
fn wanted_buckets(table: &LakeTable, filters: &[Expr]) -> BTreeSet<usize> {
    let all = || (0..table.buckets()).collect();
    let Some(column) = table.def().bucket_column() else { return all() };
    let Some(ids) = filters.iter().find_map(|f| required_ids(f, column)) else { return all() };
    ids.into_iter().map(|id| layout::bucket_of(id, table.buckets())).collect()
}

/// The ids of `column = 17`, `column in (1, 2)` and `column is null` (that of rows without one), and of several of these with `or`.
pub(super) fn required_ids(filter: &Expr, column: &str) -> Option<Vec<i64>> {
    match filter {
        Expr::BinaryExpr(binary) if binary.op == Operator::Or => {
            Some([required_ids(&binary.left, column)?, required_ids(&binary.right, column)?].concat())
        }
        Expr::BinaryExpr(binary) if binary.op == Operator::Eq => match (&*binary.left, &*binary.right) {
            (Expr::Column(c), value) | (value, Expr::Column(c)) if c.name == column => Some(vec![integer(value)?]),
            _ => None,
        },
        Expr::IsNull(of) => matches!(&**of, Expr::Column(c) if c.name == column).then(|| vec![layout::NO_ID]),
        Expr::InList(InList { expr, list, negated: false }) => match &**expr {
            Expr::Column(c) if c.name == column => list.iter().map(integer).collect(),
            _ => None,
        },
        _ => None,
    }
}

fn integer(value: &Expr) -> Option<i64> {
    match value {
        Expr::Literal(ScalarValue::Int64(Some(id)), _) => Some(*id),
        _ => None,
    }
}

/// The order inside every file, over the columns of `schema`; `None` when a column of it is not there.
pub(crate) fn file_order(def: &TableDef, schema: &SchemaRef) -> Result<Option<LexOrdering>> {
    let columns = def.sort_columns();
    let sort = |name: &&str| Some(sort_by(name, schema.index_of(name).ok()?));
    Ok(LexOrdering::new(columns.iter().map_while(sort)))
}

/// Ascending, missing values last: as files are written, and as SQL sorts unless told otherwise.
pub(super) fn sort_by(name: &str, index: usize) -> PhysicalSortExpr {
    let options = SortOptions { descending: false, nulls_first: false };
    PhysicalSortExpr::new(Arc::new(Column::new(name, index)), options)
}

fn store_url(table: &LakeTable) -> Result<ObjectStoreUrl> {
    store_url_of(table.location())
}

/// The part of a location's URL that names the store.
pub(crate) fn store_url_of(location: &crate::Location) -> Result<ObjectStoreUrl> {
    let url = location.url();
    match url.host_str() {
        Some(host) => ObjectStoreUrl::parse(format!("{}://{host}", url.scheme())),
        None => ObjectStoreUrl::parse(format!("{}://", url.scheme())),
    }
}

pub(super) fn external(error: LakeError) -> datafusion::error::DataFusionError {
    datafusion::error::DataFusionError::External(Box::new(error))
}
