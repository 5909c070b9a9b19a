//! Readers that need no labels: no text breaks them, and labels improve moods.

use std::sync::Arc;

use florin_text::{
    AspectReader, Background, Dictionary, Mood, MoodReader, Settings, StopWords, Topics, UrgencyReader, detect,
    topics::TopicSettings,
};
use proptest::prelude::*;

#[test]
fn a_mood_that_the_lists_do_not_know_is_learnt() {
    let (mut texts, mut moods) = (Vec::new(), Vec::new());
    for n in 0..60 {
        texts.push(format!("flurb number {n}"));
        moods.push(Mood::Positive);
        texts.push(format!("grumf number {n}"));
        moods.push(Mood::Negative);
    }
    assert_eq!(MoodReader::new().read("flurb").mood, Mood::Neutral);
    let reader = MoodReader::new().learn(&texts, &moods, None, &Settings::english()).expect("good texts");
    assert_eq!(reader.read("flurb").mood, Mood::Positive);
    assert!(reader.read("grumf").score < 0.0);
    assert!(reader.read("grumf").reasons.iter().any(|(word, adds)| word == "grumf" && *adds < 0.0));
}

#[test]
fn what_should_not_wait_is_mostly_above_what_can() {
    let pressing = [
        "Someone is using my card, I did not make these payments!",
        "My phone was stolen and my banking app is on it",
        "卡被盗刷了，赶紧帮我冻结",
        "I have called three times and nobody answers, I will go to the ombudsman",
        "失业了还不起贷款，催收天天爆通讯录",
        "There is a direct debit that is not mine",
    ];
    let calm = [
        "How do I change my address?",
        "What is the exchange rate today for euros",
        "请问怎么查询账单",
        "Which countries do you support?",
        "想了解一下理财产品",
        "Can I get a second card for my daughter?",
    ];
    let reader = UrgencyReader::new();
    let [lowest, highest] = [
        pressing.iter().map(|text| reader.read(text).score).fold(1.0, f64::min),
        calm.iter().map(|text| reader.read(text).score).fold(0.0, f64::max),
    ];
    assert!(lowest > highest, "{lowest} is not above {highest}");
}

#[test]
fn planted_topics_are_found_and_stable() {
    let words = [
        ["card", "lost", "stolen", "block"],
        ["rate", "dollar", "exchange", "euro"],
        ["手机银行", "闪退", "登录", "密码"],
    ];
    let texts: Vec<String> = (0..240)
        .map(|n| {
            let of = words[n % 3];
            format!("{} {} {}", of[n % 4], of[(n / 3) % 4], of[(n / 7) % 4])
        })
        .collect();
    let dictionary = Arc::new(Dictionary::new::<&str>(&[]).expect("no words"));
    let found = Topics::find(
        &texts,
        Some(dictionary),
        StopWords::both(),
        &TopicSettings {
            limits: florin_text::tfidf::Limits { texts_min: 2, share_max: 0.5, columns_max: 1000 },
            ..TopicSettings::of(3)
        },
    )
    .expect("good texts");
    assert!(found.stability.expect("it was measured") > 0.9, "{:?}", found.stability);
    for (n, text) in texts.iter().enumerate() {
        assert_eq!(found.of_text[n], found.of_text[n % 3], "{text}");
    }
    assert_eq!(found.topic_of("block the stolen card").map(|near| near.0), found.of_text[0]);
    assert_eq!(found.topic_of("###"), None);
    assert!(Topics::find(&texts[..2], None, StopWords::both(), &TopicSettings::of(3)).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn no_text_breaks_a_reader(text in "\\PC{0,80}") {
        let mood = MoodReader::new().read(&text);
        prop_assert!((mood.probabilities.iter().sum::<f64>() - 1.0).abs() < 1e-9);
        let urgency = UrgencyReader::new().read(&text);
        prop_assert!((0.0..=1.0).contains(&urgency.score));
        let opinions = AspectReader::new().read(&text);
        prop_assert!(opinions.iter().all(|opinion| opinion.feeling.is_finite()));
        prop_assert!(detect(&text).sure.is_finite());
    }

    #[test]
    fn chinese_and_english_marks_break_no_reader(text in "[好不很没的卡费，。！,.:a-z't 0-9!…]{0,60}") {
        let mood = MoodReader::new().read(&text);
        prop_assert!((mood.probabilities.iter().sum::<f64>() - 1.0).abs() < 1e-9);
        let opinions = AspectReader::new().read(&text);
        prop_assert!(opinions.iter().all(|opinion| opinion.feeling.is_finite()));
        prop_assert!((0.0..=1.0).contains(&UrgencyReader::new().read(&text).score));
    }
}

#[test]
fn no_text_breaks_phrases() {
    let dictionary = Arc::new(Dictionary::new::<&str>(&[]).expect("no words"));
    let background = Background::learn(&["a text", "一段文字"], dictionary, StopWords::both()).expect("texts");
    for text in ["", "...", "ＡＢＣ１２３", "信用卡信用卡信用卡", "naïve café 银行bank银行", "\u{0}\u{feff}"]
    {
        assert!(background.phrases(text, 5).len() <= 5);
    }
}
