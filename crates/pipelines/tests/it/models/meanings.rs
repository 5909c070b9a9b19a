//! Texts by what they mean: encoders that somebody brought, and what is said where they are not there.

use std::path::{Path, PathBuf};

use florin_domain::{CustomerId, EventTime, Purpose};
use florin_pipelines::{
    load::Silent,
    models::{Act, act, evaluate, explain, score, train},
};
use florin_store::ModelState;

use super::{
    made::{AS_OF, bank as people},
    texts::{INTENT, words},
};
use crate::support::{TestBank, ask_house, moment};

/// Where `cargo xtask models` brings encoders; nothing where it has not.
fn brought() -> Option<PathBuf> {
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let cache = cache.or_else(|| std::env::var_os("HOME").map(|home| Path::new(&home).join(".cache")));
    let all = std::env::var_os("FLORIN_MODELS").map(PathBuf::from).or_else(|| Some(cache?.join("florin/models")))?;
    if all.join("universal").is_dir() {
        return Some(all);
    }
    println!("skipped: `{}` has no `universal`; `cargo xtask models` brings it", all.display());
    None
}

fn definition() -> String {
    INTENT.replace("words = [\"星月卡\"]", "words = [\"星月卡\"]\nmeaning = [\"universal\"]\nmeaning_weight = 3")
}

async fn bank(encoders: Option<PathBuf>) -> TestBank {
    let mut bank = people();
    bank.encoders = encoders;
    words(&bank);
    bank.write("models/intent.toml", definition());
    bank.ingest().await;
    bank
}

#[tokio::test(flavor = "multi_thread")]
async fn without_weights_it_is_said_how_they_come_and_words_alone_still_do() {
    let mut bank = bank(None).await;
    let said = async |bank: &TestBank| {
        train(&bank.open("ron").await, "intent", None, None, &Silent).await.unwrap_err().to_string()
    };
    assert!(said(&bank).await.contains("no folder of encoders is known; name one in FLORIN_MODELS"));
    bank.encoders = Some(bank.path().join("nowhere"));
    let missing = said(&bank).await;
    assert!(missing.contains("bring them with `cargo xtask models universal`"), "{missing}");
    assert!(missing.contains("or take it out of `meaning`: words alone do without"), "{missing}");
    bank.write("nowhere/universal/sp.model", "cut");
    assert!(said(&bank).await.contains("bring the model anew with `cargo xtask models`"));
    bank.write("models/intent.toml", INTENT);
    assert!(train(&bank.open("ron").await, "intent", None, None, &Silent).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn with_weights_meaning_is_learnt_released_said_and_explained_beside_words() {
    let Some(brought) = brought() else { return };
    let mut bank = bank(Some(brought)).await;
    let first = train(&bank.open("ron").await, "intent", None, None, &Silent).await.unwrap();
    assert_eq!(first.state, ModelState::Candidate, "{:?}", first.made.evaluation.guards());
    let found = first.made.evaluation.of_texts().unwrap();
    assert!(found.accuracy.value > 0.9 && found.kind == "text classifier with meanings", "{:?}", found.accuracy);
    assert_eq!(first.made.trained_on.encoders.keys().collect::<Vec<_>>(), ["universal"]);
    let again = train(&bank.open("ron").await, "intent", None, None, &Silent).await.unwrap();
    assert!(!again.new && again.content == first.content, "the same texts, weights and seed give the same version");
    for what in [Act::Approve, Act::Promote { challenger: false }] {
        act(&bank.open("cleo").await, "intent", None, &what).await.unwrap();
    }
    let house = bank.open("owner").await;
    let as_of = EventTime(moment(AS_OF));
    let scored = score(&house, &["intent".to_owned()], as_of, false, &Silent).await.unwrap();
    assert!(scored[0].failed.is_none() && scored[0].customers == 200, "{scored:?}");

    let told = explain(&house, "intent", CustomerId(7), None, None, None).await.unwrap();
    let sum: f64 = told.effects.iter().map(|effect| effect.adds).sum();
    assert!((told.base + sum - told.margin).abs() < 1e-4, "{told:?}");
    assert!(told.effects.iter().any(|effect| effect.feature == "meaning" && effect.adds != 0.0), "{:?}", told.effects);
    assert!(told.reasons.iter().all(|reason| reason.en.starts_with("It says “")));
    let kept = "select score from scores.intent where customer_id = 7 order by ts desc limit 1";
    let kept: f64 = ask_house(&house, Purpose::Analytics, None, kept).await.unwrap()[0].parse().unwrap();
    assert!((kept - told.score).abs() < 1e-9, "{kept} and {}", told.score);
    let at = ["2025-10-01".to_owned()];
    assert!(evaluate(&bank.open("ron").await, "intent", None, &at, None, None, &Silent).await.is_ok());

    // Texts that are known need no weights; a new one does, and what was said before stays.
    bank.encoders = None;
    let house = bank.open("owner").await;
    let known = score(&house, &[], as_of, true, &Silent).await.unwrap();
    assert!(known[0].failed.as_ref().is_some_and(|why| why.contains("FLORIN_MODELS")), "{known:?}");
    bank.write("data/f_word-new.csv", "id,who,kind,text,at\n90001,10,app,软件打不开了,2025-10-20T03:00:00Z\n");
    bank.ingest().await;
    let new = score(&bank.open("owner").await, &[], as_of, false, &Silent).await.unwrap();
    assert!(new[0].failed.as_ref().is_some_and(|why| why.contains("FLORIN_MODELS")), "{new:?}");
    let count = "select count(*) = (select count(*) - 1 from interaction) from scores.intent";
    assert_eq!(ask_house(&house, Purpose::Analytics, None, count).await.unwrap(), ["true"]);
}
