//! Records come back whole wherever blocks happen to end: properties over random files, block sizes and workers.

use std::{io::Write, sync::Mutex};

use arrow::{array::AsArray, datatypes::DataType};
use proptest::prelude::*;

use super::{delimited::records::Sizes, *};
use crate::definition::SourceDef;

/// One record as it came out.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Seen {
    number: u64,
    outcome: Result<Vec<String>, RejectReason>,
    raw: Vec<u8>,
}

fn texts_input(columns: usize, settings: &str) -> InputDef {
    let columns: String = (0..columns).map(|c| format!("c{c} = \"text\"\n")).collect();
    let text = format!(
        "[input]\nfiles = []\nformat = \"delimited\"\nmissing = []\nheader = false\n{settings}\n[input.columns]\n{columns}"
    );
    toml::from_str::<SourceDef>(&text).unwrap().input
}

fn seen_in(chunk: &Chunk) -> Vec<Seen> {
    let mut seen = Vec::new();
    for (row, number) in chunk.row_numbers.iter().enumerate() {
        let values = chunk.rows.columns().iter().map(|column| {
            assert_eq!(column.data_type(), &DataType::Utf8);
            column.as_string::<i32>().value(row).to_owned()
        });
        seen.push(Seen { number: *number, outcome: Ok(values.collect()), raw: chunk.raw(row) });
    }
    for reject in &chunk.rejects {
        let Reject { row_number, reason, raw } = reject.clone();
        seen.push(Seen { number: row_number, outcome: Err(reason), raw });
    }
    seen
}

fn read_all(sizes: Sizes, input: &InputDef, content: &[u8], workers: usize) -> (Vec<Seen>, FileReport) {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(content).unwrap();
    let options = ReadOptions { workers, time_zone: TimeZone::UTC, on_bytes: &|_| () };
    let seen = Mutex::new(Vec::new());
    let each = |chunk: Chunk| {
        assert!(chunk.records() <= sizes.chunk_records, "a chunk is bounded");
        seen.lock().unwrap().extend(seen_in(&chunk));
        Ok::<_, std::fmt::Error>(())
    };
    let report = read_in(sizes, input, file.path(), &options, &each).unwrap();
    let mut seen = seen.into_inner().unwrap();
    seen.sort_by_key(|record| record.number);
    (seen, report)
}

fn written(record: &[String], always: bool) -> String {
    let needs = |field: &String| always || field.contains(['"', ',', '\n', '\r']) || record.len() == 1;
    let quoted = |field: &String| format!("\"{}\"", field.replace('"', "\"\""));
    let fields: Vec<String> = record.iter().map(|f| if needs(f) { quoted(f) } else { f.clone() }).collect();
    fields.join(",")
}

fn a_field() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec!["a", "bc", "é", "招商", "，", ",", "\"", "\n", "\r\n", " ", "0123456789"]);
    prop::collection::vec(piece, 0..5).prop_map(|pieces| pieces.concat())
}

fn a_file() -> impl Strategy<Value = (usize, Vec<(Vec<String>, bool, bool)>)> {
    (1_usize..5).prop_flat_map(|width| {
        let record = (prop::collection::vec(a_field(), width), any::<bool>(), any::<bool>());
        (Just(width), prop::collection::vec(record, 0..20))
    })
}

fn some_sizes() -> impl Strategy<Value = Sizes> {
    (1_usize..80, 1_usize..6).prop_map(|(block_bytes, chunk_records)| Sizes { block_bytes, chunk_records })
}

