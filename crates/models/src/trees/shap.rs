//! Exact SHAP values of trees, in 64 bits.
//!
//! The game is the path-dependent one of Lundberg, Erion and Lee ("Consistent individualized feature attribution for tree
//! ensembles", 2018), which the Python package `shap` and LightGBM's `pred_contrib` play too: where a feature is not known, a row goes both ways, in the
//! shares in which training data went. With one leaf of value v, whose path tests the features j, a set S of known features is worth
//! v · Π(j in S) o_j · Π(j not in S) r_j, where o_j is 1 when the row passes all tests of j on the path and else 0, and r_j is the product of
//! the shares of its edges. The Shapley value of such a product is an integral over the chance p that another feature is known:
//!
//! ```text
//! φ_i = v · (o_i − r_i) · ∫₀¹ Π(j ≠ i) (p·o_j + (1 − p)·r_j) dp
//! ```
//!
//! The integrand is a polynomial of degree D − 1 when a path tests D features, so Gauss and Legendre's rule with ⌈D/2⌉ points is exact, not an
//! approximation. One pass over a tree from the root down multiplies factors, one pass back adds leaves up, and each edge then
//! takes its feature's part. A feature that is tested again further down changes its factor there; what the upper edge takes for the leaves beneath
//! is given back at the lower one.

pub(crate) use super::forest::NodeView;
use crate::error::{ModelError, Result};

/// No such node.
const NONE: u32 = u32::MAX;
/// Shares of training data are at least this, so that a branch that no data took still has a finite factor.
const SHARE_MIN: f64 = 1e-9;
/// The most different features on one path.
const FEATURES_MAX: usize = 64;

/// One split of a tree, as both passes need it. Trees of one forest are walked through for every row, so that what a split takes in memory is what an
/// explanation takes in time: factors of edges whose feature was not tested above follow from one number each. What hangs on the row is chosen, not branched to: on
/// a row that the processor has not seen it would guess wrong at every second split.
#[derive(Debug, Clone)]
struct Split {
    feature: u32,
    /// Positions within the tree, of itself and of what is to its right; what is to its left stands right behind it.
    at: u32,
    right: u32,
    /// The nearest edge above with the same feature.
    before: u32,
    /// The place of the left edge among [`Tree::repeats`], where there is such an edge; the right one's is the next.
    repeat: u32,
    left: Edge,
    to_right: Edge,
}

#[derive(Debug, Clone)]
struct Edge {
    /// The product of shares of the path's edges with the same feature, up to and with this one.
    known: f64,
    /// What the path's product is multiplied with when the row took neither this edge nor the feature's edge above.
    again: f64,
    /// Of the leaf beneath; one where a split is beneath.
    value: f64,
}

/// What the path's product is multiplied with at an edge whose feature was tested above, for each of the rule's points.
#[derive(Debug, Clone)]
struct Repeat<const N: usize> {
    /// When the row takes this edge, …
    taken: [f64; N],
    /// … and when it does not, though it took the feature's edge above.
    left: [f64; N],
}

#[derive(Debug, Clone)]
struct Tree<const N: usize> {
    /// Its first node's position among all nodes of the forest.
    start: u32,
    nodes: usize,
    /// Parents before their children.
    splits: Vec<Split>,
    /// What the feature of each edge (that to a node) gets of what lies beneath, by point, when the row takes it.
    parts: Vec<[f64; N]>,
    repeats: Vec<Repeat<N>>,
}

#[derive(Debug, Clone)]
enum Sized {
    Two(Tree<2>),
    Four(Tree<4>),
    Six(Tree<6>),
    Eight(Tree<8>),
    Sixteen(Tree<16>),
    ThirtyTwo(Tree<32>),
}

/// What lies between two rows.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    /// By node and point: on the way down the products along its path, on the way back the sum of the leaves beneath it.
    lanes: Vec<f64>,
    /// By node: whether the row takes the edge to it, and the feature's edges above.
    taken: Vec<bool>,
    /// By split: whether the row goes left, and whether it took the feature's edge above.
    gone: Vec<Gone>,
}

#[derive(Debug, Default, Clone, Copy)]
struct Gone {
    left: bool,
    came: bool,
}

