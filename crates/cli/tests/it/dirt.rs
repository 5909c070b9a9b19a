//! What banks' files have wrong with them, through the whole program: every record has one outcome (each report is
//! checked to add up), and nothing is lost or stored twice.

use std::{io::Write as _, sync::Arc};

use arrow::{
    array::{ArrayRef, Date32Array, Decimal128Array, Int64Array, RecordBatch, StringArray},
    datatypes::{DataType, Field, Schema},
};

use super::bank::{Bank, Counts};

const BOOKINGS: &str = "sources/transaction.toml";

fn quarantined(file: &str, rows: &[(u64, &str)]) -> Vec<(String, u64, String)> {
    rows.iter().map(|(row, code)| (file.to_owned(), *row, (*code).to_owned())).collect()
}

/// Loads one file of bookings into a new bank.
#[track_caller]
fn load(rows: &str, counts: Counts, wrong: &[(u64, &str)]) -> Bank {
    let bank = Bank::new(5);
    bank.bookings("bookings.csv", rows);
    check_load(&bank, counts, wrong);
    bank
}

#[track_caller]
fn check_load(bank: &Bank, counts: Counts, wrong: &[(u64, &str)]) {
    assert_eq!(bank.ingest().bookings().counts, counts);
    assert_eq!(bank.quarantined(), quarantined("bookings.csv", wrong));
    assert_eq!(bank.stored_bookings().0, counts.stored);
}

/// A bank with a check on its bookings.
fn with_check(check: &str) -> Bank {
    let bank = Bank::new(5);
    bank.append(BOOKINGS, &format!("\n[[map.check]]\n{check}\n"));
    bank
}

#[test]
fn a_wrong_number_of_fields_costs_its_record() {
    let rows =
        "1,1,2024-01-02,1.00,card\n2,1,2024-01-02,1.00\n3,1,2024-01-02,1.00,card,more\n4,1,2024-01-02,1.00,card\n";
    load(rows, Counts::of(4, 2, 0, 2), &[(2, "field_count"), (3, "field_count")]);
}

#[test]
fn an_unclosed_quote_costs_its_record() {
    let rows = "1,1,2024-01-02,1.00,card\n2,1,2024-01-02,1.00,\"card\n3,1,2024-01-02,1.00,card\n";
    load(rows, Counts::of(3, 2, 0, 1), &[(2, "quote")]);
}

#[test]
fn a_nul_costs_its_record() {
    load("1,1,2024-01-02,1.00,ca\0rd\n2,1,2024-01-02,1.00,card\n", Counts::of(2, 1, 0, 1), &[(1, "nul")]);
}

#[test]
fn a_line_that_is_too_long_costs_its_record() {
    let long = "x".repeat(3 << 20);
    let rows = format!("1,1,2024-01-02,1.00,card\n2,1,2024-01-02,1.00,{long}\n3,1,2024-01-02,1.00,card\n");
    let bank = load(&rows, Counts::of(3, 2, 0, 1), &[(2, "too_long")]);
    assert_eq!(bank.retry().bookings().counts, Counts::of(1, 0, 0, 1));
}

#[test]
fn lines_in_another_encoding_cost_their_records() {
    let bank = Bank::new(5);
    let lines: [&[u8]; 4] = [
        b"no,customer,booked,amount,kind\n",
        "1,1,2024-01-02,1.00,Dvořák\n".as_bytes(),
        b"2,1,2024-01-02,1.00,Nov\xE1k\n",
        "3,1,2024-01-02,1.00,Malá\n".as_bytes(),
    ];
    bank.write("files/bookings.csv", lines.concat());
    check_load(&bank, Counts::of(3, 2, 0, 1), &[(2, "encoding")]);
    assert_eq!(bank.value("select count(*) from transaction where kind in ('Dvořák', 'Malá')"), "2");
}

