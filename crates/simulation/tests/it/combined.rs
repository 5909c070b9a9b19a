//! All artefacts together do not find the truth either: not even a learner of their interactions does better than a coin.
//!
//! For each subject of the truth there is a table of records, those looked for and others, with everything that is known of a record
//! without understanding it. Where honest knowledge goes along with an artefact (larger sums are rounder, categories have their
//! prices), the others are drawn from the same category and size. The bound is [`ERRORS_MAX`] standard errors above a coin's area: one
//! subject in thirty thousand would pass it by chance. Two controls say that the learner would find what is there.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    fs,
    path::{Path, PathBuf},
    sync::LazyLock,
};

use florin_simulation::{Settings, simulate};

use crate::{
    artefacts::BANK,
    learner::{Area, Case, Judged, area, mix, out_of_sample},
    tables::{Columns, read},
};

/// How far above a coin's the area may be: p = 3·10⁻⁵, one-sided, of a normal.
const ERRORS_MAX: f64 = 4.0;
/// Records of the other kind for one that is looked for.
const OTHERS: usize = 10;

#[allow(clippy::print_stdout, reason = "the areas are shown with `--nocapture`, for the documents")]
fn assert_nothing_is_found(what: &str, cases: &[Case], error_max: f64) {
    let wanted = cases.iter().filter(|case| case.wanted).count();
    let found = out_of_sample(cases);
    println!("{what}: {:.3} ± {:.3}, {wanted} of {}", found.value, found.error, cases.len());
    assert!(found.error < error_max, "{what}: {wanted} of {} are too few to tell: {found:?}", cases.len());
    assert!(found.value < 0.5 + ERRORS_MAX * found.error, "{what}: artefacts find it: {found:?}");
}

fn number(text: &str) -> u64 {
    text.bytes()
        .filter(u8::is_ascii_digit)
        .fold(0u64, |sum, digit| sum.wrapping_mul(10).wrapping_add(u64::from(digit - b'0')))
}

/// What digits say: size, sum, remainders.
fn of_digits(text: &str) -> [f64; 7] {
    let n = number(text);
    let sum: u32 = text.bytes().filter(u8::is_ascii_digit).map(|digit| u32::from(digit - b'0')).sum();
    [n as f64, f64::from(sum), (n % 2) as f64, (n % 3) as f64, (n % 7) as f64, (n % 10) as f64, (n / 10 % 10) as f64]
}

/// Minutes and seconds of `2023-01-05 08:12:33`.
fn of_clock(time: &str) -> [f64; 3] {
    let two = |at: usize| time.get(at..at + 2).and_then(|text| text.parse().ok()).unwrap_or(0.0);
    [two(14), two(17), two(17) % 10.0]
}

/// Rounding and digits of cents; nothing that grows with the sum.
fn of_sum(cents: u64) -> [f64; 9] {
    let yuan = cents / 100;
    let multiple = |of: u64| f64::from(u8::from(cents.is_multiple_of(of * 100)));
    let digit = |at: u64| (yuan / at % 10) as f64;
    let steps = [multiple(1), multiple(10), multiple(100), multiple(500), multiple(1000)];
    [
        steps[0],
        steps[1],
        steps[2],
        steps[3],
        steps[4],
        (cents % 10) as f64,
        (cents / 10 % 10) as f64,
        digit(1),
        digit(10),
    ]
}

fn lines(path: &Path) -> Vec<Vec<Vec<u8>>> {
    let bytes = fs::read(path).unwrap();
    let lines = bytes.split(|byte| *byte == b'\n').skip(1).map(<[u8]>::trim_ascii_end).filter(|line| !line.is_empty());
    lines.map(|line| line.split(|byte| *byte == b',').map(<[u8]>::to_vec).collect()).collect()
}

fn text(fields: &[Vec<u8>], at: usize) -> String {
    fields.get(at).map(|field| String::from_utf8_lossy(field).into_owned()).unwrap_or_default()
}

