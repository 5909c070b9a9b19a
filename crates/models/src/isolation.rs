//! The odd ones out: isolation forests (Liu, Ting and Zhou, "Isolation forest", 2008).
//!
//! Random cuts set a row that is unlike the others apart after few of them. A score is 2^(−depth / expected depth): near 1 for the odd, below 0.5 for
//! the ordinary. Gaps count as the median. Of a category, what counts is how rare its level is: the logarithm of its share.
//!
//! The margin is the exponent. It is a mean over trees of what their leaves say, so Shapley values of trees take it apart exactly: a feature adds to
//! it what its cuts set apart sooner than cuts of a row of which nothing is known would.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{
    error::{Result, argument, saved},
    exact,
    frame::{Aligned, Cells, Frame, Schema},
    learner::{Contributions, Model, Saved},
    random::Random,
    trees::shap::{Explainer, NodeView, Scratch},
};

/// Rows that a thread explains at a time.
const EXPLAINED_ROWS: usize = 16;
/// Euler's constant, in the expected depth of a search that fails.
const EULER: f64 = 0.577_215_664_901_532_9;
/// The share of a category that training did not see, in rows.
const UNSEEN_ROWS: f64 = 0.5;

/// Settings of an isolation forest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IsolationSettings {
    /// How many trees.
    pub trees: usize,
    /// How many rows each tree is grown from.
    pub sample: usize,
    /// Draws rows, features and cuts.
    pub seed: u64,
}

impl Default for IsolationSettings {
    fn default() -> Self {
        Self { trees: 100, sample: 256, seed: 0 }
    }
}

/// How a feature becomes a number.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Scale {
    /// As it is; a gap is the median.
    Number {
        #[serde(with = "exact")]
        gap: f64,
    },
    /// The log of the share, by code; a gap or a new level is the last.
    Rarity(#[serde(with = "exact::many")] Vec<f64>),
}

/// A node: a leaf, when it has no children behind it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Cut {
    feature: u32,
    #[serde(with = "exact")]
    below: f64,
    /// The right child; the left one is the next node. 0 in a leaf.
    right: u32,
    /// Of a leaf: its depth and what deeper cuts would add.
    #[serde(with = "exact")]
    depth: f64,
    /// Rows of the sample that came through.
    rows: u32,
}

/// A grown isolation forest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct IsolationForest {
    schema: Schema,
    scales: Vec<Scale>,
    trees: Vec<Vec<Cut>>,
    #[serde(with = "exact")]
    expected: f64,
}

