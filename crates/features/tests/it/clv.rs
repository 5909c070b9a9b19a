//! Lifetime value against published figures, `lifetimes`, `mpmath` and hand-worked tables.

use std::{fs, path::Path};

use florin_features::clv::{
    bg_nbd::{self, BgNbd, Histories, History, Horizon},
    gamma_gamma::{self, GammaGamma, Spending},
    survival::{Contract, Curve, expected_margin},
};
use proptest::prelude::*;
use serde_json::Value;

const CDNOW: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/cdnow/");

fn golden() -> Value {
    serde_json::from_str(include_str!("../golden/clv.json")).expect("JSON")
}

fn numbers(golden: &Value, name: &str) -> Vec<f64> {
    golden[name].as_array().expect("a list").iter().map(|v| v.as_f64().expect("a number")).collect()
}

fn rows(golden: &Value) -> Vec<(History, f64)> {
    let number = |v: &Value| v.as_f64().expect("a number");
    let row = |v: &Value| {
        let history = History { frequency: number(&v[0]) as u32, recency: number(&v[1]), age: number(&v[2]) };
        (history, number(&v[3]))
    };
    golden["rows"].as_array().expect("rows").iter().map(row).collect()
}

#[track_caller]
fn close(found: f64, expected: f64, relative: f64) {
    let error = (found - expected).abs() / expected.abs().max(1e-300);
    assert!(error <= relative, "{found} is not {expected} (relative {error:.1e})");
}

/// The customers of a summary file: frequency, recency, T and (where there is one) mean spending.
fn cdnow(file: &str) -> Option<Vec<(History, f64)>> {
    let path = Path::new(CDNOW).join(file);
    let Ok(text) = fs::read_to_string(&path) else {
        println!("skipped: {} is not here", path.display());
        return None;
    };
    let row = |line: &str| {
        let cells: Vec<f64> = line.split(',').skip(1).map(|cell| cell.parse().expect("a number")).collect();
        let history = History { frequency: cells[0] as u32, recency: cells[1], age: cells[2] };
        (history, cells.get(3).copied().unwrap_or(0.0))
    };
    Some(text.lines().skip(1).filter(|line| !line.is_empty()).map(row).collect())
}

#[test]
fn bg_nbd_on_cdnow_gives_the_published_parameters() {
    let Some(customers) = cdnow("lifetimes_cdnow_customers_summary.csv") else { return };
    let histories: Vec<History> = customers.into_iter().map(|(history, _)| history).collect();
    let fitted = bg_nbd::fit(&Histories::gather(&histories).expect("sound")).expect("converges");
    // Fader, Hardie & Lee (2005), table 2.
    for (estimate, published) in fitted.estimates.iter().zip([0.243, 4.414, 0.793, 2.426]) {
        assert!((estimate.value - published).abs() < 0.0005, "{estimate:?}, published {published}");
    }
    assert!((fitted.log_likelihood - -9582.4).abs() < 0.05, "{}", fitted.log_likelihood);
    assert_eq!(fitted.customers, 2357);
    println!("{fitted:?}");
}

#[test]
fn gamma_gamma_on_cdnow_gives_the_published_parameters() {
    let Some(customers) = cdnow("lifetimes_cdnow_customers_summary_with_transactions.csv") else { return };
    let seen = customers.iter().filter(|(h, mean)| h.frequency > 0 && *mean > 0.0);
    let spendings: Vec<Spending> = seen.map(|(h, mean)| Spending { purchases: h.frequency, mean: *mean }).collect();
    let fitted = gamma_gamma::fit(&spendings).expect("converges");
    // Fader & Hardie (2013), page 8: 6.25, 3.74, 15.44 (946 customers).
    for (estimate, (published, within)) in fitted.estimates.iter().zip([(6.25, 0.005), (3.74, 0.005), (15.44, 0.01)]) {
        assert!((estimate.value - published).abs() < within, "{estimate:?}, published {published}");
    }
    assert_eq!(fitted.customers, 946);
    println!("{fitted:?}");
}

