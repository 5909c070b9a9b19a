//! Figures as pictures.

use florin_charts::{
    CalibrationChart, CalibrationPoint, Contribution, ContributionsChart, Curve, CurvesChart, GroupBar, GroupsChart,
    Interval, Language, Line, LinesChart, TradeChart, TradePoint,
};
use florin_measurement::uplift::QiniPoint;
use florin_measurement::{Interval as Measured, calibration::CalibrationCurve};
use florin_models::evaluation::{
    AxisFairness, AxisFigures, EffectEvaluation, Evaluation, FeatureCurves, PeriodFigures,
};

use crate::{
    build::kind,
    document::Say,
    figures::{count, figure, interval, percent},
};

/// Points of a Qini curve that are drawn, beside the first.
const QINI_STEPS: usize = 20;
/// How long words below an axis may be.
const PLACE_MAX: usize = 12;

pub(crate) fn drawn(of: Measured) -> Interval {
    Interval { low: of.low, value: of.value, high: of.high }
}

pub(crate) fn exact(value: f64) -> Interval {
    Interval { low: value, value, high: value }
}

pub(crate) fn roc(found: &Evaluation, say: Say) -> CurvesChart {
    CurvesChart {
        title: say.text("Told apart (ROC)", "识别能力（ROC 曲线）"),
        subtitle: format!("AUC {}", interval(found.quality.figures.auc)),
        across: say.text("False positive rate", "假阳性率"),
        up: say.text("True positive rate", "真阳性率"),
        curves: vec![Curve { name: kind(&found.kind, say), points: found.quality.roc.clone() }],
        diagonal: true,
        mark: None,
    }
}

pub(crate) fn gain(found: &Evaluation, say: Say) -> CurvesChart {
    let parts = found.quality.gains.len().max(1) as f64;
    let points = found.quality.gains.iter().map(|part| (part.part as f64 / parts, part.gain));
    let top = found.quality.figures.captured;
    CurvesChart {
        title: say.text("Gain: how many are found among the highest scores", "增益：高分客户中能找到多少"),
        subtitle: format!("{} {}", say.of("Found in the top 10 %:", "前 10 % 捕获："), percent(top.value)),
        across: say.text("Share of customers, highest scores first", "客户占比（高分在前）"),
        up: say.text("Share of all who said yes", "“是”的客户占比"),
        curves: vec![Curve { name: kind(&found.kind, say), points: [(0.0, 0.0)].into_iter().chain(points).collect() }],
        diagonal: true,
        mark: None,
    }
}

/// What is gained by treating those first whom a model of effects puts first, in outcomes a hundred customers.
pub(crate) fn qini(found: &EffectEvaluation, say: Say) -> LinesChart {
    let shares = (0..=QINI_STEPS).map(|step| step as f64 / QINI_STEPS as f64);
    let line = |name: String, gain: fn(&QiniPoint) -> f64| Line {
        name,
        points: shares.clone().map(|share| gained(&found.curve, share, gain).map(|gain| exact(100.0 * gain))).collect(),
    };
    LinesChart {
        title: say.text("Gained by treating these first (Qini curve)", "优先处理这些客户的增益（Qini 曲线）"),
        subtitle: found.figures.qini.map_or_else(String::new, |qini| format!("Qini {}", interval(qini))),
        up: say.text("Gained for each 100 customers", "每百名客户的增益"),
        across: say
            .text("Customers treated, largest predicted effects first, %", "处理客户占比（%，预测增益高者在前）"),
        places: shares.clone().map(|share| format!("{:.0}", 100.0 * share)).collect(),
        lines: vec![
            line(kind(&found.kind, say), |point| point.gain),
            line(say.text("chosen at random", "随机挑选"), |point| point.at_random),
        ],
        decimals: 2,
        from: Some(0.0),
        ..LinesChart::default()
    }
}

/// What is gained at a share of customers, between the points of a curve.
fn gained(curve: &[QiniPoint], share: f64, gain: fn(&QiniPoint) -> f64) -> Option<f64> {
    let after = curve.iter().position(|point| point.share >= share)?;
    let (Some(before), to) = (after.checked_sub(1).map(|at| &curve[at]), &curve[after]) else {
        return Some(gain(&curve[after]));
    };
    let part = (share - before.share) / (to.share - before.share);
    Some(gain(before) + part * (gain(to) - gain(before)))
}

