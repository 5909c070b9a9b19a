//! What comes right after an event.

use crate::{
    Chart, Picture, Style,
    figures::{count, percent, share, span},
    frame::{begin, note, nothing},
    rows::{self, Bar, Row},
};

/// Rows that are drawn; the rest are counted.
const ROWS_SHOWN: usize = 15;

/// What comes right after an event, the most frequent first.
#[derive(Debug, Clone, Default)]
pub struct NextChart {
    /// What it asks.
    pub title: String,
    /// The event.
    pub after: String,
    /// What comes next.
    pub rows: Vec<NextRow>,
}

/// One thing that comes next.
#[derive(Debug, Clone, Default)]
pub struct NextRow {
    /// What; `None` for nothing.
    pub name: Option<String>,
    /// How often.
    pub times: u64,
    /// How many customers.
    pub customers: u64,
    /// The median time until then, microseconds.
    pub median_micros: Option<u64>,
}

impl Chart for NextChart {
    fn draw(&self, style: Style) -> Picture {
        let subtitle = format!("{} {}", style.say("Right after", "紧接其后："), self.after);
        let mut canvas = begin(style, &self.title, style.say("What comes next", "下一步行为"), &subtitle);
        let all: u64 = self.rows.iter().map(|row| row.times).sum();
        if all == 0 {
            nothing(&mut canvas);
            return canvas.finish(subtitle);
        }
        let headings = [
            style.say("Times", "次数"),
            style.say("Share", "占比"),
            style.say("Customers", "客户数"),
            style.say("Median time", "中位用时"),
        ];
        let rows: Vec<Row> = self.rows.iter().take(ROWS_SHOWN).map(|row| row.drawn(all, style)).collect();
        rows::draw(&mut canvas, style.say("Next", "下一步"), &headings, &rows);
        canvas.y -= 12.0;
        let more = self.rows.len().saturating_sub(ROWS_SHOWN);
        if more > 0 {
            note(&mut canvas, &format!("{}{more}", style.say("More, not shown: ", "其余未显示：")));
        }
        let said: Vec<String> = rows.iter().map(|row| format!("{} {}", row.label, row.bars[0].tip)).collect();
        canvas.finish(format!("{subtitle}: {}.", said.join(", ")))
    }
}

impl NextRow {
    fn drawn(&self, all: u64, style: Style) -> Row {
        let of_all = share(self.times, all);
        let cells = vec![count(self.times), percent(of_all), count(self.customers), span(self.median_micros, style)];
        let none = || style.say("(nothing)", "（无后续）").to_owned();
        let colours = style.theme.colours();
        let bar = Bar {
            share: of_all.unwrap_or_default(),
            before: None,
            mark: None,
            colour: if self.name.is_some() { colours.accent() } else { colours.neutral },
            tip: format!("{} ({})", count(self.times), percent(of_all)),
            cells,
        };
        Row { label: self.name.clone().unwrap_or_else(none), bars: vec![bar] }
    }
}