#[test]
fn bg_nbd_agrees_with_lifetimes() {
    let golden = golden();
    let rows = rows(&golden);
    let histories: Vec<History> = rows.iter().map(|(history, _)| *history).collect();
    let fitted = bg_nbd::fit(&Histories::gather(&histories).expect("sound")).expect("converges");
    let errors = numbers(&golden, "bg_nbd_standard_errors");
    for (at, expected) in numbers(&golden, "bg_nbd").into_iter().enumerate() {
        close(fitted.estimates[at].value, expected, 2e-4);
        close(fitted.estimates[at].standard_error, errors[at], 1e-3);
    }
    let theirs = golden["bg_nbd_log_likelihood"].as_f64().expect("a number");
    assert!(fitted.log_likelihood >= theirs - 1e-9, "ours {} is worse than theirs {theirs}", fitted.log_likelihood);
    close(fitted.log_likelihood, theirs, 1e-8);
    let [r, alpha, a, b] = numbers(&golden, "bg_nbd")[..] else { panic!("four parameters") };
    let model = BgNbd { r, alpha, a, b };
    let purchases = numbers(&golden, "bg_nbd_expected_39");
    let alive = numbers(&golden, "bg_nbd_alive");
    for (at, history) in histories.iter().take(20).enumerate() {
        close(model.expected_purchases(history, 39.0).expect("finite"), purchases[at], 1e-9);
        close(model.probability_alive(history), alive[at], 1e-9);
    }
}

#[test]
fn gamma_gamma_and_lifetime_value_agree_with_lifetimes() {
    let golden = golden();
    let rows = rows(&golden);
    let seen = rows.iter().filter(|(h, mean)| h.frequency > 0 && *mean > 0.0);
    let spendings: Vec<Spending> = seen.map(|(h, mean)| Spending { purchases: h.frequency, mean: *mean }).collect();
    let fitted = gamma_gamma::fit(&spendings).expect("converges");
    let errors = numbers(&golden, "gamma_gamma_standard_errors");
    for (at, expected) in numbers(&golden, "gamma_gamma").into_iter().enumerate() {
        close(fitted.estimates[at].value, expected, 5e-4);
        close(fitted.estimates[at].standard_error, errors[at], 2e-3);
    }
    close(fitted.log_likelihood, golden["gamma_gamma_log_likelihood"].as_f64().expect("a number"), 1e-8);
    let [p, q, gamma] = numbers(&golden, "gamma_gamma")[..] else { panic!("three parameters") };
    let [r, alpha, a, b] = numbers(&golden, "bg_nbd")[..] else { panic!("four parameters") };
    let (spending, buying) = (GammaGamma { p, q, gamma }, BgNbd { r, alpha, a, b });
    let means = numbers(&golden, "gamma_gamma_expected_mean");
    let values = numbers(&golden, "lifetime_value_12_months_at_1_percent");
    // `lifetimes` counts a month as 4.345 weeks.
    let horizon = Horizon { steps: 12, step_periods: 4.345, discount: 0.01 };
    for (at, (history, mean)) in rows.iter().take(20).enumerate() {
        let own = Spending { purchases: history.frequency, mean: *mean };
        let expected = spending.expected_mean((history.frequency > 0).then_some(&own)).expect("finite");
        close(expected, means[at], 1e-9);
        close(buying.discounted_value(history, horizon, expected).expect("finite"), values[at], 1e-8);
    }
}

#[test]
fn expected_purchases_agree_with_sixty_digits_also_at_the_poles_of_the_published_form() {
    let golden = golden();
    for point in golden["expected_purchases"].as_array().expect("points") {
        let v: Vec<f64> = point.as_array().expect("a point").iter().map(|v| v.as_f64().expect("a number")).collect();
        let model = BgNbd { r: v[0], alpha: v[1], a: v[2], b: v[3] };
        let history = History { frequency: v[4] as u32, recency: v[5], age: v[6] };
        let found = model.expected_purchases(&history, v[7]).expect("finite");
        assert!(
            (found - v[8]).abs() <= 1e-10 * v[8].abs() + 1e-300,
            "{model:?} {history:?} {}: {found} {}",
            v[7],
            v[8]
        );
        close(model.probability_alive(&history), v[9], 1e-11);
    }
    // a = 1 exactly, where the published form is 0 / 0: between its neighbours.
    let history = History { frequency: 2, recency: 30.0, age: 39.0 };
    let at = |a: f64| BgNbd { r: 0.5, alpha: 10.0, a, b: 3.0 }.expected_purchases(&history, 52.0).expect("finite");
    assert!(at(1.0 - 1e-9) > at(1.0) && at(1.0) > at(1.0 + 1e-9));
}

