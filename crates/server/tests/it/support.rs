//! A small bank behind a real address, and a client that speaks to it.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, Instant},
};

use florin_domain::{EventTime, Principal, Role};
use florin_governance::audit::Entry;
use florin_pipelines::{
    House, Overrides, Surroundings,
    load::{Silent, ingest},
};
use florin_server::{Server, Told};
use serde_json::Value;
use tempfile::TempDir;

/// 2026-01-01T00:00:00Z in microseconds.
pub(crate) const NOW: i64 = 1_767_225_600_000_000;
/// What everybody of these tests signs in with.
pub(crate) const PASSWORD: &str = "correct horse battery";
/// Opens the event collector.
pub(crate) const WRITE_KEY: &str = "write-key-of-the-tests";
/// How long something that goes on by itself may take.
const PATIENCE: Duration = Duration::from_secs(120);

const SETTINGS: &str = r#"
[bank]
name = "A bank for tests"
time_zone = "Asia/Shanghai"
operator = "owner"

[lake]
buckets = 2

[users.owner]
roles = ["analyst", "marketer", "risk_officer", "service_agent", "compliance_officer", "data_engineer"]

[serve]
listen = "127.0.0.1:0"
public_address = "http://localhost:9"

[serve.events]
folder = ".florin/events"
sources = ["web_event"]

[serve.events.keys]
web = "write-key-of-the-tests"
"#;

const CLIENT: &str = r#"
about = "Who banks here"
[input]
files = ["files/client.csv"]
format = "delimited"
[input.columns]
id = "text"
login = "text"
phone = "text"
region = "text"
joined = "date"
[[map]]
into = "customer"
select = "SELECT customer_id('core', c.id) AS customer_id, 'person' AS kind, c.region AS region, c.joined AS joined_on, c.joined AS valid_from FROM client c"
[[map]]
into = "identifier"
select = "SELECT customer_id('core', c.id) AS customer_id, 'phone' AS kind, c.phone AS token FROM client c"
"#;

const EVENT: &str = r#"
about = "What they did in the app"
[input]
files = ["files/event.csv"]
format = "delimited"
[input.columns]
n = "text"
id = "text"
at = "timestamp"
name = "text"
channel = "text"
[[map]]
into = "event"
select = "SELECT key('event', e.n) AS event_id, customer_id('core', e.id) AS customer_id, e.at AS ts, e.name AS name, e.channel AS channel, e.at AS known_at FROM event e"
[[map.check]]
column = "name"
pattern = "[a-z_]+"
"#;

const WEB_EVENT: &str = r#"
about = "Closed segments of the event collector"
[input]
files = [".florin/events/*.jsonl"]
format = "json_lines"
[input.columns]
source = "text"
event = { type = "text", optional = true }
user_id = { type = "text", optional = true }
anonymous_id = { type = "text", optional = true }
message_id = { type = "text", optional = true }
timestamp = { type = "timestamp", optional = true }
[[map]]
into = "event"
select = "SELECT key('collector', e.source || ':' || e.message_id) AS event_id, customer_id('core', e.user_id) AS customer_id, e.anonymous_id AS anonymous_id, e.timestamp AS ts, e.event AS name, e.source AS channel FROM web_event e"
"#;

const TRAITS: &str = r#"
[[trait]]
name = "logins"
meaning = { zh = "登录次数", en = "how often they logged in" }
type = "int"
unit = "1"
class = "C1"
purposes = ["service", "analytics", "marketing", "risk"]
sql = "select customer_id, count(*) as value from event where name = 'login' group by customer_id"
"#;

const SEGMENTS: &str = r#"
[[segment]]
name = "gave_up"
meaning = { zh = "开始申请但未提交", en = "began an application and handed none in" }
purposes = ["service", "analytics"]
where = { all = [{ did = "apply_start" }, { did_not = "apply_submit" }] }
"#;

const JOURNEY: &str = r#"
kind = "funnel"
about = "From logging in to handing an application in"
within = "30 days"
[[step]]
name = "logs in"
where = "name = 'login'"
[[step]]
name = "begins"
where = "name = 'apply_start'"
[[step]]
name = "hands in"
where = "name = 'apply_submit'"
"#;

