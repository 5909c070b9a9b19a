//! Rhythm: at which hours of the week are customers active?

use arrow::array::RecordBatch;
pub use florin_journeys::rhythm::Rhythm;
use florin_journeys::rhythm::RhythmKernel;
use florin_lake::Session;
use serde::{Deserialize, Serialize};

use crate::{
    AnalyticsError, Around, Journey, RowsDef,
    codes::named,
    parts,
    rows::{Source, bits, every_row, narrow, rows},
};

/// A question about rhythm, as a bank defines it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RhythmDef {
    /// What it asks, for people.
    #[serde(default)]
    pub about: String,
    /// From which rows.
    #[serde(default)]
    pub rows: RowsDef,
    /// Which rows are activity, in SQL; all, when absent.
    #[serde(default = "every_row")]
    pub activity: String,
}

impl Journey for RhythmDef {
    type Answer = Rhythm;

    fn check(&self, around: &Around) -> Result<(), AnalyticsError> {
        self.sql(around).map(drop)
    }

    fn sql(&self, around: &Around) -> Result<String, AnalyticsError> {
        let activity = [self.activity.as_str()];
        Ok(Source::new(&self.rows, around)?.meeting(&activity).runs(&[("bits", bits(&activity))]))
    }

    async fn ask(&self, session: &Session, around: &Around) -> Result<Rhythm, AnalyticsError> {
        let push = |kernel: &mut RhythmKernel, batch: &RecordBatch| {
            Ok(kernel.push(rows(batch)?, narrow(named(batch, "bits")?)?)?)
        };
        let zone = around.zone()?;
        let mut whole = RhythmKernel::new(zone.clone());
        let begin = || Ok(RhythmKernel::new(zone.clone()));
        for part in parts::read(session, &self.sql(around)?, around.threads, begin, push).await? {
            whole.merge(part);
        }
        Ok(whole.finish())
    }
}
