//! Sums over those at risk.

/// Rows by falling time, those of one time together.
fn falling(times: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..times.len()).collect();
    order.sort_by(|&a, &b| times[b].total_cmp(&times[a]).then(a.cmp(&b)));
    order
}

/// Hands every time at which it happened, falling, to `at`, with the summed relative hazard of those still there and the rows to which it happened.
fn each_time(times: &[f64], happened: &[bool], hazard: impl Fn(usize) -> f64, mut at: impl FnMut(f64, f64, &[usize])) {
    let order = falling(times);
    let (mut there, mut from) = (0.0, 0);
    while from < order.len() {
        let time = times[order[from]];
        let tied = order[from..].iter().take_while(|&&row| times[row] == time).count();
        let rows = &order[from..from + tied];
        there += rows.iter().map(|&row| hazard(row)).sum::<f64>();
        let gone: Vec<usize> = rows.iter().copied().filter(|&row| happened[row]).collect();
        if !gone.is_empty() {
            at(time, there, &gone);
        }
        from += tied;
    }
}

/// The mean negative log of Cox's partial likelihood (Breslow 1974) over rows to which it happened.
pub(crate) fn partial_loss(times: &[f64], happened: &[bool], margins: &[f64]) -> f64 {
    let (mut loss, mut events) = (0.0, 0.0);
    each_time(
        times,
        happened,
        |row| margins[row].exp(),
        |_, there, gone| {
            loss += gone.iter().map(|&row| there.ln() - margins[row]).sum::<f64>();
            events += gone.len() as f64;
        },
    );
    loss / f64::max(events, 1.0)
}

/// Times at which it happened, rising, and the summed hazard of a row of margin 0 up to each (Breslow 1974).
pub(super) fn baseline(times: &[f64], happened: &[bool], weights: &[f64], margins: &[f64]) -> (Vec<f64>, Vec<f64>) {
    let mut steps = Vec::new();
    each_time(
        times,
        happened,
        |row| weights[row] * margins[row].exp(),
        |time, there, gone| {
            steps.push((time, gone.iter().map(|&row| weights[row]).sum::<f64>() / there));
        },
    );
    steps.reverse();
    let mut sum = 0.0;
    let summed = steps.into_iter().map(|(time, hazard)| {
        sum += hazard;
        (time, sum)
    });
    summed.unzip()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_baseline_of_rows_alike_is_that_of_nelson_and_aalen() {
        let (times, happened) = ([1.0, 2.0, 2.0, 3.0, 4.0], [true, true, false, true, false]);
        let (at, hazard) = baseline(&times, &happened, &[1.0; 5], &[0.0; 5]);
        assert_eq!(at, [1.0, 2.0, 3.0]);
        let wanted = [0.2, 0.2 + 0.25, 0.2 + 0.25 + 0.5];
        assert!(hazard.iter().zip(wanted).all(|(found, wanted)| (found - wanted).abs() < 1e-12), "{hazard:?}");
    }

    #[test]
    fn the_right_order_loses_less() {
        let (times, happened) = ([1.0, 2.0, 3.0, 4.0], [true, true, true, false]);
        let loss = |margins: [f64; 4]| partial_loss(&times, &happened, &margins);
        let plain = (4.0_f64.ln() + 3.0_f64.ln() + 2.0_f64.ln()) / 3.0;
        assert!((loss([0.0; 4]) - plain).abs() < 1e-12);
        assert!(loss([1.0, 0.5, 0.0, -1.0]) < plain && plain < loss([-1.0, 0.0, 0.5, 1.0]));
    }
}
