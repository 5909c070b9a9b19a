//! Plain rules that a model must beat: nothing known, the best single feature, recency, a scorecard.

use florin_measurement::{Resampling, auc_interval, comparison::compare};

use super::{
    Asked,
    report::Baseline,
    rows::{ROWS_MAX, Scored, drawn_set, measured},
};
use crate::{
    definition::{LearnerDef, Words},
    error::{ModelError, Result},
    frame::{DataSet, Frame},
    learner::Learner,
    linear::LogisticRegression,
    scorecard::ScorecardSettings,
};

/// What columns are called that say how long ago something was.
const RECENCY: [&str; 4] = ["recency", "days_since", "days_from", "last_seen"];

/// The model beside each rule on the same test rows: the strongest rule first.
pub(super) fn compared(asked: &Asked<'_>, test: &Scored, how: &Resampling) -> Result<Vec<Baseline>> {
    let train = drawn_set(asked.train.set, ROWS_MAX, asked.seed)?;
    let frame = asked.test.set.frame();
    let mut found = Vec::new();
    let mut add = |name: &str, words: Words, scores: Vec<f64>| -> Result<()> {
        let comparison = compare(&test.sample()?, &scores, name, how).map_err(measured)?;
        let auc = match comparison.auc {
            Some(auc) => auc.second.value,
            None => auc_interval(&scores, &test.labels, how.level).map_err(measured)?.value,
        };
        found.push(Baseline { words, auc, comparison });
        Ok(())
    };
    let rate = prior(&train)?;
    add("prior", words("不分客户的平均", "the average for everybody"), vec![rate; frame.rows()])?;
    let best = best_feature(&train)?;
    if let Some(name) = &best
        && let Some(scores) = one_feature(&train, frame, name)?
    {
        let told = words(&format!("最好的单一特征（{name}）"), &format!("the best single feature (`{name}`)"));
        add("best single feature", told, scores)?;
    }
    if let Some(name) = recency(&train).filter(|name| best.as_ref() != Some(name))
        && let Some(scores) = one_feature(&train, frame, &name)?
    {
        add("recency", words(&format!("最近一次行为（{name}）"), &format!("recency (`{name}`)")), scores)?;
    }
    let (name, told, plain) = plain_model(&asked.definition.learner);
    if let Some(model) = learnable(plain.fit(&train, None))? {
        add(name, told, model.predict(frame)?)?;
    }
    found.sort_by(|a, b| b.auc.total_cmp(&a.auc));
    Ok(found)
}

fn words(zh: &str, en: &str) -> Words {
    Words { zh: zh.to_owned(), en: en.to_owned() }
}

/// A scorecard; for a scorecard, a logistic regression.
fn plain_model(learner: &LearnerDef) -> (&'static str, Words, Box<dyn Learner>) {
    match learner {
        LearnerDef::Scorecard { .. } => {
            ("logistic regression", words("逻辑回归", "a logistic regression"), Box::new(LogisticRegression::default()))
        }
        _ => ("scorecard", words("评分卡", "a scorecard"), Box::new(ScorecardSettings::default())),
    }
}

/// A rule that cannot be learnt from these rows is no rule to beat.
fn learnable<T>(fitted: Result<T>) -> Result<Option<T>> {
    match fitted {
        Ok(model) => Ok(Some(model)),
        Err(ModelError::TooLittle { .. } | ModelError::NotConverged { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

fn prior(train: &DataSet) -> Result<f64> {
    let labels = train.binary()?;
    let weight: f64 = (0..labels.len()).map(|row| train.weight(row)).sum();
    Ok(labels.iter().enumerate().map(|(row, label)| train.weight(row) * label).sum::<f64>() / weight)
}

/// The feature with the most information about the label in training.
fn best_feature(train: &DataSet) -> Result<Option<String>> {
    let settings = ScorecardSettings::default();
    let mut best: Option<(f64, String)> = None;
    for column in train.frame().columns() {
        let information = settings.bin(train, &column.name)?.information;
        if information > best.as_ref().map_or(0.0, |(most, _)| *most) {
            best = Some((information, column.name.clone()));
        }
    }
    Ok(best.map(|(_, name)| name))
}

fn recency(train: &DataSet) -> Option<String> {
    let names = train.frame().columns().iter().map(|column| &column.name);
    names.into_iter().find(|name| RECENCY.iter().any(|word| name.to_lowercase().contains(word))).cloned()
}

/// Scores by one feature alone: the rates of its bins.
fn one_feature(train: &DataSet, test: &Frame, name: &str) -> Result<Option<Vec<f64>>> {
    let alone = train.with_frame(Frame::new(vec![train.frame().column(name)?.clone()])?)?;
    let settings = ScorecardSettings { information_min: 0.0, ..ScorecardSettings::default() };
    match learnable(settings.build(&alone))? {
        Some(card) => Ok(Some(crate::Model::predict(&card, test)?)),
        None => Ok(None),
    }
}
