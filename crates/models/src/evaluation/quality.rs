//! How well scores rank, and whether probabilities hold.

use florin_measurement::{
    Resampling,
    calibration::{self, Cut, Repair, calibration_curve, calibration_line, hosmer_lemeshow},
    discriminate, gains, roc,
};

use super::{
    Asked,
    report::{Calibration, Quality, RowCounts},
    rows::{Scored, measured},
};
use crate::error::Result;

/// Bins of calibration curves, and parts of the gain table.
const PARTS: usize = 10;
/// About so many points of a ROC curve.
const ROC_POINTS: usize = 200;

pub(super) fn counts(asked: &Asked<'_>, test: &Scored) -> Result<RowCounts> {
    let learnt = asked.train.set.binary()?;
    Ok(RowCounts {
        train: learnt.len(),
        train_positives: learnt.iter().filter(|label| **label == 1.0).count(),
        test: test.labels.len(),
        test_positives: test.positives(),
        features: asked.model.schema().len(),
        train_periods: asked.train.periods.and_then(super::Periods::ends),
        test_periods: asked.test.periods.and_then(super::Periods::ends),
    })
}

pub(super) fn measured_quality(test: &Scored, how: &Resampling) -> Result<Quality> {
    let sample = test.sample()?;
    let ranked = sample.ranked().map_err(measured)?;
    let points = roc(&ranked, ROC_POINTS);
    Ok(Quality {
        figures: discriminate(&sample, how).map_err(measured)?,
        roc: points.iter().map(|point| (point.false_positive_rate, point.true_positive_rate)).collect(),
        gains: gains(&ranked, PARTS).map_err(measured)?,
    })
}

pub(super) fn calibration(asked: &Asked<'_>, test: &Scored, how: &Resampling) -> Result<Calibration> {
    let repair = asked.model.repair().clone();
    let sample = test.sample()?;
    let curve = calibration_curve(&sample, PARTS, Cut::Quantiles, how.level).map_err(measured)?;
    let before = match repair {
        Repair::None => None,
        _ => {
            let scores = asked.model.unrepaired(asked.test.set.frame())?;
            let sample = test.with(&scores)?;
            Some(calibration_curve(&sample, PARTS, Cut::Quantiles, how.level).map_err(measured)?)
        }
    };
    Ok(Calibration {
        error: calibration::expected_error(&sample, PARTS, how).map_err(measured)?,
        // Neither is defined where scores separate outcomes perfectly, or where a group is certain of its outcome.
        line: calibration_line(&sample).ok(),
        fit: hosmer_lemeshow(&sample, PARTS, false).ok(),
        repair,
        curve,
        before,
    })
}
