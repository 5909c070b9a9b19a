//! One made-up example of every chart of a model's card.

use florin_charts::{
    CalibrationChart, CalibrationPoint, Contribution, ContributionsChart, Curve, CurvesChart, GroupBar, GroupsChart,
    Interval, Language, Line, LinesChart, ScoreBin, ScoresChart, Style, TradeChart, TradePoint,
};

use crate::made::Made;

/// Every kind, with names in the style's language.
pub(crate) fn charts(style: Style) -> Vec<Made> {
    let zh = style.language == Language::Chinese;
    let say = |english: &'static str, chinese: &'static str| (if zh { chinese } else { english }).to_owned();
    vec![
        ("roc", Box::new(roc(say))),
        ("rates_by_threshold", Box::new(by_threshold(say))),
        ("calibration", Box::new(calibration(say))),
        ("scores", Box::new(scores(say))),
        ("importance", Box::new(contributions(say, None))),
        ("waterfall", Box::new(contributions(say, Some(-1.85)))),
        ("groups", Box::new(groups(say))),
        ("trade", Box::new(trade(say))),
        ("learning", Box::new(learning(say))),
        ("months", Box::new(months(say))),
    ]
}

/// Every kind, with nothing in it.
pub(crate) fn empty() -> Vec<Made> {
    vec![
        ("curves", Box::new(CurvesChart::default())),
        ("calibration", Box::new(CalibrationChart::default())),
        ("scores", Box::new(ScoresChart::default())),
        ("contributions", Box::new(ContributionsChart::default())),
        ("groups", Box::new(GroupsChart::default())),
        ("trade", Box::new(TradeChart::default())),
        ("lines", Box::new(LinesChart::default())),
    ]
}

fn roc(say: impl Fn(&'static str, &'static str) -> String) -> CurvesChart {
    let curve = |name: String, bend: f64| {
        let point = |i: u32| (f64::from(i) / 100.0, (f64::from(i) / 100.0).powf(bend));
        Curve { name, points: (0..=100).map(point).collect() }
    };
    CurvesChart {
        title: say("Who will leave, told apart", "流失客户的识别能力"),
        subtitle: say("AUC 0.812 (0.795 to 0.828); baseline 0.667", "AUC 0.812（0.795–0.828）；基线 0.667"),
        across: say("False positive rate", "假阳性率"),
        up: say("True positive rate", "真阳性率"),
        curves: vec![
            curve(say("boosted trees", "梯度提升树"), 0.23),
            curve(say("days since last use", "距上次使用天数"), 0.5),
        ],
        diagonal: true,
        mark: None,
    }
}

fn by_threshold(say: impl Fn(&'static str, &'static str) -> String) -> CurvesChart {
    let along = |name: String, of: fn(f64) -> f64| Curve {
        name,
        points: (0..=50).map(|i| f64::from(i) / 50.0).map(|x| (x, of(x))).collect(),
    };
    CurvesChart {
        title: say("Rates by threshold", "不同阈值下的比率"),
        subtitle: String::new(),
        across: say("Threshold", "阈值"),
        up: say("Share", "比率"),
        curves: vec![
            along(say("accuracy", "准确率"), |x| 0.88 - (x - 0.45).powi(2)),
            along(say("selection rate", "通过率"), |x| (1.0 - x).powi(2)),
            along(say("widest gap of groups", "组间最大差距"), |x| 0.3 * x * (1.0 - x) * 2.0),
        ],
        diagonal: false,
        mark: Some((0.35, say("the threshold in use, 0.35", "当前阈值 0.35"))),
    }
}

fn calibration(say: impl Fn(&'static str, &'static str) -> String) -> CalibrationChart {
    let points = (0..10_u32).map(|i| {
        let said = 0.02 + 0.06 * f64::from(i);
        let value = said * 0.9 + 0.01 * f64::from(i % 3);
        let half = 0.01 + 0.006 * f64::from(i);
        let happened = Interval { low: (value - half).max(0.0), value, high: value + half };
        CalibrationPoint { rows: 4000 / (u64::from(i) + 1), said, happened }
    });
    CalibrationChart {
        title: say("Does 20 % mean one in five?", "20 % 是否意味着五分之一？"),
        subtitle: say("Expected calibration error 0.9 %", "期望校准误差 0.9 %"),
        points: points.collect(),
    }
}

fn scores(say: impl Fn(&'static str, &'static str) -> String) -> ScoresChart {
    let bin = |i: u32| {
        let x = f64::from(i) / 20.0 + 0.025;
        let at = |mean: f64, rows: f64| (rows * (-(x - mean).powi(2) / 0.045).exp()) as u64;
        ScoreBin { label: format!("{:.2}", f64::from(i) / 20.0), positive: at(0.62, 220.0), negative: at(0.25, 1900.0) }
    };
    ScoresChart {
        title: say("Scores of those who left and those who stayed", "流失与留存客户的评分分布"),
        subtitle: "KS 0.51".to_owned(),
        positive: say("left", "流失"),
        negative: say("stayed", "留存"),
        bins: (0..20).map(bin).collect(),
    }
}

