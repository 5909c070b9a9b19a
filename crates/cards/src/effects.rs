//! What the card of a model of effects says.

use florin_charts::Language;
use florin_measurement::{Interval, uplift::Effect};
use florin_models::evaluation::{AxisEffects, EffectEvaluation};

use crate::{
    build::{guards, leaks, moved, purposes, subtitle, verdict, when},
    card::Card,
    document::{Block, Document, Mark, Say, Section, Table, Tile},
    figures::{count, figure, percent, range},
    pictures,
};

/// Features whose difference between the arms is listed.
const LISTED: usize = 12;

pub(crate) fn document(card: &Card<'_>, found: &EffectEvaluation, language: Language) -> Document {
    let say = Say(language);
    let mut sections =
        vec![first(found, say), facts(card, found, say), guards(&found.guards, say), ranking(found, say)];
    sections.push(arms(found, say));
    sections.extend(found.groups.iter().map(|axis| group(axis, say)));
    sections.push(Section {
        heading: Some(say.text("What moves with time", "随时间的变化")),
        blocks: moved(&found.scores, &found.features, say),
    });
    sections.push(Section {
        heading: Some(say.text("What it goes by", "模型依据")),
        blocks: vec![Block::Picture(Box::new(pictures::importance(&found.importance, ["the effect", "增益"], say)))],
    });
    sections.push(leaks(&found.leaks, say));
    sections.push(reading(say));
    let title = format!("{}{}{}", found.model, say.of(": ", "："), say.words(&found.meaning));
    Document { title, subtitle: subtitle(card, &found.owner, say), verdict: verdict(card.evaluation, say), sections }
}

/// An effect in percentage points, with its interval.
fn points(of: Interval) -> String {
    let point = |value: f64| format!("{:+.2}", 100.0 * value).replace('-', "−");
    format!("{} ({} … {})", point(of.value), point(of.low), point(of.high))
}

fn happened(of: &Effect) -> String {
    of.effect.map_or_else(|| "–".to_owned(), points)
}

fn first(found: &EffectEvaluation, say: Say) -> Section {
    let told: Vec<_> = found.findings.iter().map(|finding| (finding.severity, say.words(&finding.words))).collect();
    let tile = |name: &str, figure: String, below: String| Tile { name: name.to_owned(), figure, below };
    let point = |value: f64| format!("{:+.2}", 100.0 * value).replace('-', "−");
    let span = |of: Interval| format!("{} … {}", point(of.low), point(of.high));
    let effect = found.figures.effect;
    let mut tiles = Vec::new();
    if let Some(qini) = found.figures.qini {
        tiles.push(tile("Qini", figure(qini.value), range(qini)));
    }
    if let Some(auuc) = found.figures.auuc {
        tiles.push(tile("AUUC", figure(auuc.value), range(auuc)));
    }
    tiles.push(tile(say.of("Effect on all, points", "总体增益（百分点）"), point(effect.value), span(effect)));
    for (share, at) in &found.at {
        let Some(of) = at.effect else { continue };
        let name = match say.0 {
            Language::English => format!("Effect on the first {:.0} %", 100.0 * share),
            Language::Chinese => format!("前 {:.0} % 的增益", 100.0 * share),
        };
        tiles.push(tile(&name, point(of.value), span(of)));
    }
    let mut blocks = Vec::new();
    if !told.is_empty() {
        blocks.push(Block::Findings(told));
    }
    blocks.push(Block::Tiles(tiles));
    let (rows, treated) = (count(found.rows.test), count(found.rows.test_treated));
    blocks.push(Block::Paragraph(match say.0 {
        Language::English => format!(
            "Measured on {rows} rows that the model has not seen, {treated} of them treated. Effects are in percentage points. Below each figure: its 95 % interval."
        ),
        Language::Chinese => format!(
            "在模型未见过的 {rows} 行上测得，其中 {treated} 行受到处理。增益以百分点计。每个数字下方为其 95 % 置信区间。"
        ),
    }));
    Section { heading: None, blocks }
}

fn facts(card: &Card<'_>, found: &EffectEvaluation, say: Say) -> Section {
    let rows = &found.rows;
    let of = |all: usize, treated: usize, periods: &Option<(String, String)>| {
        let share = percent(treated as f64 / all.max(1) as f64);
        format!("{} {}{}, {share} {}", count(all), say.of("rows", "行"), when(periods), say.of("treated", "受到处理"))
    };
    let mut facts = vec![
        (say.text("Purposes", "用途"), purposes(&found.purposes, say)),
        (say.text("Learnt from", "训练数据"), of(rows.train, rows.train_treated, &rows.train_periods)),
        (say.text("Tested on", "测试数据"), of(rows.test, rows.test_treated, &rows.test_periods)),
        (
            say.text("Outcomes: treated, others", "结果：处理组、对照组"),
            format!("{}, {}", percent(rows.outcomes.0), percent(rows.outcomes.1)),
        ),
        (say.text("Features", "特征数"), count(rows.features)),
        (say.text("Definition", "定义"), found.definition.chars().take(16).collect()),
        (say.text("Seed", "随机种子"), found.seed.to_string()),
    ];
    facts.extend(card.more.iter().cloned());
    Section { heading: Some(say.text("What it is", "模型概况")), blocks: vec![Block::Facts(facts)] }
}