/// Everybody, by name, with what they are.
pub(crate) const USERS: [(&str, &[Role]); 7] = [
    ("admin2", &[Role::Administrator]),
    ("ana", &[Role::Analyst]),
    ("mia", &[Role::Marketer]),
    ("rolf", &[Role::RiskOfficer]),
    ("sam", &[Role::ServiceAgent]),
    ("cora", &[Role::ComplianceOfficer]),
    ("dan", &[Role::DataEngineer]),
];

/// Where random bytes come from; no two of a test are the same, whoever opens the bank.
static SEED: AtomicI64 = AtomicI64::new(7);

/// A bank and its server.
pub(crate) struct Bank {
    pub(crate) dir: TempDir,
    clock: Arc<AtomicI64>,
    runtime: tokio::runtime::Runtime,
    pub(crate) serving: Option<(florin_server::Serving, String)>,
    pub(crate) log: Arc<Mutex<Vec<Value>>>,
    pages: Option<PathBuf>,
}

impl Bank {
    /// Forty customers, loaded, with their traits and segments, and everybody of [`USERS`] let in.
    pub(crate) fn new() -> Self {
        Self::with("")
    }

    /// With more settings.
    pub(crate) fn with(settings: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        for (file, text) in [
            ("florin.toml", format!("{SETTINGS}\n{settings}")),
            ("sources/client.toml", CLIENT.to_owned()),
            ("sources/event.toml", EVENT.to_owned()),
            ("sources/web_event.toml", WEB_EVENT.to_owned()),
            ("traits/own.toml", TRAITS.to_owned()),
            ("segments/own.toml", SEGMENTS.to_owned()),
            ("journeys/apply.toml", JOURNEY.to_owned()),
            ("files/client.csv", clients()),
            ("files/event.csv", happened()),
        ] {
            write(dir.path(), file, &text);
        }
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let bank = Self {
            dir,
            clock: Arc::new(AtomicI64::new(NOW)),
            runtime,
            serving: None,
            log: Arc::default(),
            pages: None,
        };
        bank.runtime.block_on(async {
            let house = bank.house().await;
            florin_pipelines::apply::apply(&house, false).await.unwrap();
            ingest(&house, &["client".to_owned(), "event".to_owned()], &Silent).await.unwrap();
            let plan = florin_pipelines::traits::plan(&house, &[], house.time(), false).await.unwrap();
            florin_pipelines::traits::run(&house, &plan, &Silent, &|| Duration::ZERO).await.unwrap();
            florin_pipelines::segments::refresh(&house, &[], house.time(), &Silent).await.unwrap();
            let access = florin_server::access(&house).await.unwrap();
            for (name, roles) in USERS {
                let by = house.who().clone();
                let by = florin_access::Authority::Operator(&by);
                let new = florin_access::NewUser {
                    name: name.to_owned(),
                    display_name: name.to_owned(),
                    roles: roles.to_vec(),
                };
                let made = access.add_user(by, new).await.unwrap();
                let asked = florin_access::SignIn {
                    user: name.to_owned(),
                    password: made.password,
                    code: None,
                    new_password: Some(PASSWORD.into()),
                    passkey: None,
                    from: [127, 0, 0, 1].into(),
                };
                access.sign_in(&asked).await.unwrap();
            }
            access.settled().await;
        });
        bank
    }

    /// At a port that browsers know, with a built console, and settings that its address is put into.
    pub(crate) fn with_pages(pages: PathBuf, settings: impl FnOnce(&str) -> String) -> Self {
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let address = format!("http://localhost:{port}");
        let bank = Self::with(&settings(&address));
        let file = bank.dir.path().join("florin.toml");
        let text = std::fs::read_to_string(&file).unwrap();
        let text = text.replace("127.0.0.1:0", &format!("127.0.0.1:{port}")).replace("http://localhost:9", &address);
        std::fs::write(file, text).unwrap();
        Self { pages: Some(pages), ..bank }
    }

