//! Identifying values planted wherever a text can stand: none is found again in anything Florin makes, but through the
//! vault. (Names inside free text are a documented limit, so none is planted there.)

use std::{
    fmt::Write as _,
    path::{Path, PathBuf},
};

use florin_domain::{CustomerId, DataClass, Purpose, catalogue::canonical_tables};
use florin_pipelines::{
    FlowError, House,
    care::optimize,
    customer::customer,
    load::{Silent, ingest, retry_quarantined},
    quality, quarantine,
};

use crate::support::{TestBank, ask_house, in_order};

/// What can be told from any text.
const IN_FREE_TEXT: [(&str, &str); 6] = [
    ("phone", "13812345678"),
    ("email", "li.hua.canary@example.com"),
    ("national_id", "11010519491231002X"),
    ("card", "6222021234567890128"),
    ("card", "4111111111111111"),
    ("iban", "DE89370400440532013000"),
];

/// What stands in columns that are known to identify.
const IDENTIFYING: [(&str, &str); 9] = [
    ("name", "欧阳金丝雀"),
    ("name", "Wilhelmina Canaryfeather"),
    ("phone", "13912348765"),
    ("email", "canary.bird@example.org"),
    ("national_id", "110101199003074514"),
    ("card", "5500005555555559"),
    ("iban", "GB29NWBK60161331926819"),
    ("login", "canarylogin77"),
    ("device", "device-canary-42f7"),
];

/// Only in rows that go to the quarantine or make errors, names too: the raw text is sealed whole.
const QUARANTINED: [&str; 4] =
    ["诸葛隔离", "Quarantina Canarysdottir", "13787654321", "quarantined.canary@example.com"];

/// Every canonical table with every text column of its own filled with every canary.
fn bank() -> TestBank {
    let bank = TestBank::new();
    bank.write(
        "tables/badge.toml",
        "name = \"badge\"\nabout = \"an own table\"\nkey = [\"badge_id\"]\ncolumns = [\n\
         { name = \"badge_id\", type = \"int\", class = \"C1\", required = true },\n\
         { name = \"customer_id\", type = \"int\", class = \"C1\" },\n\
         { name = \"holder\", type = \"text\", class = \"identifying\" },\n\
         { name = \"remark\", type = \"text\", class = \"C3\" },\n]\n",
    );
    for table in canonical_tables() {
        let source = if table.name == "customer" { "a_customer".to_owned() } else { format!("t_{}", table.name) };
        let mut select = Vec::new();
        for column in &table.columns {
            let value = match (table.name.as_str(), column.name.as_str(), column.ty.name()) {
                (_, "customer_id", _) => "customer_id('core', x.customer)".to_owned(),
                ("identifier", "kind", _) => "x.kind".to_owned(),
                ("identifier", "token", _) => "x.value".to_owned(),
                ("event", "anonymous_id", _) => "x.value".to_owned(),
                ("consent", "purpose", _) => "'analytics'".to_owned(),
                ("consent", "state", _) => "'given'".to_owned(),
                (_, _, "int") => format!("key('{}', x.id)", table.name),
                (_, _, "decimal") => "1.5".to_owned(),
                (_, _, "bool") => "true".to_owned(),
                (_, _, "date") => "date '2020-01-01'".to_owned(),
                (_, _, "timestamp") => "x.ts".to_owned(),
                _ => "x.words".to_owned(),
            };
            select.push(format!("{value} as {}", column.name));
        }
        let maps =
            format!("[[map]]\ninto = \"{}\"\nselect = \"select {} from {source} x\"\n", table.name, select.join(", "));
        bank.source(&source, &COLUMNS, &maps);
        bank.write(&format!("data/{source}-1.csv"), lines());
    }
    bank.source("u_badge", &COLUMNS, "[[map]]\ninto = \"badge\"\nselect = \"select key('badge', x.id) as badge_id, customer_id('core', x.customer) as customer_id, x.value as holder, x.words as remark from u_badge x\"\n");
    bank.write("data/u_badge-1.csv", lines());
    bank
}

const COLUMNS: [&str; 6] =
    ["id \"int\"", "customer \"int\"", "ts \"timestamp\"", "kind \"text\"", "value \"text\"", "words \"text\""];

