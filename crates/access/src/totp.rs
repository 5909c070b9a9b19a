//! One-time codes of authenticator apps (RFC 6238): SHA-1, six digits, a new one every 30 seconds. Pure.

use florin_domain::EventTime;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use subtle::ConstantTimeEq;

use crate::access::MICROS;

/// How long a code is shown.
pub const STEP_SECONDS: i64 = 30;
/// Codes of so many steps before and after are taken too: clocks differ, and people type slowly.
pub const STEPS_AROUND: i64 = 1;
/// Bytes of a secret: as many as SHA-1 makes.
pub const SECRET_BYTES: usize = 20;
/// What a code is less than.
const CODES: u32 = 1_000_000;
const DIGITS: usize = 6;

/// The step of a time.
#[must_use]
pub fn step(at: EventTime) -> i64 {
    at.micros().div_euclid(STEP_SECONDS * MICROS)
}

/// The code of a step.
#[must_use]
pub fn code(secret: &[u8], step: i64) -> u32 {
    truncated(secret, step) % CODES
}

fn truncated(secret: &[u8], step: i64) -> u32 {
    // HMAC takes keys of any length; the variant that could refuse one does not.
    let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(secret) else { return 0 };
    mac.update(&step.to_be_bytes());
    let digest = mac.finalize().into_bytes();
    let offset = usize::from(digest[digest.len() - 1] & 0xf);
    let cut = [digest[offset], digest[offset + 1], digest[offset + 2], digest[offset + 3]];
    u32::from_be_bytes(cut) & 0x7fff_ffff
}

/// Whether what was typed has the shape of a code, blanks aside.
#[must_use]
pub fn is_code(typed: &str) -> bool {
    let digits = digits(typed);
    digits.len() == DIGITS && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// The step whose code was typed, if it is near and after the last one used.
#[must_use]
pub fn matching_step(secret: &[u8], typed: &str, at: EventTime, last_step: i64) -> Option<i64> {
    let typed = digits(typed);
    let now = step(at);
    let steps = (now - STEPS_AROUND).max(last_step.saturating_add(1))..=now + STEPS_AROUND;
    let fits = |step: &i64| bool::from(format!("{:06}", code(secret, *step)).as_bytes().ct_eq(typed.as_bytes()));
    steps.into_iter().find(fits)
}

fn digits(typed: &str) -> String {
    typed.chars().filter(|c| !c.is_whitespace()).take(DIGITS + 1).collect()
}

/// What an authenticator app reads from a picture: the secret (base32), whose it is and how codes are made of it.
#[must_use]
pub fn uri(issuer: &str, user: &str, secret: &str) -> String {
    let (issuer, user) = (escaped(issuer), escaped(user));
    format!("otpauth://totp/{issuer}:{user}?secret={secret}&issuer={issuer}&algorithm=SHA1&digits=6&period=30")
}

fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => escaped.push(char::from(byte)),
            other => escaped.push_str(&format!("%{other:02X}")),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &[u8] = b"12345678901234567890";

    fn at(seconds: i64) -> EventTime {
        EventTime(seconds * MICROS)
    }

    #[test]
    fn codes_are_those_of_rfc_6238() {
        // Appendix B, SHA-1, eight digits.
        let cases = [
            (59, 94_287_082),
            (1_111_111_109, 7_081_804),
            (1_111_111_111, 14_050_471),
            (1_234_567_890, 89_005_924),
            (2_000_000_000, 69_279_037),
            (20_000_000_000, 65_353_130),
        ];
        for (seconds, expected) in cases {
            assert_eq!(truncated(SECRET, step(at(seconds))) % 100_000_000, expected);
            assert_eq!(code(SECRET, step(at(seconds))), expected % 1_000_000);
        }
    }

    #[test]
    fn codes_by_counter_are_those_of_rfc_4226() {
        let expected = [755_224, 287_082, 359_152, 969_429, 338_314, 254_676, 287_922, 162_583, 399_871, 520_489];
        assert_eq!(std::array::from_fn(|n| code(SECRET, n as i64)), expected);
    }

    #[test]
    fn a_code_holds_one_step_around_and_never_again() {
        let typed = format!("{:06}", code(SECRET, 10));
        let found = |seconds, last| matching_step(SECRET, &typed, at(seconds), last);
        for (seconds, last, expected) in [
            (269, -1, None),
            (270, -1, Some(10)),
            (300, -1, Some(10)),
            (359, -1, Some(10)),
            (360, -1, None),
            (300, 9, Some(10)),
            (300, 10, None),
            (300, 11, None),
            (300, i64::MAX, None),
        ] {
            assert_eq!(found(seconds, last), expected, "{seconds} {last}");
        }
        let spaced = format!("{} {}", &typed[..3], &typed[3..]);
        assert_eq!(matching_step(SECRET, &spaced, at(300), -1), Some(10));
    }

    #[test]
    fn only_six_digits_have_the_shape_of_a_code() {
        for (typed, expected) in
            [("123456", true), ("123 456", true), ("12345", false), ("1234567", false), ("12345a", false)]
        {
            assert_eq!(is_code(typed), expected, "{typed}");
        }
    }

    #[test]
    fn the_address_for_apps_escapes_what_is_not_a_letter() {
        let expected = "otpauth://totp/Bank%20%26%20S%C3%B6hne:ana%40bank?secret=MZXW6&issuer=Bank%20%26%20S%C3%B6hne&algorithm=SHA1&digits=6&period=30";
        assert_eq!(uri("Bank & Söhne", "ana@bank", "MZXW6"), expected);
    }
}