    /// How browsers call it.
    pub(crate) fn public_address(&self) -> String {
        self.address().replace("127.0.0.1", "localhost")
    }

    /// Lets so many seconds go by.
    pub(crate) fn pass(&self, seconds: i64) {
        self.clock.fetch_add(seconds * 1_000_000, Ordering::Relaxed);
    }

    /// With its server listening.
    pub(crate) fn served() -> Self {
        let mut bank = Self::new();
        bank.serve();
        bank
    }

    pub(crate) fn serve(&mut self) {
        self.try_serve().unwrap();
    }

    /// # Errors
    /// Why it does not start.
    pub(crate) fn try_serve(&mut self) -> Result<(), florin_server::OpenError> {
        let log = Arc::clone(&self.log);
        let serving = self.runtime.block_on(async {
            let server = Server::open(self.house().await, self.pages.clone()).await?;
            let told = Told::by(move |line| log.lock().unwrap().push(line.clone()));
            server.serve(None, told).await
        })?;
        let address = format!("http://{}", serving.address);
        self.serving = Some((serving, address));
        Ok(())
    }

    /// Keeps loads of other processes from beginning, until it is dropped.
    pub(crate) fn lake_taken(&self) -> florin_store::LockGuard {
        let lock = self.runtime.block_on(async {
            let house = self.house().await;
            house.store().lock("load", "another process", house.time()).await.unwrap()
        });
        let florin_store::Lock::Taken(guard) = lock else { panic!("somebody has it: {lock:?}") };
        guard
    }

    /// Ends the server as a signal would.
    pub(crate) fn end(&mut self) {
        let Some((serving, _)) = self.serving.take() else { return };
        self.runtime.block_on(serving.until(async {})).unwrap();
    }

    pub(crate) fn address(&self) -> &str {
        &self.serving.as_ref().expect("it is served").1
    }

    async fn house(&self) -> House {
        let clock = Arc::clone(&self.clock);
        let around = Surroundings {
            // Time goes on, a little with each look at the clock.
            now: Arc::new(move || EventTime(clock.fetch_add(1_000, Ordering::Relaxed))),
            random: Arc::new(move |bytes| {
                let hasher = florin_domain::KeyHasher::new([7; 32]);
                for chunk in bytes.chunks_mut(32) {
                    let n = SEED.fetch_add(1, Ordering::Relaxed).to_le_bytes();
                    chunk.copy_from_slice(&hasher.digest("random", &n)[..chunk.len()]);
                }
            }),
            threads: 2,
            process: "a test".to_owned(),
            encoders: None,
        };
        let overrides = Overrides { user: Some("owner".to_owned()), ..Overrides::default() };
        House::open(self.dir.path(), &overrides, around).await.unwrap()
    }

    /// The newest entries of the audit log, the newest last.
    pub(crate) fn audited(&self, newest: u32) -> Vec<Entry> {
        self.runtime.block_on(async {
            let who = Principal { user: "owner".to_owned(), roles: vec![Role::ComplianceOfficer] };
            let house = self.house().await.acting_as(who);
            house.audit_entries(newest).await.unwrap().into_iter().map(|(_, entry)| entry).collect()
        })
    }

    /// Somebody who has signed in.
    pub(crate) fn client(&self, user: &str) -> Client {
        let mut client = Client::of(self.address());
        let (status, body) = client.post("/v1/sign-in", &serde_json::json!({"user": user, "password": PASSWORD}));
        assert_eq!(status, 200, "{user}: {body}; the log's last: {:?}", self.log.lock().unwrap().last());
        client
    }
}

