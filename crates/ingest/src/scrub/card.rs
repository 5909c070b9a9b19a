//! Payment cards: 12 to 19 digits of a known issuer with the right check digit.

use super::{
    Found,
    checksum::luhn,
    number::{Candidate, Window},
};

const RANK: u8 = 3;

/// First and last prefix of an issuer's cards (as many digits each), and the lengths of their numbers.
type Issuer = (u32, u32, &'static [usize]);

#[rustfmt::skip]
const ISSUERS: &[Issuer] = &[
    (4, 4, &[13, 16, 19]),             // Visa
    (51, 55, &[16]),                   // Mastercard
    (2221, 2720, &[16]),               // Mastercard
    (34, 34, &[15]),                   // American Express
    (37, 37, &[15]),                   // American Express
    (62, 62, &[16, 17, 18, 19]),       // UnionPay
    (81, 81, &[16, 17, 18, 19]),       // UnionPay
    (9558, 9559, &[16, 17, 18, 19]),   // Chinese debit cards before UnionPay
    (6011, 6011, &[16, 17, 18, 19]),   // Discover
    (644, 659, &[16, 17, 18, 19]),     // Discover, RuPay
    (300, 305, &[14, 16]),             // Diners Club
    (36, 36, &[14, 16]),               // Diners Club
    (38, 39, &[14, 16]),               // Diners Club
    (3528, 3589, &[16, 17, 18, 19]),   // JCB
    (2200, 2204, &[16, 17, 18, 19]),   // Mir
    (601, 609, &[16, 19]),             // RuPay, Chinese debit cards before UnionPay
    (9792, 9792, &[16]),               // Troy
    (5018, 5018, &[12, 13, 14, 15, 16, 17, 18, 19]), // Maestro
    (5020, 5020, &[12, 13, 14, 15, 16, 17, 18, 19]), // Maestro
    (5038, 5038, &[12, 13, 14, 15, 16, 17, 18, 19]), // Maestro
    (5893, 5893, &[12, 13, 14, 15, 16, 17, 18, 19]), // Maestro
    (6304, 6304, &[12, 13, 14, 15, 16, 17, 18, 19]), // Maestro
    (6759, 6763, &[12, 13, 14, 15, 16, 17, 18, 19]), // Maestro
];

/// Groups as embossed on cards and printed on slips.
const LAYOUTS: &[&[usize]] = &[
    &[4, 4, 4, 4],
    &[4, 4, 4, 4, 1],
    &[4, 4, 4, 4, 2],
    &[4, 4, 4, 4, 3],
    &[4, 6, 5],
    &[4, 6, 4],
    &[4, 4, 8],
    &[4, 12],
    &[6, 10],
    &[6, 13],
    &[8, 8],
    &[8, 11],
];

/// The card number that a window is.
pub(super) fn recognise(window: Window<'_>) -> Option<Candidate> {
    let digits = window.digits();
    let is_card = is_issued(digits) && luhn(digits) && window.is_laid_out(LAYOUTS);
    is_card.then(|| window.candidate(Found::Card, RANK))
}

fn is_issued(digits: &[u8]) -> bool {
    ISSUERS.iter().any(|(first, last, lengths)| {
        lengths.contains(&digits.len()) && (*first..=*last).contains(&prefix(digits, first.ilog10() as usize + 1))
    })
}

fn prefix(digits: &[u8], length: usize) -> u32 {
    digits[..length].iter().fold(0, |value, d| value * 10 + u32::from(d - b'0'))
}
