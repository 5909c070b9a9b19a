//! The questions of [`super::journeys`] over twice as many events: time should double, memory should not grow.

use anyhow::{Context, Result};

use super::{
    app_events::AppEvents,
    journeys_ours::{Ours, QUESTIONS, Question},
    median,
    report::Row,
    side::{Side, TURNS},
    workbench::Workbench,
};

const TIME_GOAL: f64 = 2.1;
const MEMORY_GOAL: f64 = 1.1;

/// Two rows a question: seconds and peak memory, beside half as many events.
pub(super) fn measure(bench: &Workbench) -> Result<Vec<Row>> {
    let twice = bench.rows.checked_mul(2).context("that many events cannot be doubled")?;
    let of = |rows| -> Result<Ours> { Ok(Ours::new(bench.program()?, AppEvents::of(bench, rows)?.bank)) };
    let sides = [of(twice)?, of(bench.rows)?];
    let mut rows = Vec::new();
    for question in QUESTIONS {
        eprintln!("journeys-scale: {}", question.about);
        rows.extend(ask(bench, &sides, question)?);
    }
    Ok(rows)
}

fn ask(bench: &Workbench, sides: &[Ours; 2], question: &Question) -> Result<[Row; 2]> {
    let repeat = Side::repeat(bench.runs);
    let mut timed = [Side::default(), Side::default()];
    let mut peaks = [0.0_f64; 2];
    for _ in 0..TURNS {
        for ((ours, side), peak) in sides.iter().zip(&mut timed).zip(&mut peaks) {
            side.turn(&mut ours.asked(question, repeat))?;
            *peak = peak.max(bench.time(&ours.asked(question, 1))?.peak_rss_bytes as f64);
        }
    }
    let [twice, once] = timed.map(|side| median(side.seconds));
    let about = format!("{}, twice {} events", question.about, bench.rows);
    let memory = Row::memory(format!("{about}, peak memory"), peaks[0], "once", peaks[1], MEMORY_GOAL);
    Ok([Row::seconds(about, twice, "once", once, TIME_GOAL), memory])
}
