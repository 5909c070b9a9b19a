//! One way of writing: full-width characters, blanks and dashes of every kind as ASCII.

use std::ops::Range;

/// A text, folded, and where each of its bytes came from.
pub(super) struct Folded<'t> {
    text: std::borrow::Cow<'t, str>,
    /// For each byte of the folded text, and its end, the byte of the original; empty when nothing was folded.
    origin: Vec<usize>,
}

impl<'t> Folded<'t> {
    pub(super) fn new(original: &'t str) -> Self {
        if original.is_ascii() {
            return Self { text: original.into(), origin: Vec::new() };
        }
        match original.char_indices().find(|&(_, c)| fold(c) != Fold::Same) {
            None => Self { text: original.into(), origin: Vec::new() },
            Some((start, _)) => Self::from(original, start),
        }
    }

    /// Folds from the first character that needs it.
    fn from(original: &'t str, start: usize) -> Self {
        let mut text = String::with_capacity(original.len());
        text.push_str(&original[..start]);
        let mut origin: Vec<usize> = (0..start).collect();
        for (at, c) in original[start..].char_indices() {
            let folded = match fold(c) {
                Fold::Same => c,
                Fold::To(ascii) => ascii,
                Fold::Nothing => continue,
            };
            text.push(folded);
            origin.extend(std::iter::repeat_n(start + at, folded.len_utf8()));
        }
        origin.push(original.len());
        Self { text: text.into(), origin }
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// A range of the folded text as one of the original.
    pub(super) fn original(&self, range: Range<usize>) -> Range<usize> {
        if self.origin.is_empty() { range } else { self.origin[range.start]..self.origin[range.end] }
    }
}

#[derive(PartialEq)]
enum Fold {
    Same,
    To(char),
    Nothing,
}

fn fold(c: char) -> Fold {
    match c {
        '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{3000}' => Fold::To(' '),
        '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{ad}' => Fold::Nothing,
        '\u{2010}'..='\u{2015}' | '\u{2212}' => Fold::To('-'),
        '·' => Fold::To('.'),
        '\u{ff01}'..='\u{ff5e}' => Fold::To(char::from_u32(c as u32 - 0xfee0).unwrap_or(c)),
        _ => Fold::Same,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_of_the_folded_text_lead_back_to_the_original() {
        let original = "号１３８\u{200b}—４是";
        let folded = Folded::new(original);
        assert_eq!(folded.text(), "号138-4是");
        let start = folded.text().find("138").unwrap_or_default();
        assert_eq!(&original[folded.original(start..start + 5)], "１３８\u{200b}—４");
        assert_eq!(folded.original(0..folded.text().len()), 0..original.len());
    }

    #[test]
    fn plain_text_is_not_copied() {
        let folded = Folded::new("手机 138");
        assert!(matches!(folded.text, std::borrow::Cow::Borrowed(_)));
        assert_eq!(folded.original(3..7), 3..7);
    }
}
