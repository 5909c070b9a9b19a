//! Classifiers: the same on any number of threads, the same after being saved, with reasons that add up.

use std::sync::{Arc, LazyLock};

use florin_text::{Classifier, Dictionary, Settings, TextError, classifier::Aim, linear::Learner};
use proptest::prelude::*;

const CARD: [&str; 8] = [
    "my card is lost",
    "I lost the card",
    "card stolen yesterday",
    "卡丢了怎么办",
    "我的卡被偷了",
    "信用卡遗失",
    "lost card, block it",
    "挂失信用卡",
];
const RATE: [&str; 8] = [
    "what is the exchange rate",
    "rate for dollars",
    "exchange rates today",
    "今天的汇率是多少",
    "美元汇率",
    "汇率怎么算",
    "is the rate good",
    "查询外汇汇率",
];
const APP: [&str; 8] = [
    "the app crashes",
    "app will not open",
    "cannot log in to the app",
    "手机银行打不开",
    "app登录不了",
    "软件闪退",
    "app is slow",
    "手机银行登录失败",
];

fn texts() -> (Vec<&'static str>, Vec<&'static str>) {
    let of = |texts: [&'static str; 8], label| texts.into_iter().map(move |text| (text, label));
    of(CARD, "card").chain(of(RATE, "rate")).chain(of(APP, "app")).unzip()
}

fn settings() -> Settings {
    let candidates = vec![
        vec![Learner::svm(1.0)],
        vec![Learner::svm(0.5), Learner::logistic(5.0).balanced(0.5), Learner::svm(0.5).with_ratio(1.0)],
    ];
    let mut settings = Settings { candidates, aim: Aim::MacroF1, ..Settings::chinese() };
    settings.limits.texts_min = 1;
    settings
}

static DICTIONARY: LazyLock<Arc<Dictionary>> =
    LazyLock::new(|| Arc::new(Dictionary::new(&["锦鲤卡"]).expect("a good word")));

static TRAINED: LazyLock<Classifier> = LazyLock::new(|| {
    let (texts, labels) = texts();
    Classifier::train(&texts, &labels, Some(Arc::clone(&DICTIONARY)), &settings()).expect("good texts")
});

fn label(text: &str) -> &str {
    &TRAINED.labels()[TRAINED.classify(text).label]
}

#[test]
fn texts_like_those_it_was_trained_on_get_their_label() {
    assert_eq!(label("somebody stole my card"), "card");
    assert_eq!(label("請問美元的匯率"), "rate");
    assert_eq!(label("打不开手机银行"), "app");
    let probabilities = TRAINED.classify("lost card").probabilities;
    assert!(
        (probabilities.iter().sum::<f64>() - 1.0).abs() < 1e-9 && probabilities.iter().all(|p| (0.0..=1.0).contains(p))
    );
}

#[test]
fn the_number_of_threads_changes_no_byte() {
    let bytes = [1, 2, 3].map(|threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
        pool.install(|| {
            let (texts, labels) = texts();
            let trained = Classifier::train(&texts, &labels, Some(Arc::clone(&DICTIONARY)), &settings());
            trained.expect("good texts").to_bytes().expect("it can be written")
        })
    });
    assert!(bytes[0] == bytes[1] && bytes[1] == bytes[2]);
}

#[test]
fn a_saved_classifier_says_the_same() {
    let bytes = TRAINED.to_bytes().expect("it can be written");
    for dictionary in [None, Some(&*DICTIONARY)] {
        let read = Classifier::from_bytes(&bytes, dictionary).expect("good bytes");
        for text in CARD.iter().chain(&RATE).chain(&["", "锦鲤卡丢了", "never seen"]) {
            assert_eq!(read.classify(text), TRAINED.classify(text));
            assert_eq!(read.explain(text, 1), TRAINED.explain(text, 1));
        }
        assert_eq!(read.to_bytes().expect("it can be written"), bytes);
    }
}

#[test]
fn damaged_bytes_are_an_error_wherever_the_damage_is() {
    let bytes = TRAINED.to_bytes().expect("it can be written");
    for at in (0..bytes.len()).step_by(97) {
        let mut damaged = bytes.clone();
        damaged[at] ^= 0x10;
        assert!(
            matches!(Classifier::from_bytes(&damaged, Some(&DICTIONARY)), Err(TextError::Saved { .. })),
            "byte {at}"
        );
        assert!(Classifier::from_bytes(&bytes[..at], Some(&DICTIONARY)).is_err());
    }
}

