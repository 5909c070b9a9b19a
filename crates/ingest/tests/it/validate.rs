//! Checks as a bank writes them, on rows as they come.

use std::sync::Arc;

use arrow::{
    array::{
        ArrayRef, BooleanArray, Date32Array, Decimal128Array, Float64Array, Int64Array, RecordBatch, StringArray,
        TimestampMicrosecondArray,
    },
    datatypes::DataType,
};
use florin_domain::{ColumnDef, ColumnType, DataClass, EventTime, TableDef};
use florin_ingest::{
    definition::CheckDef,
    validate::{BatchMismatch, CheckProblem, Compiled, Failed, Failures},
};
use serde::Deserialize;

/// 2024-02-29T12:00:00Z.
const RECEIVED: EventTime = EventTime(1_709_208_000_000_000);
const LEAP_DAY: i32 = 19_782;

#[derive(Deserialize)]
struct Checks {
    #[serde(default)]
    check: Vec<CheckDef>,
}

fn checks(toml: &str) -> Vec<CheckDef> {
    toml::from_str::<Checks>(toml).unwrap().check
}

fn table() -> TableDef {
    let column = |name: &str, ty, required| ColumnDef {
        name: name.into(),
        ty,
        class: DataClass::C1,
        required,
        about: String::new(),
    };
    TableDef {
        name: "payment".into(),
        about: String::new(),
        key: vec!["id".into()],
        versions_of: vec![],
        order: vec![],
        purposes: vec![],
        columns: vec![
            column("id", ColumnType::Int, true),
            column("amount", ColumnType::Decimal, false),
            column("rate", ColumnType::Float, false),
            column("status", ColumnType::Text, false),
            column("born", ColumnType::Date, false),
            column("ts", ColumnType::Timestamp, false),
            column("active", ColumnType::Bool, false),
        ],
    }
}

/// One row of each column; all missing but the id.
#[derive(Clone, Copy, Default)]
struct Row {
    id: Option<i64>,
    amount: Option<i128>,
    rate: Option<f64>,
    status: Option<&'static str>,
    born: Option<i32>,
    ts: Option<i64>,
}

const EMPTY: Row = Row { id: Some(1), amount: None, rate: None, status: None, born: None, ts: None };

fn batch(rows: &[Row]) -> RecordBatch {
    let amounts = Decimal128Array::from_iter(rows.iter().map(|r| r.amount)).with_precision_and_scale(18, 4).unwrap();
    let times = TimestampMicrosecondArray::from_iter(rows.iter().map(|r| r.ts)).with_timezone("UTC");
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("id", Arc::new(Int64Array::from_iter(rows.iter().map(|r| r.id)))),
        ("amount", Arc::new(amounts)),
        ("rate", Arc::new(Float64Array::from_iter(rows.iter().map(|r| r.rate)))),
        ("status", Arc::new(StringArray::from_iter(rows.iter().map(|r| r.status)))),
        ("born", Arc::new(Date32Array::from_iter(rows.iter().map(|r| r.born)))),
        ("ts", Arc::new(times)),
        ("active", Arc::new(BooleanArray::from(vec![None; rows.len()]))),
    ];
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, column)| (name, column, true))).unwrap()
}

fn apply(compiled: &Compiled, rows: &[Row]) -> Failures {
    let mut failures = compiled.failures(rows.len());
    compiled.apply(&batch(rows), RECEIVED, &mut failures).unwrap();
    failures
}

/// What a person is told of a row, or `ok`.
fn verdict(check: &str, row: Row) -> String {
    let compiled = Compiled::compile(&checks(&format!("[[check]]\n{check}")), &table()).unwrap();
    // Twice beside an empty row: values of nulls must not matter.
    let failures = apply(&compiled, &[EMPTY, row, row]);
    assert_eq!(failures.reason(1), failures.reason(2));
    failures.reason(1).map_or("ok".to_owned(), ToString::to_string)
}

