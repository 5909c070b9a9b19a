//! The checkout works on any machine, so nothing in it names a folder of one.

use super::{File, Finding};

// In two halves, so that this file passes its own rule.
const FOLDERS: [&str; 3] = [concat!("/ro", "ot/"), concat!("/wo", "rk/"), concat!("/Us", "ers/")];

/// No line names a folder that only one machine has.
pub(super) fn check(file: &File) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (n, line) in file.text.lines().enumerate() {
        if let Some(folder) = FOLDERS.into_iter().find(|folder| names(line, folder)) {
            let mend = "write it from the root of the checkout, or take it from a variable such as `$HOME`";
            findings.push(Finding::at(file, n, format!("names `{folder}`, a folder of one machine"), mend));
        }
    }
    findings
}

/// Whether the folder stands at the start of a path (`frame/work/` does not count).
fn names(line: &str, folder: &str) -> bool {
    let inside = |c: char| c.is_ascii_alphanumeric() || "._-}".contains(c);
    line.match_indices(folder).any(|(at, _)| !line[..at].ends_with(inside))
}

#[cfg(test)]
mod tests {
    use super::{
        super::{fixture, places},
        *,
    };

    #[test]
    fn folders_of_one_machine_are_found_and_parts_of_other_paths_are_not() {
        let text = format!("cd {}x\ncd frame{}x\ncd $HOME/x\ncd \"{}me\"\n", FOLDERS[0], FOLDERS[1], FOLDERS[2]);
        assert_eq!(places(&check(&fixture("a.sh", &text))), ["a.sh:1", "a.sh:4"]);
    }
}
