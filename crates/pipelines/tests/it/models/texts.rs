//! What texts are about: learnt from the bank's labels, judged, released, said of every text under its class, and explained by its words.

use std::fmt::Write as _;

use florin_domain::{CustomerId, Purpose};
use florin_pipelines::{
    care::erase,
    customer::customer,
    load::Silent,
    models::{Act, Judged, Trained, act, evaluate, explain, list, score, stale_scores, train},
};
use florin_store::ModelState;

use super::made::{AS_OF, bank as people, run_all, withdrawn};
use crate::support::{Rng, TestBank, ask_house, map, moment};

pub(super) const INTENT: &str = r#"
name = "intent"
meaning = { zh = "客户说的是什么事", en = "what customers write about" }
owner = "ron"
purposes = ["analytics", "risk"]

[texts]
sql = "SELECT interaction_id AS id, customer_id, ts, text, kind AS label FROM interaction WHERE text IS NOT NULL"

[learner]
kind = "text"
words = ["星月卡"]
seed = 3

[split]
by = "time"
test_from = 2025-08-01

[guards]
accuracy_min = 0.8
macro_f1_min = 0.8
accuracy_above_baseline_min = 0.3
"#;

/// Openings, and by label what is said after them.
const OPENINGS: [&str; 6] = ["你好，", "请问", "Hello, ", "麻烦看一下，", "Dear bank, ", "上次说过，"];
const SAID: [(&str, [&str; 6]); 3] = [
    (
        "fees",
        [
            "为什么又扣了年费",
            "手续费太高了，能退吗",
            "I was charged a fee twice",
            "短信费莫名其妙收了",
            "refund the annual fee please",
            "星月卡的年费怎么免",
        ],
    ),
    (
        "app",
        [
            "手机银行登录不上",
            "客户端老是闪退",
            "the app crashes when I log in",
            "验证码一直收不到",
            "online banking shows an error",
            "更新以后打不开界面",
        ],
    ),
    (
        "card",
        [
            "卡丢了想挂失",
            "新卡什么时候寄到",
            "my card has not arrived",
            "信用卡被吞了",
            "please block my lost card",
            "补办一张借记卡",
        ],
    ),
];

/// Some two hundred people write once a month; one text of forty has another label than it should, and one of ten has none.
pub(super) fn words(bank: &TestBank) {
    let select = "select key('word', x.id) as interaction_id, customer_id('core', x.who) as customer_id, x.at as ts, x.text as text, x.kind as kind, x.at as known_at from f_word x";
    bank.source(
        "f_word",
        &["id \"int\"", "who \"int\"", "kind \"text\"", "text \"text\"", "at \"timestamp\""],
        &map("interaction", select),
    );
    let mut rng = Rng::new(29);
    let (mut text, mut id) = ("id,who,kind,text,at\n".to_owned(), 0);
    for month in 1..=10 {
        for who in (1..=200).filter(|who| (who + month) % 2 == 0) {
            let of = rng.below(3);
            let (label, said) = (SAID[of].0, SAID[of].1[rng.below(6)]);
            let label = if rng.once_in(40) { SAID[rng.below(3)].0 } else { label };
            let label = if rng.once_in(10) { "" } else { label };
            id += 1;
            writeln!(
                text,
                "{id},{who},{label},\"{}{said}\",2025-{month:02}-{:02}T03:00:00Z",
                OPENINGS[rng.below(6)],
                1 + rng.below(28)
            )
            .unwrap();
        }
    }
    bank.write("data/f_word.csv", text);
}

async fn bank() -> TestBank {
    let bank = people();
    words(&bank);
    bank.write("models/intent.toml", INTENT);
    bank.ingest().await;
    bank
}

async fn trained(bank: &TestBank) -> Trained {
    train(&bank.open("ron").await, "intent", None, None, &Silent).await.unwrap()
}