#[test]
fn planted_parameters_are_recovered_within_their_standard_errors() {
    let golden = golden();
    let histories: Vec<History> = rows(&golden).iter().map(|(history, _)| *history).collect();
    let fitted = bg_nbd::fit(&Histories::gather(&histories).expect("sound")).expect("converges");
    for (estimate, planted) in fitted.estimates.iter().zip([0.6, 5.0, 0.9, 2.5]) {
        assert!((estimate.value - planted).abs() < 3.0 * estimate.standard_error, "{estimate:?}, planted {planted}");
    }
}

#[test]
fn the_number_of_threads_changes_no_bit() {
    let golden = golden();
    let base: Vec<History> = rows(&golden).iter().map(|(history, _)| *history).collect();
    let spread = (0..40_u32).flat_map(|n| base.iter().map(move |h| History { age: h.age + f64::from(n) / 7.0, ..*h }));
    let histories: Vec<History> = spread.collect();
    let fit = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        pool.install(|| bg_nbd::fit(&Histories::gather(&histories).expect("sound")).expect("converges"))
    };
    let (one, three) = (fit(1), fit(3));
    assert_eq!(one.estimates.map(|e| e.value.to_bits()), three.estimates.map(|e| e.value.to_bits()));
}

#[test]
fn histories_that_cannot_be_are_refused_and_so_are_customers_who_never_return() {
    let sound = History { frequency: 0, recency: 0.0, age: 10.0 };
    let with = |wrong: History| Histories::gather(&[&[sound; 20][..], &[wrong]].concat());
    assert!(with(History { recency: 11.0, frequency: 1, age: 10.0 }).is_err());
    assert!(with(History { recency: 1.0, frequency: 0, age: 10.0 }).is_err());
    assert!(with(History { age: 0.0, ..sound }).is_err());
    assert!(with(History { age: f64::NAN, ..sound }).is_err());
    assert!(Histories::gather(&[sound; 3]).is_err());
    assert!(bg_nbd::fit(&Histories::gather(&[sound; 50]).expect("sound")).is_err());
}

#[test]
fn where_nobody_ever_leaves_the_fit_foretells_that_customers_go_on_as_they_did() {
    // Bought every few days until today, some oftener than others.
    let history = |n: u32| {
        let frequency = 20 + 5 * (n % 17);
        History { frequency, recency: 99.5, age: 100.0 }
    };
    let histories: Vec<History> = (0..400).map(history).collect();
    let fitted = bg_nbd::fit(&Histories::gather(&histories).expect("sound")).expect("converges");
    for history in &histories[..17] {
        assert!(fitted.model.probability_alive(history) > 0.95, "{fitted:?}");
        let expected = fitted.model.expected_purchases(history, 50.0).expect("a number");
        // What rates alone foretell: (r + x) / (α + T) a period.
        let BgNbd { r, alpha, .. } = fitted.model;
        let went_on = (r + f64::from(history.frequency)) / (alpha + history.age) * 50.0;
        assert!((expected / went_on - 1.0).abs() < 0.05, "{expected} beside {went_on}: {fitted:?}");
    }
}

#[test]
fn the_survival_curve_is_the_textbook_one() {
    // Remission of leukaemia under 6-MP (Freireich et al. 1963; Cox & Oakes 1984, table 1.1): weeks, + censored.
    let ended = [6, 6, 6, 7, 10, 13, 16, 22, 23];
    let censored = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35];
    let contract = |seen_until, ended| Contract { entered: 0, seen_until, ended };
    let contracts: Vec<Contract> =
        ended.map(|t| contract(t, true)).into_iter().chain(censored.map(|t| contract(t, false))).collect();
    let curve = Curve::estimate(&contracts).expect("sound");
    for (tenure, survival, error) in [
        (6, 0.8571, 0.0764),
        (7, 0.8067, 0.0869),
        (10, 0.7529, 0.0963),
        (13, 0.6902, 0.1068),
        (16, 0.6275, 0.1141),
        (22, 0.5378, 0.1282),
        (23, 0.4482, 0.1346),
    ] {
        let period = curve.periods()[tenure - 1];
        assert!((period.survival - survival).abs() < 5e-5, "{period:?}");
        assert!((period.standard_error - error).abs() < 5e-5, "{period:?}");
    }
    assert_eq!(curve.survival(0), 1.0);
    assert_eq!(curve.periods()[6].at_risk, 17);
}

