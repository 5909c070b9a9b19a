//! Narrow projections say what the tables say, or are not asked.

use std::{collections::BTreeMap, fmt::Write as _, path::PathBuf, sync::Arc};

use arrow::{compute::cast, datatypes::DataType};
use florin_domain::{CustomerId, EventTime, Purpose};
use florin_governance::{Action, PurposeRule, PurposeRules, Resource, permit};
use florin_lake::{
    Consented, LakeError, Persons, Session,
    care::{Narrowed, Rewriting, narrow},
};
use florin_pipelines::{
    House,
    care::{erase, optimize, vacuum},
    load::Silent,
    resolve::resolve,
};
use futures::TryStreamExt as _;

use crate::support::{NOW, Rng, TestBank, ask, in_order, moment};

const USERS: usize = 50;
const MINUTE: i64 = 60_000_000;
const NAMES: [&str; 5] = ["open", "look", "start", "submit", "error"];
const ALL: &str = "select customer_id, ts, cast((name) as varchar) as n, cast((device) as varchar) as d from event where \
                   customer_id is not null and ts is not null";

/// Events of users and of visitors, some of whom sign in; several at one moment, some without a device. Tap is the bank's own
/// table, in which another column is secret.
fn bank() -> TestBank {
    let bank = TestBank::new();
    bank.write(
        "tables/tap.toml",
        "name = \"tap\"\nabout = \"a tap\"\nkey = [\"tap_id\"]\norder = [\"ts\"]\ncolumns = [\n\
         { name = \"tap_id\", type = \"int\", class = \"C1\", required = true },\n\
         { name = \"customer_id\", type = \"int\", class = \"C1\" },\n\
         { name = \"ts\", type = \"timestamp\", class = \"C1\", required = true },\n\
         { name = \"name\", type = \"text\", class = \"C1\" },\n\
         { name = \"device\", type = \"text\", class = \"C3\" },\n]\n",
    );
    bank.app_users(USERS);
    let columns = [
        "id \"int\"",
        "user \"int\"",
        "visitor \"text\"",
        "ts \"timestamp\"",
        "name \"text\"",
        "device \"text\"",
        "amount \"decimal\"",
        "took \"int\"",
    ];
    let event = "[[map]]\ninto = \"event\"\nselect = \"select key('event', e.id) as event_id, customer_id('app', e.user) as \
                 customer_id, e.visitor as anonymous_id, e.ts as ts, e.name as name, e.device as device, case when e.device = 'web' \
                 then 'web' else 'app' end as channel, e.visitor as session_id, e.amount as amount, e.took as duration_ms, e.ts as known_at from b_event e\"\n\
                 [[map]]\ninto = \"tap\"\nselect = \"select key('tap', e.id) as tap_id, customer_id('app', e.user) as customer_id, e.ts \
                 as ts, e.name as name, e.device as device, e.ts as known_at from b_event e\"\n";
    bank.source("b_event", &columns, event);
    bank.write("data/b_event_1.csv", events(1, 800));
    bank.write("data/b_event_2.csv", events(2, 800));
    bank.without_marketing(&[1, 2, 7, 30]);
    bank
}

fn events(part: u64, many: usize) -> String {
    let mut rng = Rng::new(part);
    let mut text = "id,user,visitor,ts,name,device,amount,took\n".to_owned();
    for id in 0..many {
        let user = 1 + rng.below(USERS);
        // Of a visitor once in three; the visitor signs in at times.
        let visitor = if rng.once_in(2) { format!("v{user}") } else { String::new() };
        let known = if visitor.is_empty() || rng.once_in(2) { user.to_string() } else { String::new() };
        let at = moment("2025-03-01") + rng.below(400) as i64 * 90 * MINUTE;
        let at = jiff::Timestamp::from_microsecond(at).unwrap();
        let (name, device) = (*rng.pick(&NAMES), *rng.pick(&["ios", "android", "web", ""]));
        // Few have an amount, all but some a duration.
        let amount = if rng.once_in(9) { format!("{}.{:02}", rng.below(5_000), rng.below(100)) } else { String::new() };
        let took = if rng.once_in(30) { String::new() } else { rng.below(90_000).to_string() };
        let id = part * 1_000_000 + id as u64;
        writeln!(text, "{id},{known},{visitor},{at},{name},{device},{amount},{took}").unwrap();
    }
    text
}