fn contributions(say: impl Fn(&'static str, &'static str) -> String, base: Option<f64>) -> ContributionsChart {
    let waterfall = base.is_some();
    let one = |name: String, value: f64| Contribution { name, value: if waterfall { value } else { value.abs() } };
    let mut contributions = vec![
        one(say("Days since last login: 74", "距上次登录：74 天"), 0.92),
        one(say("Salary arrives here: no", "工资入账：否"), 0.61),
        one(say("Years as a customer: 11.5", "客户年限：11.5 年"), -0.48),
        one(say("Balance lost within 90 days: 83 %", "90 天内余额下降：83 %"), 0.44),
        one(say("An open complaint about fees that nobody has answered: yes", "未答复的收费投诉：有"), 0.31),
        one(say("Products held: 3", "持有产品：3"), -0.27),
    ];
    contributions
        .extend((1..=14).map(|i| one(format!("{} {i}", say("other feature", "其他特征")), 0.11 / f64::from(i))));
    ContributionsChart {
        title: if waterfall {
            say("Why this score", "评分原因")
        } else {
            say("What the model goes by", "特征重要性")
        },
        subtitle: if waterfall {
            say("Log odds", "对数几率")
        } else {
            say("Mean |SHAP|, log odds", "平均 |SHAP|，对数几率")
        },
        contributions,
        base,
        decimals: 2,
    }
}

fn groups(say: impl Fn(&'static str, &'static str) -> String) -> GroupsChart {
    let group = |name: String, rows: u64, value: f64, half: f64, flagged: bool| {
        let figure = (rows >= 100).then_some(Interval { low: value - half, value, high: value + half });
        GroupBar { name, rows, figure, flagged }
    };
    GroupsChart {
        title: say("AUC by age", "各年龄段 AUC"),
        subtitle: say("Out-of-time test, 2025-07 to 2025-09", "时间外测试，2025-07 至 2025-09"),
        groups: vec![
            group(say("under 25", "25 岁以下"), 2310, 0.611, 0.035, true),
            group(say("65 and over", "65 岁及以上"), 1804, 0.774, 0.041, false),
            group(say("25 to 39", "25–39 岁"), 18_420, 0.809, 0.012, false),
            group(say("40 to 64", "40–64 岁"), 22_951, 0.823, 0.011, false),
            group(say("age not known", "年龄未知"), 61, 0.0, 0.0, false),
        ],
        reference: Some((0.812, say("all customers", "全部客户"))),
        decimals: 3,
    }
}

fn trade(say: impl Fn(&'static str, &'static str) -> String) -> TradeChart {
    let point = |i: u32| {
        let t = f64::from(i) / 40.0;
        let (worth, gap) = (0.86 - (t - 0.45).powi(2) * 0.9, 0.28 * (t * 3.2).sin().abs() + 0.01);
        TradePoint { name: format!("{t:.3}"), worth, gap, on_frontier: false, chosen: i == 16 }
    };
    let mut points: Vec<TradePoint> = (0..=40).map(point).collect();
    let better = |a: &TradePoint, b: &TradePoint| a.worth > b.worth && a.gap < b.gap;
    let frontier: Vec<bool> = points.iter().map(|p| !points.iter().any(|other| better(other, p))).collect();
    points.iter_mut().zip(frontier).for_each(|(point, on)| point.on_frontier = on);
    TradeChart {
        title: say("What fairness costs", "公平的代价"),
        subtitle: say("One threshold for all", "所有人同一阈值"),
        up: say("Accuracy", "准确率"),
        across: say("Gap of selection rates between groups", "组间通过率差距"),
        points,
    }
}

fn learning(say: impl Fn(&'static str, &'static str) -> String) -> LinesChart {
    let around = |value: f64, half: f64| Some(Interval { low: value - half, value, high: value + half });
    LinesChart {
        title: say("Would more rows help?", "更多数据会有帮助吗？"),
        subtitle: say("AUC by rows learnt from", "AUC 随训练行数的变化"),
        up: "AUC".to_owned(),
        across: say("Rows", "训练行数"),
        places: ["12,500", "25,000", "50,000", "100,000"].map(str::to_owned).to_vec(),
        lines: vec![
            Line {
                name: say("seen rows", "训练数据"),
                points: vec![around(0.951, 0.0), around(0.913, 0.0), around(0.882, 0.0), around(0.861, 0.0)],
            },
            Line {
                name: say("unseen rows", "测试数据"),
                points: vec![around(0.771, 0.02), around(0.793, 0.018), around(0.806, 0.017), around(0.812, 0.016)],
            },
        ],
        decimals: 2,
        ..LinesChart::default()
    }
}

fn months(say: impl Fn(&'static str, &'static str) -> String) -> LinesChart {
    let point = |month: u32| {
        let value = 0.82 - 0.012 * f64::from(month);
        (month != 3).then_some(Interval { low: value - 0.02, value, high: value + 0.02 })
    };
    LinesChart {
        title: say("AUC by month", "各月 AUC"),
        subtitle: String::new(),
        up: "AUC".to_owned(),
        across: String::new(),
        places: (1..=9).map(|month| format!("2025-{month:02}")).collect(),
        lines: vec![Line { name: "AUC".to_owned(), points: (0..9).map(point).collect() }],
        reference: Some((0.7, say("what the guard demands", "门槛要求"))),
        rows: (0..9).map(|month| 4000 + 300 * month).collect(),
        decimals: 3,
        from: None,
    }
}
