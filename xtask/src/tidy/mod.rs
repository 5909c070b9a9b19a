//! `cargo xtask tidy`: the house rules as code. A rule is written down here or it is not a rule.
//!
//! Rules about one file are functions of its path and text ([`FILE_RULES`]); rules about the house as a whole see all
//! files ([`root`], [`architecture`], [`mod@reference`], [`links`]) or the graph of crates ([`edges`]). Each finding says how to
//! mend it.

mod architecture;
mod edges;
mod headers;
mod links;
mod machine_paths;
mod manifests;
mod reference;
mod root;
mod rust_code;
mod size;
mod todos;

use std::{fmt, fs};

use anyhow::{Context, Result, bail};

use crate::house;

pub(crate) use edges::{ENGINE_CRATES, is_member};

/// A text file of the checkout.
pub(crate) struct File {
    /// From the root, with `/` between folders.
    pub(crate) path: String,
    /// All of it.
    pub(crate) text: String,
}

/// Something that breaks a rule.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    /// Path, with the line where there is one.
    place: String,
    /// What is wrong.
    problem: String,
    /// What to do about it.
    mend: &'static str,
}

impl Finding {
    fn new(place: impl Into<String>, problem: impl Into<String>, mend: &'static str) -> Self {
        Self { place: place.into(), problem: problem.into(), mend }
    }

    /// At a line of a file, counted from 0.
    fn at(file: &File, line: usize, problem: impl Into<String>, mend: &'static str) -> Self {
        Self::new(format!("{}:{}", file.path, line + 1), problem, mend)
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}\n  help: {}", self.place, self.problem, self.mend)
    }
}

type FileRule = fn(&File) -> Vec<Finding>;

/// The rules that look at one file at a time.
const FILE_RULES: [FileRule; 5] = [headers::check, size::check, manifests::check, todos::check, machine_paths::check];

/// Checks every rule and prints what breaks one.
///
/// # Errors
/// When anything breaks a rule.
pub(crate) fn run() -> Result<()> {
    let paths = paths()?;
    let files = read(&paths);
    let mut findings: Vec<Finding> = FILE_RULES.iter().flat_map(|rule| files.iter().flat_map(rule)).collect();
    findings.extend(root::check(&paths));
    findings.extend(links::check(&files, &paths));
    findings.extend(architecture::check(&files));
    findings.extend(reference::check(&files));
    findings.extend(edges::check(&edges::Graph::of_the_house()?));
    report(findings, files.len())
}

fn report(mut findings: Vec<Finding>, files: usize) -> Result<()> {
    findings.sort_by(|a, b| a.place.cmp(&b.place));
    for finding in &findings {
        println!("{finding}");
    }
    match findings.len() {
        0 => println!("tidy: {files} files keep the house rules"),
        1 => bail!("1 thing breaks a house rule"),
        n => bail!("{n} things break a house rule"),
    }
    Ok(())
}

/// Files that are committed or would be, sorted.
fn paths() -> Result<Vec<String>> {
    let mut git = std::process::Command::new("git");
    // The checkout may belong to another user than the one who tests it, as in CI.
    git.current_dir(house::root()).args(["-c", "safe.directory=*"]);
    git.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
    let listed = house::output(&mut git).context("tidy reads the list of files from git")?;
    let mut paths: Vec<String> = listed.split_terminator('\0').map(str::to_owned).collect();
    paths.retain(|path| house::root().join(path).is_file());
    paths.sort();
    paths.dedup();
    Ok(paths)
}

/// The text files among them; what is not UTF-8 has no lines to check.
fn read(paths: &[String]) -> Vec<File> {
    let text = |path: &String| fs::read_to_string(house::root().join(path)).ok();
    paths.iter().filter_map(|path| Some(File { path: path.clone(), text: text(path)? })).collect()
}

/// Whether a path is Rust source of a crate of ours (its `src`, not its tests).
fn is_source(path: &str) -> bool {
    let in_src =
        path.starts_with("xtask/src/") || (path.starts_with("crates/") && path.split('/').nth(2) == Some("src"));
    in_src && path.ends_with(".rs")
}

#[cfg(test)]
fn fixture(path: &str, text: &str) -> File {
    File { path: path.into(), text: text.into() }
}

#[cfg(test)]
fn places(findings: &[Finding]) -> Vec<&str> {
    findings.iter().map(|finding| finding.place.as_str()).collect()
}
