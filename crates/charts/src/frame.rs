//! What stands around a chart: title, legend, notes.

use crate::{
    Style,
    canvas::{Anchor, Canvas, MARGIN},
    style::{Colour, SERIES_MAX},
    text::{fit, width, wrap},
};

const TITLE_SIZE: f64 = 17.0;
const NOTE_SIZE: f64 = 12.0;
/// Lines of a title.
const TITLE_LINES: usize = 2;
/// How much of a series' name a legend shows.
const LEGEND_ROOM: f64 = 180.0;

/// A canvas with a title (`default` when there is none) and a line below it.
pub(crate) fn begin(style: Style, title: &str, default: &str, subtitle: &str) -> Canvas {
    wide(style, title, default, subtitle, crate::WIDTH)
}

/// The same, of another width.
pub(crate) fn wide(style: Style, title: &str, default: &str, subtitle: &str, width: f64) -> Canvas {
    let title = if title.is_empty() { default } else { title };
    let mut canvas = Canvas::new(style, title.to_owned());
    canvas.width = width;
    let (colours, room) = (canvas.colours, canvas.right() - MARGIN);
    canvas.y = MARGIN - 6.0;
    for line in wrap(title, room, TITLE_SIZE, true, TITLE_LINES) {
        canvas.y += TITLE_SIZE + 5.0;
        let y = canvas.y;
        canvas.text(MARGIN, y, &line, TITLE_SIZE, colours.text).bold();
    }
    note(&mut canvas, subtitle);
    canvas.y += 16.0;
    canvas
}

/// Small lines of explanation, below what is there.
pub(crate) fn note(canvas: &mut Canvas, text: &str) {
    let (colours, room) = (canvas.colours, canvas.right() - MARGIN);
    for line in wrap(text, room, NOTE_SIZE, false, 2) {
        canvas.y += NOTE_SIZE + 7.0;
        let y = canvas.y;
        canvas.text(MARGIN, y, &line, NOTE_SIZE, colours.muted);
    }
}

/// Which colour is which, in as many lines as it takes.
pub(crate) fn legend(canvas: &mut Canvas, entries: &[(Colour, &str)]) {
    const SIZE: f64 = 12.0;
    let (mut x, colours) = (MARGIN, canvas.colours);
    for (colour, name) in entries {
        let shown = fit(name, LEGEND_ROOM, SIZE, false);
        let taken = 18.0 + width(&shown, SIZE, false);
        if x > MARGIN && x + taken > canvas.right() {
            x = MARGIN;
            canvas.y += 20.0;
        }
        let y = canvas.y;
        canvas.rect(x, y, 11.0, 11.0, *colour).rounded(2.0);
        canvas.text_in(x + 17.0, y + 10.0, name, (LEGEND_ROOM, SIZE), colours.text);
        x += taken + 20.0;
    }
    if !entries.is_empty() {
        canvas.y += 26.0;
    }
}

/// Names of series with the colour of each; a missing name is said as such.
pub(crate) fn series_legend(canvas: &mut Canvas, names: &[Option<&str>]) {
    let (colours, none) = (canvas.colours, canvas.say("(none)", "（无）").to_owned());
    let named = names.iter().take(SERIES_MAX).enumerate();
    let entries: Vec<(Colour, &str)> =
        named.map(|(i, name)| (colours.of_series(i), name.unwrap_or(none.as_str()))).collect();
    legend(canvas, &entries);
    let more = names.len().saturating_sub(SERIES_MAX);
    if more > 0 {
        canvas.y -= 18.0;
        let text = canvas.say("and more values that are not shown: ", "未显示的其他取值：").to_owned();
        note(canvas, &format!("{text}{more}"));
        canvas.y += 16.0;
    }
}

/// Says that there is nothing to draw.
pub(crate) fn nothing(canvas: &mut Canvas) {
    let text = canvas.say("Nobody, so nothing to show", "无数据").to_owned();
    let (x, y, colours) = (canvas.width / 2.0, canvas.y + 40.0, canvas.colours);
    canvas.text(x, y, &text, 14.0, colours.muted).at(Anchor::Middle);
    canvas.y += 60.0;
}
