//! Whether rows follow a pattern. Found from the end backwards, for each part and row, so that time grows with rows times
//! parts, whatever the rows.
//!
//! A row follows part `p` onwards in one of two ways: a time is counted from the row before it, which filled the part before
//! (*after*), or from the row itself, where any number of rows ended (*at*).

use super::pattern::{Bound, Part, Pattern};

/// Which rows the pattern can be followed from, part by part; kept between groups for its room.
#[derive(Debug, Default)]
pub(super) struct Search {
    rows: usize,
    /// For part `p` and row `r`: whether the pattern can be followed from there, counting from the row before.
    after: Vec<bool>,
    /// The first row from `r` on from which it can be followed counting from the row itself; `rows + 1` for none.
    at: Vec<u32>,
}

impl Search {
    /// Looks at the rows (time and bits, sorted by time) of a group. There are fewer than 2³² of them.
    pub(super) fn prepare(&mut self, pattern: &Pattern, rows: &[[i64; 2]]) {
        self.rows = rows.len();
        let cells = (pattern.parts.len() + 1) * (rows.len() + 1);
        self.after.clear();
        self.after.resize(cells, true);
        self.at.clear();
        // Behind the last part every row will do, and so will having none left.
        self.at.extend((0..cells).map(|cell| (cell % (rows.len() + 1)) as u32));
        for (number, part) in pattern.parts.iter().enumerate().rev() {
            self.look(number, *part, rows);
        }
    }

    fn look(&mut self, number: usize, part: Part, rows: &[[i64; 2]]) {
        let mut first = self.rows + 1;
        for row in (0..=self.rows).rev() {
            let cell = self.cell(number, row);
            self.after[cell] = self.follow(number, part, rows, row, row.saturating_sub(1)).is_some();
            if self.follow(number, part, rows, row, row).is_some() {
                first = row;
            }
            self.at[cell] = first as u32;
        }
    }

    /// Where the next part goes on, if a part can be filled from a row on and the rest follows. A time counts from `base`.
    fn follow(&self, number: usize, part: Part, rows: &[[i64; 2]], row: usize, base: usize) -> Option<usize> {
        match part {
            Part::Met(condition) => {
                let met = rows.get(row).is_some_and(|[_, bits]| bits >> condition & 1 == 1);
                (met && self.after[self.cell(number + 1, row + 1)]).then_some(row + 1)
            }
            Part::Any => (row < self.rows && self.after[self.cell(number + 1, row + 1)]).then_some(row + 1),
            Part::Some => Some(self.first_at(number + 1, row)).filter(|next| *next <= self.rows),
            Part::Time(bound, span) => {
                let since = rows.get(base).filter(|_| row < self.rows)?[0];
                let (from, to) = within(bound, span, since, rows);
                Some(self.first_at(number + 1, row.max(from))).filter(|next| *next < to)
            }
        }
    }

    fn cell(&self, number: usize, row: usize) -> usize {
        number * (self.rows + 1) + row
    }

    fn first_at(&self, number: usize, row: usize) -> usize {
        self.at[self.cell(number, row)] as usize
    }

    /// Whether the pattern is followed at all.
    pub(super) fn found(&self) -> bool {
        self.first_at(0, 0) <= self.rows
    }

    /// How often: from where one ends, the next one is looked for. Each takes the earliest rows it can.
    pub(super) fn count(&self, pattern: &Pattern, rows: &[[i64; 2]]) -> i64 {
        let (mut count, mut start) = (0, 0);
        while start < self.rows
            && let Some(end) = self.end(pattern, rows, start)
        {
            count += 1;
            // A pattern names a condition, so it takes a row at least.
            start = end.max(start + 1);
        }
        count
    }

    /// Where the first to be found from a row on ends.
    fn end(&self, pattern: &Pattern, rows: &[[i64; 2]], start: usize) -> Option<usize> {
        let (mut row, mut base) = (start, start);
        for (number, part) in pattern.parts.iter().enumerate() {
            let next = self.follow(number, *part, rows, row, base)?;
            base = if matches!(part, Part::Met(_) | Part::Any) { row } else { next };
            row = next;
        }
        Some(row)
    }
}

/// The rows whose time since another is within a bound: from and up to, sorted as they are.
fn within(bound: Bound, span: i64, since: i64, rows: &[[i64; 2]]) -> (usize, usize) {
    let limit = since.saturating_add(span);
    let earlier = || rows.partition_point(|[ts, _]| *ts < limit);
    let until = || rows.partition_point(|[ts, _]| *ts <= limit);
    match bound {
        Bound::Less => (0, earlier()),
        Bound::LessOrEqual => (0, until()),
        Bound::Equal => (earlier(), until()),
        Bound::GreaterOrEqual => (earlier(), rows.len()),
        Bound::Greater => (until(), rows.len()),
    }
}
