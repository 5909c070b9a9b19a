//! Curves of shares: ROC, gain, Qini in shares, rates by threshold.

use std::fmt::Write as _;

use crate::{
    Chart, Picture, Style,
    canvas::{Canvas, unit},
    figures::{percent_short, trimmed},
    frame::{begin, note, nothing, series_legend},
    plot::{Measure, Plot, caption_above},
    style::SERIES_MAX,
};

/// Points of a curve that have tool tips.
const TIPS_MAX: usize = 12;

/// One or several curves in the unit square.
#[derive(Debug, Clone, Default)]
pub struct CurvesChart {
    /// What it asks.
    pub title: String,
    /// A line below the title, such as the area with its interval.
    pub subtitle: String,
    /// What goes across, as a share or a threshold from 0 to 1.
    pub across: String,
    /// What goes up, as a share from 0 to 1.
    pub up: String,
    /// The first seven are drawn.
    pub curves: Vec<Curve>,
    /// Whether the diagonal, which chance makes, is drawn.
    pub diagonal: bool,
    /// A place across that is pointed out, and what it is: the threshold in use.
    pub mark: Option<(f64, String)>,
}

/// A curve.
#[derive(Debug, Clone, Default)]
pub struct Curve {
    /// Whose it is.
    pub name: String,
    /// Across and up, both from 0 to 1, in the order they are joined.
    pub points: Vec<(f64, f64)>,
}

impl Chart for CurvesChart {
    fn draw(&self, style: Style) -> Picture {
        let mut canvas = begin(style, &self.title, style.say("Curves", "曲线"), &self.subtitle);
        if self.curves.iter().all(|curve| curve.points.is_empty()) {
            nothing(&mut canvas);
            return canvas.finish(self.subtitle.clone());
        }
        if self.curves.len() > 1 {
            let names: Vec<Option<&str>> = self.curves.iter().map(|curve| Some(curve.name.as_str())).collect();
            series_legend(&mut canvas, &names);
        }
        caption_above(&mut canvas, &self.up);
        let plot = Plot::new(&mut canvas, 360.0, &[0.0, 0.2, 0.4, 0.6, 0.8, 1.0], Measure::Share);
        let colours = canvas.colours;
        if self.diagonal {
            canvas.line((plot.x(0.0), plot.y(0.0)), (plot.x(1.0), plot.y(1.0)), colours.neutral).dashed();
        }
        for (number, curve) in self.curves.iter().take(SERIES_MAX).enumerate() {
            draw(&mut canvas, &plot, number, curve);
        }
        if let Some((at, _)) = &self.mark {
            canvas.line((plot.x(*at), plot.top), (plot.x(*at), plot.floor()), colours.text).dashed();
        }
        across(&mut canvas, &plot, &self.across);
        if let Some((_, what)) = &self.mark {
            canvas.y += 4.0;
            let said = format!("{}{what}", style.say("Dashed upright: ", "竖直虚线："));
            note(&mut canvas, &said);
        }
        canvas.finish(self.about())
    }
}

impl CurvesChart {
    fn about(&self) -> String {
        let names: Vec<&str> = self.curves.iter().take(SERIES_MAX).map(|curve| curve.name.as_str()).collect();
        format!("{} {} / {}: {}.", self.subtitle, self.up, self.across, names.join(", "))
    }
}

/// An axis from 0 to 1 below the field.
pub(crate) fn across(canvas: &mut Canvas, plot: &Plot, caption: &str) {
    let marks = ["0", "0.2", "0.4", "0.6", "0.8", "1"];
    let words: Vec<(f64, &str)> = marks.iter().enumerate().map(|(i, word)| (plot.x(i as f64 / 5.0), *word)).collect();
    plot.words_below(canvas, &words);
    plot.caption_below(canvas, caption);
}

fn draw(canvas: &mut Canvas, plot: &Plot, number: usize, curve: &Curve) {
    let (colour, background) = (canvas.colours.of_series(number), canvas.colours.background);
    let mut d = String::new();
    for (i, (x, y)) in curve.points.iter().enumerate() {
        let _ = write!(d, "{}{} {}", if i == 0 { "M" } else { "L" }, unit(plot.x(*x)), unit(plot.y(*y)));
    }
    canvas.stroke(d, colour, 2.25);
    let every = curve.points.len().div_ceil(TIPS_MAX).max(1);
    for (x, y) in curve.points.iter().skip(every / 2).step_by(every) {
        let tip = format!("{}: {} → {}", curve.name, trimmed(*x, 3), percent_short(*y));
        canvas.circle(plot.x(*x), plot.y(*y), 3.0, colour).stroke(background, 1.0).tip(tip);
    }
}
