//! How fast are the kernels alone? Rows a second on one thread, over made-up rows in memory.
//!
//! `cargo run --release -p florin-journeys --example kernels -- [ROWS] [SEED] [TEXT]` (20 million rows, seed 1; questions that contain
//! the text). Customers have about 100
//! rows in visits of about 8; names follow a skewed distribution over 50 codes. The best of five runs is shown, in time that
//! the thread was on a core (so that a busy machine disturbs little; elsewhere than on Linux, on the clock).

#![allow(clippy::print_stdout, reason = "an example prints what it finds")]

use std::{env, error::Error, fs, hint::black_box, ops::Range, time::Instant};

use florin_journeys::{
    Bits, Period, Rows, Window, Zone,
    funnel::{Attribution, FunnelKernel, FunnelRows, FunnelSettings},
    next::{NextKernel, TransitionKernel},
    retention::{Cohorts, RetentionKernel, RetentionSettings, Return},
    sessions::{SessionKernel, SessionRows, SessionSettings},
};

const RUNS: usize = 5;
/// Rows of a batch, as the engine hands them over.
const BATCH: usize = 8192;
const MINUTE: i64 = 60_000_000;
const DAY: i64 = 1440 * MINUTE;
/// 2026-01-01.
const START: i64 = 20_454 * DAY;

/// Which rows, and their customers and times.
type Batch<'a> = (Range<usize>, Rows<'a>);

struct Made {
    customer: Vec<i64>,
    ts: Vec<i64>,
    name: Vec<u32>,
}

/// A 64-bit generator (G. Marsaglia, "Xorshift RNGs", 2003), good enough to make rows.
struct Random(u64);

impl Random {
    fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % n
    }
}

fn make(rows: usize, seed: u64) -> Made {
    let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let mut made = Made { customer: Vec::new(), ts: Vec::new(), name: Vec::new() };
    let (mut customer, mut ts) = (0, START);
    for _ in 0..rows {
        if random.below(100) == 0 {
            customer += 1;
            ts = START + random.below(DAY as u64) as i64;
        }
        ts += if random.below(8) == 0 {
            random.below(14 * DAY as u64) as i64
        } else {
            random.below(5 * MINUTE as u64) as i64
        };
        made.customer.push(customer);
        made.ts.push(ts);
        let (a, b) = (random.below(50), random.below(50));
        made.name.push(a.min(b) as u32);
    }
    made
}

impl Made {
    fn len(&self) -> usize {
        self.ts.len()
    }

    /// The bits of each row by its name.
    fn bits(&self, of: impl Fn(u32) -> u8) -> Vec<u8> {
        self.name.iter().map(|name| of(*name)).collect()
    }

    /// The rows that have a bit, and nothing else.
    fn only(&self, bits: &[u8]) -> (Self, Vec<u8>) {
        let kept: Vec<usize> = (0..self.len()).filter(|i| bits[*i] != 0).collect();
        let made = Self {
            customer: kept.iter().map(|i| self.customer[*i]).collect(),
            ts: kept.iter().map(|i| self.ts[*i]).collect(),
            name: kept.iter().map(|i| self.name[*i]).collect(),
        };
        (made, kept.iter().map(|i| bits[*i]).collect())
    }

    fn batches(&self) -> Result<Vec<Batch<'_>>, Box<dyn Error>> {
        let starts = (0..self.len()).step_by(BATCH);
        let ranges = starts.map(|start| start..(start + BATCH).min(self.len()));
        let batch = |r: Range<usize>| Ok((r.clone(), Rows::new(&self.customer[r.clone()], &self.ts[r])?));
        ranges.map(batch).collect()
    }
}

/// How long this thread has been on a core (`/proc/thread-self/schedstat`, its first number, nanoseconds).
fn seconds_on_core() -> Option<f64> {
    let text = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    Some(text.split(' ').next()?.parse::<f64>().ok()? / 1e9)
}

fn time<T>(what: &str, rows: usize, run: impl Fn() -> Result<T, Box<dyn Error>>) -> Result<(), Box<dyn Error>> {
    if !env::args().nth(3).is_none_or(|text| what.contains(&text)) {
        return Ok(());
    }
    let mut best = f64::INFINITY;
    for _ in 0..RUNS {
        let (clock, core) = (Instant::now(), seconds_on_core());
        black_box(run()?);
        let on_core = seconds_on_core().zip(core).map(|(end, start)| end - start);
        best = best.min(on_core.unwrap_or_else(|| clock.elapsed().as_secs_f64()));
    }
    println!("{what:<62} {:>9.1} ms {:>8.0} M rows/s", best * 1e3, rows as f64 / best / 1e6);
    Ok(())
}

fn funnel<M: Bits>(made: &Made, bits: &[M], asked: &FunnelSettings) -> Result<u64, Box<dyn Error>> {
    let mut kernel = FunnelKernel::new(asked)?;
    for (r, rows) in made.batches()? {
        kernel.push(&FunnelRows { rows, bits: &bits[r.clone()], held: None, by: Some(&made.name[r]) })?;
    }
    Ok(kernel.finish()?.values.iter().map(|value| value.counts()[0]).sum())
}