/// Trees made ready for explanations.
#[derive(Debug, Clone)]
pub(crate) struct Explainer {
    trees: Vec<Sized>,
    rules: Rules,
    expected: f64,
}

#[derive(Debug, Clone)]
struct Rules {
    two: Rule<2>,
    four: Rule<4>,
    six: Rule<6>,
    eight: Rule<8>,
    sixteen: Rule<16>,
    thirty_two: Rule<32>,
}

impl Explainer {
    /// Makes trees ready; nodes of each come with links into the whole forest.
    pub(crate) fn of(trees: &[Vec<NodeView>], base: f64) -> Result<Self> {
        let rules = Rules {
            two: Rule::new(),
            four: Rule::new(),
            six: Rule::new(),
            eight: Rule::new(),
            sixteen: Rule::new(),
            thirty_two: Rule::new(),
        };
        let (mut ready, mut start, mut expected) = (Vec::with_capacity(trees.len()), 0, base);
        for tree in trees {
            let shape = Shape::of(tree, start);
            expected += shape.expected(tree);
            ready.push(match shape.features_max {
                0..=4 => Sized::Two(shape.tree(tree, start, &rules.two)),
                5..=8 => Sized::Four(shape.tree(tree, start, &rules.four)),
                9..=12 => Sized::Six(shape.tree(tree, start, &rules.six)),
                13..=16 => Sized::Eight(shape.tree(tree, start, &rules.eight)),
                17..=32 => Sized::Sixteen(shape.tree(tree, start, &rules.sixteen)),
                33..=FEATURES_MAX => Sized::ThirtyTwo(shape.tree(tree, start, &rules.thirty_two)),
                found => {
                    return Err(ModelError::Argument {
                        what: "the number of features on one path of a tree",
                        found: found.to_string(),
                        allowed: "64 can be explained exactly; grow smaller trees",
                    });
                }
            });
            start += tree.len();
        }
        Ok(Self { trees: ready, rules, expected })
    }

    pub(crate) fn expected(&self) -> f64 {
        self.expected
    }

    /// Adds what each feature contributes to some rows, `out` by row; `step` says where a row goes from a node of the forest. A tree explains all
    /// rows while it is in the cache. Inlined into a caller that was compiled for the machine's vector instructions.
    #[inline(always)]
    pub(crate) fn explain(
        &self,
        step: &impl Fn(usize, u32) -> u32,
        scratch: &mut Scratch,
        out: &mut [f64],
        features: usize,
    ) {
        for tree in &self.trees {
            for (row, out) in out.chunks_exact_mut(features).enumerate() {
                let step = |node| step(row, node);
                match tree {
                    Sized::Two(tree) => tree.explain(&self.rules.two, &step, scratch, out),
                    Sized::Four(tree) => tree.explain(&self.rules.four, &step, scratch, out),
                    Sized::Six(tree) => tree.explain(&self.rules.six, &step, scratch, out),
                    Sized::Eight(tree) => tree.explain(&self.rules.eight, &step, scratch, out),
                    Sized::Sixteen(tree) => tree.explain(&self.rules.sixteen, &step, scratch, out),
                    Sized::ThirtyTwo(tree) => tree.explain(&self.rules.thirty_two, &step, scratch, out),
                }
            }
        }
    }
}

/// What paths of a tree look like.
struct Shape {
    parents: Vec<u32>,
    before: Vec<u32>,
    /// The share of the parent's training data that took the edge.
    shares: Vec<f64>,
    /// The product of shares of the path's edges with the same feature, up to and with this one.
    known: Vec<f64>,
    features_max: usize,
}

impl Shape {
    fn of(tree: &[NodeView], start: usize) -> Self {
        let nodes = tree.len();
        let mut shape = Self {
            parents: vec![NONE; nodes],
            before: vec![NONE; nodes],
            shares: vec![1.0; nodes],
            known: vec![1.0; nodes],
            features_max: 0,
        };
        let mut different = vec![0; nodes];
        for at in 0..nodes {
            let Some((left, right)) = tree[at].children else {
                shape.features_max = shape.features_max.max(different[at]);
                continue;
            };
            let (left, right) = (left - start, right - start);
            let before = shape.nearest(tree, at, tree[at].feature);
            let all = tree[left].cover + tree[right].cover;
            let share = if all > 0.0 { (tree[left].cover / all).clamp(SHARE_MIN, 1.0 - SHARE_MIN) } else { 0.5 };
            for (child, share) in [(left, share), (right, 1.0 - share)] {
                shape.parents[child] = at as u32;
                shape.before[child] = before;
                shape.shares[child] = share;
                shape.known[child] = share * if before == NONE { 1.0 } else { shape.known[before as usize] };
                different[child] = different[at] + usize::from(before == NONE);
            }
        }
        shape
    }

