//! Estimating the prior, u and m without labels.
//!
//! *Model* (Fellegi & Sunter 1969). A pair is at one level of each comparison. Given whether it is one person (M) or two
//! (U), the levels of different comparisons are taken as independent: P(γ | M) = Π m, P(γ | U) = Π u.
//!
//! *u* comes from pairs drawn at random, nearly all of which are two persons. The few matches among them would count most
//! where u is smallest, so each drawn pair counts only with the probability that it is none, 1 − λ Π m / (λ Π m + (1 − λ) Π u).
//! No more than a share λ is taken out in all. u and m are therefore estimated in turn.
//!
//! *m* comes from expectation-maximisation (Dempster, Laird & Rubin 1977; for record linkage Winkler 1988; Enamorado,
//! Fifield & Imai 2019) over the pairs of a training block, with u held. A pair's posterior is
//! λ_b Π m / (λ_b Π m + (1 − λ_b) Π u); the new m of a level is the posterior mass at that level by the mass at all
//! levels that are not missing, and λ_b is the mean posterior. It begins with the matches expected in the block (all
//! matches, times m of the closest level of each comparison that the block's key decides) by its pairs, and stays there when the block tells of one comparison only, which cannot tell λ_b from m. Comparisons whose columns are in the key of the block
//! say nothing there and are left out; m of the others is the mean of the blocks.
//!
//! Pairs with the same levels are counted, not kept, so a round of EM costs as much as there are patterns of levels.

mod em;
mod patterns;
mod prior;

use serde::{Deserialize, Serialize};

use crate::{
    compare::{Ladder, compile},
    error::Result,
    model::{ComparisonModel, Model},
    settings::Settings,
    table::Records,
};
use em::{Fit, maximise};
use patterns::{Patterns, level};

/// Smallest probability that a level keeps.
const PROBABILITY_MIN: f64 = 1e-9;
/// How often u and m are estimated in turn.
const TURNS: usize = 4;
/// A level that the draw never met gets half a pair, so that no weight is infinite.
const UNSEEN_PAIRS: f64 = 0.5;

/// How a training block did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BlockReport {
    /// The rule.
    pub rule: String,
    /// Pairs in the block.
    pub pairs: u64,
    /// Different patterns of levels among them.
    pub patterns: u64,
    /// Rounds of EM.
    pub iterations: u32,
    /// The share of matches among the pairs.
    pub matches: f64,
}

/// A trained model, and how it came to be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Trained {
    /// The parameters.
    pub model: Model,
    /// How each block did.
    pub blocks: Vec<BlockReport>,
}

/// Estimates the parameters from the records alone.
///
/// # Errors
/// When the settings name columns that are not there or are out of bounds.
pub fn train(records: &Records, settings: &Settings) -> Result<Trained> {
    let ladders = compile(records, &settings.comparisons)?;
    let prior = prior::estimate(records, settings)?;
    let drawn = Patterns::of_sample(records, &ladders, &settings.training);
    let blocks = training_blocks(records, &ladders, settings)?;
    let matches = prior * prior::all_pairs(records.len());
    let mut model = Model::guess(&settings.comparisons, prior);
    let mut reports = Vec::new();
    for turn in 0..TURNS {
        estimate_u(&mut model, &drawn, settings.training.matches_out_of_sample && turn > 0);
        reports = estimate_m(&mut model, &blocks, matches);
    }
    Ok(Trained { model, blocks: reports })
}

/// The pairs of one training block, and which comparisons they tell of.
struct Block {
    rule: String,
    patterns: Patterns,
    told: Vec<usize>,
}

impl Block {
    /// The share of all matches that the block should hold: those that agree on what its key is made of.
    fn matches_kept(&self, model: &Model) -> f64 {
        let own = (0..model.comparisons.len()).filter(|at| !self.told.contains(at));
        own.map(|at| model.comparisons[at].levels[0].m).product()
    }
}

