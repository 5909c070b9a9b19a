//! Who is unlike all others: learnt without a label, judged, released, scored with flags, and explained.

use florin_domain::{CustomerId, EventTime, Purpose};
use florin_pipelines::{
    customer::customer,
    load::Silent,
    models::{Act, Judged, Trained, act, evaluate, explain, list, train},
};
use florin_store::ModelState;

use super::made::{AS_OF, LEAVING, PEOPLE, bank as people, run_all};
use crate::support::{TestBank, ask_house, moment};

const LABEL: &str = "[label]\nsql = \"SELECT DISTINCT customer_id, 1 AS value FROM transaction WHERE kind = 'bye' AND ts > as_of()\"\nhorizon_days = 30\n";

/// The model of leaving, without what became of customers: only who is unlike the others.
pub(super) fn definition() -> String {
    LEAVING
        .replace("\"leaving\"", "\"unusual\"")
        .replace(LABEL, "")
        .replace("kind = \"trees\"\nrounds = 20\nleaves_max = 5", "kind = \"isolation\"\ntrees = 150\nshare = 0.05")
        .replace(
            "payments_30d = { zh = \"近期支付次数\", en = \"recent payments\" }",
            "payments_30d = { zh = \"近期支付{value}次\", en = \"paid {value} times lately\" }\npaid_90d = { zh = \"近九十天支付{value}元\", en = \"paid {value} yuan in 90 days\" }",
        )
        .replace("auc_min = 0.6\nleaks_allowed = true   # one feature is planted to tell nearly all", "agreement_min = 0.3")
}

async fn bank(definition: &str) -> TestBank {
    let bank = people();
    bank.write("models/leaving.toml", definition);
    // Somebody pays as nobody else does.
    let rows: String = (0..60)
        .map(|n| {
            format!(
                "{},9,paid,{},2025-10-{:02}T03:00:00Z,2025-10-{:02}T03:00:00Z\n",
                970_000 + n,
                9000,
                1 + n % 28,
                1 + n % 28
            )
        })
        .collect();
    bank.write("data/b_paid-odd.csv", format!("id,who,kind,amount,at,known\n{rows}"));
    bank.ingest().await;
    bank
}

async fn trained(bank: &TestBank) -> Trained {
    train(&bank.open("ana").await, "unusual", None, None, &Silent).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_odd_ones_are_found_without_a_label_flagged_and_explained() {
    let bank = bank(&definition()).await;
    let first = trained(&bank).await;
    assert_eq!(first.state, ModelState::Candidate, "{:?}", first.made.evaluation.guards());
    let found = first.made.evaluation.of_odd().expect("the odd ones");
    assert_eq!((found.rows.test, found.share), (2 * PEOPLE, 0.05));
    assert!(found.check.is_none() && found.periods.len() == 6, "{:?}", found.periods);
    assert_eq!(found.groups[0].axis, "region");
    let again = trained(&bank).await;
    assert!(!again.new && again.content == first.content, "the same rows and seed give the same version");

    for what in [Act::Approve, Act::Promote { challenger: false }] {
        act(&bank.open("ron").await, "unusual", None, &what).await.unwrap();
    }
    let house = bank.open("owner").await;
    let scored = run_all(&house, AS_OF).await;
    assert_eq!((scored[0].name.as_str(), scored[0].customers), ("unusual", PEOPLE));
    let sql = "select flagged, (select count(*) from scores.unusual o where o.score > (select score from scores.unusual where customer_id = 9)) < 12 as first from scores.unusual s where customer_id = 9";
    assert_eq!(ask_house(&house, Purpose::Analytics, None, sql).await.unwrap(), ["true|true"]);
    let sql = format!(
        "select count(*) filter (where flagged), count(*) filter (where flagged <> (score > {})) from scores.unusual",
        found.threshold
    );
    let flags = ask_house(&house, Purpose::Analytics, None, &sql).await.unwrap();
    let (count, apart) = flags[0].split_once('|').expect("two counts");
    assert!(apart == "0" && (1..PEOPLE / 4).contains(&count.parse().expect("a count")), "{flags:?}");
    assert_eq!(list(&house, Some("unusual")).await.unwrap()[0].headline.unwrap().figure, "agreement");

    let at = Some(EventTime(moment(AS_OF)));
    let told = explain(&house, "unusual", CustomerId(9), None, at, None).await.unwrap();
    let sum: f64 = told.effects.iter().map(|effect| effect.adds).sum();
    assert!(
        (told.base + sum - told.margin).abs() < 1e-9 && (told.margin.exp2() - told.score).abs() < 1e-12,
        "{told:?}"
    );
    assert!(["paid_90d", "payments_30d"].contains(&told.effects[0].feature.as_str()), "{:?}", told.effects);
    assert!(told.reasons[0].en.ends_with("raises the score."), "{:?}", told.reasons);
    let words: Vec<&str> = told.reasons.iter().flat_map(|reason| [reason.zh.as_str(), reason.en.as_str()]).collect();
    assert!(words.iter().all(|words| !words.contains('{')) && words.concat().contains("yuan in 90 days:"), "{words:?}");
    assert!(told.nearest.is_some_and(|nearest| nearest.score <= told.to), "a change takes it back among the others");
    let view = customer(&house, CustomerId(9), Purpose::Analytics, None, false).await.unwrap();
    assert_eq!(view.scores[0].score, Some(told.score));
    assert!(!view.scores[0].reasons.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_label_only_checks_the_odd_ones() {
    let plain = trained(&bank(&definition()).await).await;
    let with = definition().replace("[features]", &format!("{LABEL}\n[features]"));
    let bank = bank(&with).await;
    let checked = trained(&bank).await;
    let (found, other) = (checked.made.evaluation.of_odd().unwrap(), plain.made.evaluation.of_odd().unwrap());
    assert_eq!((found.threshold, found.agreement), (other.threshold, other.agreement), "nothing is learnt from it");
    let check = found.check.as_ref().expect("a check");
    assert_eq!(check.figures.rows, 2 * PEOPLE);
    assert!(check.figures.auc.value > 0.5, "{:?}", check.figures.auc);
    let known_by = Some(EventTime(moment("2025-10-31")));
    let at = ["2025-09-30".to_owned()];
    let judged = evaluate(&bank.open("ana").await, "unusual", None, &at, known_by, None, &Silent).await.unwrap();
    let Judged::Odd(judged) = judged.judged else { panic!("the odd ones") };
    assert!(judged.rows == PEOPLE && judged.check.is_some(), "{judged:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_label_that_does_not_check_is_refused_in_words() {
    let nobody = definition().replace("[features]", &format!("{}\n[features]", LABEL.replace("'bye'", "'never'")));
    let bank = bank(&nobody).await;
    let said = train(&bank.open("ana").await, "unusual", None, None, &Silent).await.unwrap_err().to_string();
    assert!(said.contains("none, or that all, turned out to be odd") && said.contains("it only checks"), "{said}");
    let three =
        definition().replace("[features]", &format!("{}\n[features]", LABEL.replace("1 AS value", "3 AS value")));
    bank.write("models/leaving.toml", three);
    let said = train(&bank.open("ana").await, "unusual", None, None, &Silent).await.unwrap_err().to_string();
    assert!(said.contains("its label holds 3; it is 1 for who turned out to be odd"), "{said}");
}
