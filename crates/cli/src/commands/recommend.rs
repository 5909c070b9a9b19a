//! `florin recommend`.

use std::process::ExitCode;

use comfy_table::{Cell, Table};
use florin_domain::{CustomerId, Purpose};
use florin_pipelines::{
    House,
    offers::{
        AT_MOST, Evaluated, EvaluationAsked, ForOne, FromLog, Interval, Judged, Recommendation, Recommended, evaluate,
        recommend, recommend_to,
    },
};

use super::run::as_of;
use crate::{
    args::{Global, RecommendArgs},
    progress::Bars,
    show,
    surroundings::open,
};

/// The length of lists that methods are judged by.
const JUDGED_AT: usize = 10;

pub(crate) async fn run(global: &Global, args: &RecommendArgs) -> anyhow::Result<ExitCode> {
    let house = open(global).await?;
    match args.customer {
        Some(customer) => one(global, args, &house, CustomerId(customer)).await,
        None if args.evaluate => judge(global, args, &house).await,
        None => everybody(global, args, &house).await,
    }
}

async fn one(global: &Global, args: &RecommendArgs, house: &House, who: CustomerId) -> anyhow::Result<ExitCode> {
    let at = args.as_of.as_deref().map(|t| house.as_of(t)).transpose()?;
    let purpose = args.purpose.unwrap_or(Purpose::Marketing);
    let found = recommend_to(house, who, purpose, at, args.top.unwrap_or(AT_MOST)).await?;
    match global.json {
        true => show::json(&found)?,
        false => print_one(&found)?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn everybody(global: &Global, args: &RecommendArgs, house: &House) -> anyhow::Result<ExitCode> {
    let at = as_of(house, args.as_of.as_deref())?;
    let purposes: Vec<Purpose> = args.purpose.into_iter().collect();
    let found = recommend(house, &purposes, at, args.top.unwrap_or(AT_MOST), args.force, &Bars::default()).await?;
    match global.json {
        true => show::json(&found)?,
        false if found.is_empty() => show::line(match florin_pipelines::offers::purposes(house).is_empty() {
            true => "there are no offers; write offers/*.toml",
            false => "recommendations are up to date; `--force` makes them all the same",
        })?,
        false => print_everybody(&found)?,
    }
    Ok(if found.iter().all(|one| one.failed.is_none()) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn judge(global: &Global, args: &RecommendArgs, house: &House) -> anyhow::Result<ExitCode> {
    let from = args.from.as_deref().map(|t| house.as_of(t)).transpose()?;
    let k = args.top.unwrap_or(JUDGED_AT);
    let found = evaluate(house, EvaluationAsked { as_of: as_of(house, args.as_of.as_deref())?, from, k }).await?;
    match global.json {
        true => show::json(&found)?,
        false => print_judged(&found)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn print_one(found: &ForOne) -> anyhow::Result<()> {
    let at = jiff::Timestamp::from_microsecond(found.as_of.micros())?.strftime("%Y-%m-%d");
    let ranking = &found.ranking;
    let order = match ranking.personalised {
        true => "by what is known of the customer",
        false => "the same for everybody: nothing personal is used",
    };
    show::line(format!("customer {}, for {}, as of {at}, {order}", ranking.customer, found.purpose))?;
    for note in &found.notes {
        show::line(format!("  note: {note}"))?;
    }
    for (place, offer) in (1..).zip(&ranking.offers) {
        let (zh, en) = (&offer.meaning.zh, &offer.meaning.en);
        show::line(format!("\n{place}. {en} ({zh}): {:.4}{}", offer.score, parts(offer)))?;
        for reason in &offer.reasons {
            show::line(format!("   - {}\n     {}", reason.words.en, reason.words.zh))?;
        }
    }
    if ranking.offers.is_empty() {
        show::line("\nno offer is to be made")?;
    }
    if !ranking.withheld.is_empty() {
        show::line("\nwithheld")?;
    }
    for withheld in &ranking.withheld {
        show::line(format!("  {} ({})", withheld.meaning.en, withheld.meaning.zh))?;
        for (_, words) in &withheld.vetoes {
            show::line(format!("   - {}\n     {}", words.en, words.zh))?;
        }
    }
    for (offer, why) in &ranking.left_out {
        let why = serde_json::to_value(why)?;
        show::line(format!("left out: {offer} ({})", why.as_str().unwrap_or_default().replace('_', " ")))?;
    }
    Ok(())
}

/// What a score was made of.
fn parts(offer: &Recommendation) -> String {
    let of = offer.parts;
    let named = [
        ("propensity", of.propensity),
        ("uplift", of.uplift),
        ("alike customers", of.alike),
        ("popularity", of.popularity),
    ];
    let told: Vec<String> = named.iter().filter_map(|(name, part)| Some(format!("{name} {:.4}", (*part)?))).collect();
    if told.is_empty() { String::new() } else { format!(" ({})", told.join(", ")) }
}

/// What was made, as `florin run` prints it too.
pub(super) fn print_everybody(found: &[Recommended]) -> anyhow::Result<()> {
    for one in found {
        if let Some(why) = &one.failed {
            show::line(format!("recommendations for {} cannot be made: {why}", one.purpose))?;
            continue;
        }
        show::line(format!(
            "recommendations for {}: {} of {} customers are made an offer; {} are ranked without anything personal; stale because {}",
            one.purpose,
            one.offered,
            one.customers,
            one.declined,
            one.because.join("; ")
        ))?;
        let mut table = show::table(&["offer", "first", "made", "left out", "withheld", "because of"]);
        for offer in &one.offers {
            let vetoes: Vec<String> =
                offer.vetoes.iter().map(|(kind, count)| format!("{} {count}", kind.replace('_', " "))).collect();
            table.add_row(vec![
                Cell::new(format!("{}\n{}", offer.meaning.en, offer.meaning.zh)),
                show::number(offer.first),
                show::number(offer.made),
                show::number(offer.left_out),
                show::number(offer.withheld),
                Cell::new(vetoes.join(", ")),
            ]);
        }
        show::line(table)?;
    }
    if let Some(learnt) = found.iter().find_map(|one| one.learnt.as_ref()) {
        show::line(format!(
            "alike customers ({} with {} products in all): {}",
            learnt.customers, learnt.pairs, learnt.why
        ))?;
    }
    Ok(())
}

fn print_judged(found: &Evaluated) -> anyhow::Result<()> {
    let from = jiff::Timestamp::from_microsecond(found.from.micros())?.strftime("%Y-%m-%d");
    show::line(format!(
        "{} customers took something after {from}; {} products; lists of {}",
        found.customers, found.products, found.k
    ))?;
    show::line(&found.why)?;
    let k = found.k;
    let headings = ["on", "method", "NDCG", "MAP", "recall", "catalogue"];
    let mut table = show::table(&headings);
    let row = |table: &mut Table, on: &str, method: &str, judged: &Judged| {
        let of = &judged.figures;
        let interval = |i: Interval| format!("{:.3} ({:.3} to {:.3})", i.value, i.low, i.high);
        let cells = [on.to_owned(), method.to_owned(), interval(of.ndcg), interval(of.map), interval(of.recall)];
        table.add_row(cells.into_iter().chain([format!("{:.2}", judged.spread.coverage)]));
    };
    found.tried.iter().for_each(|tried| row(&mut table, "validation", &tried.method, &tried.judged));
    row(&mut table, "test", "popularity", &found.popularity);
    row(&mut table, "test", "chosen", &found.test);
    show::line(table)?;
    let d = found.difference;
    show::line(format!(
        "difference of NDCG@{k} on the test, customer by customer: {:+.3} ({:+.3} to {:+.3})",
        d.value, d.low, d.high
    ))?;
    found.log.as_ref().map_or(Ok(()), print_log)
}

fn print_log(log: &FromLog) -> anyhow::Result<()> {
    show::line(format!("by the log of {} chances, what one row would have earned:", log.rows))?;
    for (policy, value) in [("the first by alike customers", &log.alike), ("the most popular", &log.popularity)] {
        let told = match value {
            None => "cannot be told: it makes none of the offers of the log".to_owned(),
            Some(value) => format!(
                "{:.4} ({:.4} to {:.4}); self-normalised {:.4}, from {:.0} effective rows",
                value.ips.value, value.ips.low, value.ips.high, value.snips.value, value.effective_rows
            ),
        };
        show::line(format!("  {policy}: {told}"))?;
    }
    Ok(())
}
