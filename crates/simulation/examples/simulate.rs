//! Makes a bank: `cargo run --release --example simulate -- CUSTOMERS SEED OUT [MONTHS] [ACTIVITY] [WORKERS]`.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "an example talks to its reader")]

use std::{error::Error, path::Path, time::Instant};

use florin_simulation::{Settings, simulate};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let argument = |at: usize, default: &str| arguments.get(at).cloned().unwrap_or_else(|| default.to_owned());
    let settings = Settings {
        customers: argument(0, "2000").parse()?,
        seed: argument(1, "1").parse()?,
        months: argument(3, "24").parse()?,
        activity: argument(4, "1").parse()?,
        dirt: true,
        workers: argument(5, "2").parse()?,
        ..Settings::default()
    };
    let start = Instant::now();
    let summary = simulate(&settings, Path::new(&argument(2, "bank")), &|progress| {
        eprintln!("month {} of {}: {} records", progress.months, progress.months_total, progress.records);
    })?;
    let seconds = start.elapsed().as_secs_f64();
    println!("{summary:#?}");
    println!("{} records in {seconds:.1} s: {:.0} a second", summary.records(), summary.records() as f64 / seconds);
    Ok(())
}
