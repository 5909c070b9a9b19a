//! The scores that `florin run` ends with: of every customer in a champion's population, kept as a table of the lake; and of a challenger, in a table of its own that
//! nothing decides by.
//!
//! Scoring is Florin's own work, as computing traits is: it shows nothing to whoever starts it. Who may be seen for none of the model's purposes is not
//! scored at all, and what is kept is read under the model's purposes, its class and consent.

use florin_domain::{EventTime, Purpose};
use florin_governance::{
    ConsentFilter,
    audit::{Entry, EventKind},
};
use florin_lake::Consented;
use florin_models::{
    Column, Frame, Model,
    definition::{ModelDef, Source},
    explain::{REASONS_MAX, reasons},
    frame::{ColumnKind, Values},
};
use florin_store::ModelVersion;
use serde::Serialize;

use super::{
    done::assume,
    drift::Drifted,
    due::{RestsOn, rests_on, seats, stale},
    gather::{Features, customers, gather},
    grown::Growing,
    kept::{KeptScores, Said, keep},
    known::Made,
    registry::seated,
    series, texts,
    told::KeptReason,
    train::named,
    wrong,
};
use crate::{FlowError, House, bank::Seat, load::Progress, traits::Profiling};

/// Rows scored and explained at a time.
const CHUNK_ROWS: usize = 32 * 1024;
/// Features whose drift is kept beside that of scores.
const DRIFT_MAX: usize = 20;

/// A version that scored.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Scored {
    /// Which model.
    pub name: String,
    /// Which version of it.
    pub version: u32,
    /// Whether it is a challenger, whose scores are kept apart and decide nothing.
    pub challenger: bool,
    /// Customers that have a score now.
    pub customers: usize,
    /// Customers of the population who may be seen for none of its purposes.
    pub left_out: usize,
    /// Days to come that were forecast.
    pub days: usize,
    /// Texts that were read: what the same version said of the others before stays.
    pub texts_read: usize,
    /// Why it was stale.
    pub because: Vec<String>,
    /// How far scores and features are from training, the farthest first.
    pub drift: Vec<Drifted>,
    /// Why it could not score; what was kept before stays.
    pub failed: Option<String>,
}

/// Scores the customers of every champion and challenger (of these models, when some are named) whose scores are stale, and keeps the scores. What one fails at, the
/// others do not.
///
/// # Errors
/// When the policies do not permit it, a load is at work, or the store fails.
pub async fn score(
    house: &House,
    names: &[String],
    as_of: EventTime,
    anew: bool,
    progress: &dyn Progress,
) -> Result<Vec<Scored>, FlowError> {
    let mut due: Vec<(&ModelDef, Seat, ModelVersion, Vec<String>)> = Vec::new();
    for def in house.bank.models.values().filter(|def| names.is_empty() || names.contains(&def.name)) {
        if !texts::is_run(def) {
            continue;
        }
        for seat in seats(def) {
            let Some(version) = seated(house, &def.name, seat).await? else { continue };
            let mut reasons = stale(house, (def, seat), &version, as_of).await?;
            if anew && reasons.is_empty() {
                reasons.push("asked for".to_owned());
            }
            if !reasons.is_empty() {
                due.push((def, seat, version, reasons));
            }
        }
    }
    if due.is_empty() {
        return Ok(Vec::new());
    }
    let (_turn, house) = &crate::turns::work(house).await?;
    let mut done = Vec::new();
    progress.begin("scoring", "models", Some(due.len() as u64));
    for (def, seat, version, because) in due {
        let (number, challenger) = (version.version, seat == Seat::Challenger);
        done.push(match one(house, (def, seat), &version, (as_of, anew)).await {
            Ok(scored) => Scored { because, challenger, ..scored },
            Err(error) => Scored {
                name: def.name.clone(),
                version: number,
                challenger,
                customers: 0,
                left_out: 0,
                days: 0,
                texts_read: 0,
                because,
                drift: Vec::new(),
                failed: Some(error.to_string()),
            },
        });
        progress.advance(1);
    }
    progress.end();
    Ok(done)
}

