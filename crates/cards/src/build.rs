//! What a card says.

use florin_charts::Language;
use florin_domain::Purpose;
use florin_measurement::{
    GainPart,
    calibration::Repair,
    comparison::Verdict,
    fairness::FOUR_FIFTHS,
    stability::{Drift, Stability},
};
use florin_models::{
    evaluation::{
        Assessment, AxisFairness, Evaluation, FeatureCurves, FeatureDrift, Finding, GuardVerdict, Severity,
        StabilityReport, ThresholdRow, Topic,
    },
    explain::Importance,
};

use crate::{
    card::Card,
    document::{Block, Document, Mark, Say, Section, Table, Tile},
    effects,
    figures::{count, figure, interval, percent, range, signed},
    groups, odd, pictures, series, survival, texts,
};

/// Features whose drift is listed, and those whose curves are drawn.
const LISTED: usize = 12;

pub(crate) fn document(card: &Card<'_>, language: Language) -> Document {
    match card.evaluation {
        Assessment::Chance(found) => chances(card, found, language),
        Assessment::Effect(found) => effects::document(card, found, language),
        Assessment::Time(found) => survival::document(card, found, language),
        Assessment::Text(found) => texts::document(card, found, language),
        Assessment::Series(found) => series::document(card, found, language),
        Assessment::Odd(found) => odd::document(card, found, language),
    }
}

fn chances(card: &Card<'_>, found: &Evaluation, language: Language) -> Document {
    let say = Say(language);
    let mut sections =
        vec![first(found, say), facts(card, found, say), guards(&found.guards, say), quality(found, say)];
    sections.push(calibration(found, say));
    sections.push(baselines(found, say));
    let auc = found.quality.figures.auc.value;
    sections.extend(groups::by_group(&found.groups, &found.findings, auc, say));
    sections.extend(groups::fairness(&found.fairness, found.decision, &found.findings, say));
    sections.push(thresholds(&found.thresholds, &found.fairness, say));
    sections.push(time(&found.stability, auc, say));
    sections.push(learning(found, say));
    sections.push(inside(&found.importance, &found.curves, ["log-odds", "对数几率"], say));
    sections.push(leaks(&found.leaks, say));
    sections.push(reading(say));
    let title = format!("{}{}{}", found.model, say.of(": ", "："), say.words(&found.meaning));
    Document { title, subtitle: subtitle(card, &found.owner, say), verdict: verdict(card.evaluation, say), sections }
}

/// What the whole comes to, and whether that is good.
pub(crate) fn verdict(found: &Assessment, say: Say) -> (bool, String) {
    let refusals = found.refusals().count();
    let fails = found.findings().iter().any(|finding| finding.severity == Severity::Fails);
    let words = match (refusals, fails) {
        (0, false) => {
            say.text("No guard refuses a release, and nothing failed.", "没有门槛拒绝发布，也没有发现不合格之处。")
        }
        (0, true) => say.text(
            "No guard refuses a release, but it fails somebody: read below.",
            "没有门槛拒绝发布，但存在不合格之处，请看下文。",
        ),
        (1, _) => say.text("Refused: one guard does not let it pass.", "拒绝发布：有 1 项门槛未通过。"),
        (n, _) => match say.0 {
            Language::English => format!("Refused: {n} guards do not let it pass."),
            Language::Chinese => format!("拒绝发布：有 {n} 项门槛未通过。"),
        },
    };
    (refusals == 0 && !fails, words)
}

pub(crate) fn subtitle(card: &Card<'_>, owner: &str, say: Say) -> String {
    let mut parts = vec![kind(card.evaluation.kind(), say)];
    parts.extend(card.version.iter().map(|version| format!("{} {version}", say.of("version", "版本"))));
    parts.extend(card.trained_at.iter().map(|when| format!("{} {when}", say.of("trained", "训练于"))));
    parts.push(format!("{} {}", say.of("owner", "负责人"), owner));
    parts.join(" · ")
}

