//! `florin rules`.

use std::process::ExitCode;

use anyhow::bail;
use comfy_table::Cell;
use florin_analytics::{RulesAnswer, RulesDef};
use florin_pipelines::{House, journeys::JourneyDef};
use serde_json::{Value, json};

use super::draw;
use crate::{
    args::{Global, RulesArgs},
    show,
    surroundings::open,
};

/// Rules that are shown; the rest are counted.
const RULES_SHOWN: usize = 30;

pub(crate) async fn run(global: &Global, args: &RulesArgs) -> anyhow::Result<ExitCode> {
    let house = open(global).await?;
    let def = definition(&house, args)?;
    args.journey.show(global, &house, &def, json_of, print, (&args.chart, draw::rules)).await
}

fn definition(house: &House, args: &RulesArgs) -> anyhow::Result<RulesDef> {
    if let Some(JourneyDef::Rules(def)) = args.journey.defined(house, "rules")? {
        return Ok(def);
    }
    let Some(item) = args.asked.item.clone() else { bail!("say what customers have: --item EXPRESSION") };
    let (customers_min, confidence_min, items_max) =
        (args.asked.customers_min, args.asked.confidence_min, args.asked.items_max);
    Ok(RulesDef { about: String::new(), rows: args.journey.rows(), item, customers_min, confidence_min, items_max })
}

fn print(def: &RulesDef, answer: &RulesAnswer) -> anyhow::Result<()> {
    if !def.about.is_empty() {
        show::line(&def.about)?;
    }
    let mut shown = show::table(&["who has", "has", "customers", "confidence", "times as often as by chance"]);
    for rule in answer.found.rules.iter().take(RULES_SHOWN) {
        shown.add_row(vec![
            Cell::new(answer.names(&rule.antecedent).join(", ")),
            Cell::new(answer.names(&rule.consequent).join(", ")),
            show::number(rule.both),
            show::share(Some(rule.confidence)),
            Cell::new(format!("{:.2}", rule.lift)),
        ]);
    }
    show::line(format!("{} customers, {} rules", answer.found.customers, answer.found.rules.len()))?;
    show::line(shown)?;
    let more = answer.found.rules.len().saturating_sub(RULES_SHOWN);
    if more > 0 {
        show::line(format!("… and {more} more; --json has all"))?;
    }
    Ok(())
}

fn json_of(def: &RulesDef, answer: &RulesAnswer) -> Value {
    let rule = |rule: &florin_analytics::rules::AssociationRule| {
        json!({
            "antecedent": answer.names(&rule.antecedent),
            "consequent": answer.names(&rule.consequent),
            "customers": rule.both,
            "support": rule.support,
            "confidence": rule.confidence,
            "lift": rule.lift,
        })
    };
    let rules: Vec<Value> = answer.found.rules.iter().map(rule).collect();
    json!({ "definition": def, "customers": answer.found.customers, "rules": rules })
}
