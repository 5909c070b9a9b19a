//! `cargo xtask test`: everything that must pass before a commit, cheapest first, stopping at the first failure.

use std::{
    io::{BufRead, BufReader},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, anyhow, bail};

use crate::{
    console, house,
    tidy::{self, ENGINE_CRATES},
};

/// What `cargo xtask test` takes.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Leave out the crates that compile the query engine, and the documents.
    #[arg(long)]
    fast: bool,
}

/// Tests that need a service are skipped unless its variable is set: variable, what it enables, how to get it.
const SERVICES: [(&str, &str, &str); 5] = [
    (
        "FLORIN_TEST_POSTGRES",
        "the store's tests on PostgreSQL",
        "start a server and set it to postgres://USER@HOST:PORT/DATABASE",
    ),
    (
        "FLORIN_TEST_PYTHON",
        "the tests that read our tables with other programs, those on S3, and those with clients that send events or ask as BI tools do",
        "set it to a python that has deltalake, duckdb, polars, pyarrow, moto[server,s3], posthog, segment-analytics-python, SQLAlchemy, psycopg, psycopg2 and adbc-driver-flightsql",
    ),
    (
        "FLORIN_TEST_NODE_MODULES",
        "the tests with clients of Node that send events, and those with a real sign-on",
        "set it to a folder node_modules that has posthog-node, @segment/analytics-node and oidc-provider",
    ),
    (
        "FLORIN_TEST_PYTHON_SQLALCHEMY_1",
        "the test with SQLAlchemy 1.4",
        "set it to a python with SQLAlchemy 1.4.54, psycopg and psycopg2",
    ),
    (
        "FLORIN_TEST_PROGRAM",
        "the test that loads what the event collector kept",
        "set it to a florin that is built (target/debug/florin)",
    ),
];

/// How many tests ran, as cargo's own summary lines say.
#[derive(Debug, Default, PartialEq, Eq)]
struct Tally {
    passed: u64,
    failed: u64,
    ignored: u64,
}

/// Runs all steps.
///
/// # Errors
/// The first step that fails, with the command that repeats it.
pub(crate) fn run(args: &Args) -> Result<()> {
    let start = Instant::now();
    say_what_is_skipped();
    step("fmt", cargo(&["fmt", "--all", "--check"]))?;
    tidy_step()?;
    step("clippy", clippy(args.fast))?;
    if !args.fast {
        step("doc", doc())?;
        console_steps()?;
    }
    let mut command = cargo(&["test"]);
    scope(&mut command, args.fast);
    let mut tally = Tally::default();
    test_step(command, &mut tally)?;
    test_step(tests_with_features(), &mut tally)?;
    let Tally { passed, failed, ignored } = tally;
    println!("\ntests: {passed} passed, {failed} failed, {ignored} ignored");
    println!("everything passes, in {}", shown(start.elapsed()));
    Ok(())
}

/// The console's types, lints, tests, build, size and licences; and its pages in a real browser, where Chromium is found.
fn console_steps() -> Result<()> {
    if !console::prepare()? {
        println!(
            "skipped: the console's tests, because there is no Node {}.{} or newer with npm",
            console::NODE_MIN.0,
            console::NODE_MIN.1
        );
        return Ok(());
    }
    step("console", console::script("check"))?;
    step("browser", console::script("e2e"))
}

fn say_what_is_skipped() {
    for (variable, what, how) in SERVICES {
        if std::env::var_os(variable).is_none() {
            println!("skipped: {what}, because {variable} is not set; to run them, {how} (`.ci/run` does)");
        }
    }
}

fn cargo(args: &[&str]) -> Command {
    let mut command = house::cargo();
    command.args(args);
    command
}

/// `--workspace`, without the crates that compile the query engine when fast.
fn scope(command: &mut Command, fast: bool) {
    command.arg("--workspace");
    for name in ENGINE_CRATES.iter().filter(|name| fast && tidy::is_member(name)) {
        command.args(["--exclude", &format!("florin-{name}")]);
    }
}

