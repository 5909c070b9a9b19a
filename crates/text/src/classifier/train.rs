//! Training: inner folds try the candidates, calibrate the best, and all texts train it.

use rayon::prelude::*;

use super::{
    Settings,
    calibrate::Calibration,
    offsets::{for_macro_f1, highest, probabilities},
    settings::Aim,
};
use crate::{
    evaluate::{Scores, stratified_folds},
    linear::{self, Learner, Machine, Problem, Weights, log_count_ratio},
    random::mixed,
    rows::Rows,
};

/// What training found.
#[derive(Default)]
pub(super) struct Fitted {
    pub(super) weights: Weights,
    pub(super) calibration: Calibration,
    pub(super) offsets: Vec<f64>,
    /// Which candidate won.
    pub(super) candidate: usize,
    /// Each candidate's score at the aim, on texts it was not trained on.
    pub(super) trials: Vec<f64>,
}

/// Examples and their classes.
pub(super) struct Examples<'e> {
    pub(super) rows: &'e Rows,
    pub(super) truth: &'e [usize],
    pub(super) classes: usize,
    /// What each counts, from 0 to 1; empty: all count 1.
    pub(super) trust: Vec<f64>,
}

impl Examples<'_> {
    /// Two classes need one machine, which is for the second.
    fn machines(&self) -> usize {
        if self.classes == 2 { 1 } else { self.classes }
    }

    fn class_of(&self, machine: usize) -> usize {
        if self.classes == 2 { 1 } else { machine }
    }

    /// A weight for each row: its class's.
    fn costs(&self, chosen: &[u32], learner: &Learner) -> Vec<f64> {
        let mut counts = vec![0.0_f64; self.classes];
        chosen.iter().for_each(|&row| counts[self.truth[row as usize]] += 1.0);
        let weight = |class: usize| {
            let even = chosen.len() as f64 / self.classes as f64;
            learner.cost * (even / counts[class].max(1.0)).powf(learner.balance)
        };
        let trust = |row: u32| self.trust.get(row as usize).copied().unwrap_or(1.0);
        chosen.iter().map(|&row| weight(self.truth[row as usize]) * trust(row)).collect()
    }

    fn machine(&self, chosen: &[u32], learner: &Learner, machine: usize, seed: u64) -> Machine {
        let class = self.class_of(machine);
        let inside: Vec<bool> = chosen.iter().map(|&row| self.truth[row as usize] == class).collect();
        let costs = self.costs(chosen, learner);
        let seed = mixed(seed ^ machine as u64);
        let problem =
            |rows| linear::train(&Problem { rows, chosen, inside: &inside, costs: &costs, seed }, learner.loss);
        let Some(added) = learner.ratio else { return problem(self.rows) };
        let ratio = log_count_ratio(self.rows, chosen, &inside, added);
        let mut trained = problem(&self.rows.scaled(&ratio));
        trained.weights.iter_mut().zip(&ratio).for_each(|(weight, &ratio)| *weight *= f64::from(ratio));
        trained
    }
}

/// Decisions on every example by machines that did not see it, `classes` a row, and their scale.
struct Unseen {
    decisions: Vec<f32>,
    scale: f64,
}

/// Tries the candidates and trains the best.
pub(super) fn fit(examples: &Examples<'_>, settings: &Settings) -> Fitted {
    let learners = distinct(settings);
    let unseen = unseen(examples, settings, &learners);
    let tried: Vec<Trial> = settings
        .candidates
        .par_iter()
        .map(|mixture| try_mixture(examples, settings.aim, mixture, &learners, &unseen))
        .collect();
    let trials: Vec<f64> = tried.iter().map(|trial| trial.score).collect();
    let candidate = highest(&trials);
    let mixture = &settings.candidates[candidate];
    let Some(Trial { calibration, offsets, of_truth, .. }) = tried.into_iter().nth(candidate) else {
        return Fitted::default();
    };
    let trust = settings.doubt.map_or_else(Vec::new, |doubt| of_truth.iter().map(|p| (p / doubt).min(1.0)).collect());
    let trusted = Examples { trust, ..*examples };
    let weights = Weights::of(&trained(&trusted, mixture, &learners, &unseen, settings.seed));
    Fitted { weights, calibration, offsets, candidate, trials }
}

/// What a mixture is worth on texts that it was not trained on.
struct Trial {
    /// At the aim.
    score: f64,
    calibration: Calibration,
    offsets: Vec<f64>,
    /// The probability of each example's own label.
    of_truth: Vec<f64>,
}

/// Each learner of the candidates once.
fn distinct(settings: &Settings) -> Vec<Learner> {
    let mut learners: Vec<Learner> = Vec::new();
    for learner in settings.candidates.iter().flatten() {
        if !learners.contains(learner) {
            learners.push(*learner);
        }
    }
    learners
}

