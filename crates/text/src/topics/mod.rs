//! Topics without labels: groups of texts that share words (or mean alike, when somebody hands in what they mean), each described by its words, and how stable the grouping is.
//!
//! Spherical k-means (Dhillon & Modha 2001) on TF-IDF of words without stop words: topics are unit vectors, texts go where the cosine is
//! highest. Several seeded starts, of which the best is kept. Stability is the mean adjusted Rand index between groupings of all texts
//! by topics found in random halves of them: near 1, the topics are there; near 0, k-means drew lines through a cloud.

mod k_means;

use std::sync::Arc;

use rayon::prelude::*;
use serde::Serialize;

use crate::{
    error::{Result, TextError, setting},
    evaluate::adjusted_rand,
    meaning::Meanings,
    random::{Random, mixed},
    rows::Rows,
    tfidf::{Limits, Vectoriser},
    tokens::{Analyser, Dictionary, Grams, StopWords, View},
};
use k_means::Centres;

/// How many topics there may be.
const TOPICS_MAX: usize = 500;
/// Pairs of halves at most.
const HALVES_MAX: usize = 50;
/// Words that a topic's description holds.
const WORDS: usize = 10;
/// Texts that a topic shows.
const EXAMPLES: usize = 3;

/// How topics are sought.
#[derive(Debug, Clone)]
pub struct TopicSettings {
    /// How many topics.
    pub topics: usize,
    /// How many starts, of which the best is kept.
    pub starts: usize,
    /// How many pairs of halves stability is measured with; 0 leaves it out.
    pub halves: usize,
    /// What becomes a column.
    pub limits: Limits,
    /// Decides starts and halves.
    pub seed: u64,
}

impl TopicSettings {
    /// So many topics, four starts, three pairs of halves.
    #[must_use]
    pub fn of(topics: usize) -> Self {
        let limits = Limits { texts_min: 5, share_max: 0.3, columns_max: 30_000 };
        Self { topics, starts: 4, halves: 3, limits, seed: 1 }
    }
}

/// One topic.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Topic {
    /// How many texts are of it.
    pub size: usize,
    /// The words that set it apart from the mean text, the strongest first.
    pub words: Vec<String>,
    /// The texts nearest to its middle, as positions among those handed in.
    pub examples: Vec<usize>,
    /// The mean cosine of its texts to its middle.
    pub tightness: f64,
}

/// Topics of texts.
#[derive(Debug, Clone)]
pub struct Topics {
    vectoriser: Vectoriser,
    centres: Centres,
    /// How many numbers a meaning has; 0 when texts are grouped by words.
    dimensions: usize,
    /// Each topic, the largest first.
    pub topics: Vec<Topic>,
    /// The topic of each text; none when no known word is in it.
    pub of_text: Vec<Option<usize>>,
    /// From about 0 to 1; none when it was not measured.
    pub stability: Option<f64>,
}

impl Topics {
    /// Finds topics in texts.
    ///
    /// # Errors
    /// When there are fewer texts than topics, or a setting is out of bounds.
    pub fn find<S: AsRef<str> + Sync>(
        texts: &[S],
        dictionary: Option<Arc<Dictionary>>,
        stop: StopWords,
        settings: &TopicSettings,
    ) -> Result<Self> {
        Self::find_with(texts, Meanings::none(), dictionary, stop, settings)
    }

    /// The same by what texts mean: groups are of meanings, words only describe them.
    ///
    /// # Errors
    /// Those of [`Self::find`], and when there is not one meaning a text.
    pub fn find_with<S: AsRef<str> + Sync>(
        texts: &[S],
        meanings: Meanings<'_>,
        dictionary: Option<Arc<Dictionary>>,
        stop: StopWords,
        settings: &TopicSettings,
    ) -> Result<Self> {
        check(settings, texts.len())?;
        let meant = meanings.rows(texts.len())?;
        let views = [View::of(Grams::Words { from: 1, to: 2 })];
        let analyser = Analyser::new(&views, dictionary, true)?.without(stop);
        let vectoriser = Vectoriser::fit(analyser, texts, settings.limits)?;
        let words = vectoriser.rows(texts);
        let rows = meant.as_ref().unwrap_or(&words);
        let spoken: Vec<u32> =
            (0..rows.len() as u32).filter(|&row| !rows.row(row as usize).columns.is_empty()).collect();
        if spoken.len() < settings.topics {
            return Err(TextError::TooLittle {
                what: "texts with words",
                found: spoken.len(),
                needed: settings.topics,
            });
        }
        let mut centres = Centres::best(rows, &spoken, settings.topics, settings.starts, settings.seed);
        centres.order_by_size(rows, &spoken);
        let stability = (settings.halves > 0).then(|| stability(rows, &spoken, settings));
        let of_text = centres.assign_all(rows);
        let topics = (0..settings.topics).map(|topic| described(topic, &vectoriser, &words, &of_text)).collect();
        let of_text = of_text.into_iter().map(|found| found.map(|(topic, _)| topic)).collect();
        Ok(Self { vectoriser, centres, dimensions: meanings.dimensions(), topics, of_text, stability })
    }

