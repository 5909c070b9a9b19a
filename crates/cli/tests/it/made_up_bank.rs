//! A bank that knows the truth, from its exports to its people: what was planted is found, and hardly anything else.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::File,
    process::Command,
};

use arrow::{
    array::{AsArray, RecordBatch},
    datatypes::Int64Type,
};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::bank::{Quarantined, report};

const SYSTEMS: [&str; 5] = ["core", "cards", "app", "crm", "contact"];

struct MadeUp {
    dir: tempfile::TempDir,
}

impl MadeUp {
    fn new(customers: &str) -> Self {
        let made = Self { dir: tempfile::tempdir().unwrap() };
        let out = made.at("bank");
        let seeded = ["--seed", "5", "--months", "3", "--activity", "0.2"];
        run(&[&["simulate", "--customers", customers, "--out", &out][..], &seeded].concat());
        made
    }

    fn at(&self, relative: &str) -> String {
        self.dir.path().join(relative).to_str().unwrap().to_owned()
    }

    #[track_caller]
    fn florin(&self, args: &[&str]) -> String {
        run(&[args, &["--bank", &self.at("bank")]].concat())
    }

    /// What is said to a command that cannot be done.
    #[track_caller]
    fn refused(&self, args: &[&str]) -> String {
        let at = self.at("bank");
        let output = Command::new(env!("CARGO_BIN_EXE_florin")).args(args).args(["--bank", &at]).output().unwrap();
        assert!(!output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stdout));
        String::from_utf8(output.stderr).unwrap()
    }

    /// The one row that a question of numbers is answered with.
    #[track_caller]
    fn numbers(&self, sql: &str) -> Vec<f64> {
        let csv = self.florin(&["sql", sql, "--purpose", "risk", "--format", "csv"]);
        csv.lines().nth(1).unwrap().split(',').map(|n| n.parse().unwrap()).collect()
    }

    /// A subject of the truth, whole.
    fn truth(&self, subject: &str) -> RecordBatch {
        let file = File::open(self.at(&format!("bank/truth/{subject}.parquet"))).unwrap();
        let reader = ParquetRecordBatchReaderBuilder::try_new(file).unwrap().build().unwrap();
        let batches: Vec<RecordBatch> = reader.map(Result::unwrap).collect();
        arrow::compute::concat_batches(&batches[0].schema(), &batches).unwrap()
    }

    /// Puts who is who beside the tables, where nothing that resolves looks.
    fn add_truth(&self) {
        let identity = self.truth("identity");
        let mut files: BTreeMap<String, String> = BTreeMap::new();
        for row in 0..identity.num_rows() {
            let person = identity.column_by_name("person").unwrap().as_primitive::<Int64Type>().value(row);
            let file = files.entry(text(&identity, "system", row)).or_insert_with(|| "key,person\n".to_owned());
            file.push_str(&format!("{},{person}\n", text(&identity, "key", row)));
        }
        assert!(SYSTEMS.iter().all(|system| files.contains_key(*system)), "{:?}", files.keys());
        std::fs::create_dir_all(self.at("bank/truth-split")).unwrap();
        std::fs::write(self.at("bank/tables/truth_identity.toml"), TABLE).unwrap();
        for system in SYSTEMS {
            std::fs::write(self.at(&format!("bank/truth-split/{system}.csv")), &files[system]).unwrap();
            let source = SOURCE.replace("SYSTEM", system);
            std::fs::write(self.at(&format!("bank/sources/zz_truth_{system}.toml")), source).unwrap();
        }
        std::fs::write(self.at("bank/truth-split/device.csv"), &files["device"]).unwrap();
        std::fs::write(self.at("bank/tables/truth_event.toml"), EVENT_TABLE).unwrap();
        std::fs::write(self.at("bank/sources/zz_truth_device.toml"), DEVICE_SOURCE).unwrap();
        std::fs::write(self.at("bank/sources/zz_truth_event.toml"), EVENT_SOURCE).unwrap();
    }
}

const TABLE: &str = r#"
name = "truth_identity"
about = "Who is who."
key = ["record_id"]
columns = [
    { name = "record_id", type = "int", class = "C1", required = true },
    { name = "customer_id", type = "int", class = "C1" },
    { name = "person", type = "int", class = "C1" },
]
"#;

