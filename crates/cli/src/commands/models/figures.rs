//! How good a version is, as people read it.

use comfy_table::{Cell, Table};
use florin_pipelines::models::{Drift, Drifted, Judged};

use crate::show;

/// Features whose drift is shown.
const DRIFT_SHOWN: usize = 10;

/// A number with its interval.
fn with_interval(value: f64, low: f64, high: f64) -> String {
    format!("{value:.3} ({low:.3} to {high:.3})")
}

/// The figures of a test.
pub(super) fn figures(judged: &Judged) -> Table {
    let mut table = show::table(&["figure", "value", "what it says"]);
    let rate = judged.happened as f64 / judged.rows.max(1) as f64;
    let mut row = |name: &str, value: String, says: &str| {
        table.add_row([name, value.as_str(), says]);
    };
    row("rows", format!("{} ({:.2} % happened)", judged.rows, 100.0 * rate), "of the test");
    let intervals = [
        ("AUC", Some(judged.auc), "the chance that who it happens to scores above who it does not"),
        ("KS", Some(judged.ks), "the largest distance between the two"),
        ("average precision", Some(judged.average_precision), "precision over all thresholds"),
        ("lift", Some(judged.lift), "rate among the highest tenth, over that of all"),
        ("Brier", judged.brier, "squared distance of score and outcome; smaller is better"),
    ];
    for (name, interval, says) in intervals {
        if let Some(i) = interval {
            row(name, with_interval(i.value, i.low, i.high), says);
        }
    }
    if let Some(error) = judged.calibration_error {
        row("calibration error", format!("{error:.4}"), "how far scores are from what happens, on average");
    }
    if let Some(auc) = judged.baseline_auc {
        row("plain regression's AUC", format!("{auc:.3}"), "what it must beat");
    }
    if let Some(stability) = &judged.stability {
        row("stability index", format!("{:.3}", stability.psi), "of scores, test beside training; below 0.1 is stable");
    }
    table
}

/// What the guards say, and what the leak finder suspects.
pub(super) fn verdicts(judged: &Judged) -> Option<Table> {
    if judged.verdicts.is_empty() {
        return None;
    }
    let mut table = show::table(&["guard", "lets it go", "because"]);
    for verdict in &judged.verdicts {
        let goes = if verdict.passed { "yes" } else { "no" };
        table.add_row([verdict.guard.as_str(), goes, verdict.message.as_str()]);
    }
    Some(table)
}

/// How far scores and features are from training.
pub(super) fn drift(drift: &[Drifted]) -> Option<Table> {
    if drift.is_empty() {
        return None;
    }
    let mut table = show::table(&["what", "stability index", "by chance below", "so"]);
    for drifted in drift.iter().take(1 + DRIFT_SHOWN) {
        table.add_row(vec![
            Cell::new(&drifted.of),
            Cell::new(format!("{:.3}", drifted.psi)),
            Cell::new(format!("{:.3}", drifted.by_chance)),
            Cell::new(word(drifted.drift)),
        ]);
    }
    Some(table)
}

/// What to make of a drift.
pub(super) fn word(drift: Drift) -> &'static str {
    match drift {
        Drift::Stable => "stable",
        Drift::Watch => "watch it",
        Drift::Act => "look into it; training may be due",
    }
}
