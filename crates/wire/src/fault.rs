//! What clients are told when something is wrong: PostgreSQL's five signs, a sentence, and what to do.

/// A no. The text is for whoever asks; it never holds a value of the data.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Fault {
    /// PostgreSQL's code (SQLSTATE).
    pub code: &'static str,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub hint: Option<String>,
}

/// Codes of PostgreSQL (its manual, appendix A).
pub(crate) mod code {
    pub(crate) const PROTOCOL: &str = "08P01";
    pub(crate) const NOT_SUPPORTED: &str = "0A000";
    pub(crate) const OUT_OF_RANGE: &str = "22003";
    pub(crate) const INVALID_VALUE: &str = "22023";
    pub(crate) const INVALID_TEXT: &str = "22P02";
    pub(crate) const READ_ONLY: &str = "25006";
    pub(crate) const IN_FAILED_TRANSACTION: &str = "25P02";
    pub(crate) const NO_STATEMENT: &str = "26000";
    pub(crate) const WRONG_PASSWORD: &str = "28P01";
    pub(crate) const NOT_ALLOWED_IN: &str = "28000";
    pub(crate) const NO_CURSOR: &str = "34000";
    pub(crate) const NO_DATABASE: &str = "3D000";
    pub(crate) const TAKEN_CURSOR: &str = "42P03";
    pub(crate) const NOT_PERMITTED: &str = "42501";
    pub(crate) const SYNTAX: &str = "42601";
    pub(crate) const NO_COLUMN: &str = "42703";
    pub(crate) const NO_SETTING: &str = "42704";
    pub(crate) const WRONG_TYPE: &str = "42804";
    pub(crate) const NO_FUNCTION: &str = "42883";
    pub(crate) const NO_TABLE: &str = "42P01";
    pub(crate) const TOO_MANY_CONNECTIONS: &str = "53300";
    pub(crate) const LIMIT: &str = "53400";
    pub(crate) const TOO_COMPLEX: &str = "54001";
    pub(crate) const CANCELLED: &str = "57014";
    pub(crate) const ENDING: &str = "57P01";
    pub(crate) const IDLE: &str = "57P05";
    pub(crate) const INTERNAL: &str = "XX000";
}

impl Fault {
    pub(crate) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), hint: None }
    }

    pub(crate) fn with_hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }

    pub(crate) fn unsupported(what: &str) -> Self {
        Self::new(code::NOT_SUPPORTED, format!("{what} is not supported in questions about the catalogue"))
    }
}
