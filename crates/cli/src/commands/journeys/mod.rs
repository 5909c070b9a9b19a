//! `florin funnel`, `retention`, `sessions`, `paths`, `next`, `stickiness`, `rhythm`, `rules`.

mod draw;
pub(super) mod funnel;
pub(super) mod next;
pub(super) mod paths;
mod picture;
pub(super) mod retention;
pub(super) mod rhythm;
pub(super) mod rules;
pub(super) mod sessions;
pub(super) mod stickiness;

use std::process::ExitCode;

use anyhow::{Context as _, bail};
use comfy_table::{Cell, CellAlignment, Color};
use florin_analytics::{Journey, RowsDef};
use florin_charts::{Picture, Style};
use florin_pipelines::{House, ask::Asking, journeys::JourneyDef};
use roaring::RoaringBitmap;
use serde_json::{Value, json};

pub(crate) use self::picture::ChartArgs;
use super::sql::{print_timing, timed};
use crate::{
    args::{Global, JourneyArgs},
    show,
};

/// Width of a bar that stands for everybody.
const BAR: usize = 40;

impl JourneyArgs {
    fn rows(&self) -> RowsDef {
        let asked = &self.rows;
        let (from, condition) = (asked.from.clone(), asked.condition.clone());
        RowsDef { from, condition, since: asked.since, until: asked.until }
    }

    /// Asks, and shows what came of it: to programs as JSON, to people with `print`, and as a picture if that was asked for.
    async fn show<J: Journey>(
        &self,
        global: &Global,
        house: &House,
        journey: &J,
        json_of: impl Fn(&J, &J::Answer) -> Value,
        print: impl Fn(&J, &J::Answer) -> anyhow::Result<()>,
        (chart, draw): (&ChartArgs, impl Fn(&J, &J::Answer, Style) -> Picture),
    ) -> anyhow::Result<ExitCode> {
        let Some(answer) = self.ask(house, journey).await? else { return Ok(ExitCode::SUCCESS) };
        if global.json {
            show::json(&json_of(journey, &answer))?;
        } else {
            print(journey, &answer)?;
        }
        chart.draw(|style| draw(journey, &answer, style))?;
        Ok(ExitCode::SUCCESS)
    }

    /// The answer; none with `--explain`, when the plan is shown instead.
    async fn ask<J: Journey>(&self, house: &House, journey: &J) -> anyhow::Result<Option<J::Answer>> {
        self.ask_in(&self.session(house).await?, journey).await
    }

    /// The session that a journey is asked in.
    async fn session<'h>(&self, house: &'h House) -> anyhow::Result<Asking<'h>> {
        let as_of = self.as_of.as_deref().map(|t| house.as_of(t)).transpose()?;
        Ok(house.asking(self.purpose, as_of).await?)
    }

    async fn ask_in<J: Journey>(&self, asking: &Asking<'_>, journey: &J) -> anyhow::Result<Option<J::Answer>> {
        if self.explain {
            show::line(asking.explain_journey(journey).await?)?;
            return Ok(None);
        }
        for run in 1..self.repeat.max(1) {
            self.timed(run, asking.journey(journey)).await?;
        }
        Ok(Some(self.timed(self.repeat.max(1), asking.journey(journey)).await?))
    }

    async fn timed<T>(
        &self,
        run: u32,
        answer: impl Future<Output = Result<T, florin_pipelines::FlowError>>,
    ) -> anyhow::Result<T> {
        let (answer, seconds) = timed(async { Ok(answer.await?) }).await?;
        print_timing(self.timings, run, seconds);
        Ok(answer)
    }

    /// The bank's journey of the name that was given, if one was.
    fn defined(&self, house: &House, kind: &'static str) -> anyhow::Result<Option<JourneyDef>> {
        let Some(name) = &self.name else { return Ok(None) };
        let journeys = &house.bank().journeys;
        let of_kind = || journeys.iter().filter(|(_, def)| def.kind() == kind).map(|(name, _)| name.as_str());
        match journeys.get(name) {
            Some(def) if def.kind() == kind => Ok(Some(def.clone())),
            Some(def) => bail!("`{name}` is no {kind} but `{}`: ask it with `florin {0} {name}`", def.kind()),
            None => bail!("there is no {kind} `{name}`; there are: {}", of_kind().collect::<Vec<_>>().join(", ")),
        }
    }
}

/// A choice of the command line, spelt as in a definition.
fn choice<T: serde::de::DeserializeOwned>(option: &str, text: &str) -> anyhow::Result<T> {
    serde_json::from_value(json!(text)).with_context(|| format!("`--{option} {text}` is none there is"))
}

/// Customers behind a number, one a line.
pub(super) fn list(global: &Global, customers: &RoaringBitmap) -> anyhow::Result<()> {
    if global.json {
        return show::json(&json!({ "customers": customers.iter().collect::<Vec<u32>>() }));
    }
    customers.iter().try_for_each(|customer| Ok(show::line(customer)?))
}

/// Lists the customers behind a number, or saves them as a segment.
async fn list_or_save<J: Journey + serde::Serialize>(
    global: &Global,
    asking: &Asking<'_>,
    (kind, journey): (&'static str, &J),
    cell: Value,
    customers: RoaringBitmap,
    save: Option<&str>,
) -> anyhow::Result<()> {
    let Some(name) = save else { return list(global, &customers) };
    let saved = customers.len();
    asking.save_segment(name, &asking.number(kind, journey, cell, customers)?).await?;
    if global.json {
        return show::json(&json!({ "segment": name, "customers": saved }));
    }
    Ok(show::line(format!("{saved} customers are segment `{name}`, for {}", asking.grant().purpose()))?)
}

/// `█████▍`: a share of [`BAR`] in eighths of a character.
fn bar(share: f64) -> String {
    const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    let eighths = (share.clamp(0.0, 1.0) * (BAR * 8) as f64).round() as usize;
    format!("{}{}", "█".repeat(eighths / 8), EIGHTHS[eighths % 8])
}

/// Microseconds as people say them.
pub(super) fn span(micros: Option<u64>) -> String {
    let Some(micros) = micros else { return String::new() };
    let seconds = micros as f64 / 1e6;
    match seconds {
        s if s < 60.0 => format!("{s:.1} s"),
        s if s < 3600.0 => format!("{:.1} min", s / 60.0),
        s if s < 86_400.0 => format!("{:.1} h", s / 3600.0),
        s => format!("{:.1} d", s / 86_400.0),
    }
}

/// The warmer the more: a cell of a heat map, from 0 to 1.
fn heat(text: String, warmth: f64) -> Cell {
    let shade = (warmth.clamp(0.0, 1.0) * 180.0) as u8;
    let cell = Cell::new(text).set_alignment(CellAlignment::Right);
    cell.bg(Color::Rgb { r: 20, g: 40 + shade / 2, b: 60 + shade }).fg(Color::White)
}

fn share(part: u64, of: u64) -> Option<f64> {
    (of > 0).then(|| part as f64 / of as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_as_long_as_their_share() {
        assert_eq!(bar(1.0).chars().count(), BAR);
        assert_eq!((bar(0.0), bar(0.5), bar(2.0)), (String::new(), "█".repeat(20), "█".repeat(BAR)));
        assert_eq!(bar(0.0125 / 2.0), "▎");
    }

    #[test]
    fn spans_have_the_unit_that_fits() {
        let shown = [1_500_000, 90_000_000, 5_400_000_000, 129_600_000_000].map(|micros| span(Some(micros)));
        assert_eq!(shown, ["1.5 s", "1.5 min", "1.5 h", "1.5 d"]);
    }
}
