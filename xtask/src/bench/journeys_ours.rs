//! Our side of [`super::journeys`]: the commands, and their answers in the peers' words (`benches/journeys_questions.py`).

use std::{
    fmt::Write as _,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::house;

/// For which nothing is filtered or masked, so that all sides see the same rows.
const PURPOSE: &str = "risk";
/// Of the funnel, in order.
pub(super) const STEPS: [&str; 4] = ["apply_start", "apply_form", "apply_identity", "apply_submit"];
/// What the peers call the question for the customers of each step.
pub(super) const WHO: &str = "who";

/// A question, ours and as the peers call it.
pub(super) struct Question {
    /// As the peers call it.
    pub(super) name: &'static str,
    /// What is asked.
    pub(super) about: &'static str,
    verb: &'static str,
    arguments: &'static [&'static str],
    /// Our answer (JSON) as the peers write theirs (CSV).
    pub(super) answer: fn(&str) -> Result<String>,
    /// The largest share of the fastest peer's time that is good enough.
    pub(super) goal: f64,
    /// What it must read at least.
    pub(super) columns: &'static [&'static str],
}

const WITHIN: [&str; 2] = ["--within", "14 days"];
const FIFTH: f64 = 0.2;
const QUARTER: f64 = 0.25;

/// All of them.
pub(super) const QUESTIONS: &[Question] = &[
    Question {
        name: "funnel",
        about: "ordered funnel, four steps in 14 days",
        verb: "funnel",
        arguments: &[],
        answer: funnel,
        goal: FIFTH,
        columns: &["customer_id", "ts", "name"],
    },
    Question {
        name: "breakdown",
        about: "the same by first device",
        verb: "funnel",
        arguments: &["--by", "device"],
        answer: breakdown,
        goal: FIFTH,
        columns: &["customer_id", "ts", "name", "device"],
    },
    Question {
        name: "retention",
        about: "weekly retention, first login, 12 weeks",
        verb: "retention",
        // Later rows change nothing, so all sides leave them out.
        arguments: &[
            "--start",
            "name = 'login'",
            "--period",
            "week",
            "--first",
            "2023-01-02",
            "--periods",
            "12",
            "--until",
            "2023-03-26",
        ],
        answer: retention,
        goal: FIFTH,
        columns: &["customer_id", "ts", "name"],
    },
    Question {
        name: "sessions",
        about: "sessions at 30 minutes",
        verb: "sessions",
        // By default entries, exits and stays are told for each event, which no peer is asked for.
        arguments: &["--gap", "30 min", "--name-by", ""],
        answer: sessions,
        goal: QUARTER,
        columns: &["customer_id", "ts"],
    },
    Question {
        name: "next",
        about: "the next event after a login",
        verb: "next",
        arguments: &["--after", "login"],
        answer: next,
        goal: QUARTER,
        columns: &["customer_id", "ts", "name"],
    },
];

/// The program and the bank it is asked about.
pub(super) struct Ours {
    program: PathBuf,
    bank: PathBuf,
}

impl Ours {
    pub(super) fn new(program: &Path, bank: PathBuf) -> Self {
        Self { program: program.to_owned(), bank }
    }

    /// Why a question cannot be asked and timed, if it cannot.
    ///
    /// # Errors
    /// When the program cannot be started.
    pub(super) fn lacks(&self, question: &Question) -> Result<Option<String>> {
        let done = Command::new(&self.program).args([question.verb, "--timings", "--help"]).output();
        let done = done.with_context(|| format!("could not start `{}`", self.program.display()))?;
        Ok((!done.status.success()).then(|| format!("this florin has no `{} --timings`", question.verb)))
    }

    /// The folder of a table of its lake.
    pub(super) fn table(&self, name: &str) -> PathBuf {
        self.bank.join(".florin/lake").join(name)
    }

    /// A question in SQL.
    pub(super) fn sql(&self, question: &str, format: &str) -> Command {
        let mut command = self.command("sql");
        command.args([question, "--format", format]);
        command
    }

    /// A question, timed so many times.
    pub(super) fn asked(&self, question: &Question, repeat: usize) -> Command {
        let mut command = self.command(question.verb);
        if question.verb == "funnel" {
            command.args(steps());
        }
        command.args(question.arguments).args(["--json", "--timings", "--repeat", &repeat.to_string()]);
        command
    }

    /// The customers who reached a step (from 1), a line `step,customer` each.
    ///
    /// # Errors
    /// When the program fails, or lists no customers.
    pub(super) fn customers_of(&self, step: usize) -> Result<String> {
        let mut command = self.command("funnel");
        let said = house::output(command.args(steps()).args(["--json", "--list", &step.to_string()]))?;
        let listed: Value = serde_json::from_str(&said)?;
        lines(list(&listed, "customers")?, |customer| Ok(Some(format!("{step},{customer}"))))
    }

