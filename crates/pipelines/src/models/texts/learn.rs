//! Learning and judging: from labelled texts to a classifier and what it is worth.

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    sync::Arc,
};

use florin_domain::EventTime;
use florin_features::definition::reads;
use florin_measurement::{
    Level, Resampling, Sample,
    calibration::{Cut, calibration_curve},
    classification::classify,
};
use florin_models::{
    definition::{LearnerDef, ModelDef, Source, SplitDef, TextAim, TextDef, TextLanguage, Words},
    evaluation::{Assessment, GroupBy, Periods, TextAsked, TextsSaid, evaluate_texts},
};
use florin_text::{Classifier, Dictionary, Meanings, Settings, classifier::Aim, detect, language::Language};
use jiff::{ToSpan as _, civil::Date};

use super::{
    super::{
        dataset::Wanted,
        dates,
        drift::{Drifted, Expected},
        judge::{Judged, JudgedTexts},
        known::Made,
        split::share,
        state,
        train::{Gathered, Learnt},
        wrong,
    },
    gather::{TextRow, Texts, of_file, of_query},
    known::digest,
    reader::{Encoders, Reader},
};
use crate::{FlowError, House, ask::Asking, load::Progress};

/// Texts of a label that training needs; labels with fewer are left out, and it is told.
const LABEL_MIN: usize = 5;
/// Texts of either part at least.
const ROWS_MIN: usize = 50;
/// Words that are told of each label.
const WORDS: usize = 8;
/// Microseconds of a day.
const DAY_MICROS: i64 = 86_400_000_000;

/// Learns from what has a label, and judges what was learnt.
pub(in super::super) async fn learn(
    house: &House,
    wanted: &Wanted<'_>,
    progress: &dyn Progress,
) -> Result<(Learnt, Gathered), FlowError> {
    let def = wanted.def;
    // Before texts are gathered: weights that are not there are told at once.
    let encoders = tokio::task::block_in_place(|| Encoders::of(house, def))?;
    let hashes = encoders.hashes.clone();
    let (texts, tables) = {
        let (_turn, house) = &crate::turns::work(house).await?;
        let tables = state::tables(house, def).await?;
        (labelled(house, wanted).await?, tables)
    };
    progress.begin(&format!("{}: learning", def.name), "steps", Some(3));
    let learnt = tokio::task::block_in_place(|| of_texts(house, def, (texts, encoders), progress));
    progress.end();
    let learnt = learnt?;
    let (train, _, test) = learnt.counts;
    let dates = vec![(stand_in(def), train + test)];
    Ok((learnt, Gathered { dates, dates_open: 0, tables, encoders: hashes }))
}

/// What stands for dates: where texts are from.
fn stand_in(def: &ModelDef) -> String {
    match &def.source {
        Source::Texts { file: Some(file), .. } => file.path.clone(),
        _ => "texts with a label".to_owned(),
    }
}

/// Texts that have a label: of the file where there is one, else of the query.
async fn labelled(house: &House, wanted: &Wanted<'_>) -> Result<Texts, FlowError> {
    let Source::Texts { sql, file } = &wanted.def.source else {
        return Err(FlowError::Internal("a model over customers has no texts".to_owned()));
    };
    let model = &wanted.def.name;
    let mut texts = match (file, sql) {
        (Some(file), _) => of_file(house, model, file)?,
        (None, Some(sql)) => {
            let asking = house.asking(wanted.purpose, Some(wanted.known_by)).await?;
            may_see_texts(&asking, model, sql)?;
            asking.traits_of(sql).await?;
            of_query(asking.sql(sql).await?, model).await?
        }
        (None, None) => return Err(wrong(model, "it has neither `sql` nor `file`")),
    };
    texts.rows.retain(|row| row.label.is_some());
    Ok(texts)
}

