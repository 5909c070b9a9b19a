//! The quick look that lets almost every text pass: is there anything in it that could identify a person?

/// Fewer digits in a row (blanks and hyphens between them do not count) identify nobody …
const DIGITS_MIN: u32 = 9;
/// … where a plus before them counts as one.
const DIGITS_AFTER_PLUS_MIN: u32 = DIGITS_MIN - 1;
/// Nothing that identifies a person is shorter.
const BYTES_MIN: usize = 6;
/// Bytes that are looked at at once.
const BLOCK: usize = 16;

/// What a character does to the row of digits that is being counted.
#[derive(Clone, Copy)]
struct Step {
    /// 1 for a digit.
    digit: u32,
    /// All bits where the row goes on, none where it ends.
    keep: u32,
    /// 1 for a plus.
    plus: u32,
    at: bool,
}

const OTHER: Step = Step { digit: 0, keep: 0, plus: 0, at: false };
const DIGIT: Step = Step { digit: 1, keep: u32::MAX, ..OTHER };
const GAP: Step = Step { keep: u32::MAX, ..OTHER };
const PLUS: Step = Step { plus: 1, ..OTHER };
const AT: Step = Step { at: true, ..OTHER };

/// Whether a text may hold an identifying value. Never false for one that does.
pub(super) fn may_identify(text: &[u8]) -> bool {
    text.len() >= BYTES_MIN && has_digits_or_at(text) && has_row_or_at(text)
}

/// A few instructions for each 16 bytes, of a text or of a whole column: are there enough digits at all, or something that needs a closer look?
pub(super) fn has_digits_or_at(text: &[u8]) -> bool {
    let (blocks, rest) = text.as_chunks::<BLOCK>();
    let mut last = [0; BLOCK];
    last[..rest.len()].copy_from_slice(rest);
    let mut digits = 0;
    for block in blocks.iter().chain([&last]) {
        // The first byte of full-width characters.
        let closer = block.iter().fold(false, |any, &b| any | (b == b'@') | (b == 0xef));
        if closer {
            return true;
        }
        digits += u32::from(block.iter().fold(0, |n, b| n + u8::from(b.is_ascii_digit())));
    }
    digits >= DIGITS_AFTER_PLUS_MIN
}

/// Counts along the rows without a branch for each kind of character: codes mix them at random.
fn has_row_or_at(text: &[u8]) -> bool {
    let (mut digits, mut plus) = (0, 0);
    let mut at = 0;
    while at < text.len() {
        let (step, width) = match ASCII.get(usize::from(text[at])) {
            Some(&step) => (step, 1),
            None => look(&text[at..]),
        };
        at += width;
        digits = (digits & step.keep) + step.digit;
        plus = (plus & step.keep) | step.plus;
        if digits + plus >= DIGITS_MIN || step.at {
            return true;
        }
    }
    false
}

const ASCII: [Step; 128] = {
    let mut steps = [OTHER; 128];
    let mut byte = 0;
    while byte < 128 {
        steps[byte] = match byte as u8 {
            b'0'..=b'9' => DIGIT,
            b' ' | b'-' | b'.' | b'(' | b')' | b'/' | b'_' => GAP,
            b'+' => PLUS,
            b'@' => AT,
            _ => OTHER,
        };
        byte += 1;
    }
    steps
};

/// The character beyond ASCII at the start of `rest`, and its bytes. Must see as [`fold`](super::fold) folds.
fn look(rest: &[u8]) -> (Step, usize) {
    match rest {
        // No-break space, middle dot, soft hyphen.
        [0xc2, 0xa0 | 0xb7 | 0xad, ..] => (GAP, 2),
        // Blanks, nothing-wide characters and dashes of the general punctuation; word joiner; minus.
        [0xe2, 0x80, 0x80..=0x95 | 0xaf, ..] | [0xe2, 0x81, 0xa0, ..] | [0xe2, 0x88, 0x92, ..] => (GAP, 3),
        [0xe3, 0x80, 0x80, ..] | [0xef, 0xbb, 0xbf, ..] => (GAP, 3),
        [0xef, 0xbc, 0x90..=0x99, ..] => (DIGIT, 3),
        [0xef, 0xbc, 0x88 | 0x89 | 0x8d | 0x8e | 0x8f | 0xbf, ..] => (GAP, 3),
        [0xef, 0xbc, 0x8b, ..] => (PLUS, 3),
        [0xef, 0xbc, 0xa0, ..] => (AT, 3),
        _ => (OTHER, 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_codes_amounts_and_dates_pass() {
        for text in
            ["", "VYBER", "2024-02-29", "12:30:45 123456", "1,234,567,890.12", "d-1234567", "手机银行，12345678"]
        {
            assert!(!may_identify(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn whatever_the_writing_digits_are_counted() {
        let written = [
            "13812345678",
            "１３８１２３４５６７８",
            "1 3 8 1 2 3 4 5 6 7 8",
            "138\u{200b}1234–5678",
            "＋47 22 33 44 55",
        ];
        for text in written.into_iter().chain(["a＠b.cn", "a@b.cn"]) {
            assert!(may_identify(text.as_bytes()), "{text}");
        }
    }
}
