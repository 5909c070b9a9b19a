//! What is really answered is what the document promises: real answers are read as the types of `api`, which refuse what they do not know.

use florin_api as api;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::support::{Bank, Client};

fn read<T: DeserializeOwned>((status, body): (u16, Value)) -> T {
    assert_eq!(status, 200, "{body}");
    serde_json::from_value(body.clone()).unwrap_or_else(|wrong| panic!("{wrong}: {body}"))
}

fn funnel() -> Value {
    json!({"purpose": "analytics", "journey": {"kind": "funnel", "trend": "week", "step": [
        {"name": "logs in", "where": "name = 'login'"},
        {"name": "begins", "where": "name = 'apply_start'"},
        {"name": "hands in", "where": "name = 'apply_submit'"}]}})
}

#[test]
fn numbers_open_to_their_customers() {
    let bank = Bank::served();
    let mut ana = bank.client("ana");
    let answer: api::JourneyAnswer = read(ana.post("/v1/journeys/ask", &funnel()));
    let value = &answer.funnel.unwrap().values[0];
    let counts: Vec<u64> = value.steps.iter().map(|step| step.customers).collect();
    assert_eq!(counts, [40, 20, 10]);
    for (step, expected) in [(1, 40), (2, 20), (3, 10)] {
        let asked = json!({"ask": funnel(), "cell": {"of": "funnel", "step": step}, "limit": 7});
        let page: api::CustomerPage = read(ana.post("/v1/journeys/behind", &asked));
        assert_eq!((page.total, page.customers.len()), (expected, 7));
    }
    let asked =
        json!({"ask": funnel(), "cell": {"of": "funnel", "step": 3, "dropped": true}, "save_as": "left_half_way"});
    let page: api::CustomerPage = read(ana.post("/v1/journeys/behind", &asked));
    assert_eq!(page.total, 10);
    let path = "/v1/segment-members?purpose=analytics&expression=left_half_way";
    assert_eq!(read::<api::CustomerPage>(ana.get(path)).customers, page.customers);
    let (status, said) =
        ana.post("/v1/journeys/behind", &json!({"ask": funnel(), "cell": {"of": "funnel", "step": 9}}));
    assert_eq!(status, 404, "{said}");
}

#[test]
fn every_journey_is_told() {
    let bank = Bank::served();
    let mut ana = bank.client("ana");
    let mut ask = |journey: Value| -> api::JourneyAnswer {
        read(ana.post("/v1/journeys/ask", &json!({"purpose": "analytics", "journey": journey})))
    };
    let retention = json!({"kind": "retention", "start": "name = 'login'", "return": "name = 'apply_start'", "period": "week", "first": "2025-12-01", "periods": 4});
    let told = ask(retention).retention.unwrap();
    assert_eq!(told.cohorts.iter().map(|cohort| cohort.customers).sum::<u64>(), 40);
    let told = ask(json!({"kind": "sessions", "gap": "30 min"})).sessions.unwrap();
    assert_eq!((told.customers, told.rows), (40, 70));
    let told = ask(json!({"kind": "paths", "after": "login", "depth": 3, "gap": "30 days"})).paths.unwrap();
    assert!(
        told.nodes.iter().any(|node| node.name.as_deref() == Some("apply_start") && node.customers == 20),
        "{told:?}"
    );
    let saved: Vec<api::SavedJourney> = read(ana.get("/v1/journeys"));
    assert_eq!((saved[0].name.as_str(), saved[0].kind.as_str()), ("apply", "funnel"));
}

