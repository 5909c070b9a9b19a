//! Who is who in a made-up bank, through the program: simulate, load, resolve, and count against the truth. Runs once: it
//! measures how good, not how fast.

use std::{collections::BTreeMap, fs};

use anyhow::{Context, Result};
use serde::Deserialize;

use super::{report::Row, workbench::Workbench};
use crate::house;

const PRECISION_GOAL: f64 = 0.999;
const RECALL_GOAL: f64 = 0.97;

/// What `made_up_bank.py` prints, as far as there are goals for it.
#[derive(Debug, Deserialize)]
struct Told {
    scores: BTreeMap<String, Rates>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
struct Rates {
    precision: f64,
    recall: f64,
}

/// Pairwise precision and recall against their goals. All that was counted goes to standard error.
pub(super) fn measure(bench: &Workbench) -> Result<Vec<Row>> {
    let scratch = bench.scratch("made-up-bank")?;
    eprintln!("made-up-bank: {} customers", bench.customers);
    let mut command = bench.script("identity/made_up_bank.py");
    command.arg(bench.program()?).arg(bench.customers.to_string()).arg(scratch.join("bank"));
    let said = house::output(&mut command)?;
    eprintln!("{}", said.trim());
    fs::remove_dir_all(&scratch).with_context(|| format!("could not remove `{}`", scratch.display()))?;
    judged(bench.customers, &said)
}

fn judged(customers: u64, said: &str) -> Result<Vec<Row>> {
    let told: Told = serde_json::from_str(said.trim()).context("made_up_bank.py wrote no scores")?;
    let pairs = *told.scores.get("pairwise").context("made_up_bank.py wrote no scores of pairs")?;
    let question = |what| format!("made-up bank, {customers} customers: pairwise {what}");
    Ok(vec![
        Row::share_limit(question("precision"), pairs.precision, PRECISION_GOAL),
        Row::share_limit(question("recall"), pairs.recall, RECALL_GOAL),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn precision_and_recall_have_a_goal_each() {
        let said = r#"{"scores": {"pairwise": {"precision": 0.9999, "recall": 0.9, "f1": 0.95}}, "counts": {}}"#;
        let rows = judged(10, said).expect("what the script writes");
        assert_eq!(rows.iter().map(|row| row.ok).collect::<Vec<_>>(), [true, false]);
        assert!(judged(10, r#"{"scores": {}}"#).is_err());
    }
}
