//! Many made-up records: how long matching them takes and how much memory, and how long finding one customer takes.

use std::time::Instant;

use florin_identity::{
    Model, RecordRef, Records, Rule, Settings, cluster, index::Index, link, link_new, scores, train,
};
use serde_json::json;

use crate::{
    Failure,
    people::{self, Dice, Record},
};

const SEED: u64 = 7;
/// New records that are looked up.
const LOOKUPS: u64 = 5_000;
/// One record in that many is taken for new, to be linked without comparing everything.
const NEW_ONE_IN: usize = 100;

/// Matches `count` records from raw values to clusters, then looks records up one by one. `loose` compares everybody born
/// on the same day too.
pub(crate) fn measure(count: usize, loose: bool) -> Result<(), Failure> {
    // The new records are of the same people: the generator makes a few more records, and those are held back.
    let mut made = people::records(count + LOOKUPS as usize * 4, SEED);
    shuffle(&mut made);
    let fresh = made.split_off(count);
    let mut settings = florin_identity::people::settings();
    if loose {
        settings.blocking.push(Rule::whole(&["birth_date"]));
    }
    let begun = Instant::now();
    let rows = made.iter().map(|record| (record.id, record.values.iter().map(Option::as_deref)));
    let records = Records::build(florin_identity::people::fields(), rows)?;
    let built = begun.elapsed().as_secs_f64();
    let trained = train(&records, &settings)?;
    let trained_at = begun.elapsed().as_secs_f64();
    let links = link(&records, &settings, &trained.model, settings.link_probability)?;
    let linked = begun.elapsed().as_secs_f64();
    let clusters = cluster(&records, &settings, &links.links, &[])?;
    let seconds = begun.elapsed().as_secs_f64();
    let new_seconds = link_some(&records, &settings, &trained.model)?;
    let truth = truth(&records, &made);
    println!(
        "{}",
        json!({
            "records": records.len(), "seconds": seconds, "build": built, "train": trained_at - built,
            "link": linked - trained_at, "cluster": seconds - linked, "link_new": new_seconds, "pairs_compared": links.pairs_compared,
            "links": links.links.len(), "skewed_keys": links.skewed_keys, "refused": clusters.refused_count,
            "pairwise": scores::pairwise(&clusters.of, &truth), "clusters": scores::clusterwise(&clusters.of, &truth),
            "peak_memory_mib": peak_memory_mib(),
        })
    );
    let index = Index::new(records, settings, &trained.model)?;
    look_up(&index, &fresh, &made)
}

/// Seconds of linking one record in a hundred, chosen across the table, with all there are.
fn link_some(records: &Records, settings: &Settings, model: &Model) -> Result<f64, Failure> {
    let new: Vec<RecordRef> = (0..records.len() as u32).step_by(NEW_ONE_IN).map(|row| records.id(row)).collect();
    let begun = Instant::now();
    link_new(records, settings, model, &new, settings.link_probability)?;
    Ok(begun.elapsed().as_secs_f64())
}

fn shuffle(records: &mut [Record]) {
    let mut dice = Dice::new(SEED + 1);
    for at in (1..records.len()).rev() {
        records.swap(at, dice.below(at as u64 + 1) as usize);
    }
}

fn truth(records: &Records, made: &[Record]) -> Vec<u32> {
    let mut truth = vec![0; made.len()];
    for record in made {
        if let Some(row) = records.row(record.id) {
            truth[row as usize] = record.person;
        }
    }
    truth
}

fn look_up(index: &Index, fresh: &[Record], made: &[Record]) -> Result<(), Failure> {
    let truth = truth(index.records(), made);
    let known: std::collections::HashSet<u32> = truth.iter().copied().collect();
    let (mut micros, mut compared) = (Vec::new(), 0);
    let (mut right, mut wrong, mut missed) = (0, 0, 0);
    for record in fresh.iter().take(LOOKUPS as usize) {
        let begun = Instant::now();
        let found = index.find(record.id.system, &record.values)?;
        micros.push(begun.elapsed().as_micros() as u64);
        compared += found.compared;
        match found.matches.first() {
            Some(first) if truth[first.row as usize] == record.person => right += 1,
            Some(_) => wrong += 1,
            None => missed += usize::from(known.contains(&record.person)),
        }
    }
    micros.sort_unstable();
    let at = |share: f64| micros[((micros.len() - 1) as f64 * share) as usize];
    println!(
        "{}",
        json!({
            "lookups": micros.len(), "p50_us": at(0.5), "p99_us": at(0.99), "max_us": at(1.0),
            "compared_mean": compared as f64 / micros.len() as f64,
            "first_is_right": right, "first_is_wrong": wrong, "missed": missed, "peak_memory_mib": peak_memory_mib(),
        })
    );
    Ok(())
}

/// The peak resident set as the kernel counts it.
pub(crate) fn peak_memory_mib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM"))?;
    line.split_whitespace().nth(1)?.parse::<u64>().ok().map(|kib| kib / 1024)
}
