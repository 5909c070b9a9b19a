//! Readers that need no labels, beside what labels public data have.

use std::{collections::BTreeSet, path::Path, sync::Arc};

use florin_text::{
    AspectReader, Background, Dictionary, Mood, MoodReader, MoodScore, Settings, StopWords, Topics, UrgencyReader,
    aspects::Aspect,
    detect,
    evaluate::{Scores, adjusted_rand, mutual_information, stratified_folds},
    language::Language,
    topics::TopicSettings,
};

use crate::{Outcome, classify::Labelled, data};

/// Texts with moods.
struct Moods {
    name: &'static str,
    texts: Vec<String>,
    moods: Vec<Mood>,
}

fn moods(data: &Path) -> Outcome<Vec<Moods>> {
    let mood_of = |name: &str, label: &str| match (name, label) {
        ("reviews", "1" | "2") => Some(Mood::Negative),
        ("reviews", "4" | "5") | ("hotel" | "delivery", "1") | ("bank_comments", "1") => Some(Mood::Positive),
        ("reviews", "3") | ("bank_comments", "2") => Some(Mood::Neutral),
        (_, "0") => Some(Mood::Negative),
        _ => None,
    };
    let sets = [
        ("hotel", data::labelled(&data.join("zh_sentiment/ChnSentiCorp_htl_all.csv"), 1, 0)?),
        ("delivery", data::labelled(&data.join("zh_sentiment/waimai_10k.csv"), 1, 0)?),
        ("bank_comments", data::labelled(&data.join("zh_bank_comments/train.csv"), 1, 3)?),
        ("reviews", data::labelled(&data.join("bank_app_reviews/ethiopian_bank_reviews.csv"), 1, 2)?),
    ];
    let known = sets.into_iter().map(|(name, (texts, labels))| {
        let pairs = texts.into_iter().zip(&labels).filter_map(|(text, label)| Some((text, mood_of(name, label)?)));
        let (texts, moods) = pairs.unzip();
        Moods { name, texts, moods }
    });
    Ok(known.collect())
}

/// The lists alone, and with so many labels: mood of held-out texts. Where there is no neutral, the better of the other two counts.
pub(crate) fn mood(data: &Path) -> Outcome<()> {
    let dictionary = Arc::new(Dictionary::new::<&str>(&[])?);
    for Moods { name, texts, moods } in moods(data)? {
        let truth: Vec<usize> = moods.iter().map(|&mood| mood as usize).collect();
        let folds = stratified_folds(&truth, 5, 42);
        let members = |inside: bool| (0..folds.len()).filter(|&at| (folds[at] == 0) == inside).collect::<Vec<usize>>();
        let (train, test) = (members(false), members(true));
        let neutral = moods.contains(&Mood::Neutral);
        for labels in [0, 50, 100, 200, 500, 2000] {
            let settings = if name == "reviews" { Settings::english() } else { Settings::chinese() };
            let some: Vec<usize> = spread(&train, labels);
            let (seen, of): (Vec<&str>, Vec<Mood>) = some.iter().map(|&at| (texts[at].as_str(), moods[at])).unzip();
            let reader = match labels {
                0 => MoodReader::new(),
                _ => match MoodReader::new().learn(&seen, &of, Some(dictionary.clone()), &settings) {
                    Ok(reader) => reader,
                    Err(error) => {
                        eprintln!("{name}, {labels} labels: {error}");
                        continue;
                    }
                },
            };
            let said = |at: usize| {
                let read = reader.read(&texts[at]);
                match (neutral, read.mood) {
                    (false, Mood::Neutral) if read.score < 0.0 => Mood::Negative,
                    (false, Mood::Neutral) => Mood::Positive,
                    (_, mood) => mood,
                }
            };
            let said: Vec<usize> = test.iter().map(|&at| said(at) as usize).collect();
            let is: Vec<usize> = test.iter().map(|&at| truth[at]).collect();
            let scores = Scores::of(&is, &said, 3);
            let classes = scores.classes.iter().filter(|class| class.count > 0);
            let macro_f1 = classes.clone().map(|class| class.f1).sum::<f64>() / classes.count() as f64;
            println!(
                "{{\"name\":\"mood {name}\",\"labels\":{labels},\"accuracy\":{:.4},\"macro_f1\":{macro_f1:.4}}}",
                scores.accuracy
            );
        }
    }
    Ok(())
}

