//! What a reader of an evaluation of a forecast must know first, and what guards say of it.

use super::{
    findings::{in_order, of_release, percent, say},
    guards::told,
    report::{Finding, GuardVerdict, Severity, Topic},
    series::SeriesEvaluation,
};
use crate::definition::Guards;

/// How far coverage may surely lie below what was promised before it is told.
const SHORT_OF: f64 = 0.05;
/// Back-tests below which figures are told to be unsure.
const FEW: usize = 4;
/// The share of days without a row of their own that is told.
const FILLED: f64 = 0.05;
/// A mean error above this share of the mean size is told.
const BIASED: f64 = 0.05;

pub(super) fn verdicts(guards: &Guards, found: &SeriesEvaluation) -> Vec<GuardVerdict> {
    let mut verdicts = Vec::new();
    let mut judge = |guard: &str, limit: Option<f64>, at_least: bool, value: Option<f64>, what: [&str; 2]| {
        let Some(limit) = limit else { return };
        let passes = value.is_some_and(|value| if at_least { value >= limit } else { value <= limit });
        let words = told(what, value, limit, at_least, passes);
        verdicts.push(GuardVerdict { guard: guard.to_owned(), limit, found: value, passes, words });
    };
    judge("mape_max", guards.mape_max, false, found.errors.mape, ["MAPE", "MAPE"]);
    judge("mase_max", guards.mase_max, false, found.errors.mase, ["MASE", "MASE"]);
    judge(
        "coverage_min",
        guards.coverage_min,
        true,
        Some(found.coverage.value),
        ["区间覆盖率", "coverage of intervals"],
    );
    // A forecast that is no better than what was a week before is none: this guard is always there.
    judge(
        "skill_min",
        Some(guards.skill_min.unwrap_or(0.0)),
        true,
        Some(found.skill.value),
        ["比照搬上周减少的误差占比", "share by which errors are below those of last week's values"],
    );
    verdicts
}

pub(super) fn findings(found: &SeriesEvaluation) -> Vec<Finding> {
    let mut all = of_release(&[], &found.guards);
    let skill = found.skill;
    if skill.low <= 0.0 {
        let (severity, share) =
            (if skill.high < 0.0 { Severity::Fails } else { Severity::Watch }, percent(skill.value));
        let zh = format!("不能确定比照搬上周更准：误差小 {share}");
        let en = format!("is not surely better than what was a week before: errors are smaller by {share}");
        all.push(say(severity, Topic::Baseline, zh, en));
    }
    if found.coverage.high < found.level && found.coverage.value < found.level - SHORT_OF {
        let (held, level) = (percent(found.coverage.value), percent(found.level));
        let zh = format!("区间只覆盖了 {held} 的实际值，应为 {level}");
        let en = format!("intervals held {held} of what happened, and were to hold {level}");
        all.push(say(Severity::Watch, Topic::Calibration, zh, en));
    }
    let bias = found.errors.bias * found.rows.backtests as f64 * found.rows.horizon as f64
        / found
            .backtests
            .iter()
            .flat_map(|test| &test.actual)
            .map(|value| value.abs())
            .sum::<f64>()
            .max(f64::MIN_POSITIVE);
    if bias.abs() > BIASED {
        let share = percent(bias.abs());
        let (zh_way, en_way) = if bias > 0.0 { ("低", "low") } else { ("高", "high") };
        let zh = format!("预测平均偏{zh_way} {share}");
        let en = format!("forecasts were too {en_way} by {share} on average");
        all.push(say(Severity::Watch, Topic::Calibration, zh, en));
    }
    let filled = found.rows.filled as f64 / found.rows.days.max(1) as f64;
    if filled > FILLED {
        let share = percent(filled);
        let zh = format!("{share} 的日子没有数据，按定义补上");
        let en = format!("{share} of days have no row and were filled as the definition says");
        all.push(say(Severity::Watch, Topic::TooFew, zh, en));
    }
    if found.rows.backtests < FEW {
        let tests = found.rows.backtests;
        let zh = format!("只有 {tests} 次回测：数字不确定");
        let en = format!("there are only {tests} back-tests: figures are unsure");
        all.push(say(Severity::Note, Topic::TooFew, zh, en));
    }
    in_order(all)
}
