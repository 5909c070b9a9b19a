//! Funnels: how many customers come how far through a sequence of steps, and who.

use std::sync::Arc;

use arrow::{
    array::{AsArray, RecordBatch},
    datatypes::{DataType, UInt8Type, UInt16Type, UInt32Type},
};
use florin_journeys::{
    Bits, Window,
    funnel::{
        Attribution, Exclusion, Funnel, FunnelKernel, FunnelRows, FunnelSettings, FunnelValue, Modes, Order, Sharing,
    },
};
pub use florin_journeys::{
    durations::{Bucket, Durations},
    funnel::{StepTimes, TrendPeriod},
};
use florin_lake::Session;
use roaring::RoaringBitmap;
use serde::{Deserialize, Serialize};

use crate::{
    AnalyticsError, Around, Journey, PeriodDef, RowsDef,
    codes::{Codes, Remembered, named},
    error::setting,
    parts,
    rows::{CONDITIONS_MAX, Source, bits, rows, text, wide},
    within,
};

/// A funnel, as a bank defines it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FunnelDef {
    /// What it asks, for people.
    #[serde(default)]
    pub about: String,
    /// From which rows.
    #[serde(default)]
    pub rows: RowsDef,
    /// In which order.
    #[serde(default)]
    pub order: OrderDef,
    /// What two steps may have in common.
    #[serde(default)]
    pub sharing: SharingDef,
    /// From the first step to any other: `14 days`, `14 natural days`, `30 min`; as long as it takes when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<String>,
    /// All steps have the same value of this expression.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hold: Option<String>,
    /// Counts for each value of this expression.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// Which value a customer goes under: `first`, `last`, `every`, or `step 2`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attribution: Option<String>,
    /// Counts for each period of entry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trend: Option<PeriodDef>,
    /// The steps, in order.
    #[serde(rename = "step")]
    pub steps: Vec<StepDef>,
    /// What must not happen between two steps.
    #[serde(default, rename = "exclude", skip_serializing_if = "Vec::is_empty")]
    pub exclusions: Vec<ExclusionDef>,
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepDef {
    /// What it is called.
    pub name: String,
    /// Which rows meet it, in SQL.
    #[serde(rename = "where")]
    pub condition: String,
    /// From the step before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<String>,
}

/// What must not happen. Steps count from 1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExclusionDef {
    /// Which rows, in SQL.
    #[serde(rename = "where")]
    pub condition: String,
    /// After this step.
    pub after: usize,
    /// Before this one.
    pub before: usize,
}

/// In which order steps must happen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderDef {
    /// One after the other, whatever happens in between.
    #[default]
    Ordered,
    /// One right after the other.
    Strict,
    /// In any order.
    Any,
    /// As ClickHouse's `windowFunnel` scans without modes.
    WindowFunnel,
}

/// What two steps may have in common.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SharingDef {
    /// A row.
    #[default]
    Row,
    /// An instant.
    Instant,
    /// Nothing.
    Nothing,
}

/// What a funnel found.
#[derive(Debug, Clone)]
pub struct FunnelAnswer {
    /// Names of the steps.
    pub steps: Vec<String>,
    /// The periods of the trend, if there is one.
    pub trend: Option<PeriodDef>,
    /// By value of the breakdown, those with most customers first; one without a breakdown.
    pub values: Vec<ValueAnswer>,
}

/// What it found for one value of the breakdown.
#[derive(Debug, Clone)]
pub struct ValueAnswer {
    /// `None` for customers without one, and without a breakdown.
    pub value: Option<String>,
    /// Customers, times and trend.
    pub found: FunnelValue,
}

struct Part {
    kernel: FunnelKernel,
    held: Remembered,
    by: Remembered,
}

struct Shared {
    held: Codes,
    by: Codes,
    holds: bool,
    breaks_down: bool,
}

impl Journey for FunnelDef {
    type Answer = FunnelAnswer;