fn clippy(fast: bool) -> Command {
    let mut command = cargo(&["clippy"]);
    scope(&mut command, fast);
    command.args(["--all-targets", "--", "-D", "warnings"]);
    command
}

fn doc() -> Command {
    let mut command = cargo(&["doc", "--workspace", "--no-deps"]);
    command.env("RUSTDOCFLAGS", "-D warnings");
    command
}

/// What `--workspace` leaves out: tests that need a feature which would change what the query engine is built with.
fn tests_with_features() -> Command {
    cargo(&[
        "test",
        "-p",
        "florin-collector",
        "--features",
        "serve",
        "--test",
        "it",
        "--",
        "crash",
        "clients",
        "overload",
    ])
}

fn step(name: &str, mut command: Command) -> Result<()> {
    let start = begin(name, &house::shown(&command));
    let status = command.status().with_context(|| format!("could not start `{}`", house::shown(&command)))?;
    if !status.success() {
        bail!("{name} failed; to repeat it: {}", repeat(&command));
    }
    end(name, start);
    Ok(())
}

fn tidy_step() -> Result<()> {
    let start = begin("tidy", "cargo xtask tidy");
    tidy::run().map_err(|error| anyhow!("{error:#}; to repeat it: cargo xtask tidy"))?;
    end("tidy", start);
    Ok(())
}

/// Runs tests, passing on what they write and adding up their summary lines.
fn test_step(mut command: Command, tally: &mut Tally) -> Result<()> {
    let start = begin("test", &house::shown(&command));
    let mut child = command.stdout(Stdio::piped()).spawn().context("could not start cargo test")?;
    if let Some(stdout) = child.stdout.take() {
        for line in BufReader::new(stdout).split(b'\n') {
            let line = String::from_utf8_lossy(&line?).into_owned();
            println!("{line}");
            tally.add(&line);
        }
    }
    if !child.wait()?.success() {
        bail!("test failed; to repeat it: {}", repeat(&command));
    }
    end("test", start);
    Ok(())
}

impl Tally {
    /// Adds a line such as `test result: ok. 3 passed; 0 failed; 1 ignored; …`; other lines add nothing.
    fn add(&mut self, line: &str) {
        let Some((_, counts)) = line.strip_prefix("test result: ").and_then(|rest| rest.split_once(". ")) else {
            return;
        };
        for part in counts.split("; ") {
            let Some((Ok(count), what)) = part.split_once(' ').map(|(n, what)| (n.parse::<u64>(), what)) else {
                continue;
            };
            match what {
                "passed" => self.passed += count,
                "failed" => self.failed += count,
                "ignored" => self.ignored += count,
                _ => {}
            }
        }
    }
}

fn begin(name: &str, command: &str) -> Instant {
    println!("\n== {name}: {command}");
    Instant::now()
}

fn end(name: &str, start: Instant) {
    println!("== {name}: passed in {}", shown(start.elapsed()));
}

fn repeat(command: &Command) -> String {
    let set = command.get_envs().filter_map(|(name, value)| Some((name, value?)));
    let set = set.map(|(name, value)| format!("{}='{}' ", name.to_string_lossy(), value.to_string_lossy()));
    format!("{}{}", set.collect::<String>(), house::shown(command))
}

fn shown(time: Duration) -> String {
    let seconds = time.as_secs_f64();
    if seconds < 60.0 {
        format!("{seconds:.1} s")
    } else {
        format!("{} min {:02} s", time.as_secs() / 60, time.as_secs() % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn summary_lines_add_up_and_other_lines_do_not() {
        let mut tally = Tally::default();
        tally.add("test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s");
        tally.add("test result: FAILED. 4 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s");
        tally.add("test refuses_offer ... ok");
        assert_eq!(tally, Tally { passed: 7, failed: 2, ignored: 1 });
    }

    #[test]
    fn the_command_that_repeats_a_step_carries_its_environment() {
        assert_eq!(repeat(&doc()), "RUSTDOCFLAGS='-D warnings' cargo doc --workspace --no-deps");
    }
}
