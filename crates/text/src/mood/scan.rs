//! One pass over a text that finds words of feeling and what the words around make of them. It allocates nothing.
//!
//! English is read word by word, Chinese character by character without cutting words first: at each character the longest entry counts,
//! which is faster than a dictionary and needs none. A word that turns or strengthens reaches a few words (or characters) ahead, within
//! its clause.

use super::lexicon::{Lexicon, Role};
use crate::tokens::is_han;

/// How many words (English) or characters (Chinese) before a feeling a turning or strengthening word may stand.
const REACH_WORDS: usize = 4;
const REACH_CHARS: usize = 6;
/// What is left of a feeling that is turned.
const TURNED: f64 = -0.7;
/// A bad feeling that is turned is hardly a good one ("no problem").
const TURNED_BAD: f64 = -0.4;
/// Turning and strengthening words that are remembered in one clause.
const PENDING_MAX: usize = 4;
/// Words of the longest English entry that are looked for.
const WORDS_MAX: usize = 6;

/// What is found, in order of the text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Event<'t> {
    /// A word of feeling.
    Feeling(Feeling<'t>),
    /// What follows counts more than what came before.
    But,
    /// A clause ends before this byte; the mark that ends it is so many bytes long.
    End { at: usize, mark: usize, stop: Stop },
}

/// A word of feeling and what it adds where it stands.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Feeling<'t> {
    pub(crate) text: &'t str,
    /// Its first byte in the text.
    pub(crate) start: usize,
    /// Above 0 is good.
    pub(crate) adds: f64,
}

/// What ends with a clause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    /// The clause alone.
    Clause,
    /// A sentence.
    Sentence,
    /// A question: what it asks about is not said to be so.
    Question,
    /// An exclamation.
    Exclamation,
}

impl Stop {
    fn of(mark: char) -> Self {
        match mark {
            ',' | '、' | ':' | '：' | '，' | '~' => Self::Clause,
            '?' | '？' => Self::Question,
            '!' | '！' => Self::Exclamation,
            _ => Self::Sentence,
        }
    }

    /// What a feeling of the sentence counts; none when the sentence goes on.
    pub(super) fn factor(self) -> Option<f64> {
        match self {
            Self::Clause => None,
            Self::Sentence => Some(1.0),
            Self::Question => Some(0.5),
            Self::Exclamation => Some(1.2),
        }
    }
}

/// A turning or strengthening word: what it does, where it ends, how far it reaches.
#[derive(Debug, Clone, Copy)]
struct Pending {
    role: Role,
    end: usize,
    reach: usize,
}

struct Scan<'l, 't, S> {
    lexicon: &'l Lexicon,
    text: &'t str,
    sink: S,
    /// Words and characters so far.
    position: usize,
    pending: [Pending; PENDING_MAX],
    waiting: usize,
    /// A feeling that a word directly behind may still strengthen, and where it ends.
    last: Option<(Feeling<'t>, usize)>,
}

/// Hands over what a normalised, simplified text holds.
pub(super) fn scan<'t>(lexicon: &Lexicon, text: &'t str, sink: impl FnMut(Event<'t>)) {
    let none = Pending { role: Role::But, end: 0, reach: 0 };
    let pending = [none; PENDING_MAX];
    let mut scan = Scan { lexicon, text, sink, position: 0, pending, waiting: 0, last: None };
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        at += scan.step(at, c);
    }
    scan.end(text.len(), 0, Stop::Sentence);
}

impl<'t, S: FnMut(Event<'t>)> Scan<'_, 't, S> {
    /// Reads what starts at a byte; how many bytes that is.
    fn step(&mut self, at: usize, c: char) -> usize {
        if is_end(self.text, at, c) {
            self.end(at, c.len_utf8(), Stop::of(c));
            return c.len_utf8();
        }
        if c.is_alphanumeric() && !is_han(c) {
            return self.english(at);
        }
        let found = self.lexicon.chinese_at(&self.text[at..], c);
        let bytes = found.map_or(c.len_utf8(), |found| found.0);
        let chars = if bytes == c.len_utf8() { 1 } else { self.text[at..at + bytes].chars().count() };
        if let Some((_, role)) = found {
            self.take(role, at, &self.text[at..at + bytes], chars, REACH_CHARS);
        }
        self.position += usize::from(c != ' ') * chars;
        bytes
    }