#[test]
fn charts_are_asked_by_shelves_and_open_to_customers() {
    let bank = Bank::served();
    let mut ana = bank.client("ana");
    let shelves = json!({"table": "event", "dimensions": [{"field": "name"}],
        "measures": [{"aggregate": "count"}, {"aggregate": "count_distinct", "field": "customer_id"}],
        "sort": {"column": 1, "descending": true}});
    let asked = json!({"purpose": "analytics", "shelves": shelves});
    let answer: api::ShelvesAnswer = read(ana.post("/v1/explore", &asked));
    assert_eq!(
        answer.rows.rows,
        [json!(["login", 40, 40]), json!(["apply_start", 20, 20]), json!(["apply_submit", 10, 10])]
            .map(|row| row.as_array().unwrap().clone())
    );
    let page: api::CustomerPage =
        read(ana.post("/v1/explore/behind", &json!({"ask": asked, "values": ["apply_submit"]})));
    assert_eq!(page.total, 10);
    let weekly = json!({"purpose": "analytics", "shelves": {"table": "event", "dimensions": [{"field": "ts", "grain": "week"}],
        "measures": [{"aggregate": "count_distinct", "field": "customer_id"}]}});
    let answer: api::ShelvesAnswer = read(ana.post("/v1/explore", &weekly));
    for row in &answer.rows.rows {
        let page: api::CustomerPage =
            read(ana.post("/v1/explore/behind", &json!({"ask": weekly, "values": [row[0].to_string()]})));
        assert_eq!(json!(page.total), row[1], "{row:?}");
    }
    let compared = json!({"purpose": "analytics", "shelves": {"table": "event", "dimensions": [{"field": "ts", "grain": "week"}],
        "measures": [{"aggregate": "count"}], "filters": [{"field": "ts", "test": {"between": ["2025-12-15", "2025-12-28"]}}], "compare": "previous_period"}});
    let answer: api::ShelvesAnswer = read(ana.post("/v1/explore", &compared));
    assert_eq!(answer.rows.columns.len(), 3);
    assert!(answer.rows.rows.iter().any(|row| row[1].is_number() && row[2].is_number()), "{:?}", answer.rows);
    let by_trait = json!({"purpose": "analytics", "shelves": {"table": "customer", "dimensions": [{"field": "traits.logins"}], "measures": [{"aggregate": "count"}], "segment": "gave_up"}});
    let answer: api::ShelvesAnswer = read(ana.post("/v1/explore", &by_trait));
    assert_eq!(answer.rows.rows, [json!([1, 10]).as_array().unwrap().clone()]);
}

#[test]
fn dashboards_are_not_overwritten_unseen() {
    let bank = Bank::served();
    let mut ana = bank.client("ana");
    let write = |client: &mut Client, version: u32| {
        client.ask(
            "PUT",
            "/v1/dashboards/growth",
            Some(&json!({"title": "Growth", "body": {"tiles": []}, "version": version})),
        )
    };
    assert_eq!(read::<api::Dashboard>(write(&mut ana, 0)).version, 1);
    assert_eq!(write(&mut ana, 0).0, 409);
    assert_eq!(read::<api::Dashboard>(write(&mut ana, 1)).version, 2);
    assert_eq!(read::<Vec<api::Dashboard>>(ana.get("/v1/dashboards")).len(), 1);
    assert_eq!(ana.ask("DELETE", "/v1/dashboards/growth", None).0, 204);
}

#[test]
fn sql_says_where_each_column_comes_from() {
    let bank = Bank::served();
    let mut ana = bank.client("ana");
    let sql = "with big as (select name as what, count(*) as n from event group by name) select what, n * 2 as twice from big order by n desc";
    let asked = json!({"purpose": "analytics", "sql": sql});
    let rows: api::Rows = read(ana.post("/v1/sql", &asked));
    assert_eq!(rows.rows[0], json!(["login", 80]).as_array().unwrap().clone());
    let lineage: Vec<api::ColumnLineage> = read(ana.post("/v1/sql/lineage", &asked));
    assert_eq!(lineage[0].column, "what");
    assert!(lineage[0].tables.contains("event.name"), "{lineage:?}");
    assert!(lineage[0].sources.contains("event: name"), "{lineage:?}");
    let (status, bytes) = ana.bytes(
        "POST",
        "/v1/sql/export",
        Some(&json!({"purpose": "analytics", "sql": "select '=1+1' as cell", "format": "csv"})),
    );
    assert_eq!((status, String::from_utf8(bytes).unwrap().as_str()), (200, "cell\n'=1+1\n"));
    assert!(ana.header("content-disposition").contains("answer.csv"));
}

#[test]
fn a_customer_is_shown_whole_and_unmasked_for_a_reason_only() {
    let bank = Bank::served();
    let mut sam = bank.client("sam");
    let found: Vec<api::FoundCustomer> =
        read(sam.post("/v1/customers/search", &json!({"purpose": "service", "text": "138 0013 0007"})));
    assert_eq!((found.len(), found[0].by.as_str()), (1, "phone"), "{found:?}");
    let number = found[0].customer;
    let shown: api::Customer = read(sam.get(&format!("/v1/customers/{number}?purpose=service")));
    assert!(
        shown.profile.iter().any(|of| of.name == "logins" && of.value.as_deref() == Some("1")),
        "{:?}",
        shown.profile
    );
    assert!(shown.records.iter().any(|of| of.table == "event"));
    let story: api::Timeline = read(sam.get(&format!("/v1/customers/{number}/timeline?purpose=service&tables=event")));
    assert_eq!(story.happened.len(), 1);
    assert_eq!(story.happened[0].said[0], ("name".to_owned(), "login".to_owned()));
    assert_eq!(
        sam.get(&format!("/v1/customers/{number}/person")).0,
        403,
        "whose records are whose is not an agent's affair"
    );
    let person: api::Person = read(bank.client("dan").get(&format!("/v1/customers/{number}/person")));
    assert_eq!(person.members.len(), 1);
    let path = format!("/v1/customers/{number}/unmask");
    assert_eq!(sam.post(&path, &json!({"purpose": "service", "reason": " "})).0, 400);
    let values: Vec<api::IdentifyingValue> =
        read(sam.post(&path, &json!({"purpose": "service", "reason": "they called"})));
    assert_eq!((values[0].kind.as_str(), values[0].value.as_str()), ("phone", "+8613800130007"));
    let looked_up = bank.audited(20).into_iter().rfind(|entry| entry.kind.name() == "look_up").unwrap();
    assert_eq!((looked_up.user.as_str(), &looked_up.detail["reason"]), ("sam", &json!("they called")));
    assert_eq!(bank.client("ana").post(&path, &json!({"purpose": "analytics", "reason": "curious"})).0, 403);
}