/// `MoodReader::score` without any label. The lists were written and their numbers chosen with the even rows in view; odd rows are
/// measured. Where there is no neutral, above or below the middle of the two thresholds counts.
pub(crate) fn mood_score(data: &Path) -> Outcome<()> {
    let reader = MoodReader::new();
    let middle = 0.075;
    let (texts, _) = data::labelled(&data.join("cfpb_labelled/complaints_small_sample_2025-04-25.csv"), 5, 3)?;
    let complaints = Moods { name: "cfpb (all complaints)", moods: vec![Mood::Negative; texts.len()], texts };
    for Moods { name, texts, moods } in moods(data)?.into_iter().chain([complaints]) {
        let odd: Vec<(&str, Mood)> =
            texts.iter().zip(&moods).skip(1).step_by(2).map(|(text, &mood)| (text.as_str(), mood)).collect();
        let neutral = moods.contains(&Mood::Neutral);
        let said: Vec<MoodScore> = odd.iter().map(|(text, _)| reader.score(text)).collect();
        let mood_of = |score: &MoodScore| match (neutral, score.value) {
            (true, _) => score.mood(),
            (false, value) if value >= middle => Mood::Positive,
            _ => Mood::Negative,
        };
        let truth: Vec<usize> = odd.iter().map(|&(_, mood)| mood as usize).collect();
        let scores = Scores::of(&truth, &said.iter().map(|score| mood_of(score) as usize).collect::<Vec<_>>(), 3);
        let classes = scores.classes.iter().filter(|class| class.count > 0);
        let macro_f1 = classes.clone().map(|class| class.f1).sum::<f64>() / classes.count() as f64;
        let sure: Vec<(Mood, f64)> =
            odd.iter().zip(&said).filter(|(_, score)| score.confident).map(|(of, score)| (of.1, score.value)).collect();
        let opposed = sure.iter().filter(|(mood, value)| match mood {
            Mood::Negative => *value > 0.0,
            Mood::Positive => *value < 0.0,
            Mood::Neutral => false,
        });
        let opposed = opposed.count() as f64 / sure.len().max(1) as f64;
        let start = std::time::Instant::now();
        let rounds = 5;
        let mut sum = 0.0;
        for _ in 0..rounds {
            sum += odd.iter().map(|(text, _)| reader.score(text).value).sum::<f64>();
        }
        let microseconds = start.elapsed().as_secs_f64() * 1e6 / (rounds * odd.len()) as f64;
        let bytes = odd.iter().map(|(text, _)| text.len()).sum::<usize>() / odd.len();
        println!(
            "{{\"name\":\"mood score {name}\",\"texts\":{},\"accuracy\":{:.4},\"macro_f1\":{macro_f1:.4},\"confident\":{:.3},\"confident_but_opposed\":{opposed:.4},\"mean\":{:.3},\"bytes_a_text\":{bytes},\"microseconds_a_text\":{microseconds:.2}}}",
            odd.len(),
            scores.accuracy,
            sure.len() as f64 / odd.len() as f64,
            sum / (rounds * odd.len()) as f64,
        );
    }
    Ok(())
}

/// So many of them, evenly over all.
fn spread(all: &[usize], wanted: usize) -> Vec<usize> {
    let wanted = wanted.min(all.len());
    (0..wanted).map(|at| all[at * all.len() / wanted]).collect()
}