proptest! {
    #[test]
    fn what_was_written_is_read(
        (width, records) in a_file(),
        sizes in some_sizes(),
        workers in 1_usize..4,
        last_line_ends: bool,
        encoding in prop::sample::select(vec!["utf-8", "gb18030", "utf-16le"]),
    ) {
        let mut text = String::new();
        let mut expected = Vec::new();
        for (at, (record, always, returns)) in records.iter().enumerate() {
            let raw = written(record, *always);
            text.push_str(&raw);
            if at + 1 < records.len() || last_line_ends {
                text.push_str(if *returns { "\r\n" } else { "\n" });
            }
            expected.push(Seen { number: at as u64 + 1, outcome: Ok(record.clone()), raw: raw.into_bytes() });
        }
        let content = match encoding {
            "utf-16le" => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            label => encoding_rs::Encoding::for_label(label.as_bytes()).unwrap().encode(&text).0.into_owned(),
        };
        let input = texts_input(width, &format!("encoding = \"{encoding}\""));
        let (seen, report) = read_all(sizes, &input, &content, workers);
        prop_assert_eq!(seen, expected);
        prop_assert_eq!(report.records, records.len() as u64);
        prop_assert_eq!(report.bytes, content.len() as u64);
        prop_assert_eq!(report.content, *blake3::hash(&content).as_bytes());
    }

    #[test]
    fn whatever_a_file_holds_blocks_do_not_show_and_every_record_is_accounted_for(
        soup in prop::collection::vec(
            prop::sample::select(vec![&b"a"[..], b",", b"\"", b"\"", b"\n", b"\n", b"\r", b"\r\n", b"\0", b"\xC3\xA9", b"\xFF", b"xyz"]),
            0..60,
        ),
        sizes in some_sizes(),
        record_bytes_max in 1_usize..30,
        quoted: bool,
    ) {
        let content = soup.concat();
        let quote = if quoted { "\\\"" } else { "" };
        let input = texts_input(2, &format!("encoding = \"utf-8\"\nquote = \"{quote}\"\nrecord_bytes_max = {record_bytes_max}"));
        let (seen, report) = read_all(sizes, &input, &content, 2);
        let (in_one, _) = read_all(Sizes { chunk_records: 100, ..Sizes::DEFAULT }, &input, &content, 1);
        prop_assert_eq!(&seen, &in_one);
        let numbers: Vec<u64> = seen.iter().map(|record| record.number).collect();
        prop_assert_eq!(numbers, (1..=report.records).collect::<Vec<_>>());
        prop_assert_eq!(report.rejected, seen.iter().filter(|record| record.outcome.is_err()).count() as u64);
        prop_assert!(seen.iter().all(|record| record.raw.len() <= record_bytes_max));
        // Nothing but line ends (and what is cut off records that are too long) is missing.
        let cut = seen.iter().any(|record| matches!(record.outcome, Err(RejectReason::TooLong { .. })));
        let kept: usize = seen.iter().map(|record| record.raw.len()).sum();
        let returns = content.iter().filter(|byte| matches!(byte, b'\r' | b'\n')).count();
        prop_assert!(cut || kept + returns >= content.len());
    }

    #[test]
    fn raw_text_reads_again_as_the_same_row((width, records) in a_file()) {
        let text: String = records.iter().map(|(record, always, _)| written(record, *always) + "\n").collect();
        let input = texts_input(width, "");
        let (seen, report) = read_all(Sizes::DEFAULT, &input, text.as_bytes(), 1);
        let kept: Vec<(u64, Vec<u8>)> = seen.iter().map(|record| (record.number, record.raw.clone())).collect();
        let options = ReadOptions { workers: 1, time_zone: TimeZone::UTC, on_bytes: &|_| () };
        let again = reread(&input, &report.header, &kept, &options).unwrap();
        prop_assert_eq!(seen_in(&again), seen);
    }
}

#[test]
fn chunks_of_one_block_go_on_counting() {
    let content: String = (1..=10).map(|n| format!("{n}\n\n")).collect();
    let sizes = Sizes { block_bytes: 12, chunk_records: 2 };
    let (seen, _) = read_all(sizes, &texts_input(1, ""), content.as_bytes(), 3);
    let numbered: Vec<(u64, String)> = seen.into_iter().map(|s| (s.number, s.outcome.unwrap().concat())).collect();
    assert_eq!(numbered, (1..=10).map(|n| (n, n.to_string())).collect::<Vec<_>>());
}
