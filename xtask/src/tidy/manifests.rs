//! Every dependency says what it is for, and every crate keeps the house's lints.

use super::{File, Finding};

/// Checks `Cargo.toml` files; other files pass.
pub(super) fn check(file: &File) -> Vec<Finding> {
    if file.path != "Cargo.toml" && !file.path.ends_with("/Cargo.toml") {
        return Vec::new();
    }
    let mut findings = unexplained(file);
    if file.path != "Cargo.toml" && !file.text.contains("[lints]\nworkspace = true") {
        let mend = "add the lines `[lints]` and `workspace = true`";
        findings.push(Finding::new(&file.path, "does not keep the lints of the workspace", mend));
    }
    findings
}

fn unexplained(file: &File) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut dependencies = false;
    let mut above = "";
    for (n, line) in file.text.lines().enumerate() {
        if line.starts_with('[') {
            dependencies = is_dependencies(line);
        } else if dependencies && needs_comment(line) && !line.contains(" # ") && !above.starts_with("# ") {
            let mend = "end the line with `# what it is for`";
            findings.push(Finding::at(file, n, format!("`{}` does not say what it is for", name(line)), mend));
        }
        // A comment that opens a group (`# --- secrets`) explains no single dependency.
        above = if line.starts_with("# ---") { "" } else { line };
    }
    findings
}

fn is_dependencies(section: &str) -> bool {
    section.split('#').next().is_some_and(|title| title.trim().trim_end_matches(']').ends_with("dependencies"))
}

/// A line `name = …`; not one of our own crates, and not one that the workspace explains.
fn needs_comment(line: &str) -> bool {
    let starts_a_name = line.starts_with(|c: char| c.is_ascii_alphanumeric());
    let of_the_house = name(line).starts_with("florin-") && line.contains("path = ");
    starts_a_name && line.contains('=') && !of_the_house && !line.contains("workspace = true")
}

fn name(line: &str) -> &str {
    line.split(['=', '.', ' ']).next().unwrap_or(line)
}

#[cfg(test)]
mod tests {
    use super::{
        super::{fixture, places},
        *,
    };

    #[test]
    fn a_dependency_without_a_reason_is_found() {
        let text = "[workspace.dependencies]\nflorin-domain = { path = \"crates/domain\" }\n# --- data\nglob = \"0.3\"\n\
                    regex = \"1\" # patterns\n# for times\njiff = \"0.2\"\n[profile.dev]\ndebug = false\n";
        let findings = check(&fixture("Cargo.toml", text));
        assert_eq!(places(&findings), ["Cargo.toml:4"]);
        assert!(findings[0].problem.contains("`glob`"));
    }

    #[test]
    fn a_crate_explains_only_what_the_workspace_does_not() {
        let text = "[lints]\nworkspace = true\n\n[dev-dependencies]\ntempfile.workspace = true\nrand = \"0.9\"\n";
        assert_eq!(places(&check(&fixture("crates/a/Cargo.toml", text))), ["crates/a/Cargo.toml:6"]);
    }

    #[test]
    fn a_crate_without_the_lints_is_found() {
        assert_eq!(check(&fixture("crates/a/Cargo.toml", "[dependencies]\n")).len(), 1);
    }
}
