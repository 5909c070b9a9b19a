//! How long the heavy parts take: `cargo run --release -p florin-features --example measure`; with `segments`, the set algebra alone, as
//! JSON lines for `cargo xtask bench segments`.
//!
//! Set algebra over 20 segments of 10 million customers, BG/NBD and Gamma-Gamma on a million made-up customers, k-means on a million customers by
//! eight traits. Medians of several runs, on as many threads as rayon takes (`RAYON_NUM_THREADS`). Nothing else should be running.
#![allow(clippy::print_stdout, reason = "an example")]

use std::{fmt, hint::black_box, time::Instant};

use florin_features::{
    FeatureError,
    clustering::{Matrix, k_means},
    clv::{
        bg_nbd::{self, Histories, History},
        gamma_gamma::{self, Spending},
    },
    segments::algebra::{Overlaps, difference, intersection, union},
};
use roaring::RoaringBitmap;

const CUSTOMERS: u32 = 10_000_000;
const BUYERS: usize = 1_000_000;

/// SplitMix64.
struct Draw(u64);

impl Draw {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn unit(&mut self) -> f64 {
        ((self.next() >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }

    fn exponential(&mut self) -> f64 {
        -self.unit().ln()
    }

    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.unit()).sum::<f64>() - 6.0
    }
}

fn main() -> Result<(), FeatureError> {
    if std::env::args().nth(1).is_some_and(|what| what == "segments") {
        mixes().iter().for_each(Mix::print_json);
        return Ok(());
    }
    println!("threads: {}", rayon::current_num_threads());
    mixes().iter().for_each(Mix::print);
    lifetime_value()?;
    clusters()
}

/// Milliseconds: the median of some runs, and the least.
struct Time {
    median: f64,
    least: f64,
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.2} ms (least {:.2})", self.median, self.least)
    }
}