    /// The nearest edge above the children of `at` that belongs to a feature.
    fn nearest(&self, tree: &[NodeView], mut at: usize, feature: usize) -> u32 {
        while self.parents[at] != NONE {
            let parent = self.parents[at] as usize;
            if tree[parent].feature == feature {
                return at as u32;
            }
            at = parent;
        }
        NONE
    }

    fn expected(&self, tree: &[NodeView]) -> f64 {
        let mut reach = vec![1.0; tree.len()];
        let mut sum = 0.0;
        for at in 0..tree.len() {
            if self.parents[at] != NONE {
                reach[at] = reach[self.parents[at] as usize] * self.shares[at];
            }
            if tree[at].children.is_none() {
                sum += reach[at] * tree[at].value;
            }
        }
        sum
    }

    fn tree<const N: usize>(&self, tree: &[NodeView], start: usize, rule: &Rule<N>) -> Tree<N> {
        let factor = |point: usize, known: f64| rule.points[point] + rule.rest[point] * known;
        let mut repeats = Vec::new();
        let mut splits = Vec::with_capacity(tree.len() / 2);
        for (at, node) in tree.iter().enumerate() {
            let Some((left, right)) = node.children.map(|(left, right)| (left - start, right - start)) else {
                continue;
            };
            let (before, mut repeat) = (self.before[left], NONE);
            if before != NONE {
                repeat = repeats.len() as u32;
                let above = |point: usize| factor(point, self.known[before as usize]);
                repeats.extend([left, right].map(|edge| Repeat {
                    taken: std::array::from_fn(|point| factor(point, self.known[edge]) / above(point)),
                    left: std::array::from_fn(|point| rule.rest[point] * self.known[edge] / above(point)),
                }));
            }
            let edge = |to: usize| Edge {
                known: self.known[to],
                again: self.shares[to],
                value: if tree[to].children.is_none() { tree[to].value } else { 1.0 },
            };
            let (at, feature) = (at as u32, node.feature as u32);
            let (left, to_right) = (edge(left), edge(right));
            splits.push(Split { feature, at, right: right as u32, before, repeat, left, to_right });
        }
        let part =
            |known: &f64| std::array::from_fn(|point| (1.0 - known) * rule.weights[point] / factor(point, *known));
        Tree { start: start as u32, nodes: tree.len(), splits, parts: self.known.iter().map(part).collect(), repeats }
    }
}

impl<const N: usize> Tree<N> {
    #[inline(always)]
    fn explain(&self, rule: &Rule<N>, step: &impl Fn(u32) -> u32, scratch: &mut Scratch, out: &mut [f64]) {
        scratch.ready(self.nodes * N, self.nodes, self.splits.len());
        let Scratch { lanes, taken, gone } = scratch;
        let (lanes, _) = lanes.as_chunks_mut::<N>();
        self.down(rule, step, lanes, taken, gone);
        for (split, gone) in self.splits.iter().zip(gone.iter()).rev() {
            let (at, right) = (split.at as usize, split.right as usize);
            let (with, without) = if gone.left { (at + 1, right) } else { (right, at + 1) };
            let mut part = dot(&lanes[with], &self.parts[with]) - dot(&lanes[without], &rule.untaken);
            let sum: [f64; N] = std::array::from_fn(|point| lanes[with][point] + lanes[without][point]);
            if split.before != NONE {
                part -= dot(&sum, &self.parts[split.before as usize]);
                part = if gone.came { part } else { 0.0 };
            }
            out[split.feature as usize] += part;
            lanes[at] = sum;
        }
    }