fn training_blocks(records: &Records, ladders: &[Ladder], settings: &Settings) -> Result<Vec<Block>> {
    let of = |rule: &crate::blocking::Rule| {
        let (patterns, columns) = Patterns::of_block(records, ladders, rule, settings)?;
        let apart = |ladder: &Ladder| ladder.columns.iter().all(|column| !columns.contains(column));
        let told = (0..ladders.len()).filter(|at| apart(&ladders[*at])).collect();
        Ok(Block { rule: rule.name.clone(), patterns, told })
    };
    settings.training.blocks.iter().map(of).collect()
}

/// u of each level: its share of the drawn pairs that are not missing, each counted as far as it is no match. Before m is
/// known, all count in full. No more than the share λ is taken out, so that pairs which agree for another reason (one
/// household, one workplace) are not all taken for matches.
fn estimate_u(model: &mut Model, drawn: &Patterns, matches_known: bool) {
    let mut mass: Vec<Vec<f64>> = model.comparisons.iter().map(|of| vec![0.0; of.levels.len()]).collect();
    let expected: f64 = drawn.iter().map(|(pattern, pairs)| pairs * match_probability(model, pattern)).sum();
    let most = model.prior * drawn.pairs() as f64;
    let taken_out = if matches_known { (most / expected.max(f64::MIN_POSITIVE)).min(1.0) } else { 0.0 };
    for (pattern, pairs) in drawn.iter() {
        let two = 1.0 - taken_out * match_probability(model, pattern);
        for (at, mass) in mass.iter_mut().enumerate() {
            if let Some(level) = level(pattern, at) {
                mass[level] += pairs * two;
            }
        }
    }
    for (comparison, mass) in model.comparisons.iter_mut().zip(mass) {
        let total = mass.iter().sum::<f64>().max(1.0);
        for (level, mass) in comparison.levels.iter_mut().zip(mass) {
            level.u = mass.max(UNSEEN_PAIRS) / total;
        }
        normalise(comparison.levels.iter_mut().map(|level| &mut level.u));
    }
}

/// The probability that pairs of a pattern are matches, under the whole model.
fn match_probability(model: &Model, pattern: u64) -> f64 {
    let levels = model.comparisons.iter().enumerate().filter_map(|(at, of)| Some(&of.levels[level(pattern, at)?]));
    let (one, two) = levels.fold((model.prior, 1.0 - model.prior), |(one, two), of| (one * of.m, two * of.u));
    one / (one + two)
}

/// m of each comparison: the mean of what the blocks tell.
fn estimate_m(model: &mut Model, blocks: &[Block], matches: f64) -> Vec<BlockReport> {
    let fit = |block: &Block| maximise(&block.patterns, &block.told, model, matches * block.matches_kept(model));
    let fits: Vec<Fit> = blocks.iter().map(fit).collect();
    for (at, comparison) in model.comparisons.iter_mut().enumerate() {
        let told: Vec<&Vec<f64>> = fits.iter().filter_map(|fit| fit.m[at].as_ref()).collect();
        average(comparison, &told);
    }
    let report = |(block, fit): (&Block, Fit)| BlockReport {
        rule: block.rule.clone(),
        pairs: block.patterns.pairs(),
        patterns: block.patterns.len() as u64,
        iterations: fit.iterations,
        matches: fit.matches,
    };
    blocks.iter().zip(fits).map(report).collect()
}

fn average(comparison: &mut ComparisonModel, told: &[&Vec<f64>]) {
    if told.is_empty() {
        return;
    }
    for (at, level) in comparison.levels.iter_mut().enumerate() {
        level.m = told.iter().map(|m| m[at]).sum::<f64>() / told.len() as f64;
    }
    normalise(comparison.levels.iter_mut().map(|level| &mut level.m));
    comparison.trained = true;
}

/// Lets probabilities add up to 1 with none at 0 or 1.
fn normalise<'a>(probabilities: impl Iterator<Item = &'a mut f64>) {
    let mut probabilities: Vec<&mut f64> = probabilities.collect();
    probabilities.iter_mut().for_each(|p| **p = p.max(PROBABILITY_MIN));
    let total: f64 = probabilities.iter().map(|p| **p).sum();
    probabilities.iter_mut().for_each(|p| **p /= total);
}
