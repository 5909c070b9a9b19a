//! Isolation forests find what was planted.

use florin_models::{Column, Frame, Model, from_bytes, isolation::IsolationSettings};

use crate::data::Chance;

#[test]
fn planted_odd_ones_score_highest() {
    let mut chance = Chance(51);
    let (mut x, mut y, mut level) = (vec![], vec![], vec![]);
    for row in 0..5000 {
        let odd = row % 100 == 0;
        x.push(if odd { 6.0 + chance.normal() } else { chance.normal() });
        y.push(if odd {
            -6.0 + chance.normal()
        } else if row % 50 == 1 {
            f64::NAN
        } else {
            chance.normal()
        });
        level.push(Some(if odd { "rare" } else { ["app", "web"][row % 2] }));
    }
    let columns = vec![Column::number("x", x), Column::number("y", y), Column::category("channel", &level)];
    let frame = Frame::new(columns).expect("a frame");
    let forest = IsolationSettings::default().grow(&frame).expect("a forest");
    let scores = forest.predict(&frame).expect("scores");
    let mut order: Vec<usize> = (0..5000).collect();
    order.sort_by(|&a, &b| scores[b].total_cmp(&scores[a]));
    let found = order[..50].iter().filter(|&&row| row % 100 == 0).count();
    assert!(found >= 49, "{found} of 50");
    let again = from_bytes(&forest.to_bytes().expect("bytes")).expect("the forest");
    assert_eq!(again.predict(&frame).expect("scores"), scores);
    assert!(forest.contributions(&frame).is_err());
}

#[test]
fn a_forest_needs_rows() {
    let one = Frame::new(vec![Column::number("x", vec![1.0])]).expect("a frame");
    assert!(IsolationSettings::default().grow(&one).is_err());
    let same = Frame::new(vec![Column::number("x", vec![1.0; 100])]).expect("a frame");
    let scores = IsolationSettings::default().grow(&same).expect("a forest").predict(&same).expect("scores");
    assert!(scores.iter().all(|score| *score == scores[0]));
}