fn ranking(found: &EffectEvaluation, say: Say) -> Section {
    let mut table = Table::new(
        &[
            say.of("Tenth, largest predicted effects first", "十分位（预测增益高者在前）"),
            say.of("Treated", "处理组"),
            say.of("Others", "对照组"),
            say.of("Predicted effect, points", "预测增益（百分点）"),
            say.of("Effect, points", "实际增益（百分点）"),
        ],
        &[],
    );
    for part in &found.parts {
        let cells = vec![
            part.part.to_string(),
            count(part.happened.treated),
            count(part.happened.untreated),
            format!("{:+.2}", 100.0 * part.said).replace('-', "−"),
            happened(&part.happened),
        ];
        table.row(cells, Mark::None);
    }
    Section {
        heading: Some(say.text("Whether it finds those who are moved", "能否找到受影响的客户")),
        blocks: vec![Block::Picture(Box::new(pictures::qini(found, say))), Block::Table(table)],
    }
}

/// Whether the arms were alike before anything was done.
fn arms(found: &EffectEvaluation, say: Say) -> Section {
    let mut blocks = Vec::new();
    if let Some(ratio) = &found.ratio {
        let p = format!("{:.3}", ratio.p);
        blocks.push(Block::Paragraph(match (say.0, ratio.mismatch) {
            (Language::English, false) => format!("Arms are as large as planned (p = {p})."),
            (Language::English, true) => format!("Arms are not as large as planned (p = {p})."),
            (Language::Chinese, false) => format!("两组人数与计划相符（p = {p}）。"),
            (Language::Chinese, true) => format!("两组人数与计划不符（p = {p}）。"),
        }));
    }
    let mut table = Table::new(
        &[
            say.of("Feature", "特征"),
            say.of("Treated less others, standard deviations", "处理组减对照组（标准差）"),
            say.of("By chance", "偶然可达"),
        ],
        &[],
    );
    for of in found.balance.iter().take(LISTED) {
        let cells = vec![of.feature.clone(), format!("{:+.3}", of.difference).replace('-', "−"), figure(of.by_chance)];
        table.row(cells, Mark::None);
    }
    blocks.push(Block::Table(table));
    Section { heading: Some(say.text("Whether the arms were alike", "两组是否可比")), blocks }
}

fn group(axis: &AxisEffects, say: Say) -> Section {
    let mut table = Table::new(
        &[
            say.of("Group", "客群"),
            say.of("Rows", "行数"),
            say.of("Predicted effect, points", "预测增益（百分点）"),
            say.of("Effect, points", "实际增益（百分点）"),
        ],
        &[],
    );
    for group in &axis.groups {
        let said = format!("{:+.2}", 100.0 * group.said).replace('-', "−");
        let (found, mark) = match &group.happened {
            Some(effect) => (happened(effect), Mark::None),
            None => (say.text("too few rows", "行数太少"), Mark::Faint),
        };
        table.row(vec![say.words(&group.words), count(group.rows), said, found], mark);
    }
    let heading = format!("{}{}", say.of("By ", "按客群："), say.words(&axis.words));
    Section { heading: Some(heading), blocks: vec![Block::Table(table)] }
}

fn reading(say: Say) -> Section {
    let text = say.text(
        "Effect: the mean outcome of the treated less that of the others, in percentage points. Qini: the area between the Qini curve and a straight line, as a share of that of a perfect order; 0 is choosing at random, and few models of small effects reach 0.2, since a perfect order knows what nobody can. Effects of single customers cannot be seen, only those of many. Intervals are of 95 %.",
        "增益：处理组平均结果减去对照组平均结果，以百分点计。Qini：Qini 曲线与直线之间的面积占完美排序面积的比例；0 相当于随机挑选，增益较小时很少有模型超过 0.2，因为完美排序用到了无人能预知的信息。单个客户的增益无法直接观察，只能在众多客户上比较。区间均为 95 %。",
    );
    Section { heading: Some(say.text("How to read this", "如何阅读")), blocks: vec![Block::Paragraph(text)] }
}
