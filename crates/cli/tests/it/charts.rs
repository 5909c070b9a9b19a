//! `--chart`: pictures say the numbers that are printed.

use std::fs;

use serde_json::{Value, json};

use super::bank::Bank;

/// Four customers look, three of them ask, one of those signs; the fourth asks without having looked.
const ROWS: &str = "1,1,2024-01-01,1.00,look\n2,1,2024-01-02,1.00,ask\n3,1,2024-01-03,1.00,sign\n\
    4,2,2024-01-01,1.00,look\n5,2,2024-01-04,1.00,ask\n6,3,2024-01-08,1.00,look\n7,3,2024-01-09,1.00,ask\n\
    8,4,2024-01-09,1.00,look\n9,5,2024-01-09,1.00,ask\n";
const STEPS: [&str; 8] =
    ["--from", "transaction", "--step", "kind = 'look'", "--step", "kind = 'ask'", "--step", "kind = 'sign'"];

fn loaded() -> Bank {
    let bank = Bank::new(5);
    bank.bookings("bookings.csv", ROWS);
    bank.ingest();
    bank
}

/// Runs a journey twice, without a picture and with one; what is printed must be the same. The picture.
#[track_caller]
fn drawn(bank: &Bank, args: &[&str], name: &str, more: &[&str]) -> Vec<u8> {
    let path = bank.path(name);
    let plain = bank.run(args).ok();
    let with_chart = [args, &["--chart", path.to_str().unwrap()], more].concat();
    assert_eq!(bank.run(&with_chart).ok(), plain, "{args:?}");
    fs::read(path).unwrap()
}

fn counts(json: &str) -> Vec<u64> {
    let answer: Value = serde_json::from_str(json).unwrap();
    let steps = answer["values"][0]["steps"].as_array().unwrap();
    steps.iter().map(|step| step["customers"].as_u64().unwrap()).collect()
}

#[test]
fn a_funnels_picture_says_what_is_printed() {
    let bank = loaded();
    let args = [["funnel"].as_slice(), &STEPS, &["--json"]].concat();
    let svg = String::from_utf8(drawn(&bank, &args, "funnel.svg", &[])).unwrap();
    let counts = counts(&bank.run(&args).ok());
    assert_eq!(counts, [4, 3, 1]);
    for said in ["4 (100.00 %)", "3 (75.00 %)", "1 (25.00 %)"] {
        assert!(svg.contains(&format!("<title>{said}</title>")), "{said} in {svg}");
    }
}

#[test]
fn every_journey_can_be_drawn_in_both_languages() {
    let bank = loaded();
    let journeys: [(&str, Vec<&str>, &str); 9] = [
        ("funnel", [STEPS.as_slice(), &["--trend", "week"]].concat(), "转化率趋势"),
        ("funnel", [STEPS.as_slice(), &["--distinguish", "kind"]].concat(), "未完成"),
        (
            "retention",
            vec!["--from", "transaction", "--start", "true", "--first", "2024-01-01", "--periods", "3"],
            "留存",
        ),
        ("sessions", vec!["--from", "transaction", "--name-by", "kind", "--gap", "2 days"], "会话"),
        ("paths", vec!["--from", "transaction", "--name-by", "kind", "--after", "look"], "路径"),
        ("next", vec!["--from", "transaction", "--name-by", "kind", "--after", "look"], "下一步"),
        ("stickiness", vec!["--from", "transaction", "--first", "2024-01-01", "--periods", "2"], "黏性"),
        ("rhythm", vec!["--from", "transaction"], "周一"),
        ("rules", vec!["--from", "transaction", "--item", "kind", "--customers-min", "1"], "提升度"),
    ];
    for (journey, options, word) in journeys {
        let args = [[journey].as_slice(), &options].concat();
        let svg = String::from_utf8(drawn(&bank, &args, "a.svg", &["--language", "zh", "--theme", "dark"])).unwrap();
        assert!(svg.starts_with("<svg") && svg.contains(word), "{journey}: {svg}");
        let svg = String::from_utf8(drawn(&bank, &args, "a.svg", &[])).unwrap();
        assert!(svg.chars().all(|c| c < '\u{2e80}'), "{journey}: {svg}");
    }
    let left: Vec<_> = fs::read_dir(bank.path("")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(left.iter().all(|name| !name.to_string_lossy().ends_with(".part")), "{left:?}");
}

#[test]
fn the_ending_of_the_file_says_what_it_becomes() {
    let bank = loaded();
    let args = [["funnel"].as_slice(), &STEPS].concat();
    let path = bank.path("a.png");
    let run = bank.run(&[args.as_slice(), &["--chart", path.to_str().unwrap()]].concat());
    if run.code == Some(1) && run.err.contains("no font") {
        eprintln!("skipped: {}", run.err);
    } else {
        run.ok();
        assert_eq!(fs::read(path).unwrap()[..4], *b"\x89PNG");
    }
    let run = bank.run(&[args.as_slice(), &["--chart", "a.gif"]].concat());
    assert_eq!(run.code, Some(2));
    assert!(run.err.contains(".svg or .png") && run.out.is_empty(), "{}", run.err);
    let err = bank.run(&[args.as_slice(), &["--chart", "nowhere/at/all/a.svg"]].concat()).refused();
    assert!(err.contains("cannot write `nowhere/at/all/a.svg`"), "{err}");
}

#[test]
fn a_picture_of_rules_says_confidence_lift_and_support() {
    let bank = loaded();
    let args = ["rules", "--from", "transaction", "--item", "kind", "--customers-min", "1", "--json"];
    let svg = String::from_utf8(drawn(&bank, &args, "rules.svg", &[])).unwrap();
    let answer: Value = serde_json::from_str(&bank.run(&args).ok()).unwrap();
    // Three of the four who look ask, as do four of all five: 0.75 / 0.8.
    let rules = answer["rules"].as_array().unwrap();
    let of = |rule: &&Value| rule["antecedent"] == json!(["look"]) && rule["consequent"] == json!(["ask"]);
    let rule = rules.iter().find(of).unwrap();
    assert_eq!((rule["customers"].as_u64(), rule["confidence"].as_f64()), (Some(3), Some(0.75)));
    for said in ["look → ask", "confidence 75.00 %, of all customers 80.00 %, lift × 0.94", "60.00 %"] {
        assert!(svg.contains(said), "{said} in {svg}");
    }
}
