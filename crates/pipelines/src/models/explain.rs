//! `florin explain`: one customer's score, what each feature added to it, its principal reasons, and what would change it.

use florin_domain::{CustomerId, EventTime, Purpose};
use florin_models::{
    Frame, Model,
    definition::{ModelDef, Source},
    explain::{Changeable, Counterfactual, REASONS_MAX, Towards, nearest, reasons},
    frame::{ColumnKind, Values},
};
use florin_store::ModelState;
use serde::Serialize;

use super::{
    defined,
    done::assume,
    drift::{Bins, Expected},
    gather::{Features, customers, gather},
    grown::Growing,
    known::Made,
    purpose::purpose_of,
    registry::{pick, versions},
    score::fitted,
    texts,
    told::{KeptReason, Told, called, sentence, short},
    wrong,
};
use crate::{FlowError, House};

/// Features of which changes are looked for: those that moved the score most.
const CHANGEABLE_MAX: usize = 10;
/// Values of each that are tried.
const VALUES_MAX: usize = 6;

/// Times of which a curve is told.
const STEPS: u32 = 6;

/// What a feature added.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Effect {
    /// Which.
    pub feature: String,
    /// What it is called.
    pub called: Told,
    /// Its value; none where there is none.
    pub value: Option<String>,
    /// What it added to the margin.
    pub adds: f64,
    /// Whether it is protected: judged by, and never named to customers.
    pub protected: bool,
}

/// The nearest change that takes the score to the other side of what is usual.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NearestChange {
    /// What would be otherwise, in words.
    pub changes: Vec<Told>,
    /// The score then.
    pub score: f64,
}

/// How long it takes.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Times {
    /// Days, and the chance that it has happened by then.
    pub chances: Vec<(f64, f64)>,
    /// Days within which it happens to half of such customers; nothing where that lies beyond the horizon.
    pub median_days: Option<f64>,
}

/// A text that was said to be about something.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ExplainedText {
    /// The text, scrubbed as it lies in the lake.
    pub text: String,
    /// What it is about.
    pub label: String,
    /// What else it may be about, with how probable that is, the most probable first.
    pub others: Vec<(String, f64)>,
}

/// A score taken apart.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Explained {
    /// Of which model.
    pub model: String,
    /// Which version.
    pub version: u32,
    /// Where that stands.
    pub state: ModelState,
    /// Whose.
    pub customer: CustomerId,
    /// The score.
    pub score: f64,
    /// Its margin: `base` and what all features add.
    pub margin: f64,
    /// The margin of a row of which nothing is known.
    pub base: f64,
    /// Of models of times, what they say of this customer.
    pub times: Option<Times>,
    /// Of models of texts, which text it is about.
    pub text: Option<ExplainedText>,
    /// All features (or words), by how far they moved it.
    pub effects: Vec<Effect>,
    /// At most four, none of them protected.
    pub reasons: Vec<Told>,
    /// Where the nearest change takes it: to the middle of the scores of training.
    pub to: f64,
    /// The nearest change; none where up to three features together do not get there.
    pub nearest: Option<NearestChange>,
}