fn timed<T>(runs: usize, mut run: impl FnMut() -> T) -> (Time, T) {
    let mut last = run();
    let mut times: Vec<f64> = (0..runs)
        .map(|_| {
            let start = Instant::now();
            last = black_box(run());
            start.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    times.sort_unstable_by(f64::total_cmp);
    (Time { median: times[times.len() / 2], least: times[0] }, last)
}

/// Segments of scattered customers: each customer is in with that probability, independently of its neighbours. Nothing is harder to
/// compress.
fn scattered(draw: &mut Draw, share: f64) -> RoaringBitmap {
    let limit = (share * 2.0_f64.powi(32)) as u64;
    (0..CUSTOMERS).filter(|_| draw.next() >> 32 < limit).collect()
}

/// What one mix of 20 segments takes.
struct Mix {
    name: &'static str,
    /// Of all memberships, saved.
    bytes: usize,
    overlaps: Time,
    of_saved: Time,
    union: Time,
    intersection: Time,
    difference: Time,
    /// To add up as many bytes on one thread.
    read: Time,
    /// How many are in any, in all, in the last only, and in the first two.
    found: [u64; 4],
}

impl Mix {
    fn print(&self) {
        let Self { name, overlaps, of_saved, union, intersection, difference, .. } = self;
        println!(
            "20 segments, {name} of 10 million ({:.1} MB): overlap matrix {overlaps}, of saved memberships {of_saved}, union {union}, intersection {intersection}, difference {difference}",
            self.bytes as f64 / 1e6
        );
        let [any, all, last, two] = self.found;
        println!("  {any} in any, {all} in all, {last} in the last only, {two} in the first two");
    }

    fn print_json(&self) {
        let told = [
            ("union", &self.union),
            ("intersection", &self.intersection),
            ("one without the others", &self.difference),
            ("overlaps of all pairs, in memory", &self.overlaps),
            ("overlaps of all pairs, saved", &self.of_saved),
        ];
        for (what, time) in told {
            let (seconds, least) = (time.median / 1e3, self.read.median / 1e3);
            let told = serde_json::json!({
                "mix": self.name, "what": what, "seconds": seconds, "bytes": self.bytes, "least_seconds": least
            });
            println!("{told}");
        }
    }
}

fn mixes() -> Vec<Mix> {
    let mut draw = Draw(1);
    let mixes: [(&str, &dyn Fn(usize) -> f64); 4] = [
        ("1 % to 50 %", &|n| 0.01 * 50.0_f64.powf(n as f64 / 19.0)),
        ("all 50 %", &|_| 0.5),
        ("all 5 %", &|_| 0.05),
        ("all 0.5 %", &|_| 0.005),
    ];
    mixes.iter().map(|&(name, share)| mix(name, &mut draw, share)).collect()
}

fn mix(name: &'static str, draw: &mut Draw, share: &dyn Fn(usize) -> f64) -> Mix {
    let segments: Vec<RoaringBitmap> = (0..20).map(|n| scattered(draw, share(n))).collect();
    let refs: Vec<&RoaringBitmap> = segments.iter().collect();
    let (both, overlaps) = timed(21, || Overlaps::of(&refs));
    let saved: Vec<Vec<u8>> = segments.iter().filter_map(bytes_of).collect();
    let (of_saved, again) = timed(21, || Overlaps::of_saved(&saved.iter().map(Vec::as_slice).collect::<Vec<_>>()));
    assert!(again.is_ok_and(|again| again == overlaps), "both ways give the same");
    let (union, members) = timed(21, || union(&refs));
    let (intersection, core) = timed(21, || intersection(&refs));
    let (difference, rest) = timed(21, || difference(refs[19], &refs[..19]));
    let (read, _) = timed(21, || saved.iter().map(|bytes| added(bytes)).fold(0, u64::wrapping_add));
    let found = [members.len(), core.len(), rest.len(), overlaps.both(0, 1)];
    let bytes = saved.iter().map(Vec::len).sum();
    Mix { name, bytes, overlaps: both, of_saved, union, intersection, difference, read, found }
}

/// The sum of the words in some bytes: reads all of them and does next to nothing else.
fn added(bytes: &[u8]) -> u64 {
    let (words, rest) = bytes.as_chunks::<8>();
    let words = words.iter().fold(0, |sum: u64, word| sum.wrapping_add(u64::from_le_bytes(*word)));
    rest.iter().fold(words, |sum, byte| sum.wrapping_add(u64::from(*byte)))
}

fn bytes_of(set: &RoaringBitmap) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    set.serialize_into(&mut bytes).ok().map(|()| bytes)
}

/// Daily histories of up to two years, from the model itself (r = 1, α = 40 days, p uniform).
fn lifetime_value() -> Result<(), FeatureError> {
    let mut draw = Draw(2);
    let histories: Vec<History> = (0..BUYERS)
        .map(|_| {
            let age = 30.0 + (draw.unit() * 700.0).floor();
            let (rate, leaves) = (draw.exponential() / 40.0, draw.unit());
            let (mut at, mut frequency, mut recency) = (0.0, 0, 0.0);
            loop {
                at += draw.exponential() / rate;
                if at > age || frequency >= 500 {
                    return History { frequency, recency, age };
                }
                (frequency, recency) = (frequency + 1, at.ceil().min(age));
                if draw.unit() < leaves {
                    return History { frequency, recency, age };
                }
            }
        })
        .collect();
    let (gather, gathered) = timed(3, || Histories::gather(&histories));
    let gathered = gathered?;
    let (fit, fitted) = timed(3, || bg_nbd::fit(&gathered));
    let fitted = fitted?;
    println!("BG/NBD, 1 million customers ({} distinct): gather {gather}, fit {fit}", gathered.distinct());
    println!("  {:?}", fitted.estimates.map(|e| (e.value, e.standard_error)));
    let (expect, total) = timed(3, || {
        histories.iter().map(|h| fitted.model.expected_purchases(h, 365.0).unwrap_or(f64::NAN)).sum::<f64>()
    });
    println!("  expected purchases of each in a year: {expect} on one thread, {total:.0} in all");
    let spendings: Vec<Spending> = histories
        .iter()
        .filter(|h| h.frequency > 0)
        .map(|h| Spending { purchases: h.frequency, mean: 50.0 * (draw.exponential() + draw.exponential() + 0.1) })
        .collect();
    let (spend, fitted) = timed(3, || gamma_gamma::fit(&spendings));
    println!("Gamma-Gamma, {} customers: fit {spend}; {:?}", spendings.len(), fitted?.model);
    Ok(())
}

fn clusters() -> Result<(), FeatureError> {
    let mut draw = Draw(3);
    let values = (0..BUYERS * 8).map(|n| draw.normal() + if n / 8 % 8 == n % 8 { 4.0 } else { 0.0 }).collect();
    let matrix = Matrix::new(8, values)?;
    let (time, model) = timed(3, || k_means::fit(&matrix, 8, 1));
    let model = model?;
    println!(
        "k-means, 1 million customers, 8 traits, 8 clusters: {time}, {} iterations with everybody, sum of squares {:.4e}",
        model.iterations(),
        model.inertia()
    );
    Ok(())
}
