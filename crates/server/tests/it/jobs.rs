//! Long work: begun once, told of, stopped, gone on with after a restart.

use serde_json::{Value, json};

use crate::support::{Bank, until, write};

fn ended(client: &mut crate::support::Client, id: &str) -> Value {
    until("the end of a job", || {
        let (_, job) = client.get(&format!("/v1/jobs/{id}"));
        (!["waiting", "running"].contains(&job["state"].as_str().unwrap())).then_some(job)
    })
}

#[test]
fn a_load_is_a_job_that_says_what_came_of_it() {
    let bank = Bank::served();
    write(bank.dir.path(), "files/event.csv", "n,id,at,name,channel\nx1,c1,2025-12-30T01:00:00Z,login,app\n");
    let mut dan = bank.client("dan");
    let (status, job) = dan.post("/v1/jobs", &json!({"kind": "ingest", "sources": ["event"]}));
    assert_eq!((status, job["by"].as_str()), (200, Some("dan")), "{job}");
    let job = ended(&mut dan, job["id"].as_str().unwrap());
    assert_eq!(job["state"], "done", "{job}");
    assert_eq!(job["outcome"], "1 read: 1 stored, 0 duplicate, 0 quarantined, 0 refused");
    let (_, events) = dan.bytes("GET", &format!("/v1/jobs/{}/events", job["id"].as_str().unwrap()), None);
    let events = String::from_utf8(events).unwrap();
    assert!(events.starts_with("event: job\ndata: {") && events.contains("\"state\":\"done\""), "{events}");
}

#[test]
fn what_may_not_be_done_fails_as_whoever_asked() {
    let bank = Bank::served();
    let mut ana = bank.client("ana");
    let (_, job) = ana.post("/v1/jobs", &json!({"kind": "ingest"}));
    let job = ended(&mut ana, job["id"].as_str().unwrap());
    assert_eq!(job["state"], "failed", "{job}");
    assert!(job["outcome"].as_str().unwrap().contains("ana"), "{job}");
}

#[test]
fn a_job_waits_for_another_process_and_goes_on_after_a_restart() {
    let mut bank = Bank::served();
    let mut dan = bank.client("dan");
    let taken = bank.lake_taken();
    let (_, job) = dan.post("/v1/jobs", &json!({"kind": "resolve"}));
    let id = job["id"].as_str().unwrap().to_owned();
    let state = |client: &mut crate::support::Client| client.get(&format!("/v1/jobs/{id}")).1["state"].clone();
    until("the job's beginning", || (state(&mut dan) == "running").then_some(()));
    std::thread::sleep(std::time::Duration::from_secs(1));
    assert_eq!(state(&mut dan), "running", "it waits, and does not fail");
    bank.end();
    bank.serve();
    let mut dan = bank.client("dan");
    until("its second beginning", || (state(&mut dan) == "running").then_some(()));
    drop(taken);
    let job = ended(&mut dan, &id);
    assert_eq!(job["state"], "done", "{job}");
}
