//! Intents of Banking77 from words and vectors.

use std::{fs, time::Instant};

use florin_embeddings::Encoder;
use florin_text::{
    Classifier, Meanings, Settings,
    evaluate::{Scores, stratified_folds},
    linear::Learner,
};

use crate::{Asked, Outcome, data};

const FOLDS: usize = 5;
const FOLD_SEED: u64 = 42;
/// Labels an intent, when there are few; inner folds then prefer a longer vector.
const LABELS: usize = 15;

/// Texts to learn from and texts to be judged by, as positions.
struct Split {
    train: Vec<usize>,
    test: Vec<usize>,
}

/// Texts and what they are about.
pub(crate) struct Intents {
    pub(crate) texts: Vec<String>,
    labels: Vec<String>,
    pub(crate) truth: Vec<usize>,
    pub(crate) classes: usize,
}

pub(crate) fn all(asked: &Asked) -> Outcome<()> {
    measure(asked, "intents", usize::MAX, Settings::english().meaning)
}

pub(crate) fn few(asked: &Asked) -> Outcome<()> {
    measure(asked, "few", asked.option("--labels", LABELS)?, 4.0)
}

fn measure(asked: &Asked, name: &str, labels_max: usize, meaning: f32) -> Outcome<()> {
    let intents = read(asked)?;
    let splits = splits(&intents, labels_max);
    if let Some(file) = asked.options.get("--splits-to") {
        let line = |positions: &[usize]| positions.iter().map(usize::to_string).collect::<Vec<_>>().join(" ");
        let lines: Vec<String> = splits.iter().flat_map(|split| [line(&split.train), line(&split.test)]).collect();
        fs::write(file, lines.join("\n"))?;
    }
    let (vectors, dimensions, encoding) = vectors(asked, &intents.texts)?;
    let base = if asked.options.contains_key("--set") { Settings::chinese() } else { Settings::english() };
    let mut settings = Settings { meaning: asked.option("--meaning", meaning)?, ..base };
    settings.limits.texts_min = asked.option("--texts-min", settings.limits.texts_min)?;
    if let Some(doubt) = asked.options.get("--doubt") {
        settings.doubt = Some(doubt.parse()?);
    }
    if let Some(learners) = asked.options.get("--learn") {
        settings.candidates = vec![learners.split('+').map(learner).collect::<Option<_>>().ok_or("`--learn`?")?];
    }
    let words_alone = match asked.options.contains_key("--words") {
        true => words_alone(&intents, &splits)?,
        false => f64::NAN,
    };
    let row = |at: usize| &vectors[at * dimensions..][..dimensions];
    let (mut truth, mut said, mut training) = (Vec::new(), Vec::new(), 0.0_f64);
    for split in splits.iter().take(asked.option("--folds", FOLDS)?) {
        let (texts, labels) = intents.part(&split.train);
        let known: Vec<f32> = split.train.iter().flat_map(|&at| row(at)).copied().collect();
        let start = Instant::now();
        let classifier = Classifier::train_with(&texts, &labels, Meanings::new(&known, dimensions)?, None, &settings)?;
        training = training.max(start.elapsed().as_secs_f64());
        for &at in &split.test {
            said.push(classifier.classify_with(&intents.texts[at], row(at))?.label);
            truth.push(intents.truth[at]);
        }
        eprintln!("{:.4} {:.4?}", Scores::of(&truth, &said, intents.classes).accuracy, classifier.trials().1);
    }
    let accuracy = Scores::of(&truth, &said, intents.classes).accuracy;
    println!(
        "{{\"name\":\"{name}\",\"accuracy\":{accuracy:.4},\"training_seconds_max\":{training:.2},\"microseconds_a_vector\":{},\"words_alone\":{}}}",
        shown(encoding),
        shown(words_alone)
    );
    Ok(())
}

/// Accuracy of the same without vectors.
fn words_alone(intents: &Intents, splits: &[Split]) -> Outcome<f64> {
    let mut right = 0;
    for split in splits {
        let (texts, labels) = intents.part(&split.train);
        let classifier = Classifier::train(&texts, &labels, None, &Settings::english())?;
        right +=
            split.test.iter().filter(|&&at| classifier.classify(&intents.texts[at]).label == intents.truth[at]).count();
    }
    Ok(right as f64 / splits.iter().map(|split| split.test.len()).sum::<usize>() as f64)
}

