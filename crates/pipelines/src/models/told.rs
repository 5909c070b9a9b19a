//! Scores of one customer, with their reasons as sentences.

use arrow::array::{AsArray as _, RecordBatch};
use arrow::datatypes::{ArrowPrimitiveType, Float64Type, Int64Type, TimestampMicrosecondType};
use florin_domain::{
    CustomerId, EventTime,
    catalogue::{TS, VALID_FROM},
};
use florin_lake::OfCustomer;
use florin_models::{
    definition::{ModelDef, Task, Words},
    explain::Reason,
};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use serde::{Deserialize, Serialize};

use super::texts::word;
use crate::{
    FlowError, House,
    ask::Asking,
    bank::{MEDIAN_DAYS, score_table},
};

/// Where a text has the value of its feature, as texts of offers do.
const VALUE: &str = "{value}";
/// What stands there where there is none, or where it is told beside.
const LEFT_OPEN: &str = "…";

/// Models that are asked at the same time.
const AT_ONCE: usize = 8;
/// Of scores of texts: what one is about, and its number.
const LABEL: &str = "label";
const TEXT_ID: &str = "text_id";

/// A reason as it is kept beside a score.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct KeptReason {
    /// The feature.
    pub(crate) feature: String,
    /// Its value, as people write it.
    pub(crate) value: Option<String>,
    /// What it added to the margin.
    pub(crate) effect: f64,
}

impl From<Reason> for KeptReason {
    fn from(reason: Reason) -> Self {
        Self { feature: reason.feature, value: reason.value, effect: reason.contribution }
    }
}

/// Something said in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Told {
    /// In Chinese.
    pub zh: String,
    /// In English.
    pub en: String,
}

/// A customer's score.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CustomerScore {
    /// Of which model.
    pub model: String,
    /// What it foretells.
    pub meaning: Words,
    /// The score; nothing where the session may not see it.
    pub score: Option<f64>,
    /// Of models of times: days within which it happens to half of such customers; nothing where that lies beyond the horizon.
    pub median_days: Option<f64>,
    /// Of models of texts: what the latest text is about, and the time of it.
    pub text: Option<TextScore>,
    /// The version that scored.
    pub version: i64,
    /// The time it is as of.
    pub as_of: EventTime,
    /// Its principal reasons.
    pub reasons: Vec<Told>,
}

/// What a text is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TextScore {
    /// What was said; nothing where the session may not see it.
    pub label: Option<String>,
    /// When it was written.
    pub at: EventTime,
}

/// The scores of a customer that a session may see, by model.
///
/// # Errors
/// When the lake cannot be read.
pub async fn scores_of(asking: &Asking<'_>, customer: CustomerId) -> Result<Vec<CustomerScore>, FlowError> {
    let models = asking.house().bank.models.values().filter(|def| def.learner.task() != Task::Series);
    let seen = models.filter(|def| asking.grant().table(&score_table(&def.name)).is_some());
    let scores = stream::iter(seen.map(|def| score_of(asking, def, customer))).buffered(AT_ONCE);
    let scores: Vec<Option<CustomerScore>> = scores.try_collect().await?;
    Ok(scores.into_iter().flatten().collect())
}

/// What a model says of a customer; of texts, of the latest. Nothing where it does not know them.
async fn score_of(
    asking: &Asking<'_>,
    def: &ModelDef,
    customer: CustomerId,
) -> Result<Option<CustomerScore>, FlowError> {
    let task = def.learner.task();
    let mut columns = vec!["score", "version", "reasons", VALID_FROM];
    columns.extend((task == Task::Time).then_some(MEDIAN_DAYS));
    columns.extend((task == Task::Text).then_some(LABEL));
    columns.extend((task == Task::Text).then_some(TS));
    let order: &[_] = if task == Task::Text { &[(TS, true), (TEXT_ID, false)] } else { &[] };
    let table = score_table(&def.name);
    let asked = OfCustomer { table: &table, columns: &columns, customer, before: None, order, limit: Some(1) };
    let batches = asking.session().of_customer(&asked).await?;
    let Some(row) = batches.first() else { return Ok(None) };
    let text: Option<String> = text_in(row, "reasons")?;
    let reasons: Vec<KeptReason> = text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
    Ok(Some(CustomerScore {
        model: def.name.clone(),
        meaning: def.meaning.clone(),
        score: first::<Float64Type>(row, "score"),
        median_days: first::<Float64Type>(row, MEDIAN_DAYS),
        text: match task {
            Task::Text => Some(TextScore { label: text_in(row, LABEL)?, at: moment(row, TS) }),
            _ => None,
        },
        version: first::<Int64Type>(row, "version").unwrap_or_default(),
        as_of: moment(row, VALID_FROM),
        reasons: match task {
            Task::Text => reasons.iter().map(|reason| word(&reason.feature)).collect(),
            _ => reasons.iter().map(|reason| sentence(asking.house(), def, reason)).collect(),
        },
    }))
}

