//! Rows of bars with numbers beside them: a table that one can see.

use crate::{
    canvas::{Anchor, Canvas, MARGIN},
    style::Colour,
    text::{width, wrap},
};

const LABEL_ROOM: f64 = 196.0;
const LABEL_SIZE: f64 = 12.5;
const HEADING_SIZE: f64 = 11.0;
const CELL_SIZE: f64 = 12.0;
/// Between columns.
const GAP: f64 = 18.0;
/// However wide the columns are.
const BAR_ROOM_LEAST: f64 = 120.0;

/// One row: a label and a bar for each series.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) label: String,
    pub(crate) bars: Vec<Bar>,
}

/// One bar, and what its columns say.
#[derive(Debug)]
pub(crate) struct Bar {
    /// From 0 to 1.
    pub(crate) share: f64,
    /// Up to where it went before, drawn paler; its tip.
    pub(crate) before: Option<(f64, String)>,
    /// Where a line stands across it, from 0 to 1.
    pub(crate) mark: Option<f64>,
    pub(crate) colour: Colour,
    pub(crate) tip: String,
    pub(crate) cells: Vec<String>,
}

/// Draws all rows below what is there.
pub(crate) fn draw(canvas: &mut Canvas, label: &str, headings: &[&str], rows: &[Row]) {
    let columns = columns(canvas, headings, rows);
    let labels = rows.iter().map(|row| width(&row.label, LABEL_SIZE, false));
    let from = MARGIN + labels.fold(width(label, HEADING_SIZE, false), f64::max).min(LABEL_ROOM) + 14.0;
    let left = columns.first().map_or(canvas.right(), |(left, _)| *left);
    let room = (left - GAP - from).max(BAR_ROOM_LEAST);
    head(canvas, label, headings, &columns);
    for row in rows {
        draw_row(canvas, row, &columns, (from, room));
    }
}

/// Left and right of each column.
fn columns(canvas: &Canvas, headings: &[&str], rows: &[Row]) -> Vec<(f64, f64)> {
    let mut right = canvas.right();
    let mut columns: Vec<(f64, f64)> = Vec::new();
    for (column, heading) in headings.iter().enumerate().rev() {
        let cells = rows.iter().flat_map(|row| &row.bars).filter_map(|bar| bar.cells.get(column));
        let widest =
            cells.map(|cell| width(cell, CELL_SIZE, false)).fold(width(heading, HEADING_SIZE, false), f64::max);
        columns.push((right - widest, right));
        right -= widest + GAP;
    }
    columns.reverse();
    columns
}

fn head(canvas: &mut Canvas, label: &str, headings: &[&str], columns: &[(f64, f64)]) {
    canvas.y += 12.0;
    let (y, colours) = (canvas.y, canvas.colours);
    canvas.text(MARGIN, y, label, HEADING_SIZE, colours.muted);
    for (heading, (_, right)) in headings.iter().zip(columns) {
        canvas.text(*right, y, heading, HEADING_SIZE, colours.muted).at(Anchor::End);
    }
    let (left, right) = (MARGIN, canvas.right());
    canvas.line((left, y + 8.0), (right, y + 8.0), colours.grid);
    canvas.y += 18.0;
}

fn draw_row(canvas: &mut Canvas, row: &Row, columns: &[(f64, f64)], (from, room): (f64, f64)) {
    let alone = row.bars.len() <= 1;
    let (thick, apart) = if alone { (26.0, 12.0) } else { (13.0, 4.0) };
    let high = (row.bars.len() as f64 * (thick + apart) - apart).max(26.0);
    draw_label(canvas, &row.label, high);
    let colours = canvas.colours;
    for (i, bar) in row.bars.iter().enumerate() {
        let y = canvas.y + i as f64 * (thick + apart);
        canvas.rect(from, y, room, thick, colours.grid).opacity(0.55).rounded(2.0);
        if let Some((before, tip)) = &bar.before {
            canvas.rect(from, y, room * before.clamp(0.0, 1.0), thick, bar.colour).opacity(0.22).rounded(2.0).tip(tip);
        }
        canvas.rect(from, y, room * bar.share.clamp(0.0, 1.0), thick, bar.colour).rounded(2.0).tip(&bar.tip);
        if let Some(mark) = bar.mark {
            let x = from + room * mark.clamp(0.0, 1.0);
            canvas.rect(x - 1.0, y - 3.0, 2.0, thick + 6.0, colours.text).tip(&bar.tip);
        }
        for (cell, (_, right)) in bar.cells.iter().zip(columns) {
            canvas.text(*right, y + thick / 2.0 + 4.3, cell, CELL_SIZE, colours.text).at(Anchor::End);
        }
    }
    canvas.y += high + if alone { 12.0 } else { 16.0 };
}

/// In the middle of its row, in two lines if it takes two.
fn draw_label(canvas: &mut Canvas, label: &str, high: f64) {
    let lines = wrap(label, LABEL_ROOM, LABEL_SIZE, false, 2);
    let first = canvas.y + high / 2.0 + 4.5 - (lines.len().saturating_sub(1)) as f64 * 7.5;
    let colours = canvas.colours;
    for (i, line) in lines.iter().enumerate() {
        let text = canvas.text(MARGIN, first + i as f64 * 15.0, line, LABEL_SIZE, colours.text);
        if line.ends_with('…') {
            text.tip(label);
        }
    }
}