/// Good rows with canaries, and rows that are put aside: a missing time, a wrong number, too many fields.
fn lines() -> String {
    let mut text = "id,customer,ts,kind,value,words\n".to_owned();
    for (id, (kind, value)) in IDENTIFYING.iter().enumerate() {
        let (_, free) = IN_FREE_TEXT[id % IN_FREE_TEXT.len()];
        let words = format!("please call {free} or write; 请联系 {free} 谢谢");
        writeln!(text, "{},{},2025-01-{:02}T00:00:00Z,{kind},{value},{words}", id + 1, id % 3 + 1, id + 1).unwrap();
    }
    let [chinese, western, phone, email] = QUARANTINED;
    writeln!(text, "100,1,{western},name,{chinese},{phone}").unwrap();
    writeln!(text, "{chinese},1,2025-01-01T00:00:00Z,name,{western},{email}").unwrap();
    writeln!(text, "102,1,2025-01-01T00:00:00Z,name,{chinese},{phone},{western},{email}").unwrap();
    writeln!(text, "103,1,,email,{email},{phone}").unwrap();
    text
}

/// Everything anybody was told.
#[derive(Default)]
struct Told(String);

impl Told {
    fn hear(&mut self, error: &FlowError) {
        write!(self.0, "{error}\n{error:?}\n{error:#?}\n").unwrap();
        let mut cause: Option<&dyn std::error::Error> = std::error::Error::source(error);
        while let Some(error) = cause {
            write!(self.0, "{error}\n{error:?}\n").unwrap();
            cause = error.source();
        }
    }
}

/// Questions that fail on what they read.
const FAILING: [&str; 6] = [
    "select cast(token as int) from identifier",
    "select cast(text as int) from interaction",
    "select cast(place as date) from \"transaction\"",
    "select cast(properties as timestamp) from event",
    "select cast(remark as int), cast(holder as int) from badge",
    "select arrow_cast(occupation, 'Decimal128(9, 2)') from customer",
];

async fn use_everything(bank: &TestBank, told: &mut Told) {
    let owner = bank.open("owner").await;
    let report = ingest(&owner, &[], &Silent).await.unwrap();
    write!(told.0, "{report:?}").unwrap();
    assert!(report.total().quarantined >= 3 * 14 && report.total().stored >= 9 * 14, "{report:?}");
    let again = retry_quarantined(&owner, &[], &Silent).await.unwrap();
    write!(told.0, "{again:?}").unwrap();
    optimize(&owner, &[], &Silent).await.unwrap();
    let quality = quality::quality(&owner, &[]).await;
    match quality {
        Ok(quality) => write!(told.0, "{}", serde_json::to_string(&quality).unwrap()).unwrap(),
        Err(error) => panic!("{error}"),
    }
    let records = quarantine::records(&owner, None, 1000, false).await.unwrap();
    assert!(!records.is_empty());
    write!(told.0, "{records:?}").unwrap();
    for user in ["owner", "cleo", "sam"] {
        let house = bank.open(user).await;
        for purpose in [Purpose::Compliance, Purpose::Service] {
            for sql in FAILING {
                if let Err(error) = ask_house(&house, purpose, None, sql).await {
                    told.hear(&error);
                }
            }
        }
    }
    // A file that breaks off in other bytes, and one that lacks columns.
    bank.write(
        "data/t_event-2.csv",
        [lines().as_bytes(), b"200,1,\xff\xfe\x80,\"", QUARANTINED[1].as_bytes()].concat(),
    );
    bank.write("data/t_event-3.csv", "id,customer\n1,1\n");
    match ingest(&owner, &["t_event".to_owned()], &Silent).await {
        Ok(report) => write!(told.0, "{report:?}").unwrap(),
        Err(error) => told.hear(&error),
    }
}

fn canaries() -> Vec<String> {
    let all = IN_FREE_TEXT.iter().chain(&IDENTIFYING).map(|(_, value)| *value).chain(QUARANTINED);
    let mut found: Vec<String> = all.map(str::to_owned).collect();
    // As they are normalised, too.
    found.extend(["+8613812345678", "+8613912348765", "wilhelmina canaryfeather"].map(str::to_owned));
    found
}

fn files_in(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files_in(&path, found) } else { found.push(path) }
    }
}

fn contains(haystack: &[u8], needle: &str) -> bool {
    let lower = haystack.to_ascii_lowercase();
    let needle = needle.as_bytes().to_ascii_lowercase();
    lower.windows(needle.len()).any(|w| w == needle)
}

