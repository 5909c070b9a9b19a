//! Real files of banks, where they are at hand: `../shared/data` beside the checkout, or `BERKA_DATA` for Berka's.

use std::path::PathBuf;

use super::sources_support::*;

/// A folder of the shared data; says so and returns nothing when it is not there.
#[allow(clippy::print_stderr, reason = "a skipped test says why")]
fn shared(folder: &str) -> Option<PathBuf> {
    let own = if folder == "berka" { std::env::var_os("BERKA_DATA").map(PathBuf::from) } else { None };
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data").join(folder);
    let path = own.unwrap_or(beside);
    if !path.is_dir() {
        eprintln!("skipped: `{}` is not there", path.display());
        return None;
    }
    Some(path)
}

#[test]
fn berka_holds_what_was_published() {
    let Some(folder) = shared("berka") else { return };
    let day = "{ type = \"date\", format = \"%y%m%d\" }";
    let trans = format!(
        "trans_id = \"int\"\naccount_id = \"int\"\ndate = {day}\ntype = \"text\"\noperation = \"text\"\namount = \"decimal\"\n\
         balance = \"decimal\"\nk_symbol = \"text\"\nbank = \"text\"\naccount = \"text\""
    );
    let loan =
        format!("loan_id = \"int\"\ndate = {day}\namount = \"decimal\"\npayments = \"decimal\"\nstatus = \"text\"");
    let district = "A1 = \"int\"\nA2 = \"text\"\nA12 = \"decimal\"\nA15 = \"int\"".to_owned();
    for (file, columns, rows, rejects) in [
        ("trans_first_3MiB.asc", trans, 49_102, 1),
        ("client.asc", "client_id = \"int\"\nbirth_number = \"text\"\ndistrict_id = \"int\"".to_owned(), 5_369, 0),
        ("account.asc", format!("account_id = \"int\"\ndate = {day}"), 4_500, 0),
        ("disp.asc", "disp_id = \"int\"\ntype = \"text\"".to_owned(), 5_369, 0),
        ("order.asc", "order_id = \"int\"\namount = \"decimal\"".to_owned(), 6_471, 0),
        (
            "card.asc",
            "card_id = \"int\"\nissued = { type = \"date\", format = \"%y%m%d %H:%M:%S\" }".to_owned(),
            892,
            0,
        ),
        ("loan.asc", loan, 682, 0),
        ("district.asc", district, 77, 0),
    ] {
        let input = delimited("delimiter = \";\"\nmissing = [\"\", \"?\"]", &columns);
        let read = read(&input, &folder.join(file));
        assert_eq!((read.rows.len(), read.rejects.len()), (rows, rejects), "{file}");
        if rejects > 0 {
            assert_eq!(read.reasons(), reasons([(49_103, "a quote that is never closed")]));
        }
    }
}

#[test]
fn a_gbk_file_is_recognised() {
    let Some(folder) = shared("yuebao") else { return };
    let input = delimited("", "user_id = \"int\"\nsex = \"int\"\ncity = \"int\"\nconstellation = \"text\"");
    let read = read(&input, &folder.join("user_profile_table.csv"));
    assert_eq!((read.rows.len(), read.rejects.len()), (28_041, 0));
    assert_eq!(read.rows[0], "2 | 1 | 6411949 | 白羊座");
    let found = read.report.encoding.unwrap();
    assert_eq!((found.label, found.guessed), ("gb18030", true));
}

#[test]
fn a_delimiter_at_the_end_of_every_line_is_a_nameless_column() {
    let Some(folder) = shared("yuebao") else { return };
    let columns = "report_date = { type = \"date\", format = \"%Y%m%d\" }\ntotal_purchase_amt = \"int\"";
    let read = read(&delimited("", columns), &folder.join("purchase_by_type.csv"));
    // Its last thirty lines lack the delimiter at the end.
    assert_eq!(read.rows.len(), 427);
    assert!(read.reasons().iter().all(|(_, reason)| reason == "19 fields where 20 were expected"));
    assert_eq!(read.rejects.len(), 30);
    assert_eq!(read.report.extra_columns.last().map(String::as_str), Some(""));
}

#[test]
fn a_workbook_of_payments_is_read() {
    let Some(folder) = shared("anz_transactions") else { return };
    let columns = "status = \"text\"\naccount = \"text\"\ndate = \"date\"\nbalance = \"decimal\"\namount = \"decimal\"\nage = \"int\"\n\
        extraction = \"timestamp\"\nmovement = \"text\"";
    let input = input("format = \"excel\"", columns);
    let read = read(&input, &folder.join("ANZ synthesised transaction dataset.xlsx"));
    assert_eq!((read.rows.len(), read.reasons()), (12_043, vec![]));
    assert!(read.rows[0].contains("2018-08-01"), "{}", read.rows[0]);
}
