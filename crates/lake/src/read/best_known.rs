//! What is best known of a person whom several systems know.
//!
//! Each system has its own latest version of the person. Column by column, the newest of those that has a value counts:
//! what one system does not know, another may. Within one system a later version that no longer has a value says that
//! there is none, so earlier versions of the same system are not looked at.

use std::sync::Arc;

use arrow::{
    array::{Array, ArrayRef, AsArray, RecordBatch, UInt32Array},
    compute::{concat_batches, take},
    datatypes::{Int64Type, TimestampMicrosecondType},
    error::ArrowError,
};

use super::rules::changes;

/// Where a batch has what versions are told apart by.
#[derive(Debug, Clone)]
pub(crate) struct VersionColumns {
    /// What the rows are versions of; rows come in runs of equal values.
    pub(crate) latest_of: Vec<usize>,
    /// From when a version holds.
    pub(crate) valid_from: usize,
    /// The number that its customer was born with.
    pub(crate) born: usize,
}

/// Makes one row of each run of versions of a person. The last run is held back until it is known to be whole.
#[derive(Default)]
pub(crate) struct BestKnown {
    held: Option<RecordBatch>,
}

impl BestKnown {
    /// What can be let go once `batch` has come.
    pub(crate) fn push(
        &mut self,
        batch: RecordBatch,
        columns: &VersionColumns,
    ) -> Result<Option<RecordBatch>, ArrowError> {
        if batch.num_rows() == 0 {
            return Ok(None);
        }
        let batch = match self.held.take() {
            Some(held) => concat_batches(&held.schema(), [&held, &batch])?,
            None => batch,
        };
        let changes = changes(&batch, &columns.latest_of)?;
        let whole = (0..changes.len()).rev().find(|&row| changes.value(row)).map_or(0, |row| row + 1);
        self.held = Some(batch.slice(whole, batch.num_rows() - whole));
        if whole == 0 { Ok(None) } else { one_a_run(&batch.slice(0, whole), columns).map(Some) }
    }

    /// The run that was held back at the end.
    pub(crate) fn finish(&mut self, columns: &VersionColumns) -> Result<Option<RecordBatch>, ArrowError> {
        self.held.take().map(|held| one_a_run(&held, columns)).transpose()
    }
}

fn one_a_run(batch: &RecordBatch, columns: &VersionColumns) -> Result<RecordBatch, ArrowError> {
    let runs = runs(batch, columns)?;
    let best = |column: &ArrayRef| {
        let row = |versions: &Vec<u32>| {
            let known = versions.iter().find(|&&row| column.is_valid(row as usize));
            known.or(versions.first()).copied()
        };
        take(column, &runs.iter().map(row).collect::<UInt32Array>(), None)
    };
    let best: Vec<ArrayRef> = batch.columns().iter().map(best).collect::<Result<_, _>>()?;
    RecordBatch::try_new(Arc::clone(&batch.schema()), best)
}

/// Of each run the latest version of each system's customer, the newest first; of equally new ones the smaller number.
fn runs(batch: &RecordBatch, columns: &VersionColumns) -> Result<Vec<Vec<u32>>, ArrowError> {
    let changes = changes(batch, &columns.latest_of)?;
    let born = batch.column(columns.born).as_primitive::<Int64Type>();
    let valid_from = batch.column(columns.valid_from).as_primitive::<TimestampMicrosecondType>();
    let (mut runs, mut start) = (Vec::new(), 0usize);
    for end in (0..changes.len()).filter(|&row| changes.value(row)).map(|row| row + 1).chain([batch.num_rows()]) {
        let mut latest: Vec<u32> = Vec::new();
        for row in (start..end).rev() {
            let seen = latest.iter().any(|&other| born.value(other as usize) == born.value(row));
            latest.extend(u32::try_from(row).ok().filter(|_| !seen));
        }
        latest.sort_by_key(|&row| (std::cmp::Reverse(valid_from.value(row as usize)), born.value(row as usize)));
        runs.push(latest);
        start = end;
    }
    Ok(runs)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use arrow::{
        array::{Int64Array, StringArray, TimestampMicrosecondArray},
        datatypes::{DataType, Field, Schema, TimeUnit},
    };

    use super::*;

    const COLUMNS: fn() -> VersionColumns = || VersionColumns { latest_of: vec![0], valid_from: 1, born: 4 };

    /// Person, from when, region, job, number of birth.
    type Version = (i64, i64, Option<&'static str>, Option<&'static str>, i64);

    fn batch(rows: &[Version]) -> RecordBatch {
        let text = DataType::Utf8;
        let schema = Schema::new(vec![
            Field::new("person", DataType::Int64, false),
            Field::new("valid_from", DataType::Timestamp(TimeUnit::Microsecond, None), false),
            Field::new("region", text.clone(), true),
            Field::new("job", text, true),
            Field::new("born", DataType::Int64, true),
        ]);
        let columns: Vec<ArrayRef> = vec![
            Arc::new(rows.iter().map(|r| r.0).collect::<Int64Array>()),
            Arc::new(rows.iter().map(|r| Some(r.1)).collect::<TimestampMicrosecondArray>()),
            Arc::new(rows.iter().map(|r| r.2).collect::<StringArray>()),
            Arc::new(rows.iter().map(|r| r.3).collect::<StringArray>()),
            Arc::new(rows.iter().map(|r| Some(r.4)).collect::<Int64Array>()),
        ];
        RecordBatch::try_new(Arc::new(schema), columns).unwrap()
    }

    /// Person, from when, region and job of each row, however the rows were cut into batches.
    fn best(rows: &[Version], cut: usize) -> Vec<String> {
        let (mut best, mut out) = (BestKnown::default(), Vec::new());
        for part in rows.chunks(cut) {
            out.extend(best.push(batch(part), &COLUMNS()).unwrap());
        }
        out.extend(best.finish(&COLUMNS()).unwrap());
        let line = |b: &RecordBatch, i: usize| {
            let text = |c: usize| {
                let column = b.column(c).as_string::<i32>();
                if column.is_valid(i) { column.value(i).to_owned() } else { "-".to_owned() }
            };
            let number = b.column(0).as_primitive::<Int64Type>().value(i);
            let from = b.column(1).as_primitive::<TimestampMicrosecondType>().value(i);
            format!("{number} {from} {} {}", text(2), text(3))
        };
        out.iter().flat_map(|b| (0..b.num_rows()).map(move |i| line(b, i)).collect::<Vec<_>>()).collect()
    }

    #[test]
    fn each_column_has_the_newest_value_that_some_system_knows() {
        let rows: Vec<Version> = vec![
            (1, 10, Some("north"), None, 1),
            (1, 20, Some("south"), Some("baker"), 5),
            (1, 30, None, None, 7),
            (2, 10, Some("east"), None, 2),
            // One system: a value that is gone is gone.
            (3, 10, Some("west"), Some("cook"), 3),
            (3, 20, None, Some("clerk"), 3),
            // What was cleared in one system another still knows, though from before.
            (4, 10, Some("centre"), None, 8),
            (4, 20, Some("north"), None, 4),
            (4, 30, None, None, 4),
            // Equally new: the smaller number.
            (6, 10, Some("a"), None, 9),
            (6, 10, Some("b"), Some("c"), 6),
        ];
        for cut in 1..=rows.len() {
            let expected = ["1 30 south baker", "2 10 east -", "3 20 - clerk", "4 30 centre -", "6 10 b c"];
            assert_eq!(best(&rows, cut), expected, "in batches of {cut}");
        }
    }
}
