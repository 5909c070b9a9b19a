//! What a reader of an evaluation of the odd ones must know first, and what guards say of it.

use super::{
    findings::{drift, in_order, of_release, percent, say},
    guards::told,
    odd::{OddAxis, OddEvaluation},
    report::{Finding, GuardVerdict, Severity, Topic},
};
use crate::definition::Guards;

/// Below this agreement of seeds it is told: whom it flags is then as much chance as oddness.
const AGREES: f64 = 0.7;
/// How many times as many as were to be flagged is told.
const TIMES: f64 = 1.5;
/// How many times as often as all others a group is flagged when it is told.
const MORE_OFTEN: f64 = 2.0;
/// Flagged rows below which figures are told to be unsure.
const FEW: f64 = 20.0;

pub(super) fn verdicts(guards: &Guards, found: &OddEvaluation) -> Vec<GuardVerdict> {
    let mut verdicts = Vec::new();
    let mut judge = |guard: &str, limit: Option<f64>, at_least: bool, value: Option<f64>, what: [&str; 2]| {
        let Some(limit) = limit else { return };
        let passes = value.is_some_and(|value| if at_least { value >= limit } else { value <= limit });
        let words = told(what, value, limit, at_least, passes);
        verdicts.push(GuardVerdict { guard: guard.to_owned(), limit, found: value, passes, words });
    };
    let auc = found.check.as_ref().map(|check| check.figures.auc.value);
    judge("auc_min", guards.auc_min, true, auc, ["AUC", "AUC"]);
    judge(
        "agreement_min",
        guards.agreement_min,
        true,
        Some(found.agreement.value),
        ["其他种子同样标出的占比", "share that forests of other seeds flag too"],
    );
    judge(
        "flagged_share_max",
        guards.flagged_share_max,
        false,
        Some(found.flagged.value),
        ["测试中被标出的占比", "share of the test that is flagged"],
    );
    judge(
        "stability_index_max",
        guards.stability_index_max,
        false,
        Some(found.scores.psi),
        ["分数的 PSI", "PSI of scores"],
    );
    verdicts
}

pub(super) fn findings(found: &OddEvaluation) -> Vec<Finding> {
    let mut all: Vec<Finding> = found.groups.iter().filter_map(most_flagged).collect();
    all.extend(of_release(&[], &found.guards));
    all.extend(checked(found));
    all.extend(by_chance(found));
    all.extend(flagged(found));
    all.extend(drift(&found.scores, &found.features));
    in_order(all)
}

/// The group of an axis that is surely flagged far more often than all others.
fn most_flagged(axis: &OddAxis) -> Option<Finding> {
    let group = axis.groups.first()?;
    let (own, others) = (group.flagged?, group.others?);
    if own.low <= others.high || own.value < MORE_OFTEN * others.value {
        return None;
    }
    let severity = if axis.protected { Severity::Watch } else { Severity::Note };
    let (share, rest) = (percent(own.value), percent(others.value));
    let zh = format!("{}为“{}”的客户有 {share} 被标出，其他客户为 {rest}", axis.words.zh, group.words.zh);
    let en = format!("flags {share} of customers with {} {}, and {rest} of the others", axis.words.en, group.words.en);
    Some(say(severity, Topic::Fairness, zh, en))
}

/// Whether it puts first what turned out to be odd; that nobody knows is told as well.
fn checked(found: &OddEvaluation) -> Vec<Finding> {
    let Some(check) = &found.check else {
        let zh = "没有标签可核对：被标出的客户是否真的值得关注，尚无人衡量".to_owned();
        let en = "nothing says who turned out to be odd: what flags are worth has not been measured".to_owned();
        return vec![say(Severity::Note, Topic::TooFew, zh, en)];
    };
    let mut all = Vec::new();
    let auc = check.figures.auc;
    if auc.low <= 0.5 {
        let (zh, en) = (
            format!("不能确定分数与实际有关：AUC {:.3}", auc.value),
            format!("does not surely put first what turned out to be odd: AUC {:.3}", auc.value),
        );
        all.push(say(Severity::Fails, Topic::Baseline, zh, en));
    }
    if let Some(plain) = check.plain.as_ref().filter(|plain| plain.above.low <= 0.0) {
        let severity = if plain.above.high < 0.0 { Severity::Fails } else { Severity::Watch };
        let (own, other) = (auc.value, plain.auc.value);
        let zh = format!("不能确定比“{}”好：AUC {own:.3}，后者 {other:.3}", plain.words.zh);
        let en = format!("is not surely better than {}: AUC {own:.3} against {other:.3}", plain.words.en);
        all.push(say(severity, Topic::Baseline, zh, en));
    }
    all
}

fn by_chance(found: &OddEvaluation) -> Option<Finding> {
    let agreement = found.agreement.value;
    if agreement >= AGREES {
        return None;
    }
    let share = percent(agreement);
    let zh = format!("换一个种子，被标出的客户只有 {share} 相同：增加 `trees` 可使结果更稳定");
    let en = format!("a forest of another seed flags only {share} of the same rows: more `trees` settle it");
    Some(say(Severity::Watch, Topic::Overfit, zh, en))
}

fn flagged(found: &OddEvaluation) -> Vec<Finding> {
    let mut all = Vec::new();
    let (own, wanted) = (found.flagged, found.share);
    let off = own.value > TIMES * wanted || own.value < wanted / TIMES;
    if off && !own.contains(wanted) {
        let (share, asked) = (percent(own.value), percent(wanted));
        let zh = format!("测试中有 {share} 被标出，定义为 {asked}");
        let en = format!("flags {share} of the test, where {asked} was asked for");
        all.push(say(Severity::Watch, Topic::Drift, zh, en));
    }
    let rows = own.value * found.rows.test as f64;
    if rows < FEW {
        let zh = format!("测试中只有 {rows:.0} 行被标出：数字不确定");
        let en = format!("only {rows:.0} rows of the test are flagged: figures are unsure");
        all.push(say(Severity::Note, Topic::TooFew, zh, en));
    }
    all
}
