//! Lines over periods, numbers of rows or values: how a figure moves.

use std::fmt::Write as _;

use crate::{
    Chart, Interval, Picture, Style,
    canvas::{Canvas, unit},
    figures::{count, trimmed},
    frame::{begin, note, nothing, series_legend},
    plot::{Plot, caption_above},
    scale::between,
    style::SERIES_MAX,
};

/// Lines with more points have no dots.
const DOTS_MAX: usize = 60;
/// How wide the ends of intervals are.
const CAP: f64 = 3.5;

/// One or several lines over the same places.
#[derive(Debug, Clone, Default)]
pub struct LinesChart {
    /// What it asks.
    pub title: String,
    /// A line below the title.
    pub subtitle: String,
    /// What goes up.
    pub up: String,
    /// What goes across.
    pub across: String,
    /// What places across are called, from left to right.
    pub places: Vec<String>,
    /// The first seven are drawn.
    pub lines: Vec<Line>,
    /// A level that is pointed out, and what it is.
    pub reference: Option<(f64, String)>,
    /// Rows behind each place; drawn as small bars when there are as many as places.
    pub rows: Vec<u64>,
    /// Digits after the point.
    pub decimals: usize,
    /// Where the axis begins at the latest: 0 for shares and indices; none where only differences matter.
    pub from: Option<f64>,
}

/// A line.
#[derive(Debug, Clone, Default)]
pub struct Line {
    /// Whose it is.
    pub name: String,
    /// By place; none where nothing is known. An interval with equal ends is drawn without.
    pub points: Vec<Option<Interval>>,
}

impl Chart for LinesChart {
    fn draw(&self, style: Style) -> Picture {
        let mut canvas = begin(style, &self.title, style.say("How it moves", "变化趋势"), &self.subtitle);
        let known = || self.shown().iter().flat_map(|line| line.points.iter().flatten());
        if self.places.is_empty() || known().next().is_none() {
            nothing(&mut canvas);
            return canvas.finish(self.subtitle.clone());
        }
        if self.lines.len() > 1 {
            let names: Vec<Option<&str>> = self.lines.iter().map(|line| Some(line.name.as_str())).collect();
            series_legend(&mut canvas, &names);
        }
        caption_above(&mut canvas, &self.up);
        let ends = known().flat_map(|point| [point.low, point.value, point.high]);
        let ends = ends.chain(self.reference.iter().map(|(level, _)| *level)).chain(self.from);
        let ends = ends.filter(|end| end.is_finite());
        let (least, most) = ends.fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), v| (a.min(v), b.max(v)));
        let plot = Plot::between(&mut canvas, 230.0, &between(least, most, 5), self.decimals);
        if let Some((level, _)) = &self.reference {
            let (y, colour) = (plot.y(*level), canvas.colours.text);
            canvas.line((plot.left, y), (plot.x(1.0), y), colour).dashed();
        }
        for (number, line) in self.shown().iter().enumerate() {
            self.line(&mut canvas, &plot, number, line);
        }
        let words: Vec<(f64, &str)> =
            self.places.iter().enumerate().map(|(place, word)| (self.x(&plot, place), word.as_str())).collect();
        plot.words_below(&mut canvas, &words);
        plot.caption_below(&mut canvas, &self.across);
        self.rows(&mut canvas, &plot);
        self.notes(&mut canvas);
        canvas.finish(self.about())
    }
}

impl LinesChart {
    fn shown(&self) -> &[Line] {
        &self.lines[..self.lines.len().min(SERIES_MAX)]
    }

    /// Each place has a slot of its own.
    fn x(&self, plot: &Plot, place: usize) -> f64 {
        plot.x((place as f64 + 0.5) / self.places.len().max(1) as f64)
    }

    fn line(&self, canvas: &mut Canvas, plot: &Plot, number: usize, line: &Line) {
        let (colour, background) = (canvas.colours.of_series(number), canvas.colours.background);
        let (mut d, mut down) = (String::new(), false);
        let points = line.points.iter().take(self.places.len()).enumerate();
        for (place, point) in points.clone() {
            let Some(point) = point.filter(|point| point.value.is_finite()) else {
                down = false;
                continue;
            };
            let (x, y) = (self.x(plot, place), plot.y(point.value));
            let _ = write!(d, "{}{} {}", if down { "L" } else { "M" }, unit(x), unit(y));
            down = true;
            if point.low < point.high {
                let (low, high) = (plot.y(point.low), plot.y(point.high));
                canvas.line((x, low), (x, high), colour);
                for y in [low, high] {
                    canvas.line((x - CAP, y), (x + CAP, y), colour);
                }
            }
        }
        canvas.stroke(d, colour, 2.25);
        let radius = if self.places.len() > DOTS_MAX { 1.2 } else { 3.2 };
        for (place, point) in points {
            let Some(point) = point.filter(|point| point.value.is_finite()) else { continue };
            let name = if line.name.is_empty() { String::new() } else { format!("{}, ", line.name) };
            let tip = format!("{name}{}: {}", self.places[place], trimmed(point.value, self.decimals));
            canvas.circle(self.x(plot, place), plot.y(point.value), radius, colour).stroke(background, 1.0).tip(tip);
        }
    }

    /// How many rows stand behind each place.
    fn rows(&self, canvas: &mut Canvas, plot: &Plot) {
        const HIGH: f64 = 34.0;
        const BAR_MAX: f64 = 40.0;
        if self.rows.len() != self.places.len() {
            return;
        }
        let most = self.rows.iter().max().copied().unwrap_or_default().max(1);
        canvas.y += 8.0;
        let caption = canvas.say("Rows", "行数").to_owned();
        caption_above(canvas, &caption);
        let (top, colours) = (canvas.y + 4.0, canvas.colours);
        let thick = (plot.width / self.places.len() as f64 * 0.7).min(BAR_MAX);
        for (place, rows) in self.rows.iter().enumerate() {
            let high = HIGH * *rows as f64 / most as f64;
            let tip = format!("{}: {}", self.places[place], count(*rows));
            canvas.rect(self.x(plot, place) - thick / 2.0, top + HIGH - high, thick, high, colours.neutral).tip(tip);
        }
        canvas.line((plot.left, top + HIGH), (plot.left + plot.width, top + HIGH), colours.grid);
        canvas.y = top + HIGH;
    }

    fn notes(&self, canvas: &mut Canvas) {
        let style = canvas.style;
        let intervals = self.shown().iter().any(|line| line.points.iter().flatten().any(|p| p.low < p.high));
        let lines = if intervals { style.say("Lines: 95 % intervals", "线段：95 % 置信区间") } else { "" };
        let dashed = self.reference.as_ref().map_or_else(String::new, |(level, what)| {
            let before = if intervals { style.say(". ", "；") } else { "" };
            let said = trimmed(*level, self.decimals);
            format!("{before}{}{what} ({said})", style.say("Dashed: ", "虚线："))
        });
        let text = format!("{lines}{dashed}");
        if !text.is_empty() {
            note(canvas, &text);
        }
    }

    fn about(&self) -> String {
        let one = |line: &Line| {
            let said =
                |point: Option<&Interval>| point.map_or_else(String::new, |point| trimmed(point.value, self.decimals));
            let mut known = line.points.iter().flatten();
            let (first, last) = (said(known.next()), said(line.points.iter().flatten().last()));
            format!("{} {first} → {last}", line.name)
        };
        let lines: Vec<String> = self.shown().iter().map(one).collect();
        format!("{} {} / {}: {}.", self.subtitle, self.up, self.across, lines.join("; "))
    }
}
