//! The waterfall adds up and holds no value.

use florin_identity::{Rule, explain::Explainer, link};

use crate::small::{at, model, records, settings, valid};

#[test]
fn the_waterfall_adds_up_to_the_weight_of_the_link() {
    let records = records(&[
        (at(0, 1), [Some("张小明"), Some("13812345678"), Some("11010519491231002X")]),
        (at(1, 1), [Some("Xiaoming Zhang"), Some("13812345678"), Some("110105491231002")]),
    ]);
    let mut settings = settings();
    let model = model(&settings);
    let linked = link(&records, &settings, &model, 0.0).expect("sound settings").links[0].evidence.weight();
    settings.certain = vec![Rule::new(vec![valid("national_id")])];
    let waterfall = Explainer::new(&records, &settings, &model).expect("sound settings").explain(1, 0);
    let levels: Vec<&str> = waterfall.steps.iter().map(|step| step.level.as_str()).collect();
    assert_eq!(levels, ["other order", "exact"]);
    assert_eq!(waterfall.weight, waterfall.prior_weight + 4.0 + 8.0);
    assert_eq!(linked, Some(waterfall.weight));
    assert_eq!(waterfall.steps[1].total, waterfall.weight);
    assert_eq!(waterfall.certain_rule.as_deref(), Some("valid national_id"));
    let told = serde_json::to_string(&waterfall).expect("plain data");
    assert!(!told.contains("138") && !told.to_lowercase().contains("zhang"), "{told}");
}

#[test]
fn a_missing_value_weighs_nothing() {
    let records =
        records(&[(at(0, 1), [Some("张伟"), None, None]), (at(1, 1), [Some("张伟"), Some("13812345678"), None])]);
    let settings = settings();
    let waterfall = Explainer::new(&records, &settings, &model(&settings)).expect("sound settings").explain(0, 1);
    assert_eq!(
        (waterfall.steps[1].level.as_str(), waterfall.steps[1].weight, waterfall.steps[1].m),
        ("missing", 0.0, None)
    );
}

#[test]
fn agreeing_on_a_rare_value_says_more() {
    let mut rows: Vec<_> = (0..20).map(|key| (at(0, key), [Some("张伟"), None, None])).collect();
    rows.extend([(at(1, 1), [Some("尉迟恭"), None, None]), (at(1, 2), [Some("尉迟恭"), None, None])]);
    let records = records(&rows);
    let mut settings = settings();
    settings.comparisons[0].levels[0].frequency = Some("name".into());
    let model = model(&settings);
    let explainer = Explainer::new(&records, &settings, &model).expect("sound settings");
    let (common, rare) = (explainer.explain(0, 1).weight, explainer.explain(20, 21).weight);
    assert!((rare - common - (20f64 / 2.0).log2()).abs() < 1e-9, "{rare} {common}");
}
