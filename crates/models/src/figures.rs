//! The one or two figures that fitting itself needs. Everything else about quality is measured elsewhere.

/// The weighted area under the ROC curve: how often a yes scores above a no, ties counting half. 0.5 when one outcome is missing.
pub(crate) fn auc(scores: &[f64], labels: &[f64], weights: Option<&[f64]>) -> f64 {
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_unstable_by(|&a, &b| scores[a].total_cmp(&scores[b]));
    let weight = |row: usize| weights.map_or(1.0, |w| w[row]);
    let (mut no_below, mut yes_all, mut above) = (0.0, 0.0, 0.0);
    let mut at = 0;
    while at < order.len() {
        let end =
            order[at..].iter().position(|&row| scores[row] != scores[order[at]]).map_or(order.len(), |more| at + more);
        let (mut yes, mut no) = (0.0, 0.0);
        for &row in &order[at..end] {
            yes += weight(row) * labels[row];
            no += weight(row) * (1.0 - labels[row]);
        }
        above += yes * (no_below + no / 2.0);
        (no_below, yes_all, at) = (no_below + no, yes_all + yes, end);
    }
    if no_below > 0.0 && yes_all > 0.0 { above / (no_below * yes_all) } else { 0.5 }
}
