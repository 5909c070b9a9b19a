//! `florin rfm`.

use std::process::ExitCode;

use anyhow::{Context as _, bail};
use comfy_table::Cell;
use florin_charts::{Chart as _, Language, Picture, RfmChart, RfmRow, Style};
use florin_pipelines::rfm::{RfmAnswer, RfmDef, RfmGroup};
use serde_json::{Value, json};

use super::journeys::list;
use crate::{
    args::{Global, RfmArgs},
    show,
    surroundings::open,
};

pub(crate) async fn run(global: &Global, args: &RfmArgs) -> anyhow::Result<ExitCode> {
    let house = open(global).await?;
    let as_of = args.as_of.as_deref().map(|t| house.as_of(t)).transpose()?;
    let asking = house.asking(args.purpose, as_of).await?;
    let mut def = RfmDef { from: args.from.clone(), days: args.days, ..RfmDef::default() };
    if let Some(condition) = &args.condition {
        def.condition.clone_from(condition);
    }
    let answer = asking.rfm(&def).await?;
    match (&args.list, &args.save_segment) {
        (Some(name), Some(segment)) => {
            let group = named(&def, &answer, name)?;
            asking.save_segment(segment, &asking.rfm_number(&def, group)?).await?;
            saved(global, segment, group.customers.len(), args)?;
        }
        (Some(name), None) => list(global, &named(&def, &answer, name)?.customers)?,
        _ if global.json => show::json(&json_of(&def, &answer))?,
        _ if answer.groups.is_empty() => show::line(nobody(&def))?,
        _ => print(&answer)?,
    }
    args.chart.draw(|style| draw(&def, &answer, style))?;
    Ok(ExitCode::SUCCESS)
}

fn saved(global: &Global, segment: &str, customers: u64, args: &RfmArgs) -> anyhow::Result<()> {
    match global.json {
        true => show::json(&json!({ "segment": segment, "customers": customers })),
        false => Ok(show::line(format!("{customers} customers are segment `{segment}`, for {}", args.purpose))?),
    }
}

/// `at_risk`.
fn key(group: &RfmGroup) -> String {
    json!(group.group).as_str().unwrap_or_default().to_owned()
}

/// Why there is no group, and where to look.
fn nobody(def: &RfmDef) -> String {
    let RfmDef { from, days, condition, .. } = def;
    format!(
        "nobody has rows of `{from}` in the last {days} days with {condition}: --as-of, --days and --where say which rows"
    )
}

fn named<'a>(def: &RfmDef, answer: &'a RfmAnswer, name: &str) -> anyhow::Result<&'a RfmGroup> {
    if answer.groups.is_empty() {
        bail!(nobody(def));
    }
    let known = || answer.groups.iter().map(key).collect::<Vec<_>>().join(", ");
    let found = answer.groups.iter().find(|group| key(group) == name);
    found.with_context(|| format!("nobody is in a group `{name}`; there are: {}", known()))
}

/// Ten thousandths as money, to the hundredth.
fn money(ten_thousandths: i128) -> String {
    let cents = (ten_thousandths + 50 * ten_thousandths.signum()) / 100;
    let sign = if cents < 0 { "-" } else { "" };
    format!("{sign}{}.{:02}", cents.unsigned_abs() / 100, cents.unsigned_abs() % 100)
}

fn print(answer: &RfmAnswer) -> anyhow::Result<()> {
    let all: u64 = answer.groups.iter().map(|group| group.customers.len()).sum();
    let mut table =
        show::table(&["group", "分组", "customers", "share", "mean days since", "mean payments", "mean money"]);
    for group in &answer.groups {
        let customers = group.customers.len();
        table.add_row(vec![
            Cell::new(key(group)),
            Cell::new(group.group.chinese()),
            show::number(customers),
            show::share((all > 0).then(|| customers as f64 / all as f64)),
            Cell::new(format!("{:.1}", group.mean_recency_days())),
            Cell::new(format!("{:.1}", group.mean_frequency())),
            Cell::new(money(group.mean_monetary())),
        ]);
    }
    show::line(table)?;
    if answer.untold > 0 {
        show::line(format!("of {} customers the amounts may not be seen or are not known", answer.untold))?;
    }
    Ok(())
}

fn json_of(def: &RfmDef, answer: &RfmAnswer) -> Value {
    let group = |group: &RfmGroup| {
        json!({
            "group": key(group),
            "name": { "zh": group.group.chinese(), "en": group.group.english() },
            "customers": group.customers.len(),
            "mean_recency_days": group.mean_recency_days(),
            "mean_frequency": group.mean_frequency(),
            "mean_money": money(group.mean_monetary()),
        })
    };
    let groups: Vec<Value> = answer.groups.iter().map(group).collect();
    json!({ "definition": def, "groups": groups, "untold": answer.untold })
}

fn draw(def: &RfmDef, answer: &RfmAnswer, style: Style) -> Picture {
    let row = |group: &RfmGroup| RfmRow {
        name: match style.language {
            Language::English => group.group.english().to_owned(),
            Language::Chinese => group.group.chinese().to_owned(),
        },
        customers: group.customers.len(),
        recency_days: group.mean_recency_days(),
        frequency: group.mean_frequency(),
        money: money(group.mean_monetary()),
    };
    let of = match style.language {
        Language::English => format!("{} of the last {} days: {}", def.from, def.days, def.condition),
        Language::Chinese => format!("最近 {} 天的 {}：{}", def.days, def.from, def.condition),
    };
    RfmChart { title: String::new(), of, groups: answer.groups.iter().map(row).collect() }.draw(style)
}

#[cfg(test)]
mod tests {
    use super::money;

    #[test]
    fn money_is_said_to_the_cent() {
        assert_eq!(
            [0, 49, 50, 12_345, -12_345, 1_000_000].map(money),
            ["0.00", "0.00", "0.01", "1.23", "-1.23", "100.00"]
        );
    }
}
