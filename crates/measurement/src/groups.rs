//! The same figures for each group, the worst first.

use serde::{Deserialize, Serialize};

use crate::{
    bootstrap::{Discrimination, Resampling, discriminate},
    calibration::{CalibrationCurve, Cut, calibration_curve},
    delong::auc_and_variance,
    error::{MeasureError, same_length, settings},
    interval::{Interval, two_sided},
    multiplicity::holm,
    sample::Sample,
};

/// Bins of a group's calibration curve.
const BINS: usize = 5;
/// Adjusted p-values below this are held to be no chance.
const SURE: f64 = 0.05;

/// Which group each row is of.
#[derive(Debug, Clone, Copy)]
pub struct Groups<'a> {
    names: &'a [String],
    of: &'a [u32],
}

impl<'a> Groups<'a> {
    /// Names, and for each row the place of its group's name.
    ///
    /// # Errors
    /// When a row names a place that is not there.
    pub fn new(names: &'a [String], of: &'a [u32]) -> Result<Self, MeasureError> {
        match of.iter().position(|group| *group as usize >= names.len()) {
            Some(row) => {
                Err(settings(format!("row {row} is of group {}, of {} that have names", of[row], names.len())))
            }
            None => Ok(Self { names, of }),
        }
    }

    /// The names.
    #[must_use]
    pub fn names(&self) -> &'a [String] {
        self.names
    }

    /// The group of each row.
    #[must_use]
    pub fn of(&self) -> &'a [u32] {
        self.of
    }

    pub(crate) fn check(&self, rows: usize) -> Result<(), MeasureError> {
        same_length("groups", self.of.len(), rows)
    }
}

/// Below this, a group is too small for its figures to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SmallGroups {
    /// Rows.
    pub rows_min: usize,
    /// Rows whose label is true.
    pub positives_min: usize,
    /// Rows whose label is false.
    pub negatives_min: usize,
}

impl Default for SmallGroups {
    /// A hundred rows, twenty of each kind: an AUC of 0.75 is then known to about 0.12.
    fn default() -> Self {
        Self { rows_min: 100, positives_min: 20, negatives_min: 20 }
    }
}

impl SmallGroups {
    /// Whether that is enough.
    #[must_use]
    pub fn enough(&self, positives: usize, negatives: usize) -> bool {
        positives + negatives >= self.rows_min && positives >= self.positives_min && negatives >= self.negatives_min
    }
}

/// What is known of a group.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GroupFigures {
    /// Its name.
    pub name: String,
    /// Rows.
    pub rows: usize,
    /// Rows whose label is true.
    pub positives: usize,
    /// None: too few rows or too few of a kind to say anything.
    pub figures: Option<MeasuredGroup>,
}

/// The figures of a group that is large enough.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MeasuredGroup {
    /// How well scores tell its rows apart.
    pub discrimination: Discrimination,
    /// Its AUC less that of all other rows (independent samples; DeLong's variances). None when there are no others, or rows
    /// have weights.
    pub auc_less_rest: Option<Versus>,
    /// What was said and what happened; none where scores are not probabilities.
    pub calibration: Option<GroupCalibration>,
}

/// A difference, and whether it may be chance among as many groups as were compared.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Versus {
    /// The difference.
    pub difference: Interval,
    /// The chance of it, were there none.
    pub p: f64,
    /// The same, adjusted for the number of groups (Holm 1979).
    pub p_adjusted: f64,
    /// Lower, and surely so.
    pub worse: bool,
}

/// Whether probabilities fit a group.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GroupCalibration {
    /// Mean score.
    pub said: f64,
    /// The rate.
    pub happened: f64,
    /// Bins of about as many rows.
    pub curve: CalibrationCurve,
    /// The chance of such a gap between the sum of scores and of outcomes, were the scores right: (O - E) / √Σ p (1 - p) is
    /// about standard normal (Spiegelhalter 1986).
    pub p: f64,
    /// The same, adjusted for the number of groups.
    pub p_adjusted: f64,
    /// Off, and surely so.
    pub off: bool,
}

/// The figures of each group: the lowest AUC first, those that are too small last.
///
/// # Errors
/// When lengths differ, or by the bounds of resampling.
pub fn by_group(
    sample: &Sample<'_>,
    groups: Groups<'_>,
    small: SmallGroups,
    how: &Resampling,
) -> Result<Vec<GroupFigures>, MeasureError> {
    groups.check(sample.len())?;
    let mut found = Vec::with_capacity(groups.names.len());
    for (number, name) in groups.names.iter().enumerate() {
        found.push(one(sample, groups, (number, name), small, how)?);
    }
    adjust(&mut found);
    found.sort_by(|a, b| {
        let auc = |g: &GroupFigures| g.figures.as_ref().map_or(f64::INFINITY, |f| f.discrimination.auc.value);
        auc(a).total_cmp(&auc(b)).then_with(|| a.name.cmp(&b.name))
    });
    Ok(found)
}

