//! On how many days of a week (or a month) customers are active.

use crate::{
    Chart, Picture, Style,
    canvas::{Anchor, Canvas},
    figures::{count, percent_short, share},
    frame::{begin, note, nothing},
    plot::{Measure, Plot},
    scale::ticks,
    text::width,
};

/// How often customers are active.
#[derive(Debug, Clone, Default)]
pub struct StickinessChart {
    /// What it asks.
    pub title: String,
    /// By period, the earliest first.
    pub periods: Vec<StickinessPeriod>,
}

/// One week (or month).
#[derive(Debug, Clone, Default)]
pub struct StickinessPeriod {
    /// Its first day.
    pub from: String,
    /// Who was active at all.
    pub active: u64,
    /// Who was active on exactly one day, two days, ….
    pub exactly: Vec<u64>,
}

impl Chart for StickinessChart {
    fn draw(&self, style: Style) -> Picture {
        let subtitle = style.say(
            "Of those active in a period, on how many days; bars: all periods together, dots: each",
            "周期内活跃客户的活跃天数分布；柱：全部周期合计，点：各周期",
        );
        let mut canvas = begin(style, &self.title, style.say("Stickiness", "黏性"), subtitle);
        let active: u64 = self.periods.iter().map(|period| period.active).sum();
        if active == 0 {
            nothing(&mut canvas);
            return canvas.finish(subtitle.to_owned());
        }
        let often = self.periods.iter().map(|period| period.exactly.len()).max().unwrap_or_default();
        let shares: Vec<f64> = (0..often).map(|n| self.exactly(n) as f64 / active as f64).collect();
        let single = self.periods.iter().flat_map(|p| p.exactly.iter().filter_map(|n| share(*n, p.active)));
        let most = single.chain(shares.iter().copied()).fold(0.001, f64::max);
        let plot = Plot::new(&mut canvas, 240.0, &ticks(most, 4), Measure::Share);
        for (n, share) in shares.iter().enumerate() {
            self.bar(&mut canvas, &plot, (n, often), *share);
        }
        let numbers: Vec<String> = (1..=often).map(|n| n.to_string()).collect();
        let words: Vec<(f64, &str)> = numbers
            .iter()
            .enumerate()
            .map(|(n, word)| (plot.x((n as f64 + 0.5) / often as f64), word.as_str()))
            .collect();
        plot.words_below(&mut canvas, &words);
        plot.caption_below(&mut canvas, style.say("active days", "活跃天数"));
        self.sizes(&mut canvas);
        let said: Vec<String> =
            shares.iter().enumerate().map(|(n, share)| format!("{} {}", n + 1, percent_short(*share))).collect();
        canvas.finish(format!("{subtitle}: {}.", said.join(", ")))
    }
}

impl StickinessChart {
    fn exactly(&self, n: usize) -> u64 {
        self.periods.iter().filter_map(|period| period.exactly.get(n)).sum()
    }

    fn bar(&self, canvas: &mut Canvas, plot: &Plot, (n, often): (usize, usize), of_all: f64) {
        let (slot, colours) = (plot.width / often as f64, canvas.colours);
        let (x, y) = (plot.left + n as f64 * slot, plot.y(of_all));
        let tip = format!("{}: {} ({})", n + 1, percent_short(of_all), count(self.exactly(n)));
        canvas.rect(x + slot * 0.15, y, slot * 0.7, plot.floor() - y, colours.accent()).rounded(2.0).tip(tip);
        let dots: Vec<(&StickinessPeriod, f64)> = self
            .periods
            .iter()
            .filter_map(|p| Some((p, share(p.exactly.get(n).copied().unwrap_or_default(), p.active)?)))
            .collect();
        let highest = dots.iter().map(|(_, share)| *share).fold(of_all, f64::max);
        for (i, (period, share)) in dots.iter().enumerate().filter(|_| dots.len() > 1) {
            // Side by side in the order of time, so that a drift can be seen.
            let x = x + slot * (0.22 + 0.56 * i as f64 / (dots.len() - 1) as f64);
            let tip = format!("{}: {}", period.from, percent_short(*share));
            canvas.circle(x, plot.y(*share), 2.2, colours.text).stroke(colours.background, 0.8).tip(tip);
        }
        let said = percent_short(of_all);
        let y = plot.y(highest) - 7.0;
        if width(&said, 11.0, false) <= slot && y > plot.top - 8.0 {
            canvas.text(x + slot / 2.0, y, &said, 11.0, colours.text).at(Anchor::Middle).bold();
        }
    }

    /// How many were active in the first and in the last period.
    fn sizes(&self, canvas: &mut Canvas) {
        let Some((first, last)) = self.periods.first().zip(self.periods.last()) else { return };
        let active = canvas.say("Active", "活跃客户").to_owned();
        canvas.y += 6.0;
        let text = format!("{active}: {} {} … {} {}", first.from, count(first.active), last.from, count(last.active));
        note(canvas, &text);
    }
}