async fn one(
    house: &House,
    (def, seat): (&ModelDef, Seat),
    version: &ModelVersion,
    (as_of, anew): (EventTime, bool),
) -> Result<Scored, FlowError> {
    if let Source::Texts { .. } = &def.source {
        return texts::score(house, (def, seat), version, (as_of, anew)).await;
    }
    if let Source::Series { .. } = &def.source {
        return series::score(house, def, version, as_of).await;
    }
    let Source::Lake { population, traits, sql, without, .. } = &def.source else {
        return Err(wrong(&def.name, "a flat table has no customers to score"));
    };
    let made = Made::of(version)?;
    let model = house.kept_model(&def.name, &version.bytes)?;
    let rests = rests_on(house, def).await?;
    let profiling = house.profiling(Purpose::Service, as_of).await?;
    profiling.with_traits(&named(def).1).await?;
    let people = customers(&profiling.session().sql(population).await?.collect().await?, "the population")?;
    let (people, left_out) = seen(house, def, people, as_of).await?;
    let features = Features { traits, sql: sql.as_deref(), without: &|name| without.iter().any(|w| w == name) };
    let frame = frame_of(&profiling, def, &features, &people, as_of).await?;
    let frame = fitted(def, &*model, frame)?;
    let mut said = tokio::task::block_in_place(|| scores_with_reasons(def, &*model, &frame))?;
    said.flagged = made.evaluation.of_odd().map(|odd| said.scores.iter().map(|score| *score > odd.threshold).collect());
    let mut drift = if people.is_empty() { Vec::new() } else { made.expected.drift(&frame, &said.scores)? };
    drift.truncate(DRIFT_MAX + 1);
    let found = Found { customers: people.len(), left_out, days: 0, texts_read: 0, drift };
    keep(house, (def, seat), &people, said, &found.kept(version, as_of, rests)).await?;
    found.told(house, def, version, as_of).await
}

/// What a version found to say, whatever it says it of.
pub(super) struct Found {
    pub(super) customers: usize,
    pub(super) left_out: usize,
    pub(super) days: usize,
    pub(super) texts_read: usize,
    pub(super) drift: Vec<Drifted>,
}

impl Found {
    /// What is kept beside what was said: what it rests on, so that it is known when it is stale.
    pub(super) fn kept(&self, version: &ModelVersion, as_of: EventTime, rests: RestsOn) -> KeptScores {
        KeptScores {
            version: version.version,
            content: version.content.clone(),
            as_of,
            traits: rests.traits,
            tables: rests.tables,
            persons: rests.persons,
            customers: self.customers,
            drift: self.drift.clone(),
        }
    }

    /// Puts it on record, and tells it.
    pub(super) async fn told(
        self,
        house: &House,
        def: &ModelDef,
        version: &ModelVersion,
        as_of: EventTime,
    ) -> Result<Scored, FlowError> {
        let entry = Entry::new(house.now(), &house.who, Some(Purpose::Service), EventKind::Profile)
            .with("model", def.name.as_str())
            .with("version", version.version)
            .with("as_of", as_of.micros());
        let entry = match self.days {
            0 => entry.with("customers", self.customers),
            days => entry.with("days", days),
        };
        house.record(&entry).await?;
        Ok(Scored {
            name: def.name.clone(),
            version: version.version,
            challenger: false,
            customers: self.customers,
            left_out: self.left_out,
            days: self.days,
            texts_read: self.texts_read,
            because: Vec::new(),
            drift: self.drift,
            failed: None,
        })
    }
}

async fn frame_of(
    profiling: &Profiling<'_>,
    def: &ModelDef,
    features: &Features<'_>,
    people: &[i64],
    as_of: EventTime,
) -> Result<Frame, FlowError> {
    let mut growing = Growing::new(features.traits.to_vec());
    growing.as_of(as_of);
    gather(profiling.session(), features, people, &mut growing, 0).await?;
    assume(def, &mut growing, 0, people.len())?;
    growing.frame()
}

