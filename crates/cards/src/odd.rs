//! What the card of a model of the odd ones says.

use florin_charts::{Language, Line, LinesChart};
use florin_models::{
    evaluation::{OddAxis, OddCheck, OddEvaluation},
    explain::Importance,
};

use crate::{
    build::{guards, inside, moved, purposes, subtitle, verdict, when},
    card::Card,
    document::{Block, Document, Mark, Say, Section, Table, Tile},
    figures::{count, figure, interval, percent, range, signed},
    pictures::drawn,
};

/// Features that are listed.
const LISTED: usize = 12;

pub(crate) fn document(card: &Card<'_>, found: &OddEvaluation, language: Language) -> Document {
    let say = Say(language);
    let mut sections = vec![first(found, say), facts(card, found, say), guards(&found.guards, say)];
    sections.push(whom(&found.oddest, say));
    sections.extend(found.check.as_ref().map(|check| checked(check, say)));
    sections.push(seeds(found, say));
    sections.extend(groups(&found.groups, say));
    sections.push(time(found, say));
    sections.push(inside(&found.importance, &[], ["the logarithm of the score", "分数的对数"], say));
    sections.push(reading(say));
    let title = format!("{}{}{}", found.model, say.of(": ", "："), say.words(&found.meaning));
    Document { title, subtitle: subtitle(card, &found.owner, say), verdict: verdict(card.evaluation, say), sections }
}

fn shares(of: florin_measurement::Interval) -> String {
    format!("{}–{}", percent(of.low), percent(of.high))
}

fn first(found: &OddEvaluation, say: Say) -> Section {
    let told: Vec<_> = found.findings.iter().map(|finding| (finding.severity, say.words(&finding.words))).collect();
    let tile = |name: &str, figure: String, below: String| Tile { name: name.to_owned(), figure, below };
    let mut tiles = vec![
        tile(say.of("Flagged", "被标出"), percent(found.flagged.value), shares(found.flagged)),
        tile(
            say.of("Other seeds flag the same", "换种子后仍被标出"),
            percent(found.agreement.value),
            shares(found.agreement),
        ),
        tile(say.of("PSI of scores", "分数的 PSI"), figure(found.scores.psi), String::new()),
    ];
    if let Some(check) = &found.check {
        let figures = &check.figures;
        tiles.push(tile("AUC", figure(figures.auc.value), range(figures.auc)));
        tiles.push(tile(
            say.of("Average precision", "平均精确率"),
            figure(figures.average_precision.value),
            range(figures.average_precision),
        ));
        tiles.extend(
            check.among_flagged.map(|share| {
                tile(say.of("Odd among flagged", "被标出者中确属异常"), percent(share.value), shares(share))
            }),
        );
    }
    let mut blocks = Vec::new();
    if !told.is_empty() {
        blocks.push(Block::Findings(told));
    }
    blocks.push(Block::Tiles(tiles));
    let (test, threshold, share) = (count(found.rows.test), figure(found.threshold), percent(found.share));
    blocks.push(Block::Paragraph(match say.0 {
        Language::English => format!(
            "Measured on {test} rows that it was not grown from. Scores above {threshold} are flagged: {share} of the rows it was grown from are to lie there."
        ),
        Language::Chinese => {
            format!("在未参与训练的 {test} 行上测得。分数高于 {threshold} 即被标出：训练数据中应有 {share} 高于该值。")
        }
    }));
    Section { heading: None, blocks }
}

fn facts(card: &Card<'_>, found: &OddEvaluation, say: Say) -> Section {
    let rows = &found.rows;
    let of = |rows: usize, periods: &Option<(String, String)>| {
        format!("{} {}{}", count(rows), say.of("rows", "行"), when(periods))
    };
    let mut facts = vec![
        (say.text("Purposes", "用途"), purposes(&found.purposes, say)),
        (say.text("Grown from", "训练数据"), of(rows.train, &rows.train_periods)),
        (say.text("Tested on", "测试数据"), of(rows.test, &rows.test_periods)),
        (say.text("Features", "特征数"), count(rows.features)),
        (say.text("Definition", "定义"), found.definition.chars().take(16).collect()),
    ];
    facts.extend(card.more.iter().cloned());
    Section { heading: Some(say.text("What it is", "模型概况")), blocks: vec![Block::Facts(facts)] }
}

/// What those who are flagged are odd in.
fn whom(oddest: &[Importance], say: Say) -> Section {
    let heading = Some(say.text("What those flagged are odd in", "被标出者异常之处"));
    if oddest.is_empty() {
        let none = say.text("Nobody of the test is flagged.", "测试中无人被标出。");
        return Section { heading, blocks: vec![Block::Paragraph(none)] };
    }
    let mut table = Table::new(&[say.of("Feature", "特征"), say.of("Raises the score by", "使分数提高")], &[]);
    for feature in oddest.iter().take(LISTED) {
        table.row(vec![feature.feature.clone(), figure(feature.value)], Mark::None);
    }
    let words = say.text(
        "On average, in the logarithm of the score to base 2, where it raises it.",
        "以 2 为底的分数对数计，取其提高部分的平均值。",
    );
    Section { heading, blocks: vec![Block::Paragraph(words), Block::Table(table)] }
}

