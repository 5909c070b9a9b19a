//! Trees that others have grown, node by node, made ready to be walked and explained.

use super::forest::Forest;
use crate::{error::Result, learner::Contributions};

/// Where a row goes left.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Test {
    /// Nowhere: the node is a leaf.
    Leaf,
    /// When the feature is below a float.
    Below { feature: u32, below: f32, gap_left: bool },
    /// When the feature is a float.
    Equal { feature: u32, to: f32, gap_left: bool },
}

/// One node. Children are positions among all nodes of all trees.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct GivenNode {
    pub(crate) test: Test,
    pub(crate) left: u32,
    pub(crate) right: u32,
    /// Of a leaf.
    pub(crate) value: f64,
    /// How much training data went through, in any unit.
    pub(crate) cover: f32,
}

/// Trees whose leaves add up to one number a row.
#[derive(Debug, Clone)]
pub(crate) struct GivenForest(Forest);

impl GivenForest {
    /// Features that a test may name are below this.
    pub(crate) const FEATURES_MAX: u32 = super::forest::FEATURE;

    /// Nodes must be trees: each is reached from one root on one path.
    pub(crate) fn of(nodes: &[GivenNode], roots: &[u32], base: f64, features: usize) -> Result<Self> {
        Forest::given(nodes, roots, base, features).map(Self)
    }

    /// Sums of rows that `fill` writes block by block (first row, rows, cells by row).
    pub(crate) fn margins(&self, rows: usize, fill: &(dyn Fn(usize, usize, &mut [f32]) + Sync)) -> Vec<f64> {
        self.0.margins(rows, fill)
    }

    /// What each feature added to them.
    pub(crate) fn contributions(&self, rows: usize, fill: &(dyn Fn(usize, usize, &mut [f32]) + Sync)) -> Contributions {
        self.0.contributions(rows, fill)
    }
}