/// The kind of model; one that has no Chinese name here keeps its own.
pub(crate) fn kind(kind: &str, say: Say) -> String {
    let chinese = match kind {
        "boosted trees" => "梯度提升树",
        "logistic regression" => "逻辑回归",
        "scorecard" => "评分卡",
        "proportional hazards" => "比例风险模型",
        "time by boosted hazards" => "生存模型（梯度提升比例风险）",
        "time by proportional hazards" => "生存模型（比例风险回归）",
        "daily forecast" => "每日预测",
        "text classifier" => "文本分类器",
        "text classifier with meanings" => "文本分类器（含句向量）",
        "survival by periods" => "离散时间生存模型",
        "isolation forest" => "孤立森林",
        "effect of a treatment" => "增益模型",
        other => other,
    };
    say.text(kind, chinese)
}

/// What a reader must know before anything else.
fn first(found: &Evaluation, say: Say) -> Section {
    let told = found.findings.iter().map(|finding| (finding.severity, say.words(&finding.words))).collect::<Vec<_>>();
    let figures = &found.quality.figures;
    let tile = |name: &str, figure: String, below: String| Tile { name: name.to_owned(), figure, below };
    let mut tiles = vec![
        tile("AUC", figure(figures.auc.value), range(figures.auc)),
        tile("KS", figure(figures.ks.value), range(figures.ks)),
        tile("Gini", figure(figures.gini.value), range(figures.gini)),
        tile(
            say.of("Average precision", "平均精确率"),
            figure(figures.average_precision.value),
            range(figures.average_precision),
        ),
        tile(say.of("Lift of the top 10 %", "前 10 % 提升度"), figure(figures.lift.value), range(figures.lift)),
        tile(
            say.of("Calibration error", "校准误差"),
            figure(found.calibration.error.value),
            range(found.calibration.error),
        ),
    ];
    if let (Some(brier), Some(loss)) = (figures.brier, figures.log_loss) {
        tiles.push(tile("Brier", figure(brier.value), range(brier)));
        tiles.push(tile(say.of("Log loss", "对数损失"), figure(loss.value), range(loss)));
    }
    let mut blocks = Vec::new();
    if !told.is_empty() {
        blocks.push(Block::Findings(told));
    }
    blocks.push(Block::Tiles(tiles));
    let rows = &found.rows;
    let tested = rows.test_periods.as_ref().map_or_else(String::new, |(a, b)| match say.0 {
        Language::English => format!(", {a} to {b}"),
        Language::Chinese => format!("，{a} 至 {b}"),
    });
    let (test, positives) = (count(rows.test), count(rows.test_positives));
    blocks.push(Block::Paragraph(match say.0 {
        Language::English => format!(
            "Measured on {test} rows that the model has not seen ({positives} of them said yes{tested}). Below each figure: its 95 % interval."
        ),
        Language::Chinese => {
            format!("在模型未见过的 {test} 行上测得（其中 {positives} 行为“是”{tested}）。每个数字下方为其 95 % 置信区间。")
        }
    }));
    Section { heading: None, blocks }
}

/// What a model may be used for, in words.
pub(crate) fn purposes(all: &[Purpose], say: Say) -> String {
    let purpose = |purpose: &Purpose| match purpose {
        Purpose::Service => say.of("service", "服务"),
        Purpose::Analytics => say.of("analytics", "分析"),
        Purpose::Marketing => say.of("marketing", "营销"),
        Purpose::Risk => say.of("risk", "风险"),
        Purpose::Compliance => say.of("compliance", "合规"),
    };
    let all: Vec<&str> = all.iter().map(purpose).collect();
    all.join(say.of(", ", "、"))
}

/// From when to when rows are.
pub(crate) fn when(periods: &Option<(String, String)>) -> String {
    periods.as_ref().map_or_else(String::new, |(first, last)| format!(" ({first} – {last})"))
}

