//! `florin evaluate`: a registered version on what has happened since.

use florin_domain::{EventTime, Purpose};
use florin_models::{
    DataSet,
    definition::{Source, Task},
    evaluation::Headline,
};
use florin_store::{ModelState, ModelVersion};
use serde::Serialize;

use super::{
    dataset::{Rows, Wanted, at_dates},
    dates::{Dated, dated, day},
    defined,
    drift::Drifted,
    flat::of_table,
    judge::{Judged, judge},
    known::Made,
    odd,
    purpose::purpose_of,
    registry::{pick, versions},
    score::fitted,
    series, texts,
    train::label,
    wrong,
};
use crate::{FlowError, House, load::Progress};

/// How good a version is on other rows.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Evaluated {
    /// Of which model.
    pub name: String,
    /// Which version.
    pub version: u32,
    /// Where it stands.
    pub state: ModelState,
    /// Rows by date.
    pub dates: Vec<(String, usize)>,
    /// How good it is on them.
    pub judged: Judged,
    /// How good it was on its own test, when it was trained.
    pub headline_then: Headline,
    /// How far scores and features are from training, the farthest first.
    pub drift: Vec<Drifted>,
}

/// Evaluates a version (the champion; without one, the newest) at dates (the latest whose horizon is over, when none is named), or over a flat table as it is
/// now.
///
/// # Errors
/// As [`super::train()`].
pub async fn evaluate(
    house: &House,
    name: &str,
    version: Option<u32>,
    at: &[String],
    known_by: Option<EventTime>,
    purpose: Option<Purpose>,
    progress: &dyn Progress,
) -> Result<Evaluated, FlowError> {
    let versions = versions(house, name).await?;
    let found = pick(name, &versions, version, &[ModelState::Champion])
        .or_else(|_| pick(name, &versions, version, &ModelState::ALL))?;
    let asked = AskedOf { at, known_by, purpose };
    Ok(evaluated(house, found, &asked, progress).await?.0)
}

/// On which rows a version is judged.
pub(super) struct AskedOf<'a> {
    pub(super) at: &'a [String],
    pub(super) known_by: Option<EventTime>,
    pub(super) purpose: Option<Purpose>,
}

/// Each row's score and label, in an order that the version does not change.
pub(super) type Rated = (Vec<f64>, Vec<Option<f64>>);

/// How good a version is, and of rows of customers or of a flat table what it says of each.
pub(super) async fn evaluated(
    house: &House,
    found: &ModelVersion,
    asked: &AskedOf<'_>,
    progress: &dyn Progress,
) -> Result<(Evaluated, Option<Rated>), FlowError> {
    let (name, at) = (&found.name, asked.at);
    let def = defined(house, name)?;
    let made = Made::of(found)?;
    let known_by = asked.known_by.unwrap_or_else(|| house.now());
    let wanted = Wanted { def, purpose: purpose_of(house, def, asked.purpose)?, known_by };
    let told = |judged, dates, drift| Evaluated {
        name: name.clone(),
        version: found.version,
        state: found.state,
        dates,
        judged,
        headline_then: made.headline(),
        drift,
    };
    let rows = match &def.source {
        Source::Texts { .. } => {
            let (judged, drift, dates) = texts::evaluate(house, &wanted, &made, &found.bytes, at).await?;
            return Ok((told(judged, dates, drift), None));
        }
        Source::Series { .. } => {
            let (judged, dates) = series::evaluate(house, &wanted, at, progress).await?;
            return Ok((told(judged, dates, Vec::new()), None));
        }
        Source::Lake { horizon_days, .. } => {
            let dates = dates(house, name, at, *horizon_days, known_by)?;
            at_dates(house, &wanted, &dates, 0, progress).await?
        }
        Source::Table { .. } => of_table(house, &wanted, progress).await?,
    };
    let model = house.kept_model(name, &found.bytes)?;
    let Rows { frame, labels: found_labels, seen, dates, treated, .. } = rows;
    let frame = fitted(def, &*model, frame)?;
    let (judged, drift, scores) = tokio::task::block_in_place(|| {
        let scores = model.predict(&frame)?;
        let drift = made.expected.drift(&frame, &scores)?;
        if def.learner.task() == Task::Odd {
            return Ok::<_, FlowError>((odd::judge(def, &made, &scores, &found_labels)?, drift, scores));
        }
        let label = label(def, &found_labels, seen.as_deref())?;
        let set = DataSet::new(frame, label, None).map_err(|e| wrong(name, e))?;
        Ok((judge(&*model, &set, treated.as_ref(), def.learner.seed())?, drift, scores))
    })?;
    Ok((told(judged, dates, drift), Some((scores, found_labels))))
}

fn dates(
    house: &House,
    name: &str,
    at: &[String],
    horizon_days: u32,
    known_by: EventTime,
) -> Result<Vec<Dated>, FlowError> {
    if at.is_empty() {
        return Ok(vec![latest(house, horizon_days, known_by)?]);
    }
    at.iter()
        .map(|text| {
            let dated = dated(house, day(text)?, horizon_days)?;
            match dated.until <= known_by {
                true => Ok(dated),
                false => Err(wrong(
                    name,
                    format!("what became of customers {horizon_days} days after {text} is not known yet"),
                )),
            }
        })
        .collect()
}

/// The latest day whose horizon is over.
fn latest(house: &House, horizon_days: u32, known_by: EventTime) -> Result<Dated, FlowError> {
    use jiff::ToSpan as _;
    let today = crate::traits::day_of(known_by, &house.bank.settings.bank.time_zone)?;
    let wrong = |e: jiff::Error| FlowError::Time(e.to_string());
    let today = jiff::civil::date(1970, 1, 1).checked_add(i64::from(today).days()).map_err(wrong)?;
    let found = dated(house, today.checked_sub(i64::from(horizon_days).days()).map_err(wrong)?, horizon_days)?;
    if found.until <= known_by {
        return Ok(found);
    }
    // The day itself is not over yet.
    dated(house, found.day.yesterday().map_err(wrong)?, horizon_days)
}
