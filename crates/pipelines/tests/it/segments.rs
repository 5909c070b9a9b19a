//! Segments: decided, followed, seen, saved, exported, erased.

use std::{collections::BTreeMap, fmt::Write as _};

use arrow::{array::AsArray, datatypes::Int64Type};
use florin_analytics::{
    FunnelDef, RetentionDef, RowsDef,
    funnel::StepDef,
    retention::{CohortsDef, CountsDef},
};
use florin_domain::{CustomerId, EventTime, Purpose};
use florin_pipelines::{
    FlowError, House,
    ask::Asking,
    care::{erase, optimize},
    load::Silent,
    resolve::merge,
    segments::{Draftable, ExportFormat, Refreshed, refresh, stale},
};
use roaring::RoaringBitmap;

use crate::support::{NOW, Rng, TestBank, a_trait, ask_house, map, moment};

/// A purpose that needs no consent here.
const OPEN: Purpose = Purpose::Risk;
const NAMES: [&str; 5] = ["open", "look", "start", "submit", "error"];
const CHANNELS: [&str; 3] = ["app", "web", "branch"];
const KINDS: [&str; 3] = ["card", "transfer", "cash"];
const USERS: usize = 60;
const MINUTE: i64 = 60_000_000;
const DAY: i64 = 1440 * MINUTE;

