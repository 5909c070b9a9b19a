//! From decisions to probabilities: softmax of a · decision + b by class, a and b fitted on decisions that were made of texts not trained
//! on. With two classes this is Platt's sigmoid (Platt 1999); with more, temperature scaling with a bias a class (Guo et al. 2017).

/// Newton steps at most.
const STEPS_MAX: usize = 60;
/// Halvings of one step at most.
const HALVINGS_MAX: usize = 20;
/// What biases cost beside the log loss of all examples: enough to hold still a class that is hardly there.
const RIDGE: f64 = 0.5;

/// Slope and biases.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Calibration {
    pub(super) slope: f64,
    pub(super) biases: Vec<f64>,
}

impl Calibration {
    /// Decisions as logits, in place.
    pub(super) fn logits(&self, decisions: &mut [f64]) {
        decisions.iter_mut().zip(&self.biases).for_each(|(decision, bias)| *decision = self.slope * *decision + bias);
    }

    /// Fits slope and biases to rows of `biases.len()` decisions each, by Newton steps with the diagonal of the second derivatives.
    pub(super) fn fit(decisions: &[f64], truth: &[usize], classes: usize) -> Self {
        let mut now = Self { slope: 1.0, biases: vec![0.0; classes] };
        let mut loss = now.loss(decisions, truth);
        for _ in 0..STEPS_MAX {
            let step = now.newton_step(decisions, truth);
            let Some((next, lower)) = now.better(&step, loss, decisions, truth) else { break };
            let gain = loss - lower;
            (now, loss) = (next, lower);
            if gain < 1e-7 * loss.max(1.0) {
                break;
            }
        }
        now
    }

    fn loss(&self, decisions: &[f64], truth: &[usize]) -> f64 {
        let mut logits = vec![0.0; self.biases.len()];
        let each = decisions.chunks_exact(self.biases.len()).zip(truth).map(|(row, &is)| {
            logits.copy_from_slice(row);
            self.logits(&mut logits);
            softmax(&mut logits);
            -logits[is].max(1e-300).ln()
        });
        each.sum::<f64>() + 0.5 * RIDGE * self.biases.iter().map(|b| b * b).sum::<f64>()
    }

    fn newton_step(&self, decisions: &[f64], truth: &[usize]) -> Self {
        let classes = self.biases.len();
        let mut gradient: Vec<f64> = self.biases.iter().map(|b| RIDGE * b).collect();
        let mut curvature = vec![RIDGE; classes];
        let (mut slope_gradient, mut slope_curvature) = (0.0, 1e-9);
        let mut shares = vec![0.0; classes];
        for (row, &is) in decisions.chunks_exact(classes).zip(truth) {
            shares.copy_from_slice(row);
            self.logits(&mut shares);
            softmax(&mut shares);
            let mean: f64 = shares.iter().zip(row).map(|(p, d)| p * d).sum();
            slope_gradient += mean - row[is];
            slope_curvature += shares.iter().zip(row).map(|(p, d)| p * (d - mean).powi(2)).sum::<f64>();
            for (class, &p) in shares.iter().enumerate() {
                gradient[class] += p - f64::from(u8::from(class == is));
                curvature[class] += p * (1.0 - p);
            }
        }
        let biases = gradient.iter().zip(&curvature).map(|(g, h)| -g / h).collect();
        Self { slope: -slope_gradient / slope_curvature, biases }
    }

    /// The longest of step, half step, quarter step … that lowers the loss and keeps the slope above 0.
    fn better(&self, step: &Self, loss: f64, decisions: &[f64], truth: &[usize]) -> Option<(Self, f64)> {
        let mut length = 1.0;
        for _ in 0..HALVINGS_MAX {
            let slope = self.slope + length * step.slope;
            let biases = self.biases.iter().zip(&step.biases).map(|(b, s)| b + length * s).collect();
            let next = Self { slope, biases };
            let lower = next.loss(decisions, truth);
            if slope > 0.0 && lower < loss {
                return Some((next, lower));
            }
            length *= 0.5;
        }
        None
    }
}

/// Logits as probabilities, in place.
pub(super) fn softmax(logits: &mut [f64]) {
    let most = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    logits.iter_mut().for_each(|logit| *logit = (*logit - most).exp());
    let all: f64 = logits.iter().sum();
    logits.iter_mut().for_each(|logit| *logit /= all);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    #[test]
    fn slope_and_biases_that_made_the_labels_are_found() {
        let made = Calibration { slope: 2.5, biases: vec![0.6, -0.2, -0.4] };
        let mut random = Random::new(5);
        let (mut decisions, mut truth) = (Vec::new(), Vec::new());
        for _ in 0..20_000 {
            let row: Vec<f64> = (0..3).map(|_| 2.0 * random.unit() - 1.0).collect();
            let mut shares = row.clone();
            made.logits(&mut shares);
            softmax(&mut shares);
            let drawn = random.unit();
            truth.push(if drawn < shares[0] {
                0
            } else if drawn < shares[0] + shares[1] {
                1
            } else {
                2
            });
            decisions.extend(row);
        }
        let found = Calibration::fit(&decisions, &truth, 3);
        assert!((found.slope - 2.5).abs() < 0.1, "{found:?}");
        let centre = found.biases.iter().sum::<f64>() / 3.0;
        assert!(found.biases.iter().zip(&made.biases).all(|(f, m)| (f - centre - m).abs() < 0.08), "{found:?}");
    }
}
