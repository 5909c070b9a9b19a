//! `florin sql`.

use std::{io::Read as _, process::ExitCode};

use anyhow::Context as _;

use crate::{
    args::{Format, Global, SqlArgs},
    show,
    surroundings::open,
};

pub(crate) async fn run(global: &Global, args: &SqlArgs) -> anyhow::Result<ExitCode> {
    let house = open(global).await?;
    let sql = question(args)?;
    let as_of = args.as_of.as_deref().map(|t| house.as_of(t)).transpose()?;
    let asking = house.asking(args.purpose, as_of).await?;
    if args.explain {
        show::line(asking.explain(&sql).await?)?;
        return Ok(ExitCode::SUCCESS);
    }
    for run in 1..args.repeat.max(1) {
        let (_, seconds) = timed(async { Ok(asking.sql(&sql).await?.collect().await?) }).await?;
        print_timing(args.timings, run, seconds);
    }
    let format = args.format.unwrap_or(if global.json { Format::Json } else { Format::Table });
    let answered = async { show::answer(asking.sql(&sql).await?, format).await };
    let ((), seconds) = timed(answered).await?;
    print_timing(args.timings, args.repeat.max(1), seconds);
    Ok(ExitCode::SUCCESS)
}

fn question(args: &SqlArgs) -> anyhow::Result<String> {
    if let Some(file) = &args.file {
        return std::fs::read_to_string(file).with_context(|| format!("cannot read `{}`", file.display()));
    }
    match args.sql.as_deref() {
        Some("-") => {
            let mut sql = String::new();
            std::io::stdin().read_to_string(&mut sql).context("cannot read the question from standard input")?;
            Ok(sql)
        }
        sql => Ok(sql.unwrap_or_default().to_owned()),
    }
}

pub(super) async fn timed<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<(T, f64)> {
    let start = std::time::Instant::now();
    let done = work.await?;
    Ok((done, start.elapsed().as_secs_f64()))
}

#[expect(clippy::print_stderr, reason = "timings are diagnostics")]
pub(in crate::commands) fn print_timing(wanted: bool, run: u32, seconds: f64) {
    if wanted {
        eprintln!("{{\"run\":{run},\"seconds\":{seconds:.6}}}");
    }
}