pub(crate) fn calibration(curve: &CalibrationCurve, error: Measured, say: Say) -> CalibrationChart {
    let point = |bin: &florin_measurement::calibration::CalibrationBin| CalibrationPoint {
        rows: bin.rows as u64,
        said: bin.said,
        happened: drawn(bin.happened),
    };
    CalibrationChart {
        title: say.text("Does 20 % mean one in five?", "20 % 是否意味着五分之一？"),
        subtitle: format!("{} {}", say.of("Calibration error", "校准误差"), interval(error)),
        points: curve.bins.iter().map(point).collect(),
    }
}

pub(crate) fn groups(axis: &AxisFigures, all: f64, say: Say) -> GroupsChart {
    let bar = |group: &florin_models::evaluation::GroupReport| GroupBar {
        name: say.words(&group.words),
        rows: group.figures.rows as u64,
        figure: group.figures.figures.as_ref().map(|figures| drawn(figures.discrimination.auc)),
        flagged: group.fails,
    };
    let words = say.words(&axis.words);
    GroupsChart {
        title: format!("{}{words}", say.of("AUC by ", "各客群 AUC：")),
        subtitle: if axis.protected { say.text("A protected attribute", "受保护属性") } else { String::new() },
        groups: axis.groups.iter().map(bar).collect(),
        reference: Some((all, say.text("all customers", "全部客户"))),
        decimals: 3,
    }
}

pub(crate) fn trade(axis: &AxisFairness, in_use: f64, say: Say) -> TradeChart {
    // The threshold in use is one of those tried, or lies between two of them: the nearest is pointed out.
    let apart = |trade: &florin_measurement::fairness::Trade| {
        trade.thresholds.first().map_or(f64::INFINITY, |threshold| (threshold - in_use).abs())
    };
    let nearest = axis.trades.iter().map(apart).fold(f64::INFINITY, f64::min);
    let point = |trade: &florin_measurement::fairness::Trade| TradePoint {
        name: trade.thresholds.first().map_or_else(String::new, |threshold| figure(*threshold)),
        worth: trade.accuracy,
        gap: trade.gaps.parity_difference,
        on_frontier: trade.on_frontier,
        chosen: apart(trade) == nearest,
    };
    let words = say.words(&axis.words);
    TradeChart {
        title: format!("{}{words}", say.of("What fairness costs, by ", "公平与准确的权衡：")),
        subtitle: say.text("One threshold for all; each point is one", "所有人同一阈值，每个点是一个阈值"),
        up: say.text("Accuracy", "准确率"),
        across: say.text("Gap of selection rates between groups", "客群间获选率之差"),
        points: axis.trades.iter().map(point).collect(),
    }
}

/// `all` is the AUC of the whole test.
pub(crate) fn auc_by_period(periods: &[PeriodFigures], all: f64, say: Say) -> LinesChart {
    let periods: Vec<&PeriodFigures> = periods.iter().filter(|period| period.test).collect();
    LinesChart {
        title: say.text("AUC by period of the test", "测试各期 AUC"),
        up: "AUC".to_owned(),
        places: periods.iter().map(|period| period.period.clone()).collect(),
        lines: vec![Line {
            name: "AUC".to_owned(),
            points: periods.iter().map(|period| period.auc.map(drawn)).collect(),
        }],
        reference: Some((all, say.text("the whole test", "全部测试数据"))),
        rows: periods.iter().map(|period| period.rows as u64).collect(),
        decimals: 3,
        ..LinesChart::default()
    }
}

pub(crate) fn rates_by_period(periods: &[PeriodFigures], say: Say) -> LinesChart {
    // A period may hold rows of both parts; then it is there twice and says which it is.
    let name = |period: &PeriodFigures| {
        let twice = periods.iter().filter(|other| other.period == period.period).count() > 1;
        match (twice, period.test) {
            (true, true) => format!("{} {}", period.period, say.of("test", "测试")),
            (true, false) => format!("{} {}", period.period, say.of("train", "训练")),
            _ => period.period.clone(),
        }
    };
    let line = |name: &str, of: fn(&PeriodFigures) -> f64| Line {
        name: name.to_owned(),
        points: periods.iter().map(|period| Some(exact(of(period)))).collect(),
    };
    LinesChart {
        title: say.text("What was said and what happened, by period", "各期预测与实际"),
        subtitle: say.text("Training first, then the test", "先训练，后测试"),
        up: say.text("Share", "比例"),
        places: periods.iter().map(name).collect(),
        lines: vec![
            line(say.of("happened", "实际"), |period| period.rate),
            line(say.of("said", "预测"), |period| period.said),
        ],
        rows: periods.iter().map(|period| period.rows as u64).collect(),
        decimals: 3,
        from: Some(0.0),
        ..LinesChart::default()
    }
}

