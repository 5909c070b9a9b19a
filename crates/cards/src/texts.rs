//! What the card of a classifier of texts says.

use florin_charts::{GroupBar, GroupsChart, Language};
use florin_measurement::stability::Drift;
use florin_models::evaluation::{TextAxis, TextEvaluation};

use crate::{
    build::{guards, purposes, subtitle, verdict, when},
    card::Card,
    document::{Block, Document, Mark, Say, Section, Table, Tile},
    figures::{count, figure, interval, percent, range, signed},
    pictures::{self, drawn},
};

/// Classes that are drawn, the worst first, and those that have a row of their own.
const DRAWN: usize = 20;
const LISTED: usize = 40;
/// Labels up to which the whole table of verdicts is shown.
const TABLE_MAX: usize = 10;

pub(crate) fn document(card: &Card<'_>, found: &TextEvaluation, language: Language) -> Document {
    let say = Say(language);
    let mut sections = vec![first(found, say), facts(card, found, say)];
    if !found.guards.is_empty() {
        sections.push(guards(&found.guards, say));
    }
    sections.push(classes(found, say));
    sections.push(confused(found, say));
    sections.push(sure(found, say));
    sections.extend(found.groups.iter().filter(|axis| axis.groups.len() > 1).map(|axis| group(axis, found, say)));
    sections.push(time(found, say));
    sections.push(reading(say));
    let title = format!("{}{}{}", found.model, say.of(": ", "："), say.words(&found.meaning));
    Document { title, subtitle: subtitle(card, &found.owner, say), verdict: verdict(card.evaluation, say), sections }
}

fn first(found: &TextEvaluation, say: Say) -> Section {
    let told: Vec<_> = found.findings.iter().map(|finding| (finding.severity, say.words(&finding.words))).collect();
    let tile = |name: &str, figure: String, below: String| Tile { name: name.to_owned(), figure, below };
    let mut tiles = vec![
        tile(say.of("Accuracy", "准确率"), figure(found.accuracy.value), range(found.accuracy)),
        tile(say.of("Macro-F1", "宏平均 F1"), figure(found.macro_f1.value), range(found.macro_f1)),
        tile(
            say.of("Always the most frequent label", "总说最常见类别"),
            figure(found.baseline.accuracy.value),
            found.baseline.label.clone(),
        ),
        tile(
            say.of("Calibration error", "校准误差"),
            figure(found.calibration_error.value),
            range(found.calibration_error),
        ),
    ];
    if let Some(new) = found.accuracy_of_new.filter(|_| found.rows.known > 0) {
        tiles.push(tile(say.of("Accuracy on new texts", "新文本的准确率"), figure(new.value), range(new)));
    }
    let mut blocks = Vec::new();
    if !told.is_empty() {
        blocks.push(Block::Findings(told));
    }
    blocks.push(Block::Tiles(tiles));
    let (rows, labels) = (count(found.rows.test), found.rows.labels);
    blocks.push(Block::Paragraph(match say.0 {
        Language::English => format!(
            "Measured on {rows} texts of {labels} labels that the classifier has not learnt from. Below each figure: its 95 % interval."
        ),
        Language::Chinese => {
            format!("在分类器未学习过的 {rows} 条文本、{labels} 个类别上测得。每个数字下方为其 95 % 置信区间。")
        }
    }));
    Section { heading: None, blocks }
}

fn facts(card: &Card<'_>, found: &TextEvaluation, say: Say) -> Section {
    let rows = &found.rows;
    let of = |all: usize, periods: &Option<(String, String)>| format!("{}{}", count(all), when(periods));
    let above = found.baseline.above;
    let mut facts = vec![
        (say.text("Purposes", "用途"), purposes(&found.purposes, say)),
        (say.text("Texts learnt from", "训练文本"), of(rows.train, &rows.train_periods)),
        (say.text("Texts tested on", "测试文本"), of(rows.test, &rows.test_periods)),
        (say.text("Of those in training word for word", "其中在训练中一字不差出现过的"), count(rows.known)),
        (say.text("Labels", "类别数"), count(rows.labels)),
        (
            say.text("Above the most frequent label", "比总说最常见类别高出"),
            format!("{} ({})", signed(above.value), range(above)),
        ),
        (say.text("Definition", "定义"), found.definition.chars().take(16).collect()),
        (say.text("Seed", "随机种子"), found.seed.to_string()),
    ];
    facts.extend(card.more.iter().cloned());
    Section { heading: Some(say.text("What it is", "模型概况")), blocks: vec![Block::Facts(facts)] }
}

