//! An evaluation of a made-up bank's model that fails the young.

use florin_models::{
    Column, DataSet, Frame, Label,
    calibrated::calibrate,
    definition::{Chosen, Known, LearnerDef, ModelDef, ModelFile, SurvivalDef, UpliftDef, Words, compile},
    evaluation::{
        Asked, Backtest, EffectAsked, EffectEvaluation, Evaluation, GroupBy, OddAsked, OddEvaluation, OddPart, Part,
        Periods, SeriesAsked, SeriesDay, SeriesEvaluation, SurvivalAsked, SurvivalEvaluation, TextAsked,
        TextEvaluation, TextsSaid, TreatedPart, default_groups, evaluate, evaluate_effects, evaluate_odd,
        evaluate_series, evaluate_survival, evaluate_texts,
    },
    isolation::IsolationSettings,
    survival::SurvivalModel,
};

const DEFINITION: &str = r#"
name = "churn"
meaning = { zh = "九十天内离开", en = "leaves within 90 days" }
owner = "ana"
purposes = ["marketing", "analytics"]
[table]
name = "flat"
label = "left"
id = "id"
date = "day"
[features]
protected = ["age", "gender"]
[learner]
kind = "trees"
rounds = 80
learning_rate = 0.15
leaves_max = 12
[split]
by = "time"
test_from = 2024-10-01
[guards]
auc_min = 0.7
group_auc_min = 0.65
auc_above_baseline_min = 0.005
calibration_error_max = 0.05
selection_ratio_min = 0.8
stability_index_max = 0.25
"#;

const COLUMNS: [&str; 11] = [
    "id",
    "left",
    "day",
    "age",
    "gender",
    "region",
    "days_since_login",
    "balance_90d",
    "visits_30d",
    "products",
    "main_channel",
];

fn definition() -> ModelDef {
    let file = ModelFile::parse("models/churn.toml", DEFINITION).expect("a definition");
    let known = Known {
        tables: [("flat".to_owned(), COLUMNS.map(str::to_owned).to_vec())].into(),
        users: ["ana".to_owned()].into(),
        ..Known::default()
    };
    compile(&[("models/churn.toml".to_owned(), file)], &known).expect("a sound definition").remove(0)
}

/// A stream of numbers that look random.
struct Chance(u64);

