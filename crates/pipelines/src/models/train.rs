//! `florin train`: rows, a split, a model, what it is worth, and its place in the registry.

use std::collections::{BTreeMap, BTreeSet};

use florin_domain::{EventTime, Purpose};
use florin_features::definition::reads;
use florin_governance::audit::{Entry, EventKind};
use florin_models::{
    DataSet, Label, Model,
    calibrated::calibrate,
    definition::{Chosen, LearnerDef, ModelDef, Source, Task, Treatment, UpliftDef},
    evaluation::{self, Asked, Assessment, EffectAsked, Part, Periods, SurvivalAsked, default_groups},
    survival::SurvivalModel,
};
use florin_store::{ModelState, ModelVersion, NewModel};
use jiff::civil::Date;
use serde::Serialize;

use super::{
    dataset::{self, Rows, Wanted},
    defined,
    done::{Treated, treatment},
    drift::Expected,
    flat, foreign,
    known::{Made, TrainedOn},
    odd,
    purpose::purpose_of,
    series,
    split::{Parts, split},
    state, texts, wrong,
};
use crate::{FlowError, House, load::Progress};

/// A version that was trained.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Trained {
    /// Of which model.
    pub name: String,
    /// Its number.
    pub version: u32,
    /// Whether it is new; the same rows and definition give the version that is there already.
    pub new: bool,
    /// Where it stands.
    pub state: ModelState,
    /// A hash of what it is.
    pub content: String,
    /// What it was made of and how good it is.
    pub made: Made,
}

/// What is learnt from, ready for a learner.
struct Prepared {
    train: DataSet,
    watched: Option<DataSet>,
    test: DataSet,
    /// Whose each training row is.
    customers: Vec<i64>,
    /// When rows of training and of the test were.
    periods: Option<(Periods, Periods)>,
    /// Who of training and of the test was treated; of models of effects.
    treated: Option<(Treated, Treated)>,
}

/// Trains a model on what was known by a time, for one of its purposes (the first, when none is named), and registers it.
///
/// # Errors
/// When there is no such model, the policies do not let the user see what it learns from, its rows do not do, or the lake or the store fails.
pub async fn train(
    house: &House,
    name: &str,
    purpose: Option<Purpose>,
    known_by: Option<EventTime>,
    progress: &dyn Progress,
) -> Result<Trained, FlowError> {
    let def = defined(house, name)?;
    let purpose = purpose_of(house, def, purpose)?;
    let known_by = known_by.unwrap_or_else(|| house.now());
    let wanted = Wanted { def, purpose, known_by };
    // Before rows are gathered: a file that is not there is told at once.
    let files = match &def.learner {
        LearnerDef::Foreign(of) => Some(foreign::files(house, def, of)?),
        _ => None,
    };
    let (learnt, Gathered { dates, dates_open, tables, encoders }) = match &def.source {
        Source::Texts { .. } => texts::learn(house, &wanted, progress).await?,
        Source::Series { .. } => series::learn(house, &wanted, progress).await?,
        Source::Lake { .. } | Source::Table { .. } => {
            let (rows, tables) = rows(house, &wanted, progress).await?;
            let (dates, dates_open) = (rows.dates.clone(), rows.dates_open);
            let gathered = Gathered { dates, dates_open, tables, encoders: BTreeMap::new() };
            progress.begin(&format!("{name}: learning"), "steps", Some(4));
            let learnt = tokio::task::block_in_place(|| learn(def, rows, files.as_ref(), progress));
            progress.end();
            (learnt?, gathered)
        }
    };
    let Learnt { bytes, evaluation, expected, counts } = learnt;
    let bytes = house.keep_model(&bytes)?;
    let recorded = house.store.definition("model", &stem(def), None).await?;
    let made = Made {
        definition: def.definition.clone(),
        definition_version: recorded.map(|recorded| recorded.version),
        trained_on: TrainedOn {
            purpose,
            known_by,
            dates,
            dates_open,
            train: counts.0,
            watched: counts.1,
            test: counts.2,
            tables,
            traits: state::trait_definitions(house, def),
            encoders,
            seed: def.learner.seed(),
        },
        evaluation,
        expected,
    };
    let (version, new) = register(house, def, &bytes, &made).await?;
    Ok(Trained {
        name: name.to_owned(),
        version: version.version,
        new,
        state: version.state,
        content: version.content,
        made,
    })
}

