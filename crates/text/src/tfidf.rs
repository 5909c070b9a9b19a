//! TF-IDF: n-grams as numbers. 1 + ln tf, times ln((1 + n) / (1 + df)) + 1, scaled to length 1 a view (Salton & Buckley 1988; the smooth
//! form of scikit-learn).

use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::{collections::HashMap, ops::Range};

use crate::{
    bytes::{Reader, Writer},
    error::{Result, TextError, setting},
    rows::Rows,
    tokens::{Analyser, View},
};

/// How many different n-grams are counted at once while a vocabulary is made. When there are more, those seen once so far are
/// forgotten; [`Vectoriser::forgot`] says so.
const COUNTED_MAX: usize = 1 << 24;
/// How many columns there may be.
pub const COLUMNS_MAX: usize = 1 << 22;
/// Texts whose n-grams are looked up by one task.
const CHUNK: usize = 64;

/// What becomes a column.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// In how many texts an n-gram must be.
    pub texts_min: u32,
    /// In which share of the texts it may be at most.
    pub share_max: f64,
    /// How many columns a view may have: those in the most texts are kept.
    pub columns_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { texts_min: 2, share_max: 1.0, columns_max: 300_000 }
    }
}

/// Columns learnt from texts, and how texts become rows of them.
#[derive(Debug, Clone)]
pub struct Vectoriser {
    analyser: Analyser,
    /// The column of a gram's hash.
    columns: HashMap<u64, u32, Hashed>,
    /// The grams' texts, one after the other.
    texts: Texts,
    idf: Vec<f32>,
    /// The columns of each view.
    views: Vec<Range<u32>>,
    forgot: bool,
}

/// Hashes are hashed already.
pub(crate) type Hashed = std::hash::BuildHasherDefault<Already>;

/// Hands a 64-bit hash through.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Already(u64);

impl std::hash::Hasher for Already {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|&byte| self.0 = (self.0 << 8) | u64::from(byte));
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

/// Texts in one string.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Texts {
    pub(crate) all: String,
    pub(crate) ends: Vec<u32>,
}

impl Texts {
    fn push(&mut self, text: &str) {
        self.all.push_str(text);
        self.ends.push(self.all.len() as u32);
    }

    fn get(&self, at: usize) -> &str {
        let start = at.checked_sub(1).and_then(|before| self.ends.get(before)).map_or(0, |&end| end as usize);
        let end = self.ends.get(at).map_or(start, |&end| end as usize);
        self.all.get(start..end).unwrap_or_default()
    }
}

/// What is kept of a gram while counting.
#[derive(Clone, Copy)]
struct Counted {
    texts: u32,
    last: u32,
}

impl Vectoriser {
    /// Learns the columns and their weights from texts.
    ///
    /// # Errors
    /// When there are no texts, no n-gram is in enough of them, or a limit is out of bounds.
    pub fn fit<S: AsRef<str> + Sync>(analyser: Analyser, texts: &[S], limits: Limits) -> Result<Self> {
        check(limits)?;
        if texts.is_empty() || texts.len() > u32::MAX as usize / 2 {
            return Err(TextError::TooLittle { what: "texts to learn words from", found: texts.len(), needed: 1 });
        }
        let most = (limits.share_max * texts.len() as f64).floor() as u32;
        let (mut columns, mut kept, mut idf) = (HashMap::default(), Texts::default(), Vec::new());
        let (mut views, mut forgot) = (Vec::new(), false);
        for view in 0..analyser.views().len() {
            let start = idf.len() as u32;
            let (counted, pruned) = count(&analyser, view, texts);
            forgot |= pruned;
            for gram in chosen(&analyser, view, texts, &counted, most.max(1), limits) {
                columns.insert(gram.hash, idf.len() as u32);
                kept.push(&gram.text);
                idf.push((f64::from(texts.len() as u32 + 1) / f64::from(gram.texts + 1)).ln() as f32 + 1.0);
            }
            views.push(start..idf.len() as u32);
        }
        match idf.is_empty() {
            true => Err(TextError::TooLittle { what: "n-grams that are in enough texts", found: 0, needed: 1 }),
            false => Ok(Self { analyser, columns, texts: kept, idf, views, forgot }),
        }
    }

