//! Scorecards: features cut into bins with monotone weights of evidence, a regression on them, points.
//!
//! The weight of evidence of a bin is ln(share of noes / share of yeses), and the information value sums (share of noes − share
//! of yeses) × weight (Siddiqi, "Credit Risk Scorecards", 2006). Points: `points` stand for odds of no to yes of `odds`, and every
//! `to_double` points more double them.

mod bins;
mod optimal;

use serde::{Deserialize, Serialize};

use bins::Counts;
pub use bins::{Bin, Binning, Holds};

use crate::{
    error::{ModelError, Result, argument, saved},
    exact, figures,
    frame::{Aligned, Cells, ColumnKind, DataSet, Frame, MISSING, Schema},
    learner::{Contributions, Learner, Model, Saved, logistic},
    linear::Problem,
};

/// The most pre-bins of a feature.
pub const PRE_BINS_MAX: usize = 50;
/// A regression on weights of evidence gets this much of a ridge, so that copies of a feature share their coefficient.
const RIDGE: f64 = 1e-3;

/// How rates go from bin to bin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Trend {
    /// The label is more frequent, the higher the value.
    Ascending,
    /// The label is rarer, the higher the value.
    Descending,
    /// The better of both.
    Auto,
    /// No rule.
    Any,
}

/// Settings of a scorecard.
#[derive(Debug, Clone, PartialEq)]
pub struct ScorecardSettings {
    /// The most pre-bins, up to [`PRE_BINS_MAX`].
    pub pre_bins_max: usize,
    /// The most bins of a feature, without the one of missing values.
    pub bins_max: usize,
    /// The least share of all rows in a bin.
    pub share_min: f64,
    /// The trend of features that are not named.
    pub trend: Trend,
    /// Trends of some features.
    pub trends: Vec<(String, Trend)>,
    /// Features with less information are left out.
    pub information_min: f64,
    /// Points that double the odds.
    pub to_double: f64,
    /// What `odds` are worth.
    pub points: f64,
    /// Odds of no to yes.
    pub odds: f64,
}

impl Default for ScorecardSettings {
    fn default() -> Self {
        Self {
            pre_bins_max: PRE_BINS_MAX,
            bins_max: 8,
            share_min: 0.05,
            trend: Trend::Auto,
            trends: Vec::new(),
            information_min: 0.005,
            to_double: 20.0,
            points: 600.0,
            odds: 50.0,
        }
    }
}

/// A feature of a scorecard.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Characteristic {
    /// Its position in the schema.
    pub feature: usize,
    /// Its bins, with points.
    pub binning: Binning,
    /// What its weight of evidence is multiplied with; 0 when it is left out.
    #[serde(with = "exact")]
    pub coefficient: f64,
}

/// A fitted scorecard.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Scorecard {
    schema: Schema,
    /// One a feature.
    characteristics: Vec<Characteristic>,
    #[serde(with = "exact")]
    intercept: f64,
    /// Mean weight of evidence over training rows, by feature.
    #[serde(with = "exact::many")]
    means: Vec<f64>,
    #[serde(with = "exact")]
    offset: f64,
    #[serde(with = "exact")]
    factor: f64,
    #[serde(with = "exact")]
    gini: f64,
}

impl ScorecardSettings {
    /// The bins of one feature that say most about a label of yes and no.
    ///
    /// # Errors
    /// When there is no such feature, or the label is another.
    pub fn bin(&self, train: &DataSet, feature: &str) -> Result<Binning> {
        self.check()?;
        let schema = Schema::of(train.frame());
        let at = schema.position(feature)?;
        let aligned = schema.align(train.frame())?;
        Ok(self.binned(train, train.binary()?, &schema, &aligned, at))
    }

