//! Ten thousand questions for marketing: nothing of customers who withdrew, and the same answers as a bank that never
//! had their records.

use std::{
    fmt::Write as _,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use florin_domain::Purpose;
use florin_governance::{ConsentDefault, PurposeRule, PurposeRules};
use florin_lake::Session;
use florin_pipelines::{
    care::optimize,
    load::{Silent, retry_quarantined},
};

use crate::{
    queries::{Generator, Question},
    support::{NOW, Rng, TestBank, ask, ask_house, moment},
};

const CUSTOMERS: usize = 60;
const SEED: u64 = 20_260_101;
/// So many questions take a minute or two in a build without optimisation; `FLORIN_TEST_QUERIES=10000` asks them all.
const QUERIES: usize = 500;
/// Questions through the whole house, each on record.
const HOUSE_QUERIES: usize = 100;

/// What a customer said on marketing; those who say more are seen by more.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Word {
    Withdrew,
    Silent,
    Gave,
}

fn word(customer: usize) -> Word {
    match customer % 7 {
        2 | 5 => Word::Withdrew,
        4 => Word::Silent,
        _ => Word::Gave,
    }
}

/// Which bank is made: the whole one, or a copy in which only rows of those who said at least this can be stored.
fn bank(least: Word) -> TestBank {
    let bank = TestBank::new();
    definitions(&bank);
    let mut rng = Rng::new(SEED);
    for (file, (header, lines)) in files(&mut rng, least) {
        // Customers are numbered in the order they come: all are in the first part, as their first versions.
        let middle = if file == "customers" { CUSTOMERS } else { lines.len() / 2 };
        for (part, lines) in [&lines[..middle], &lines[middle..]].into_iter().enumerate() {
            bank.write(&format!("later/{file}-{part}.csv"), format!("{header}\n{}\n", lines.join("\n")));
        }
    }
    bank
}

/// Loads one part after the other, so that buckets have files that overlap; `merged` tables are optimised.
async fn loaded(least: Word, merged: &[&str]) -> TestBank {
    let bank = bank(least);
    for part in 0..2 {
        for file in ["customers", "accounts", "loans", "transactions", "events", "consents", "rates"] {
            let text = std::fs::read(bank.path().join(format!("later/{file}-{part}.csv"))).unwrap();
            bank.write(&format!("data/{file}-{part}.csv"), text);
        }
        bank.ingest().await;
        bank.wait(1_000_000);
    }
    let names: Vec<String> = merged.iter().map(|&m| m.to_owned()).collect();
    optimize(&bank.open("owner").await, &names, &Silent).await.unwrap();
    bank
}

