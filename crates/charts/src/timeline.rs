//! How large a segment was, over time.

use std::fmt::Write as _;

use crate::{
    Chart, Picture, Style,
    canvas::{Canvas, unit},
    figures::count,
    frame::{begin, legend, nothing},
    plot::{Measure, Plot, caption_above},
    scale::count_ticks,
};

/// How large a segment was each time it was computed. In between it stays as it was.
#[derive(Debug, Clone, Default)]
pub struct TimelineChart {
    /// The segment.
    pub title: String,
    /// The earliest first.
    pub points: Vec<TimelinePoint>,
}

/// One time it was computed.
#[derive(Debug, Clone, Default)]
pub struct TimelinePoint {
    /// When, microseconds of any one clock.
    pub at_micros: i64,
    /// When, for people.
    pub label: String,
    /// How many belonged to it.
    pub members: u64,
    /// How many came to it since the point before.
    pub entered: u64,
    /// How many left it since then.
    pub left: u64,
}

impl Chart for TimelineChart {
    fn draw(&self, style: Style) -> Picture {
        let subtitle = style.say("Members over time", "成员数随时间的变化");
        let mut canvas = begin(style, &self.title, style.say("Size of the segment", "客群规模"), subtitle);
        let Some((first, last)) = self.points.first().zip(self.points.last()) else {
            nothing(&mut canvas);
            return canvas.finish(subtitle.to_owned());
        };
        let most = self.points.iter().map(|p| p.members).max().unwrap_or_default();
        let plot = Plot::new(&mut canvas, 220.0, &count_ticks(most, 4), Measure::Count);
        self.members(&mut canvas, &plot);
        let words: Vec<(f64, &str)> = self.points.iter().map(|p| (self.x(&plot, p), p.label.as_str())).collect();
        plot.words_below(&mut canvas, &words);
        if self.points.iter().any(|p| p.entered + p.left > 0) {
            self.changes(&mut canvas, &plot);
        }
        canvas.finish(format!(
            "{}: {} {} → {} {}.",
            subtitle,
            first.label,
            count(first.members),
            last.label,
            count(last.members)
        ))
    }
}

impl TimelineChart {
    /// In proportion to the time that passed.
    fn x(&self, plot: &Plot, point: &TimelinePoint) -> f64 {
        let first = self.points.first().map_or(0, |p| p.at_micros);
        let last = self.points.last().map_or(0, |p| p.at_micros);
        let all = last.saturating_sub(first).max(0) as f64;
        let passed = point.at_micros.saturating_sub(first).max(0) as f64;
        // A little room on either side, so that dots and bars stay inside.
        plot.x(if all > 0.0 { 0.02 + 0.96 * passed / all } else { 0.5 })
    }

    /// A line of steps with the area below it.
    fn members(&self, canvas: &mut Canvas, plot: &Plot) {
        let colour = canvas.colours.accent();
        let mut d = String::new();
        for point in &self.points {
            let (x, y) = (unit(self.x(plot, point)), unit(plot.y(point.members as f64)));
            let _ = if d.is_empty() { write!(d, "M{x} {y}") } else { write!(d, "H{x}V{y}") };
        }
        let ends = self.points.first().zip(self.points.last());
        if let Some((first, last)) = ends.filter(|_| self.points.len() > 1) {
            let (from, to, floor) = (unit(self.x(plot, first)), unit(self.x(plot, last)), unit(plot.floor()));
            canvas.area(format!("{d}H{to}V{floor}H{from}Z"), colour).opacity(0.15);
            canvas.stroke(d, colour, 2.25);
        }
        let background = canvas.colours.background;
        for point in &self.points {
            let tip = format!("{}: {}", point.label, count(point.members));
            let (x, y) = (self.x(plot, point), plot.y(point.members as f64));
            canvas.circle(x, y, 3.2, colour).stroke(background, 1.0).tip(tip);
        }
    }

    /// Who came (up) and who left (down).
    fn changes(&self, canvas: &mut Canvas, plot: &Plot) {
        const HALF: f64 = 34.0;
        let (colours, style) = (canvas.colours, canvas.style);
        let most = self.points.iter().map(|p| p.entered.max(p.left)).max().unwrap_or_default().max(1);
        let (entered, left) = (style.say("Entered", "进入"), style.say("Left", "离开"));
        caption_above(canvas, "");
        canvas.y += 12.0;
        legend(canvas, &[(colours.of_series(2), entered), (colours.of_series(1), left)]);
        let middle = canvas.y + HALF;
        let thick = (plot.width / self.points.len().max(1) as f64 * 0.6).clamp(1.0, 12.0);
        for point in &self.points {
            let x = self.x(plot, point) - thick / 2.0;
            let high = |n: u64| HALF * n as f64 / most as f64;
            let tip = |what: &str, n: u64| format!("{}: {what} {}", point.label, count(n));
            canvas
                .rect(x, middle - high(point.entered), thick, high(point.entered), colours.of_series(2))
                .tip(tip(entered, point.entered));
            canvas.rect(x, middle, thick, high(point.left), colours.of_series(1)).tip(tip(left, point.left));
        }
        canvas.line((plot.left, middle), (plot.left + plot.width, middle), colours.muted);
        canvas.y = middle + HALF;
    }
}