#[test]
fn a_guessed_encoding_is_shown() {
    let bank = Bank::new(5);
    bank.replace(BOOKINGS, "encoding = \"utf-8\"\n", "");
    let mut content = b"no,customer,booked,amount,kind\n".to_vec();
    for n in 1..=40 {
        // GB18030 of a sentence, over and over.
        content.extend(format!("{n},1,2024-01-02,1.00,").bytes());
        content.extend(b"\xd0\xc5\xd3\xc3\xbf\xa8\xbb\xb9\xbf\xee\xbd\xbb\xd2\xd7\xc1\xf7\xcb\xae\n");
    }
    bank.write("files/bookings.csv", content);
    let report = bank.ingest();
    assert_eq!(report.bookings().counts, Counts::of(40, 40, 0, 0));
    assert!(report.bookings().notes.iter().any(|n| n.contains("gb18030") || n.contains("GB18030")), "{report:?}");
    assert_eq!(bank.value("select count(*) from transaction where kind = '信用卡还款交易流水'"), "40");
}

#[test]
fn a_decimal_comma_is_an_error_unless_it_is_declared() {
    let rows = "1,1,2024-01-02,\"12,50\",card\n2,1,2024-01-02,13.50,card\n3,1,2024-01-02,\"1.234,56\",card\n";
    load(rows, Counts::of(3, 1, 0, 2), &[(1, "type"), (3, "type")]);
    let bank = Bank::new(5);
    bank.replace(BOOKINGS, "amount = \"decimal\"", "amount = { type = \"decimal\", decimal_comma = true }");
    bank.bookings("bookings.csv", rows);
    check_load(&bank, Counts::of(3, 2, 0, 1), &[(2, "type")]);
    assert_eq!(bank.stored_bookings(), (2, 2, 12_470_600));
}

#[test]
fn day_and_month_changed_places() {
    let rows = "1,1,2024-01-02,1.00,card\n2,1,2024-31-12,1.00,card\n3,1,2024-02-30,1.00,card\n";
    load(rows, Counts::of(3, 1, 0, 2), &[(2, "day_month_swapped"), (3, "type")]);
}

#[test]
fn a_truncated_gzip_is_refused_and_other_files_are_loaded() {
    let bank = Bank::new(5);
    bank.replace(BOOKINGS, "files/booking*.csv", "files/booking*");
    bank.bookings("bookings1.csv", "1,1,2024-01-02,1.00,card\n");
    let rows: String = (2..5_000).map(|n| format!("{n},1,2024-01-02,{n}.00,card\n")).collect();
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(format!("no,customer,booked,amount,kind\n{rows}").as_bytes()).unwrap();
    let whole = encoder.finish().unwrap();
    bank.write("files/bookings2.csv.gz", &whole[..whole.len() / 2]);
    bank.bookings("bookings3.csv", "3,1,2024-01-02,3.00,card\n");
    let report = bank.ingest_with_failures();
    let load = report.bookings();
    assert_eq!((load.files, load.counts, load.failed.len()), (2, Counts::of(2, 2, 0, 0), 1));
    assert!(load.failed[0].0.ends_with("bookings2.csv.gz"), "{:?}", load.failed);
    assert!(load.failed[0].1.contains("ends in the middle of its gzip stream; copy it again"), "{:?}", load.failed);
    assert_eq!(bank.stored_bookings(), (2, 2, 40_000));
    // For people, too.
    let said = bank.run(&["ingest"]);
    assert!(said.code == Some(1) && said.out.contains("failed: transaction → transaction: "), "{}", said.out);
    // Copied again, it is loaded whole.
    bank.write("files/bookings2.csv.gz", &whole);
    assert_eq!(bank.ingest().bookings().counts, Counts::of(4_998, 4_997, 1, 0));
    assert_eq!(bank.stored_bookings().0, 4_999);
}