#[test]
fn reasons_name_the_words_and_add_up_to_the_decision() {
    let card = TRAINED.labels().iter().position(|label| label == "card").expect("a label");
    for text in ["I lost my card!", "我的信用卡丢了，怎么办？", "The exchange rate app, 汇率？？"] {
        for label in 0..3 {
            let why = TRAINED.explain(text, label);
            let sum: f64 = why.reasons.iter().map(|reason| reason.adds).sum();
            assert!(
                (sum + why.bias - why.decision).abs() < 1e-6,
                "{text}: {sum} + {} is not {}",
                why.bias,
                why.decision
            );
        }
    }
    let why = TRAINED.explain("please, my card was stolen", card);
    assert!(["card", "stolen"].contains(&why.reasons[0].word.as_str()), "{why:?}");
    let spoken: Vec<&str> = TRAINED.strongest(card, 40).into_iter().map(|gram| gram.0).collect();
    assert!(spoken.iter().any(|gram| gram.contains("card") || gram.contains('卡')), "{spoken:?}");
    assert!(TRAINED.explain("x", 99).reasons.is_empty());
}

#[test]
fn two_labels_share_one_machine_and_mirror_each_other() {
    let (texts, labels): (Vec<&str>, Vec<&str>) =
        texts().0.into_iter().zip(texts().1).filter(|(_, label)| *label != "app").unzip();
    let trained = Classifier::train(&texts, &labels, None, &settings()).expect("good texts");
    let [a, b] = [0, 1].map(|label| trained.explain("lost card", label).decision);
    assert!((a + b).abs() < 1e-12 && a > 0.0);
    assert_eq!(trained.labels()[trained.classify("exchange rate").label], "rate");
}

#[test]
fn a_label_that_the_others_contradict_counts_less_when_doubted() {
    let (mut texts, mut labels) = texts();
    texts.push("the lost card");
    labels.push("rate");
    let decision = |doubt| {
        let settings = Settings { doubt, ..settings() };
        let trained = Classifier::train(&texts, &labels, Some(Arc::clone(&DICTIONARY)), &settings).expect("good texts");
        let card = trained.labels().iter().position(|label| label == "card").expect("a label");
        trained.explain("the lost card", card).decision
    };
    assert!(decision(Some(0.9)) > decision(None) + 0.05);
}

#[test]
fn what_cannot_be_learnt_is_refused_with_the_reason() {
    let train = |texts: &[&str], labels: &[&str]| Classifier::train(texts, labels, None, &settings()).map(drop);
    assert!(matches!(train(&["a"], &[]), Err(TextError::Lengths { .. })));
    assert!(matches!(train(&["a", "b"], &["x", "x"]), Err(TextError::TooLittle { .. })));
    assert!(matches!(train(&["a", "b", "c"], &["x", "x", "y"]), Err(TextError::TooLittle { .. })));
    assert!(matches!(train(&["", "", "", ""], &["x", "x", "y", "y"]), Err(TextError::TooLittle { .. })));
    let (texts, labels) = texts();
    let bad = |change: fn(&mut Settings)| {
        let mut settings = settings();
        change(&mut settings);
        matches!(Classifier::train(&texts, &labels, None, &settings), Err(TextError::Setting { .. }))
    };
    assert!(bad(|s| s.candidates.clear()) && bad(|s| s.folds = 1) && bad(|s| s.views.clear()));
    assert!(bad(|s| s.doubt = Some(0.0)));
    assert!(bad(|s| s.candidates[0][0].cost = 0.0) && bad(|s| s.limits.columns_max = 0));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_text_gets_a_label_and_reasons_that_add_up(text in "\\PC{0,60}", label in 0usize..3) {
        let verdict = TRAINED.classify(&text);
        prop_assert!(verdict.label < 3 && verdict.probabilities.iter().all(|p| p.is_finite()));
        let why = TRAINED.explain(&text, label);
        let sum: f64 = why.reasons.iter().map(|reason| reason.adds).sum();
        prop_assert!((sum + why.bias - why.decision).abs() < 1e-6);
    }

    #[test]
    fn any_bytes_are_an_error_or_a_classifier(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(Classifier::from_bytes(&bytes, None).is_err());
    }
}