/// Share of texts whose language is told as their source says.
pub(crate) fn language(data: &Path) -> Outcome<()> {
    let moroccan = data::labelled(&data.join("bank_app_reviews/moroccan_bank_fact_reviews.csv"), 5, 10)?;
    let ptt = data::labelled(&data.join("zh_ptt_creditcard/ptt_creditcard_posts.csv"), 1, 0)?.0;
    let sets: [(&str, Vec<(String, Language)>); 5] = [
        (
            "bank_comments",
            all_of(data::labelled(&data.join("zh_bank_comments/train.csv"), 1, 3)?.0, Language::Simplified),
        ),
        ("banking77", all_of(data::labelled(&data.join("banking77/train.csv"), 0, 1)?.0, Language::English)),
        ("ptt titles", all_of(ptt, Language::Traditional)),
        (
            "hotel",
            all_of(data::labelled(&data.join("zh_sentiment/ChnSentiCorp_htl_all.csv"), 1, 0)?.0, Language::Simplified),
        ),
        ("moroccan reviews", {
            let of = |tag: &String| if tag == "en" { Language::English } else { Language::Other };
            moroccan.0.into_iter().zip(moroccan.1.iter().map(of)).collect()
        }),
    ];
    for (name, texts) in sets {
        let right = texts.iter().filter(|(text, is)| detect(text).language == *is).count();
        let chinese = texts.iter().filter(|(text, is)| detect(text).language.is_chinese() == is.is_chinese()).count();
        let n = texts.len() as f64;
        println!(
            "{{\"name\":\"language {name}\",\"texts\":{},\"accuracy\":{:.4},\"chinese_or_not\":{:.4}}}",
            texts.len(),
            right as f64 / n,
            chinese as f64 / n
        );
        for (text, is) in texts.iter().filter(|(text, is)| detect(text).language != *is).take(4) {
            eprintln!("   {is:?} taken for {:?}: {}", detect(text).language, text.chars().take(60).collect::<String>());
        }
    }
    Ok(())
}

fn all_of(texts: Vec<String>, language: Language) -> Vec<(String, Language)> {
    texts.into_iter().map(|text| (text, language)).collect()
}

/// Intents of Banking77 that should not wait, as a proxy.
const URGENT: [&str; 8] = [
    "lost_or_stolen_card",
    "lost_or_stolen_phone",
    "compromised_card",
    "card_payment_not_recognised",
    "cash_withdrawal_not_recognised",
    "direct_debit_payment_not_recognised",
    "card_swallowed",
    "passcode_forgotten",
];

/// How often an urgent question scores higher than another.
pub(crate) fn urgency(data: &Path) -> Outcome<()> {
    let reader = UrgencyReader::new();
    let (texts, labels) = data::labelled(&data.join("banking77/train.csv"), 0, 1)?;
    let scored: Vec<(f64, bool)> = texts
        .iter()
        .zip(&labels)
        .map(|(text, label)| (reader.read(text).score, URGENT.contains(&label.as_str())))
        .collect();
    println!("{{\"name\":\"urgency banking77\",\"auc\":{:.4}}}", auc(&scored));
    let nsp: Vec<serde_json::Value> =
        serde_json::from_str(&std::fs::read_to_string(data.join("zh_fincuge/finnsp_train_list.json"))?)?;
    let text = |row: &serde_json::Value| {
        format!("{} {}", row[1].as_str().unwrap_or_default(), row[2].as_str().unwrap_or_default())
    };
    let scored: Vec<(f64, bool)> =
        nsp.iter().map(|row| (reader.read(&text(row)).score, row[4] == 1 || row[4] == "1")).collect();
    println!("{{\"name\":\"urgency finnsp (negative news of lenders)\",\"auc\":{:.4}}}", auc(&scored));
    Ok(())
}

fn auc(scored: &[(f64, bool)]) -> f64 {
    let mut sorted = scored.to_vec();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (mut below, mut sum, mut urgent) = (0.0, 0.0, 0.0);
    for tied in sorted.chunk_by(|a, b| a.0 == b.0) {
        let inside = tied.iter().filter(|row| row.1).count() as f64;
        let outside = tied.len() as f64 - inside;
        sum += inside * (below + outside / 2.0);
        below += outside;
        urgent += inside;
    }
    sum / (urgent * below)
}