/// Keeps those looked for and, of each stratum, so many others for one of them, drawn by their place.
fn matched(cases: Vec<(String, Case)>) -> Vec<Case> {
    let mut strata: BTreeMap<String, (Vec<Case>, Vec<Case>)> = BTreeMap::new();
    for (stratum, case) in cases {
        let (wanted, others) = strata.entry(stratum).or_default();
        if case.wanted { wanted.push(case) } else { others.push(case) }
    }
    let mut kept = Vec::new();
    for (wanted, others) in strata.into_values() {
        let mut order: Vec<usize> = (0..others.len()).collect();
        order.sort_by_key(|at| mix(*at as u64));
        kept.extend(order.into_iter().take(wanted.len() * OTHERS).map(|at| others[at].clone()));
        kept.extend(wanted);
    }
    kept
}

/// Everything that systems call people by, for people who have a login: customer number to artefacts.
static PEOPLE: LazyLock<BTreeMap<String, Vec<f64>>> = LazyLock::new(|| {
    let identity = read(&BANK.join("truth/identity.parquet"));
    let mut keys: HashMap<i64, HashMap<String, String>> = HashMap::new();
    let rows = identity.texts("system").into_iter().zip(identity.texts("key")).zip(identity.numbers("person"));
    for ((system, key), person) in rows.filter(|((system, _), _)| system != "crm") {
        keys.entry(person as i64).or_default().insert(system, key);
    }
    let holders = read(&BANK.join("exports/cards/holders.parquet"));
    let cards: HashMap<String, String> =
        holders.texts("holder_no").into_iter().zip(holders.texts("debit_card")).collect();
    let registered = registrations(&BANK.join("exports/app/users.jsonl.gz"));
    let customers = lines(&BANK.join("exports/core/customers.csv"));
    let by_customer: HashMap<String, (usize, Vec<Vec<u8>>)> =
        customers.into_iter().enumerate().map(|(at, fields)| (text(&fields, 0), (at, fields))).collect();
    let of = |keys: &HashMap<String, String>| {
        let (core, holder, user) = (keys.get("core")?, keys.get("cards")?, keys.get("app")?);
        let (place, fields) = by_customer.get(core)?;
        let (id, phone) = (text(fields, 2), text(fields, 5));
        let mut artefacts = vec![*place as f64, f64::from(id.as_bytes()[17]), f64::from(id.as_bytes()[15])];
        artefacts.extend(of_digits(core));
        artefacts.extend(of_digits(holder));
        artefacts.extend(of_digits(user));
        artefacts.extend(of_digits(cards.get(holder)?));
        artefacts.extend(of_digits(&phone));
        artefacts.extend(of_clock(registered.get(user)?));
        Some((core.clone(), artefacts))
    };
    keys.values().filter_map(of).collect()
});

/// When each user registered.
fn registrations(path: &Path) -> HashMap<String, String> {
    let mut text = String::new();
    let file = fs::File::open(path).unwrap();
    std::io::Read::read_to_string(&mut flate2::read::MultiGzDecoder::new(file), &mut text).unwrap();
    let users = text.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    users.map(|user| (user["user"].to_string(), user["registered_at"].as_str().unwrap().to_owned())).collect()
}

/// Everybody who has a login, some of whom are looked for.
fn people(wanted: &HashSet<String>) -> Vec<Case> {
    let case = |(customer, artefacts): (&String, &Vec<f64>)| Case {
        group: number(customer),
        wanted: wanted.contains(customer),
        artefacts: artefacts.clone(),
    };
    PEOPLE.iter().map(case).collect()
}

fn customers_where(table: &Columns, column: &str) -> HashSet<String> {
    let rows = table.texts("customer_no").into_iter().zip(table.numbers(column));
    rows.filter(|(_, value)| *value > 0.5).map(|(customer, _)| customer).collect()
}

fn leavers() -> Vec<Case> {
    people(&customers_where(&read(&BANK.join("truth/departure.parquet")), "leaves"))
}

