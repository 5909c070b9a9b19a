//! Funnels, retention, sessions and paths, asked of a bank.

use std::{collections::BTreeMap, fmt::Write as _};

use florin_analytics::{
    FunnelDef, HoldersDef, NextDef, PathsDef, PeriodDef, RetentionDef, RhythmDef, RowsDef, RulesDef, SessionsDef,
    StickinessDef,
    funnel::{ExclusionDef, StepDef},
    retention::{CohortsDef, CountsDef},
};
use florin_domain::{CustomerId, EventTime, Purpose};
use florin_pipelines::{FlowError, House, bank::Bank, care::optimize, load::Silent, resolve::merge};

use crate::support::{Rng, TestBank, moment};

/// A purpose that needs no consent here.
const OPEN: Purpose = Purpose::Risk;
const NAMES: [&str; 5] = ["open", "look", "start", "submit", "error"];
const USERS: usize = 60;
const MINUTE: i64 = 60_000_000;

/// Made-up events: user, time in microseconds, name, device.
fn made_up() -> Vec<(usize, i64, &'static str, &'static str)> {
    let mut rng = Rng::new(11);
    let mut events = Vec::new();
    for user in 1..=USERS {
        let mut at = moment("2025-03-01") + rng.below(20 * 1440) as i64 * MINUTE;
        for _ in 0..rng.below(30) {
            // No two at one moment, which would have no order.
            at += (1 + rng.below(600)) as i64 * MINUTE;
            events.push((user, at, *rng.pick(&NAMES), *rng.pick(&["ios", "android", "web"])));
        }
    }
    events
}

fn bank() -> TestBank {
    let bank = TestBank::new();
    bank.app_users(USERS);
    let event = "[[map]]\ninto = \"event\"\nselect = \"select key('event', e.id) as event_id, customer_id('app', e.user) as \
                 customer_id, e.ts as ts, e.name as name, e.device as device, e.ts as known_at from b_event e\"\n";
    bank.source(
        "b_event",
        &["id \"int\"", "user \"int\"", "ts \"timestamp\"", "name \"text\"", "device \"text\""],
        event,
    );
    // In two files, so that a bucket has several.
    let events = made_up();
    let (first, second) = events.split_at(events.len() / 2);
    bank.write("data/b_event_1.csv", lines(0, first));
    bank.write("data/b_event_2.csv", lines(first.len(), second));
    bank.without_marketing(&[1, 2, 3]);
    bank
}

fn lines(first: usize, events: &[(usize, i64, &str, &str)]) -> String {
    let mut text = "id,user,ts,name,device\n".to_owned();
    for (id, (user, at, name, device)) in (first..).zip(events) {
        let at = jiff::Timestamp::from_microsecond(*at).unwrap();
        writeln!(text, "{id},{user},{at},{name},{device}").unwrap();
    }
    text
}

async fn loaded() -> (TestBank, House) {
    let bank = bank();
    assert_eq!(bank.ingest().await.total().quarantined, 0);
    let house = bank.open("owner").await;
    (bank, house)
}

fn step(name: &str) -> StepDef {
    StepDef { name: name.to_owned(), condition: format!("name = '{name}'"), within: None }
}

fn funnel(steps: &[&str]) -> FunnelDef {
    FunnelDef {
        steps: steps.iter().map(|s| step(s)).collect(),
        within: Some("3 days".to_owned()),
        ..FunnelDef::default()
    }
}

