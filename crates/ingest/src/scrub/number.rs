//! Numbers as people write them: groups of digits with something small between.

use std::ops::Range;

use super::{Found, card, national_id, phone};

/// Digits of the shortest and the longest value that is looked for: telephone numbers of small countries, payment cards.
const DIGITS_MIN: usize = 8;
const DIGITS_MAX: usize = 19;
/// More bytes than this between two digits are more than a gap.
const GAP_BYTES_MAX: usize = 3;

/// A range of a text that identifies a person. Where two overlap the lower rank wins, then the longer.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Candidate {
    pub(super) range: Range<usize>,
    pub(super) found: Found,
    pub(super) rank: u8,
}

#[derive(Debug)]
struct Group {
    range: Range<usize>,
    /// Where its digits start among those of the run.
    first: usize,
}

/// Groups of digits with nothing but blanks, hyphens, dots, slashes, parentheses or underscores between, of one text
/// after the other: its buffers are used again.
#[derive(Debug, Default)]
pub(super) struct Run {
    groups: Vec<Group>,
    digits: Vec<u8>,
}

impl Run {
    /// Adds what is recognised in the runs of `text`.
    pub(super) fn recognise_all(&mut self, text: &str, candidates: &mut Vec<Candidate>) {
        let bytes = text.as_bytes();
        let mut at = 0;
        while let Some(start) = bytes[at..].iter().position(u8::is_ascii_digit) {
            at = self.read(bytes, at + start);
            if self.digits.len() >= DIGITS_MIN {
                self.recognise(text, candidates);
            }
        }
    }

    /// Reads the run that starts at `start`, and says where it ends.
    fn read(&mut self, text: &[u8], start: usize) -> usize {
        self.groups.clear();
        self.digits.clear();
        let mut at = start;
        loop {
            let size = text[at..].iter().take_while(|b| b.is_ascii_digit()).count();
            self.groups.push(Group { range: at..at + size, first: self.digits.len() });
            self.digits.extend_from_slice(&text[at..at + size]);
            at += size;
            let gap =
                text[at..].iter().take_while(|b| matches!(b, b' ' | b'-' | b'.' | b'/' | b'(' | b')' | b'_')).count();
            if gap > GAP_BYTES_MAX || !text.get(at + gap).is_some_and(u8::is_ascii_digit) {
                return at;
            }
            at += gap;
        }
    }

    fn recognise(&self, text: &str, candidates: &mut Vec<Candidate>) {
        for from in 0..self.groups.len() {
            for to in from..self.groups.len() {
                let alone = from == 0 && to + 1 == self.groups.len();
                let window = Window { run: self, text, from, to, alone };
                match window.digits().len() {
                    ..DIGITS_MIN => {}
                    DIGITS_MIN..=DIGITS_MAX => candidates.extend(window.recognise()),
                    _ => break,
                }
            }
        }
    }
}

/// Some groups of a run, one after the other.
#[derive(Clone, Copy)]
pub(super) struct Window<'r> {
    run: &'r Run,
    text: &'r str,
    from: usize,
    /// The last of them.
    to: usize,
    /// Whether the run has no other groups.
    alone: bool,
}

impl<'r> Window<'r> {
    fn recognise(self) -> Option<Candidate> {
        let candidate = national_id::recognise(self)
            .or_else(|| card::recognise(self))
            .or_else(|| national_id::recognise_short(self))
            .or_else(|| phone::recognise(self));
        candidate.filter(|_| self.stands_alone())
    }

