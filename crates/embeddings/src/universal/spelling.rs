//! One spelling for what means the same: the rules that a SentencePiece model carries (NFKC and more), as a trie of replaced texts.
//!
//! The trie is a double array as `darts-clone` writes it: the node behind a byte is at the node's offset XOR the byte; a unit holds its
//! label in the low eight bits, whether a value hangs there in bit 8, and its offset from bit 10 up (times 256 when bit 9 is set). Values are
//! places in a table of texts that each end with a zero.

use super::protobuf;

/// What SentencePiece writes for a blank.
const BLANK: char = '\u{2581}';

/// Rules of spelling.
pub(super) struct Spelling {
    units: Vec<u32>,
    texts: Vec<u8>,
}

impl Spelling {
    /// From a normaliser's settings, whose field 2 holds the trie's length in bytes, the trie and the texts. None when they are cut.
    pub(super) fn of(settings: &[u8]) -> Option<Self> {
        let fields = protobuf::fields(settings)?;
        let Some((_, rules)) = fields.into_iter().find(|(field, rules)| *field == 2 && !rules.is_empty()) else {
            return Some(Self { units: Vec::new(), texts: Vec::new() });
        };
        let (length, rest) = rules.split_first_chunk::<4>()?;
        let (trie, texts) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
        let (units, _) = trie.as_chunks::<4>();
        Some(Self { units: units.iter().map(|unit| u32::from_le_bytes(*unit)).collect(), texts: texts.to_vec() })
    }

    /// A text in that spelling: a blank before the first word, one between words, none at the end.
    pub(super) fn of_text(&self, text: &str) -> String {
        let mut out = String::new();
        let mut blank = true;
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let (length, replaced) = self.replaced(rest.as_bytes()).unwrap_or((first.len_utf8(), None));
            let (taken, after) = rest.split_at_checked(length).unwrap_or((rest, ""));
            for c in replaced.unwrap_or(taken).chars() {
                match c {
                    ' ' => blank = true,
                    c => {
                        if std::mem::take(&mut blank) {
                            out.push(BLANK);
                        }
                        out.push(c);
                    }
                }
            }
            rest = after;
        }
        out
    }

    /// How many bytes the longest rule takes that fits here, and what it makes of them.
    fn replaced(&self, bytes: &[u8]) -> Option<(usize, Option<&str>)> {
        let mut longest = None;
        let mut node = offset(*self.units.first()?);
        for (at, &byte) in bytes.iter().enumerate() {
            node ^= u32::from(byte);
            let Some(&unit) = self.units.get(node as usize) else { break };
            if unit & 0x8000_00ff != u32::from(byte) {
                break;
            }
            node ^= offset(unit);
            if unit & 0x100 != 0 {
                longest = self.units.get(node as usize).map(|value| (at + 1, value & 0x7fff_ffff));
            }
        }
        longest.map(|(length, value)| (length, Some(self.text(value as usize))))
    }

    fn text(&self, at: usize) -> &str {
        let bytes = self.texts.get(at..).unwrap_or_default();
        let end = bytes.iter().position(|&byte| byte == 0).unwrap_or(bytes.len());
        std::str::from_utf8(&bytes[..end]).unwrap_or_default()
    }
}

fn offset(unit: u32) -> u32 {
    (unit >> 10) << ((unit & 0x200) >> 6)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_stand_before_words_only() {
        let spelling = Spelling::of(&[]).unwrap();
        assert_eq!(spelling.of_text("  my  card "), "▁my▁card");
        assert_eq!(spelling.of_text("   "), "");
    }

    #[test]
    fn rules_that_are_cut_are_refused() {
        assert!(Spelling::of(&[0x12, 5, 255, 0, 0, 0, 1]).is_none());
    }
}