    /// The topic of a new text and its cosine; none when no known word is in it, or topics are groups of meanings.
    #[must_use]
    pub fn topic_of(&self, text: &str) -> Option<(usize, f64)> {
        if self.dimensions > 0 {
            return None;
        }
        let mut rows = Rows::new(self.vectoriser.width());
        rows.push(&self.vectoriser.row(text));
        self.centres.nearest(&rows.row(0))
    }

    /// The topic of a new text's meaning and its cosine; none when topics are groups of words.
    ///
    /// # Errors
    /// When the meaning has not as many numbers as those that topics were found with.
    pub fn topic_of_meaning(&self, meaning: &[f32]) -> Result<Option<(usize, f64)>> {
        let rows = Meanings::new(meaning, self.dimensions)?.rows(1)?;
        Ok(rows.and_then(|rows| self.centres.nearest(&rows.row(0))))
    }
}

fn check(settings: &TopicSettings, texts: usize) -> Result<()> {
    if !(2..=TOPICS_MAX).contains(&settings.topics) {
        return Err(setting("the number of topics", settings.topics, "it is 2 to 500"));
    }
    if settings.starts == 0 || settings.halves > HALVES_MAX {
        return Err(setting("starts or halves", settings.starts, "there is at least 1 start, and at most 50 halves"));
    }
    match texts < settings.topics {
        true => Err(TextError::TooLittle { what: "texts to find topics in", found: texts, needed: settings.topics }),
        false => Ok(()),
    }
}

/// Mean agreement of groupings by topics of two halves each.
fn stability(rows: &Rows, spoken: &[u32], settings: &TopicSettings) -> f64 {
    let agreements: Vec<f64> = (0..settings.halves as u64)
        .into_par_iter()
        .map(|pair| {
            let seed = mixed(settings.seed ^ mixed(pair + 1));
            let mut order = spoken.to_vec();
            Random::new(seed).shuffle(&mut order);
            let (one, other) = order.split_at(order.len() / 2);
            let [a, b] = [one, other].map(|half| {
                let topics = settings.topics.min(half.len());
                let centres = Centres::best(rows, half, topics, settings.starts, seed);
                spoken
                    .iter()
                    .map(|&row| centres.nearest(&rows.row(row as usize)).map_or(0, |near| near.0))
                    .collect::<Vec<_>>()
            });
            adjusted_rand(&a, &b)
        })
        .collect();
    agreements.iter().sum::<f64>() / agreements.len().max(1) as f64
}

fn described(topic: usize, vectoriser: &Vectoriser, rows: &Rows, of_text: &[Option<(usize, f64)>]) -> Topic {
    let mut members: Vec<(usize, f64)> = of_text
        .iter()
        .enumerate()
        .filter_map(|(at, found)| found.filter(|(of, _)| *of == topic).map(|(_, cosine)| (at, cosine)))
        .collect();
    let tightness = members.iter().map(|member| member.1).sum::<f64>() / members.len().max(1) as f64;
    members.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    let examples = members.iter().take(EXAMPLES).map(|member| member.0).collect();
    let words = strongest(&lift(rows, &members), vectoriser);
    Topic { size: members.len(), words, examples, tightness }
}

/// Mean of the members less the mean of all, by column.
fn lift(rows: &Rows, members: &[(usize, f64)]) -> Vec<f64> {
    let mut lift = vec![0.0; rows.width()];
    for &(at, _) in members {
        rows.row(at).entries().for_each(|(column, value)| lift[column] += f64::from(value) / members.len() as f64);
    }
    for row in rows.iter() {
        row.entries().for_each(|(column, value)| lift[column] -= f64::from(value) / rows.len() as f64);
    }
    lift
}

/// The words of the largest lifts; a word that a stronger phrase holds is left out.
fn strongest(lift: &[f64], vectoriser: &Vectoriser) -> Vec<String> {
    let mut columns: Vec<usize> = (0..lift.len()).filter(|&column| lift[column] > 0.0).collect();
    columns.sort_by(|&a, &b| lift[b].total_cmp(&lift[a]).then(a.cmp(&b)));
    let mut words: Vec<String> = Vec::new();
    for gram in columns.into_iter().take(10 * WORDS).map(|column| vectoriser.gram(column)) {
        let known = words.iter().any(|word| word.split(' ').any(|part| gram.split(' ').any(|new| new == part)));
        if words.len() < WORDS && !known {
            words.push(gram.to_owned());
        }
    }
    words
}
