//! Every kind of dirt that is known from banks' files, each with its test.

use std::{
    io::Write,
    sync::atomic::{AtomicU64, Ordering},
};

use flate2::{Compression, write::GzEncoder};
use florin_ingest::sources::{ReadError, ReadOptions, SourceError, content_id, header, read_file};

use super::sources_support::*;

const ID_NAME: &str = "id = \"int\"\nname = \"text\"";

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

fn many_lines() -> String {
    let lines: String = (1..=50_000).map(|n| format!("{n},name {}\n", n * 7919 % 10_007)).collect();
    format!("id,name\n{lines}")
}

#[test]
fn a_wrong_number_of_fields_rejects_the_record_and_no_other() {
    let read = read_text(&delimited("", ID_NAME), "id,name\n1,a\n2\n3,c,d\n4,\"e,\"\n\"5\",f,\n6,g\n");
    assert_eq!(read.rows, ["1 | a", "4 | e,", "6 | g"]);
    let expected = [
        (2, "1 fields where 2 were expected"),
        (3, "3 fields where 2 were expected"),
        (5, "3 fields where 2 were expected"),
    ];
    assert_eq!(read.reasons(), reasons(expected));
    assert_eq!(read.rejects[1].raw, b"3,c,d");
}

#[test]
fn an_unclosed_quote_in_the_middle_costs_one_line() {
    // Nothing closes it within the longest record.
    let text = format!("id,name\n1,a\n2,\"b\n{}9,z\n", "3,c\n".repeat(100));
    let read = read_text(&delimited("record_bytes_max = 64", ID_NAME), text);
    assert_eq!(read.reasons(), reasons([(2, "a quote that is never closed")]));
    assert_eq!((read.rejects[0].raw.as_slice(), read.rows.len()), (&b"2,\"b"[..], 102));
    // The next quote closes it, but wrongly.
    let read = read_text(&delimited("", ID_NAME), "id,name\n1,\"a\n2,\"b\"\n3,c\n");
    assert_eq!(read.rows, ["2 | b", "3 | c"]);
    assert_eq!(read.reasons(), reasons([(1, "text between a closing quote and the next delimiter")]));
}

#[test]
fn an_unclosed_quote_at_the_end_costs_one_line() {
    let read = read_text(&delimited("", ID_NAME), "id,name\n1,a\n2,\"b\n3,c\n");
    assert_eq!(read.rows, ["1 | a", "3 | c"]);
    assert_eq!(read.reasons(), reasons([(2, "a quote that is never closed")]));
}

#[test]
fn a_nul_rejects_its_record() {
    let read = read_text(&delimited("", ID_NAME), "id,name\n1,a\0b\n2,c\n");
    assert_eq!(read.rows, ["2 | c"]);
    assert_eq!(read.reasons(), reasons([(1, "a NUL byte")]));
    assert_eq!(read.rejects[0].raw, b"1,a\0b");
}

/// Names the file that [`memory_of_a_long_line`] reads.
const LONG_LINE: &str = "FLORIN_TEST_LONG_LINE";
/// What a process may need to read a file with a line of 200 MiB.
const MEMORY_KIB_MAX: u64 = 80 << 10;

#[test]
fn a_line_of_200_megabytes_is_rejected_in_bounded_memory() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("long.csv.zst");
    // Frames of one megabyte each: what is between them does not show.
    let frame = |text: &[u8]| zstd::encode_all(text, 1).unwrap();
    let megabytes = frame(&vec![b'x'; 1 << 20]).repeat(200);
    std::fs::write(&path, [frame(b"id,name\n1,a\n2,"), megabytes, frame(b"\n3,c\n")].concat()).unwrap();
    // In a process of its own: memory that other tests need does not count.
    let child = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "--include-ignored", "sources_dirt::memory_of_a_long_line"])
        .env(LONG_LINE, &path)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&child.stdout);
    assert!(child.status.success() && said.contains("1 passed"), "{said}");
}

