//! What is true fits what is exported.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use florin_simulation::Settings;

use crate::{
    bank::{make, small},
    tables::read,
};

fn longer() -> Settings {
    Settings { customers: 400, months: 8, ..Settings::default() }
}

#[test]
fn every_key_of_every_system_is_one_person() {
    let (folder, _) = make(&small());
    let identity = read(&folder.path().join("truth/identity.parquet"));
    let keys: Vec<(String, String)> = identity.texts("system").into_iter().zip(identity.texts("key")).collect();
    assert_eq!(keys.iter().collect::<HashSet<_>>().len(), keys.len());
    let systems: BTreeSet<&str> = keys.iter().map(|key| key.0.as_str()).collect();
    for system in ["core", "cards", "app", "crm", "contact", "device"] {
        assert!(systems.contains(system), "{system} of {systems:?}");
    }
}

#[test]
fn who_left_does_nothing_afterwards() {
    let (folder, summary) =
        make(&Settings { customers: 600, months: 12, activity: 0.3, dirt: false, ..Settings::default() });
    assert!(summary.departures > 10, "{summary:?}");
    let departure = read(&folder.path().join("truth/departure.parquet"));
    let left: BTreeMap<String, f64> = departure
        .texts("customer_no")
        .into_iter()
        .zip(departure.numbers("leaves_on"))
        .filter(|(_, day)| !day.is_nan())
        .collect();
    for month in 1..=12 {
        let path = folder.path().join(format!("exports/core/transactions_2023-{month:02}.csv"));
        for line in std::fs::read(path).unwrap().split(|byte| *byte == b'\n').skip(1) {
            let fields: Vec<String> =
                line.split(|byte| *byte == b',').map(|field| String::from_utf8_lossy(field).into_owned()).collect();
            let Some(day) = fields.get(1).and_then(|customer| left.get(customer)) else { continue };
            let booked: jiff::civil::Date = fields[3][..10].parse().unwrap();
            let number = (booked - jiff::civil::date(1970, 1, 1)).get_days();
            assert!(f64::from(number) < *day, "{line:?}");
        }
    }
}

#[test]
fn a_joint_account_has_one_owner_and_one_co_holder_of_the_same_household() {
    let (folder, _) = make(&Settings { customers: 800, months: 2, activity: 0.1, dirt: false, ..Settings::default() });
    let rows = |file: &str| -> Vec<Vec<String>> {
        let bytes = std::fs::read(folder.path().join("exports/core").join(file)).unwrap();
        let lines = bytes.split(|byte| *byte == b'\n').skip(1).filter(|line| !line.is_empty());
        lines
            .map(|line| String::from_utf8_lossy(line).split(',').map(|field| field.trim().to_owned()).collect())
            .collect()
    };
    let owners: BTreeMap<String, String> =
        rows("accounts.csv").into_iter().map(|fields| (fields[0].clone(), fields[1].clone())).collect();
    let identity = read(&folder.path().join("truth/identity.parquet"));
    let keys = identity.texts("system").into_iter().zip(identity.texts("key")).zip(identity.numbers("household"));
    let households: BTreeMap<String, i64> =
        keys.filter(|((system, _), _)| system == "core").map(|((_, key), home)| (key, home as i64)).collect();
    let joint = rows("co_holders.csv");
    assert!(joint.len() > 20, "{}", joint.len());
    assert_eq!(joint.iter().map(|fields| &fields[0]).collect::<HashSet<_>>().len(), joint.len());
    for fields in joint {
        let (owner, co_holder) = (&owners[&fields[0]], &fields[1]);
        assert!(owner != co_holder && households[owner] == households[co_holder], "{fields:?}");
    }
}

#[test]
fn who_would_default_does_unless_they_leave_or_the_time_is_over() {
    let (folder, summary) =
        make(&Settings { customers: 2500, months: 24, activity: 0.02, dirt: false, ..Settings::default() });
    assert!(summary.defaults > 10, "{summary:?}");
    let left: HashSet<String> = {
        let departure = read(&folder.path().join("truth/departure.parquet"));
        let rows = departure.texts("customer_no").into_iter().zip(departure.numbers("leaves"));
        rows.filter(|(_, leaves)| *leaves > 0.5).map(|(customer, _)| customer).collect()
    };
    let loans = read(&folder.path().join("truth/default.parquet"));
    let rows = loans.texts("customer_no").into_iter().zip(loans.numbers("granted_on"));
    let rows = rows.zip(loans.numbers("would_default")).zip(loans.numbers("defaulted_on"));
    // 17 months: the latest trouble is in the thirteenth month of a loan, and three instalments are missed after it.
    let mut seen = 0;
    for (((customer, granted), would), defaulted) in rows {
        let long_ago = granted + 17.0 * 31.0 < f64::from(jiff_day(2025, 1, 1));
        if would > 0.5 && long_ago && !left.contains(&customer) {
            seen += 1;
            assert!(!defaulted.is_nan(), "{customer}");
        }
        assert!(would > 0.5 || defaulted.is_nan(), "{customer}");
    }
    assert!(seen > 4, "{seen}");
}

