//! What the table of events has a column for and senders put among properties: it is copied beside them.
//!
//! A value is copied only where it is surely what the column takes (money exactly, to four digits after the point), so that nothing
//! that is copied can keep an event out. What is not copied is still among the properties.

use std::borrow::Cow;

use super::field::{Object, Raw, text, whole_number};
use crate::settings::ID_CHARS_MAX;

/// Where a session's id is, the surest first. A field with `context.` before it is of a context.
const SESSION: [&str; 4] = ["$session_id", "session_id", "sessionId", "context.sessionId"];
const PRODUCT: [&str; 2] = ["product_id", "productId"];
const AMOUNT: [&str; 3] = ["revenue", "amount", "value"];
const DURATION: [&str; 2] = ["duration_ms", "durationMs"];
const DEVICE: [&str; 4] = ["$device_type", "device_type", "device", "context.device.type"];
const CHANNEL: [&str; 1] = ["channel"];

/// What is copied.
#[derive(Default)]
pub(super) struct Lifted<'t> {
    pub(super) session_id: Option<Cow<'t, str>>,
    pub(super) product_id: Option<Cow<'t, str>>,
    /// As it was written: a number, or a text of one.
    pub(super) amount: Option<Raw<'t>>,
    /// The same.
    pub(super) duration_ms: Option<Raw<'t>>,
    pub(super) device: Option<Cow<'t, str>>,
    pub(super) channel: Option<Cow<'t, str>>,
}

impl<'t> Lifted<'t> {
    /// From properties, and from the context where they are silent.
    pub(super) fn of(
        properties: Option<&Object<'t>>,
        context: Option<&Object<'t>>,
        device: Option<&Object<'t>>,
    ) -> Self {
        let find = |name: &str| match (name.strip_prefix("context.device."), name.strip_prefix("context.")) {
            (Some(name), _) => device?.get(name),
            (_, Some(name)) => context?.get(name),
            _ => properties?.get(name),
        };
        let first =
            |names: &[&str], read: fn(Raw<'t>) -> Option<Cow<'t, str>>| names.iter().find_map(|name| read(find(name)?));
        Self {
            session_id: first(&SESSION, short),
            product_id: first(&PRODUCT, short),
            amount: AMOUNT.iter().find_map(|name| find(name).filter(is_money)),
            duration_ms: DURATION.iter().find_map(|name| find(name).filter(is_whole)),
            device: first(&DEVICE, short),
            channel: first(&CHANNEL, short),
        }
    }
}

/// A short text that can be seen, or a whole number.
fn short(raw: Raw<'_>) -> Option<Cow<'_, str>> {
    let found = match raw.get().as_bytes() {
        [b'"', ..] => text(raw)?,
        digits if whole_number(digits) => Cow::Borrowed(raw.get()),
        _ => return None,
    };
    (!found.is_empty() && found.len() <= ID_CHARS_MAX && !found.chars().any(char::is_control)).then_some(found)
}

/// A number, or the text of one.
fn number<'t>(raw: &Raw<'t>) -> Option<Cow<'t, str>> {
    if raw.get().starts_with('"') { text(raw) } else { Some(Cow::Borrowed(raw.get())) }
}

/// A whole number, of milliseconds for one.
fn is_whole(raw: &Raw<'_>) -> bool {
    number(raw).is_some_and(|digits| whole_number(digits.as_bytes()) && !digits.starts_with('+'))
}

/// Digits that `Decimal(18, 4)` holds exactly.
fn is_money(raw: &Raw<'_>) -> bool {
    const WHOLE_DIGITS_MAX: usize = 14;
    const DECIMALS_MAX: usize = 4;
    number(raw).is_some_and(|digits| {
        let digits = digits.strip_prefix('-').unwrap_or(&digits);
        let (whole, decimals) = digits.split_once('.').unwrap_or((digits, "0"));
        let all = |digits: &str, most: usize| {
            !digits.is_empty() && digits.len() <= most && digits.bytes().all(|c| c.is_ascii_digit())
        };
        all(whole, WHOLE_DIGITS_MAX) && all(decimals, DECIMALS_MAX)
    })
}

#[cfg(test)]
mod tests {
    use serde_json::value::RawValue;

    use super::{super::field::object, *};

    fn lifted(json: &str) -> (Option<String>, Option<String>) {
        let raw = RawValue::from_string(json.to_owned()).expect("JSON");
        let properties = object(&raw);
        let lifted = Lifted::of(properties.as_ref(), None, None);
        (lifted.amount.map(|raw| raw.get().to_owned()), lifted.duration_ms.map(|raw| raw.get().to_owned()))
    }

    #[test]
    fn money_is_copied_when_it_is_exact() {
        for exact in ["14.99", "-3", "0.0001", "\"14.99\"", "\"007\"", "99999999999999.9999"] {
            assert_eq!(lifted(&format!("{{\"revenue\":{exact}}}")).0.as_deref(), Some(exact), "{exact}");
        }
        for inexact in ["14.98999", "1e3", "\"a lot\"", "null", "true", "{}", "999999999999999", "\"\"", "\".5\""] {
            assert_eq!(lifted(&format!("{{\"revenue\":{inexact}}}")).0, None, "{inexact}");
        }
    }

    #[test]
    fn a_duration_is_a_whole_number() {
        assert_eq!(lifted("{\"duration_ms\":120}").1.as_deref(), Some("120"));
        assert_eq!(lifted("{\"duration_ms\":1.5}").1, None);
    }
}
