//! One made-up example of every chart.

use florin_charts::{
    Bin, Chart, Cohort, Effect, EffectsChart, FunnelChart, FunnelSeries, HistogramChart, Interval, Language, Mark,
    NextChart, NextRow, PathLink, PathNode, PathsChart, RetentionCell, RetentionChart, RfmChart, RfmRow, RhythmChart,
    RuleRow, RulesChart, StickinessChart, StickinessPeriod, Style, Theme, TimelineChart, TimelinePoint, TrendChart,
    TrendPoint, TrendSeries,
};

/// A name and what draws it.
pub(crate) type Made = (&'static str, Box<dyn Chart>);

/// Every style there is.
pub(crate) fn styles() -> Vec<(&'static str, Style)> {
    vec![
        ("light", Style { theme: Theme::Light, language: Language::English }),
        ("dark", Style { theme: Theme::Dark, language: Language::English }),
        ("light_zh", Style { theme: Theme::Light, language: Language::Chinese }),
    ]
}

/// Every kind of chart, with names in the style's language.
pub(crate) fn charts(style: Style) -> Vec<Made> {
    let zh = style.language == Language::Chinese;
    let say = |english: &'static str, chinese: &'static str| if zh { chinese } else { english };
    let journeys: Vec<Made> = vec![
        ("funnel", Box::new(funnel(say))),
        ("funnel_by", Box::new(funnel_by(say))),
        ("next", Box::new(next(say))),
        ("trend", Box::new(trend(say))),
        ("trend_by", Box::new(trend_by(say))),
        ("timeline", Box::new(timeline(say))),
        ("retention", Box::new(retention(say, 10))),
        ("retention_long", Box::new(retention(say, 40))),
        ("rhythm", Box::new(rhythm(say))),
        ("paths", Box::new(paths(say, false))),
        ("paths_before", Box::new(paths(say, true))),
        ("histogram", Box::new(histogram(say, style))),
        ("stickiness", Box::new(stickiness(say))),
        ("effects", Box::new(effects(say))),
        ("rules", Box::new(rules(say))),
        ("rfm", Box::new(rfm(say))),
    ];
    journeys.into_iter().chain(crate::made_models::charts(style)).collect()
}

/// Every kind of chart, with nothing in it.
pub(crate) fn empty() -> Vec<Made> {
    let journeys: Vec<Made> = vec![
        ("funnel", Box::new(FunnelChart::default())),
        ("next", Box::new(NextChart::default())),
        ("trend", Box::new(TrendChart::default())),
        ("timeline", Box::new(TimelineChart::default())),
        ("retention", Box::new(RetentionChart::default())),
        ("rhythm", Box::new(RhythmChart::default())),
        ("paths", Box::new(PathsChart::default())),
        ("histogram", Box::new(HistogramChart::default())),
        ("stickiness", Box::new(StickinessChart::default())),
        ("effects", Box::new(EffectsChart::default())),
        ("rules", Box::new(RulesChart::default())),
        ("rfm", Box::new(RfmChart::default())),
    ];
    journeys.into_iter().chain(crate::made_models::empty()).collect()
}

pub(crate) fn funnel(say: impl Fn(&'static str, &'static str) -> &'static str) -> FunnelChart {
    let steps = [
        say("opens the loan page", "打开贷款页面"),
        say("starts an application", "开始申请"),
        say(
            "fills in the form with all that is asked about income and housing",
            "填写包含收入与住房信息的全部表单内容并上传证明",
        ),
        say("proves who they are", "完成身份验证"),
        say("submits", "提交申请"),
    ];
    FunnelChart {
        title: say("Loan applications in the app, within 14 days", "应用内贷款申请（14 天内）").to_owned(),
        breakdown: String::new(),
        steps: steps.map(str::to_owned).to_vec(),
        series: vec![series(None, &[13_087, 7_367, 5_113, 5_015, 2_246])],
    }
}

fn series(name: Option<&str>, counts: &[u64]) -> FunnelSeries {
    let times = [None, Some(42_000_000), Some(340_000_000), Some(5_400_000_000), Some(200_000_000_000)];
    FunnelSeries { name: name.map(str::to_owned), counts: counts.to_vec(), median_micros: times.to_vec() }
}

fn funnel_by(say: impl Fn(&'static str, &'static str) -> &'static str) -> FunnelChart {
    let title = say("Loan applications by device", "按设备细分的贷款申请").to_owned();
    let series = vec![
        series(Some("ios"), &[6_020, 4_110, 3_020, 2_980, 1_511]),
        series(Some("android"), &[5_211, 2_619, 1_688, 1_640, 612]),
        series(Some("web"), &[1_800, 630, 401, 391, 123]),
        series(None, &[56, 8, 4, 4, 0]),
    ];
    FunnelChart { title, breakdown: say("device", "设备").to_owned(), series, ..funnel(say) }
}

fn next(say: impl Fn(&'static str, &'static str) -> &'static str) -> NextChart {
    let row = |name: Option<&str>, times: u64, customers: u64, micros: u64| NextRow {
        name: name.map(str::to_owned),
        times,
        customers,
        median_micros: name.map(|_| micros),
    };
    NextChart {
        title: say("What customers do right after opening the app", "客户打开应用后的下一步行为").to_owned(),
        after: "app_open".to_owned(),
        rows: vec![
            row(Some("login"), 81_203, 1_870, 2_300_000),
            row(Some("view"), 20_114, 1_605, 4_100_000),
            row(Some("push_opened"), 7_811, 903, 900_000),
            row(None, 5_020, 1_410, 0),
            row(Some("login_failed"), 1_201, 611, 5_600_000),
        ],
    }
}

fn point(entered: u64, converted: u64) -> TrendPoint {
    TrendPoint { entered, converted }
}

fn weeks(n: usize) -> Vec<String> {
    (0..n).map(|i| format!("2024-{:02}-{:02}", 1 + i / 4, 1 + 7 * (i % 4))).collect()
}

fn trend(say: impl Fn(&'static str, &'static str) -> &'static str) -> TrendChart {
    let points = (0..20).map(|i| if i == 7 { point(0, 0) } else { point(900 - 13 * i, 130 + (i * i * 37) % 61) });
    TrendChart {
        title: say("Applications that were submitted, by week", "按周统计的申请提交率").to_owned(),
        breakdown: String::new(),
        periods: weeks(20),
        series: vec![TrendSeries { name: None, points: points.collect() }],
    }
}

fn trend_by(say: impl Fn(&'static str, &'static str) -> &'static str) -> TrendChart {
    let line = |name: &str, base: u64, step: u64| TrendSeries {
        name: Some(name.to_owned()),
        points: (0..12).map(|i| point(1000, base + step * i + (i * i * 31) % 40)).collect(),
    };
    TrendChart {
        title: say("Applications that were submitted, by device", "各设备的申请提交率").to_owned(),
        breakdown: "device".to_owned(),
        periods: weeks(12),
        series: vec![line("ios", 420, 9), line("android", 310, 4), line("web", 250, 0)],
    }
}

fn timeline(say: impl Fn(&'static str, &'static str) -> &'static str) -> TimelineChart {
    let mut members = 4_200;
    let points = (0..24i64).map(|day| {
        let (entered, left) = ((day * 37 % 23) as u64 * 9, (day * 53 % 17) as u64 * 8);
        members = members + entered - left;
        let label = format!("2024-03-{:02}", day + 1);
        TimelinePoint { at_micros: day * day * 3_600_000_000, label, members, entered, left }
    });
    TimelineChart { title: say("At risk of leaving", "有流失风险的客户").to_owned(), points: points.collect() }
}

fn retention(say: impl Fn(&'static str, &'static str) -> &'static str, periods: usize) -> RetentionChart {
    let cohort = |i: usize| Cohort {
        from: format!("2024-{:02}-{:02}", 1 + i / 28, 1 + i % 28),
        customers: 1200 + (i as u64 * 97) % 400,
        later: (1..periods - i)
            .map(|later| RetentionCell {
                customers: 640 / (later as u64 + 1) + (i as u64 * 29 + later as u64 * 13) % 60,
                complete: i + later + 1 < periods,
            })
            .collect(),
    };
    RetentionChart {
        title: say("Back in the app, week by week after the first visit", "首次访问后各周回访").to_owned(),
        cohorts: (0..periods).map(cohort).collect(),
        mean: (1..periods).map(|later| (later + 1 < periods).then(|| 0.5 / (later as f64 + 1.0))).collect(),
    }
}

fn rhythm(say: impl Fn(&'static str, &'static str) -> &'static str) -> RhythmChart {
    let mut chart =
        RhythmChart { title: say("Logins by hour", "各时段登录次数").to_owned(), ..RhythmChart::default() };
    for day in 0..7 {
        for hour in 0..24usize {
            let awake = 24 - (hour as i64 - 13).unsigned_abs().min(12) * 2;
            let rows = if hour < 6 { 0 } else { awake * awake * if day < 5 { 9 } else { 3 } };
            chart.rows[day][hour] = rows;
            chart.customers[day][hour] = rows / 3;
        }
    }
    chart
}

pub(crate) fn paths(say: impl Fn(&'static str, &'static str) -> &'static str, backwards: bool) -> PathsChart {
    let name = |i: usize| -> Option<String> {
        let names = [
            say("A_SUBMITTED", "提交申请"),
            say("A_PARTLYSUBMITTED", "部分提交"),
            say("A_DECLINED", "被拒绝"),
            say("W_Completeren aanvraag", "补全申请资料"),
            say("W_Afhandelen leads", "处理线索"),
            say("a name far longer than any place for it", "一个比任何可用位置都要长得多的名称"),
        ];
        names.get(i).map(|name| (*name).to_owned())
    };
    let node = |position: usize, i: usize, customers: u64| PathNode { position, name: name(i), customers };
    let link = |position: usize, from: usize, to: usize, customers: u64| PathLink {
        position,
        from: name(from),
        to: name(to),
        customers,
    };
    PathsChart {
        title: say("What happens after an application is submitted", "提交申请之后的路径").to_owned(),
        backwards,
        nodes: vec![
            node(0, 0, 13_087),
            node(1, 1, 13_087),
            node(2, 2, 3_429),
            node(2, 3, 4_865),
            node(2, 4, 4_680),
            node(2, 9, 113),
            node(3, 5, 2_200),
            node(3, 2, 2_234),
            node(3, 3, 2_400),
            node(3, 9, 300),
            node(4, 3, 1_900),
            node(4, 2, 40),
            node(5, 0, 900),
        ],
        links: vec![
            link(0, 0, 1, 13_087),
            link(1, 1, 2, 3_429),
            link(1, 1, 3, 4_865),
            link(1, 1, 4, 4_680),
            link(1, 1, 9, 113),
            link(2, 3, 5, 2_200),
            link(2, 4, 2, 2_234),
            link(2, 4, 3, 2_400),
            link(2, 3, 9, 260),
            link(2, 9, 9, 40),
            link(3, 5, 3, 1_900),
            link(3, 9, 2, 40),
            link(4, 3, 0, 900),
        ],
    }
}

fn histogram(say: impl Fn(&'static str, &'static str) -> &'static str, style: Style) -> HistogramChart {
    let buckets = (0..26u32)
        .map(|i| (1_000_000 * 3u64.pow(i / 2), 900 - u64::from((13 - i as i64 / 2).unsigned_abs() as u32) * 50));
    let bins: Vec<Bin> = florin_charts::spans(std::iter::once((0, 2_500)).chain(buckets), style);
    HistogramChart {
        title: say("How long visits are", "访问时长分布").to_owned(),
        subtitle: say("18,204 sessions of 1,904 customers", "1,904 位客户的 18,204 次会话").to_owned(),
        across: say("length", "时长").to_owned(),
        up: say("sessions", "会话数").to_owned(),
        bins,
        marks: vec![
            Mark { label: say("median 2.5 min", "中位数 2.5 分钟").to_owned(), value: 150e6 },
            Mark { label: say("9 in 10 within 5.5 h", "90 % 在 5.5 小时内").to_owned(), value: 19_800e6 },
        ],
    }
}

fn stickiness(say: impl Fn(&'static str, &'static str) -> &'static str) -> StickinessChart {
    let period = |i: u64| StickinessPeriod {
        from: format!("2024-01-{:02}", 1 + 7 * i),
        active: 1000,
        exactly: vec![380 - 11 * i, 240, 150, 100, 70 + 3 * i, 40 + 8 * i, 20],
    };
    StickinessChart {
        title: say("Days a week in the app", "每周使用应用的天数").to_owned(),
        periods: (0..4).map(period).collect(),
    }
}

fn effects(say: impl Fn(&'static str, &'static str) -> &'static str) -> EffectsChart {
    let effect = |name: &str, converted: u64, others: u64, value: f64, half: f64, q: f64| Effect {
        name: name.to_owned(),
        converted,
        others,
        difference: Interval { low: value - half, value, high: value + half },
        q,
    };
    EffectsChart {
        question: say("Loan applications in the app", "应用内贷款申请").to_owned(),
        of: say("channel", "渠道").to_owned(),
        converted: 2_246,
        others: 10_841,
        effects: vec![
            effect(say("called the bank", "致电银行"), 1_200, 2_100, 0.34, 0.022, 1e-90),
            effect(say("came from an advertisement on the web", "来自网络广告"), 310, 3_900, -0.222, 0.017, 1e-60),
            effect(say("visited a branch", "到访网点"), 420, 1_500, 0.049, 0.017, 1e-6),
            effect(say("night", "夜间"), 130, 680, -0.005, 0.012, 0.41),
        ],
    }
}

pub(crate) fn rules(say: impl Fn(&'static str, &'static str) -> &'static str) -> RulesChart {
    let names = |of: &[&str]| of.iter().map(|name| (*name).to_owned()).collect();
    let rule =
        |antecedent: &[&str], consequent: &[&str], customers: u64, with_consequent: u64, confidence: f64, lift: f64| {
            RuleRow {
                antecedent: names(antecedent),
                consequent: names(consequent),
                customers,
                with_consequent,
                confidence,
                lift,
            }
        };
    let (travel, hotels, fuel) = (say("travel", "旅行"), say("hotels", "酒店"), say("fuel", "加油"));
    let long = say("insurance for everything that has wheels", "所有带轮子的东西的保险以及道路救援服务");
    RulesChart {
        title: say("Where customers spend", "客户在哪里消费").to_owned(),
        of: "merchant_category".to_owned(),
        customers: 2_000,
        rules: vec![
            rule(&[travel], &[hotels], 820, 800, 0.82, 2.05),
            rule(&[fuel, travel], &[long], 90, 400, 0.36, 1.8),
            rule(&[hotels], &[say("groceries", "日用百货")], 700, 1_750, 0.875, 1.0),
            rule(&[long, hotels], &[fuel], 31, 800, 0.2, 0.5),
        ],
    }
}

fn rfm(say: impl Fn(&'static str, &'static str) -> &'static str) -> RfmChart {
    let group = |name: &str, customers: u64, recency_days: f64, frequency: f64, money: &str| RfmRow {
        name: name.to_owned(),
        customers,
        recency_days,
        frequency,
        money: money.to_owned(),
    };
    RfmChart {
        title: String::new(),
        of: say("card payments of the last 365 days", "最近 365 天的刷卡消费").to_owned(),
        groups: vec![
            group(say("Champions", "核心客户"), 412, 1.2, 240.0, "48210.55"),
            group(say("Potential loyalists", "潜在忠诚客户"), 655, 4.0, 61.5, "9120.00"),
            group(say("At risk", "流失风险客户"), 98, 71.4, 88.2, "15300.10"),
            group(say("Lost", "已流失客户"), 3, 301.0, 1.0, "12.00"),
        ],
    }
}
