//! Trees as they are walked: all nodes of a tree in the order of a walk that goes left first, sums in 64 bits.
//!
//! A left child stands right behind its parent, and parents stand before children, so that a pass over nodes in order
//! sees every path from the root, and a pass in reverse sees every subtree.

use fearless_simd::{Level, Simd, dispatch};
use hessboost::model::BoostedModel as Grown;
use hessboost::tree::RegTree;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::{
    given::{GivenNode, Test},
    shap::{Explainer, Scratch},
};
use crate::{
    error::{Result, library, saved},
    learner::Contributions,
};

/// Rows that walk through the trees together.
const BLOCK_ROWS: usize = 64;
/// Rows of a block whose walks are interleaved, so that the processor waits for several nodes at once.
const ABREAST: usize = 4;
/// Flag of `Node::test`: a row without a value goes left.
const GAP_LEFT: u32 = 1 << 31;
/// Flag of `Node::test`: the threshold is a position in the sets of categories.
const CATEGORIES: u32 = 1 << 30;
/// Flag of `Node::test`: a row goes left when its value is the float, not when it is below.
const EQUAL: u32 = 1 << 29;
pub(super) const FEATURE: u32 = EQUAL - 1;
/// Rows that a thread explains at a time.
const EXPLAINED_ROWS: usize = 16;

/// One node as a walk needs it. A leaf has itself as both children.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Node {
    /// The feature, with the flags above.
    test: u32,
    /// A row goes left when its value is below these bits' float, or in this set.
    below: u32,
    left: u32,
    right: u32,
}

/// One node as explanations need it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Facts {
    /// Bits of the value of a leaf.
    value: u64,
    /// Bits of how much training data went through.
    cover: u32,
    /// Bits of how much the split gained.
    gain: u32,
}

/// What is saved of a forest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct SavedForest {
    base: u64,
    features: u32,
    roots: Vec<u32>,
    nodes: Vec<Node>,
    facts: Vec<Facts>,
    sets: Vec<Vec<u32>>,
}

/// Trees whose leaves add up.
#[derive(Debug, Clone)]
pub(super) struct Forest {
    saved: SavedForest,
    /// The most splits on a path, by tree.
    depths: Vec<u32>,
    explainer: Explainer,
}

impl PartialEq for Forest {
    fn eq(&self, other: &Self) -> bool {
        self.saved == other.saved
    }
}

/// What an explanation asks of a node.
pub(crate) struct NodeView {
    pub(crate) feature: usize,
    pub(crate) children: Option<(usize, usize)>,
    pub(crate) value: f64,
    pub(crate) cover: f64,
    pub(crate) gain: f64,
}

impl Forest {
    /// The first `rounds` trees of a grown model with one output.
    pub(super) fn of(grown: &Grown, rounds: usize) -> Result<Self> {
        let refuse = |why: &str| Err(library("reading trees", why));
        if grown.n_outputs() != 1 || grown.has_vector_leaves() {
            return refuse("the model has several outputs; one number a row is taken");
        }
        if grown.linear().is_some() || grown.trees().iter().any(|tree| tree.linear_leaves().is_some()) {
            return refuse("the model has linear parts; trees with constant leaves are taken");
        }
        let wanted = (rounds * grown.trees_per_iteration()).min(grown.num_trees());
        let mut forest = SavedForest {
            base: f64::from(grown.base_score()).to_bits(),
            features: grown.n_features() as u32,
            roots: Vec::with_capacity(wanted),
            nodes: Vec::new(),
            facts: Vec::new(),
            sets: Vec::new(),
        };
        for (tree, weight) in grown.trees().iter().zip(grown.tree_weights()).take(wanted) {
            forest.roots.push(forest.nodes.len() as u32);
            forest.grow(tree, 0, f64::from(weight));
        }
        Self::checked(forest)
    }

    /// Trees of others; nodes must be trees.
    pub(super) fn given(nodes: &[GivenNode], roots: &[u32], base: f64, features: usize) -> Result<Self> {
        let mut forest = SavedForest {
            base: base.to_bits(),
            features: features as u32,
            roots: Vec::with_capacity(roots.len()),
            nodes: Vec::with_capacity(nodes.len()),
            facts: Vec::with_capacity(nodes.len()),
            sets: Vec::new(),
        };
        for root in roots {
            forest.roots.push(forest.nodes.len() as u32);
            forest.take(nodes, *root);
        }
        Self::checked(forest)
    }

