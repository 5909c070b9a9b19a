//! One side of a comparison: a program that asks a question several times and prints how long each time took.

use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;

use crate::house;

/// How often the sides take turns.
pub(super) const TURNS: usize = 2;

/// One timed run, as all sides print it.
#[derive(Deserialize)]
struct Run {
    seconds: f64,
}

/// Seconds of all timed runs of one side, and its answer.
#[derive(Default)]
pub(super) struct Side {
    pub(super) seconds: Vec<f64>,
    pub(super) answer: String,
}

impl Side {
    /// How often a program has to ask in one turn: the first time of each turn warms up.
    pub(super) fn repeat(runs: usize) -> usize {
        runs.div_ceil(TURNS) + 1
    }

    /// One turn: several runs in one process, of which the first is left out.
    ///
    /// # Errors
    /// When the program fails, or prints no times.
    pub(super) fn turn(&mut self, command: &mut Command) -> Result<()> {
        let done = command.output().with_context(|| format!("could not start `{}`", house::shown(command)))?;
        let said = String::from_utf8_lossy(&done.stderr);
        if !done.status.success() {
            bail!("`{}` failed: {}", house::shown(command), said.trim());
        }
        let runs: Vec<f64> = said.lines().filter_map(seconds).skip(1).collect();
        ensure!(!runs.is_empty(), "`{}` printed no times", house::shown(command));
        self.seconds.extend(runs);
        self.answer = String::from_utf8(done.stdout)?;
        Ok(())
    }
}

/// The seconds of a line `{"run":1,"seconds":0.123}`; other lines are diagnostics.
pub(super) fn seconds(line: &str) -> Option<f64> {
    serde_json::from_str::<Run>(line).ok().map(|run| run.seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_and_diagnostics_are_not() {
        assert_eq!(seconds("{\"run\":1,\"seconds\":0.25}"), Some(0.25));
        assert_eq!(seconds("warning: slow disk"), None);
    }

    #[test]
    fn all_turns_together_are_at_least_as_many_runs_as_were_asked_for() {
        for runs in 5..9 {
            assert!(TURNS * (Side::repeat(runs) - 1) >= runs);
        }
    }
}
