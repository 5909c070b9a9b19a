//! Duplicates against a model that keeps everything in one map.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    io,
    path::Path,
    sync::atomic::{AtomicUsize, Ordering},
};

use florin_ingest::deduplicate::{Duplicates, KeyIndex, KeySpill, partitions_for};
use proptest::prelude::*;
use roaring::RoaringTreemap;
use tempfile::tempdir;

/// A file's number and a row's, as a load numbers them.
fn ordinal(file: u64, row: u64) -> u64 {
    file << 40 | row
}

fn model(pairs: &[(u64, u64)], known: &[u64]) -> (RoaringTreemap, u64) {
    let mut lowest: HashMap<u64, u64> = HashMap::new();
    for &(key, ordinal) in pairs {
        let first = lowest.entry(key).or_insert(ordinal);
        *first = ordinal.min(*first);
    }
    let stays = |key: &u64, ordinal: &u64| lowest[key] == *ordinal && !known.contains(key);
    let losing: RoaringTreemap = pairs.iter().filter(|(k, o)| !stays(k, o)).map(|&(_, o)| o).collect();
    let firsts_known = lowest.keys().filter(|key| known.contains(key)).count() as u64;
    (losing, firsts_known)
}

/// Adds the pairs from two threads, some at a time, and resolves them with two workers.
fn resolve(dir: &Path, pairs: &[(u64, u64)], known: &[u64], partitions: usize, batch: usize) -> Duplicates {
    let spill = KeySpill::create(dir, partitions).unwrap();
    let (left, right) = pairs.split_at(pairs.len() / 2);
    let add = |half: &[(u64, u64)]| {
        for rows in half.chunks(batch) {
            let (keys, ordinals): (Vec<u64>, Vec<u64>) = rows.iter().copied().unzip();
            spill.add(&keys, &ordinals).unwrap();
        }
    };
    std::thread::scope(|scope| {
        scope.spawn(|| add(left));
        add(right);
    });
    let known = |keys: &[u64]| Ok(keys.iter().filter(|key| known.contains(key)).copied().collect());
    spill.resolve(&known, 2).unwrap()
}

/// Few distinct keys, so that they repeat, spread over the whole range or crowded at its start.
fn keys() -> impl Strategy<Value = Vec<u64>> {
    let crowded = prop::collection::vec(0u64..200, 0..600);
    let spread = prop::collection::vec((0u64..200).prop_map(|k| k.wrapping_mul(0x9e37_79b9_7f4a_7c15)), 0..600);
    prop_oneof![crowded, spread]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(128) })]

    #[test]
    fn the_lowest_ordinal_of_an_unknown_key_stays_and_all_others_lose(
        keys in keys(),
        known_every in 2usize..9,
        partitions in 1usize..40,
        batch in 1usize..300,
        files in 1u64..4,
    ) {
        let mut pairs: Vec<(u64, u64)> =
            keys.iter().enumerate().map(|(i, &key)| (key, ordinal(i as u64 % files, i as u64))).collect();
        pairs.reverse();
        let known: Vec<u64> = keys.iter().copied().step_by(known_every).chain([u64::MAX]).collect();
        let dir = tempdir().unwrap();
        let found = resolve(dir.path(), &pairs, &known, partitions, batch);
        let (losing, firsts_known) = model(&pairs, &known);
        prop_assert_eq!(found.losing(), &losing);
        prop_assert_eq!(found.known(), firsts_known);
    }

    #[test]
    fn kept_rows_are_those_that_do_not_lose(ordinals in prop::collection::vec(0u64..400, 1..200), sorted: bool) {
        let pairs: Vec<(u64, u64)> = (0..400).map(|i| (i % 350, i)).collect();
        let dir = tempdir().unwrap();
        let found = resolve(dir.path(), &pairs, &[], 3, 100);
        let mut ordinals = ordinals;
        if sorted {
            ordinals.sort_unstable();
        }
        let expected: Vec<bool> = ordinals.iter().map(|&o| o < 350).collect();
        match found.kept(&ordinals) {
            Some(kept) => prop_assert_eq!(kept.iter().collect::<Vec<_>>(), expected),
            None => prop_assert!(expected.iter().all(|&stays| stays)),
        }
    }
}

/// More pairs than a pass holds, all in one partition: several passes, with blocks on disk.
#[test]
fn a_partition_far_larger_than_expected_is_resolved_in_passes() {
    const ROWS: u64 = 1_400_000;
    let pairs: Vec<(u64, u64)> = (0..ROWS).map(|i| (i % 1_300_000, i)).collect();
    let dir = tempdir().unwrap();
    let found = resolve(dir.path(), &pairs, &[5, 1_299_999], 1, 8192);
    let mut expected: RoaringTreemap = (1_300_000..ROWS).collect();
    expected.extend([5, 1_299_999]);
    assert_eq!(found.losing(), &expected);
    assert_eq!(found.known(), 2);
}

