//! How figures are said.

use florin_measurement::Interval;

/// Three digits after the point.
pub(crate) fn figure(value: f64) -> String {
    if value.is_finite() { format!("{value:.3}") } else { "–".to_owned() }
}

/// `0.812 (0.795–0.828)`.
pub(crate) fn interval(of: Interval) -> String {
    format!("{} ({})", figure(of.value), range(of))
}

/// `0.795–0.828`; with `to` where a number is below 0.
pub(crate) fn range(of: Interval) -> String {
    let between = if of.low < 0.0 || of.high < 0.0 { " … " } else { "–" };
    format!("{}{between}{}", figure(of.low), figure(of.high)).replace('-', "−")
}

/// `12.3 %`.
pub(crate) fn percent(share: f64) -> String {
    if share.is_finite() { format!("{:.1} %", 100.0 * share) } else { "–".to_owned() }
}

/// `+0.012`, `−0.003`.
pub(crate) fn signed(value: f64) -> String {
    if value.is_finite() { format!("{value:+.3}").replace('-', "−") } else { "–".to_owned() }
}

/// `12,345`.
pub(crate) fn count(n: usize) -> String {
    florin_charts::figure(n as u64)
}