    /// Bins all features, fits a regression on their weights of evidence, and gives out points. Features whose coefficient has the wrong
    /// sign (they only repeat what others say) are left out one by one.
    ///
    /// # Errors
    /// When the label is not yes or no, settings are out of bounds, or no feature says enough.
    pub fn build(&self, train: &DataSet) -> Result<Scorecard> {
        self.check()?;
        let label = train.binary()?;
        let schema = Schema::of(train.frame());
        let aligned = schema.align(train.frame())?;
        let binnings: Vec<Binning> =
            (0..schema.len()).map(|at| self.binned(train, label, &schema, &aligned, at)).collect();
        let evidence =
            |at: usize| (0..aligned.rows).map(|row| binnings[at].evidence(&aligned.cells[at], row)).collect();
        let evidence: Vec<Vec<f64>> = (0..schema.len()).map(evidence).collect();
        let mut kept: Vec<usize> =
            (0..schema.len()).filter(|&at| binnings[at].information >= self.information_min).collect();
        let beta = loop {
            if kept.is_empty() {
                return Err(ModelError::TooLittle {
                    what: "features with enough information for a scorecard",
                    found: 0,
                    needed: 1,
                });
            }
            let beta = regress(train, label, &evidence, &kept)?;
            // More evidence for no must not raise the log-odds of yes.
            let worst = (0..kept.len()).max_by(|&a, &b| beta[a + 1].total_cmp(&beta[b + 1]));
            match worst.filter(|&at| beta[at + 1] >= 0.0) {
                Some(at) => drop(kept.remove(at)),
                None => break beta,
            }
        };
        self.pointed(train, &aligned, schema.clone(), binnings, &kept, &beta)
    }

    fn check(&self) -> Result<()> {
        if !(2..=PRE_BINS_MAX).contains(&self.pre_bins_max) {
            return Err(argument("the number of pre-bins", self.pre_bins_max, "2 to 50 can be put together exactly"));
        }
        if self.bins_max == 0 || !(0.0..=0.5).contains(&self.share_min) {
            return Err(argument(
                "the least share of a bin",
                self.share_min,
                "it is from 0 to 0.5, of at least one bin",
            ));
        }
        if !(self.to_double > 0.0 && self.odds > 0.0) {
            return Err(argument("the odds or the points that double them", self.odds, "both are above 0"));
        }
        Ok(())
    }

    fn binned(&self, train: &DataSet, label: &[f64], schema: &Schema, aligned: &Aligned<'_>, at: usize) -> Binning {
        let named = self.trends.iter().find(|(name, _)| *name == schema.names[at]);
        let trend = named.map_or(self.trend, |(_, trend)| *trend);
        let mut total = Counts::default();
        let mut missing = Counts::default();
        for (row, label) in label.iter().enumerate() {
            total.add(train.weight(row), *label);
            if aligned.cells[at].number(row).is_nan() {
                missing.add(train.weight(row), *label);
            }
        }
        let (pre, trend) = match &schema.kinds[at] {
            ColumnKind::Number => (self.ranges(train, label, &aligned.cells[at]), trend),
            ColumnKind::Category(levels) => {
                (self.levels(train, label, &aligned.cells[at], levels.len()), Trend::Ascending)
            }
        };
        let counts: Vec<Counts> = pre.iter().map(|(_, counts)| *counts).collect();
        let rules = optimal::Rules { trend, bins_max: self.bins_max, weight_min: self.share_min * total.all() };
        let mut parts = match counts.is_empty() {
            true => Vec::new(),
            false => merged(&pre, &optimal::bins(&counts, total, &rules)),
        };
        if missing.all() > 0.0 {
            parts.push((Holds::Missing, missing));
        }
        Binning::of(parts, total)
    }

    /// Pre-bins of a number: about as many rows in each.
    fn ranges(&self, train: &DataSet, label: &[f64], cells: &Cells<'_>) -> Vec<(Holds, Counts)> {
        let mut rows: Vec<(f64, usize)> =
            (0..label.len()).map(|row| (cells.number(row), row)).filter(|(v, _)| !v.is_nan()).collect();
        rows.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let all: f64 = rows.iter().map(|(_, row)| train.weight(*row)).sum();
        let mut parts: Vec<(Holds, Counts)> = Vec::new();
        let (mut from, mut counts, mut seen) = (f64::NEG_INFINITY, Counts::default(), 0.0);
        for (at, (value, row)) in rows.iter().enumerate() {
            let full = seen >= all * (parts.len() + 1) as f64 / self.pre_bins_max as f64;
            if full && at > 0 && *value > rows[at - 1].0 {
                let to = f64::midpoint(rows[at - 1].0, *value);
                parts.push((Holds::Range { from, to }, std::mem::take(&mut counts)));
                from = to;
            }
            counts.add(train.weight(*row), label[*row]);
            seen += train.weight(*row);
        }
        if !rows.is_empty() {
            parts.push((Holds::Range { from, to: f64::INFINITY }, counts));
        }
        parts
    }

