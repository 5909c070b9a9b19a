//! Resident identity numbers after GB 11643-1999: 17 digits and a check character (ISO 7064, MOD 11-2).

use super::{date::Day, text};

const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const CHECKS: [char; 11] = ['1', '0', 'x', '9', '8', '7', '6', '5', '4', '3', '2'];

/// Letters and digits only; a number of 15 digits becomes the one of 18 that replaced it.
pub(super) fn canonical(raw: &str) -> String {
    let bare: String = text::fold(raw).chars().filter(char::is_ascii_alphanumeric).collect();
    if bare.len() != 15 || !bare.bytes().all(|b| b.is_ascii_digit()) {
        return bare;
    }
    let long = format!("{}19{}", &bare[..6], &bare[6..]);
    match check(&long) {
        Some(check) => format!("{long}{check}"),
        None => bare,
    }
}

/// Whether the day of birth exists and the check character is right.
pub(super) fn is_valid(value: &str) -> bool {
    value.len() == 18
        && value.is_ascii()
        && Day::parse(&value[6..14]).is_some()
        && check(&value[..17]).is_some_and(|check| value.ends_with(check))
}

fn check(digits: &str) -> Option<char> {
    let mut sum = 0;
    for (digit, weight) in digits.chars().zip(WEIGHTS) {
        sum += digit.to_digit(10)? * weight;
    }
    CHECKS.get((sum % 11) as usize).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_and_new_numbers_of_a_person_are_one() {
        assert_eq!(canonical("110105 491231 002"), "11010519491231002x");
        assert_eq!(canonical("11010519491231002X"), "11010519491231002x");
    }

    #[test]
    fn a_number_with_a_wrong_digit_is_not_valid() {
        assert!(is_valid("11010519491231002x"));
        assert!(!is_valid("11010519491231003x"));
        assert!(!is_valid("110105194913310027"));
        assert!(!is_valid("6988048"));
    }
}