fn definitions(bank: &TestBank) {
    bank.write(
        "tables/rate.toml",
        "name = \"rate\"\nabout = \"a rate of the bank\"\nkey = [\"code\"]\ncolumns = [\n\
         { name = \"code\", type = \"text\", class = \"C1\", required = true },\n\
         { name = \"factor\", type = \"decimal\", class = \"C1\" },\n]\n",
    );
    bank.source(
        "rates",
        &["code \"text\"", "factor \"decimal\""],
        "[[map]]\ninto = \"rate\"\nselect = \"select r.code as code, r.factor as factor from rates r\"\n",
    );
    let customers = [
        "id \"int\"",
        "kind \"text\"",
        "birth_date \"date\"",
        "gender \"text\"",
        "region \"text\"",
        "income_band \"text\"",
        "valid_from \"timestamp\"",
        "known_at \"timestamp\"",
    ];
    bank.source("customers", &customers, "[[map]]\ninto = \"customer\"\nselect = \"select customer_id('core', c.id) as customer_id, c.kind as kind, c.birth_date as birth_date, c.gender as gender, c.region as region, c.income_band as income_band, c.valid_from as valid_from, c.known_at as known_at from customers c\"\n[[map.check]]\ncolumn = \"kind\"\nrequired = true\n");
    let accounts = [
        "id \"int\"",
        "owner \"int\"",
        "opened_on \"date\"",
        "currency \"text\"",
        "credit_limit \"decimal\"",
        "status \"text\"",
        "valid_from \"timestamp\"",
        "known_at \"timestamp\"",
        "ok \"text\"",
    ];
    bank.source("accounts", &accounts, "[[map]]\ninto = \"account\"\nselect = \"select key('account', a.id) as account_id, customer_id('core', case when a.ok = 'y' then a.owner end) as customer_id, a.opened_on as opened_on, a.currency as currency, a.credit_limit as credit_limit, a.status as status, a.valid_from as valid_from, a.known_at as known_at from accounts a\"\n");
    let loans = [
        "id \"int\"",
        "customer \"int\"",
        "account \"int\"",
        "ts \"timestamp\"",
        "amount \"decimal\"",
        "term \"int\"",
        "status \"text\"",
        "valid_from \"timestamp\"",
        "known_at \"timestamp\"",
        "ok \"text\"",
    ];
    bank.source("loans", &loans, "[[map]]\ninto = \"loan\"\nselect = \"select key('loan', l.id) as loan_id, customer_id('core', case when l.ok = 'y' then l.customer end) as customer_id, key('account', l.account) as account_id, l.ts as ts, l.amount as amount, l.term as term_months, l.status as status, l.valid_from as valid_from, l.known_at as known_at from loans l\"\n");
    let transactions = [
        "id \"int\"",
        "customer \"int\"",
        "account \"int\"",
        "ts \"timestamp\"",
        "amount \"decimal\"",
        "direction \"text\"",
        "kind \"text\"",
        "place \"text\"",
        "ok \"text\"",
    ];
    bank.source("transactions", &transactions, "[[map]]\ninto = \"transaction\"\nselect = \"select key('transaction', t.id) as transaction_id, customer_id('core', case when t.ok = 'y' then t.customer end) as customer_id, key('account', t.account) as account_id, t.ts as ts, t.amount as amount, t.direction as direction, t.kind as kind, t.place as place, t.ts as known_at from transactions t\"\n");
    let events = [
        "id \"int\"",
        "customer \"int\"",
        "anonymous \"text\"",
        "ts \"timestamp\"",
        "name \"text\"",
        "channel \"text\"",
        "device \"text\"",
        "duration \"int\"",
        "ok \"text\"",
    ];
    bank.source("events", &events, "[[map]]\ninto = \"event\"\nselect = \"select key('event', e.id) as event_id, customer_id('core', e.customer) as customer_id, e.anonymous as anonymous_id, e.ts as ts, case when e.ok = 'y' then e.name end as name, e.channel as channel, e.device as device, e.duration as duration_ms, e.ts as known_at from events e\"\n");
    let consents = ["customer \"int\"", "purpose \"text\"", "state \"text\"", "ts \"timestamp\"", "ok \"text\""];
    bank.source("consents", &consents, "[[map]]\ninto = \"consent\"\nselect = \"select customer_id('core', case when c.ok = 'y' then c.customer end) as customer_id, c.purpose as purpose, c.state as state, c.ts as ts, c.ts as known_at from consents c\"\n");
}

type File = (&'static str, (&'static str, Vec<String>));

/// The same records for every bank, but for `ok` (and the kind of a customer): where it is missing, a row cannot be stored.
fn files(rng: &mut Rng, least: Word) -> Vec<File> {
    let ok = |customer: usize| if word(customer) >= least { "y" } else { "" };
    vec![
        ("rates", ("code,factor", (0..8).map(|i| format!("R{i},{i}.5")).collect())),
        ("customers", ("id,kind,birth_date,gender,region,income_band,valid_from,known_at", customers(rng, least))),
        ("accounts", ("id,owner,opened_on,currency,credit_limit,status,valid_from,known_at,ok", accounts(rng, &ok))),
        ("loans", ("id,customer,account,ts,amount,term,status,valid_from,known_at,ok", loans(rng, &ok))),
        ("transactions", ("id,customer,account,ts,amount,direction,kind,place,ok", transactions(rng, &ok))),
        ("events", ("id,customer,anonymous,ts,name,channel,device,duration,ok", events(rng, least))),
        ("consents", ("customer,purpose,state,ts,ok", consents(&ok))),
    ]
}

/// Text that only customers who withdrew have.
const MARK: &str = "W!";

fn text(rng: &mut Rng, customer: usize, choices: &[&str]) -> String {
    let chosen = *rng.pick(choices);
    if word(customer) == Word::Withdrew { format!("{MARK}{chosen}") } else { chosen.to_owned() }
}

fn day(rng: &mut Rng, year: usize) -> String {
    format!("{year}-{:02}-{:02}", 1 + rng.below(12), 1 + rng.below(28))
}

