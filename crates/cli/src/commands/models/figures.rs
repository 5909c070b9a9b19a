//! How good a version is, as people read it.

use comfy_table::{Cell, Table};
use florin_pipelines::models::{
    Assessment, Drift, Drifted, EffectEvaluation, Evaluation, Headline, Interval, Judged, JudgedChances, JudgedOdd,
    JudgedTexts, JudgedTimes, OddEvaluation, SeriesEvaluation, SurvivalEvaluation, TextEvaluation, UpliftFigures,
};

use crate::show;

/// Features whose drift is shown.
const DRIFT_SHOWN: usize = 10;

/// Labels of texts that are shown, the worst first.
const WORST_SHOWN: usize = 5;

/// A number with its interval.
fn with_interval(value: f64, low: f64, high: f64) -> String {
    format!("{value:.3} ({low:.3} to {high:.3})")
}

/// The figure by which versions are told apart.
pub(super) fn headline(of: &Headline) -> String {
    format!("{} {}", of.figure, with_interval(of.value.value, of.value.low, of.value.high))
}

/// How good scores are on some rows.
pub(super) fn figures(judged: &Judged) -> Table {
    match judged {
        Judged::Chance(found) => chances(found),
        Judged::Effect(found) => effects(found),
        Judged::Time(found) => times(found),
        Judged::Text(found) => texts(found),
        Judged::Series(found) => series(found),
        Judged::Odd(found) => odd(found),
    }
}

/// How well predicted effects order customers.
fn effects(found: &UpliftFigures) -> Table {
    let mut table = show::table(&["figure", "value", "what it says"]);
    let mut row = |name: &str, i: Interval, says: &str| {
        table.add_row([name, with_interval(i.value, i.low, i.high).as_str(), says]);
    };
    row("effect", found.effect, "mean outcome of the treated less that of the others");
    if let Some(qini) = found.qini {
        row("Qini", qini, "area of the Qini curve above a straight line, over that of a perfect order; 0 is chance");
    }
    if let Some(auuc) = found.auuc {
        row("AUUC", auuc, "the same of the uplift curve");
    }
    table
}

/// The same of a version's own test, with the effect on those whom it puts first.
fn of_effects(found: &EffectEvaluation) -> Table {
    let mut table = effects(&found.figures);
    let rows = &found.rows;
    let counted = format!("{} ({} treated)", rows.test, rows.test_treated);
    table.add_row(["rows", counted.as_str(), "that it has not seen"]);
    for (share, effect) in &found.at {
        let Some(i) = effect.effect else { continue };
        let says = format!("on the {:.0} % with the largest predicted effects", 100.0 * share);
        table.add_row(["effect", with_interval(i.value, i.low, i.high).as_str(), says.as_str()]);
    }
    table.add_row(psi_row(found.scores.psi));
    table
}

/// How well times are foretold.
fn times(found: &JudgedTimes) -> Table {
    let mut table = chances(&found.chances);
    let i = found.concordance;
    let says = "of two of whom one is known to come first, how often it says so";
    table.add_row(["concordance", with_interval(i.value, i.low, i.high).as_str(), says]);
    let (rows, happened) = found.rows;
    let says = format!(
        "all rows; to {happened} it happened while they were seen; the other figures are by {:.0}",
        found.horizon
    );
    table.add_row(["seen", rows.to_string().as_str(), says.as_str()]);
    table
}

/// The same of a version's own test, over time and beside plain rules.
fn of_times(found: &SurvivalEvaluation) -> Table {
    let mut table = show::table(&["figure", "value", "what it says"]);
    let mut row = |name: &str, value: String, says: &str| {
        table.add_row([name, value.as_str(), says]);
    };
    let rows = &found.rows;
    row("rows", rows.test.to_string(), &format!("that it has not seen; to {} it happened", rows.test_events));
    let i = found.concordance;
    let says = "of two of whom one is known to come first, how often it says so";
    row("concordance", with_interval(i.value, i.low, i.high), says);
    for at in &found.at {
        let by = format!("AUC by {:.0}", at.time);
        let (said, happened) = (100.0 * at.said, 100.0 * at.happened.value);
        let says = format!("{said:.1} % were said to, and to {happened:.1} % it did");
        row(&by, with_interval(at.figures.auc.value, at.figures.auc.low, at.figures.auc.high), &says);
        if let Some(i) = at.figures.brier {
            let says = format!("saying the average to everybody has {:.4}", at.brier_of_average);
            row(&format!("Brier by {:.0}", at.time), format!("{:.4}", i.value), &says);
        }
    }
    row(
        "calibration error",
        format!("{:.4}", found.calibration.expected_error),
        "how far chances by the horizon are from what happens, on average",
    );
    for baseline in &found.baselines {
        let says = format!("concordance of {}", baseline.words.en);
        row("beside it", format!("{:.3}", baseline.concordance.value), &says);
    }
    table.add_row(psi_row(found.stability.scores.psi));
    table
}

