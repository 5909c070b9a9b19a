//! What a crash leaves behind: whatever the end of the open segment looks like, whole records stay and nothing is taken for one
//! that is none.

use std::{fs, path::Path};

use florin_collector::{LocalDisk, Log, Recovered, settings::LogSettings};
use jiff::Timestamp;
use proptest::prelude::*;

use crate::support::{Fixture, TestClock, open, records, scratch};

/// The text of a segment with so many events, as the collector writes it.
fn segment(events: usize) -> Vec<u8> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let fixture = Fixture::new();
        let item = |n| format!(r#"{{"type":"track","userId":"用户{n}","event":"A","messageId":"m{n}"}}"#);
        let items: Vec<String> = (0..events).map(item).collect();
        assert_eq!(fixture.post("/v1/batch", &format!(r#"{{"batch":[{}]}}"#, items.join(","))).await.status, 200);
        fixture.collector.close();
        fs::read(&fixture.collector.log().closed().expect("the folder")[0].path).expect("a segment")
    })
}

/// Opens a folder in which a crash left this text, and says what was found.
fn recover(text: &[u8]) -> (tempfile::TempDir, Recovered) {
    let folder = scratch();
    fs::write(folder.path().join("0000000001-00000000.open"), text).expect("a file");
    fs::write(folder.path().join("generation"), "1\n").expect("a file");
    let log =
        Log::open(folder.path(), LogSettings::default(), Box::new(LocalDisk), Timestamp::UNIX_EPOCH).expect("mended");
    assert_eq!(log.generation(), 2);
    let recovered = log.recovered();
    drop(log);
    (folder, recovered)
}

fn ids(folder: &Path) -> Vec<String> {
    records(folder).iter().map(|record| record["message_id"].as_str().unwrap_or_default().to_owned()).collect()
}

fn whole_lines(text: &[u8]) -> usize {
    text.iter().filter(|byte| **byte == b'\n').count()
}

#[test]
fn a_segment_cut_anywhere_keeps_its_whole_records() {
    let text = segment(4);
    for end in 0..=text.len() {
        let (folder, recovered) = recover(&text[..end]);
        let whole = whole_lines(&text[..end]);
        assert_eq!(ids(folder.path()), (0..whole).map(|n| format!("m{n}")).collect::<Vec<_>>(), "cut at {end}");
        assert_eq!((recovered.records, recovered.damaged), (whole as u64, 0), "cut at {end}");
        let left = fs::read_dir(folder.path()).expect("the folder").flatten();
        assert!(left.into_iter().all(|entry| entry.path().extension().is_none_or(|e| e == "jsonl")), "cut at {end}");
    }
}

#[test]
fn recovery_that_is_itself_interrupted_begins_again() {
    let text = segment(3);
    let (folder, _) = recover(&text[..text.len() - 1]);
    let once = ids(folder.path());
    for generation in 3..6 {
        let log =
            Log::open(folder.path(), LogSettings::default(), Box::new(LocalDisk), Timestamp::UNIX_EPOCH).expect("open");
        assert_eq!((log.generation(), log.recovered()), (generation, Recovered::default()));
    }
    assert_eq!(ids(folder.path()), once);
}

#[test]
fn a_lost_generation_is_found_in_the_names_of_segments() {
    let (folder, _) = recover(&segment(1));
    fs::remove_file(folder.path().join("generation")).expect("a file");
    let collector =
        open(folder.path(), &TestClock::default(), florin_collector::Settings::default(), Box::new(LocalDisk));
    assert_eq!(collector.log().generation(), 2, "one more than the segment there is");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn damage_costs_the_records_it_hits_and_no_other(seed in any::<u64>(), flips in 1usize..4, cut in 0usize..200) {
        let text = segment(6);
        let mut spoilt = text[..text.len() - cut.min(text.len())].to_vec();
        let mut hit = Vec::new();
        let mut state = seed;
        for _ in 0..flips.min(spoilt.len()) {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let at = (state >> 33) as usize % spoilt.len();
            hit.push(whole_lines(&text[..at]));
            spoilt[at] ^= 1 << (state % 8);
        }
        let (folder, recovered) = recover(&spoilt);
        let kept = ids(folder.path());
        let whole = whole_lines(&text[..text.len() - cut.min(text.len())]);
        // A newline that is hit costs two records; digits of a checksum mean the same in capitals.
        for n in 0..whole {
            let near = hit.iter().any(|line| *line == n || *line + 1 == n);
            prop_assert!(near || kept.contains(&format!("m{n}")), "m{n} was not hit: {kept:?} {hit:?}");
        }
        prop_assert_eq!(recovered.records as usize, kept.len());
        prop_assert!(kept.iter().all(|id| id.starts_with('m')));
        let aside = fs::read_dir(folder.path()).expect("the folder").flatten();
        let damaged = aside.into_iter().filter(|e| e.path().extension().is_some_and(|e| e == "damaged")).count();
        prop_assert_eq!(damaged as u64, recovered.damaged);
    }

    #[test]
    fn anything_at_all_can_be_opened(text in proptest::collection::vec(any::<u8>(), 0..400)) {
        let (folder, recovered) = recover(&text);
        prop_assert_eq!(recovered.records, 0);
        prop_assert!(records(folder.path()).is_empty());
    }
}

#[test]
fn a_loader_can_tell_whether_a_segment_is_as_it_was_written() {
    let (folder, _) = recover(&segment(3));
    let closed = || {
        let collector =
            open(folder.path(), &TestClock::default(), florin_collector::Settings::default(), Box::new(LocalDisk));
        collector.log().closed().expect("the folder").remove(0)
    };
    assert_eq!(closed().spoilt_records().expect("readable"), 0);
    let mut text = fs::read(&closed().path).expect("a file");
    text[20] ^= 1;
    fs::write(closed().path, text).expect("a file");
    assert_eq!(closed().spoilt_records().expect("readable"), 1);
}
