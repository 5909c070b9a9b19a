//! What sets two groups apart.

use crate::{
    Chart, Picture, Style,
    canvas::{Anchor, Canvas, MARGIN},
    figures::{count, percent_short},
    frame::{begin, legend, note, nothing},
    scale::ticks,
    text::fit,
};

/// Effects that are drawn; the rest are counted.
const SHOWN: usize = 20;
const LABEL_ROOM: f64 = 216.0;
/// Adjusted p-values above this may be chance.
const CHANCE: f64 = 0.05;

/// What sets those who came to the end apart from the others.
#[derive(Debug, Clone, Default)]
pub struct EffectsChart {
    /// What they came to the end of; said below the title.
    pub question: String,
    /// The expression whose values are compared.
    pub of: String,
    /// How many came to the end.
    pub converted: u64,
    /// How many did not.
    pub others: u64,
    /// The surest first; as many as there is room for are drawn, the rest counted.
    pub effects: Vec<Effect>,
}

/// How much more often the converted have a value.
#[derive(Debug, Clone, Default)]
pub struct Effect {
    /// The value.
    pub name: String,
    /// Converted customers who have it.
    pub converted: u64,
    /// Others who have it.
    pub others: u64,
    /// The share among the converted less that among the others.
    pub difference: Interval,
    /// The chance of such a difference if there were none, adjusted for the number of questions.
    pub q: f64,
}

/// A number with its interval.
#[derive(Debug, Clone, Copy, Default)]
pub struct Interval {
    /// The lower end.
    pub low: f64,
    /// The number.
    pub value: f64,
    /// The upper end.
    pub high: f64,
}

/// Where differences lie on paper.
struct Axis {
    from: f64,
    middle: f64,
    /// Units for a difference of 1.
    unit: f64,
    most: f64,
}

impl Axis {
    fn x(&self, difference: f64) -> f64 {
        let difference = if difference.is_finite() { difference } else { 0.0 };
        self.middle + difference.clamp(-self.most, self.most) * self.unit
    }
}

impl Chart for EffectsChart {
    fn draw(&self, style: Style) -> Picture {
        let subtitle = format!(
            "{} {}: {} / {}",
            style.say("Converted / others, by", "已完成 / 未完成，按"),
            self.of,
            count(self.converted),
            count(self.others)
        );
        let default = style.say("What distinguishes those who converted", "完成者的差异特征");
        let mut canvas = begin(style, default, default, &self.question);
        canvas.y -= 16.0;
        note(&mut canvas, &subtitle);
        canvas.y += 16.0;
        if self.effects.is_empty() {
            nothing(&mut canvas);
            return canvas.finish(subtitle);
        }
        let colours = canvas.colours;
        legend(
            &mut canvas,
            &[
                (colours.of_series(0), style.say("more often", "更常见")),
                (colours.of_series(1), style.say("less often", "更少见")),
                (colours.neutral, style.say("may be chance", "可能为偶然")),
            ],
        );
        let axis = self.axis(&mut canvas);
        for effect in self.effects.iter().take(SHOWN) {
            self.row(&mut canvas, &axis, effect);
        }
        let hidden = self.effects.len().saturating_sub(SHOWN);
        if hidden > 0 {
            note(&mut canvas, &format!("{}{hidden}", style.say("More, not shown: ", "其余未显示：")));
        }
        note(&mut canvas, style.say("Lines: 95 % intervals", "线段：95 % 置信区间"));
        canvas.finish(self.about(&subtitle))
    }
}

impl EffectsChart {
    fn shares(&self, effect: &Effect) -> (f64, f64) {
        (effect.converted as f64 / self.converted.max(1) as f64, effect.others as f64 / self.others.max(1) as f64)
    }

    /// The axis, its ticks and headings.
    fn axis(&self, canvas: &mut Canvas) -> Axis {
        let of = |e: &Effect| [e.difference.low, e.difference.value, e.difference.high].map(f64::abs);
        let ends = self.effects.iter().take(SHOWN).flat_map(of).filter(|end| end.is_finite());
        let marks = ticks(ends.fold(0.001, f64::max).min(1.0), 2);
        let most = marks.last().copied().unwrap_or(1.0);
        let (from, to) = (MARGIN + LABEL_ROOM + 16.0, canvas.right() - 140.0);
        let axis = Axis { from, middle: (from + to) / 2.0, unit: (to - from) / 2.0 / most, most };
        canvas.y += 10.0;
        let (top, colours) = (canvas.y, canvas.colours);
        let bottom = top + 10.0 + 27.0 * self.effects.len().min(SHOWN) as f64;
        let both = marks.iter().skip(1).map(|mark| -mark).rev().chain(marks.iter().copied());
        for mark in both {
            let colour = if mark == 0.0 { colours.muted } else { colours.grid };
            canvas.line((axis.x(mark), top + 6.0), (axis.x(mark), bottom), colour);
            let said = if mark == 0.0 { "0".to_owned() } else { format!("{mark:+.1}", mark = mark * 100.0) + " %" };
            canvas.text(axis.x(mark), top, &said.replace(".0 %", " %"), 11.0, colours.muted).at(Anchor::Middle);
        }
        let heading = canvas.say("have it", "拥有比例").to_owned();
        let right = canvas.right();
        canvas.text(right, top, &heading, 11.0, colours.muted).at(Anchor::End);
        canvas.y += 10.0;
        axis
    }

    fn row(&self, canvas: &mut Canvas, axis: &Axis, effect: &Effect) {
        let (y, colours) = (canvas.y, canvas.colours);
        let (more, sure) = (effect.difference.value >= 0.0, effect.q < CHANCE);
        let colour = if sure { colours.of_series(usize::from(!more)) } else { colours.neutral };
        let (with, without) = self.shares(effect);
        let said = format!("{} / {}", percent_short(with), percent_short(without));
        let tip = format!("{}: {said}; {:+.1} %, q = {:.1e}", effect.name, effect.difference.value * 100.0, effect.q);
        let (zero, end) = (axis.x(0.0), axis.x(effect.difference.value));
        canvas.rect(zero.min(end), y + 6.0, (end - zero).abs(), 15.0, colour).tip(&tip);
        let (low, high) = (axis.x(effect.difference.low), axis.x(effect.difference.high));
        canvas.line((low, y + 13.5), (high, y + 13.5), colours.text).tip(&tip);
        for x in [low, high] {
            canvas.line((x, y + 10.0), (x, y + 17.0), colours.text);
        }
        let room = axis.from - MARGIN - 10.0;
        canvas.text_in(MARGIN, y + 18.0, &effect.name, (room, 12.5), colours.text);
        let right = canvas.right();
        let shown = fit(&said, 134.0, 11.5, false);
        canvas.text(right, y + 18.0, &shown, 11.5, colours.muted).at(Anchor::End);
        canvas.y += 27.0;
    }

    fn about(&self, subtitle: &str) -> String {
        let one = |e: &Effect| format!("{} {:+.1} %", e.name, e.difference.value * 100.0);
        let effects: Vec<String> = self.effects.iter().take(SHOWN).map(one).collect();
        format!("{subtitle}. {}.", effects.join(", "))
    }
}
