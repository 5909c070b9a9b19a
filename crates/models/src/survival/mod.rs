//! How long until something happens: proportional hazards, and any learner of yes and no on discrete time.

mod cox;
mod discrete;

pub use cox::{CoxModel, CoxRegression};
pub use discrete::{DiscreteModel, DiscreteTime, SavedDiscrete};

use crate::error::{ModelError, Result, same_length};

/// Harrell's concordance: of pairs of which one is known to have happened before the other, the share in which it had the higher
/// risk; equal risks count half.
///
/// # Errors
/// When lengths differ, or no pair can be compared.
pub fn concordance(times: &[f64], happened: &[bool], risk: &[f64]) -> Result<f64> {
    same_length("happened", happened.len(), times.len())?;
    same_length("risk", risk.len(), times.len())?;
    // By falling time, risks of those who were there longer are in a tree of ranks: pairs are counted in n·log n.
    let mut ranks: Vec<f64> = risk.to_vec();
    ranks.sort_unstable_by(f64::total_cmp);
    ranks.dedup();
    let rank = |risk: f64| ranks.partition_point(|known| *known < risk);
    let mut order: Vec<usize> = (0..times.len()).collect();
    order.sort_by(|&a, &b| times[b].total_cmp(&times[a]).then(a.cmp(&b)));
    let mut longer = Tally(vec![0; ranks.len() + 1]);
    let (mut pairs, mut agreeing, mut at, mut there) = (0_u64, 0.0, 0, 0_u64);
    while at < order.len() {
        let end =
            order[at..].iter().position(|&row| times[row] != times[order[at]]).map_or(order.len(), |more| at + more);
        let tied = &order[at..end];
        // Who was seen no longer after the same time outlived those to whom it happened then.
        for &row in tied.iter().filter(|&&row| !happened[row]) {
            longer.add(rank(risk[row]));
            there += 1;
        }
        for &row in tied.iter().filter(|&&row| happened[row]) {
            let rank = rank(risk[row]);
            let (below, with) = (longer.below(rank), longer.below(rank + 1));
            pairs += there;
            agreeing += below as f64 + (with - below) as f64 / 2.0;
        }
        for &row in tied.iter().filter(|&&row| happened[row]) {
            longer.add(rank(risk[row]));
            there += 1;
        }
        at = end;
    }
    match pairs {
        0 => Err(ModelError::TooLittle { what: "pairs whose order in time is known", found: 0, needed: 1 }),
        _ => Ok(agreeing / pairs as f64),
    }
}

/// Counts by rank, with sums of all ranks below one (Fenwick 1994).
struct Tally(Vec<u64>);

impl Tally {
    fn add(&mut self, rank: usize) {
        let mut at = rank + 1;
        while at < self.0.len() {
            self.0[at] += 1;
            at += at & at.wrapping_neg();
        }
    }

    fn below(&self, rank: usize) -> u64 {
        let (mut at, mut sum) = (rank, 0);
        while at > 0 {
            sum += self.0[at];
            at -= at & at.wrapping_neg();
        }
        sum
    }
}
