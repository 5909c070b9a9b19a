//! What a password must be: long, not the user's name, not one that everybody tries first.
//!
//! No rule about capitals and digits: they make passwords that people forget and programs guess.

use std::collections::HashSet;

use florin_store::User;

use crate::{
    error::{AccessError, Result},
    secret::Secret,
};

/// Signs of a password at least.
pub const CHARS_MIN: usize = 12;
/// Bytes of a password at most: what is longer costs more to hash than it is worth.
pub const BYTES_MAX: usize = 512;
/// Different signs of a password at least.
const DIFFERENT_MIN: usize = 5;
/// A name shorter than this may be part of a password by chance.
const NAME_CHARS_MIN: usize = 4;
/// What is left of a password without the common words in it must be so long.
const REST_CHARS_MIN: usize = 6;
/// What a second common word is worth, and a third: some of them one after the other are a phrase.
const WORD_WORTH_CHARS: usize = 3;

/// What people take first, in small letters, a line each.
const COMMON: &str = include_str!("common.txt");

/// Whether a password is good enough for a user, in the place of an old one.
///
/// # Errors
/// [`AccessError::WeakPassword`] says what it needs.
pub fn check(new: &Secret, old: &Secret, user: &User) -> Result<()> {
    let text = new.expose();
    let why = if text.chars().count() < CHARS_MIN {
        "at least 12 signs; a short sentence does well"
    } else if text.len() > BYTES_MAX {
        "at most 512 bytes"
    } else if text == old.expose() {
        "another one than before"
    } else if has_name(text, user) {
        "without your own name in it"
    } else if is_monotonous(text) || is_common(text) {
        "not one that everybody tries first"
    } else {
        return Ok(());
    };
    Err(AccessError::WeakPassword { why })
}

fn has_name(text: &str, user: &User) -> bool {
    let text = text.to_lowercase();
    let mut names = user.name.split(['.', '_', '-', '@']).chain(user.display_name.split_whitespace());
    names.any(|name| name.chars().count() >= NAME_CHARS_MIN && text.contains(&name.to_lowercase()))
}

/// Few signs again and again, or a run such as `abcdefghijkl`.
fn is_monotonous(text: &str) -> bool {
    let different: HashSet<char> = text.chars().collect();
    if different.len() < DIFFERENT_MIN {
        return true;
    }
    let codes: Vec<i64> = text.chars().map(|c| i64::from(u32::from(c))).collect();
    let steps = codes.windows(2).filter(|pair| (pair[1] - pair[0]).abs() == 1).count();
    // In `123456789012` all steps but two are of one.
    steps + 3 >= codes.len()
}

/// Common words with little around them, however they are spelt.
fn is_common(text: &str) -> bool {
    let plain: String = text.to_lowercase().chars().map(unleet).filter(|c| c.is_alphanumeric()).collect();
    let spelt: String = text.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect();
    [plain, spelt].into_iter().any(too_little_beside_common_words)
}

fn too_little_beside_common_words(mut text: String) -> bool {
    let mut words = 0;
    // The longer come first, where one begins with another.
    for word in COMMON.lines() {
        words += text.matches(word).count();
        text = text.replace(word, "");
    }
    words > 0 && text.chars().count() + (words - 1) * WORD_WORTH_CHARS < REST_CHARS_MIN
}

/// What people write instead of letters.
fn unleet(sign: char) -> char {
    match sign {
        '0' => 'o',
        '1' | '!' => 'i',
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use florin_domain::EventTime;

    use super::*;

    #[test]
    fn what_a_password_must_be() {
        let user = User {
            name: "ana.lopez".to_owned(),
            display_name: "Ana 洛佩斯先生 López".to_owned(),
            roles: vec![],
            disabled: false,
            created_at: EventTime(0),
        };
        let cases = [
            ("tea at the old mill", ""),
            ("十二个字的密码需要长一点吧", ""),
            ("9f$Lw2!kQz7p", ""),
            ("password of my grandmother", ""),
            ("princess dragon monkey", ""),
            ("princessdragon", "not one that everybody tries first"),
            ("short", "at least 12 signs; a short sentence does well"),
            ("十个字的密码不够长啊", "at least 12 signs; a short sentence does well"),
            ("what it was before", "another one than before"),
            ("Lopez likes tea", "without your own name in it"),
            ("我是洛佩斯先生的朋友们吧啊", "without your own name in it"),
            ("aaaaaaaaaaaaaaaa", "not one that everybody tries first"),
            ("abababababab", "not one that everybody tries first"),
            ("123456789012", "not one that everybody tries first"),
            ("abcdefghijklm", "not one that everybody tries first"),
            ("P@ssw0rd12345", "not one that everybody tries first"),
            ("qwertyuiop[]", "not one that everybody tries first"),
            ("woaini5201314", "not one that everybody tries first"),
            ("Administrator1!", "not one that everybody tries first"),
        ];
        for (text, expected) in cases {
            let why = match check(&text.into(), &"what it was before".into(), &user) {
                Err(AccessError::WeakPassword { why }) => why,
                _ => "",
            };
            assert_eq!(why, expected, "{text}");
        }
        assert!(check(&"long enough ".repeat(50).as_str().into(), &"".into(), &user).is_err());
    }

    #[test]
    fn the_common_words_are_spelt_as_they_are_looked_for() {
        for word in COMMON.lines() {
            assert!(word.len() > 4 && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit()), "{word}");
        }
    }
}
