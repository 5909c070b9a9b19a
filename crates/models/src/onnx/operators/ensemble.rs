//! Trees of `ai.onnx.ml` (`TreeEnsembleClassifier` and `TreeEnsembleRegressor`, versions 1 to 3): sums of leaves by row.
//!
//! Lists of nodes are checked when they are read: every tree has one root, each other node one parent, and all are reached, so that a walk always ends.

use rustc_hash::FxHashMap;

use crate::{
    error::Result,
    onnx::{
        attributes::Attributes,
        budget::Budget,
        tensor::{Data, Tensor},
        wire::Read,
    },
    trees::given::{GivenForest, GivenNode, Test},
};

/// The most nodes of all trees.
const NODES_MAX: usize = 1 << 20;
/// The most outputs.
const OUTPUTS_MAX: usize = 1 << 10;
/// How far shares of training data in a node may be from the sum of those beneath, of one.
const SHARES_OFF: f64 = 1e-3;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    AtMost,
    Below,
    AtLeast,
    Above,
    Equal,
    Unequal,
    Leaf,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Node {
    mode: Mode,
    /// Whether a gap passes the test.
    gap_passes: bool,
    feature: u32,
    threshold: f64,
    /// Where a row goes that passes; of a leaf, its first weight, …
    yes: u32,
    /// … and where one that does not; of a leaf, the end of its weights.
    no: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Aggregate {
    Sum,
    Average,
    Min,
    Max,
}

/// Trees with their leaves' weights.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::onnx) struct Ensemble {
    nodes: Vec<Node>,
    roots: Vec<u32>,
    /// (output, weight), leaf after leaf.
    weights: Vec<(u32, f64)>,
    /// The share of training data in each node, where the file tells.
    shares: Option<Vec<f32>>,
    base: Vec<f64>,
    aggregate: Aggregate,
    outputs: usize,
    /// The largest feature that is asked for, and one.
    columns_min: usize,
}

/// What attributes are called that differ between classifiers and regressors.
pub(super) struct Names {
    pub(super) trees: &'static str,
    pub(super) nodes: &'static str,
    pub(super) outputs: &'static str,
    pub(super) weights: &'static str,
}

pub(super) const CLASSES: Names =
    Names { trees: "class_treeids", nodes: "class_nodeids", outputs: "class_ids", weights: "class_weights" };
pub(super) const TARGETS: Names =
    Names { trees: "target_treeids", nodes: "target_nodeids", outputs: "target_ids", weights: "target_weights" };

impl Ensemble {
    pub(super) fn of(attributes: Attributes<'_>, names: &Names, outputs: usize) -> Read<Self> {
        if !(1..=OUTPUTS_MAX).contains(&outputs) {
            return Err(format!("it has {outputs} outputs; 1 to {OUTPUTS_MAX} are taken"));
        }
        let lists = Lists::of(attributes)?;
        let places = lists.places()?;
        let mut nodes = Vec::with_capacity(lists.modes.len());
        for at in 0..lists.modes.len() {
            nodes.push(lists.node(at, &places)?);
        }
        let roots = roots(&nodes, lists.trees)?;
        let mut ensemble = Self {
            nodes,
            roots,
            weights: Vec::new(),
            shares: None,
            base: attributes.numbers("base_values")?,
            aggregate: aggregate(attributes.text("aggregate_function", "SUM")?)?,
            outputs,
            columns_min: 0,
        };
        ensemble.weigh(attributes, names, &places)?;
        let branches = ensemble.nodes.iter().filter(|node| node.mode != Mode::Leaf);
        ensemble.columns_min = branches.map(|node| node.feature as usize + 1).max().unwrap_or(0);
        ensemble.shares = ensemble.told_shares(&attributes.numbers("nodes_hitrates")?);
        if ensemble.base.iter().any(|value| !value.is_finite()) {
            return Err("a base value is no number".to_owned());
        }
        Ok(ensemble)
    }

    /// Puts weights to leaves. What a file says of other nodes is left alone, as runtimes do.
    fn weigh(&mut self, attributes: Attributes<'_>, names: &Names, places: &Places) -> Read<()> {
        let (trees, nodes) = (attributes.ints(names.trees), attributes.ints(names.nodes));
        let (outputs, weights) = (attributes.ints(names.outputs), attributes.numbers(names.weights)?);
        if [nodes.len(), outputs.len(), weights.len()] != [trees.len(); 3] {
            return Err("its lists of weights have different lengths".to_owned());
        }
        let mut of_nodes = vec![Vec::new(); self.nodes.len()];
        for (at, weight) in weights.into_iter().enumerate() {
            let place = *places.get(&(trees[at], nodes[at])).ok_or("a weight belongs to a node that is not there")?;
            let output = u32::try_from(outputs[at]).ok().filter(|output| (*output as usize) < self.outputs);
            let output = output.ok_or_else(|| format!("a weight is for output {} of {}", outputs[at], self.outputs))?;
            if !weight.is_finite() {
                return Err("a weight is no number".to_owned());
            }
            of_nodes[place as usize].push((output, weight));
        }
        for (node, weights) in self.nodes.iter_mut().zip(of_nodes).filter(|(node, _)| node.mode == Mode::Leaf) {
            node.yes = self.weights.len() as u32;
            self.weights.extend(weights);
            node.no = self.weights.len() as u32;
        }
        Ok(())
    }

