//! A small bank directory in a temporary folder, and `florin` run on it.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
};

use serde::Deserialize;
use serde_json::Value;
use tempfile::TempDir;

/// `olga` may do everything and acts when nobody else is named.
const SETTINGS: &str = r#"
[bank]
name = "Test Bank"
time_zone = "UTC"
operator = "olga"

[lake]
path = "${TEST_LAKE:-.florin/lake}"
buckets = 2

[users.olga]
roles = ["analyst", "marketer", "risk_officer", "service_agent", "compliance_officer", "data_engineer"]
[users.dan]
roles = ["data_engineer"]
[users.ana]
roles = ["analyst"]
"#;

/// Customers with a name in the vault.
const CUSTOMER: &str = r#"
[input]
files = ["files/customer*.csv"]
format = "delimited"
encoding = "utf-8"
[input.columns]
no = "int"
name = "text"
since = "date"

[[map]]
into = "customer"
select = """
SELECT customer_id('core', c.no) AS customer_id, 'person' AS kind, c.since AS joined_on,
       CAST(c.since AS TIMESTAMP) AS valid_from, CAST(c.since AS TIMESTAMP) AS known_at
FROM customer c
"""

[[map]]
into = "identifier"
select = """
SELECT customer_id('core', c.no) AS customer_id, 'name' AS kind, c.name AS token, CAST(c.since AS TIMESTAMP) AS known_at
FROM customer c
"""
"#;

/// Bookings; `transaction` without its columns' types and checks.
pub(crate) const TRANSACTION: &str = r#"
[input]
files = ["files/booking*.csv"]
format = "delimited"
encoding = "utf-8"
[input.columns]
no = "int"
customer = "int"
booked = "date"
amount = "decimal"
kind = "text"

[[map]]
into = "transaction"
select = """
SELECT key('core.booking', b.no) AS transaction_id, customer_id('core', b.customer) AS customer_id,
       CAST(b.booked AS TIMESTAMP) AS ts, abs(b.amount) AS amount,
       CASE WHEN b.amount < 0 THEN 'out' ELSE 'in' END AS direction, b.kind AS kind,
       CAST(b.booked AS TIMESTAMP) AS known_at
FROM transaction b
"""
"#;

/// What became of records, as the program says it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
pub(crate) struct Counts {
    pub(crate) read: u64,
    pub(crate) stored: u64,
    pub(crate) duplicate: u64,
    pub(crate) quarantined: u64,
    pub(crate) refused: u64,
}

impl Counts {
    /// read, stored, duplicate, quarantined; nothing refused.
    pub(crate) fn of(read: u64, stored: u64, duplicate: u64, quarantined: u64) -> Self {
        Self { read, stored, duplicate, quarantined, refused: 0 }
    }

    pub(crate) fn add_up(&self) -> bool {
        self.read == self.stored + self.duplicate + self.quarantined + self.refused
    }
}

/// One line of the report of a load.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Load {
    pub(crate) source: String,
    pub(crate) mapping: String,
    pub(crate) files: u64,
    pub(crate) unchanged: u64,
    pub(crate) counts: Counts,
    pub(crate) warned: Vec<(String, u64)>,
    pub(crate) notes: Vec<String>,
    pub(crate) failed: Vec<(String, String)>,
}

/// What `florin ingest --json` said.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Report {
    pub(crate) loads: Vec<Load>,
    pub(crate) recovered: (u64, u64),
}

impl Report {
    /// The line of one mapping.
    pub(crate) fn load(&self, source: &str, mapping: &str) -> &Load {
        let is_it = |l: &&Load| l.source == source && l.mapping == mapping;
        self.loads.iter().find(is_it).unwrap_or_else(|| panic!("no {source} → {mapping} in {self:?}"))
    }

    /// The same, for the bookings.
    pub(crate) fn bookings(&self) -> &Load {
        self.load("transaction", "transaction")
    }

    pub(crate) fn changed_nothing(&self) -> bool {
        self.loads.iter().all(|l| l.files == 0 && l.counts == Counts::default() && l.failed.is_empty())
    }
}

