//! Journeys as SQL functions, in the sessions that a bank opens.

use std::fmt::Write as _;

use florin_domain::Purpose;
use florin_pipelines::House;

use crate::support::{Rng, TestBank, ask_house, in_order};

async fn house() -> (TestBank, House) {
    let bank = TestBank::new();
    let house = bank.open("owner").await;
    (bank, house)
}

async fn answers(house: &House, sql: &str) -> Vec<String> {
    let asking = house.asking(Purpose::Risk, None).await.unwrap();
    in_order(&asking.sql(sql).await.unwrap().collect().await.unwrap())
}

async fn refusal(house: &House, sql: &str) -> String {
    let error = ask_house(house, Purpose::Risk, None, sql).await.unwrap_err();
    let mut told = String::new();
    let mut cause: Option<&dyn std::error::Error> = Some(&error);
    while let Some(error) = cause {
        writeln!(told, "{error}").unwrap();
        cause = error.source();
    }
    told
}

/// Rows in no order, in two parts that are gathered apart and put together.
fn in_two_parts(mut rows: Vec<String>, rng: &mut Rng) -> String {
    for last in (1..rows.len()).rev() {
        rows.swap(last, rng.below(last + 1));
    }
    let middle = (rows.len() / 2).max(1);
    let parts: Vec<String> =
        rows.chunks(middle).map(|part| format!("select * from (values {})", part.join(","))).collect();
    format!("({}) t(c, ts, m)", parts.join(" union all "))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn click_house_gives_the_same_answers_on_made_up_rows() {
    let (_bank, house) = house().await;
    let golden: Vec<Vec<&str>> = include_str!("../golden/sql_functions.tsv")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| line.split('\t').collect())
        .collect();
    let mut rng = Rng::new(5);
    let mut compared = 0;
    for cases in golden.chunk_by(|a, b| a[0] == b[0]) {
        let mut rows = Vec::new();
        for (case, told) in cases.iter().enumerate() {
            rows.extend(told[1].split(' ').map(|row| format!("({case},{})", row.replace(':', ","))));
        }
        let call = cases[0][0];
        let found =
            answers(&house, &format!("select {call} from {} group by c order by c", in_two_parts(rows, &mut rng)))
                .await;
        for (told, found) in cases.iter().zip(&found) {
            // ClickHouse writes no spaces in lists, and numbers for truth.
            let found = found.replace(", ", ",").replace("false", "0").replace("true", "1");
            assert_eq!(found, told[2], "{call} of {}", told[1]);
            compared += 1;
        }
    }
    assert_eq!(compared, golden.len());
    assert!(compared > 1500);
}

