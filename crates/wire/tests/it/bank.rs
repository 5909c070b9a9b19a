//! A small bank, somebody who signs in, and a server in front of both.

use std::{
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
};

use async_trait::async_trait;
use florin_access::{Access, AuditLog, Authority, NewKey, NewUser, Scope, Unrecorded};
use florin_domain::{EventTime, Principal, Role};
use florin_governance::audit::Entry;
use florin_pipelines::{
    House, Overrides, Surroundings,
    load::{Silent, ingest},
};
use florin_wire::{OpenError, Postgres, SqlSettings};
use tempfile::TempDir;
use tokio::{sync::oneshot, task::JoinHandle};

/// 2026-01-01T00:00:00Z in microseconds.
pub(crate) const NOW: i64 = 1_767_225_600_000_000;

const SETTINGS: &str = r#"
[bank]
name = "A bank for tests"
time_zone = "Asia/Shanghai"
operator = "owner"

[lake]
buckets = 2

[users.owner]
roles = ["analyst", "marketer", "risk_officer", "service_agent", "compliance_officer", "data_engineer"]
"#;

const CARDS: &str = r#"
name = "card"
about = "a card that a customer pays with"
key = ["card_id"]
columns = [
  { name = "card_id", type = "int", class = "C1", required = true, about = "its own number" },
  { name = "customer_id", type = "int", class = "C1", required = true },
  { name = "number", type = "text", class = "identifying", required = true },
  { name = "kind", type = "text", class = "C1" },
  { name = "limit_amount", type = "decimal", class = "C2" },
  { name = "opened_on", type = "date", class = "C1" },
  { name = "used_at", type = "timestamp", class = "C1" },
  { name = "rate", type = "float", class = "C1" },
  { name = "active", type = "bool", class = "C1" },
]
"#;