    /// Shares as the file tells them, when they are more than a filling: what is beneath a node must add up to it.
    fn told_shares(&self, told: &[f64]) -> Option<Vec<f32>> {
        let share = |at: u32| told[at as usize];
        let adds_up = |(at, node): (usize, &Node)| {
            let beneath = share(node.yes) + share(node.no);
            node.mode == Mode::Leaf || (told[at] - beneath).abs() <= SHARES_OFF * told[at]
        };
        let sound = told.len() == self.nodes.len() && told.iter().all(|share| share.is_finite() && *share >= 0.0);
        (sound && self.nodes.iter().enumerate().all(adds_up)).then(|| told.iter().map(|share| *share as f32).collect())
    }

    pub(super) fn base_values(&self) -> usize {
        self.base.len()
    }

    /// The same with so many outputs, of which weights use no more.
    pub(super) fn with_outputs(self, outputs: usize) -> Self {
        Self { outputs, ..self }
    }

    /// Whether some weight is for this output.
    pub(super) fn weighs(&self, output: u32) -> bool {
        self.weights.iter().any(|(of, _)| *of == output)
    }

    pub(super) fn has_negative_weights(&self) -> bool {
        self.weights.iter().any(|(_, weight)| *weight < 0.0)
    }

    pub(super) fn run(&self, x: &Tensor, budget: &mut Budget) -> Read<Tensor> {
        let (rows, columns) = x.table()?;
        if columns < self.columns_min {
            return Err(format!("it asks for column {} and is given {columns}", self.columns_min - 1));
        }
        let shape = vec![rows, self.outputs];
        let mut out = Vec::with_capacity(budget.room(&shape)?);
        budget.work(rows, self.roots.len(), 1)?;
        let values = x.wide()?;
        let mut sums = vec![None; self.outputs];
        for row in 0..rows {
            sums.fill(None);
            let row = &values[row * columns..(row + 1) * columns];
            for root in &self.roots {
                let leaf = self.nodes[self.leaf(*root, row, budget)? as usize];
                for (output, weight) in &self.weights[leaf.yes as usize..leaf.no as usize] {
                    let sum = &mut sums[*output as usize];
                    *sum = Some(self.add(*sum, *weight, x.is_wide()));
                }
            }
            out.extend(sums.iter().enumerate().map(|(output, sum)| self.finished(output, *sum, x.is_wide())));
        }
        Ok(Tensor::new(shape, Data::F32(out)))
    }

    fn leaf(&self, root: u32, row: &[f64], budget: &mut Budget) -> Read<u32> {
        let (mut at, mut steps) = (root, 0);
        loop {
            let node = &self.nodes[at as usize];
            let Some(passes) = node.passes(row) else {
                budget.work(steps, 1, 1)?;
                return Ok(at);
            };
            (at, steps) = (if passes { node.yes } else { node.no }, steps + 1);
        }
    }

    /// Sums run in the width of the input, as runtimes' do.
    fn add(&self, sum: Option<f64>, weight: f64, wide: bool) -> f64 {
        match (sum, self.aggregate) {
            (None, _) => weight,
            (Some(sum), Aggregate::Min) => sum.min(weight),
            (Some(sum), Aggregate::Max) => sum.max(weight),
            (Some(sum), _) if wide => sum + weight,
            (Some(sum), _) => f64::from(sum as f32 + weight as f32),
        }
    }

    fn finished(&self, output: usize, sum: Option<f64>, wide: bool) -> f32 {
        let mut sum = sum.unwrap_or(0.0);
        if self.aggregate == Aggregate::Average {
            let trees = self.roots.len() as f64;
            sum = if wide { sum / trees } else { f64::from(sum as f32 / trees as f32) };
        }
        let base = self.base.get(output).copied().unwrap_or(0.0);
        if wide { (sum + base) as f32 } else { sum as f32 + base as f32 }
    }

