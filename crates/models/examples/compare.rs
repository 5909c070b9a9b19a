//! Our side of `cargo xtask bench models`: the same folds, rounds, leaves and threads as `benches/models/lightgbm_peer.py`.
//!
//! `compare fit FILE RUNS` · `compare scorecard FILE` · `compare score DIR RUNS`; each prints JSON lines.
#![allow(clippy::print_stdout, reason = "what it prints is what it is for")]
#![allow(clippy::disallowed_methods, reason = "a measurement reads the clock")]

use std::{collections::BTreeSet, error::Error, fs, hint::black_box, path::Path, time::Instant};

use arrow::{array::RecordBatch, compute::concat_batches, ipc::reader::FileReader};
use florin_models::{
    DataSet, Frame, Label, Model,
    explain::reasons,
    frame::Values,
    scorecard::ScorecardSettings,
    trees::{BoostedTrees, from_lightgbm},
};
use serde_json::json;

type Outcome<T> = Result<T, Box<dyn Error>>;

const FOLDS: usize = 5;
const TILES: usize = 5;
const EXPLAINED: usize = 2000;
/// Single customers who are scored for the latency of one.
const SINGLES: usize = 2000;

fn main() -> Outcome<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    // As the peer: one thread.
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build()?;
    pool.install(|| match words[..] {
        ["fit", file, runs] => fit(Path::new(file), runs.parse().unwrap_or(1)).map_err(|e| e.to_string()),
        ["scorecard", file] => scorecard(Path::new(file)).map_err(|e| e.to_string()),
        ["score", dir, runs] => score(Path::new(dir), runs.parse().unwrap_or(1)).map_err(|e| e.to_string()),
        _ => Err("compare fit FILE RUNS | scorecard FILE | score DIR RUNS".to_owned()),
    })?;
    Ok(())
}

fn read(path: &Path) -> Outcome<RecordBatch> {
    let reader = FileReader::try_new(fs::File::open(path)?, None)?;
    let schema = reader.schema();
    let batches = reader.collect::<Result<Vec<_>, _>>()?;
    Ok(concat_batches(&schema, &batches)?)
}

/// Training and test rows of each fold.
fn folds(path: &Path) -> Outcome<Vec<(DataSet, DataSet)>> {
    let batch = read(path)?;
    let schema = batch.schema();
    let names: Vec<&str> =
        schema.fields().iter().map(|f| f.name().as_str()).filter(|n| *n != "label" && *n != "fold").collect();
    let frame = Frame::from_arrow(&batch, &names)?;
    let label = Label::from_arrow(batch.column_by_name("label").ok_or("no label")?)?;
    let Values::Number(fold) = Frame::from_arrow(&batch, &["fold"])?.column("fold")?.values.clone() else {
        return Err("folds are no numbers".into());
    };
    let whole = DataSet::new(frame, label, None)?;
    let part = |held: usize, test: bool| {
        let rows: Vec<usize> = (0..fold.len()).filter(|&row| (fold[row] as usize == held) == test).collect();
        whole.select(&rows)
    };
    Ok((0..FOLDS).map(|held| Ok((part(held, false)?, part(held, true)?))).collect::<florin_models::Result<Vec<_>>>()?)
}

fn fit(path: &Path, runs: usize) -> Outcome<()> {
    let folds = folds(path)?;
    let learner = BoostedTrees { threads: Some(1), ..BoostedTrees::default() };
    for _ in 0..runs {
        let (mut seconds, mut aucs) = (0.0, 0.0);
        for (train, test) in &folds {
            let start = Instant::now();
            let model = learner.grow(train, None)?;
            seconds += start.elapsed().as_secs_f64();
            aucs += auc(&model.margins(test.frame())?, test.binary()?);
        }
        println!("{}", json!({ "seconds": seconds, "auc": aucs / FOLDS as f64 }));
    }
    Ok(())
}

fn scorecard(path: &Path) -> Outcome<()> {
    let (mut seconds, mut aucs) = (0.0, 0.0);
    for (train, test) in folds(path)? {
        let start = Instant::now();
        let card = ScorecardSettings::default().build(&train)?;
        seconds += start.elapsed().as_secs_f64();
        aucs += auc(&card.margins(test.frame())?, test.binary()?);
    }
    println!("{}", json!({ "seconds": seconds, "auc": aucs / FOLDS as f64 }));
    Ok(())
}

fn score(dir: &Path, runs: usize) -> Outcome<()> {
    let batch = read(&dir.join("score.arrow"))?;
    let schema = batch.schema();
    let names: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
    let part = Frame::from_arrow(&batch, &names)?;
    let model = from_lightgbm(&fs::read_to_string(dir.join("score.txt"))?)?;
    let rows = part.rows();
    let whole = part.select(&(0..rows * TILES).map(|row| row % rows).collect::<Vec<_>>())?;
    let some = part.select(&(0..EXPLAINED).collect::<Vec<_>>())?;
    let singles = (0..SINGLES).map(|row| part.select(&[row])).collect::<florin_models::Result<Vec<_>>>()?;
    for _ in 0..runs {
        let start = Instant::now();
        black_box(model.predict(&whole)?);
        let predict = start.elapsed().as_secs_f64();
        let start = Instant::now();
        black_box(model.contributions(&some)?);
        let explain = start.elapsed().as_secs_f64();
        let mut micros = Vec::with_capacity(SINGLES);
        for one in &singles {
            let start = Instant::now();
            black_box(model.predict(one)?);
            black_box(reasons(&model, one, true, 4, &BTreeSet::new())?);
            micros.push(start.elapsed().as_secs_f64() * 1e6);
        }
        micros.sort_by(f64::total_cmp);
        let single = micros[SINGLES / 2];
        println!(
            "{}",
            json!({ "predict": predict, "explain": explain, "single_us": single, "single_p99_us": micros[SINGLES * 99 / 100] })
        );
    }
    Ok(())
}

fn auc(scores: &[f64], labels: &[f64]) -> f64 {
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|&a, &b| scores[a].total_cmp(&scores[b]));
    let (mut no, mut yes, mut above) = (0.0, 0.0, 0.0);
    for tied in order.chunk_by(|&a, &b| scores[a] == scores[b]) {
        let up: f64 = tied.iter().map(|&row| labels[row]).sum();
        let down = tied.len() as f64 - up;
        above += up * (no + down / 2.0);
        (no, yes) = (no + down, yes + up);
    }
    above / (no * yes)
}
