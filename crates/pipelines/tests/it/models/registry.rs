//! Two pairs of eyes, and what may follow on what.

use florin_pipelines::{
    FlowError, House,
    models::{Act, act, list, show},
};
use florin_store::ModelState;

use super::made::{LEAVING, loaded, promoted, trained};
use crate::support::TestBank;

async fn refused(house: &House, version: Option<u32>, what: Act) -> String {
    act(house, "leaving", version, &what).await.unwrap_err().to_string()
}

/// Another version: the same with fewer leaves.
async fn another(bank: &TestBank, leaves: usize) -> u32 {
    bank.write("models/leaving.toml", LEAVING.replace("leaves_max = 5", &format!("leaves_max = {leaves}")));
    trained(&bank.open("ana").await).await.version
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_approves_what_they_trained_and_who_may_not_approve_is_refused() {
    let bank = loaded().await;
    trained(&bank.open("owner").await).await;
    let own = refused(&bank.open("owner").await, None, Act::Approve).await;
    assert_eq!(own, "`owner` made this change; somebody else has to decide on it");
    let error = act(&bank.open("ana").await, "leaving", None, &Act::Approve).await.unwrap_err();
    assert!(matches!(error, FlowError::Refused(_)), "an analyst may not approve: {error}");
    let line = act(&bank.open("cleo").await, "leaving", None, &Act::Approve).await.unwrap();
    assert_eq!(line.state, Some(ModelState::Approved));
    let shown = show(&bank.open("ana").await, "leaving", None).await.unwrap();
    let acts: Vec<_> = shown.acts.iter().map(|act| (act.act.as_str(), act.by.as_str())).collect();
    assert_eq!(acts, [("trained", "owner"), ("approved", "cleo")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_champion_is_succeeded_and_put_back() {
    let bank = loaded().await;
    let first = promoted(&bank).await;
    let ron = bank.open("ron").await;
    let none = refused(&ron, None, Act::Rollback { reason: "it was better".to_owned() }).await;
    assert!(none.contains("no champion was before this one"), "{none}");
    let second = another(&bank, 4).await;
    let ron = bank.open("ron").await;
    let early = refused(&ron, Some(second), Act::Promote { challenger: false }).await;
    assert!(early.contains("somebody else has to approve it first"), "{early}");
    act(&ron, "leaving", Some(second), &Act::Approve).await.unwrap();
    act(&ron, "leaving", Some(second), &Act::Promote { challenger: true }).await.unwrap();
    act(&ron, "leaving", Some(second), &Act::Promote { challenger: false }).await.unwrap();
    let states = |lines: Vec<florin_pipelines::models::Line>| {
        lines.into_iter().map(|line| (line.version.unwrap(), line.state.unwrap())).collect::<Vec<_>>()
    };
    let now = states(list(&ron, Some("leaving")).await.unwrap());
    assert_eq!(now, [(second, ModelState::Champion), (first, ModelState::Retired)]);
    let back = act(&ron, "leaving", None, &Act::Rollback { reason: "complaints".to_owned() }).await.unwrap();
    assert_eq!((back.version, back.state), (Some(first), Some(ModelState::Champion)));
    let now = states(list(&ron, Some("leaving")).await.unwrap());
    assert_eq!(now, [(second, ModelState::Retired), (first, ModelState::Champion)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guard_holds_a_version_back_until_somebody_else_waives_it_with_a_reason() {
    let bank = loaded().await;
    bank.write("models/leaving.toml", LEAVING.replace("auc_min = 0.6", "auc_min = 0.99"));
    let held = trained(&bank.open("owner").await).await;
    assert_eq!(held.state, ModelState::Refused);
    let ron = bank.open("ron").await;
    let words = refused(&ron, Some(held.version), Act::Approve).await;
    assert!(words.contains("is refused") && words.contains("waive"), "{words}");
    let waive = |guard: &str, reason: &str| Act::Waive { guard: guard.to_owned(), reason: reason.to_owned() };
    let own = refused(&bank.open("owner").await, None, waive("auc_min", "good enough")).await;
    assert!(own.contains("somebody else"), "{own}");
    assert!(refused(&ron, None, waive("auc_min", "  ")).await.contains("say why"));
    assert!(
        refused(&ron, None, waive("leaks_allowed", "no"))
            .await
            .contains("`leaks_allowed` does not hold version 1 back")
    );
    let line = act(&ron, "leaving", None, &waive("auc_min", "a first version, watched")).await.unwrap();
    assert_eq!((line.state, &line.waived[..]), (Some(ModelState::Candidate), &["auc_min".to_owned()][..]));
    let shown = show(&ron, "leaving", None).await.unwrap();
    let last = shown.acts.last().unwrap();
    assert_eq!((last.by.as_str(), last.reason.as_deref()), ("ron", Some("a first version, watched")));
    act(&ron, "leaving", None, &Act::Approve).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_colleague_refused_cannot_be_waived() {
    let bank = loaded().await;
    trained(&bank.open("ana").await).await;
    let ron = bank.open("ron").await;
    act(&ron, "leaving", None, &Act::Refuse { reason: "wrong population".to_owned() }).await.unwrap();
    let words = refused(&ron, None, Act::Waive { guard: "auc_min".to_owned(), reason: "why not".to_owned() }).await;
    assert!(words.contains("`ron` refused version 1 (wrong population)"), "{words}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_act_is_on_the_audit_log() {
    let bank = loaded().await;
    promoted(&bank).await;
    let cleo = bank.open("cleo").await;
    let entries = cleo.audit_entries(500).await.unwrap();
    let acts: Vec<_> = entries
        .iter()
        .filter(|(_, entry)| entry.detail.get("model").is_some_and(|model| model == "leaving"))
        .filter_map(|(_, entry)| Some((entry.user.clone(), entry.detail.get("act")?.as_str()?.to_owned())))
        .collect();
    let of = |user: &str, act: &str| (user.to_owned(), act.to_owned());
    assert_eq!(acts, [of("ana", "trained"), of("ron", "approved"), of("ron", "promoted")]);
}
