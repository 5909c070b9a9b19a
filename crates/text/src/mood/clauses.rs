//! Clauses of a text and the feeling in each: feeling words, turned and strengthened by the words before them.

use super::lexicon::{Lexicon, Role};
use crate::tokens::{is_han, runs};

/// How many words (English) or characters (Chinese) before a feeling a turning or strengthening word may stand.
const REACH_WORDS: usize = 4;
const REACH_CHARS: usize = 6;
/// What is left of a feeling that is turned.
const TURNED: f64 = -0.7;
/// A bad feeling that is turned is hardly a good one ("no problem").
const TURNED_BAD: f64 = -0.4;
/// What counts before and after a "but" in the same sentence.
const BEFORE_BUT: f64 = 0.6;
const AFTER_BUT: f64 = 1.3;

/// Part of a text between marks.
#[derive(Debug, Clone, PartialEq)]
pub struct Clause<'t> {
    /// Its text.
    pub text: &'t str,
    /// The sum of its feelings; above 0 is good.
    pub feeling: f64,
    /// The words of feeling in it and what each adds.
    pub words: Vec<(&'t str, f64)>,
    /// Whether a sentence ends with it.
    ends_sentence: bool,
    /// How many of its words come before a "but".
    before_but: Option<usize>,
}

/// A word or phrase with a role, and where it stands.
struct Item<'t> {
    text: &'t str,
    role: Role,
    /// In words or characters from the start of its run.
    at: usize,
    end: usize,
    reach: usize,
}

/// The lexicons of both languages.
#[derive(Debug, Clone)]
pub(crate) struct Lexicons {
    english: Lexicon,
    chinese: Lexicon,
}

impl Lexicons {
    pub(crate) fn new() -> Self {
        Self { english: Lexicon::english(), chinese: Lexicon::chinese() }
    }

    /// The clauses of a normalised, simplified text.
    pub(crate) fn clauses<'t>(&self, normal: &'t str) -> Vec<Clause<'t>> {
        let mut clauses: Vec<Clause<'t>> = split(normal).map(|(text, ends)| self.clause(text, ends)).collect();
        weigh_buts(&mut clauses);
        clauses
    }

    fn clause<'t>(&self, text: &'t str, ends_sentence: bool) -> Clause<'t> {
        let mut words: Vec<(&str, f64)> = Vec::new();
        let mut before_but = None;
        let mut pending: Vec<Item<'t>> = Vec::new();
        for item in self.items(text) {
            match item.role {
                Role::Feeling(feeling) => {
                    if feeling != 0.0 {
                        words.push((item.text, feeling * factor(&pending, &item, feeling)));
                    }
                    pending.clear();
                }
                Role::But => before_but = Some(words.len()),
                Role::Not | Role::Times(_) => pending.push(item),
            }
        }
        let feeling = words.iter().map(|word| word.1).sum();
        Clause { text, feeling, words, ends_sentence, before_but }
    }

    fn items<'t>(&self, clause: &'t str) -> Vec<Item<'t>> {
        let mut items = Vec::new();
        let mut latin: Vec<(usize, &'t str)> = Vec::new();
        let mut offset = 0;
        for run in runs(clause) {
            offset += 1;
            if run.text.chars().next().is_some_and(is_han) {
                self.english_items(clause, &mut latin, offset, &mut items);
                self.chinese_items(run.text, offset, &mut items);
                offset += run.text.chars().count();
            } else {
                latin.push((run.start, run.text));
            }
        }
        self.english_items(clause, &mut latin, offset + 1, &mut items);
        items
    }

    /// The longest phrases first, then words, then beginnings of words.
    fn english_items<'t>(
        &self,
        clause: &'t str,
        words: &mut Vec<(usize, &'t str)>,
        offset: usize,
        items: &mut Vec<Item<'t>>,
    ) {
        let start = offset - words.len().min(offset);
        let mut at = 0;
        while at < words.len() {
            let longest = self.english.longest.min(words.len() - at);
            let phrase = |length: usize| {
                let (last, text) = words[at + length - 1];
                &clause[words[at].0..last + text.len()]
            };
            let exact = (1..=longest)
                .rev()
                .find_map(|length| Some((length, phrase(length), self.english.role(phrase(length))?)));
            let found = exact.or_else(|| Some((1, words[at].1, self.english.role_of_stem(words[at].1)?)));
            let length = found.as_ref().map_or(1, |found| found.0);
            if let Some((_, text, role)) = found {
                items.push(Item { text, role, at: start + at, end: start + at + length, reach: REACH_WORDS });
            }
            at += length;
        }
        words.clear();
    }

    /// The longest word at each character.
    fn chinese_items<'t>(&self, run: &'t str, offset: usize, items: &mut Vec<Item<'t>>) {
        let mut ends: Vec<usize> = run.char_indices().map(|(at, _)| at).collect();
        ends.push(run.len());
        let chars = ends.len() - 1;
        let mut at = 0;
        while at < chars {
            let longest = self.chinese.longest.min(chars - at);
            let word = |length: usize| &run[ends[at]..ends[at + length]];
            let found = (1..=longest).rev().find_map(|length| Some((length, self.chinese.role(word(length))?)));
            let length = found.map_or(1, |found| found.0);
            if let Some((length, role)) = found {
                items.push(Item {
                    text: word(length),
                    role,
                    at: offset + at,
                    end: offset + at + length,
                    reach: REACH_CHARS,
                });
            }
            at += length;
        }
    }
}

/// What the words before a feeling make of it.
fn factor(pending: &[Item<'_>], item: &Item<'_>, feeling: f64) -> f64 {
    let near = pending.iter().filter(|before| item.at.saturating_sub(before.end) <= item.reach.max(before.reach));
    let (mut times, mut turned) = (1.0, false);
    for before in near {
        match before.role {
            Role::Not => turned = !turned,
            Role::Times(by) => times *= by,
            Role::Feeling(_) | Role::But => {}
        }
    }
    match (turned, feeling < 0.0) {
        (false, _) => times,
        (true, false) => times * TURNED,
        (true, true) => TURNED_BAD,
    }
}

/// Lets what follows a "but" count more than what stands before it in the sentence.
fn weigh_buts(clauses: &mut [Clause<'_>]) {
    let mut first = 0;
    for at in 0..clauses.len() {
        if let Some(before) = clauses[at].before_but {
            clauses[first..at]
                .iter_mut()
                .for_each(|clause| clause.words.iter_mut().for_each(|word| word.1 *= BEFORE_BUT));
            let (said, then) = clauses[at].words.split_at_mut(before);
            said.iter_mut().for_each(|word| word.1 *= BEFORE_BUT);
            then.iter_mut().for_each(|word| word.1 *= AFTER_BUT);
        }
        if clauses[at].ends_sentence {
            first = at + 1;
        }
    }
    clauses.iter_mut().for_each(|clause| clause.feeling = clause.words.iter().map(|word| word.1).sum());
}

/// Clauses, and whether each ends a sentence. A point or comma between digits ends nothing.
fn split(normal: &str) -> impl Iterator<Item = (&str, bool)> {
    let mut rest = Some(normal);
    std::iter::from_fn(move || {
        let text = rest?;
        let Some((at, mark)) = text.char_indices().find(|&(at, c)| is_end(text, at, c)) else {
            rest = None;
            return Some((text, true));
        };
        rest = Some(&text[at + mark.len_utf8()..]);
        Some((&text[..at], !matches!(mark, ',' | '、' | ':' | '：' | '~')))
    })
    .filter(|(text, _)| !text.trim().is_empty())
}

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
