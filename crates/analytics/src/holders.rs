//! Who has what: the customers of each value of an expression. What distinguishes those who converted is asked of them.

use std::{collections::BTreeMap, sync::Arc};

use arrow::array::RecordBatch;
pub use florin_journeys::distinguish::{Effect, Estimate, Found};
use florin_journeys::{Question, distinguish};
use florin_lake::Session;
use roaring::RoaringBitmap;

use crate::{
    AnalyticsError, Around, Journey, RowsDef,
    codes::{Codes, Remembered, named},
    error::setting,
    parts,
    rows::{Source, rows, text},
};

/// Values that are told apart, at most.
const VALUES_MAX: usize = 10_000;

/// Asks who has each value of an expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HoldersDef {
    /// From which rows.
    pub rows: RowsDef,
    /// The expression.
    pub value: String,
}

#[derive(Default)]
struct Part {
    values: Remembered,
    holders: Vec<RoaringBitmap>,
}

impl Part {
    fn push(&mut self, codes: &Codes, batch: &RecordBatch) -> Result<(), AnalyticsError> {
        let values = self.values.codes(codes, named(batch, "value")?)?;
        for (customer, code) in rows(batch)?.customers().iter().zip(values) {
            let place = code as usize;
            if place >= VALUES_MAX {
                continue;
            }
            if place >= self.holders.len() {
                self.holders.resize_with(place + 1, RoaringBitmap::new);
            }
            self.holders[place].extend(u32::try_from(*customer));
        }
        Ok(())
    }
}

impl Journey for HoldersDef {
    type Answer = BTreeMap<String, RoaringBitmap>;

    fn check(&self, around: &Around) -> Result<(), AnalyticsError> {
        self.sql(around).map(drop)
    }

    fn sql(&self, around: &Around) -> Result<String, AnalyticsError> {
        Ok(Source::new(&self.rows, around)?.runs(&[("value", text(&self.value))]))
    }

    async fn ask(&self, session: &Session, around: &Around) -> Result<Self::Answer, AnalyticsError> {
        let codes = Arc::new(Codes::default());
        let for_push = Arc::clone(&codes);
        let push = move |part: &mut Part, batch: &RecordBatch| part.push(&for_push, batch);
        let begin = || Ok(Part::default());
        let mut holders: BTreeMap<String, RoaringBitmap> = BTreeMap::new();
        for part in parts::read(session, &self.sql(around)?, around.threads, begin, push).await? {
            if codes.len() > VALUES_MAX {
                let wrong = format!("`{}` has more than {VALUES_MAX} values; join rare ones into one", self.value);
                return Err(setting("value", wrong));
            }
            for (code, customers) in (0u32..).zip(part.holders) {
                if let Some(name) = codes.name(code) {
                    *holders.entry(name).or_default() |= customers;
                }
            }
        }
        Ok(holders)
    }
}

/// How the converted differ from the others of a population in having each value, those that differ most surely first.
///
/// # Errors
/// When the level is not between 0 and 1.
pub fn differences(
    population: &RoaringBitmap,
    converted: &RoaringBitmap,
    holders: &BTreeMap<String, RoaringBitmap>,
    level: f64,
) -> Result<Vec<(String, Found)>, AnalyticsError> {
    let questions: Vec<Question<'_>> = holders.values().map(Question::Has).collect();
    let answers = distinguish(population, converted, &questions, level)?;
    let named = holders.keys().zip(answers).filter_map(|(name, answer)| Some((name.clone(), answer.found?)));
    let mut found: Vec<(String, Found)> = named.collect();
    found.sort_by(|a, b| a.1.q.total_cmp(&b.1.q).then_with(|| a.0.cmp(&b.0)));
    Ok(found)
}
