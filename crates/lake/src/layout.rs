//! How rows lie in files: buckets, sort order, encodings.
//!
//! A table about customers has a fixed number of hash buckets, a partition column of the Delta table that queries do not
//! see. All rows of one customer lie in one bucket; every file is sorted by [`TableDef::sort_columns`]. A customer's
//! history is then one run of rows, and grouping by customer needs no shuffle and no hash table.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use florin_domain::{
    ColumnType, TableDef,
    catalogue::{CUSTOMER_ID, RECOMMENDATIONS, SCORES, TRAITS},
};
use parquet::{
    basic::{Compression, Encoding},
    file::properties::{EnabledStatistics, WriterProperties, WriterVersion},
    schema::types::ColumnPath,
};

/// The partition column of every table in the lake.
pub(crate) const BUCKET: &str = "bucket";

/// Rows of a row group: large enough to scan fast, small enough to prune by.
pub(crate) const ROW_GROUP_ROWS: usize = 1 << 20;
/// Rows of a page: what one customer's history costs to read at least.
const PAGE_ROWS: usize = 20_000;

/// What rows without an id are put in a bucket by.
pub(crate) const NO_ID: i64 = 0;

/// The bucket of a row, stable for ever: files in the lake rely on it. (The finaliser of `SplitMix64`; rows without an id
/// are where the id 0 would be.)
#[must_use]
pub fn bucket_of(id: i64, buckets: usize) -> usize {
    let mut x = id.cast_unsigned().wrapping_add(0x9E37_79B9_7F4A_7C15);
    x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    x ^= x >> 31;
    usize::try_from(x % buckets.max(1) as u64).unwrap_or_default()
}

/// How many buckets a table has: one when its rows have nothing to be bucketed by, or are one a customer and made anew each time.
pub(crate) fn buckets_of(table: &TableDef, buckets: usize) -> usize {
    if table.bucket_column().is_some() && !is_trait(table) { buckets.max(1) } else { 1 }
}

/// Whether a table is the values of a trait, the scores of a model or recommendations, which are laid out alike.
fn is_trait(table: &TableDef) -> bool {
    table.name.split_once('.').is_some_and(|(schema, _)| [TRAITS, SCORES, RECOMMENDATIONS].contains(&schema))
}

/// Whether the values of a column are packed as differences. Customers of a trait are each there once, in order, and sums of money
/// differ: a dictionary of either would be as long as the column.
fn is_packed(table: &TableDef, column: &str, ty: ColumnType) -> bool {
    let in_trait = is_trait(table) && (column == CUSTOMER_ID || ty == ColumnType::Decimal);
    ty == ColumnType::Timestamp || column == "row_number" || in_trait
}

/// The schema queries see: as stored, with text as views, which the engine compares and groups faster.
#[must_use]
pub fn read_schema(table: &TableDef) -> SchemaRef {
    let fields: Vec<Field> = table.schema().fields().iter().map(|f| as_view(f)).collect();
    Arc::new(Schema::new(fields))
}

fn as_view(field: &Field) -> Field {
    match field.data_type() {
        DataType::Utf8 => field.clone().with_data_type(DataType::Utf8View),
        _ => field.clone(),
    }
}

/// What decides how a column of a table is written, other than its name and type.
pub(crate) fn how(table: &TableDef, column: &str) -> (bool, bool) {
    let is_key = table.key.iter().any(|key| key == column) && table.bucket_column() != Some(column);
    (is_key, is_trait(table))
}

/// How columns are written. LZ4, because scans are read far more often than stored; times and row numbers packed as
/// differences; text and small domains by dictionary; keyed ids, which are random, as they are. What LZ4 cannot make
/// smaller (differences packed by bits, random ids) is not passed through it: reading would undo it for nothing.
///
/// What they are for a column follows from [`how`].
pub(crate) fn writer_properties(table: &TableDef) -> WriterProperties {
    let mut properties = WriterProperties::builder()
        .set_writer_version(WriterVersion::PARQUET_1_0)
        .set_compression(Compression::LZ4_RAW)
        .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
        .set_data_page_row_count_limit(PAGE_ROWS)
        .set_statistics_enabled(EnabledStatistics::Page)
        .set_created_by("florin".to_owned());
    let random_ids = table.key.iter().filter(|k| table.bucket_column() != Some(k.as_str()));
    for id in random_ids {
        if table.column(id).is_some_and(|c| c.ty == ColumnType::Int) {
            let path = ColumnPath::from(id.as_str());
            properties = properties
                .set_column_dictionary_enabled(path.clone(), false)
                .set_column_compression(path, Compression::UNCOMPRESSED);
        }
    }
    for column in table.all_columns() {
        if is_trait(table) && column.ty == ColumnType::Float {
            properties = properties.set_column_dictionary_enabled(ColumnPath::from(column.name.as_str()), false);
        }
        if is_packed(table, &column.name, column.ty) {
            let path = ColumnPath::from(column.name.as_str());
            properties = properties
                .set_column_dictionary_enabled(path.clone(), false)
                .set_column_encoding(path.clone(), Encoding::DELTA_BINARY_PACKED)
                .set_column_compression(path, Compression::UNCOMPRESSED);
        }
    }
    properties.build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_never_move() {
        let buckets: Vec<usize> = [0, 1, 2, 3, 17, i64::MAX].iter().map(|&id| bucket_of(id, 16)).collect();
        assert_eq!(buckets, BUCKETS_OF_16, "files in existing lakes rely on these numbers");
    }

    const BUCKETS_OF_16: [usize; 6] = [15, 1, 14, 13, 3, 7];

    #[test]
    fn dense_customers_spread_evenly() {
        let mut counts = [0usize; 16];
        for id in 1..=16_000 {
            counts[bucket_of(id, 16)] += 1;
        }
        assert!(counts.iter().all(|&n| (900..1100).contains(&n)), "{counts:?}");
    }
}
