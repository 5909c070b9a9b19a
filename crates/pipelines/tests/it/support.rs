//! Small banks in temporary directories, with a clock and random bytes of their own.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, Ordering},
    },
};

use arrow::{
    array::RecordBatch,
    util::display::{ArrayFormatter, FormatOptions},
};
use florin_domain::{EventTime, Purpose};
use florin_governance::{Grant, PurposeRules, open_session};
use florin_lake::{Consented, LakeError, Session};
use florin_pipelines::{
    FlowError, House, Overrides, Surroundings,
    load::{LoadReport, Silent, ingest},
};
use florin_store::Store;
use tempfile::TempDir;

/// 2026-01-01T00:00:00Z in microseconds.
pub(crate) const NOW: i64 = 1_767_225_600_000_000;

/// Seeded pseudo-random numbers (xorshift64*).
#[derive(Clone)]
pub(crate) struct Rng(u64);

impl Rng {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    pub(crate) fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.next() % (n.max(1) as u64)).unwrap()
    }

    /// True once in `n`.
    pub(crate) fn once_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    pub(crate) fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }
}

const SETTINGS: &str = r#"
[bank]
name = "A bank for tests"
time_zone = "Asia/Shanghai"
operator = "owner"

[lake]
buckets = 4

[purposes.marketing]
basis = "consent"
default = "given"

[users.owner]
roles = ["analyst", "marketer", "risk_officer", "service_agent", "compliance_officer", "data_engineer"]
[users.ana]
roles = ["analyst"]
[users.mia]
roles = ["marketer"]
[users.ron]
roles = ["risk_officer"]
[users.sam]
roles = ["service_agent"]
[users.cleo]
roles = ["compliance_officer"]
[users.dan]
roles = ["data_engineer"]
"#;

/// What a source's records become.
pub(crate) fn map(into: &str, select: &str) -> String {
    format!("[[map]]\ninto = \"{into}\"\nselect = \"\"\"{select}\"\"\"\n")
}

/// A trait of a file: its name, its meaning in Chinese and English, other lines, and its query.
pub(crate) fn a_trait(name: &str, (zh, en): (&str, &str), lines: &[&str], sql: &str) -> String {
    let lines = lines.join("\n");
    format!("[[trait]]\nname = \"{name}\"\nmeaning = {{ zh = \"{zh}\", en = \"{en}\" }}\n{lines}\nsql = \"{sql}\"\n")
}

/// A bank directory, and beside it what Florin makes of it.
pub(crate) struct TestBank {
    dir: TempDir,
    clock: Arc<AtomicI64>,
    /// Where sentence encoders are; a bank has none unless it is said.
    pub(crate) encoders: Option<PathBuf>,
}