#[test]
#[rustfmt::skip]
fn every_rule_says_what_is_wrong_without_the_value() {
    let amount = |amount| Row { amount: Some(amount), ..EMPTY };
    let rate = |rate| Row { rate: Some(rate), ..EMPTY };
    let status = |status| Row { status: Some(status), ..EMPTY };
    let born = |born| Row { born: Some(born), ..EMPTY };
    let ts = |ts| Row { ts: Some(ts), ..EMPTY };
    let id = |id| Row { id: Some(id), ..EMPTY };
    let now = RECEIVED.micros();
    let cases = [
        ("column='amount'\nrange={min=0}",                       amount(0),            "ok"),
        ("column='amount'\nrange={min=0}",                       amount(-1),           "`amount` is below 0"),
        ("column='amount'\nrange={min=0}",                       EMPTY,                "ok"),
        ("column='amount'\nrange={min=0.01,max='99.99'}",        amount(100),          "ok"),
        ("column='amount'\nrange={min=0.01,max='99.99'}",        amount(99),           "`amount` is below 0.01"),
        ("column='amount'\nrange={min=0.01,max='99.99'}",        amount(999_900),      "ok"),
        ("column='amount'\nrange={min=0.01,max='99.99'}",        amount(999_901),      "`amount` is above 99.99"),
        ("column='amount'\nrange={min='0.00001'}",               amount(0),            "`amount` is below 0.00001"),
        ("column='amount'\nrange={min='0.00001'}",               amount(1),            "ok"),
        ("column='id'\nrange={max=10}",                          id(10),               "ok"),
        ("column='id'\nrange={max=10}",                          id(11),               "`id` is above 10"),
        ("column='id'\nrange={max=10.5}",                        id(10),               "ok"),
        ("column='id'\nrange={max=10.5}",                        id(11),               "`id` is above 10.5"),
        ("column='rate'\nrange={min=0,max=1}",                   rate(0.5),            "ok"),
        ("column='rate'\nrange={min=0,max=1}",                   rate(1.5),            "`rate` is above 1"),
        ("column='rate'\nrange={max=1}",                         rate(f64::NAN),       "`rate` is above 1"),
        ("column='rate'\nrange={min=0}",                         rate(f64::NAN),       "`rate` is below 0"),
        ("column='born'\nrange={min='1900-01-01',max='now'}",    born(-25_567),        "ok"),
        ("column='born'\nrange={min='1900-01-01',max='now'}",    born(-25_568),        "`born` is before 1900-01-01"),
        ("column='born'\nrange={min='1900-01-01',max='now'}",    born(LEAP_DAY),       "ok"),
        // Noon in London is already tomorrow in Kiribati.
        ("column='born'\nrange={max='now'}",                     born(LEAP_DAY + 1),   "ok"),
        ("column='born'\nrange={max='now'}",                     born(LEAP_DAY + 2),   "`born` is after the record was received"),
        ("column='ts'\nrange={max='now'}",                       ts(now),              "ok"),
        ("column='ts'\nrange={max='now'}",                       ts(now + 1),          "`ts` is after the record was received"),
        ("column='ts'\nrange={min='now'}",                       ts(now - 1),          "`ts` is before the record was received"),
        ("column='ts'\nrange={max='2024-02-28'}",                ts(now - 43_200_000_001), "ok"),
        ("column='ts'\nrange={max='2024-02-28'}",                ts(now - 43_200_000_000), "`ts` is after 2024-02-28"),
        ("column='ts'\nrange={min='2024-02-29T20:00:00+08:00'}", ts(now),              "ok"),
        ("column='status'\npattern='[A-D]'",                     status("A"),          "ok"),
        ("column='status'\npattern='[A-D]'",                     status("AB"),         "`status` does not match `[A-D]`"),
        ("column='status'\npattern='a|ab'",                      status("ab"),         "ok"),
        ("column='status'\npattern='A$'",                        status("A\n"),        "`status` does not match `A$`"),
        ("column='status'\npattern='[A-D]'",                     EMPTY,                "ok"),
        ("column='status'\nallowed=['A','B','C','D']",           status("D"),          "ok"),
        ("column='status'\nallowed=['A','B','C','D']",           status(""),           "`status` is none of A, B, C, D"),
        ("column='status'\nallowed=['A','B','C','D']",           EMPTY,                "ok"),
        ("column='status'\nrequired=true",                       EMPTY,                "`status` is missing"),
        ("column='status'\nrequired=true",                       status(""),           "ok"),
        ("column='status'\nrequired=true\nmessage='say which'",  EMPTY,                "say which"),
        ("column='status'\nrequired=true\non_fail='warn'",       EMPTY,                "ok"),
    ];
    for (check, row, expected) in cases {
        assert_eq!(verdict(check, row), expected, "{check}");
    }
}

#[test]
fn many_allowed_texts_are_looked_up_and_the_reason_lists_the_first() {
    let texts: Vec<String> = (0..40).map(|i| format!("'{i}'")).collect();
    let check = format!("column='status'\nallowed=[{}]", texts.join(","));
    assert_eq!(verdict(&check, Row { status: Some("39"), ..EMPTY }), "ok");
    let told = verdict(&check, Row { status: Some("40"), ..EMPTY });
    assert_eq!(told, "`status` is none of 0, 1, 2, 3, 4, 5, 6, 7 and 32 more");
}

