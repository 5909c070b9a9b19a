//! How people round. Thieves are people: whoever moves money, honest or not, rounds with these functions, so that no digit
//! of a sum tells which of the two it was.

use crate::random::Stream;

/// Yuan that sums of a kind are multiples of, and how often.
type Steps = [(f64, f64)];

const TRANSFER: &Steps = &[(1.0, 0.18), (10.0, 0.20), (100.0, 0.38), (500.0, 0.17), (1000.0, 0.07)];
const CASH: &Steps = &[(100.0, 0.60), (500.0, 0.25), (1000.0, 0.15)];

/// Yuan somebody transfers who means about `yuan`.
pub(crate) fn transfer(stream: &mut Stream, yuan: f64) -> f64 {
    rounded(stream, yuan, TRANSFER)
}

/// Yuan in notes of a hundred.
pub(crate) fn cash(stream: &mut Stream, yuan: f64) -> f64 {
    rounded(stream, yuan, CASH)
}

/// Down to a multiple of one of the steps; of a step that is not too coarse for the sum.
fn rounded(stream: &mut Stream, yuan: f64, steps: &Steps) -> f64 {
    let mut left = stream.unit() * steps.iter().map(|(_, weight)| weight).sum::<f64>();
    let mut chosen = steps.first().map_or(1.0, |(step, _)| *step);
    for (step, weight) in steps {
        if *step > chosen && yuan < 2.0 * step {
            break;
        }
        chosen = *step;
        left -= weight;
        if left < 0.0 {
            break;
        }
    }
    ((yuan / chosen).floor() * chosen).max(chosen)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Subject;

    #[test]
    fn sums_are_never_rounded_to_steps_that_are_coarser_than_half_of_them() {
        let mut stream = Stream::new(1, Subject::Month, 0, 0);
        for yuan in [0.4, 7.0, 63.0, 180.0, 950.0, 48_700.0] {
            for _ in 0..200 {
                let sum = transfer(&mut stream, yuan);
                assert!(sum >= 1.0 && sum <= yuan.max(1.0) && sum > yuan * 0.5 - 1.0, "{yuan} became {sum}");
                assert_eq!(cash(&mut stream, yuan) % 100.0, 0.0);
            }
        }
    }
}