/// Explains a customer's score by a version of a model (the champion, when none is named), as of a time (that of the scores that are kept, or now, when none is given), for one of the model's purposes.
///
/// # Errors
/// When there is no such model, version or customer, or the policies do not let the user see what the model reads.
pub async fn explain(
    house: &House,
    name: &str,
    customer: CustomerId,
    version: Option<u32>,
    as_of: Option<EventTime>,
    purpose: Option<Purpose>,
) -> Result<Explained, FlowError> {
    let def = defined(house, name)?;
    let versions = versions(house, name).await?;
    let states = [ModelState::Champion, ModelState::Challenger, ModelState::Approved, ModelState::Candidate];
    let found =
        pick(name, &versions, version, &states[..1]).or_else(|_| pick(name, &versions, version, &states[1..]))?;
    let made = Made::of(found)?;
    if let Source::Texts { .. } = &def.source {
        let purpose = purpose_of(house, def, purpose)?;
        return texts::explain(house, def, found, customer, purpose, as_of).await;
    }
    if let Source::Series { .. } = &def.source {
        return Err(wrong(name, "it forecasts a series, and says nothing of a customer; `florin sql` reads its days"));
    }
    let model = house.kept_model(name, &found.bytes)?;
    let as_of = match as_of {
        Some(given) => Some(given),
        None => as_kept(house, name).await?,
    };
    let (customer, frame) = row(house, def, customer, purpose_of(house, def, purpose)?, as_of).await?;
    let frame = fitted(def, &*model, frame)?;
    tokio::task::block_in_place(|| {
        let contributions = model.contributions(&frame)?;
        let (margin, score) = (first(&model.margins(&frame)?), first(&model.predict(&frame)?));
        let told = reasons(&*model, &frame, margin >= contributions.base, REASONS_MAX, &def.protected)?;
        let told = told.into_iter().flatten().map(|reason| sentence(house, def, &KeptReason::from(reason))).collect();
        let effects = effects(house, def, &*model, &frame, contributions.row(0));
        let to = middle(&made.expected.score);
        let nearest = nearest_change(house, def, &*model, &frame, &made.expected, &effects, (score, to))?;
        Ok(Explained {
            model: name.to_owned(),
            version: found.version,
            state: found.state,
            customer,
            score,
            margin,
            base: contributions.base,
            times: times(&*model, &frame)?,
            text: None,
            effects,
            reasons: told,
            to,
            nearest,
        })
    })
}

/// What a model of times says of the only row.
fn times(model: &dyn Model, frame: &Frame) -> Result<Option<Times>, FlowError> {
    let Some(model) = model.as_survival() else { return Ok(None) };
    let days: Vec<f64> = (1..=STEPS).map(|step| model.horizon() * f64::from(step) / f64::from(STEPS)).collect();
    let chances = model.curves(frame, &days)?.into_iter().next().unwrap_or_default();
    let median_days = model.medians(frame)?.first().copied().flatten();
    Ok(Some(Times { chances: days.into_iter().zip(chances).collect(), median_days }))
}

/// The time of the scores that are kept, so that it is those that are explained; nothing where they are of today, or there are none.
async fn as_kept(house: &House, name: &str) -> Result<Option<EventTime>, FlowError> {
    let Some(kept) = super::kept::kept(house, name).await? else { return Ok(None) };
    let zone = &house.bank.settings.bank.time_zone;
    let today = crate::traits::day_of(kept.as_of, zone)? == crate::traits::day_of(house.now(), zone)?;
    Ok((!today).then_some(kept.as_of))
}

fn first(values: &[f64]) -> f64 {
    values.first().copied().unwrap_or(f64::NAN)
}

/// What the session sees of a customer, as the model's row.
async fn row(
    house: &House,
    def: &ModelDef,
    customer: CustomerId,
    purpose: Purpose,
    as_of: Option<EventTime>,
) -> Result<(CustomerId, Frame), FlowError> {
    let Source::Lake { traits, sql, without, .. } = &def.source else {
        return Err(wrong(&def.name, "it is about the rows of a flat table, and not about customers"));
    };
    let asking = house.asking(purpose, as_of).await?;
    let customer = CustomerId(asking.persons().known_as(customer.0));
    let there = format!("select customer_id from customer where customer_id = {customer} limit 1");
    let there = customers(&asking.sql(&there).await?.collect().await?, "the customers")?;
    if there.is_empty() {
        let known = "none that may be seen for this purpose".to_owned();
        return Err(FlowError::Unknown { what: "customer", name: customer.to_string(), known });
    }
    super::dataset::may_see(&asking, &def.name, traits).await?;
    asking.with_traits(traits.iter().map(String::as_str)).await?;
    if let Some(sql) = sql {
        asking.record(sql).await?;
        asking.traits_of(sql).await?;
    }
    let features = Features { traits, sql: sql.as_deref(), without: &|name| without.iter().any(|w| w == name) };
    let mut growing = Growing::new(traits.clone());
    growing.as_of(as_of.unwrap_or_else(|| house.now()));
    gather(asking.session(), &features, &there, &mut growing, 0).await?;
    assume(def, &mut growing, 0, there.len())?;
    Ok((customer, growing.frame()?))
}