/// Customers 1 to 5 with a card each; 3 withdrew from analytics.
pub(crate) fn write(dir: &Path) {
    let file = |name: &str, text: &str| {
        let path = dir.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    file("florin.toml", SETTINGS);
    file("tables/card.toml", CARDS);
    source(
        &file,
        "people",
        &["id = \"int\""],
        "customer",
        "select customer_id('core', p.id) as customer_id, 'person' as kind, timestamp '2020-01-01T00:00:00Z' as valid_from, timestamp '2020-01-01T00:00:00Z' as known_at from people p",
    );
    source(
        &file,
        "words",
        &["id = \"int\"", "purpose = \"text\""],
        "consent",
        "select customer_id('core', w.id) as customer_id, w.purpose as purpose, 'withdrawn' as state, timestamp '2025-06-01' as ts, timestamp '2025-06-01' as known_at from words w",
    );
    let columns = [
        "id = \"int\"",
        "customer = \"int\"",
        "number = \"text\"",
        "kind = \"text\"",
        "most = \"decimal\"",
        "opened = \"date\"",
        "used = \"timestamp\"",
        "rate = \"float\"",
        "active = \"bool\"",
        "known = \"timestamp\"",
    ];
    source(
        &file,
        "zcards",
        &columns,
        "card",
        "select key('card', z.id) as card_id, customer_id('core', z.customer) as customer_id, z.number as number, z.kind as kind, z.most as limit_amount, z.opened as opened_on, z.used as used_at, z.rate as rate, z.active as active, z.known as known_at from zcards z",
    );
    file("data/people.csv", "id\n1\n2\n3\n4\n5\n");
    file("data/words.csv", "id,purpose\n3,analytics\n");
    let card = |id: i32| {
        let kind = if id % 2 == 0 { "credit" } else { "借记卡" };
        format!(
            "{id},{id},411111111111{id:04},{kind},{id}00.5{id},2020-02-0{id},2025-03-0{id}T10:00:00Z,{id}.25,{},2024-01-0{id}T00:00:00Z\n",
            id != 4
        )
    };
    let cards: String = (1..=5).map(card).collect();
    file("data/zcards.csv", &format!("id,customer,number,kind,most,opened,used,rate,active,known\n{cards}"));
}

fn source(file: &impl Fn(&str, &str), name: &str, columns: &[&str], into: &str, select: &str) {
    let columns = columns.join("\n");
    let input = format!(
        "[input]\nfiles = [\"data/{name}*.csv\"]\nformat = \"delimited\"\nencoding = \"utf-8\"\n[input.columns]\n{columns}\n"
    );
    file(
        &format!("sources/{name}.toml"),
        &format!("{input}\n[[map]]\ninto = \"{into}\"\nselect = \"\"\"{select}\"\"\"\n"),
    );
}

/// Puts what happens at the door on the bank's log.
struct Log(House);

#[async_trait]
impl AuditLog for Log {
    async fn record(&self, entry: Entry) -> Result<(), Unrecorded> {
        self.0.record_at_the_door(&entry).await.map_err(|error| Unrecorded(error.to_string()))
    }
}

/// A bank with its records loaded.
pub(crate) struct TestBank {
    dir: TempDir,
    clock: Arc<AtomicI64>,
    pub(crate) house: Arc<House>,
    pub(crate) access: Arc<Access>,
}

/// Somebody's key: its id, and the whole of it.
#[derive(Clone)]
pub(crate) struct Key {
    pub(crate) user: String,
    pub(crate) password: String,
}

impl TestBank {
    pub(crate) async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        write(dir.path());
        let clock = Arc::new(AtomicI64::new(NOW));
        let (now, drawn) = (Arc::clone(&clock), AtomicU64::new(1));
        let around = Surroundings {
            now: Arc::new(move || EventTime(now.load(Ordering::SeqCst))),
            random: Arc::new(move |bytes| {
                let seed = drawn.fetch_add(1, Ordering::SeqCst).wrapping_mul(0x9E37_79B9_7F4A_7C15);
                for (place, byte) in bytes.iter_mut().enumerate() {
                    *byte = (seed.rotate_left(place as u32 * 7) ^ (place as u64).wrapping_mul(0xD6E8_FEB8_6659_FD93))
                        .to_le_bytes()[3];
                }
            }),
            threads: 2,
            process: "test".to_owned(),
            encoders: None,
        };
        let overrides =
            Overrides { lake: Some(dir.path().join("made")), user: Some("owner".to_owned()), os_user: None };
        let house = House::open(dir.path(), &overrides, around.clone()).await.unwrap();
        let report = ingest(&house, &[], &Silent).await.unwrap();
        for load in &report.loads {
            assert!(load.failed.is_empty(), "{}: {:?}", load.source, load.failed);
            assert_eq!(load.counts.quarantined, 0, "{load:?}");
        }
        let surroundings =
            florin_access::Surroundings { now: around.now, random: around.random, log: Arc::new(Log(house.clone())) };
        let access = Access::open(
            house.store().clone(),
            house.sealing_vault(),
            florin_access::Settings::default(),
            surroundings,
        );
        let access = Arc::new(access.await.unwrap());
        Self { dir, clock, house: Arc::new(house), access }
    }

    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }

    pub(crate) fn wait(&self, seconds: i64) {
        self.clock.fetch_add(seconds * 1_000_000, Ordering::SeqCst);
    }

    /// A key of somebody in these roles, for `sql`.
    pub(crate) async fn key(&self, user: &str, roles: &[Role]) -> Key {
        let by = Principal { user: "owner".to_owned(), roles: vec![] };
        let new = NewUser { name: user.to_owned(), display_name: format!("The {user}"), roles: roles.to_vec() };
        self.access.add_user(Authority::Operator(&by), new).await.unwrap();
        let new = NewKey { name: "BI".to_owned(), scopes: vec![Scope::Sql], roles: roles.to_vec(), days: 7 };
        let made = self.access.make_key_for(Authority::Operator(&by), user, new).await.unwrap();
        Key { user: made.line.id.clone(), password: made.key.expose().to_owned() }
    }

    pub(crate) async fn revoke(&self, key: &Key) {
        let by = Principal { user: "owner".to_owned(), roles: vec![] };
        self.access.revoke_any_key(Authority::Operator(&by), &key.user).await.unwrap();
    }

    /// What is on the audit log.
    pub(crate) async fn log(&self) -> Vec<Entry> {
        let entries = self.house.audit_entries(10_000).await.unwrap();
        entries.into_iter().map(|(_, entry)| entry).collect()
    }

    /// A server in front of it, on a free port of loopback.
    pub(crate) async fn serve(&self, settings: SqlSettings) -> Result<Served, OpenError> {
        let house = Arc::clone(&self.house);
        let said = Arc::new(Mutex::new(Vec::new()));
        let tell = Arc::clone(&said);
        let settings = SqlSettings { listen: settings.listen.or(Some("127.0.0.1:0".to_owned())), ..settings };
        let listening = Postgres::bind(
            &settings,
            Arc::new(move || Arc::clone(&house)),
            Arc::clone(&self.access),
            Arc::new(move |line: &str| tell.lock().unwrap().push(line.to_owned())),
        );
        let listening = listening.await?;
        let port = listening.address().port();
        let (end, ended) = oneshot::channel::<()>();
        let running = tokio::spawn(listening.until(async move {
            let _ = ended.await;
        }));
        Ok(Served { port, end: Some(end), running, said })
    }
}

/// A server that listens.
pub(crate) struct Served {
    pub(crate) port: u16,
    end: Option<oneshot::Sender<()>>,
    running: JoinHandle<()>,
    said: Arc<Mutex<Vec<String>>>,
}

impl Served {
    /// Ends it, and waits until it did.
    pub(crate) async fn end(mut self) {
        drop(self.end.take());
        (&mut self.running).await.unwrap();
        assert!(self.said.lock().unwrap().is_empty(), "something failed inside");
    }
}
