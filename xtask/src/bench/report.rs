//! What a measurement prints: one row a question, for people or as JSON lines.

use anyhow::Result;
use serde::Serialize;

use super::least::Least;

/// Bytes of a gibibyte.
pub(super) const GIB: f64 = (1u64 << 30) as f64;

/// One question, ours and the peer's.
#[derive(Debug, Serialize)]
pub(super) struct Row {
    /// What was done.
    question: String,
    /// Ours, in `unit`.
    ours: f64,
    /// Who or what we are compared with.
    peer: String,
    /// The peer's seconds; absent when the comparison is with a limit or is not of time.
    peer_seconds: Option<f64>,
    /// Ours by the peer's (or by the limit).
    ratio: f64,
    /// The largest ratio that is good enough; the smallest where more is better.
    goal: f64,
    /// `s`, `GiB` or `MAPE`; `F1`, `AUC`, `share` or `/s`, of which more is better.
    unit: &'static str,
    /// Whether the goal is met.
    pub(super) ok: bool,
    /// Bytes that must be read at least; absent where nobody counted them.
    #[serde(skip_serializing_if = "Option::is_none")]
    least_bytes: Option<u64>,
    /// Seconds that reading them from memory takes, and nothing else.
    #[serde(skip_serializing_if = "Option::is_none")]
    least_seconds: Option<f64>,
}

impl Row {
    /// Seconds against a peer's seconds.
    pub(super) fn seconds(question: String, ours: f64, peer: &str, theirs: f64, goal: f64) -> Self {
        let row = Self::new(question, ours, peer.to_owned(), theirs, goal, "s");
        Self { peer_seconds: Some(theirs), ..row }
    }

    /// Seconds that nothing is set for.
    pub(super) fn seconds_known(question: String, ours: f64) -> Self {
        Self::new(question, ours, "no limit".to_owned(), ours, 1.0, "s")
    }

    /// Seconds against a limit.
    pub(super) fn seconds_limit(question: String, ours: f64, limit: f64) -> Self {
        Self::new(question, ours, format!("limit {limit} s"), limit, 1.0, "s")
    }

    /// Bytes against a limit, both given in bytes.
    pub(super) fn memory_limit(question: String, ours: f64, limit: f64) -> Self {
        let peer = format!("limit {:.2} GiB", limit / GIB);
        Self::new(question, ours / GIB, peer, limit / GIB, 1.0, "GiB")
    }

    /// Bytes against other bytes of ours.
    pub(super) fn memory(question: String, ours: f64, what: &str, theirs: f64, goal: f64) -> Self {
        let peer = format!("{what}: {:.2} GiB", theirs / GIB);
        Self::new(question, ours / GIB, peer, theirs / GIB, goal, "GiB")
    }

    /// F1 against a peer's F1.
    pub(super) fn f1(question: String, ours: f64, peer: &str, theirs: f64) -> Self {
        Self::more_is_better(question, ours, format!("{peer}: {theirs:.4}"), theirs, "F1")
    }

    /// AUC against a peer's, which it may lie a little below.
    pub(super) fn auc(question: String, ours: f64, peer: &str, theirs: f64, slack: f64) -> Self {
        Self::more_is_better(question, ours, format!("{peer}: {theirs:.4}, less {slack}"), theirs - slack, "AUC")
    }

    /// A share that should reach a limit.
    pub(super) fn share_limit(question: String, ours: f64, limit: f64) -> Self {
        Self::more_is_better(question, ours, format!("at least {limit}"), limit, "share")
    }

    /// So many a second that should reach a limit.
    pub(super) fn rate_limit(question: String, ours: f64, limit: f64) -> Self {
        Self::more_is_better(question, ours, format!("at least {limit} a second"), limit, "/s")
    }

    /// A share against a peer's.
    pub(super) fn share(question: String, ours: f64, peer: &str, theirs: f64) -> Self {
        Self::more_is_better(question, ours, format!("{peer}: {theirs:.4}"), theirs, "share")
    }