fn effects(house: &House, def: &ModelDef, model: &dyn Model, frame: &Frame, adds: &[f64]) -> Vec<Effect> {
    let effect = |(name, adds): (&String, &f64)| {
        let words = called(house, def, name);
        Effect {
            feature: name.clone(),
            called: Told { zh: words.zh, en: words.en },
            value: value(frame, name),
            adds: *adds,
            protected: def.protected.contains(name),
        }
    };
    let mut effects: Vec<Effect> = model.schema().names.iter().zip(adds).map(effect).collect();
    effects.sort_by(|a, b| b.adds.abs().total_cmp(&a.adds.abs()).then_with(|| a.feature.cmp(&b.feature)));
    effects
}

/// The only row's value of a feature.
fn value(frame: &Frame, name: &str) -> Option<String> {
    match &frame.column(name).ok()?.values {
        Values::Number(values) => values.first().filter(|v| !v.is_nan()).map(|v| short(&v.to_string())),
        Values::Category { codes, levels } => levels.get(*codes.first()? as usize).cloned(),
    }
}

/// The cut in the middle.
fn middle(bins: &Bins) -> f64 {
    match bins {
        Bins::Numbers { cuts, .. } => cuts.get(cuts.len() / 2).copied().unwrap_or(0.5),
        Bins::Texts { .. } => 0.5,
    }
}

/// The nearest change to the other side of what is usual, of features that moved the score most and may be told to customers, to values that are
/// usual.
fn nearest_change(
    house: &House,
    def: &ModelDef,
    model: &dyn Model,
    frame: &Frame,
    expected: &Expected,
    effects: &[Effect],
    (score, to): (f64, f64),
) -> Result<Option<NearestChange>, FlowError> {
    let away = |effect: &&Effect| !effect.protected && ((effect.adds > 0.0) == (score > to)) && effect.adds != 0.0;
    let features = effects.iter().filter(away).take(CHANGEABLE_MAX);
    let bins = |name: &str| expected.features.iter().find(|(known, _)| known == name).map(|(_, bins)| bins);
    let options: Vec<Changeable> = features.filter_map(|e| changeable(model, &e.feature, bins(&e.feature)?)).collect();
    if options.is_empty() {
        return Ok(None);
    }
    let towards = if score > to { Towards::AtMost(to) } else { Towards::AtLeast(to) };
    // Values that the frame's one row does not have need its columns to be of the model's kinds.
    let found: Option<Counterfactual> = nearest(model, frame, &options, towards)?;
    Ok(found.map(|found| NearestChange {
        score: found.prediction,
        changes: found.changes.iter().map(|change| told(house, def, change)).collect(),
    }))
}

fn changeable(model: &dyn Model, name: &str, bins: &Bins) -> Option<Changeable> {
    let at = model.schema().names.iter().position(|known| known == name)?;
    match (bins, &model.schema().kinds[at]) {
        (Bins::Numbers { cuts, spread, .. }, ColumnKind::Number) if *spread > 0.0 && !cuts.is_empty() => {
            let step = cuts.len().div_ceil(VALUES_MAX);
            let to = cuts.iter().step_by(step).copied().collect();
            Some(Changeable::Number { feature: name.to_owned(), to, spread: *spread })
        }
        (Bins::Texts { levels, .. }, ColumnKind::Category(_)) => {
            let to = levels.iter().take(VALUES_MAX).cloned().collect();
            Some(Changeable::Category { feature: name.to_owned(), to })
        }
        _ => None,
    }
}

fn told(house: &House, def: &ModelDef, change: &florin_models::explain::Change) -> Told {
    let words = called(house, def, &change.feature);
    let (to, from) = (short(&change.to), change.from.as_deref().map(short));
    Told {
        zh: format!("{}：{} → {to}", words.zh, from.clone().unwrap_or_else(|| "无".to_owned())),
        en: format!("{}: {} → {to}", words.en, from.unwrap_or_else(|| "none".to_owned())),
    }
}