    /// Products along paths, at leaves times their values.
    #[inline(always)]
    fn down(
        &self,
        rule: &Rule<N>,
        step: &impl Fn(u32) -> u32,
        lanes: &mut [[f64; N]],
        taken: &mut [bool],
        gone: &mut [Gone],
    ) {
        lanes[0] = [1.0; N];
        for (split, gone) in self.splits.iter().zip(gone) {
            let (at, right) = (split.at as usize, split.right as usize);
            let left = step(self.start + split.at) != self.start + split.right;
            let came = split.before == NONE || taken[split.before as usize];
            (taken[at + 1], taken[right]) = (came && left, came && !left);
            *gone = Gone { left, came };
            let above = lanes[at];
            let ways = [(at + 1, &split.left, left, 0), (right, &split.to_right, !left, 1)];
            for (to, edge, takes, second) in ways {
                lanes[to] = match split.repeat {
                    NONE => {
                        let share = if takes { 1.0 } else { 0.0 };
                        std::array::from_fn(|point| {
                            above[point] * edge.value * (share * rule.points[point] + rule.rest[point] * edge.known)
                        })
                    }
                    _ if !came => std::array::from_fn(|point| above[point] * (edge.value * edge.again)),
                    repeat => {
                        let repeat = &self.repeats[repeat as usize + second];
                        let factors = if takes { &repeat.taken } else { &repeat.left };
                        std::array::from_fn(|point| above[point] * edge.value * factors[point])
                    }
                };
            }
        }
    }
}

impl Scratch {
    fn ready(&mut self, lanes: usize, nodes: usize, splits: usize) {
        if self.lanes.len() < lanes {
            self.lanes.resize(lanes, 0.0);
        }
        if self.taken.len() < nodes {
            self.taken.resize(nodes, false);
        }
        if self.gone.len() < splits {
            self.gone.resize(splits, Gone::default());
        }
    }
}

#[inline(always)]
fn dot<const N: usize>(a: &[f64; N], b: &[f64; N]) -> f64 {
    let mut sum = [0.0; 2];
    for (a, b) in a.as_chunks::<2>().0.iter().zip(b.as_chunks::<2>().0) {
        sum[0] += a[0] * b[0];
        sum[1] += a[1] * b[1];
    }
    sum[0] + sum[1]
}

/// Gauss and Legendre's rule on 0 to 1.
#[derive(Debug, Clone)]
struct Rule<const N: usize> {
    points: [f64; N],
    /// `1 − point`.
    rest: [f64; N],
    weights: [f64; N],
    /// What a feature that is not taken loses of what lies beneath: `weight / (1 − point)`.
    untaken: [f64; N],
}

impl<const N: usize> Rule<N> {
    fn new() -> Self {
        let roots: [(f64, f64); N] = std::array::from_fn(|at| root(N, at));
        let points = roots.map(|(root, _)| f64::midpoint(root, 1.0));
        let weights = roots.map(|(root, slope)| 1.0 / ((1.0 - root * root) * slope * slope));
        let rest = points.map(|point| 1.0 - point);
        Self { points, rest, weights, untaken: std::array::from_fn(|at| weights[at] / rest[at]) }
    }
}

/// A root of the Legendre polynomial of a degree and the slope there, by Newton's method from Tricomi's guess.
fn root(degree: usize, at: usize) -> (f64, f64) {
    let n = degree as f64;
    let mut x = (std::f64::consts::PI * (at as f64 + 0.75) / (n + 0.5)).cos();
    let mut slope = 1.0;
    // Six steps double the digits of a guess that has three.
    for _ in 0..6 {
        let (mut previous, mut value) = (1.0, x);
        for k in 2..=degree {
            let k = k as f64;
            (previous, value) = (value, ((2.0 * k - 1.0) * x * value - (k - 1.0) * previous) / k);
        }
        slope = n * (x * value - previous) / (x * x - 1.0);
        x -= value / slope;
    }
    (x, slope)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rule_integrates_polynomials_of_twice_its_points_exactly() {
        fn check<const N: usize>() {
            let rule = Rule::<N>::new();
            for degree in 0..2 * N {
                let found: f64 = (0..N).map(|at| rule.weights[at] * rule.points[at].powi(degree as i32)).sum();
                let exact = 1.0 / (degree as f64 + 1.0);
                assert!((found - exact).abs() < 1e-14, "{N} points, degree {degree}: {found} and {exact}");
            }
        }
        check::<2>();
        check::<4>();
        check::<6>();
        check::<8>();
        check::<16>();
        check::<32>();
    }
}