/// Some customers' times, in seconds of one day, ties among them.
fn visits(rng: &mut Rng) -> Vec<String> {
    (0..400).map(|_| format!("({},{},{})", rng.below(9), rng.below(86_400), rng.below(8))).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sessions_are_numbered_as_a_running_sum_over_long_pauses_would() {
    let (_bank, house) = house().await;
    let mut rng = Rng::new(17);
    let rows = in_two_parts(visits(&mut rng), &mut rng);
    let times = format!("with v as (select c, to_timestamp(ts) as ts from {rows})");
    let ours = format!(
        "{times} select c, ts, sessionize(ts, interval '20 minutes') over (partition by c order by ts) as s from v order by c, ts, s"
    );
    let sums = format!(
        "{times}, p as (select c, ts, lag(ts) over (partition by c order by ts) as before from v)
         select c, ts, sum(case when before is null or ts - before > interval '20 minutes' then 1 else 0 end)
             over (partition by c order by ts rows unbounded preceding) as s from p order by c, ts, s"
    );
    let numbered = answers(&house, &ours).await;
    assert_eq!(numbered, answers(&house, &sums).await);
    let counted =
        answers(&house, &format!("{times} select c, session_count(ts, '20 min') from v group by c order by c")).await;
    let highest = answers(&house, &format!("select c, max(s) from ({ours}) group by c order by c")).await;
    assert_eq!(counted, highest);
    assert!(counted.iter().any(|line| !line.ends_with("|1")), "{counted:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn spans_filters_missing_values_and_no_rows_mean_what_they_say() {
    let (_bank, house) = house().await;
    let rows = "(values (1, timestamp '2025-01-01T00:00:00', 'a'), (1, timestamp '2025-01-03T00:00:00', 'b'), (1, null, 'b'),
                        (2, timestamp '2025-01-01T00:00:00', null), (2, timestamp '2025-01-02T00:00:00', 'b')) t(c, ts, n)";
    let table = [
        ("window_funnel(interval '2 days', ts, n = 'a', n = 'b')", ["2", "0"]),
        ("window_funnel(interval '47 hours', ts, n = 'a', n = 'b')", ["1", "0"]),
        ("window_funnel('2 days', 'strict_order, strict_increase', ts, n = 'a', n = 'b')", ["2", "0"]),
        ("window_funnel(172799, ts, n = 'a', n = 'b')", ["1", "0"]),
        ("window_funnel(172800, ts, n = 'a', n = 'b') filter (where n = 'a')", ["1", "0"]),
        ("retention(n = 'b', n = 'a')", ["[1, 1]", "[1, 0]"]),
        ("retention(n = 'x', n = 'a')", ["[0, 0]", "[0, 0]"]),
        ("sequence_match('(?1)(?t<=172800)(?2)', ts, n = 'a', n = 'b')", ["true", "false"]),
        ("sequence_count('(?1)', ts, n = 'b')", ["1", "1"]),
        ("session_count(ts, interval '1 day')", ["2", "1"]),
        ("session_count(ts, interval '1 day') filter (where n = 'x')", ["0", "0"]),
    ];
    for (call, expected) in table {
        assert_eq!(
            answers(&house, &format!("select {call} from {rows} group by c order by c")).await,
            expected,
            "{call}"
        );
    }
    let none = "select window_funnel(1, ts, n = 'a'), retention(n = 'a', n = 'b'), session_count(ts, 1), \
                sequence_match('(?1)', ts, n = 'a')";
    assert_eq!(answers(&house, &format!("{none} from {rows} where c = 3")).await, ["0|[0, 0]|0|false"]);
    let along = format!(
        "select window_funnel('2 days', ts, n = 'a', n = 'b') over (order by ts) from {rows} where c = 1 and ts is not null order by ts"
    );
    assert_eq!(answers(&house, &along).await, ["1", "2"]);
    let missing =
        format!("select sessionize(ts, 60) over (partition by c order by ts nulls first) from {rows} where c = 1");
    assert_eq!(answers(&house, &missing).await, ["∅", "1", "2"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wrong_arguments_are_refused_with_what_would_be_right() {
    let (_bank, house) = house().await;
    let rows = "(values (1, timestamp '2025-01-02T00:00:00', 'a', 5), (1, timestamp '2025-01-01T00:00:00', 'b', 4)) t(c, ts, n, k)";
    let table = [
        ("window_funnel(ts)", "write window_funnel(window, ts, condition, …)"),
        ("window_funnel(60, ts)", "0 conditions are given; it takes 1 to 32"),
        ("window_funnel(60, n = 'a', n = 'b')", "the time is a Boolean"),
        ("window_funnel(60, ts, n = 'a', c)", "condition 2 is a Int64; it must be true or false"),
        ("window_funnel(c, ts, n = 'a')", "the window must be a constant"),
        ("window_funnel(1.5, ts, n = 'a')", "a whole number of seconds"),
        ("window_funnel(-1, ts, n = 'a')", "`-1` is no window"),
        ("window_funnel(interval '1 month', ts, n = 'a')", "a month has no length of its own"),
        ("window_funnel('1 month', ts, n = 'a')", "`1 month` is no window"),
        ("window_funnel(interval '1 day', k, n = 'a')", "times are numbers here, so the window must be one too"),
        ("window_funnel(60, 'strict', ts, n = 'a')", "there is no mode `strict`; there are strict_order"),
        ("window_funnel(60, 'allow_reentry', ts, n = 'a')", "allow_reentry needs strict_order"),
        ("window_funnel(distinct 60, ts, n = 'a')", "DISTINCT has no meaning here"),
        ("retention(k)", "condition 1 is a Int64"),
        ("session_count(ts)", "write session_count(ts, gap)"),
        ("sequence_match('(?2)', ts, n = 'a')", "there is no condition `2`"),
        ("sequence_match(k, ts, n = 'a')", "the pattern is a Int64"),
        ("sequence_count('', ts, n = 'a')", "names no condition"),
        ("sessionize(ts) over (order by ts)", "write sessionize(ts, gap) over"),
        ("sessionize(ts, 60) over (order by ts desc)", "rows must come in order of time"),
        ("sessionize(ts, k) over (order by ts)", "the gap must be a constant"),
    ];
    for (call, expected) in table {
        let told = refusal(&house, &format!("select {call} from {rows}")).await;
        assert!(told.contains(expected), "{call}: {told}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn plans_show_the_functions() {
    let (_bank, house) = house().await;
    let asking = house.asking(Purpose::Risk, None).await.unwrap();
    let plan =
        asking.explain("select window_funnel(60, ts, name = 'a') from event group by customer_id").await.unwrap();
    assert!(plan.contains("window_funnel"), "{plan}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_text_sounds_cross_or_content_in_both_languages() {
    let (_bank, house) = house().await;
    let cross = ["客服态度很差，等了很久都没人理", "This is terrible, nobody answers and my money is gone!"];
    let content = ["服务非常好，谢谢", "Great service, thank you very much"];
    for (texts, sounds) in [(cross, "mood(t) <= -0.25"), (content, "mood(t) >= 0.4")] {
        for text in texts {
            let sql = format!("select {sounds} from (values ('{text}')) v(t)");
            assert_eq!(answers(&house, &sql).await, ["true"], "{text}");
        }
    }
    assert_eq!(answers(&house, "select mood(t) is null from (values (cast(null as varchar))) v(t)").await, ["true"]);
    assert_eq!(answers(&house, "select mood('')").await, ["0.0"]);
    // Rows are read in order, and a text beside another is read as it is alone.
    let together = "select mood(t) from (values ('服务非常好，谢谢'), (null), ('客服态度很差')) v(t)";
    assert_eq!(answers(&house, together).await.len(), 3);
    let refused = refusal(&house, "select mood(7, 8)").await;
    assert!(refused.contains("mood"), "{refused}");
}

#[tokio::test]
async fn urgency_language_and_what_is_complained_of_are_read_without_labels() {
    let (_bank, house) = house().await;
    let of = |sql: &'static str| answers(&house, sql);
    assert_eq!(
        of("select urgency('My card was stolen, block it right now!') > 0.7, urgency('thank you') < 0.2").await,
        ["true|true"]
    );
    let languages = "select language('你好，谢谢'), language('請問這個怎麼辦理'), language('good morning to you all'), language('123') is null";
    assert_eq!(of(languages).await, ["zh-Hans|zh-Hant|en|true"]);
    let complaints = "select complains_of('手机银行总是闪退，太差了'), complains_of('the fees are outrageous and unfair'), complains_of('谢谢') is null";
    assert_eq!(of(complaints).await, ["app|fees|true"]);
    let opinions =
        "select opinion(t, 'fees') < 0, opinion(t, 'branch') is null from (values ('手续费太高了，太坑了')) v(t)";
    assert_eq!(of(opinions).await, ["true|true"]);
    let none = "select count(opinion(t, 'fees')), count(urgency(t)), count(language(t)) from (values (cast(null as varchar))) v(t)";
    assert_eq!(of(none).await, ["0|0|0"]);
    assert_eq!(of("select count(opinion(t, 'fees')) from (values ('a')) v(t) where t = 'b'").await, ["0"]);
    let refused = refusal(&house, "select opinion('a', 'weather')").await;
    assert!(refused.contains("there are: fees, interest"), "{refused}");
    let varying = "select opinion(t, k) from (values ('a', 'fees'), ('b', 'app')) v(t, k)";
    assert!(refusal(&house, varying).await.contains("one aspect for all rows"));
}
