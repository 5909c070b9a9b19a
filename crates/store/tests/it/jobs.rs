//! Jobs and dashboards.

use florin_store::{JobState, KeptDashboard, KeptJob, StoreError};

use crate::support::{at, on_each_store};

fn job(id: &str, key: Option<&str>, asked: i64) -> KeptJob {
    KeptJob {
        id: id.to_owned(),
        what: "{\"kind\":\"run\"}".to_owned(),
        state: JobState::Waiting,
        asked_by: "dan".to_owned(),
        roles: "[\"data_engineer\"]".to_owned(),
        repeat_key: key.map(str::to_owned),
        asked_at: at(asked),
        ended_at: None,
        begun: 0,
        outcome: None,
    }
}

#[test]
fn a_repeated_request_finds_the_job_there_is() {
    on_each_store(async |fresh| {
        let store = &fresh.store;
        let (first, new) = store.keep_job(&job("a", Some("k"), 1)).await.unwrap();
        assert!(new && first.id == "a");
        let (again, new) = store.keep_job(&job("b", Some("k"), 2)).await.unwrap();
        assert!(!new && again == first);
        let (other, new) = store.keep_job(&job("c", None, 3)).await.unwrap();
        assert!(new && other.id == "c");
        let ids: Vec<String> = store.jobs(10).await.unwrap().into_iter().map(|job| job.id).collect();
        assert_eq!(ids, ["c", "a"]);
    });
}

#[test]
fn a_job_ends_once_and_is_open_until_then() {
    on_each_store(async |fresh| {
        let store = &fresh.store;
        store.keep_job(&job("a", None, 1)).await.unwrap();
        assert!(store.begin_job("a").await.unwrap());
        let open = fresh.again().await.open_jobs().await.unwrap();
        assert_eq!((open.len(), open[0].state, open[0].begun), (1, JobState::Running, 1));
        assert!(store.end_job("a", JobState::Done, "3 loads", at(9)).await.unwrap());
        assert!(!store.end_job("a", JobState::Cancelled, "", at(10)).await.unwrap());
        assert!(!store.begin_job("a").await.unwrap());
        let ended = store.job("a").await.unwrap().unwrap();
        assert_eq!(
            (ended.state, ended.ended_at, ended.outcome.as_deref()),
            (JobState::Done, Some(at(9)), Some("3 loads"))
        );
        assert!(store.open_jobs().await.unwrap().is_empty());
    });
}

#[test]
fn nobody_overwrites_a_dashboard_that_they_have_not_seen() {
    on_each_store(async |fresh| {
        let store = &fresh.store;
        let mut board = KeptDashboard {
            name: "growth".to_owned(),
            title: "Growth".to_owned(),
            body: "{}".to_owned(),
            changed_by: "ana".to_owned(),
            changed_at: at(1),
            version: 0,
        };
        assert_eq!(store.write_dashboard(&board).await.unwrap(), 1);
        assert!(matches!(store.write_dashboard(&board).await, Err(StoreError::Conflict(_))));
        board.version = 1;
        board.title = "Growth, weekly".to_owned();
        assert_eq!(store.write_dashboard(&board).await.unwrap(), 2);
        assert!(matches!(store.write_dashboard(&board).await, Err(StoreError::Conflict(_))));
        let kept = fresh.again().await.dashboard("growth").await.unwrap().unwrap();
        assert_eq!((kept.title.as_str(), kept.version), ("Growth, weekly", 2));
        assert!(store.remove_dashboard("growth").await.unwrap());
        assert!(!store.remove_dashboard("growth").await.unwrap());
        assert!(store.dashboards().await.unwrap().is_empty());
    });
}
