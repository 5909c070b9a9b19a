//! Whether a forecast may be released.

use florin_models::{
    definition::{HolidaysDef, Known, Missing, ModelDef, ModelFile, Source, Task, compile},
    evaluation::{Backtest, SeriesAsked, SeriesDay, SeriesEvaluation, evaluate_series},
};

use crate::data::Chance;

const DEFINITION: &str = r#"
name = "flow"
meaning = { zh = "每日流量", en = "flows a day" }
owner = "ana"
purposes = ["analytics"]
[series]
sql = "SELECT CAST(ts AS DATE) AS day, sum(amount) AS value FROM transaction GROUP BY 1"
[learner]
kind = "forecast"
horizon_days = 10
[split]
by = "time"
test_from = 2024-06-01
[guards]
mape_max = 0.2
mase_max = 1.0
coverage_min = 0.7
"#;

fn compiled(text: &str) -> Result<ModelDef, String> {
    let known = Known {
        tables: [("transaction".to_owned(), ["ts", "amount"].map(str::to_owned).to_vec())].into(),
        users: ["ana".to_owned()].into(),
        ..Known::default()
    };
    let file = ModelFile::parse("models/flow.toml", text).map_err(|e| e.to_string())?;
    compile(&[("models/flow.toml".to_owned(), file)], &known).map(|mut all| all.remove(0)).map_err(|e| e.to_string())
}

/// Eight back-tests of values about 100, of which the forecast is off by `off` at most and the plain rule by 20; intervals reach `room` to either side.
fn evaluated(off: f64, room: f64) -> SeriesEvaluation {
    let definition = compiled(DEFINITION).expect("sound");
    let mut chance = Chance(5);
    let mut about = |by: f64| 2.0 * by * chance.unit() - by;
    let values: Vec<f64> = (0..200).map(|_| 100.0 + about(20.0)).collect();
    let one = |test: usize, about: &mut dyn FnMut(f64) -> f64| {
        let actual: Vec<f64> = (0..10).map(|_| 100.0 + about(5.0)).collect();
        let day = |(at, is): (usize, &f64), about: &mut dyn FnMut(f64) -> f64| {
            let value = is + about(off);
            SeriesDay {
                day: format!("2024-{:02}-{:02}", 1 + test, 1 + at),
                value,
                low: value - room,
                high: value + room,
            }
        };
        let days = actual.iter().enumerate().map(|of| day(of, about)).collect();
        let naive = actual.iter().map(|is| is + about(20.0)).collect();
        Backtest { days, actual, naive }
    };
    let backtests: Vec<Backtest> = (0..8).map(|test| one(test, &mut about)).collect();
    evaluate_series(&SeriesAsked {
        definition: &definition,
        series: ("2023-06-01", &values),
        to: "2024-08-31",
        filled: 20,
        known_before: 100,
        backtests: &backtests,
        history: &[("2024-08-31".to_owned(), 100.0)],
        next: &backtests[0].days,
        level: 0.9,
        seed: 1,
    })
    .expect("an evaluation")
}

#[test]
fn a_good_forecast_passes_and_beats_last_weeks_values() {
    let found = evaluated(5.0, 4.5);
    assert!(found.guards.iter().all(|guard| guard.passes), "{:?}", found.guards);
    assert_eq!(found.guards.last().map(|guard| guard.guard.as_str()), Some("skill_min"), "always there");
    assert!(found.skill.low > 0.5 && found.skill.high < 0.9, "{:?}", found.skill);
    assert!((found.coverage.value - 0.9).abs() < 0.1, "{:?}", found.coverage);
    assert_eq!(found.ahead.iter().map(|week| (week.from, week.to)).collect::<Vec<_>>(), [(1, 7), (8, 10)]);
    assert!(found.errors.mape.is_some_and(|mape| (mape - 0.025).abs() < 0.01), "{:?}", found.errors);
    assert!(found.findings.iter().any(|finding| finding.words.en.contains("were filled")), "{:?}", found.findings);
    let text = serde_json::to_string(&found).expect("text");
    assert_eq!(serde_json::from_str::<SeriesEvaluation>(&text).expect("the same"), found);
}

#[test]
fn one_that_is_worse_than_last_week_or_too_sure_is_told() {
    let worse = evaluated(60.0, 4.0);
    let refused: Vec<&str> = worse.guards.iter().filter(|g| !g.passes).map(|g| g.guard.as_str()).collect();
    assert_eq!(refused, ["mape_max", "mase_max", "coverage_min", "skill_min"]);
    let told = |what: &str| worse.findings.iter().any(|finding| finding.words.en.contains(what));
    assert!(told("not surely better than what was a week before") && told("intervals held"), "{:?}", worse.findings);
}

#[test]
fn definitions_of_series_are_checked() {
    let sound = compiled(DEFINITION).expect("sound");
    assert_eq!(sound.learner.task(), Task::Series);
    assert!(matches!(
        &sound.source,
        Source::Series { sql: Some(_), missing: Missing::Zero, holidays: HolidaysDef::China, .. }
    ));
    let refused = |from: &str, to: &str| compiled(&DEFINITION.replace(from, to)).expect_err("refused");
    assert!(refused("mape_max = 0.2", "accuracy_min = 0.2").contains("this one is of series"));
    assert!(refused("AS value", "AS total").contains("gives no column `value`"));
    assert!(refused("horizon_days = 10", "horizon_days = 400").contains("from 1 to 366"));
    assert!(refused("horizon_days = 10", "horizon_days = 10\nlevel = 1.5").contains("between 0 and 1"));
    assert!(
        refused("by = \"time\"\ntest_from = 2024-06-01", "by = \"customer\"\ntest_share = 0.3")
            .contains("no customers to split by")
    );
    assert!(refused("[learner]", "file = \"data/a.csv\"\n[learner]").contains("and one of them"));
    assert!(refused("[learner]", "holidays = \"../x.csv\"\n[learner]").contains("is not in the bank directory"));
    assert!(refused("kind = \"forecast\"\nhorizon_days = 10", "kind = \"logistic\"").contains("does not look at it"));
}
