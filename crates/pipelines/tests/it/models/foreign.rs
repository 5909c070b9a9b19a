//! A model that was trained elsewhere: checked on sample rows, then judged, released, scored and explained as any model is.

use florin_domain::{CustomerId, EventTime};
use florin_pipelines::{
    load::Silent,
    models::{Act, act, explain, train},
};

use super::made::{AS_OF, LEAVING, PEOPLE, bank, run_all};
use crate::support::{TestBank, moment};

/// What LightGBM would write of one tree: who pays at most three times a month leaves.
const TREE: &str = "tree\nversion=v4\nnum_class=1\nnum_tree_per_iteration=1\nlabel_index=0\nmax_feature_idx=0\nobjective=binary sigmoid:1\nfeature_names=payments\nfeature_infos=[0:100]\ntree_sizes=253\n\nTree=0\nnum_leaves=2\nnum_cat=0\nsplit_feature=0\nsplit_gain=1\nthreshold=3.5\ndecision_type=2\nleft_child=-1\nright_child=-2\nleaf_value=0.5 -1.5\nleaf_weight=10 10\nleaf_count=10 10\ninternal_value=0\ninternal_weight=20\ninternal_count=20\nis_linear=0\nshrinkage=1\n\n\nend of trees\n\nparameters:\nend of parameters\n";
/// 1 / (1 + e^-0.5) and 1 / (1 + e^1.5).
const SAMPLES: &str = "payments_30d,expected\n0,0.622459331\n3,0.622459331\n4,0.182425524\n90,0.182425524\n";

fn definition() -> String {
    let from = LEAVING.find("[features]").unwrap();
    let to = LEAVING.find("[split]").unwrap();
    let features = "[features]\ntraits = [\"payments_30d\"]\n\n[learner]\nkind = \"foreign\"\nfile = \"models/leaving.txt\"\nsamples = \"models/leaving.csv\"\nrenamed = { payments_30d = \"payments\" }\n\n";
    format!("{}{features}{}", &LEAVING[..from], &LEAVING[to..])
}

async fn given() -> TestBank {
    let bank = bank();
    bank.write("models/leaving.toml", definition());
    bank.write("models/leaving.txt", TREE);
    bank.write("models/leaving.csv", SAMPLES);
    bank.ingest().await;
    bank
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_of_others_is_judged_released_scored_and_explained() {
    let bank = given().await;
    let trained = train(&bank.open("ana").await, "leaving", None, None, &Silent).await.unwrap();
    let headline = trained.made.headline();
    assert!(headline.figure == "AUC" && headline.value.value > 0.65, "what was planted is found: {headline:?}");
    let ron = bank.open("ron").await;
    for what in [Act::Approve, Act::Promote { challenger: false }] {
        act(&ron, "leaving", None, &what).await.unwrap();
    }
    let scored = run_all(&bank.open("owner").await, AS_OF).await;
    assert_eq!(scored[0].customers, PEOPLE);
    let ana = bank.open("ana").await;
    let found = explain(&ana, "leaving", CustomerId(7), None, Some(EventTime(moment(AS_OF))), None).await.unwrap();
    assert!([0.622_459_331, 0.182_425_524].iter().any(|said| (found.score - said).abs() < 1e-6), "{found:?}");
    let sum: f64 = found.effects.iter().map(|effect| effect.adds).sum();
    assert!((found.base + sum - found.margin).abs() < 1e-9 && found.effects[0].feature == "payments_30d", "{found:?}");
    // Another file is another version.
    bank.write("models/leaving.txt", TREE.replace("threshold=3.5", "threshold=3.7"));
    let other = train(&ana, "leaving", None, None, &Silent).await.unwrap();
    assert!(other.new && other.version == trained.version + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_that_does_not_say_what_its_samples_expect_is_not_registered() {
    let bank = given().await;
    let refused =
        || async { train(&bank.open("ana").await, "leaving", None, None, &Silent).await.unwrap_err().to_string() };
    bank.write("models/leaving.csv", SAMPLES.replace("4,0.18", "4,0.81"));
    let said = refused().await;
    assert!(said.contains("something else of 1 of 4 sample rows") && said.contains("line 4: 0.18"), "{said}");
    bank.write("models/leaving.csv", SAMPLES.replace("expected", "said"));
    let said = refused().await;
    assert!(said.contains("`models/leaving.csv`: it has no column `expected`"), "{said}");
    bank.write("models/leaving.csv", SAMPLES);
    bank.write("models/leaving.txt", TREE.replace("feature_names=payments", "feature_names=calls"));
    let said = refused().await;
    assert!(said.contains("`calls`") && said.contains("payments_30d"), "{said}");
    bank.write("models/leaving.txt", "no model");
    let said = refused().await;
    assert!(said.contains("neither LightGBM's text"), "{said}");
    std::fs::remove_file(bank.path().join("models/leaving.txt")).unwrap();
    let said = refused().await;
    assert!(said.contains("could not read"), "{said}");
}