impl TestBank {
    pub(crate) fn new() -> Self {
        let bank = Self { dir: tempfile::tempdir().unwrap(), clock: Arc::new(AtomicI64::new(NOW)), encoders: None };
        bank.write("florin.toml", SETTINGS);
        bank
    }

    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }

    /// Where lake, store, keys and logs are.
    pub(crate) fn made(&self) -> PathBuf {
        self.dir.path().join("made")
    }

    pub(crate) fn write(&self, file: &str, text: impl AsRef<[u8]>) {
        let path = self.dir.path().join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// A source of comma-separated files `data/<name>*.csv`: columns as `name type`, and the rest of the definition.
    pub(crate) fn source(&self, name: &str, columns: &[&str], maps: &str) {
        let columns: Vec<String> = columns.iter().map(|c| c.replacen(' ', " = ", 1)).collect();
        let columns = columns.join("\n");
        let input = format!(
            "[input]\nfiles = [\"data/{name}*.csv\"]\nformat = \"delimited\"\nencoding = \"utf-8\"\n[input.columns]\n{columns}\n"
        );
        self.write(&format!("sources/{name}.toml"), format!("{input}\n{maps}"));
    }

    /// Customers 1 to `users` of the app, known since the beginning of 2025.
    pub(crate) fn app_users(&self, users: usize) {
        let select = "select customer_id('app', u.id) as customer_id, 'person' as kind, timestamp '2025-01-01' as valid_from, \
                      timestamp '2025-01-01' as known_at from a_user u";
        self.source("a_user", &["id \"int\""], &map("customer", select));
        let ids: String = (1..=users).map(|id| format!("{id}\n")).collect();
        self.write("data/a_user.csv", format!("id\n{ids}"));
    }

    /// Those of them who want no marketing, since June of 2025.
    pub(crate) fn without_marketing(&self, users: &[usize]) {
        let select = "select customer_id('app', c.id) as customer_id, 'marketing' as purpose, c.state as state, \
                      timestamp '2025-06-01' as ts, timestamp '2025-06-01' as known_at from c_word c";
        self.source("c_word", &["id \"int\"", "state \"text\""], &map("consent", select));
        let words: String = users.iter().map(|id| format!("{id},withdrawn\n")).collect();
        self.write("data/c_word.csv", format!("id,state\n{words}"));
    }

    /// Later by so many microseconds.
    pub(crate) fn wait(&self, micros: i64) {
        self.clock.fetch_add(micros, Ordering::SeqCst);
    }

    pub(crate) async fn open(&self, user: &str) -> House {
        let clock = Arc::clone(&self.clock);
        // Every opening of every bank draws the same bytes first: equal banks have equal keys. Names of files come later.
        let fresh = self.made().join("keys").exists();
        let rng = Mutex::new(Rng::new(if fresh { entropy() } else { 7 }));
        let around = Surroundings {
            now: Arc::new(move || EventTime(clock.load(Ordering::SeqCst))),
            random: Arc::new(move |bytes| {
                let mut rng = rng.lock().unwrap();
                bytes.iter_mut().for_each(|b| *b = rng.next().to_le_bytes()[3]);
            }),
            threads: 2,
            process: "test".to_owned(),
            encoders: self.encoders.clone(),
        };
        let overrides = Overrides { lake: Some(self.made()), user: Some(user.to_owned()), os_user: None };
        House::open(self.path(), &overrides, around).await.unwrap()
    }

    /// Loads what is new, as the owner.
    pub(crate) async fn ingest(&self) -> LoadReport {
        let house = self.open("owner").await;
        let report = ingest(&house, &[], &Silent).await.unwrap();
        for load in &report.loads {
            assert!(load.failed.is_empty(), "{}: {:?}", load.source, load.failed);
            assert!(load.counts.balanced(), "{load:?}");
        }
        report
    }

    pub(crate) async fn store(&self) -> Store {
        Store::open(&self.made().join("florin.db").display().to_string()).await.unwrap()
    }

    /// A session of the lake itself, under rules that need not be the bank's.
    pub(crate) async fn session(
        &self,
        user: &str,
        purpose: Purpose,
        rules: PurposeRules,
        as_of: Option<i64>,
    ) -> Session {
        let house = self.open(user).await;
        let grant = self.grant(&house, purpose, rules, as_of);
        let words = self.store().await.consent_bitmaps(purpose, grant.granted_at()).await.unwrap();
        let consented = Consented { given: words.given, withdrawn: words.withdrawn };
        Session::open(house.lake(), &grant, &consented, Vec::new(), 2).unwrap()
    }

    pub(crate) fn grant(&self, house: &House, purpose: Purpose, rules: PurposeRules, as_of: Option<i64>) -> Grant {
        let bank = house.bank();
        let now = EventTime(self.clock.load(Ordering::SeqCst));
        let as_of = as_of.map(EventTime);
        open_session(&bank.policies, &bank.catalogue, &rules, house.who(), purpose, as_of, now).unwrap()
    }
}

/// Different at every call, for names that must never repeat.
fn entropy() -> u64 {
    static CALLS: AtomicI64 = AtomicI64::new(1000);
    CALLS.fetch_add(1, Ordering::SeqCst).unsigned_abs()
}

/// Rows as text, sorted.
pub(crate) fn rows(batches: &[RecordBatch]) -> Vec<String> {
    let mut rows = in_order(batches);
    rows.sort();
    rows
}

/// Rows as text, as they came.
pub(crate) fn in_order(batches: &[RecordBatch]) -> Vec<String> {
    let options = FormatOptions::default().with_null("∅");
    let of_batch = |batch: &RecordBatch| {
        let columns: Vec<_> =
            batch.columns().iter().map(|c| ArrayFormatter::try_new(c.as_ref(), &options).unwrap()).collect();
        let row = |i: usize| columns.iter().map(|c| c.value(i).to_string()).collect::<Vec<_>>().join("|");
        (0..batch.num_rows()).map(row).collect::<Vec<_>>()
    };
    batches.iter().flat_map(of_batch).collect()
}

/// Sorted rows of an answer.
pub(crate) async fn ask(session: &Session, sql: &str) -> Result<Vec<String>, LakeError> {
    Ok(rows(&session.sql(sql).await?.collect().await?))
}

/// Sorted rows of an answer that a house gives.
pub(crate) async fn ask_house(
    house: &House,
    purpose: Purpose,
    as_of: Option<i64>,
    sql: &str,
) -> Result<Vec<String>, FlowError> {
    let asking = house.asking(purpose, as_of.map(EventTime)).await?;
    Ok(rows(&asking.sql(sql).await?.collect().await?))
}

/// A moment of UTC as microseconds: `2024-01-31` or with a time.
pub(crate) fn moment(text: &str) -> i64 {
    let text = if text.contains('T') { text.to_owned() } else { format!("{text}T00:00:00Z") };
    text.parse::<jiff::Timestamp>().unwrap().as_microsecond()
}
