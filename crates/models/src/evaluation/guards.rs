//! What the guards of a definition say of an evaluation.

use super::report::{AxisFairness, AxisFigures, Evaluation, GuardVerdict};
use crate::{
    definition::{Guards, Words},
    leaks::Leak,
};

/// A verdict for each guard that the definition has; the one on leaks is always there.
pub(super) fn verdicts(guards: &Guards, found: &Evaluation) -> Vec<GuardVerdict> {
    let mut verdicts = Vec::new();
    let mut judge = |guard: &str, limit: Option<f64>, at_least: bool, value: Option<f64>, what: [&str; 2]| {
        let Some(limit) = limit else { return };
        let passes = value.is_some_and(|value| if at_least { value >= limit } else { value <= limit });
        verdicts.push(GuardVerdict {
            guard: guard.to_owned(),
            limit,
            found: value,
            passes,
            words: told(what, value, limit, at_least, passes),
        });
    };
    let auc = found.quality.figures.auc.value;
    judge("auc_min", guards.auc_min, true, Some(auc), ["AUC", "AUC"]);
    let above = found.baselines.first().map(|best| auc - best.auc);
    judge(
        "auc_above_baseline_min",
        guards.auc_above_baseline_min,
        true,
        above,
        ["比最好的简单规则高出的 AUC", "AUC above that of the best plain rule"],
    );
    judge(
        "group_auc_min",
        guards.group_auc_min,
        true,
        worst_group(&found.groups),
        ["最差客群的 AUC", "AUC of the worst group"],
    );
    judge(
        "calibration_error_max",
        guards.calibration_error_max,
        false,
        Some(found.calibration.curve.expected_error),
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

pub(super) fn worst_group(groups: &[AxisFigures]) -> Option<f64> {
    let groups = groups.iter().flat_map(|axis| &axis.groups);
    let aucs = groups.filter_map(|group| Some(group.figures.figures.as_ref()?.discrimination.auc.value));
    aucs.min_by(f64::total_cmp)
}

pub(super) fn lowest_ratio(fairness: &[AxisFairness]) -> Option<f64> {
    let pairs = fairness.iter().filter(|axis| axis.protected).flat_map(|axis| &axis.pairs);
    pairs.filter_map(|pair| pair.impact_ratio.map(|ratio| ratio.value)).min_by(f64::total_cmp)
}

pub(super) fn told([zh, en]: [&str; 2], value: Option<f64>, limit: f64, at_least: bool, passes: bool) -> Words {
    // A blank stands between Latin letters and Chinese.
    let blank = if zh.ends_with(|c: char| c.is_ascii()) { " " } else { "" };
    let (zh_than, en_than) = if at_least { ("不低于", "at least") } else { ("不高于", "at most") };
    match value {
        Some(value) => Words {
            zh: format!("{zh}{blank}为 {value:.3}，要求{zh_than} {limit}{}", if passes { "" } else { "：不合格" }),
            en: format!("{en} is {value:.3}, and must be {en_than} {limit}{}", if passes { "" } else { ": refused" }),
        },
        None => Words {
            zh: format!("{zh}{blank}无法衡量（没有足够大的客群可比），要求{zh_than} {limit}：不合格"),
            en: format!(
                "{en} cannot be measured (no groups large enough to compare), and must be {en_than} {limit}: refused"
            ),
        },
    }
}

pub(super) fn leaks_verdict(guards: &Guards, leaks: &[Leak]) -> GuardVerdict {
    let count = leaks.len();
    let names: Vec<&str> = leaks.iter().map(|leak| leak.feature.as_str()).filter(|name| !name.is_empty()).collect();
    let named = if names.is_empty() { String::new() } else { format!(" ({})", names.join(", ")) };
    let (passes, words) = match (count, guards.leaks_allowed) {
        (0, _) => (true, Words { zh: "未发现泄漏".to_owned(), en: "no leak was found".to_owned() }),
        (_, true) => (
            true,
            Words {
                zh: format!("发现 {count} 处疑似泄漏{named}，定义允许"),
                en: format!("{count} suspected leaks{named}, which the definition allows"),
            },
        ),
        (_, false) => (
            false,
            Words {
                zh: format!("发现 {count} 处疑似泄漏{named}：不合格"),
                en: format!("{count} suspected leaks{named}: refused"),
            },
        ),
    };
    GuardVerdict { guard: "leaks_allowed".to_owned(), limit: 0.0, found: Some(count as f64), passes, words }
}
