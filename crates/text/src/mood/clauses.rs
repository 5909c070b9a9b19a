//! Clauses of a text and the feeling in each.

use super::{
    lexicon::Lexicon,
    scan::{Event, Feeling, scan},
};

/// What counts before and after a "but" in the same sentence.
const BEFORE_BUT: f64 = 0.8;
const AFTER_BUT: f64 = 1.2;

/// Part of a text between marks.
#[derive(Debug, Clone, PartialEq)]
pub struct Clause<'t> {
    /// Its text.
    pub text: &'t str,
    /// The sum of its feelings; above 0 is good.
    pub feeling: f64,
    /// The words of feeling in it and what each adds.
    pub words: Vec<(&'t str, f64)>,
}

/// The lists of both languages.
#[derive(Debug, Clone)]
pub(crate) struct Lexicons(Lexicon);

impl Lexicons {
    pub(crate) fn new() -> Self {
        Self(Lexicon::new())
    }

    /// The clauses of a normalised, simplified text.
    pub(crate) fn clauses<'t>(&self, normal: &'t str) -> Vec<Clause<'t>> {
        let mut clauses: Vec<Clause<'t>> = Vec::new();
        let (mut words, mut start): (Vec<(&str, f64)>, usize) = (Vec::new(), 0);
        // Where the sentence begins among clauses, and what a feeling counts by now.
        let (mut first, mut weight) = (0, 1.0);
        scan(&self.0, normal, |event| match event {
            Event::Feeling(word) => words.push((word.text, word.adds * weight)),
            Event::But => {
                weigh(&mut clauses[first..], BEFORE_BUT);
                words.iter_mut().for_each(|word| word.1 *= BEFORE_BUT);
                weight = AFTER_BUT;
            }
            Event::End { at, mark, stop } => {
                let text = normal[start..at].trim();
                if !text.is_empty() {
                    clauses.push(Clause { text, feeling: 0.0, words: std::mem::take(&mut words) });
                }
                start = at + mark;
                if let Some(factor) = stop.factor() {
                    weigh(&mut clauses[first..], factor);
                    (first, weight) = (clauses.len(), 1.0);
                }
            }
        });
        clauses.iter_mut().for_each(|clause| clause.feeling = clause.words.iter().map(|word| word.1).sum());
        clauses
    }

    /// The words of feeling of a normalised, simplified text, in order.
    pub(crate) fn feelings<'t>(&self, normal: &'t str) -> Vec<Feeling<'t>> {
        let mut feelings = Vec::new();
        scan(&self.0, normal, |event| {
            if let Event::Feeling(feeling) = event {
                feelings.push(feeling);
            }
        });
        feelings
    }

    /// What the clauses' feelings add up to.
    pub(super) fn sum(&self, normal: &str) -> f64 {
        let (mut whole, mut sentence, mut weight) = (0.0, 0.0, 1.0);
        scan(&self.0, normal, |event| match event {
            Event::Feeling(word) => sentence += word.adds * weight,
            Event::But => {
                sentence *= BEFORE_BUT;
                weight = AFTER_BUT;
            }
            Event::End { stop, .. } => {
                if let Some(factor) = stop.factor() {
                    whole += sentence * factor;
                    (sentence, weight) = (0.0, 1.0);
                }
            }
        });
        whole
    }
}

fn weigh(clauses: &mut [Clause<'_>], factor: f64) {
    clauses.iter_mut().flat_map(|clause| &mut clause.words).for_each(|word| word.1 *= factor);
}