fn funnels(made: &Made) -> Result<(), Box<dyn Error>> {
    let rare = made.bits(|name| if (36..40).contains(&name) { 1 << (name - 36) } else { 0 });
    let often = made.bits(|name| if name < 4 { 1 << name } else { 0 });
    let mut asked = FunnelSettings::new(4);
    asked.window = Window::Micros(14 * DAY as u64);
    let share = |bits: &[u8]| bits.iter().filter(|b| **b != 0).count() * 100 / bits.len();
    let text = |what: &str, bits: &[u8]| format!("{what}, {} % of rows match", share(bits));
    time(&text("funnel, 4 steps in 14 days", &rare), made.len(), || funnel(made, &rare, &asked))?;
    time(&text("funnel, 4 steps in 14 days", &often), made.len(), || funnel(made, &often, &asked))?;
    let (dense, bits) = made.only(&rare);
    time("funnel, 4 steps in 14 days, over matching rows only", dense.len(), || funnel(&dense, &bits, &asked))?;
    let (dense, bits) = made.only(&often);
    time("the same over frequent events", dense.len(), || funnel(&dense, &bits, &asked))?;
    (asked.window, asked.zone) = (Window::Days(14), Zone::named("Asia/Shanghai")?);
    time(&text("funnel, 4 steps in 14 natural days", &rare), made.len(), || funnel(made, &rare, &asked))?;
    asked.breakdown = Some(Attribution::First);
    time(&text("the same by first value", &rare), made.len(), || funnel(made, &rare, &asked))?;
    asked.breakdown = Some(Attribution::Every);
    time(&text("the same by every value", &rare), made.len(), || funnel(made, &rare, &asked))?;
    long_funnel(made)
}

/// Twenty steps in half a year; every row matches one of them or none.
fn long_funnel(made: &Made) -> Result<(), Box<dyn Error>> {
    let bits: Vec<u32> = made.name.iter().map(|name| if *name < 20 { 1 << name } else { 0 }).collect();
    let mut asked = FunnelSettings::new(20);
    (asked.window, asked.breakdown) = (Window::Micros(180 * DAY as u64), Some(Attribution::First));
    time("funnel, 20 steps in 180 days by first value, 64 % of rows match", made.len(), || funnel(made, &bits, &asked))
}

fn retentions(made: &Made) -> Result<(), Box<dyn Error>> {
    let zone = Zone::named("Asia/Shanghai")?;
    let mut asked = RetentionSettings {
        cohorts: Cohorts::FirstTime,
        returns: Return::On,
        period: Period::Week,
        first: Period::Week.of_day((START / DAY) as i32),
        periods: 12,
        zone,
        as_of: START + 100 * DAY,
    };
    let bits = made.bits(|name| u8::from(name == 5) | u8::from(name < 10) << 1);
    for (cohorts, what) in [(Cohorts::FirstTime, "first time"), (Cohorts::Recurring, "recurring")] {
        asked.cohorts = cohorts;
        time(&format!("weekly retention, {what}, a third of rows match, all cells"), made.len(), || {
            let mut kernel = RetentionKernel::new(&asked)?;
            for (r, rows) in made.batches()? {
                kernel.push(rows, &bits[r])?;
            }
            let found = kernel.finish();
            let cells = (0..12).flat_map(|cohort| (0..12 - cohort).map(move |after| (cohort, after)));
            Ok(cells.filter_map(|(cohort, after)| found.count(cohort, after)).sum::<u64>())
        })?;
    }
    Ok(())
}

fn sessions(made: &Made) -> Result<(), Box<dyn Error>> {
    let mut asked = SessionSettings::with_gap(30 * MINUTE as u64);
    let run = |asked: &SessionSettings, names: bool| {
        let mut kernel = SessionKernel::new(asked);
        for (r, rows) in made.batches()? {
            kernel.push(&SessionRows { rows, channel: None, name: names.then(|| &made.name[r]) })?;
        }
        Ok(kernel.finish().sessions)
    };
    time("sessions, 30 minutes", made.len(), || run(&asked, false))?;
    time("sessions, 30 minutes, with entries, exits and dwell", made.len(), || run(&asked, true))?;
    (asked.midnight, asked.zone) = (true, Zone::named("Asia/Shanghai")?);
    time("sessions, 30 minutes, cut at midnight", made.len(), || run(&asked, false))?;
    Ok(())
}

fn nexts(made: &Made) -> Result<(), Box<dyn Error>> {
    time("next event, all pairs", made.len(), || {
        let mut kernel = TransitionKernel::new(50)?;
        for (r, rows) in made.batches()? {
            kernel.push(rows, &made.name[r])?;
        }
        Ok(kernel.finish())
    })?;
    time("next event after one, with customers and times", made.len(), || {
        let mut kernel = NextKernel::new(5, 50, u64::MAX)?;
        for (r, rows) in made.batches()? {
            kernel.push(rows, &made.name[r])?;
        }
        Ok(kernel.finish())
    })
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let rows = arguments.next().map_or(Ok(20_000_000), |n| n.parse())?;
    let seed = arguments.next().map_or(Ok(1), |n| n.parse())?;
    let made = make(rows, seed);
    println!("{rows} rows, seed {seed}, {} customers, one thread", made.customer.last().map_or(0, |c| c + 1));
    funnels(&made)?;
    retentions(&made)?;
    sessions(&made)?;
    nexts(&made)
}