#[test]
fn segments_are_counted_before_they_are_saved() {
    let bank = Bank::served();
    let mut ana = bank.client("ana");
    let lines: Vec<api::SegmentLine> = read(ana.get("/v1/segments?purpose=analytics"));
    assert_eq!((lines[0].name.as_str(), lines[0].size), ("gave_up", Some(10)));
    let one: api::Segment = read(ana.get("/v1/segments/gave_up?purpose=analytics"));
    assert_eq!(one.seen, Some(10));
    assert!(one.definition.unwrap().contains("apply_start"));
    assert!(one.reachable.iter().any(|of| of.purpose == api::Purpose::Service && of.customers == 10));
    let sequence = json!({"sequence": ["login", "apply_start"], "within_days": 3});
    let preview: api::SegmentPreview =
        read(ana.post("/v1/segments/preview", &json!({"purpose": "analytics", "where": sequence})));
    assert_eq!(preview.size, 20);
    let (status, said) = ana.post("/v1/segments/preview", &json!({"purpose": "analytics", "where": {"dit": "login"}}));
    assert_eq!(status, 422, "{said}");
    let asked = json!({"purpose": "analytics", "expression": "gave_up", "traits": ["logins"], "format": "csv"});
    let (status, file) = ana.bytes("POST", "/v1/segment-export", Some(&asked));
    assert_eq!((status, String::from_utf8(file).unwrap().lines().count()), (200, 11));
}

#[test]
fn definitions_are_written_whole_or_not_at_all() {
    let bank = Bank::served();
    let mut dan = bank.client("dan");
    let path = "/v1/definitions/journey/weekly";
    let object =
        json!({"kind": "retention", "start": "name = 'login'", "period": "week", "first": "2025-12-01", "periods": 4});
    let written: api::Written = read(dan.ask("PUT", path, Some(&json!({"object": object}))));
    assert_eq!(written.changes, ["journey weekly: new"]);
    assert!(
        std::fs::read_to_string(bank.dir.path().join("journeys/weekly.toml")).unwrap().contains("period = \"week\"")
    );
    let saved: Vec<api::SavedJourney> = read(dan.get("/v1/journeys"));
    assert!(saved.iter().any(|one| one.name == "weekly"));
    let (status, said) = dan.ask("PUT", path, Some(&json!({"text": "kind = \"retention\"\nstrat = \"x\""})));
    assert_eq!((status, said["code"].as_str()), (422, Some("definition")), "{said}");
    assert_eq!(said["places"][0]["file"], "journeys/weekly.toml");
    let files: Vec<api::DefinitionFile> = read(dan.get("/v1/definitions?kind=journey"));
    assert!(files.iter().find(|file| file.name == "weekly").unwrap().text.contains("start"));
    assert_eq!(bank.client("ana").ask("PUT", path, Some(&json!({"object": object}))).0, 403);
}