#[test]
#[ignore = "run by a_line_of_200_megabytes_is_rejected_in_bounded_memory"]
fn memory_of_a_long_line() {
    let Some(path) = std::env::var_os(LONG_LINE) else { return };
    let read = read(&delimited("", ID_NAME), std::path::Path::new(&path));
    assert_eq!(read.rows, ["1 | a", "3 | c"]);
    assert_eq!(read.reasons(), reasons([(2, "longer than 1048576 bytes; only its beginning is kept")]));
    let raw = &read.rejects[0].raw;
    assert_eq!((raw.len(), &raw[..4], raw.last()), (1 << 20, &b"2,xx"[..], Some(&0)));
    let peak = peak_memory_kib();
    assert!(peak < MEMORY_KIB_MAX, "{peak} KiB");
}

/// The most memory this process has had resident, in KiB; 0 where the system does not tell.
fn peak_memory_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}

#[test]
fn a_cut_record_is_never_taken_for_a_whole_one() {
    let definition = delimited("record_bytes_max = 8", ID_NAME);
    let first = read_text(&definition, "id,name\n1,abcdefghij\n");
    let kept = vec![(1, first.rejects[0].raw.clone())];
    let mended = delimited("", ID_NAME);
    let chunk = florin_ingest::sources::reread(&mended, &first.report.header, &kept, &options()).unwrap();
    assert_eq!((chunk.rows.num_rows(), chunk.rejects[0].reason.to_string()), (0, "a NUL byte".to_owned()));
}

#[test]
fn lines_in_another_encoding_than_the_file_are_rejected_alone() {
    let lines = ["id,name\n".as_bytes(), "1,Dvořák\n".as_bytes(), b"2,Nov\xE1k\n", "3,Malá\n4,x\n".as_bytes()];
    for settings in ["", "encoding = \"utf-8\""] {
        let read = read_text(&delimited(settings, ID_NAME), lines.concat());
        assert_eq!(read.rows, ["1 | Dvořák", "3 | Malá", "4 | x"], "{settings}");
        assert_eq!(read.reasons(), reasons([(2, "bytes that are not UTF-8")]));
        assert_eq!(read.rejects[0].raw, b"2,Nov\xE1k");
    }
}

#[test]
fn gb18030_is_read_named_and_detected() {
    let names = ["招商银行", "客户经理", "北京市朝阳区", "交易流水", "信用卡还款", "𠮷野家"];
    let text: String = names.iter().enumerate().map(|(n, name)| format!("{n},{name}\n")).collect();
    let content = encoding_rs::GB18030.encode(&format!("id,name\n{text}")).0.into_owned();
    for (settings, guessed) in [("encoding = \"gb18030\"", false), ("encoding = \"gbk\"", false), ("", true)] {
        let read = read_text(&delimited(settings, ID_NAME), &content);
        assert_eq!(read.rows[0], "0 | 招商银行", "{settings}");
        assert_eq!(read.rows[5], "5 | 𠮷野家", "{settings}");
        let found = read.report.encoding.unwrap();
        assert_eq!((found.label, found.guessed), ("gb18030", guessed));
    }
}

#[test]
fn bytes_that_mean_nothing_in_the_named_encoding_reject_their_record() {
    let good = encoding_rs::GB18030.encode("1,银行\n").0.into_owned();
    let content = [b"id,name\n", good.as_slice(), b"2,\xFF\xFFx\n", b"3,\x81\n", b"4,y\n"].concat();
    let read = read_text(&delimited("encoding = \"gb18030\"", ID_NAME), content);
    assert_eq!(read.rows, ["1 | 银行", "4 | y"]);
    assert_eq!(read.reasons(), reasons([(2, "bytes that are not gb18030"), (3, "bytes that are not gb18030")]));
    assert!(read.rejects[0].raw.starts_with(b"2,") && read.rejects[0].raw.ends_with(b"x"));
}

#[test]
fn single_byte_encodings_are_read() {
    for (label, bytes) in
        [("iso-8859-1", &b"1,Andr\xE9"[..]), ("windows-1250", b"1,\xC8\xE1slav"), ("latin1", b"1,\x80")]
    {
        let expected = match label {
            "windows-1250" => "1 | Čáslav",
            "latin1" => "1 | €",
            _ => "1 | André",
        };
        let read = read_text(&delimited(&format!("encoding = \"{label}\""), ID_NAME), [b"id,name\n", bytes].concat());
        assert_eq!(read.rows, [expected]);
    }
    let czech = encoding_rs::WINDOWS_1250.encode("id,name\n1,Příliš žluťoučký kůň úpěl ďábelské ódy\n").0.into_owned();
    let read = read_text(&delimited("", ID_NAME), czech);
    assert_eq!(read.rows, ["1 | Příliš žluťoučký kůň úpěl ďábelské ódy"]);
    assert!(read.report.encoding.unwrap().guessed);
}

