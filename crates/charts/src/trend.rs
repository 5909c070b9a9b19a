//! Conversion over time.

use std::fmt::Write as _;

use crate::{
    Chart, Picture, Style,
    canvas::{Anchor, Canvas, MARGIN, unit},
    figures::{count, percent, share, short},
    frame::{begin, nothing, series_legend},
    plot::{Measure, Plot, caption_above},
    scale::ticks,
    style::SERIES_MAX,
    text::width,
};

/// Lines with more points have no dots.
const DOTS_MAX: usize = 60;

/// Conversion of those who entered in each period.
#[derive(Debug, Clone, Default)]
pub struct TrendChart {
    /// What it asks.
    pub title: String,
    /// What it is broken down by; empty when it is not.
    pub breakdown: String,
    /// The first day of each period.
    pub periods: Vec<String>,
    /// One, or one for each value of the breakdown. The first seven are drawn, the rest counted.
    pub series: Vec<TrendSeries>,
}

/// Those of one value.
#[derive(Debug, Clone, Default)]
pub struct TrendSeries {
    /// The value; `None` for those without one.
    pub name: Option<String>,
    /// By period, as many as there are periods.
    pub points: Vec<TrendPoint>,
}

/// Those who entered in one period.
#[derive(Debug, Clone, Copy, Default)]
pub struct TrendPoint {
    /// How many entered.
    pub entered: u64,
    /// How many of them came to the end.
    pub converted: u64,
}

impl Chart for TrendChart {
    fn draw(&self, style: Style) -> Picture {
        let subtitle =
            style.say("Share of those who entered in a period and came to the end", "各周期进入者中完成全流程的比例");
        let mut canvas = begin(style, &self.title, style.say("Conversion over time", "转化率趋势"), subtitle);
        let most = self.shares().fold(0.0, f64::max);
        if self.periods.is_empty() || self.shares().next().is_none() {
            nothing(&mut canvas);
            return canvas.finish(subtitle.to_owned());
        }
        if !self.breakdown.is_empty() {
            let names: Vec<Option<&str>> = self.series.iter().map(|series| series.name.as_deref()).collect();
            series_legend(&mut canvas, &names);
        }
        let marks = ticks(most.max(0.001), 4);
        let plot = Plot::new(&mut canvas, 240.0, &marks, Measure::Share);
        for (i, series) in self.series.iter().take(SERIES_MAX).enumerate() {
            self.line(&mut canvas, &plot, i, series);
        }
        let words: Vec<(f64, &str)> =
            self.periods.iter().enumerate().map(|(i, period)| (self.x(&plot, i), period.as_str())).collect();
        plot.words_below(&mut canvas, &words);
        if let [series] = self.series.as_slice() {
            self.entered(&mut canvas, &plot, series);
        }
        canvas.finish(self.about(style))
    }
}

impl TrendChart {
    fn shares(&self) -> impl Iterator<Item = f64> {
        let points = self.series.iter().take(SERIES_MAX).flat_map(|series| &series.points);
        points.filter_map(|point| share(point.converted, point.entered))
    }

    /// Each period has a slot of its own.
    fn x(&self, plot: &Plot, period: usize) -> f64 {
        plot.x((period as f64 + 0.5) / self.periods.len().max(1) as f64)
    }

    /// A line, broken where nobody entered.
    fn line(&self, canvas: &mut Canvas, plot: &Plot, number: usize, series: &TrendSeries) {
        let colour = canvas.colours.of_series(number);
        let (mut d, mut down) = (String::new(), false);
        for (i, point) in series.points.iter().enumerate() {
            let Some(share) = share(point.converted, point.entered) else {
                down = false;
                continue;
            };
            let _ = write!(d, "{}{} {}", if down { "L" } else { "M" }, unit(self.x(plot, i)), unit(plot.y(share)));
            down = true;
        }
        canvas.stroke(d, colour, 2.25);
        let radius = if series.points.len() > DOTS_MAX { 1.2 } else { 3.2 };
        let background = canvas.colours.background;
        for (i, point) in series.points.iter().enumerate() {
            let Some(of_all) = share(point.converted, point.entered) else { continue };
            let name = series.name.as_ref().map_or_else(String::new, |name| format!("{name}, "));
            let period = self.periods.get(i).map_or("", String::as_str);
            let said = percent(Some(of_all));
            let tip = format!("{name}{period}: {said} ({} / {})", count(point.converted), count(point.entered));
            canvas.circle(self.x(plot, i), plot.y(of_all), radius, colour).stroke(background, 1.0).tip(tip);
        }
    }

    /// How many entered, in small bars below: a share of few says little.
    fn entered(&self, canvas: &mut Canvas, plot: &Plot, series: &TrendSeries) {
        const HIGH: f64 = 44.0;
        const BAR_MAX: f64 = 40.0;
        let most = series.points.iter().map(|point| point.entered).max().unwrap_or_default().max(1);
        canvas.y += 8.0;
        let caption = canvas.say("Entered", "进入人数").to_owned();
        caption_above(canvas, &caption);
        let (top, colours, style) = (canvas.y + 4.0, canvas.colours, canvas.style);
        let slot = plot.width / self.periods.len().max(1) as f64;
        for (i, point) in series.points.iter().enumerate() {
            let high = HIGH * point.entered as f64 / most as f64;
            let thick = (slot * 0.7).min(BAR_MAX);
            let x = self.x(plot, i) - thick / 2.0;
            let tip = format!("{}: {}", self.periods.get(i).map_or("", String::as_str), count(point.entered));
            canvas.rect(x, top + HIGH - high, thick, high, colours.neutral).tip(tip);
        }
        let said = short(most as f64, style);
        let room = plot.left - 8.0 - MARGIN;
        if width(&said, 11.0, false) <= room {
            canvas.text(plot.left - 8.0, top + 9.0, &said, 11.0, colours.muted).at(Anchor::End);
        }
        canvas.line((plot.left, top + HIGH), (plot.left + plot.width, top + HIGH), colours.grid);
        canvas.y = top + HIGH;
    }

    fn about(&self, style: Style) -> String {
        let one = |series: &TrendSeries| {
            let said = |point: Option<&TrendPoint>| percent(point.and_then(|p| share(p.converted, p.entered)));
            let name = series.name.as_ref().map_or_else(String::new, |name| format!("{name}: "));
            format!("{name}{} → {}", said(series.points.first()), said(series.points.last()))
        };
        let series: Vec<String> = self.series.iter().take(SERIES_MAX).map(one).collect();
        let (first, last) = (self.periods.first(), self.periods.last());
        let of = |period: Option<&String>| period.cloned().unwrap_or_default();
        format!("{} {} – {}. {}.", style.say("Conversion", "转化率"), of(first), of(last), series.join("; "))
    }
}
