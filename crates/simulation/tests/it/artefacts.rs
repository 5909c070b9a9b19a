//! The truth cannot be guessed from how a bank is written down: places in files, keys, digits, lengths.
//!
//! Each artefact alone is a score; its area under the ROC curve must be that of a coin, up to four standard errors of a coin's.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    path::{Path, PathBuf},
    sync::LazyLock,
};

use florin_simulation::{Settings, simulate};

use crate::tables::read;

/// Something that is known of a record without understanding it, and whether the record is one of those that are looked for.
struct Score {
    value: f64,
    wanted: bool,
}

/// The area under the curve, ties counted half.
fn auc(mut scores: Vec<Score>) -> (f64, f64) {
    scores.sort_by(|a, b| a.value.total_cmp(&b.value));
    let (mut below, mut sum) = (0.0, 0.0);
    let wanted = scores.iter().filter(|score| score.wanted).count() as f64;
    let others = scores.len() as f64 - wanted;
    for tie in scores.chunk_by(|a, b| a.value == b.value) {
        let hits = tie.iter().filter(|score| score.wanted).count() as f64;
        let misses = tie.len() as f64 - hits;
        sum += hits * (below + misses / 2.0);
        below += misses;
    }
    let error = ((wanted + others + 1.0) / (12.0 * wanted * others)).sqrt();
    (sum / (wanted * others), error)
}

/// `clusters`: how many of those looked for belong together, on average; they are not independent.
fn assert_coin(what: &str, scores: Vec<Score>, clusters: f64) {
    assert!(scores.iter().any(|score| score.wanted), "{what}: nobody is looked for");
    let (area, error) = auc(scores);
    let tolerance = 4.0 * error * clusters.sqrt();
    assert!((area - 0.5).abs() < tolerance.max(0.03), "{what}: {area:.3} is more than {tolerance:.3} from a coin's");
}

/// One bank for all tests of artefacts; it lies where cargo keeps such things, and is made anew in each run.
pub(crate) static BANK: LazyLock<PathBuf> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("artefacts");
    let _ = std::fs::remove_dir_all(&folder);
    let settings = Settings { customers: 6000, months: 12, activity: 0.1, dirt: false, ..Settings::default() };
    simulate(&settings, &folder, &|_| ()).unwrap();
    folder
});

/// Rank, remainders, digits and lengths of keys.
fn scores_of_keys(keys: &[String], wanted: &HashSet<String>) -> Vec<(&'static str, Vec<Score>)> {
    let score = |value: &dyn Fn(usize, &str) -> f64| -> Vec<Score> {
        let of = |(at, key): (usize, &String)| Score { value: value(at, key), wanted: wanted.contains(key) };
        keys.iter().enumerate().map(of).collect()
    };
    let number =
        |key: &str| key.bytes().filter(u8::is_ascii_digit).fold(0u64, |sum, digit| sum * 10 + u64::from(digit - b'0'));
    vec![
        ("place", score(&|at, _| at as f64)),
        ("length", score(&|_, key| key.len() as f64)),
        ("mod 2", score(&|_, key| (number(key) % 2) as f64)),
        ("mod 7", score(&|_, key| (number(key) % 7) as f64)),
        ("last digit", score(&|_, key| (number(key) % 10) as f64)),
        ("number", score(&|_, key| number(key) as f64)),
    ]
}

fn customers_in_file(folder: &Path) -> Vec<String> {
    let bytes = std::fs::read(folder.join("exports/core/customers.csv")).unwrap();
    let lines = bytes.split(|byte| *byte == b'\n').skip(1).filter(|line| !line.is_empty());
    lines.map(|line| String::from_utf8_lossy(line.split(|byte| *byte == b',').next().unwrap()).into_owned()).collect()
}

#[test]
fn keys_and_places_say_nothing_of_departures_and_defaults() {
    let folder = &*BANK;
    let customers = customers_in_file(folder);
    let departure = read(&folder.join("truth/departure.parquet"));
    let left = departure
        .texts("customer_no")
        .into_iter()
        .zip(departure.numbers("leaves"))
        .filter(|(_, left)| *left > 0.5)
        .map(|(key, _)| key);
    let left: HashSet<String> = left.collect();
    for (what, scores) in scores_of_keys(&customers, &left) {
        assert_coin(&format!("departure by {what}"), scores, 1.0);
    }
    let loans = read(&folder.join("truth/default.parquet"));
    let bad = loans
        .texts("loan_no")
        .into_iter()
        .zip(loans.numbers("would_default"))
        .filter(|(_, bad)| *bad > 0.5)
        .map(|(key, _)| key)
        .collect();
    let mut numbers = loans.texts("loan_no");
    numbers.sort();
    for (what, scores) in scores_of_keys(&numbers, &bad) {
        assert_coin(&format!("default by {what}"), scores, 1.0);
    }
}

