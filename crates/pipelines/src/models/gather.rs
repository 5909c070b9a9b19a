//! Features of customers from one session: each trait asked on its own and put beside the customers, with no join.

use arrow::{
    array::{ArrayRef, AsArray as _, RecordBatch},
    compute::cast,
    datatypes::{DataType, Int64Type},
};
use florin_domain::catalogue::CUSTOMER_ID;
use florin_lake::{LakeError, QueryOutput, Session};

use super::grown::{Growing, Places};
use crate::FlowError;

/// What is asked of a session.
pub(super) struct Features<'d> {
    /// Traits that are features.
    pub(super) traits: &'d [String],
    /// A query that gives more.
    pub(super) sql: Option<&'d str>,
    /// Features of the query that are left out.
    pub(super) without: &'d (dyn Fn(&str) -> bool + Sync),
}

/// The customers that a query gives, ascending, each once.
pub(crate) fn customers(batches: &[RecordBatch], what: &str) -> Result<Vec<i64>, FlowError> {
    let mut found = Vec::new();
    for batch in batches {
        found.extend(ids(batch, what)?.into_iter().flatten());
    }
    found.sort_unstable();
    found.dedup();
    Ok(found)
}

/// Puts the features of these customers behind the rows so far.
pub(super) async fn gather(
    session: &Session,
    features: &Features<'_>,
    population: &[i64],
    growing: &mut Growing,
    first: usize,
) -> Result<(), FlowError> {
    let places = Places::of(population);
    growing.extend(places.count());
    for name in features.traits {
        let at = growing.position(name);
        let sql = format!("select {CUSTOMER_ID}, value from \"traits\".\"{name}\"");
        let output = session.sql(&sql).await?;
        each(output, |batch| {
            let rows = rows(batch, &places, name)?;
            growing.put(at, first, &rows, batch.column(1))
        })
        .await?;
    }
    if let Some(sql) = features.sql {
        put_query(session.sql(sql).await?, features, &places, growing, first).await?;
    }
    Ok(())
}

async fn put_query(
    output: QueryOutput,
    features: &Features<'_>,
    places: &Places,
    growing: &mut Growing,
    first: usize,
) -> Result<(), FlowError> {
    let mut seen = vec![false; places.count()];
    each(output, |batch| {
        let rows = rows(batch, places, "the features' query")?;
        for row in rows.iter().flatten() {
            if std::mem::replace(&mut seen[*row], true) {
                let what = "the features' query gives a customer more than one row; group by `customer_id`";
                return Err(FlowError::Model(what.to_owned()));
            }
        }
        for (field, values) in batch.schema_ref().fields().iter().zip(batch.columns()) {
            let name = field.name();
            if name != CUSTOMER_ID && !(features.without)(name) {
                let at = growing.position(name);
                growing.put(at, first, &rows, values)?;
            }
        }
        Ok(())
    })
    .await
}

/// Where each row's customer stands.
fn rows(batch: &RecordBatch, places: &Places, what: &str) -> Result<Vec<Option<usize>>, FlowError> {
    Ok(ids(batch, what)?.into_iter().map(|id| id.and_then(|id| places.get(id))).collect())
}

/// The customers of a batch.
pub(crate) fn ids(batch: &RecordBatch, what: &str) -> Result<Vec<Option<i64>>, FlowError> {
    let found: Option<&ArrayRef> = batch.column_by_name(CUSTOMER_ID);
    let found = found.ok_or_else(|| FlowError::Model(format!("{what} gives no column `{CUSTOMER_ID}`")))?;
    let found = cast(found, &DataType::Int64)?;
    Ok(found.as_primitive::<Int64Type>().iter().collect())
}

/// Hands on every batch as it comes.
pub(crate) async fn each(
    output: QueryOutput,
    mut take: impl FnMut(&RecordBatch) -> Result<(), FlowError>,
) -> Result<(), FlowError> {
    use futures::StreamExt as _;
    let mut batches = output.batches;
    while let Some(batch) = batches.next().await {
        let batch: Result<RecordBatch, LakeError> = batch;
        take(&batch?)?;
    }
    Ok(())
}
