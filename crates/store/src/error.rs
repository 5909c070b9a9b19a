//! What can go wrong with the working records: whose fault it is and whether trying again helps.
//!
//! No message and no `Debug` text carries a value that was stored, a password or a key. A database's own error is
//! therefore reduced to its message, which names tables and columns; its details, which show values, are left out.

use std::path::PathBuf;

/// The result of everything the store does.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;

/// Why the store could not do what was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The caller asked for something that makes no sense.
    #[error("{0}")]
    Invalid(String),
    /// Somebody else was first; what was to be written was not.
    #[error("somebody else was first: {0}")]
    Conflict(String),
    /// The database is in use by others for longer than the store waits.
    #[error("the store is busy: {0}")]
    Busy(String),
    /// The connection to the database was lost, or could not be made.
    #[error("the store cannot be reached: {0}")]
    Unreachable(String),
    /// The database does not let us in, or does not let us write.
    #[error("the store refuses access: {0}")]
    Refused(String),
    /// There is no room left where the database is.
    #[error("no room left for the store: {0}")]
    DiskFull(String),
    /// The database, or a record in it, is damaged.
    #[error("the store is damaged: {0}")]
    Corrupt(String),
    /// The database was written by a newer Florin.
    #[error("the store {place} has schema {found}, and this Florin knows schemas up to {known}")]
    NewerSchema {
        /// Where the store is, without passwords.
        place: String,
        /// The schema found there.
        found: i64,
        /// The newest schema this program knows.
        known: i64,
    },
    /// The keys are not those that the store was sealed with.
    #[error("the keys do not fit this store: {0}")]
    WrongKeys(&'static str),
    /// A sealed text was changed, cut, moved, or sealed under another key.
    #[error("cannot unseal {0}: it was changed, or sealed under another key")]
    Unsealable(&'static str),
    /// The key file cannot be used.
    #[error("key file {path}: {reason}", path = .path.display())]
    KeyFile {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// Reading or writing a file beside the database failed.
    #[error("{path}: {source}", path = .path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// The database refused a statement for a reason of its own.
    #[error("the database failed: {0}")]
    Database(String),
}

/// Who can mend it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The code or the person that asked.
    Caller,
    /// Others that use the store at the same time.
    Contention,
    /// Whoever runs the machine, the disk, the network, the keys.
    Operator,
    /// Nobody: the data are damaged and a backup is needed.
    Damage,
}

impl StoreError {
    /// Whose fault it is.
    #[must_use]
    pub fn fault(&self) -> Fault {
        match self {
            Self::Invalid(_) => Fault::Caller,
            Self::Conflict(_) | Self::Busy(_) => Fault::Contention,
            Self::Corrupt(_) | Self::Unsealable(_) => Fault::Damage,
            Self::Unreachable(_)
            | Self::Refused(_)
            | Self::DiskFull(_)
            | Self::NewerSchema { .. }
            | Self::WrongKeys(_)
            | Self::KeyFile { .. }
            | Self::File { .. }
            | Self::Database(_) => Fault::Operator,
        }
    }

    /// Whether the same request may succeed when it is made again, from the start, a little later.
    #[must_use]
    pub fn retryable(&self) -> bool {
        matches!(self, Self::Conflict(_) | Self::Busy(_) | Self::Unreachable(_))
    }

    /// What to do about it, for a line of its own.
    #[must_use]
    pub fn help(&self) -> Option<&'static str> {
        match self {
            Self::Busy(_) => Some("wait for the other program to finish, then try again"),
            Self::DiskFull(_) => Some("make room on that disk, then try again; nothing was written"),
            Self::Corrupt(_) => Some("restore the store from a backup, and check the disk"),
            Self::NewerSchema { .. } => Some("use the newer Florin, or another store"),
            Self::WrongKeys(_) => Some("use the key file this store was made with"),
            _ => None,
        }
    }

    /// Says what clashed in the caller's words instead of the database's.
    pub(crate) fn clash(self, what: impl FnOnce() -> String) -> Self {
        match self {
            Self::Conflict(_) => Self::Conflict(what()),
            other => other,
        }
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::Database(error) => of_database(error.as_ref()),
            sqlx::Error::Io(error) if error.kind() == std::io::ErrorKind::StorageFull => {
                Self::DiskFull(error.to_string())
            }
            sqlx::Error::Io(error) => Self::Unreachable(error.to_string()),
            error @ (sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed | sqlx::Error::Tls(_)) => {
                Self::Unreachable(error.to_string())
            }
            sqlx::Error::PoolTimedOut => Self::Busy("no connection became free in time".to_owned()),
            sqlx::Error::ColumnDecode { index, .. } => {
                Self::Corrupt(format!("column {index} has a value of another type"))
            }
            error => Self::Database(error.to_string()),
        }
    }
}

fn of_database(error: &dyn sqlx::error::DatabaseError) -> StoreError {
    let message = error.message().to_owned();
    if error.is_unique_violation() {
        return StoreError::Conflict(message);
    }
    let code = error.code().unwrap_or_default();
    match code.parse::<u32>() {
        // SQLite's codes are numbers of up to four digits, PostgreSQL's are five letters or digits.
        Ok(number) if code.len() < POSTGRES_CODE_LENGTH => of_sqlite(number, message),
        _ => of_postgres(&code, message),
    }
}

const POSTGRES_CODE_LENGTH: usize = 5;

/// By the primary result code, which is the low byte: <https://www.sqlite.org/rescode.html>.
fn of_sqlite(code: u32, message: String) -> StoreError {
    match code & 0xff {
        5 | 6 => StoreError::Busy(message),
        13 => StoreError::DiskFull(message),
        11 | 26 => StoreError::Corrupt(message),
        3 | 8 | 14 | 23 => StoreError::Refused(message),
        10 => StoreError::Unreachable(message),
        _ => StoreError::Database(message),
    }
}

/// By class: <https://www.postgresql.org/docs/current/errcodes-appendix.html>.
fn of_postgres(code: &str, message: String) -> StoreError {
    match code {
        "53100" => StoreError::DiskFull(message),
        "55P03" | "57014" => StoreError::Busy(message),
        "42501" | "25006" | "3D000" => StoreError::Refused(message),
        "XX001" | "XX002" => StoreError::Corrupt(message),
        _ => match code.get(..2) {
            Some("40" | "53") => StoreError::Busy(message),
            Some("08" | "57") => StoreError::Unreachable(message),
            Some("28") => StoreError::Refused(message),
            _ => StoreError::Database(message),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_both_databases_say_whose_fault_it_is_and_whether_to_retry() {
        let words = || "words".to_owned();
        let cases = [
            (of_sqlite(5, words()), Fault::Contention, true),
            (of_sqlite(517, words()), Fault::Contention, true),
            (of_sqlite(13, words()), Fault::Operator, false),
            (of_sqlite(11, words()), Fault::Damage, false),
            (of_sqlite(26, words()), Fault::Damage, false),
            (of_sqlite(1032, words()), Fault::Operator, false),
            (of_postgres("40001", words()), Fault::Contention, true),
            (of_postgres("53100", words()), Fault::Operator, false),
            (of_postgres("57P01", words()), Fault::Operator, true),
            (of_postgres("28P01", words()), Fault::Operator, false),
            (of_postgres("XX001", words()), Fault::Damage, false),
        ];
        for (error, fault, retryable) in cases {
            assert_eq!((error.fault(), error.retryable()), (fault, retryable), "{error}");
        }
    }
}
