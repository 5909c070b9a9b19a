//! Words and meanings in one linear machine.

use florin_text::{Classifier, Meanings, Settings, StopWords, TextError, Topics, topics::TopicSettings};

const DIMENSIONS: usize = 5;

/// Sixty texts whose words say nothing of their two labels; the second number of a meaning does.
fn made_up() -> (Vec<String>, Vec<&'static str>, Vec<f32>) {
    let mut meanings = Vec::new();
    let (mut texts, mut labels) = (Vec::new(), Vec::new());
    for at in 0..60_usize {
        let good = at % 2 == 0;
        texts.push(format!(
            "the {} letter came on a {} day",
            ["first", "second", "third"][at % 3],
            ["cold", "warm"][at / 2 % 2]
        ));
        labels.push(if good { "good" } else { "bad" });
        let noise = |of: usize| ((at * 31 + of * 17) % 13) as f32 / 26.0 - 0.25;
        meanings.extend((0..DIMENSIONS).map(|of| if of == 1 { if good { 1.0 } else { -1.0 } } else { noise(of) }));
    }
    (texts, labels, meanings)
}

fn settings() -> Settings {
    let mut settings = Settings::english();
    settings.limits.texts_min = 1;
    settings
}

fn trained() -> (Classifier, Vec<String>, Vec<&'static str>, Vec<f32>) {
    let (texts, labels, values) = made_up();
    let meanings = Meanings::new(&values, DIMENSIONS).unwrap();
    let classifier = Classifier::train_with(&texts, &labels, meanings, None, &settings()).unwrap();
    (classifier, texts, labels, values)
}

#[test]
fn what_words_do_not_say_is_learnt_from_meanings() {
    let (classifier, texts, labels, values) = trained();
    assert_eq!(classifier.dimensions(), DIMENSIONS);
    for ((text, label), meaning) in texts.iter().zip(&labels).zip(values.chunks_exact(DIMENSIONS)) {
        let verdict = classifier.classify_with(text, meaning).unwrap();
        assert_eq!(&classifier.labels()[verdict.label], label);
    }
}

#[test]
fn reasons_and_the_meaning_add_up_to_the_decision() {
    let (classifier, texts, _, values) = trained();
    for label in 0..2 {
        let explained = classifier.explain_with(&texts[0], &values[..DIMENSIONS], label).unwrap();
        let words: f64 = explained.reasons.iter().map(|reason| reason.adds).sum();
        assert!((explained.bias + explained.meaning + words - explained.decision).abs() < 1e-9);
        assert!(explained.meaning.abs() > words.abs(), "{explained:?}");
        let alone = classifier.explain(&texts[0], label);
        assert!((alone.meaning, alone.reasons.len()) == (0.0, explained.reasons.len()));
        assert!((alone.decision + explained.meaning - explained.decision).abs() < 1e-9);
    }
}

#[test]
fn a_saved_classifier_says_the_same_of_meanings() {
    let (classifier, texts, _, values) = trained();
    let again = Classifier::from_bytes(&classifier.to_bytes().unwrap(), None).unwrap();
    for (text, meaning) in texts.iter().zip(values.chunks_exact(DIMENSIONS)) {
        assert_eq!(classifier.classify_with(text, meaning), again.classify_with(text, meaning));
    }
    assert_eq!(again.to_bytes().unwrap(), classifier.to_bytes().unwrap());
}

#[test]
fn the_length_of_an_encoders_vectors_does_not_matter() {
    let (classifier, texts, _, values) = trained();
    let longer: Vec<f32> = values[..DIMENSIONS].iter().map(|value| value * 4.0).collect();
    let [a, b] = [&values[..DIMENSIONS], &longer].map(|meaning| classifier.classify_with(&texts[0], meaning).unwrap());
    assert!((a.probabilities[0] - b.probabilities[0]).abs() < 1e-6);
}

#[test]
fn meanings_that_do_not_fit_are_refused() {
    let (classifier, texts, labels, values) = trained();
    assert!(Meanings::new(&values[1..], DIMENSIONS).is_err());
    assert!(Meanings::new(&values, 0).is_err() && Meanings::new(&[], 100_000).is_err());
    let few = Meanings::new(&values[..DIMENSIONS], DIMENSIONS).unwrap();
    let refused = Classifier::train_with(&texts, &labels, few, None, &settings());
    assert!(matches!(refused, Err(TextError::Lengths { what: "meanings", found: 1, expected: 60 })));
    assert!(classifier.classify_with(&texts[0], &values[..3]).is_err());
    assert!(classifier.classify_with(&texts[0], &[]).is_err());
    assert!(classifier.classify_with(&texts[0], &[f32::NAN; DIMENSIONS]).is_err());
    let words_only = Classifier::train(&texts, &labels, None, &settings()).unwrap();
    assert!(words_only.classify_with(&texts[0], &values[..DIMENSIONS]).is_err());
    assert_eq!(words_only.classify_with(&texts[0], &[]).unwrap(), words_only.classify(&texts[0]));
}

#[test]
fn topics_by_meaning_group_what_words_do_not() {
    let (texts, labels, values) = made_up();
    let mut settings = TopicSettings { halves: 0, ..TopicSettings::of(2) };
    settings.limits.share_max = 1.0;
    let meanings = Meanings::new(&values, DIMENSIONS).unwrap();
    let topics = Topics::find_with(&texts, meanings, None, StopWords::default(), &settings).unwrap();
    let first = topics.of_text[0];
    assert!(labels.iter().zip(&topics.of_text).all(|(label, of)| (*of == first) == (*label == labels[0])));
    assert_eq!(topics.topic_of_meaning(&values[..DIMENSIONS]).unwrap().map(|found| found.0), first);
    assert!(topics.topic_of(&texts[0]).is_none() && topics.topic_of_meaning(&[1.0]).is_err());
    assert!(topics.topics.iter().all(|topic| !topic.words.is_empty()));
}
