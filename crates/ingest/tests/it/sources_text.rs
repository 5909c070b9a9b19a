//! Delimited text and JSON lines: what is read, and how it is typed.

use florin_ingest::sources::{header, list_files, reread};

use super::sources_support::*;

const PAYMENTS: &str = "id = \"int\"\namount = \"decimal\"\nnote = \"text\"";

#[test]
fn every_type_is_read_from_text() {
    let columns =
        "i = \"int\"\nd = \"decimal\"\nf = \"float\"\nt = \"text\"\nb = \"bool\"\nday = \"date\"\nts = \"timestamp\"";
    let text = "i,d,f,t,b,day,ts\n\
        1,2.5,1e3,  x ,yes,2024-02-29,2024-06-19 15:22:45\n\
        \" 2 \",\"-0.0001\",-.5,\"a \"\"b\"\"\",0,20240229,2024-01-01T00:00:00Z\n\
        ,,,,,,\n";
    let read = read_text(&delimited("", columns), text);
    assert_eq!(
        read.rows,
        [
            "1 | 2.5000 | 1000.0 |   x  | true | 2024-02-29 | 2024-06-19T13:22:45Z",
            "2 | -0.0001 | -0.5 | a \"b\" | false | 2024-02-29 | 2024-01-01T00:00:00Z",
            " |  |  |  |  |  | ",
        ]
    );
    assert_eq!(read.reasons(), []);
    assert_eq!(read.raw[1], "\" 2 \",\"-0.0001\",-.5,\"a \"\"b\"\"\",0,20240229,2024-01-01T00:00:00Z");
}

#[test]
fn values_that_are_not_of_their_type_are_rejected_with_the_column_and_never_the_value() {
    let columns = "i = \"int\"\nd = \"decimal\"\nb = \"bool\"\nday = { type = \"date\", format = \"%y%m%d\" }\nts = \"timestamp\"";
    let text = "i,d,b,day,ts\n\
        1.5,,,,\n\
        ,1.23456,,,\n\
        ,100000000000000,,,\n\
        ,,maybe,,\n\
        ,,,930231,\n\
        ,,,,yesterday\n\
        7,7,1,930101,2024-01-01\n";
    let read = read_text(&delimited("", columns), text);
    assert_eq!(
        read.reasons(),
        reasons([
            (1, "column `i`: not an integer"),
            (2, "column `d`: more than 4 decimals"),
            (3, "column `d`: a number that is too large"),
            (4, "column `b`: neither true nor false"),
            (5, "column `day`: not a date of the form `%y%m%d`"),
            (6, "column `ts`: not a time of the form `%Y-%m-%dT%H:%M:%S`"),
        ])
    );
    assert_eq!((read.rows.len(), &read.row_numbers[..]), (1, &[7][..]));
    assert!(never_shows(&read.rejects, "yesterday"), "Debug shows a value");
    assert_eq!(read.rejects[5].raw, b",,,,yesterday");
}

#[test]
fn missing_has_many_spellings_and_a_column_may_have_its_own() {
    let input =
        delimited("missing = [\"\", \"?\"]", "a = \"int\"\nb = \"text\"\nc = { type = \"text\", missing = [\"n/a\"] }");
    let read = read_text(&input, "a,b,c\n?,\" ? \",n/a\n 1 , ,\n");
    assert_eq!(read.rows, [" |  | ", "1 |  | "]);
    assert_eq!(read.reasons(), []);
    let own = read_text(&delimited("", "c = { type = \"text\", missing = [\"n/a\"] }\nd = \"text\""), "c,d\n,x\n");
    assert_eq!(own.rows, [" | x"], "an empty text that is not declared missing is a text");
}

#[test]
fn numbers_may_have_a_decimal_comma() {
    let columns = "a = { type = \"decimal\", decimal_comma = true }\nb = \"decimal\"";
    let read = read_text(&delimited("delimiter = \";\"", columns), "a;b\n1.234,56;1,234.56\n12,5;\n1;12,5\n12.5;1\n");
    assert_eq!(read.rows, ["1234.5600 | 1234.5600", "12.5000 | "]);
    let expected = [(3, "column `b`: not a number"), (4, "column `a`: not a number with a decimal comma")];
    assert_eq!(read.reasons(), reasons(expected));
}