impl IsolationSettings {
    /// Grows a forest. The same for the same rows and seed, on any number of threads.
    ///
    /// # Errors
    /// When there are no rows, or settings are out of bounds.
    pub fn grow(&self, frame: &Frame) -> Result<IsolationForest> {
        if self.trees == 0 || self.sample < 2 {
            return Err(argument(
                "the sample of an isolation forest",
                self.sample,
                "take at least one tree of two rows",
            ));
        }
        if frame.rows() < 2 || frame.columns().is_empty() {
            return Err(argument("the number of rows", frame.rows(), "the odd are told from at least two rows"));
        }
        let schema = Schema::of(frame);
        let aligned = schema.align(frame)?;
        let scales: Vec<Scale> = aligned.cells.iter().map(|cells| scale(cells, aligned.rows)).collect();
        let sample = self.sample.min(aligned.rows);
        let deepest = (sample as f64).log2().ceil() as usize;
        let grow = |tree: usize| {
            let mut random = Random::new(self.seed ^ (tree as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
            let rows: Vec<usize> = drawn(&mut random, aligned.rows, sample);
            let points: Vec<Vec<f64>> = rows.iter().map(|&row| point(&aligned, &scales, row)).collect();
            let mut cuts = Vec::new();
            cut(&mut cuts, points, 0, deepest, &mut random);
            cuts
        };
        let trees = (0..self.trees).into_par_iter().map(grow).collect();
        Ok(IsolationForest { schema, scales, trees, expected: expected_depth(sample) })
    }
}

fn drawn(random: &mut Random, rows: usize, wanted: usize) -> Vec<usize> {
    // Floyd's algorithm: as many draws as are wanted, however many rows there are.
    let mut chosen = std::collections::BTreeSet::new();
    for last in rows - wanted..rows {
        let at = random.below(last + 1);
        if !chosen.insert(at) {
            chosen.insert(last);
        }
    }
    chosen.into_iter().collect()
}

fn scale(cells: &Cells<'_>, rows: usize) -> Scale {
    match cells {
        Cells::Numbers(values) => {
            let mut known: Vec<f64> = values.iter().copied().filter(|v| !v.is_nan()).collect();
            known.sort_unstable_by(f64::total_cmp);
            Scale::Number { gap: known.get(known.len() / 2).copied().unwrap_or(0.0) }
        }
        Cells::Codes { .. } => {
            let last = (0..rows).map(|row| cells.code(row)).filter(|&code| code != u32::MAX).max();
            let mut counts = vec![0.0_f64; last.map_or(0, |last| last as usize + 1) + 1];
            let gap = counts.len() - 1;
            (0..rows).for_each(|row| counts[(cells.code(row) as usize).min(gap)] += 1.0);
            Scale::Rarity(counts.into_iter().map(|n| (n.max(UNSEEN_ROWS) / rows as f64).ln()).collect())
        }
    }
}

fn point(aligned: &Aligned<'_>, scales: &[Scale], row: usize) -> Vec<f64> {
    let one = |(cells, scale): (&Cells<'_>, &Scale)| match scale {
        Scale::Number { gap } => match cells.number(row) {
            value if value.is_nan() => *gap,
            value => value,
        },
        Scale::Rarity(shares) => {
            let code = cells.code(row) as usize;
            shares.get(code).or(shares.last()).copied().unwrap_or(0.0)
        }
    };
    aligned.cells.iter().zip(scales).map(one).collect()
}

/// What a search among so many rows takes on average when it fails.
fn expected_depth(rows: usize) -> f64 {
    let n = rows as f64;
    match rows {
        0 | 1 => 0.0,
        2 => 1.0,
        _ => 2.0 * ((n - 1.0).ln() + EULER) - 2.0 * (n - 1.0) / n,
    }
}

fn cut(cuts: &mut Vec<Cut>, points: Vec<Vec<f64>>, depth: usize, deepest: usize, random: &mut Random) {
    let rows = points.len() as u32;
    let leaf = Cut { feature: 0, below: 0.0, right: 0, depth: depth as f64 + expected_depth(points.len()), rows };
    let features = points.first().map_or(0, Vec::len);
    let range = |feature: usize| {
        let values = points.iter().map(|point| point[feature]);
        values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)))
    };
    let varying: Vec<usize> = (0..features).filter(|&feature| range(feature).0 < range(feature).1).collect();
    if depth >= deepest || points.len() < 2 || varying.is_empty() {
        cuts.push(leaf);
        return;
    }
    let feature = varying[random.below(varying.len())];
    let (low, high) = range(feature);
    let mut below = low + random.unit() * (high - low);
    if below <= low {
        below = f64::midpoint(low, high).max(low.next_up());
    }
    let at = cuts.len();
    cuts.push(Cut { feature: feature as u32, below, right: 0, depth: 0.0, rows });
    let (left, right): (Vec<_>, Vec<_>) = points.into_iter().partition(|point| point[feature] < below);
    cut(cuts, left, depth + 1, deepest, random);
    cuts[at].right = cuts.len() as u32;
    cut(cuts, right, depth + 1, deepest, random);
}

impl IsolationForest {
    pub(crate) fn checked(self) -> Result<Self> {
        let features = self.schema.len();
        let forward = |tree: &Vec<Cut>| {
            let ok = |(at, cut): (usize, &Cut)| {
                cut.right == 0
                    || ((cut.right as usize) < tree.len()
                        && cut.right as usize > at + 1
                        && (cut.feature as usize) < features)
            };
            !tree.is_empty() && tree.iter().enumerate().all(ok)
        };
        let fits =
            self.scales.len() == features && self.schema.kinds.len() == features && self.trees.iter().all(forward);
        if fits { Ok(self) } else { Err(saved("isolation forest", "its trees and features do not fit together")) }
    }