#[test]
fn artefacts_together_do_not_find_who_leaves_needs_or_complains() {
    assert_nothing_is_found("departure", &leavers(), 0.03);
    let needs = read(&BANK.join("truth/need.parquet")).texts("customer_no").into_iter().collect();
    assert_nothing_is_found("need", &people(&needs), 0.03);
    let words = read(&BANK.join("truth/complaint.parquet"));
    let complaints = words.texts("kind").into_iter().zip(words.numbers("person"));
    let persons: HashSet<i64> =
        complaints.filter(|(kind, _)| kind == "complaint").map(|(_, person)| person as i64).collect();
    let identity = read(&BANK.join("truth/identity.parquet"));
    let rows = identity.texts("system").into_iter().zip(identity.texts("key")).zip(identity.numbers("person"));
    let complain = rows
        .filter(|((system, _), person)| system == "core" && persons.contains(&(*person as i64)))
        .map(|((_, key), _)| key)
        .collect();
    assert_nothing_is_found("complaint", &people(&complain), 0.03);
}

/// Of loans, and of applications whether they were granted or not. By their keys: the digits of an instalment follow from sum and term,
/// which are honest knowledge.
#[test]
fn artefacts_together_do_not_find_who_would_default() {
    let of = |table: &str, key: &str| {
        let table = read(&BANK.join(format!("truth/{table}.parquet")));
        let rows = table.texts(key).into_iter().zip(table.texts("customer_no")).zip(table.numbers("would_default"));
        let case = |((key, customer), bad): ((String, String), f64)| {
            let mut artefacts = of_digits(&key).to_vec();
            artefacts.extend(of_digits(&customer));
            Case { group: number(&customer), wanted: bad > 0.5, artefacts }
        };
        rows.map(case).collect::<Vec<_>>()
    };
    assert_nothing_is_found("default", &of("default", "loan_no"), 0.08);
    assert_nothing_is_found("default of applicants", &of("policy", "application"), 0.08);
}

#[test]
fn artefacts_together_do_not_find_who_responds() {
    let response = read(&BANK.join("truth/response.parquet"));
    let keys = response.texts("customer_no").into_iter().zip(response.texts("campaign"));
    let would: HashMap<(String, String), f64> = keys.zip(response.numbers("buys_with")).collect();
    let mut sizes: HashMap<String, f64> = HashMap::new();
    let mut cases = Vec::new();
    for fields in lines(&BANK.join("exports/marketing/contacts.csv")) {
        let (campaign, customer) = (text(&fields, 1), text(&fields, 2));
        let place = sizes.entry(campaign.clone()).or_default();
        *place += 1.0;
        let mut artefacts = vec![*place];
        artefacts.extend(&of_digits(&text(&fields, 0))[1..]);
        artefacts.extend(of_digits(&customer));
        artefacts.extend(of_clock(&text(&fields, 5)));
        let wanted = would[&(customer.clone(), campaign.clone())] > 0.5;
        cases.push((campaign, Case { group: number(&customer), wanted, artefacts }));
    }
    assert_nothing_is_found("response", &matched(cases), 0.04);
}

/// A bank of its own kind, made anew in each run.
fn bank(name: &str, settings: &Settings) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    simulate(settings, &folder, &|_| ()).unwrap();
    folder
}

/// A bank with thirty times as many cases of fraud, so that there are enough of them to tell.
static ROBBED: LazyLock<PathBuf> = LazyLock::new(|| {
    let settings =
        Settings { customers: 3000, months: 12, activity: 0.25, frauds: 30.0, dirt: false, ..Settings::default() };
    bank("artefacts_robbed", &settings)
});

/// A bank with flaws.
static DIRTY: LazyLock<PathBuf> =
    LazyLock::new(|| bank("artefacts_dirty", &Settings { customers: 1500, months: 3, ..Settings::default() }));

