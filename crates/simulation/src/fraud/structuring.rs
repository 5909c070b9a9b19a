//! Structuring: cash that would have to be reported is paid in in parts below the threshold, within days and at several
//! branches. Chinese banks report cash of 50,000 yuan a day and more.

use super::{Deed, Scene, Step};
use crate::life::{
    records::{Plot, Scenario, counter},
    sums,
};

/// Yuan of cash in a day from which a bank reports.
pub(crate) const REPORTED_FROM: f64 = 50_000.0;
const STRUCTURING_RATE: f64 = 0.000_03;

pub(super) fn steps(scene: &Scene<'_>) -> Vec<Step> {
    let mut steps = Vec::new();
    for case in 0..scene.cases(STRUCTURING_RATE, 3) {
        let mut stream = scene.stream(Scenario::Structuring, case);
        let first = scene.day(&mut stream, 16);
        let person = scene.somebody(&mut stream, first, |p| p.age_on(first) > 24 && p.income > 5000).number;
        let plot = Plot { scenario: Scenario::Structuring, case: case as u32 };
        let mut day = first;
        for _ in 0..4 + stream.below(6) {
            let at = (stream.between(9.0, 17.0) * 3_600_000.0) as u32;
            let yuan = REPORTED_FROM * stream.between(0.9, 0.998);
            let amount = sums::cash(&mut stream, yuan) as i64 * 100;
            let other = counter(&mut stream);
            steps.push(Step { person, day, at, deed: Deed::CashDeposit, amount, other, plot });
            day += 1 + i32::from(stream.chance(0.3));
        }
    }
    steps
}