pub(crate) async fn loaded() -> (TestBank, House) {
    let bank = bank();
    assert_eq!(bank.ingest().await.total().quarantined, 0);
    let house = bank.open("owner").await;
    (bank, house)
}

fn folder(bank: &TestBank, table: &str) -> PathBuf {
    bank.made().join("lake").join(table).join("_narrow")
}

fn files(bank: &TestBank, table: &str) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(folder(bank, table)) else { return Vec::new() };
    let mut names: Vec<_> = entries.map(|e| e.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// Who asks, and for whom customers are who.
pub(crate) struct Asker {
    pub(crate) user: &'static str,
    pub(crate) purpose: Purpose,
    pub(crate) as_of: Option<i64>,
    pub(crate) persons: Arc<Persons>,
}

impl Asker {
    pub(crate) fn for_risk() -> Self {
        Self { user: "ron", purpose: Purpose::Risk, as_of: None, persons: Arc::default() }
    }

    pub(crate) async fn session(&self, bank: &TestBank) -> Session {
        let house = bank.open(self.user).await;
        let rules = PurposeRules {
            marketing: PurposeRule::Consent { default: florin_governance::ConsentDefault::Given },
            ..PurposeRules::default()
        };
        let grant = bank.grant(&house, self.purpose, rules, self.as_of);
        let words = bank.store().await.consent_bitmaps(self.purpose, grant.granted_at()).await.unwrap();
        let of = |said: &roaring::RoaringBitmap| said.iter().map(|born| self.persons.person(born)).collect();
        let consented = Consented { given: of(&words.given), withdrawn: of(&words.withdrawn) };
        Session::of_persons(house.lake(), &grant, &consented, &self.persons, Vec::new(), 2).unwrap()
    }

    /// A session that asks the tables: it was opened while there was no projection.
    async fn session_of_tables(&self, bank: &TestBank) -> Session {
        let session = self.session(bank).await;
        for table in ["event", "tap"] {
            let (here, away) = (folder(bank, table), bank.made().join(format!("{table}-away")));
            let there = here.is_dir();
            if there {
                std::fs::rename(&here, &away).unwrap();
            }
            session.sql(&format!("select count(*) from {table}")).await.unwrap();
            if there {
                std::fs::rename(&away, &here).unwrap();
            }
        }
        session
    }
}

async fn project(bank: &TestBank, house: &House, persons: &Arc<Persons>, name: &str) -> Narrowed {
    let scratch = tempfile::tempdir().unwrap();
    let with = Rewriting {
        lake: house.lake(),
        scratch: scratch.path(),
        name,
        now_millis: NOW / 1000,
        threads: 2,
        on_rows: &|_| {},
    };
    let may = permit(
        &house.bank().policies,
        bank.open("dan").await.who(),
        Purpose::Service,
        Action::Maintain,
        Resource::Table("event".to_owned()),
        EventTime(NOW),
    )
    .unwrap();
    let table = house.lake().table("event").await.unwrap().unwrap();
    narrow(&may, &table, persons, &with).await.unwrap()
}

async fn is_narrow(session: &Session, sql: &str) -> bool {
    session.explain_runs(sql).await.unwrap().starts_with("NarrowProjection")
}

/// The rows of each customer, in the order they come.
async fn told(session: &Session, sql: &str) -> Result<BTreeMap<String, Vec<String>>, LakeError> {
    let mut told: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for run in session.runs(sql).await? {
        let batches: Vec<_> = run.try_collect().await?;
        let mut of_run: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let mut before = (i64::MIN, i64::MIN);
        for batch in &batches {
            let number = |column: usize| cast(batch.column(column), &DataType::Int64).unwrap();
            let (customers, times) = (number(0), number(1));
            use arrow::{array::AsArray as _, datatypes::Int64Type};
            let (customers, times) = (customers.as_primitive::<Int64Type>(), times.as_primitive::<Int64Type>());
            for (row, line) in in_order(std::slice::from_ref(batch)).into_iter().enumerate() {
                let now = (customers.value(row), times.value(row));
                assert!(before <= now, "a run is sorted by customer and time");
                before = now;
                of_run.entry(now.0.to_string()).or_default().push(line);
            }
        }
        for (customer, lines) in of_run {
            assert!(told.insert(customer, lines).is_none(), "all rows of a customer are in one run");
        }
    }
    Ok(told)
}

const CONDITIONS: [&str; 10] = [
    "name = 'open'",
    "name in ('look', 'submit')",
    "name <> 'open' and device = 'ios'",
    "device is null",
    "coalesce(device, 'none') = 'none' or name = 'error'",
    "channel = 'web'",
    "(name = 'start') or (name = 'submit' and device <> 'web')",
    "upper(name) like 'S%'",
    "true",
    "name = 'never'",
];
const TIMES: [&str; 5] = [
    "ts >= timestamp '2025-03-05T00:00:00+08:00'",
    "ts < arrow_cast(1741910400000000, 'Timestamp(Microsecond, Some(\"UTC\"))')",
    "ts <= '2025-03-12T12:00:00Z'",
    "timestamp '2025-03-03T16:00:00Z' < ts",
    "ts >= timestamp '2025-03-09' and ts < timestamp '2025-03-02'",
];
const VALUES: [&str; 6] = [
    "arrow_cast(case when (name = 'open') then 1 else 0 end + case when (name = 'look') then 2 else 0 end, 'UInt8')",
    "cast((name) as varchar)",
    "cast(('') as varchar)",
    "cast((case when device = 'ios' then device end) as varchar)",
    "length(name)",
    "name || '-' || coalesce(channel, 'none')",
];
/// What is about more than kinds and times.
const WIDER: [&str; 4] =
    ["customer_id > 3", "name = 'open' or ts < timestamp '2025-03-05'", "session_id is not null", "random() < 2"];

fn question(rng: &mut Rng, table: &str, wider: bool) -> String {
    let mut conditions = vec!["customer_id is not null", "ts is not null", *rng.pick(&CONDITIONS)];
    conditions.extend(rng.once_in(2).then(|| *rng.pick(&TIMES)));
    conditions.extend(rng.once_in(3).then(|| *rng.pick(&CONDITIONS)));
    conditions.extend(wider.then(|| *rng.pick(&WIDER)));
    let (a, b) = (rng.pick(&VALUES), rng.pick(&VALUES));
    let conditions: Vec<String> = conditions.iter().map(|c| format!("({c})")).collect();
    format!("select customer_id, ts, {a} as a, {b} as b from {table} where {}", conditions.join(" and "))
        .replace("channel", if table == "tap" { "device" } else { "channel" })
        .replace("session_id", if table == "tap" { "tap_id" } else { "session_id" })
}

/// Both say the same to questions at random; how many rows that were.
const AGGREGATES: [&str; 13] = [
    "count(*)",
    "max(ts)",
    "min(ts)",
    "sum(amount)",
    "min(amount)",
    "max(amount)",
    "count(amount)",
    "sum(duration_ms)",
    "max(duration_ms)",
    "min(duration_ms)",
    "avg(duration_ms)",
    "count(duration_ms)",
    "count(customer_id)",
];
/// What a projection has no values for.
const OTHER_AGGREGATES: [&str; 5] = [
    "count(distinct device)",
    "max(name)",
    "avg(amount)",
    "sum(duration_ms + 1)",
    "count(*) filter (where session_id is not null)",
];

/// A question for values per customer.
fn values_question(rng: &mut Rng, wider: bool) -> String {
    let mut aggregates = Vec::new();
    for _ in 0..1 + rng.below(4) {
        let mut filter = vec![*rng.pick(&CONDITIONS)];
        filter.extend(rng.once_in(2).then(|| *rng.pick(&TIMES)));
        let filter = format!(" filter (where ({}))", filter.join(") and ("));
        aggregates.push(format!("{}{}", rng.pick(&AGGREGATES), if rng.once_in(2) { filter.as_str() } else { "" }));
    }
    aggregates.extend(wider.then(|| (*rng.pick(&OTHER_AGGREGATES)).to_owned()));
    let names: String = aggregates.iter().enumerate().map(|(n, sql)| format!(", {sql} as v{n}")).collect();
    let mut conditions = vec!["customer_id is not null"];
    conditions.extend(rng.once_in(2).then(|| *rng.pick(&CONDITIONS)));
    conditions.extend(rng.once_in(2).then(|| *rng.pick(&TIMES)));
    let from = *rng.pick(&["event", "event e", "(select * from event where name <> 'never') e"]);
    format!("select customer_id{names} from {from} where ({}) group by customer_id", conditions.join(") and ("))
}

/// The same of values per customer; how many customers those were.
async fn values_agree(asker: &Asker, bank: &TestBank, seed: u64) -> usize {
    let (of_tables, narrow) = (asker.session_of_tables(bank).await, asker.session(bank).await);
    let (mut rng, mut customers) = (Rng::new(seed), 0);
    for number in 0..80 {
        let wider = number % 8 == 7;
        let sql = values_question(&mut rng, wider);
        let node = "NarrowAggregateExec";
        assert!(!of_tables.explain(&sql).await.unwrap().contains(node), "{sql}");
        let plan = narrow.explain(&sql).await.unwrap();
        assert_eq!(plan.contains(node), !wider, "{sql}\n{plan}");
        let told = async |session| ask(session, &sql).await.unwrap_or_else(|e| panic!("{sql}: {e}"));
        let found = told(&narrow).await;
        assert_eq!(found, told(&of_tables).await, "{sql}");
        customers += found.len();
    }
    customers
}

const GROUPS: [&str; 13] = [
    "name",
    "channel",
    "device",
    "upper(name)",
    "case when name = 'open' then 1 else 0 end",
    "name || coalesce(channel, '-')",
    "date_trunc('week', ts)",
    "date_trunc('month', ts)",
    "date_trunc('day', ts)",
    "date_trunc('hour', ts)",
    "date_part('hour', ts)",
    "extract(dow from ts)",
    "cast(ts as date)",
];
const SUMS: [&str; 13] = [
    "count(*)",
    "count(1)",
    "max(ts)",
    "min(ts)",
    "sum(amount)",
    "min(amount)",
    "max(amount)",
    "count(amount)",
    "sum(duration_ms)",
    "max(duration_ms)",
    "round(avg(cast(amount as double)), 6)",
    "avg(duration_ms)",
    "count(distinct customer_id)",
];
/// What makes a question one for the engine.
const OTHER_SUMS: [&str; 6] = [
    "count(customer_id)",
    "count(distinct device)",
    "count(*) filter (where name = 'open')",
    "max(name)",
    "sum(duration_ms + 1)",
    "median(duration_ms)",
];
const OTHER_GROUPS: [&str; 6] = [
    "date_trunc('minute', ts)",
    // The same at the beginning and the end of a quarter of an hour, and another within.
    "date_part('minute', ts) % 15 = 7",
    "date_part('hour', ts) + date_part('second', ts)",
    "session_id",
    "customer_id",
    "date_trunc('day', ts) < '2025-03-05' or name = 'open'",
];

/// A question for sums by kinds and times.
fn sums_question(rng: &mut Rng, wider: bool) -> String {
    let mut groups: Vec<&str> = (0..rng.below(3)).map(|_| *rng.pick(&GROUPS)).collect();
    let mut sums: Vec<&str> = (0..1 + rng.below(3)).map(|_| *rng.pick(&SUMS)).collect();
    match (wider, rng.once_in(2)) {
        (true, true) => groups.push(*rng.pick(&OTHER_GROUPS)),
        (true, false) => sums.push(*rng.pick(&OTHER_SUMS)),
        _ => {}
    }
    let mut conditions = vec![*rng.pick(&["true", "customer_id is not null"])];
    conditions.extend(rng.once_in(2).then(|| *rng.pick(&CONDITIONS)));
    conditions.extend(rng.once_in(2).then(|| *rng.pick(&TIMES)));
    let named = groups.iter().chain(&sums).enumerate().map(|(n, sql)| format!("{sql} as v{n}"));
    let named = named.collect::<Vec<_>>().join(", ");
    let places: Vec<String> = (1..=groups.len()).map(|place| place.to_string()).collect();
    let by = if places.is_empty() { String::new() } else { format!(" group by {}", places.join(", ")) };
    let from = *rng.pick(&["event", "event e", "(select * from event where name <> 'never') e"]);
    format!("select {named} from {from} where ({}){by}", conditions.join(") and ("))
}

/// The same of sums by kinds and times; how many groups those were.
async fn sums_agree(asker: &Asker, bank: &TestBank, seed: u64) -> usize {
    let (of_tables, narrow) = (asker.session_of_tables(bank).await, asker.session(bank).await);
    let (mut rng, mut groups, mut taken) = (Rng::new(seed), 0, 0);
    for number in 0..90 {
        let wider = number % 6 == 5;
        let sql = sums_question(&mut rng, wider);
        let node = "NarrowGroupsExec";
        assert!(!of_tables.explain(&sql).await.unwrap().contains(node), "{sql}");
        let plan = narrow.explain(&sql).await.unwrap();
        // How many customers there are beside other values is planned in two steps at times.
        if !sql.contains("distinct customer_id") {
            assert_eq!(plan.contains(node), !wider, "{sql}\n{plan}");
        }
        taken += usize::from(plan.contains(node));
        let told = async |session| ask(session, &sql).await.unwrap_or_else(|e| panic!("{sql}: {e}"));
        let found = told(&narrow).await;
        assert_eq!(found, told(&of_tables).await, "{sql}\n{plan}");
        groups += found.len();
    }
    assert!(taken >= 65, "{taken}");
    let (alone, grouped) = (
        "select count(distinct customer_id) from event",
        "select name, count(distinct customer_id) from event group by name",
    );
    // The same projection twice in one question.
    let twice = "select a.name, a.n, b.n as again from (select name, count(*) as n from event group by name) a \
                 join (select name, count(*) as n from event group by name) b on a.name = b.name";
    for sql in [alone, grouped, twice] {
        assert!(narrow.explain(sql).await.unwrap().contains("NarrowGroupsExec"), "{sql}");
        let expected = ask(&of_tables, sql).await.unwrap();
        assert_eq!(ask(&narrow, sql).await.unwrap(), expected, "{sql}");
    }
    groups
}

#[tokio::test(flavor = "multi_thread")]
async fn sums_by_kinds_and_times_are_those_of_the_table() {
    let (bank, house) = loaded().await;
    resolve(&house, &Silent).await.unwrap();
    optimize(&house, &[], &Silent).await.unwrap();
    let persons = Arc::new(Persons::new(vec![(20, 10), (21, 10), (5, 40)]));
    for round in 0..3 {
        assert!(sums_agree(&Asker::for_risk(), &bank, round).await > 1000);
        // Some withdrew; and others see nobody's rows only where nobody needs to agree.
        let marketing = Asker { purpose: Purpose::Marketing, user: "mia", ..Asker::for_risk() };
        assert!(sums_agree(&marketing, &bank, 10 + round).await > 1000);
        if round == 0 {
            // Rows come that the projection lacks, of new kinds and times too.
            let fresh = events(3, 300).replace(",open,", ",opened,").replace("2025-03-0", "2025-09-0");
            bank.write("data/b_event_3.csv", fresh);
            bank.ingest().await;
            let plan = Asker::for_risk().session(&bank).await;
            let plan = plan.explain("select name, count(*) from event group by name").await.unwrap();
            assert!(plan.contains("NarrowGroupsExec") && plan.contains("LakeScanExec"), "{plan}");
        } else if round == 1 {
            assert!(project(&bank, &house, &persons, "merged").await.rows > 1000);
            let merged = Asker { persons: Arc::clone(&persons), ..Asker::for_risk() };
            assert!(sums_agree(&merged, &bank, 20).await > 1000);
            assert!(project(&bank, &house, &Arc::default(), "apart").await.rows > 1000);
        }
    }
    // What is masked has no values, and is no group of its own either.
    let analyst = Asker { user: "ana", purpose: Purpose::Analytics, ..Asker::for_risk() }.session(&bank).await;
    let by_device = "select device, count(*) from tap group by device";
    assert!(analyst.explain(by_device).await.unwrap().contains("NarrowGroupsExec"));
    assert_eq!(ask(&analyst, by_device).await.unwrap().len(), 1);
    // As of a time when less was known the table is asked, which says what was known then.
    let earlier = Asker { as_of: Some(moment("2025-03-10")), ..Asker::for_risk() }.session(&bank).await;
    assert!(!earlier.explain(by_device).await.unwrap().contains("NarrowGroupsExec"));
}

async fn agree(asker: &Asker, bank: &TestBank, table: &str, exact: bool, seed: u64) -> usize {
    let (of_tables, narrow) = (asker.session_of_tables(bank).await, asker.session(bank).await);
    let (mut rng, mut rows) = (Rng::new(seed), 0);
    for number in 0..60 {
        let wider = number % 6 == 5;
        let sql = question(&mut rng, table, wider);
        assert!(!is_narrow(&of_tables, &sql).await, "{sql}");
        assert!(!(wider && is_narrow(&narrow, &sql).await), "{sql}");
        let mut expected = told(&of_tables, &sql).await.unwrap_or_else(|e| panic!("{sql}: {e}"));
        let mut found = told(&narrow, &sql).await.unwrap_or_else(|e| panic!("{sql}: {e}"));
        if !exact {
            expected.values_mut().chain(found.values_mut()).for_each(|lines| lines.sort());
        }
        assert_eq!(found, expected, "{sql}");
        rows += found.values().map(Vec::len).sum::<usize>();
    }
    let plain = ALL.replace("event", table);
    assert!(is_narrow(&narrow, &plain).await, "{plain}");
    rows
}

#[tokio::test(flavor = "multi_thread")]
async fn a_projection_says_what_the_table_says() {
    let (bank, house) = loaded().await;
    optimize(&house, &[], &Silent).await.unwrap();
    let latest = Some(moment("2025-12-01"));
    let known = |as_of| Asker { as_of, ..Asker::for_risk() };
    // Nobody merged, so rows of one moment have an order: both come in it.
    for (seed, asker) in [known(None), known(latest)].iter().enumerate() {
        assert!(agree(asker, &bank, "event", true, seed as u64).await > 1000);
        assert!(agree(asker, &bank, "tap", true, seed as u64).await > 1000);
    }
    let marketing = Asker { purpose: Purpose::Marketing, user: "mia", ..Asker::for_risk() };
    assert!(agree(&marketing, &bank, "event", true, 5).await > 500);
    let session = marketing.session(&bank).await;
    assert!(!is_narrow(&session, &format!("{ALL} and name in (select name from event)")).await);
    let told = told(&session, ALL).await.unwrap();
    assert!(!told.contains_key("7") && told.contains_key("8"), "who said no is not told of");
}

#[tokio::test(flavor = "multi_thread")]
async fn values_of_customers_are_those_of_the_table() {
    let (bank, house) = loaded().await;
    optimize(&house, &[], &Silent).await.unwrap();
    assert!(values_agree(&Asker::for_risk(), &bank, 1).await > 1000);
    let marketing = Asker { purpose: Purpose::Marketing, user: "mia", ..Asker::for_risk() };
    assert!(values_agree(&marketing, &bank, 2).await > 1000);
    let persons = Arc::new(Persons::new(vec![(20, 10), (21, 10), (5, 40)]));
    assert!(project(&bank, &house, &persons, "merged").await.rows > 1000);
    assert!(values_agree(&Asker { persons, ..Asker::for_risk() }, &bank, 3).await > 1000);
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_that_a_projection_has_not_are_the_engines() {
    let (bank, house) = loaded().await;
    optimize(&house, &[], &Silent).await.unwrap();
    let session = Asker::for_risk().session(&bank).await;
    for sql in [
        // Rows that are nobody's are a group of their own.
        "select customer_id, count(*) from event group by customer_id",
        "select name, count(*) from event where customer_id is not null group by name",
        "select count(*) from event where customer_id is not null",
        "select customer_id, count(*) from event where customer_id is not null and session_id is not null group by customer_id",
        "select e.customer_id, count(*) from event e join customer c on c.customer_id = e.customer_id \
         where e.customer_id is not null group by e.customer_id",
    ] {
        assert!(!session.explain(sql).await.unwrap().contains("NarrowAggregateExec"), "{sql}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_projection_knows_persons_and_visitors_as_the_session_does() {
    let (bank, house) = loaded().await;
    let known = resolve(&house, &Silent).await.unwrap().visitors.unwrap();
    assert!(known.visitors > 10);
    for (round, pairs) in
        [vec![], vec![(20, 10), (21, 10), (5, 40)], vec![(10, 20), (3, 2), (1, 50)]].into_iter().enumerate()
    {
        let persons = Arc::new(Persons::new(pairs));
        assert!(project(&bank, &house, &persons, &format!("round{round}")).await.rows > 1000);
        let asker = Asker { persons: Arc::clone(&persons), ..Asker::for_risk() };
        assert!(agree(&asker, &bank, "event", false, round as u64).await > 1000);
        let marketing = Asker { purpose: Purpose::Marketing, user: "mia", persons, ..Asker::for_risk() };
        assert!(agree(&marketing, &bank, "event", false, 7 + round as u64).await > 500);
        // For whom other customers are one, the table is asked.
        let other = Asker { persons: Arc::new(Persons::new([(33, 34)])), ..Asker::for_risk() };
        assert!(!is_narrow(&other.session(&bank).await, ALL).await);
        // So it is as of a time when less was known.
        let earlier = Asker { as_of: Some(moment("2025-03-10")), ..asker };
        assert!(!is_narrow(&earlier.session(&bank).await, ALL).await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_masked_column_has_no_values_in_a_projection_either() {
    let (bank, house) = loaded().await;
    optimize(&house, &[], &Silent).await.unwrap();
    let analyst = Asker { user: "ana", purpose: Purpose::Analytics, ..Asker::for_risk() };
    let rules = analyst.session(&bank).await;
    let ios = "select customer_id, ts, cast((device) as varchar) as d from tap where customer_id is not null and device = 'ios'";
    assert!(is_narrow(&rules, ios).await);
    assert!(told(&rules, ios).await.unwrap().is_empty());
    assert!(!told(&Asker::for_risk().session(&bank).await, ios).await.unwrap().is_empty());
    assert!(agree(&analyst, &bank, "tap", true, 3).await > 100);
    // Whoever may not read times is not told of them by a projection.
    let engineer = Asker { user: "dan", purpose: Purpose::Service, ..Asker::for_risk() };
    assert!(!is_narrow(&engineer.session(&bank).await, ALL).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn fresh_rows_are_told_with_those_of_a_projection() {
    let (bank, house) = loaded().await;
    optimize(&house, &[], &Silent).await.unwrap();
    let before = Asker::for_risk().session(&bank).await;
    let rows = told(&before, ALL).await.unwrap();
    let asker = Asker::for_risk();
    let many = |rows: &BTreeMap<String, Vec<String>>| rows.values().map(Vec::len).sum::<usize>();
    // Of kinds that it does not know too, of customers whom it does not have, and of one alone.
    let new = events(5, 40).replace(",open,", ",opened,").replace("ios", "harmony");
    let one = "id,user,visitor,ts,name,device,amount,took\n77,7,,2025-03-05T00:00:00Z,open,ios,,\n".to_owned();
    for (part, text) in [events(3, 300), events(4, 5), new, one].into_iter().enumerate() {
        bank.write(&format!("data/b_event_{}.csv", part + 3), text);
        bank.ingest().await;
        let fresh = asker.session(&bank).await;
        assert!(fresh.explain_runs(ALL).await.unwrap().contains("and fresh rows of the table"));
        assert!(many(&told(&fresh, ALL).await.unwrap()) > many(&rows) + 100);
        assert!(agree(&asker, &bank, "event", false, 30 + part as u64).await > 1000);
        if part == 2 {
            let marketing = Asker { purpose: Purpose::Marketing, user: "mia", ..Asker::for_risk() };
            assert!(agree(&marketing, &bank, "event", false, 40).await > 500);
            assert!(agree(&marketing, &bank, "tap", false, 50).await > 500);
        }
    }
    // What follows from them is not told beforehand.
    assert!(asker.session(&bank).await.fingerprint(ALL).await.unwrap().is_none());
    optimize(&house, &[], &Silent).await.unwrap();
    assert!(agree(&asker, &bank, "event", true, 8).await > 1000);
    // A session that is open keeps its snapshot.
    assert_eq!(told(&before, ALL).await.unwrap(), rows);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erased_customer_is_in_no_projection() {
    let (bank, house) = loaded().await;
    optimize(&house, &[], &Silent).await.unwrap();
    let (old, asker) = (files(&bank, "event"), Asker::for_risk());
    assert!(!old.is_empty() && told(&asker.session(&bank).await, ALL).await.unwrap().contains_key("12"));
    erase(&house, CustomerId(12)).await.unwrap();
    assert_eq!(files(&bank, "event"), Vec::<String>::new(), "at once, before any vacuum");
    assert_eq!(files(&bank, "tap"), Vec::<String>::new());
    assert!(!is_narrow(&asker.session(&bank).await, ALL).await);
    optimize(&house, &[], &Silent).await.unwrap();
    let session = asker.session(&bank).await;
    assert!(is_narrow(&session, ALL).await);
    let told = told(&session, ALL).await.unwrap();
    assert!(!told.contains_key("12") && told.contains_key("13"));
    assert!(!files(&bank, "event").iter().any(|file| file.ends_with(".rows") && old.contains(file)));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_crash_leaves_is_not_used_and_goes() {
    let (bank, house) = loaded().await;
    optimize(&house, &[], &Silent).await.unwrap();
    let whole = files(&bank, "event");
    let at = folder(&bank, "event");
    let asker = Asker::for_risk();
    let rows = told(&asker.session_of_tables(&bank).await, ALL).await.unwrap();
    // Written beside it, and not in force.
    std::fs::write(at.join("feed-3-00000.rows"), "half a file").unwrap();
    std::fs::write(at.join("current.json.new"), "{\"format\"").unwrap();
    assert!(is_narrow(&asker.session(&bank).await, ALL).await);
    let events = ["event".to_owned()];
    let removed = vacuum(&house, &events, 0, true).await.unwrap().remove(0).done.files;
    assert!(removed.contains(&"_narrow/feed-3-00000.rows".to_owned()), "{removed:?}");
    vacuum(&house, &events, 0, false).await.unwrap();
    assert_eq!(files(&bank, "event"), whole);
    assert_eq!(told(&asker.session(&bank).await, ALL).await.unwrap(), rows);
    // A manifest that is no manifest counts for nothing.
    let manifest = std::fs::read(at.join("current.json")).unwrap();
    std::fs::write(at.join("current.json"), &manifest[..manifest.len() / 2]).unwrap();
    let session = asker.session(&bank).await;
    assert!(!is_narrow(&session, ALL).await);
    assert_eq!(told(&session, ALL).await.unwrap(), rows);
    std::fs::write(at.join("current.json"), &manifest).unwrap();
    // A file that is cut off is an error that says what to do; one that is gone is not missed.
    let file = whole.iter().find(|file| file.ends_with(".rows") && !file.contains("nobody")).unwrap();
    let bytes = std::fs::read(at.join(file)).unwrap();
    std::fs::write(at.join(file), &bytes[..bytes.len() / 5]).unwrap();
    let error = told(&asker.session(&bank).await, ALL).await.unwrap_err().to_string();
    assert!(error.contains("`_narrow`") && error.contains("florin optimize"), "{error}");
    std::fs::remove_file(at.join(file)).unwrap();
    assert_eq!(told(&asker.session(&bank).await, ALL).await.unwrap(), rows);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_column_with_too_many_values_is_left_out() {
    let (bank, house) = loaded().await;
    let mut many = "id,user,visitor,ts,name,device,amount,took\n".to_owned();
    for id in 0..5000 {
        writeln!(many, "{},{},,2025-04-01T00:00:00Z,open,device-{id},,", 9_000_000 + id, 1 + id % USERS).unwrap();
    }
    bank.write("data/b_event_9.csv", many);
    bank.ingest().await;
    optimize(&house, &[], &Silent).await.unwrap();
    let asker = Asker::for_risk();
    let session = asker.session(&bank).await;
    let of_name = "select customer_id, ts, cast((name) as varchar) as n from event where customer_id is not null";
    assert!(is_narrow(&session, of_name).await && !is_narrow(&session, ALL).await);
    let of_table = asker.session_of_tables(&bank).await;
    assert_eq!(told(&session, of_name).await.unwrap(), told(&of_table, of_name).await.unwrap());
}
