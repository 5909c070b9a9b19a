//! ARCHITECTURE.md is the map: every crate is on it.

use std::collections::BTreeSet;

use super::{File, Finding};

const MAP: &str = "ARCHITECTURE.md";

/// Each crate has a row in a table of ARCHITECTURE.md that starts with its folder's name in backticks.
pub(super) fn check(files: &[File]) -> Vec<Finding> {
    let map = files.iter().find(|file| file.path == MAP).map_or("", |file| file.text.as_str());
    let missing = crates(files).into_iter().filter(|name| !has_row(map, name));
    let mend = "add a row to its table of crates: | `name` | what it is for |";
    missing.map(|name| Finding::new(MAP, format!("does not say what the crate `{name}` is for"), mend)).collect()
}

fn crates(files: &[File]) -> BTreeSet<&str> {
    files.iter().filter_map(|file| file.path.strip_prefix("crates/")?.strip_suffix("/Cargo.toml")).collect()
}

fn has_row(map: &str, name: &str) -> bool {
    let start = format!("| `{name}` |");
    map.lines().any(|line| line.strip_prefix(&start).is_some_and(|rest| !rest.trim_matches([' ', '|']).is_empty()))
}

#[cfg(test)]
mod tests {
    use super::{super::fixture, *};

    #[test]
    fn a_crate_without_a_row_on_the_map_is_found() {
        let map = "| `domain` | the nouns |\n| `lake` | |\nthe `store` is a crate\n";
        let crates = ["domain", "lake", "store"].map(|name| fixture(&format!("crates/{name}/Cargo.toml"), ""));
        let files: Vec<File> = crates.into_iter().chain([fixture(MAP, map)]).collect();
        let problems: Vec<String> = check(&files).into_iter().map(|finding| finding.problem).collect();
        assert_eq!(problems.len(), 2, "{problems:?}");
        assert!(problems[0].contains("`lake`") && problems[1].contains("`store`"), "{problems:?}");
    }
}