/// How often verdicts on texts are right.
fn texts(found: &JudgedTexts) -> Table {
    let mut table = show::table(&["figure", "value", "what it says"]);
    let mut row = |name: &str, value: String, says: &str| {
        table.add_row([name, value.as_str(), says]);
    };
    let (accuracy, f1) = (found.accuracy, found.macro_f1);
    row("texts", found.rows.to_string(), "with a label, that it has not learnt from");
    row("accuracy", with_interval(accuracy.value, accuracy.low, accuracy.high), "share of right verdicts");
    row("macro-F1", with_interval(f1.value, f1.low, f1.high), "mean over labels, each counting the same");
    let says = "how far probabilities are from how often verdicts are right, on average";
    row("calibration error", format!("{:.4}", found.calibration_error), says);
    table
}

/// The same of a version's own test, with the worst labels.
fn of_texts(found: &TextEvaluation) -> Table {
    let (rows, calibration_error) = (found.rows.test, found.calibration.expected_error);
    let mut table = texts(&JudgedTexts { rows, accuracy: found.accuracy, macro_f1: found.macro_f1, calibration_error });
    let says = format!("accuracy of always saying `{}`", found.baseline.label);
    table.add_row(["beside it", format!("{:.3}", found.baseline.accuracy.value).as_str(), says.as_str()]);
    for class in found.classes.iter().filter(|class| class.figures.rows > 0).take(WORST_SHOWN) {
        let Some(f1) = class.figures.f1 else { continue };
        let says = format!("of `{}`, among the worst ({} texts)", class.label, class.figures.rows);
        table.add_row(["F1", with_interval(f1.value, f1.low, f1.high).as_str(), says.as_str()]);
    }
    let says = "of labels, test beside training; below 0.1 is stable";
    table.add_row(["stability index", format!("{:.3}", found.stability.psi).as_str(), says]);
    table
}

/// How far a forecast was off from days in the past.
fn series(found: &SeriesEvaluation) -> Table {
    let mut table = show::table(&["figure", "value", "what was a week before", "what it says"]);
    let mut row = |name: &str, value: String, naive: String, says: &str| {
        table.add_row([name, value.as_str(), naive.as_str(), says]);
    };
    let (own, naive) = (&found.errors, &found.naive);
    let share = |of: Option<f64>| of.map_or_else(|| "-".to_owned(), |share| format!("{:.1} %", 100.0 * share));
    let plain = |of: Option<f64>| of.map_or_else(|| "-".to_owned(), |figure| format!("{figure:.3}"));
    row("MAPE", share(own.mape), share(naive.mape), "mean distance, as a share of the value");
    row("mean error", format!("{:.2}", own.mae), format!("{:.2}", naive.mae), "in the unit of the series");
    row(
        "MASE",
        plain(own.mase),
        plain(naive.mase),
        "over a week before's error in the days known first; below 1 is better",
    );
    let i = found.skill;
    row("skill", with_interval(i.value, i.low, i.high), "0".to_owned(), "by what share errors are smaller");
    let says = format!("how often intervals held; they were to hold {:.0} %", 100.0 * found.level);
    row("coverage", format!("{:.1} %", 100.0 * found.coverage.value), "-".to_owned(), &says);
    let rows = &found.rows;
    let says = format!("of {} days each, over {} to {}", rows.horizon, rows.from, rows.to);
    row("back-tests", rows.backtests.to_string(), "-".to_owned(), &says);
    table
}

/// Who is flagged, and whether they were odd.
fn odd(found: &JudgedOdd) -> Table {
    let mut table = show::table(&["figure", "value", "what it says"]);
    let mut row = |name: &str, value: String, says: &str| {
        table.add_row([name, value.as_str(), says]);
    };
    row("rows", found.rows.to_string(), "that it was not grown from");
    row("flagged", share(found.flagged), &format!("scores above {:.4}", found.threshold));
    if let Some(check) = &found.check {
        let says = format!("of {} rows it is known; {} turned out to be odd", check.rows, check.positives);
        row("AUC", with_interval(check.auc.value, check.auc.low, check.auc.high), &says);
        let i = check.average_precision;
        row("average precision", with_interval(i.value, i.low, i.high), "precision over all thresholds");
    }
    table
}