    /// All digits, as ASCII.
    pub(super) fn digits(self) -> &'r [u8] {
        let end = self.run.groups.get(self.to + 1).map_or(self.run.digits.len(), |next| next.first);
        &self.run.digits[self.run.groups[self.from].first..end]
    }

    /// The bytes of the text.
    pub(super) fn range(self) -> Range<usize> {
        self.run.groups[self.from].range.start..self.run.groups[self.to].range.end
    }

    /// The whole text.
    pub(super) fn text(self) -> &'r str {
        self.text
    }

    /// What stands before the window.
    pub(super) fn before(self) -> &'r str {
        &self.text[..self.range().start]
    }

    /// What stands after the window.
    pub(super) fn after(self) -> &'r str {
        &self.text[self.range().end..]
    }

    fn groups(self) -> &'r [Group] {
        &self.run.groups[self.from..=self.to]
    }

    /// How many digits each group has.
    pub(super) fn sizes(self) -> impl Iterator<Item = usize> {
        self.groups().iter().map(|group| group.range.len())
    }

    /// Whether the groups have these numbers of digits.
    pub(super) fn sized(self, sizes: &[usize]) -> bool {
        self.groups().len() == sizes.len() && self.sizes().eq(sizes.iter().copied())
    }

    /// What stands between the groups.
    pub(super) fn gaps(self) -> impl Iterator<Item = &'r str> {
        self.groups().windows(2).map(|pair| &self.text[pair[0].range.end..pair[1].range.start])
    }

    /// One group alone.
    pub(super) fn is_single(self) -> bool {
        self.from == self.to
    }

    /// The window without its first group.
    pub(super) fn rest(self) -> Option<Self> {
        (!self.is_single()).then_some(Self { from: self.from + 1, ..self })
    }

    /// The digits of the first group.
    pub(super) fn first(self) -> &'r str {
        &self.text[self.run.groups[self.from].range.clone()]
    }

    /// Whether no other number is near.
    pub(super) fn is_alone(self) -> bool {
        self.alone
    }

    /// Whether one number may be written in these groups: in one, in usual ones, digit by digit, or, when no other
    /// number is near, in any.
    pub(super) fn is_laid_out(self, usual: &[&[usize]]) -> bool {
        if self.is_single() {
            return true;
        }
        let plain = self.gaps().all(|gap| gap.bytes().all(|b| matches!(b, b' ' | b'-')));
        let digit_by_digit = plain && self.sizes().all(|size| size == 1);
        let alone = plain && self.alone && (self.gaps_are_alike() || !self.starts_like_a_date());
        digit_by_digit || alone || (self.gaps_are_alike() && usual.iter().any(|sizes| self.sized(sizes)))
    }

    /// Whether the same blank, hyphen or dot stands between all groups.
    pub(super) fn gaps_are_alike(self) -> bool {
        let first = self.gaps().next().unwrap_or_default();
        matches!(first, " " | "-" | "." | "  " | " - ") && self.gaps().all(|gap| gap == first)
    }

    fn starts_like_a_date(self) -> bool {
        let mut sizes = self.sizes();
        match (sizes.next(), sizes.next(), sizes.next()) {
            (Some(4), Some(1..=2), Some(1..=2)) => (b"18".as_slice()..b"21").contains(&&self.digits()[..2]),
            (Some(1..=2), Some(1..=2), Some(4)) => true,
            _ => false,
        }
    }

    /// Whether it is not a piece of something else: of a decimal number, or of a code of letters and digits. Letters
    /// alone (`tel138…`) do not make a code.
    fn stands_alone(self) -> bool {
        let is_code = |c: &char| c.is_ascii_alphanumeric() || *c == '_';
        let before = self.before().chars().rev().take_while(is_code).any(|c| c.is_ascii_digit());
        let after = self.after().chars().take_while(is_code).any(|c| c.is_ascii_digit());
        let is_piece = before || after || (self.is_single() && self.is_decimal());
        !is_piece
    }

    /// `0.138…` and `138….50`
    fn is_decimal(self) -> bool {
        let (before, after) = (self.before(), self.after());
        let fraction = after.strip_prefix('.').map_or(0, |rest| rest.bytes().take_while(u8::is_ascii_digit).count());
        let is_fraction = before.strip_suffix('.').is_some_and(|rest| rest.ends_with(|c: char| c.is_ascii_digit()));
        is_fraction || (1..=4).contains(&fraction)
    }

    /// Recognised as it stands.
    pub(super) fn candidate(self, found: Found, rank: u8) -> Candidate {
        Candidate { range: self.range(), found, rank }
    }
}