    /// How many of the rows go through each node.
    pub(in crate::onnx) fn counted(&self, x: &Tensor) -> Read<Vec<f32>> {
        let (rows, columns) = x.table()?;
        if columns < self.columns_min {
            return Err(format!("it asks for column {} and is given {columns}", self.columns_min - 1));
        }
        let (values, mut counts) = (x.wide()?, vec![0.0_f32; self.nodes.len()]);
        for row in 0..rows {
            let row = &values[row * columns..(row + 1) * columns];
            for root in &self.roots {
                let mut at = *root;
                counts[at as usize] += 1.0;
                while let Some(passes) = self.nodes[at as usize].passes(row) {
                    let node = &self.nodes[at as usize];
                    at = if passes { node.yes } else { node.no };
                    counts[at as usize] += 1.0;
                }
            }
        }
        Ok(counts)
    }

    /// The trees as this crate walks and explains them, for an output or the difference of two; nothing, when thresholds are no floats or leaves do not add up.
    pub(in crate::onnx) fn forest(
        &self,
        columns: usize,
        output: usize,
        less: Option<usize>,
        shares: Option<&[f32]>,
    ) -> Option<Result<GivenForest>> {
        let branches = || self.nodes.iter().filter(|node| node.mode != Mode::Leaf);
        let floats = |node: &Node| node.threshold.is_finite() && f64::from(node.threshold as f32) == node.threshold;
        let by = match self.aggregate {
            Aggregate::Sum => 1.0,
            Aggregate::Average => 1.0 / self.roots.len() as f64,
            Aggregate::Min | Aggregate::Max => return None,
        };
        if columns < self.columns_min || !branches().all(floats) {
            return None;
        }
        let of = |leaf: &Node, output: usize| {
            let weights = &self.weights[leaf.yes as usize..leaf.no as usize];
            weights.iter().filter(|(of, _)| *of as usize == output).map(|(_, weight)| weight).sum::<f64>()
        };
        let value = |leaf: &Node| by * (of(leaf, output) - less.map_or(0.0, |less| of(leaf, less)));
        let base = |output: usize| self.base.get(output).copied().unwrap_or(0.0);
        let base = base(output) - less.map_or(0.0, base);
        let shares = shares.filter(|shares| shares.len() == self.nodes.len()).or(self.shares.as_deref());
        let given = |at: usize| {
            let node = &self.nodes[at];
            let cover = shares.map_or(1.0, |shares| shares[at]);
            node.given(if node.mode == Mode::Leaf { value(node) } else { 0.0 }, cover)
        };
        let nodes: Vec<GivenNode> = (0..self.nodes.len()).map(given).collect();
        Some(GivenForest::of(&nodes, &self.roots, base, columns))
    }
}

impl Node {
    /// Whether a row passes; nothing at a leaf.
    fn passes(&self, row: &[f64]) -> Option<bool> {
        if self.mode == Mode::Leaf {
            return None;
        }
        let (value, threshold) = (row[self.feature as usize], self.threshold);
        let passes = match self.mode {
            Mode::AtMost => value <= threshold,
            Mode::Below => value < threshold,
            Mode::AtLeast => value >= threshold,
            Mode::Above => value > threshold,
            Mode::Equal => value == threshold,
            Mode::Unequal => value != threshold,
            Mode::Leaf => false,
        };
        Some(passes || (self.gap_passes && value.is_nan()))
    }

    /// The same test as one of "below" or "equal": at most a float is below the next one, and the others are these turned round.
    fn given(&self, value: f64, cover: f32) -> GivenNode {
        let (feature, threshold) = (self.feature, self.threshold as f32);
        let next = threshold.next_up();
        let (yes, no, gap) = (self.yes, self.no, self.gap_passes);
        let (test, left, right) = match self.mode {
            Mode::Leaf => (Test::Leaf, 0, 0),
            Mode::AtMost => (Test::Below { feature, below: next, gap_left: gap }, yes, no),
            Mode::Below => (Test::Below { feature, below: threshold, gap_left: gap }, yes, no),
            Mode::AtLeast => (Test::Below { feature, below: threshold, gap_left: !gap }, no, yes),
            Mode::Above => (Test::Below { feature, below: next, gap_left: !gap }, no, yes),
            Mode::Equal => (Test::Equal { feature, to: threshold, gap_left: gap }, yes, no),
            // A gap is unlike any number.
            Mode::Unequal => (Test::Equal { feature, to: threshold, gap_left: false }, no, yes),
        };
        GivenNode { test, left, right, value, cover }
    }
}

/// Where a node (tree, node) of the file stands.
type Places = FxHashMap<(i64, i64), u32>;

/// The lists that nodes are told in.
struct Lists<'a> {
    trees: &'a [i64],
    ids: &'a [i64],
    features: &'a [i64],
    modes: Vec<Mode>,
    thresholds: Vec<f64>,
    yes: &'a [i64],
    no: &'a [i64],
    gaps: &'a [i64],
}

