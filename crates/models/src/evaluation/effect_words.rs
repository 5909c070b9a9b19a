//! What a reader of an evaluation of effects must know first, and what guards say of it.

use florin_measurement::stability::Drift;

use super::{
    effects::{EffectEvaluation, points},
    guards::{leaks_verdict, told},
    report::{Finding, GuardVerdict, Severity, Topic},
};
use crate::definition::{Guards, Words};

/// Features that are named in one finding.
const NAMED_MAX: usize = 4;
/// A difference between the arms before anything was done, in standard deviations, that is told.
const UNBALANCED: f64 = 0.1;

pub(super) fn verdicts(guards: &Guards, found: &EffectEvaluation) -> Vec<GuardVerdict> {
    let mut verdicts = Vec::new();
    let mut judge = |guard: &str, limit: Option<f64>, at_least: bool, value: Option<f64>, what: [&str; 2]| {
        let Some(limit) = limit else { return };
        let passes = value.is_some_and(|value| if at_least { value >= limit } else { value <= limit });
        let words = told(what, value, limit, at_least, passes);
        verdicts.push(GuardVerdict { guard: guard.to_owned(), limit, found: value, passes, words });
    };
    let qini = found.figures.qini.map(|qini| qini.value);
    judge("qini_min", guards.qini_min, true, qini, ["Qini 系数", "Qini coefficient"]);
    judge(
        "top_tenth_above_all_min",
        guards.top_tenth_above_all_min,
        true,
        found.top_tenth_above_all(),
        ["前 10 % 客户的增益高出总体", "effect on the first tenth above that on all"],
    );
    judge(
        "stability_index_max",
        guards.stability_index_max,
        false,
        Some(found.scores.psi),
        ["分数的 PSI", "PSI of scores"],
    );
    verdicts.push(leaks_verdict(guards, &found.leaks));
    verdicts
}

pub(super) fn findings(found: &EffectEvaluation) -> Vec<Finding> {
    let say = |severity, topic, zh: String, en: String| Finding { severity, topic, words: Words { zh, en } };
    let mut all = Vec::new();
    for leak in &found.leaks {
        let zh = format!("疑似泄漏：{}", leak.message_zh());
        all.push(say(Severity::Fails, Topic::Leak, zh, leak.message.clone()));
    }
    for guard in found.guards.iter().filter(|guard| !guard.passes && guard.guard != "leaks_allowed") {
        let words = guard.words.clone();
        all.push(Finding { severity: Severity::Fails, topic: Topic::Guard, words });
    }
    let area = found.figures.qini_area;
    if area.low <= 0.0 {
        let zh = "分辨不出哪些客户受影响更大：与随机挑选没有可靠差别".to_owned();
        let en = "does not surely tell whom the treatment moves: no better than choosing at random".to_owned();
        all.push(say(Severity::Watch, Topic::Baseline, zh, en));
    }
    let effect = found.figures.effect;
    if effect.low <= 0.0 {
        let zh = format!("总体增益为 {} 个百分点：不能确定有作用", points(effect));
        let en = format!("the effect on all is {} percentage points: it may be none", points(effect));
        all.push(say(Severity::Watch, Topic::Baseline, zh, en));
    }
    if let Some(ratio) = found.ratio.filter(|ratio| ratio.mismatch) {
        let zh = format!("实验组与对照组的人数比与计划不符（p = {:.1e}）：分组可能出了错", ratio.p);
        let en =
            format!("arms are not as large as planned (p = {:.1e}): lots may not have been drawn as said", ratio.p);
        all.push(say(Severity::Fails, Topic::TooFew, zh, en));
    }
    let unequal: Vec<String> = found
        .balance
        .iter()
        .filter(|b| b.difference.abs() > UNBALANCED.max(b.by_chance))
        .map(|b| format!("{} ({:+.2})", b.feature, b.difference))
        .collect();
    if !unequal.is_empty() {
        let named = unequal.iter().take(NAMED_MAX).cloned().collect::<Vec<_>>().join(", ");
        let zh = format!("两组在处理之前就不同（标准差）：{named}");
        let en = format!("the arms differed before anything was done (standard deviations): {named}");
        all.push(say(Severity::Watch, Topic::Group, zh, en));
    }
    let harmed = found.parts.last().and_then(|part| part.happened.effect).filter(|effect| effect.high < 0.0);
    if let Some(effect) = harmed {
        let zh = format!("预测增益最低的十分之一客户受到负面影响：{} 个百分点", points(effect));
        let en = format!("the tenth that it puts last is harmed: {} percentage points", points(effect));
        all.push(say(Severity::Note, Topic::Group, zh, en));
    }
    if found.scores.drift != Drift::Stable {
        let zh = format!("分数分布与训练时不同：PSI {:.2}", found.scores.psi);
        let en = format!("scores have moved since training: PSI {:.2}", found.scores.psi);
        all.push(say(Severity::Watch, Topic::Drift, zh, en));
    }
    all.sort_by_key(|finding| finding.severity);
    all
}