fn time(rng: &mut Rng) -> String {
    let year = 2023 + rng.below(3);
    format!("{}T{:02}:{:02}:00Z", day(rng, year), rng.below(24), rng.below(60))
}

/// When the versions of a thing hold from, and from when each was known: some are of the future.
fn versions(rng: &mut Rng) -> Vec<(String, String)> {
    let years = [2022, 2024, 2025, 2027];
    let known = |rng: &mut Rng, year: usize| day(rng, year.min(2025));
    (0..=rng.below(4))
        .map(|v| (format!("{}T00:00:00Z", day(rng, years[v])), format!("{}T00:00:00Z", known(rng, years[v]))))
        .collect()
}

fn customers(rng: &mut Rng, least: Word) -> Vec<String> {
    let mut lines = Vec::new();
    for version in 0..2 {
        for c in 1..=CUSTOMERS {
            let born = 1960 + rng.below(40);
            let line = format!(
                "{c},person,{},{},{},{},{},{}",
                day(rng, born),
                rng.pick(&["female", "male", ""]),
                text(rng, c, &["north", "south", "east"]),
                text(rng, c, &["low", "middle", "high"]),
                format_args!("{}T00:00:00Z", day(rng, [2022, 2024][version])),
                format_args!("{}T00:00:00Z", day(rng, [2022, 2025][version])),
            );
            let has_version = version == 0 || c % 3 == 0;
            let line = if word(c) >= least { line } else { line.replacen("person", "", 1) };
            lines.extend(has_version.then_some(line));
        }
    }
    lines
}

fn accounts(rng: &mut Rng, ok: &dyn Fn(usize) -> &'static str) -> Vec<String> {
    let mut lines = Vec::new();
    for id in 1..=90 {
        let mut owner = 1 + rng.below(CUSTOMERS);
        for (valid_from, known_at) in versions(rng) {
            // An account may change hands, but only to somebody who is seen by more: what is then hidden is another test.
            let next = 1 + rng.below(CUSTOMERS);
            if rng.once_in(4) && word(next) >= word(owner) {
                owner = next;
            }
            let status = text(rng, owner, &["open", "dormant", "closed"]);
            let limit = if rng.once_in(5) { String::new() } else { format!("{}.25", rng.below(40) * 50) };
            let (opened, currency) = (day(rng, 2020), rng.pick(&["CNY", "EUR", "USD"]));
            lines.push(format!(
                "{id},{owner},{opened},{currency},{limit},{status},{valid_from},{known_at},{}",
                ok(owner)
            ));
        }
    }
    shuffled(rng, lines)
}

fn loans(rng: &mut Rng, ok: &dyn Fn(usize) -> &'static str) -> Vec<String> {
    let mut lines = Vec::new();
    for id in 1..=50 {
        let customer = 1 + rng.below(CUSTOMERS);
        let (ts, amount, term) = (time(rng), 1000 + rng.below(90) * 100, 6 * (1 + rng.below(8)));
        for (valid_from, known_at) in versions(rng) {
            let status = text(rng, customer, &["A", "B", "C", "D"]);
            let account = 1 + rng.below(90);
            lines.push(format!(
                "{id},{customer},{account},{ts},{amount},{term},{status},{valid_from},{known_at},{}",
                ok(customer)
            ));
        }
    }
    shuffled(rng, lines)
}

fn transactions(rng: &mut Rng, ok: &dyn Fn(usize) -> &'static str) -> Vec<String> {
    let line = |id: usize, rng: &mut Rng| {
        let c = 1 + rng.below(CUSTOMERS);
        // Only customers who withdrew ever moved nothing: to divide by an amount fails for them alone.
        let amount = if word(c) == Word::Withdrew && rng.once_in(3) { 0 } else { 1 + rng.below(500) };
        let (kind, place) = (text(rng, c, &["card", "cash", "transfer"]), text(rng, c, &["Oslo", "Lima", "Xi'an", ""]));
        format!(
            "{id},{c},{},{},{amount}.50,{},{kind},{place},{}",
            1 + rng.below(90),
            time(rng),
            rng.pick(&["in", "out"]),
            ok(c)
        )
        .replace(",0.50,", ",0,")
    };
    (1..=600).map(|id| line(id, rng)).collect()
}

