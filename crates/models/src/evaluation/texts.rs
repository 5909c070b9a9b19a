//! Whether a classifier of texts may be released: how often it is right on texts it has not seen, for which classes, in which language, and how sure it is of it.

use florin_domain::Purpose;
use florin_measurement::{
    Interval, Resampling, Sample,
    calibration::{self, CalibrationCurve, Cut, calibration_curve},
    classification::{ClassFigures, Classification, classify},
    difference,
    stability::{Stability, psi},
    wilson,
};
use serde::{Deserialize, Serialize};

use super::{
    GroupBy, Periods,
    report::{Finding, GuardVerdict},
    rows::measured,
    texts_words::{findings, verdicts},
};
use crate::{
    definition::{ModelDef, Words},
    error::{Result, argument, same_length},
};

/// Bins of calibration.
const TENTHS: usize = 10;
/// Pairs of classes that are told.
const CONFUSED: usize = 12;
/// Classes up to which the whole table of verdicts is kept.
const WHOLE_MAX: usize = 16;
/// How sure a verdict must be, in the table of what that brings.
const SURE: [f64; 6] = [0.5, 0.6, 0.7, 0.8, 0.9, 0.95];
/// Texts that a group needs to be judged, and by how much its accuracy must surely lie below that of the others to be failed.
const GROUP_MIN: usize = 50;
const FAILS_BY: f64 = 0.03;

/// What is to be evaluated.
#[derive(Clone, Copy)]
pub struct TextAsked<'a> {
    /// What the model is to be, with its guards.
    pub definition: &'a ModelDef,
    /// The kind of model, in a word or two.
    pub kind: &'a str,
    /// Labels, in order.
    pub labels: &'a [String],
    /// Of each label, the words that speak for it most.
    pub words: &'a [Vec<String>],
    /// Labels that had too few texts to be learnt, with how many they had.
    pub left_out: &'a [(String, usize)],
    /// The label of each text that it learnt from, by number.
    pub train: &'a [usize],
    /// When those were, if that is known.
    pub train_periods: Option<&'a Periods>,
    /// What it says of texts that it has not seen.
    pub test: TextsSaid<'a>,
    /// Draws resamples.
    pub seed: u64,
}

/// Verdicts beside the truth.
#[derive(Clone, Copy)]
pub struct TextsSaid<'a> {
    /// The label of each text, by number.
    pub truth: &'a [usize],
    /// The label that was said.
    pub said: &'a [usize],
    /// How probable that was said to be.
    pub chances: &'a [f64],
    /// Whether the same text, word for word, was learnt from.
    pub known: &'a [bool],
    /// Ways to cut texts into groups: by language, say.
    pub groups: &'a [GroupBy],
    /// When texts were, if that is known.
    pub periods: Option<&'a Periods>,
}

/// Everything that was measured of a classifier of texts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TextEvaluation {
    /// The definition's name.
    pub model: String,
    /// What it foretells.
    pub meaning: Words,
    /// Who answers for it.
    pub owner: String,
    /// What it may be used for.
    pub purposes: Vec<Purpose>,
    /// The definition's hash.
    pub definition: String,
    /// The kind of model, in a word or two.
    pub kind: String,
    /// What chance started from.
    pub seed: u64,
    /// How much it rests on.
    pub rows: TextRows,
    /// What a reader must know first, the worst first.
    pub findings: Vec<Finding>,
    /// Each guard of the definition.
    pub guards: Vec<GuardVerdict>,
    /// Share of right verdicts, with its interval.
    pub accuracy: Interval,
    /// Mean of the classes' F1, each class counting the same.
    pub macro_f1: Interval,
    /// Accuracy on texts that are not in training word for word; none when all are.
    pub accuracy_of_new: Option<Interval>,
    /// What saying the most frequent label of training to every text is worth.
    pub baseline: TextBaseline,
    /// Each class, the worst first; those without texts in the test last.
    pub classes: Vec<TextClass>,
    /// Classes that are mistaken for each other most.
    pub confused: Vec<Confused>,
    /// Of each class in order of its number, how often each was said; empty beyond a few classes.
    pub table: Vec<Vec<usize>>,
    /// Labels, in order of their numbers.
    pub labels: Vec<String>,
    /// What was said of a verdict's probability and how often it was right.
    pub calibration: CalibrationCurve,
    /// The expected calibration error.
    pub calibration_error: Interval,
    /// What it brings to go by sure verdicts only.
    pub sure: Vec<Sure>,
    /// Accuracy of each group, by axis.
    pub groups: Vec<TextAxis>,
    /// Labels of the test against those of training.
    pub stability: Stability,
}

