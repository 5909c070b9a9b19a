//! `florin resolve`, `florin identity`.

use std::process::ExitCode;

use comfy_table::{Cell, Table};
use florin_domain::CustomerId;
use florin_pipelines::{
    House,
    resolve::{self, Because, Merged, PersonView, Resolved, Waterfall},
};
use serde_json::json;

use crate::{
    args::{Global, IdentityCommand},
    progress::Bars,
    show,
    surroundings::open,
};

pub(crate) async fn resolve(global: &Global) -> anyhow::Result<ExitCode> {
    let house = open(global).await?;
    let resolved = resolve::resolve(&house, &Bars::default()).await?;
    if global.json {
        show::json(&resolved)?;
    } else {
        print(&resolved)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn print(resolved: &Resolved) -> anyhow::Result<()> {
    let mut shown =
        show::table(&["customers of all systems", "persons before", "persons now", "merges", "pairs compared"]);
    let counts = [resolved.records, resolved.persons_before, resolved.persons_after, resolved.merges];
    let counts = counts.map(|n| n as u64).into_iter().chain([resolved.pairs_compared]);
    shown.add_row(counts.map(show::number));
    show::line(shown)?;
    if let Some(known) = &resolved.visitors {
        show::line(format!("{} anonymous visitors are known to be customers", known.visitors))?;
    }
    if resolved.refused > 0 {
        show::line(format!(
            "{} links were not followed: national ids, or somebody's word, speak against them",
            resolved.refused
        ))?;
    }
    if !resolved.doubtful.is_empty() {
        let some: Vec<String> = resolved.doubtful.iter().take(10).map(u32::to_string).collect();
        let count = resolved.doubtful.len();
        show::line(format!(
            "{count} persons may be several; look at them with `florin identity show`: {} …",
            some.join(", ")
        ))?;
    }
    for skewed in &resolved.skewed {
        let example = skewed.example.map(|id| format!(" (customer {id} is one)")).unwrap_or_default();
        show::line(format!("left out: {} share a value of `{}`{example}", skewed.customers, skewed.rule))?;
    }
    Ok(())
}

pub(crate) async fn run(global: &Global, command: &IdentityCommand) -> anyhow::Result<ExitCode> {
    let house = open(global).await?;
    match command {
        IdentityCommand::Show { id } => show_person(global, &house, *id).await?,
        IdentityCommand::Find { values, file } => super::find::run(global, &house, values, file.as_deref()).await?,
        IdentityCommand::Merge { id, other, reason } => {
            resolve::merge(&house, CustomerId(*id), CustomerId(*other), reason).await?;
            show_person(global, &house, *id).await?;
        }
        IdentityCommand::Split { customers, reason } => {
            let person = resolve::split(&house, &numbers(customers), reason).await?;
            show_person(global, &house, person).await?;
        }
        IdentityCommand::Undo { event, customers, reason } => {
            resolve::undo(&house, *event, &numbers(customers), reason).await?;
            done(global, *event)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn numbers(customers: &[u32]) -> Vec<CustomerId> {
    customers.iter().copied().map(CustomerId).collect()
}

fn done(global: &Global, event: usize) -> anyhow::Result<()> {
    match global.json {
        true => show::json(&json!({ "undone": event })),
        false => Ok(show::line(format!("event {event} is taken back"))?),
    }
}

async fn show_person(global: &Global, house: &House, id: u32) -> anyhow::Result<()> {
    let person = resolve::show(house, CustomerId(id)).await?;
    if global.json { show::json(&person) } else { print_person(&person) }
}

fn print_person(person: &PersonView) -> anyhow::Result<()> {
    show::line(format!("person {}", person.person))?;
    let mut members = show::table(&["customer", "system"]);
    for member in &person.members {
        members.add_row(vec![show::number(u64::from(member.customer)), Cell::new(&member.system)]);
    }
    show::line(members)?;
    for event in &person.events {
        print_event(event)?;
    }
    Ok(())
}

fn print_event(event: &Merged) -> anyhow::Result<()> {
    let customers: Vec<String> = event.customers.iter().map(u32::to_string).collect();
    let at = jiff::Timestamp::from_microsecond(event.at.micros()).map(|t| t.to_string()).unwrap_or_default();
    show::line(format!(
        "\nevent {}: {} customers {} by {} at {at}: {}",
        event.event,
        event.what,
        customers.join(", "),
        event.by,
        event.reason
    ))?;
    event.because.as_ref().map_or(Ok(()), print_because)
}

fn print_because(because: &Because) -> anyhow::Result<()> {
    let waterfall = &because.waterfall;
    show::line(format!("customers {} and {}: probability {:.6}", because.left, because.right, waterfall.probability))?;
    if let Some(rule) = &waterfall.certain_rule {
        show::line(format!("certain by rule: {rule}"))?;
    }
    show::line(steps(waterfall))?;
    Ok(())
}

/// What each comparison adds to the prior, in bits.
pub(super) fn steps(waterfall: &Waterfall) -> Table {
    let mut shown = show::table(&["compared", "finding", "weight (bits)", "total"]);
    shown.add_row(vec![
        Cell::new("any two customers"),
        Cell::new("prior"),
        bits(waterfall.prior_weight),
        bits(waterfall.prior_weight),
    ]);
    for step in &waterfall.steps {
        shown.add_row(vec![Cell::new(&step.comparison), Cell::new(&step.level), bits(step.weight), bits(step.total)]);
    }
    shown
}

fn bits(weight: f64) -> Cell {
    Cell::new(format!("{weight:+.2}")).set_alignment(comfy_table::CellAlignment::Right)
}
