//! Classifiers by five folds.

use std::{sync::Arc, time::Instant};

use florin_text::{
    Classifier, Dictionary, Settings,
    classifier::Aim,
    evaluate::{Scores, stratified_folds},
    linear::Learner,
    tokens::{Grams, View},
};

use crate::{Asked, Outcome, data};

const FOLDS: usize = 5;
const FOLD_SEED: u64 = 42;
const PASSES: usize = 5;

/// Texts, the class of each, and the classes' names.
pub(crate) struct Labelled {
    pub(crate) texts: Vec<String>,
    pub(crate) labels: Vec<String>,
    pub(crate) truth: Vec<usize>,
    pub(crate) classes: usize,
}

impl Labelled {
    pub(crate) fn of((texts, labels): (Vec<String>, Vec<String>)) -> Self {
        let mut names = labels.clone();
        names.sort();
        names.dedup();
        let truth = labels.iter().filter_map(|label| names.binary_search(label).ok()).collect();
        Self { texts, labels, truth, classes: names.len() }
    }

    pub(crate) fn part(&self, chosen: &[usize]) -> (Vec<&str>, Vec<&str>) {
        chosen.iter().map(|&at| (self.texts[at].as_str(), self.labels[at].as_str())).unzip()
    }
}

pub(crate) fn measure(asked: &Asked) -> Outcome<()> {
    let (labelled, settings) = prepared(asked)?;
    let dictionary = Arc::new(Dictionary::new::<&str>(&[])?);
    let folds = stratified_folds(&labelled.truth, FOLDS, FOLD_SEED);
    if let Some(file) = asked.options.get("--folds-to") {
        let lines: Vec<String> = folds.iter().map(usize::to_string).collect();
        std::fs::write(file, lines.join("\n"))?;
    }
    let wanted = option(asked, "--folds", FOLDS)?;
    let (mut truth, mut said) = (Vec::new(), Vec::new());
    let (mut training, mut reading) = (0.0_f64, Vec::new());
    let mut bytes = 0;
    for fold in 0..wanted {
        let members = |inside: bool| (0..folds.len()).filter(|&at| (folds[at] == fold) == inside).collect::<Vec<_>>();
        let (train, test) = (members(false), members(true));
        let (texts, labels) = labelled.part(&train);
        let start = Instant::now();
        let classifier = Classifier::train(&texts, &labels, Some(dictionary.clone()), &settings)?;
        training = training.max(start.elapsed().as_secs_f64());
        reading.push(fastest(&classifier, &labelled, &test));
        said.extend(test.iter().map(|&at| classifier.classify(&labelled.texts[at]).label));
        truth.extend(test.iter().map(|&at| labelled.truth[at]));
        bytes = classifier.to_bytes()?.len();
        let (best, trials) = classifier.trials();
        eprintln!("fold {fold}: candidate {best} of {trials:.4?}, {} columns", classifier.columns());
    }
    let scores = Scores::of(&truth, &said, labelled.classes);
    reading.sort_by(f64::total_cmp);
    println!(
        "{{\"name\":\"{}\",\"accuracy\":{:.4},\"macro_f1\":{:.4},\"training_seconds_max\":{training:.2},\"microseconds_a_text\":{:.1},\"bytes\":{bytes}}}",
        asked.name,
        scores.accuracy,
        scores.macro_f1,
        reading[reading.len() / 2]
    );
    Ok(())
}

/// Microseconds that a text keeps one thread busy: the fastest of some passes.
fn fastest(classifier: &Classifier, labelled: &Labelled, test: &[usize]) -> f64 {
    let pass = || {
        let start = busy();
        let labels: usize = test.iter().map(|&at| classifier.classify(&labelled.texts[at]).label).sum();
        std::hint::black_box(labels);
        (busy() - start) * 1e6 / test.len() as f64
    };
    (0..PASSES).map(|_| pass()).fold(f64::INFINITY, f64::min)
}