impl<'a> Lists<'a> {
    fn of(attributes: Attributes<'a>) -> Read<Self> {
        let modes = attributes.find("nodes_modes").map_or(&[][..], |attribute| &attribute.texts);
        let lists = Self {
            trees: attributes.ints("nodes_treeids"),
            ids: attributes.ints("nodes_nodeids"),
            features: attributes.ints("nodes_featureids"),
            modes: modes.iter().map(|mode| mode_of(mode)).collect::<Read<Vec<_>>>()?,
            thresholds: attributes.numbers("nodes_values")?,
            yes: attributes.ints("nodes_truenodeids"),
            no: attributes.ints("nodes_falsenodeids"),
            gaps: attributes.ints("nodes_missing_value_tracks_true"),
        };
        let nodes = lists.modes.len();
        if !(1..=NODES_MAX).contains(&nodes) {
            return Err(format!("it has {nodes} nodes; 1 to {NODES_MAX} are taken"));
        }
        let lengths = [lists.trees, lists.ids, lists.features, lists.yes, lists.no].map(<[i64]>::len);
        let gaps = [0, nodes].contains(&lists.gaps.len());
        match lengths == [nodes; 5] && lists.thresholds.len() == nodes && gaps {
            true => Ok(lists),
            false => Err("its lists of nodes have different lengths".to_owned()),
        }
    }

    fn places(&self) -> Read<Places> {
        let mut places = Places::default();
        for (at, (tree, id)) in self.trees.iter().zip(self.ids).enumerate() {
            if places.insert((*tree, *id), at as u32).is_some() {
                return Err(format!("node {id} of tree {tree} comes twice"));
            }
        }
        Ok(places)
    }

    fn node(&self, at: usize, places: &Places) -> Read<Node> {
        let (tree, mode) = (self.trees[at], self.modes[at]);
        let gap_passes = self.gaps.get(at) == Some(&1);
        if mode == Mode::Leaf {
            return Ok(Node { mode, gap_passes, feature: 0, threshold: 0.0, yes: 0, no: 0 });
        }
        let child = |id: i64| {
            places
                .get(&(tree, id))
                .copied()
                .ok_or_else(|| format!("tree {tree} leads to node {id}, which is not there"))
        };
        let feature = u32::try_from(self.features[at]).ok().filter(|feature| *feature < GivenForest::FEATURES_MAX);
        let feature = feature.ok_or_else(|| format!("tree {tree} asks for feature {}", self.features[at]))?;
        let (yes, no) = (child(self.yes[at])?, child(self.no[at])?);
        Ok(Node { mode, gap_passes, feature, threshold: self.thresholds[at], yes, no })
    }
}

fn mode_of(name: &[u8]) -> Read<Mode> {
    Ok(match name {
        b"BRANCH_LEQ" => Mode::AtMost,
        b"BRANCH_LT" => Mode::Below,
        b"BRANCH_GTE" => Mode::AtLeast,
        b"BRANCH_GT" => Mode::Above,
        b"BRANCH_EQ" => Mode::Equal,
        b"BRANCH_NEQ" => Mode::Unequal,
        b"LEAF" => Mode::Leaf,
        other => return Err(format!("the kind of node `{}` is not known", String::from_utf8_lossy(other))),
    })
}

fn aggregate(name: &str) -> Read<Aggregate> {
    match name {
        "SUM" => Ok(Aggregate::Sum),
        "AVERAGE" => Ok(Aggregate::Average),
        "MIN" => Ok(Aggregate::Min),
        "MAX" => Ok(Aggregate::Max),
        other => Err(format!("its aggregate_function `{other}` is not known")),
    }
}

/// The root of every tree, in the order in which trees come.
fn roots(nodes: &[Node], trees: &[i64]) -> Read<Vec<u32>> {
    let mut parents = vec![0_u32; nodes.len()];
    for node in nodes.iter().filter(|node| node.mode != Mode::Leaf) {
        parents[node.yes as usize] += 1;
        parents[node.no as usize] += 1;
    }
    let roots: Vec<u32> = (0..nodes.len() as u32).filter(|at| parents[*at as usize] == 0).collect();
    let mut seen = FxHashMap::default();
    for root in &roots {
        let tree = trees[*root as usize];
        if seen.insert(tree, ()).is_some() {
            return Err(format!("tree {tree} has two roots"));
        }
    }
    let (mut reached, mut open) = (0_usize, roots.clone());
    while let Some(at) = open.pop() {
        reached += 1;
        let node = &nodes[at as usize];
        if node.mode != Mode::Leaf {
            open.extend([node.yes, node.no]);
        }
        // A node with two parents would be counted twice: no longer than there are nodes.
        if reached > nodes.len() {
            break;
        }
    }
    match reached == nodes.len() && parents.iter().all(|parents| *parents <= 1) {
        true => Ok(roots),
        false => Err("its nodes are no trees: one is reached on no path, or on several".to_owned()),
    }
}