/// Which record of a system is part of which fraud: its scenario and a number for its case.
fn frauds(system: &str) -> HashMap<String, (String, u64)> {
    let fraud = read(&ROBBED.join("truth/fraud.parquet"));
    let rows = fraud.texts("system").into_iter().zip(fraud.texts("record")).zip(fraud.texts("scenario"));
    let rows = rows.zip(fraud.numbers("case")).filter(|(((of, _), _), _)| of == system);
    rows.map(|(((_, record), scenario), case)| {
        let group = mix(case as u64 ^ mix(scenario.bytes().map(u64::from).sum()));
        (record, (scenario, group))
    })
    .collect()
}

#[test]
fn artefacts_together_do_not_find_card_fraud() {
    let frauds = frauds("cards");
    let mut cases = Vec::new();
    for month in 1..=12 {
        let file = read(&ROBBED.join(format!("exports/cards/payments_2023-{month:02}.parquet")));
        let (rows, payments, holders) = (file.rows() as f64, file.texts("payment_no"), file.texts("holder_no"));
        let (amounts, times, categories) = (file.numbers("amount"), file.numbers("paid_at"), file.texts("category"));
        for (at, payment) in payments.iter().enumerate() {
            let fraud = frauds.get(payment);
            let ms = times[at].rem_euclid(3_600_000.0);
            let mut artefacts =
                vec![at as f64 / rows, ms % 1000.0, ms % 10.0, (ms / 1000.0).floor() % 60.0, (ms / 60_000.0).floor()];
            artefacts.extend(&of_digits(payment)[2..]);
            artefacts.extend(&of_digits(&holders[at])[1..]);
            artefacts.extend(&of_sum((amounts[at] * 100.0).round() as u64)[..8]);
            let group = fraud.map_or_else(|| number(&holders[at]), |(_, case)| *case);
            cases.push((categories[at].clone(), Case { group, wanted: fraud.is_some(), artefacts }));
        }
    }
    assert_nothing_is_found("card fraud", &matched(cases), 0.05);
}

/// Bookings of the kinds that frauds use, with their stratum: kind, size, and whether it is night (when thieves are awake). Numbers of
/// bookings count through the day, so that only their remainders are artefacts.
fn bookings() -> Vec<(String, String, Case)> {
    let frauds = frauds("core");
    let mut cases = Vec::new();
    for month in 1..=12 {
        let rows = lines(&ROBBED.join(format!("exports/core/transactions_2023-{month:02}.csv")));
        let mut desks: HashMap<String, f64> = HashMap::new();
        rows.iter().for_each(|fields| *desks.entry(text(fields, 9)).or_default() += 1.0);
        for fields in &rows {
            let (id, cents) = (text(fields, 0), number(&text(fields, 6)));
            let fraud = frauds.get(&id);
            let mut artefacts = of_clock(&text(fields, 3)).to_vec();
            artefacts.extend(&of_digits(&id)[2..6]);
            artefacts.extend(&of_digits(&text(fields, 1))[1..]);
            artefacts.extend(of_sum(cents));
            // Cash goes over a desk or a machine that others use as well; whom money is sent to is no artefact.
            let kind = encoding_rs::GB18030.decode(&fields[4]).0.into_owned();
            artefacts.push(if kind.contains("现金") { desks[&text(fields, 9)].ln() } else { 0.0 });
            let group = fraud.map_or_else(|| number(&text(fields, 1)), |(_, case)| *case);
            let scenario = fraud.map(|(scenario, _)| scenario.clone()).unwrap_or_default();
            let night = text(fields, 3).get(11..13) < Some("06");
            let stratum = format!("{kind} {} {night}", cents.max(1).ilog2());
            cases.push((scenario, stratum, Case { group, wanted: fraud.is_some(), artefacts }));
        }
    }
    cases.retain(|(_, stratum, _)| stratum.starts_with("转账") || stratum.starts_with("现金"));
    cases
}