const SOURCE: &str = r#"
[input]
files = ["truth-split/SYSTEM.csv"]
format = "delimited"
encoding = "utf-8"
[input.columns]
key = "text"
person = "int"

[[map]]
into = "truth_identity"
select = """
SELECT key('SYSTEM', t.key) AS record_id, customer_id('SYSTEM', t.key) AS customer_id, t.person AS person
FROM zz_truth_SYSTEM t
"""
"#;

/// Who did what, though the app did not know.
const EVENT_TABLE: &str = r#"
name = "truth_event"
about = "Whose event it was."
key = ["event_id"]
columns = [
    { name = "event_id", type = "int", class = "C1", required = true },
    { name = "person", type = "int", class = "C1" },
    { name = "anonymous", type = "bool", class = "C1" },
]
"#;

const DEVICE_SOURCE: &str = r#"
[input]
files = ["truth-split/device.csv"]
format = "delimited"
encoding = "utf-8"
[input.columns]
key = "text"
person = "int"
"#;

const EVENT_SOURCE: &str = r#"
[input]
files = ["exports/app/events_*.jsonl.gz"]
format = "json_lines"
encoding = "utf-8"
[input.columns]
id = "text"
visitor = "text"
user = "int"

[[map]]
into = "truth_event"
select = """
SELECT key('app.event', e.id) AS event_id, d.person AS person, e.user IS NULL AS anonymous
FROM zz_truth_event e LEFT JOIN zz_truth_device d ON d.key = e.visitor
"""
"#;

/// Events without a user: how many, how many of them have a customer now, and how many of those the right one.
const VISITORS: &str = "
    with people as (select customer_id, min(person) as person from truth_identity group by customer_id)
    select count(*), count(e.customer_id), sum(case when p.person = t.person then 1 else 0 end)
    from event e join truth_event t on t.event_id = e.event_id left join people p on p.customer_id = e.customer_id
    where t.anonymous and t.person is not null";

/// Pairs of records found to be one person, held for one, and truly one.
const PAIRS: &str = "
    with cells as (select customer_id, person, count(*) as n from truth_identity where customer_id is not null group by 1, 2)
    select (select cast(sum(n * (n - 1) / 2) as bigint) from cells) as found,
           (select cast(sum(n * (n - 1) / 2) as bigint) from (select sum(n) as n from cells group by customer_id) as a),
           (select cast(sum(n * (n - 1) / 2) as bigint) from (select sum(n) as n from cells group by person) as b)";

