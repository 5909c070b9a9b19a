//! What can go wrong, whose fault it is, and what to do.

use std::{io, path::PathBuf};

/// Why the collector could not open or could not take something.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CollectorError {
    /// A file or folder of the log cannot be read or written.
    #[error("the event log cannot {what} `{path}`: {error}", path = .path.display())]
    Io {
        /// What was tried.
        what: &'static str,
        /// Where.
        path: PathBuf,
        /// What the system says.
        #[source]
        error: io::Error,
    },
    /// Another collector writes there.
    #[error("another collector has the event log in `{path}`; give each its own folder", path = .path.display())]
    InUse {
        /// The folder.
        path: PathBuf,
    },
    /// The name is none of a closed segment.
    #[error("`{name}` is no closed segment of the event log; take names from the list of closed segments")]
    NoSegment {
        /// As it was given.
        name: String,
    },
    /// Too many requests wait for the disk.
    #[error("too much is going on; try again in a second")]
    Busy,
    /// The disk failed or is full. Nothing of the request was taken.
    #[error("events cannot be stored at the moment; try again later")]
    Disk,
    /// Too much waits to be loaded.
    #[error("too many events wait to be loaded; try again later")]
    Backlog,
    /// The collector is being shut down.
    #[error("the collector is shutting down; try again in a few seconds")]
    Closed,
}

impl CollectorError {
    pub(crate) fn io(what: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |error| Self::Io { what, path, error }
    }
}
