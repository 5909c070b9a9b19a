//! Versions of models, their states and acts.

use florin_store::{ModelAct, ModelMove, ModelState, NewModel, StoreError};

use crate::support::{at, on_each_store};

fn churn(content: &str) -> NewModel {
    NewModel {
        name: "churn".to_owned(),
        content: content.to_owned(),
        bytes: "b1".to_owned(),
        state: ModelState::Candidate,
        made: "{\"auc\":0.8}".to_owned(),
        trained_at: at(7),
        trained_by: "ana".to_owned(),
    }
}

fn act(act: &str) -> ModelAct {
    ModelAct { at: at(9), by: "rolf".to_owned(), act: act.to_owned(), subject: None, reason: Some("why".to_owned()) }
}

fn to(version: u32, read: i64, to: ModelState) -> ModelMove {
    ModelMove { name: "churn".to_owned(), version, read, to, act: act(to.name()) }
}

#[test]
fn a_version_is_known_by_its_content() {
    on_each_store(async |fresh| {
        let store = &fresh.store;
        let (first, new) = store.register_model(&churn("c1")).await.unwrap();
        assert!(new && first.version == 1 && first.revision == 1);
        let (again, new) = store.register_model(&NewModel { trained_at: at(8), ..churn("c1") }).await.unwrap();
        assert!(!new);
        assert_eq!(again, first);
        let (second, _) = store.register_model(&churn("c2")).await.unwrap();
        let other = NewModel { name: "default".to_owned(), ..churn("c1") };
        assert_eq!(store.register_model(&other).await.unwrap().0.version, 1);
        assert_eq!(fresh.again().await.model_versions(Some("churn")).await.unwrap(), [second, first]);
        assert_eq!(store.model_versions(None).await.unwrap().len(), 3);
        assert_eq!(store.model_versions(Some("nobody")).await.unwrap(), []);
    });
}

#[test]
fn acts_are_kept_in_order_and_move_all_or_none() {
    on_each_store(async |fresh| {
        let store = &fresh.store;
        store.register_model(&churn("c1")).await.unwrap();
        store.register_model(&churn("c2")).await.unwrap();
        store.move_models(&[to(1, 1, ModelState::Approved)]).await.unwrap();
        store.move_models(&[to(1, 2, ModelState::Champion)]).await.unwrap();
        // The second move fails, so the first did not happen either.
        let torn = store.move_models(&[to(1, 3, ModelState::Retired), to(2, 9, ModelState::Champion)]).await;
        assert!(matches!(torn, Err(StoreError::Conflict(_))), "{torn:?}");
        let states: Vec<_> = store.model_versions(Some("churn")).await.unwrap().into_iter().map(|v| v.state).collect();
        assert_eq!(states, [ModelState::Candidate, ModelState::Champion]);
        let acts = store.model_acts("churn", 1).await.unwrap();
        let words: Vec<_> = acts.iter().map(|a| (a.act.as_str(), a.by.as_str())).collect();
        assert_eq!(words, [("trained", "ana"), ("approved", "rolf"), ("champion", "rolf")]);
        assert_eq!(acts[1], act("approved"));
    });
}

#[test]
fn a_model_has_one_champion() {
    on_each_store(async |fresh| {
        let store = &fresh.store;
        store.register_model(&churn("c1")).await.unwrap();
        store.register_model(&churn("c2")).await.unwrap();
        store.move_models(&[to(1, 1, ModelState::Champion)]).await.unwrap();
        let two = store.move_models(&[to(2, 1, ModelState::Champion)]).await;
        assert!(matches!(two, Err(StoreError::Conflict(_))), "{two:?}");
        store.move_models(&[to(1, 2, ModelState::Retired), to(2, 1, ModelState::Champion)]).await.unwrap();
    });
}
