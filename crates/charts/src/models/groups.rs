//! A figure for each group, with its interval.

use crate::{
    Chart, Interval, Picture, Style,
    canvas::{Anchor, Canvas, MARGIN},
    figures::{count, trimmed},
    frame::{begin, legend, note, nothing},
    scale::ticks,
    text::width,
};

/// Groups that are drawn; the rest are counted.
const SHOWN: usize = 24;
const LABEL_ROOM: f64 = 190.0;
const HIGH: f64 = 27.0;

/// A bar for each group.
#[derive(Debug, Clone, Default)]
pub struct GroupsChart {
    /// What it asks.
    pub title: String,
    /// A line below the title.
    pub subtitle: String,
    /// In the order they are drawn: the worst first.
    pub groups: Vec<GroupBar>,
    /// The figure of all, or a limit; pointed out with what it is.
    pub reference: Option<(f64, String)>,
    /// Digits after the point.
    pub decimals: usize,
}

/// A group.
#[derive(Debug, Clone, Default)]
pub struct GroupBar {
    /// Its name.
    pub name: String,
    /// How many are in it.
    pub rows: u64,
    /// Its figure, 0 or more; none when they are too few.
    pub figure: Option<Interval>,
    /// Surely worse than the others.
    pub flagged: bool,
}

impl Chart for GroupsChart {
    fn draw(&self, style: Style) -> Picture {
        let mut canvas = begin(style, &self.title, style.say("By group", "分组比较"), &self.subtitle);
        if self.groups.is_empty() {
            nothing(&mut canvas);
            return canvas.finish(self.subtitle.clone());
        }
        let colours = canvas.colours;
        if self.groups.iter().any(|group| group.flagged) {
            let (worse, others) = (style.say("surely worse", "显著较差"), style.say("others", "其他"));
            legend(&mut canvas, &[(colours.of_series(1), worse), (colours.of_series(0), others)]);
        }
        let names = self.groups.iter().map(|group| width(&group.name, 12.5, false)).fold(0.0, f64::max);
        let (left, right) = (MARGIN + names.min(LABEL_ROOM) + 16.0, canvas.right() - 160.0);
        let ends = self.groups.iter().filter_map(|group| group.figure).map(|figure| figure.high);
        let reference = self.reference.iter().map(|(value, _)| *value);
        let marks = ticks(ends.chain(reference).filter(|end| end.is_finite()).fold(0.0, f64::max), 4);
        let unit = (right - left) / marks.last().copied().unwrap_or(1.0);
        self.axis(&mut canvas, &marks, (left, unit));
        for group in self.groups.iter().take(SHOWN) {
            self.row(&mut canvas, group, (left, unit));
        }
        self.notes(&mut canvas);
        canvas.finish(self.about(style))
    }
}

impl GroupsChart {
    fn axis(&self, canvas: &mut Canvas, marks: &[f64], (left, unit): (f64, f64)) {
        canvas.y += 10.0;
        let (top, colours) = (canvas.y, canvas.colours);
        let bottom = top + 10.0 + HIGH * self.groups.len().min(SHOWN) as f64;
        for mark in marks {
            let x = left + mark * unit;
            canvas.line((x, top + 6.0), (x, bottom), colours.grid);
            canvas.text(x, top, &trimmed(*mark, self.decimals.max(1)), 11.0, colours.muted).at(Anchor::Middle);
        }
        if let Some((value, _)) = &self.reference {
            let x = left + value.max(0.0) * unit;
            canvas.line((x, top + 6.0), (x, bottom), colours.text).dashed();
        }
        let (right, rows) = (canvas.right(), canvas.say("rows", "行数").to_owned());
        canvas.text(right, top, &rows, 11.0, colours.muted).at(Anchor::End);
        canvas.y += 10.0;
    }

    fn row(&self, canvas: &mut Canvas, group: &GroupBar, (left, unit): (f64, f64)) {
        let (y, colours, right) = (canvas.y, canvas.colours, canvas.right());
        let names = left - MARGIN - 10.0;
        canvas.text_in(MARGIN, y + 18.0, &group.name, (names, 12.5), colours.text);
        canvas.text(right, y + 18.0, &count(group.rows), 11.5, colours.muted).at(Anchor::End);
        let said = self.said(group, canvas.style);
        let tip = format!("{}: {said} ({})", group.name, count(group.rows));
        match group.figure {
            Some(figure) => {
                let colour = colours.of_series(usize::from(group.flagged));
                let x = |value: f64| left + value.max(0.0) * unit;
                canvas.rect(left, y + 6.0, x(figure.value) - left, 15.0, colour).rounded(2.0).tip(&tip);
                let (low, high) = (x(figure.low), x(figure.high));
                canvas.line((low, y + 13.5), (high, y + 13.5), colours.text).tip(&tip);
                for x in [low, high] {
                    canvas.line((x, y + 10.0), (x, y + 17.0), colours.text);
                }
                canvas.text(right - 86.0, y + 18.0, &said, 11.5, colours.text).at(Anchor::End);
            }
            None => {
                canvas.text(left + 4.0, y + 18.0, &said, 11.5, colours.muted).tip(&tip);
            }
        }
        canvas.y += HIGH;
    }

    fn said(&self, group: &GroupBar, style: Style) -> String {
        let few = style.say("too few to say", "样本过少，不予评价");
        group.figure.map_or_else(|| few.to_owned(), |figure| trimmed(figure.value, self.decimals))
    }

    fn notes(&self, canvas: &mut Canvas) {
        let style = canvas.style;
        let hidden = self.groups.len().saturating_sub(SHOWN);
        if hidden > 0 {
            note(canvas, &format!("{}{hidden}", style.say("More, not shown: ", "其余未显示：")));
        }
        let lines = style.say("Lines: 95 % intervals", "线段：95 % 置信区间");
        let reference = self.reference.as_ref().map_or_else(String::new, |(value, what)| {
            format!("{}{what} ({})", style.say(". Dashed: ", "；虚线："), trimmed(*value, self.decimals))
        });
        note(canvas, &format!("{lines}{reference}"));
    }

    fn about(&self, style: Style) -> String {
        let one = |group: &GroupBar| format!("{} {}", group.name, self.said(group, style));
        let groups: Vec<String> = self.groups.iter().take(SHOWN).map(one).collect();
        format!("{} {}.", self.subtitle, groups.join(", "))
    }
}