    /// The longest phrase that starts at a word; else the word, else its beginning.
    fn english(&mut self, at: usize) -> usize {
        let word = &self.text[at..at + word_length(&self.text[at..])];
        let (role, end, words) = self.phrase(at, word);
        if let Some(role) = role {
            self.take(role, at, &self.text[at..end], words, REACH_WORDS);
        }
        self.position += words;
        end - at
    }

    fn phrase(&self, at: usize, word: &'t str) -> (Option<Role>, usize, usize) {
        let mut end = at + word.len();
        let mut found = (None, end, 1);
        let longest = self.lexicon.words_from(word).min(WORDS_MAX);
        for words in 1..=longest {
            if let Some(role) = self.lexicon.english(&self.text[at..end]) {
                found = (Some(role), end, words);
            }
            let Some(gap) = gap_to_word(&self.text[end..]) else { break };
            end += gap + word_length(&self.text[end + gap..]);
        }
        (found.0.or_else(|| self.lexicon.stem(word)), found.1, found.2)
    }

    fn take(&mut self, role: Role, start: usize, text: &'t str, length: usize, reach: usize) {
        let end = self.position + length;
        match role {
            Role::Feeling(feeling) => {
                self.flush();
                if feeling != 0.0 {
                    let adds = feeling * self.factor(feeling, reach);
                    self.last = Some((Feeling { text, start, adds }, end));
                }
                self.waiting = 0;
            }
            Role::TimesBefore(by) => {
                if let Some((last, _)) = self.last.as_mut().filter(|last| last.1 == self.position) {
                    last.adds *= by;
                }
            }
            Role::But => {
                self.flush();
                (self.sink)(Event::But);
            }
            Role::Not | Role::Times(_) => self.remember(Pending { role, end, reach }),
        }
    }

    /// The oldest is forgotten when there are too many.
    fn remember(&mut self, pending: Pending) {
        if self.waiting == PENDING_MAX {
            self.pending.rotate_left(1);
            self.waiting -= 1;
        }
        self.pending[self.waiting] = pending;
        self.waiting += 1;
    }

    /// What the words before a feeling make of it.
    fn factor(&self, feeling: f64, reach: usize) -> f64 {
        let (mut times, mut turned) = (1.0, false);
        for before in &self.pending[..self.waiting] {
            if self.position - before.end > reach.max(before.reach) {
                continue;
            }
            match before.role {
                Role::Not => turned = !turned,
                Role::Times(by) => times *= by,
                _ => {}
            }
        }
        match (turned, feeling < 0.0) {
            (false, _) => times,
            (true, false) => times * TURNED,
            (true, true) => TURNED_BAD,
        }
    }

    fn flush(&mut self) {
        if let Some((feeling, _)) = self.last.take() {
            (self.sink)(Event::Feeling(feeling));
        }
    }

    fn end(&mut self, at: usize, mark: usize, stop: Stop) {
        self.flush();
        self.waiting = 0;
        (self.sink)(Event::End { at, mark, stop });
    }
}

/// How long the word is that a text starts with; an apostrophe between letters is part of it.
fn word_length(text: &str) -> usize {
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let letter = |c: char| c.is_alphanumeric() && !is_han(c);
        let apostrophe = matches!(c, '\'' | '’') && chars.peek().is_some_and(|&(_, next)| letter(next));
        if !letter(c) && !apostrophe {
            return at;
        }
    }
    text.len()
}

/// How many bytes of blanks and hyphens part a text from a word behind them.
fn gap_to_word(text: &str) -> Option<usize> {
    let at = text.find(|c: char| c != ' ' && c != '-')?;
    let c = text[at..].chars().next()?;
    (at > 0 && c.is_alphanumeric() && !is_han(c)).then_some(at)
}

/// Whether a mark ends a clause. A point or comma between digits ends nothing.
fn is_end(text: &str, at: usize, c: char) -> bool {
    match c {
        '!' | '?' | ';' | '。' | '、' | '…' | '~' | '！' | '？' | '；' | '，' => true,
        '.' | ',' | ':' => {
            let next = text[at + 1..].chars().next();
            !next.is_some_and(|next| next.is_ascii_digit() || (c == '.' && next.is_ascii_alphabetic()))
        }
        _ => false,
    }
}