    /// Checks that saved trees can be walked: links lead forward within a tree, features and sets are there.
    pub(super) fn checked(saved_forest: SavedForest) -> Result<Self> {
        saved_forest.check().map_err(|why| saved("forest", why))?;
        let depths = saved_forest.depths();
        let explainer = Explainer::of(&saved_forest.trees().collect::<Vec<_>>(), f64::from_bits(saved_forest.base))?;
        Ok(Self { saved: saved_forest, depths, explainer })
    }

    pub(super) fn saved(&self) -> &SavedForest {
        &self.saved
    }

    pub(super) fn features(&self) -> usize {
        self.saved.features as usize
    }

    pub(super) fn trees(&self) -> usize {
        self.saved.roots.len()
    }

    /// Adds to every margin.
    pub(super) fn shifted(self, by: f64) -> Result<Self> {
        let base = (f64::from_bits(self.saved.base) + by).to_bits();
        Self::checked(SavedForest { base, ..self.saved })
    }

    /// How much splits on each feature gained in all.
    pub(super) fn gains(&self, features: usize) -> Vec<f64> {
        let mut gains = vec![0.0; features];
        for node in self.saved.trees().flatten().filter(|node| node.children.is_some()) {
            gains[node.feature] += node.gain;
        }
        gains
    }

    /// Margins of rows of encoded features, which `fill` writes block by block (first row, rows, cells by row).
    pub(super) fn margins(&self, rows: usize, fill: &(dyn Fn(usize, usize, &mut [f32]) + Sync)) -> Vec<f64> {
        let features = self.saved.features as usize;
        let mut margins = vec![f64::from_bits(self.saved.base); rows];
        if rows <= BLOCK_ROWS {
            // Few rows are not worth waking a thread.
            let mut cells = vec![0.0_f32; rows * features];
            fill(0, rows, &mut cells);
            self.add(&cells, &mut margins);
            return margins;
        }
        margins.par_chunks_mut(BLOCK_ROWS).enumerate().for_each_init(
            || vec![0.0_f32; BLOCK_ROWS * features],
            |cells, (block, out)| {
                let cells = &mut cells[..out.len() * features];
                fill(block * BLOCK_ROWS, out.len(), cells);
                self.add(cells, out);
            },
        );
        margins
    }

    fn add(&self, cells: &[f32], out: &mut [f64]) {
        let features = self.saved.features as usize;
        for (&root, &depth) in self.saved.roots.iter().zip(&self.depths) {
            let mut groups = out.chunks_exact_mut(ABREAST);
            let mut rows = cells.chunks_exact(ABREAST * features);
            for (sums, rows) in groups.by_ref().zip(rows.by_ref()) {
                self.walk_abreast(root, depth, rows, features, sums);
            }
            for (sum, row) in groups.into_remainder().iter_mut().zip(rows.remainder().chunks_exact(features)) {
                *sum += self.value(self.leaf(root, row));
            }
        }
    }

    fn walk_abreast(&self, root: u32, depth: u32, rows: &[f32], features: usize, sums: &mut [f64]) {
        let mut at = [root; ABREAST];
        for _ in 0..depth {
            let mut moved = 0;
            for (lane, node) in at.iter_mut().enumerate() {
                let next = self.step(*node, &rows[lane * features..(lane + 1) * features]);
                moved |= next ^ *node;
                *node = next;
            }
            // Trees are seldom as deep everywhere as in one place.
            if moved == 0 {
                break;
            }
        }
        sums.iter_mut().zip(at).for_each(|(sum, leaf)| *sum += self.value(leaf));
    }

    fn leaf(&self, root: u32, row: &[f32]) -> u32 {
        let mut at = root;
        loop {
            let next = self.step(at, row);
            if next == at {
                return at;
            }
            at = next;
        }
    }

    fn value(&self, leaf: u32) -> f64 {
        f64::from_bits(self.saved.facts[leaf as usize].value)
    }

    /// Where a row goes from a node; from a leaf, nowhere.
    #[inline]
    fn step(&self, at: u32, row: &[f32]) -> u32 {
        let node = &self.saved.nodes[at as usize];
        let value = row[(node.test & FEATURE) as usize];
        let left = match node.test & (CATEGORIES | EQUAL) == 0 {
            // Not `||`: which of both it is hangs on the row.
            true => (value < f32::from_bits(node.below)) | (value.is_nan() & (node.test & GAP_LEFT != 0)),
            false if node.test & EQUAL != 0 => {
                value == f32::from_bits(node.below) || (value.is_nan() && node.test & GAP_LEFT != 0)
            }
            false => self.in_set(node, value),
        };
        if left { node.left } else { node.right }
    }