/// Whoever may not see texts would learn from none: that is told, and not that there are none.
fn may_see_texts(asking: &Asking<'_>, model: &str, sql: &str) -> Result<(), FlowError> {
    let read = reads(sql).map(|found| found.tables).unwrap_or_default();
    let masked = |name: &&String| asking.grant().table(name).is_some_and(|table| table.is_masked("text"));
    let Some(name) = read.iter().find(masked) else { return Ok(()) };
    let (who, purpose) = (&asking.house().who().user, asking.grant().purpose());
    let what = format!("`{who}` may not see `{name}.text` for {purpose}, and would learn from no text");
    Err(wrong(model, format!("{what}; ask somebody who may see what customers wrote")))
}

fn of_texts(
    house: &House,
    def: &ModelDef,
    (texts, encoders): (Texts, Encoders),
    progress: &dyn Progress,
) -> Result<Learnt, FlowError> {
    let (train, test) = split(house, def, texts.rows)?;
    let (train, test, left_out) = with_enough(train, test);
    for (what, part) in [("training", &train), ("test", &test)] {
        if part.len() < ROWS_MIN {
            let found = format!("{} {what} texts with a label, and at least {ROWS_MIN} are needed", part.len());
            return Err(wrong(&def.name, format!("{found}; label more, or take another split")));
        }
    }
    let LearnerDef::Text(text) = &def.learner else { return Err(wrong(&def.name, "its learner is none of texts")) };
    progress.advance(1);
    let classifier = trained(def, text, &encoders, &train)?;
    let kind = if classifier.dimensions() == 0 { "text classifier" } else { "text classifier with meanings" };
    progress.advance(1);
    let reader = Reader::new(classifier, encoders);
    let (said, classifier) = (Said::of(&reader, &test)?, &reader.classifier);
    let number = numbers(classifier.labels());
    let truth = |rows: &[TextRow]| rows.iter().filter_map(|row| number.get(row.label.as_deref()?).copied()).collect();
    let (of_train, of_test): (Vec<usize>, Vec<usize>) = (truth(&train), truth(&test));
    let seen: HashSet<&str> = train.iter().map(|row| row.text.as_str()).collect();
    let known: Vec<bool> = test.iter().map(|row| seen.contains(row.text.as_str())).collect();
    let words: Vec<Vec<String>> = (0..classifier.labels().len()).map(|label| strongest(classifier, label)).collect();
    let periods = |rows: &[TextRow]| {
        let days: Vec<i32> = rows.iter().map(|row| day(row.time)).collect();
        days.iter().any(|day| *day != 0).then(|| Periods::of_days(&days))
    };
    let (train_periods, test_periods) = (periods(&train), periods(&test));
    let asked = TextAsked {
        definition: def,
        kind,
        labels: classifier.labels(),
        words: &words,
        left_out: &left_out,
        train: &of_train,
        train_periods: train_periods.as_ref(),
        test: TextsSaid {
            truth: &of_test,
            said: &said.labels,
            chances: &said.chances,
            known: &known,
            groups: &[by_language(&test)?],
            periods: test_periods.as_ref(),
        },
        seed: text.seed,
    };
    let evaluation = evaluate_texts(&asked).map_err(|e| wrong(&def.name, e))?;
    progress.advance(1);
    let of_training = train.iter().map(|row| row.label.clone().unwrap_or_default()).collect::<Vec<_>>();
    Ok(Learnt {
        bytes: classifier.to_bytes().map_err(|e| wrong(&def.name, e))?,
        evaluation: Assessment::Text(Box::new(evaluation)),
        expected: Expected::of_texts(&of_training, &train.iter().map(|row| row.text.as_str()).collect::<Vec<_>>())?,
        counts: (train.len(), 0, test.len()),
    })
}

/// What verdicts say, text by text.
pub(super) struct Said {
    pub(super) labels: Vec<usize>,
    /// How probable the label that was said is.
    pub(super) chances: Vec<f64>,
}

impl Said {
    pub(super) fn of(reader: &Reader, rows: &[TextRow]) -> Result<Self, FlowError> {
        let texts: Vec<&str> = rows.iter().map(|row| row.text.as_str()).collect();
        let verdicts = reader.verdicts(&texts)?;
        Ok(Self {
            labels: verdicts.iter().map(|verdict| verdict.label).collect(),
            chances: verdicts
                .iter()
                .map(|v| v.probabilities.get(v.label).copied().unwrap_or(0.0).clamp(0.0, 1.0))
                .collect(),
        })
    }
}

