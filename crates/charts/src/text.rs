//! How wide words are, and how they are made to fit.
//!
//! Whoever looks at the picture has fonts of their own, so widths are estimated with those of a wide one (DejaVu Sans, close
//! to Verdana): what fits there fits everywhere. Chinese characters are as wide as they are high.

/// Advance widths of the characters from space to `~`, hundredths of the size.
const ASCII: [u8; 95] = [
    32, 41, 46, 84, 64, 95, 78, 28, 39, 39, 50, 84, 32, 37, 32, 34, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 34, 34, 84,
    84, 84, 54, 100, 69, 69, 70, 77, 64, 58, 78, 76, 30, 30, 66, 56, 87, 75, 79, 61, 79, 70, 64, 62, 74, 69, 99, 69,
    62, 69, 39, 34, 39, 84, 50, 50, 62, 64, 55, 64, 62, 36, 64, 64, 28, 28, 58, 28, 98, 64, 62, 64, 64, 42, 53, 40, 64,
    60, 82, 60, 60, 53, 64, 34, 64, 84,
];
/// Bold letters are so much wider.
const BOLD: f64 = 1.1;

fn advance(c: char) -> f64 {
    let ascii = u32::from(c).checked_sub(32).and_then(|i| ASCII.get(i as usize));
    match (ascii, c) {
        (Some(hundredths), _) => f64::from(*hundredths) / 100.0,
        (None, '\u{1100}'..) => 1.0,
        // Accented letters, Greek, Cyrillic.
        (None, _) => 0.7,
    }
}

/// How wide a text is at a size, in the same unit, at most.
#[must_use]
pub fn width(text: &str, size: f64, bold: bool) -> f64 {
    let plain: f64 = text.chars().map(advance).sum::<f64>() * size;
    if bold { plain * BOLD } else { plain }
}

/// The text, or as much of its beginning as fits with `…`.
pub(crate) fn fit(text: &str, room: f64, size: f64, bold: bool) -> String {
    if width(text, size, bold) <= room {
        return text.to_owned();
    }
    let mut kept = String::new();
    for c in text.chars() {
        kept.push(c);
        if width(&kept, size, bold) + size > room {
            kept.pop();
            break;
        }
    }
    kept.truncate(kept.trim_end().len());
    kept.push('…');
    kept
}

/// The text in so many lines at most; the last one is cut if there is more.
pub(crate) fn wrap(text: &str, room: f64, size: f64, bold: bool, lines_max: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() && lines.len() + 1 < lines_max && width(rest, size, bold) > room {
        let cut = break_at(rest, room, size, bold);
        let (line, after) = rest.split_at(cut);
        lines.push(line.trim_end().to_owned());
        rest = after.trim_start();
    }
    if !rest.is_empty() {
        lines.push(fit(rest, room, size, bold));
    }
    lines
}

/// Where a line ends: after the last blank or sign that fits, between Chinese characters, or else wherever it must.
fn break_at(text: &str, room: f64, size: f64, bold: bool) -> usize {
    let (mut used, mut good) = (0.0, None);
    for (at, c) in text.char_indices() {
        let after = at + c.len_utf8();
        used += width(c.encode_utf8(&mut [0; 4]), size, bold);
        if used > room {
            return good.unwrap_or(if at == 0 { after } else { at });
        }
        // A line that would be nearly empty is none.
        let breaks = matches!(c, ' ' | '_' | '-' | '/' | '.' | ',') || c >= '\u{2e80}';
        if breaks && used > room * 0.35 {
            good = Some(after);
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_cut_with_an_ellipsis() {
        assert_eq!(fit("short", 100.0, 12.0, false), "short");
        let cut = fit("a very long name of a step that nobody can read", 100.0, 12.0, false);
        assert!(cut.ends_with('…') && width(&cut, 12.0, false) <= 100.0, "{cut}");
        assert_eq!(fit("任何时候都可以", 40.0, 10.0, false), "任何时…");
    }

    #[test]
    fn lines_break_where_words_do_and_in_chinese_anywhere() {
        assert_eq!(wrap("one two three", 60.0, 12.0, false, 3), ["one two", "three"]);
        assert_eq!(wrap("提交申请之后", 40.0, 10.0, false, 2), ["提交申请", "之后"]);
        assert_eq!(wrap("A_SUBMITTED_AND_MORE", 100.0, 12.0, false, 2), ["A_SUBMITTED_", "AND_MORE"]);
        assert_eq!(wrap("W_Completeren aanvraag", 80.0, 12.0, false, 2), ["W_Complete", "ren aanvra…"]);
        assert_eq!(wrap("", 40.0, 10.0, false, 2), Vec::<String>::new());
    }

    #[test]
    fn a_line_takes_at_least_one_character() {
        assert_eq!(wrap("abc", 0.1, 12.0, false, 5), ["a", "b", "c"].map(str::to_owned).to_vec());
    }
}
