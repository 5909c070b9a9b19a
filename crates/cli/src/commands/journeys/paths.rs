//! `florin paths`.

use std::process::ExitCode;

use comfy_table::Cell;
use florin_analytics::{PathsAnswer, PathsDef};
use florin_pipelines::{House, journeys::JourneyDef};
use serde_json::{Value, json};

use super::{bar, draw, share};
use crate::{
    args::{Global, PathsArgs},
    show,
    surroundings::open,
};

/// Whole paths that are shown.
const WHOLE_SHOWN: usize = 10;

pub(crate) async fn run(global: &Global, args: &PathsArgs) -> anyhow::Result<ExitCode> {
    let house = open(global).await?;
    let def = definition(&house, args)?;
    args.journey.show(global, &house, &def, json_of, print, (&args.chart, draw::paths)).await
}

fn definition(house: &House, args: &PathsArgs) -> anyhow::Result<PathsDef> {
    if let Some(JourneyDef::Paths(def)) = args.journey.defined(house, "paths")? {
        return Ok(def);
    }
    Ok(PathsDef {
        about: String::new(),
        rows: args.journey.rows(),
        name: args.asked.name_by.clone(),
        after: args.asked.after.clone(),
        before: args.asked.before.clone(),
        last: args.asked.last,
        depth: args.asked.depth,
        breadth: args.asked.breadth,
        gap: args.asked.gap.clone(),
    })
}

fn print(def: &PathsDef, answer: &PathsAnswer) -> anyhow::Result<()> {
    if !def.about.is_empty() {
        show::line(&def.about)?;
    }
    let all: u64 = answer.found.nodes.iter().filter(|n| n.position == 0).map(|n| n.customers.len()).sum();
    let (near, far) = if def.before.is_some() { ("then", "before it") } else { ("from", "then") };
    let mut shown = show::table(&["place", near, far, "customers", "share", ""]);
    let mut links: Vec<_> = answer.found.links.iter().collect();
    links.sort_by_key(|link| (link.position, std::cmp::Reverse(link.customers.len())));
    for link in links {
        let of_all = share(link.customers.len(), all);
        shown.add_row(vec![
            Cell::new(u64::from(link.position) + 1),
            Cell::new(name(answer, link.from)),
            Cell::new(name(answer, link.to)),
            show::number(link.customers.len()),
            show::share(of_all),
            Cell::new(bar(of_all.unwrap_or_default())),
        ]);
    }
    show::line(format!("{all} customers"))?;
    show::line(shown)?;
    show::line("the most usual whole paths:")?;
    for path in answer.found.whole.iter().take(WHOLE_SHOWN) {
        let mut names: Vec<String> = path.names.iter().map(|code| name(answer, *code)).collect();
        if def.before.is_some() {
            names.reverse();
        }
        show::line(format!("{:>9}  {}", path.customers.len(), names.join(" → ")))?;
    }
    Ok(())
}

fn name(answer: &PathsAnswer, code: u32) -> String {
    answer.name(code).unwrap_or_else(|| "(others)".to_owned())
}

fn json_of(def: &PathsDef, answer: &PathsAnswer) -> Value {
    let named = |code: u32| answer.name(code);
    let nodes = answer.found.nodes.iter();
    let nodes = nodes.map(|n| json!({ "position": n.position, "name": named(n.name), "customers": n.customers.len() }));
    let links = answer.found.links.iter().map(
        |l| json!({ "position": l.position, "from": named(l.from), "to": named(l.to), "customers": l.customers.len() }),
    );
    let whole = answer.found.whole.iter().map(|path| {
        let names: Vec<Option<String>> = path.names.iter().map(|code| named(*code)).collect();
        json!({ "names": names, "customers": path.customers.len() })
    });
    json!({
        "definition": def,
        "nodes": nodes.collect::<Vec<_>>(),
        "links": links.collect::<Vec<_>>(),
        "paths": whole.collect::<Vec<_>>(),
    })
}