#[test]
fn one_key_in_every_row_leaves_one_row() {
    const ROWS: u64 = 700_000;
    let pairs: Vec<(u64, u64)> = (0..ROWS).map(|i| (7, i)).collect();
    let dir = tempdir().unwrap();
    let found = resolve(dir.path(), &pairs, &[], partitions_for(ROWS), 8192);
    assert_eq!(found.losing(), &(1..ROWS).collect::<RoaringTreemap>());
}

#[test]
fn nothing_added_is_nothing_lost_and_known_keys_are_not_asked_for() {
    let dir = tempdir().unwrap();
    let spill = KeySpill::create(dir.path(), 8).unwrap();
    let found = spill.resolve(&|_| Err(io::Error::other("asked")), 2).unwrap();
    assert!(found.is_empty());
    assert_eq!(found.kept(&[1, 2, 3]), None);
}

#[test]
fn the_scratch_file_goes_away_and_a_crashed_loads_file_is_overwritten() {
    let dir = tempdir().unwrap();
    let file = dir.path().join("keys.spill");
    std::fs::write(&file, vec![0xff; 100_000]).unwrap();
    let spill = KeySpill::create(dir.path(), 1).unwrap();
    assert_eq!(std::fs::metadata(&file).unwrap().len(), 0);
    let keys: Vec<u64> = (0..10_000).collect();
    spill.add(&keys, &keys).unwrap();
    assert_eq!(std::fs::metadata(&file).unwrap().len(), 160_000);
    assert!(spill.resolve(&|_| Ok(Vec::new()), 1).unwrap().is_empty());
    assert!(!file.exists());
}

/// The error and what caused it, as a person reads them.
fn chain(error: &io::Error) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}

#[test]
fn a_directory_that_cannot_be_written_is_named() {
    let dir = tempdir().unwrap();
    let occupied = dir.path().join("occupied");
    std::fs::write(&occupied, "a file").unwrap();
    let error = KeySpill::create(&occupied, 4).unwrap_err();
    assert!(chain(&error).starts_with(&format!("cannot make the scratch directory `{}`: ", occupied.display())));

    let taken = dir.path().join("taken");
    std::fs::create_dir_all(taken.join("keys.spill")).unwrap();
    let error = KeySpill::create(&taken, 4).unwrap_err();
    assert!(chain(&error).contains(&format!("cannot write the scratch file `{}", taken.display())), "{error}");
}

#[test]
fn two_spills_in_one_directory_are_refused() {
    let dir = tempdir().unwrap();
    let first = KeySpill::create(dir.path(), 4).unwrap();
    let error = KeySpill::create(dir.path(), 4).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::ResourceBusy);
    assert!(chain(&error).ends_with("another load uses it"), "{}", chain(&error));
    first.add(&[1, 1], &[1, 2]).unwrap();
    assert_eq!(first.resolve(&|_| Ok(Vec::new()), 1).unwrap().len(), 1);
}

#[test]
fn a_spill_with_missing_rows_is_not_resolved() {
    let dir = tempdir().unwrap();
    let spill = KeySpill::create(dir.path(), 4).unwrap();
    assert_eq!(spill.add(&[1, 2], &[1]).unwrap_err().to_string(), "2 keys for 1 ordinals");
    let error = spill.resolve(&|_| Ok(Vec::new()), 1).unwrap_err();
    assert!(chain(&error).contains("an earlier write failed"), "{}", chain(&error));
}

#[test]
fn a_scratch_file_that_was_cut_short_is_an_error_and_not_an_answer() {
    let dir = tempdir().unwrap();
    let spill = KeySpill::create(dir.path(), 1).unwrap();
    let keys: Vec<u64> = (0..10_000).collect();
    spill.add(&keys, &keys).unwrap();
    let file = std::fs::File::options().write(true).open(dir.path().join("keys.spill")).unwrap();
    file.set_len(1000).unwrap();
    let error = spill.resolve(&|_| Ok(Vec::new()), 2).unwrap_err();
    assert!(chain(&error).starts_with("cannot read the scratch file `"), "{}", chain(&error));
}

