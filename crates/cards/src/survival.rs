//! What the card of a model of times says.

use florin_charts::{Interval as Drawn, Language, Line, LinesChart};
use florin_measurement::{Interval, comparison::Verdict};
use florin_models::evaluation::{RiskCurve, SurvivalEvaluation};

use crate::{
    build::{guards, inside, leaks, purposes, subtitle, tenths, thresholds, time, verdict, when},
    card::Card,
    document::{Block, Document, Mark, Say, Section, Table, Tile},
    figures::{count, figure, interval, percent, range, signed},
    groups,
    pictures::{self, drawn, exact},
};

pub(crate) fn document(card: &Card<'_>, found: &SurvivalEvaluation, language: Language) -> Document {
    let say = Say(language);
    let auc = found.at.last().map_or(f64::NAN, |at| at.figures.auc.value);
    let mut sections = vec![first(found, say), facts(card, found, say), guards(&found.guards, say), curves(found, say)];
    sections.push(over_time(found, say));
    sections.push(calibration(found, say));
    sections.push(baselines(found, say));
    sections.extend(groups::by_group(&found.groups, &found.findings, auc, say));
    sections.extend(groups::fairness(&found.fairness, found.decision, &found.findings, say));
    sections.push(thresholds(&found.thresholds, &found.fairness, say));
    sections.push(time(&found.stability, auc, say));
    sections.push(inside(&found.importance, &found.effects, ["the log of the hazard", "对数风险率"], say));
    sections.push(leaks(&found.leaks, say));
    sections.push(reading(say));
    let title = format!("{}{}{}", found.model, say.of(": ", "："), say.words(&found.meaning));
    Document { title, subtitle: subtitle(card, &found.owner, say), verdict: verdict(card.evaluation, say), sections }
}

/// A time as people write it.
fn moment(time: f64) -> String {
    if time.fract() == 0.0 { format!("{time:.0}") } else { format!("{time:.1}") }
}

fn first(found: &SurvivalEvaluation, say: Say) -> Section {
    let told: Vec<_> = found.findings.iter().map(|finding| (finding.severity, say.words(&finding.words))).collect();
    let tile = |name: &str, figure: String, below: String| Tile { name: name.to_owned(), figure, below };
    let mut tiles =
        vec![tile(say.of("Concordance", "一致性指数"), figure(found.concordance.value), range(found.concordance))];
    if let Some(at) = found.at.last() {
        let by = moment(at.time);
        let name = |en: &str, zh: &str| match say.0 {
            Language::English => format!("{en} by {by}"),
            Language::Chinese => format!("{zh}（{by}）"),
        };
        tiles.push(tile(&name("AUC", "期末 AUC"), figure(at.figures.auc.value), range(at.figures.auc)));
        if let Some(brier) = at.figures.brier {
            tiles.push(tile(&name("Brier", "期末 Brier"), figure(brier.value), range(brier)));
        }
        tiles.push(tile(&name("Happened", "期末发生率"), percent(at.happened.value), shares(at.happened)));
        tiles.push(tile(&name("Said", "期末预测"), percent(at.said), String::new()));
    }
    let error = found.calibration_error;
    tiles.push(tile(say.of("Calibration error", "校准误差"), figure(error.value), range(error)));
    let mut blocks = Vec::new();
    if !told.is_empty() {
        blocks.push(Block::Findings(told));
    }
    blocks.push(Block::Tiles(tiles));
    let (rows, events, by) = (count(found.rows.test), count(found.rows.test_events), moment(found.horizon));
    blocks.push(Block::Paragraph(match say.0 {
        Language::English => format!(
            "Measured on {rows} rows that the model has not seen; to {events} of them it happened while they were seen. Chances are up to {by} (days, or the unit of the table). Below each figure: its 95 % interval."
        ),
        Language::Chinese => format!(
            "在模型未见过的 {rows} 行上测得，其中 {events} 行在观察期内发生。概率以 {by} 为期（天，或数据表的单位）。每个数字下方为其 95 % 置信区间。"
        ),
    }));
    Section { heading: None, blocks }
}

fn shares(of: Interval) -> String {
    format!("{}–{}", percent(of.low), percent(of.high))
}

fn facts(card: &Card<'_>, found: &SurvivalEvaluation, say: Say) -> Section {
    let rows = &found.rows;
    let of = |all: usize, events: usize, periods: &Option<(String, String)>| {
        let share = percent(events as f64 / all.max(1) as f64);
        format!("{} {}{}, {} {share}", count(all), say.of("rows", "行"), when(periods), say.of("happened to", "发生"))
    };
    let mut facts = vec![
        (say.text("Purposes", "用途"), purposes(&found.purposes, say)),
        (say.text("Learnt from", "训练数据"), of(rows.train, rows.train_events, &rows.train_periods)),
        (say.text("Tested on", "测试数据"), of(rows.test, rows.test_events, &rows.test_periods)),
        (say.text("Lost sight of before the horizon", "期末前失访"), count(rows.test_lost)),
        (say.text("Features", "特征数"), count(rows.features)),
        (say.text("Definition", "定义"), found.definition.chars().take(16).collect()),
        (say.text("Seed", "随机种子"), found.seed.to_string()),
    ];
    facts.extend(card.more.iter().cloned());
    Section { heading: Some(say.text("What it is", "模型概况")), blocks: vec![Block::Facts(facts)] }
}

