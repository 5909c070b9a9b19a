//! The same seed gives the same bytes.

use florin_simulation::{Settings, SimulationError, simulate};

use crate::bank::{contents, make, small};

#[test]
fn same_seed_same_bytes_on_any_number_of_threads() {
    let one = make(&Settings { workers: 1, ..small() }).0;
    let three = make(&Settings { workers: 3, ..small() }).0;
    assert_eq!(contents(one.path()), contents(three.path()));
}

#[test]
fn same_bytes_whether_a_month_waits_in_memory_or_in_a_file() {
    let memory = make(&small()).0;
    let file = make(&Settings { records_in_memory: 0, ..small() }).0;
    let some = make(&Settings { records_in_memory: 5000, customers: 2500, months: 1, activity: 0.1, ..small() }).0;
    let all = make(&Settings { customers: 2500, months: 1, activity: 0.1, ..small() }).0;
    assert_eq!(contents(memory.path()), contents(file.path()));
    assert_eq!(contents(some.path()), contents(all.path()));
}

#[test]
fn another_seed_gives_another_bank() {
    let one = make(&small()).0;
    let two = make(&Settings { seed: 2, ..small() }).0;
    let (one, two) = (contents(one.path()), contents(two.path()));
    let empty = blake3::hash(b"");
    let same = one
        .iter()
        .filter(|file| two.contains(file) && file.0.starts_with("exports") && file.1 != empty)
        .map(|file| file.0.as_str());
    let allowed = ["exports/core/products.csv", "exports/marketing/campaigns.csv"];
    assert_eq!(same.collect::<Vec<_>>(), allowed);
}

#[test]
fn a_folder_that_is_not_empty_is_left_alone() {
    let folder = tempfile::TempDir::new().unwrap();
    std::fs::write(folder.path().join("mine.txt"), "mine").unwrap();
    let refused = simulate(&small(), folder.path(), &|_| ());
    assert!(matches!(refused, Err(SimulationError::NotEmpty { .. })));
    assert_eq!(contents(folder.path()).len(), 1);
}

#[test]
fn impossible_settings_are_refused_by_name() {
    let folder = tempfile::TempDir::new().unwrap();
    for (settings, name) in [
        (Settings { customers: 0, ..small() }, "customers"),
        (Settings { months: 49, ..small() }, "months"),
        (Settings { activity: 0.0, ..small() }, "activity"),
        (Settings { frauds: 0.0, ..small() }, "frauds"),
        (Settings { workers: 0, ..small() }, "workers"),
    ] {
        let message = simulate(&settings, folder.path(), &|_| ()).unwrap_err().to_string();
        assert!(message.starts_with(&format!("`{name}`")), "{message}");
    }
}
