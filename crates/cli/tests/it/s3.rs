//! A lake on S3-compatible storage: moto's server, on this machine.

use std::{
    net::{TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use super::bank::{Bank, Counts, python, report, run_python};

/// How often the server is asked whether it is there, with a pause between.
const TRIES_MAX: u32 = 300;
const PAUSE: Duration = Duration::from_millis(100);
const BUCKET: &str = "lake-of-the-test";

struct Server {
    process: Child,
    endpoint: String,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Starts a server on a free port, with an empty bucket.
fn server(python: &str) -> Server {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut command = Command::new(python);
    command.args(["-m", "moto.server", "-H", "127.0.0.1", "-p", &port.to_string()]);
    let process = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let server = Server { process, endpoint: format!("http://127.0.0.1:{port}") };
    let is_up = || {
        thread::sleep(PAUSE);
        TcpStream::connect(("127.0.0.1", port)).is_ok()
    };
    assert!((0..TRIES_MAX).any(|_| is_up()), "moto does not answer");
    s3(python, &server, &format!("s3.create_bucket(Bucket={BUCKET:?})"));
    server
}

fn s3(python: &str, server: &Server, what: &str) -> String {
    let script = format!(
        "import boto3\ns3 = boto3.client('s3', endpoint_url={:?}, region_name='us-east-1', \
         aws_access_key_id='test', aws_secret_access_key='test')\n{what}",
        server.endpoint
    );
    run_python(python, &script, &[])
}

fn bank(server: &Server) -> Bank {
    let mut bank = Bank::new(20);
    bank.append("florin.toml", &format!("\n[lake.s3]\nendpoint = \"{}\"\nallow_http = true\n", server.endpoint));
    bank.env.insert("TEST_LAKE".to_owned(), format!("s3://{BUCKET}/one/bank"));
    for name in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"] {
        bank.env.insert(name.to_owned(), "test".to_owned());
    }
    bank
}

fn rows(file: u64) -> String {
    (1..=500).map(|n| format!("{},{},2024-01-02,{n}.25,card\n", file * 1_000 + n, 1 + n % 20)).collect()
}

/// The sum of `n` files of [`rows`], in ten thousandths.
fn total(files: i64) -> i64 {
    files * (1..=500).map(|n| n * 10_000 + 2_500).sum::<i64>()
}

#[test]
fn a_lake_on_s3_is_loaded_asked_optimised_and_reloaded() {
    let Some(python) = python("moto.server, boto3") else { return };
    let server = server(&python);
    let bank = bank(&server);
    for file in 1..=3 {
        bank.bookings(&format!("bookings{file}.csv"), &rows(file));
        assert_eq!(bank.ingest().bookings().counts, Counts::of(500, 500, 0, 0));
    }
    assert_eq!(bank.stored_bookings(), (1_500, 1_500, total(3)));
    bank.run(&["optimize", "--json"]).ok();
    assert_eq!(bank.stored_bookings(), (1_500, 1_500, total(3)));
    bank.run(&["vacuum", "--json"]).ok();
    let versions = bank.versions("transaction");
    assert!(versions.len() >= 5, "{versions:?}");
    assert!(bank.ingest().changed_nothing());
    assert_eq!(bank.versions("transaction"), versions);
    // The tables are there, and nothing of them is here.
    let keys =
        s3(&python, &server, &format!("print([o['Key'] for o in s3.list_objects_v2(Bucket={BUCKET:?})['Contents']])"));
    assert!(keys.contains("one/bank/transaction/_delta_log/") && keys.contains(".parquet"), "{keys}");
    assert!(!bank.path(".florin/lake").exists());
    bank.verify_audit();
}

#[test]
fn two_loaders_into_a_lake_on_s3_do_not_harm_each_other() {
    let Some(python) = python("moto.server, boto3") else { return };
    let server = server(&python);
    let bank = bank(&server);
    bank.bookings("bookings1.csv", &rows(1));
    let args = ["ingest", "--json"];
    let (one, other) = (bank.start(&args), bank.start(&args));
    for run in [Bank::wait(one), Bank::wait(other)] {
        match run.code {
            Some(0) => drop(report(&run.out)),
            _ => assert!(run.refused().contains("another load or run is at work")),
        }
    }
    bank.ingest();
    assert_eq!(bank.stored_bookings(), (500, 500, total(1)));
}

#[test]
fn storage_that_does_not_answer_is_an_error_and_nothing_is_stored() {
    let Some(python) = python("moto.server, boto3") else { return };
    let mut server = server(&python);
    let bank = bank(&server);
    s3(&python, &server, &format!("s3.delete_bucket(Bucket={BUCKET:?})"));
    bank.bookings("bookings1.csv", &rows(1));
    bank.run(&["ingest", "--json"]).refused();
    // With the bucket back, the load is done as if nothing had been.
    s3(&python, &server, &format!("s3.create_bucket(Bucket={BUCKET:?})"));
    assert_eq!(bank.ingest().bookings().counts, Counts::of(500, 500, 0, 0));
    assert_eq!(bank.stored_bookings(), (500, 500, total(1)));
    server.process.kill().unwrap();
}
