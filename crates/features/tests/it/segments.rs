//! The language of segments: what is refused, and who belongs.

use florin_domain::{Catalogue, EventTime};
use florin_features::{
    SegmentFile, Segments, TraitFile, Traits, Value,
    segments::{
        Facts, Holding, Known, Membership, Predicate, Truth,
        behaviour::{Event, Now},
        evaluate,
    },
};
use jiff::{civil::date, tz::TimeZone};
use proptest::prelude::*;

const FILE: &str = "segments/test.toml";

fn traits() -> Traits {
    let one = |name: &str, ty: &str, purposes: &str| {
        format!(
            "[[trait]]\nname = \"{name}\"\nmeaning = {{ zh = \"值\", en = \"value\" }}\ntype = \"{ty}\"\nunit = \"1\"\nclass = \"C2\"\n\
             purposes = [{purposes}]\nsql = \"SELECT customer_id, 1 AS value FROM customer\"\n"
        )
    };
    let all = "\"service\", \"analytics\", \"marketing\"";
    let text = [
        one("balance", "decimal", all),
        one("region", "text", all),
        one("age", "int", all),
        one("risk_score", "float", "\"risk\""),
    ];
    let file = TraitFile::parse("traits/test.toml", &text.concat()).expect("readable");
    Traits::compile(&[("traits/test.toml".into(), file)], &Catalogue::new(vec![]).expect("no own")).expect("sound")
}

fn segment(name: &str, body: &str) -> String {
    format!(
        "[[segment]]\nname = \"{name}\"\nmeaning = {{ zh = \"人群\", en = \"a group\" }}\npurposes = [\"marketing\"]\n{body}\n"
    )
}

fn compile(text: &str) -> Result<Segments, String> {
    let file = SegmentFile::parse(FILE, text).map_err(|p| p.to_string())?;
    Segments::compile(&[(FILE.to_owned(), file)], &traits()).map_err(|e| e.to_string())
}

#[track_caller]
fn predicate(body: &str) -> Predicate {
    let text =
        segment("s", &format!("where = {body}")) + &segment("other", "where = { trait = \"age\", at_least = 1 }");
    match compile(&text).expect("sound").get("s").expect("there").membership.clone() {
        Membership::Where(predicate) => predicate,
        Membership::Clusters(_) => panic!("a predicate"),
    }
}

#[derive(Default)]
struct Customer {
    balance: Option<(i128, bool)>,
    region: Option<&'static str>,
    holdings: Vec<Holding<'static>>,
    events: Vec<Event<'static>>,
    other: Option<bool>,
}

impl Facts for Customer {
    fn value(&self, name: &str) -> Option<Known> {
        match name {
            "balance" => self.balance.map(|(v, filled)| Known { value: Value::Decimal(v), filled }),
            "region" => self.region.map(|v| Known { value: Value::Text(v.to_owned()), filled: false }),
            _ => None,
        }
    }

    fn holdings(&self) -> &[Holding<'_>] {
        &self.holdings
    }

    fn events(&self) -> &[Event<'_>] {
        &self.events
    }

    fn member(&self, _: &str, _: Option<u32>) -> Truth {
        self.other.map_or(Truth::Unknown, Truth::from)
    }
}

fn shanghai() -> TimeZone {
    TimeZone::get("Asia/Shanghai").expect("bundled")
}

/// A time in Shanghai.
fn at(day: i8, hour: i8) -> EventTime {
    let local = date(2024, 3, day).at(hour, 0, 0, 0).to_zoned(shanghai()).expect("a time");
    EventTime(local.timestamp().as_microsecond())
}

fn now() -> Now {
    Now { as_of: at(20, 12), zone: shanghai() }
}