fn jiff_day(year: i16, month: i8, day: i8) -> i32 {
    (jiff::civil::date(year, month, day) - jiff::civil::date(1970, 1, 1)).get_days()
}

#[test]
fn every_scenario_of_fraud_is_there_and_its_records_exist() {
    let (folder, summary) = make(&longer());
    let fraud = read(&folder.path().join("truth/fraud.parquet"));
    assert_eq!(fraud.rows() as u64, summary.frauds);
    let found: BTreeSet<String> = fraud.texts("scenario").into_iter().collect();
    let wanted = [
        "account_takeover",
        "amount_threshold",
        "compromised_customer",
        "compromised_terminal",
        "mule_network",
        "structuring",
    ];
    assert!(wanted.iter().all(|scenario| found.contains(*scenario)), "{found:?}");
    let mut payments = HashSet::new();
    for month in 1..=8 {
        let file = read(&folder.path().join(format!("exports/cards/payments_2023-{month:02}.parquet")));
        payments.extend(file.texts("payment_no"));
    }
    for (system, record) in fraud.texts("system").into_iter().zip(fraud.texts("record")) {
        assert!(system != "cards" || payments.contains(&record), "{record}");
    }
}

#[test]
fn balances_never_fall_below_zero() {
    let (folder, _) = make(&Settings { dirt: false, ..small() });
    for month in 1..=3 {
        let bytes =
            std::fs::read(folder.path().join(format!("exports/core/transactions_2023-{month:02}.csv"))).unwrap();
        for line in bytes.split(|byte| *byte == b'\n').skip(1).filter(|line| line.len() > 10) {
            let balance = line.split(|byte| *byte == b',').nth(10).unwrap();
            assert!(!balance.starts_with(b"-"), "{}", String::from_utf8_lossy(line));
        }
    }
}

#[test]
fn the_old_policy_refused_more_newcomers_of_the_same_risk() {
    let (folder, _) =
        make(&Settings { customers: 4000, months: 12, activity: 0.05, dirt: false, ..Settings::default() });
    let policy = read(&folder.path().join("truth/policy.parquet"));
    let rows = policy
        .numbers("disfavoured")
        .into_iter()
        .zip(policy.numbers("old_policy"))
        .zip(policy.numbers("approved"))
        .zip(policy.numbers("pd"));
    let mut groups: BTreeMap<(bool, bool), (f64, f64, f64)> = BTreeMap::new();
    for (((newcomer, old), approved), pd) in rows {
        let group = groups.entry((old > 0.5, newcomer > 0.5)).or_default();
        *group = (group.0 + approved, group.1 + pd, group.2 + 1.0);
    }
    let rate = |old, newcomer| groups[&(old, newcomer)].0 / groups[&(old, newcomer)].2;
    let risk = |old, newcomer| groups[&(old, newcomer)].1 / groups[&(old, newcomer)].2;
    assert!(rate(true, false) - rate(true, true) > 0.12, "{groups:?}");
    assert!((rate(false, false) - rate(false, true)).abs() < 0.12, "{groups:?}");
    assert!((risk(true, false) - risk(true, true)).abs() < 0.05, "{groups:?}");
}

#[test]
fn without_dirt_there_are_no_flaws_and_with_it_every_file_of_size_has_some() {
    let (clean, summary) = make(&Settings { dirt: false, ..small() });
    assert_eq!(summary.flaws, 0);
    assert_eq!(read(&clean.path().join("truth/error.parquet")).rows(), 0);
    let (dirty, summary) = make(&longer());
    let systems: BTreeSet<String> =
        read(&dirty.path().join("truth/error.parquet")).texts("system").into_iter().collect();
    assert!(summary.flaws > 100);
    for system in ["app", "cards", "core", "crm", "marketing"] {
        assert!(systems.contains(system), "{system} of {systems:?}");
    }
}