fn checked(check: &OddCheck, say: Say) -> Section {
    let figures = &check.figures;
    let cell = |of: Option<florin_measurement::Interval>| {
        of.map_or_else(|| "–".to_owned(), |of| format!("{} ({})", percent(of.value), shares(of)))
    };
    let mut table = Table::new(&[say.of("Figure", "指标"), say.of("Value", "数值")], &[]);
    let mut row = |name: String, value: String| table.row(vec![name, value], Mark::None);
    row("AUC".to_owned(), interval(figures.auc));
    row(say.text("Average precision", "平均精确率"), interval(figures.average_precision));
    row(say.text("Lift of the top 10 %", "前 10 % 提升度"), interval(figures.lift));
    row(say.text("Odd among those flagged", "被标出者中确属异常"), cell(check.among_flagged));
    row(say.text("Odd among all others", "其他客户中确属异常"), cell(check.among_others));
    if let Some(plain) = &check.plain {
        let name = match say.0 {
            Language::English => format!("AUC of {}", plain.words.en),
            Language::Chinese => format!("“{}”的 AUC", plain.words.zh),
        };
        row(name, interval(plain.auc));
        row(say.text("AUC above it", "高出的 AUC"), format!("{} ({})", signed(plain.above.value), range(plain.above)));
    }
    let (rows, odd) = (count(figures.rows), count(figures.positives));
    let words = match say.0 {
        Language::English => {
            format!("Of {rows} test rows it is known, and {odd} turned out to be odd. Nothing was learnt from that.")
        }
        Language::Chinese => format!("测试中 {rows} 行已知结果，其中 {odd} 行确属异常。模型未从中学习。"),
    };
    let heading = Some(say.text("Whether flags are right", "标出是否正确"));
    Section { heading, blocks: vec![Block::Paragraph(words), Block::Table(table)] }
}

fn seeds(found: &OddEvaluation, say: Say) -> Section {
    let (others, same, ranks) = (found.rows.others, found.agreement, found.correlation);
    let words = match say.0 {
        Language::English => format!(
            "{others} forests of other seeds were grown from the same rows. Of as many test rows as are to be flagged they put {} first too ({}); the rank correlation of all scores is {} ({}).",
            percent(same.value),
            shares(same),
            figure(ranks.value),
            range(ranks)
        ),
        Language::Chinese => format!(
            "用同样的数据和另外 {others} 个种子各训练一次：应标出的测试行中有 {} 相同（{}）；全部分数的秩相关为 {}（{}）。",
            percent(same.value),
            shares(same),
            figure(ranks.value),
            range(ranks)
        ),
    };
    Section {
        heading: Some(say.text("How much of it is chance", "多大程度上出于偶然")),
        blocks: vec![Block::Paragraph(words)],
    }
}

fn groups(axes: &[OddAxis], say: Say) -> Option<Section> {
    if axes.is_empty() {
        return None;
    }
    let mut blocks = Vec::new();
    for axis in axes {
        let protected = if axis.protected { say.of(" (protected)", "（受保护）") } else { "" };
        blocks.push(Block::Under(format!("{}{protected}", say.words(&axis.words))));
        let mut table = Table::new(
            &[
                say.of("Group", "客群"),
                say.of("Rows", "行数"),
                say.of("Flagged", "被标出"),
                say.of("Of all others", "其他客户"),
            ],
            &[],
        );
        for group in &axis.groups {
            let share = |of: Option<florin_measurement::Interval>| {
                of.map_or_else(
                    || say.text("too few", "行数太少"),
                    |of| format!("{} ({})", percent(of.value), shares(of)),
                )
            };
            let more = matches!((group.flagged, group.others), (Some(own), Some(others)) if own.low > others.high);
            let mark = if more && axis.protected { Mark::Bad } else { Mark::None };
            table
                .row(vec![say.words(&group.words), count(group.rows), share(group.flagged), share(group.others)], mark);
        }
        blocks.push(Block::Table(table));
    }
    Some(Section { heading: Some(say.text("Who is flagged", "哪些客群被标出")), blocks })
}

fn time(found: &OddEvaluation, say: Say) -> Section {
    let mut blocks = Vec::new();
    if found.periods.len() > 1 {
        let percents = |of: florin_measurement::Interval| florin_measurement::Interval {
            low: 100.0 * of.low,
            value: 100.0 * of.value,
            high: 100.0 * of.high,
        };
        let line = |name: &str, test: bool| Line {
            name: name.to_owned(),
            points: found.periods.iter().map(|p| (p.test == test).then(|| drawn(percents(p.flagged)))).collect(),
        };
        blocks.push(Block::Picture(Box::new(LinesChart {
            title: say.text("Share that is flagged", "被标出的占比"),
            subtitle: say.text("By period, with 95 % intervals", "按时期，附 95 % 区间"),
            up: say.text("Percent", "百分比"),
            places: found.periods.iter().map(|period| period.period.clone()).collect(),
            lines: vec![line(say.of("grown from", "训练"), false), line(say.of("tested", "测试"), true)],
            decimals: 1,
            ..LinesChart::default()
        })));
    }
    blocks.extend(moved(&found.scores, &found.features, say));
    Section { heading: Some(say.text("What moves with time", "随时间的变化")), blocks }
}

fn reading(say: Say) -> Section {
    let text = say.text(
        "A score is 2 to the power of minus the mean number of cuts that set a row apart, over the number expected of a row among others: near 1 is odd, below 0.5 is ordinary. Odd is unlike the others, and neither good nor bad. Nothing is learnt from what happened; where it is known, it only checks. PSI: how far a distribution has moved (0.1 watch, 0.25 act). Intervals are of 95 %; those of seeds go from the least to the most of them.",
        "分数为 2 的负幂：平均切分次数与预期切分次数之比；接近 1 为异常，低于 0.5 为普通。异常指与众不同，并不等于好或坏。模型不从结果学习；已知结果时仅用于核对。PSI：分布变化程度（0.1 关注，0.25 处理）。区间均为 95 %；种子的区间为其最小值到最大值。",
    );
    Section { heading: Some(say.text("How to read this", "如何阅读")), blocks: vec![Block::Paragraph(text)] }
}
