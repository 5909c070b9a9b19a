//! How long intervals take: `cargo run --release -p florin-measurement --example speed`.
#![allow(clippy::print_stdout, reason = "an example that prints")]

use std::{error::Error, time::Instant};

use florin_measurement::{Level, Resampling, Sample, auc_interval, discriminate};

fn main() -> Result<(), Box<dyn Error>> {
    let mut state = 1u64;
    let mut unit = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1u64 << 53) as f64
    };
    for rows in [100_000, 1_000_000] {
        let scores: Vec<f64> = (0..rows).map(|_| unit()).collect();
        let labels: Vec<bool> = scores.iter().map(|score| unit() < score * 0.3).collect();
        let sample = Sample::new(&scores, &labels)?;
        let start = Instant::now();
        let found = discriminate(&sample, &Resampling::new(1))?;
        let bootstrap = start.elapsed();
        let start = Instant::now();
        let delong = auc_interval(&scores, &labels, Level::USUAL)?;
        println!("{rows} rows: all figures, 200 resamples {bootstrap:.2?}; DeLong {:.2?}", start.elapsed());
        println!("  AUC {:.4?} and {delong:.4?}", found.auc);
    }
    Ok(())
}
