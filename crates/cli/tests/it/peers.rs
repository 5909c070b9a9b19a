//! Other programs read our tables and get the same rows.

use super::bank::{Bank, python, run_python};

/// The columns of a row, as integers and texts that every program writes alike.
const OURS: &str = "select transaction_id, customer_id, cast(ts as bigint) as ts_micros, \
    cast(amount * 10000 as bigint) as amount_minor, direction, kind, cast(known_at as bigint) as known_micros \
    from transaction order by transaction_id";

const DELTALAKE: &str = r#"
import sys, deltalake, polars as pl
rows = pl.read_delta(sys.argv[1]).select(
    "transaction_id", "customer_id",
    pl.col("ts").dt.epoch("us").alias("ts_micros"),
    (pl.col("amount") * 10000).cast(pl.Int64).alias("amount_minor"),
    "direction", "kind",
    pl.col("known_at").dt.epoch("us").alias("known_micros"),
).sort("transaction_id")
sys.stdout.write(rows.write_csv())
"#;

const DUCKDB: &str = r#"
import sys, deltalake, duckdb
files = [uri.removeprefix("file://") for uri in deltalake.DeltaTable(sys.argv[1]).file_uris()]
rows = duckdb.sql("""
    select transaction_id, customer_id, epoch_us(ts) as ts_micros, cast(amount * 10000 as bigint) as amount_minor,
           direction, kind, epoch_us(known_at) as known_micros
    from read_parquet($files) order by transaction_id""", params={"files": files})
print(",".join(rows.columns))
for row in rows.fetchall():
    print(",".join("" if value is None else str(value) for value in row))
"#;

/// What a table needs for anyone who reads it by its log alone.
const SCHEMA: &str = r#"
import sys, deltalake
table = deltalake.DeltaTable(sys.argv[1])
print(table.version(), table.protocol().min_reader_version, len(table.file_uris()))
"#;

#[track_caller]
fn same_rows(bank: &Bank, python: &str) {
    let ours = bank.run(&["sql", OURS, "--purpose", "compliance", "--format", "csv"]).ok();
    assert!(ours.lines().count() > 1_000, "{ours}");
    let table = bank.path(".florin/lake/transaction");
    for script in [DELTALAKE, DUCKDB] {
        let theirs = run_python(python, script, &[&table]);
        let different = ours.lines().zip(theirs.lines()).find(|(a, b)| a != b);
        assert_eq!((different, ours.lines().count()), (None, theirs.lines().count()));
    }
}

#[test]
fn deltalake_polars_and_duckdb_read_the_same_rows() {
    let Some(python) = python("deltalake, duckdb, polars") else { return };
    let bank = Bank::new(60);
    for file in 1..=3 {
        let kind = |n: u64| if n.is_multiple_of(7) { "" } else { "Überweisung" };
        let row =
            |n: u64| format!("{},{},2024-{:02}-02,-{n}.07,{}\n", file * 1_000 + n, 1 + n % 60, 1 + n % 12, kind(n));
        bank.bookings(&format!("bookings{file}.csv"), &(1..=900).map(row).collect::<String>());
        bank.ingest();
    }
    same_rows(&bank, &python);
    let files = |script: &str| {
        let out = run_python(&python, script, &[&bank.path(".florin/lake/transaction")]);
        out.split_whitespace().map(|n| n.parse::<u64>().unwrap()).collect::<Vec<_>>()
    };
    let before = files(SCHEMA);
    bank.run(&["optimize"]).ok();
    let after = files(SCHEMA);
    assert!(after[2] < before[2] && after[0] > before[0], "{before:?} {after:?}");
    same_rows(&bank, &python);
}

#[test]
fn deltalake_finds_no_name_in_any_column() {
    let Some(python) = python("deltalake, polars") else { return };
    let bank = Bank::new(20);
    bank.bookings("bookings.csv", "1,1,2024-01-02,1.00,card\n");
    bank.ingest();
    let script = "import sys, polars as pl; print(pl.read_delta(sys.argv[1]).write_csv())";
    for table in ["customer", "identifier"] {
        let text = run_python(&python, script, &[&bank.path(&format!(".florin/lake/{table}"))]);
        assert!(text.lines().count() > 20 && !text.contains("Person Number"), "{text}");
    }
}
