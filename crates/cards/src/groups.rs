//! For whom it fails, and how decisions treat groups.

use florin_measurement::fairness::{Favourable, FourFifths};
use florin_models::evaluation::{AxisFairness, AxisFigures, Decision, Finding, Topic};

use crate::{
    build::{cell, of_topic},
    document::{Block, Mark, Say, Section, Table},
    figures::{count, figure, interval, percent, signed},
    pictures,
};

/// Pairs that are listed.
const PAIRS: usize = 8;

/// `all` is the AUC of everybody.
pub(crate) fn by_group(groups: &[AxisFigures], findings: &[Finding], all: f64, say: Say) -> Option<Section> {
    if groups.is_empty() {
        return None;
    }
    let mut blocks = Vec::new();
    let told = of_topic(findings, Topic::Group, say);
    blocks.push(match told.is_empty() {
        true => Block::Paragraph(say.text(
            "No group is ranked surely worse than the others by enough to matter.",
            "没有客群的排序能力显著且明显地差于其他客户。",
        )),
        false => Block::Findings(told),
    });
    for axis in groups {
        blocks.push(Block::Picture(Box::new(pictures::groups(axis, all, say))));
        blocks.push(Block::Table(table(axis, say)));
    }
    Some(Section {
        heading: Some(say.text("For whom it works, the worst first", "分客群表现（最差在前）")), blocks
    })
}

fn table(axis: &AxisFigures, say: Say) -> Table {
    let mut table = Table::new(
        &[
            &say.words(&axis.words),
            say.of("Rows", "行数"),
            say.of("Yes", "“是”的行数"),
            "AUC",
            say.of("Against the others", "与其他客户之差"),
            "KS",
            say.of("Said", "平均预测"),
            say.of("Happened", "实际"),
        ],
        &[],
    );
    for group in &axis.groups {
        let own = &group.figures;
        let mut cells = vec![say.words(&group.words), count(own.rows), count(own.positives)];
        let Some(figures) = &own.figures else {
            cells.push(say.text("too few", "样本过少"));
            cells.extend(["–", "–", "–", "–"].map(str::to_owned));
            table.row(cells, Mark::Faint);
            continue;
        };
        cells.push(interval(figures.discrimination.auc));
        cells.push(figures.auc_less_rest.map_or_else(|| "–".to_owned(), |versus| signed(versus.difference.value)));
        cells.push(figure(figures.discrimination.ks.value));
        let fit = figures.calibration.as_ref();
        cells.push(fit.map_or_else(|| "–".to_owned(), |fit| percent(fit.said)));
        cells.push(fit.map_or_else(|| "–".to_owned(), |fit| percent(fit.happened)));
        table.row(cells, if group.fails { Mark::Bad } else { Mark::None });
    }
    table
}

pub(crate) fn fairness(
    fairness: &[AxisFairness],
    decision: Decision,
    findings: &[Finding],
    say: Say,
) -> Option<Section> {
    if fairness.is_empty() {
        return None;
    }
    let threshold = figure(decision.threshold);
    let side = match decision.favourable {
        Favourable::Above => say.of("at or above", "不低于"),
        Favourable::Below => say.of("below", "低于"),
    };
    let about = match say.0 {
        florin_charts::Language::English => format!(
            "Decided favourably: a score {side} {threshold}. A group decided favourably less than four fifths as often as another needs a reason; an interval that reaches four fifths may be chance."
        ),
        florin_charts::Language::Chinese => {
            format!(
                "获选：得分{side} {threshold}。获选率低于另一客群五分之四的需要说明理由；区间触及五分之四的可能为偶然。"
            )
        }
    };
    let mut blocks = vec![Block::Paragraph(about)];
    let told = of_topic(findings, Topic::Fairness, say);
    if !told.is_empty() {
        blocks.push(Block::Findings(told));
    }
    for axis in fairness {
        let protected = if axis.protected { say.of(" (protected)", "（受保护）") } else { "" };
        blocks.push(Block::Under(format!("{}{protected}", say.words(&axis.words))));
        blocks.push(Block::Table(rates(axis, say)));
        if !axis.pairs.is_empty() {
            blocks.push(Block::Table(pairs(axis, say)));
        }
        if axis.protected && axis.trades.len() > 1 {
            blocks.push(Block::Picture(Box::new(pictures::trade(axis, decision.threshold, say))));
        }
    }
    Some(Section { heading: Some(say.text("Whether decisions treat groups alike", "决策是否公平")), blocks })
}

fn rates(axis: &AxisFairness, say: Say) -> Table {
    let mut table = Table::new(
        &[
            &say.words(&axis.words),
            say.of("Selection rate", "获选率"),
            say.of("True positive rate", "真阳性率"),
            say.of("False positive rate", "假阳性率"),
            say.of("Precision", "精确率"),
        ],
        &[],
    );
    for (group, name) in axis.rates.iter().zip(&axis.names) {
        match &group.rates {
            Some(rates) => table.row(
                vec![
                    say.words(name),
                    interval(rates.selection_rate),
                    cell(rates.true_positive_rate),
                    cell(rates.false_positive_rate),
                    cell(rates.precision),
                ],
                Mark::None,
            ),
            None => {
                let few = say.text("too few", "样本过少");
                table.row(vec![say.words(name), few, "–".to_owned(), "–".to_owned(), "–".to_owned()], Mark::Faint);
            }
        }
    }
    table
}

fn pairs(axis: &AxisFairness, say: Say) -> Table {
    let mut table = Table::new(
        &[
            say.of("Group", "客群"),
            say.of("Against", "对比"),
            say.of("Ratio of selection rates", "获选率之比"),
            say.of("Four fifths", "五分之四规则"),
            say.of("True positive rates", "真阳性率之差"),
            say.of("False positive rates", "假阳性率之差"),
        ],
        &[1, 3],
    );
    let called = |key: &str| {
        let name = axis.names.iter().find(|name| name.en == key);
        name.map_or_else(|| key.to_owned(), |name| say.words(name))
    };
    for pair in axis.pairs.iter().take(PAIRS) {
        let (verdict, mark) = match pair.four_fifths {
            FourFifths::Passes => (say.of("passes", "通过"), Mark::None),
            FourFifths::MayBeChance => (say.of("may be chance", "可能为偶然"), Mark::Faint),
            FourFifths::Fails => (say.of("fails", "不通过"), Mark::Bad),
        };
        let apart = |of: Option<florin_measurement::Interval>| of.map_or_else(|| "–".to_owned(), |of| signed(of.value));
        let cells = vec![
            called(&pair.group),
            called(&pair.favoured),
            cell(pair.impact_ratio),
            verdict.to_owned(),
            apart(pair.opportunity_difference),
            apart(pair.false_positive_difference),
        ];
        table.row(cells, mark);
    }
    table
}
