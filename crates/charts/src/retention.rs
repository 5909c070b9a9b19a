//! Retention: who came back how many periods later.

use crate::{
    Chart, Picture, Style,
    figures::{count, percent_short, share},
    frame::{begin, note, nothing},
    heat::{self, Cell, Grid},
};

/// A table of retention.
#[derive(Debug, Clone, Default)]
pub struct RetentionChart {
    /// What it asks.
    pub title: String,
    /// Those who started, period by period.
    pub cohorts: Vec<Cohort>,
    /// The mean share of complete ones by periods later, from 1.
    pub mean: Vec<Option<f64>>,
}

/// Those who started in one period.
#[derive(Debug, Clone, Default)]
pub struct Cohort {
    /// The first day of the period.
    pub from: String,
    /// How many they are.
    pub customers: u64,
    /// Who came back, by periods later, from 1.
    pub later: Vec<RetentionCell>,
}

/// Who came back in one period.
#[derive(Debug, Clone, Copy, Default)]
pub struct RetentionCell {
    /// How many.
    pub customers: u64,
    /// Whether the period is over.
    pub complete: bool,
}

impl Chart for RetentionChart {
    fn draw(&self, style: Style) -> Picture {
        let subtitle =
            style.say("Share of each group that came back so many periods later", "各批次客户在之后各周期的回访比例");
        let mut canvas = begin(style, &self.title, style.say("Retention", "留存"), subtitle);
        if self.cohorts.iter().all(|cohort| cohort.customers == 0) {
            nothing(&mut canvas);
            return canvas.finish(subtitle.to_owned());
        }
        let most = self.most();
        self.grid(style, most).draw(&mut canvas);
        heat::scale(&mut canvas, &percent_short(most));
        if self.cohorts.iter().flat_map(|c| &c.later).any(|cell| !cell.complete) {
            note(&mut canvas, style.say("* dashed: the period is not over", "* 虚线框：该周期尚未结束"));
        }
        canvas.finish(self.about(style))
    }
}

impl RetentionChart {
    /// The largest share there is: what is warmest.
    fn most(&self) -> f64 {
        let of = |cohort: &Cohort| {
            let shares = cohort.later.iter().filter_map(|cell| share(cell.customers, cohort.customers));
            shares.fold(0.0, f64::max)
        };
        let most = self.cohorts.iter().map(of).fold(0.0, f64::max);
        if most > 0.0 { most } else { 1.0 }
    }

    fn grid(&self, style: Style, most: f64) -> Grid {
        let columns = self.cohorts.iter().map(|c| c.later.len()).max().unwrap_or_default();
        let mut rows: Vec<Vec<String>> =
            self.cohorts.iter().map(|c| vec![c.from.clone(), count(c.customers)]).collect();
        let mut cells: Vec<Vec<Option<Cell>>> = self.cohorts.iter().map(|c| c.cells(most)).collect();
        if self.mean.iter().any(Option::is_some) {
            rows.push(vec![style.say("Mean", "平均").to_owned(), String::new()]);
            cells.push(self.mean.iter().map(|mean| mean.map(|mean| Cell::of(mean, most, "", ""))).collect());
        }
        Grid {
            row_headings: vec![style.say("From", "起始").to_owned(), style.say("Customers", "客户数").to_owned()],
            row_height: if rows.len() <= 26 { 26.0 } else { (680.0 / rows.len() as f64).max(4.0) },
            rows,
            columns: (1..=columns).map(|later| format!("+{later}")).collect(),
            cells,
        }
    }

    fn about(&self, style: Style) -> String {
        let means: Vec<String> = self
            .mean
            .iter()
            .enumerate()
            .filter_map(|(i, mean)| mean.map(|mean| format!("+{} {}", i + 1, percent_short(mean))))
            .collect();
        let (groups, mean) = (style.say("groups", "个批次"), style.say("mean", "平均"));
        format!("{} {groups}. {mean}: {}.", self.cohorts.len(), means.join(", "))
    }
}

impl Cohort {
    fn cells(&self, most: f64) -> Vec<Option<Cell>> {
        let cell = |(i, cell): (usize, &RetentionCell)| {
            let share = share(cell.customers, self.customers)?;
            let star = if cell.complete { "" } else { "*" };
            let tip = format!("{} +{}: {} / {}", self.from, i + 1, count(cell.customers), count(self.customers));
            Some(Cell { open: !cell.complete, ..Cell::of(share, most, star, &tip) })
        };
        self.later.iter().enumerate().map(cell).collect()
    }
}

impl Cell {
    fn of(share: f64, most: f64, star: &str, tip: &str) -> Self {
        let text = format!("{}{star}", percent_short(share));
        let tip = if tip.is_empty() { text.clone() } else { format!("{tip} = {text}") };
        Self { warmth: share / most, text, tip, open: false }
    }
}
