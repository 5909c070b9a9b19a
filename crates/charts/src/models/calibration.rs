//! Whether 20 % means one in five.

use std::fmt::Write as _;

use crate::{
    Chart, Interval, Picture, Style,
    canvas::{Canvas, unit},
    figures::{count, percent_short},
    frame::{begin, legend, nothing},
    plot::{Measure, Plot, caption_above},
    scale::ticks,
};

/// What was said and what happened.
#[derive(Debug, Clone, Default)]
pub struct CalibrationChart {
    /// What it asks.
    pub title: String,
    /// A line below the title, such as the calibration error.
    pub subtitle: String,
    /// From low scores to high.
    pub points: Vec<CalibrationPoint>,
}

/// Rows of about the same score.
#[derive(Debug, Clone, Copy, Default)]
pub struct CalibrationPoint {
    /// Rows.
    pub rows: u64,
    /// Mean score.
    pub said: f64,
    /// The rate, with its interval.
    pub happened: Interval,
}

impl Chart for CalibrationChart {
    fn draw(&self, style: Style) -> Picture {
        let default = style.say("What was said and what happened", "预测与实际");
        let mut canvas = begin(style, &self.title, default, &self.subtitle);
        if self.points.is_empty() {
            nothing(&mut canvas);
            return canvas.finish(self.subtitle.clone());
        }
        let colours = canvas.colours;
        let said = style.say("happened, with its 95 % interval", "实际发生率及其 95 % 置信区间");
        legend(&mut canvas, &[(colours.accent(), said), (colours.neutral, style.say("as it should be", "理想情况"))]);
        caption_above(&mut canvas, style.say("Happened", "实际发生率"));
        let ends = self.points.iter().flat_map(|point| [point.said, point.happened.high]);
        let marks = ticks(ends.filter(|end| end.is_finite()).fold(0.01, f64::max).min(1.0), 5);
        let most = marks.last().copied().unwrap_or(1.0);
        let plot = Plot::new(&mut canvas, 320.0, &marks, Measure::Share);
        canvas.line((plot.x(0.0), plot.y(0.0)), (plot.x(1.0), plot.y(most)), colours.neutral).dashed();
        self.points(&mut canvas, &plot, most, style);
        let words: Vec<String> = marks.iter().map(|mark| percent_short(*mark).replace(".0 %", " %")).collect();
        let places: Vec<(f64, &str)> =
            marks.iter().zip(&words).map(|(mark, word)| (plot.x(mark / most), word.as_str())).collect();
        plot.words_below(&mut canvas, &places);
        plot.caption_below(&mut canvas, style.say("Said (mean score)", "预测值（平均分）"));
        self.rows(&mut canvas, &plot, most, style);
        canvas.finish(self.about())
    }
}

impl CalibrationChart {
    fn points(&self, canvas: &mut Canvas, plot: &Plot, most: f64, style: Style) {
        let (colour, background) = (canvas.colours.accent(), canvas.colours.background);
        let mut d = String::new();
        for (i, point) in self.points.iter().enumerate() {
            let (x, y) = (plot.x(point.said / most), plot.y(point.happened.value));
            let _ = write!(d, "{}{} {}", if i == 0 { "M" } else { "L" }, unit(x), unit(y));
            let (low, high) = (plot.y(point.happened.low), plot.y(point.happened.high));
            canvas.line((x, low), (x, high), colour);
            for y in [low, high] {
                canvas.line((x - 4.0, y), (x + 4.0, y), colour);
            }
        }
        canvas.stroke(d, colour, 1.75);
        for point in &self.points {
            let (said, happened) = (percent_short(point.said), percent_short(point.happened.value));
            let rows = format!("{} {}", count(point.rows), style.say("rows", "行"));
            let tip = format!("{said} → {happened} ({rows})");
            let (x, y) = (plot.x(point.said / most), plot.y(point.happened.value));
            canvas.circle(x, y, 4.0, colour).stroke(background, 1.0).tip(tip);
        }
    }

    /// How many rows stand behind each point, as small bars.
    fn rows(&self, canvas: &mut Canvas, plot: &Plot, most: f64, style: Style) {
        const HIGH: f64 = 40.0;
        let largest = self.points.iter().map(|point| point.rows).max().unwrap_or_default().max(1);
        canvas.y += 8.0;
        caption_above(canvas, style.say("Rows", "行数"));
        let (top, colours) = (canvas.y + 4.0, canvas.colours);
        for point in &self.points {
            let high = HIGH * point.rows as f64 / largest as f64;
            let x = (plot.x(point.said / most) - 5.0).min(plot.left + plot.width - 10.0);
            canvas.rect(x, top + HIGH - high, 10.0, high, colours.neutral).tip(count(point.rows));
        }
        canvas.line((plot.left, top + HIGH), (plot.left + plot.width, top + HIGH), colours.grid);
        canvas.y = top + HIGH;
    }

    fn about(&self) -> String {
        let one = |p: &CalibrationPoint| format!("{} → {}", percent_short(p.said), percent_short(p.happened.value));
        let points: Vec<String> = self.points.iter().map(one).collect();
        format!("{} {}.", self.subtitle, points.join(", "))
    }
}