/// The models that ought to be trained: those without a version, and those whose newest is of another definition or of tables that have changed since.
///
/// # Errors
/// Those of the lake and the store.
pub async fn stale_models(house: &House) -> Result<Vec<(String, Vec<String>)>, FlowError> {
    let mut stale = Vec::new();
    for def in house.bank.models.values() {
        let versions = house.store.model_versions(Some(&def.name)).await?;
        let reasons = match versions.first() {
            None => vec!["it was never trained".to_owned()],
            Some(newest) => state::stale(house, def, &Made::of(newest)?).await?,
        };
        if !reasons.is_empty() {
            stale.push((def.name.clone(), reasons));
        }
    }
    Ok(stale)
}

/// The rows, while no load is at work, so that all dates are of one state of the lake; and the versions of the tables they are from.
async fn rows(
    house: &House,
    wanted: &Wanted<'_>,
    progress: &dyn Progress,
) -> Result<(Rows, BTreeMap<String, u64>), FlowError> {
    let (_turn, house) = &crate::turns::work(house).await?;
    let tables = state::tables(house, wanted.def).await?;
    let rows = match &wanted.def.source {
        Source::Lake { .. } => dataset::of_lake(house, wanted, progress).await?,
        Source::Table { .. } | Source::Texts { .. } | Source::Series { .. } => {
            flat::of_table(house, wanted, progress).await?
        }
    };
    Ok((rows, tables))
}

/// What was learnt, and what it is worth.
pub(super) struct Learnt {
    pub(super) bytes: Vec<u8>,
    pub(super) evaluation: Assessment,
    pub(super) expected: Expected,
    /// Rows that trained, were watched, and are the test.
    pub(super) counts: (usize, usize, usize),
}

/// What rows were gathered from.
pub(super) struct Gathered {
    pub(super) dates: Vec<(String, usize)>,
    pub(super) dates_open: usize,
    pub(super) tables: BTreeMap<String, u64>,
    /// Of models of texts, a hash of the weights of each sentence encoder.
    pub(super) encoders: BTreeMap<String, String>,
}

fn learn(
    def: &ModelDef,
    rows: Rows,
    files: Option<&foreign::Files>,
    progress: &dyn Progress,
) -> Result<Learnt, FlowError> {
    let parts = split(def, &rows)?;
    let counts = (parts.train.len(), parts.watched.len(), parts.test.len());
    if let LearnerDef::Isolation(of) = &def.learner {
        return odd::learn(def, of, rows, &parts, progress);
    }
    let prepared = prepared(def, rows, &parts)?;
    drop(parts);
    progress.advance(1);
    if let (LearnerDef::Uplift(uplift), Some(treatment)) = (&def.learner, treatment(def)) {
        return learn_effects(def, (uplift, treatment), &prepared, counts, progress);
    }
    if def.learner.task() == Task::Time {
        return learn_times(def, &prepared, counts, progress);
    }
    let Prepared { train, watched, test, customers, periods, .. } = prepared;
    let seed = def.learner.seed();
    let model = match (&def.learner, files) {
        // What somebody else's model says stays as it is.
        (LearnerDef::Foreign(of), Some(files)) => {
            progress.advance(2);
            foreign::model(def, of, files, train.frame())?
        }
        _ => {
            let model = def.learner.learner().fit(&train, watched.as_ref()).map_err(|e| wrong(&def.name, e))?;
            progress.advance(1);
            let model = calibrate(&def.learner, model, &train, Some(&customers), seed)?;
            progress.advance(1);
            model
        }
    };
    drop(watched);
    let expected = Expected::of(&*model, train.frame())?;
    let asked = Asked {
        definition: def,
        model: &*model,
        train: Part { set: &train, periods: periods.as_ref().map(|periods| &periods.0) },
        test: Part { set: &test, periods: periods.as_ref().map(|periods| &periods.1) },
        groups: &default_groups(def, test.frame()),
        decision: None,
        seed,
    };
    let evaluation = evaluation::evaluate(&asked).map_err(|e| wrong(&def.name, e))?;
    progress.advance(1);
    Ok(Learnt { bytes: model.to_bytes()?, evaluation: Assessment::Chance(Box::new(evaluation)), expected, counts })
}

