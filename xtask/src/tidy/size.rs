//! One topic a file, one thought a function: long ones are found before they grow.

use super::{File, Finding, is_source, rust_code};

/// Lines a source file may have. There are no exceptions.
const FILE_LINES_MAX: usize = 600;
/// Lines a function may have; most should have about ten. There are no exceptions.
const FUNCTION_LINES_MAX: usize = 100;

/// No source file and no function in it is too long.
pub(super) fn check(file: &File) -> Vec<Finding> {
    let mut findings = Vec::new();
    if !is_source(&file.path) {
        return findings;
    }
    let lines = file.text.lines().count();
    if lines > FILE_LINES_MAX {
        let problem = format!("has {lines} lines; {FILE_LINES_MAX} is the most");
        findings.push(Finding::new(&file.path, problem, "find the second topic in it and give it a file"));
    }
    let long = rust_code::functions(&file.text).into_iter().filter(|f| f.lines > FUNCTION_LINES_MAX);
    findings.extend(long.map(|f| {
        let problem = format!("`{}` has {} lines; {FUNCTION_LINES_MAX} is the most", f.name, f.lines);
        Finding::at(file, f.first_line, problem, "let it read as a sentence of verbs and give each verb a function")
    }));
    findings
}

#[cfg(test)]
mod tests {
    use super::{
        super::{fixture, places},
        *,
    };

    #[test]
    fn long_files_and_long_functions_are_found() {
        let body = "    step();\n".repeat(FUNCTION_LINES_MAX - 2);
        let fits = format!("//! A.\nfn fits() {{\n{body}}}\n");
        let long = format!("//! A.\nfn long() {{\n{body}    one_more();\n}}\n");
        assert!(check(&fixture("crates/a/src/b.rs", &fits)).is_empty());
        assert_eq!(places(&check(&fixture("crates/a/src/b.rs", &long))), ["crates/a/src/b.rs:2"]);
        assert_eq!(check(&fixture("crates/a/src/b.rs", &"//\n".repeat(FILE_LINES_MAX + 1))).len(), 1);
    }
}