fn facts(card: &Card<'_>, found: &Evaluation, say: Say) -> Section {
    let rows = &found.rows;
    let rate = |yes: usize, all: usize| percent(yes as f64 / all.max(1) as f64);
    let mut facts = vec![
        (say.text("Purposes", "用途"), purposes(&found.purposes, say)),
        (
            say.text("Learnt from", "训练数据"),
            format!(
                "{} {}{}, {} {}",
                count(rows.train),
                say.of("rows", "行"),
                when(&rows.train_periods),
                rate(rows.train_positives, rows.train),
                say.of("said yes", "为“是”")
            ),
        ),
        (
            say.text("Tested on", "测试数据"),
            format!(
                "{} {}{}, {} {}",
                count(rows.test),
                say.of("rows", "行"),
                when(&rows.test_periods),
                rate(rows.test_positives, rows.test),
                say.of("said yes", "为“是”")
            ),
        ),
        (say.text("Features", "特征数"), count(rows.features)),
        (say.text("Definition", "定义"), found.definition.chars().take(16).collect()),
        (say.text("Seed", "随机种子"), found.seed.to_string()),
    ];
    facts.extend(card.more.iter().cloned());
    Section { heading: Some(say.text("What it is", "模型概况")), blocks: vec![Block::Facts(facts)] }
}

pub(crate) fn guards(guards: &[GuardVerdict], say: Say) -> Section {
    let mut table = Table::new(&[say.of("Guard", "门槛"), say.of("Verdict", "结论"), say.of("Why", "说明")], &[1, 2]);
    for guard in guards {
        let verdict = if guard.passes { say.of("passes", "通过") } else { say.of("refused", "不通过") };
        let mark = if guard.passes { Mark::None } else { Mark::Bad };
        table.row(vec![guard.guard.clone(), verdict.to_owned(), say.words(&guard.words)], mark);
    }
    Section { heading: Some(say.text("Guards", "发布门槛")), blocks: vec![Block::Table(table)] }
}

fn quality(found: &Evaluation, say: Say) -> Section {
    Section {
        heading: Some(say.text("How well it ranks", "排序能力")),
        blocks: vec![
            Block::Picture(Box::new(pictures::roc(found, say))),
            Block::Picture(Box::new(pictures::gain(found, say))),
            Block::Table(tenths(&found.quality.gains, say)),
        ],
    }
}

/// What is found among the highest scores, by tenth.
pub(crate) fn tenths(gains: &[GainPart], say: Say) -> Table {
    let mut table = Table::new(
        &[
            say.of("Tenth, highest first", "十分位（高分在前）"),
            say.of("Rows", "行数"),
            say.of("Yes", "“是”的行数"),
            say.of("Rate", "比例"),
            say.of("Lift", "提升度"),
            say.of("Share of all yes so far", "累计捕获率"),
        ],
        &[],
    );
    for part in gains {
        let cells = vec![
            part.part.to_string(),
            format!("{:.0}", part.rows),
            format!("{:.0}", part.positives),
            percent(part.rate),
            format!("{:.2}", part.lift),
            percent(part.gain),
        ];
        table.row(cells, Mark::None);
    }
    table
}

fn calibration(found: &Evaluation, say: Say) -> Section {
    let mended = match found.calibration.repair {
        Repair::None => say.text("Probabilities are the model's own.", "概率为模型原始输出。"),
        Repair::Platt(_) => say.text(
            "Probabilities were mended with a sigmoid (Platt) on training rows out of fold.",
            "概率经 Platt 变换校正（用训练数据的折外预测拟合）。",
        ),
        Repair::Isotonic(_) => say.text(
            "Probabilities were mended with an isotonic line on training rows out of fold.",
            "概率经保序回归校正（用训练数据的折外预测拟合）。",
        ),
    };
    let mut blocks =
        vec![Block::Picture(Box::new(pictures::calibration(&found.calibration.curve, found.calibration.error, say)))];
    let before = found.calibration.before.as_ref().map_or_else(String::new, |before| {
        let (was, is) = (percent(before.expected_error), percent(found.calibration.curve.expected_error));
        match say.0 {
            Language::English => format!(" The calibration error was {was} before and is {is} now."),
            Language::Chinese => format!("校准误差由 {was} 变为 {is}。"),
        }
    });
    let line = found.calibration.line.map_or_else(String::new, |line| {
        let (slope, intercept) = (figure(line.slope), signed(line.intercept));
        match say.0 {
            Language::English => {
                format!(" Calibration line: slope {slope}, intercept {intercept} (1 and 0 are right).")
            }
            Language::Chinese => format!("校准直线：斜率 {slope}，截距 {intercept}（理想值为 1 和 0）。"),
        }
    });
    blocks.push(Block::Paragraph(format!("{mended}{before}{line}")));
    Section { heading: Some(say.text("Whether its probabilities hold", "概率是否可信")), blocks }
}