#[test]
fn separators_may_be_any() {
    for (settings, text) in [
        ("delimiter = \"\\t\"", "id\tamount\tnote\n1\t2\tx\n"),
        ("delimiter = \"|\"", "id|amount|note\r\n1|2|x\r\n"),
        ("delimiter = \";\"", "id;amount;note\n\"1\";\"2\";\"x\""),
        ("delimiter = \"，\"", "id，amount，note\n1，2，x\n"),
        ("quote = \"'\"", "id,amount,note\n1,'2','x'\n"),
    ] {
        assert_eq!(read_text(&delimited(settings, PAYMENTS), text).rows, ["1 | 2.0000 | x"], "{settings}");
    }
}

#[test]
fn without_a_quote_character_quotes_are_text() {
    let read = read_text(&delimited("quote = \"\"", PAYMENTS), "id,amount,note\n1,2,\"x\n3,4,y\"\n");
    assert_eq!(read.rows, ["1 | 2.0000 | \"x", "3 | 4.0000 | y\""]);
}

#[test]
fn line_ends_may_be_mixed_and_stand_inside_quotes() {
    let read = read_text(&delimited("", PAYMENTS), "id,amount,note\r\n1,2,\"a\r\nb\"\r\n3,4,c\n\n\r\n5,6,d");
    assert_eq!(read.rows, ["1 | 2.0000 | a\r\nb", "3 | 4.0000 | c", "5 | 6.0000 | d"]);
    assert_eq!(read.row_numbers, [1, 2, 3], "empty lines are not records");
}

#[test]
fn without_a_header_columns_are_as_declared() {
    let read = read_text(&delimited("header = false", PAYMENTS), "1,2,x\n3,4\n");
    assert_eq!(read.rows, ["1 | 2.0000 | x"]);
    assert_eq!(read.reasons(), reasons([(2, "2 fields where 3 were expected")]));
    assert_eq!(read.report.header, ["id", "amount", "note"]);
}

#[test]
fn columns_are_found_by_name_in_any_order() {
    let read = read_text(&delimited("", PAYMENTS), "\u{feff}note, id ,more,amount\nx,1,,2\n");
    assert_eq!(read.rows, ["1 | 2.0000 | x"]);
    assert_eq!(read.report.extra_columns, ["more"]);
    assert_eq!(read.report.header, ["note", "id", "more", "amount"]);
}

#[test]
fn times_are_of_their_columns_zone() {
    let columns =
        "a = \"timestamp\"\nb = { type = \"timestamp\", time_zone = \"Asia/Shanghai\", format = \"%d/%m/%Y %H:%M\" }";
    let read = read_text(&delimited("", columns), "a,b\n2024-07-01 00:00:00,1/7/2024 08:00\n2024-01-01,\n");
    assert_eq!(read.rows, ["2024-06-30T22:00:00Z | 2024-07-01T00:00:00Z", "2023-12-31T23:00:00Z | "]);
}

#[test]
fn json_lines_are_typed_by_their_own_digits() {
    let input = input(
        "format = \"json_lines\"",
        "id = \"int\"\namount = \"decimal\"\nnote = \"text\"\nok = { type = \"bool\", optional = true }",
    );
    let text = "{\"id\":1,\"amount\":0.1,\"note\":\"a\\nb\",\"ok\":true,\"more\":1}\n\
        {\"id\":\"2\",\"amount\":\"99999999999999.9999\",\"note\":{\"x\":[1]}}\n\
        {\"id\":3,\"amount\":null,\"note\":null,\"ok\":\"no\"}\r\n\
        {\"id\":4,\"amount\":1}\n\
        [1]\n\
        {\"id\":5\n\
        {\"id\":6,\"id\":6,\"amount\":1,\"note\":\"\"}\n\
        {\"id\":7.5,\"amount\":1,\"note\":\"\"}\n\
        {\"id\":[8],\"amount\":1,\"note\":\"\"}\n";
    let read = read(&input, &file("a.jsonl", text).path);
    assert_eq!(read.rows, ["1 | 0.1000 | a\nb | true", "2 | 99999999999999.9999 | {\"x\":[1]} | ", "3 |  |  | false"]);
    assert_eq!(
        read.reasons(),
        reasons([
            (4, "no key `note`"),
            (5, "not a JSON object"),
            (6, "not a JSON object (byte 7)"),
            (7, "key `id` twice"),
            (8, "column `id`: not an integer"),
            (9, "column `id`: a nested value"),
        ])
    );
    assert_eq!(read.report.extra_columns, ["more"]);
    assert_eq!(read.raw[1], "{\"id\":\"2\",\"amount\":\"99999999999999.9999\",\"note\":{\"x\":[1]}}");
    assert_eq!(header(&input, &file("a.jsonl", text).path).unwrap(), ["id", "amount", "note", "ok", "more"]);
    // Half a record at the beginning keeps nobody out.
    let spoilt = format!("{{\"id\":\"0\",\"am\n17\n{text}");
    assert_eq!(header(&input, &file("b.jsonl", &spoilt).path).unwrap(), ["id", "amount", "note", "ok", "more"]);
    let hopeless = header(&input, &file("c.jsonl", "17\n[]\n").path).unwrap_err().to_string();
    assert!(hopeless.contains("not a JSON object"), "{hopeless}");
}

