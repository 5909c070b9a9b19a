//! What the card of a forecast says.

use florin_charts::{Interval as Drawn, Language, Line, LinesChart};
use florin_models::evaluation::{Backtest, SeriesDay, SeriesEvaluation};

use crate::{
    build::{guards, purposes, subtitle, verdict},
    card::Card,
    document::{Block, Document, Mark, Say, Section, Table, Tile},
    figures::{count, figure, percent},
    pictures::exact,
};

/// Back-tests that are listed, the latest first.
const LISTED: usize = 12;
/// Values from which on figures have no digits after the point.
const LARGE: f64 = 100.0;

pub(crate) fn document(card: &Card<'_>, found: &SeriesEvaluation, language: Language) -> Document {
    let say = Say(language);
    let sections = vec![
        first(found, say),
        facts(card, found, say),
        guards(&found.guards, say),
        next(found, say),
        past(found, say),
        ahead(found, say),
        reading(say),
    ];
    let title = format!("{}{}{}", found.model, say.of(": ", "："), say.words(&found.meaning));
    Document { title, subtitle: subtitle(card, &found.owner, say), verdict: verdict(card.evaluation, say), sections }
}

/// A value of the series as people write it.
fn value(of: f64) -> String {
    if !of.is_finite() {
        "–".to_owned()
    } else if of.abs() >= LARGE {
        let sign = if of < 0.0 { "−" } else { "" };
        format!("{sign}{}", florin_charts::figure(of.abs().round() as u64))
    } else {
        format!("{of:.2}").replace('-', "−")
    }
}

fn share(of: Option<f64>) -> String {
    of.map_or_else(|| "–".to_owned(), percent)
}

fn first(found: &SeriesEvaluation, say: Say) -> Section {
    let told: Vec<_> = found.findings.iter().map(|finding| (finding.severity, say.words(&finding.words))).collect();
    let tile = |name: &str, figure: String, below: String| Tile { name: name.to_owned(), figure, below };
    let beside = |naive: String| match say.0 {
        Language::English => format!("last week's values: {naive}"),
        Language::Chinese => format!("照搬上周：{naive}"),
    };
    let (own, naive) = (&found.errors, &found.naive);
    let held = found.coverage;
    let tiles = vec![
        tile("MAPE", share(own.mape), beside(share(naive.mape))),
        tile(say.of("Mean error", "平均绝对误差"), value(own.mae), beside(value(naive.mae))),
        tile(
            "MASE",
            own.mase.map_or_else(|| "–".to_owned(), figure),
            beside(naive.mase.map_or_else(|| "–".to_owned(), figure)),
        ),
        tile(
            say.of("Smaller than last week's by", "误差比照搬上周小"),
            percent(found.skill.value),
            format!("{} … {}", percent(found.skill.low), percent(found.skill.high)).replace('-', "−"),
        ),
        tile(
            say.of("Intervals held", "区间覆盖率"),
            percent(held.value),
            match say.0 {
                Language::English => format!("were to hold {}", percent(found.level)),
                Language::Chinese => format!("应为 {}", percent(found.level)),
            },
        ),
    ];
    let mut blocks = Vec::new();
    if !told.is_empty() {
        blocks.push(Block::Findings(told));
    }
    blocks.push(Block::Tiles(tiles));
    let (tests, days) = (found.rows.backtests, found.rows.horizon);
    blocks.push(Block::Paragraph(match say.0 {
        Language::English => format!(
            "Measured on {tests} forecasts of {days} days each, made from days in the past with nothing but what was known before them."
        ),
        Language::Chinese => format!("由 {tests} 次回测测得，每次预测 {days} 天，只使用当时已知的数据。"),
    }));
    Section { heading: None, blocks }
}

fn facts(card: &Card<'_>, found: &SeriesEvaluation, say: Say) -> Section {
    let rows = &found.rows;
    let mut facts = vec![
        (say.text("Purposes", "用途"), purposes(&found.purposes, say)),
        (say.text("Days known", "已知天数"), format!("{} ({} – {})", count(rows.days), rows.from, rows.to)),
        (say.text("Filled", "补上的天数"), count(rows.filled)),
        (say.text("Days ahead", "预测天数"), count(rows.horizon)),
        (say.text("Width of intervals beside the size of values", "区间宽度与数值大小之比"), percent(found.width)),
        (say.text("Definition", "定义"), found.definition.chars().take(16).collect()),
    ];
    facts.extend(card.more.iter().cloned());
    Section { heading: Some(say.text("What it is", "模型概况")), blocks: vec![Block::Facts(facts)] }
}

fn drawn(day: &SeriesDay) -> Drawn {
    Drawn { low: day.low, value: day.value, high: day.high }
}

fn decimals(found: &SeriesEvaluation) -> usize {
    let large = found.history.iter().any(|(_, value)| value.abs() >= LARGE);
    if large { 0 } else { 2 }
}

/// A day below an axis: month and day.
fn short(day: &str) -> String {
    day.get(5..).unwrap_or(day).to_owned()
}