fn parquet(rows: i64) -> Vec<u8> {
    let numbers = || (1..=rows).collect::<Vec<_>>();
    let columns: [(&str, DataType, ArrayRef); 5] = [
        ("no", DataType::Int64, Arc::new(Int64Array::from(numbers()))),
        ("customer", DataType::Int64, Arc::new(Int64Array::from_iter_values((1..=rows).map(|n| 1 + n % 5)))),
        ("booked", DataType::Date32, Arc::new(Date32Array::from_iter_values((1..=rows).map(|_| 19_000)))),
        ("amount", DataType::Decimal128(10, 2), {
            let cents = Decimal128Array::from_iter_values((1..=rows).map(|n| i128::from(n) * 100));
            Arc::new(cents.with_precision_and_scale(10, 2).unwrap())
        }),
        ("kind", DataType::Utf8, Arc::new(StringArray::from_iter_values((1..=rows).map(|n| format!("kind {n}"))))),
    ];
    let fields: Vec<Field> = columns.iter().map(|(name, ty, _)| Field::new(*name, ty.clone(), true)).collect();
    let schema = Arc::new(Schema::new(fields));
    let batch = RecordBatch::try_new(Arc::clone(&schema), columns.into_iter().map(|(_, _, c)| c).collect()).unwrap();
    let mut bytes = Vec::new();
    let mut writer = parquet::arrow::ArrowWriter::try_new(&mut bytes, schema, None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    bytes
}

#[test]
fn a_truncated_parquet_file_is_refused_and_a_whole_one_is_loaded() {
    let bank = Bank::new(5);
    bank.replace(BOOKINGS, "files/booking*.csv", "files/booking*.parquet");
    bank.replace(BOOKINGS, "format = \"delimited\"\nencoding = \"utf-8\"", "format = \"parquet\"");
    let whole = parquet(1_000);
    bank.write("files/booking1.parquet", &whole[..whole.len() / 2]);
    bank.write("files/booking2.parquet", parquet(10));
    let report = bank.ingest_with_failures();
    assert_eq!(report.bookings().counts, Counts::of(10, 10, 0, 0));
    assert!(report.bookings().failed[0].1.contains("booking1.parquet"), "{report:?}");
    assert!(report.bookings().failed[0].1.contains("Parquet"), "{report:?}");
    bank.write("files/booking1.parquet", &whole);
    assert_eq!(bank.ingest().bookings().counts, Counts::of(1_000, 990, 10, 0));
    assert_eq!(bank.stored_bookings(), (1_000, 1_000, 500_500 * 10_000));
}

#[test]
fn an_empty_file_is_refused_and_one_with_only_a_header_is_not() {
    let bank = Bank::new(5);
    bank.write("files/bookings1.csv", "");
    bank.bookings("bookings2.csv", "");
    bank.bookings("bookings3.csv", "1,1,2024-01-02,1.00,card\n");
    let report = bank.ingest_with_failures();
    assert_eq!((report.bookings().files, report.bookings().counts), (2, Counts::of(1, 1, 0, 0)));
    assert!(report.bookings().failed[0].1.contains("is empty: it has not even a header"), "{report:?}");
}

#[test]
fn no_file_at_all_is_a_failure_and_says_where_it_looked() {
    let bank = Bank::new(5);
    let report = bank.ingest_with_failures();
    assert!(report.bookings().failed[0].1.contains("no file matches"), "{report:?}");
    assert_eq!(report.load("customer", "customer").counts.stored, 5);
}

#[test]
fn a_vanished_column_refuses_the_file_and_a_renamed_one_is_suggested() {
    let bank = Bank::new(5);
    bank.write("files/bookings1.csv", "no,customer,booked,amout,kind\n1,1,2024-01-02,1.00,card\n");
    bank.write("files/bookings2.csv", "no,customer,booked,kind\n2,1,2024-01-02,card\n");
    bank.bookings("bookings3.csv", "3,1,2024-01-02,3.00,card\n");
    let report = bank.ingest_with_failures();
    let load = report.bookings();
    assert_eq!((load.files, load.counts), (1, Counts::of(1, 1, 0, 0)));
    let [renamed, vanished] = load.failed.as_slice() else { panic!("{load:?}") };
    assert!(
        renamed.1.contains("column `amount` is not in") && renamed.1.contains("did it become `amout`?"),
        "{renamed:?}"
    );
    assert!(vanished.1.contains("column `amount` is not in") && !vanished.1.contains("did it become"), "{vanished:?}");
    assert!(vanished.1.contains("the file has: `no`, `customer`, `booked`, `kind`"), "{vanished:?}");
}

#[test]
fn a_new_column_is_mentioned_and_its_file_loaded() {
    let bank = Bank::new(5);
    bank.write("files/bookings.csv", "no,customer,booked,amount,kind,colour\n1,1,2024-01-02,1.00,card,red\n");
    let report = bank.ingest();
    assert_eq!(report.bookings().counts, Counts::of(1, 1, 0, 0));
    assert!(report.bookings().notes.iter().any(|n| n.contains("colour")), "{report:?}");
}

#[test]
fn a_key_is_stored_once_inside_a_file_across_files_and_across_loads() {
    let bank = Bank::new(5);
    bank.bookings("bookings1.csv", "1,1,2024-01-02,1.00,card\n1,1,2024-01-02,5.00,card\n2,1,2024-01-02,2.00,card\n");
    bank.bookings("bookings2.csv", "2,1,2024-01-02,7.00,card\n3,1,2024-01-02,3.00,card\n");
    assert_eq!(bank.ingest().bookings().counts, Counts::of(5, 3, 2, 0));
    assert_eq!(bank.stored_bookings(), (3, 3, 60_000));
    bank.bookings("bookings3.csv", "3,1,2024-01-02,9.00,card\n4,1,2024-01-02,4.00,card\n1,1,2024-01-02,1.00,card\n");
    assert_eq!(bank.ingest().bookings().counts, Counts::of(3, 1, 2, 0));
    assert_eq!(bank.stored_bookings(), (4, 4, 100_000));
}

#[test]
fn one_bad_row_at_the_end_of_a_million_is_found() {
    const ROWS: u64 = 1_000_000;
    let bank = Bank::new(5);
    let mut text = String::with_capacity(40 << 20);
    for n in 1..ROWS {
        text += &format!("{n},{},2024-01-02,1.00,card\n", 1 + n % 5);
    }
    text += &format!("{ROWS},1,2024-01-02,one,card\n");
    bank.bookings("bookings.csv", &text);
    check_load(&bank, Counts::of(ROWS, ROWS - 1, 0, 1), &[(ROWS, "type")]);
    assert_eq!(bank.stored_bookings(), (ROWS - 1, ROWS - 1, i64::try_from(ROWS - 1).unwrap() * 10_000));
}

#[test]
fn a_look_up_with_two_matches_costs_its_record() {
    let bank = Bank::new(5);
    let owner = "[input]\nfiles = [\"files/owner.csv\"]\nformat = \"delimited\"\n[input.columns]\naccount = \"int\"\nowner = \"int\"\n";
    bank.write("sources/owner.toml", owner);
    bank.write("files/owner.csv", "account,owner\n1,1\n2,2\n2,3\n");
    bank.replace(BOOKINGS, "customer_id('core', b.customer)", "customer_id('core', o.owner)");
    bank.replace(BOOKINGS, "FROM transaction b", "FROM transaction b LEFT JOIN owner o ON o.account = b.customer");
    let rows = "1,1,2024-01-02,1.00,card\n2,2,2024-01-02,2.00,card\n3,9,2024-01-02,3.00,card\n";
    bank.bookings("bookings.csv", rows);
    check_load(&bank, Counts::of(3, 1, 0, 2), &[(2, "many_matches"), (3, "required")]);
    assert!(bank.quarantine(false).iter().any(|q| q.reason.contains("more than one record of `owner` matches")));
    // Mended, both go in.
    bank.write("files/owner.csv", "account,owner\n1,1\n2,2\n9,3\n");
    assert_eq!(bank.retry().bookings().counts, Counts::of(2, 2, 0, 0));
    assert_eq!(bank.stored_bookings(), (3, 3, 60_000));
}

#[test]
fn what_cannot_be_computed_costs_its_record() {
    let bank = Bank::new(5);
    bank.replace(BOOKINGS, "amount = \"decimal\"", "amount = \"text\"");
    bank.replace(BOOKINGS, "abs(b.amount)", "CAST(b.amount AS DECIMAL(18, 4))");
    bank.replace(BOOKINGS, "CASE WHEN b.amount < 0 THEN 'out' ELSE 'in' END", "'in'");
    bank.bookings("bookings.csv", "1,1,2024-01-02,1.00,card\n2,1,2024-01-02,secret,card\n3,1,2024-01-02,3.00,card\n");
    check_load(&bank, Counts::of(3, 2, 0, 1), &[(2, "computation")]);
    let row = bank.quarantine(false).remove(0);
    assert_eq!((row.column.as_deref(), row.reason.contains("secret")), (Some("amount"), false));
}

const THREE: &str = "1,1,2024-01-02,1.00,card\n2,1,2024-01-02,2.00,cash\n3,1,2019-01-02,3.00,cheque\n";

#[test]
fn checks_quarantine_or_warn() {
    let rules = [
        ("column = \"kind\"\nallowed = [\"card\", \"cash\"]", "allowed", 3),
        ("column = \"kind\"\npattern = \"ca.*\"", "pattern", 3),
        ("column = \"ts\"\nrange = { min = \"2020-01-01\", max = \"now\" }", "range", 3),
        ("column = \"amount\"\nrange = { min = \"1.50\" }", "range", 1),
        ("sql = \"kind <> 'cash' or amount < 2\"", "sql", 2),
    ];
    for (rule, code, row) in rules {
        let bank = with_check(rule);
        bank.bookings("bookings.csv", THREE);
        check_load(&bank, Counts::of(3, 2, 0, 1), &[(row, code)]);
        let bank = with_check(&format!("{rule}\non_fail = \"warn\"\nmessage = \"look here\""));
        bank.bookings("bookings.csv", THREE);
        let report = bank.ingest();
        assert_eq!(report.bookings().counts, Counts::of(3, 3, 0, 0));
        assert_eq!(report.bookings().warned, [("look here".to_owned(), 1)]);
        assert!(bank.quarantined().is_empty());
    }
}

#[test]
fn a_missing_value_is_missing_unless_it_is_required() {
    let rows = "1,1,2024-01-02,1.00,\n2,1,2024-01-02,1.00,card\n";
    load(rows, Counts::of(2, 2, 0, 0), &[]);
    let bank = with_check("column = \"kind\"\nrequired = true");
    bank.bookings("bookings.csv", rows);
    check_load(&bank, Counts::of(2, 1, 0, 1), &[(1, "required")]);
}

#[test]
fn a_reference_must_exist() {
    let bank = with_check("column = \"customer_id\"\nexists_in = \"customer.customer_id\"");
    // Number 6 has a number in Florin, but no record: theirs lacks the day from when it holds.
    bank.append("files/customers.csv", "6,Person Number6,\n");
    bank.bookings("bookings.csv", "1,1,2024-01-02,1.00,card\n2,6,2024-01-02,1.00,card\n3,7,2024-01-02,1.00,card\n");
    let report = bank.ingest();
    assert_eq!(report.load("customer", "customer").counts, Counts::of(6, 5, 0, 1));
    assert_eq!(report.bookings().counts, Counts::of(3, 1, 0, 2));
}

#[test]
fn rows_that_must_not_repeat_are_stored_once() {
    let bank = with_check("unique = [\"customer_id\", \"ts\"]");
    bank.bookings("bookings.csv", "1,1,2024-01-02,1.00,card\n2,1,2024-01-02,2.00,card\n3,1,2024-01-03,3.00,card\n");
    check_load(&bank, Counts::of(3, 2, 0, 1), &[(2, "unique")]);
    bank.bookings("bookings2.csv", "4,1,2024-01-03,4.00,card\n5,2,2024-01-03,5.00,card\n");
    assert_eq!(bank.ingest().bookings().counts, Counts::of(2, 1, 0, 1));
    assert_eq!(bank.stored_bookings(), (3, 3, 90_000));
}

#[test]
fn rows_of_customers_who_withdrew_are_refused_where_the_mapping_says_so() {
    let bank = Bank::new(5);
    bank.replace(BOOKINGS, "into = \"transaction\"", "into = \"transaction\"\npurpose = \"marketing\"");
    bank.append("florin.toml", "\n[purposes.marketing]\nbasis = \"consent\"\ndefault = \"given\"\n");
    let consent = "[input]\nfiles = [\"files/consent.csv\"]\nformat = \"delimited\"\n[input.columns]\ncustomer = \"int\"\nsaid = \"date\"\n\
        [[map]]\ninto = \"consent\"\nselect = \"\"\"\nSELECT customer_id('core', s.customer) AS customer_id, 'marketing' AS purpose, \
        'withdrawn' AS state, CAST(s.said AS TIMESTAMP) AS ts, CAST(s.said AS TIMESTAMP) AS known_at FROM consent s\n\"\"\"\n";
    bank.write("sources/consent.toml", consent);
    bank.write("files/consent.csv", "customer,said\n2,2024-01-01\n");
    bank.bookings("bookings.csv", "1,1,2024-01-02,1.00,card\n2,2,2024-01-02,2.00,card\n3,3,2024-01-02,3.00,card\n");
    let counts = Counts { refused: 1, ..Counts::of(3, 2, 0, 0) };
    assert_eq!(bank.ingest().bookings().counts, counts);
    assert_eq!(bank.stored_bookings(), (2, 2, 40_000));
}

#[test]
fn a_file_that_is_not_what_it_was_a_moment_ago_is_refused_whole() {
    let bank = Bank::new(5);
    bank.bookings("bookings.csv", "1,1,2024-01-02,1.00,card\n2,2,2024-01-02,2.00,card\n");
    bank.ingest();
    // Another mapping reads the same file. Between looking at it and reading it, it changes: here before, but so that
    // the file system does not show it, and the first look trusts what it remembers.
    let path = bank.path("files/bookings.csv");
    let modified = std::fs::metadata(&path).unwrap().modified().unwrap();
    bank.replace("files/bookings.csv", "2.00", "9.00");
    std::fs::File::options().append(true).open(&path).unwrap().set_modified(modified).unwrap();
    let second = "\n[[map]]\ninto = \"event\"\nselect = \"\"\"\nSELECT key('core.event', b.no) AS event_id, \
        customer_id('core', b.customer) AS customer_id, CAST(b.booked AS TIMESTAMP) AS ts, b.kind AS name, \
        CAST(b.booked AS TIMESTAMP) AS known_at FROM transaction b\n\"\"\"\n";
    bank.append(BOOKINGS, second);
    let report = bank.ingest_with_failures();
    let load = report.load("transaction", "event");
    assert_eq!((load.files, load.counts), (0, Counts::default()));
    assert!(load.failed[0].1.contains("changed while it was read; load it when it is complete"), "{load:?}");
    assert_eq!(bank.run(&["sql", "select count(*) as n from event", "--format", "csv"]).ok(), "n\n0\n");
    // Touched, it is looked at again: the changed record is known by its key, and the new mapping has both.
    std::fs::File::options().append(true).open(&path).unwrap().set_modified(std::time::UNIX_EPOCH).unwrap();
    let report = bank.ingest();
    assert_eq!(report.bookings().counts, Counts::of(2, 0, 2, 0));
    assert_eq!(report.load("transaction", "event").counts, Counts::of(2, 2, 0, 0));
}