fn baselines(found: &Evaluation, say: Say) -> Section {
    let mut table = Table::new(
        &[
            say.of("Plain rule", "简单规则"),
            say.of("Its AUC", "其 AUC"),
            say.of("The model's AUC above it", "模型高出的 AUC"),
            say.of("Verdict", "结论"),
        ],
        &[3],
    );
    for baseline in &found.baselines {
        let (verdict, mark) = match baseline.comparison.verdict {
            Verdict::Beats => (say.of("surely better", "显著更好"), Mark::None),
            Verdict::Level => (say.of("may be chance", "可能为偶然"), Mark::Faint),
            Verdict::Loses => (say.of("surely worse", "显著更差"), Mark::Bad),
        };
        let difference = baseline.comparison.auc.map_or(baseline.comparison.auc_difference, |auc| auc.difference);
        let above = format!("{} ({})", signed(difference.value), range(difference));
        table.row(vec![say.words(&baseline.words), figure(baseline.auc), above, verdict.to_owned()], mark);
    }
    Section {
        heading: Some(say.text("Beside plain rules", "与简单规则相比")), blocks: vec![Block::Table(table)]
    }
}

pub(crate) fn thresholds(rows: &[ThresholdRow], fairness: &[AxisFairness], say: Say) -> Section {
    let mut table = Table::new(
        &[
            say.of("Threshold", "阈值"),
            say.of("Taken", "入选比例"),
            say.of("Precision", "精确率"),
            say.of("Recall", "召回率"),
            say.of("False positive rate", "假阳性率"),
            say.of("Lift", "提升度"),
            say.of("Lowest ratio between protected groups", "受保护客群间最低入选比"),
        ],
        &[6],
    );
    for row in rows {
        let (ratio, bad) = match &row.lowest_ratio {
            Some((ratio, axis, group)) => {
                let known = fairness.iter().find(|known| known.axis == *axis);
                let axis = known.map_or_else(|| axis.clone(), |known| say.words(&known.words));
                (format!("{} ({axis}: {})", percent(*ratio), say.words(group)), *ratio < FOUR_FIFTHS)
            }
            None => ("–".to_owned(), false),
        };
        let cells = vec![
            figure(row.threshold),
            percent(row.taken),
            percent(row.precision),
            percent(row.recall),
            percent(row.false_positive_rate),
            format!("{:.2}", row.lift),
            ratio,
        ];
        table.row(cells, if bad { Mark::LastBad } else { Mark::None });
    }
    let heading = say.text("What a threshold brings and costs", "阈值的取舍");
    Section { heading: Some(heading), blocks: vec![Block::Table(table)] }
}

/// `auc` is that of the whole test.
pub(crate) fn time(found: &StabilityReport, auc: f64, say: Say) -> Section {
    let mut blocks = Vec::new();
    if found.periods.iter().filter(|period| period.test).count() > 1 {
        blocks.push(Block::Picture(Box::new(pictures::auc_by_period(&found.periods, auc, say))));
    }
    if found.periods.len() > 1 {
        blocks.push(Block::Picture(Box::new(pictures::rates_by_period(&found.periods, say))));
    }
    blocks.extend(moved(&found.scores, &found.features, say));
    Section { heading: Some(say.text("What moves with time", "随时间的变化")), blocks }
}

/// How far scores and features of the test are from those of training.
pub(crate) fn moved(scores: &Stability, features: &[FeatureDrift], say: Say) -> Vec<Block> {
    let drift = |drift: Drift| match drift {
        Drift::Stable => say.of("stable", "稳定"),
        Drift::Watch => say.of("watch", "关注"),
        Drift::Act => say.of("act", "处理"),
    };
    let (psi, verdict, chance) = (figure(scores.psi), drift(scores.drift), figure(scores.by_chance));
    let words = Block::Paragraph(match say.0 {
        Language::English => format!(
            "Scores of the test against those of training: PSI {psi} ({verdict}; chance alone brings up to {chance}). Features, the one that moved most first:"
        ),
        Language::Chinese => {
            format!("测试与训练的分数分布：PSI {psi}（{verdict}；仅偶然波动可达 {chance}）。特征按变化大小排列：")
        }
    });
    let mut table = Table::new(
        &[say.of("Feature", "特征"), "PSI", say.of("By chance", "偶然可达"), say.of("Verdict", "结论")],
        &[3],
    );
    for feature in features.iter().take(LISTED) {
        let of = &feature.stability;
        let mark = if of.drift == Drift::Act { Mark::Bad } else { Mark::None };
        let cells = vec![feature.feature.clone(), figure(of.psi), figure(of.by_chance), drift(of.drift).to_owned()];
        table.row(cells, mark);
    }
    vec![words, Block::Table(table)]
}

