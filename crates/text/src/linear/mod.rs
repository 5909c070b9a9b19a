//! Linear machines for sparse rows: one weight a column and a bias, for two classes.
//!
//! Both losses are minimised in the dual, one example at a time in seeded random order: the squared hinge after Hsieh et al. 2008 ("A
//! dual coordinate descent method for large-scale linear SVM"), the logistic loss after Yu, Huang & Lin 2011 ("Dual coordinate descent
//! methods for logistic regression and maximum entropy models"). The objective is that of LIBLINEAR: ½‖w‖² + Σ cᵢ loss(yᵢ w·xᵢ), the bias
//! being the weight of a column that is always 1.

mod logistic;
mod ratio;
mod svm;
mod weights;

use serde::{Deserialize, Serialize};

use crate::{
    error::{Result, setting},
    rows::{Row, Rows},
};

pub(crate) use ratio::log_count_ratio;
pub(crate) use weights::Weights;

/// What a wrong or unsure verdict on an example costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Loss {
    /// max(0, 1 − y f)²: a support vector machine.
    SquaredHinge,
    /// ln(1 + exp(−y f)): logistic regression.
    Logistic,
}

/// How a machine is trained.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Learner {
    /// Its loss.
    pub loss: Loss,
    /// How much the examples weigh against small weights (`C`), above 0.
    pub cost: f64,
    /// How much rare classes are lifted: 0 not at all, 1 until every class weighs the same; examples of a class with a share s of the k
    /// classes weigh (1 / (k s))^balance.
    pub balance: f64,
    /// Scales each column by its log-count ratio between the class and the rest, with this much added to each count (NB-SVM; Wang &
    /// Manning 2012). Absent: no scaling.
    pub ratio: Option<f64>,
}

impl Learner {
    /// A support vector machine.
    #[must_use]
    pub fn svm(cost: f64) -> Self {
        Self { loss: Loss::SquaredHinge, cost, balance: 0.0, ratio: None }
    }

    /// Logistic regression.
    #[must_use]
    pub fn logistic(cost: f64) -> Self {
        Self { loss: Loss::Logistic, ..Self::svm(cost) }
    }

    /// The same with rare classes lifted.
    #[must_use]
    pub fn balanced(self, balance: f64) -> Self {
        Self { balance, ..self }
    }

    /// The same with columns scaled by their log-count ratio.
    #[must_use]
    pub fn with_ratio(self, added: f64) -> Self {
        Self { ratio: Some(added), ..self }
    }

    pub(crate) fn check(&self) -> Result<()> {
        if !(self.cost > 0.0 && self.cost.is_finite()) {
            return Err(setting("the cost of a learner", self.cost, "it is above 0"));
        }
        if !(0.0..=2.0).contains(&self.balance) {
            return Err(setting("the balance of a learner", self.balance, "it is 0 to 2"));
        }
        match self.ratio {
            Some(added) if !(added > 0.0 && added.is_finite()) => {
                Err(setting("what is added to counts", added, "it is above 0"))
            }
            _ => Ok(()),
        }
    }
}

/// Two classes' examples.
pub(crate) struct Problem<'p> {
    pub(crate) rows: &'p Rows,
    /// Which rows take part.
    pub(crate) chosen: &'p [u32],
    /// Whether each of them is of the class.
    pub(crate) inside: &'p [bool],
    /// What each of them costs.
    pub(crate) costs: &'p [f64],
    /// Decides the order in which they are visited.
    pub(crate) seed: u64,
}

/// A trained machine.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Machine {
    pub(crate) weights: Vec<f64>,
    pub(crate) bias: f64,
}

impl Machine {
    fn zero(width: usize) -> Self {
        Self { weights: vec![0.0; width], bias: 0.0 }
    }

    /// w·x + b.
    pub(crate) fn decision(&self, row: &Row<'_>) -> f64 {
        row.dot(&self.weights) + self.bias
    }

    fn add(&mut self, row: &Row<'_>, step: f64) {
        row.add_to(&mut self.weights, step);
        self.bias += step;
    }
}

