//! Bins of a feature: where it is cut, which levels go together, and what each bin says.

use serde::{Deserialize, Serialize};

use crate::{
    exact,
    frame::{Cells, MISSING},
};

/// Added to counts of a bin with one outcome only, so that its weight of evidence is finite.
const ADDED: f64 = 0.5;

/// One bin.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Bin {
    /// What falls into it.
    pub holds: Holds,
    /// How much its noes weigh in training.
    #[serde(with = "exact")]
    pub no: f64,
    /// How much its yeses weigh in training.
    #[serde(with = "exact")]
    pub yes: f64,
    /// ln(share of noes / share of yeses): above 0 where the label is rarer than on average.
    #[serde(with = "exact")]
    pub evidence: f64,
    /// What it adds to the feature's information value.
    #[serde(with = "exact")]
    pub information: f64,
    /// Points of a scorecard; 0 of a feature that is not in it.
    #[serde(with = "exact")]
    pub points: f64,
}

/// What falls into a bin.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Holds {
    /// Numbers from `from` (included) to below `to`.
    Range {
        /// −∞ in the first bin.
        #[serde(with = "exact")]
        from: f64,
        /// ∞ in the last bin.
        #[serde(with = "exact")]
        to: f64,
    },
    /// Levels, by the schema's codes.
    Levels(Vec<u32>),
    /// No value. Also levels that training did not see.
    Missing,
}

/// All bins of a feature.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Binning {
    /// In order of value or of rate; missing values last, if there were any.
    pub bins: Vec<Bin>,
    /// The information value: the sum over bins.
    #[serde(with = "exact")]
    pub information: f64,
}

/// Weights of noes and yeses.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Counts {
    pub(super) no: f64,
    pub(super) yes: f64,
}

impl Counts {
    pub(super) fn add(&mut self, weight: f64, label: f64) {
        self.yes += weight * label;
        self.no += weight * (1.0 - label);
    }

    pub(super) fn all(self) -> f64 {
        self.no + self.yes
    }

    pub(super) fn and(self, other: Self) -> Self {
        Self { no: self.no + other.no, yes: self.yes + other.yes }
    }

    pub(super) fn rate(self) -> f64 {
        self.yes / self.all()
    }

    /// Weight of evidence and what it adds to the information value, against the counts of all rows.
    pub(super) fn evidence(self, total: Self) -> (f64, f64) {
        let (no, yes) = match self.no > 0.0 && self.yes > 0.0 {
            true => (self.no, self.yes),
            false => (self.no + ADDED, self.yes + ADDED),
        };
        let (no, yes) = (no / total.no, yes / total.yes);
        let evidence = (no / yes).ln();
        (evidence, (no - yes) * evidence)
    }
}

impl Binning {
    pub(super) fn of(parts: Vec<(Holds, Counts)>, total: Counts) -> Self {
        let bin = |(holds, counts): (Holds, Counts)| {
            let (evidence, information) = match counts.all() > 0.0 {
                true => counts.evidence(total),
                false => (0.0, 0.0),
            };
            Bin { holds, no: counts.no, yes: counts.yes, evidence, information, points: 0.0 }
        };
        let bins: Vec<Bin> = parts.into_iter().map(bin).collect();
        let information = bins.iter().map(|bin| bin.information).sum();
        Self { bins, information }
    }

    /// The bin of a row; nothing for a gap or a level where training had none.
    pub(crate) fn bin(&self, cells: &Cells<'_>, row: usize) -> Option<&Bin> {
        let code = cells.code(row);
        let value = if code == MISSING { cells.number(row) } else { f64::NAN };
        let of_value = |bin: &&Bin| match &bin.holds {
            Holds::Range { from, to } => value >= *from && value < *to,
            Holds::Levels(codes) => codes.binary_search(&code).is_ok(),
            Holds::Missing => false,
        };
        let found = self.bins.iter().find(of_value);
        found.or_else(|| self.bins.iter().find(|bin| bin.holds == Holds::Missing))
    }

    /// The weight of evidence of a row; 0 where nothing is known.
    pub(crate) fn evidence(&self, cells: &Cells<'_>, row: usize) -> f64 {
        self.bin(cells, row).map_or(0.0, |bin| bin.evidence)
    }

    /// Where a number is cut.
    #[must_use]
    pub fn cuts(&self) -> Vec<f64> {
        let from = |bin: &Bin| match bin.holds {
            Holds::Range { from, .. } if from.is_finite() => Some(from),
            _ => None,
        };
        self.bins.iter().filter_map(from).collect()
    }
}