fn events(rng: &mut Rng, least: Word) -> Vec<String> {
    let line = |id: usize, rng: &mut Rng| {
        let known = !rng.once_in(5);
        let c = 1 + rng.below(CUSTOMERS);
        // Nobody in particular said nothing in particular.
        let ok = if (if known { word(c) } else { Word::Silent }) >= least { "y" } else { "" };
        // Only devices of customers who withdrew are no numbers.
        let device = if known && word(c) == Word::Withdrew { format!("{MARK}x") } else { rng.below(40).to_string() };
        let name =
            if known { text(rng, c, &["view", "click", "apply"]) } else { (*rng.pick(&["view", "click"])).to_owned() };
        let customer = if known { c.to_string() } else { String::new() };
        let (channel, duration) =
            (rng.pick(&["web", "app"]), if rng.once_in(4) { String::new() } else { rng.below(30).to_string() });
        format!("{id},{customer},visitor-{id},{},{name},{channel},{device},{duration},{ok}", time(rng))
    };
    (1..=300).map(|id| line(id, rng)).collect()
}

/// Some said yes before they said no, or the other way round; the latest counts.
fn consents(ok: &dyn Fn(usize) -> &'static str) -> Vec<String> {
    let mut lines = Vec::new();
    for c in 1..=CUSTOMERS {
        let mut say = |state: &str, ts: &str| lines.push(format!("{c},marketing,{state},{ts}T00:00:00Z,{}", ok(c)));
        match word(c) {
            Word::Silent => {}
            Word::Withdrew => {
                if c % 2 == 0 {
                    say("given", "2024-01-01");
                }
                say("withdrawn", "2025-03-01");
            }
            Word::Gave => {
                if c % 2 == 0 {
                    say("withdrawn", "2024-01-01");
                }
                say("given", "2025-03-01");
            }
        }
    }
    lines
}

fn shuffled(rng: &mut Rng, mut lines: Vec<String>) -> Vec<String> {
    for i in (1..lines.len()).rev() {
        lines.swap(i, rng.below(i + 1));
    }
    lines
}

/// The whole bank under a rule beside a copy without the rows that the rule hides, where nothing is hidden.
struct Pair {
    name: &'static str,
    governed: Session,
    copy: Session,
    /// The whole bank with nothing hidden: that questions touch what is hidden at all.
    everything: Session,
}

fn rules(marketing: PurposeRule) -> PurposeRules {
    PurposeRules { marketing, ..PurposeRules::default() }
}

async fn pair(name: &'static str, whole: &TestBank, copy: &TestBank, rule: PurposeRule, as_of: Option<i64>) -> Pair {
    let open = |bank, rule| TestBank::session(bank, "mia", Purpose::Marketing, rules(rule), as_of);
    Pair {
        name,
        governed: open(whole, rule).await,
        copy: open(copy, PurposeRule::Contract).await,
        everything: open(whole, PurposeRule::Contract).await,
    }
}

/// What came of all questions.
#[derive(Default)]
struct Seen {
    answered: AtomicUsize,
    with_rows: AtomicUsize,
    failed: AtomicUsize,
    compared_with_everything: AtomicUsize,
    hidden_something: AtomicUsize,
    hidden_an_error: AtomicUsize,
}

async fn compare(pair: &Pair, question: &Question, number: usize, seen: &Seen) {
    let context = || format!("question {number} of seed {SEED} ({}):\n{}", pair.name, question.sql);
    let (governed, copy) = tokio::join!(ask(&pair.governed, &question.sql), ask(&pair.copy, &question.sql));
    match (&governed, &copy) {
        (Ok(governed), Ok(copy)) => {
            if governed != copy {
                panic!("{}\n{}", context(), difference(governed, copy));
            }
            let mark = governed.iter().find(|row| row.contains(MARK));
            assert!(mark.is_none(), "{}\n{mark:?}", context());
            seen.answered.fetch_add(1, Ordering::Relaxed);
            seen.with_rows.fetch_add(usize::from(!governed.is_empty()), Ordering::Relaxed);
        }
        (Err(governed), Err(copy)) => {
            assert_eq!(std::mem::discriminant(governed), std::mem::discriminant(copy), "{}", context());
            assert!(!governed.to_string().contains(MARK), "{}\n{governed}", context());
            seen.failed.fetch_add(1, Ordering::Relaxed);
        }
        (Ok(_), Err(error)) => panic!("{}\nonly the copy failed: {error}", context()),
        (Err(error), Ok(_)) => panic!("{}\nonly the governed session failed: {error}", context()),
    }
    if number.is_multiple_of(10) {
        let everything = ask(&pair.everything, &question.sql).await;
        seen.compared_with_everything.fetch_add(1, Ordering::Relaxed);
        let hidden = matches!((&governed, &everything), (Ok(a), Ok(b)) if a != b);
        let error = governed.is_ok() && everything.is_err();
        seen.hidden_something.fetch_add(usize::from(hidden), Ordering::Relaxed);
        seen.hidden_an_error.fetch_add(usize::from(error), Ordering::Relaxed);
    }
}

