//! Readers that need no labels, beside labels of public texts that they did not see: a part of each file. The bounds lie below what
//! `docs/concepts/text.md` reports, and above what guessing gives.

use std::sync::Arc;

use florin_text::{
    AspectReader, Background, Dictionary, MoodReader, StopWords, Topics, UrgencyReader, aspects::Aspect,
    evaluate::mutual_information, topics::TopicSettings,
};

use crate::public_data::part_of;

/// Where two moods part: half way between where a good and a bad one begin.
const MIDDLE: f64 = 0.075;

fn dictionary() -> Arc<Dictionary> {
    Arc::new(Dictionary::new::<&str>(&[]).expect("no words"))
}

#[test]
fn moods_of_reviews_and_complaints_are_mostly_right() {
    let reader = MoodReader::new();
    let right = |texts: &[String], is: &dyn Fn(usize) -> bool| {
        let said = texts.iter().enumerate().filter(|(at, text)| (reader.score(text).value >= MIDDLE) == is(*at));
        said.count() as f64 / texts.len() as f64
    };
    if let Some((texts, labels)) = part_of("zh_sentiment/waimai_10k.csv", 1, 0, 2_000) {
        let found = right(&texts, &|at| labels[at] == "1");
        assert!(found > 0.82, "deliveries: {found}");
    }
    if let Some((texts, _)) = part_of("cfpb_labelled/complaints_small_sample_2025-04-25.csv", 5, 3, 500) {
        let cross = texts.iter().filter(|text| reader.score(text).value < MIDDLE).count() as f64;
        assert!(cross > 0.88 * texts.len() as f64, "complaints: {cross} of {}", texts.len());
    }
}

#[test]
fn questions_that_press_are_mostly_above_others() {
    let Some((texts, labels)) = part_of("banking77/train.csv", 0, 1, 2_000) else { return };
    let reader = UrgencyReader::new();
    let pressing = ["lost_or_stolen_card", "lost_or_stolen_phone", "compromised_card", "card_payment_not_recognised"];
    let scores = |inside: bool| -> Vec<f64> {
        let of = texts.iter().zip(&labels).filter(|(_, label)| pressing.contains(&label.as_str()) == inside);
        of.map(|(text, _)| reader.read(text).score).collect()
    };
    let (press, calm) = (scores(true), scores(false));
    let above: f64 = press
        .iter()
        .map(|p| calm.iter().map(|c| if p > c { 1.0 } else { f64::from(u8::from(p >= c)) / 2.0 }).sum::<f64>())
        .sum();
    let auc = above / (press.len() * calm.len()) as f64;
    assert!(auc > 0.8, "{auc}");
}

#[test]
fn the_issue_of_a_complaint_is_among_its_aspects() {
    let Some((texts, issues)) = part_of("cfpb_labelled/complaints_small_sample_2025-04-25.csv", 5, 3, 3_000) else {
        return;
    };
    let reader = AspectReader::new();
    let has = |text: &String, aspect: Aspect| {
        f64::from(u8::from(reader.read(text).iter().any(|opinion| opinion.aspect == aspect)))
    };
    let mean = |part: &dyn Fn(&str) -> bool| {
        let of: Vec<f64> = texts
            .iter()
            .zip(&issues)
            .filter(|(_, issue)| part(issue))
            .map(|(text, _)| has(text, Aspect::Fees))
            .collect();
        of.iter().sum::<f64>() / of.len() as f64
    };
    // Named in complaints about fees far more often than in others.
    let (about, others) = (mean(&|issue| issue.contains("fees")), mean(&|issue| !issue.contains("fees")));
    assert!(about > 0.45 && about > 1.8 * others, "{about} beside {others}");
}

#[test]
fn topics_of_questions_tell_of_their_intents() {
    let Some((texts, labels)) = part_of("banking77/train.csv", 0, 1, 3_000) else { return };
    let settings = TopicSettings { halves: 0, ..TopicSettings::of(40) };
    let found = Topics::find(&texts, None, StopWords::both(), &settings).expect("good texts");
    let mut names: Vec<&String> = labels.iter().collect();
    names.sort();
    names.dedup();
    let truth: Vec<usize> = labels.iter().filter_map(|label| names.binary_search(&label).ok()).collect();
    let said: Vec<usize> = found.of_text.iter().map(|topic| topic.unwrap_or(40)).collect();
    let told = mutual_information(&said, &truth);
    assert!(told > 0.45, "{told}");
    assert!(found.topics.iter().take(5).all(|topic| !topic.words.is_empty() && !topic.examples.is_empty()));
}

#[test]
fn phrases_say_as_much_of_a_title_as_single_words() {
    let Some((texts, _)) = part_of("zh_ptt_creditcard/ptt_creditcard_posts.csv", 2, 0, 800) else { return };
    let Some((titles, _)) = part_of("zh_ptt_creditcard/ptt_creditcard_posts.csv", 1, 0, 800) else { return };
    let background = Background::learn(&texts, dictionary(), StopWords::both()).expect("texts");
    let covered = |phrases: Vec<florin_text::phrases::Phrase>, title: &str| {
        let words: Vec<String> =
            phrases.iter().flat_map(|phrase| phrase.text.split(' ').map(str::to_owned)).take(5).collect();
        words.iter().filter(|word| title.contains(word.as_str())).count()
    };
    let (mut by_phrases, mut by_words) = (0, 0);
    for (text, title) in texts.iter().zip(&titles) {
        let title = florin_text::tokens::simplified(florin_text::tokens::normalise(title));
        by_phrases += covered(background.phrases(text, 5), &title);
        by_words += covered(background.words(text, 5), &title);
    }
    assert!(by_words > texts.len() / 2, "{by_words}");
    assert!(by_phrases * 100 >= by_words * 97, "{by_phrases} beside {by_words}");
}