/// How much an evaluation rests on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TextRows {
    /// Texts it learnt from.
    pub train: usize,
    /// Texts it was tested on.
    pub test: usize,
    /// Test texts that are in training word for word.
    pub known: usize,
    /// Labels.
    pub labels: usize,
    /// Labels that had too few texts to be learnt, with how many they had.
    pub left_out: Vec<(String, usize)>,
    /// The first and last period it learnt from.
    pub train_periods: Option<(String, String)>,
    /// The first and last period it was tested on.
    pub test_periods: Option<(String, String)>,
}

/// Always the same label.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TextBaseline {
    /// The most frequent one of training.
    pub label: String,
    /// Its share in the test.
    pub accuracy: Interval,
    /// The model's accuracy less that.
    pub above: Interval,
}

/// One class.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TextClass {
    /// Its label.
    pub label: String,
    /// Texts of it in training.
    pub train: usize,
    /// What was measured on the test.
    pub figures: ClassFigures,
    /// The words that speak for it most.
    pub words: Vec<String>,
}

/// Texts of one class that were said to be of another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Confused {
    /// What they are.
    pub is: String,
    /// What was said.
    pub said: String,
    /// How many.
    pub texts: usize,
    /// Of those that are.
    pub of: usize,
}

/// Verdicts that are at least so sure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sure {
    /// The probability from which on a verdict is gone by.
    pub from: f64,
    /// The share of texts that then have one.
    pub share: f64,
    /// How often it is right; none without such verdicts.
    pub accuracy: Option<Interval>,
}

/// Groups of texts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TextAxis {
    /// What they are cut by.
    pub words: Words,
    /// The worst first; those that are too small last.
    pub groups: Vec<TextGroup>,
}

/// A group of texts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TextGroup {
    /// For people.
    pub words: Words,
    /// Texts.
    pub rows: usize,
    /// Accuracy; none where there are too few to judge.
    pub accuracy: Option<Interval>,
    /// Whether it is surely, and by enough to matter, below that of the others.
    pub fails: bool,
}

/// Measures everything.
///
/// # Errors
/// When lengths differ, there are no texts, a number is none of a label, or a probability is none.
pub fn evaluate_texts(asked: &TextAsked<'_>) -> Result<TextEvaluation> {
    let test = &asked.test;
    for (what, found) in [("said", test.said.len()), ("chances", test.chances.len()), ("known", test.known.len())] {
        same_length(what, found, test.truth.len())?;
    }
    same_length("words", asked.words.len(), asked.labels.len())?;
    if let Some(class) = asked.train.iter().find(|class| **class >= asked.labels.len()) {
        return Err(argument("a label's number", class, "labels are numbered from 0"));
    }
    let how = Resampling::new(asked.seed);
    let labels = asked.labels.len();
    let found = classify(test.truth, test.said, labels, &how).map_err(measured)?;
    let right: Vec<bool> = test.truth.iter().zip(test.said).map(|(is, said)| is == said).collect();
    let sample = Sample::new(test.chances, &right).map_err(measured)?;
    let of_train = counts(asked.train, labels);
    let definition = asked.definition;
    let mut evaluation = TextEvaluation {
        model: definition.name.clone(),
        meaning: definition.meaning.clone(),
        owner: definition.owner.clone(),
        purposes: definition.purposes.clone(),
        definition: definition.definition.clone(),
        kind: asked.kind.to_owned(),
        seed: asked.seed,
        rows: TextRows {
            train: asked.train.len(),
            test: test.truth.len(),
            known: test.known.iter().filter(|known| **known).count(),
            labels,
            left_out: asked.left_out.to_vec(),
            train_periods: asked.train_periods.and_then(Periods::ends),
            test_periods: test.periods.and_then(Periods::ends),
        },
        findings: Vec::new(),
        guards: Vec::new(),
        accuracy: found.accuracy,
        macro_f1: found.macro_f1,
        accuracy_of_new: accuracy(&right, |row| !test.known[row], &how),
        baseline: baseline(asked, &of_train, found.accuracy, &how),
        confused: confused(asked),
        table: if labels <= WHOLE_MAX { table(test.truth, test.said, labels) } else { Vec::new() },
        classes: classes(asked, &of_train, &found),
        labels: asked.labels.to_vec(),
        calibration: calibration_curve(&sample, TENTHS, Cut::Quantiles, how.level).map_err(measured)?,
        calibration_error: calibration::expected_error(&sample, TENTHS, &how).map_err(measured)?,
        sure: SURE.iter().map(|from| sure(*from, test.chances, &right, &how)).collect(),
        groups: test.groups.iter().map(|axis| by_group(axis, &right, &how)).collect::<Result<_>>()?,
        stability: {
            let (before, now) = (of_train.iter().map(|n| *n as f64).collect::<Vec<_>>(), counts(test.truth, labels));
            psi(asked.labels, &before, &now.iter().map(|n| *n as f64).collect::<Vec<_>>()).map_err(measured)?
        },
    };
    evaluation.guards = verdicts(&definition.guards, &evaluation);
    evaluation.findings = findings(&evaluation);
    Ok(evaluation)
}