fn classes(found: &TextEvaluation, say: Say) -> Section {
    let bar = |class: &florin_models::evaluation::TextClass| GroupBar {
        name: class.label.clone(),
        rows: class.figures.rows as u64,
        figure: class.figures.f1.filter(|_| class.figures.rows > 0).map(drawn),
        flagged: class.figures.rows > 0 && class.figures.f1.is_some_and(|f1| f1.high < 0.5),
    };
    let chart = GroupsChart {
        title: say.text("F1 by class, the worst first", "各类别 F1（最差在前）"),
        subtitle: match found.classes.len() > DRAWN {
            true => match say.0 {
                Language::English => format!("The worst {DRAWN} of {}", found.classes.len()),
                Language::Chinese => format!("{} 个类别中最差的 {DRAWN} 个", found.classes.len()),
            },
            false => String::new(),
        },
        groups: found.classes.iter().take(DRAWN).map(bar).collect(),
        reference: Some((found.macro_f1.value, say.text("mean of all", "全部平均"))),
        decimals: 3,
    };
    let mut table = Table::new(
        &[
            say.of("Class", "类别"),
            say.of("In training", "训练文本"),
            say.of("In the test", "测试文本"),
            say.of("Said", "判为该类"),
            say.of("Precision", "精确率"),
            say.of("Recall", "召回率"),
            "F1",
            say.of("Words that speak for it most", "最能说明该类的词"),
        ],
        &[7],
    );
    for class in found.classes.iter().take(LISTED) {
        let own = &class.figures;
        let cell = |of: Option<florin_measurement::Interval>| of.map_or_else(|| "–".to_owned(), |of| figure(of.value));
        let cells = vec![
            class.label.clone(),
            count(class.train),
            count(own.rows),
            count(own.said),
            cell(own.precision),
            cell(own.recall),
            own.f1.filter(|_| own.rows > 0).map_or_else(|| "–".to_owned(), interval),
            class.words.join(say.of(", ", "、")),
        ];
        table.row(cells, if own.rows == 0 { Mark::Faint } else { Mark::None });
    }
    let mut blocks = vec![Block::Picture(Box::new(chart)), Block::Table(table)];
    if found.classes.len() > LISTED {
        let more = found.classes.len() - LISTED;
        blocks.push(Block::Paragraph(match say.0 {
            Language::English => format!("{more} more classes are better than these."),
            Language::Chinese => format!("另有 {more} 个类别优于以上各类。"),
        }));
    }
    Section { heading: Some(say.text("How well it tells each class", "各类别表现")), blocks }
}

fn confused(found: &TextEvaluation, say: Say) -> Section {
    let mut table = Table::new(
        &[
            say.of("What texts are", "实际类别"),
            say.of("What was said", "判为"),
            say.of("Texts", "文本数"),
            say.of("Of those that are", "占该类"),
        ],
        &[1],
    );
    for pair in &found.confused {
        let share = percent(pair.texts as f64 / pair.of.max(1) as f64);
        table.row(vec![pair.is.clone(), pair.said.clone(), count(pair.texts), share], Mark::None);
    }
    let mut blocks = Vec::new();
    if !found.table.is_empty() && found.labels.len() <= TABLE_MAX {
        let corner = say.text("Is, below; said, across", "行为实际，列为判断");
        let head: Vec<&str> = [corner.as_str()].into_iter().chain(found.labels.iter().map(String::as_str)).collect();
        let mut whole = Table::new(&head, &[]);
        for (label, row) in found.labels.iter().zip(&found.table) {
            whole.row([label.clone()].into_iter().chain(row.iter().map(|n| count(*n))).collect(), Mark::None);
        }
        blocks.push(Block::Table(whole));
    }
    match found.confused.is_empty() {
        true => blocks.push(Block::Paragraph(say.text("Nothing is mistaken.", "没有混淆。"))),
        false => blocks.push(Block::Table(table)),
    }
    Section { heading: Some(say.text("What it mistakes for what", "哪些类别容易混淆")), blocks }
}

