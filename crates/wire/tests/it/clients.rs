//! Real clients, where they are to be had: psql, psycopg 2 and 3 and SQLAlchemy, pgjdbc, and over Flight SQL the ADBC driver.

use std::{path::PathBuf, process::Stdio};

use florin_domain::Role;
use florin_wire::SqlSettings;
use tokio::process::Command;

use crate::bank::{Key, Served, TestBank};

async fn served(settings: SqlSettings) -> (TestBank, Key, Served) {
    let bank = TestBank::new().await;
    let key = bank.key("ana", &[Role::Analyst, Role::RiskOfficer]).await;
    let served = bank.serve(settings).await.unwrap();
    (bank, key, served)
}

async fn said(command: &mut Command) -> String {
    let done = command.stdin(Stdio::null()).output().await.unwrap();
    let (out, error) = (String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    assert!(done.status.success(), "{out}\n{error}");
    out.into_owned()
}

async fn is_there(program: &str, argument: &str) -> bool {
    let tried = Command::new(program).arg(argument).stdout(Stdio::null()).stderr(Stdio::null()).status().await;
    let there = tried.is_ok_and(|status| status.success());
    if !there {
        println!("skipped: there is no `{program}`");
    }
    there
}

/// A Python with some modules, by what says where it is.
async fn python(variable: &str, modules: &str) -> Option<PathBuf> {
    let Some(python) = std::env::var_os(variable) else {
        println!("skipped: {variable} names no Python with {modules}");
        return None;
    };
    let tried = Command::new(&python).args(["-c", &format!("import {modules}")]).stderr(Stdio::null()).status().await;
    if !tried.is_ok_and(|status| status.success()) {
        println!("skipped: the Python of {variable} lacks one of {modules}");
        return None;
    }
    Some(python.into())
}

#[tokio::test(flavor = "multi_thread")]
async fn psql_asks_and_describes() {
    if !is_there("psql", "--version").await {
        return;
    }
    let (_bank, key, served) = served(SqlSettings::default()).await;
    let port = served.port.to_string();
    let psql = |sql: &'static str| {
        let mut command = Command::new("psql");
        command.env("PGPASSWORD", &key.password).args([
            "-X",
            "-A",
            "-t",
            "-h",
            "127.0.0.1",
            "-p",
            &port,
            "-U",
            &key.user,
        ]);
        command.args(["-d", "analytics", "-v", "ON_ERROR_STOP=1", "-c", sql]);
        command
    };
    assert_eq!(said(&mut psql("select count(*), sum(limit_amount) from card")).await, "4|1202.1200\n");
    let described = said(&mut psql("\\d+ card")).await;
    assert!(described.contains("limit_amount|numeric(18,4)") && described.contains("its own number"), "{described}");
    for asked in
        ["\\d", "\\dn+", "\\l", "\\du", "\\df", "\\dp", "\\dt *.*", "\\di", "\\dT", "\\dx", "\\dd", "\\conninfo"]
    {
        said(&mut psql(asked)).await;
    }
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn psycopg_and_sqlalchemy_reflect_and_ask() {
    for variable in ["FLORIN_TEST_PYTHON_SQLALCHEMY_1", "FLORIN_TEST_PYTHON"] {
        let Some(python) = python(variable, "sqlalchemy, psycopg, psycopg2").await else { continue };
        let (_bank, key, served) = served(SqlSettings::default()).await;
        let mut command = Command::new(python);
        command.args(["-c", include_str!("clients/tools.py"), &key.user, &key.password, &served.port.to_string()]);
        assert!(said(&mut command).await.ends_with("all is well\n"));
        served.end().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn over_tls_the_login_is_bound_to_the_certificate() {
    if !is_there("openssl", "version").await || !is_there("psql", "--version").await {
        return;
    }
    let bank = TestBank::new().await;
    let (certificate, private) = (bank.path().join("server.pem"), bank.path().join("server.key"));
    let mut made = Command::new("openssl");
    made.args([
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=localhost",
    ]);
    said(
        made.arg("-addext")
            .arg("subjectAltName=DNS:localhost")
            .arg("-keyout")
            .arg(&private)
            .arg("-out")
            .arg(&certificate),
    )
    .await;
    let key = bank.key("ana", &[Role::Analyst]).await;
    let settings = SqlSettings {
        certificate: Some("server.pem".to_owned()),
        key: Some("server.key".to_owned()),
        ..SqlSettings::default()
    };
    let served = bank.serve(settings).await.unwrap();
    let connect = |more: &str| {
        let place =
            format!("host=localhost hostaddr=127.0.0.1 port={} user={} dbname=analytics {more}", served.port, key.user);
        let mut command = Command::new("psql");
        command.env("PGPASSWORD", &key.password).args([
            "-X",
            "-A",
            "-t",
            "-d",
            &place,
            "-c",
            "select count(*) from card",
        ]);
        command
    };
    let trusted = format!("sslmode=verify-full sslrootcert={} channel_binding=require", certificate.display());
    assert_eq!(said(&mut connect(&trusted)).await, "4\n");
    let plain = connect("sslmode=disable").output().await.unwrap();
    let told = String::from_utf8_lossy(&plain.stderr).into_owned();
    assert!(!plain.status.success() && told.contains("TLS only"), "{told}");
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pgjdbc_looks_around_and_asks_as_dbeaver_and_metabase_do() {
    let jar = std::env::var("FLORIN_TEST_PGJDBC").unwrap_or_else(|_| "/usr/share/java/postgresql.jar".to_owned());
    if !std::path::Path::new(&jar).exists() {
        println!("skipped: there is no `{jar}` (Debian's libpostgresql-jdbc-java; FLORIN_TEST_PGJDBC says where)");
        return;
    }
    if !is_there("javac", "-version").await {
        return;
    }
    let (bank, key, served) = served(SqlSettings::default()).await;
    let source = bank.path().join("Tool.java");
    std::fs::write(&source, include_str!("clients/Tool.java")).unwrap();
    let url = format!("jdbc:postgresql://127.0.0.1:{}/analytics", served.port);
    let mut java = Command::new("java");
    java.args(["-cp", &jar]).arg(&source).args([&url, &key.user, &key.password]);
    assert!(said(&mut java).await.ends_with("all is well\n"));
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_adbc_driver_asks_over_flight_sql() {
    let Some(python) = python("FLORIN_TEST_PYTHON", "adbc_driver_flightsql.dbapi, pyarrow").await else { return };
    let bank = TestBank::new().await;
    let key = bank.key("ana", &[Role::Analyst]).await;
    let (house, settings) = (
        std::sync::Arc::clone(&bank.house),
        SqlSettings { listen: Some("127.0.0.1:0".to_owned()), ..SqlSettings::default() },
    );
    let now = std::sync::Arc::new(move || std::sync::Arc::clone(&house));
    let flight = florin_wire::Flight::bind(
        &settings,
        now,
        std::sync::Arc::clone(&bank.access),
        std::sync::Arc::new(|_: &str| {}),
    );
    let flight = flight.await.unwrap();
    let port = flight.address().port().to_string();
    let (end, ended) = tokio::sync::oneshot::channel::<()>();
    let running = tokio::spawn(flight.until(async move {
        let _ = ended.await;
    }));
    let mut command = Command::new(python);
    command.args(["-c", include_str!("clients/adbc.py"), &key.password, &port]);
    assert!(said(&mut command).await.ends_with("all is well\n"));
    let queries =
        bank.log().await.into_iter().filter(|entry| entry.user == "ana" && entry.kind.to_string() == "query").count();
    assert_eq!(queries, 2, "each question is on record");
    drop(end);
    running.await.unwrap().unwrap();
}
