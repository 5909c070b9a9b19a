//! What fairness costs: every threshold as a point between worth and gap.

use std::fmt::Write as _;

use crate::{
    Chart, Picture, Style,
    canvas::{Canvas, unit},
    figures::{percent_short, trimmed},
    frame::{begin, legend, nothing},
    plot::{Plot, caption_above},
    scale::{between, ticks},
};

/// Thresholds between worth and gap.
#[derive(Debug, Clone, Default)]
pub struct TradeChart {
    /// What it asks.
    pub title: String,
    /// A line below the title.
    pub subtitle: String,
    /// What goes up: accuracy, or worth as a share of the best.
    pub up: String,
    /// What goes across: which gap.
    pub across: String,
    /// In any order.
    pub points: Vec<TradePoint>,
}

/// A threshold.
#[derive(Debug, Clone, Default)]
pub struct TradePoint {
    /// What its tool tip says: the threshold.
    pub name: String,
    /// Accuracy or worth, from 0 to 1.
    pub worth: f64,
    /// The gap, from 0 to 1.
    pub gap: f64,
    /// Nothing is better in both.
    pub on_frontier: bool,
    /// The one in use.
    pub chosen: bool,
}

impl Chart for TradeChart {
    fn draw(&self, style: Style) -> Picture {
        let default = style.say("What fairness costs", "公平与收益的权衡");
        let mut canvas = begin(style, &self.title, default, &self.subtitle);
        if self.points.is_empty() {
            nothing(&mut canvas);
            return canvas.finish(self.subtitle.clone());
        }
        let colours = canvas.colours;
        legend(
            &mut canvas,
            &[
                (colours.of_series(0), style.say("frontier: none beats it", "前沿：无法两者兼优")),
                (colours.neutral, style.say("other thresholds", "其他阈值")),
                (colours.of_series(1), style.say("in use", "当前使用")),
            ],
        );
        caption_above(&mut canvas, &self.up);
        let worth = self.points.iter().map(|point| point.worth).filter(|worth| worth.is_finite());
        let (least, most) = worth.fold((1.0, 0.0), |(least, most): (f64, f64), v| (least.min(v), most.max(v)));
        let gap = self.points.iter().map(|point| point.gap).filter(|gap| gap.is_finite()).fold(0.001, f64::max);
        let plot = Plot::between(&mut canvas, 320.0, &between(least, most, 5), 2);
        let marks = ticks(gap.min(1.0), 5);
        let most = marks.last().copied().unwrap_or(1.0);
        self.points(&mut canvas, &plot, most);
        let words: Vec<String> = marks.iter().map(|mark| percent_short(*mark).replace(".0 %", " %")).collect();
        let places: Vec<(f64, &str)> =
            marks.iter().zip(&words).map(|(mark, word)| (plot.x(mark / most), word.as_str())).collect();
        plot.words_below(&mut canvas, &places);
        plot.caption_below(&mut canvas, &self.across);
        canvas.finish(self.about())
    }
}

impl TradeChart {
    fn frontier(&self) -> Vec<&TradePoint> {
        let mut frontier: Vec<&TradePoint> = self.points.iter().filter(|point| point.on_frontier).collect();
        frontier.sort_by(|a, b| a.gap.total_cmp(&b.gap));
        frontier
    }

    fn points(&self, canvas: &mut Canvas, plot: &Plot, most: f64) {
        let colours = canvas.colours;
        let mut d = String::new();
        for (i, point) in self.frontier().into_iter().enumerate() {
            let (x, y) = (plot.x(point.gap / most), plot.y(point.worth));
            let _ = write!(d, "{}{} {}", if i == 0 { "M" } else { "L" }, unit(x), unit(y));
        }
        if !d.is_empty() {
            canvas.stroke(d, colours.of_series(0), 1.75);
        }
        for pass in [false, true] {
            for point in self.points.iter().filter(|point| (point.chosen || point.on_frontier) == pass) {
                let (colour, radius) = match point {
                    _ if point.chosen => (colours.of_series(1), 6.0),
                    _ if point.on_frontier => (colours.of_series(0), 4.0),
                    _ => (colours.neutral, 3.0),
                };
                let tip = format!("{}: {} / {}", point.name, trimmed(point.worth, 4), percent_short(point.gap));
                let (x, y) = (plot.x(point.gap / most), plot.y(point.worth));
                canvas.circle(x, y, radius, colour).stroke(colours.background, 1.0).tip(tip);
            }
        }
    }

    fn about(&self) -> String {
        let one = |p: &TradePoint| format!("{} {} / {}", p.name, trimmed(p.worth, 4), percent_short(p.gap));
        let frontier: Vec<String> = self.frontier().into_iter().take(20).map(one).collect();
        format!("{} {} / {}: {}.", self.subtitle, self.up, self.across, frontier.join(", "))
    }
}
