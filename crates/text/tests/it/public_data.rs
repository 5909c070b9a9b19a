//! Classifiers on public data, smaller than the measurement (`cargo xtask bench text`): a part of each file, one fold.

#[path = "../../examples/measure_text/data.rs"]
mod data;

use std::{path::PathBuf, sync::Arc};

use florin_text::{
    Classifier, Dictionary, Settings,
    evaluate::{Scores, stratified_folds},
};

pub(crate) fn part_of(file: &str, text: usize, label: usize, texts: usize) -> Option<(Vec<String>, Vec<String>)> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data").join(file);
    if !path.is_file() {
        eprintln!("skipped: there is no `{}`", path.display());
        return None;
    }
    let (all, labels) = data::labelled(&path, text, label).expect("the file can be read");
    let step = (all.len() / texts).max(1);
    Some(all.into_iter().zip(labels).step_by(step).unzip())
}

fn accuracy(texts: &[String], labels: &[String], settings: &Settings) -> f64 {
    let dictionary = Arc::new(Dictionary::new::<&str>(&[]).expect("no words"));
    let mut names: Vec<&String> = labels.iter().collect();
    names.sort();
    names.dedup();
    let truth: Vec<usize> = labels.iter().filter_map(|label| names.binary_search(&label).ok()).collect();
    let folds = stratified_folds(&truth, 5, 42);
    let train = (0..texts.len()).filter(|&at| folds[at] != 0);
    let (seen, of): (Vec<&String>, Vec<&String>) = train.map(|at| (&texts[at], &labels[at])).unzip();
    let classifier = Classifier::train(&seen, &of, Some(dictionary), settings).expect("good texts");
    let test: Vec<usize> = (0..texts.len()).filter(|&at| folds[at] == 0).collect();
    let said: Vec<usize> = test.iter().map(|&at| classifier.classify(&texts[at]).label).collect();
    let is: Vec<usize> = test.iter().map(|&at| truth[at]).collect();
    Scores::of(&is, &said, names.len()).accuracy
}

#[test]
fn intents_of_a_fifth_of_banking77_are_mostly_right() {
    let Some((texts, labels)) = part_of("banking77/train.csv", 0, 1, 2_000) else { return };
    let found = accuracy(&texts, &labels, &Settings { folds: 2, ..Settings::english() });
    assert!(found > 0.7, "{found}");
}

#[test]
fn reviews_of_deliveries_are_mostly_told_apart() {
    let Some((texts, labels)) = part_of("zh_sentiment/waimai_10k.csv", 1, 0, 3_000) else { return };
    let found = accuracy(&texts, &labels, &Settings { folds: 2, ..Settings::chinese() });
    assert!(found > 0.85, "{found}");
}
