//! Whether more rows would help: the same learner on fewer of them.

use florin_measurement::{
    Resampling, auc_interval,
    comparison::{LearningCurve, LearningPoint, Outlook},
};

use super::{
    Asked,
    rows::{ROWS_MAX, Scored, drawn, measured},
};
use crate::{
    calibrated::refit,
    error::{ModelError, Result},
    figures,
};

/// The shares of rows that extra models learn from.
const SHARES: [f64; 3] = [0.125, 0.25, 0.5];
/// Rows that the least of them has.
const ROWS_MIN: usize = 200;

/// AUC on seen and unseen rows by number of rows. Parts of the rows are nested; the last point is the model itself. Parts in which an
/// outcome does not occur are left out.
pub(super) fn curve(
    asked: &Asked<'_>,
    train: &Scored,
    test: &Scored,
    how: &Resampling,
) -> Result<(LearningCurve, Option<Outlook>)> {
    let set = asked.train.set;
    let rows = set.frame().rows();
    let order = drawn(rows, ROWS_MAX, asked.seed ^ 0x6c65_6172);
    let shuffled: Vec<usize> = {
        let places = crate::random::Random::new(asked.seed).permutation(order.len());
        places.into_iter().map(|place| order[place]).collect()
    };
    let mut curve = LearningCurve { figure: "auc".to_owned(), points: Vec::new() };
    for share in SHARES {
        let wanted = (shuffled.len() as f64 * share) as usize;
        if wanted < ROWS_MIN {
            continue;
        }
        let mut chosen = shuffled[..wanted].to_vec();
        chosen.sort_unstable();
        let part = match set.select(&chosen) {
            Ok(part) => part,
            Err(ModelError::Label { .. }) => continue,
            Err(error) => return Err(error),
        };
        let model = match refit(&asked.definition.learner, &part, asked.seed) {
            Ok(model) => model,
            // A model of others has no learner here.
            Err(ModelError::NotOffered { .. }) => break,
            Err(ModelError::Label { .. } | ModelError::TooLittle { .. } | ModelError::NotConverged { .. }) => continue,
            Err(error) => return Err(error),
        };
        let seen = figures::auc(&model.predict(part.frame())?, part.binary()?, part.weights());
        let unseen = model.predict(asked.test.set.frame())?;
        curve.points.push(LearningPoint {
            rows: wanted,
            train: seen,
            test: auc_interval(&unseen, &test.labels, how.level).map_err(measured)?,
        });
    }
    curve.points.push(LearningPoint {
        rows,
        train: train.auc(),
        test: auc_interval(&test.scores, &test.labels, how.level).map_err(measured)?,
    });
    let outlook = curve.outlook();
    Ok((curve, outlook))
}