fn next(found: &SeriesEvaluation, say: Say) -> Section {
    let (known, to_come) = (found.history.len(), found.next.len());
    let before = found.history.iter().map(|(_, value)| Some(exact(*value)));
    let after = found.next.iter().map(|day| Some(drawn(day)));
    let nothing = |days: usize| std::iter::repeat_n(None, days);
    let chart = LinesChart {
        title: say.text("The days to come", "未来走势"),
        subtitle: match say.0 {
            Language::English => format!("With intervals of {}", percent(found.level)),
            Language::Chinese => format!("附 {} 区间", percent(found.level)),
        },
        up: say.text("Value", "数值"),
        places: found
            .history
            .iter()
            .map(|(day, _)| short(day))
            .chain(found.next.iter().map(|day| short(&day.day)))
            .collect(),
        lines: vec![
            Line { name: say.text("known", "已知"), points: before.chain(nothing(to_come)).collect() },
            Line { name: say.text("expected", "预测"), points: nothing(known).chain(after).collect() },
        ],
        decimals: decimals(found),
        ..LinesChart::default()
    };
    Section {
        heading: Some(say.text("What comes next", "未来走势")), blocks: vec![Block::Picture(Box::new(chart))]
    }
}

/// What was said from days in the past, and what happened.
fn past(found: &SeriesEvaluation, say: Say) -> Section {
    let mut blocks = Vec::new();
    if let Some(last) = found.backtests.last() {
        let line = |name: &str, points: Vec<Option<Drawn>>| Line { name: name.to_owned(), points };
        blocks.push(Block::Picture(Box::new(LinesChart {
            title: say.text("The last back-test", "最近一次回测"),
            subtitle: say.text("What was expected, what happened, and last week's values", "预测、实际与照搬上周"),
            up: say.text("Value", "数值"),
            places: last.days.iter().map(|day| short(&day.day)).collect(),
            lines: vec![
                line(say.of("happened", "实际"), last.actual.iter().map(|value| Some(exact(*value))).collect()),
                line(say.of("expected", "预测"), last.days.iter().map(|day| Some(drawn(day))).collect()),
                line(say.of("last week's", "照搬上周"), last.naive.iter().map(|value| Some(exact(*value))).collect()),
            ],
            decimals: decimals(found),
            ..LinesChart::default()
        })));
    }
    let mut table = Table::new(
        &[
            say.of("From", "起始日"),
            say.of("Mean error", "平均绝对误差"),
            say.of("Last week's", "照搬上周"),
            say.of("Intervals held", "区间覆盖率"),
        ],
        &[],
    );
    for test in found.backtests.iter().rev().take(LISTED) {
        let (own, naive, held) = sums(test);
        let from = test.days.first().map_or("–", |day| day.day.as_str());
        let cells = vec![from.to_owned(), value(own), value(naive), percent(held)];
        table.row(cells, if own > naive { Mark::Bad } else { Mark::None });
    }
    blocks.push(Block::Table(table));
    Section { heading: Some(say.text("How it would have done", "回测表现")), blocks }
}

/// Mean errors of a back-test, its own and those of the plain rule, and how often its intervals held.
fn sums(test: &Backtest) -> (f64, f64, f64) {
    let days = test.days.len().max(1) as f64;
    let of = |said: &dyn Fn(usize) -> f64| {
        test.actual.iter().enumerate().map(|(day, is)| (is - said(day)).abs()).sum::<f64>() / days
    };
    let held = test.days.iter().zip(&test.actual).filter(|(day, is)| (day.low..=day.high).contains(*is)).count();
    (of(&|day| test.days[day].value), of(&|day| test.naive[day]), held as f64 / days)
}

fn ahead(found: &SeriesEvaluation, say: Say) -> Section {
    let mut table = Table::new(
        &[
            say.of("Days ahead", "提前天数"),
            "MAPE",
            say.of("Last week's", "照搬上周"),
            say.of("Mean error", "平均绝对误差"),
            say.of("Last week's", "照搬上周"),
            say.of("Intervals held", "区间覆盖率"),
        ],
        &[],
    );
    for week in &found.ahead {
        let cells = vec![
            format!("{}–{}", week.from, week.to),
            share(week.errors.mape),
            share(week.naive.mape),
            value(week.errors.mae),
            value(week.naive.mae),
            percent(week.coverage),
        ];
        table.row(cells, if week.errors.mae > week.naive.mae { Mark::Bad } else { Mark::None });
    }
    Section { heading: Some(say.text("By days ahead", "按提前天数")), blocks: vec![Block::Table(table)] }
}

fn reading(say: Say) -> Section {
    let text = say.text(
        "MAPE: the mean distance of forecast and value, as a share of the value; there is none where a value was 0. MASE: the mean error over that of saying what was a week before, on the days known before the first back-test; below 1 is better. Last week's values: the same weekday of the last week that was known. Intervals are those of forecasts made before: they widen when the past was hard to foresee. Whether errors are smaller than last week's is shown with an interval of 95 % by resampling back-tests.",
        "MAPE：预测与实际之差占实际的平均比例；实际为 0 时不计算。MASE：平均误差与首次回测之前照搬上周的平均误差之比，小于 1 为更好。照搬上周：取已知的最后一周同一星期几的数值。区间由过往预测的误差得出：过去越难预测，区间越宽。误差比照搬上周小多少，附对回测重抽样得到的 95 % 区间。",
    );
    Section { heading: Some(say.text("How to read this", "如何阅读")), blocks: vec![Block::Paragraph(text)] }
}