    /// A command on the bank, for the purpose.
    pub(super) fn command(&self, verb: &str) -> Command {
        let mut command = Command::new(&self.program);
        command.args([verb, "--bank"]).arg(&self.bank).args(["--purpose", PURPOSE]);
        command
    }
}

fn steps() -> Vec<String> {
    let steps = STEPS.iter().flat_map(|step| ["--step".to_owned(), format!("name = '{step}'")]);
    steps.chain(WITHIN.map(str::to_owned)).collect()
}

fn funnel(json: &str) -> Result<String> {
    by_step(json, false)
}

fn breakdown(json: &str) -> Result<String> {
    by_step(json, true)
}

fn by_step(json: &str, by_value: bool) -> Result<String> {
    let mut csv = "step,customers\n".to_owned();
    let answer: Value = serde_json::from_str(json)?;
    for value in list(&answer, "values")? {
        let before = if by_value { format!("{},", word(&value["value"])) } else { String::new() };
        for (step, told) in (1..).zip(list(value, "steps")?) {
            let customers = whole(told, "customers")?;
            if customers > 0 {
                writeln!(csv, "{before}{step},{customers}")?;
            }
        }
    }
    Ok(csv)
}

fn retention(json: &str) -> Result<String> {
    let mut csv = "cohort,later,customers\n".to_owned();
    let answer: Value = serde_json::from_str(json)?;
    for (cohort, told) in list(&answer, "cohorts")?.iter().enumerate() {
        csv.push_str(&lines(list(told, "cells")?, |cell| {
            let (later, customers) = (whole(cell, "later")?, whole(cell, "customers")?);
            Ok((customers > 0).then(|| format!("{cohort},{later},{customers}")))
        })?);
    }
    Ok(csv)
}

fn sessions(json: &str) -> Result<String> {
    let answer: Value = serde_json::from_str(json)?;
    let sessions = whole(&answer, "sessions")?;
    Ok(format!("sessions,micros\n{sessions},{}\n", micros(&answer, "mean_seconds", sessions)))
}

fn next(json: &str) -> Result<String> {
    let answer: Value = serde_json::from_str(json)?;
    let told = lines(list(&answer, "next")?, |next| {
        let count = whole(next, "count")?;
        Ok(Some(format!("{},{count},{}", word(&next["name"]), micros(next, "mean_seconds", count))))
    })?;
    Ok(format!("next,count,micros\n{told}"))
}

/// The sum of so many times of which the mean is told; 0 where there is none.
fn micros(told: &Value, mean_seconds: &str, count: u64) -> String {
    let sum = told[mean_seconds].as_f64().unwrap_or_default() * count as f64 * 1e6;
    format!("{sum:.0}")
}

fn word(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn whole(told: &Value, name: &str) -> Result<u64> {
    told[name].as_u64().with_context(|| format!("the answer has no number `{name}`"))
}

fn list<'a>(told: &'a Value, name: &str) -> Result<&'a [Value]> {
    told[name].as_array().map(Vec::as_slice).with_context(|| format!("the answer has no list `{name}`"))
}

fn lines(told: &[Value], line: impl Fn(&Value) -> Result<Option<String>>) -> Result<String> {
    let mut csv = String::new();
    for value in told {
        if let Some(line) = line(value)? {
            writeln!(csv, "{line}")?;
        }
    }
    Ok(csv)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_funnel_is_told_by_step_and_value() {
        let json = r#"{"values": [{"value": "web", "steps": [{"customers": 5}, {"customers": 2}, {"customers": 0}]}]}"#;
        assert_eq!(funnel(json).expect("a funnel"), "step,customers\n1,5\n2,2\n");
        assert_eq!(breakdown(json).expect("a funnel"), "step,customers\nweb,1,5\nweb,2,2\n");
    }

    #[test]
    fn cells_without_customers_are_not_told() {
        let json = r#"{"cohorts": [{"cells": [{"later": 0, "customers": 3}, {"later": 1, "customers": 0}]},
                                   {"cells": [{"later": 0, "customers": 1}]}]}"#;
        assert_eq!(retention(json).expect("cohorts"), "cohort,later,customers\n0,0,3\n1,0,1\n");
    }

    #[test]
    fn means_become_sums() {
        let json = r#"{"sessions": 82260, "mean_seconds": 53.81562809384877}"#;
        assert_eq!(sessions(json).expect("sessions"), "sessions,micros\n82260,4426873567000\n");
        let json = r#"{"next": [{"name": "view", "count": 2, "mean_seconds": 1.5}, {"name": null, "count": 1}]}"#;
        assert_eq!(next(json).expect("what is next"), "next,count,micros\nview,2,3000000\n,1,0\n");
    }

    #[test]
    fn an_answer_without_its_counts_is_refused() {
        assert!(sessions(r#"{"mean_seconds": 1.0}"#).is_err());
        assert!(funnel("{}").is_err());
    }
}
