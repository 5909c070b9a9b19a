//! Telephone numbers and e-mail addresses.

use super::text;

/// Digits that a telephone number has at least.
const PHONE_DIGITS_MIN: usize = 5;
/// Digits of a mobile number of mainland China.
const MOBILE_DIGITS: usize = 11;
/// Mailboxes in which dots before the `@` mean nothing.
const DOTLESS: [&str; 2] = ["gmail.com", "googlemail.com"];

/// The digits, without the country code of China and the prefix for calls abroad.
pub(super) fn phone(raw: &str) -> Option<String> {
    let digits: String = text::fold(raw).chars().filter(char::is_ascii_digit).collect();
    let digits = digits.strip_prefix("00").unwrap_or(&digits);
    let national = digits.strip_prefix("86").filter(|rest| rest.len() >= 10).unwrap_or(digits);
    let national = national.strip_prefix('0').filter(|rest| is_mobile(rest)).unwrap_or(national);
    (national.len() >= PHONE_DIGITS_MIN).then(|| national.to_owned())
}

/// Whether it is a mobile number that somebody may have: eleven digits from 13… to 19…, not one digit repeated.
pub(super) fn is_mobile(digits: &str) -> bool {
    let bytes = digits.as_bytes();
    bytes.len() == MOBILE_DIGITS && bytes[0] == b'1' && bytes[1] >= b'3' && bytes[3..].iter().any(|b| *b != bytes[2])
}

/// Lower case, without a `+tag`, and without dots where they mean nothing.
pub(super) fn email(raw: &str) -> String {
    let folded = text::fold(raw).replace(' ', "");
    let Some((user, domain)) = folded.split_once('@') else { return folded };
    let user = user.split('+').next().unwrap_or(user);
    if DOTLESS.contains(&domain) {
        return format!("{}@gmail.com", user.replace('.', ""));
    }
    format!("{user}@{domain}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_spellings_of_a_phone_number_are_one() {
        for spelling in ["13812345678", "+86 138-1234-5678", "0086 13812345678", "(86)138 1234 5678", "013812345678"] {
            assert_eq!(phone(spelling).as_deref(), Some("13812345678"), "{spelling}");
        }
        assert_eq!(phone("010-62345678").as_deref(), Some("01062345678"));
        assert_eq!(phone("123"), None);
        assert!(is_mobile("13812345678") && !is_mobile("13888888888") && !is_mobile("01062345678"));
    }

    #[test]
    fn the_spellings_of_an_email_address_are_one() {
        assert_eq!(email("Li.Wei+bank@Gmail.com"), "liwei@gmail.com");
        assert_eq!(email("li.wei@example.com"), "li.wei@example.com");
    }
}
