//! What an offer changes: learnt from an experiment, released, scored and explained as any model is.

use std::fmt::Write as _;

use florin_domain::{CustomerId, EventTime};
use florin_pipelines::{
    load::Silent,
    models::{Assessment, Judged, Trained, evaluate, explain, train},
};
use florin_store::ModelState;

use super::made::{AS_OF, PEOPLE, bank, run_all};
use crate::support::{Rng, TestBank, map, moment};

const OFFER: &str = r#"
name = "offer"
meaning = { zh = "优惠的作用", en = "what the offer changes" }
owner = "ana"
purposes = ["analytics", "marketing"]

[rows]
population = "SELECT customer_id FROM customer"
first = 2025-01-31
last = 2025-09-30
every = "month"

[label]
sql = "SELECT DISTINCT customer_id, 1 AS value FROM response WHERE kind = 'purchase' AND ts > as_of()"
horizon_days = 30

[treatment]
sql = "SELECT customer_id, max(CASE WHEN arm = 'treatment' THEN 1 ELSE 0 END) AS treated, max(campaign) AS channel, max(campaign) AS way FROM contact WHERE ts > as_of() GROUP BY customer_id"
chance = 0.5
scored_as = { channel = "push" }

[features]
traits = ["payments_30d", "region"]
protected = ["region"]

[learner]
kind = "uplift"
folds = 2
outcome = { kind = "logistic" }
effect = { rounds = 30 }
seed = 3

[split]
by = "time"
test_from = 2025-07-31

[guards]
qini_min = 0.01
leaks_allowed = true   # few features have few values: rows of both parts are alike
"#;

/// Who was offered something in which month, and who bought: an offer moves those of the north, by push and not by mail. A third is offered nothing and
/// not held back either.
fn offers(bank: &TestBank) {
    let contact = "select key('offer', x.id) as contact_id, customer_id('core', x.who) as customer_id, x.campaign as campaign, x.arm as arm, x.at as ts, x.at as known_at from d_offer x";
    bank.source(
        "d_offer",
        &["id \"int\"", "who \"int\"", "campaign \"text\"", "arm \"text\"", "at \"timestamp\""],
        &map("contact", contact),
    );
    let response = "select key('bought', x.id) as response_id, customer_id('core', x.who) as customer_id, 'any' as campaign, 'purchase' as kind, x.at as ts, x.at as known_at from e_bought x";
    bank.source("e_bought", &["id \"int\"", "who \"int\"", "at \"timestamp\""], &map("response", response));
    let mut rng = Rng::new(5);
    let (mut made, mut bought) = ("id,who,campaign,arm,at\n".to_owned(), "id,who,at\n".to_owned());
    for month in 2..=10 {
        for who in (1..=PEOPLE).filter(|who| who % 3 != 2 || month % 2 == 0) {
            let (id, treated, push) = (1000 * month + who, rng.once_in(2), rng.once_in(2));
            let (arm, campaign) = (if treated { "treatment" } else { "control" }, if push { "push" } else { "mail" });
            writeln!(made, "{id},{who},{campaign},{arm},2025-{month:02}-03T03:00:00Z").unwrap();
            // North is where the number is a multiple of three.
            let moved = treated && push && who % 3 == 0;
            if rng.below(100) < if moved { 70 } else { 10 } {
                writeln!(bought, "{id},{who},2025-{month:02}-08T03:00:00Z").unwrap();
            }
        }
    }
    bank.write("data/d_offer.csv", made);
    bank.write("data/e_bought.csv", bought);
}

async fn offered() -> TestBank {
    let bank = bank();
    offers(&bank);
    bank.write("models/offer.toml", OFFER);
    bank.ingest().await;
    bank
}

