//! Why a whole file could not be read. What is wrong with one record only is a [`super::RejectReason`].

use std::{
    fmt, io,
    path::{Path, PathBuf},
};

/// How many column names a message lists.
const NAMES_LISTED_MAX: usize = 40;

/// Why a file, or a list of files, could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SourceError {
    /// A glob is not one.
    #[error("`{pattern}` is not a pattern of file names: {reason}")]
    Glob {
        /// As written.
        pattern: String,
        /// What the glob parser said.
        reason: String,
    },
    /// A glob means no file at all.
    #[error("no file matches `{pattern}`")]
    NoFiles {
        /// The whole pattern, from the root.
        pattern: String,
    },
    /// The operating system refused.
    #[error("cannot read `{}`", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What it said.
        source: io::Error,
    },
    /// The file ends too early.
    #[error("`{}` ends in the middle of its {what}; copy it again", path.display())]
    Truncated {
        /// The file.
        path: PathBuf,
        /// What is cut: `gzip stream`, `Parquet data`, …
        what: &'static str,
    },
    /// The file is not what the definition says, or is damaged.
    #[error("`{}` is not {what}, or is damaged: {reason}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What was expected: `gzip`, `a Parquet file`, …
        what: &'static str,
        /// What the decoder said.
        reason: String,
    },
    /// The file is not the one that was opened any more.
    #[error("`{}` changed while it was read; load it when it is complete", path.display())]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// A header was expected in a file without any record.
    #[error("`{}` is empty: it has not even a header", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// The header itself is broken.
    #[error("the header of `{}` cannot be read: {reason}", path.display())]
    Header {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: super::RejectReason,
    },
    /// A declared column is not there.
    #[error("{0}")]
    MissingColumn(Box<MissingColumn>),
    /// Two columns have one name.
    #[error("`{}` has two columns named `{column}`", path.display())]
    DuplicateColumn {
        /// The file.
        path: PathBuf,
        /// The name.
        column: String,
    },
    /// Columns that are not declared, where the definition refuses them.
    #[error("`{}` has columns that are not declared: {}; declare them, or allow them with `extra_columns = \"warn\"`", path.display(), listed(columns))]
    ExtraColumns {
        /// The file.
        path: PathBuf,
        /// Their names.
        columns: Vec<String>,
    },
    /// A column of a typed file cannot be what the definition says.
    #[error("column `{column}` of `{}` holds {found}, which cannot be read as {wanted}", path.display())]
    ColumnType {
        /// The file.
        path: PathBuf,
        /// The column.
        column: String,
        /// The type in the file.
        found: String,
        /// The declared type.
        wanted: &'static str,
    },
    /// No encoding has this name.
    #[error("no encoding `{label}`; for example: {}", super::encoding::EXAMPLES.join(", "))]
    UnknownEncoding {
        /// As written.
        label: String,
    },
    /// Parquet, Arrow and Excel compress by themselves.
    #[error("`{}` cannot be read compressed: {format} files are read plain (they compress by themselves)", path.display())]
    Compressed {
        /// The file.
        path: PathBuf,
        /// Its format.
        format: &'static str,
    },
    /// A workbook without the sheet.
    #[error("`{}` has no sheet `{sheet}`; it has: {}", path.display(), listed(sheets))]
    NoSheet {
        /// The file.
        path: PathBuf,
        /// The sheet that was asked for.
        sheet: String,
        /// Those that are there.
        sheets: Vec<String>,
    },
    /// The definition contradicts itself.
    #[error("{0}")]
    Definition(String),
}

/// A declared column that a file does not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingColumn {
    /// The file.
    pub path: PathBuf,
    /// The declared name.
    pub column: String,
    /// The most similar name of the file that is not declared itself.
    pub nearest: Option<String>,
    /// The names in the file. Empty when the first record does not look like names at all: it may be data, and data
    /// does not belong in a message.
    pub header: Vec<String>,
}

impl fmt::Display for MissingColumn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "column `{}` is not in `{}`", self.column, self.path.display())?;
        if self.header.is_empty() {
            return f.write_str(", nor is any other declared column; does its first record name the columns?");
        }
        if let Some(nearest) = &self.nearest {
            write!(f, "; did it become `{nearest}`?")?;
        }
        write!(f, "; the file has: {}", listed(&self.header))
    }
}

impl SourceError {
    pub(super) fn io(path: &Path, source: io::Error) -> Self {
        Self::Io { path: path.to_owned(), source }
    }

    pub(super) fn damaged(path: &Path, what: &'static str, reason: impl fmt::Display) -> Self {
        Self::Damaged { path: path.to_owned(), what, reason: reason.to_string() }
    }
}

fn listed(names: &[String]) -> String {
    let shown: Vec<String> = names.iter().take(NAMES_LISTED_MAX).map(|n| format!("`{n}`")).collect();
    match names.len().checked_sub(NAMES_LISTED_MAX) {
        None | Some(0) => shown.join(", "),
        Some(more) => format!("{} and {more} more", shown.join(", ")),
    }
}

/// Why the reading of a file stopped: because of the file, or because whoever takes the chunks said so.
#[derive(Debug, thiserror::Error)]
pub enum ReadError<E> {
    /// The file.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// What `each` returned.
    #[error("{0}")]
    Each(E),
}