fn counts(of: &[usize], labels: usize) -> Vec<usize> {
    let mut counts = vec![0; labels];
    of.iter().for_each(|class| counts[*class] += 1);
    counts
}

/// The share of right verdicts among some rows, with Wilson's interval.
fn accuracy(right: &[bool], keep: impl Fn(usize) -> bool, how: &Resampling) -> Option<Interval> {
    let rows: Vec<usize> = (0..right.len()).filter(|&row| keep(row)).collect();
    let hits = rows.iter().filter(|&&row| right[row]).count();
    wilson(hits as f64, rows.len() as f64, how.level)
}

fn baseline(asked: &TextAsked<'_>, train: &[usize], own: Interval, how: &Resampling) -> TextBaseline {
    let most = (0..train.len()).max_by(|&a, &b| train[a].cmp(&train[b]).then(b.cmp(&a))).unwrap_or(0);
    let truth = asked.test.truth;
    let hits = truth.iter().filter(|class| **class == most).count();
    let plain = wilson(hits as f64, truth.len() as f64, how.level).unwrap_or_default();
    TextBaseline { label: asked.labels[most].clone(), accuracy: plain, above: difference(own, plain) }
}

fn classes(asked: &TextAsked<'_>, train: &[usize], found: &Classification) -> Vec<TextClass> {
    let one = |(class, figures): (usize, &ClassFigures)| TextClass {
        label: asked.labels[class].clone(),
        train: train[class],
        figures: *figures,
        words: asked.words[class].clone(),
    };
    let mut all: Vec<TextClass> = found.classes.iter().enumerate().map(one).collect();
    let rank = |class: &TextClass| match (class.figures.rows, class.figures.f1) {
        (0, _) | (_, None) => f64::INFINITY,
        (_, Some(f1)) => f1.value,
    };
    all.sort_by(|a, b| rank(a).total_cmp(&rank(b)).then_with(|| a.label.cmp(&b.label)));
    all
}

fn table(truth: &[usize], said: &[usize], labels: usize) -> Vec<Vec<usize>> {
    let mut table = vec![vec![0; labels]; labels];
    truth.iter().zip(said).for_each(|(is, said)| table[*is][*said] += 1);
    table
}

fn confused(asked: &TextAsked<'_>) -> Vec<Confused> {
    let mut pairs: std::collections::BTreeMap<(usize, usize), usize> = std::collections::BTreeMap::new();
    for (is, said) in asked.test.truth.iter().zip(asked.test.said).filter(|(is, said)| is != said) {
        *pairs.entry((*is, *said)).or_default() += 1;
    }
    let of = counts(asked.test.truth, asked.labels.len());
    let mut pairs: Vec<_> = pairs.into_iter().collect();
    pairs.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    let one = |((is, said), texts): ((usize, usize), usize)| Confused {
        is: asked.labels[is].clone(),
        said: asked.labels[said].clone(),
        texts,
        of: of[is],
    };
    pairs.into_iter().take(CONFUSED).map(one).collect()
}

fn sure(from: f64, chances: &[f64], right: &[bool], how: &Resampling) -> Sure {
    let taken = chances.iter().filter(|chance| **chance >= from).count();
    Sure {
        from,
        share: taken as f64 / chances.len().max(1) as f64,
        accuracy: accuracy(right, |row| chances[row] >= from, how),
    }
}

fn by_group(axis: &GroupBy, right: &[bool], how: &Resampling) -> Result<TextAxis> {
    same_length("groups", axis.of().len(), right.len())?;
    let mut groups = Vec::new();
    for (place, words) in axis.names().iter().enumerate() {
        let inside = |row: usize| axis.of()[row] as usize == place;
        let rows = (0..right.len()).filter(|&row| inside(row)).count();
        let judged = |keep: &dyn Fn(usize) -> bool| accuracy(right, keep, how).filter(|_| rows >= GROUP_MIN);
        let own = judged(&inside);
        let others = (right.len() - rows >= GROUP_MIN).then(|| judged(&|row| !inside(row))).flatten();
        let below = own.zip(others).map(|(own, others)| difference(own, others));
        let fails = below.is_some_and(|below| below.high < 0.0 && below.value <= -FAILS_BY);
        groups.push(TextGroup { words: words.clone(), rows, accuracy: own, fails });
    }
    let rank = |group: &TextGroup| group.accuracy.map_or(f64::INFINITY, |accuracy| accuracy.value);
    groups.sort_by(|a, b| rank(a).total_cmp(&rank(b)).then_with(|| a.words.en.cmp(&b.words.en)));
    Ok(TextAxis { words: axis.words.clone(), groups })
}
