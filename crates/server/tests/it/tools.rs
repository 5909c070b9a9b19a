//! The doors of BI tools. What is said through them is tested in `wire`.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    process::Command,
};

use serde_json::json;

use crate::support::Bank;

const OPEN: &str = "[serve.postgres]\nlisten = \"127.0.0.1:0\"\n[serve.flight]\nlisten = \"127.0.0.1:0\"\n";

#[test]
fn they_are_open_while_the_server_is() {
    let mut bank = Bank::with(OPEN);
    bank.serve();
    let serving = &bank.serving.as_ref().unwrap().0;
    let (postgres, flight) = (serving.postgres.unwrap(), serving.flight.unwrap());
    let mut stream = TcpStream::connect(postgres).unwrap();
    // Length 8, and the number that asks for TLS: answered N where none is spoken.
    stream.write_all(&[0, 0, 0, 8, 4, 210, 22, 47]).unwrap();
    let mut said = [0];
    stream.read_exact(&mut said).unwrap();
    assert_eq!(&said, b"N");
    drop(stream);
    assert!(TcpStream::connect(flight).is_ok());
    bank.end();
    assert!(TcpStream::connect(postgres).is_err() && TcpStream::connect(flight).is_err());
}

#[test]
fn they_are_shut_unless_the_settings_open_them() {
    let bank = Bank::served();
    let serving = &bank.serving.as_ref().unwrap().0;
    assert_eq!((serving.postgres, serving.flight), (None, None));
}

#[test]
fn a_server_whose_door_cannot_be_opened_as_meant_does_not_start() {
    for (settings, said) in [
        ("[serve.postgres]\nlisten = \"127.0.0.1:0\"\ncertificate = \"none.pem\"\nkey = \"none.key\"", "none.pem"),
        ("[serve.postgres]\nlisten = \"0.0.0.0:0\"", "needs a `certificate`"),
        ("[serve.flight]\nlisten = \"0.0.0.0:0\"", "needs a `certificate`"),
    ] {
        let error = Bank::with(settings).try_serve().unwrap_err().to_string();
        assert!(error.contains(said), "{settings}: {error}");
    }
}

#[test]
fn an_address_that_is_taken_is_an_error_and_says_which() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let error = Bank::with(&format!("[serve.postgres]\nlisten = \"{address}\"")).try_serve().unwrap_err().to_string();
    assert!(error.contains(&format!("cannot listen on {address}")), "{error}");
}

#[test]
fn a_key_made_in_the_console_opens_them() {
    if Command::new("psql").arg("--version").output().is_err() {
        println!("skipped: there is no psql");
        return;
    }
    let mut bank = Bank::with(OPEN);
    bank.serve();
    let asked = json!({"name": "psql", "scopes": ["sql"], "roles": ["analyst"], "days": 1});
    let (_, made) = bank.client("ana").post("/v1/me/keys", &asked);
    let port = bank.serving.as_ref().unwrap().0.postgres.unwrap().port();
    let mut psql = Command::new("psql");
    psql.args(["-h", "127.0.0.1", "-p", &port.to_string(), "-U", made["key"]["id"].as_str().unwrap()]);
    psql.args(["-d", "analytics", "-At", "-c", "select count(*) from customer"]);
    let said = psql.env("PGPASSWORD", made["secret"].as_str().unwrap()).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&said.stdout), "40\n", "{}", String::from_utf8_lossy(&said.stderr));
    let asked =
        bank.audited(20).into_iter().filter(|entry| entry.kind.name() == "query" && entry.user == "ana").count();
    assert_eq!(asked, 1, "the question is on record");
}
