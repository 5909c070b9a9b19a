//! Association rules: who has these has that, more often than chance says.

use std::sync::Arc;

use arrow::array::RecordBatch;
pub use florin_journeys::rules::AssociationRule;
use florin_journeys::rules::{ITEMS_MAX, RuleKernel, RuleSettings, Rules};
use florin_lake::Session;
use serde::{Deserialize, Serialize};

use crate::{
    AnalyticsError, Around, Journey, RowsDef,
    codes::{Codes, Remembered, named},
    parts,
    rows::{Source, rows, text},
};

/// A question about what goes together, as a bank defines it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RulesDef {
    /// What it asks, for people.
    #[serde(default)]
    pub about: String,
    /// From which rows.
    #[serde(default)]
    pub rows: RowsDef,
    /// What customers have: an expression.
    pub item: String,
    /// Fewest customers who have all of a rule.
    #[serde(default = "support")]
    pub customers_min: u64,
    /// Least share of those with the first part who have the second.
    #[serde(default = "confidence")]
    pub confidence_min: f64,
    /// Most items of a rule.
    #[serde(default = "items")]
    pub items_max: usize,
}

fn support() -> u64 {
    30
}

fn confidence() -> f64 {
    0.2
}

fn items() -> usize {
    3
}

/// What goes together.
#[derive(Debug, Clone)]
pub struct RulesAnswer {
    /// The rules, the strongest first, and who has what.
    pub found: Rules,
    codes: Arc<Codes>,
}

impl RulesAnswer {
    /// Names of items.
    #[must_use]
    pub fn names(&self, items: &[u32]) -> Vec<String> {
        items.iter().filter_map(|item| self.codes.name(*item)).collect()
    }
}

struct Part {
    kernel: RuleKernel,
    items: Remembered,
}

impl RulesDef {
    fn kernel(&self) -> Result<RuleKernel, AnalyticsError> {
        let Self { customers_min: support_min, confidence_min, items_max, .. } = *self;
        Ok(RuleKernel::new(&RuleSettings { support_min, confidence_min, items_max })?)
    }
}

impl Journey for RulesDef {
    type Answer = RulesAnswer;

    fn check(&self, around: &Around) -> Result<(), AnalyticsError> {
        self.kernel()?;
        self.sql(around).map(drop)
    }

    fn sql(&self, around: &Around) -> Result<String, AnalyticsError> {
        Ok(Source::new(&self.rows, around)?.runs(&[("item", text(&self.item))]))
    }

    async fn ask(&self, session: &Session, around: &Around) -> Result<RulesAnswer, AnalyticsError> {
        let source = Source::new(&self.rows, around)?;
        let codes = Arc::new(Codes::sorted(session, &source, &self.item, ITEMS_MAX).await?);
        let begin = || Ok(Part { kernel: self.kernel()?, items: Remembered::default() });
        let for_push = Arc::clone(&codes);
        let push = move |part: &mut Part, batch: &RecordBatch| {
            let items = part.items.codes(&for_push, named(batch, "item")?)?;
            Ok(part.kernel.push(rows(batch)?, &items)?)
        };
        let mut whole = self.kernel()?;
        for part in parts::read(session, &self.sql(around)?, around.threads, begin, push).await? {
            whole.merge(part.kernel)?;
        }
        Ok(RulesAnswer { found: whole.finish()?, codes })
    }
}