    fn in_set(&self, node: &Node, value: f32) -> bool {
        match value >= 0.0 {
            true => {
                let code = value as usize;
                let word = self.saved.sets[node.below as usize].get(code / 32).copied().unwrap_or(0);
                word >> (code % 32) & 1 == 1
            }
            false => value.is_nan() && node.test & GAP_LEFT != 0,
        }
    }

    /// The margin without the row: what explanations start from.
    fn expected(&self) -> f64 {
        self.explainer.expected()
    }

    /// What each feature added to the margins of rows, which `fill` writes block by block.
    pub(super) fn contributions(&self, rows: usize, fill: &(dyn Fn(usize, usize, &mut [f32]) + Sync)) -> Contributions {
        let features = self.features();
        if features == 0 {
            return Contributions { base: self.expected(), values: Vec::new(), features };
        }
        let (mut values, level) = (vec![0.0; rows * features], Level::new());
        let explain = |scratch: &mut Scratch, cells: &mut [f32], block: usize, out: &mut [f64]| {
            let rows = out.len() / features;
            let cells = &mut cells[..rows * features];
            fill(block * EXPLAINED_ROWS, rows, cells);
            self.explain(level, cells, scratch, out);
        };
        if rows <= EXPLAINED_ROWS {
            // Few rows are not worth waking a thread.
            explain(&mut Scratch::default(), &mut vec![0.0; rows * features], 0, &mut values);
        } else {
            values.par_chunks_mut(EXPLAINED_ROWS * features).enumerate().for_each_init(
                || (Scratch::default(), vec![0.0_f32; EXPLAINED_ROWS * features]),
                |(scratch, cells), (block, out)| explain(scratch, cells, block, out),
            );
        }
        Contributions { base: self.expected(), values, features }
    }

    /// Adds each feature's contribution to `out` (by row of encoded features, a number a feature), with the vector instructions that the machine has.
    fn explain(&self, level: Level, rows: &[f32], scratch: &mut Scratch, out: &mut [f64]) {
        dispatch!(level, simd => self.explain_with(simd, rows, scratch, out));
    }

    #[inline(always)]
    fn explain_with<S: Simd>(&self, _: S, rows: &[f32], scratch: &mut Scratch, out: &mut [f64]) {
        let features = self.saved.features as usize;
        let step = |row: usize, node| self.step(node, &rows[row * features..(row + 1) * features]);
        self.explainer.explain(&step, scratch, out, features);
    }
}

impl SavedForest {
    /// Puts a node and all beneath it behind what is there.
    fn grow(&mut self, tree: &RegTree, id: usize, weight: f64) {
        // Depth first without recursion: a tree of an import may be as deep as it has leaves. Each entry is a node and the parent
        // whose right child it is.
        let mut open: Vec<(usize, Option<usize>)> = vec![(id, None)];
        while let Some((id, right_of)) = open.pop() {
            let at = self.nodes.len();
            if let Some(parent) = right_of {
                self.nodes[parent].right = at as u32;
            }
            let node = tree.node(id);
            let (below, flag) = match node.is_categorical && !node.is_leaf() {
                true => (self.set_of(tree.split_categories(id)), CATEGORIES),
                false => (node.split_cond.to_bits(), 0),
            };
            let gap = if node.default_left { GAP_LEFT } else { 0 };
            let facts = |value: f64| Facts {
                value: value.to_bits(),
                cover: node.sum_hess.to_bits(),
                gain: node.split_gain.to_bits(),
            };
            if node.is_leaf() {
                self.nodes.push(Node { test: 0, below: 0, left: at as u32, right: at as u32 });
                self.facts.push(facts(f64::from(node.leaf_value) * weight));
            } else {
                self.nodes.push(Node { test: node.split_feature | flag | gap, below, left: at as u32 + 1, right: 0 });
                self.facts.push(facts(0.0));
                open.push((node.right as usize, Some(at)));
                open.push((node.left as usize, None));
            }
        }
    }

    /// Puts a tree of others behind what is there, a left child right behind its parent.
    fn take(&mut self, given: &[GivenNode], root: u32) {
        let mut open: Vec<(u32, Option<usize>)> = vec![(root, None)];
        while let Some((id, right_of)) = open.pop() {
            let at = self.nodes.len();
            if let Some(parent) = right_of {
                self.nodes[parent].right = at as u32;
            }
            let node = &given[id as usize];
            let (feature, below, gap_left, flag) = match node.test {
                Test::Leaf => {
                    self.nodes.push(Node { test: 0, below: 0, left: at as u32, right: at as u32 });
                    self.facts.push(Facts { value: node.value.to_bits(), cover: node.cover.to_bits(), gain: 0 });
                    continue;
                }
                Test::Below { feature, below, gap_left } => (feature, below, gap_left, 0),
                Test::Equal { feature, to, gap_left } => (feature, to, gap_left, EQUAL),
            };
            let gap = if gap_left { GAP_LEFT } else { 0 };
            let (below, left) = (below.to_bits(), at as u32 + 1);
            self.nodes.push(Node { test: feature | flag | gap, below, left, right: 0 });
            self.facts.push(Facts { value: 0, cover: node.cover.to_bits(), gain: 0 });
            open.push((node.right, Some(at)));
            open.push((node.left, None));
        }
    }

