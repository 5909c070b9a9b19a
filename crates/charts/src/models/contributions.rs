//! What a score is made of: by how much each feature moves it.

use crate::{
    Chart, Picture, Style,
    canvas::{Anchor, Canvas, MARGIN},
    figures::trimmed,
    frame::{begin, legend, note, nothing},
    text::{fit, width},
};

/// Features that are drawn; the rest are added up.
const SHOWN: usize = 15;
const LABEL_ROOM: f64 = 250.0;
const HIGH: f64 = 27.0;

/// Bars for features; as a waterfall they lead from the base to the score.
#[derive(Debug, Clone, Default)]
pub struct ContributionsChart {
    /// What it asks.
    pub title: String,
    /// A line below the title.
    pub subtitle: String,
    /// The largest first. The first fifteen are drawn, the rest added up.
    pub contributions: Vec<Contribution>,
    /// Where a waterfall starts: the score of nobody in particular. Bars start at 0 when there is none.
    pub base: Option<f64>,
    /// Digits after the point.
    pub decimals: usize,
}

/// A feature.
#[derive(Debug, Clone, Default)]
pub struct Contribution {
    /// Its name, with its value for one customer.
    pub name: String,
    /// By how much it moves the score.
    pub value: f64,
}

/// A bar.
struct Bar {
    name: String,
    from: f64,
    to: f64,
    /// A whole and no step: the base, the score.
    whole: bool,
}

/// Where values lie on paper.
struct Axis {
    left: f64,
    least: f64,
    unit: f64,
}

impl Axis {
    fn x(&self, value: f64) -> f64 {
        self.left + (value - self.least) * self.unit
    }
}

impl Chart for ContributionsChart {
    fn draw(&self, style: Style) -> Picture {
        let default = style.say("What the score goes by", "评分的构成");
        let mut canvas = begin(style, &self.title, default, &self.subtitle);
        if self.contributions.is_empty() {
            nothing(&mut canvas);
            return canvas.finish(self.subtitle.clone());
        }
        let bars = self.bars(style);
        if bars.iter().any(|bar| bar.to < bar.from) || self.base.is_some() {
            let colours = canvas.colours;
            let (up, down) = (style.say("raises the score", "提高评分"), style.say("lowers the score", "降低评分"));
            legend(&mut canvas, &[(colours.of_series(1), up), (colours.of_series(0), down)]);
        }
        let axis = axis(&canvas, &bars);
        let top = canvas.y;
        if self.base.is_none() {
            let (x, bottom) = (axis.x(0.0), top + HIGH * bars.len() as f64);
            let colour = canvas.colours.muted;
            canvas.line((x, top), (x, bottom), colour);
        }
        for (i, bar) in bars.iter().enumerate() {
            self.row(&mut canvas, &axis, bar);
            if self.base.is_some() && i + 1 < bars.len() {
                let (x, y, colour) = (axis.x(bar.to), canvas.y, canvas.colours.muted);
                canvas.line((x, y - 4.0), (x, y + 4.0), colour);
            }
        }
        if self.base.is_none() && self.contributions.len() > SHOWN {
            note(
                &mut canvas,
                &format!("{}{}", style.say("More, not shown: ", "其余未显示："), self.contributions.len() - SHOWN),
            );
        }
        canvas.finish(self.about(&bars))
    }
}

impl ContributionsChart {
    fn bars(&self, style: Style) -> Vec<Bar> {
        let finite = |value: f64| if value.is_finite() { value } else { 0.0 };
        let mut at = finite(self.base.unwrap_or_default());
        let mut bars = Vec::new();
        if self.base.is_some() {
            bars.push(Bar { name: style.say("Average", "平均水平").to_owned(), from: 0.0, to: at, whole: true });
        }
        for one in self.contributions.iter().take(SHOWN) {
            let from = if self.base.is_some() { at } else { 0.0 };
            at = from + finite(one.value);
            bars.push(Bar { name: one.name.clone(), from, to: at, whole: false });
        }
        if self.base.is_some() {
            let rest: f64 = self.contributions.iter().skip(SHOWN).map(|one| finite(one.value)).sum();
            let more = self.contributions.len().saturating_sub(SHOWN);
            if more > 0 {
                let name = format!("{}{more}", style.say("All others: ", "其余特征："));
                bars.push(Bar { name, from: at, to: at + rest, whole: false });
            }
            bars.push(Bar { name: style.say("Score", "评分").to_owned(), from: 0.0, to: at + rest, whole: true });
        }
        bars
    }

    fn said(&self, bar: &Bar) -> String {
        let value = if bar.whole { bar.to } else { bar.to - bar.from };
        let text = trimmed(value, self.decimals);
        let signed = !bar.whole && value > 0.0 && self.base.is_some();
        if signed { format!("+{text}") } else { text.replace('-', "−") }
    }

    fn row(&self, canvas: &mut Canvas, axis: &Axis, bar: &Bar) {
        let (y, colours) = (canvas.y, canvas.colours);
        // A whole is a thin mark where it ends: its length from 0 says nothing here.
        let (from, to) = (axis.x(if bar.whole { bar.to } else { bar.from }), axis.x(bar.to));
        let colour = match bar {
            _ if bar.whole => colours.text,
            _ if bar.to < bar.from => colours.of_series(0),
            // Sizes without a direction have the main colour.
            _ if self.base.is_none() && self.contributions.iter().all(|one| one.value >= 0.0) => colours.accent(),
            _ => colours.of_series(1),
        };
        let said = self.said(bar);
        let tip = format!("{}: {said}", bar.name);
        let (left, wide) = if bar.whole { (to - 2.0, 4.0) } else { (from.min(to), (to - from).abs().max(1.0)) };
        canvas.rect(left, y + 4.0, wide, HIGH - 8.0, colour).rounded(1.5).tip(&tip);
        canvas.text_in(MARGIN, y + 18.0, &bar.name, (LABEL_ROOM, 12.5), colours.text);
        let right = canvas.right();
        let shown = fit(&said, 90.0, 12.0, false);
        let text = canvas.text(right, y + 18.0, &shown, 12.0, colours.text).at(Anchor::End);
        if bar.whole {
            text.bold();
        }
        canvas.y += HIGH;
    }

    fn about(&self, bars: &[Bar]) -> String {
        let said: Vec<String> = bars.iter().map(|bar| format!("{} {}", bar.name, self.said(bar))).collect();
        format!("{} {}.", self.subtitle, said.join(", "))
    }
}

fn axis(canvas: &Canvas, bars: &[Bar]) -> Axis {
    let ends = || bars.iter().flat_map(|bar| if bar.whole { [bar.to, bar.to] } else { [bar.from, bar.to] });
    let (least, most) = ends().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)));
    let names = bars.iter().map(|bar| width(&bar.name, 12.5, false)).fold(0.0, f64::max).min(LABEL_ROOM);
    let (left, right) = (MARGIN + names + 18.0, canvas.right() - 104.0);
    let wide = if most > least { most - least } else { 1.0 };
    Axis { left, least, unit: (right - left) / wide }
}