/// A record of the quarantine, as `florin quarantine --rows --json` lists it.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Quarantined {
    pub(crate) mapping: String,
    pub(crate) file: String,
    pub(crate) row_number: u64,
    pub(crate) code: String,
    pub(crate) column: Option<String>,
    pub(crate) reason: String,
    pub(crate) raw: Option<String>,
}

/// How one run of the program ended.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Run {
    fn of(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Self { code: output.status.code(), out: text(&output.stdout), err: text(&output.stderr) }
    }

    /// Standard output of a run that must have gone well.
    #[track_caller]
    pub(crate) fn ok(self) -> String {
        assert_eq!(self.code, Some(0), "{}{}", self.err, self.out);
        self.out
    }

    /// Standard error of a run that must have been refused.
    #[track_caller]
    pub(crate) fn refused(self) -> String {
        assert_eq!(self.code, Some(1), "{}{}", self.err, self.out);
        self.err
    }
}

/// A bank directory that is removed when dropped.
pub(crate) struct Bank {
    dir: TempDir,
    pub(crate) env: BTreeMap<String, String>,
}

impl Bank {
    /// Customers 1 to `customers`, and bookings by [`TRANSACTION`].
    pub(crate) fn new(customers: u32) -> Self {
        Self::in_folder("bank-", customers)
    }

    /// The same in a folder whose name begins so.
    pub(crate) fn in_folder(prefix: &str, customers: u32) -> Self {
        let dir = tempfile::Builder::new().prefix(prefix).tempdir().unwrap();
        let bank = Self { dir, env: BTreeMap::new() };
        bank.write("florin.toml", SETTINGS);
        bank.write("sources/customer.toml", CUSTOMER);
        let row = |no: u32| format!("{no},Person Number{no},2020-01-01\n");
        let rows: String = (1..=customers).map(row).collect();
        bank.write("files/customers.csv", format!("no,name,since\n{rows}"));
        bank.write("sources/transaction.toml", TRANSACTION);
        bank
    }

    pub(crate) fn path(&self, relative: &str) -> PathBuf {
        self.dir.path().join(relative)
    }

    /// Writes a file of the bank directory.
    pub(crate) fn write(&self, relative: &str, content: impl AsRef<[u8]>) {
        let path = self.path(relative);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }

    /// Writes `files/<name>` with the columns of the bookings.
    pub(crate) fn bookings(&self, name: &str, rows: &str) {
        self.write(&format!("files/{name}"), format!("no,customer,booked,amount,kind\n{rows}"));
    }

    /// Changes a text of a file that must be there.
    #[track_caller]
    pub(crate) fn replace(&self, relative: &str, from: &str, to: &str) {
        let text = std::fs::read_to_string(self.path(relative)).unwrap();
        assert!(text.contains(from), "`{from}` is not in {relative}");
        std::fs::write(self.path(relative), text.replacen(from, to, 1)).unwrap();
    }

    /// Adds lines to a file.
    pub(crate) fn append(&self, relative: &str, more: &str) {
        let text = std::fs::read_to_string(self.path(relative)).unwrap();
        self.write(relative, text + more);
    }