fn numbers(labels: &[String]) -> BTreeMap<&str, usize> {
    labels.iter().enumerate().map(|(number, label)| (label.as_str(), number)).collect()
}

/// The words that speak for a label most; n-grams that are parts of a stronger one say nothing new.
fn strongest(classifier: &Classifier, label: usize) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for (gram, weight) in classifier.strongest(label, 6 * WORDS) {
        let gram = gram.trim();
        let told = words.iter().any(|word| word.contains(gram) || gram.contains(word.as_str()));
        if weight > 0.0 && gram.chars().count() > 1 && !told {
            words.push(gram.to_owned());
        }
    }
    words.truncate(WORDS);
    words
}

fn trained(def: &ModelDef, text: &TextDef, encoders: &Encoders, train: &[TextRow]) -> Result<Classifier, FlowError> {
    let start = match text.language {
        TextLanguage::Chinese => Settings::chinese(),
        TextLanguage::English => Settings::english(),
    };
    let aim = match text.aim {
        TextAim::Accuracy => Aim::Accuracy,
        TextAim::MacroF1 => Aim::MacroF1,
    };
    let meaning = text.meaning_weight.map_or(start.meaning, |weight| weight as f32);
    let settings = Settings { aim, meaning, seed: start.seed ^ text.seed, ..start };
    let chinese = text.language == TextLanguage::Chinese || !text.words.is_empty();
    let of_texts = |e: florin_text::TextError| wrong(&def.name, e);
    let dictionary = chinese.then(|| Dictionary::new(&text.words).map(Arc::new)).transpose().map_err(of_texts)?;
    let texts: Vec<&str> = train.iter().map(|row| row.text.as_str()).collect();
    let labels: Vec<&str> = train.iter().filter_map(|row| row.label.as_deref()).collect();
    let (meanings, dimensions) = encoders.meanings(&texts);
    let meanings = Meanings::new(&meanings, dimensions).map_err(of_texts)?;
    Classifier::train_with(&texts, &labels, meanings, dictionary, &settings).map_err(of_texts)
}

/// Days since 1970.
fn day(micros: i64) -> i32 {
    i32::try_from(micros.div_euclid(DAY_MICROS)).unwrap_or(0)
}

/// The day that a time is on, in the bank's time zone.
fn day_at(house: &House, time: EventTime) -> Result<Date, FlowError> {
    let since_1970 = crate::traits::day_of(time, &house.bank.settings.bank.time_zone)?;
    let epoch = jiff::civil::date(1970, 1, 1);
    epoch.checked_add(i64::from(since_1970).days()).map_err(|e| FlowError::Time(e.to_string()))
}

/// By the time of texts; or by customer, so that what one of them writes is in one part (of texts of nobody, by text).
fn split(house: &House, def: &ModelDef, rows: Vec<TextRow>) -> Result<(Vec<TextRow>, Vec<TextRow>), FlowError> {
    Ok(match &def.split {
        SplitDef::Time { test_from, newest_days } => {
            let newest = rows.iter().map(|row| row.time).max().unwrap_or_default();
            let newest = day_at(house, EventTime(newest))?;
            let from: Date = dates::test_from((*test_from, *newest_days), newest)?;
            // The test starts when its first day does: at the end of the day before.
            let before = from.yesterday().map_err(|e| FlowError::Time(e.to_string()))?;
            let EventTime(from) = house.as_of(&before.to_string())?;
            rows.into_iter().partition(|row| row.time <= from)
        }
        SplitDef::Customer { test_share, seed } => rows.into_iter().partition(|row| {
            let whose = row.customer.unwrap_or_else(|| digest(&row.text));
            share(whose, *seed) >= *test_share
        }),
    })
}

