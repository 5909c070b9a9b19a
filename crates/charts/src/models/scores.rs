//! How scores of those who did and of those who did not are spread.

use crate::{
    Chart, Picture, Style,
    canvas::Canvas,
    figures::{count, percent_short, share},
    frame::{begin, legend, nothing},
    plot::{Measure, Plot, caption_above},
    scale::ticks,
};

/// Two histograms on top of each other, each of its own whole.
#[derive(Debug, Clone, Default)]
pub struct ScoresChart {
    /// What it asks.
    pub title: String,
    /// A line below the title.
    pub subtitle: String,
    /// What those with a true label are called.
    pub positive: String,
    /// What the others are called.
    pub negative: String,
    /// From low scores to high.
    pub bins: Vec<ScoreBin>,
}

/// Rows of about the same score.
#[derive(Debug, Clone, Default)]
pub struct ScoreBin {
    /// For people.
    pub label: String,
    /// Rows with a true label.
    pub positive: u64,
    /// Rows with a false one.
    pub negative: u64,
}

impl Chart for ScoresChart {
    fn draw(&self, style: Style) -> Picture {
        let mut canvas = begin(style, &self.title, style.say("Scores", "评分分布"), &self.subtitle);
        let all = |of: fn(&ScoreBin) -> u64| self.bins.iter().map(of).sum::<u64>();
        let (positives, negatives) = (all(|bin| bin.positive), all(|bin| bin.negative));
        if positives + negatives == 0 {
            nothing(&mut canvas);
            return canvas.finish(self.subtitle.clone());
        }
        let colours = canvas.colours;
        let names =
            [format!("{} ({})", self.positive, count(positives)), format!("{} ({})", self.negative, count(negatives))];
        legend(&mut canvas, &[(colours.of_series(1), &names[0]), (colours.of_series(0), &names[1])]);
        caption_above(&mut canvas, style.say("Share of each", "各类占比"));
        let parts = |bin: &ScoreBin| {
            [share(bin.positive, positives).unwrap_or_default(), share(bin.negative, negatives).unwrap_or_default()]
        };
        let most = self.bins.iter().flat_map(parts).fold(0.001, f64::max);
        let plot = Plot::new(&mut canvas, 230.0, &ticks(most, 4), Measure::Share);
        for (i, bin) in self.bins.iter().enumerate() {
            self.bars(&mut canvas, &plot, i, bin, parts(bin));
        }
        let slot = 1.0 / self.bins.len() as f64;
        let middle = |i: usize| plot.x((i as f64 + 0.5) * slot);
        let words: Vec<(f64, &str)> =
            self.bins.iter().enumerate().map(|(i, bin)| (middle(i), bin.label.as_str())).collect();
        plot.words_below(&mut canvas, &words);
        plot.caption_below(&mut canvas, style.say("Score", "评分"));
        canvas.finish(format!("{} {}, {}.", self.subtitle, names[0], names[1]))
    }
}

impl ScoresChart {
    fn bars(&self, canvas: &mut Canvas, plot: &Plot, i: usize, bin: &ScoreBin, [positive, negative]: [f64; 2]) {
        let (slot, colours) = (plot.width / self.bins.len() as f64, canvas.colours);
        let x = plot.left + i as f64 * slot;
        let sides = [
            (negative, bin.negative, colours.of_series(0), &self.negative, 0.06),
            (positive, bin.positive, colours.of_series(1), &self.positive, 0.5),
        ];
        for (share, rows, colour, name, from) in sides {
            let y = plot.y(share);
            let tip = format!("{} {name}: {} ({})", bin.label, percent_short(share), count(rows));
            canvas.rect(x + slot * from, y, slot * 0.44, plot.floor() - y, colour).tip(tip);
        }
    }
}