fn did(name: &'static str, ts: EventTime) -> Event<'static> {
    Event { ts, name, channel: Some("app"), amount: Some(10_000) }
}

fn holds(body: &str, customer: &Customer) -> Truth {
    evaluate(&predicate(body), customer, &now())
}

#[test]
fn mistakes_say_which_file_what_and_what_to_do() {
    let cases = [
        (
            "where = { trait = \"balanse\", at_least = 1 }",
            "names the trait `balanse`, and there is none\n  help: did you mean `balance`?",
        ),
        (
            "where = { segment = \"othr\" }",
            "names the segment `othr`, and there is none\n  help: did you mean `other`?",
        ),
        (
            "where = { trait = \"balance\", at_least = 0.5 }",
            "`balance` is a decimal, and `0.5` is none\n  help: write a whole number, or a text",
        ),
        (
            "where = { trait = \"region\", at_least = \"a\" }",
            "`region` is a text, which has no range\n  help: use `is` or `is_not`",
        ),
        ("where = { trait = \"age\" }", "the test of `age` is not one test"),
        ("where = { trait = \"age\", at_least = 1, more_than = 1 }", "the test of `age` is not one test"),
        (
            "where = { trait = \"age\", is = 1, for_days = 3 }",
            "`for_days` does not go with `trait`\n  help: beside `trait` may stand: is, is_not",
        ),
        ("where = { trait = \"age\", did = \"x\", is = 1 }", "has trait and did of `all`"),
        ("where = { }", "has none of `all`"),
        ("where = { all = [] }", "`all` has no parts"),
        ("where = { did = \"x\", at_least_times = 3, at_most_times = 2 }", "how often `x` was done cannot be"),
        ("where = { did = \"x\", at_least_times = 0 }", "for \"never\" write `did_not`"),
        ("where = { did = \"x\", in_last_days = 3, in_last_hours = 3 }", "one window in days and in hours"),
        ("where = { sequence = [\"x\"] }", "a sequence of 1 steps"),
        ("where = { segment = \"other\", cluster = 2 }", "segment `other` is no clustering"),
        (
            "where = { trait = \"risk_score\", at_least = 0.5 }",
            "segment `s` is for marketing, and the trait `risk_score` it names is not",
        ),
        ("", "has neither of `where` and `cluster`"),
        (
            "cluster = { traits = [\"region\"], method = { k_means = { clusters_min = 2, clusters_max = 4 } } }",
            "clusters by `region`, which is a text",
        ),
        (
            "cluster = { traits = [\"age\"], method = { k_means = { clusters_min = 5, clusters_max = 4 } } }",
            "the clustering of segment `s` cannot be",
        ),
        ("where = { trait = \"age\", at_leest = 1 }", "did you mean `at_least`?"),
    ];
    for (body, expected) in cases {
        let text = segment("s", body) + &segment("other", "where = { trait = \"age\", at_least = 1 }");
        let message = compile(&text).expect_err(body);
        assert!(message.starts_with(FILE) && message.contains(expected), "{message}\n--- lacks\n{expected}");
    }
}

#[test]
fn cycles_between_segments_are_named() {
    let text = segment("a", "where = { not = { segment = \"b\" } }")
        + &segment("b", "where = { any = [{ segment = \"a\" }] }");
    let message = compile(&text).expect_err("a cycle");
    assert!(message.contains("segment `a` reads `b`, which reads `a`"), "{message}");
}

#[test]
fn segments_come_after_those_they_name_and_say_what_they_depend_on() {
    let text = segment(
        "a",
        "where = { all = [{ segment = \"z\", cluster = 1 }, { did = \"login\", in_last_days = 3 }] }",
    ) + &segment(
        "z",
        "cluster = { traits = [\"age\", \"balance\"], method = { density = { cluster_size_min = 40 } }, seed = 3 }",
    );
    let segments = compile(&text).expect("sound");
    assert_eq!(segments.in_order().map(|s| s.name.as_str()).collect::<Vec<_>>(), ["z", "a"]);
    let Membership::Where(predicate) = &segments.get("a").expect("there").membership else { panic!("a predicate") };
    let upkeep = predicate.upkeep();
    assert!(upkeep.time && !upkeep.row_by_row() && upkeep.events.contains("login") && upkeep.segments.contains("z"));
    assert!(self::predicate("{ did = \"login\" }").upkeep().row_by_row());
}

#[test]
fn what_is_not_known_is_neither_so_nor_not_so() {
    let unknown = Customer::default();
    let rich = Customer { balance: Some((500_000, false)), ..Customer::default() };
    let filled = Customer { balance: Some((500_000, true)), ..Customer::default() };
    let test = "{ trait = \"balance\", at_least = 50 }";
    assert_eq!(holds(test, &rich), Truth::True);
    assert_eq!(holds(test, &unknown), Truth::Unknown);
    assert_eq!(holds("{ not = { trait = \"balance\", at_least = 50 } }", &unknown), Truth::Unknown);
    assert_eq!(holds("{ trait = \"balance\", more_than = 50 }", &rich), Truth::False);
    assert_eq!(holds("{ trait = \"balance\", at_least = \"49.9999\", less_than = \"50.0001\" }", &rich), Truth::True);
    assert_eq!(holds(test, &filled), Truth::True);
    assert_eq!(holds("{ trait = \"balance\", at_least = 50, measured = true }", &filled), Truth::Unknown);
    assert_eq!(holds("{ trait = \"balance\", missing = true, measured = true }", &filled), Truth::True);
    assert_eq!(holds("{ any = [{ trait = \"balance\", at_least = 50 }, { did_not = \"x\" }] }", &unknown), Truth::True);
    assert_eq!(holds("{ all = [{ trait = \"balance\", at_least = 50 }, { did = \"x\" }] }", &unknown), Truth::False);
    assert_eq!(holds("{ trait = \"region\", is_not = [\"east\"] }", &unknown), Truth::Unknown);
    let north = Customer { region: Some("north"), ..Customer::default() };
    assert_eq!(holds("{ trait = \"region\", is_not = [\"east\"] }", &north), Truth::True);
    assert_eq!(holds("{ trait = \"region\", is = \"north\" }", &north), Truth::True);
}

#[test]
fn a_window_in_days_is_natural_days_of_the_banks_time_zone() {
    // Midnight of 18 March in Shanghai is still 17 March in UTC.
    let first = Customer { events: vec![did("login", at(18, 0))], ..Customer::default() };
    let before = Customer { events: vec![did("login", EventTime(at(18, 0).0 - 1))], ..Customer::default() };
    assert_eq!(holds("{ did = \"login\", in_last_days = 2 }", &first), Truth::True);
    assert_eq!(holds("{ did = \"login\", in_last_days = 2 }", &before), Truth::False);
    assert_eq!(holds("{ did_not = \"login\", in_last_days = 2 }", &before), Truth::True);
    let hours = |ts| {
        holds(
            "{ did = \"login\", in_last_hours = 24 }",
            &Customer { events: vec![did("login", ts)], ..Customer::default() },
        )
    };
    assert_eq!(hours(at(19, 12)), Truth::False, "the moment 24 hours ago is excluded");
    assert_eq!(hours(EventTime(at(19, 12).0 + 1)), Truth::True);
    assert_eq!(hours(EventTime(now().as_of.0 + 1)), Truth::False, "the future is never looked at");
    assert_eq!(hours(now().as_of), Truth::True);
}

#[test]
fn how_often_where_and_how_much_count() {
    let customer = Customer {
        events: vec![did("pay", at(1, 1)), did("pay", at(2, 1)), did("look", at(3, 1))],
        ..Customer::default()
    };
    assert_eq!(holds("{ did = \"pay\", at_least_times = 2 }", &customer), Truth::True);
    assert_eq!(holds("{ did = \"pay\", at_least_times = 3 }", &customer), Truth::False);
    assert_eq!(holds("{ did = \"pay\", at_most_times = 1 }", &customer), Truth::False);
    assert_eq!(holds("{ did = \"pay\", at_most_times = 2 }", &customer), Truth::True);
    assert_eq!(holds("{ did = \"nothing\", at_most_times = 2 }", &customer), Truth::True);
    assert_eq!(holds("{ did = \"pay\", channel = \"web\" }", &customer), Truth::False);
    assert_eq!(holds("{ did = \"pay\", amount_at_least = 1 }", &customer), Truth::True);
    assert_eq!(holds("{ did = \"pay\", amount_at_least = \"1.0001\" }", &customer), Truth::False);
}

#[test]
fn steps_follow_one_another_in_time_and_within_the_window() {
    let with = |events: &[(&'static str, EventTime)]| Customer {
        events: events.iter().map(|(name, ts)| did(name, *ts)).collect(),
        ..Customer::default()
    };
    let funnel =
        |customer: &Customer, more: &str| holds(&format!("{{ sequence = [\"view\", \"apply\"]{more} }}"), customer);
    let slow = with(&[("view", at(1, 10)), ("other", at(2, 10)), ("apply", at(4, 10))]);
    assert_eq!(funnel(&slow, ""), Truth::True);
    assert_eq!(funnel(&slow, ", within_days = 3"), Truth::True);
    assert_eq!(funnel(&slow, ", within_days = 2"), Truth::False);
    assert_eq!(funnel(&slow, ", within_hours = 72"), Truth::True);
    assert_eq!(funnel(&slow, ", within_hours = 71"), Truth::False);
    assert_eq!(funnel(&slow, ", in_last_days = 17"), Truth::False, "the first step lies before the window");
    assert_eq!(
        funnel(&with(&[("view", at(1, 1)), ("view", at(4, 9)), ("apply", at(4, 10))]), ", within_hours = 1"),
        Truth::True
    );
    assert_eq!(funnel(&with(&[("apply", at(1, 1)), ("view", at(2, 1))]), ""), Truth::False);
    assert_eq!(
        funnel(&with(&[("view", at(1, 1)), ("apply", at(1, 1))]), ""),
        Truth::False,
        "at one moment, neither is first"
    );
}

#[test]
fn a_holding_counts_while_it_lasts() {
    let held = |since, until| Customer {
        holdings: vec![Holding { family: "fund", name: "Steady", since, until }],
        ..Customer::default()
    };
    assert_eq!(holds("{ holds = \"fund\" }", &held(at(20, 12), None)), Truth::True);
    assert_eq!(holds("{ holds = \"Steady\" }", &held(at(20, 12), None)), Truth::True);
    assert_eq!(holds("{ holds = \"fund\" }", &held(at(1, 1), Some(at(20, 12)))), Truth::False);
    assert_eq!(holds("{ holds = \"fund\", for_days = 2 }", &held(at(18, 23), None)), Truth::True);
    assert_eq!(holds("{ holds = \"fund\", for_days = 2 }", &held(at(19, 0), None)), Truth::False);
}

/// Every way to choose events for the steps, tried.
fn brute_force(events: &[(usize, i64)], steps: &[usize], from: i64, start: Option<i64>, window: Option<i64>) -> bool {
    let Some((&step, rest)) = steps.split_first() else { return true };
    events.iter().filter(|(name, ts)| *name == step && *ts > from).any(|(_, ts)| {
        let first = start.unwrap_or(*ts);
        window.is_none_or(|w| ts - first <= w) && brute_force(events, rest, *ts, Some(first), window)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn sequences_agree_with_trying_every_choice_of_events(
        mut events in prop::collection::vec((0_usize..3, 0_i64..12), 0..9),
        steps in prop::collection::vec(0_usize..3, 2..4),
        hours in prop::option::of(0_u32..8),
    ) {
        const NAMES: [&str; 3] = ["a", "b", "c"];
        const HOUR: i64 = 3_600_000_000;
        events.sort_by_key(|(_, ts)| *ts);
        let names: Vec<String> = steps.iter().map(|s| format!("\"{}\"", NAMES[*s])).collect();
        let window = hours.map_or(String::new(), |h| format!(", within_hours = {h}"));
        let customer = Customer { events: events.iter().map(|(name, ts)| did(NAMES[*name], EventTime(ts * HOUR))).collect(), ..Customer::default() };
        let found = holds(&format!("{{ sequence = [{}]{window} }}", names.join(", ")), &customer);
        let expected = brute_force(&events, &steps, i64::MIN, None, hours.map(i64::from));
        prop_assert_eq!(found, Truth::from(expected));
    }
}
