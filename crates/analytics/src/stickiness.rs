//! Stickiness: on how many days of a week (or a month) are customers active?

use arrow::array::RecordBatch;
use florin_journeys::stickiness::{Stickiness, StickinessKernel, StickinessSettings};
use florin_lake::Session;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::{
    AnalyticsError, Around, Journey, PeriodDef, RowsDef,
    codes::named,
    parts,
    rows::{Source, bits, every_row, narrow, rows},
};

/// A question about stickiness, as a bank defines it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StickinessDef {
    /// What it asks, for people.
    #[serde(default)]
    pub about: String,
    /// From which rows.
    #[serde(default)]
    pub rows: RowsDef,
    /// Which rows are activity, in SQL; all, when absent.
    #[serde(default = "every_row")]
    pub activity: String,
    /// What is counted.
    #[serde(default = "day")]
    pub active: PeriodDef,
    /// In what.
    pub within: PeriodDef,
    /// A day of the first period.
    pub first: Date,
    /// How many periods.
    pub periods: usize,
}

fn day() -> PeriodDef {
    PeriodDef::Day
}

/// How often customers are active.
#[derive(Debug, Clone)]
pub struct StickinessAnswer {
    /// How long a period is.
    pub within: PeriodDef,
    /// With the customers.
    pub found: Stickiness,
}

impl StickinessDef {
    fn kernel(&self, around: &Around) -> Result<StickinessKernel, AnalyticsError> {
        let settings = StickinessSettings {
            active: self.active.period(),
            within: self.within.period(),
            first: around.period_of(self.within, self.first)?,
            periods: self.periods,
            zone: around.zone()?,
        };
        Ok(StickinessKernel::new(&settings)?)
    }
}

impl Journey for StickinessDef {
    type Answer = StickinessAnswer;

    fn check(&self, around: &Around) -> Result<(), AnalyticsError> {
        self.kernel(around)?;
        self.sql(around).map(drop)
    }

    fn sql(&self, around: &Around) -> Result<String, AnalyticsError> {
        let activity = [self.activity.as_str()];
        Ok(Source::new(&self.rows, around)?.meeting(&activity).runs(&[("bits", bits(&activity))]))
    }

    async fn ask(&self, session: &Session, around: &Around) -> Result<StickinessAnswer, AnalyticsError> {
        let push = |kernel: &mut StickinessKernel, batch: &RecordBatch| {
            Ok(kernel.push(rows(batch)?, narrow(named(batch, "bits")?)?)?)
        };
        let mut whole = self.kernel(around)?;
        let begin = || self.kernel(around);
        for part in parts::read(session, &self.sql(around)?, around.threads, begin, push).await? {
            whole.merge(part);
        }
        Ok(StickinessAnswer { within: self.within, found: whole.finish() })
    }
}
