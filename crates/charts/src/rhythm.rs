//! At which hours of the week something is done.

use crate::{
    Chart, Picture, Style,
    figures::{count, short},
    frame::{begin, nothing},
    heat::{self, Cell, Grid},
};

/// Rows by weekday (Monday first) and hour.
#[derive(Debug, Clone, Default)]
pub struct RhythmChart {
    /// What it asks.
    pub title: String,
    /// How many, by weekday and hour of the day.
    pub rows: [[u64; 24]; 7],
    /// Customers behind them.
    pub customers: [[u64; 24]; 7],
}

const ENGLISH: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const CHINESE: [&str; 7] = ["周一", "周二", "周三", "周四", "周五", "周六", "周日"];

impl Chart for RhythmChart {
    fn draw(&self, style: Style) -> Picture {
        let subtitle =
            style.say("How often, by hour of the day and day of the week", "按一周各天与一天各小时统计的次数");
        let mut canvas = begin(style, &self.title, style.say("Rhythm of the week", "一周活跃时段"), subtitle);
        let most = self.rows.iter().flatten().copied().max().unwrap_or_default();
        if most == 0 {
            nothing(&mut canvas);
            return canvas.finish(subtitle.to_owned());
        }
        let days = (0..7).map(|day| ENGLISH.get(day).zip(CHINESE.get(day)));
        let days: Vec<&str> = days.flatten().map(|(english, chinese)| style.say(english, chinese)).collect();
        let total = |day: usize| self.rows.get(day).into_iter().flatten().sum::<u64>();
        let grid = Grid {
            row_headings: vec![style.say("Day", "星期").to_owned(), style.say("All", "合计").to_owned()],
            rows: days.iter().enumerate().map(|(i, day)| vec![(*day).to_owned(), count(total(i))]).collect(),
            columns: (0..24).map(|hour| format!("{hour:02}")).collect(),
            cells: days.iter().enumerate().map(|(i, day)| self.cells(i, day, most, style)).collect(),
            row_height: 32.0,
        };
        grid.draw(&mut canvas);
        heat::scale(&mut canvas, &count(most));
        let about: Vec<String> = days.iter().enumerate().map(|(i, day)| format!("{day} {}", count(total(i)))).collect();
        canvas.finish(format!("{subtitle}: {}.", about.join(", ")))
    }
}

impl RhythmChart {
    fn cells(&self, day: usize, name: &str, most: u64, style: Style) -> Vec<Option<Cell>> {
        let rows = self.rows.get(day).into_iter().flatten();
        let customers = self.customers.get(day).into_iter().flatten();
        let cell = |(hour, (rows, customers)): (usize, (&u64, &u64))| {
            let who = style.say("customers", "位客户");
            let tip = format!("{name} {hour:02}:00–{hour:02}:59: {} ({} {who})", count(*rows), count(*customers));
            let text = if *rows == 0 { String::new() } else { short(*rows as f64, style) };
            Some(Cell { warmth: *rows as f64 / most as f64, text, tip, open: false })
        };
        rows.zip(customers).enumerate().map(cell).collect()
    }
}