fn learn_effects(
    def: &ModelDef,
    (uplift, treatment): (&UpliftDef, &Treatment),
    prepared: &Prepared,
    counts: (usize, usize, usize),
    progress: &dyn Progress,
) -> Result<Learnt, FlowError> {
    let Prepared { train, test, periods, treated: Some((treated, treated_test)), .. } = prepared else {
        return Err(wrong(&def.name, "it is not known who was treated"));
    };
    let fitted = uplift.with(treatment.chosen, treated.chances(), |uplift| uplift.fit(train, &treated.of));
    let model = fitted.map_err(|e| wrong(&def.name, e))?;
    progress.advance(2);
    let expected = Expected::of(&model, train.frame())?;
    let asked = EffectAsked {
        definition: def,
        model: &model,
        train: treated.part(train, periods.as_ref().map(|periods| &periods.0)),
        test: treated_test.part(test, periods.as_ref().map(|periods| &periods.1)),
        groups: &default_groups(def, test.frame()),
        chance: match treatment.chosen {
            Chosen::Known(chance) => Some(chance),
            Chosen::Given | Chosen::Learnt => None,
        },
        seed: def.learner.seed(),
    };
    let evaluation = evaluation::evaluate_effects(&asked).map_err(|e| wrong(&def.name, e))?;
    progress.advance(1);
    Ok(Learnt { bytes: model.to_bytes()?, evaluation: Assessment::Effect(Box::new(evaluation)), expected, counts })
}

fn learn_times(
    def: &ModelDef,
    prepared: &Prepared,
    counts: (usize, usize, usize),
    progress: &dyn Progress,
) -> Result<Learnt, FlowError> {
    let Prepared { train, watched, test, customers, periods, .. } = prepared;
    let horizon = def.horizon().ok_or_else(|| wrong(&def.name, "it has no horizon"))?;
    let seed = def.learner.seed();
    let risk = def.learner.learner().fit(train, watched.as_ref()).map_err(|e| wrong(&def.name, e))?;
    progress.advance(1);
    let model = SurvivalModel::of(&def.learner, risk, train, Some(customers), horizon, seed);
    let model = model.map_err(|e| wrong(&def.name, e))?;
    progress.advance(1);
    let expected = Expected::of(&model, train.frame())?;
    let asked = SurvivalAsked {
        definition: def,
        model: &model,
        train: Part { set: train, periods: periods.as_ref().map(|periods| &periods.0) },
        test: Part { set: test, periods: periods.as_ref().map(|periods| &periods.1) },
        groups: &default_groups(def, test.frame()),
        seed,
    };
    let evaluation = evaluation::evaluate_survival(&asked).map_err(|e| wrong(&def.name, e))?;
    progress.advance(1);
    Ok(Learnt { bytes: model.to_bytes()?, evaluation: Assessment::Time(Box::new(evaluation)), expected, counts })
}

/// Rows as learners take them. All are let go of before anything is learnt: the parts are copies.
#[allow(clippy::needless_pass_by_value, reason = "they are many, and not to be there twice while something is learnt")]
fn prepared(def: &ModelDef, rows: Rows, parts: &Parts) -> Result<Prepared, FlowError> {
    let set = DataSet::new(rows.frame, label(def, &rows.labels, rows.seen.as_deref())?, None)
        .map_err(|e| wrong(&def.name, e))?;
    let part = |rows: &[usize]| set.select(rows).map_err(|e| wrong(&def.name, e));
    let days: Option<Vec<i32>> = rows.days.as_ref().map(|days| days.iter().copied().map(since_1970).collect());
    let periods =
        |part: &[usize], days: &[i32]| Periods::of_days(&part.iter().map(|row| days[*row]).collect::<Vec<_>>());
    Ok(Prepared {
        watched: if parts.watched.is_empty() { None } else { Some(part(&parts.watched)?) },
        train: part(&parts.train)?,
        test: part(&parts.test)?,
        customers: parts.train.iter().map(|row| rows.customers[*row]).collect(),
        periods: days.map(|days| (periods(&parts.train, &days), periods(&parts.test, &days))),
        treated: rows.treated.as_ref().map(|treated| (treated.select(&parts.train), treated.select(&parts.test))),
    })
}