#[test]
fn a_constant_hazard_is_worth_a_geometric_series() {
    // 1,000 contracts, one in ten ends each period.
    let mut contracts = Vec::new();
    let mut alive = 1_000_000_u32;
    for tenure in 1..=6 {
        let gone = alive / 10;
        contracts.extend((0..gone).map(|_| Contract { entered: 0, seen_until: tenure, ended: true }));
        alive -= gone;
    }
    contracts.extend((0..alive).map(|_| Contract { entered: 0, seen_until: 6, ended: false }));
    let curve = Curve::estimate(&contracts).expect("sound");
    let ratio = 0.9 / 1.01;
    let expected = ratio * (1.0 - f64::powi(ratio, 60)) / (1.0 - ratio);
    for tenure in [0, 3, 6, 40] {
        let found = curve.discounted_periods(tenure, 60, 0.01).expect("sound");
        assert!((found - expected).abs() < 1e-6, "{tenure}: {found} {expected}");
    }
    assert_eq!(expected_margin(125_000, 2.0), 250_000);
    assert!(curve.discounted_periods(0, 1, -1.0).is_err());
}

#[test]
fn contracts_that_began_before_they_were_observed_count_from_then_on() {
    let late = Contract { entered: 3, seen_until: 4, ended: true };
    let early = Contract { entered: 0, seen_until: 2, ended: true };
    let stays = Contract { entered: 0, seen_until: 5, ended: false };
    let curve = Curve::estimate(&[late, early, stays]).expect("sound");
    let at_risk: Vec<u64> = curve.periods().iter().map(|p| p.at_risk).collect();
    assert_eq!(at_risk, [2, 2, 1, 2, 1]);
    assert!((curve.survival(4) - 0.25).abs() < 1e-15);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_gradient_is_the_slope_of_the_likelihood(
        r in 0.05_f64..5.0, alpha in 0.5_f64..200.0, a in 0.05_f64..5.0, b in 0.05_f64..20.0,
        rows in prop::collection::vec((0_u32..60, 0.01_f64..1.0, 1.0_f64..400.0), 10..30),
    ) {
        let history = |(frequency, share, age): (u32, f64, f64)| {
            History { frequency, recency: if frequency == 0 { 0.0 } else { share * age }, age }
        };
        let histories = Histories::gather(&rows.into_iter().map(history).collect::<Vec<_>>()).expect("sound");
        let at = |p: [f64; 4]| bg_nbd::log_likelihood(&BgNbd { r: p[0], alpha: p[1], a: p[2], b: p[3] }, &histories);
        let point = [r, alpha, a, b];
        let (value, slope) = at(point);
        for i in 0..4 {
            let width = point[i] * 1e-5;
            let shifted = |by: f64| { let mut p = point; p[i] += by; at(p).0 };
            let expected = (shifted(width) - shifted(-width)) / (2.0 * width);
            prop_assert!((slope[i] - expected).abs() < 1e-4 * (1.0 + expected.abs()) + 1e-9 * value.abs() / width, "{i}: {} {expected}", slope[i]);
        }
    }

    #[test]
    fn expectations_grow_with_the_horizon_and_stay_below_the_rate_of_the_active(
        r in 0.05_f64..5.0, alpha in 0.5_f64..200.0, a in 0.05_f64..5.0, b in 0.05_f64..20.0,
        frequency in 0_u32..200, share in 0.0_f64..1.0, age in 1.0_f64..400.0, periods in 0.1_f64..500.0,
    ) {
        let model = BgNbd { r, alpha, a, b };
        let history = History { frequency, recency: if frequency == 0 { 0.0 } else { share * age }, age };
        let near = model.expected_purchases(&history, periods).expect("finite");
        let far = model.expected_purchases(&history, 2.0 * periods).expect("finite");
        let alive = model.probability_alive(&history);
        prop_assert!((0.0..=1.0).contains(&alive));
        prop_assert!(near >= 0.0 && far >= near * (1.0 - 1e-12));
        let bound = (r + f64::from(frequency)) / (alpha + age) * periods * alive;
        prop_assert!(near <= bound * (1.0 + 1e-9), "{near} {bound}");
    }
}