/// Something done: user, time in microseconds, name, channel, amount.
type Done = (usize, i64, String, &'static str, i64);

fn done(rng: &mut Rng, user: usize, at: i64) -> Done {
    let name = match rng.once_in(3) {
        true => format!("transaction:{}", rng.pick(&KINDS)),
        false => (*rng.pick(&NAMES)).to_owned(),
    };
    (user, at, name, *rng.pick(&CHANNELS), rng.below(200) as i64)
}

/// Made-up behaviour in the 40 days before the bank's time.
fn made_up() -> Vec<Done> {
    let mut rng = Rng::new(23);
    let mut all = Vec::new();
    for user in 1..=USERS {
        let mut at = NOW - rng.below(40 * 1440) as i64 * MINUTE;
        for _ in 0..rng.below(25) {
            // No two at one moment, which would have no order.
            at += (1 + rng.below(2000)) as i64 * MINUTE;
            if at < NOW {
                all.push(done(&mut rng, user, at));
            }
        }
    }
    all
}

/// Who holds what: user, product, opened and closed, in days before now.
fn holdings() -> Vec<(usize, &'static str, i64, Option<i64>)> {
    let mut rng = Rng::new(5);
    let mut all = Vec::new();
    for user in 1..=USERS {
        for product in ["deposit a", "deposit b", "fund x"] {
            if rng.once_in(3) {
                let opened = 1 + rng.below(200) as i64;
                let closed = rng.once_in(3).then(|| rng.below(usize::try_from(opened).unwrap()) as i64);
                all.push((user, product, opened, closed));
            }
        }
    }
    all
}

const AT: &str = "timestamp '2025-01-01'";

fn bank() -> TestBank {
    let bank = TestBank::new();
    let select = format!(
        "select customer_id('app', u.id) as customer_id, u.name as occupation, 'person' as kind, {AT} as valid_from, {AT} as known_at from a_user u"
    );
    bank.source("a_user", &["id \"int\"", "name \"text\""], &map("customer", &select));
    let ids: String = (1..=USERS).map(|id| format!("{id},{}\n", if id % 7 == 0 { "=1+1" } else { "clerk" })).collect();
    bank.write("data/a_user.csv", format!("id,name\n{ids}"));
    let select = "select key('event', e.id) as event_id, customer_id('app', e.user) as customer_id, e.ts as ts, e.name as name, \
                  e.channel as channel, e.amount as amount, e.ts as known_at from b_event e";
    let columns =
        ["id \"int\"", "user \"int\"", "ts \"timestamp\"", "name \"text\"", "channel \"text\"", "amount \"decimal\""];
    bank.source("b_event", &columns, &map("event", select));
    let select = "select key('tx', e.id) as transaction_id, customer_id('app', e.user) as customer_id, e.ts as ts, e.name as kind, \
                  'out' as direction, e.channel as channel, e.amount as amount, e.ts as known_at from c_tx e";
    bank.source("c_tx", &columns, &map("transaction", select));
    let (events, transactions): (Vec<_>, Vec<_>) =
        made_up().into_iter().partition(|(_, _, name, ..)| !name.starts_with("transaction:"));
    bank.write("data/b_event_1.csv", lines(0, &events));
    bank.write("data/c_tx_1.csv", lines(0, &transactions));
    let select = format!(
        "select key('p', p.name) as product_id, p.name as name, p.family as family, {AT} as known_at from d_product p"
    );
    bank.source("d_product", &["name \"text\"", "family \"text\""], &map("product", &select));
    bank.write("data/d_product.csv", "name,family\ndeposit a,deposit\ndeposit b,deposit\nfund x,fund\n");
    let select = format!(
        "select key('account', a.id) as account_id, customer_id('app', a.user) as customer_id, key('p', a.product) as product_id, \
         a.opened as opened_on, a.closed as closed_on, {AT} as valid_from, {AT} as known_at from e_account a"
    );
    let columns = ["id \"int\"", "user \"int\"", "product \"text\"", "opened \"date\"", "closed \"date\""];
    bank.source("e_account", &columns, &map("account", &select));
    let mut text = "id,user,product,opened,closed\n".to_owned();
    for (id, (user, product, opened, closed)) in holdings().into_iter().enumerate() {
        let closed = closed.map(day).unwrap_or_default();
        writeln!(text, "{id},{user},{product},{},{closed}", day(opened)).unwrap();
    }
    bank.write("data/e_account.csv", text);
    let select = format!(
        "select customer_id('app', c.id) as customer_id, 'marketing' as purpose, c.state as state, timestamp '2025-06-01' as ts, \
         {AT} as known_at from f_word c"
    );
    bank.source("f_word", &["id \"int\"", "state \"text\""], &map("consent", &select));
    bank.write("data/f_word.csv", "id,state\n1,withdrawn\n2,withdrawn\n3,withdrawn\n");
    bank
}

/// A day of the bank's calendar, so many before today.
fn day(before: i64) -> String {
    let now = jiff::Timestamp::from_microsecond(NOW - before * DAY).unwrap();
    now.to_zoned(jiff::tz::TimeZone::get("Asia/Shanghai").unwrap()).date().to_string()
}

fn lines(first: usize, all: &[Done]) -> String {
    let mut text = "id,user,ts,name,channel,amount\n".to_owned();
    for (id, (user, at, name, channel, amount)) in (first..).zip(all) {
        let at = jiff::Timestamp::from_microsecond(*at).unwrap();
        let name = name.trim_start_matches("transaction:");
        writeln!(text, "{id},{user},{at},{name},{channel},{amount}").unwrap();
    }
    text
}

fn segment(name: &str, purposes: &str, body: &str) -> String {
    format!(
        "[[segment]]\nname = \"{name}\"\nmeaning = {{ zh = \"某人\", en = \"somebody\" }}\npurposes = [{purposes}]\n{body}\n"
    )
}

const ALL: &str = "\"risk\", \"analytics\", \"marketing\"";

/// Segments of every kind, with the traits they need none of.
fn some_segments() -> String {
    [
        segment("lookers", ALL, "where = { did = \"look\", in_last_days = 10 }"),
        segment("quiet", ALL, "where = { not = { did = \"open\", in_last_days = 20 } }"),
        segment("spenders", ALL, "where = { did = \"transaction:card\", amount_at_least = \"100\" }"),
        segment("savers", ALL, "where = { holds = \"deposit\", for_days = 30 }"),
        segment("doers", ALL, "where = { sequence = [\"look\", \"submit\"], within_days = 7 }"),
        segment("both", ALL, "where = { all = [{ segment = \"lookers\" }, { segment = \"savers\" }] }"),
    ]
    .join("\n")
}

async fn loaded(segments: &str) -> (TestBank, House) {
    let bank = bank();
    bank.write("segments/some.toml", segments);
    assert_eq!(bank.ingest().await.total().quarantined, 0);
    let house = bank.open("owner").await;
    (bank, house)
}

async fn decided(house: &House) -> Vec<Refreshed> {
    let done = refresh(house, &[], house.time(), &Silent).await.unwrap();
    for segment in &done {
        assert_eq!(segment.failed, None, "{}", segment.name);
    }
    done
}

fn set(of: impl IntoIterator<Item = usize>) -> RoaringBitmap {
    of.into_iter().map(|user| u32::try_from(user).unwrap()).collect()
}

/// Users who did something `times` so often since, by hand.
fn did(all: &[Done], name: &str, since: i64, times: impl Fn(usize) -> bool) -> RoaringBitmap {
    let count = |user| all.iter().filter(|d| d.0 == user && d.2 == name && d.1 >= since).count();
    set((1..=USERS).filter(|&user| times(count(user))))
}

#[tokio::test(flavor = "multi_thread")]
async fn segments_are_decided_as_by_hand() {
    let (_bank, house) = loaded(&some_segments()).await;
    decided(&house).await;
    let all = made_up();
    let asking = house.asking(OPEN, None).await.unwrap();
    // The bank is eight hours ahead of Greenwich: its day began at four in the afternoon.
    let days = |n: i64| moment("2025-12-31T16:00:00Z") - n * DAY;
    let lookers = did(&all, "look", days(10), |n| n > 0);
    assert_eq!(asking.members("lookers").await.unwrap(), lookers);
    assert_eq!(asking.members("quiet").await.unwrap(), did(&all, "open", days(20), |n| n == 0));
    let rich: Vec<Done> = all.iter().filter(|d| d.4 >= 100).cloned().collect();
    assert_eq!(asking.members("spenders").await.unwrap(), did(&rich, "transaction:card", i64::MIN, |n| n > 0));
    let held = holdings().into_iter().filter(|(_, product, opened, closed)| {
        product.starts_with("deposit") && *opened >= 30 && closed.is_none_or(|closed| closed < 0)
    });
    let savers = set(held.map(|(user, ..)| user));
    assert_eq!(asking.members("savers").await.unwrap(), savers);
    let pairs = |user: usize| {
        let own: Vec<&Done> = all.iter().filter(|d| d.0 == user).collect();
        own.iter().any(|a| {
            let later = |b: &&&Done| {
                b.2 == "submit" && b.1 > a.1 && (b.1 + DAY / 3).div_euclid(DAY) <= (a.1 + DAY / 3).div_euclid(DAY) + 7
            };
            a.2 == "look" && own.iter().any(|b| later(&b))
        })
    };
    assert_eq!(asking.members("doers").await.unwrap(), set((1..=USERS).filter(|&user| pairs(user))));
    assert_eq!(asking.members("both").await.unwrap(), &lookers & &savers);
    assert_eq!(asking.members("lookers & savers").await.unwrap(), &lookers & &savers);
    assert_eq!(
        asking.members("lookers - both | quiet").await.unwrap(),
        (&lookers - &savers) | did(&all, "open", days(20), |n| n == 0)
    );
    let sql = "select count(*) from customer where customer_id in (select customer_id from segments.lookers)";
    assert_eq!(ask_house(&house, OPEN, None, sql).await.unwrap(), [lookers.len().to_string()]);
    assert!(stale(&house, house.time()).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn memberships_follow_new_rows_and_say_why_they_do_not() {
    let (bank, house) = loaded(&some_segments()).await;
    decided(&house).await;
    let mut rng = Rng::new(77);
    for round in 0..6usize {
        bank.wait(7 * 60 * MINUTE);
        let now = house.time().micros();
        let new: Vec<Done> = (0..1 + rng.below(8))
            .map(|i| {
                let user = 1 + rng.below(USERS);
                done(&mut rng, user, now - (1 + i as i64) * MINUTE)
            })
            .collect();
        let (events, transactions): (Vec<_>, Vec<_>) = new.into_iter().partition(|d| !d.2.starts_with("transaction:"));
        let first = 10_000 + round * 100;
        bank.write(&format!("data/b_event_new{round}.csv"), lines(first, &events));
        bank.write(&format!("data/c_tx_new{round}.csv"), lines(first, &transactions));
        if round == 3 {
            optimize(&house, &[], &Silent).await.unwrap();
        }
        let report = bank.ingest().await;
        assert!(report.segments.is_empty(), "{:?}", report.segments);
        let notes: Vec<_> = report.loads.iter().flat_map(|load| &load.notes).collect();
        assert!(notes.is_empty(), "{notes:?}");
        let followed: usize = report.loads.iter().map(|load| load.followed.len()).sum();
        assert_eq!(followed, if events.is_empty() { 0 } else { 3 } + usize::from(!transactions.is_empty()));
        let reasons = stale(&house, house.time()).await.unwrap();
        let of = |name: &str| reasons.iter().find(|s| s.name == name).map(|s| s.reasons.join("; ")).unwrap_or_default();
        assert_eq!(of("spenders"), "", "no window, no reason");
        if !events.is_empty() {
            let because = if of("lookers").is_empty() {
                "segment `lookers` was decided since"
            } else {
                "segment `lookers` is stale"
            };
            assert!(of("both").contains(because), "{}", of("both"));
        }
        // What was followed is what deciding anew finds, of those who were looked at, at that moment: nobody else's window matters to
        // a segment without one.
        let kept = house.asking(OPEN, None).await.unwrap().members("spenders").await.unwrap();
        refresh(&house, &["spenders".to_owned(), "doers".to_owned()], house.time(), &Silent).await.unwrap();
        let anew = house.asking(OPEN, None).await.unwrap().members("spenders").await.unwrap();
        assert_eq!(kept, anew, "round {round}");
    }
    let reasons = stale(&house, house.time()).await.unwrap();
    let lookers = reasons.iter().find(|s| s.name == "lookers").unwrap();
    assert_eq!(lookers.reasons, ["a day began since, and time alone can change it"]);
    bank.write("segments/some.toml", some_segments().replace("in_last_days = 10", "in_last_days = 11"));
    let house = bank.open("owner").await;
    let reasons = stale(&house, house.time()).await.unwrap();
    let lookers = reasons.iter().find(|s| s.name == "lookers").unwrap();
    assert!(lookers.reasons.contains(&"its definition changed".to_owned()), "{lookers:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_customer_is_followed_where_nothing_must_have_been() {
    let (bank, house) = loaded(&some_segments()).await;
    decided(&house).await;
    bank.wait(MINUTE);
    bank.write("data/a_user_new.csv", "id,name\n61,clerk\n");
    bank.ingest().await;
    let asking = house.asking(OPEN, None).await.unwrap();
    assert!(
        asking.members("quiet").await.unwrap().contains(61) && !asking.members("lookers").await.unwrap().contains(61)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_crash_left_behind_is_decided_whole() {
    let (bank, house) = loaded(&some_segments()).await;
    decided(&house).await;
    let store = bank.store().await;
    let before = store.membership("lookers").await.unwrap().unwrap();
    bank.wait(MINUTE);
    let new = |id: usize, user: usize| lines(id, &[(user, NOW, "look".to_owned(), "app", 1)]);
    let quiet = (1..=USERS).find(|&user| !before.membership.members.contains(u32::try_from(user).unwrap())).unwrap();
    bank.write("data/b_event_2.csv", new(20_000, quiet));
    bank.ingest().await;
    // As if the load had ended between its commit and the membership.
    let since = store.membership_erasures().await.unwrap();
    let now = store.membership("lookers").await.unwrap().unwrap();
    assert!(now.membership.members.contains(u32::try_from(quiet).unwrap()));
    store.keep_membership("lookers", Some(now.revision), since, &before.membership).await.unwrap();
    assert!(stale(&house, house.time()).await.unwrap().iter().any(|s| s.name == "lookers"));
    bank.wait(MINUTE);
    bank.write("data/b_event_3.csv", new(20_001, 1));
    let report = bank.ingest().await;
    assert_eq!(report.segments.iter().map(|s| s.name.as_str()).collect::<Vec<_>>(), ["lookers"]);
    let asking = house.asking(OPEN, None).await.unwrap();
    let members = asking.members("lookers").await.unwrap();
    assert!(members.contains(u32::try_from(quiet).unwrap()) && members.contains(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn purposes_consent_and_classes_hold_wherever_members_are_asked_for() {
    let text = some_segments()
        + &segment("offers", "\"marketing\"", "where = { not = { did = \"error\", in_last_days = 9000 } }");
    let (bank, house) = loaded(&text).await;
    decided(&house).await;
    // The purpose is not among the segment's.
    let refused = house.asking(OPEN, None).await.unwrap().members("offers").await.expect_err("for marketing only");
    assert!(
        refused
            .to_string()
            .contains("may not use segment `offers` for risk; allowed purposes for this segment: marketing"),
        "{refused}"
    );
    let sql = "select count(*) from segments.offers";
    let refused = ask_house(&house, OPEN, None, sql).await.expect_err("for marketing only");
    assert!(matches!(refused, FlowError::Refused(_)), "{refused}");
    // Those who withdrew are left out.
    let asking = house.asking(Purpose::Marketing, None).await.unwrap();
    let seen = asking.members("quiet").await.unwrap();
    let all = house.asking(OPEN, None).await.unwrap().members("quiet").await.unwrap();
    assert_eq!(seen, &all - set([1, 2, 3]));
    let sql = "select count(*) from segments.quiet";
    assert_eq!(ask_house(&house, Purpose::Marketing, None, sql).await.unwrap(), [seen.len().to_string()]);
    // Who may not read C2 learns the size and nobody's name.
    let dan = bank.open("dan").await;
    let asking = dan.asking(Purpose::Analytics, None).await.unwrap();
    let refused = asking.members("lookers").await.expect_err("dan sees C1");
    assert!(refused.to_string().contains("it tells C2 of `event`"), "{refused}");
    assert!(matches!(
        ask_house(&dan, Purpose::Analytics, None, "select * from segments.lookers").await,
        Err(FlowError::Refused(_))
    ));
    let view = asking.segment_view("lookers", None).await.unwrap();
    assert!(view.line.size.is_some() && view.seen.is_none() && view.hidden.is_some() && view.beside.is_empty());
    let listed = ask_house(
        &dan,
        Purpose::Analytics,
        None,
        "select table_name from information_schema.tables where table_schema = 'segments'",
    );
    assert!(listed.await.unwrap().is_empty());
    let everything = asking
        .segment_preview(&Draftable::Name("lookers"))
        .await
        .expect_err("a size of one's own choice tells of somebody");
    assert!(matches!(everything, FlowError::Refused(_)), "{everything}");
    // Every refusal is on the audit log.
    let cleo = bank.open("cleo").await;
    let entries = cleo.audit_entries(200).await.unwrap();
    let refusals = entries.iter().filter(|(_, entry)| entry.kind.name() == "refusal").count();
    assert!(refusals >= 4, "{refusals}");
}

/// How many rows a file of customers has, and whom it names.
fn exported(path: &std::path::Path) -> RoaringBitmap {
    let text = std::fs::read_to_string(path).unwrap();
    let mut lines = text.lines();
    assert!(lines.next().unwrap().starts_with("customer_id"));
    lines.map(|line| line.split(',').next().unwrap().parse::<u32>().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_is_on_the_log_first_whole_and_without_formulae() {
    let (bank, house) = loaded(&some_segments()).await;
    decided(&house).await;
    let asking = house.asking(Purpose::Marketing, None).await.unwrap();
    let (members, out) = (asking.members("quiet").await.unwrap(), bank.path().join("out"));
    std::fs::create_dir_all(&out).unwrap();
    let columns = ["occupation".to_owned(), "birth_date".to_owned()];
    let file = out.join("quiet.csv");
    let done = asking.export("quiet", &columns, ExportFormat::Csv, &file).await.unwrap();
    assert_eq!((done.rows, exported(&file)), (members.len(), members.clone()));
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(text.contains(",'=1+1,") && !text.contains(",=1+1"), "{text}");
    asking.export("quiet - lookers", &columns, ExportFormat::Xlsx, &out.join("quiet.xlsx")).await.unwrap();
    asking.export("quiet", &columns, ExportFormat::Parquet, &out.join("quiet.parquet")).await.unwrap();
    let parquet = std::fs::File::open(out.join("quiet.parquet")).unwrap();
    let reader = parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder::try_new(parquet).unwrap();
    assert_eq!(u64::try_from(reader.metadata().file_metadata().num_rows()).unwrap(), members.len());
    // What is refused, unknown or cannot be written leaves nothing behind.
    let unknown = asking.export("quiet", &["nose".to_owned()], ExportFormat::Csv, &out.join("x.csv")).await;
    assert!(matches!(unknown, Err(FlowError::Unknown { .. })));
    asking.export("quiet", &[], ExportFormat::Csv, &out.join("nowhere/x.csv")).await.expect_err("no such folder");
    let mut files: Vec<String> =
        std::fs::read_dir(&out).unwrap().map(|f| f.unwrap().file_name().into_string().unwrap()).collect();
    files.sort();
    assert_eq!(files, ["quiet.csv", "quiet.parquet", "quiet.xlsx"]);
    let cleo = bank.open("cleo").await;
    let entries = cleo.audit_entries(20).await.unwrap();
    let exports: Vec<_> = entries.iter().filter(|(_, entry)| entry.kind.name() == "export").collect();
    // The one that failed is there too: the log is written first.
    assert_eq!(exports.len(), 4);
    let (_, first) = exports[0];
    assert_eq!((first.user.as_str(), first.purpose), ("owner", Some(Purpose::Marketing)));
    assert_eq!(first.detail["segment"], "quiet");
    assert_eq!(first.detail["rows"], members.len());
    assert!(first.detail["versions"]["quiet"]["definition"].is_string(), "{:?}", first.detail);
}

#[tokio::test(flavor = "multi_thread")]
async fn members_are_known_as_of_any_time_and_so_is_who_moved() {
    let (bank, house) = loaded(&some_segments()).await;
    decided(&house).await;
    let before = house.asking(OPEN, None).await.unwrap().members("lookers").await.unwrap();
    let first = house.time();
    bank.wait(60 * MINUTE);
    let newcomer = (1..=USERS).find(|&user| !before.contains(u32::try_from(user).unwrap())).unwrap();
    bank.write("data/b_event_2.csv", lines(20_000, &[(newcomer, NOW, "look".to_owned(), "app", 1)]));
    bank.ingest().await;
    let asking = house.asking(OPEN, None).await.unwrap();
    assert_eq!(asking.members("lookers").await.unwrap(), &before | set([newcomer]));
    let view = asking.segment_view("lookers", Some(first)).await.unwrap();
    let moves = view.moves.unwrap();
    assert_eq!((moves.entered, moves.left), (1, 0));
    let then = house.asking(OPEN, Some(first)).await.unwrap();
    assert_eq!(then.members("lookers").await.unwrap(), before);
    let sql = "select count(*) from segments.lookers";
    assert_eq!(ask_house(&house, OPEN, Some(first.micros()), sql).await.unwrap(), [before.len().to_string()]);
    // The time line: decided once, and when the newcomer was followed.
    let moments = asking.segment_history("lookers", None).await.unwrap();
    let told: Vec<_> = moments.iter().map(|m| (m.size, m.entered, m.left)).collect();
    assert_eq!(told, [(before.len(), before.len(), 0), (before.len() + 1, 1, 0)]);
    assert_eq!(moments[0].at, first);
    let later = Some(EventTime(first.micros() + 1));
    assert_eq!(asking.segment_history("lookers", later).await.unwrap(), moments[1..]);
    assert_eq!(then.segment_history("lookers", None).await.unwrap(), moments[..1]);
    let withdrawn = before.intersection_len(&set([1, 2, 3]));
    let marketing = house.asking(Purpose::Marketing, None).await.unwrap();
    assert_eq!(marketing.segment_history("lookers", None).await.unwrap()[0].size, before.len() - withdrawn);
    let dan = bank.open("dan").await;
    let refused = dan.asking(Purpose::Analytics, None).await.unwrap().segment_history("lookers", None).await;
    assert!(matches!(refused, Err(FlowError::Refused(_))));
    let long_ago = house.asking(OPEN, Some(EventTime(first.micros() - 1))).await.unwrap();
    assert!(long_ago.members("lookers").await.unwrap().is_empty());
}

fn some_traits() -> String {
    let lines = |more| ["type = \"int\"\nunit = \"1\"", "class = \"C2\"", "purposes = [\"analytics\", \"risk\"]", more];
    let looks = "select customer_id, count(*) as value from event where name = 'look' group by customer_id";
    let events = "select customer_id, count(*) as value from event group by customer_id";
    a_trait("looks", ("浏览次数", "how often they looked"), &lines(""), looks)
        + &a_trait("events", ("事件数", "how much they did"), &lines("fill = { constant = 0 }"), events)
}

#[tokio::test(flavor = "multi_thread")]
async fn traits_decide_leave_unknown_cluster_and_drift_and_memberships_wait_for_them() {
    let purposes = "\"risk\", \"analytics\"";
    let k_means = "cluster = { traits = [\"looks\", \"events\"], method = { k_means = { clusters_min = 2, clusters_max = 4 } }, seed = 1 }";
    let text = [
        segment("often", purposes, "where = { trait = \"looks\", at_least = 3 }"),
        segment("styles", purposes, k_means),
        segment("first_style", purposes, "where = { segment = \"styles\", cluster = 1 }"),
    ]
    .join("\n");
    let bank = bank();
    bank.write("traits/some.toml", some_traits());
    bank.write("segments/some.toml", text);
    bank.ingest().await;
    let house = bank.open("owner").await;
    compute(&house).await;
    decided(&house).await;
    let all = made_up();
    let looks = |user: usize| all.iter().filter(|d| d.0 == user && d.2 == "look").count();
    let asking = house.asking(OPEN, None).await.unwrap();
    assert_eq!(asking.members("often").await.unwrap(), set((1..=USERS).filter(|&user| looks(user) >= 3)));
    let view = asking.segment_view("often", None).await.unwrap();
    // Of those who never looked there is no count, so it cannot be told.
    assert_eq!(view.line.unknown, Some((1..=USERS).filter(|&user| looks(user) == 0).count() as u64));
    assert_eq!(view.drift.iter().map(|d| (d.name.as_str(), d.index)).collect::<Vec<_>>(), [("looks", 0.0)]);
    let styles = asking.segment_view("styles", None).await.unwrap();
    let described = styles.clusters.unwrap();
    assert!((2..=4).contains(&described.clusters.len()) && !described.clusters[0].differences[0].zh.is_empty());
    for difference in described.clusters.iter().flat_map(|cluster| &cluster.differences) {
        let meaning = difference.meaning.as_ref().map(|meaning| (meaning.zh.as_str(), meaning.en.as_str()));
        let expected = match difference.name.as_str() {
            "looks" => ("浏览次数", "how often they looked"),
            _ => ("事件数", "how much they did"),
        };
        assert_eq!(meaning, Some(expected), "{}", difference.name);
    }
    let sql = "select count(*) as n from segments.styles where cluster = 1";
    assert_eq!(counted(&asking, sql).await, described.clusters[0].size);
    assert_eq!(asking.members("first_style").await.unwrap().len(), described.clusters[0].size);
    assert_eq!(asking.members("styles").await.unwrap().len(), USERS as u64);
    // New rows make the trait stale, and what names it waits.
    bank.wait(MINUTE);
    let more: Vec<Done> = (0..40).map(|i| (1 + i % 5, NOW - i as i64 * MINUTE, "look".to_owned(), "app", 1)).collect();
    bank.write("data/b_event_2.csv", lines(30_000, &more));
    let report = bank.ingest().await;
    assert!(report.loads.iter().all(|load| load.followed.is_empty()));
    let reasons = stale(&house, house.time()).await.unwrap();
    let of = |name: &str| reasons.iter().find(|s| s.name == name).map(|s| s.reasons.join("; ")).unwrap_or_default();
    assert_eq!(of("often"), "trait `looks` is stale");
    assert_eq!(of("first_style"), "segment `styles` is stale");
    compute(&house).await;
    assert!(
        stale(&house, house.time()).await.unwrap().iter().any(|s| s.reasons == ["trait `looks` was computed since"])
    );
    decided(&house).await;
    let asking = house.asking(OPEN, None).await.unwrap();
    assert!(set([1, 2, 3, 4, 5]).is_subset(&asking.members("often").await.unwrap()));
    assert!(asking.segment_view("often", None).await.unwrap().drift[0].index > 0.0);
    let out = bank.path().join("often.csv");
    let columns = ["traits.looks".to_owned(), "region".to_owned()];
    let done = asking.export("often", &columns, ExportFormat::Csv, &out).await.unwrap();
    assert_eq!((exported(&out).len(), done.masked.len()), (done.rows, 0));
    let refused =
        house.asking(Purpose::Marketing, None).await.unwrap().members("often").await.expect_err("not for marketing");
    assert!(matches!(refused, FlowError::Refused(_)));
}

async fn compute(house: &House) {
    let planned = florin_pipelines::traits::plan(house, &[], house.time(), false).await.unwrap();
    florin_pipelines::traits::run(house, &planned, &Silent, &|| std::time::Duration::ZERO).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn customers_who_become_one_are_one_member() {
    let (bank, house) = loaded(&some_segments()).await;
    decided(&house).await;
    let members = house.asking(OPEN, None).await.unwrap().members("lookers").await.unwrap();
    let (a, b) = (members.min().unwrap(), members.max().unwrap());
    bank.wait(MINUTE);
    merge(&house, CustomerId(a), CustomerId(b), "the same").await.unwrap();
    let merged = house.asking(OPEN, None).await.unwrap().members("lookers").await.unwrap();
    assert_eq!(merged.len(), members.len() - 1);
    let reasons = stale(&house, house.time()).await.unwrap();
    assert!(reasons.iter().all(|s| s.reasons.iter().any(|r| r.contains("found to be one"))), "{reasons:?}");
    decided(&house).await;
    assert_eq!(house.asking(OPEN, None).await.unwrap().members("lookers").await.unwrap(), merged);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erased_customer_vanishes_from_members_unknowns_clusters_and_history() {
    let (bank, house) = loaded(&some_segments()).await;
    decided(&house).await;
    let asking = house.asking(OPEN, None).await.unwrap();
    let answer = asking.journey(&funnel(&["open"], 9000)).await.unwrap();
    let customers = answer.reached(None, 1).unwrap();
    let number = asking.number("funnel", &funnel(&["open"], 9000), serde_json::json!(1), customers.clone()).unwrap();
    asking.save_segment("openers", &number).await.unwrap();
    let (who, first) = (customers.min().unwrap(), house.time());
    let store = bank.store().await;
    // As a clustering and a predicate of missing traits leave them.
    let since = store.membership_erasures().await.unwrap();
    let mut styles = store.membership("lookers").await.unwrap().unwrap().membership;
    (styles.unknown, styles.clusters) = (set([who as usize]), Some(vec![set([who as usize, 7])]));
    store.keep_membership("styles", None, since, &styles).await.unwrap();
    bank.wait(MINUTE);
    erase(&house, CustomerId(who)).await.unwrap();
    for line in store.memberships().await.unwrap() {
        let name = line.segment;
        let kept = store.membership(&name).await.unwrap().unwrap().membership;
        let clusters = kept.clusters.clone().unwrap_or_default();
        assert!(
            !kept.members.contains(who) && !kept.unknown.contains(who) && clusters.iter().all(|c| !c.contains(who)),
            "{name}"
        );
        let history = florin_features::segments::history::History::from_bytes(&kept.history).unwrap();
        assert!(!history.at(first).contains(who) && history.intervals(who).is_empty(), "{name}");
    }
    decided(&house).await;
    assert!(!house.asking(OPEN, None).await.unwrap().members("quiet").await.unwrap().contains(who));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_preview_keeps_nothing_and_what_is_wrong_is_said_with_its_line() {
    let (bank, house) = loaded(&some_segments()).await;
    decided(&house).await;
    let store = bank.store().await;
    let before = store.memberships().await.unwrap();
    let asking = house.asking(OPEN, None).await.unwrap();
    let text = segment(
        "lookers",
        ALL,
        "where = { all = [{ did = \"look\", in_last_days = 20 }, { not = { segment = \"savers\" } }] }",
    );
    let drafts = asking.segment_preview(&Draftable::File("draft.toml", &text)).await.unwrap();
    let [draft] = &drafts[..] else { panic!("{drafts:?}") };
    let (lookers, savers) = (asking.members("lookers").await.unwrap(), asking.members("savers").await.unwrap());
    assert_eq!(draft.preview.leaving, (&lookers & &savers).len());
    assert!(draft.preview.beside.iter().any(|b| b.name == "quiet"));
    assert_eq!(store.memberships().await.unwrap(), before);
    let wrong = segment("x", ALL, "where = { did = \"look\", in_last_dayz = 20 }");
    let error = asking.segment_preview(&Draftable::File("draft.toml", &wrong)).await.expect_err("misspelt").to_string();
    assert!(error.contains("draft.toml:5") && error.contains("in_last_days"), "{error}");
    bank.write("segments/other.toml", segment("x", "\"service\"", "where = { segment = \"lokers\" }"));
    let error = florin_pipelines::bank::Bank::read(bank.path()).err().unwrap().to_string();
    assert!(error.contains("segments/other.toml:5") && error.contains("did you mean `lookers`?"), "{error}");
}

// --- a thousand numbers

fn step(name: &str) -> StepDef {
    StepDef { name: name.to_owned(), condition: format!("name = '{name}'"), within: None }
}

fn funnel(steps: &[&str], days: i64) -> FunnelDef {
    FunnelDef {
        steps: steps.iter().map(|s| step(s)).collect(),
        within: Some(format!("{days} days")),
        ..FunnelDef::default()
    }
}

/// A number that was counted, its customers, and where they were saved.
struct Numbered {
    what: String,
    count: u64,
    name: String,
}

async fn random_funnel(asking: &Asking<'_>, rng: &mut Rng, name: &str) -> Numbered {
    let steps: Vec<&str> = (0..1 + rng.below(4)).map(|_| *rng.pick(&NAMES)).collect();
    let mut def = funnel(&steps, 1 + rng.below(30) as i64);
    def.by = rng.once_in(3).then(|| "channel".to_owned());
    let answer = asking.journey(&def).await.unwrap();
    let Some(value) = answer.values.get(rng.below(answer.values.len())) else {
        let number = asking.number("funnel", &def, serde_json::json!(1), RoaringBitmap::new()).unwrap();
        asking.save_segment(name, &number).await.unwrap();
        return Numbered { what: format!("{def:?}"), count: 0, name: name.to_owned() };
    };
    let at = 1 + rng.below(steps.len());
    let (counts, of) = (value.found.counts(), value.value.as_deref());
    let dropped = at > 1 && rng.once_in(2);
    // The number as the chart shows it, not the length of the list.
    let count = if dropped { counts[at - 2] - counts[at - 1] } else { counts[at - 1] };
    let customers = if dropped { answer.dropped(of, at) } else { answer.reached(of, at) }.unwrap();
    let cell = serde_json::json!({ "step": at, "dropped": dropped, "value": of });
    asking.save_segment(name, &asking.number("funnel", &def, cell, customers).unwrap()).await.unwrap();
    Numbered { what: format!("{def:?} {at} {dropped}"), count, name: name.to_owned() }
}

async fn random_retention(asking: &Asking<'_>, rng: &mut Rng, name: &str) -> Numbered {
    let def = RetentionDef {
        about: String::new(),
        rows: RowsDef::default(),
        start: format!("name = '{}'", rng.pick(&NAMES)),
        returned: rng.once_in(2).then(|| format!("channel = '{}'", rng.pick(&CHANNELS))),
        period: *rng.pick(&[florin_analytics::PeriodDef::Day, florin_analytics::PeriodDef::Week]),
        first: day(30).parse().unwrap(),
        periods: 4,
        cohorts: *rng.pick(&[CohortsDef::FirstTime, CohortsDef::Recurring]),
        counts: *rng.pick(&[CountsDef::On, CountsDef::OnOrAfter]),
    };
    let answer = asking.journey(&def).await.unwrap();
    let (cohort, later) = (rng.below(4), rng.below(4));
    let later = later.min(3 - cohort);
    let count = answer.found.count(cohort, later).unwrap();
    let customers = answer.found.cell(cohort, later).unwrap();
    let cell = serde_json::json!({ "cohort": cohort + 1, "later": later });
    asking.save_segment(name, &asking.number("retention", &def, cell, customers).unwrap()).await.unwrap();
    Numbered { what: format!("{def:?} {cohort}+{later}"), count, name: name.to_owned() }
}

async fn counted(asking: &Asking<'_>, sql: &str) -> u64 {
    let batches = asking.sql(sql).await.unwrap().collect().await.unwrap();
    batches[0].column(0).as_primitive::<Int64Type>().value(0).cast_unsigned()
}

/// A predicate, at most so deep.
fn random_predicate(rng: &mut Rng, depth: usize, earlier: &[String]) -> String {
    let part = |rng: &mut Rng| random_predicate(rng, depth - 1, earlier);
    let name = |rng: &mut Rng| match rng.once_in(3) {
        true => format!("transaction:{}", rng.pick(&KINDS)),
        false => (*rng.pick(&NAMES)).to_owned(),
    };
    let window = |rng: &mut Rng| match rng.below(3) {
        0 => format!(", in_last_days = {}", rng.below(30)),
        1 => format!(", in_last_hours = {}", rng.below(500)),
        _ => String::new(),
    };
    match rng.below(if depth > 0 { 9 } else { 6 }) {
        0 => format!("{{ did = \"{}\"{} }}", name(rng), window(rng)),
        1 => format!("{{ did = \"{}\", at_most_times = {}{} }}", name(rng), rng.below(4), window(rng)),
        2 => format!("{{ did_not = \"{}\", channel = \"{}\"{} }}", name(rng), rng.pick(&CHANNELS), window(rng)),
        3 => {
            format!("{{ holds = \"{}\", for_days = {} }}", rng.pick(&["deposit", "fund", "deposit a"]), rng.below(150))
        }
        4 => format!(
            "{{ sequence = [\"{}\", \"{}\"], within_days = {}{} }}",
            name(rng),
            name(rng),
            rng.below(9),
            window(rng)
        ),
        5 if !earlier.is_empty() => format!("{{ segment = \"{}\" }}", rng.pick(earlier)),
        5 => format!("{{ did = \"{}\", amount_at_least = \"{}\" }}", name(rng), rng.below(200)),
        6 => format!("{{ not = {} }}", part(rng)),
        7 => format!("{{ all = [{}, {}] }}", part(rng), part(rng)),
        _ => format!("{{ any = [{}, {}] }}", part(rng), part(rng)),
    }
}

/// Of a thousand: so many funnels, so many retentions; the rest are segments.
const FUNNELS: usize = 350;
const RETENTIONS: usize = 300;
const SEGMENTS: usize = 350;

#[tokio::test(flavor = "multi_thread")]
async fn of_a_thousand_numbers_count_is_list_is_export() {
    let mut rng = Rng::new(2026);
    let mut names: Vec<String> = Vec::new();
    let mut text = String::new();
    for i in 0..SEGMENTS {
        let predicate = random_predicate(&mut rng, 2, &names);
        writeln!(text, "{}", segment(&format!("s{i}"), ALL, &format!("where = {predicate}"))).unwrap();
        names.push(format!("s{i}"));
    }
    let (bank, house) = loaded(&text).await;
    let sizes: BTreeMap<String, u64> = decided(&house).await.into_iter().map(|s| (s.name, s.members)).collect();
    assert_eq!(sizes.len(), SEGMENTS);
    let out = bank.path().join("out.csv");
    let mut checked = 0;
    // With consent and without.
    for purpose in [Purpose::Marketing, OPEN] {
        let mut numbers = Vec::new();
        let asking = house.asking(purpose, None).await.unwrap();
        for i in (0..FUNNELS).filter(|i| (i % 2 == 0) == (purpose == OPEN)) {
            numbers.push(random_funnel(&asking, &mut rng, &format!("f{i}")).await);
        }
        for i in (0..RETENTIONS).filter(|i| (i % 2 == 0) == (purpose == OPEN)) {
            numbers.push(random_retention(&asking, &mut rng, &format!("r{i}")).await);
        }
        let asking = house.asking(purpose, None).await.unwrap();
        for (i, name) in names.iter().enumerate().filter(|(i, _)| (i % 2 == 0) == (purpose == OPEN)) {
            // The number as the segment says it, or as SQL counts what this purpose may see of it.
            let count = match purpose == OPEN {
                true => sizes[name],
                false => counted(&asking, &format!("select count(*) as n from segments.{name}")).await,
            };
            numbers.push(Numbered { what: format!("segment {i}"), count, name: name.clone() });
        }
        for number in &numbers {
            let list = asking.members(&number.name).await.unwrap();
            let done = asking.export(&number.name, &[], ExportFormat::Csv, &out).await.unwrap();
            let (count, export) = (number.count, exported(&out));
            assert_eq!(
                (count, &list, done.rows),
                (list.len(), &export, export.len()),
                "{}: {}",
                number.name,
                number.what
            );
            if purpose == Purpose::Marketing {
                assert!(list.is_disjoint(&set([1, 2, 3])), "{}: {}", number.name, number.what);
            }
            checked += 1;
        }
    }
    assert_eq!(checked, 1000);
}
