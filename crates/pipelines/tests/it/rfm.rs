//! Groups by recency, frequency and money.

use std::{collections::BTreeMap, fmt::Write as _};

use florin_domain::{EventTime, Purpose};
use florin_features::rfm::{Activity, Group, score};
use florin_pipelines::rfm::RfmDef;

use crate::support::{NOW, Rng, TestBank, map, moment};

const OPEN: Purpose = Purpose::Risk;
const USERS: usize = 40;
const DAY: i64 = 86_400_000_000;

/// Payments: user, days before now, amount. Some of more than a year ago.
fn payments() -> Vec<(usize, i64, i64)> {
    let mut rng = Rng::new(9);
    let mut all = Vec::new();
    for user in 1..=USERS {
        for _ in 0..rng.below(12) {
            all.push((user, 1 + rng.below(400) as i64, 1 + rng.below(500) as i64));
        }
    }
    all
}

async fn loaded() -> TestBank {
    let bank = TestBank::new();
    bank.app_users(USERS);
    bank.without_marketing(&[1, 2, 3]);
    let select = "select key('paid', x.id) as transaction_id, customer_id('app', x.who) as customer_id, x.at as ts, x.amount as amount, \
                  'out' as direction, x.at as known_at from b_paid x";
    let columns = ["id \"int\"", "who \"int\"", "amount \"decimal\"", "at \"timestamp\""];
    bank.source("b_paid", &columns, &map("transaction", select));
    let mut text = "id,who,amount,at\n".to_owned();
    for (id, (user, days, amount)) in payments().into_iter().enumerate() {
        let at = jiff::Timestamp::from_microsecond(NOW - days * DAY).unwrap();
        writeln!(text, "{id},{user},{amount},{at}").unwrap();
    }
    bank.write("data/b_paid.csv", text);
    assert_eq!(bank.ingest().await.total().quarantined, 0);
    bank
}

fn paid() -> RfmDef {
    RfmDef { condition: "direction = 'out'".to_owned(), ..RfmDef::default() }
}

/// Who is in which group, from the payments that were known so many days before now.
fn by_hand(before: i64) -> BTreeMap<Group, Vec<u32>> {
    let mut of: BTreeMap<u32, (i64, i64, i128)> = BTreeMap::new();
    for (user, days, amount) in payments().into_iter().filter(|p| p.1 >= before && p.1 - before < 365) {
        let one = of.entry(u32::try_from(user).unwrap()).or_insert((i64::MAX, 0, 0));
        *one = (one.0.min(days - before), one.1 + 1, one.2 + i128::from(amount) * 10_000);
    }
    let recency_days: Vec<_> = of.values().map(|one| Some(one.0)).collect();
    let (frequency, monetary): (Vec<_>, Vec<_>) = of.values().map(|one| (one.1, one.2)).unzip();
    let scores = score(Activity { recency_days: &recency_days, frequency: &frequency, monetary: &monetary }).unwrap();
    let mut groups: BTreeMap<Group, Vec<u32>> = BTreeMap::new();
    for (customer, scores) in of.keys().zip(scores) {
        groups.entry(scores.unwrap().group()).or_default().push(*customer);
    }
    groups
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_are_those_of_the_scores_and_open_to_their_customers() {
    let bank = loaded().await;
    let house = bank.open("owner").await;
    for before in [0, 30] {
        let as_of = (before > 0).then(|| EventTime(NOW - before * DAY));
        let answer = house.asking(OPEN, as_of).await.unwrap().rfm(&paid()).await.unwrap();
        let found: BTreeMap<_, Vec<u32>> =
            answer.groups.iter().map(|g| (g.group, g.customers.iter().collect())).collect();
        assert_eq!((found, answer.untold), (by_hand(before), 0), "{before} days ago");
        let money: i128 = answer.groups.iter().map(|group| group.monetary).sum();
        let all = payments().into_iter().filter(|p| p.1 >= before && p.1 - before < 365);
        assert_eq!(money, all.map(|p| i128::from(p.2) * 10_000).sum::<i128>());
    }
    let asking = house.asking(OPEN, None).await.unwrap();
    let answer = asking.rfm(&paid()).await.unwrap();
    let group = &answer.groups[0];
    asking.save_segment("best", &asking.rfm_number(&paid(), group).unwrap()).await.unwrap();
    let later = house.asking(OPEN, None).await.unwrap();
    assert_eq!(later.members("best").await.unwrap(), group.customers);
    assert_eq!(later.segment_view("best", None).await.unwrap().saved.unwrap().kind, "rfm");
}

#[tokio::test(flavor = "multi_thread")]
async fn consent_classes_and_names_hold_for_groups_too() {
    let bank = loaded().await;
    let house = bank.open("owner").await;
    let marketing = house.asking(Purpose::Marketing, None).await.unwrap().rfm(&paid()).await.unwrap();
    assert!(marketing.groups.iter().all(|group| [1, 2, 3].iter().all(|who| !group.customers.contains(*who))));
    // Who may not see amounts learns in which group nobody is.
    let dan = bank.open("dan").await.asking(Purpose::Analytics, None).await.unwrap().rfm(&paid()).await;
    assert!(dan.is_err() || dan.is_ok_and(|answer| answer.groups.is_empty()));
    let from = RfmDef { from: "transaction\" --".to_owned(), ..paid() };
    house.asking(OPEN, None).await.unwrap().rfm(&from).await.expect_err("no name of a table");
    let early = house.asking(OPEN, Some(EventTime(moment("2020-01-01")))).await.unwrap().rfm(&paid()).await.unwrap();
    assert!(early.groups.is_empty());
}
