//! Salaries: by hand, and against the made-up bank's own word.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    hash::{DefaultHasher, Hash, Hasher},
    path::Path,
};

use encoding_rs::GB18030;
use florin_features::money::{Basis, IncomeState, Incoming, PAYERS_MAX, Rule};
use jiff::civil::{Date, date};
use proptest::prelude::*;

fn day(date: Date) -> i32 {
    date.since(jiff::civil::date(1970, 1, 1)).expect("a day").get_days()
}

fn paid(year: i16, month: i8, of_month: i8, yuan: i128, payer: u64) -> Incoming {
    Incoming { day: day(date(year, month, of_month)), amount: yuan * 10_000, payer }
}

fn state(payments: &[Incoming]) -> IncomeState {
    let mut state = IncomeState::new();
    payments.iter().for_each(|payment| state.push(*payment));
    state
}

fn on(year: i16, month: i8, of_month: i8) -> i32 {
    day(date(year, month, of_month))
}

#[test]
fn a_monthly_payment_with_a_bonus_is_a_salary() {
    let mut payments: Vec<Incoming> =
        (1..=6).map(|month| paid(2024, month, 15 - month % 3, 8000 + i128::from(month), 7)).collect();
    payments.push(paid(2024, 2, 17, 20_000, 7));
    let found = state(&payments).salaries(on(2024, 6, 30), &Rule::default());
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].payer, found[0].months, found[0].last_day), (7, 6, on(2024, 6, 15)));
    assert_eq!(found[0].monthly, 80_035_000, "the median of 8,001 to 8,006; the bonus does not count");
    assert!((13..=16).contains(&found[0].payday), "{}", found[0].payday);
    assert_eq!(
        state(&payments).income(on(2024, 6, 30), &Rule::default()).map(|i| (i.monthly, i.basis)),
        Some((80_035_000, Basis::Salary))
    );
}

#[test]
fn a_payday_at_the_turn_of_the_month_is_one_payday() {
    // The 1st, or the last working day before.
    let days = [(2024, 1, 1), (2024, 2, 1), (2024, 3, 1), (2024, 3, 29), (2024, 5, 1), (2024, 5, 31), (2024, 7, 1)];
    let payments: Vec<Incoming> = days.iter().map(|&(y, m, d)| paid(y, m, d, 6000, 1)).collect();
    let found = state(&payments).salaries(on(2024, 7, 10), &Rule::default());
    assert_eq!(found.iter().map(|s| s.months).collect::<Vec<_>>(), [7]);
}

#[test]
fn what_only_looks_like_a_salary_is_none() {
    let rule = Rule::default();
    let today = on(2024, 6, 30);
    let monthly = |day: &dyn Fn(i8) -> i8, yuan: &dyn Fn(i8) -> i128| {
        let payments: Vec<Incoming> = (1..=6).map(|month| paid(2024, month, day(month), yuan(month), 1)).collect();
        state(&payments).salaries(today, &rule).len()
    };
    assert_eq!(monthly(&|_| 20, &|_| 3000), 1, "this one is one");
    assert_eq!(monthly(&|_| 20, &|_| 30), 0, "too small: interest");
    assert_eq!(monthly(&|_| 20, &|month| 1000 * i128::from(month)), 0, "amounts all over the place");
    assert_eq!(monthly(&|month| [3, 20, 11, 27, 7, 16][month as usize - 1], &|_| 3000), 0, "days all over the place");
    let ended: Vec<Incoming> = (1..=4).map(|month| paid(2024, month, 20, 3000, 1)).collect();
    assert_eq!(state(&ended).salaries(today, &rule), [], "it ended");
    let twice: Vec<Incoming> = (1..=6).flat_map(|month| [5, 20].map(|d| paid(2024, month, d, 3000, 1))).collect();
    assert_eq!(state(&twice).salaries(today, &rule), [], "takings");
    assert_eq!(state(&ended[..2]).salaries(on(2024, 3, 1), &rule), [], "two months are too few");
}

#[test]
fn takings_are_a_regular_income() {
    let takings: Vec<Incoming> =
        (1..=6).flat_map(|month| [3, 9, 22].map(|d| paid(2024, month, d, 1000 + 100 * i128::from(month), 1))).collect();
    let income = state(&takings).income(on(2024, 7, 2), &Rule::default()).expect("regular");
    assert_eq!((income.basis, income.monthly), (Basis::Regular, 3 * 13_500_000));
    assert_eq!(state(&takings[..3]).income(on(2024, 7, 2), &Rule::default()), None, "one month of six");
}

#[test]
fn payers_beyond_the_bound_push_out_who_has_not_paid_for_longest() {
    let mut payments: Vec<Incoming> = (1..=6).map(|month| paid(2024, month, 15, 8000, 1)).collect();
    payments.extend((0..3 * PAYERS_MAX as u64).map(|payer| paid(2024, 1, 1, 50, 100 + payer)));
    payments.push(paid(2024, 7, 15, 8000, 1));
    assert_eq!(state(&payments).salaries(on(2024, 7, 20), &Rule::default()).len(), 1);
}

#[test]
fn what_is_remembered_and_the_rule_can_be_saved() {
    let known = state(&[paid(2024, 1, 15, 8000, 1), paid(2024, 2, 15, 8000, u64::MAX)]);
    let saved = serde_json::to_string(&known).expect("saved");
    assert_eq!(serde_json::from_str::<IncomeState>(&saved).expect("read"), known);
    let rule = "months_min = 3\nday_tolerance = 4\namount_tolerance_percent = 30\namount_min = 5000000\n";
    assert_eq!(toml::from_str::<Rule>(rule), Ok(Rule::default()));
}

