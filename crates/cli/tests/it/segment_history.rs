//! `florin segment history`, the time line of a segment; and `florin rfm`.

use std::fs;

use serde_json::Value;

use super::bank::Bank;

const SEGMENT: &str = r#"
[[segment]]
name = "payers"
meaning = { zh = "付款客户", en = "customers who pay" }
purposes = ["analytics"]
where = { did = "transaction:card" }
"#;

#[test]
fn a_segments_time_line_is_told_and_drawn() {
    let bank = Bank::new(5);
    bank.write("segments/payers.toml", SEGMENT);
    bank.bookings("bookings.csv", "1,1,2024-01-01,1.00,card\n2,2,2024-01-02,1.00,card\n3,3,2024-01-02,1.00,cash\n");
    bank.ingest();
    bank.run(&["segment", "history", "payers"]).refused();
    bank.run(&["run", "payers"]).ok();
    bank.bookings("bookings2.csv", "4,4,2024-01-03,1.00,card\n5,5,2024-01-03,1.00,card\n");
    bank.ingest();
    let (svg, png) = (bank.path("payers.svg"), bank.path("payers.png"));
    let args = ["segment", "history", "payers", "--chart", svg.to_str().unwrap(), "--language", "zh"];
    let told = bank.run(&[args.as_slice(), &["--json"]].concat()).ok();
    let told: Value = serde_json::from_str(&told).unwrap();
    let moments = told["moments"].as_array().unwrap();
    let counts = |moment: &Value| ["size", "entered", "left"].map(|of| moment[of].as_u64().unwrap());
    assert_eq!(moments.iter().map(counts).collect::<Vec<_>>(), [[2, 2, 0], [4, 2, 0]]);
    let drawn = fs::read_to_string(&svg).unwrap();
    for said in ["付款客户［payers］", ": 2</title>", ": 4</title>", ": 进入 2</title>", ": 离开 0</title>"] {
        assert!(drawn.contains(said), "{said} in {drawn}");
    }
    // Nobody left, and everybody was there before: a line for the newcomers alone.
    let since = moments[1]["at"].as_i64().unwrap();
    let since = jiff::Timestamp::from_microsecond(since).unwrap().to_string();
    let table = bank.run(&["segment", "history", "payers", "--since", &since]).ok();
    assert!(table.lines().filter(|line| line.contains(&since)).count() == 1 && table.contains(" 4 "), "{table}");
    let run = bank.run(&["segment", "history", "payers", "--chart", png.to_str().unwrap(), "--theme", "dark"]);
    if !(run.code == Some(1) && run.err.contains("no font")) {
        run.ok();
        assert_eq!(fs::read(png).unwrap()[..4], *b"\x89PNG");
    }
    let err = bank.run(&["segment", "history", "nobody"]).refused();
    assert!(err.contains("payers"), "{err}");
}

#[test]
fn groups_by_recency_frequency_and_money_are_told_listed_saved_and_drawn() {
    let bank = Bank::new(3);
    bank.bookings(
        "bookings.csv",
        "1,1,2024-01-01,-1.00,a\n2,2,2024-01-02,-20.00,a\n3,2,2024-01-03,-10.01,a\n4,3,2023-12-02,-2.50,a\n",
    );
    bank.ingest();
    let asked = ["rfm", "--where", "direction = 'out'", "--as-of", "2024-01-31"];
    let run = |more: &[&str]| bank.run(&[asked.as_slice(), more].concat()).ok();
    let told: Value = serde_json::from_str(&run(&["--json"])).unwrap();
    let groups = told["groups"].as_array().unwrap();
    let best = groups.iter().find(|group| group["mean_money"] == "30.01").unwrap();
    assert_eq!((best["customers"].as_u64(), best["mean_frequency"].as_f64()), (Some(1), Some(2.0)));
    let name = best["group"].as_str().unwrap();
    assert_eq!(run(&["--list", name]).lines().count(), 1);
    assert!(run(&["--list", name, "--save-segment", "best"]).contains("1 customers are segment `best`, for analytics"));
    assert!(bank.run(&["segment", "list"]).ok().contains("best"));
    let svg = bank.path("rfm.svg");
    let table = run(&["--chart", svg.to_str().unwrap(), "--language", "zh"]);
    let drawn = fs::read_to_string(&svg).unwrap();
    assert!(table.contains(name) && drawn.contains("30.01") && drawn.contains("RFM 客户分组"), "{table}{drawn}");
    let err = bank.run(&[asked.as_slice(), &["--list", "nobody"]].concat()).refused();
    assert!(err.contains(name), "{err}");
}