/// Which aspect an issue of the CFPB is about.
fn aspect_of(issue: &str) -> Option<Aspect> {
    let cases = [
        ("fees or interest", Aspect::Fees),
        ("Struggling to pay", Aspect::Loan),
        ("credit report", Aspect::CreditReport),
        ("your report", Aspect::CreditReport),
        ("collect debt", Aspect::Collection),
        ("debt not owed", Aspect::Collection),
        ("identity theft", Aspect::Security),
        ("Money was not available", Aspect::Payments),
        ("Problem with the payoff", Aspect::Loan),
        ("Getting the loan", Aspect::Approval),
        ("Applied for loan", Aspect::Approval),
        ("Received a loan you didn't apply for", Aspect::Security),
        ("Can't contact lender", Aspect::Staff),
    ];
    cases.into_iter().find(|(words, _)| issue.contains(words)).map(|(_, aspect)| aspect)
}

/// CFPB: whether the issue's aspect is among those found, and how many are found. Bank comments: how many of the marked things and opinions
/// are found.
pub(crate) fn aspects(data: &Path) -> Outcome<()> {
    let reader = AspectReader::new();
    let (texts, issues) = data::labelled(&data.join("cfpb_labelled/complaints_small_sample_2025-04-25.csv"), 5, 3)?;
    let (mut all, mut hit, mut found) = (0.0, 0.0, 0.0);
    for (text, issue) in texts.iter().zip(&issues) {
        let Some(aspect) = aspect_of(issue) else { continue };
        let opinions = reader.read(text);
        all += 1.0;
        found += opinions.len() as f64;
        hit += f64::from(u8::from(opinions.iter().any(|opinion| opinion.aspect == aspect)));
    }
    println!(
        "{{\"name\":\"aspects cfpb\",\"texts\":{all},\"recall\":{:.4},\"found_a_text\":{:.2}}}",
        hit / all,
        found / all
    );
    let records = data::csv(&std::fs::read_to_string(data.join("zh_bank_comments/train.csv"))?);
    let (mut things, mut named, mut opinions, mut felt) = (0.0, 0.0, 0.0, 0.0);
    for record in records.iter().filter(|record| record.len() >= 4) {
        let read = reader.read(&record[1]);
        let has = |words: &dyn Fn(&florin_text::aspects::Opinion) -> Vec<String>, span: &str| {
            read.iter()
                .any(|opinion| words(opinion).iter().any(|word| span.contains(word.as_str()) || word.contains(span)))
        };
        let normal = |span: &str| florin_text::tokens::simplified(florin_text::tokens::normalise(span));
        for (kind, span) in spans(&record[1], &record[2]) {
            match kind {
                "COMMENTS_N" => {
                    things += 1.0;
                    named += f64::from(u8::from(has(&|opinion| opinion.named_by.clone(), &normal(&span))));
                }
                "COMMENTS_ADJ" => {
                    opinions += 1.0;
                    felt += f64::from(u8::from(has(&|opinion| opinion.because.clone(), &normal(&span))));
                }
                _ => {}
            }
        }
    }
    println!(
        "{{\"name\":\"aspects bank_comments\",\"things\":{things},\"things_found\":{:.4},\"opinions\":{opinions},\"opinions_found\":{:.4}}}",
        named / things,
        felt / opinions
    );
    Ok(())
}

/// Marked spans: a mark a character.
fn spans<'m>(text: &str, marks: &'m str) -> Vec<(&'m str, String)> {
    let mut spans: Vec<(&str, String)> = Vec::new();
    let mut open = false;
    for (c, mark) in text.chars().zip(marks.split(' ')) {
        match mark.split_once('-') {
            Some(("B", kind)) => {
                spans.push((kind, c.to_string()));
                open = true;
            }
            Some(("I", _)) if open => spans.last_mut().into_iter().for_each(|span| span.1.push(c)),
            _ => open = false,
        }
    }
    spans
}