/// Waits for something that goes on by itself.
pub(crate) fn until<T>(what: &str, mut found: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(found) = found() {
            return found;
        }
        assert!(began.elapsed() < PATIENCE, "{what} did not come");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// A browser, as far as it matters.
pub(crate) struct Client {
    address: String,
    agent: ureq::Agent,
    pub(crate) cookie: Option<String>,
    /// What it keeps while it is at the bank's sign-on.
    pub(crate) sign_on: Option<String>,
    pub(crate) key: Option<String>,
    pub(crate) change_header: bool,
    /// The tag of an answer that it has.
    pub(crate) known: Option<String>,
    pub(crate) last_headers: ureq::http::HeaderMap,
}

impl Client {
    pub(crate) fn of(address: &str) -> Self {
        let agent = ureq::Agent::config_builder().http_status_as_error(false).max_redirects(0).build().new_agent();
        let (cookie, sign_on, key, known, last_headers) = (None, None, None, None, ureq::http::HeaderMap::new());
        Self { address: address.to_owned(), agent, cookie, sign_on, key, change_header: true, known, last_headers }
    }

    pub(crate) fn get(&mut self, path: &str) -> (u16, Value) {
        self.ask("GET", path, None)
    }

    pub(crate) fn post(&mut self, path: &str, body: &Value) -> (u16, Value) {
        self.ask("POST", path, Some(body))
    }

    /// Asks, and reads what comes back as JSON, or as text.
    pub(crate) fn ask(&mut self, method: &str, path: &str, body: Option<&Value>) -> (u16, Value) {
        let (status, bytes) = self.bytes(method, path, body);
        let text = || Value::String(String::from_utf8_lossy(&bytes).into_owned());
        (status, serde_json::from_slice(&bytes).unwrap_or_else(|_| text()))
    }

    pub(crate) fn bytes(&mut self, method: &str, path: &str, body: Option<&Value>) -> (u16, Vec<u8>) {
        let mut request = ureq::http::Request::builder().method(method).uri(format!("{}{path}", self.address));
        for (name, value) in [("florin_session", &self.cookie), ("florin_sign_on", &self.sign_on)] {
            if let Some(value) = value {
                request = request.header("cookie", format!("{name}={value}"));
            }
        }
        if let Some(key) = &self.key {
            request = request.header("authorization", format!("Bearer {key}"));
        }
        if self.change_header {
            request = request.header("x-florin", "1");
        }
        if let Some(known) = &self.known {
            request = request.header("if-none-match", known);
        }
        let text = body.map(Value::to_string).unwrap_or_default();
        let request = request.header("content-type", "application/json").body(text).unwrap();
        let mut answer = self.agent.run(request).unwrap();
        self.last_headers = answer.headers().clone();
        for set in answer.headers().get_all("set-cookie") {
            let (name, value) = set.to_str().unwrap().split(';').next().unwrap().split_once('=').unwrap();
            let kept = if name == "florin_sign_on" { &mut self.sign_on } else { &mut self.cookie };
            *kept = (!value.is_empty()).then(|| value.to_owned());
        }
        (answer.status().as_u16(), answer.body_mut().read_to_vec().unwrap())
    }

    pub(crate) fn header(&self, name: &str) -> String {
        self.last_headers.get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default()
    }
}

pub(crate) fn write(dir: &Path, file: &str, text: &str) {
    let path = dir.join(file);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

fn clients() -> String {
    let mut text = "id,login,phone,region,joined\n".to_owned();
    for n in 1..=40 {
        let region = ["Zhejiang", "Sichuan", "Guangdong"][n % 3];
        text += &format!("c{n},user{n},1380013{n:04},{region},2024-0{}-15\n", 1 + n % 9);
    }
    text
}

/// Everybody logs in, half begin an application, a quarter hand it in; one record is spoilt.
fn happened() -> String {
    let (mut text, mut number) = ("n,id,at,name,channel\n".to_owned(), 0);
    let mut push = |id: usize, day: usize, name: &str| {
        number += 1;
        text += &format!("e{number},c{id},2025-12-{:02}T0{}:00:00Z,{name},app\n", 1 + day % 28, id % 10);
    };
    for id in 1..=40 {
        push(id, id, "login");
        if id % 2 == 0 {
            push(id, id + 1, "apply_start");
        }
        if id % 4 == 0 {
            push(id, id + 2, "apply_submit");
        }
    }
    push(3, 5, "NOT A NAME");
    text
}
