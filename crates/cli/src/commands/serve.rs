//! `florin serve`.

use std::{io::Write as _, path::PathBuf, process::ExitCode};

use florin_server::{Server, Told};
use serde_json::{Value, json};

use crate::{args::Global, show, surroundings::open};

pub(crate) async fn run(global: &Global, listen: Option<&str>, console: Option<PathBuf>) -> anyhow::Result<ExitCode> {
    let house = open(global).await?;
    let (told_to_end, now) = (told_to_end()?, house.surroundings().now.clone());
    let server = Server::open(house, console).await?;
    let first = server.first_administrator().await?;
    let has_console = server.has_console();
    let told = Told::by(move |line| tell(line, now().micros()));
    let serving = server.serve(listen, told).await?;
    let address = format!("http://{}", serving.address);
    let [postgres, flight] = [serving.postgres, serving.flight].map(|address| address.map(|one| one.to_string()));
    if global.json {
        let first = first.map(|(user, password)| json!({ "user": user, "one_time_password": password }));
        show::json(&json!({
            "address": address, "console": has_console, "postgres": postgres, "flight": flight, "first_administrator": first,
        }))?;
    } else {
        let what = if has_console { "console and API" } else { "API (no console was built)" };
        show::line(format!("{what}: {address}"))?;
        for (what, address) in [("PostgreSQL's wire", postgres), ("Arrow Flight SQL", flight)] {
            if let Some(address) = address {
                show::line(format!("{what}: {address}"))?;
            }
        }
        if let Some((user, password)) = first {
            show::line(format!("first administrator: sign in as `{user}` with the one-time password {password}"))?;
            show::line("it is not shown again; `florin user password` makes another")?;
        }
    }
    serving.until(told_to_end).await?;
    Ok(ExitCode::SUCCESS)
}

/// One JSON object a line, on standard error.
fn tell(line: &Value, at: i64) {
    let mut line = line.clone();
    if let (Some(fields), Ok(at)) = (line.as_object_mut(), jiff::Timestamp::from_microsecond(at)) {
        fields.insert("at".to_owned(), at.to_string().into());
    }
    // Where nobody reads it any more, serving goes on.
    let _ = writeln!(std::io::stderr(), "{line}");
}

#[cfg(unix)]
fn told_to_end() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

#[cfg(not(unix))]
fn told_to_end() -> std::io::Result<impl Future<Output = ()>> {
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
    })
}
