//! Groups by recency, frequency and money.

use crate::{
    Chart, Picture, Style,
    figures::{count, percent, share, trimmed},
    frame::{begin, nothing},
    rows::{self, Bar, Row},
};

/// How many customers are in which group.
#[derive(Debug, Clone, Default)]
pub struct RfmChart {
    /// What it asks.
    pub title: String,
    /// Which payments count.
    pub of: String,
    /// The best first.
    pub groups: Vec<RfmRow>,
}

/// One group.
#[derive(Debug, Clone, Default)]
pub struct RfmRow {
    /// What it is called.
    pub name: String,
    /// How many customers are in it.
    pub customers: u64,
    /// The mean number of days since their last payment.
    pub recency_days: f64,
    /// The mean number of payments.
    pub frequency: f64,
    /// The mean amount, as it is to be said.
    pub money: String,
}

impl Chart for RfmChart {
    fn draw(&self, style: Style) -> Picture {
        let default = style.say("Recency, frequency and money", "RFM 客户分组");
        let mut canvas = begin(style, &self.title, default, &self.of);
        let all: u64 = self.groups.iter().map(|group| group.customers).sum();
        if all == 0 {
            nothing(&mut canvas);
            return canvas.finish(default.to_owned());
        }
        let headings = [
            style.say("Customers", "客户数"),
            style.say("Share", "占比"),
            style.say("Days since", "距今天数"),
            style.say("Payments", "次数"),
            style.say("Money", "金额"),
        ];
        let most = self.groups.iter().map(|group| group.customers).max().unwrap_or_default();
        let rows: Vec<Row> = self.groups.iter().map(|group| group.drawn((all, most), style)).collect();
        rows::draw(&mut canvas, style.say("Group (means)", "分组（均值）"), &headings, &rows);
        canvas.y -= 12.0;
        let said: Vec<String> = rows.iter().map(|row| format!("{} {}", row.label, row.bars[0].tip)).collect();
        canvas.finish(format!("{default}: {}.", said.join(", ")))
    }
}

impl RfmRow {
    fn drawn(&self, (all, most): (u64, u64), style: Style) -> Row {
        let of_all = percent(share(self.customers, all));
        let bar = Bar {
            share: share(self.customers, most).unwrap_or_default(),
            before: None,
            mark: None,
            colour: style.theme.colours().accent(),
            tip: format!("{} ({of_all})", count(self.customers)),
            cells: vec![
                count(self.customers),
                of_all,
                trimmed(self.recency_days, 1),
                trimmed(self.frequency, 1),
                self.money.clone(),
            ],
        };
        Row { label: self.name.clone(), bars: vec![bar] }
    }
}
