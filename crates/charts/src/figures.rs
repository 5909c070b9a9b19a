//! How numbers are said. They read as the command line prints them.

use crate::{Language, Style};

/// `12,345`.
#[must_use]
pub fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `12.3k`, `4.6M`; in Chinese `1.2万`, `3.5亿`.
pub(crate) fn short(n: f64, style: Style) -> String {
    let units: &[(f64, &str)] = match style.language {
        Language::English => &[(1e9, "B"), (1e6, "M"), (1e3, "k")],
        Language::Chinese => &[(1e8, "亿"), (1e4, "万")],
    };
    let Some((unit, name)) = units.iter().find(|(unit, _)| n.abs() >= *unit) else {
        return trimmed(n, 1);
    };
    let scaled = n / unit;
    format!("{}{name}", trimmed(scaled, if scaled.abs() < 100.0 { 1 } else { 0 }))
}

/// Without zeros at the end.
pub(crate) fn trimmed(n: f64, decimals: usize) -> String {
    let text = format!("{n:.decimals$}");
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

/// `39.06 %`, never rounded up: one in a million who did not is seen. Empty for none.
pub(crate) fn percent(share: Option<f64>) -> String {
    share.map_or_else(String::new, |share| format!("{:.2} %", (share * 10_000.0).floor() / 100.0))
}

/// `39.1 %`.
pub(crate) fn percent_short(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

/// A part of a whole, if there is a whole.
pub(crate) fn share(part: u64, of: u64) -> Option<f64> {
    (of > 0).then(|| part as f64 / of as f64)
}

/// Microseconds as people say them: `1.5 min`. Empty for none.
#[must_use]
pub fn span(micros: Option<u64>, style: Style) -> String {
    let Some(micros) = micros else { return String::new() };
    let seconds = micros as f64 / 1e6;
    let (value, english, chinese) = match seconds {
        s if s < 60.0 => (s, "s", "秒"),
        s if s < 3600.0 => (s / 60.0, "min", "分钟"),
        s if s < 86_400.0 => (s / 3600.0, "h", "小时"),
        s => (s / 86_400.0, "d", "天"),
    };
    format!("{value:.1} {}", style.say(english, chinese))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ZH: Style = Style { theme: crate::Theme::Light, language: Language::Chinese };

    #[test]
    fn numbers_read_as_people_write_them() {
        let en = Style::default();
        assert_eq!([0, 999, 1000, 1_234_567].map(count), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!([0.0, 950.0, 1200.0, 123_456.0, 2.5e6].map(|n| short(n, en)), ["0", "950", "1.2k", "123k", "2.5M"]);
        assert_eq!([9999.0, 12_000.0, 2.5e8].map(|n| short(n, ZH)), ["9999", "1.2万", "2.5亿"]);
        assert_eq!(percent(Some(0.999_999)), "99.99 %");
        assert_eq!(percent(share(1, 0)), "");
    }

    #[test]
    fn spans_have_the_unit_that_fits() {
        assert_eq!(span(Some(90_000_000), Style::default()), "1.5 min");
        assert_eq!(span(Some(129_600_000_000), ZH), "1.5 天");
        assert_eq!(span(None, ZH), "");
    }
}