    async fn ask(&self, session: &Session, around: &Around) -> Result<FunnelAnswer, AnalyticsError> {
        let settings = self.settings(around)?;
        let sql = self.sql(around)?;
        let shared = Arc::new(Shared {
            held: Codes::default(),
            by: Codes::default(),
            holds: self.hold.is_some(),
            breaks_down: self.by.is_some(),
        });
        let begin = || {
            let kernel = FunnelKernel::new(&settings)?;
            Ok(Part { kernel, held: Remembered::default(), by: Remembered::default() })
        };
        let for_push = Arc::clone(&shared);
        let push = move |part: &mut Part, batch: &RecordBatch| part.push(&for_push, batch);
        let parts = parts::read(session, &sql, around.threads, begin, push).await?;
        let mut whole = FunnelKernel::new(&settings)?;
        for part in parts {
            whole.merge(part.kernel)?;
        }
        Ok(self.answer(whole.finish()?, &shared))
    }

    fn check(&self, around: &Around) -> Result<(), AnalyticsError> {
        FunnelKernel::new(&self.settings(around)?)?;
        self.sql(around).map(drop)
    }

    fn sql(&self, around: &Around) -> Result<String, AnalyticsError> {
        if self.steps.is_empty() {
            return Err(setting("step", "a funnel has at least one step"));
        }
        let conditions: Vec<&str> = self.steps.iter().map(|step| step.condition.as_str()).collect();
        let excluded = self.exclusions.iter().map(|exclusion| exclusion.condition.as_str());
        let conditions: Vec<&str> = conditions.into_iter().chain(excluded).collect();
        if conditions.len() > CONDITIONS_MAX {
            return Err(setting("step", format!("steps and exclusions together are {CONDITIONS_MAX} at most")));
        }
        let mut columns = vec![("bits", bits(&conditions))];
        columns.extend(self.hold.iter().map(|hold| ("held", text(hold))));
        columns.extend(self.by.iter().map(|by| ("by_value", text(by))));
        // Right after means: no other row between, so all rows matter.
        let all_rows = self.order == OrderDef::Strict;
        let source = Source::new(&self.rows, around)?;
        Ok(if all_rows { source.runs(&columns) } else { source.meeting(&conditions).runs(&columns) })
    }
}

impl FunnelDef {
    fn settings(&self, around: &Around) -> Result<FunnelSettings, AnalyticsError> {
        let mut settings = FunnelSettings::new(self.steps.len());
        settings.order = match self.order {
            OrderDef::Ordered => Order::Ordered,
            OrderDef::Strict => Order::Strict,
            OrderDef::Any => Order::Any,
            OrderDef::WindowFunnel => Order::WindowFunnel(Modes::default()),
        };
        settings.sharing = match self.sharing {
            SharingDef::Row => Sharing::Row,
            SharingDef::Instant => Sharing::Instant,
            SharingDef::Nothing => Sharing::Nothing,
        };
        settings.window = window(self.within.as_ref())?;
        settings.step_windows = self.step_windows()?;
        settings.exclusions = self.exclusions.iter().map(ExclusionDef::exclusion).collect::<Result<_, _>>()?;
        settings.held = self.hold.is_some();
        settings.breakdown = self.by.as_ref().map(|_| self.attribution()).transpose()?;
        settings.trend = self.trend.map(PeriodDef::period);
        settings.zone = around.zone()?;
        Ok(settings)
    }

    fn step_windows(&self) -> Result<Vec<Window>, AnalyticsError> {
        if self.steps.first().is_some_and(|step| step.within.is_some()) {
            return Err(setting("step", "the first step has none before it, so no `within`"));
        }
        if self.steps.iter().all(|step| step.within.is_none()) {
            return Ok(Vec::new());
        }
        self.steps.iter().skip(1).map(|step| window(step.within.as_ref())).collect()
    }