/// Seconds that this thread was on a processor, since others use the machine too; where the system does not say, those of the clock.
fn busy() -> f64 {
    static START: std::sync::LazyLock<Instant> = std::sync::LazyLock::new(Instant::now);
    let said = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = said.and_then(|said| said.split(' ').next().and_then(|first| first.parse::<f64>().ok()));
    nanoseconds.map_or_else(|| START.elapsed().as_secs_f64(), |nanoseconds| nanoseconds / 1e9)
}

fn prepared(asked: &Asked) -> Outcome<(Labelled, Settings)> {
    let path = |file: &str| asked.data.join(file);
    let (read, mut settings) = match asked.name.as_str() {
        "banking77" => (data::labelled(&path("banking77/train.csv"), 0, 1)?, Settings::english()),
        "hotel" => (data::labelled(&path("zh_sentiment/ChnSentiCorp_htl_all.csv"), 1, 0)?, Settings::chinese()),
        "delivery" => (data::labelled(&path("zh_sentiment/waimai_10k.csv"), 1, 0)?, Settings::chinese()),
        _ => {
            let settings = Settings { aim: Aim::MacroF1, ..Settings::chinese() };
            (data::labelled(&path("zh_bank_comments/train.csv"), 1, 3)?, settings)
        }
    };
    settings.limits.texts_min = option(asked, "--texts-min", settings.limits.texts_min)?;
    settings.folds = option(asked, "--inner", settings.folds)?;
    settings.doubt = asked.options.get("--doubt").map(|text| text.parse()).transpose()?;
    if let Some(views) = asked.options.get("--views") {
        settings.views = views.split(',').map(view).collect::<Option<_>>().ok_or("`--views` is not understood")?;
    }
    if let Some(learners) = asked.options.get("--learn") {
        let mixture = |text: &str| text.split('+').map(learner).collect::<Option<Vec<_>>>();
        settings.candidates =
            learners.split(',').map(mixture).collect::<Option<_>>().ok_or("`--learn` is not understood")?;
    }
    Ok((Labelled::of(read), settings))
}

fn option<T: std::str::FromStr>(asked: &Asked, name: &str, otherwise: T) -> Outcome<T> {
    match asked.options.get(name) {
        None => Ok(otherwise),
        Some(text) => text.parse().map_err(|_| format!("`{name} {text}` is not understood").into()),
    }
}

/// `w1-2`, `i2-5`, `c1-3` or `f1-2`, `p` behind it for presence, `x0.5` for its weight.
fn view(text: &str) -> Option<View> {
    let (text, weight) = text.split_once('x').unwrap_or((text, "1"));
    let (text, presence) = text.strip_suffix('p').map_or((text, false), |rest| (rest, true));
    let (from, to) = text.get(1..)?.split_once('-')?;
    let (from, to) = (from.parse().ok()?, to.parse().ok()?);
    let grams = match text.get(..1)? {
        "w" => Grams::Words { from, to },
        "i" => Grams::CharsInWords { from, to },
        "c" => Grams::Chars { from, to },
        "f" => Grams::Feelings { from, to },
        _ => return None,
    };
    Some(View { presence, weight: weight.parse().ok()?, ..View::of(grams) })
}

/// `s0.5`, `l10r1b0.5`.
fn learner(text: &str) -> Option<Learner> {
    let (text, balance) = text.split_once('b').unwrap_or((text, "0"));
    let (text, ratio) = text.split_once('r').map_or((text, None), |(rest, ratio)| (rest, Some(ratio)));
    let cost = text.get(1..)?.parse().ok()?;
    let learner = match text.get(..1)? {
        "s" => Learner::svm(cost),
        "l" => Learner::logistic(cost),
        _ => return None,
    };
    let learner = learner.balanced(balance.parse().ok()?);
    match ratio {
        Some(ratio) => Some(learner.with_ratio(ratio.parse().ok()?)),
        None => Some(learner),
    }
}