async fn trained(bank: &TestBank) -> Trained {
    train(&bank.open("ana").await, "offer", None, None, &Silent).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn effects_are_learnt_from_those_who_were_in_an_arm_and_released_scored_and_explained() {
    let bank = offered().await;
    let first = trained(&bank).await;
    assert_eq!(first.state, ModelState::Candidate, "{:?}", first.made.evaluation.guards());
    // In every second month a third is in no arm.
    let (all, two_thirds) = (PEOPLE, PEOPLE - PEOPLE / 3);
    let rows: Vec<usize> = first.made.trained_on.dates.iter().map(|(_, rows)| *rows).collect();
    assert_eq!(rows, [all, two_thirds, all, two_thirds, all, two_thirds, all, two_thirds, all]);
    assert!(
        first.made.trained_on.tables.contains_key("contact") && first.made.trained_on.tables.contains_key("response")
    );
    let Assessment::Effect(found) = &first.made.evaluation else { panic!("effects: {:?}", first.made.evaluation) };
    assert!(found.figures.effect.low > 0.0, "{:?}", found.figures.effect);
    let north = found.groups.iter().flat_map(|axis| &axis.groups).find(|group| group.words.en == "north").unwrap();
    assert!(north.said > 0.15, "{north:?}");
    let again = trained(&bank).await;
    assert!(!again.new && again.content == first.content, "the same rows and seed give the same version");

    for act in [florin_pipelines::models::Act::Approve, florin_pipelines::models::Act::Promote { challenger: false }] {
        florin_pipelines::models::act(&bank.open("ron").await, "offer", None, &act).await.unwrap();
    }
    let scored = run_all(&bank.open("owner").await, AS_OF).await;
    assert_eq!((scored[0].name.as_str(), scored[0].customers), ("offer", PEOPLE));
    let ana = bank.open("ana").await;
    let of = |who: u32| {
        let ana = &ana;
        async move { explain(ana, "offer", CustomerId(who), None, Some(EventTime(moment(AS_OF))), None).await.unwrap() }
    };
    let mut north_and_others = (0.0, 0.0);
    for who in 1..=12 {
        let found = of(who).await;
        let sum: f64 = found.effects.iter().map(|effect| effect.adds).sum();
        assert!((found.base + sum - found.score).abs() < 1e-9, "what features add is the effect: {found:?}");
        let region = found.effects.iter().find(|effect| effect.feature == "region").unwrap();
        let channel = found.effects.iter().find(|effect| effect.feature == "channel").unwrap();
        assert_eq!(channel.value.as_deref(), Some("push"), "what the definition assumes");
        match region.value.as_deref() {
            Some("north") => north_and_others.0 += found.score,
            _ => north_and_others.1 += found.score / 2.0,
        }
    }
    assert!(north_and_others.0 > 2.0 * north_and_others.1, "{north_and_others:?}");
    let judged = evaluate(&ana, "offer", None, &["2025-09-30".to_owned()], None, None, &Silent).await.unwrap();
    let Judged::Effect(figures) = judged.judged else { panic!("effects") };
    assert!(figures.qini_area.value > 0.0, "{figures:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_treatments_query_gives_is_looked_at_before_anything_is_learnt() {
    let bank = offered().await;
    let refused = |from: &'static str, to: &'static str| {
        let bank = &bank;
        async move {
            bank.write("models/offer.toml", OFFER.replace(from, to));
            train(&bank.open("ana").await, "offer", None, None, &Silent).await.unwrap_err().to_string()
        }
    };
    let said = refused("THEN 1 ELSE 0 END", "THEN 2 ELSE 0 END").await;
    assert!(said.contains("was treated 2; it is 1 or 0"), "{said}");
    let said = refused("max(CASE WHEN arm = 'treatment' THEN 1 ELSE 0 END) AS treated, max(campaign) AS channel, max(campaign) AS way FROM contact WHERE ts > as_of() GROUP BY customer_id", "1 AS treated, campaign AS channel, campaign AS way FROM contact WHERE ts > as_of() - INTERVAL '90 days'").await;
    assert!(said.contains("more than one row"), "{said}");
    let said =
        refused("FROM contact WHERE ts > as_of()", "FROM contact WHERE ts > as_of() + INTERVAL '100 days'").await;
    assert!(said.contains("was treated or held back at any date"), "{said}");
    let said = refused("max(CASE WHEN arm = 'treatment' THEN 1 ELSE 0 END) AS treated", "max(arm) AS treated").await;
    assert!(said.contains("make it a number"), "{said}");
}
