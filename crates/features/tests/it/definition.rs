//! What is said of wrong definitions, in which order traits are computed, and which are stale.

use std::collections::BTreeMap;

use florin_domain::{Catalogue, EventTime, Purpose};
use florin_features::{
    FeatureError, TraitFile, TraitRun, Traits,
    definition::{Reason, stale},
};
use proptest::prelude::*;

const FILE: &str = "traits/money.toml";

fn one(name: &str, sql: &str, more: &str) -> String {
    format!(
        "[[trait]]\nname = \"{name}\"\nmeaning = {{ zh = \"余额\", en = \"balance\" }}\ntype = \"decimal\"\nunit = \"CNY\"\n\
         class = \"C2\"\npurposes = [\"service\", \"analytics\"]\nsql = \"{sql}\"\n{more}\n"
    )
}

fn reads(name: &str, input: &str) -> String {
    one(name, &format!("SELECT customer_id, value FROM {input}"), "")
}

fn compile(text: &str) -> Result<Traits, String> {
    let file = TraitFile::parse(FILE, text).map_err(|p| p.to_string())?;
    let catalogue = Catalogue::new(Vec::new()).expect("no own tables");
    Traits::compile(&[(FILE.to_owned(), file)], &catalogue).map_err(|e| e.to_string())
}

#[track_caller]
fn refused(text: &str) -> String {
    compile(text).expect_err("refused")
}

#[test]
fn a_sound_trait_says_what_it_reads() {
    let text = one(
        "balance",
        "SELECT customer_id, avg(balance_after) AS value FROM transaction WHERE ts > as_of() - INTERVAL '30 days' GROUP BY customer_id",
        "fill = \"median\"",
    );
    let traits = compile(&text).expect("sound");
    let balance = traits.get("balance").expect("there");
    assert_eq!(balance.tables.iter().collect::<Vec<_>>(), ["transaction"]);
    assert!(balance.reads_time && balance.traits.is_empty());
    assert_eq!(balance.purposes, [Purpose::Service, Purpose::Analytics]);
    assert_eq!((traits.len(), traits.is_empty()), (1, false));
}

#[test]
fn mistakes_say_which_file_what_and_what_to_do() {
    let cases = [
        (
            reads("a", "transactoin"),
            "trait `a` reads `transactoin`, and there is no such table\n  help: did you mean `transaction`?",
        ),
        (
            reads("a", "traits.balanse") + &reads("balance", "account"),
            "trait `a` reads the trait `balanse`, and there is none\n  help: did you mean `balance`?",
        ),
        (reads("a", "balance") + &reads("balance", "account"), "help: `balance` is a trait: write `traits.balance`"),
        (reads("Balance", "account"), "`Balance` is no name of a trait\n  help: use a-z, 0-9 and _"),
        (reads("a", "account") + &reads("a", "account"), "trait `a` is defined in traits/money.toml too"),
        (one("a", "SELECT customer_id, now() AS value FROM event", ""), "`now` is the time of the machine"),
        (
            one("a", "SELECT customer_id, value FROM account", "fill = { constant = 0.5 }"),
            "money never goes through a float",
        ),
        (
            one("a", "SELECT customer_id, value FROM account", "fill = { median_by = \"regio\" }"),
            "reads the trait `regio`, and there is none",
        ),
        (
            one("a", "SELECT customer_id, value FROM account", "inputs = [\"event\"]"),
            "the `inputs` of trait `a` are not what its query reads\n  help: the query reads: account",
        ),
        (reads("a", "account").replace("zh = \"余额\"", "zh = \"\""), "does not say what it means"),
        (reads("a", "account").replace("\"C2\"", "\"identifying\""), "identifying values stay in the vault"),
        (reads("a", "account").replace("[\"service\", \"analytics\"]", "[]"), "may be used for nothing"),
        (reads("a", "account").replace("unit = \"CNY\"\n", ""), "a decimal without a unit"),
        (reads("a", "account").replace("\"decimal\"", "\"text\"") + "fill = \"median\"", "which has no median"),
    ];
    for (text, expected) in cases {
        let message = refused(&text);
        assert!(message.starts_with(FILE) && message.contains(expected), "{message}\n--- lacks\n{expected}");
    }
}

#[test]
fn an_unknown_key_is_refused_with_the_nearest() {
    let message = refused(&reads("a", "account").replace("purposes", "purpose"));
    assert!(message.contains("unknown field `purpose`") && message.contains("did you mean `purposes`?"), "{message}");
}

#[test]
fn a_problem_knows_its_line() {
    let text = reads("a", "transactoin");
    let file = TraitFile::parse(FILE, &text).expect("readable");
    let catalogue = Catalogue::new(Vec::new()).expect("no own tables");
    let Err(FeatureError::Definitions(problems)) = Traits::compile(&[(FILE.to_owned(), file)], &catalogue) else {
        panic!("refused")
    };
    assert_eq!(problems[0].line(&text), Some(8));
}