/// Without the texts of labels that have too few in training; and which labels those are, with all their texts.
fn with_enough(train: Vec<TextRow>, test: Vec<TextRow>) -> (Vec<TextRow>, Vec<TextRow>, Vec<(String, usize)>) {
    let mut counts: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for (rows, of_train) in [(&train, true), (&test, false)] {
        for label in rows.iter().filter_map(|row| row.label.clone()) {
            let count = counts.entry(label).or_default();
            *(if of_train { &mut count.0 } else { &mut count.1 }) += 1;
        }
    }
    counts.retain(|_, (of_train, _)| *of_train < LABEL_MIN);
    let out: BTreeSet<&String> = counts.keys().collect();
    let kept = |rows: Vec<TextRow>| -> Vec<TextRow> {
        rows.into_iter().filter(|row| row.label.as_ref().is_some_and(|label| !out.contains(label))).collect()
    };
    let (train, test) = (kept(train), kept(test));
    let left_out = counts.iter().map(|(label, (a, b))| (label.clone(), a + b)).collect();
    (train, test, left_out)
}

fn by_language(rows: &[TextRow]) -> Result<GroupBy, FlowError> {
    let all = [Language::Simplified, Language::Traditional, Language::English, Language::Other, Language::None];
    let words = |zh: &str, en: &str| Words { zh: zh.to_owned(), en: en.to_owned() };
    let names = [
        words("简体中文", "simplified Chinese"),
        words("繁体中文", "traditional Chinese"),
        words("英文", "English"),
        words("其他语言", "another language"),
        words("没有文字", "no letters"),
    ];
    let found: Vec<usize> = rows
        .iter()
        .map(|row| all.iter().position(|language| *language == detect(&row.text).language).unwrap_or(all.len() - 1))
        .collect();
    let there: BTreeSet<usize> = found.iter().copied().collect();
    let names = there.iter().map(|at| names[*at].clone()).collect();
    let of = found.iter().map(|at| there.iter().position(|known| known == at).unwrap_or(0) as u32).collect();
    Ok(GroupBy::new("language", words("语言", "language"), false, names, of)?)
}

/// A version on texts with a label from a day on (or of the whole file).
pub(in super::super) async fn evaluate(
    house: &House,
    wanted: &Wanted<'_>,
    made: &Made,
    bytes: &str,
    at: &[String],
) -> Result<(Judged, Vec<Drifted>, Vec<(String, usize)>), FlowError> {
    let def = wanted.def;
    let from = match at {
        [] => made.trained_on.known_by,
        [day, ..] => {
            let before = dates::day(day)?.yesterday().map_err(|e| FlowError::Time(e.to_string()))?;
            house.as_of(&before.to_string())?
        }
    };
    let in_file = matches!(&def.source, Source::Texts { file: Some(_), .. });
    let mut rows = labelled(house, wanted).await?.rows;
    rows.retain(|row| in_file || row.time > from.micros());
    let reader = tokio::task::block_in_place(|| Reader::of_version(house, def, bytes, made))?;
    let classifier = &reader.classifier;
    let number = numbers(classifier.labels());
    rows.retain(|row| row.label.as_deref().is_some_and(|label| number.contains_key(label)));
    if rows.is_empty() {
        let what = "no text with a label that it knows is from after it was trained; name a day with `--at` from which on texts are looked at";
        return Err(wrong(&def.name, what));
    }
    tokio::task::block_in_place(|| {
        let said = Said::of(&reader, &rows)?;
        let truth: Vec<usize> = rows.iter().filter_map(|row| number.get(row.label.as_deref()?).copied()).collect();
        let found = classify(&truth, &said.labels, classifier.labels().len(), &Resampling::new(def.learner.seed()))?;
        let right: Vec<bool> = truth.iter().zip(&said.labels).map(|(is, said)| is == said).collect();
        let curve = calibration_curve(&Sample::new(&said.chances, &right)?, 10, Cut::Quantiles, Level::USUAL)?;
        let labels: Vec<String> = said.labels.iter().map(|label| classifier.labels()[*label].clone()).collect();
        let texts: Vec<&str> = rows.iter().map(|row| row.text.as_str()).collect();
        let drift = made.expected.drift_of_texts(&labels, &texts)?;
        let judged = JudgedTexts {
            rows: found.rows,
            accuracy: found.accuracy,
            macro_f1: found.macro_f1,
            calibration_error: curve.expected_error,
        };
        Ok((Judged::Text(judged), drift, vec![(stand_in(def), found.rows)]))
    })
}
