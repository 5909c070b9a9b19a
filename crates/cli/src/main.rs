//! The one binary, `florin`.
//!
//! Results go to standard output, progress and diagnostics to standard error. Exit codes: 0 done, 1 refused or failed
//! with a message that says what to do, 2 wrong usage. Only here are the clock, randomness and the environment read.

mod args;
mod commands;
mod failure;
mod progress;
mod show;
mod surroundings;

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    let args = args::Args::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failure::print(&error.into()),
    };
    match runtime.block_on(commands::run(args)) {
        Ok(code) => code,
        Err(error) => failure::print(&error),
    }
}