#[track_caller]
fn run(args: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_florin")).args(args).output().unwrap();
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn text(batch: &RecordBatch, column: &str, row: usize) -> String {
    let column =
        arrow::compute::cast(batch.column_by_name(column).unwrap(), &arrow::datatypes::DataType::Utf8).unwrap();
    column.as_string::<i32>().value(row).to_owned()
}

/// Where an error was planted, or a record put aside: file of the exports and row.
type Place = (String, u64);

fn planted(errors: &RecordBatch, found_as: Option<&str>) -> BTreeSet<Place> {
    let rows = (0..errors.num_rows()).filter(|&row| found_as.is_none_or(|f| text(errors, "found_as", row) == f));
    rows.map(|row| (text(errors, "file", row), text(errors, "row_number", row).parse().unwrap())).collect()
}

fn put_aside(listed: &str) -> BTreeSet<Place> {
    let records: Vec<Quarantined> = serde_json::from_str(listed).unwrap();
    let place = |record: &Quarantined| {
        let (_, file) = record.file.split_once("/exports/").unwrap();
        (file.to_owned(), record.row_number)
    };
    records.iter().map(place).collect()
}

#[test]
fn planted_errors_are_found_clean_records_are_stored_and_people_are_recognised() {
    let bank = MadeUp::new("400");
    bank.florin(&["apply"]);
    let loaded = report(&bank.florin(&["ingest", "--json"]));
    assert!(loaded.loads.iter().all(|load| load.failed.is_empty() && load.counts.add_up()));
    let read: u64 = loaded.loads.iter().map(|load| load.counts.read).sum();

    let errors = bank.truth("error");
    let aside = put_aside(&bank.florin(&["quarantine", "--rows", "1000000", "--json"]));
    let to_find = planted(&errors, Some("quarantined"));
    let found = to_find.intersection(&aside).count();
    assert!(found * 100 >= to_find.len() * 99 && to_find.len() > 30, "{found} of {}", to_find.len());
    let clean = aside.difference(&planted(&errors, None)).count() as u64;
    assert!(clean * 1000 <= read, "{clean} clean records of {read} were put aside");

    bank.add_truth();
    bank.florin(&["ingest"]);
    bank.florin(&["resolve"]);
    let pairs = bank.numbers(PAIRS);
    let (precision, recall) = (pairs[0] / pairs[1], pairs[0] / pairs[2]);
    assert!(precision >= 0.999 && recall >= 0.9, "precision {precision}, recall {recall}, pairs {pairs:?}");
    let visitors = bank.numbers(VISITORS);
    let (precision, recall) = (visitors[2] / visitors[1], visitors[2] / visitors[0]);
    assert!(precision >= 0.99 && recall >= 0.9, "precision {precision}, recall {recall}, visitors {visitors:?}");
    numbers_of_journeys_open_to_their_customers(&bank);
    bank.florin(&["audit", "verify"]);
}

/// The journeys of the bank directory, as people and as programs read them.
fn numbers_of_journeys_open_to_their_customers(bank: &MadeUp) {
    let funnel: serde_json::Value = serde_json::from_str(&bank.florin(&["funnel", "apply", "--json"])).unwrap();
    let value = &funnel["values"][0];
    let device = value["value"].as_str().unwrap();
    let counts: Vec<u64> = (0..4).map(|i| value["steps"][i]["customers"].as_u64().unwrap()).collect();
    assert!(counts.is_sorted_by(|a, b| a >= b) && counts[3] > 0, "{counts:?}");
    let listed = |more: &[&str]| {
        bank.florin(&[&["funnel", "apply", "--value", device][..], more].concat()).lines().count() as u64
    };
    assert_eq!([listed(&["--list", "1"]), listed(&["--list", "3"])], [counts[0], counts[2]]);
    assert_eq!(listed(&["--list", "3", "--dropped"]), counts[1] - counts[2]);
    for (args, shown) in [
        (&["funnel", "transfer"][..], "began a transfer"),
        (&["retention", "back_weekly"], "mean of complete ones"),
        (&["sessions", "visits"], "begin with it"),
        (&["paths", "after_form"], "the most usual whole paths:"),
        (&["funnel", "apply", "--explain"], "RunsExec"),
    ] {
        let text = bank.florin(args);
        assert!(text.contains(shown), "{args:?}: {text}");
    }
    for (args, said) in [
        (&["funnel", "apply", "--where", "1 = 0"][..], "cannot be used with"),
        (&["funnel", "apply", "--list", "1"], "say whom to list with --value"),
        (&["funnel", "apply", "--list", "1", "--value", "abacus"], "nobody's `device` is `abacus`"),
        (&["funnel", "transfer", "--list", "4"], "there are 1 to 3"),
        (&["funnel", "transfer", "--list", "1", "--value", "ios"], "leave out --value"),
        (&["funnel", "--step", "true", "--trend", "fortnight"], "`--trend fortnight`"),
        (&["funnel", "visits"], "`florin sessions visits`"),
        (&["next", "--after", "never"], "`never` is no value of `name`"),
        (&["funnel", "--step", "nme = 'x'"], "No field named nme"),
    ] {
        let text = bank.refused(args);
        assert!(text.contains(said), "{args:?}: {text}");
    }
    let cells: serde_json::Value = serde_json::from_str(&bank.florin(&["retention", "back_weekly", "--json"])).unwrap();
    let back = cells["cohorts"][0]["cells"][2]["customers"].as_u64().unwrap();
    let listed = bank.florin(&["retention", "back_weekly", "--list", "1+2"]).lines().count() as u64;
    assert!(listed == back && back > 0, "{listed} of {back}");
}
