//! What a reader must know first, in words.

use florin_measurement::{
    calibration::CalibrationCurve,
    comparison::Verdict,
    fairness::{FourFifths, Pair},
    stability::{Drift, Stability},
};

use super::report::{
    AxisFairness, AxisFigures, Evaluation, FeatureDrift, Finding, GroupReport, GuardVerdict, Severity, Topic,
};
use crate::{definition::Words, leaks::Leak};

/// A group's probabilities are off when they surely are, and by at least this share of what happened …
const OFF_SHARE: f64 = 0.15;
/// … and at least this.
const OFF_LEAST: f64 = 0.01;
/// The calibration error that is told.
const ERROR_TOLD: f64 = 0.03;
/// How much better a model ranks its own rows when that is told.
const OVERFIT_TOLD: f64 = 0.1;
/// Features that moved, and small groups, that are named.
const NAMED_MAX: usize = 4;

/// The worst first; within one severity, customers come before figures.
pub(super) fn all(found: &Evaluation) -> Vec<Finding> {
    let mut all = of_groups(&found.groups, &found.fairness, found.decision.threshold);
    all.extend(of_release(&found.leaks, &found.guards));
    all.extend(baseline(found));
    all.extend(calibration(&found.calibration.curve));
    all.extend(drift(&found.stability.scores, &found.stability.features));
    all.extend(rows(found));
    in_order(all)
}

/// Whom it fails, and how decisions treat groups.
pub(super) fn of_groups(groups: &[AxisFigures], fairness: &[AxisFairness], threshold: f64) -> Vec<Finding> {
    let mut all: Vec<Finding> = Vec::new();
    for axis in groups {
        all.extend(axis.groups.iter().filter_map(|group| failing(axis, group)));
        all.extend(axis.groups.iter().filter_map(|group| miscalibrated(axis, group)));
        all.extend(too_small(axis));
    }
    for axis in fairness {
        all.extend(axis.pairs.first().and_then(|pair| unequal(axis, pair, threshold)));
    }
    all
}

/// What leaks, and which guards refuse.
pub(super) fn of_release(leaks: &[Leak], guards: &[GuardVerdict]) -> Vec<Finding> {
    let leaks = leaks.iter().map(|leak| {
        let words = Words { zh: format!("疑似泄漏：{}", leak.message_zh()), en: leak.message.clone() };
        Finding { severity: Severity::Fails, topic: Topic::Leak, words }
    });
    let guards = guards.iter().filter(|guard| !guard.passes && guard.guard != "leaks_allowed");
    let guards =
        guards.map(|guard| Finding { severity: Severity::Fails, topic: Topic::Guard, words: guard.words.clone() });
    leaks.chain(guards).collect()
}

/// The worst first; within one severity, customers come before figures.
pub(super) fn in_order(mut all: Vec<Finding>) -> Vec<Finding> {
    let rank = |topic: Topic| match topic {
        Topic::Group => 0,
        Topic::Fairness => 1,
        Topic::Leak => 2,
        Topic::Guard => 3,
        _ => 4,
    };
    all.sort_by_key(|finding| (finding.severity, rank(finding.topic)));
    all
}

pub(super) fn say(severity: Severity, topic: Topic, zh: String, en: String) -> Finding {
    Finding { severity, topic, words: Words { zh, en } }
}

/// The model ranks a group's customers surely worse than the others, and by enough to matter.
fn failing(axis: &AxisFigures, group: &GroupReport) -> Option<Finding> {
    let figures = group.figures.figures.as_ref()?;
    let versus = figures.auc_less_rest.filter(|_| group.fails)?;
    let (here, others) = (figures.discrimination.auc.value, figures.discrimination.auc.value - versus.difference.value);
    let rows = group.figures.rows;
    let zh = format!(
        "{}为“{}”的客户预测不准：AUC {here:.2}，其他客户为 {others:.2}（{rows} 行）",
        axis.words.zh, group.words.zh
    );
    let en = format!(
        "fails customers with {} {}: AUC {here:.2} against {others:.2} for the others ({rows} rows)",
        axis.words.en, group.words.en
    );
    Some(say(Severity::Fails, Topic::Group, zh, en))
}

fn miscalibrated(axis: &AxisFigures, group: &GroupReport) -> Option<Finding> {
    let fit = group.figures.figures.as_ref()?.calibration.as_ref().filter(|fit| fit.off)?;
    let gap = (fit.said - fit.happened).abs();
    if gap < OFF_LEAST || gap < OFF_SHARE * fit.happened.max(f64::MIN_POSITIVE) {
        return None;
    }
    let (said, happened) = (percent(fit.said), percent(fit.happened));
    let zh = format!("{}为“{}”的客户：平均预测 {said}，实际 {happened}", axis.words.zh, group.words.zh);
    let en = format!("says {said} for customers with {} {}, and {happened} happened", axis.words.en, group.words.en);
    Some(say(Severity::Watch, Topic::Calibration, zh, en))
}

