//! What kinds of values records are compared by.

use serde::{Deserialize, Serialize};

/// What a column holds. The kind says how a value is brought into its canonical spelling and which tests it can take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldKind {
    /// A person's name, whole or in part, in Chinese characters or Latin letters.
    Name,
    /// A calendar date, such as the date of birth.
    Date,
    /// A telephone number.
    Phone,
    /// A resident identity number (GB 11643: 18 characters, or the older 15 digits).
    NationalId,
    /// An e-mail address.
    Email,
    /// A postal address.
    Address,
    /// An account name in a channel.
    Login,
    /// Any other text or code.
    Text,
    /// A number.
    Number,
}

/// One column of the records.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// Its name, by which settings call it.
    pub name: String,
    /// What it holds.
    pub kind: FieldKind,
}

impl Field {
    /// A column of that name and kind.
    #[must_use]
    pub fn new(name: &str, kind: FieldKind) -> Self {
        Self { name: name.to_owned(), kind }
    }
}