#[test]
fn artefacts_together_do_not_find_takeovers_mules_and_structuring() {
    let cases = bookings();
    let all = cases.iter().map(|(_, stratum, case)| (stratum.clone(), case.clone())).collect();
    assert_nothing_is_found("fraud on accounts", &matched(all), 0.04);
    for (scenario, error_max) in [("mule_network", 0.06), ("account_takeover", 0.06), ("structuring", 0.1)] {
        let of_it = cases.iter().filter(|(of, _, case)| of == scenario || !case.wanted);
        let of_it = of_it.map(|(_, stratum, case)| (stratum.clone(), case.clone())).collect();
        assert_nothing_is_found(scenario, &matched(of_it), error_max);
    }
}

/// By what a flaw leaves alone: the place, the number, the clock of a neighbour, the length of the balance.
#[test]
fn artefacts_together_do_not_find_flaws() {
    let error = read(&DIRTY.join("truth/error.parquet"));
    let rows = error.texts("file").into_iter().zip(error.numbers("row_number"));
    let flawed: HashSet<(String, usize)> = rows.map(|(file, row)| (file, row as usize)).collect();
    let mut cases = Vec::new();
    for month in 1..=3 {
        let file = format!("core/transactions_2023-{month:02}.csv");
        let rows = lines(&DIRTY.join("exports").join(&file));
        for (at, fields) in rows.iter().enumerate().skip(1).filter(|(_, fields)| fields.len() > 10) {
            let mut artefacts = vec![at as f64 / rows.len() as f64, (at % 2) as f64, (at % 7) as f64, (at % 64) as f64];
            artefacts.extend(&of_digits(&text(fields, 0))[2..]);
            artefacts.extend(&of_digits(&text(fields, 1))[1..]);
            artefacts.extend(of_clock(&text(&rows[at - 1], 3)));
            artefacts.push(text(&rows[at - 1], 10).len() as f64);
            let wanted = flawed.contains(&(file.clone(), at + 1));
            cases.push((String::new(), Case { group: number(&text(fields, 1)), wanted, artefacts }));
        }
    }
    assert_nothing_is_found("flaws", &matched(cases), 0.04);
}

/// The area of one artefact alone, whichever way round.
fn alone(cases: &[Case], artefact: usize) -> Area {
    let judged = |case: &Case| Judged { group: case.group, wanted: case.wanted, score: case.artefacts[artefact] };
    area(&cases.iter().map(judged).collect::<Vec<_>>())
}

#[test]
fn a_planted_artefact_of_two_that_say_nothing_alone_is_found() {
    let mut cases = leavers();
    // In four of five, whether the seconds are even agrees with the customer number for those who leave, and does not for others.
    let (parity, seconds) = (5, cases[0].artefacts.len() - 2);
    for case in &mut cases {
        let agrees = if mix(case.group).is_multiple_of(5) { mix(case.group).is_multiple_of(2) } else { case.wanted };
        case.artefacts[seconds] = if agrees { case.artefacts[parity] } else { 1.0 - case.artefacts[parity] };
    }
    for artefact in [parity, seconds] {
        let one = alone(&cases, artefact);
        assert!((one.value - 0.5).abs() < ERRORS_MAX * one.error, "found alone: {one:?}");
    }
    let found = out_of_sample(&cases);
    assert!(found.value > 0.75, "{found:?}");
}

#[test]
fn a_weak_planted_artefact_is_found_beyond_the_bound() {
    let mut cases = leavers();
    // Half of those who leave have a customer number that ends in 0.
    for case in cases.iter_mut().filter(|case| case.wanted && mix(case.group ^ 5).is_multiple_of(2)) {
        case.artefacts[8] = 0.0;
    }
    let found = out_of_sample(&cases);
    assert!(found.value > 0.5 + ERRORS_MAX * found.error, "{found:?}");
}

#[test]
fn labels_drawn_by_lot_are_not_found() {
    for lot in 0..6u64 {
        let mut cases = leavers();
        cases.iter_mut().for_each(|case| case.wanted = mix(case.group ^ mix(lot + 99)).is_multiple_of(10));
        assert_nothing_is_found("a lot", &cases, 0.03);
    }
}