/// The same of a version's own test, with how much of it is chance.
fn of_odd(found: &OddEvaluation) -> Table {
    let check = found.check.as_ref().map(|check| check.figures);
    let (rows, threshold, flagged) = (found.rows.test, found.threshold, found.flagged);
    let mut table = odd(&JudgedOdd { rows, threshold, flagged, check });
    let says = format!("of those flagged, what {} forests of other seeds flag too", found.rows.others);
    table.add_row(["agreement", share(found.agreement).as_str(), says.as_str()]);
    if let Some(plain) = found.check.as_ref().and_then(|check| check.plain.as_ref()) {
        let says = format!("AUC of {}", plain.words.en);
        table.add_row(["beside it", format!("{:.3}", plain.auc.value).as_str(), says.as_str()]);
    }
    for feature in found.oddest.iter().take(WORST_SHOWN).filter(|feature| feature.value > 0.0) {
        let says = format!("what `{}` adds to the score of those flagged, on average", feature.feature);
        table.add_row(["odd in", format!("{:+.3}", feature.value).as_str(), says.as_str()]);
    }
    table.add_row(psi_row(found.scores.psi));
    table
}

fn share(of: Interval) -> String {
    format!("{:.2} % ({:.2} to {:.2})", 100.0 * of.value, 100.0 * of.low, 100.0 * of.high)
}

fn psi_row(psi: f64) -> [String; 3] {
    let says = "of scores, test beside training; below 0.1 is stable";
    ["stability index".to_owned(), format!("{psi:.3}"), says.to_owned()]
}

/// How well scores rank, and whether they hold.
fn chances(judged: &JudgedChances) -> Table {
    let mut table = show::table(&["figure", "value", "what it says"]);
    let found = &judged.figures;
    let rate = found.positives as f64 / found.rows.max(1) as f64;
    let mut row = |name: &str, value: String, says: &str| {
        table.add_row([name, value.as_str(), says]);
    };
    row("rows", format!("{} ({:.2} % happened)", found.rows, 100.0 * rate), "that it has not seen");
    let intervals = [
        ("AUC", Some(found.auc), "the chance that who it happens to scores above who it does not"),
        ("KS", Some(found.ks), "the largest distance between the two"),
        ("average precision", Some(found.average_precision), "precision over all thresholds"),
        ("lift", Some(found.lift), "rate among the highest tenth, over that of all"),
        ("Brier", found.brier, "squared distance of score and outcome; smaller is better"),
    ];
    for (name, interval, says) in intervals {
        if let Some(i) = interval {
            row(name, with_interval(i.value, i.low, i.high), says);
        }
    }
    let error = judged.calibration_error;
    row("calibration error", format!("{error:.4}"), "how far scores are from what happens, on average");
    table
}

/// The same of a version's own test.
pub(super) fn of_test(found: &Assessment) -> Table {
    match found {
        Assessment::Chance(found) => of_chances(found),
        Assessment::Effect(found) => of_effects(found),
        Assessment::Time(found) => of_times(found),
        Assessment::Text(found) => of_texts(found),
        Assessment::Series(found) => series(found),
        Assessment::Odd(found) => of_odd(found),
    }
}

fn of_chances(found: &Evaluation) -> Table {
    let (figures, error) = (found.quality.figures, found.calibration.curve.expected_error);
    let mut table = chances(&JudgedChances { figures, calibration_error: error });
    for baseline in &found.baselines {
        let says = format!("AUC of {}", baseline.words.en);
        table.add_row(["beside it", format!("{:.3}", baseline.auc).as_str(), says.as_str()]);
    }
    table.add_row(psi_row(found.stability.scores.psi));
    table
}

/// What a reader must know first.
pub(super) fn findings(found: &Assessment) -> Option<Table> {
    if found.findings().is_empty() {
        return None;
    }
    let mut table = show::table(&["what to know", "要点"]);
    for finding in found.findings() {
        table.add_row([finding.words.en.as_str(), finding.words.zh.as_str()]);
    }
    Some(table)
}

/// What the guards say.
pub(super) fn verdicts(found: &Assessment) -> Table {
    let mut table = show::table(&["guard", "lets it go", "because"]);
    for verdict in found.guards() {
        let goes = if verdict.passes { "yes" } else { "no" };
        table.add_row([verdict.guard.as_str(), goes, verdict.words.en.as_str()]);
    }
    table
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
