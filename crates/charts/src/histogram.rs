//! How values are spread.

use crate::{
    Chart, Picture, Style,
    canvas::{Anchor, Canvas},
    figures::{count, percent, share},
    frame::{begin, nothing},
    plot::{Measure, Plot, caption_above},
    scale::count_ticks,
    text::{fit, width},
};

/// A histogram. Bins have the same width on paper, whatever they span.
#[derive(Debug, Clone, Default)]
pub struct HistogramChart {
    /// What it asks.
    pub title: String,
    /// A line below the title.
    pub subtitle: String,
    /// What is spread.
    pub across: String,
    /// What is counted.
    pub up: String,
    /// From small to large.
    pub bins: Vec<Bin>,
    /// Values that are pointed out.
    pub marks: Vec<Mark>,
}

/// Values from `from` up to, and without, `to`.
#[derive(Debug, Clone, Default)]
pub struct Bin {
    /// For people.
    pub label: String,
    /// The smallest.
    pub from: f64,
    /// What the next one begins with.
    pub to: f64,
    /// How many.
    pub count: u64,
}

/// A value that is pointed out.
#[derive(Debug, Clone, Default)]
pub struct Mark {
    /// For people.
    pub label: String,
    /// Where.
    pub value: f64,
}

/// Where spans of time are cut, in seconds, and what begins there, in English and Chinese.
const SPANS: [(u64, &str, &str); 17] = [
    (0, "0 s", "0 秒"),
    (1, "1 s", "1 秒"),
    (5, "5 s", "5 秒"),
    (15, "15 s", "15 秒"),
    (30, "30 s", "30 秒"),
    (60, "1 min", "1 分"),
    (120, "2 min", "2 分"),
    (300, "5 min", "5 分"),
    (600, "10 min", "10 分"),
    (1200, "20 min", "20 分"),
    (1800, "30 min", "30 分"),
    (3600, "1 h", "1 时"),
    (7200, "2 h", "2 时"),
    (21_600, "6 h", "6 时"),
    (86_400, "1 d", "1 天"),
    (604_800, "7 d", "7 天"),
    (2_592_000, "30 d", "30 天"),
];

/// Bins for spans of time, from counts of narrow buckets (`from` in microseconds, how many). Empty bins at either end are
/// left out. A bucket goes where it begins.
pub fn spans(buckets: impl IntoIterator<Item = (u64, u64)>, style: Style) -> Vec<Bin> {
    let micros = |seconds: u64| (seconds * 1_000_000) as f64;
    let mut bins: Vec<Bin> = SPANS
        .iter()
        .enumerate()
        .map(|(i, (from, english, chinese))| Bin {
            label: format!("≥ {}", style.say(english, chinese)),
            from: micros(*from),
            to: SPANS.get(i + 1).map_or(f64::INFINITY, |(to, ..)| micros(*to)),
            count: 0,
        })
        .collect();
    for (from, count) in buckets {
        let bin = SPANS.partition_point(|(seconds, ..)| seconds * 1_000_000 <= from).saturating_sub(1);
        if let Some(bin) = bins.get_mut(bin) {
            bin.count += count;
        }
    }
    let first = bins.iter().position(|bin| bin.count > 0).unwrap_or_default();
    let last = bins.iter().rposition(|bin| bin.count > 0).map_or(0, |last| last + 1);
    bins.truncate(last);
    bins.drain(..first.min(last));
    bins
}