fn learning(found: &Evaluation, say: Say) -> Section {
    let mut blocks = vec![Block::Picture(Box::new(pictures::learning(found, say)))];
    if let Some(outlook) = found.outlook {
        let (gain, overfit) = (signed(outlook.from_doubling), figure(outlook.overfit));
        blocks.push(Block::Paragraph(match say.0 {
            Language::English => format!(
                "Twice the rows are expected to change AUC by {gain}; the model ranks its own rows better than unseen ones by {overfit}."
            ),
            Language::Chinese => format!("数据翻倍预计使 AUC 变化 {gain}；训练数据上的 AUC 比测试高 {overfit}。"),
        }));
    }
    Section { heading: Some(say.text("Whether more rows would help", "更多数据是否有用")), blocks }
}

/// What contributions are of is said in both languages.
pub(crate) fn inside(all: &[Importance], curves: &[FeatureCurves], adds_up_to: [&str; 2], say: Say) -> Section {
    let mut blocks = vec![Block::Picture(Box::new(pictures::importance(all, adds_up_to, say)))];
    for curves in curves {
        blocks.push(Block::Picture(Box::new(pictures::effect(curves, say))));
    }
    Section { heading: Some(say.text("What it goes by", "模型依据")), blocks }
}

pub(crate) fn leaks(leaks: &[florin_models::leaks::Leak], say: Say) -> Section {
    let heading = Some(say.text("Features that know too much", "疑似泄漏的特征"));
    if leaks.is_empty() {
        let none = say.text("None was found.", "未发现。");
        return Section { heading, blocks: vec![Block::Paragraph(none)] };
    }
    let told = |leak: &florin_models::leaks::Leak| match say.0 {
        Language::English => leak.message.clone(),
        Language::Chinese => leak.message_zh(),
    };
    let all = leaks.iter().map(|leak| (Severity::Fails, told(leak))).collect();
    Section { heading, blocks: vec![Block::Findings(all)] }
}

fn reading(say: Say) -> Section {
    let text = say.text(
        "AUC: how often a customer who said yes scores above one who did not (0.5 is chance). KS: the widest distance between the two distributions of scores. Calibration error: how far probabilities are from what happened, on average. PSI: how far a distribution has moved (0.1 watch, 0.25 act). Four fifths: a group decided favourably less than 80 % as often as another needs a reason. Intervals are of 95 %, by bootstrap, DeLong or Wilson; rows of one customer count as independent. A finding on a feature is a suspicion, not a proof.",
        "AUC：为“是”的客户得分高于为“否”的客户的概率（0.5 相当于随机）。KS：两类客户得分分布的最大差距。校准误差：预测概率与实际的平均偏差。PSI：分布变化程度（0.1 关注，0.25 处理）。五分之四规则：某客群获选率低于另一客群的 80 % 时需要说明理由。区间均为 95 %，由自助法、DeLong 或 Wilson 方法得出；同一客户的多行按独立计。关于特征的提示是怀疑而非证明。",
    );
    Section { heading: Some(say.text("How to read this", "如何阅读")), blocks: vec![Block::Paragraph(text)] }
}

/// The findings of one topic.
pub(crate) fn of_topic(findings: &[Finding], topic: Topic, say: Say) -> Vec<(Severity, String)> {
    let own = findings.iter().filter(|finding| finding.topic == topic);
    own.map(|finding| (finding.severity, say.words(&finding.words))).collect()
}

/// A range with its figure, for cells.
pub(crate) fn cell(of: Option<florin_measurement::Interval>) -> String {
    of.map_or_else(|| "–".to_owned(), interval)
}
