//! A funnel of 20 steps within 180 days by device: whether it completes in little memory, and how soon it lists its customers.

use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::{
    app_events::AppEvents,
    journeys_ours::Ours,
    least::Least,
    median,
    report::{GIB, Row},
    workbench::Workbench,
};
use crate::house;

/// Three visits with a transfer each, and then an application.
const VISIT: [&str; 6] = ["login", "view", "transfer_start", "transfer_confirm", "transfer_done", "logout"];
const VISITS: usize = 3;
const THEN: [&str; 2] = ["apply_start", "apply_submit"];
const MEMORY_LIMIT: f64 = GIB;
/// From starting the program to its end.
const LIST_SECONDS_LIMIT: f64 = 1.0;

/// Seconds and peak memory of the funnel, and seconds of the list of its last step.
pub(super) fn measure(bench: &Workbench) -> Result<Vec<Row>> {
    let events = AppEvents::of(bench, bench.rows)?;
    let ours = Ours::new(bench.program()?, events.bank.clone());
    let last = VISITS * VISIT.len() + THEN.len();
    let counted = house::output(&mut asked(&ours, &[]))?;
    let (value, reached) = most(&counted, last)?;
    eprintln!("journeys-long: {reached} customers of `{value}` came to step {last}");
    let list = ["--list", &last.to_string(), "--value", &value];
    let listed: Value = serde_json::from_str(&house::output(&mut asked(&ours, &list))?)?;
    let length = listed["customers"].as_array().map_or(0, Vec::len) as u64;
    ensure!(length == reached, "{length} customers are listed, {reached} are counted");
    let (mut counts, mut lists, mut peak) = (Vec::new(), Vec::new(), 0.0_f64);
    for run in 1..=bench.runs {
        eprintln!("journeys-long: run {run} of {}", bench.runs);
        let funnel = bench.time(&asked(&ours, &[]))?;
        counts.push(funnel.seconds);
        peak = peak.max(funnel.peak_rss_bytes as f64);
        lists.push(bench.time(&asked(&ours, &list))?.seconds);
    }
    let columns = ["customer_id", "ts", "name", "device"];
    let least = Least::of(bench, &ours.table("event"), &columns)?;
    let about = format!("funnel of {last} steps in 180 days by device");
    Ok(vec![
        Row::seconds_known(format!("{about}, whole program"), median(counts)).beside(Some(least)),
        Row::memory_limit(format!("{about}, peak memory"), peak, MEMORY_LIMIT),
        Row::seconds_limit(format!("{about}, list of {length} customers"), median(lists), LIST_SECONDS_LIMIT),
    ])
}

fn asked(ours: &Ours, more: &[&str]) -> Command {
    let mut command = ours.command("funnel");
    for step in VISIT.repeat(VISITS).iter().chain(&THEN) {
        command.args(["--step", &format!("name = '{step}'")]);
    }
    command.args(["--within", "180 days", "--by", "device", "--json"]).args(more);
    command
}

/// The value of the breakdown with the most customers at a step (from 1), and how many.
fn most(json: &str, step: usize) -> Result<(String, u64)> {
    let answer: Value = serde_json::from_str(json)?;
    let values = answer["values"].as_array().context("the answer has no list `values`")?;
    let told = values.iter().filter_map(|value| {
        let reached = value["steps"][step - 1]["customers"].as_u64()?;
        Some((value["value"].as_str()?.to_owned(), reached))
    });
    told.max_by_key(|(_, reached)| *reached).context("the funnel has no values")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_value_with_the_most_customers_at_the_step_is_listed() {
        let json = r#"{"values": [{"value": "web", "steps": [{"customers": 5}, {"customers": 2}]},
                                  {"value": "ios", "steps": [{"customers": 4}, {"customers": 3}]},
                                  {"value": null, "steps": [{"customers": 9}, {"customers": 9}]}]}"#;
        assert_eq!(most(json, 2).expect("values"), ("ios".to_owned(), 3));
        assert_eq!(most(json, 1).expect("values"), ("web".to_owned(), 5));
        assert!(most("{}", 1).is_err());
    }
}