impl Chart for HistogramChart {
    fn draw(&self, style: Style) -> Picture {
        let mut canvas = begin(style, &self.title, style.say("Histogram", "分布"), &self.subtitle);
        let all: u64 = self.bins.iter().map(|bin| bin.count).sum();
        if all == 0 {
            nothing(&mut canvas);
            return canvas.finish(self.subtitle.clone());
        }
        caption_above(&mut canvas, &self.up);
        if !self.marks.is_empty() {
            canvas.y += 16.0 * self.marks.len() as f64;
        }
        let most = self.bins.iter().map(|bin| bin.count).max().unwrap_or_default();
        let plot = Plot::new(&mut canvas, 230.0, &count_ticks(most, 4), Measure::Count);
        self.point_out(&mut canvas, &plot);
        self.bars(&mut canvas, &plot, all);
        let slot = 1.0 / self.bins.len() as f64;
        let words: Vec<(f64, &str)> = self
            .bins
            .iter()
            .enumerate()
            .map(|(i, bin)| (plot.x((i as f64 + 0.5) * slot), bin.label.as_str()))
            .collect();
        plot.words_below(&mut canvas, &words);
        plot.caption_below(&mut canvas, &self.across);
        let bins: Vec<String> = self.bins.iter().map(|bin| format!("{} {}", bin.label, count(bin.count))).collect();
        canvas.finish(format!("{} {}.", self.subtitle, bins.join(", ")))
    }
}

impl HistogramChart {
    fn bars(&self, canvas: &mut Canvas, plot: &Plot, all: u64) {
        let (slot, colours) = (plot.width / self.bins.len() as f64, canvas.colours);
        for (i, bin) in self.bins.iter().enumerate() {
            let (x, y) = (plot.left + i as f64 * slot, plot.y(bin.count as f64));
            let thick = slot * 0.86;
            let of_all = percent(share(bin.count, all));
            let tip = format!("{}: {} ({of_all})", bin.label, count(bin.count));
            canvas.rect(x + slot * 0.07, y, thick, plot.floor() - y, colours.accent()).rounded(2.0).tip(tip);
            let said = of_all;
            if bin.count > 0 && width(&said, 10.0, false) <= slot && y > plot.top + 14.0 {
                let text = canvas.text(x + slot / 2.0, y - 4.0, &said, 10.0, colours.muted).at(Anchor::Middle);
                text.stroke(colours.background, 3.0);
            }
        }
    }

    /// A dashed line where each mark is, its name above the field; each name has a line of its own.
    fn point_out(&self, canvas: &mut Canvas, plot: &Plot) {
        let colours = canvas.colours;
        let places: Vec<(f64, &str)> =
            self.marks.iter().filter_map(|mark| Some((self.place(mark.value)?, mark.label.as_str()))).collect();
        for (i, (place, label)) in places.iter().enumerate() {
            let (x, y) = (plot.x(*place), plot.top - 6.0 - 15.0 * (self.marks.len() - 1 - i) as f64);
            canvas.line((x, y + 3.0), (x, plot.floor()), colours.muted).dashed();
            let said = fit(label, plot.width / 2.0, 11.0, false);
            let anchor = if *place > 0.5 { Anchor::End } else { Anchor::Start };
            let x = if *place > 0.5 { x - 4.0 } else { x + 4.0 };
            canvas.text(x, y, &said, 11.0, colours.text).at(anchor);
        }
    }

    /// Where a value is, as a share of the width: inside its bin in proportion.
    fn place(&self, value: f64) -> Option<f64> {
        let bin = self.bins.iter().position(|bin| bin.from <= value && value < bin.to)?;
        let found = self.bins.get(bin)?;
        let inside = (value - found.from) / (found.to - found.from);
        let inside = if inside.is_finite() { inside } else { 0.5 };
        Some((bin as f64 + inside) / self.bins.len() as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_fall_where_they_begin_and_empty_ends_are_left_out() {
        let bins = spans([(0, 3), (60_000_000, 2), (119_999_999, 1), (120_000_000, 5)], Style::default());
        let said: Vec<(&str, u64)> = bins.iter().map(|bin| (bin.label.as_str(), bin.count)).collect();
        assert_eq!(
            said,
            [("≥ 0 s", 3), ("≥ 1 s", 0), ("≥ 5 s", 0), ("≥ 15 s", 0), ("≥ 30 s", 0), ("≥ 1 min", 3), ("≥ 2 min", 5)]
        );
        assert!(spans([], Style::default()).is_empty());
        assert_eq!(spans([(u64::MAX, 1)], Style::default()).len(), 1);
    }
}