/// Trains a machine with a loss.
pub(crate) fn train(problem: &Problem<'_>, loss: Loss) -> Machine {
    match loss {
        Loss::SquaredHinge => svm::train(problem),
        Loss::Logistic => logistic::train(problem),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::random::Random;

    /// Rows with a few columns each whose class is mostly the sign of a plane.
    pub(crate) fn made_up(count: usize, width: u32, seed: u64) -> (Rows, Vec<bool>) {
        let mut random = Random::new(seed);
        let mut rows = Rows::new(width as usize);
        let mut inside = Vec::new();
        for _ in 0..count {
            let mut columns: Vec<u32> = (0..6).map(|_| random.below(width as usize) as u32).collect();
            columns.sort_unstable();
            columns.dedup();
            let row: Vec<(u32, f32)> = columns.into_iter().map(|c| (c, 0.2 + random.unit() as f32)).collect();
            let sum: f32 = row.iter().map(|&(c, v)| if c % 2 == 0 { v } else { -v }).sum();
            inside.push((sum > 0.0) ^ (random.unit() < 0.1));
            rows.push(&row);
        }
        (rows, inside)
    }

    fn loss(loss: Loss, y_f: f64) -> (f64, f64) {
        match loss {
            Loss::SquaredHinge => ((1.0 - y_f).max(0.0).powi(2), -2.0 * (1.0 - y_f).max(0.0)),
            Loss::Logistic => ((-y_f).exp().ln_1p(), -1.0 / (1.0 + y_f.exp())),
        }
    }

    #[test]
    fn the_gradient_of_the_objective_is_nothing_where_training_ends() {
        let (rows, inside) = made_up(400, 30, 7);
        let chosen: Vec<u32> = (0..400).collect();
        let costs: Vec<f64> = (0..400).map(|i| if i % 3 == 0 { 0.5 } else { 2.0 }).collect();
        let mut random = Random::new(9);
        let dense = (0..400 * 7).map(|_| random.unit() as f32 - 0.5).collect();
        let joined = rows.clone().with_dense(dense, 7);
        for (kind, rows) in
            [Loss::SquaredHinge, Loss::Logistic].into_iter().flat_map(|kind| [(kind, &rows), (kind, &joined)])
        {
            let problem = Problem { rows, chosen: &chosen, inside: &inside, costs: &costs, seed: 1 };
            let machine = train(&problem, kind);
            // LIBLINEAR's measure: the gradient at the end beside that at the start, where all weights are 0.
            let [start, end] =
                [Machine::zero(rows.width()), machine].map(|machine| gradient_norm(&problem, kind, &machine));
            assert!(end < 0.01 * start, "{kind:?}: {end} of {start}");
        }
    }

    fn gradient_norm(problem: &Problem<'_>, kind: Loss, machine: &Machine) -> f64 {
        let mut gradient = machine.weights.clone();
        gradient.push(machine.bias);
        let bias = gradient.len() - 1;
        for (at, row) in problem.rows.iter().enumerate() {
            let y = if problem.inside[at] { 1.0 } else { -1.0 };
            let slope = problem.costs[at] * y * loss(kind, y * machine.decision(&row)).1;
            row.add_to(&mut gradient[..bias], slope);
            gradient[bias] += slope;
        }
        gradient.iter().map(|g| g * g).sum::<f64>().sqrt()
    }

    #[test]
    fn the_order_of_visits_hardly_matters() {
        let (rows, inside) = made_up(300, 20, 3);
        let chosen: Vec<u32> = (0..300).collect();
        let costs = vec![1.0; 300];
        for kind in [Loss::SquaredHinge, Loss::Logistic] {
            let [a, b] = [1, 2].map(|seed| {
                train(&Problem { rows: &rows, chosen: &chosen, inside: &inside, costs: &costs, seed }, kind)
            });
            assert!(a.weights.iter().zip(&b.weights).all(|(a, b)| (a - b).abs() < 0.02), "{kind:?}");
        }
    }
}