pub(crate) fn learning(found: &Evaluation, say: Say) -> LinesChart {
    let points = &found.learning.points;
    LinesChart {
        title: say.text("AUC by rows learnt from", "AUC 随训练行数的变化"),
        up: "AUC".to_owned(),
        across: say.text("Rows learnt from", "训练行数"),
        places: points.iter().map(|point| count(point.rows)).collect(),
        lines: vec![
            Line {
                name: say.text("rows it has seen", "训练数据"),
                points: points.iter().map(|point| Some(exact(point.train))).collect(),
            },
            Line {
                name: say.text("rows it has not seen", "测试数据"),
                points: points.iter().map(|point| Some(drawn(point.test))).collect(),
            },
        ],
        decimals: 3,
        ..LinesChart::default()
    }
}

/// `adds_up_to`: what contributions are of, in both languages.
pub(crate) fn importance(
    all: &[florin_models::explain::Importance],
    adds_up_to: [&str; 2],
    say: Say,
) -> ContributionsChart {
    let one = |importance: &florin_models::explain::Importance| Contribution {
        name: importance.feature.clone(),
        value: importance.value,
    };
    ContributionsChart {
        title: say.text("How much it leans on each feature", "特征重要性"),
        subtitle: match say.0 {
            Language::English => format!("Mean size of contributions to {}", adds_up_to[0]),
            Language::Chinese => format!("对{}贡献的平均绝对值", adds_up_to[1]),
        },
        contributions: all.iter().map(one).collect(),
        base: None,
        decimals: 3,
    }
}

/// Partial dependence; beside it the accumulated effects, shifted to the same mean.
pub(crate) fn effect(curves: &FeatureCurves, say: Say) -> LinesChart {
    let points = &curves.partial.points;
    let short = |label: &str| match label.parse::<f64>() {
        Ok(value) => number(value),
        Err(_) if label.chars().count() > PLACE_MAX => label.chars().take(PLACE_MAX - 1).chain(['…']).collect(),
        Err(_) => label.to_owned(),
    };
    let mut lines = vec![Line {
        name: say.text("partial dependence", "部分依赖"),
        points: points.iter().map(|point| Some(exact(point.effect))).collect(),
    }];
    if let Some(local) = &curves.local {
        let mean = points.iter().map(|point| point.effect).sum::<f64>() / points.len().max(1) as f64;
        // Both are cut at quantiles of the same rows; where one has fewer points, they are matched by value.
        let at = |value: Option<f64>| {
            let value = value?;
            let last = local.points.iter().take_while(|point| point.value.is_some_and(|v| v <= value)).last()?;
            Some(exact(last.effect + mean))
        };
        lines.push(Line {
            name: say.text("accumulated local effects", "累积局部效应"),
            points: points.iter().map(|point| at(point.value)).collect(),
        });
    }
    LinesChart {
        title: curves.feature.clone(),
        subtitle: say.text(
            "Mean prediction, were each customer's value this (at even shares of customers)",
            "若每位客户都取该值时的平均预测（按客户分位取点）",
        ),
        up: say.text("Prediction", "预测"),
        places: points.iter().map(|point| short(&point.label)).collect(),
        lines,
        decimals: 3,
        ..LinesChart::default()
    }
}

/// A value below an axis: three digits that matter.
fn number(value: f64) -> String {
    match value.abs() {
        0.0 => "0".to_owned(),
        size if size >= 1000.0 => {
            florin_charts::figure(size.round() as u64).replacen("", if value < 0.0 { "−" } else { "" }, 1)
        }
        size if size >= 100.0 || value.fract() == 0.0 => format!("{value:.0}"),
        size if size >= 10.0 => format!("{value:.1}"),
        size if size >= 0.01 => format!("{value:.2}"),
        _ => format!("{value:.1e}"),
    }
    .replace('-', "−")
}