    fn attribution(&self) -> Result<Attribution, AnalyticsError> {
        let wrong = |text: &str| setting("attribution", format!("`{text}` is none of: first, last, every, step N"));
        match self.attribution.as_deref().unwrap_or("first") {
            "first" => Ok(Attribution::First),
            "last" => Ok(Attribution::Last),
            "every" => Ok(Attribution::Every),
            text => {
                let step = text.strip_prefix("step ").and_then(|n| n.trim().parse::<usize>().ok());
                let step = step.and_then(|n| n.checked_sub(1)).ok_or_else(|| wrong(text))?;
                Ok(Attribution::Step(step))
            }
        }
    }

    fn answer(&self, found: Funnel, shared: &Shared) -> FunnelAnswer {
        let value = |found: FunnelValue| ValueAnswer { value: found.code.and_then(|code| shared.by.name(code)), found };
        let mut values: Vec<ValueAnswer> = found.values.into_iter().map(value).collect();
        let entered = |v: &ValueAnswer| std::cmp::Reverse(v.found.counts().first().copied());
        values.sort_by(|a, b| entered(a).cmp(&entered(b)).then_with(|| a.value.cmp(&b.value)));
        FunnelAnswer { steps: self.steps.iter().map(|s| s.name.clone()).collect(), trend: self.trend, values }
    }
}

impl ExclusionDef {
    fn exclusion(&self) -> Result<Exclusion, AnalyticsError> {
        let place = |step: usize| step.checked_sub(1).ok_or_else(|| setting("exclude", "steps count from 1"));
        Ok(Exclusion { after: place(self.after)?, before: place(self.before)? })
    }
}

impl FunnelAnswer {
    /// Who of a value (all, when there is no breakdown) reached a step, from 1.
    #[must_use]
    pub fn reached(&self, value: Option<&str>, step: usize) -> Option<RoaringBitmap> {
        let step = step.checked_sub(1).filter(|step| *step < self.steps.len())?;
        Some(self.of(value)?.found.reached(step))
    }

    /// Who reached the step before a step, from 2, and not the step itself.
    #[must_use]
    pub fn dropped(&self, value: Option<&str>, step: usize) -> Option<RoaringBitmap> {
        let step = step.checked_sub(1).filter(|step| *step > 0 && *step < self.steps.len())?;
        Some(self.of(value)?.found.dropped(step))
    }

    fn of(&self, value: Option<&str>) -> Option<&ValueAnswer> {
        self.values.iter().find(|answer| answer.value.as_deref() == value)
    }
}

fn window(text: Option<&String>) -> Result<Window, AnalyticsError> {
    text.map_or(Ok(Window::Unbounded), |text| within::window(text))
}

impl Part {
    fn push(&mut self, shared: &Shared, batch: &RecordBatch) -> Result<(), AnalyticsError> {
        let held = match shared.holds {
            true => Some(self.held.codes(&shared.held, named(batch, "held")?)?),
            false => None,
        };
        let by = match shared.breaks_down {
            true => Some(self.by.codes(&shared.by, named(batch, "by_value")?)?),
            false => None,
        };
        let (held, by) = (held.as_deref(), by.as_deref());
        let bits = named(batch, "bits")?;
        match bits.data_type() {
            DataType::UInt8 => self.push_bits(batch, bits.as_primitive::<UInt8Type>().values(), held, by),
            DataType::UInt16 => self.push_bits(batch, bits.as_primitive::<UInt16Type>().values(), held, by),
            DataType::UInt32 => self.push_bits(batch, bits.as_primitive::<UInt32Type>().values(), held, by),
            _ => self.push_bits(batch, &wide(bits)?, held, by),
        }
    }

    fn push_bits<M: Bits>(
        &mut self,
        batch: &RecordBatch,
        bits: &[M],
        held: Option<&[u32]>,
        by: Option<&[u32]>,
    ) -> Result<(), AnalyticsError> {
        let rows = FunnelRows { rows: rows(batch)?, bits, held, by };
        Ok(self.kernel.push(&rows)?)
    }
}
