//! Funnels: how many come how far.

use crate::{
    Chart, Picture, Style,
    figures::{count, percent, share, span},
    frame::{begin, nothing, series_legend},
    rows::{self, Bar, Row},
    style::SERIES_MAX,
};

/// Characters of a breakdown that are shown.
const BREAKDOWN_SHOWN: usize = 80;

/// A funnel.
#[derive(Debug, Clone, Default)]
pub struct FunnelChart {
    /// What it asks.
    pub title: String,
    /// What it is broken down by; empty when it is not.
    pub breakdown: String,
    /// Names of the steps.
    pub steps: Vec<String>,
    /// One, or one for each value of the breakdown. The first seven are drawn, the rest counted.
    pub series: Vec<FunnelSeries>,
}

/// Those of one value.
#[derive(Debug, Clone, Default)]
pub struct FunnelSeries {
    /// The value; `None` for those without one.
    pub name: Option<String>,
    /// Customers who reached each step.
    pub counts: Vec<u64>,
    /// The median time from the step before, microseconds; none for the first step.
    pub median_micros: Vec<Option<u64>>,
}

impl FunnelSeries {
    fn first(&self) -> u64 {
        self.counts.first().copied().unwrap_or_default()
    }

    fn at(&self, step: usize) -> u64 {
        self.counts.get(step).copied().unwrap_or_default()
    }

    /// Of those who entered, who reached a step.
    fn reached(&self, step: usize) -> f64 {
        share(self.at(step), self.first()).unwrap_or_default()
    }

    fn bar(&self, step: usize, style: Style, colour: crate::style::Colour) -> Bar {
        let before = self.at(step.saturating_sub(1));
        let of_before = if step == 0 { share(self.at(0), self.first()) } else { share(self.at(step), before) };
        let cells = vec![
            count(self.at(step)),
            percent(share(self.at(step), self.first())),
            percent(of_before),
            span(self.median_micros.get(step).copied().flatten(), style),
        ];
        let lost = before.saturating_sub(self.at(step));
        let lost_tip = format!("{}: {}", style.say("Dropped before this step", "在此步之前流失"), count(lost));
        Bar {
            share: self.reached(step),
            before: (step > 0 && lost > 0).then(|| (self.reached(step - 1), lost_tip)),
            mark: None,
            colour,
            tip: format!("{} ({})", count(self.at(step)), cells.get(1).cloned().unwrap_or_default()),
            cells,
        }
    }
}

impl Chart for FunnelChart {
    fn draw(&self, style: Style) -> Picture {
        let subtitle = match self.breakdown.as_str() {
            // An expression that takes more than a line says less than its values in the legend.
            by if by.is_empty() || by.chars().count() > BREAKDOWN_SHOWN => String::new(),
            by => format!("{} {by}", style.say("By", "按以下维度细分：")),
        };
        let mut canvas = begin(style, &self.title, style.say("Funnel", "漏斗"), &subtitle);
        if self.series.iter().all(|series| series.first() == 0) {
            nothing(&mut canvas);
            return canvas.finish(self.about(style));
        }
        if !self.breakdown.is_empty() {
            let names: Vec<Option<&str>> = self.series.iter().map(|series| series.name.as_deref()).collect();
            series_legend(&mut canvas, &names);
        }
        let headings = [
            style.say("Customers", "客户数"),
            style.say("Of the first", "占第一步"),
            style.say("Of the one before", "占上一步"),
            style.say("Median time", "中位用时"),
        ];
        let rows: Vec<Row> = (0..self.steps.len()).map(|step| self.row(step, style)).collect();
        rows::draw(&mut canvas, style.say("Step", "步骤"), &headings, &rows);
        canvas.y -= 12.0;
        canvas.finish(self.about(style))
    }
}

impl FunnelChart {
    fn row(&self, step: usize, style: Style) -> Row {
        let colours = style.theme.colours();
        let shown = self.series.iter().take(SERIES_MAX).enumerate();
        let bars = shown.map(|(i, series)| series.bar(step, style, colours.of_series(i))).collect();
        Row { label: format!("{}. {}", step + 1, self.steps.get(step).map_or("", String::as_str)), bars }
    }

    fn about(&self, style: Style) -> String {
        let one = |series: &FunnelSeries| {
            let steps = self.steps.iter().enumerate();
            let steps: Vec<String> = steps
                .map(|(i, step)| {
                    format!("{step} {} ({})", count(series.at(i)), percent(share(series.at(i), series.first())))
                })
                .collect();
            let name = series.name.as_ref().map_or_else(String::new, |name| format!("{name}: "));
            format!("{name}{}.", steps.join(", "))
        };
        let series: Vec<String> = self.series.iter().take(SERIES_MAX).map(one).collect();
        format!("{} {}", style.say("Funnel.", "漏斗图。"), series.join(" "))
    }
}