#[test]
fn byte_order_marks_say_the_encoding() {
    let text = "id,name\n1,银行\n";
    let utf8 = [b"\xEF\xBB\xBF", text.as_bytes()].concat();
    let little: Vec<u8> = [0xFEFF].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = [0xFEFF].into_iter().chain(text.encode_utf16()).flat_map(u16::to_be_bytes).collect();
    for (content, label) in [(utf8, "UTF-8"), (little, "UTF-16LE"), (big, "UTF-16BE")] {
        let read = read_text(&delimited("", ID_NAME), content);
        assert_eq!(read.rows, ["1 | 银行"]);
        let found = read.report.encoding.unwrap();
        assert_eq!((found.label, found.guessed), (label, false));
    }
}

#[test]
fn half_a_surrogate_rejects_its_record() {
    let mut units: Vec<u16> = "id,name\n1,a\n2,".encode_utf16().collect();
    units.push(0xD80A);
    units.extend("b\n3,c\n".encode_utf16());
    let content: Vec<u8> = units.into_iter().flat_map(u16::to_le_bytes).collect();
    let read = read_text(&delimited("encoding = \"utf-16le\"", ID_NAME), content);
    assert_eq!(read.rows, ["1 | a", "3 | c"]);
    assert_eq!(read.reasons(), reasons([(2, "bytes that are not UTF-16LE")]));
}

#[test]
fn an_unknown_encoding_lists_some_that_are_known() {
    let error = refusal(&delimited("encoding = \"utf-9\"", ID_NAME), &file("a.csv", "id,name\n").path).to_string();
    assert!(error.starts_with("no encoding `utf-9`; for example: utf-8, gb18030"), "{error}");
}

#[test]
fn a_decimal_comma_that_nobody_declared_is_rejected_and_never_a_thousandfold() {
    let input = delimited("delimiter = \";\"", "amount = \"decimal\"");
    let read = read_text(&input, "amount\n12,50\n0,125\n1,234\n1,234.50\n");
    assert_eq!(read.rows, ["1234.5000"]);
    let ambiguous = "column `amount`: one group separator and no decimals: thousands or decimals?";
    let not = "column `amount`: not a number";
    assert_eq!(read.reasons(), reasons([(1, not), (2, not), (3, ambiguous)]));
}

#[test]
fn days_and_months_that_look_swapped_are_said_to() {
    let columns = "a = { type = \"date\", format = \"%m/%d/%Y\" }\nb = \"date\"";
    let read =
        read_text(&delimited("", columns), "a,b\n12/31/2024,2024-12-31\n31/12/2024,\n,2024-31-12\n32/13/2024,\n");
    assert_eq!(read.rows.len(), 1);
    assert_eq!(
        read.reasons(),
        reasons([
            (2, "day and month look swapped in `a`"),
            (3, "day and month look swapped in `b`"),
            (4, "column `a`: not a date of the form `%m/%d/%Y`"),
        ])
    );
}

#[test]
fn compressed_files_read_as_plain_ones() {
    let text = many_lines();
    let (half, rest) = text.split_at(text.len() / 2);
    let members = [gzip(half.as_bytes()), gzip(rest.as_bytes())].concat();
    let frames = [half, rest].map(|part| zstd::encode_all(part.as_bytes(), 1).unwrap()).concat();
    let plain = read_text(&delimited("", ID_NAME), &text);
    for (name, content) in [("a.csv.gz", members), ("a.csv.zst", frames)] {
        let file = file(name, &content);
        let compressed = read(&delimited("", ID_NAME), &file.path);
        assert_eq!(compressed.rows, plain.rows);
        assert_eq!(compressed.report.bytes, content.len() as u64);
        assert_eq!(compressed.report.content, content_id(&file.path, &|_| ()).unwrap());
    }
}

