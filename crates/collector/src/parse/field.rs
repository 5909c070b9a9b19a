//! Fields of a JSON object, most of which stay the text they are.

use std::borrow::Cow;

use serde::{
    Deserialize,
    de::{Deserializer, MapAccess, Visitor},
};
use serde_json::value::RawValue;

use crate::outcome::Problem;

/// A value as it was written.
pub(super) type Raw<'t> = &'t RawValue;

/// A text that is borrowed when it has no escapes.
#[derive(Deserialize)]
pub(super) struct Text<'t>(#[serde(borrow)] pub(super) Cow<'t, str>);

/// The fields of an object, in order.
pub(super) struct Object<'t>(pub(super) Vec<(Cow<'t, str>, Raw<'t>)>);

impl<'t> Object<'t> {
    /// The last field of that name that is there.
    pub(super) fn get(&self, name: &str) -> Option<Raw<'t>> {
        let raw = self.0.iter().rev().find(|(found, _)| found == name).map(|(_, raw)| *raw);
        present(raw)
    }
}

/// Fields that an object usually has, at most.
const FIELDS_EXPECTED: usize = 16;

impl<'de: 't, 't> Deserialize<'de> for Object<'t> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields;
        impl<'de> Visitor<'de> for Fields {
            type Value = Object<'de>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object<'de>, A::Error> {
                let mut fields = Vec::with_capacity(FIELDS_EXPECTED);
                while let Some(name) = map.next_key::<Text<'de>>()? {
                    fields.push((name.0, map.next_value()?));
                }
                Ok(Object(fields))
            }
        }
        deserializer.deserialize_map(Fields)
    }
}

/// The fields of an object; `None` when the value is something else.
pub(super) fn object<'t>(raw: &'t RawValue) -> Option<Object<'t>> {
    if !raw.get().starts_with('{') {
        return None;
    }
    serde_json::from_str(raw.get()).ok()
}

/// A value that is there: `null` is not.
pub(super) fn present(raw: Option<Raw<'_>>) -> Option<Raw<'_>> {
    raw.filter(|raw| raw.get() != "null")
}

/// A text; `None` when the value is something else.
pub(super) fn text<'t>(raw: Raw<'t>) -> Option<Cow<'t, str>> {
    if !raw.get().starts_with('"') {
        return None;
    }
    serde_json::from_str::<Text<'t>>(raw.get()).ok().map(|text| text.0)
}

/// A text, or the digits of a whole number: what senders give as an id. Empty is absent.
pub(super) fn id<'t>(
    raw: Option<Raw<'t>>,
    field: &'static str,
    chars_max: usize,
) -> Result<Option<Cow<'t, str>>, Problem> {
    let Some(raw) = present(raw) else { return Ok(None) };
    let wrong = Problem::WrongType { field, wanted: "a text or a whole number" };
    let id = match raw.get().as_bytes() {
        [b'"', ..] => text(raw).ok_or(wrong)?,
        digits if whole_number(digits) => Cow::Borrowed(raw.get()),
        _ => return Err(wrong),
    };
    Ok(Some(plain(id, field, chars_max)?).filter(|id| !id.is_empty()))
}

/// A text of at most so many characters, all of which can be seen, without blanks around it. Empty is absent.
pub(super) fn name<'t>(
    raw: Option<Raw<'t>>,
    field: &'static str,
    chars_max: usize,
) -> Result<Option<Cow<'t, str>>, Problem> {
    let Some(raw) = present(raw) else { return Ok(None) };
    let name = text(raw).ok_or(Problem::WrongType { field, wanted: "a text" })?;
    Ok(Some(plain(name, field, chars_max)?).filter(|name| !name.is_empty()))
}

fn plain<'t>(text: Cow<'t, str>, field: &'static str, chars_max: usize) -> Result<Cow<'t, str>, Problem> {
    let text = match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
        Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
    };
    let short = text.len() <= chars_max || text.chars().count() <= chars_max;
    if short && !text.chars().any(char::is_control) { Ok(text) } else { Err(Problem::BadText { field, chars_max }) }
}

/// An object; absent when `null`.
pub(super) fn nested<'t>(raw: Option<Raw<'t>>, field: &'static str) -> Result<Option<Raw<'t>>, Problem> {
    match present(raw) {
        Some(raw) if !raw.get().starts_with('{') => Err(Problem::WrongType { field, wanted: "a JSON object" }),
        other => Ok(other),
    }
}

/// Whether these are the digits of a whole number that 64 bits can hold.
pub(super) fn whole_number(digits: &[u8]) -> bool {
    std::str::from_utf8(digits).is_ok_and(|digits| digits.parse::<i64>().is_ok())
}
