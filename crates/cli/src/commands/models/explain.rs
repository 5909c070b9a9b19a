//! `florin explain`.

use std::process::ExitCode;

use comfy_table::Cell;
use florin_domain::CustomerId;
use florin_pipelines::models::{Explained, explain};

use crate::{
    args::{ExplainArgs, Global},
    show,
    surroundings::open,
};

/// Scores that are as far apart are printed the same.
const SAME: f64 = 5e-5;

pub(crate) async fn run(global: &Global, args: &ExplainArgs) -> anyhow::Result<ExitCode> {
    let house = open(global).await?;
    let as_of = args.as_of.as_deref().map(|t| house.as_of(t)).transpose()?;
    let found = explain(&house, &args.name, CustomerId(args.customer), args.version, as_of, args.purpose).await?;
    match global.json {
        true => show::json(&found)?,
        false => print(&found)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn print(found: &Explained) -> anyhow::Result<()> {
    let Explained { model, version, state, customer, score, margin, base, .. } = found;
    match &found.text {
        None => {
            show::line(format!("customer {customer}: {score:.4}, by {model} version {version} ({})", state.name()))?;
        }
        Some(of) => {
            let head = format!("customer {customer}'s latest text, by {model} version {version} ({}):", state.name());
            show::line(format!("{head}\n  “{}”\n  is about {} ({:.1} %)", of.text, of.label, 100.0 * score))?;
            let others = of.others.iter().map(|(label, chance)| format!("{label} {:.1} %", 100.0 * chance));
            show::line(format!("  next: {}", others.collect::<Vec<_>>().join(", ")))?;
        }
    }
    for reason in &found.reasons {
        show::line(format!("  - {}\n    {}", reason.en, reason.zh))?;
    }
    if found.text.is_some() {
        return print_words(found);
    }
    let mut table = show::table(&["feature", "value", "adds", "what it is"]);
    for effect in &found.effects {
        let protected = if effect.protected { " (protected: never named to customers)" } else { "" };
        table.add_row(vec![
            Cell::new(&effect.feature),
            Cell::new(effect.value.as_deref().unwrap_or("-")),
            Cell::new(format!("{:+.4}", effect.adds)),
            Cell::new(format!("{}{protected}\n{}", effect.called.en, effect.called.zh)),
        ]);
    }
    show::line(table)?;
    let sum: f64 = found.effects.iter().map(|effect| effect.adds).sum();
    let plain = 1.0 / (1.0 + (-margin).exp());
    let which = if found.times.is_some() {
        format!("the log of the hazard against a usual customer's, which is the chance {score:.4}")
    } else if (margin.exp2() - score).abs() < SAME {
        format!("the exponent of the score: 2 to the power of it is {score:.4}")
    } else if (margin - score).abs() < SAME {
        "which is the score".to_owned()
    } else if (plain - score).abs() < SAME {
        format!("which is the score {score:.4}")
    } else {
        format!("the log-odds of {plain:.4}, which calibration takes to the score {score:.4}")
    };
    show::line(format!("{base:.4} (nothing known) {sum:+.4} (all features) = {margin:.4}, {which}"))?;
    if let Some(times) = &found.times {
        let chances = times.chances.iter().map(|(days, chance)| format!("{days:.0} days {:.1} %", 100.0 * chance));
        show::line(format!("by {}", chances.collect::<Vec<_>>().join(", ")))?;
        show::line(match times.median_days {
            Some(days) => format!("to half of such customers it happens within {days:.0} days"),
            None => "to fewer than half of such customers it happens by then".to_owned(),
        })?;
    }
    let to = found.to;
    match &found.nearest {
        None => show::line(format!("up to three features together do not take it to the middle of all, {to:.4}"))?,
        Some(nearest) => {
            show::line(format!(
                "the nearest change that takes it past the middle of all, {to:.4}, to {:.4}:",
                nearest.score
            ))?;
            for change in &nearest.changes {
                show::line(format!("  - {}\n    {}", change.en, change.zh))?;
            }
        }
    }
    Ok(())
}

/// What each word added.
fn print_words(found: &Explained) -> anyhow::Result<()> {
    let mut table = show::table(&["word", "adds"]);
    for effect in &found.effects {
        table.add_row([effect.feature.clone(), format!("{:+.4}", effect.adds)]);
    }
    show::line(table)?;
    let (base, margin) = (found.base, found.margin);
    let sum: f64 = found.effects.iter().map(|effect| effect.adds).sum();
    Ok(show::line(format!(
        "{base:.4} (no word read) {sum:+.4} (all words) = {margin:.4}, the decision before calibration"
    ))?)
}
