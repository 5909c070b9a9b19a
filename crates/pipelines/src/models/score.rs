//! The scores that `florin run` ends with: of every customer in a champion's population, kept as a table of the lake.
//!
//! Scoring is Florin's own work, as computing traits is: it shows nothing to whoever starts it. Who may be seen for none of the model's purposes is not
//! scored at all, and what is kept is read under the model's purposes, its class and consent.

use std::{collections::BTreeMap, sync::Arc};

use arrow::{
    array::{ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray},
    datatypes::SchemaRef,
};
use florin_domain::{
    EventTime, Purpose,
    catalogue::{CUSTOMER_ID, VALID_FROM},
};
use florin_governance::{
    ConsentFilter,
    audit::{Entry, EventKind},
};
use florin_lake::{
    Consented,
    write::{Overwrite, SortedRows, open_together, overwrite_together, write_sorted},
};
use florin_models::{
    Frame, Model,
    definition::{ModelDef, Source},
    explain::{REASONS_MAX, reasons},
};
use florin_store::ModelVersion;
use serde::{Deserialize, Serialize};

use super::{
    drift::Drifted,
    gather::{Features, customers, gather},
    grown::Growing,
    known::Made,
    registry::champion,
    state,
    told::KeptReason,
    train::named,
    wrong,
};
use crate::{FlowError, House, bank::score_table, load::Progress, traits::Profiling};

/// Rows scored and explained at a time.
const CHUNK_ROWS: usize = 32 * 1024;
/// Commits that are looked through for the last scoring: erasures and care come in between.
const COMMITS_MAX: usize = 50;
/// Features whose drift is kept beside that of scores.
const DRIFT_MAX: usize = 20;

/// What is kept beside scores.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct KeptScores {
    pub(super) version: u32,
    pub(super) content: String,
    pub(super) as_of: EventTime,
    /// When each trait that was read was computed.
    pub(super) traits: BTreeMap<String, EventTime>,
    pub(super) tables: BTreeMap<String, u64>,
    /// Who was one with whom, as a number that grows.
    pub(super) persons: u64,
    pub(super) customers: usize,
    /// The farthest first.
    pub(super) drift: Vec<Drifted>,
}

/// A champion that scored.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Scored {
    /// Which model.
    pub name: String,
    /// Which version of it.
    pub version: u32,
    /// Customers that have a score now.
    pub customers: usize,
    /// Customers of the population who may be seen for none of its purposes.
    pub left_out: usize,
    /// Why it was stale.
    pub because: Vec<String>,
    /// How far scores and features are from training, the farthest first.
    pub drift: Vec<Drifted>,
    /// Why it could not score; what was kept before stays.
    pub failed: Option<String>,
}

/// A champion whose scores are stale.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StaleScores {
    /// Which model.
    pub name: String,
    /// Why.
    pub reasons: Vec<String>,
}

/// The champions whose scores are not up to date as of a time.
///
/// # Errors
/// When the lake or the store cannot be read.
pub async fn stale_scores(house: &House, as_of: EventTime) -> Result<Vec<StaleScores>, FlowError> {
    let mut found = Vec::new();
    for def in house.bank.models.values() {
        let Some(version) = champion(house, &def.name).await? else { continue };
        let reasons = stale(house, def, &version, as_of).await?;
        if !reasons.is_empty() {
            found.push(StaleScores { name: def.name.clone(), reasons });
        }
    }
    Ok(found)
}

