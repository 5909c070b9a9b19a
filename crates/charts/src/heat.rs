//! A grid of cells, the warmer the more.

use crate::{
    canvas::{Anchor, Canvas, MARGIN},
    text::width,
};

const CELL_GAP: f64 = 1.5;
const LABEL_SIZE: f64 = 11.0;
/// Cells are no wider than this, so that a small grid stays a grid.
const CELL_WIDTH_MAX: f64 = 96.0;

/// One cell.
#[derive(Debug, Clone)]
pub(crate) struct Cell {
    /// 0 to 1.
    pub(crate) warmth: f64,
    /// What it says, if there is room.
    pub(crate) text: String,
    pub(crate) tip: String,
    /// Drawn with a dashed frame: it is not over.
    pub(crate) open: bool,
}

/// A grid: `rows` labels (in columns) at the left, `columns` labels above.
#[derive(Debug)]
pub(crate) struct Grid {
    pub(crate) row_headings: Vec<String>,
    pub(crate) rows: Vec<Vec<String>>,
    pub(crate) columns: Vec<String>,
    /// Row by row; `None` is left empty.
    pub(crate) cells: Vec<Vec<Option<Cell>>>,
    pub(crate) row_height: f64,
}

impl Grid {
    /// Draws it below what is there.
    pub(crate) fn draw(&self, canvas: &mut Canvas) {
        let labels = self.label_columns();
        let from = labels.last().map_or(MARGIN, |(_, right)| right + 12.0);
        let cell_width = ((canvas.right() - from) / self.columns.len().max(1) as f64).min(CELL_WIDTH_MAX);
        self.draw_head(canvas, &labels, from, cell_width);
        for (row, cells) in self.cells.iter().enumerate() {
            self.draw_labels(canvas, row, &labels);
            for (column, cell) in cells.iter().enumerate() {
                if let Some(cell) = cell {
                    self.draw_cell(canvas, cell, from + column as f64 * cell_width, cell_width);
                }
            }
            canvas.y += self.row_height;
        }
    }

    /// Left and right of each column of labels. The first is aligned left, the others right.
    fn label_columns(&self) -> Vec<(f64, f64)> {
        let mut left = MARGIN;
        let of = |column: usize| {
            let labels = self.rows.iter().filter_map(|row| row.get(column)).chain(self.row_headings.get(column));
            labels.map(|label| width(label, LABEL_SIZE, false)).fold(0.0, f64::max)
        };
        let mut columns = Vec::new();
        for column in 0..self.row_headings.len() {
            columns.push((left, left + of(column)));
            left += of(column) + 14.0;
        }
        columns
    }

    fn draw_head(&self, canvas: &mut Canvas, labels: &[(f64, f64)], from: f64, cell_width: f64) {
        canvas.y += 12.0;
        let (y, colours) = (canvas.y, canvas.colours);
        for (i, (heading, (left, right))) in self.row_headings.iter().zip(labels).enumerate() {
            let (x, anchor) = if i == 0 { (*left, Anchor::Start) } else { (*right, Anchor::End) };
            canvas.text(x, y, heading, LABEL_SIZE, colours.muted).at(anchor);
        }
        let widest = self.columns.iter().map(|c| width(c, LABEL_SIZE, false)).fold(1.0, f64::max) + 4.0;
        let every = (widest / cell_width).ceil().max(1.0) as usize;
        for (i, column) in self.columns.iter().enumerate().step_by(every) {
            let x = from + (i as f64 + 0.5) * cell_width;
            let half = width(column, LABEL_SIZE, false) / 2.0;
            canvas.text(x.min(canvas.right() - half), y, column, LABEL_SIZE, colours.muted).at(Anchor::Middle);
        }
        canvas.y += 8.0;
    }

    fn draw_labels(&self, canvas: &mut Canvas, row: usize, labels: &[(f64, f64)]) {
        // In a grid with many low rows only some labels have room.
        let every = (LABEL_SIZE + 2.0) / self.row_height;
        if every > 1.0 && !row.is_multiple_of(every.ceil() as usize) {
            return;
        }
        let (y, colours) = (canvas.y + self.row_height.min(LABEL_SIZE + 14.0) / 2.0 + 4.0, canvas.colours);
        let y = if self.row_height > LABEL_SIZE + 2.0 { canvas.y + self.row_height / 2.0 + 4.0 } else { y };
        for (i, (label, (left, right))) in self.rows.get(row).into_iter().flatten().zip(labels).enumerate() {
            let (x, anchor) = if i == 0 { (*left, Anchor::Start) } else { (*right, Anchor::End) };
            canvas.text(x, y, label, LABEL_SIZE, colours.text).at(anchor);
        }
    }

    fn draw_cell(&self, canvas: &mut Canvas, cell: &Cell, x: f64, cell_width: f64) {
        let (y, colours) = (canvas.y, canvas.colours);
        let gap = if cell_width < 8.0 || self.row_height < 8.0 { 0.25 } else { CELL_GAP };
        let colour = colours.heat(cell.warmth);
        let drawn = canvas.rect(x, y, cell_width - gap, self.row_height - gap, colour).rounded(2.0).tip(&cell.tip);
        if cell.open {
            drawn.stroke(colours.muted, 1.0).dashed();
        }
        let size = if cell_width > 44.0 { 11.0 } else { 9.5 };
        if width(&cell.text, size, false) + 3.0 <= cell_width && size + 4.0 <= self.row_height {
            let (x, y) = (x + (cell_width - gap) / 2.0, y + self.row_height / 2.0 + size * 0.36);
            canvas.text(x, y, &cell.text, size, colours.on(colour)).at(Anchor::Middle).tip(&cell.tip);
        }
    }
}

/// What the colours mean: from nothing to the most.
pub(crate) fn scale(canvas: &mut Canvas, most: &str) {
    const STEPS: usize = 24;
    const STEP: f64 = 5.0;
    canvas.y += 12.0;
    let (y, colours) = (canvas.y, canvas.colours);
    canvas.text(MARGIN, y + 9.0, "0", LABEL_SIZE, colours.muted);
    let from = MARGIN + 14.0;
    for step in 0..STEPS {
        let colour = colours.heat(step as f64 / (STEPS - 1) as f64);
        canvas.rect(from + step as f64 * STEP, y, STEP + 0.3, 10.0, colour);
    }
    canvas.text(from + STEPS as f64 * STEP + 8.0, y + 9.0, most, LABEL_SIZE, colours.muted);
    canvas.y += 12.0;
}
