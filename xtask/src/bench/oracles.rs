//! Models of a made-up bank, through the program, beside an oracle that knows how its people are made. Runs once: it measures how good, not how fast.

use std::fs;

use anyhow::{Context, Result};
use serde::Deserialize;

use super::{report::Row, workbench::Workbench};
use crate::house;

/// Of the oracle's AUC for who leaves within 90 days.
const DEPARTURE_GOAL: f64 = 0.95;
/// Of the oracle's area between Qini curve and a straight line.
const EFFECT_GOAL: f64 = 0.8;

/// What `oracles/made_up_bank.py` prints, as far as there are goals for it.
#[derive(Debug, Deserialize)]
struct Told {
    departure: Beside,
    effect: Beside,
    disfavoured: Named,
}

#[derive(Debug, Deserialize)]
struct Beside {
    ratio: f64,
}

#[derive(Debug, Deserialize)]
struct Named {
    named: bool,
}

/// How much of an oracle's figures models reach, and whether the group that was disfavoured is named. All that was counted goes to standard error.
pub(super) fn measure(bench: &Workbench) -> Result<Vec<Row>> {
    let scratch = bench.scratch("oracles")?;
    let mut command = bench.script("oracles/made_up_bank.py");
    command.arg(bench.program()?).arg(bench.customers.to_string()).arg(scratch.join("bank"));
    let said = house::output(&mut command)?;
    eprintln!("{}", said.trim());
    fs::remove_dir_all(&scratch).with_context(|| format!("could not remove `{}`", scratch.display()))?;
    judged(bench.customers, &said)
}

fn judged(customers: u64, said: &str) -> Result<Vec<Row>> {
    let told: Told = serde_json::from_str(said.trim()).context("oracles/made_up_bank.py wrote no figures")?;
    let question = |what| format!("made-up bank, {customers} customers: {what}");
    let named = if told.disfavoured.named { 1.0 } else { 0.0 };
    Ok(vec![
        Row::share_limit(question("departure, AUC over the oracle's"), told.departure.ratio, DEPARTURE_GOAL),
        Row::share_limit(question("effect of offers, Qini area over the oracle's"), told.effect.ratio, EFFECT_GOAL),
        Row::share_limit(question("the group that the old policy disfavoured is named"), named, 1.0),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_figure_has_its_goal() {
        let said =
            r#"{"departure": {"ratio": 0.96, "auc": 0.8}, "effect": {"ratio": 0.5}, "disfavoured": {"named": true}}"#;
        let rows = judged(10, said).expect("what the script writes");
        assert_eq!(rows.iter().map(|row| row.ok).collect::<Vec<_>>(), [true, false, true]);
        assert!(judged(10, "{}").is_err());
    }
}