    /// How many columns there are.
    #[must_use]
    pub fn width(&self) -> usize {
        self.idf.len()
    }

    /// The n-gram of a column.
    #[must_use]
    pub fn gram(&self, column: usize) -> &str {
        self.texts.get(column)
    }

    /// How texts are cut.
    #[must_use]
    pub fn analyser(&self) -> &Analyser {
        &self.analyser
    }

    /// Whether there were so many different n-grams that rare ones were forgotten while counting.
    #[must_use]
    pub fn forgot(&self) -> bool {
        self.forgot
    }

    /// The column of a gram's hash.
    pub(crate) fn column(&self, hash: u64) -> Option<u32> {
        self.columns.get(&hash).copied()
    }

    /// The view that a column belongs to.
    #[must_use]
    pub fn view_of(&self, column: usize) -> Option<usize> {
        self.views.iter().position(|columns| columns.contains(&(column as u32)))
    }

    /// The columns of a text that are not zero, ascending.
    #[must_use]
    pub fn row(&self, text: &str) -> Vec<(u32, f32)> {
        let prepared = self.analyser.prepare(text);
        let mut row = Vec::new();
        let mut seen = Vec::new();
        for (number, view) in self.analyser.views().iter().enumerate() {
            seen.clear();
            self.analyser.each_gram(number, &prepared, |gram| seen.extend(self.columns.get(&gram.hash)));
            self.weigh(&mut seen, *view, &mut row);
        }
        row
    }

    /// Texts as rows, on every thread of the pool.
    #[must_use]
    pub fn rows<S: AsRef<str> + Sync>(&self, texts: &[S]) -> Rows {
        let made: Vec<Vec<Vec<(u32, f32)>>> =
            texts.par_chunks(CHUNK).map(|some| some.iter().map(|text| self.row(text.as_ref())).collect()).collect();
        let mut rows = Rows::new(self.width());
        made.iter().flatten().for_each(|row| rows.push(row));
        rows
    }

    /// Appends a view's part of a row; `seen` has a column as often as its gram is in the text.
    fn weigh(&self, seen: &mut [u32], view: View, row: &mut Vec<(u32, f32)>) {
        seen.sort_unstable();
        let first = row.len();
        let mut square = 0.0_f32;
        for run in seen.chunk_by(|a, b| a == b) {
            let tf = if view.presence { 1.0 } else { 1.0 + (run.len() as f32).ln() };
            let value = tf * self.idf.get(run[0] as usize).copied().unwrap_or_default();
            square += value * value;
            row.push((run[0], value));
        }
        let factor = view.weight / square.sqrt().max(f32::MIN_POSITIVE);
        row[first..].iter_mut().for_each(|entry| entry.1 *= factor);
    }
}

/// What a saved vectoriser needs beside its sections.
pub(crate) struct Saved {
    pub(crate) analyser: Analyser,
    pub(crate) forgot: bool,
}

impl Vectoriser {
    /// Writes the columns: texts, where they end, weights, hashes, where views end.
    pub(crate) fn save(&self, writer: &mut Writer) {
        let mut hashes = vec![0_u64; self.width()];
        self.columns.iter().for_each(|(&hash, &column)| hashes[column as usize] = hash);
        writer.section(self.texts.all.as_bytes());
        writer.section(&self.texts.ends.iter().flat_map(|end| end.to_le_bytes()).collect::<Vec<u8>>());
        writer.section(&self.idf.iter().flat_map(|idf| idf.to_le_bytes()).collect::<Vec<u8>>());
        writer.section(&hashes.iter().flat_map(|hash| hash.to_le_bytes()).collect::<Vec<u8>>());
        writer.section(&self.views.iter().flat_map(|view| view.end.to_le_bytes()).collect::<Vec<u8>>());
    }

