//! What can go wrong in the lake, and whose fault it is.

use datafusion::error::DataFusionError;
use deltalake_core::DeltaTableError;

/// An error of the lake.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LakeError {
    /// The Delta log refused or could not be read.
    #[error("the Delta log of `{table}` failed")]
    Delta {
        /// Which table.
        table: String,
        /// What the log said.
        #[source]
        source: Box<DeltaTableError>,
    },
    /// The engine refused or failed: most often the SQL is wrong.
    #[error("{}", first_line(.0))]
    Query(#[from] DataFusionError),
    /// Arrow failed.
    #[error("columnar data failed")]
    Arrow(#[from] arrow::error::ArrowError),
    /// A Parquet file failed.
    #[error("a Parquet file failed")]
    Parquet(#[from] parquet::errors::ParquetError),
    /// The storage failed.
    #[error("the lake's storage failed")]
    Storage(#[from] object_store::Error),
    /// A local file failed.
    #[error("`{path}` failed")]
    File {
        /// Which file.
        path: String,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// A narrow projection cannot be read, though it counts.
    #[error(
        "a table's narrow projection is damaged: remove the folder `_narrow` in the table's own, and `florin optimize` makes it anew"
    )]
    Narrow(#[source] std::io::Error),
    /// A setting is wrong.
    #[error("{0}")]
    Setting(String),
    /// A table of the lake is not what the catalogue says.
    #[error("table `{table}` in the lake has another shape than its definition: {difference}")]
    Shape {
        /// Which table.
        table: String,
        /// What differs.
        difference: String,
    },
    /// A statement that a session does not run.
    #[error("only questions are answered here: SELECT, WITH, EXPLAIN, and CREATE VIEW within the session")]
    NotAQuestion,
    /// A thread of a load panicked: a bug.
    #[error("a worker of the load stopped unexpectedly")]
    Worker,
}

/// What is wrong with a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrong {
    /// It is none.
    NotAQuestion,
    /// It is no SQL.
    Syntax,
    /// A table that is not there.
    Table,
    /// A column that is not there, or is several.
    Column,
    /// A function that is not there, or not for such arguments.
    Function,
    /// It makes no sense in another way.
    Meaning,
    /// The engine does not do that.
    NotSupported,
    /// A value cannot be worked with.
    Value,
    /// A number was divided by zero.
    DividedByZero,
    /// It needs more memory than a question may have.
    Resources,
    /// Not the question is wrong, but what answers it.
    Inside,
}

/// The engine's errors can span pages (a backtrace, the whole plan); the first line says what is wrong.
fn first_line(error: &DataFusionError) -> String {
    let text = error.strip_backtrace();
    text.lines().next().unwrap_or_default().trim_end_matches('.').to_owned()
}

impl LakeError {
    /// Whether the question is what is wrong, and not what answers it.
    #[must_use]
    pub fn is_the_askers(&self) -> bool {
        !matches!(self.wrong(), Wrong::Resources | Wrong::Inside)
    }

    /// What is wrong with a question, for those who tell its asker by a code.
    #[must_use]
    pub fn wrong(&self) -> Wrong {
        use DataFusionError as E;
        let Self::Query(error) = self else {
            return if matches!(self, Self::NotAQuestion) { Wrong::NotAQuestion } else { Wrong::Inside };
        };
        match error.find_root() {
            E::SQL(..) => Wrong::Syntax,
            E::SchemaError(..) => Wrong::Column,
            E::Plan(said) if said.starts_with("table '") => Wrong::Table,
            E::Plan(said) if said.starts_with("Invalid function") => Wrong::Function,
            E::Plan(_) => Wrong::Meaning,
            E::NotImplemented(_) => Wrong::NotSupported,
            E::ResourcesExhausted(_) => Wrong::Resources,
            E::ArrowError(error, _) if matches!(**error, arrow::error::ArrowError::DivideByZero) => {
                Wrong::DividedByZero
            }
            E::Execution(_) | E::ArrowError(..) => Wrong::Value,
            _ => Wrong::Inside,
        }
    }

    pub(crate) fn delta(table: &str, source: DeltaTableError) -> Self {
        Self::Delta { table: table.to_owned(), source: Box::new(source) }
    }

    pub(crate) fn file(path: &std::path::Path, source: std::io::Error) -> Self {
        Self::File { path: path.display().to_string(), source }
    }
}