#[tokio::test(flavor = "multi_thread")]
async fn identifying_values_are_in_no_file_log_or_error_but_can_be_looked_up_by_who_may() {
    let bank = bank();
    let mut told = Told::default();
    // As long as somebody has the store open, its write-ahead log is there to be searched too.
    let _open = bank.open("owner").await;
    use_everything(&bank, &mut told).await;
    let canaries = canaries();
    for canary in &canaries {
        assert!(!contains(told.0.as_bytes(), canary), "somebody was told `{canary}`: {}", around(&told.0, canary));
    }
    let mut files = Vec::new();
    files_in(&bank.made(), &mut files);
    let parquet = files.iter().filter(|f| f.extension().is_some_and(|e| e == "parquet")).count();
    assert!(parquet > 20 && files.iter().any(|f| f.ends_with("florin.db-wal")), "{files:?}");
    let mut tokens = 0;
    for file in &files {
        let bytes = std::fs::read(file).unwrap();
        let strings = if file.extension().is_some_and(|e| e == "parquet") { strings_of(file) } else { String::new() };
        tokens += strings.matches("[phone:").count();
        for canary in &canaries {
            assert!(!contains(&bytes, canary), "`{canary}` is in {}", file.display());
            assert!(
                !contains(strings.as_bytes(), canary),
                "`{canary}` is in the rows of {}: {}",
                file.display(),
                around(&strings, canary)
            );
        }
    }
    assert!(tokens > 0, "free text keeps its place with a token");
    the_vault_answers_who_may(&bank).await;
}

fn around(text: &str, canary: &str) -> String {
    let at = text.to_ascii_lowercase().find(&canary.to_ascii_lowercase()).unwrap_or_default();
    text.chars().skip(text[..at].chars().count().saturating_sub(120)).take(300).collect()
}

async fn the_vault_answers_who_may(bank: &TestBank) {
    let look_up =
        async |house: &House, purpose: Purpose, who: u32| customer(house, CustomerId(who), purpose, None, true).await;
    let sam = bank.open("sam").await;
    let mut found = Vec::new();
    for who in 1..=3 {
        found.extend(look_up(&sam, Purpose::Service, who).await.unwrap().identifiers.unwrap());
    }
    for (kind, value) in IDENTIFYING {
        let is_there = |k: &str, v: &str| k == kind && (v == value || v.replace(['+', ' '], "").ends_with(value));
        assert!(found.iter().any(|(k, v)| is_there(k, v)), "{kind} {value} cannot be looked up: {found:?}");
    }
    for (user, purpose) in
        [("ana", Purpose::Analytics), ("mia", Purpose::Marketing), ("dan", Purpose::Service), ("ron", Purpose::Risk)]
    {
        let house = bank.open(user).await;
        match look_up(&house, purpose, 1).await {
            Err(FlowError::Refused(_)) => {}
            Err(error) => panic!("{user}: {error}"),
            Ok(view) => panic!("{user} looked up {:?}", view.identifiers.map(|i| i.len())),
        }
    }
    // Whose raw records may be read: not by who only oversees.
    let dan = bank.open("dan").await;
    let raw = quarantine::records(&dan, Some("t_event"), 100, true).await.unwrap();
    assert!(raw.iter().any(|r| r.raw.as_ref().is_some_and(|t| t.contains(QUARANTINED[0]))));
    assert!(matches!(quarantine::records(&bank.open("cleo").await, None, 10, true).await, Err(FlowError::Refused(_))));
}

#[test]
fn every_text_column_of_the_catalogue_is_planted() {
    let texts = canonical_tables().iter().flat_map(|t| t.columns.clone()).filter(|c| c.ty.name() == "text").count();
    let identifying =
        canonical_tables().iter().flat_map(|t| t.columns.clone()).filter(|c| c.class == DataClass::Identifying).count();
    assert!(texts > 40 && identifying == 2, "{texts}, {identifying}: does `bank` still fill them all?");
}

/// All values of a Parquet file, as text.
fn strings_of(file: &Path) -> String {
    let file = std::fs::File::open(file).unwrap();
    let batches =
        parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder::try_new(file).unwrap().build().unwrap();
    let mut text = String::new();
    for batch in batches {
        for row in in_order(&[batch.unwrap()]) {
            writeln!(text, "{row}").unwrap();
        }
    }
    text
}
