//! What customers do one thing after the other: the app events of the made-up bank, asked of its lake and of three peers
//! in their own best layouts.
//!
//! Every answer is compared with the peers' before there is a figure, that of the funnel customer by customer.

use anyhow::{Context, Result};

use super::{
    app_events::AppEvents,
    journeys_ours::{Ours, QUESTIONS, STEPS, WHO},
    journeys_peers::{Asked, Peers},
    least::Least,
    report::Row,
    workbench::Workbench,
};

/// A row a question and peer, the fastest first; questions that the program cannot answer yet are said and left out.
pub(super) fn measure(bench: &Workbench) -> Result<Vec<Row>> {
    let events = AppEvents::of(bench, bench.rows)?;
    let ours = Ours::new(bench.program()?, events.bank.clone());
    let peers = Peers::prepared(bench, &events, &ours)?;
    same_customers(&ours, &peers)?;
    let mut rows = Vec::new();
    for question in QUESTIONS {
        if let Some(reason) = ours.lacks(question)? {
            eprintln!("journeys: {} is skipped: {reason}", question.name);
            continue;
        }
        rows.extend(peers.ask(&Asked {
            name: question.name,
            about: question.about,
            goal: question.goal,
            ours: &|repeat| ours.asked(question, repeat),
            answer: question.answer,
            least: Some(Least::of(bench, &ours.table("event"), question.columns)?),
        })?);
    }
    Ok(rows)
}

/// The customers of each step are the same on all sides.
fn same_customers(ours: &Ours, peers: &Peers<'_>) -> Result<()> {
    let mut listed = "step,customer\n".to_owned();
    for step in 1..=STEPS.len() {
        listed.push_str(&ours.customers_of(step)?);
    }
    peers.agree(WHO, &listed).context("the funnel has other customers")?;
    eprintln!("journeys: the customers of each step of the funnel are the same on all sides");
    Ok(())
}
