//! Check digits: what tells an account number from any other number.

/// The Luhn check of payment cards (ISO/IEC 7812-1), over ASCII digits.
pub(super) fn luhn(digits: &[u8]) -> bool {
    let doubled = |d: u32| if d > 4 { 2 * d - 9 } else { 2 * d };
    let values = digits.iter().rev().map(|&d| u32::from(d - b'0')).enumerate();
    values.map(|(i, d)| if i % 2 == 1 { doubled(d) } else { d }).sum::<u32>() % 10 == 0
}

/// The check character of a resident id (ISO 7064 MOD 11-2, GB 11643) for its first 17 ASCII digits.
pub(super) fn resident_check(digits: &[u8]) -> u8 {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = digits.iter().zip(WEIGHTS).map(|(&d, weight)| u32::from(d - b'0') * weight).sum();
    b"10X98765432"[sum as usize % 11]
}

/// The check of an IBAN (ISO 7064 MOD 97-10) in upper-case ASCII letters and digits, four at least.
pub(super) fn mod97(iban: &[u8]) -> bool {
    let rearranged = iban[4..].iter().chain(&iban[..4]);
    let rest = rearranged.fold(0, |rest: u32, &c| match c {
        b'0'..=b'9' => (rest * 10 + u32::from(c - b'0')) % 97,
        _ => (rest * 100 + u32::from(c.wrapping_sub(b'A')) + 10) % 97,
    });
    rest == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_examples_pass_and_a_changed_digit_does_not() {
        assert!(luhn(b"4111111111111111") && !luhn(b"4111111111111112"));
        assert!(luhn(b"79927398713") && !luhn(b"79927398731"));
        assert_eq!(resident_check(b"11010519491231002"), b'X');
        assert_eq!(resident_check(b"44052418800101001"), b'4');
        assert!(mod97(b"GB29NWBK60161331926819") && !mod97(b"GB29NWBK60161331926818"));
        assert!(mod97(b"FR1420041010050500013M02606"));
    }
}