impl Chance {
    fn unit(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let mut x = self.0;
        x = (x ^ (x >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
        ((x ^ (x >> 33)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn normal(&mut self) -> f64 {
        (-2.0 * (1.0 - self.unit()).ln()).sqrt() * (std::f64::consts::TAU * self.unit()).cos()
    }

    fn one_of(&mut self, of: &[&'static str]) -> Option<&'static str> {
        of.get((self.unit() * of.len() as f64) as usize).copied()
    }
}

fn rows(count: usize, seed: u64, months: std::ops::Range<i32>) -> (DataSet, Periods) {
    let mut chance = Chance(seed);
    let mut numbers: [Vec<f64>; 5] = Default::default();
    let mut texts: [Vec<Option<&str>>; 3] = Default::default();
    let (mut label, mut days) = (vec![], vec![]);
    for row in 0..count {
        let month = months.start + (row as i32) % (months.end - months.start);
        let young = chance.unit() < 0.2;
        let (quiet, wealth, visits) = (chance.normal(), chance.normal() - 0.06 * f64::from(month), chance.normal());
        let woman = chance.unit() < 0.5;
        let margin = if young { -0.8 } else { -1.6 + 1.5 * quiet - 0.9 * wealth - 0.5 * visits }
            + if woman { 0.35 } else { 0.0 };
        numbers[0].push(if young {
            18.0 + (7.0 * chance.unit()).floor()
        } else {
            25.0 + (58.0 * chance.unit()).floor()
        });
        numbers[1].push((20.0 * quiet.exp()).floor());
        numbers[2].push((30_000.0 * wealth.exp()).round());
        numbers[3].push(if chance.unit() < 0.03 { f64::NAN } else { (8.0 + 4.0 * visits).max(0.0).floor() });
        numbers[4].push((1.0 + 3.5 * chance.unit()).floor());
        texts[0].push(if chance.unit() < 0.01 { None } else { Some(if woman { "female" } else { "male" }) });
        texts[1].push(chance.one_of(&["华东", "华北", "华南", "西南", "东北"]));
        texts[2].push(chance.one_of(&["app", "branch", "web"]));
        label.push(f64::from(u8::from(chance.unit() < 1.0 / (1.0 + (-margin).exp()))));
        days.push(19_752 + 30 * month);
    }
    let [age, quiet, balance, visits, products] = numbers;
    let columns = vec![
        Column::number("age", age),
        Column::number("days_since_login", quiet),
        Column::number("balance_90d", balance),
        Column::number("visits_30d", visits),
        Column::number("products", products),
        Column::category("gender", &texts[0]),
        Column::category("region", &texts[1]),
        Column::category("main_channel", &texts[2]),
    ];
    let set = DataSet::new(Frame::new(columns).expect("a frame"), Label::Binary(label), None).expect("a set");
    (set, Periods::of_days(&days))
}

/// What was measured of it.
pub(crate) fn evaluation() -> Evaluation {
    let definition = definition();
    let (train, test) = (rows(8000, 1, 0..9), rows(5000, 2, 9..12));
    let model = definition.learner.learner().fit(&train.0, None).expect("a model");
    let model = calibrate(&definition.learner, model, &train.0, None, 7).expect("a model");
    let groups = default_groups(&definition, test.0.frame());
    evaluate(&Asked {
        definition: &definition,
        model: model.as_ref(),
        train: Part { set: &train.0, periods: Some(&train.1) },
        test: Part { set: &test.0, periods: Some(&test.1) },
        groups: &groups,
        decision: None,
        seed: 7,
    })
    .expect("an evaluation")
}

/// What was measured of a model that says whom an offer moves: the young, who are treated in four of five cases.
pub(crate) fn effects() -> EffectEvaluation {
    let mut definition = definition();
    definition.learner = LearnerDef::Uplift(UpliftDef { folds: Some(2), ..UpliftDef::default() });
    definition.guards.qini_min = Some(0.9);
    let (train, test) = (offered(6000, 3), offered(4000, 4));
    let LearnerDef::Uplift(uplift) = &definition.learner else { unreachable!("set above") };
    let fitted = uplift.with(Chosen::Known(0.8), None, |learner| learner.fit(&train.0, &train.1));
    let part =
        |of: &'static (DataSet, Vec<bool>)| TreatedPart { set: &of.0, treated: &of.1, chances: None, periods: None };
    let (train, test) = (Box::leak(Box::new(train)), Box::leak(Box::new(test)));
    evaluate_effects(&EffectAsked {
        definition: &definition,
        model: &fitted.expect("a model"),
        train: part(train),
        test: part(test),
        groups: &default_groups(&definition, test.0.frame()),
        chance: Some(0.8),
        seed: 7,
    })
    .expect("an evaluation")
}

fn offered(count: usize, seed: u64) -> (DataSet, Vec<bool>) {
    let mut chance = Chance(seed);
    let (mut age, mut visits, mut label, mut treated) = (vec![], vec![], vec![], vec![]);
    for _ in 0..count {
        let (years, busy) = (18.0 + (60.0 * chance.unit()).floor(), chance.normal());
        let offer = chance.unit() < 0.8;
        let buys = 0.1 + if offer && years < 35.0 { 0.2 } else { 0.0 };
        label.push(f64::from(u8::from(chance.unit() < buys)));
        age.push(years);
        visits.push(busy);
        treated.push(offer);
    }
    let frame = Frame::new(vec![Column::number("age", age), Column::number("visits_30d", visits)]).expect("a frame");
    (DataSet::new(frame, Label::Binary(label), None).expect("a set"), treated)
}

/// What was measured of a model that says when customers leave: the quiet sooner, and of the young it knows nothing.
pub(crate) fn times() -> SurvivalEvaluation {
    let mut definition = definition();
    definition.learner = LearnerDef::Survival(SurvivalDef::default());
    definition.guards.concordance_min = Some(0.95);
    let (train, test) = (lives(5000, 5, 0..9), lives(4000, 6, 9..12));
    let risk = definition.learner.learner().fit(&train.0, None).expect("a model");
    let model = SurvivalModel::of(&definition.learner, risk, &train.0, None, 90.0, 7).expect("a model of times");
    evaluate_survival(&SurvivalAsked {
        definition: &definition,
        model: &model,
        train: Part { set: &train.0, periods: Some(&train.1) },
        test: Part { set: &test.0, periods: Some(&test.1) },
        groups: &default_groups(&definition, test.0.frame()),
        seed: 7,
    })
    .expect("an evaluation")
}

fn lives(count: usize, seed: u64, months: std::ops::Range<i32>) -> (DataSet, Periods) {
    let (set, periods) = rows(count, seed, months);
    let frame = set.frame();
    let numbers = |name: &str| match &frame.column(name).expect("a column").values {
        florin_models::frame::Values::Number(values) => values.clone(),
        florin_models::frame::Values::Category { .. } => unreachable!("a number"),
    };
    let (age, quiet, mut chance) = (numbers("age"), numbers("days_since_login"), Chance(seed + 50));
    let (mut times, mut happened) = (vec![], vec![]);
    for row in 0..count {
        let margin = if age[row] < 25.0 { 0.3 } else { 0.8 * (quiet[row] / 20.0).ln_1p() - 0.5 };
        let own = -(1.0 - chance.unit()).ln() / (0.004 * f64::exp(margin));
        let until = if chance.unit() < 0.1 { 1.0 + 89.0 * chance.unit() } else { 90.0 };
        times.push(own.min(until).max(0.01));
        happened.push(own <= until);
    }
    (DataSet::new(frame.clone(), Label::Event { times, happened }, None).expect("a set"), periods)
}

/// What was measured of a classifier that tells Chinese texts better than English ones.
pub(crate) fn texts() -> TextEvaluation {
    let mut definition = definition();
    definition.guards.accuracy_min = Some(0.95);
    let labels = ["app", "card", "fees", "loan", "staff"].map(str::to_owned);
    let mut chance = Chance(11);
    let class = |chance: &mut Chance| (5.0 * chance.unit().powf(1.6)) as usize;
    let train: Vec<usize> = (0..4000).map(|_| class(&mut chance)).collect();
    let (mut truth, mut said, mut chances, mut language) = (vec![], vec![], vec![], vec![]);
    for row in 0..2500 {
        let (is, english) = (class(&mut chance), row % 5 == 0);
        let sure = (if english { 0.62 } else { 0.88 } + 0.2 * (chance.unit() - 0.5)).min(1.0);
        truth.push(is);
        said.push(if chance.unit() < sure { is } else { (is + 1 + (2.0 * chance.unit()) as usize) % 5 });
        chances.push(sure);
        language.push(u32::from(english));
    }
    let words = |zh: &str, en: &str| Words { zh: zh.to_owned(), en: en.to_owned() };
    let names = vec![words("简体中文", "simplified Chinese"), words("英文", "English")];
    let axis = GroupBy::new("language", words("语言", "language"), false, names, language).expect("two languages");
    let known: Vec<bool> = (0..2500).map(|row| row % 50 == 0).collect();
    evaluate_texts(&TextAsked {
        definition: &definition,
        kind: "text classifier",
        labels: &labels,
        words: &[["login", "crash"], ["lost", "block"], ["charge", "refund"], ["rate", "term"], ["rude", "wait"]]
            .map(|words| words.map(str::to_owned).to_vec()),
        left_out: &[],
        train: &train,
        train_periods: None,
        test: TextsSaid {
            truth: &truth,
            said: &said,
            chances: &chances,
            known: &known,
            groups: &[axis],
            periods: None,
        },
        seed: 7,
    })
    .expect("an evaluation")
}

/// What was measured of a forecast of deposits, which go up and down with the week.
pub(crate) fn series() -> SeriesEvaluation {
    let mut definition = definition();
    definition.guards.skill_min = Some(0.9);
    let mut chance = Chance(17);
    let mut value = |day: usize| 52_000.0 + 9000.0 * (0.9 * day as f64).sin() + 2500.0 * chance.normal();
    let values: Vec<f64> = (0..400).map(&mut value).collect();
    let date = |day: usize| format!("2024-{:02}-{:02}", 1 + day / 28 % 12, 1 + day % 28);
    let days = |from: usize, off: f64| -> Vec<SeriesDay> {
        let one = |day: usize| 52_000.0 + 9000.0 * (0.9 * day as f64).sin() + off;
        (from..from + 30)
            .map(|day| SeriesDay { day: date(day), value: one(day), low: one(day) - 4200.0, high: one(day) + 4200.0 })
            .collect()
    };
    let test = |origin: usize| Backtest {
        days: days(origin, 300.0),
        actual: values[origin..origin + 30].to_vec(),
        naive: (0..30).map(|day| values[origin - 7 + day % 7]).collect(),
    };
    let history: Vec<(String, f64)> = (340..400).map(|day| (date(day), values[day])).collect();
    evaluate_series(&SeriesAsked {
        definition: &definition,
        series: ("2023-12-01", &values),
        to: "2024-12-31",
        filled: 0,
        known_before: 220,
        backtests: &[220, 250, 280, 310, 340, 370].map(test),
        history: &history,
        next: &days(400, 0.0),
        level: 0.9,
        seed: 7,
    })
    .expect("an evaluation")
}

/// What was measured of a forest that flags the far away, of whom some turned out to be odd; far more of them are young.
pub(crate) fn odd() -> OddEvaluation {
    let mut definition = definition();
    definition.guards.agreement_min = Some(0.999);
    let rows = |seed: u64, count: usize| {
        let mut chance = Chance(seed);
        let (mut age, mut far, mut noise, mut happened) = (vec![], vec![], vec![], vec![]);
        for row in 0..count {
            let young = chance.unit() < 0.3;
            let odd = young && chance.unit() < 0.06;
            age.push(if young { 20.0 } else { 50.0 } + (5.0 * chance.unit()).floor());
            far.push(chance.normal() + if odd { 7.0 } else { 0.0 });
            noise.push(chance.normal());
            happened.push((row % 4 != 0).then_some(odd && chance.unit() < 0.8));
        }
        let columns = vec![Column::number("age", age), Column::number("far", far), Column::number("noise", noise)];
        (Frame::new(columns).expect("a frame"), happened)
    };
    let ((train, before), (test, now)) = (rows(31, 6000), rows(32, 4000));
    let settings = IsolationSettings::default();
    let days = |from: i32, count: usize| {
        Periods::of_days(&(0..count as i32).map(|row| from + 30 * (row % 4)).collect::<Vec<_>>())
    };
    let (train_periods, test_periods) = (days(19_752, 6000), days(19_900, 4000));
    evaluate_odd(&OddAsked {
        definition: &definition,
        model: &settings.grow(&train).expect("a forest"),
        settings: &settings,
        share: 0.02,
        train: OddPart { frame: &train, happened: Some(&before), periods: Some(&train_periods) },
        test: OddPart { frame: &test, happened: Some(&now), periods: Some(&test_periods) },
        groups: &default_groups(&definition, &test),
        seed: 7,
    })
    .expect("an evaluation")
}
