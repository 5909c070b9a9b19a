//! Axes: a field of the picture in which values have places.

use crate::{
    canvas::{Anchor, Canvas, MARGIN},
    figures::{percent_short, short, trimmed},
    text::width,
};

const LABEL_SIZE: f64 = 11.0;

/// A field with a vertical axis.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plot {
    pub(crate) left: f64,
    pub(crate) top: f64,
    pub(crate) width: f64,
    pub(crate) height: f64,
    least: f64,
    most: f64,
}

/// What a vertical axis counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Measure {
    Count,
    Share,
}

impl Plot {
    /// Takes so much height of the canvas, and draws its lines, from 0 up. The last tick is the top.
    pub(crate) fn new(canvas: &mut Canvas, height: f64, ticks: &[f64], measure: Measure) -> Self {
        let said: Vec<String> = ticks.iter().map(|tick| said(*tick, measure, canvas)).collect();
        let most = ticks.last().copied().filter(|most| *most > 0.0).unwrap_or(1.0);
        Self::with(canvas, height, ticks, &said, (0.0, most))
    }

    /// The same from the first tick to the last, said with so many digits after the point at least.
    pub(crate) fn between(canvas: &mut Canvas, height: f64, ticks: &[f64], decimals: usize) -> Self {
        let needed =
            |decimals: usize| ticks.windows(2).all(|pair| trimmed(pair[0], decimals) != trimmed(pair[1], decimals));
        let decimals = (decimals..=decimals + 6).find(|decimals| needed(*decimals)).unwrap_or(decimals);
        let said: Vec<String> = ticks.iter().map(|tick| trimmed(*tick, decimals)).collect();
        let ends = (ticks.first().copied().unwrap_or(0.0), ticks.last().copied().unwrap_or(1.0));
        Self::with(canvas, height, ticks, &said, if ends.1 > ends.0 { ends } else { (ends.0, ends.0 + 1.0) })
    }

    fn with(canvas: &mut Canvas, height: f64, ticks: &[f64], said: &[String], (least, most): (f64, f64)) -> Self {
        let room = said.iter().map(|text| width(text, LABEL_SIZE, false)).fold(0.0, f64::max) + 10.0;
        let (left, top, colours) = (MARGIN + room, canvas.y + 6.0, canvas.colours);
        let plot = Self { left, top, width: canvas.right() - left, height, least, most };
        for (tick, said) in ticks.iter().zip(said) {
            let y = plot.y(*tick);
            canvas.line((left, y), (left + plot.width, y), colours.grid);
            canvas.text(left - 8.0, y + 4.0, said, LABEL_SIZE, colours.muted).at(Anchor::End);
        }
        canvas.y = top + height;
        plot
    }

    /// How far down a value is.
    pub(crate) fn y(&self, value: f64) -> f64 {
        self.top + self.height * (1.0 - ((value - self.least) / (self.most - self.least)).clamp(0.0, 1.0))
    }

    /// How far down nothing is.
    pub(crate) fn floor(&self) -> f64 {
        self.top + self.height
    }

    /// How far right a share of the width is.
    pub(crate) fn x(&self, share: f64) -> f64 {
        self.left + self.width * share.clamp(0.0, 1.0)
    }

    /// Words below the field, each in the middle of its place; those that would touch the one before are left out.
    pub(crate) fn words_below(&self, canvas: &mut Canvas, words: &[(f64, &str)]) {
        let (y, colours) = (self.floor() + 17.0, canvas.colours);
        let (least, most) = (MARGIN, canvas.right());
        let every = self.every(words);
        let mut free = least;
        for (x, word) in words.iter().step_by(every) {
            let half = width(word, LABEL_SIZE, false) / 2.0;
            let x = x.clamp(least + half, (most - half).max(least + half));
            if x - half < free {
                continue;
            }
            canvas.text(x, y, word, LABEL_SIZE, colours.muted).at(Anchor::Middle);
            free = x + half + 8.0;
        }
        canvas.y = canvas.y.max(y + 6.0);
    }

    /// Every so many words there is room for, so that they stand evenly.
    fn every(&self, words: &[(f64, &str)]) -> usize {
        let widest = words.iter().map(|(_, word)| width(word, LABEL_SIZE, false)).fold(0.0, f64::max) + 10.0;
        let room = (self.width / widest).floor().max(1.0);
        (words.len() as f64 / room).ceil().max(1.0) as usize
    }

    /// What the horizontal axis is.
    pub(crate) fn caption_below(&self, canvas: &mut Canvas, text: &str) {
        if text.is_empty() {
            return;
        }
        canvas.y += 15.0;
        let (x, y, colours) = (self.x(0.5), canvas.y, canvas.colours);
        canvas.text(x, y, text, LABEL_SIZE, colours.muted).at(Anchor::Middle);
    }
}

/// What the vertical axis is, above the field.
pub(crate) fn caption_above(canvas: &mut Canvas, text: &str) {
    if text.is_empty() {
        return;
    }
    canvas.y += 10.0;
    let (y, colours) = (canvas.y, canvas.colours);
    canvas.text(MARGIN, y, text, LABEL_SIZE, colours.muted);
    canvas.y += 4.0;
}

fn said(tick: f64, measure: Measure, canvas: &Canvas) -> String {
    match measure {
        Measure::Count => short(tick, canvas.style),
        Measure::Share if (tick * 100.0).fract().abs() < 1e-6 => format!("{} %", trimmed(tick * 100.0, 0)),
        Measure::Share => percent_short(tick),
    }
}