pub(super) fn since_1970(day: Date) -> i32 {
    day.since(jiff::civil::date(1970, 1, 1)).map_or(0, |span| span.get_days())
}

/// What became of rows: 1 where it happened; of models of effects, any number; of models of times, when. Whoever the label's query did not give has 0, or was
/// `seen` to the end.
pub(super) fn label(def: &ModelDef, found: &[Option<f64>], seen: Option<&[f64]>) -> Result<Label, FlowError> {
    if let Some(seen) = seen {
        let times = found.iter().zip(seen).map(|(happened, seen)| happened.unwrap_or(*seen)).collect();
        return Ok(Label::Event { times, happened: found.iter().map(Option::is_some).collect() });
    }
    let values: Vec<f64> = found.iter().map(|value| value.unwrap_or(0.0)).collect();
    match values.iter().find(|value| **value != 0.0 && **value != 1.0) {
        None => Ok(Label::Binary(values)),
        Some(_) if matches!(def.learner, LearnerDef::Uplift(_)) => Ok(Label::Number(values)),
        Some(value) => {
            let what = format!("its label holds {value}; it is 1 where it happened and 0 where it did not");
            Err(wrong(&def.name, what))
        }
    }
}

async fn register(house: &House, def: &ModelDef, bytes: &str, made: &Made) -> Result<(ModelVersion, bool), FlowError> {
    let held_back = !made.evaluation.passes();
    let new = NewModel {
        name: def.name.clone(),
        content: content(def, bytes)?,
        bytes: bytes.to_owned(),
        state: if held_back { ModelState::Refused } else { ModelState::Candidate },
        made: made.json()?,
        trained_at: house.now(),
        trained_by: house.who().user.clone(),
    };
    // On record first: what is in the registry was put there by somebody.
    let entry = Entry::new(house.now(), house.who(), Some(made.trained_on.purpose), EventKind::Definition)
        .with("model", def.name.as_str())
        .with("content", new.content.as_str())
        .with("act", "trained")
        .with("state", new.state.name());
    house.record(&entry).await?;
    Ok(house.store.register_model(&new).await?)
}

/// What a version is: its bytes, and what it was judged by.
fn content(def: &ModelDef, bytes: &str) -> Result<String, FlowError> {
    let guards = serde_json::to_string(&def.guards).map_err(|e| FlowError::Internal(e.to_string()))?;
    let protected: Vec<&str> = def.protected.iter().map(String::as_str).collect();
    let parts = [bytes, &def.definition, &guards, &protected.join(",")];
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    Ok(hasher.finalize().to_hex().to_string())
}

/// The name of the file that a model is defined in.
fn stem(def: &ModelDef) -> String {
    std::path::Path::new(&def.file).file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

/// Tables and traits that a model's queries name.
pub(super) fn named(def: &ModelDef) -> (BTreeSet<String>, BTreeSet<String>) {
    let Source::Lake { population, label, traits, sql, treatment, .. } = &def.source else {
        return match &def.source {
            Source::Table { name, .. } => (BTreeSet::from([name.clone()]), BTreeSet::new()),
            Source::Texts { sql, .. } | Source::Series { sql, .. } => {
                sql.as_deref().and_then(reads).map(|of| (of.tables, of.traits)).unwrap_or_default()
            }
            Source::Lake { .. } => Default::default(),
        };
    };
    let mut tables = BTreeSet::from(["customer".to_owned()]);
    let mut all: BTreeSet<String> = traits.iter().cloned().collect();
    let treated = treatment.as_ref().map(|treatment| &treatment.sql);
    for query in [Some(population), label.as_ref(), sql.as_ref(), treated].into_iter().flatten() {
        let Some(found) = reads(query) else { continue };
        tables.extend(found.tables.iter().cloned());
        all.extend(found.traits.iter().cloned());
    }
    (tables, all)
}