async fn promoted(bank: &TestBank) {
    trained(bank).await;
    for what in [Act::Approve, Act::Promote { challenger: false }] {
        act(&bank.open("cleo").await, "intent", None, &what).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn labels_are_learnt_judged_released_said_of_every_text_and_explained() {
    let bank = bank().await;
    let first = trained(&bank).await;
    assert_eq!(first.state, ModelState::Candidate, "{:?}", first.made.evaluation.guards());
    let found = first.made.evaluation.of_texts().unwrap();
    assert_eq!(
        (found.rows.labels, found.labels.as_slice()),
        (3, ["app", "card", "fees"].map(str::to_owned).as_slice())
    );
    assert!(found.accuracy.value > 0.9 && found.accuracy.high <= 1.0, "{:?}", found.accuracy);
    assert!(found.rows.known > 0 && found.rows.train > 400, "{:?}", found.rows);
    assert_eq!(first.made.trained_on.tables.keys().collect::<Vec<_>>(), ["interaction"]);
    let words: Vec<&String> = found.classes.iter().find(|class| class.label == "fees").unwrap().words.iter().collect();
    assert!(words.iter().any(|word| word.contains('费') || word.contains("fee")), "{words:?}");
    let again = trained(&bank).await;
    assert!(!again.new && again.content == first.content, "the same texts and seed give the same version");

    promoted(&bank).await;
    let house = bank.open("owner").await;
    let scored = run_all(&house, AS_OF).await;
    assert_eq!((scored[0].name.as_str(), scored[0].customers), ("intent", 200));
    // Every text, also those without a label.
    let sql = "select count(*) = (select count(*) from interaction), count(distinct label), min(score) >= 0 and max(score) <= 1 from scores.intent";
    assert_eq!(ask_house(&house, Purpose::Analytics, None, sql).await.unwrap(), ["true|3|true"]);
    let right = "select count(*) filter (where s.label = i.kind) > 0.93 * count(*) from scores.intent s join interaction i on cast(i.interaction_id as varchar) = s.text_id where i.kind is not null";
    assert_eq!(ask_house(&house, Purpose::Analytics, None, right).await.unwrap(), ["true"]);
    assert!(ask_house(&house, Purpose::Service, None, sql).await.is_err(), "not one of the model's purposes");
    let words = "select count(label) > 0, count(reasons) > 0 from scores.intent";
    let seen = async |who: &str| ask_house(&bank.open(who).await, Purpose::Analytics, None, words).await.unwrap();
    assert_eq!(seen("ron").await, ["true|true"]);
    assert_eq!(seen("ana").await, ["true|false"], "whoever may not see texts may not see words of them");
    assert_eq!(seen("dan").await, ["false|false"]);
    assert_eq!(run_all(&house, AS_OF).await, [], "nothing changed");

    let explained = explain(&house, "intent", CustomerId(7), None, None, None).await.unwrap();
    let sum: f64 = explained.effects.iter().map(|effect| effect.adds).sum();
    assert!((explained.base + sum - explained.margin).abs() < 1e-6, "{explained:?}");
    let text = explained.text.unwrap();
    assert_eq!(text.others.len(), 2);
    let view = customer(&house, CustomerId(7), Purpose::Analytics, None, false).await.unwrap();
    let said = view.scores[0].text.as_ref().unwrap();
    assert_eq!(said.label.as_deref(), Some(text.label.as_str()), "the newest text's");
    assert!(!view.scores[0].reasons.is_empty() && view.scores[0].reasons[0].en.starts_with("It says “"));
    assert_eq!(list(&house, Some("intent")).await.unwrap()[0].headline.unwrap().figure, "accuracy");

    let ron = bank.open("ron").await;
    let judged = evaluate(&ron, "intent", None, &["2025-10-01".to_owned()], None, None, &Silent).await.unwrap();
    let Judged::Text(judged) = judged.judged else { panic!("texts") };
    assert!(judged.accuracy.value > 0.85 && (50..150).contains(&judged.rows), "{judged:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn new_texts_make_it_stale_who_withdrew_is_left_out_and_who_was_erased_is_gone() {
    let bank = people();
    words(&bank);
    bank.write("models/intent.toml", INTENT.replace("\"analytics\", \"risk\"", "\"analytics\""));
    withdrawn(&bank, Purpose::Analytics, &[1, 2, 3]);
    bank.ingest().await;
    trained(&bank).await;
    for what in [Act::Approve, Act::Promote { challenger: false }] {
        act(&bank.open("cleo").await, "intent", None, &what).await.unwrap();
    }
    let house = bank.open("owner").await;
    let scored = run_all(&house, AS_OF).await;
    assert_eq!((scored[0].customers, scored[0].left_out), (197, 3));
    let count = "select count(*) from scores.intent where customer_id = 10";
    let before = ask_house(&house, Purpose::Analytics, None, count).await.unwrap();
    assert_ne!(before, ["0"]);
    bank.write("data/f_word-new.csv", "id,who,kind,text,at\n90001,10,app,手机银行登录不上,2025-10-20T03:00:00Z\n");
    bank.ingest().await;
    let as_of = florin_domain::EventTime(moment(AS_OF));
    let stale = stale_scores(&house, as_of).await.unwrap();
    assert!(stale[0].reasons.join("; ").contains("interaction changed since"), "{stale:?}");
    let again = score(&house, &[], as_of, false, &Silent).await.unwrap();
    assert!(again[0].failed.is_none(), "{again:?}");
    assert!((again[0].texts_read, scored[0].texts_read > 900) == (1, true), "what was said before stays");
    let all = "select text_id, customer_id, ts, label, score, reasons from scores.intent order by 1";
    let said = ask_house(&house, Purpose::Analytics, None, all).await.unwrap();
    let anew = score(&house, &[], as_of, true, &Silent).await.unwrap();
    assert_eq!((anew[0].texts_read, said.len()), (scored[0].texts_read + 1, scored[0].texts_read + 1));
    assert_eq!(ask_house(&house, Purpose::Analytics, None, all).await.unwrap(), said, "read anew, it says the same");
    let after = ask_house(&house, Purpose::Analytics, None, count).await.unwrap();
    assert_eq!(after[0].parse::<usize>().unwrap(), before[0].parse::<usize>().unwrap() + 1);
    erase(&bank.open("cleo").await, CustomerId(10)).await.unwrap();
    assert_eq!(ask_house(&house, Purpose::Analytics, None, count).await.unwrap(), ["0"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_with_labels_is_enough_and_what_is_wrong_with_texts_is_said() {
    let bank = bank().await;
    let mut file = "words,what\n".to_owned();
    for row in 0..600 {
        let (label, said) = SAID[row % 3];
        writeln!(
            file,
            "\"{}{} {}\",{}",
            OPENINGS[row % 5],
            said[row % 6],
            row % 97,
            if row < 4 { "rare" } else { label }
        )
        .unwrap();
    }
    bank.write("data/labels.csv", file);
    let from = "sql = \"SELECT interaction_id AS id, customer_id, ts, text, kind AS label FROM interaction WHERE text IS NOT NULL\"";
    let with = |to: &'static str, split: &'static str| {
        let bank = &bank;
        async move {
            let text = INTENT.replace(from, to).replace("by = \"time\"\ntest_from = 2025-08-01", split);
            bank.write("models/intent.toml", text);
            train(&bank.open("ron").await, "intent", None, None, &Silent).await
        }
    };
    let by_customer = "by = \"customer\"\ntest_share = 0.3";
    let of_file = with("file = \"data/labels.csv\"\ntext = \"words\"\nlabel = \"what\"", by_customer).await.unwrap();
    let found = of_file.made.evaluation.of_texts().unwrap();
    assert!(
        found.rows.train + found.rows.test == 596 && found.rows.left_out == [("rare".to_owned(), 4)],
        "{:?}",
        found.rows
    );
    assert!(found.accuracy.value > 0.9);
    let said = |found: Result<Trained, _>| {
        found.map(|_| ()).map_err(|e: florin_pipelines::FlowError| e.to_string()).unwrap_err()
    };
    let other = said(with("file = \"data/labels.csv\"\ntext = \"words\"\nlabel = \"whom\"", by_customer).await);
    assert!(other.contains("no column `whom`; there are: words, what"), "{other}");
    let twice =
        "sql = \"SELECT 1 AS id, customer_id, CAST(as_of() AS DATE) AS ts, text, kind AS label FROM interaction\"";
    assert!(said(with(twice, by_customer).await).contains("twice; one row a text"));
    let few = "sql = \"SELECT interaction_id AS id, customer_id, ts, text, kind AS label FROM interaction WHERE ts < '2025-01-10'\"";
    assert!(said(with(few, by_customer).await).contains("label more"));
    // Whoever may not see texts learns from none.
    bank.write("models/intent.toml", INTENT);
    let masked = train(&bank.open("ana").await, "intent", Some(Purpose::Analytics), None, &Silent).await;
    assert!(said(masked).contains("`ana` may not see `interaction.text` for analytics"));
}
