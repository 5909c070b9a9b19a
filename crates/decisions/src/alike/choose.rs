//! Which method finds best what is hidden.

use florin_measurement::{
    Interval, Sample,
    calibration::{Platt, Scale},
};
use serde::Serialize;

use super::{Alike, FactorSettings, Method, PAIRED_ITEMS_MAX};
use crate::{
    error::{DecisionError, Result, argument},
    evaluation::{Hidden, Judged, Split, judge, lists, ndcg_difference},
    holdings::Holdings,
};

/// The most methods tried.
pub const TRIALS_MAX: usize = 100;
/// Customers whose scores make the sigmoid of chances.
const CALIBRATED_CUSTOMERS_MAX: usize = 2000;

/// How to choose.
#[derive(Debug, Clone, PartialEq)]
pub struct ChooseSettings {
    /// The length of list that counts.
    pub k: usize,
    /// What is tried beside popularity.
    pub methods: Vec<Method>,
}

impl ChooseSettings {
    /// Lists of 10; neighbours and factors with a few settings each, for so many items.
    #[must_use]
    pub fn usual(items: usize, seed: u64) -> Self {
        let mut methods = Vec::new();
        if items <= PAIRED_ITEMS_MAX {
            methods.extend([0.0, 20.0].map(|shrinkage| Method::Cosine { shrinkage }));
            methods.extend([20.0, 100.0, 500.0].map(|ridge| Method::Ease { ridge }));
        }
        let factors = [(16, 5.0, 10.0), (16, 20.0, 10.0), (32, 5.0, 10.0), (32, 20.0, 50.0)];
        let factors = factors.into_iter().filter(|(rank, ..)| *rank <= items.max(16));
        methods
            .extend(factors.map(|(rank, alpha, lambda)| {
                Method::Factors(FactorSettings { rank, alpha, lambda, rounds: 12, seed })
            }));
        Self { k: 10, methods }
    }
}

/// How a method did.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Trial {
    /// Which.
    pub method: Method,
    /// On those who validate.
    pub judged: Judged,
}

/// What was chosen, why, and how good it is on customers who had no part in the choice.
#[derive(Debug, Clone, PartialEq)]
pub struct Chosen {
    /// Learnt by the chosen method from all holdings that were handed in, with chances.
    pub model: Alike,
    /// All that was tried on those who validate, popularity first.
    pub trials: Vec<Trial>,
    /// Which was taken, and why.
    pub why: String,
    /// The chosen method on the test.
    pub test: Judged,
    /// Popularity on the test.
    pub test_popularity: Judged,
    /// How much more NDCG it has there, customer by customer.
    pub test_difference: Interval,
}

/// Tries methods on those who validate and takes the one with the highest NDCG at k (ties: MAP, then the earlier), if it is surely
/// better than popularity there; else popularity. It is then judged on the test, and learnt anew from `all`, which is what it is to
/// recommend from: the split's customers and those who test.
///
/// # Errors
/// When nothing is to be tried or too much, `all` has other items than the split, or a method cannot learn.
pub fn choose(all: &Holdings, split: &Split, settings: &ChooseSettings) -> Result<Chosen> {
    if settings.methods.is_empty() || settings.methods.len() > TRIALS_MAX {
        return Err(argument("the number of methods", settings.methods.len(), "it is from 1 to 100"));
    }
    if all.items() != split.train.items() {
        return Err(argument(
            "the number of items",
            all.items().len(),
            "the split has the same items in the same order",
        ));
    }
    let k = settings.k;
    let popularity = Alike::fit(&split.train, Method::Popularity)?;
    let plain = lists(&popularity, &split.validation, k)?;
    let mut trials = vec![trial(&popularity, &plain, &split.validation, k)?];
    let mut best: Option<(f64, f64, Alike, Vec<Vec<u32>>)> = None;
    for method in &settings.methods {
        let model = Alike::fit(&split.train, *method)?;
        let found = lists(&model, &split.validation, k)?;
        let trial = trial(&model, &found, &split.validation, k)?;
        let (ndcg, map) = (trial.judged.figures.ndcg.value, trial.judged.figures.map.value);
        trials.push(trial);
        if best.as_ref().is_none_or(|(least, then, ..)| (ndcg, map) > (*least, *then)) {
            best = Some((ndcg, map, model, found));
        }
    }
    let Some((_, _, best, found)) = best else {
        return Err(DecisionError::TooLittle { what: "methods", found: 0, needed: 1 });
    };
    let gain = ndcg_difference(&found, &plain, &split.validation, k)?;
    let chance = calibrated(&best, &split.validation)?.filter(|_| gain.low > 0.0);
    let (tried, chance) = match chance {
        Some(chance) => (&best, Some(chance)),
        None => (&popularity, calibrated(&popularity, &split.validation)?),
    };
    let (ours, theirs) = (lists(tried, &split.test, k)?, lists(&popularity, &split.test, k)?);
    let mut model = Alike::fit(all, tried.method)?;
    model.chance = chance;
    Ok(Chosen {
        why: why(&trials, tried, &best, gain, k),
        test: trial(tried, &ours, &split.test, k)?.judged,
        test_popularity: trial(&popularity, &theirs, &split.test, k)?.judged,
        test_difference: ndcg_difference(&ours, &theirs, &split.test, k)?,
        model,
        trials,
    })
}

fn trial(model: &Alike, lists: &[Vec<u32>], of: &[Hidden], k: usize) -> Result<Trial> {
    Ok(Trial { method: model.method, judged: judge(lists, of, k, &model.holders, model.customers)? })
}

/// The sigmoid from scores to chances, from all items that the first customers do not show. Nothing where it would not rise.
fn calibrated(model: &Alike, of: &[Hidden]) -> Result<Option<Platt>> {
    let (mut scores, mut labels) = (Vec::new(), Vec::new());
    for hidden in of.iter().take(CALIBRATED_CUSTOMERS_MAX) {
        for (item, score) in (0u32..).zip(model.scores(&hidden.shown)?) {
            if !hidden.shown.contains(&item) {
                scores.push(score);
                labels.push(hidden.wanted.contains(&item));
            }
        }
    }
    let fitted = Platt::fit(&Sample::new(&scores, &labels)?, Scale::Score);
    Ok(fitted.ok().filter(|chance| chance.slope > 0.0 && chance.slope.is_finite() && chance.intercept.is_finite()))
}

fn why(trials: &[Trial], taken: &Alike, best: &Alike, gain: Interval, k: usize) -> String {
    let ndcg = |method: Method| {
        let of = trials.iter().find(|trial| trial.method == method);
        of.map_or(f64::NAN, |trial| trial.judged.figures.ndcg.value)
    };
    let (best_ndcg, plain) = (ndcg(best.method), ndcg(Method::Popularity));
    let names = (taken.method.describe(), best.method.describe());
    let gain = format!("{:+.3} ({:+.3} to {:+.3})", gain.value, gain.low, gain.high);
    match taken.method == best.method {
        true => format!(
            "{}: the highest NDCG@{k} of {} methods, {best_ndcg:.3} against {plain:.3} of popularity, {gain}",
            names.0,
            trials.len()
        ),
        false => format!(
            "{}: the best other method, {}, has NDCG@{k} {best_ndcg:.3} against {plain:.3}, {gain}, which is not surely better",
            names.0, names.1
        ),
    }
}
