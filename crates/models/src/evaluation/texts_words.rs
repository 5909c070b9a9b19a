//! What a reader of an evaluation of texts must know first, and what guards say of it.

use florin_measurement::stability::Drift;

use super::{
    findings::{in_order, of_release, percent, say},
    guards::told,
    report::{Finding, GuardVerdict, Severity, Topic},
    texts::{TextClass, TextEvaluation},
};
use crate::definition::{Guards, Words};

/// Texts of a class in the test that it needs to be judged.
const CLASS_MIN: usize = 20;
/// A class of which F1 is below this is told.
const POOR: f64 = 0.5;
/// Classes that are named in one finding.
const NAMED_MAX: usize = 4;
/// The calibration error that is told.
const ERROR_TOLD: f64 = 0.05;
/// The share of test texts that are in training word for word that is told.
const KNOWN_TOLD: f64 = 0.1;

pub(super) fn verdicts(guards: &Guards, found: &TextEvaluation) -> Vec<GuardVerdict> {
    let mut verdicts = Vec::new();
    let mut judge = |guard: &str, limit: Option<f64>, at_least: bool, value: Option<f64>, what: [&str; 2]| {
        let Some(limit) = limit else { return };
        let passes = value.is_some_and(|value| if at_least { value >= limit } else { value <= limit });
        let words = told(what, value, limit, at_least, passes);
        verdicts.push(GuardVerdict { guard: guard.to_owned(), limit, found: value, passes, words });
    };
    judge("accuracy_min", guards.accuracy_min, true, Some(found.accuracy.value), ["准确率", "accuracy"]);
    judge("macro_f1_min", guards.macro_f1_min, true, Some(found.macro_f1.value), ["宏平均 F1", "macro-F1"]);
    judge(
        "accuracy_above_baseline_min",
        guards.accuracy_above_baseline_min,
        true,
        Some(found.baseline.above.value),
        ["比总说最常见类别高出的准确率", "accuracy above that of the most frequent label"],
    );
    let worst = judged(found).filter_map(|class| class.figures.f1).map(|f1| f1.value).min_by(f64::total_cmp);
    judge("class_f1_min", guards.class_f1_min, true, worst, ["最差类别的 F1", "F1 of the worst class"]);
    judge(
        "calibration_error_max",
        guards.calibration_error_max,
        false,
        Some(found.calibration.expected_error),
        ["校准误差", "calibration error"],
    );
    judge(
        "stability_index_max",
        guards.stability_index_max,
        false,
        Some(found.stability.psi),
        ["类别分布的 PSI", "PSI of labels"],
    );
    verdicts
}

/// Classes with enough texts in the test.
fn judged(found: &TextEvaluation) -> impl Iterator<Item = &TextClass> {
    found.classes.iter().filter(|class| class.figures.rows >= CLASS_MIN)
}

pub(super) fn findings(found: &TextEvaluation) -> Vec<Finding> {
    let mut all = of_release(&[], &found.guards);
    for axis in &found.groups {
        for group in axis.groups.iter().filter(|group| group.fails) {
            let share = percent(group.accuracy.map_or(0.0, |accuracy| accuracy.value));
            let of_all = percent(found.accuracy.value);
            let zh =
                format!("{}为“{}”的文本判断不准：准确率 {share}，全部文本为 {of_all}", axis.words.zh, group.words.zh);
            let en =
                format!("fails texts of {} {}: {share} right, of all texts {of_all}", axis.words.en, group.words.en);
            all.push(say(Severity::Fails, Topic::Group, zh, en));
        }
    }
    if found.baseline.above.low <= 0.0 {
        let (own, plain, label) =
            (percent(found.accuracy.value), percent(found.baseline.accuracy.value), &found.baseline.label);
        let zh = format!("不比总说“{label}”更准：准确率 {own}，后者 {plain}");
        let en = format!("is not surely better than always saying `{label}`: {own} right against {plain}");
        all.push(say(Severity::Fails, Topic::Baseline, zh, en));
    }
    let poor = judged(found).filter(|class| class.figures.f1.is_some_and(|f1| f1.value < POOR));
    all.extend(named(
        poor,
        Severity::Watch,
        ("判断不好的类别（F1 低于 0.5）", "classes that it tells badly (F1 below 0.5)"),
    ));
    let few = found.classes.iter().filter(|class| class.figures.rows < CLASS_MIN);
    all.extend(named(
        few,
        Severity::Note,
        ("测试文本太少、无法判断的类别", "classes with too few test texts to judge"),
    ));
    if !found.rows.left_out.is_empty() {
        let (labels, texts) =
            (found.rows.left_out.len(), found.rows.left_out.iter().map(|(_, texts)| texts).sum::<usize>());
        let zh = format!("{labels} 个类别的文本太少，未学习，也未计入测试（共 {texts} 条）");
        let en =
            format!("{labels} labels have too few texts to be learnt: they are not in the test either ({texts} texts)");
        all.push(say(Severity::Watch, Topic::TooFew, zh, en));
    }
    if found.calibration.expected_error >= ERROR_TOLD {
        let error = percent(found.calibration.expected_error);
        let zh = format!("所说的把握平均偏离实际 {error}");
        let en = format!("how sure it says to be is off by {error} on average");
        all.push(say(Severity::Watch, Topic::Calibration, zh, en));
    }
    let known = found.rows.known as f64 / found.rows.test.max(1) as f64;
    if known >= KNOWN_TOLD {
        let share = percent(known);
        let (zh_new, en_new) = match found.accuracy_of_new {
            Some(new) => (
                format!("，其余文本的准确率为 {}", percent(new.value)),
                format!("; of the others {} are right", percent(new.value)),
            ),
            None => (String::new(), String::new()),
        };
        let zh = format!("{share} 的测试文本在训练数据中一字不差地出现过{zh_new}");
        let en = format!("{share} of test texts are in training word for word{en_new}");
        all.push(say(Severity::Watch, Topic::TooFew, zh, en));
    }
    if found.stability.drift != Drift::Stable {
        let zh = format!("类别分布与训练时不同：PSI {:.2}", found.stability.psi);
        let en = format!("labels have moved since training: PSI {:.2}", found.stability.psi);
        all.push(say(Severity::Watch, Topic::Drift, zh, en));
    }
    in_order(all)
}

fn named<'a>(
    classes: impl Iterator<Item = &'a TextClass>,
    severity: Severity,
    (zh, en): (&str, &str),
) -> Option<Finding> {
    let labels: Vec<&str> = classes.map(|class| class.label.as_str()).collect();
    if labels.is_empty() {
        return None;
    }
    let first = labels.iter().take(NAMED_MAX).copied().collect::<Vec<_>>().join(", ");
    let (zh_more, en_more) = match labels.len().saturating_sub(NAMED_MAX) {
        0 => (String::new(), String::new()),
        more => (format!(" 等共 {} 个", labels.len()), format!(" and {more} more")),
    };
    let words = Words { zh: format!("{zh}：{first}{zh_more}"), en: format!("{en}: {first}{en_more}") };
    Some(Finding { severity, topic: Topic::TooFew, words })
}