    /// Pre-bins of a category: its levels by rate, put together where there are more than may be.
    fn levels(&self, train: &DataSet, label: &[f64], cells: &Cells<'_>, levels: usize) -> Vec<(Holds, Counts)> {
        let mut counts = vec![Counts::default(); levels];
        for (row, label) in label.iter().enumerate() {
            let code = cells.code(row);
            if code != MISSING {
                counts[code as usize].add(train.weight(row), *label);
            }
        }
        let mut order: Vec<usize> = (0..levels).filter(|&code| counts[code].all() > 0.0).collect();
        order.sort_by(|&a, &b| counts[a].rate().total_cmp(&counts[b].rate()).then(a.cmp(&b)));
        let all: f64 = counts.iter().map(|c| c.all()).sum();
        let few = order.len() <= self.pre_bins_max;
        let mut parts: Vec<(Vec<u32>, Counts)> = Vec::new();
        let mut seen = 0.0;
        for code in order {
            let full = few || seen >= all * parts.len() as f64 / self.pre_bins_max as f64;
            match parts.last_mut().filter(|_| !full) {
                Some((codes, sum)) => {
                    codes.push(code as u32);
                    *sum = sum.and(counts[code]);
                }
                None => parts.push((vec![code as u32], counts[code])),
            }
            seen += counts[code].all();
        }
        parts.into_iter().map(|(codes, counts)| (Holds::Levels(codes), counts)).collect()
    }

    fn pointed(
        &self,
        train: &DataSet,
        aligned: &Aligned<'_>,
        schema: Schema,
        binnings: Vec<Binning>,
        kept: &[usize],
        beta: &[f64],
    ) -> Result<Scorecard> {
        let factor = self.to_double / std::f64::consts::LN_2;
        let offset = self.points - factor * self.odds.ln();
        let shared = (offset - factor * beta[0]) / kept.len() as f64;
        let all: f64 = (0..aligned.rows).map(|row| train.weight(row)).sum();
        let mut means = Vec::with_capacity(schema.len());
        let mut characteristics = Vec::with_capacity(schema.len());
        for (feature, mut binning) in binnings.into_iter().enumerate() {
            let place = kept.iter().position(|&at| at == feature);
            let coefficient = place.map_or(0.0, |at| beta[at + 1]);
            if place.is_some() {
                binning.bins.iter_mut().for_each(|bin| bin.points = shared - factor * coefficient * bin.evidence);
            }
            let weighed = |row: usize| train.weight(row) * binning.evidence(&aligned.cells[feature], row);
            means.push((0..aligned.rows).map(weighed).sum::<f64>() / all);
            characteristics.push(Characteristic { feature, binning, coefficient });
        }
        let mut card = Scorecard { schema, characteristics, intercept: beta[0], means, offset, factor, gini: 0.0 };
        let margins = card.margins(train.frame())?;
        card.gini = 2.0 * figures::auc(&margins, train.binary()?, train.weights()) - 1.0;
        Ok(card)
    }
}

impl Learner for ScorecardSettings {
    fn fit(&self, train: &DataSet, _watched: Option<&DataSet>) -> Result<Box<dyn Model>> {
        Ok(Box::new(self.build(train)?))
    }
}