#[test]
fn an_error_about_known_keys_reaches_the_caller_and_stops_the_others() {
    let dir = tempdir().unwrap();
    let spill = KeySpill::create(dir.path(), 64).unwrap();
    let keys: Vec<u64> = (0..64).map(|i| i << 57).collect();
    spill.add(&keys, &keys).unwrap();
    let asked = AtomicUsize::new(0);
    let known = |_: &[u64]| {
        asked.fetch_add(1, Ordering::Relaxed);
        Err(io::Error::other("the lake is away"))
    };
    assert_eq!(spill.resolve(&known, 2).unwrap_err().to_string(), "the lake is away");
    assert!(asked.load(Ordering::Relaxed) <= 2);
}

#[test]
fn two_rows_with_the_same_ordinal_are_an_error_and_not_lost() {
    let dir = tempdir().unwrap();
    let spill = KeySpill::create(dir.path(), 4).unwrap();
    spill.add(&[1, 1, 1], &[7, 7, 7]).unwrap();
    let error = spill.resolve(&|_| Ok(Vec::new()), 1).unwrap_err();
    assert_eq!(error.to_string(), "two rows were added with the same ordinal");
}

/// Keys that are spread, and some that are crowded where a customer's number would be.
fn many_keys(seed: u64, many: u64) -> Vec<u64> {
    let spread = (seed..seed + many).map(|i| i.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    spread.chain(seed..seed + many / 10).collect()
}

#[test]
fn an_index_knows_what_was_added_and_nothing_else() {
    let dir = tempdir().unwrap();
    let place = dir.path().join("known");
    let mut index = KeyIndex::begin(&place, "a table").unwrap();
    let mut all: HashSet<u64> = HashSet::new();
    // A large part, then many small ones, one of them twice.
    for (part, many) in [60_000, 10, 10, 700, 700, 1, 1, 1, 1, 30_000, 5, 5].into_iter().enumerate() {
        let keys = many_keys(part as u64 * 1_000_003, many);
        index.add(&keys).unwrap();
        if part == 3 {
            index.add(&keys).unwrap();
        }
        all.extend(&keys);
        index.save(part as u64).unwrap();
        // Few questions, and so many that a run is read through.
        for asked in [many_keys(0, 40), many_keys(3_000_009, 9_000), vec![0, 1, u64::MAX, u64::MAX >> 1], Vec::new()] {
            let mut known = index.known(&asked).unwrap();
            known.sort_unstable();
            known.dedup();
            let expected: BTreeSet<u64> = asked.iter().copied().filter(|key| all.contains(key)).collect();
            assert_eq!(known, expected.into_iter().collect::<Vec<_>>(), "after part {part}");
        }
    }
    let runs = std::fs::read_dir(&place).unwrap().count() - 1;
    assert!(runs <= 6, "{runs} runs");
    assert!(index.len() >= all.len() as u64);

    // Opened again it is the same; for another table it is none.
    let again = KeyIndex::open(&place, "a table").unwrap().unwrap();
    assert_eq!((again.upto(), again.len()), (11, index.len()));
    assert_eq!(again.known(&many_keys(0, 40)).unwrap().len(), index.known(&many_keys(0, 40)).unwrap().len());
    assert!(KeyIndex::open(&place, "another table").unwrap().is_none());
    assert!(KeyIndex::open(&dir.path().join("nowhere"), "a table").unwrap().is_none());
}

#[test]
fn an_index_that_was_interrupted_is_what_it_was_and_a_damaged_one_is_none() {
    let dir = tempdir().unwrap();
    let mut index = KeyIndex::begin(dir.path(), "a table").unwrap();
    index.add(&[1, 2, 3]).unwrap();
    assert!(KeyIndex::open(dir.path(), "a table").unwrap().is_none(), "never saved");
    index.save(7).unwrap();
    index.add(&[4]).unwrap();
    drop(index);
    // What a process left that was killed while it wrote.
    std::fs::write(dir.path().join("1.run"), [0; 3]).unwrap();
    let mut index = KeyIndex::open(dir.path(), "a table").unwrap().unwrap();
    assert_eq!((index.upto(), index.known(&[1, 4]).unwrap()), (7, vec![1]));
    index.add(&[4]).unwrap();
    index.save(8).unwrap();
    assert_eq!(index.known(&[4]).unwrap(), [4]);
    let run = std::fs::read_dir(dir.path()).unwrap().map(|e| e.unwrap().path());
    let run = run.into_iter().find(|path| path.extension().is_some_and(|e| e == "run")).unwrap();
    std::fs::File::options().write(true).open(run).unwrap().set_len(9).unwrap();
    assert!(KeyIndex::open(dir.path(), "a table").unwrap().is_none());
    std::fs::write(dir.path().join("runs.json"), "{").unwrap();
    assert!(KeyIndex::open(dir.path(), "a table").unwrap().is_none());
}
