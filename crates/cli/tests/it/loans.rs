//! The worked example of docs/examples/loan-applications.md, on the real log. Skipped where that is not
//! (`LOAN_APPLICATIONS_LOG`, or `../shared/data/bpi2012` beside the checkout), or without a Python to unpack it.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;
use tempfile::TempDir;

use super::bank::report;

struct Loans {
    csv: TempDir,
    made: TempDir,
}

impl Loans {
    fn find() -> Option<Self> {
        let checkout = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let log = std::env::var_os("LOAN_APPLICATIONS_LOG")
            .map_or_else(|| checkout.join("../shared/data/bpi2012/bpic2012.xes.gz"), PathBuf::from);
        if !log.exists() {
            eprintln!("skipped: `{}` is not there; name the log in LOAN_APPLICATIONS_LOG", log.display());
            return None;
        }
        let csv = tempfile::tempdir().unwrap();
        let script = checkout.join("examples/loan-applications/convert.py");
        let Ok(output) = Command::new("python3").arg(script).arg(log).arg(csv.path()).output() else {
            eprintln!("skipped: there is no python3 to unpack the log with");
            return None;
        };
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Some(Self { csv, made: tempfile::tempdir().unwrap() })
    }

    #[track_caller]
    fn run(&self, args: &[&str]) -> String {
        let bank = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/loan-applications");
        let mut command = Command::new(env!("CARGO_BIN_EXE_florin"));
        command.args(args).arg("--bank").arg(bank).arg("--lake").arg(self.made.path()).args(["--as", "owner"]);
        let output = command.env("LOAN_APPLICATIONS_DATA", self.csv.path()).output().unwrap();
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    #[track_caller]
    fn json(&self, args: &[&str]) -> Value {
        serde_json::from_str(&self.run(&[args, &["--json"]].concat())).unwrap()
    }
}

fn customers(steps: &Value) -> Vec<u64> {
    steps.as_array().unwrap().iter().map(|step| step["customers"].as_u64().unwrap()).collect()
}

#[test]
fn the_worked_example_finds_what_was_published() {
    let Some(loans) = Loans::find() else { return };
    let stored: Vec<(String, u64)> =
        report(&loans.run(&["ingest", "--json"])).loads.iter().map(|l| (l.mapping.clone(), l.counts.stored)).collect();
    assert_eq!(stored, [("customer".to_owned(), 13_087), ("event".to_owned(), 262_200)]);
    let sql = "select name, count(distinct customer_id) as n from event where channel in ('application', 'offer') group by 1 order by 1";
    let counted = loans.run(&["sql", sql, "--format", "csv"]);
    for published in [
        "A_ACCEPTED,5113",
        "A_ACTIVATED,2246",
        "A_APPROVED,2246",
        "A_CANCELLED,2807",
        "A_DECLINED,7635",
        "A_FINALIZED,5015",
        "A_PREACCEPTED,7367",
        "A_REGISTERED,2246",
        "A_SUBMITTED,13087",
        "O_ACCEPTED,2243",
    ] {
        assert!(counted.lines().any(|line| line == published), "{published} in {counted}");
    }
    let sent = loans.run(&["sql", "select count(*) from event where name = 'O_SENT'", "--format", "csv"]);
    assert_eq!(sent.lines().nth(1), Some("7030"));
    every_journey_is_told_and_drawn(&loans);
}

fn every_journey_is_told_and_drawn(loans: &Loans) {
    let funnel = loans.json(&["funnel", "approval"]);
    assert_eq!(customers(&funnel["values"][0]["steps"]), [13_087, 7_367, 5_113, 5_015, 2_246]);
    let by_amount = loans.json(&["funnel", "approval_by_amount"]);
    let granted: u64 = by_amount["values"].as_array().unwrap().iter().map(|v| customers(&v["steps"])[3]).sum();
    assert_eq!(granted, 2_246);
    let journeys = [
        ["funnel", "approval"],
        ["paths", "after_submission"],
        ["rhythm", "applicants_week"],
        ["rhythm", "bank_week"],
        ["retention", "still_worked_on"],
        ["next", "after_offer"],
        ["sessions", "work_visits"],
    ];
    for [kind, name] in journeys {
        let path = loans.made.path().join(format!("{name}.svg"));
        loans.run(&[kind, name, "--chart", path.to_str().unwrap()]);
        assert!(std::fs::read_to_string(path).unwrap().starts_with("<svg"), "{name}");
    }
}