/// Rows of a sample that pass, with their own columns.
struct Rows {
    scores: Vec<f64>,
    labels: Vec<bool>,
    weights: Vec<f64>,
}

impl Rows {
    fn of(sample: &Sample<'_>, passes: impl Fn(usize) -> bool) -> Self {
        let rows: Vec<usize> = (0..sample.len()).filter(|row| passes(*row)).collect();
        Self {
            scores: rows.iter().map(|row| sample.scores()[*row]).collect(),
            labels: rows.iter().map(|row| sample.labels()[*row]).collect(),
            weights: rows.iter().map(|row| sample.weight(*row)).collect(),
        }
    }
}

fn one(
    sample: &Sample<'_>,
    groups: Groups<'_>,
    (number, name): (usize, &str),
    small: SmallGroups,
    how: &Resampling,
) -> Result<GroupFigures, MeasureError> {
    let inside = |row: usize| groups.of[row] as usize == number;
    let own = Rows::of(sample, inside);
    let positives = own.labels.iter().filter(|label| **label).count();
    let mut group = GroupFigures { name: name.to_owned(), rows: own.labels.len(), positives, figures: None };
    if !small.enough(positives, group.rows - positives) || positives == 0 || positives == group.rows {
        return Ok(group);
    }
    let mut part = Sample::new(&own.scores, &own.labels)?;
    if sample.is_weighted() {
        part = part.weighted(&own.weights)?;
    }
    let auc_less_rest =
        if sample.is_weighted() { None } else { versus(&own, &Rows::of(sample, |row| !inside(row)), how) };
    let discrimination = discriminate(&part, how)?;
    let calibration = part.probabilities().is_ok().then(|| calibration(&part, how)).transpose()?;
    group.figures = Some(MeasuredGroup { discrimination, auc_less_rest, calibration });
    Ok(group)
}

fn versus(own: &Rows, rest: &Rows, how: &Resampling) -> Option<Versus> {
    let (here, here_variance) = auc_and_variance(&own.scores, &own.labels).ok()?;
    let (there, there_variance) = auc_and_variance(&rest.scores, &rest.labels).ok()?;
    let (value, error) = (here - there, (here_variance + there_variance).sqrt());
    let p = if error > 0.0 { two_sided(value / error) } else { 1.0 };
    Some(Versus { difference: Interval::around(value, error, how.level), p, p_adjusted: p, worse: false })
}

fn calibration(part: &Sample<'_>, how: &Resampling) -> Result<GroupCalibration, MeasureError> {
    let (mut weight, mut said, mut happened, mut variance) = (0.0, 0.0, 0.0, 0.0);
    for (row, (p, label)) in part.scores().iter().zip(part.labels()).enumerate() {
        let w = part.weight(row);
        weight += w;
        said += w * p;
        happened += if *label { w } else { 0.0 };
        variance += w * w * p * (1.0 - p);
    }
    let gap = happened - said;
    let p = match variance > 0.0 {
        true => two_sided(gap / variance.sqrt()),
        false => f64::from(u8::from(gap == 0.0)),
    };
    let curve = calibration_curve(part, BINS, Cut::Quantiles, how.level)?;
    Ok(GroupCalibration { said: said / weight, happened: happened / weight, curve, p, p_adjusted: p, off: false })
}

/// One family of questions for AUC and one for calibration.
fn adjust(groups: &mut [GroupFigures]) {
    let mut versus: Vec<&mut Versus> =
        groups.iter_mut().filter_map(|g| g.figures.as_mut()?.auc_less_rest.as_mut()).collect();
    let adjusted = holm(&versus.iter().map(|v| v.p).collect::<Vec<f64>>());
    for (one, p) in versus.iter_mut().zip(adjusted) {
        one.p_adjusted = p;
        one.worse = p < SURE && one.difference.value < 0.0;
    }
    let mut fits: Vec<&mut GroupCalibration> =
        groups.iter_mut().filter_map(|g| g.figures.as_mut()?.calibration.as_mut()).collect();
    let adjusted = holm(&fits.iter().map(|fit| fit.p).collect::<Vec<f64>>());
    for (one, p) in fits.iter_mut().zip(adjusted) {
        one.p_adjusted = p;
        one.off = p < SURE;
    }
}