#[test]
fn what_is_kept_is_told() {
    let bank = Bank::served();
    let mut dan = bank.client("dan");
    let sources: Vec<api::SourceFacts> = read(dan.get("/v1/sources"));
    let event = sources.iter().find(|source| source.name == "event").unwrap();
    assert_eq!((event.counts.read, event.counts.stored, event.counts.quarantined), (71, 70, 1));
    let loads: Vec<api::Load> = read(dan.get("/v1/loads"));
    assert!(loads.iter().all(|load| !load.file.contains('/') && load.state == "done"));
    let quality: Vec<api::TableQuality> = read(dan.get("/v1/quality"));
    assert!(quality.iter().any(|table| table.table == "event" && table.rows == 70));
    let counts: Vec<api::QuarantineCount> = read(dan.get("/v1/quarantine"));
    assert_eq!(counts.iter().map(|count| count.waiting).sum::<u64>(), 1);
    let records: Vec<api::QuarantinedRecord> = read(dan.get("/v1/quarantine/records?raw=true"));
    assert!(records[0].raw.as_ref().unwrap().contains("NOT A NAME"));
    let graph: api::LineageGraph = read(dan.get("/v1/lineage"));
    for (from, to) in [("source:event", "table:event"), ("table:event", "trait:logins")] {
        assert!(graph.edges.iter().any(|edge| edge.from == from && edge.to == to), "{from} → {to}: {graph:?}");
    }
    let _: Vec<api::ModelLine> = read(dan.get("/v1/models"));
    let _: Vec<api::OfferFacts> = read(dan.get("/v1/offers"));
    let home: api::Home = read(dan.get("/v1/home?purpose=service"));
    assert!(home.attention.iter().any(|of| of.kind == "quarantine"), "{:?}", home.attention);
    let catalogue: api::CatalogueFacts = read(bank.client("ana").get("/v1/catalogue?purpose=analytics"));
    assert!(
        catalogue.tables.iter().any(|table| table.name == "event")
            && catalogue.traits.iter().any(|of| of.name == "logins")
    );
    let path = "/v1/catalogue/values?purpose=analytics&table=event&column=name";
    let values: Vec<api::ValueCount> = read(bank.client("ana").get(path));
    assert_eq!((values[0].value.as_str(), values[0].rows), ("login", 40));
}

#[test]
fn whoever_oversees_sees_who_read_what() {
    let bank = Bank::served();
    bank.client("ana").post(
        "/v1/sql",
        &json!({"purpose": "analytics", "sql": "select region from customer where region = 'Zhejiang'"}),
    );
    let mut cora = bank.client("cora");
    let entries: Vec<api::AuditEntry> = read(cora.get("/v1/audit?user=ana&kind=query"));
    let detail = entries[0].detail.to_string();
    assert!(detail.contains("from customer") && !detail.contains("Zhejiang"), "{detail}");
    let verified: api::AuditVerified = read(cora.post("/v1/audit/verify", &json!({})));
    assert!(verified.whole && verified.entries > 10);
    let consent: Vec<api::PurposeConsent> = read(cora.get("/v1/consent"));
    assert_eq!((consent.len(), consent[2].basis.as_str()), (5, "consent"));
    let policies: api::PolicyFacts = read(cora.get("/v1/policies"));
    assert!(policies.matrix.iter().any(|cell| cell.tables > 0));
    assert_eq!(bank.client("ana").get("/v1/audit").0, 403);
}

#[test]
fn who_has_an_answer_is_not_told_it_again() {
    let bank = Bank::served();
    let mut ana = bank.client("ana");
    let (status, tables) = ana.get("/v1/catalogue?purpose=analytics");
    assert_eq!(status, 200, "{tables}");
    let tag = ana.last_headers["etag"].to_str().unwrap().to_owned();
    ana.known = Some(tag.clone());
    let (status, body) = ana.bytes("GET", "/v1/catalogue?purpose=analytics", None);
    assert_eq!((status, body.len()), (304, 0));
    assert_eq!(ana.last_headers["etag"], tag.as_str());
    assert_eq!(ana.get("/v1/me").0, 200, "another answer");
    assert_eq!(
        ana.post("/v1/sql", &json!({"purpose": "analytics", "sql": "select 1 as one"})).0,
        200,
        "no question by GET"
    );
}

#[test]
fn more_than_there_is_room_for_is_turned_away_and_the_rest_answered() {
    let bank = Bank::served();
    let cookie = bank.client("ana").cookie;
    let ask = || {
        let mut client = Client::of(bank.address());
        client.cookie.clone_from(&cookie);
        let sql = "select count(*) as n from event a, event b, event c where a.ts <= b.ts and b.ts <= c.ts";
        let (status, _) = client.post("/v1/sql", &json!({"purpose": "analytics", "sql": sql}));
        (status, client.last_headers.get("retry-after").is_some())
    };
    let answers: Vec<(u16, bool)> = std::thread::scope(|scope| {
        let asking: Vec<_> = (0..180).map(|_| scope.spawn(ask)).collect();
        asking.into_iter().map(|one| one.join().unwrap()).collect()
    });
    let of = |status: u16| answers.iter().filter(|(found, _)| *found == status).count();
    assert_eq!(of(200) + of(503), 180, "{answers:?}");
    assert!(of(200) >= 64 && of(503) > 0, "{} answered, {} turned away", of(200), of(503));
    assert!(answers.iter().all(|(status, again)| *again == (*status == 503)), "it says when to come back");
    assert_eq!(bank.client("ana").get("/v1/me").0, 200, "it goes on");
}