/// Pre-bins put together, from each start to before the next.
fn merged(pre: &[(Holds, Counts)], starts: &[usize]) -> Vec<(Holds, Counts)> {
    let ends = starts.iter().skip(1).copied().chain([pre.len()]);
    let one = |(&start, end): (&usize, usize)| {
        let counts = pre[start..end].iter().fold(Counts::default(), |sum, (_, counts)| sum.and(*counts));
        let holds = match (&pre[start].0, &pre[end - 1].0) {
            (Holds::Range { from, .. }, Holds::Range { to, .. }) => Holds::Range { from: *from, to: *to },
            _ => {
                let codes = pre[start..end].iter().flat_map(|(holds, _)| match holds {
                    Holds::Levels(codes) => codes.clone(),
                    _ => Vec::new(),
                });
                let mut codes: Vec<u32> = codes.collect();
                codes.sort_unstable();
                Holds::Levels(codes)
            }
        };
        (holds, counts)
    };
    starts.iter().zip(ends).map(one).collect()
}

fn regress(train: &DataSet, label: &[f64], evidence: &[Vec<f64>], kept: &[usize]) -> Result<Vec<f64>> {
    let columns = kept.len() + 1;
    let mut design = vec![1.0; label.len() * columns];
    for (row, cells) in design.chunks_exact_mut(columns).enumerate() {
        cells[1..].iter_mut().zip(kept).for_each(|(cell, &at)| *cell = evidence[at][row]);
    }
    let weights: Vec<f64> = (0..label.len()).map(|row| train.weight(row)).collect();
    let problem = Problem { design: &design, columns, label, weights: &weights, strength: RIDGE, l1: 0.0 };
    Ok(problem.solve()?.beta)
}

impl Scorecard {
    /// One a feature of the schema.
    #[must_use]
    pub fn characteristics(&self) -> &[Characteristic] {
        &self.characteristics
    }

    /// The Gini coefficient on the training rows: 2·AUC − 1.
    #[must_use]
    pub fn gini(&self) -> f64 {
        self.gini
    }

    /// Points of each row, the more, the less likely the label.
    ///
    /// # Errors
    /// When a feature is not there or of another type.
    pub fn points(&self, frame: &Frame) -> Result<Vec<f64>> {
        Ok(self.margins(frame)?.into_iter().map(|margin| self.offset - self.factor * margin).collect())
    }

    pub(crate) fn checked(self) -> Result<Self> {
        let features = self.schema.len();
        let fits = self.characteristics.len() == features
            && self.means.len() == features
            && self.schema.kinds.len() == features;
        let in_order = self.characteristics.iter().enumerate().all(|(at, c)| c.feature == at);
        if fits && in_order { Ok(self) } else { Err(saved("scorecard", "its bins and features do not fit together")) }
    }

    fn added(&self, aligned: &Aligned<'_>, row: usize, at: usize) -> f64 {
        let characteristic = &self.characteristics[at];
        match characteristic.coefficient == 0.0 {
            true => 0.0,
            false => characteristic.coefficient * characteristic.binning.evidence(&aligned.cells[at], row),
        }
    }
}

impl Model for Scorecard {
    fn kind(&self) -> &'static str {
        "scorecard"
    }

    fn schema(&self) -> &Schema {
        &self.schema
    }

    fn margins(&self, frame: &Frame) -> Result<Vec<f64>> {
        let aligned = self.schema.align(frame)?;
        let margin = |row| self.intercept + (0..self.schema.len()).map(|at| self.added(&aligned, row, at)).sum::<f64>();
        Ok((0..aligned.rows).map(margin).collect())
    }

    fn predict(&self, frame: &Frame) -> Result<Vec<f64>> {
        Ok(self.margins(frame)?.into_iter().map(logistic).collect())
    }

    /// Against the average training row.
    fn contributions(&self, frame: &Frame) -> Result<Contributions> {
        let aligned = self.schema.align(frame)?;
        let features = self.schema.len();
        let mean = |at: usize| self.characteristics[at].coefficient * self.means[at];
        let mut values = vec![0.0; aligned.rows * features];
        for (row, out) in values.chunks_exact_mut(features).enumerate() {
            out.iter_mut().enumerate().for_each(|(at, out)| *out = self.added(&aligned, row, at) - mean(at));
        }
        let base = self.intercept + (0..features).map(mean).sum::<f64>();
        Ok(Contributions { base, values, features })
    }

    fn to_saved(&self) -> Saved {
        Saved::Scorecard(Box::new(self.clone()))
    }
}
