//! What a reader of an evaluation of times must know first, and what guards say of it.

use florin_measurement::comparison::Verdict;

use super::{
    findings::{calibration, drift, in_order, of_groups, of_release, percent, say},
    guards::{leaks_verdict, lowest_ratio, told, worst_group},
    report::{Finding, GuardVerdict, Severity, Topic},
    survival::SurvivalEvaluation,
};
use crate::definition::Guards;

/// Rows to which it happened in the test, below which figures are told to be unsure.
const FEW_EVENTS: usize = 50;

pub(super) fn verdicts(guards: &Guards, found: &SurvivalEvaluation) -> Vec<GuardVerdict> {
    let mut verdicts = Vec::new();
    let mut judge = |guard: &str, limit: Option<f64>, at_least: bool, value: Option<f64>, what: [&str; 2]| {
        let Some(limit) = limit else { return };
        let passes = value.is_some_and(|value| if at_least { value >= limit } else { value <= limit });
        let words = told(what, value, limit, at_least, passes);
        verdicts.push(GuardVerdict { guard: guard.to_owned(), limit, found: value, passes, words });
    };
    judge(
        "concordance_min",
        guards.concordance_min,
        true,
        Some(found.concordance.value),
        ["一致性指数", "concordance"],
    );
    judge(
        "concordance_above_baseline_min",
        guards.concordance_above_baseline_min,
        true,
        found.baselines.first().map(|best| best.above.value),
        ["比最好的简单规则高出的一致性指数", "concordance above that of the best plain rule"],
    );
    let auc = found.at.last().map(|at| at.figures.auc.value);
    judge("auc_min", guards.auc_min, true, auc, ["期末 AUC", "AUC at the horizon"]);
    let worst = worst_group(&found.groups);
    judge("group_auc_min", guards.group_auc_min, true, worst, ["最差客群的 AUC", "AUC of the worst group"]);
    judge(
        "calibration_error_max",
        guards.calibration_error_max,
        false,
        Some(found.calibration.expected_error),
        ["校准误差", "calibration error"],
    );
    judge(
        "selection_ratio_min",
        guards.selection_ratio_min,
        true,
        lowest_ratio(&found.fairness),
        ["受保护客群之间最低的入选比", "lowest ratio of selection rates between protected groups"],
    );
    judge(
        "stability_index_max",
        guards.stability_index_max,
        false,
        Some(found.stability.scores.psi),
        ["分数的 PSI", "PSI of scores"],
    );
    verdicts.push(leaks_verdict(guards, &found.leaks));
    verdicts
}

pub(super) fn findings(found: &SurvivalEvaluation) -> Vec<Finding> {
    let mut all = of_groups(&found.groups, &found.fairness, found.decision.threshold);
    all.extend(of_release(&found.leaks, &found.guards));
    all.extend(baseline(found));
    all.extend(worse_than_average(found));
    all.extend(calibration(&found.calibration));
    all.extend(drift(&found.stability.scores, &found.stability.features));
    all.extend(rows(found));
    in_order(all)
}

fn baseline(found: &SurvivalEvaluation) -> Option<Finding> {
    let best = found.baselines.first()?;
    let (own, plain) = (found.concordance.value, best.concordance.value);
    let severity = match best.verdict {
        Verdict::Beats => return None,
        Verdict::Level => Severity::Watch,
        Verdict::Loses => Severity::Fails,
    };
    let zh = format!("不比{}好：一致性指数 {own:.3}，后者 {plain:.3}", best.words.zh);
    let en = format!("is not surely better than {}: concordance {own:.3} against {plain:.3}", best.words.en);
    Some(say(severity, Topic::Baseline, zh, en))
}

/// Chances that are further from what happened than saying the same to everybody.
fn worse_than_average(found: &SurvivalEvaluation) -> Option<Finding> {
    let last = found.at.last()?;
    let (own, plain) = (last.figures.brier?.value, last.brier_of_average);
    if own < plain {
        return None;
    }
    let zh = format!("期末概率不比对所有人都说平均值更准：Brier {own:.4}，后者 {plain:.4}");
    let en = format!(
        "chances are no nearer to what happened than the average for everybody: Brier {own:.4} against {plain:.4}"
    );
    Some(say(Severity::Fails, Topic::Calibration, zh, en))
}

fn rows(found: &SurvivalEvaluation) -> Vec<Finding> {
    let (mut all, rows) = (Vec::new(), &found.rows);
    if rows.test_events < FEW_EVENTS {
        let events = rows.test_events;
        let zh = format!("测试中只发生了 {events} 次：数字不确定");
        let en = format!("it happened only {events} times in the test: figures are unsure");
        all.push(say(Severity::Watch, Topic::TooFew, zh, en));
    }
    if rows.test_lost > 0 {
        let share = percent(rows.test_lost as f64 / rows.test.max(1) as f64);
        let zh = format!("{share} 的测试行在期末之前就不再可见；已按其未失访的概率加权");
        let en = format!(
            "{share} of test rows were lost sight of before the horizon; the others are weighed to make up for them"
        );
        all.push(say(Severity::Note, Topic::TooFew, zh, en));
    }
    all
}