    pub(crate) fn load(saved: Saved, reader: &mut Reader<'_>) -> Result<Self> {
        let all = String::from_utf8(reader.section()?.to_vec()).map_err(|_| reader.bad("its words are no text"))?;
        let ends = reader.numbers(u32::from_le_bytes)?;
        let idf = reader.numbers(f32::from_le_bytes)?;
        let hashes = reader.numbers(u64::from_le_bytes)?;
        let last = reader.numbers(u32::from_le_bytes)?;
        let columns: HashMap<u64, u32, Hashed> = hashes.iter().copied().zip(0..).collect();
        let fits = idf.len() <= COLUMNS_MAX * last.len()
            && [ends.len(), hashes.len(), columns.len()] == [idf.len(); 3]
            && last.len() == saved.analyser.views().len()
            && last.is_sorted()
            && last.last().is_some_and(|&last| last as usize == idf.len());
        if !fits {
            return Err(reader.bad("its columns do not fit together"));
        }
        let starts = std::iter::once(0).chain(last.iter().copied());
        let views = starts.zip(&last).map(|(start, &end)| start..end).collect();
        let Saved { analyser, forgot } = saved;
        Ok(Self { analyser, columns, texts: Texts { all, ends }, idf, views, forgot })
    }
}

fn check(limits: Limits) -> Result<()> {
    let Limits { texts_min, share_max, columns_max } = limits;
    if texts_min == 0 {
        return Err(setting("the fewest texts of an n-gram", texts_min, "it is at least 1"));
    }
    if !(share_max > 0.0 && share_max <= 1.0) {
        return Err(setting("the largest share of texts", share_max, "it is above 0 and at most 1"));
    }
    if columns_max == 0 || columns_max > COLUMNS_MAX {
        return Err(setting("the number of columns of a view", columns_max, "it is 1 to 4194304"));
    }
    Ok(())
}

/// In how many texts each gram is. Whether rare ones were forgotten.
fn count<S: AsRef<str>>(analyser: &Analyser, view: usize, texts: &[S]) -> (HashMap<u64, Counted, Hashed>, bool) {
    let mut counted: HashMap<u64, Counted, Hashed> = HashMap::default();
    let mut forgot = false;
    for (text, number) in texts.iter().zip(1_u32..) {
        analyser.each_gram(view, &analyser.prepare(text.as_ref()), |gram| {
            let gram = counted.entry(gram.hash).or_insert(Counted { texts: 0, last: 0 });
            gram.texts += u32::from(gram.last != number);
            gram.last = number;
        });
        if counted.len() > COUNTED_MAX {
            counted.retain(|_, gram| gram.texts > 1);
            forgot = true;
        }
    }
    (counted, forgot)
}

/// A gram that becomes a column.
struct Chosen {
    hash: u64,
    text: String,
    texts: u32,
}

/// The grams within the limits, the most frequent first.
fn chosen<S: AsRef<str>>(
    analyser: &Analyser,
    view: usize,
    texts: &[S],
    counted: &HashMap<u64, Counted, Hashed>,
    most: u32,
    limits: Limits,
) -> Vec<Chosen> {
    let mut within: Vec<(u32, u64)> = counted
        .iter()
        .filter(|(_, gram)| gram.texts >= limits.texts_min && gram.texts <= most)
        .map(|(&hash, gram)| (gram.texts, hash))
        .collect();
    // Among grams in as many texts the hash decides: as good as any order, and the same in every run.
    within.sort_unstable_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    within.truncate(limits.columns_max);
    let mut open: HashMap<u64, u32, Hashed> = within.into_iter().map(|(texts, hash)| (hash, texts)).collect();
    let mut found = Vec::with_capacity(open.len());
    for text in texts {
        if open.is_empty() {
            break;
        }
        analyser.each_gram(view, &analyser.prepare(text.as_ref()), |gram| {
            if let Some(texts) = open.remove(&gram.hash) {
                found.push(Chosen { hash: gram.hash, text: gram.text.to_owned(), texts });
            }
        });
    }
    // Frequent ones side by side: a text then touches few lines of memory.
    found.sort_unstable_by(|a, b| b.texts.cmp(&a.texts).then_with(|| a.text.cmp(&b.text)));
    found
}