fn place(learners: &[Learner], learner: &Learner) -> usize {
    learners.iter().position(|known| known == learner).unwrap_or_default()
}

/// Every learner × fold × machine is a task of its own; the answer does not depend on who does which.
fn unseen(examples: &Examples<'_>, settings: &Settings, learners: &[Learner]) -> Vec<Unseen> {
    let folds = stratified_folds(examples.truth, settings.folds, settings.seed);
    let (machines, classes) = (examples.machines(), examples.classes);
    let members = |inside: bool, fold: usize| -> Vec<u32> {
        (0..folds.len() as u32).filter(|&row| (folds[row as usize] == fold) == inside).collect()
    };
    let parts: Vec<(Vec<u32>, Vec<u32>)> =
        (0..settings.folds).map(|fold| (members(false, fold), members(true, fold))).collect();
    let tasks: Vec<(usize, usize, usize)> = (0..learners.len())
        .flat_map(|l| (0..settings.folds).flat_map(move |f| (0..machines).map(move |m| (l, f, m))))
        .collect();
    let decided: Vec<Vec<f32>> = tasks
        .par_iter()
        .map(|&(learner, fold, machine)| {
            let (seen, others) = &parts[fold];
            let trained = examples.machine(seen, &learners[learner], machine, settings.seed);
            others.iter().map(|&row| trained.decision(&examples.rows.row(row as usize)) as f32).collect()
        })
        .collect();
    let mut unseen: Vec<Vec<f32>> = vec![vec![0.0; examples.rows.len() * classes]; learners.len()];
    for (&(learner, fold, machine), decisions) in tasks.iter().zip(&decided) {
        for (&row, &decision) in parts[fold].1.iter().zip(decisions) {
            spread(&mut unseen[learner][row as usize * classes..][..classes], machine, decision);
        }
    }
    unseen.into_iter().map(|decisions| Unseen { scale: root_mean_square(&decisions), decisions }).collect()
}

/// One machine decides for the second of two classes and against the first.
fn spread(row: &mut [f32], machine: usize, decision: f32) {
    match row {
        [first, second] => (*first, *second) = (-decision, decision),
        more => more[machine] = decision,
    }
}

fn root_mean_square(values: &[f32]) -> f64 {
    let sum: f64 = values.iter().map(|&value| f64::from(value) * f64::from(value)).sum();
    (sum / values.len().max(1) as f64).sqrt().max(1e-9)
}

fn try_mixture(
    examples: &Examples<'_>,
    aim: Aim,
    mixture: &[Learner],
    learners: &[Learner],
    unseen: &[Unseen],
) -> Trial {
    let classes = examples.classes;
    let mut decisions = vec![0.0_f64; examples.rows.len() * classes];
    for learner in mixture {
        let Unseen { decisions: of, scale } = &unseen[place(learners, learner)];
        decisions.iter_mut().zip(of).for_each(|(sum, &decision)| *sum += f64::from(decision) / scale);
    }
    let calibration = Calibration::fit(&decisions, examples.truth, classes);
    decisions.chunks_exact_mut(classes).for_each(|row| calibration.logits(row));
    let offsets = match aim {
        Aim::Accuracy => vec![0.0; classes],
        Aim::MacroF1 => for_macro_f1(&decisions, examples.truth, classes),
    };
    let said: Vec<usize> = decisions
        .chunks_exact(classes)
        .map(|row| highest(&row.iter().zip(&offsets).map(|(logit, offset)| logit + offset).collect::<Vec<f64>>()))
        .collect();
    let scores = Scores::of(examples.truth, &said, classes);
    let score = match aim {
        Aim::Accuracy => scores.accuracy,
        Aim::MacroF1 => scores.macro_f1,
    };
    let of_truth =
        decisions.chunks_exact(classes).zip(examples.truth).map(|(row, &is)| probabilities(row)[is]).collect();
    Trial { score, calibration, offsets, of_truth }
}

/// The mixture's machines, each the sum of its learners' at one scale.
fn trained(
    examples: &Examples<'_>,
    mixture: &[Learner],
    learners: &[Learner],
    unseen: &[Unseen],
    seed: u64,
) -> Vec<Machine> {
    let all: Vec<u32> = (0..examples.rows.len() as u32).collect();
    (0..examples.machines())
        .into_par_iter()
        .map(|machine| {
            let mut sum = Machine { weights: vec![0.0; examples.rows.width()], bias: 0.0 };
            for learner in mixture {
                let scale = unseen[place(learners, learner)].scale;
                let trained = examples.machine(&all, learner, machine, seed);
                sum.weights.iter_mut().zip(&trained.weights).for_each(|(sum, weight)| *sum += weight / scale);
                sum.bias += trained.bias / scale;
            }
            sum
        })
        .collect()
}
