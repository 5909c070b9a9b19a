//! What can be wrong with a folder of weights or with what is asked of vectors.

use std::{io, path::PathBuf};

use thiserror::Error;

/// A fault of the folder or of the caller: trying again without a change gives the same.
#[derive(Debug, Error)]
pub enum EmbeddingError {
    /// A folder that holds no model.
    #[error(
        "`{folder}` holds no model that is known (`model.safetensors` or `sp.model`); bring one with `cargo xtask models`"
    )]
    Unknown {
        /// Which.
        folder: PathBuf,
    },
    /// A file that cannot be read.
    #[error("`{file}` cannot be read: {source}; bring the model anew with `cargo xtask models`")]
    Unreadable {
        /// Which.
        file: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file that is cut, or of something else.
    #[error("`{file}` is not what it should be: {why}; bring the model anew with `cargo xtask models`")]
    Damaged {
        /// Which.
        file: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// Vectors of different encoders.
    #[error("a vector has {found} numbers and another {expected}; compare vectors of one encoder")]
    Dimensions {
        /// How many numbers there are.
        found: usize,
        /// How many there should be.
        expected: usize,
    },
}

/// Shorthand for results of this crate.
pub type Result<T> = std::result::Result<T, EmbeddingError>;