#[test]
fn a_required_column_of_the_table_needs_no_check_and_weighs_most() {
    let toml = "[[check]]\ncolumn='amount'\nrange={min=0}\n[[check]]\ncolumn='status'\nrequired=true";
    let compiled = Compiled::compile(&checks(toml), &table()).unwrap();
    let bad = Row { id: None, amount: Some(-1), ..EMPTY };
    let failures = apply(&compiled, &[bad, Row { id: Some(2), ..bad }, EMPTY, Row { status: Some("A"), ..EMPTY }]);
    let told: Vec<_> = failures.quarantined_rows().map(|(row, r)| (row, r.code(), r.column(), r.check())).collect();
    assert_eq!(
        told,
        [
            (0, "required", Some("id"), None),
            (1, "range", Some("amount"), Some(0)),
            (2, "required", Some("status"), Some(1))
        ]
    );
    assert_eq!(failures.quarantined(), 3);
    assert_eq!(failures.kept().unwrap().iter().collect::<Vec<_>>(), [false, false, false, true]);
}

#[test]
fn nothing_fails_without_failures() {
    let compiled = Compiled::compile(&checks("[[check]]\ncolumn='amount'\nrange={min=0}"), &table()).unwrap();
    let failures = apply(&compiled, &[EMPTY, Row { amount: Some(5), ..EMPTY }]);
    assert_eq!((failures.quarantined(), failures.kept(), failures.reason(0)), (0, None, None));
    assert_eq!(failures.warned(), [0]);
}

#[test]
fn warnings_are_counted_and_keep_the_row() {
    let toml = "[[check]]\ncolumn='amount'\nrange={min=0}\non_fail='warn'\n[[check]]\ncolumn='status'\npattern='A'";
    let compiled = Compiled::compile(&checks(toml), &table()).unwrap();
    let low = Row { amount: Some(-1), ..EMPTY };
    let failures = apply(&compiled, &[low, low, Row { status: Some("B"), ..low }, EMPTY]);
    assert_eq!(failures.warned(), [3, 0]);
    assert_eq!(failures.kept().unwrap().iter().collect::<Vec<_>>(), [true, true, false, true]);
}

const ELSEWHERE: &str = "
[[check]]
sql = 'amount > 0 or status is null'
[[check]]
column = 'id'
exists_in = 'account.account_id'
[[check]]
unique = ['id', 'ts']
[[check]]
sql = 'rate < 1'
on_fail = 'warn'
";

#[test]
fn checks_for_others_are_handed_out_with_their_place() {
    let compiled = Compiled::compile(&checks(ELSEWHERE), &table()).unwrap();
    let sql: Vec<_> = compiled.needs_sql().iter().map(|c| (c.index, c.sql.as_str())).collect();
    assert_eq!(sql, [(0, "amount > 0 or status is null"), (3, "rate < 1")]);
    assert_eq!(&ELSEWHERE[compiled.needs_sql()[1].span.clone()], "'rate < 1'");
    let reference = &compiled.references()[0];
    assert_eq!((reference.index, reference.column.as_str()), (1, "id"));
    assert_eq!((reference.table.as_str(), reference.target_column.as_str()), ("account", "account_id"));
    assert_eq!(compiled.unique()[0].columns, ["id", "ts"]);
    assert_eq!(compiled.unique()[0].index, 2);
}

#[test]
fn masks_from_elsewhere_count_false_and_not_null_and_the_order_does_not_matter() {
    let compiled = Compiled::compile(&checks(ELSEWHERE), &table()).unwrap();
    let mut failures = apply(&compiled, &[EMPTY; 3]);
    failures.add_mask(3, &BooleanArray::from(vec![Some(false), None, Some(true)])).unwrap();
    failures.add_mask(2, &BooleanArray::from(vec![Some(false), Some(true), Some(false)])).unwrap();
    failures.add_mask(1, &BooleanArray::from(vec![Some(true), Some(true), Some(false)])).unwrap();
    failures.add_mask(0, &BooleanArray::from(vec![Some(false), None, None])).unwrap();
    let told: Vec<String> = failures.quarantined_rows().map(|(row, reason)| format!("{row}: {reason}")).collect();
    assert_eq!(told, ["0: `amount > 0 or status is null` does not hold", "2: `id` is not in account.account_id"]);
    assert_eq!(failures.warned(), [0, 0, 0, 1]);
    failures.fail(1, Failed::Check(2)).unwrap();
    assert_eq!(failures.reason(1).unwrap().to_string(), "another row has the same `id`, `ts`");
    failures.fail(1, Failed::Required(0)).unwrap();
    assert_eq!(failures.reason(1).unwrap().to_string(), "`id` is missing");
}

fn problems(toml: &str) -> Vec<CheckProblem> {
    Compiled::compile(&checks(toml), &table()).unwrap_err()
}