    /// A mean absolute percentage error against another's: less is better.
    pub(super) fn error(question: String, ours: f64, peer: &str, theirs: f64) -> Self {
        Self::new(question, ours, format!("{peer}: {theirs:.4}"), theirs, 1.0, "MAPE")
    }

    /// Beside the least that must be read.
    pub(super) fn beside(self, least: Option<Least>) -> Self {
        Self { least_bytes: least.map(|l| l.bytes), least_seconds: least.map(|l| l.seconds), ..self }
    }

    fn more_is_better(question: String, ours: f64, peer: String, theirs: f64, unit: &'static str) -> Self {
        Self { ok: ours >= theirs, ..Self::new(question, ours, peer, theirs, 1.0, unit) }
    }

    fn new(question: String, ours: f64, peer: String, theirs: f64, goal: f64, unit: &'static str) -> Self {
        let ratio = ours / theirs;
        let ok = ratio <= goal;
        Self { question, ours, peer, peer_seconds: None, ratio, goal, unit, ok, least_bytes: None, least_seconds: None }
    }
}

/// The machine and the versions; beside the JSON lines when those are asked for.
pub(super) fn head(machine: &[String], json: bool) {
    for line in machine {
        if json { eprintln!("{line}") } else { println!("{line}") }
    }
    if !json {
        println!("\n{:<58} {:>12} {:>12}  {:>6} {:>6}       peer", "question", "ours", "peer's", "ratio", "goal");
    }
}

/// One row.
///
/// # Errors
/// When it cannot be written as JSON.
pub(super) fn row(row: &Row, json: bool) -> Result<()> {
    if json {
        println!("{}", serde_json::to_string(row)?);
        return Ok(());
    }
    let theirs = row.peer_seconds.map_or_else(String::new, |seconds| format!("{seconds:.3} s"));
    let digits = if matches!(row.unit, "F1" | "AUC" | "share" | "MAPE") { 5 } else { 3 };
    let ours = format!("{:.digits$} {}", row.ours, row.unit);
    let verdict = if row.ok { "ok" } else { "short" };
    println!(
        "{:<58} {ours:>12} {theirs:>12}  {:>6.2} {:>6.2} {verdict:<5} {}{}",
        row.question,
        row.ratio,
        row.goal,
        row.peer,
        least(row)
    );
    Ok(())
}

/// How near it is to the least that must be read.
fn least(row: &Row) -> String {
    let Some((bytes, seconds)) = row.least_bytes.zip(row.least_seconds) else { return String::new() };
    let (megabytes, times) = (bytes as f64 / 1e6, row.ours / seconds);
    format!("; reading its {megabytes:.0} MB alone: {seconds:.3} s, ours {times:.1} x")
}

/// How many goals were missed.
pub(super) fn foot(short: usize) {
    match short {
        0 => eprintln!("every goal is met"),
        1 => eprintln!("1 goal is missed"),
        n => eprintln!("{n} goals are missed"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_lines_have_the_agreed_keys() {
        let row = Row::seconds("sums by day".into(), 3.0, "DuckDB", 2.0, 1.2);
        let json = serde_json::to_value(&row).expect("plain data");
        let expected = serde_json::json!({
            "question": "sums by day", "ours": 3.0, "peer": "DuckDB", "peer_seconds": 2.0,
            "ratio": 1.5, "goal": 1.2, "unit": "s", "ok": false
        });
        assert_eq!(json, expected);
    }

    #[test]
    fn a_limit_is_kept_at_the_limit_and_missed_above_it() {
        assert!(Row::memory_limit("peak".into(), 2.0 * GIB, 2.0 * GIB).ok);
        assert!(!Row::memory_limit("peak".into(), 2.1 * GIB, 2.0 * GIB).ok);
        assert!(Row::share_limit("recall".into(), 0.97, 0.97).ok && !Row::share_limit("recall".into(), 0.96, 0.97).ok);
        assert!(Row::f1("pairs".into(), 0.9, "Splink", 0.8).ok && !Row::f1("pairs".into(), 0.7, "Splink", 0.8).ok);
        assert!(Row::seconds_limit("again".into(), 1.9, 2.0).peer_seconds.is_none());
    }
}