    /// `florin` on this bank, not run yet.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_florin"));
        for inherited in ["FLORIN_USER", "USER", "LOGNAME"] {
            command.env_remove(inherited);
        }
        command.envs(&self.env).args(args).arg("--bank").arg(self.dir.path()).stdin(Stdio::null());
        command
    }

    pub(crate) fn run(&self, args: &[&str]) -> Run {
        Run::of(&self.command(args).output().unwrap())
    }

    /// Starts a load and goes on.
    pub(crate) fn start(&self, args: &[&str]) -> Child {
        self.command(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    /// What a started run came to.
    pub(crate) fn wait(child: Child) -> Run {
        Run::of(&child.wait_with_output().unwrap())
    }

    /// Loads what is new, which must go well and add up.
    #[track_caller]
    pub(crate) fn ingest(&self) -> Report {
        report(&self.run(&["ingest", "--json"]).ok())
    }

    /// The same where a file cannot be read.
    #[track_caller]
    pub(crate) fn ingest_with_failures(&self) -> Report {
        let run = self.run(&["ingest", "--json"]);
        assert_eq!(run.code, Some(1), "{}{}", run.err, run.out);
        report(&run.out)
    }

    #[track_caller]
    pub(crate) fn retry(&self) -> Report {
        report(&self.run(&["ingest", "--retry-quarantined", "--json"]).ok())
    }

    /// The rows of an answer, for somebody who sees everything.
    #[track_caller]
    pub(crate) fn sql(&self, sql: &str) -> Vec<Value> {
        let out = self.run(&["sql", sql, "--purpose", "compliance", "--format", "json"]).ok();
        out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// An answer of one row and one column, as text.
    #[track_caller]
    pub(crate) fn value(&self, sql: &str) -> String {
        let rows = self.sql(sql);
        let [Value::Object(row)] = rows.as_slice() else { panic!("not one row: {rows:?}") };
        row.values().next().map(Value::to_string).unwrap_or_default()
    }

    /// Bookings in the lake: rows, distinct keys, sum of the amounts in ten thousandths.
    #[track_caller]
    pub(crate) fn stored_bookings(&self) -> (u64, u64, i64) {
        let sql = "select count(*) as n, count(distinct transaction_id) as keys, \
                   cast(coalesce(sum(amount), 0) * 10000 as bigint) as total from transaction";
        let row = self.sql(sql).remove(0);
        (row["n"].as_u64().unwrap(), row["keys"].as_u64().unwrap(), row["total"].as_i64().unwrap())
    }

    /// The quarantine, as somebody who may see the raw text or not.
    #[track_caller]
    pub(crate) fn quarantine(&self, raw: bool) -> Vec<Quarantined> {
        let mut args = vec!["quarantine", "--rows", "100000", "--json"];
        args.extend(raw.then_some("--raw"));
        serde_json::from_str(&self.run(&args).ok()).unwrap()
    }

    /// File, record and what is wrong of each quarantined record, in order.
    #[track_caller]
    pub(crate) fn quarantined(&self) -> Vec<(String, u64, String)> {
        let name = |file: &str| Path::new(file).file_name().unwrap().to_string_lossy().into_owned();
        let rows = self.quarantine(false);
        let mut rows: Vec<_> = rows.into_iter().map(|q| (name(&q.file), q.row_number, q.code)).collect();
        rows.sort();
        rows
    }

    /// The versions of a table, newest first.
    #[track_caller]
    pub(crate) fn versions(&self, table: &str) -> Vec<u64> {
        let out = self.run(&["history", table, "--limit", "1000", "--json"]).ok();
        let commits: Vec<Value> = serde_json::from_str(&out).unwrap();
        commits.iter().map(|c| c["version"].as_u64().unwrap()).collect()
    }

    #[track_caller]
    pub(crate) fn verify_audit(&self) {
        self.run(&["audit", "verify"]).ok();
    }
}

/// Reads a report, and checks that it adds up.
#[track_caller]
pub(crate) fn report(out: &str) -> Report {
    let report: Report = serde_json::from_str(out).unwrap_or_else(|e| panic!("{e}: {out}"));
    for load in &report.loads {
        assert!(load.counts.add_up(), "{load:?}");
    }
    report
}

/// A Python that has what a test needs; says why not otherwise. Named by `FLORIN_TEST_PYTHON`.
pub(crate) fn python(modules: &str) -> Option<String> {
    let python = std::env::var("FLORIN_TEST_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let found = Command::new(&python).args(["-c", &format!("import {modules}")]).output();
    if found.is_ok_and(|o| o.status.success()) {
        return Some(python);
    }
    assert!(std::env::var("FLORIN_TEST_PYTHON").is_err(), "`{python}` cannot import {modules}");
    eprintln!("skipped: `{python}` cannot import {modules}; name one that can in FLORIN_TEST_PYTHON");
    None
}

/// Runs a script, and returns what it prints.
#[track_caller]
pub(crate) fn run_python(python: &str, script: &str, args: &[&Path]) -> String {
    let output = Command::new(python).arg("-c").arg(script).args(args).output().unwrap();
    Run::of(&output).ok()
}