/// Posts: how often one of the five phrases of the text is in its title, beside its five words of highest TF-IDF.
pub(crate) fn phrases(data: &Path) -> Outcome<()> {
    let records = data::csv(&std::fs::read_to_string(data.join("zh_ptt_creditcard/ptt_creditcard_posts.csv"))?);
    let posts: Vec<(String, &str)> = records
        .iter()
        .filter(|record| record.len() >= 3 && record[2].chars().count() > 60 && !record[1].starts_with("Re:"))
        .map(|record| (florin_text::tokens::simplified(florin_text::tokens::normalise(&record[1])), record[2].as_str()))
        .collect();
    let texts: Vec<&str> = posts.iter().map(|post| post.1).collect();
    let dictionary = Arc::new(Dictionary::new::<&str>(&[])?);
    let background = Background::learn(
        &texts,
        dictionary,
        StopWords::both().with(["http", "https", "www", "com", "tw", "imgur", "jpg"]),
    )?;
    let (mut hits, mut words_hit, mut covered, mut words_covered) = (0.0, 0.0, 0.0, 0.0);
    for (title, text) in &posts {
        let squeezed: String = title.chars().filter(|c| *c != ' ').collect();
        let inside = |phrase: &str| squeezed.contains(&phrase.replace(' ', ""));
        let hit = |phrases: &[String]| f64::from(u8::from(phrases.iter().take(SHOWN).any(|phrase| inside(phrase))));
        // As many words for both: a phrase of three words must be worth three.
        let cover = |phrases: &[String]| {
            let words = phrases.iter().flat_map(|phrase| phrase.split(' ')).take(SHOWN);
            words.filter(|word| inside(word)).count() as f64 / SHOWN as f64
        };
        let phrases: Vec<String> = background.phrases(text, SHOWN).into_iter().map(|phrase| phrase.text).collect();
        let words: Vec<String> = background.words(text, SHOWN).into_iter().map(|word| word.text).collect();
        hits += hit(&phrases);
        words_hit += hit(&words);
        covered += cover(&phrases);
        words_covered += cover(&words);
    }
    let n = posts.len() as f64;
    println!(
        "{{\"name\":\"phrases ptt\",\"posts\":{n},\"title_hit_at_5\":{:.4},\"single_words_only\":{:.4},\"of_five_words_in_title\":{:.4},\"single_words\":{:.4}}}",
        hits / n,
        words_hit / n,
        covered / n,
        words_covered / n
    );
    for (title, text) in posts.iter().step_by(500) {
        let phrases: Vec<String> = background.phrases(text, 5).into_iter().map(|phrase| phrase.text).collect();
        eprintln!("   {title}: {}", phrases.join(" · "));
    }
    Ok(())
}

/// How many phrases are shown.
const SHOWN: usize = 5;

/// Topics beside labels that they did not see.
pub(crate) fn topics(data: &Path) -> Outcome<()> {
    let dictionary = Arc::new(Dictionary::new::<&str>(&[])?);
    let stop = StopWords::both().with(["xxxx", "xx", "http", "https", "com", "tw", "imgur", "jpg", "www"]);
    let banking = Labelled::of(data::labelled(&data.join("banking77/train.csv"), 0, 1)?);
    let complaints =
        Labelled::of(data::labelled(&data.join("cfpb_labelled/complaints_small_sample_2025-04-25.csv"), 5, 3)?);
    let comments = Labelled::of(data::labelled(&data.join("zh_bank_comments/train.csv"), 1, 3)?);
    for (name, labelled, topics) in [
        ("banking77", &banking, 77),
        ("banking77", &banking, 20),
        ("cfpb", &complaints, 12),
        ("bank_comments", &comments, 12),
    ] {
        let start = std::time::Instant::now();
        let found = Topics::find(&labelled.texts, Some(dictionary.clone()), stop.clone(), &TopicSettings::of(topics))?;
        let seconds = start.elapsed().as_secs_f64();
        let of: Vec<usize> = found.of_text.iter().map(|of| of.unwrap_or(topics)).collect();
        let stability = found.stability.unwrap_or(f64::NAN);
        println!(
            "{{\"name\":\"topics {name}\",\"topics\":{topics},\"stability\":{stability:.3},\"adjusted_rand\":{:.3},\"mutual_information\":{:.3},\"seconds\":{seconds:.1}}}",
            adjusted_rand(&of, &labelled.truth),
            mutual_information(&of, &labelled.truth)
        );
        let shown: BTreeSet<usize> = (0..5).collect();
        for (at, topic) in found.topics.iter().enumerate().filter(|(at, _)| shown.contains(at)) {
            eprintln!("   {at} ({}): {}", topic.size, topic.words.join(" · "));
        }
    }
    Ok(())
}
