//! What was said of texts before, so that only those that are new are read.

use std::collections::HashMap;

use arrow::{
    array::AsArray as _,
    compute::cast,
    datatypes::{DataType, Float64Type, Int64Type, TimeUnit, TimestampMicrosecondType},
};
use florin_models::definition::ModelDef;
use florin_store::ModelVersion;

use super::{
    super::{gather::each, kept::kept_of},
    gather::TextRow,
};
use crate::{FlowError, House, bank::Seat, traits::Profiling};

/// What a version said of a text.
pub(super) struct Known {
    /// Of the text as it was read.
    digest: i64,
    pub(super) label: String,
    pub(super) chance: f64,
    pub(super) reasons: String,
}

/// What is known, by what tells texts apart and their times.
#[derive(Default)]
pub(super) struct KnownTexts(HashMap<(String, i64), Known>);

/// A text as a number: only equality counts.
pub(in super::super) fn digest(text: &str) -> i64 {
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&blake3::hash(text.as_bytes()).as_bytes()[..8]);
    i64::from_le_bytes(bytes)
}

impl KnownTexts {
    /// What the same version said at its last scoring; nothing, when another did, or it is of a later time than the session stands at.
    pub(super) async fn of(
        house: &House,
        profiling: &Profiling<'_>,
        (def, seat): (&ModelDef, Seat),
        version: &ModelVersion,
    ) -> Result<Self, FlowError> {
        let mut found = HashMap::new();
        let of_version = kept_of(house, &def.name, seat).await?.is_some_and(|kept| kept.content == version.content);
        if !of_version || house.lake.table(&seat.table(&def.name)).await?.is_none() {
            return Ok(Self(found));
        }
        let table = seat.table(&def.name).replace('.', ".\"");
        let sql = format!("select text_id, ts, label, score, reasons, row_number from {table}\"");
        each(profiling.session().sql(&sql).await?, |batch| {
            let text = |at: usize| cast(batch.column(at), &DataType::Utf8);
            let (ids, labels, reasons) = (text(0)?, text(2)?, text(4)?);
            let times = cast(batch.column(1), &DataType::Timestamp(TimeUnit::Microsecond, None))?;
            let (chances, digests) = (batch.column(3).as_primitive::<Float64Type>(), batch.column(5));
            let (times, digests) =
                (times.as_primitive::<TimestampMicrosecondType>(), digests.as_primitive::<Int64Type>());
            for row in 0..batch.num_rows() {
                let at = |values: &arrow::array::ArrayRef| values.as_string::<i32>().value(row).to_owned();
                let known = Known {
                    digest: digests.value(row),
                    label: at(&labels),
                    chance: chances.value(row),
                    reasons: at(&reasons),
                };
                found.insert((at(&ids), times.value(row)), known);
            }
            Ok(())
        })
        .await?;
        Ok(Self(found))
    }

    /// What was said of a text; nothing, when it was not there, or read otherwise.
    pub(super) fn take(&mut self, row: &TextRow) -> Option<Known> {
        let known = self.0.remove(&(row.id.clone(), row.time))?;
        (known.digest == digest(&row.text)).then_some(known)
    }
}