/// Scores the customers of every champion (of these models, when some are named) whose scores are stale, and keeps the scores. What one fails at, the
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
    let mut due: Vec<(&ModelDef, ModelVersion, Vec<String>)> = Vec::new();
    for def in house.bank.models.values().filter(|def| names.is_empty() || names.contains(&def.name)) {
        // A flat table is about rows, not about customers.
        let Source::Lake { .. } = &def.source else { continue };
        let Some(version) = champion(house, &def.name).await? else { continue };
        let mut reasons = stale(house, def, &version, as_of).await?;
        if anew && reasons.is_empty() {
            reasons.push("asked for".to_owned());
        }
        if !reasons.is_empty() {
            due.push((def, version, reasons));
        }
    }
    if due.is_empty() {
        return Ok(Vec::new());
    }
    let _lock = crate::load::lock(house).await?;
    let mut done = Vec::new();
    progress.begin("scoring", "models", Some(due.len() as u64));
    for (def, version, because) in due {
        let number = version.version;
        done.push(match one(house, def, &version, as_of).await {
            Ok(scored) => Scored { because, ..scored },
            Err(error) => Scored {
                name: def.name.clone(),
                version: number,
                customers: 0,
                left_out: 0,
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

/// What is kept beside a model's scores; none when it never scored.
pub(super) async fn kept(house: &House, name: &str) -> Result<Option<KeptScores>, FlowError> {
    let table = score_table(name);
    if house.bank.catalogue.table(&table).is_none() {
        return Ok(None);
    }
    let Some(newest) = house.lake.newest_commit(&table).await? else { return Ok(None) };
    if let Ok(kept) = serde_json::from_value(newest.info) {
        return Ok(Some(kept));
    }
    let Some(table) = house.lake.table(&table).await? else { return Ok(None) };
    let scored = |commit: &florin_lake::Commit| serde_json::from_value(commit.info.clone()).ok();
    Ok(table.history(COMMITS_MAX).await?.iter().find_map(scored))
}

async fn stale(
    house: &House,
    def: &ModelDef,
    version: &ModelVersion,
    as_of: EventTime,
) -> Result<Vec<String>, FlowError> {
    let Some(kept) = kept(house, &def.name).await? else { return Ok(vec!["it never scored".to_owned()]) };
    let mut reasons = Vec::new();
    if kept.content != version.content {
        reasons.push(format!("version {} is the champion", version.version));
    }
    let now = rests_on(house, def).await?;
    let traits: Vec<&str> = now
        .traits
        .iter()
        .filter(|(name, at)| kept.traits.get(*name) != Some(*at))
        .map(|(name, _)| name.as_str())
        .collect();
    if !traits.is_empty() {
        reasons.push(format!("{} computed since", words(&traits)));
    }
    let tables: Vec<&str> = now
        .tables
        .iter()
        .filter(|(name, at)| kept.tables.get(*name) != Some(*at))
        .map(|(name, _)| name.as_str())
        .collect();
    if !tables.is_empty() {
        reasons.push(format!("{} changed since", words(&tables)));
    }
    if kept.persons != now.persons {
        reasons.push("customers were found to be one, or no longer, since".to_owned());
    }
    let zone = &house.bank.settings.bank.time_zone;
    if crate::traits::day_of(kept.as_of, zone)? != crate::traits::day_of(as_of, zone)? {
        reasons.push("they are as of another day".to_owned());
    }
    Ok(reasons)
}

fn words(names: &[&str]) -> String {
    match names {
        [a, b, c, _, ..] => format!("{a}, {b}, {c} and {} more", names.len() - 3),
        few => few.join(", "),
    }
}

/// What scores rest on, as it stands.
struct RestsOn {
    traits: BTreeMap<String, EventTime>,
    tables: BTreeMap<String, u64>,
    persons: u64,
}

async fn rests_on(house: &House, def: &ModelDef) -> Result<RestsOn, FlowError> {
    let (tables, traits) = named(def);
    let mut computed = BTreeMap::new();
    for name in traits {
        if let Some(kept) = crate::traits::kept_of(house, &name).await? {
            computed.insert(name, kept.computed_at);
        }
    }
    let mut versions = state::tables(house, def).await?;
    // Traits say themselves when their tables changed.
    versions.retain(|name, _| tables.contains(name));
    Ok(RestsOn { traits: computed, tables: versions, persons: crate::traits::persons_version(house).await? })
}

async fn one(house: &House, def: &ModelDef, version: &ModelVersion, as_of: EventTime) -> Result<Scored, FlowError> {
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
    let frame = frame_of(&profiling, &features, &people).await?;
    knows(def, &*model, &frame)?;
    let (scores, told) = tokio::task::block_in_place(|| scores_with_reasons(def, &*model, &frame))?;
    let mut drift = if people.is_empty() { Vec::new() } else { made.expected.drift(&frame, &scores)? };
    drift.truncate(DRIFT_MAX + 1);
    let kept = KeptScores {
        version: version.version,
        content: version.content.clone(),
        as_of,
        traits: rests.traits,
        tables: rests.tables,
        persons: rests.persons,
        customers: people.len(),
        drift: drift.clone(),
    };
    keep(house, def, &people, scores, told, &kept).await?;
    let entry = Entry::new(house.now(), &house.who, Some(Purpose::Service), EventKind::Profile)
        .with("model", def.name.as_str())
        .with("version", version.version)
        .with("customers", people.len())
        .with("as_of", as_of.micros());
    house.record(&entry).await?;
    Ok(Scored {
        name: def.name.clone(),
        version: version.version,
        customers: people.len(),
        left_out,
        because: Vec::new(),
        drift,
        failed: None,
    })
}

async fn frame_of(profiling: &Profiling<'_>, features: &Features<'_>, people: &[i64]) -> Result<Frame, FlowError> {
    let mut growing = Growing::new(features.traits.to_vec());
    gather(profiling.session(), features, people, &mut growing, 0).await?;
    growing.frame()
}

/// The model's features are there.
pub(super) fn knows(def: &ModelDef, model: &dyn Model, frame: &Frame) -> Result<(), FlowError> {
    match model.schema().names.iter().find(|name| frame.column(name).is_err()) {
        None => Ok(()),
        Some(name) => {
            let what = format!("the version was trained with the feature `{name}`, which the definition no longer has");
            Err(wrong(&def.name, format!("{what}; train and promote a new version, or put the feature back")))
        }
    }
}

/// Those who may be seen for at least one of the model's purposes, and how many may not.
async fn seen(
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
fn scores_with_reasons(def: &ModelDef, model: &dyn Model, frame: &Frame) -> Result<(Vec<f64>, Vec<String>), FlowError> {
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
    Ok((scores, told))
}

async fn keep(
    house: &House,
    def: &ModelDef,
    people: &[i64],
    scores: Vec<f64>,
    reasons: Vec<String>,
    kept: &KeptScores,
) -> Result<(), FlowError> {
    let tables = open_together(&house.lake, vec![score_table(&def.name)]).await?;
    let Some(table) = tables.into_iter().next() else {
        return Err(FlowError::Internal("a table of scores was not opened".to_owned()));
    };
    let rows = batch(&table.def().schema(), people, scores, reasons, kept, house.now())?;
    let (scratch, file) = (house.scratch()?, house.fresh_name());
    let pieces = (0..rows.num_rows().max(1)).step_by(CHUNK_ROWS);
    let rows = pieces.map(|from| rows.slice(from, CHUNK_ROWS.min(rows.num_rows() - from))).collect();
    let to_write = [SortedRows { rows, sink: house.sink(table.def(), &scratch, &file, 1, &|_| {}) }];
    let written = write_sorted(&to_write, house.around.threads).await?;
    drop(to_write);
    let info = serde_json::to_value(kept).map_err(|e| FlowError::Internal(e.to_string()))?;
    let changes = written.into_iter().map(|files| Overwrite { table: table.clone(), files, info: info.clone() });
    overwrite_together(changes.collect(), house.now_millis()).await?;
    Ok(())
}

/// The rows of the table. What is said of a time is known from that time on.
fn batch(
    schema: &SchemaRef,
    people: &[i64],
    scores: Vec<f64>,
    reasons: Vec<String>,
    kept: &KeptScores,
    now: EventTime,
) -> Result<RecordBatch, FlowError> {
    let count = people.len();
    let (said_of, now) = (times(count, kept.as_of), times(count, now));
    let (scores, reasons): (ArrayRef, ArrayRef) =
        (Arc::new(Float64Array::from(scores)), Arc::new(StringArray::from(reasons)));
    let column = |name: &str| -> ArrayRef {
        match name {
            CUSTOMER_ID => Arc::new(Int64Array::from(people.to_vec())),
            "score" => Arc::clone(&scores),
            "reasons" => Arc::clone(&reasons),
            "version" => Arc::new(Int64Array::from(vec![i64::from(kept.version); count])),
            VALID_FROM | "known_at" => Arc::clone(&said_of),
            "scored_at" | "received_at" => Arc::clone(&now),
            "source" => Arc::new(StringArray::from(vec!["florin run"; count])),
            "row_number" => Arc::new((0..count as i64).collect::<Int64Array>()),
            _ => Arc::new(Int64Array::from(vec![0; count])),
        }
    };
    let columns: Vec<ArrayRef> = schema.fields().iter().map(|field| column(field.name())).collect();
    Ok(RecordBatch::try_new(Arc::clone(schema), columns)?)
}

fn times(count: usize, time: EventTime) -> ArrayRef {
    Arc::new(TimestampMicrosecondArray::from(vec![time.micros(); count]).with_timezone("UTC"))
}
