//! The matrix of product grades against tolerance grades.

use florin_decisions::suitability::{Assessment, RiskLevel, Suitability, Tolerance, Unsuitable};
use florin_domain::EventTime;

use crate::bank::{DAY, NOW};

#[test]
fn every_cell_of_the_matrix_is_as_the_rules_have_it() {
    // Rows C1 to C5, columns R1 to R5.
    let matrix = ["+----", "++---", "+++--", "++++-", "+++++"];
    for (row, tolerance) in matrix.iter().zip(Tolerance::ALL) {
        for (cell, risk) in row.chars().zip(RiskLevel::ALL) {
            let offer = Suitability { risk, tolerance_min: risk.needs(), assessment_days_max: 365 };
            for (age_days, valid) in [(0, true), (365, true), (366, false), (-1, false)] {
                let made_at = EventTime(NOW.micros() - age_days * DAY);
                let found = offer.check(Some(Assessment { tolerance, made_at }), NOW);
                assert_eq!(found.is_ok(), cell == '+' && valid, "{tolerance:?} {risk:?} {age_days}");
            }
            assert_eq!(offer.check(None, NOW), Err(Unsuitable::NotAssessed));
        }
    }
}

#[test]
fn an_offer_built_by_hand_cannot_be_laxer_either() {
    let lax = Suitability { risk: RiskLevel::R5, tolerance_min: Tolerance::C1, assessment_days_max: u32::MAX };
    let at = |days: i64| EventTime(NOW.micros() - days * DAY);
    assert!(lax.check(Some(Assessment { tolerance: Tolerance::C4, made_at: NOW }), NOW).is_err());
    assert!(lax.check(Some(Assessment { tolerance: Tolerance::C5, made_at: at(400) }), NOW).is_err());
    assert!(
        lax.check(Some(Assessment { tolerance: Tolerance::C5, made_at: EventTime(i64::MIN) }), EventTime(i64::MIN))
            .is_ok()
    );
}
