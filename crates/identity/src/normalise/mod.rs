//! One spelling for one value: what people write differently without meaning anything by it goes away.
//!
//! Each kind of field has its file. A value that says nothing (empty, `n/a`, `无`) is missing.

mod address;
mod chinese;
mod contact;
mod date;
mod name;
mod national_id;
mod text;

pub(crate) use date::Day;
pub(crate) use name::NameForm;

use crate::field::FieldKind;

/// What a normalised value is made of, beside its text: worked out once a distinct value, not once a pair.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Form {
    /// Nothing beside the text.
    Plain,
    Name(Box<NameForm>),
    /// None when there is no such day in the calendar.
    Date(Option<Day>),
    /// Where the `@` is.
    Email(usize),
    /// Hashes of the address's words, sorted, each once.
    Tokens(Box<[u32]>),
    /// Whether the number is well formed: a checksum, or the length of a mobile number.
    Valid(bool),
    Number(f64),
}

/// The canonical spelling of `raw`, or None when it says nothing.
pub(crate) fn normalise(kind: FieldKind, raw: &str) -> Option<String> {
    let raw = raw.trim();
    if text::says_nothing(raw) {
        return None;
    }
    let value = match kind {
        FieldKind::Name => name::canonical(raw),
        FieldKind::Date => date::canonical(raw),
        FieldKind::Phone => contact::phone(raw)?,
        FieldKind::Email => contact::email(raw),
        FieldKind::NationalId => national_id::canonical(raw),
        FieldKind::Address => address::canonical(raw),
        FieldKind::Login | FieldKind::Text => text::fold(raw),
        FieldKind::Number => number(raw),
    };
    (!value.is_empty()).then_some(value)
}

/// The form of a canonical spelling.
pub(crate) fn form(kind: FieldKind, value: &str) -> Form {
    match kind {
        FieldKind::Name => Form::Name(Box::new(NameForm::of(value))),
        FieldKind::Date => Form::Date(Day::parse(value)),
        FieldKind::Phone => Form::Valid(contact::is_mobile(value)),
        FieldKind::Email => Form::Email(value.find('@').unwrap_or(value.len())),
        FieldKind::NationalId => Form::Valid(national_id::is_valid(value)),
        FieldKind::Address => Form::Tokens(address::tokens(value)),
        FieldKind::Login | FieldKind::Text => Form::Plain,
        FieldKind::Number => value.parse().map_or(Form::Plain, Form::Number),
    }
}

fn number(raw: &str) -> String {
    let bare: String = text::fold(raw).replace([',', ' ', '¥', '$'], "");
    bare.parse::<f64>().map_or(bare, |number| number.to_string())
}