/// As JSON.
fn shown(number: f64) -> String {
    if number.is_nan() { "null".to_owned() } else { format!("{number:.4}") }
}

impl Intents {
    fn part(&self, chosen: &[usize]) -> (Vec<&str>, Vec<&str>) {
        chosen.iter().map(|&at| (self.texts[at].as_str(), self.labels[at].as_str())).unzip()
    }
}

pub(crate) fn read(asked: &Asked) -> Outcome<Intents> {
    let (file, text, label) = match asked.options.get("--set").map(String::as_str) {
        None => ("banking77/train.csv", 0, 1),
        Some("hotel") => ("zh_sentiment/ChnSentiCorp_htl_all.csv", 1, 0),
        Some("delivery") => ("zh_sentiment/waimai_10k.csv", 1, 0),
        Some("bank_comments") => ("zh_bank_comments/train.csv", 1, 3),
        Some(other) => return Err(format!("`{other}` is no set of texts").into()),
    };
    let (texts, labels) = data::labelled(&asked.data.join(file), text, label)?;
    let mut names = labels.clone();
    names.sort();
    names.dedup();
    let truth = labels.iter().filter_map(|label| names.binary_search(label).ok()).collect();
    Ok(Intents { texts, labels, truth, classes: names.len() })
}

/// Five folds; of each training part the first so many of each label, in the order of another deal of the same texts.
fn splits(intents: &Intents, labels_max: usize) -> Vec<Split> {
    let folds = stratified_folds(&intents.truth, FOLDS, FOLD_SEED);
    let deals = stratified_folds(&intents.truth, intents.truth.len(), FOLD_SEED + 1);
    let mut order: Vec<usize> = (0..folds.len()).collect();
    order.sort_by_key(|&at| deals[at]);
    let split = |fold: usize| {
        let mut counts = vec![0; intents.classes];
        let mut wanted = |at: usize| {
            counts[intents.truth[at]] += 1;
            counts[intents.truth[at]] <= labels_max
        };
        let mut train: Vec<usize> = order.iter().copied().filter(|&at| folds[at] != fold && wanted(at)).collect();
        train.sort_unstable();
        Split { train, test: (0..folds.len()).filter(|&at| folds[at] == fold).collect() }
    };
    (0..FOLDS).map(split).collect()
}

/// One vector a text: those of all encoders asked for side by side, how many numbers that is, and the microseconds that one took.
pub(crate) fn vectors(asked: &Asked, texts: &[String]) -> Outcome<(Vec<f32>, usize, f64)> {
    let kept = asked.options.get("--vectors-to");
    if let Some(bytes) = kept.and_then(|file| fs::read(file).ok()) {
        let values: Vec<f32> = bytes.as_chunks::<4>().0.iter().map(|four| f32::from_le_bytes(*four)).collect();
        let dimensions = values.len() / texts.len();
        return Ok((values, dimensions, f64::NAN));
    }
    let names = asked.options.get("--encoders").map_or("minilm,universal", String::as_str);
    let encoders = names.split(',').filter(|name| !name.is_empty());
    let encoders: Vec<Encoder> =
        encoders.map(|name| Encoder::open(asked.models.join(name))).collect::<Result<_, _>>()?;
    let start = Instant::now();
    let each: Vec<_> = encoders.iter().map(|encoder| encoder.encode(texts)).collect();
    let microseconds = start.elapsed().as_secs_f64() * 1e6 / texts.len() as f64;
    let dimensions = encoders.iter().map(Encoder::dimensions).sum();
    let values: Vec<f32> =
        (0..texts.len()).flat_map(|at| each.iter().flat_map(move |vectors| vectors.row(at))).copied().collect();
    if let Some(file) = kept {
        fs::write(file, values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>())?;
    }
    Ok((values, dimensions, microseconds))
}

/// `s0.5` or `l10`.
fn learner(text: &str) -> Option<Learner> {
    let cost = text.get(1..)?.parse().ok()?;
    match text.get(..1)? {
        "s" => Some(Learner::svm(cost)),
        "l" => Some(Learner::logistic(cost)),
        _ => None,
    }
}