proptest! {
    #[test]
    fn late_payments_and_those_of_the_future_change_nothing(
        mut payments in prop::collection::vec((0_i32..300, 1_i128..5, 0_u64..4), 0..40), seed in any::<u64>(),
    ) {
        let incoming = |(day, yuan, payer): (i32, i128, u64)| Incoming { day: 19_800 + day, amount: yuan * 10_000_000, payer };
        let in_order = state(&payments.iter().copied().map(incoming).collect::<Vec<_>>());
        payments.sort_by_key(|payment| { let mut h = DefaultHasher::new(); (payment, seed).hash(&mut h); h.finish() });
        let shuffled = state(&payments.iter().copied().map(incoming).collect::<Vec<_>>());
        prop_assert_eq!(&in_order, &shuffled);
        let today = 19_800 + 150;
        let past: Vec<Incoming> = payments.iter().copied().map(incoming).filter(|p| p.day <= today).collect();
        let (known, then) = (in_order.salaries(today, &Rule::default()), state(&past).salaries(today, &Rule::default()));
        prop_assert_eq!(known, then);
    }
}

/// What the made-up bank's core system wrote of one customer.
#[derive(Default)]
struct Seen {
    state: IncomeState,
    /// Days on which the system says that a salary came in, with the amount. The rule is not told.
    salaries: Vec<(i32, i128)>,
    takings: BTreeMap<i32, i128>,
}

fn read(path: &Path) -> Vec<Vec<String>> {
    let bytes = fs::read(path).expect("an export");
    let (text, _, _) = GB18030.decode(&bytes);
    text.lines().skip(1).map(|line| line.split(',').map(str::to_owned).collect()).collect()
}

fn made_up_bank(dir: &Path) -> BTreeMap<String, Seen> {
    let settings =
        florin_simulation::Settings { customers: 300, months: 8, activity: 0.5, dirt: false, ..Default::default() };
    florin_simulation::simulate(&settings, dir, &|_| ()).expect("simulated");
    let mut customers: BTreeMap<String, Seen> = BTreeMap::new();
    let mut files: Vec<_> =
        fs::read_dir(dir.join("exports/core")).expect("exports").flatten().map(|e| e.path()).collect();
    files.sort();
    for file in files.iter().filter(|f| f.file_name().is_some_and(|n| n.to_string_lossy().starts_with("transactions_")))
    {
        for row in read(file) {
            let (kind, direction) = (row[4].as_str(), row[5].as_str());
            // What the bank itself knows to be no earnings.
            let unearned = ["基金赎回", "定期支取", "贷款发放", "利息", "现金存入"].contains(&kind);
            if direction != "收" || unearned {
                continue;
            }
            let cents: i128 = row[6].replace('.', "").parse().expect("two decimals");
            let date: Date = row[3][..10].parse().expect("a date");
            let mut payer = DefaultHasher::new();
            row[9].hash(&mut payer);
            let payment = Incoming { day: day(date), amount: cents * 100, payer: payer.finish() };
            let seen = customers.entry(row[1].clone()).or_default();
            seen.state.push(payment);
            match kind {
                "代发工资" => seen.salaries.push((payment.day, payment.amount)),
                "收入" => *seen.takings.entry(payment.day).or_default() += payment.amount,
                _ => {}
            }
        }
    }
    customers
}

#[test]
fn salaries_of_the_made_up_bank_are_found_without_being_told() {
    let dir = tempfile::tempdir().expect("a folder");
    let customers = made_up_bank(&dir.path().join("bank"));
    let today = on(2023, 8, 31);
    let (mut found, mut right, mut truly, mut near, mut regular, mut self_employed) = (0, 0, 0, 0, 0, 0);
    for seen in customers.values() {
        let recent: Vec<(i32, i128)> = seen.salaries.iter().copied().filter(|(day, _)| *day > today - 120).collect();
        let months: BTreeSet<i32> = recent.iter().map(|(day, _)| day / 30).collect();
        let salaried = months.len() >= 3 && recent.iter().any(|(day, _)| *day > today - 35);
        let salary = seen.state.salaries(today, &Rule::default()).first().copied();
        truly += usize::from(salaried);
        found += usize::from(salary.is_some());
        if let (true, Some(salary)) = (salaried, salary) {
            right += 1;
            let mut amounts: Vec<i128> = seen.salaries.iter().map(|(_, amount)| *amount).collect();
            amounts.sort_unstable();
            let median = amounts[amounts.len() / 2];
            near += usize::from((salary.monthly - median).abs() * 20 <= median);
        }
        if seen.takings.len() > 12 && seen.salaries.is_empty() {
            self_employed += 1;
            let income = seen.state.income(today, &Rule::default());
            regular += usize::from(income.is_some_and(|income| income.basis == Basis::Regular));
        }
    }
    let (precision, recall) = (right as f64 / found as f64, right as f64 / truly as f64);
    println!(
        "salaries: {truly} true, {found} found, precision {precision:.3}, recall {recall:.3}; amount within 5 %: {near} of {right}; takings seen as regular: {regular} of {self_employed}"
    );
    assert!(truly > 100 && precision > 0.95 && recall > 0.95);
    assert!(near as f64 > 0.95 * right as f64);
    assert!(self_employed > 10 && regular as f64 > 0.8 * self_employed as f64);
}
