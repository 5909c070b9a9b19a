//! The root holds what a visitor looks for there, and nothing else.

use std::collections::BTreeSet;

use super::Finding;

/// Files and folders that may be at the root.
const ALLOWED: [&str; 18] = [
    ".cargo",
    ".ci",
    ".gitignore",
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE",
    "README.md",
    "benches",
    "clippy.toml",
    "console",
    "crates",
    "docs",
    "examples",
    "rustfmt.toml",
    "xtask",
];

/// Everything at the root is expected there.
pub(super) fn check(paths: &[String]) -> Vec<Finding> {
    let at_root: BTreeSet<&str> = paths.iter().filter_map(|path| path.split('/').next()).collect();
    let strangers = at_root.into_iter().filter(|name| !ALLOWED.contains(name));
    let mend = "move it into docs/, examples/ or its crate; what was done belongs in the commit message. \
                If visitors look for it at the root, add it to xtask/src/tidy/root.rs";
    strangers.map(|name| Finding::new(name, "is not expected at the root", mend)).collect()
}

#[cfg(test)]
mod tests {
    use super::{super::places, *};

    #[test]
    fn a_status_report_at_the_root_is_found_once() {
        let paths = ["README.md", "FIX_COMPLETE.md", "notes/a.md", "notes/b.md", "crates/FIX.md"].map(str::to_owned);
        assert_eq!(places(&check(&paths)), ["FIX_COMPLETE.md", "notes"]);
    }
}