#[test]
#[rustfmt::skip]
fn definitions_that_cannot_mean_anything_are_refused() {
    let cases = [
        ("column='status'",                              "a check without a rule"),
        ("column='status'\npattern='a'\nallowed=['a']",  "one check with `pattern` and `allowed`"),
        ("pattern='a'",                                  "`pattern` needs a `column`"),
        ("column='amuont'\nrequired=true",               "table `payment` has no column `amuont`"),
        ("column='zzz'\nsql='true'",                     "table `payment` has no column `zzz`"),
        ("unique=['id','tz']",                           "table `payment` has no column `tz`"),
        ("unique=[]",                                    "`unique` names no column"),
        ("column='id'\nexists_in='account'",             "`account` is not a table and a column"),
        ("sql=' '",                                      "`sql` is empty"),
        ("column='status'\npattern='('",                 "`(` is not a regular expression: unclosed group"),
        ("column='status'\npattern='(?:\\w{100}){100}'", "the pattern takes more than 1048576 bytes"),
        ("column='amount'\npattern='a'",                 "`pattern` needs a column of text; `amount` is decimal"),
        ("column='active'\nallowed=['a']",               "`allowed` needs a column of text; `active` is bool"),
        ("column='status'\nallowed=[]",                  "`allowed` allows nothing"),
        ("column='status'\nrequired=false",              "`required = false` checks nothing"),
        ("column='status'\nrange={min=0}",               "`range` needs a column of numbers, dates or times; `status` is text"),
        ("column='amount'\nrange={}",                    "`range` has no bound"),
        ("column='amount'\nrange={min=2,max=1}",         "`min` is larger than `max`, so that every row would fail"),
        ("column='amount'\nrange={min='a lot'}",         "`a lot` is not a number"),
        ("column='id'\nrange={max='9223372036854775808'}", "`9223372036854775808` is larger than any int"),
        ("column='born'\nrange={min='1900-02-30'}",      "`1900-02-30` is not a date"),
        ("column='born'\nrange={min=1900}",              "`1900` is not a date or time"),
        ("column='ts'\nrange={min='2020-01-01T00:00:00'}", "`2020-01-01T00:00:00` has no offset"),
        ("column='ts'\nrange={min='2021-01-01',max='2020-01-01'}", "`min` is larger than `max`, so that every row would fail"),
    ];
    for (check, expected) in cases {
        let found = problems(&format!("[[check]]\n{check}"));
        assert_eq!(found.iter().map(ToString::to_string).collect::<Vec<_>>(), [expected], "{check}");
    }
}

#[test]
fn all_problems_are_found_at_once_and_point_at_their_places() {
    let toml = "[[check]]\ncolumn = 'amuont'\nrange = { min = 0 }\n[[check]]\ncolumn = 'status'\npattern = '['\n";
    let found = problems(toml);
    let told: Vec<_> = found.iter().map(|p| (p.check, &toml[p.span.clone().unwrap()], p.help.as_deref())).collect();
    assert_eq!(told, [(0, "'amuont'", Some("did you mean `amount`?")), (1, "'['", None)]);
    let unknown = &problems("[[check]]\ncolumn = 'xyzzy'\nrequired = true")[0];
    assert_eq!(unknown.help.as_deref(), Some("columns of `payment`: id, amount, rate, status, born, ts, active"));
}

#[test]
fn a_batch_of_another_table_is_refused_and_not_passed() {
    let compiled = Compiled::compile(&checks(ELSEWHERE), &table()).unwrap();
    let good = batch(&[EMPTY, EMPTY]);
    let mut failures = compiled.failures(2);
    let without_id = good.project(&[1, 2]).unwrap();
    let error = compiled.apply(&without_id, RECEIVED, &mut failures).unwrap_err();
    assert_eq!(error, BatchMismatch::Column("id".into()));
    let ids: ArrayRef = Arc::new(StringArray::from(vec!["1", "2"]));
    let mistyped = RecordBatch::try_from_iter([("id", ids)]).unwrap();
    let error = compiled.apply(&mistyped, RECEIVED, &mut failures).unwrap_err();
    let expected = BatchMismatch::Type { column: "id".into(), expected: DataType::Int64, found: DataType::Utf8 };
    assert_eq!(error, expected);
    let error = failures.add_mask(0, &BooleanArray::from(vec![true])).unwrap_err();
    assert_eq!(error, BatchMismatch::Rows { expected: 2, found: 1 });
    let error = failures.add_mask(9, &BooleanArray::from(vec![true, true])).unwrap_err();
    assert_eq!(error, BatchMismatch::Check { check: 9, checks: 4 });
    assert_eq!(failures.fail(0, Failed::Required(3)).unwrap_err(), BatchMismatch::NotRequired(3));
    assert!(failures.fail(2, Failed::Check(0)).is_err());
    assert_eq!(failures.quarantined(), 0);
}
