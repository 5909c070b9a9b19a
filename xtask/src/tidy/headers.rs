//! Every source file says what it is for.

use super::{File, Finding, is_source};

/// A source file starts with `//!`; a `lib.rs` also says where to start.
pub(super) fn check(file: &File) -> Vec<Finding> {
    let mut findings = Vec::new();
    if !is_source(&file.path) {
        return findings;
    }
    if !file.text.starts_with("//!") {
        let mend = "open the file with `//! What this is for.`";
        findings.push(Finding::new(&file.path, "no header", mend));
    }
    let header = file.text.lines().take_while(|line| line.starts_with("//!"));
    if file.path.ends_with("/src/lib.rs") && !header.into_iter().any(|line| line.contains("Start here")) {
        let mend = "let the header say *what*, *start here*, *how to read* and *how to write*";
        findings.push(Finding::new(&file.path, "the header does not say where to start", mend));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::{
        super::{fixture, places},
        *,
    };

    #[test]
    fn a_source_file_without_a_header_is_found() {
        assert_eq!(
            places(&check(&fixture("crates/store/src/vault.rs", "use std::fs;\n"))),
            ["crates/store/src/vault.rs"]
        );
        assert!(check(&fixture("crates/store/src/vault.rs", "//! Secrets.\nuse std::fs;\n")).is_empty());
        assert!(check(&fixture("crates/store/tests/it/main.rs", "mod vault;\n")).is_empty());
    }

    #[test]
    fn a_lib_says_where_to_start_in_its_header() {
        let late = "//! The store.\n\n/// Start here.\npub mod vault;\n";
        assert_eq!(check(&fixture("crates/store/src/lib.rs", late)).len(), 1);
        assert!(check(&fixture("crates/store/src/lib.rs", "//! The store.\n//! *Start here*: vault.\n")).is_empty());
    }
}