#[test]
fn kept_records_go_in_once_the_definition_is_mended() {
    let before = delimited("", PAYMENTS);
    let first = read_text(&before, "id,amount,note\n1,2,x\n2,\"3,5\",y\n3,oops,z\n");
    assert_eq!(first.rejects.len(), 2);
    let kept: Vec<(u64, Vec<u8>)> = first.rejects.into_iter().map(|r| (r.row_number, r.raw)).collect();
    let mended = delimited("", "id = \"int\"\namount = { type = \"decimal\", decimal_comma = true }\nnote = \"text\"");
    let chunk = reread(&mended, &first.report.header, &kept, &options()).unwrap();
    assert_eq!(shown(&chunk), ["2 | 3.5000 | y"]);
    assert_eq!((chunk.row_numbers, chunk.rejects[0].row_number), (vec![2], 3));
}

#[test]
fn lines_that_were_taken_for_utf8_go_in_once_their_encoding_is_named() {
    let text = ["id,name\n1,Dvořák\n2,".as_bytes(), b"Nov\xE1k", "\n3,Malá\n".as_bytes()].concat();
    let columns = "id = \"int\"\nname = \"text\"";
    let first = read_text(&delimited("", columns), &text);
    assert_eq!(first.reasons(), reasons([(2, "bytes that are not UTF-8")]));
    let kept = vec![(2, first.rejects[0].raw.clone())];
    let chunk =
        reread(&delimited("encoding = \"windows-1250\"", columns), &first.report.header, &kept, &options()).unwrap();
    assert_eq!(shown(&chunk), ["2 | Novák"]);
}

#[test]
fn files_come_by_name_and_none_is_worth_a_word() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["b.csv", "a.csv", "c[1].csv", "d.txt"] {
        std::fs::write(folder.path().join(name), "x\n").unwrap();
    }
    std::fs::create_dir(folder.path().join("e.csv")).unwrap();
    let mut input = delimited("", "x = \"int\"");
    let names = |input: &florin_ingest::definition::InputDef| {
        let files = list_files(input, folder.path())?;
        Ok::<_, florin_ingest::sources::SourceError>(
            files.iter().map(|f| f.file_name().unwrap().to_string_lossy().into_owned()).collect::<Vec<_>>(),
        )
    };
    input.files =
        toml::from_str::<std::collections::BTreeMap<String, Vec<toml::Spanned<String>>>>("f = [\"*.csv\", \"a.csv\"]")
            .unwrap()
            .remove("f")
            .unwrap();
    assert_eq!(names(&input).unwrap(), ["a.csv", "b.csv", "c[1].csv"]);
    input.files = toml::from_str::<std::collections::BTreeMap<String, Vec<toml::Spanned<String>>>>(
        "f = [\"*.csv\", \"none.csv\"]",
    )
    .unwrap()
    .remove("f")
    .unwrap();
    let error = names(&input).unwrap_err().to_string();
    assert!(error.starts_with("no file matches `") && error.ends_with("none.csv`"), "{error}");
}