#[test]
fn keys_and_places_say_nothing_of_double_records() {
    let folder = &*BANK;
    let identity = read(&folder.join("truth/identity.parquet"));
    let rows = identity.texts("system").into_iter().zip(identity.texts("key")).zip(identity.numbers("person"));
    let crm: Vec<(String, i64)> =
        rows.filter(|((system, _), _)| system == "crm").map(|((_, key), person)| (key, person as i64)).collect();
    let mut records: BTreeMap<i64, usize> = BTreeMap::new();
    crm.iter().for_each(|(_, person)| *records.entry(*person).or_default() += 1);
    let double = crm.iter().filter(|(_, person)| records[person] > 1).map(|(key, _)| key.clone()).collect();
    let mut keys: Vec<String> = crm.into_iter().map(|(key, _)| key).collect();
    keys.sort();
    for (what, scores) in scores_of_keys(&keys, &double) {
        assert_coin(&format!("double records by {what}"), scores, 2.0);
    }
}

/// Within a category, as far as digits go: honest prices of digital goods are other prices than those of groceries.
#[test]
fn digits_and_places_say_nothing_of_card_fraud() {
    let folder = &*BANK;
    let fraud = read(&folder.join("truth/fraud.parquet"));
    let rows = fraud.texts("system").into_iter().zip(fraud.texts("record")).zip(fraud.texts("scenario"));
    let frauds: HashMap<String, String> =
        rows.filter(|((system, _), _)| system == "cards").map(|((_, record), scenario)| (record, scenario)).collect();
    let mut by_artefact: BTreeMap<&str, Vec<(String, Score)>> = BTreeMap::new();
    for month in 1..=12 {
        let file = read(&folder.join(format!("exports/cards/payments_2023-{month:02}.parquet")));
        let rows = file.rows() as f64;
        let columns = file
            .texts("payment_no")
            .into_iter()
            .zip(file.numbers("amount"))
            .zip(file.texts("category"))
            .zip(file.numbers("paid_at"));
        for (at, (((payment, amount), category), paid_at)) in columns.enumerate() {
            let wanted = frauds.contains_key(&payment);
            let cents = (amount * 100.0).round();
            let mut put = |artefact, value| {
                by_artefact.entry(artefact).or_default().push((category.clone(), Score { value, wanted }));
            };
            put("place", at as f64 / rows);
            put("payment number mod 7", (payment.parse::<u64>().unwrap() % 7) as f64);
            put("last digit of the amount", cents % 10.0);
            put("whole yuan", f64::from(u8::from(cents % 100.0 == 0.0)));
            put("milliseconds", paid_at % 1000.0);
        }
    }
    for (artefact, scores) in by_artefact {
        // A terminal or a card is attacked for weeks, so frauds stand together in files; their digits do not.
        let clusters = if artefact == "place" { 6.0 } else { 1.0 };
        assert_coin(artefact, within_categories(scores), clusters);
    }
}

/// Values as ranks within their category, from 0 to 1, so that categories can be put together.
fn within_categories(scores: Vec<(String, Score)>) -> Vec<Score> {
    let mut categories: BTreeMap<String, Vec<Score>> = BTreeMap::new();
    for (category, score) in scores {
        categories.entry(category).or_default().push(score);
    }
    let mut ranked = Vec::new();
    for mut scores in categories.into_values() {
        scores.sort_by(|a, b| a.value.total_cmp(&b.value));
        let all = scores.len() as f64;
        let mut before = 0.0;
        for tie in scores.chunk_by(|a, b| a.value == b.value) {
            let rank = (before + tie.len() as f64 / 2.0) / all;
            ranked.extend(tie.iter().map(|score| Score { value: rank, wanted: score.wanted }));
            before += tie.len() as f64;
        }
    }
    ranked
}