#[test]
fn a_truncated_gzip_is_refused() {
    let whole = gzip(many_lines().as_bytes());
    for cut in [whole.len() - 1, whole.len() - 8, whole.len() / 2, 5, 0] {
        let file = file("a.csv.gz", &whole[..cut]);
        let error = refusal(&delimited("", ID_NAME), &file.path);
        assert!(matches!(error, SourceError::Truncated { .. }), "{cut}: {error}");
        assert!(error.to_string().ends_with("ends in the middle of its gzip stream; copy it again"), "{error}");
    }
}

#[test]
fn a_truncated_or_foreign_stream_is_refused() {
    let whole = zstd::encode_all(many_lines().as_bytes(), 1).unwrap();
    for cut in [whole.len() - 1, whole.len() / 2] {
        let error = refusal(&delimited("", ID_NAME), &file("a.csv.zst", &whole[..cut]).path);
        assert!(error.to_string().contains("in the middle of its zstd stream"), "{error}");
    }
    for name in ["a.csv.gz", "a.csv.zst"] {
        let error = refusal(&delimited("", ID_NAME), &file(name, many_lines()).path);
        assert!(matches!(error, SourceError::Damaged { .. }), "{error}");
    }
    let mut flipped = gzip(many_lines().as_bytes());
    let middle = flipped.len() / 2;
    flipped[middle] ^= 0x55;
    assert!(matches!(refusal(&delimited("", ID_NAME), &file("a.gz", flipped).path), SourceError::Damaged { .. }));
}

#[test]
fn an_empty_file_lacks_its_header_and_a_mere_header_has_no_records() {
    let with_header = delimited("", ID_NAME);
    for content in ["", "\n\n", "\u{feff}"] {
        let error = refusal(&with_header, &file("a.csv", content).path);
        assert!(error.to_string().ends_with("is empty: it has not even a header"), "{error}");
    }
    assert_eq!(read_text(&with_header, "id,name").report.records, 0);
    assert_eq!(read_text(&delimited("header = false", ID_NAME), "").report.records, 0);
    assert_eq!(read(&input("format = \"json_lines\"", ID_NAME), &file("a.jsonl", "").path).report.records, 0);
}

#[test]
fn a_file_that_changes_while_it_is_read_is_refused() {
    type Change = fn(&std::path::Path);
    let changes: [Change; 3] = [
        |path| {
            let mut file = std::fs::OpenOptions::new().append(true).open(path).unwrap();
            file.write_all(b"7,more\n").unwrap();
        },
        |path| std::fs::OpenOptions::new().write(true).open(path).unwrap().set_len(9).unwrap(),
        |path| std::fs::remove_file(path).unwrap(),
    ];
    for change in changes {
        let file = file("a.csv", many_lines());
        let once = std::sync::Once::new();
        let each = |_| {
            once.call_once(|| change(&file.path));
            Ok::<_, std::convert::Infallible>(())
        };
        let error = read_file(&delimited("", ID_NAME), &file.path, &options(), &each).unwrap_err();
        assert!(matches!(error, ReadError::Source(SourceError::Changed { .. })), "{error}");
    }
}

#[test]
fn a_vanished_column_names_its_likely_successor_and_all_there_is() {
    let input = delimited("", "id = \"int\"\namount = \"decimal\"");
    let error = refusal(&input, &file("a.csv", "id,amt,note\n1,2,x\n").path).to_string();
    assert!(error.starts_with("column `amount` is not in `"), "{error}");
    assert!(error.ends_with("; did it become `amt`?; the file has: `id`, `amt`, `note`"), "{error}");
    let error = refusal(&input, &file("a.csv", "id,x\n1,2\n").path).to_string();
    assert!(error.ends_with("a.csv`; the file has: `id`, `x`"), "{error}");
    let optional = delimited("", "id = \"int\"\namount = { type = \"decimal\", optional = true }");
    assert_eq!(read_text(&optional, "id\n1\n").rows, ["1 | "]);
}