/// How many come how far, by trying every chain of events.
fn by_hand(events: &[(usize, i64, &str, &str)], steps: &[&str], within: i64) -> Vec<u64> {
    let mut furthest: BTreeMap<usize, usize> = BTreeMap::new();
    for (i, (user, start, name, _)) in events.iter().enumerate() {
        if *name != steps[0] {
            continue;
        }
        let mut reached = 1;
        let later = events.iter().skip(i + 1).filter(|(u, at, ..)| u == user && *at >= *start && *at <= start + within);
        for (_, _, name, _) in later {
            if reached < steps.len() && *name == steps[reached] {
                reached += 1;
            }
        }
        let best = furthest.entry(*user).or_default();
        *best = (*best).max(reached);
    }
    (1..=steps.len()).map(|step| furthest.values().filter(|reached| **reached >= step).count() as u64).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_funnel_counts_as_by_hand_and_every_count_is_a_list() {
    let (_bank, house) = loaded().await;
    let events = made_up();
    let asking = house.asking(OPEN, None).await.unwrap();
    for steps in [&["open", "look"][..], &["open", "look", "start", "submit"], &["error", "open", "error"]] {
        let answer = asking.journey(&funnel(steps)).await.unwrap();
        let counts = answer.values[0].found.counts();
        assert_eq!(counts, by_hand(&events, steps, 3 * 1440 * MINUTE), "{steps:?}");
        for (place, count) in counts.iter().enumerate() {
            assert_eq!(answer.reached(None, place + 1).unwrap().len(), *count);
        }
        let dropped = answer.dropped(None, 2).unwrap();
        assert_eq!(dropped.len(), counts[0] - counts[1]);
        assert_eq!(answer.reached(None, 9), None);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_breakdown_adds_up_and_comes_in_a_fixed_order() {
    let (_bank, house) = loaded().await;
    let asking = house.asking(OPEN, None).await.unwrap();
    let plain = asking.journey(&funnel(&["open", "look"])).await.unwrap();
    let by = FunnelDef { by: Some("device".to_owned()), trend: Some(PeriodDef::Week), ..funnel(&["open", "look"]) };
    let answer = asking.journey(&by).await.unwrap();
    let sums = answer.values.iter().fold([0, 0], |sums, value| {
        let counts = value.found.counts();
        [sums[0] + counts[0], sums[1] + counts[1]]
    });
    assert_eq!(sums.to_vec(), plain.values[0].found.counts(), "each customer has one first device");
    let values: Vec<_> = answer.values.iter().map(|v| v.value.clone().unwrap()).collect();
    let again = asking.journey(&by).await.unwrap();
    assert_eq!(again.values.iter().map(|v| v.value.clone().unwrap()).collect::<Vec<_>>(), values);
    let entered: u64 = answer.values.iter().flat_map(|v| &v.found.trend).map(|t| t.counts()[0]).sum();
    assert_eq!(entered, sums[0], "everybody entered in some week");
}

#[tokio::test(flavor = "multi_thread")]
async fn consent_and_persons_hold_for_journeys_too() {
    let (_bank, house) = loaded().await;
    let everybody = house.asking(OPEN, None).await.unwrap().journey(&funnel(&["open"])).await.unwrap();
    let marketing = house.asking(Purpose::Marketing, None).await.unwrap().journey(&funnel(&["open"])).await.unwrap();
    let (all, seen) = (everybody.reached(None, 1).unwrap(), marketing.reached(None, 1).unwrap());
    assert_eq!(seen, all.iter().filter(|customer| *customer > 3).collect());
    merge(&house, CustomerId(10), CustomerId(20), "one and the same").await.unwrap();
    let asking = house.asking(OPEN, None).await.unwrap();
    let merged = asking.journey(&funnel(&["open"])).await.unwrap().reached(None, 1).unwrap();
    assert!(!merged.contains(20) && merged.contains(10));
    // What either of them did is one story.
    let events: Vec<_> = made_up().into_iter().map(|e| if e.0 == 20 { (10, e.1, e.2, e.3) } else { e }).collect();
    let mut sorted = events.clone();
    sorted.sort_by_key(|e| (e.0, e.1));
    let steps = ["open", "look", "start"];
    let found = asking.journey(&funnel(&steps)).await.unwrap().values[0].found.counts();
    assert_eq!(found, by_hand(&sorted, &steps, 3 * 1440 * MINUTE));
}

/// What a list says literally in a condition on rows, a question in it says too: of persons, and of files in order or not.
#[tokio::test(flavor = "multi_thread")]
async fn who_is_behind_a_number_is_kept_only_as_long_as_the_number_is_the_same() {
    let (bank, house) = loaded().await;
    let def = FunnelDef { by: Some("device".to_owned()), ..funnel(&["open", "look", "submit"]) };
    let answers = bank.made().join("answers");
    let kept = || std::fs::read_dir(&answers).map_or(0, Iterator::count);
    let asked = async |purpose: Purpose| {
        let asking = house.asking(purpose, None).await.unwrap();
        let answer = asking.journey(&def).await.unwrap();
        asking.keep_behind(&def, &answer).await.unwrap();
        assert_eq!(asking.behind(&def).await.unwrap(), answer.sets());
        answer.sets()
    };
    asked(OPEN).await;
    assert_eq!(kept(), 0, "rows that lie in the table are read each time");
    optimize(&house, &[], &Silent).await.unwrap();
    let everybody = asked(OPEN).await;
    assert_eq!(kept(), 1);
    assert!(everybody.reached(Some("ios"), 1).unwrap().len() > 3);

    // What is kept is read: a file of the same name with another content is told from it by its digest, and asked anew.
    let file = std::fs::read_dir(&answers).unwrap().next().unwrap().unwrap().path();
    let bytes = std::fs::read(&file).unwrap();
    for damaged in [bytes[..bytes.len() - 1].to_vec(), [&bytes[..40], &[bytes[40] ^ 1], &bytes[41..]].concat(), vec![]]
    {
        std::fs::write(&file, damaged).unwrap();
        assert_eq!(house.asking(OPEN, None).await.unwrap().behind(&def).await.unwrap(), everybody);
    }
    assert_eq!(std::fs::read(&file).unwrap(), bytes);

    // Reading it is on record as asking is.
    let auditor = bank.open("cleo").await;
    let questions =
        async || auditor.audit_entries(500).await.unwrap().iter().filter(|e| format!("{e:?}").contains("bits")).count();
    let before = questions().await;
    house.asking(OPEN, None).await.unwrap().behind(&def).await.unwrap();
    assert_eq!(questions().await, before + 1);

    // Others see others: a purpose that three withdrew from.
    let marketing = asked(Purpose::Marketing).await;
    assert_eq!(kept(), 2);
    let all = |sets: &florin_analytics::FunnelSets| {
        ["ios", "android", "web"]
            .iter()
            .filter_map(|device| sets.reached(Some(device), 1))
            .fold(Default::default(), |a: roaring::RoaringBitmap, b| a | b)
    };
    assert_eq!((all(&everybody) - all(&marketing)).iter().collect::<Vec<_>>(), [1, 2, 3]);

    // One more row, and nothing that is kept is right.
    bank.write("data/b_event_3.csv", "id,user,ts,name,device\n9999999,4,2025-05-01T10:00:00Z,open,ios\n");
    bank.ingest().await;
    let later = asked(OPEN).await;
    assert!(all(&later).contains(4));
    optimize(&house, &[], &Silent).await.unwrap();
    assert_eq!(asked(OPEN).await, later);
    assert_eq!(kept(), 3);

    florin_pipelines::care::erase(&house, CustomerId(4)).await.unwrap();
    assert_eq!(kept(), 0, "whoever is erased is in no answer");
    assert!(!all(&asked(OPEN).await).contains(4));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_condition_on_rows_may_ask_a_question_of_its_own() {
    let (_bank, house) = loaded().await;
    merge(&house, CustomerId(10), CustomerId(20), "one and the same").await.unwrap();
    for optimized in [false, true] {
        if optimized {
            optimize(&house, &["event".to_owned()], &Silent).await.unwrap();
        }
        let asking = house.asking(OPEN, None).await.unwrap();
        let counts = async |condition: &str| {
            let rows = RowsDef { condition: Some(condition.to_owned()), ..RowsDef::default() };
            let visits = SessionsDef { rows: rows.clone(), gap: "2 h".to_owned(), ..SessionsDef::default() };
            let visits = asking.journey(&visits).await.unwrap().found;
            let asked = FunnelDef { rows, ..funnel(&["look", "open"]) };
            let steps = asking.journey(&asked).await.unwrap().values[0].found.counts();
            (steps, visits.sessions, visits.rows, visits.customers)
        };
        let literal = counts("name in ('look', 'open')").await;
        assert!(literal.0[1] > 0 && literal.1 > 0, "{literal:?}");
        for question in [
            "name in (select name from event where name < 'p' and name <> 'error')",
            "name not in (select name from event where name > 'p' or name = 'error')",
            "name <= (select max(name) from event where name < 'p') and name <> 'error'",
            "exists (select 1 from event e where e.name = event.name and e.name < 'p' and e.name <> 'error')",
        ] {
            assert_eq!(counts(question).await, literal, "optimized: {optimized}, {question}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_lie_in_order_are_neither_shuffled_nor_sorted() {
    let (_bank, house) = loaded().await;
    // No narrow projection answers what is asked of amounts.
    let dear = StepDef { condition: "name = 'open' and amount is null".to_owned(), ..step("open") };
    let asked = FunnelDef { steps: vec![dear, step("look")], ..funnel(&[]) };
    let plan = |text: String| [text.contains("SortExec"), text.contains("RepartitionExec")];
    let before = house.asking(OPEN, None).await.unwrap().explain_journey(&asked).await.unwrap();
    assert!(before.contains("RunsExec"), "{before}");
    optimize(&house, &["event".to_owned()], &Silent).await.unwrap();
    let after = house.asking(OPEN, None).await.unwrap().explain_journey(&asked).await.unwrap();
    assert_eq!(plan(after.clone()), [false, false], "{after}");
    assert!(after.contains("RunsExec"), "{after}");
}

#[tokio::test(flavor = "multi_thread")]
async fn retention_sessions_and_paths_count_as_by_hand() {
    let (_bank, house) = loaded().await;
    let events = made_up();
    let asking = house.asking(OPEN, None).await.unwrap();
    let def = RetentionDef {
        about: String::new(),
        rows: RowsDef::default(),
        start: "name = 'open'".to_owned(),
        returned: None,
        period: PeriodDef::Day,
        first: "2025-03-01".parse().unwrap(),
        periods: 40,
        cohorts: CohortsDef::FirstTime,
        counts: CountsDef::On,
    };
    let retention = asking.journey(&def).await.unwrap();
    let day = |at: i64| (at + 8 * 60 * MINUTE).div_euclid(1440 * MINUTE);
    let mut first: BTreeMap<usize, i64> = BTreeMap::new();
    let opens: Vec<_> = events.iter().filter(|e| e.2 == "open").collect();
    for e in &opens {
        first.entry(e.0).or_insert(day(e.1));
    }
    let start = day(moment("2025-03-01"));
    for cohort in 0..40i64 {
        let of_cohort: Vec<usize> = first.iter().filter(|(_, d)| **d == start + cohort).map(|(u, _)| *u).collect();
        assert_eq!(retention.found.count(cohort as usize, 0), Some(of_cohort.len() as u64));
        if cohort < 39 {
            let back = of_cohort.iter().filter(|u| opens.iter().any(|e| e.0 == **u && day(e.1) == start + cohort + 1));
            assert_eq!(retention.found.count(cohort as usize, 1), Some(back.count() as u64), "{cohort}");
        }
    }
    let sessions = asking.journey(&SessionsDef { gap: "2 h".to_owned(), ..SessionsDef::default() }).await.unwrap();
    let begins = (0..events.len())
        .filter(|&i| i == 0 || events[i - 1].0 != events[i].0 || events[i].1 - events[i - 1].1 > 120 * MINUTE);
    assert_eq!(sessions.found.sessions, begins.count() as u64);
    let paths = asking.journey(&PathsDef { after: Some("open".to_owned()), ..PathsDef::default() }).await.unwrap();
    let with_open = first.len() as u64;
    assert_eq!(paths.found.nodes[0].customers.len(), with_open);
    assert_eq!(paths.found.whole.iter().map(|p| p.customers.len()).sum::<u64>(), with_open);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_was_known_is_told_and_what_is_asked_is_on_record() {
    let (bank, house) = loaded().await;
    let as_of = Some(EventTime(moment("2025-03-10")));
    let asking = house.asking(OPEN, as_of).await.unwrap();
    let then = asking.journey(&funnel(&["open"])).await.unwrap();
    let known: Vec<_> = made_up().into_iter().filter(|e| e.1 <= moment("2025-03-10")).collect();
    assert_eq!(then.values[0].found.counts(), by_hand(&known, &["open"], MINUTE));
    let log = bank.open("cleo").await.audit_entries(5).await.unwrap();
    let text = format!("{log:?}");
    assert!(text.contains("bits") && !text.contains("'open'"), "values of a question are not on record: {text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_a_journey_is_said() {
    let (bank, house) = loaded().await;
    let asking = house.asking(OPEN, None).await.unwrap();
    let wrong = async |def: FunnelDef| match asking.journey(&def).await {
        Err(error) => {
            let cause = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
            format!("{error}: {cause}")
        }
        Ok(_) => panic!("{def:?}"),
    };
    let within = FunnelDef { within: Some("a while".to_owned()), ..funnel(&["open"]) };
    assert!(wrong(within).await.contains("`a while` is none"));
    let column = FunnelDef { steps: vec![StepDef { condition: "nme = 'x'".to_owned(), ..step("x") }], ..funnel(&[]) };
    assert!(wrong(column).await.contains("nme"));
    let exclusion = ExclusionDef { condition: "name = 'error'".to_owned(), after: 2, before: 1 };
    let excluded = FunnelDef { exclusions: vec![exclusion], ..funnel(&["open", "look"]) };
    assert!(wrong(excluded).await.contains("exclusion"));
    assert!(wrong(funnel(&[])).await.contains("at least one step"));
    bank.write(
        "journeys/bad.toml",
        "kind = \"funnel\"\nwithin = \"soon\"\n[[step]]\nname = \"a\"\nwhere = \"true\"\nwhen = 1\n",
    );
    let error = Bank::read(bank.path()).err().unwrap().to_string();
    assert!(error.contains("journeys/bad.toml") && error.contains("when"), "{error}");
    bank.write(
        "journeys/bad.toml",
        "kind = \"funnel\"\n[rows]\nfrom = \"no such table!\"\n[[step]]\nname = \"a\"\nwhere = \"true\"\n",
    );
    let error: FlowError = Bank::read(bank.path()).err().unwrap().into();
    assert!(error.to_string().contains("journeys/bad.toml"), "{error}");
}

/// Random funnels, each for a purpose: as many as the promise is made with, when asked for all.
#[tokio::test(flavor = "multi_thread")]
async fn random_funnels_count_as_by_hand_and_list_whom_they_count() {
    let (_bank, house) = loaded().await;
    let all = made_up();
    let consented: Vec<_> = all.iter().filter(|e| e.0 > 3).copied().collect();
    let askings = [house.asking(OPEN, None).await.unwrap(), house.asking(Purpose::Marketing, None).await.unwrap()];
    let mut rng = Rng::new(23);
    let mut converted = 0;
    for number in 0..200 {
        let mut steps: Vec<&str> = vec![*rng.pick(&NAMES)];
        for _ in 0..rng.below(4) {
            let next = *rng.pick(&NAMES);
            steps.extend((steps.last() != Some(&next)).then_some(next));
        }
        let minutes = 1 + rng.below(7 * 1440) as i64;
        let def = FunnelDef { within: Some(format!("{minutes} min")), ..funnel(&steps) };
        let (asking, events) = if rng.once_in(2) { (&askings[0], &all) } else { (&askings[1], &consented) };
        let answer = asking.journey(&def).await.unwrap();
        let expected = by_hand(events, &steps, minutes * MINUTE);
        let lists: Vec<u64> = (1..=steps.len()).map(|step| answer.reached(None, step).unwrap().len()).collect();
        assert_eq!(lists, expected, "funnel {number}: {steps:?} within {minutes} min");
        assert_eq!(answer.values[0].found.counts(), expected);
        converted += expected.last().copied().unwrap_or_default();
    }
    assert!(converted > 500, "random funnels are not all empty: {converted}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_next_how_often_when_and_together_counts_as_by_hand() {
    let (_bank, house) = loaded().await;
    let events = made_up();
    let asking = house.asking(OPEN, None).await.unwrap();
    let rows = RowsDef::default;
    let next = NextDef {
        about: String::new(),
        rows: rows(),
        name: "name".to_owned(),
        after: "open".to_owned(),
        within: Some("5 h".to_owned()),
    };
    let answer = asking.journey(&next).await.unwrap();
    let mut expected: BTreeMap<Option<&str>, u64> = BTreeMap::new();
    for (i, (user, at, ..)) in events.iter().enumerate().filter(|(_, e)| e.2 == "open") {
        let after = events.get(i + 1).filter(|e| e.0 == *user && e.1 - at <= 300 * MINUTE);
        *expected.entry(after.map(|e| e.2)).or_default() += 1;
    }
    let found: BTreeMap<Option<&str>, u64> = answer.found.iter().map(|(n, next)| (n.as_deref(), next.count)).collect();
    assert_eq!(found, expected);

    let rhythm = RhythmDef { about: String::new(), rows: rows(), activity: "name = 'look'".to_owned() };
    let rhythm = asking.journey(&rhythm).await.unwrap();
    let local_hour = |at: i64| (at + 8 * 60 * MINUTE).div_euclid(60 * MINUTE);
    let nine = events.iter().filter(|e| e.2 == "look" && local_hour(e.1).rem_euclid(24) == 9).count() as u64;
    assert_eq!((0..7).map(|day| rhythm.rows(day, 9)).sum::<u64>(), nine);

    let sticky = StickinessDef {
        about: String::new(),
        rows: rows(),
        activity: "true".to_owned(),
        active: PeriodDef::Day,
        within: PeriodDef::Month,
        first: "2025-03-01".parse().unwrap(),
        periods: 1,
    };
    let sticky = asking.journey(&sticky).await.unwrap();
    let mut days: BTreeMap<usize, std::collections::BTreeSet<i64>> = BTreeMap::new();
    let month = moment("2025-02-28T16:00:00Z")..moment("2025-03-31T16:00:00Z");
    for event in events.iter().filter(|e| month.contains(&e.1)) {
        days.entry(event.0).or_default().insert(local_hour(event.1).div_euclid(24));
    }
    for often in 1..=31 {
        let expected = days.values().filter(|days| days.len() == often).count() as u64;
        assert_eq!(sticky.found.exactly(0, often).len(), expected, "{often} days");
    }

    let rules = RulesDef {
        about: String::new(),
        rows: rows(),
        item: "device".to_owned(),
        customers_min: 5,
        confidence_min: 0.0,
        items_max: 2,
    };
    let rules = asking.journey(&rules).await.unwrap();
    let holders = asking.journey(&HoldersDef { rows: rows(), value: "device".to_owned() }).await.unwrap();
    let both = holders["ios"].intersection_len(&holders["web"]);
    let rule = rules
        .found
        .rules
        .iter()
        .find(|r| rules.names(&r.antecedent) == ["ios"] && rules.names(&r.consequent) == ["web"]);
    assert_eq!(rule.map(|r| r.both), Some(both));
    let ios = events.iter().filter(|e| e.3 == "ios").map(|e| e.0).collect::<std::collections::BTreeSet<_>>();
    assert_eq!(holders["ios"].len(), ios.len() as u64);
}
