//! How long ONNX models take here: the models and rows that `benches/models/onnx_peer.py` makes.
//!
//! `onnx FOLDER` prints one JSON line a model: microseconds a row of all rows together on one thread, of a single row, and of a single row with its explanation.
#![allow(clippy::print_stdout, reason = "a program that prints")]

use std::{error::Error, fs, path::Path, time::Instant};

use florin_models::{
    Column, Frame, Model,
    onnx::{OnnxModel, OnnxOptions},
};

const MODELS: [&str; 4] = ["lightgbm_80_trees", "forest_50_trees", "logistic", "network"];
const RUNS: usize = 7;
const SINGLE_RUNS: usize = 500;

fn main() -> Result<(), Box<dyn Error>> {
    rayon::ThreadPoolBuilder::new().num_threads(1).build_global()?;
    let folder = std::env::args().nth(1).ok_or("name the folder that `onnx_peer.py` wrote")?;
    let folder = Path::new(&folder);
    let rows: Vec<Vec<f64>> = serde_json::from_slice(&fs::read(folder.join("rows.json"))?)?;
    let columns = rows.first().map_or(0, Vec::len);
    let column = |at: usize| Column::number(format!("f{at}"), rows.iter().map(|row| row[at]).collect());
    let frame = Frame::new((0..columns).map(column).collect())?;
    let one = frame.select(&[0])?;
    for name in MODELS {
        let model = OnnxModel::read(&fs::read(folder.join(format!("{name}.onnx")))?, OnnxOptions::default())?;
        let model = model.referenced(&frame)?;
        let together = median(RUNS, || model.predict(&frame).map(drop))? / rows.len() as f64;
        let single = median(SINGLE_RUNS, || model.predict(&one).map(drop))?;
        let explained = median(RUNS, || model.contributions(&one).map(drop))?;
        println!(
            "{{\"model\":\"{name}\",\"together_us\":{together:.3},\"single_us\":{single:.3},\"explained_us\":{explained:.1},\"by\":\"{}\"}}",
            model.explained_by()
        );
    }
    Ok(())
}

/// The median of so many runs after one that warms up, in microseconds.
fn median(runs: usize, run: impl Fn() -> florin_models::Result<()>) -> Result<f64, Box<dyn Error>> {
    run()?;
    let mut taken = Vec::with_capacity(runs);
    for _ in 0..runs {
        let started = Instant::now();
        run()?;
        taken.push(started.elapsed().as_secs_f64() * 1e6);
    }
    taken.sort_unstable_by(f64::total_cmp);
    Ok(taken[runs / 2])
}
