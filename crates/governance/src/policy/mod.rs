//! The bank's policies: what each role may do, for which purpose.
//!
//! A bank writes `policies/*.cedar` in the Cedar language. They are checked strictly against our vocabulary
//! (`schema.cedarschema`, plus the tables of the bank's catalogue), so that a misspelt role, purpose, class, action or
//! table is an error with file, line and column instead of a rule that never applies.

mod check;
mod decide;
mod known;

use std::{collections::BTreeSet, fmt};

use cedar_policy::{PolicySet, Schema};
use florin_domain::Catalogue;

pub(crate) use decide::{Asker, entity};

/// What `florin init` writes to `policies/default.cedar`: a sensible division of work, commented for risk and
/// compliance officers.
pub const DEFAULT_POLICIES: &str = include_str!("../../default.cedar");

/// The vocabulary, without the tables.
const SCHEMA: &str = include_str!("../../schema.cedarschema");

/// One `policies/*.cedar`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyFile {
    /// The file's name, as messages shall say it.
    pub name: String,
    /// What is in it.
    pub text: String,
}

impl PolicyFile {
    /// A file by name, with its text.
    #[must_use]
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        Self { name: name.into(), text: text.into() }
    }
}

/// The policies of a bank: checked, and ready to be asked.
#[derive(Debug, Clone)]
pub struct Policies {
    set: PolicySet,
    schema: Schema,
    version: [u8; 32],
    /// Tables whose name stands somewhere in a policy.
    named: BTreeSet<String>,
    known: known::Known,
}

impl Policies {
    /// Checks all files against the vocabulary and the catalogue's tables. The order of the files does not matter.
    ///
    /// # Errors
    /// Everything that is wrong with any of the files, in the order of files and places.
    pub fn parse(files: &[PolicyFile], catalogue: &Catalogue) -> Result<Self, PolicyProblems> {
        let schema_text = schema_text(catalogue);
        let schema = check::schema(&schema_text)?;
        let mut files: Vec<&PolicyFile> = files.iter().collect();
        files.sort_by(|a, b| a.name.cmp(&b.name));
        let set = check::policies(&files, &schema)?;
        // A name may be written with escapes, so where there are any, every table may be meant.
        let is_named = |name: &str| {
            let meant = |text: &str| text.contains(&format!("\"{name}\"")) || text.contains('\\');
            files.iter().any(|file| meant(&file.text))
        };
        let named = catalogue.tables().map(|table| table.name.clone()).filter(|name| is_named(name)).collect();
        Ok(Self { set, schema, version: version(&schema_text, &files), named, known: known::Known::default() })
    }

    /// [`DEFAULT_POLICIES`], for a bank with these tables.
    ///
    /// # Errors
    /// None for any catalogue with sound table names.
    pub fn default_for(catalogue: &Catalogue) -> Result<Self, PolicyProblems> {
        Self::parse(&[PolicyFile::new("default.cedar", DEFAULT_POLICIES)], catalogue)
    }

    /// A hash of everything that was given: equal versions decide equally.
    #[must_use]
    pub fn version(&self) -> [u8; 32] {
        self.version
    }
}

/// The vocabulary of policies at a bank with these tables, as a Cedar schema. Editors that know Cedar can be pointed at
/// it.
#[must_use]
pub fn schema_text(catalogue: &Catalogue) -> String {
    let tables: Vec<String> = catalogue.tables().map(|table| format!("\"{}\"", table.name.escape_default())).collect();
    format!("{SCHEMA}\n// The tables of the catalogue.\nentity Table enum [{}];\n", tables.join(", "))
}

fn version(schema_text: &str, files: &[&PolicyFile]) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    let texts = files.iter().flat_map(|file| [file.name.as_str(), file.text.as_str()]);
    for text in std::iter::once(schema_text).chain(texts) {
        // The length keeps the end of one text apart from the start of the next.
        hasher.update(&(text.len() as u64).to_le_bytes());
        hasher.update(text.as_bytes());
    }
    *hasher.finalize().as_bytes()
}

/// One thing that is wrong with a policy file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyProblem {
    /// The file's name, as given.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column, in characters from 1.
    pub column: usize,
    /// What is wrong.
    pub message: String,
    /// What to do about it, where it can be said.
    pub help: Option<String>,
}

impl fmt::Display for PolicyProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: {}", self.file, self.line, self.column, self.message)?;
        match &self.help {
            Some(help) => write!(f, "\n  help: {help}"),
            None => Ok(()),
        }
    }
}

/// Everything that is wrong with the policies of a bank; at least one problem.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .problems.iter().map(PolicyProblem::to_string).collect::<Vec<_>>().join("\n"))]
pub struct PolicyProblems {
    problems: Vec<PolicyProblem>,
}

impl PolicyProblems {
    /// The problems, by file and place.
    #[must_use]
    pub fn problems(&self) -> &[PolicyProblem] {
        &self.problems
    }
}
