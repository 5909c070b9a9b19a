//! The real data, as published. Skipped where it is not: `BERKA_DATA`, or `../shared/data/berka` beside the checkout.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use super::bank::{Report, report};

struct Berka {
    data: PathBuf,
    made: tempfile::TempDir,
}

impl Berka {
    fn find() -> Option<Self> {
        let checkout = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let data = std::env::var_os("BERKA_DATA").map_or_else(|| checkout.join("../shared/data/berka"), PathBuf::from);
        if !data.join("client.asc").exists() {
            eprintln!("skipped: `{}` has no client.asc; name the folder in BERKA_DATA", data.display());
            return None;
        }
        Some(Self { data: data.canonicalize().unwrap(), made: tempfile::tempdir().unwrap() })
    }

    #[track_caller]
    fn run(&self, args: &[&str]) -> String {
        let bank = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/berka");
        let mut command = Command::new(env!("CARGO_BIN_EXE_florin"));
        command.args(args).arg("--bank").arg(bank).arg("--lake").arg(self.made.path());
        let output = command.args(["--as", "owner"]).env("BERKA_DATA", &self.data).output().unwrap();
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    #[track_caller]
    fn ingest(&self) -> Report {
        report(&self.run(&["ingest", "--json"]))
    }

    #[track_caller]
    fn csv(&self, sql: &str, more: &[&str]) -> String {
        let args = [&["sql", sql, "--format", "csv", "--purpose", "compliance"], more].concat();
        let out = self.run(&args);
        out.lines().skip(1).collect::<Vec<_>>().join(" ")
    }
}

#[test]
fn the_published_counts_come_out() {
    let Some(berka) = Berka::find() else { return };
    let report = berka.ingest();
    let quarantined: u64 = report.loads.iter().map(|l| l.counts.quarantined).sum();
    assert_eq!((report.bookings().counts.stored, report.bookings().counts.quarantined, quarantined), (49_102, 1, 1));
    let tables = [("customer", 5_369), ("account", 4_500), ("loan", 682), ("card", 892), ("standing_order", 6_471)];
    for (table, rows) in tables {
        assert_eq!(berka.csv(&format!("select count(*) from {table}"), &[]), rows.to_string(), "{table}");
    }
    let by_status = "select status, count(*) from loan group by 1 order by 1";
    assert_eq!(berka.csv(by_status, &[]), "A,203 B,31 C,403 D,45");
    // By the middle of 1995 loans were granted, and nobody knew how they would end.
    let then = ["--as-of", "1995-06-30"];
    assert_eq!(berka.csv("select count(*), count(status) from loan", &then), "170,0");
    assert_eq!(berka.csv("select count(*) from customer", &then), "2266");
    assert_eq!(berka.csv("select count(*) from transaction where ts > '1995-07-01'", &then), "0");
    let genders = "select gender, count(*) from customer group by 1 order by 1";
    assert_eq!(berka.csv(genders, &[]), "female,2645 male,2724");
    // Again: nothing.
    let again = berka.ingest();
    assert!(again.changed_nothing(), "{again:?}");
    assert_eq!(again.loads.iter().map(|l| l.unchanged).sum::<u64>(), again.loads.len() as u64);
    berka.run(&["audit", "verify"]);
}
