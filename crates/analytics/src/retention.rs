//! Retention: of those who started in a period, who came back how many periods later?

use arrow::array::RecordBatch;
use florin_journeys::retention::{Cohorts, Retention, RetentionKernel, RetentionSettings, Return};
use florin_lake::Session;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::{
    AnalyticsError, Around, Journey, PeriodDef, RowsDef,
    codes::named,
    error::setting,
    parts,
    rows::{Source, bits, narrow, rows},
};

/// A table of retention, as a bank defines it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RetentionDef {
    /// What it asks, for people.
    #[serde(default)]
    pub about: String,
    /// From which rows. For cohorts by the first time they must go back as far as "first" is to mean.
    #[serde(default)]
    pub rows: RowsDef,
    /// Which rows start, in SQL.
    pub start: String,
    /// Which rows are a return, in SQL; those that start, when absent.
    #[serde(default, rename = "return", skip_serializing_if = "Option::is_none")]
    pub returned: Option<String>,
    /// How long a period is.
    pub period: PeriodDef,
    /// A day of the first period.
    pub first: Date,
    /// How many periods.
    pub periods: usize,
    /// Which starts count.
    #[serde(default)]
    pub cohorts: CohortsDef,
    /// Which returns count.
    #[serde(default)]
    pub counts: CountsDef,
}

/// Which starts count.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CohortsDef {
    /// The first of a customer.
    #[default]
    FirstTime,
    /// Every one.
    Recurring,
}

/// Which returns count.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CountsDef {
    /// In exactly that period.
    #[default]
    On,
    /// In it or a later one.
    OnOrAfter,
}

/// What a table of retention found.
#[derive(Debug, Clone)]
pub struct RetentionAnswer {
    /// How long a period is.
    pub period: PeriodDef,
    /// Cohorts and cells, with their customers.
    pub found: Retention,
}

impl Journey for RetentionDef {
    type Answer = RetentionAnswer;

    async fn ask(&self, session: &Session, around: &Around) -> Result<RetentionAnswer, AnalyticsError> {
        let settings = self.settings(around)?;
        let begin = || Ok(RetentionKernel::new(&settings)?);
        let push = |kernel: &mut RetentionKernel, batch: &RecordBatch| {
            Ok(kernel.push(rows(batch)?, narrow(named(batch, "bits")?)?)?)
        };
        let mut whole = begin()?;
        for part in parts::read(session, &self.sql(around)?, around.threads, begin, push).await? {
            whole.merge(part);
        }
        Ok(RetentionAnswer { period: self.period, found: whole.finish() })
    }

    fn check(&self, around: &Around) -> Result<(), AnalyticsError> {
        RetentionKernel::new(&self.settings(around)?)?;
        self.sql(around).map(drop)
    }

    fn sql(&self, around: &Around) -> Result<String, AnalyticsError> {
        let returned = self.returned.as_ref().unwrap_or(&self.start);
        let conditions = [self.start.as_str(), returned.as_str()];
        // No row after the table changes it; one before may have been the first.
        let source = Source::new(&self.rows, around)?.before(self.end(around)?);
        Ok(source.meeting(&conditions).runs(&[("bits", bits(&conditions))]))
    }
}

impl RetentionDef {
    /// The first moment after the table.
    fn end(&self, around: &Around) -> Result<i64, AnalyticsError> {
        let RetentionSettings { period, first, periods, mut zone, .. } = self.settings(around)?;
        let after = i32::try_from(periods).ok().and_then(|periods| first.checked_add(periods));
        let after = after.ok_or_else(|| setting("periods", "too many"))?;
        Ok(zone.day_start(period.first_day(after)))
    }

    fn settings(&self, around: &Around) -> Result<RetentionSettings, AnalyticsError> {
        let zone = around.zone()?;
        let periods = i32::try_from(self.periods).map_err(|_| setting("periods", "too many"))?;
        let first = around.period_of(self.period, self.first)?;
        first.checked_add(periods).ok_or_else(|| setting("periods", "too many"))?;
        Ok(RetentionSettings {
            cohorts: match self.cohorts {
                CohortsDef::FirstTime => Cohorts::FirstTime,
                CohortsDef::Recurring => Cohorts::Recurring,
            },
            returns: match self.counts {
                CountsDef::On => Return::On,
                CountsDef::OnOrAfter => Return::OnOrAfter,
            },
            period: self.period.period(),
            first,
            periods: self.periods,
            zone,
            as_of: around.as_of,
        })
    }
}

impl RetentionAnswer {
    /// The first day of a cohort (from 0).
    #[must_use]
    pub fn first_day(&self, cohort: usize) -> String {
        let number = i32::try_from(cohort).ok().and_then(|cohort| self.found.first.checked_add(cohort));
        number.map_or_else(String::new, |number| self.period.first_day(number))
    }
}