    /// What a leaf's depth adds to the margin, as one tree of all.
    fn worth(&self, depth: f64) -> f64 {
        -depth / (self.expected.max(f64::MIN_POSITIVE) * self.trees.len().max(1) as f64)
    }

    fn margin(&self, point: &[f64]) -> f64 {
        let depth = |tree: &Vec<Cut>| {
            let mut at = 0;
            loop {
                let cut = &tree[at];
                if cut.right == 0 {
                    return cut.depth;
                }
                at = if point[cut.feature as usize] < cut.below { at + 1 } else { cut.right as usize };
            }
        };
        self.worth(self.trees.iter().map(depth).sum::<f64>())
    }

    /// Its trees as explanations take them: links lead into the whole forest.
    fn views(&self) -> Vec<Vec<NodeView>> {
        let mut start = 0;
        let mut of_tree = |tree: &Vec<Cut>| {
            let first = start;
            start += tree.len();
            let view = |(at, cut): (usize, &Cut)| NodeView {
                feature: cut.feature as usize,
                children: (cut.right != 0).then_some((first + at + 1, first + cut.right as usize)),
                value: if cut.right == 0 { self.worth(cut.depth) } else { 0.0 },
                cover: f64::from(cut.rows),
                gain: 0.0,
            };
            tree.iter().enumerate().map(view).collect()
        };
        self.trees.iter().map(&mut of_tree).collect()
    }

    /// All cuts behind each other, with where a row goes that is not below.
    fn cuts(&self) -> Vec<(usize, f64, u32)> {
        let mut all: Vec<(usize, f64, u32)> = Vec::with_capacity(self.trees.iter().map(Vec::len).sum());
        for tree in &self.trees {
            let start = all.len() as u32;
            all.extend(tree.iter().map(|cut| (cut.feature as usize, cut.below, start + cut.right)));
        }
        all
    }
}

impl Model for IsolationForest {
    fn kind(&self) -> &'static str {
        "isolation forest"
    }

    fn schema(&self) -> &Schema {
        &self.schema
    }

    fn margins(&self, frame: &Frame) -> Result<Vec<f64>> {
        let aligned = self.schema.align(frame)?;
        Ok((0..aligned.rows).into_par_iter().map(|row| self.margin(&point(&aligned, &self.scales, row))).collect())
    }

    fn predict(&self, frame: &Frame) -> Result<Vec<f64>> {
        Ok(self.margins(frame)?.into_iter().map(f64::exp2).collect())
    }

    fn contributions(&self, frame: &Frame) -> Result<Contributions> {
        let (aligned, features) = (self.schema.align(frame)?, self.schema.len());
        let explainer = Explainer::of(&self.views(), 0.0)?;
        let cuts = self.cuts();
        let mut values = vec![0.0; aligned.rows * features];
        let explain = |scratch: &mut Scratch, block: usize, out: &mut [f64]| {
            let first = block * EXPLAINED_ROWS;
            let rows = first..first + out.len() / features;
            let points: Vec<Vec<f64>> = rows.map(|row| point(&aligned, &self.scales, row)).collect();
            let step = |row: usize, node: u32| {
                let (feature, below, right) = cuts[node as usize];
                if points[row][feature] < below { node + 1 } else { right }
            };
            explainer.explain(&step, scratch, out, features);
        };
        let blocks = values.par_chunks_mut(EXPLAINED_ROWS * features.max(1)).enumerate();
        blocks.for_each_init(Scratch::default, |scratch, (block, out)| explain(scratch, block, out));
        Ok(Contributions { base: explainer.expected(), values, features })
    }

    fn to_saved(&self) -> Saved {
        Saved::Isolation(Box::new(self.clone()))
    }
}