/// Whether it happens sooner to whom the model puts first, and as fast as it says.
fn curves(found: &SurvivalEvaluation, say: Say) -> Section {
    let place = |time: &f64| moment(*time);
    let (mut lines, most) = (Vec::new(), found.curves.len());
    for curve in &found.curves {
        let name = part(curve, most, say);
        lines.push(Line { name: name.clone(), points: curve.happened.iter().map(|at| Some(drawn(*at))).collect() });
        let said: Vec<Option<Drawn>> = curve.said.iter().map(|at| Some(exact(*at))).collect();
        lines.push(Line { name: format!("{name}{}", say.of(", said", "（预测）")), points: said });
    }
    let chart = LinesChart {
        title: say.text("To how many it has not happened yet", "尚未发生的比例"),
        subtitle: say.text(
            "Thirds of the test by predicted risk; what was said beside what happened",
            "按预测风险三等分；预测与实际对照",
        ),
        up: say.text("Share to which it has not happened", "尚未发生的比例"),
        across: say
            .text("Time since the date (days, or the unit of the table)", "距观察日的时间（天，或数据表的单位）"),
        places: found.curves.first().map(|curve| curve.times.iter().map(place).collect()).unwrap_or_default(),
        lines,
        decimals: 3,
        ..LinesChart::default()
    };
    let mut table = Table::new(
        &[
            say.of("Third", "三等分"),
            say.of("Rows", "行数"),
            say.of("Said to happen by the horizon", "期末预测发生率"),
            say.of("Happened by then", "期末实际发生率"),
        ],
        &[],
    );
    for curve in &found.curves {
        let (Some(said), Some(left)) = (curve.said.last(), curve.happened.last()) else { continue };
        let happened = Interval { low: 1.0 - left.high, value: 1.0 - left.value, high: 1.0 - left.low };
        let cells = vec![
            part(curve, most, say),
            count(curve.rows),
            percent(1.0 - said),
            format!("{} ({})", percent(happened.value), shares(happened)),
        ];
        table.row(cells, Mark::None);
    }
    Section {
        heading: Some(say.text("Whether it happens sooner to whom it puts first", "先后次序是否可信")),
        blocks: vec![Block::Picture(Box::new(chart)), Block::Table(table)],
    }
}

fn part(curve: &RiskCurve, most: usize, say: Say) -> String {
    match curve.part {
        1 => say.text("lowest risk", "低风险"),
        last if last == most => say.text("highest risk", "高风险"),
        _ => say.text("middle", "中等风险"),
    }
}

fn over_time(found: &SurvivalEvaluation, say: Say) -> Section {
    let mut table = Table::new(
        &[
            say.of("By", "截至"),
            say.of("Said", "平均预测"),
            say.of("Happened", "实际"),
            "AUC",
            "Brier",
            say.of("Brier of the average for everybody", "对所有人说平均值的 Brier"),
        ],
        &[],
    );
    for at in &found.at {
        let cells = vec![
            moment(at.time),
            percent(at.said),
            format!("{} ({})", percent(at.happened.value), shares(at.happened)),
            interval(at.figures.auc),
            at.figures.brier.map_or_else(|| "–".to_owned(), interval),
            figure(at.brier_of_average),
        ];
        table.row(cells, Mark::None);
    }
    Section {
        heading: Some(say.text("How good chances are, by time", "各时点的概率质量")),
        blocks: vec![Block::Table(table), Block::Table(tenths(&found.gains, say))],
    }
}

fn calibration(found: &SurvivalEvaluation, say: Say) -> Section {
    let chart = pictures::calibration(&found.calibration, found.calibration_error, say);
    Section {
        heading: Some(say.text("Whether its probabilities hold", "概率是否可信")),
        blocks: vec![Block::Picture(Box::new(chart))],
    }
}

fn baselines(found: &SurvivalEvaluation, say: Say) -> Section {
    let mut table = Table::new(
        &[
            say.of("Plain rule", "简单规则"),
            say.of("Its concordance", "其一致性指数"),
            say.of("The model's above it", "模型高出"),
            say.of("Verdict", "结论"),
        ],
        &[3],
    );
    for baseline in &found.baselines {
        let (verdict, mark) = match baseline.verdict {
            Verdict::Beats => (say.of("surely better", "显著更好"), Mark::None),
            Verdict::Level => (say.of("may be chance", "可能为偶然"), Mark::Faint),
            Verdict::Loses => (say.of("surely worse", "显著更差"), Mark::Bad),
        };
        let above = format!("{} ({})", signed(baseline.above.value), range(baseline.above));
        let cells = vec![say.words(&baseline.words), interval(baseline.concordance), above, verdict.to_owned()];
        table.row(cells, mark);
    }
    Section {
        heading: Some(say.text("Beside plain rules", "与简单规则相比")), blocks: vec![Block::Table(table)]
    }
}

fn reading(say: Say) -> Section {
    let text = say.text(
        "Concordance: of two rows of which one is known to have come first, how often the model says so (0.5 is chance). AUC by a time: how often somebody to whom it happened by then was given a higher chance than somebody to whom it did not. Brier: the mean squared distance of the chance and what happened; it is below that of the average for everybody when chances tell customers apart. Shares are by Kaplan and Meier; rows that were lost sight of before are made up for by weights. Groups, fairness and thresholds are about chances by the horizon. Intervals are of 95 %; rows of one customer count as independent.",
        "一致性指数：两行中已知先发生者被模型排在前面的概率（0.5 相当于随机）。某时点 AUC：届时已发生者的预测概率高于未发生者的概率。Brier：预测概率与实际结果的均方差；若能区分客户，应低于对所有人说平均值。比例按 Kaplan–Meier 方法估计；提前失访的行以权重补偿。分客群、公平性与阈值均针对期末概率。区间均为 95 %；同一客户的多行按独立计。",
    );
    Section { heading: Some(say.text("How to read this", "如何阅读")), blocks: vec![Block::Paragraph(text)] }
}