fn difference(governed: &[String], copy: &[String]) -> String {
    let mut text = format!("{} rows, the copy has {}\n", governed.len(), copy.len());
    for row in governed.iter().filter(|r| !copy.contains(r)).take(5) {
        writeln!(text, "only governed: {row}").unwrap();
    }
    for row in copy.iter().filter(|r| !governed.contains(r)).take(5) {
        writeln!(text, "only the copy: {row}").unwrap();
    }
    text
}

fn queries() -> usize {
    std::env::var("FLORIN_TEST_QUERIES").ok().and_then(|n| n.parse().ok()).unwrap_or(QUERIES)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn questions_for_marketing_are_answered_as_if_those_who_withdrew_had_never_been_customers() {
    let whole = loaded(Word::Withdrew, &["transaction", "account"]).await;
    let without_withdrawn = loaded(Word::Silent, &["event", "loan"]).await;
    let only_given = loaded(Word::Gave, &["customer"]).await;
    let (all_but, only) = (
        PurposeRule::Consent { default: ConsentDefault::Given },
        PurposeRule::Consent { default: ConsentDefault::Withdrawn },
    );
    let then = Some(moment("2025-01-15"));
    let pairs = Arc::new([
        pair("all but those who withdrew", &whole, &without_withdrawn, all_but, None).await,
        pair("the same as of early 2025", &whole, &without_withdrawn, all_but, then).await,
        pair("only those who agreed", &whole, &only_given, only, None).await,
    ]);
    let seen = Arc::new(Seen::default());
    let total = queries();
    // Two at once, for two cores.
    let workers: Vec<_> = (0..2)
        .map(|first| {
            let (pairs, seen) = (Arc::clone(&pairs), Arc::clone(&seen));
            tokio::spawn(async move {
                for number in (first..total).step_by(2) {
                    if number % 1000 == 0 {
                        eprintln!("question {number} of {total}");
                    }
                    let question = Generator::new(SEED, number).question();
                    compare(&pairs[number % pairs.len()], &question, number, &seen).await;
                }
            })
        })
        .collect();
    for worker in workers {
        worker.await.unwrap();
    }
    through_the_house(&whole, &without_withdrawn).await;
    eprintln!(
        "{total} questions: {:?} answered, {:?} with rows, {:?} failed; of {:?} compared with everything, {:?} hid rows and {:?} an error",
        seen.answered,
        seen.with_rows,
        seen.failed,
        seen.compared_with_everything,
        seen.hidden_something,
        seen.hidden_an_error
    );
    let at_least = |count: &AtomicUsize, least: usize, what: &str| {
        assert!(count.load(Ordering::Relaxed) >= least, "too few questions {what} to show anything");
    };
    at_least(&seen.answered, total * 3 / 4, "were answered");
    at_least(&seen.with_rows, total * 2 / 5, "had rows");
    at_least(&seen.hidden_something, total / 50, "concern what is hidden");
    at_least(&seen.hidden_an_error, (total / 1000).max(1), "fail only on what is hidden");
}

/// What a plan says it looks for of a column, a condition a line.
fn looked_for(plan: &str, column: &str) -> Vec<String> {
    let wanted = |part: &&str| part.contains("predicate=") && part.contains(column);
    plan.lines().flat_map(|line| line.split(", pruning_predicate")).filter(wanted).map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn questions_that_name_customers_tell_nothing_of_those_who_withdrew() {
    let whole = loaded(Word::Withdrew, &["transaction"]).await;
    let without_withdrawn = loaded(Word::Silent, &["transaction"]).await;
    let rule = PurposeRule::Consent { default: ConsentDefault::Given };
    let pair = pair("all but those who withdrew", &whole, &without_withdrawn, rule, None).await;
    let (seen, mut hidden_an_error, mut with_rows) = (Seen::default(), 0, 0);
    for customer in 1..=CUSTOMERS {
        let others = [(customer + 7) % CUSTOMERS + 1, (customer + 20) % CUSTOMERS + 1];
        for named in [format!("= {customer}"), format!("in ({customer}, {}, {})", others[0], others[1])] {
            for condition in [
                "100 / amount > 0",
                "date_trunc('day', ts) > timestamp '2024-06-01T00:00:00Z'",
                "cast(ts as date) between date '2024-02-03' and date '2024-11-29' and amount > 100",
            ] {
                let sql = format!("select ts, amount from \"transaction\" where customer_id {named} and {condition}");
                compare(&pair, &Question { sql: sql.clone() }, 1, &seen).await;
                hidden_an_error += usize::from(ask(&pair.everything, &sql).await.is_err());
                // Whatever is read, days are those of the bank's zone.
                let filtered = sql.replace("where customer_id", "where 0 + customer_id");
                if let Ok(rows) = ask(&pair.governed, &sql).await {
                    assert_eq!(rows, ask(&pair.governed, &filtered).await.unwrap(), "{sql}");
                    with_rows += usize::from(!rows.is_empty());
                }
            }
        }
    }
    assert!(hidden_an_error > 10 && with_rows > 60, "{hidden_an_error} errors, {with_rows} answers");
    // Nor does the plan tell what is theirs.
    for customer in 1..=CUSTOMERS {
        let sql = format!("select status from account where customer_id = {customer}");
        let everything = looked_for(&pair.everything.explain(&sql).await.unwrap(), "account_id");
        let governed = looked_for(&pair.governed.explain(&sql).await.unwrap(), "account_id");
        let theirs = format!("select account_id from account where customer_id = {customer}");
        for account in ask(&pair.everything, &theirs).await.unwrap() {
            assert!(everything.iter().any(|told| told.contains(&account)), "{everything:?}");
            let told = governed.iter().any(|told| told.contains(&account));
            assert_eq!(told, word(customer) != Word::Withdrew, "{governed:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_tells_nothing_that_was_known_later() {
    let bank = small("1,marketing,given,2025-01-01T00:00:00Z,y\n");
    bank.write(
        "data/accounts.csv",
        "id,owner,opened_on,currency,credit_limit,status,valid_from,known_at,ok\n\
         1,1,2020-01-01,CNY,,open,2020-01-01T00:00:00Z,2020-01-01T00:00:00Z,y\n\
         2,1,2020-01-01,CNY,,open,2020-01-01T00:00:00Z,2025-06-01T00:00:00Z,y\n",
    );
    bank.ingest().await;
    let open = |as_of| bank.session("ron", Purpose::Risk, PurposeRules::default(), as_of);
    let (then, now) = (open(Some(moment("2025-01-15"))).await, open(None).await);
    let sql = "select account_id from account where customer_id = 1";
    let (known_then, known_now) = (ask(&then, sql).await.unwrap(), ask(&now, sql).await.unwrap());
    assert_eq!((known_then.len(), known_now.len()), (1, 2));
    for account in known_now {
        let told =
            looked_for(&then.explain(sql).await.unwrap(), "account_id").iter().any(|told| told.contains(&account));
        assert_eq!(told, known_then.contains(&account));
    }
}

async fn through_the_house(whole: &TestBank, copy: &TestBank) {
    let (whole, copy) = (whole.open("mia").await, copy.open("mia").await);
    for number in 0..HOUSE_QUERIES {
        let question = Generator::new(SEED + 1, number).question();
        let governed = ask_house(&whole, Purpose::Marketing, None, &question.sql).await;
        let copied = ask_house(&copy, Purpose::Marketing, None, &question.sql).await;
        match (governed, copied) {
            (Ok(governed), Ok(copied)) => assert_eq!(governed, copied, "{}", question.sql),
            (Err(governed), Err(copied)) => {
                assert_eq!(std::mem::discriminant(&governed), std::mem::discriminant(&copied), "{}", question.sql);
            }
            (governed, copied) => panic!("{}\n{governed:?}\n{copied:?}", question.sql),
        }
    }
}

/// A customer, and words on marketing.
fn small(consents: &str) -> TestBank {
    let bank = TestBank::new();
    definitions(&bank);
    bank.write("data/customers.csv", "id,kind,birth_date,gender,region,income_band,valid_from,known_at\n1,person,,,,,2020-01-01T00:00:00Z,2020-01-01T00:00:00Z\n2,person,,,,,2020-01-01T00:00:00Z,2020-01-01T00:00:00Z\n");
    let headers = [
        ("accounts", "id,owner,opened_on,currency,credit_limit,status,valid_from,known_at,ok"),
        ("loans", "id,customer,account,ts,amount,term,status,valid_from,known_at,ok"),
        ("transactions", "id,customer,account,ts,amount,direction,kind,place,ok"),
        ("events", "id,customer,anonymous,ts,name,channel,device,duration,ok"),
        ("rates", "code,factor"),
    ];
    for (file, header) in headers {
        bank.write(&format!("data/{file}.csv"), format!("{header}\n"));
    }
    bank.write("data/consents.csv", format!("customer,purpose,state,ts,ok\n{consents}"));
    bank
}

async fn seen_for_marketing(bank: &TestBank) -> Vec<String> {
    let house = bank.open("mia").await;
    ask_house(&house, Purpose::Marketing, None, "select customer_id from customer").await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawal_in_a_file_binds_the_next_session_and_a_later_consent_lifts_it() {
    let bank = small("1,marketing,withdrawn,2025-01-01T00:00:00Z,y\n");
    bank.ingest().await;
    assert_eq!(seen_for_marketing(&bank).await, ["2"]);
    bank.write("data/consents-2.csv", "customer,purpose,state,ts,ok\n1,marketing,given,2025-06-01T00:00:00Z,y\n");
    bank.ingest().await;
    assert_eq!(seen_for_marketing(&bank).await, ["1", "2"]);
    bank.write("data/consents-3.csv", "customer,purpose,state,ts,ok\n2,marketing,withdrawn,2030-06-01T00:00:00Z,y\n");
    bank.ingest().await;
    assert_eq!(seen_for_marketing(&bank).await, ["1"], "a withdrawal counts at once, even when it is dated ahead");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_word_on_no_purpose_or_neither_yes_nor_no_is_put_aside_and_can_be_mended() {
    let bank = small(
        "1,profiling,withdrawn,2025-01-01T00:00:00Z,y\n2,marketing,perhaps,2025-01-01T00:00:00Z,y\n1,marketing,,2025-01-01T00:00:00Z,y\n",
    );
    let report = bank.ingest().await;
    let load = report.loads.iter().find(|l| l.source == "consents").unwrap();
    assert_eq!((load.counts.read, load.counts.stored, load.counts.quarantined), (3, 0, 3));
    let owner = bank.open("owner").await;
    let records = florin_pipelines::quarantine::records(&owner, Some("consents"), 10, false).await.unwrap();
    let found: Vec<String> =
        records.iter().map(|r| format!("{} {}: {}", r.code, r.column.clone().unwrap_or_default(), r.reason)).collect();
    assert_eq!(
        found,
        [
            "allowed purpose: `purpose` is not one of: service, analytics, marketing, risk, compliance",
            "allowed state: `state` is not one of: given, withdrawn",
            "required state: `state` is missing",
        ]
    );
    assert_eq!(seen_for_marketing(&bank).await, ["1", "2"]);
    // The mapping learns what the source calls things; the records go in, and bind.
    let path = bank.path().join("sources/consents.toml");
    let mended = std::fs::read_to_string(&path)
        .unwrap()
        .replace("c.purpose as", "replace(c.purpose, 'profiling', 'marketing') as");
    std::fs::write(path, mended).unwrap();
    let report = retry_quarantined(&bank.open("owner").await, &["consents".to_owned()], &Silent).await.unwrap();
    assert_eq!(report.total().stored, 1);
    assert_eq!(seen_for_marketing(&bank).await, ["2"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_words_go_to_the_store_in_portions_and_none_is_lost() {
    let mut lines = String::new();
    for i in 0..45_000i64 {
        let at = jiff::Timestamp::from_microsecond(NOW - 90_000_000_000 + i * 1_000_000).unwrap();
        writeln!(lines, "{},marketing,{},{at},y", 1 + i % 2, if i == 44_999 { "withdrawn" } else { "given" }).unwrap();
    }
    let bank = small(&lines);
    assert_eq!(bank.ingest().await.loads.iter().find(|l| l.source == "consents").unwrap().counts.stored, 45_000);
    let words =
        bank.store().await.consent_of(florin_domain::CustomerId(2), florin_domain::EventTime(NOW)).await.unwrap();
    assert_eq!(words.len(), 22_500);
    assert_eq!(seen_for_marketing(&bank).await, ["1"]);
}