fn sure(found: &TextEvaluation, say: Say) -> Section {
    let chart = pictures::calibration(&found.calibration, found.calibration_error, say);
    let mut table = Table::new(
        &[say.of("Gone by from", "把握不低于"), say.of("Share of texts", "文本占比"), say.of("Right", "准确率")],
        &[],
    );
    for row in &found.sure {
        let right = row.accuracy.map_or_else(|| "–".to_owned(), interval);
        table.row(vec![percent(row.from), percent(row.share), right], Mark::None);
    }
    Section {
        heading: Some(say.text("Whether it knows how sure it is", "是否清楚自己的把握")),
        blocks: vec![Block::Picture(Box::new(chart)), Block::Table(table)],
    }
}

fn group(axis: &TextAxis, found: &TextEvaluation, say: Say) -> Section {
    let bar = |group: &florin_models::evaluation::TextGroup| GroupBar {
        name: say.words(&group.words),
        rows: group.rows as u64,
        figure: group.accuracy.map(drawn),
        flagged: group.fails,
    };
    let words = say.words(&axis.words);
    let chart = GroupsChart {
        title: format!("{}{words}", say.of("Accuracy by ", "各组准确率：")),
        subtitle: String::new(),
        groups: axis.groups.iter().map(bar).collect(),
        reference: Some((found.accuracy.value, say.text("all texts", "全部文本"))),
        decimals: 3,
    };
    Section { heading: Some(format!("{}{words}", say.of("By ", "按"))), blocks: vec![Block::Picture(Box::new(chart))] }
}

fn time(found: &TextEvaluation, say: Say) -> Section {
    let (psi, chance) = (figure(found.stability.psi), figure(found.stability.by_chance));
    let drift = match found.stability.drift {
        Drift::Stable => say.of("stable", "稳定"),
        Drift::Watch => say.of("watch", "关注"),
        Drift::Act => say.of("act", "处理"),
    };
    let words = match say.0 {
        Language::English => {
            format!(
                "Labels of the test against those of training: PSI {psi} ({drift}; chance alone brings up to {chance})."
            )
        }
        Language::Chinese => format!("测试与训练的类别分布：PSI {psi}（{drift}；仅偶然波动可达 {chance}）。"),
    };
    Section {
        heading: Some(say.text("What moves with time", "随时间的变化")), blocks: vec![Block::Paragraph(words)]
    }
}

fn reading(say: Say) -> Section {
    let text = say.text(
        "Accuracy: the share of right verdicts. Precision: of those said to be of a class, how many are. Recall: of those that are, how many were said to be. F1: their harmonic mean; macro-F1 is its mean over classes, each counting the same. Labels are people's and are wrong at times: no classifier is right more often than two people agree. Intervals are of 95 %, by bootstrap or Wilson; texts of one customer count as independent.",
        "准确率：判断正确的比例。精确率：判为某类的文本中确属该类的比例。召回率：某类文本中被判出的比例。F1：两者的调和平均；宏平均 F1 对各类别等权平均。标签由人标注，难免有误：分类器的准确率不会高于两人标注的一致率。区间均为 95 %，由自助法或 Wilson 方法得出；同一客户的多条文本按独立计。",
    );
    Section { heading: Some(say.text("How to read this", "如何阅读")), blocks: vec![Block::Paragraph(text)] }
}