/// The value of a column in the first row; nothing where it is missing, or there is no such column.
fn first<T: ArrowPrimitiveType>(rows: &RecordBatch, column: &str) -> Option<T::Native> {
    rows.column_by_name(column)?.as_primitive_opt::<T>()?.iter().next().flatten()
}

fn moment(rows: &RecordBatch, column: &str) -> EventTime {
    EventTime(first::<TimestampMicrosecondType>(rows, column).unwrap_or_default())
}

fn text_in(rows: &RecordBatch, column: &str) -> Result<Option<String>, FlowError> {
    let Some(texts) = rows.column_by_name(column) else { return Ok(None) };
    let texts = arrow::compute::cast(texts, &arrow::datatypes::DataType::Utf8)?;
    Ok(texts.as_string::<i32>().iter().next().flatten().map(str::to_owned))
}

/// What a feature is called; a value is told beside it.
pub(super) fn called(house: &House, def: &ModelDef, feature: &str) -> Words {
    let Words { zh, en } = words_of(house, def, feature);
    Words { zh: zh.replace(VALUE, LEFT_OPEN), en: en.replace(VALUE, LEFT_OPEN) }
}

/// The definition's words for a feature, else the trait's meaning, else its name.
fn words_of(house: &House, def: &ModelDef, feature: &str) -> Words {
    if let Some(words) = def.reasons.get(feature) {
        return words.clone();
    }
    match house.bank.traits.get(feature) {
        Some(of) => Words { zh: of.meaning.zh.clone(), en: of.meaning.en.clone() },
        None => Words { zh: feature.to_owned(), en: feature.to_owned() },
    }
}

/// A reason as a sentence.
pub(super) fn sentence(house: &House, def: &ModelDef, reason: &KeptReason) -> Told {
    let unit = house.bank.traits.get(&reason.feature).and_then(|of| of.unit.clone()).filter(|unit| unit != "1");
    told(&words_of(house, def, &reason.feature), unit.as_deref(), reason)
}

/// The value stands where the words have a place for it, and behind them where they have none.
fn told(words: &Words, unit: Option<&str>, reason: &KeptReason) -> Told {
    let value = reason.value.as_deref().map(short);
    let unit = unit.map(|unit| format!(" {unit}")).unwrap_or_default();
    let with = |text: &str, none: &str, [before, behind]: [&str; 2]| match &value {
        Some(value) if text.contains(VALUE) => text.replace(VALUE, value),
        Some(value) => format!("{text}{before}{value}{unit}{behind}"),
        None => format!("{}{before}{none}{behind}", text.replace(VALUE, LEFT_OPEN)),
    };
    let (zh_way, en_way) = if reason.effect > 0.0 { ("提高", "raises") } else { ("降低", "lowers") };
    Told {
        zh: format!("{}：{zh_way}评分。", with(&words.zh, "无", ["（", "）"])),
        en: format!("{}: {en_way} the score.", with(&capital(&words.en), "none", [" (", ")"])),
    }
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

/// Numbers with three digits after the point at most.
pub(crate) fn short(value: &str) -> String {
    match value.parse::<f64>() {
        Ok(number) if value.contains('.') && number.is_finite() => {
            let rounded = format!("{number:.3}");
            rounded.trim_end_matches('0').trim_end_matches('.').to_owned()
        }
        _ => value.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_stands_where_the_words_have_a_place_for_it_whichever_way_it_moves_the_score() {
        let placed = Words { zh: "浏览{value}次".to_owned(), en: "{value} views".to_owned() };
        let plain = Words { zh: "余额".to_owned(), en: "balance".to_owned() };
        let said = |words: &Words, value: Option<&str>, effect: f64| {
            let reason = KeptReason { feature: "f".to_owned(), value: value.map(str::to_owned), effect };
            let Told { zh, en } = told(words, Some("CNY"), &reason);
            format!("{zh} {en}")
        };
        for (words, value, effect, says) in [
            (&placed, Some("3"), -0.5, "浏览3次：降低评分。 3 views: lowers the score."),
            (&placed, Some("2.50000"), 0.5, "浏览2.5次：提高评分。 2.5 views: raises the score."),
            (&placed, None, -0.5, "浏览…次（无）：降低评分。 … views (none): lowers the score."),
            (&plain, Some("7"), -0.5, "余额（7 CNY）：降低评分。 Balance (7 CNY): lowers the score."),
            (&plain, None, 0.5, "余额（无）：提高评分。 Balance (none): raises the score."),
        ] {
            assert_eq!(said(words, value, effect), says);
        }
    }
}
