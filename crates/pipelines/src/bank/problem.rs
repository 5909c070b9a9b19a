//! What is wrong with a bank directory: file, line, advice.

use std::{
    fmt,
    ops::Range,
    path::{Path, PathBuf},
};

use florin_governance::PolicyProblem;
use serde::Serialize;

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Relative to the bank directory.
    pub file: PathBuf,
    /// From 1, when it concerns one line.
    pub line: Option<usize>,
    /// What is wrong: lower-case, no full stop.
    pub message: String,
    /// What to do about it; may be empty.
    pub help: String,
}

impl Problem {
    pub(crate) fn of_file(file: &Path, message: impl Into<String>, help: &str) -> Self {
        Self { file: file.to_owned(), line: None, message: message.into(), help: help.to_owned() }
    }

    /// A problem at a place (in bytes) of a file's text.
    pub(crate) fn at(file: &Path, text: &str, place: Option<Range<usize>>, message: String, help: &str) -> Self {
        let line = place.map(|p| 1 + text.bytes().take(p.start).filter(|&b| b == b'\n').count());
        Self { file: file.to_owned(), line, message, help: help.to_owned() }
    }

    pub(crate) fn of_policy(problem: &PolicyProblem) -> Self {
        Self {
            file: PathBuf::from(&problem.file),
            line: Some(problem.line),
            message: problem.message.clone(),
            help: problem.help.clone().unwrap_or_default(),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file.display())?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        write!(f, ": {}", self.message)?;
        if self.help.is_empty() { Ok(()) } else { write!(f, "\n  help: {}", self.help) }
    }
}

/// Everything that is wrong; at least one problem, by file and line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.iter().map(Problem::to_string).collect::<Vec<_>>().join("\n"))]
pub struct Problems(Vec<Problem>);

impl Problems {
    pub(crate) fn new(mut problems: Vec<Problem>) -> Self {
        problems.sort_by(|a, b| (&a.file, a.line, &a.message).cmp(&(&b.file, b.line, &b.message)));
        problems.dedup();
        Self(problems)
    }

    /// The problems, by file and line.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.0
    }
}