#[test]
fn a_first_record_that_is_data_is_not_shown() {
    let error = refusal(&delimited("", ID_NAME), &file("a.csv", "17,Jana Nováková\n").path);
    assert!(error.to_string().ends_with("does its first record name the columns?"), "{error}");
    assert!(!error.to_string().contains("Jana") && never_shows(&error, "Jana"));
}

#[test]
fn a_header_with_a_name_twice_is_refused() {
    let error = refusal(&delimited("", ID_NAME), &file("a.csv", "id,name,id\n1,a,2\n").path).to_string();
    assert!(error.ends_with("has two columns named `id`"), "{error}");
    assert_eq!(
        read_text(&delimited("", ID_NAME), "id,name,,\n1,a,,\n").rows,
        ["1 | a"],
        "nameless columns may be many"
    );
}

#[test]
fn columns_that_are_not_declared_can_be_refused() {
    let strict = "extra_columns = \"refuse\"";
    let error = refusal(&delimited(strict, ID_NAME), &file("a.csv", "id,name,x\n1,a,b\n").path).to_string();
    assert!(error.contains("has columns that are not declared: `x`"), "{error}");
    let json = input(&format!("format = \"json_lines\"\n{strict}"), ID_NAME);
    let error = refusal(&json, &file("a.jsonl", "{\"id\":1,\"name\":\"a\",\"x\":2}\n").path).to_string();
    assert!(error.contains("has columns that are not declared: `x`"), "{error}");
}

#[test]
fn a_broken_header_is_said_to_be_one() {
    let error = refusal(&delimited("", ID_NAME), &file("a.csv", "id,\"name\n1,a\n").path).to_string();
    assert!(error.ends_with("cannot be read: a quote that is never closed"), "{error}");
}

#[test]
fn a_definition_that_cannot_work_is_refused_before_reading() {
    let path = &file("a.csv", "id\n").path;
    for (settings, columns, expected) in [
        ("delimiter = \"\\n\"", "id = \"int\"", "`delimiter` cannot be a line end"),
        ("delimiter = \"'\"\nquote = \"'\"", "id = \"int\"", "are the same character"),
        ("", "id = { type = \"date\", format = \"%H:%M\" }", "column `id`: `%H:%M` is not a pattern of times"),
        ("", "id = { type = \"timestamp\", time_zone = \"Europe/Praha\" }", "column `id`: no time zone `Europe/Praha`"),
        ("", "", "`columns` names no column"),
    ] {
        let error = refusal(&delimited(settings, columns), path).to_string();
        assert!(error.contains(expected), "{error}");
    }
}

#[test]
fn a_million_rows_with_one_bad_at_the_end() {
    let mut text: String = (1..1_000_000).map(|n| format!("{n},x\n")).collect();
    text.push_str("oops,x\n");
    let read = read_text(&delimited("header = false", ID_NAME), text);
    assert_eq!((read.report.records, read.rows.len()), (1_000_000, 999_999));
    assert_eq!(read.reasons(), reasons([(1_000_000, "column `id`: not an integer")]));
}

#[test]
fn whoever_takes_the_chunks_may_stop() {
    let file = file("a.csv", many_lines().repeat(30));
    let chunks = AtomicU64::new(0);
    let each = |_| {
        chunks.fetch_add(1, Ordering::Relaxed);
        Err("enough")
    };
    let result = read_file(&delimited("", ID_NAME), &file.path, &options(), &each);
    assert!(matches!(result, Err(ReadError::Each("enough"))));
    assert!(chunks.into_inner() <= 2, "one a worker");
}

#[test]
fn progress_adds_up_to_the_size_of_the_file() {
    let content = gzip(many_lines().as_bytes());
    let file = file("a.csv.gz", &content);
    let seen = AtomicU64::new(0);
    let on_bytes = |bytes| {
        seen.fetch_add(bytes, Ordering::Relaxed);
    };
    let options = ReadOptions { on_bytes: &on_bytes, ..options() };
    read_file(&delimited("", ID_NAME), &file.path, &options, &|_| Ok::<_, std::convert::Infallible>(())).unwrap();
    assert_eq!(seen.into_inner(), content.len() as u64);
    assert_eq!(header(&delimited("", ID_NAME), &file.path).unwrap(), ["id", "name"]);
}
