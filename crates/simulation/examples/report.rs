//! Compares a bank with real data: `cargo run --release --example report -- BANK DATA`.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "an example talks to its reader")]

use std::{error::Error, path::Path};

use florin_simulation::report;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [bank, data] = arguments.as_slice() else { return Err("two folders are needed: a bank and real data".into()) };
    print!("{}", report(Path::new(bank), Path::new(data))?);
    Ok(())
}
