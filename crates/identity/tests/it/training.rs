//! What was planted is found again, and the number of threads changes nothing.

use florin_identity::{
    Comparison, Field, FieldKind, KeyPart, Prior, RecordRef, Records, Rule, Settings, Training, link, train,
};

/// A thousand persons with two records each. Codes `a` to `d` have many values; each differs between the records of a
/// person in one of ten, five, four and twenty. The key `k` is the person's, so that blocks are known.
fn planted() -> Records {
    let fields = ["a", "b", "c", "d", "k"].map(|name| Field::new(name, FieldKind::Text)).to_vec();
    let mut rows = Vec::new();
    for person in 0..1000u64 {
        for copy in 0..2 {
            let code = |of: u64, one_in: u64| {
                let differs = copy == 1 && mixed(person, of).is_multiple_of(one_in);
                Some((mixed(person, of + 10) % 97 + if differs { 1000 } else { 0 }).to_string())
            };
            let values = [code(1, 10), code(2, 5), code(3, 4), code(4, 20), Some((person / 4).to_string())];
            rows.push((RecordRef { system: copy, key: person }, values));
        }
    }
    Records::build(fields, rows).expect("well-formed rows")
}

/// A number that depends on both in no visible way.
fn mixed(person: u64, of: u64) -> u64 {
    let x = (person * 64 + of + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let x = (x ^ (x >> 32)).wrapping_mul(0xd6e8_feb8_6659_fd93);
    x ^ (x >> 32)
}

fn settings() -> Settings {
    let prior = Prior::Given { share: 1000.0 / (2000.0 * 1999.0 / 2.0) };
    let training = Training::new(prior, vec![Rule::whole(&["k"])]);
    Settings::new(vec![Rule::whole(&["k"])], ["a", "b", "c", "d"].map(Comparison::exact).to_vec(), training)
}

#[test]
fn planted_m_and_u_are_found_without_labels() {
    let (records, settings) = (planted(), settings());
    let trained = train(&records, &settings).expect("sound settings");
    for (comparison, one_in) in trained.model.comparisons.iter().zip([10.0, 5.0, 4.0, 20.0]) {
        let exact = &comparison.levels[0];
        assert!(comparison.trained);
        assert!((exact.m - (1.0 - 1.0 / one_in)).abs() < 0.04, "{comparison:?}");
        assert!((exact.u - 1.0 / 97.0).abs() < 0.004, "{comparison:?}");
    }
    let found = trained.blocks[0].matches * trained.blocks[0].pairs as f64;
    assert!((found - 1000.0).abs() < 40.0, "{found}");
}

#[test]
fn pairs_that_agree_for_another_reason_are_not_all_taken_out_of_u() {
    // Households of four share two codes of four hundred; every person has a code of their own, twice.
    let fields = ["a", "b", "own"].map(|name| Field::new(name, FieldKind::Text)).to_vec();
    let row = |person: u64, system| {
        let home = (person / 4).to_string();
        let own = if mixed(person, 3).is_multiple_of(10) && system == 1 { None } else { Some(person.to_string()) };
        (RecordRef { system, key: person }, [Some(home.clone()), Some(home), own])
    };
    let rows = (0..1600u64).flat_map(|person| [row(person, 0), row(person, 1)]);
    let records = Records::build(fields, rows).expect("well-formed rows");
    let comparisons = ["a", "b", "own"].map(Comparison::exact).to_vec();
    let prior = Prior::Given { share: 1600.0 / (3200.0 * 3199.0 / 2.0) };
    let training = Training::new(prior, vec![Rule::whole(&["own"]), Rule::whole(&["a"])]);
    let trained =
        train(&records, &Settings::new(vec![Rule::whole(&["a"])], comparisons, training)).expect("sound settings");
    let u = trained.model.comparisons[0].levels[0].u;
    assert!((0.0018..0.0026).contains(&u), "{u}");
}

#[test]
fn results_are_the_same_on_any_number_of_threads() {
    let (records, settings) = (planted(), settings());
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        pool.install(|| {
            let trained = train(&records, &settings).expect("sound settings");
            let links = link(&records, &settings, &trained.model, 0.01).expect("sound settings");
            serde_json::to_string(&(trained, links)).expect("plain data")
        })
    };
    let one = run(1);
    assert_eq!(one, run(2));
    assert_eq!(one, run(5));
}

#[test]
fn settings_that_name_unknown_columns_or_break_bounds_are_refused() {
    let records = planted();
    let mut wrong = settings();
    wrong.blocking[0] = Rule::whole(&["kk"]);
    let message = |settings: &Settings| {
        train(&records, settings)
            .and_then(|trained| link(&records, settings, &trained.model, 0.5))
            .err()
            .map(|error| error.to_string())
    };
    assert_eq!(message(&wrong).as_deref(), Some("`kk` names the column `kk`; there are `a`, `b`, `c`, `d`, `k`"));
    wrong.blocking[0] = Rule::new(vec![KeyPart::Valid { column: "k".into() }]);
    let refusal = "`valid k` asks of `k` what only [NationalId, Phone] has; it is Text";
    assert_eq!(message(&wrong).as_deref(), Some(refusal), "a key that no record could have is refused");
    let mut wrong = settings();
    wrong.training.prior = Prior::Given { share: 1.0 };
    assert!(train(&records, &wrong).is_err());
    wrong.training.prior = Prior::Rules { rules: vec![], recall: 0.0 };
    assert!(train(&records, &wrong).is_err());
}

#[test]
fn settings_and_models_are_data() {
    let settings = settings();
    let text = serde_json::to_string(&settings).expect("plain data");
    assert_eq!(serde_json::from_str::<Settings>(&text).expect("what was written"), settings);
    assert!(serde_json::from_str::<Settings>(&text.replacen("blocking", "blokcing", 1)).is_err());
}
