//! Public data: what others reach on them, and what is known to be wrong with them. Skipped where they are not there.

use std::fs;

use florin_models::{
    Column, DataSet, Frame, Label, Model,
    leaks::{LeakKind, find},
    linear::LogisticRegression,
    scorecard::ScorecardSettings,
    trees::BoostedTrees,
};

use crate::data::{auc, shared};

/// The Churn_Modelling table; no field of it has a comma.
fn churn(leave_out: &[&str]) -> Option<DataSet> {
    let path = shared("bank_churn/Churn_Modelling.csv")?;
    let text = fs::read_to_string(path).expect("a readable file");
    let mut lines = text.lines();
    let names: Vec<&str> = lines.next().expect("a header").split(',').collect();
    let rows: Vec<Vec<&str>> = lines.map(|line| line.split(',').collect()).collect();
    let column = |at: usize| {
        let cells: Vec<&str> = rows.iter().map(|row| row[at]).collect();
        match cells.iter().map(|cell| cell.parse::<f64>()).collect::<Result<Vec<f64>, _>>() {
            Ok(numbers) => Column::number(names[at], numbers),
            Err(_) => Column::category(names[at], &cells.into_iter().map(Some).collect::<Vec<_>>()),
        }
    };
    let label = rows.iter().map(|row| row[names.len() - 1].parse().expect("0 or 1")).collect();
    let columns = (0..names.len() - 1).filter(|&at| !leave_out.contains(&names[at])).map(column).collect();
    Some(DataSet::new(Frame::new(columns).expect("sound columns"), Label::Binary(label), None).expect("a set"))
}

fn test_auc(set: &DataSet, fit: impl Fn(&DataSet) -> Box<dyn Model>) -> f64 {
    let rows = |test: bool| (0..set.frame().rows()).filter(|row| (row % 5 == 0) == test).collect::<Vec<_>>();
    let (train, test) = (set.select(&rows(false)).expect("rows"), set.select(&rows(true)).expect("rows"));
    auc(&fit(&train).predict(test.frame()).expect("scores"), test.binary().expect("labels"))
}

#[test]
fn churn_is_told_as_well_as_others_tell_it() {
    let Some(set) = churn(&["RowNumber", "CustomerId", "Surname"]) else { return };
    let trees = test_auc(&set, |train| {
        Box::new(BoostedTrees { rounds: 80, ..BoostedTrees::default() }.grow(train, None).expect("a model"))
    });
    let logistic = test_auc(&set, |train| Box::new(LogisticRegression::default().regress(train).expect("a model")));
    let card = test_auc(&set, |train| Box::new(ScorecardSettings::default().build(train).expect("a scorecard")));
    // Published: 0.86 to 0.87 for trees; a logistic regression reaches 0.765 (README of the data).
    assert!(trees > 0.85, "{trees}");
    assert!((0.74..0.80).contains(&logistic), "{logistic}");
    assert!(card > logistic, "{card} and {logistic}");
}

#[test]
fn identifiers_of_the_churn_table_are_found_and_nothing_else_is() {
    let Some(set) = churn(&[]) else { return };
    let leaks = find(&set, None).expect("a search");
    let found: Vec<(&str, LeakKind)> = leaks.iter().map(|leak| (leak.feature.as_str(), leak.kind)).collect();
    assert!(found.contains(&("RowNumber", LeakKind::Identifier)), "{found:?}");
    assert!(found.contains(&("CustomerId", LeakKind::Identifier)), "{found:?}");
    assert_eq!(found.len(), 2, "{found:?}");
}