    fn set_of(&mut self, categories: &[u32]) -> u32 {
        let words = categories.iter().max().map_or(0, |&last| last as usize / 32 + 1);
        let mut set = vec![0_u32; words];
        categories.iter().for_each(|&code| set[code as usize / 32] |= 1 << (code % 32));
        self.sets.push(set);
        self.sets.len() as u32 - 1
    }

    fn check(&self) -> std::result::Result<(), String> {
        if self.nodes.len() != self.facts.len() || !f64::from_bits(self.base).is_finite() || self.features > FEATURE {
            return Err("its parts do not fit together".to_owned());
        }
        let ends = self.roots.iter().skip(1).copied().chain([self.nodes.len() as u32]);
        for (&root, end) in self.roots.iter().zip(ends) {
            if root >= end || end as usize > self.nodes.len() {
                return Err("a tree has no nodes".to_owned());
            }
            self.check_tree(root, end)?;
        }
        match self.roots.first() {
            Some(0) => Ok(()),
            None if self.nodes.is_empty() => Ok(()),
            _ => Err("nodes belong to no tree".to_owned()),
        }
    }

    fn check_tree(&self, root: u32, end: u32) -> std::result::Result<(), String> {
        let mut reached = vec![0_u32; (end - root) as usize];
        reached[0] = 1;
        for at in root..end {
            let (node, facts) = (&self.nodes[at as usize], &self.facts[at as usize]);
            let cover = f32::from_bits(facts.cover);
            if !f64::from_bits(facts.value).is_finite() || cover.is_nan() || cover < 0.0 {
                return Err(format!("node {at} has a value or a cover that is no number"));
            }
            if node.left == at && node.right == at {
                // A walk reads the first feature once more before it stays.
                if node.test != 0 || self.features == 0 {
                    return Err(format!("leaf {at} asks for a feature"));
                }
                continue;
            }
            let forward = |to: u32| to > at && to < end;
            if !forward(node.left) || !forward(node.right) || node.left != at + 1 {
                return Err(format!("node {at} leads out of its tree"));
            }
            reached[(node.left - root) as usize] += 1;
            reached[(node.right - root) as usize] += 1;
            if node.test & FEATURE >= self.features {
                return Err(format!("node {at} asks for a feature that is not there"));
            }
            if node.test & CATEGORIES != 0 && node.below as usize >= self.sets.len() {
                return Err(format!("node {at} asks for categories that are not there"));
            }
        }
        match reached.iter().all(|&times| times == 1) {
            true => Ok(()),
            false => Err("a node is reached on no path, or on several".to_owned()),
        }
    }

    fn depths(&self) -> Vec<u32> {
        let mut depth = vec![0_u32; self.nodes.len()];
        for (at, node) in self.nodes.iter().enumerate().filter(|(at, node)| node.left as usize != *at) {
            depth[node.left as usize] = depth[at] + 1;
            depth[node.right as usize] = depth[at] + 1;
        }
        let ends = self.roots.iter().skip(1).map(|&root| root as usize).chain([self.nodes.len()]);
        let deepest = |(&root, end): (&u32, usize)| depth[root as usize..end].iter().max().copied().unwrap_or(0);
        self.roots.iter().zip(ends).map(deepest).collect()
    }

    /// The nodes of each tree.
    fn trees(&self) -> impl Iterator<Item = Vec<NodeView>> + '_ {
        let ends = self.roots.iter().skip(1).map(|&root| root as usize).chain([self.nodes.len()]);
        self.roots.iter().zip(ends).map(|(&root, end)| (root as usize..end).map(|at| self.view(at)).collect())
    }

    fn view(&self, at: usize) -> NodeView {
        let (node, facts) = (&self.nodes[at], &self.facts[at]);
        NodeView {
            feature: (node.test & FEATURE) as usize,
            children: (node.left as usize != at).then_some((node.left as usize, node.right as usize)),
            value: f64::from_bits(facts.value),
            cover: f64::from(f32::from_bits(facts.cover)),
            gain: f64::from(f32::from_bits(facts.gain)),
        }
    }
}