#[test]
fn cycles_are_named_in_the_order_of_reading() {
    let text =
        [reads("a", "traits.b"), reads("b", "traits.c"), reads("c", "traits.a"), reads("d", "traits.d")].concat();
    let message = refused(&text);
    assert!(message.contains("trait `a` reads `b`, which reads `c`, which reads `a`"), "{message}");
    assert!(message.contains("trait `d` reads `d`"), "{message}");
    assert_eq!(message.matches("which reads").count(), 2, "each cycle once: {message}");
}

#[test]
fn a_trait_that_groups_another_comes_first() {
    let grouped = one("a", "SELECT customer_id, value FROM account", "fill = { median_by = \"region\" }");
    let traits = compile(&(grouped + &reads("region", "customer").replace("\"decimal\"", "\"text\""))).expect("sound");
    assert_eq!(traits.in_order().map(|t| t.name.as_str()).collect::<Vec<_>>(), ["region", "a"]);
    let (tables, inputs) = traits.lineage("a");
    assert_eq!(
        (tables.into_iter().collect::<Vec<_>>(), inputs.into_iter().collect::<Vec<_>>()),
        (vec!["account", "customer"], vec!["region"])
    );
}

fn versions(tables: &[(&str, u64)]) -> BTreeMap<String, u64> {
    tables.iter().map(|(name, version)| ((*name).to_owned(), *version)).collect()
}

fn run_all(traits: &Traits, tables: &BTreeMap<String, u64>, as_of: EventTime) -> BTreeMap<String, TraitRun> {
    let mut runs = BTreeMap::new();
    for of in traits.in_order() {
        let run = TraitRun::plan(of, tables, &runs, as_of);
        runs.insert(of.name.clone(), run);
    }
    runs
}

#[test]
fn only_what_changed_and_what_reads_it_is_stale_and_it_is_said_why() {
    let timed = one("timed", "SELECT customer_id, as_of() AS value FROM event", "");
    let base = [reads("balance", "account"), reads("ratio", "traits.balance"), timed].concat();
    let traits = compile(&base).expect("sound");
    let (tables, noon) = (versions(&[("account", 3), ("event", 1)]), EventTime(12));
    let why = |traits: &Traits, runs: &BTreeMap<String, TraitRun>, tables: &BTreeMap<String, u64>, at| {
        stale(traits, runs, tables, at, &|from, to| from != to)
            .into_iter()
            .map(|s| (s.name, s.reasons))
            .collect::<Vec<_>>()
    };
    let name = |n: &str| n.to_owned();
    assert_eq!(why(&traits, &BTreeMap::new(), &tables, noon).len(), 3);
    let runs = run_all(&traits, &tables, noon);
    assert_eq!(why(&traits, &runs, &tables, noon), []);
    assert_eq!(
        why(&traits, &runs, &versions(&[("account", 4), ("event", 1)]), noon),
        [
            (name("balance"), vec![Reason::TableChanged { table: name("account"), from: 3, to: 4 }]),
            (name("ratio"), vec![Reason::InputStale { name: name("balance") }]),
        ]
    );
    assert_eq!(
        why(&traits, &runs, &tables, EventTime(13)),
        [(name("timed"), vec![Reason::TimeMoved { from: noon, to: EventTime(13) }])]
    );
    let changed = compile(&base.replace("FROM traits.balance", "FROM traits.balance WHERE value > 0")).expect("sound");
    assert_eq!(why(&changed, &runs, &tables, noon), [(name("ratio"), vec![Reason::DefinitionChanged])]);
    let reworded = compile(&base.replace("余额", "账户余额")).expect("sound");
    assert_eq!(why(&reworded, &runs, &tables, noon), [], "words change no value");
    let mut later = runs.clone();
    let balance = TraitRun::plan(traits.get("balance").expect("there"), &tables, &runs, EventTime(99));
    later.insert(name("balance"), balance);
    assert_eq!(
        why(&traits, &later, &tables, noon),
        [(name("ratio"), vec![Reason::InputChanged { name: name("balance") }])]
    );
}

proptest! {
    #[test]
    fn every_trait_comes_after_those_it_reads(edges in prop::collection::vec((0_usize..12, 0_usize..12), 0..30)) {
        // Edges from larger to smaller numbers only: no cycles.
        let mut text = String::new();
        for node in 0..12 {
            let inputs: Vec<String> = edges.iter().filter(|(a, b)| a.max(b) == &node && a != b).map(|(a, b)| format!("traits.t{}", a.min(b))).collect();
            let from = if inputs.is_empty() { "account".to_owned() } else { inputs.join(" NATURAL JOIN ") };
            text += &reads(&format!("t{node}"), &from);
        }
        let traits = compile(&text).expect("sound");
        let mut done = std::collections::BTreeSet::new();
        for of in traits.in_order() {
            prop_assert!(of.traits.iter().all(|input| done.contains(input)));
            done.insert(of.name.clone());
        }
        prop_assert_eq!(done.len(), 12);
    }
}