fn too_small(axis: &AxisFigures) -> Option<Finding> {
    let small: Vec<&GroupReport> = axis.groups.iter().filter(|group| group.figures.figures.is_none()).collect();
    if small.is_empty() {
        return None;
    }
    let named = |of: fn(&Words) -> &str| {
        let names = small.iter().take(NAMED_MAX).map(|group| format!("{} ({})", of(&group.words), group.figures.rows));
        names.collect::<Vec<_>>().join(", ")
    };
    let more = small.len().saturating_sub(NAMED_MAX);
    let and = |text: String| if more > 0 { text } else { String::new() };
    let zh = format!(
        "{}：以下客群行数太少，无法判断：{}{}",
        axis.words.zh,
        named(|words| &words.zh),
        and(format!("，另有 {more} 个"))
    );
    let en = format!(
        "too few rows to judge some groups of {}: {}{}",
        axis.words.en,
        named(|words| &words.en),
        and(format!(" and {more} more"))
    );
    Some(say(Severity::Note, Topic::TooFew, zh, en))
}

/// The widest gap of an axis. It fails a protected axis only: products and channels may differ for good reasons.
fn unequal(axis: &AxisFairness, pair: &Pair, threshold: f64) -> Option<Finding> {
    let ratio = pair.impact_ratio?;
    let severity = match (pair.four_fifths, axis.protected) {
        (FourFifths::Fails, true) => Severity::Fails,
        (FourFifths::MayBeChance, true) => Severity::Watch,
        (FourFifths::Fails, false) => Severity::Note,
        _ => return None,
    };
    let called = |key: &str| axis.names.iter().find(|name| name.en == key).cloned();
    let (group, favoured) = (called(&pair.group)?, called(&pair.favoured)?);
    let zh = format!(
        "{}为“{}”的客户获选率只有“{}”的 {}（阈值 {threshold:.3}；五分之四规则要求 80 %）",
        axis.words.zh,
        group.zh,
        favoured.zh,
        percent(ratio.value)
    );
    let en = format!(
        "decides favourably for {} {} only {} as often as for {} (threshold {threshold:.3}; four fifths are the rule)",
        axis.words.en,
        group.en,
        percent(ratio.value),
        favoured.en
    );
    Some(say(severity, Topic::Fairness, zh, en))
}

fn baseline(found: &Evaluation) -> Option<Finding> {
    let best = found.baselines.first()?;
    let (auc, plain) = (found.quality.figures.auc.value, best.auc);
    let severity = match best.comparison.verdict {
        Verdict::Beats => return None,
        Verdict::Level => Severity::Watch,
        Verdict::Loses => Severity::Fails,
    };
    let zh = format!("不比{}好：AUC {auc:.3}，后者 {plain:.3}", best.words.zh);
    let en = format!("is no better than {}: AUC {auc:.3} against {plain:.3}", best.words.en);
    Some(say(severity, Topic::Baseline, zh, en))
}

pub(super) fn calibration(curve: &CalibrationCurve) -> Option<Finding> {
    let error = curve.expected_error;
    if error < ERROR_TOLD {
        return None;
    }
    let zh = format!("预测概率平均偏离实际 {}", percent(error));
    let en = format!("probabilities are off by {} on average", percent(error));
    Some(say(Severity::Watch, Topic::Calibration, zh, en))
}

pub(super) fn drift(scores: &Stability, features: &[FeatureDrift]) -> Vec<Finding> {
    let mut all = Vec::new();
    if scores.drift != Drift::Stable {
        let zh = format!("分数分布与训练时不同：PSI {:.2}", scores.psi);
        let en = format!("scores have moved since training: PSI {:.2}", scores.psi);
        all.push(say(Severity::Watch, Topic::Drift, zh, en));
    }
    let moved: Vec<String> = features
        .iter()
        .filter(|feature| feature.stability.drift == Drift::Act)
        .map(|feature| format!("{} ({:.2})", feature.feature, feature.stability.psi))
        .collect();
    if !moved.is_empty() {
        let named = moved.iter().take(NAMED_MAX).cloned().collect::<Vec<_>>().join(", ");
        let (zh_more, en_more) = match moved.len().saturating_sub(NAMED_MAX) {
            0 => (String::new(), String::new()),
            more => (format!(" 等共 {} 个", more + NAMED_MAX), format!(" and {more} more")),
        };
        let zh = format!("分布明显变化的特征（PSI）：{named}{zh_more}");
        let en = format!("features that have moved far (PSI): {named}{en_more}");
        all.push(say(Severity::Watch, Topic::Drift, zh, en));
    }
    all
}

fn rows(found: &Evaluation) -> Vec<Finding> {
    let Some(outlook) = found.outlook else { return Vec::new() };
    let mut all = Vec::new();
    if outlook.overfit > OVERFIT_TOLD {
        let gap = outlook.overfit;
        let zh = format!("在训练数据上的 AUC 比测试高 {gap:.2}：可能过拟合");
        let en = format!("ranks its own rows better than others by an AUC of {gap:.2}: it may over-fit");
        all.push(say(Severity::Watch, Topic::Overfit, zh, en));
    }
    if outlook.more_rows_help {
        let more = outlook.from_doubling;
        let zh = format!("数据翻倍预计可使 AUC 再提高约 {more:.3}");
        let en = format!("twice the rows are expected to add about {more:.3} to AUC");
        all.push(say(Severity::Note, Topic::TooFew, zh, en));
    }
    all
}

pub(super) fn percent(share: f64) -> String {
    let percents = 100.0 * share;
    if percents.abs() < 9.95 { format!("{percents:.1} %") } else { format!("{percents:.0} %") }
}
