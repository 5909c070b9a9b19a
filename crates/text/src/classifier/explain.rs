//! Why this label? What each word of the text adds to the decision; the parts add up to it.

use std::collections::HashMap;

use super::Classifier;
use crate::{
    error::Result,
    tfidf::Hashed,
    tokens::{Gram, Prepared, Word},
};

/// What a word adds to a label's decision.
#[derive(Debug, Clone, PartialEq)]
pub struct Reason {
    /// The word (or mark, or blank), as the normalised text has it.
    pub word: String,
    /// What all places of it add: above 0 speaks for the label.
    pub adds: f64,
}

/// Why a label is given or not.
#[derive(Debug, Clone, PartialEq)]
pub struct Explanation {
    /// The label's decision before calibration: the sum of all reasons, the meaning and the bias.
    pub decision: f64,
    /// What the label has before a word is read.
    pub bias: f64,
    /// What the meaning of the whole text adds, beside its words; 0 when none was handed in.
    pub meaning: f64,
    /// Every word that matters, the strongest first.
    pub reasons: Vec<Reason>,
}

impl Classifier {
    /// What each word of the text adds to the decision for a label. An n-gram's part is shared by its places and, within a place, by
    /// the letters of the words it covers; n-grams that cover marks only count for the marks, those of
    /// blanks only for blanks.
    ///
    /// For a label that does not exist there are no reasons.
    #[must_use]
    pub fn explain(&self, text: &str, label: usize) -> Explanation {
        self.explained(text, &self.vectoriser.row(text), label)
    }

    /// The same for a text and its meaning, which adds one part beside those of words.
    ///
    /// # Errors
    /// When the meaning has not as many numbers as those that the classifier was trained with.
    pub fn explain_with(&self, text: &str, meaning: &[f32], label: usize) -> Result<Explanation> {
        Ok(self.explained(text, &self.row_with(text, meaning)?, label))
    }

    fn explained(&self, text: &str, row: &[(u32, f32)], label: usize) -> Explanation {
        let (machine, sign) = match (self.labels.len(), label) {
            (2, 0) => (0, -1.0),
            (2, 1) => (0, 1.0),
            _ => (label, 1.0),
        };
        let Some(bias) = self.weights.biases.get(machine).map(|bias| sign * bias) else {
            return Explanation { decision: 0.0, bias: 0.0, meaning: 0.0, reasons: Vec::new() };
        };
        let analyser = self.vectoriser.analyser();
        let prepared = analyser.prepare(text);
        let (words, meaning) = row.split_at(row.partition_point(|entry| (entry.0 as usize) < self.vectoriser.width()));
        let parts = self.parts(words, machine);
        let meaning = sign * meaning.iter().map(|entry| self.part(entry, machine)).sum::<f64>();
        let mut bytes = Spread::over(&analyser.words(&prepared), prepared.padded());
        for view in 0..analyser.views().len() {
            self.share(view, &prepared, &parts, &mut bytes);
        }
        let mut reasons = bytes.reasons(sign);
        reasons.sort_by(|a, b| b.adds.abs().total_cmp(&a.adds.abs()).then_with(|| a.word.cmp(&b.word)));
        let decision = bias + meaning + sign * parts.values().map(|part| part.1).sum::<f64>();
        Explanation { decision, bias, meaning, reasons }
    }

    /// The words that speak most for a label, over all texts: the n-grams with the largest weights.
    #[must_use]
    pub fn strongest(&self, label: usize, count: usize) -> Vec<(&str, f64)> {
        let (machine, sign) =
            if self.labels.len() == 2 { (0, if label == 1 { 1.0 } else { -1.0 }) } else { (label, 1.0) };
        let mut all: Vec<(usize, f64)> =
            (0..self.vectoriser.width()).map(|column| (column, sign * self.weights.weight(column, machine))).collect();
        all.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        all.into_iter().take(count).map(|(column, weight)| (self.vectoriser.gram(column), weight)).collect()
    }

    /// Value times weight of each column of the text, with the column's view.
    fn parts(&self, row: &[(u32, f32)], machine: usize) -> HashMap<u32, (usize, f64), Hashed> {
        row.iter()
            .map(|entry| {
                let view = self.vectoriser.view_of(entry.0 as usize).unwrap_or_default();
                (entry.0, (view, self.part(entry, machine)))
            })
            .collect()
    }

    fn part(&self, (column, value): &(u32, f32), machine: usize) -> f64 {
        f64::from(*value) * self.weights.weight(*column as usize, machine)
    }

    /// Gives each n-gram's part to its places.
    fn share(
        &self,
        view: usize,
        prepared: &Prepared,
        parts: &HashMap<u32, (usize, f64), Hashed>,
        bytes: &mut Spread<'_>,
    ) {
        let analyser = self.vectoriser.analyser();
        let mut places: HashMap<u32, f64, Hashed> = HashMap::default();
        let column = |gram: &Gram<'_>| self.vectoriser.column(gram.hash).filter(|column| parts.contains_key(column));
        analyser.each_gram(view, prepared, |gram| {
            if let Some(column) = column(&gram) {
                *places.entry(column).or_default() += 1.0;
            }
        });
        analyser.each_gram(view, prepared, |gram| {
            let Some(column) = column(&gram) else { return };
            let (Some((_, part)), Some(count)) = (parts.get(&column), places.get(&column)) else { return };
            bytes.give(gram.start, gram.end, part / count);
        });
    }
}

/// Who owns each byte of a text: a word, a mark, or nobody (blanks).
struct Spread<'p> {
    owners: Vec<Option<usize>>,
    words: Vec<&'p str>,
    /// The first so many are words, then marks, the last is for blanks.
    real: usize,
    sums: Vec<f64>,
}

impl<'p> Spread<'p> {
    fn over(words: &[Word<'p>], text: &'p str) -> Self {
        let mut owners = vec![None; text.len()];
        let mut texts: Vec<&str> = Vec::new();
        for word in words {
            owners[word.start..word.end()].fill(Some(texts.len()));
            texts.push(word.text);
        }
        let real = texts.len();
        for (at, c) in text.char_indices().filter(|(_, c)| *c != ' ') {
            if owners[at].is_none() {
                owners[at..at + c.len_utf8()].fill(Some(texts.len()));
                texts.push(&text[at..at + c.len_utf8()]);
            }
        }
        texts.push(" ");
        Self { owners, sums: vec![0.0; texts.len()], words: texts, real }
    }

    /// Shares a part among the bytes of words in a range; among those of marks when there are no words.
    fn give(&mut self, start: usize, end: usize, part: f64) {
        let Some(range) = self.owners.get(start..end) else { return };
        let words: Vec<usize> = range.iter().flatten().copied().filter(|&owner| owner < self.real).collect();
        let marks = || range.iter().flatten().copied().collect::<Vec<usize>>();
        let mut owners = if words.is_empty() { marks() } else { words };
        if owners.is_empty() {
            owners.push(self.words.len() - 1);
        }
        let each = part / owners.len().max(1) as f64;
        owners.into_iter().for_each(|owner| self.sums[owner] += each);
    }

    /// Places of one word together.
    fn reasons(&self, sign: f64) -> Vec<Reason> {
        let mut sums: std::collections::BTreeMap<&str, f64> = std::collections::BTreeMap::new();
        self.words.iter().zip(&self.sums).for_each(|(word, sum)| *sums.entry(word).or_default() += sign * sum);
        sums.into_iter()
            .filter(|(_, adds)| *adds != 0.0)
            .map(|(word, adds)| Reason { word: word.to_owned(), adds })
            .collect()
    }
}