/// The rows as the model takes them: its features are there, and a column without a single value, which has no kind of its own, is of the kind that the
/// model knows.
pub(super) fn fitted(def: &ModelDef, model: &dyn Model, mut frame: Frame) -> Result<Frame, FlowError> {
    if let Some(name) = model.schema().names.iter().find(|name| frame.column(name).is_err()) {
        let what = format!("the version was trained with the feature `{name}`, which the definition no longer has");
        return Err(wrong(&def.name, format!("{what}; train and promote a new version, or put the feature back")));
    }
    for (name, kind) in model.schema().names.iter().zip(&model.schema().kinds) {
        let gaps = matches!(&frame.column(name)?.values, Values::Number(v) if v.iter().all(|v| v.is_nan()));
        if gaps && matches!(kind, ColumnKind::Category(_)) {
            let none: Vec<Option<&str>> = vec![None; frame.rows()];
            frame = frame.with(Column::category(name.clone(), &none))?;
        }
    }
    Ok(frame)
}

/// Those who may be seen for at least one of the model's purposes, and how many may not.
pub(super) async fn seen(
    house: &House,
    def: &ModelDef,
    people: Vec<i64>,
    as_of: EventTime,
) -> Result<(Vec<i64>, usize), FlowError> {
    let persons = crate::resolve::persons(house, Some(as_of)).await?;
    let mut rules: Vec<(ConsentFilter, Consented)> = Vec::new();
    for purpose in &def.purposes {
        let words = house.store.consent_bitmaps(*purpose, house.now()).await?;
        let said = crate::ask::of_persons(Consented { given: words.given, withdrawn: words.withdrawn }, &persons);
        rules.push((house.bank.settings.purposes.rule(*purpose).filter(), said));
    }
    let may = |customer: &i64| {
        let Ok(customer) = u32::try_from(*customer) else { return false };
        rules.iter().any(|(filter, said)| match filter {
            ConsentFilter::Everyone => true,
            ConsentFilter::AllBut => !said.withdrawn.contains(customer),
            ConsentFilter::Only => said.given.contains(customer),
        })
    };
    let all = people.len();
    let seen: Vec<i64> = people.into_iter().filter(may).collect();
    let left_out = all - seen.len();
    Ok((seen, left_out))
}

/// Each row's score, and its principal reasons as JSON: of those that moved it where it is, away from a row of which nothing is known.
fn scores_with_reasons(def: &ModelDef, model: &dyn Model, frame: &Frame) -> Result<Said, FlowError> {
    let (mut scores, mut told) = (Vec::with_capacity(frame.rows()), Vec::with_capacity(frame.rows()));
    let rows: Vec<usize> = (0..frame.rows()).collect();
    for chunk in rows.chunks(CHUNK_ROWS) {
        let part = frame.select(chunk)?;
        let margins = model.margins(&part)?;
        let base = model.contributions(&part.select(&[0])?)?.base;
        scores.extend(model.predict(&part)?);
        let mut of_rows = vec![String::new(); chunk.len()];
        for raising in [true, false] {
            let rows: Vec<usize> = (0..chunk.len()).filter(|row| (margins[*row] >= base) == raising).collect();
            let found = reasons(model, &part.select(&rows)?, raising, REASONS_MAX, &def.protected)?;
            for (row, found) in rows.into_iter().zip(found) {
                let kept: Vec<KeptReason> = found.into_iter().map(KeptReason::from).collect();
                of_rows[row] = serde_json::to_string(&kept).map_err(|e| FlowError::Internal(e.to_string()))?;
            }
        }
        told.extend(of_rows);
    }
    let medians = model.as_survival().map(|model| model.medians(frame)).transpose()?;
    Ok(Said { scores, reasons: told, medians, flagged: None })
}
