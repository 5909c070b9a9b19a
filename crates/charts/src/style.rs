//! How pictures look and which language their own words are in.

/// Light or dark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Theme {
    /// Dark on white.
    #[default]
    Light,
    /// Light on near black.
    Dark,
}

/// The language of a chart's own words. Names that come with the data stay as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    /// English.
    #[default]
    English,
    /// Simplified Chinese.
    Chinese,
}

/// How a picture looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Style {
    /// Light or dark.
    pub theme: Theme,
    /// Which words.
    pub language: Language,
}

impl Style {
    /// The word in the language of the picture.
    pub(crate) fn say<'a>(self, english: &'a str, chinese: &'a str) -> &'a str {
        match self.language {
            Language::English => english,
            Language::Chinese => chinese,
        }
    }
}

/// Red, green, blue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Colour(pub(crate) u8, pub(crate) u8, pub(crate) u8);

impl Colour {
    /// `#rrggbb`.
    pub(crate) fn hex(self) -> String {
        format!("#{:02x}{:02x}{:02x}", self.0, self.1, self.2)
    }

    /// From `self` (0) to `other` (1).
    fn mix(self, other: Self, share: f64) -> Self {
        let part = |a: u8, b: u8| (f64::from(a) + (f64::from(b) - f64::from(a)) * share.clamp(0.0, 1.0)).round() as u8;
        Self(part(self.0, other.0), part(self.1, other.1), part(self.2, other.2))
    }

    /// How bright it looks, 0 to 1: relative luminance as WCAG 2.2 defines it.
    fn luminance(self) -> f64 {
        let linear = |c: u8| {
            let c = f64::from(c) / 255.0;
            if c <= 0.040_45 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(self.0) + 0.7152 * linear(self.1) + 0.0722 * linear(self.2)
    }

    /// How well the two can be told apart, 1 to 21: the contrast ratio of WCAG 2.2.
    pub(crate) fn contrast(self, other: Self) -> f64 {
        let (a, b) = (self.luminance(), other.luminance());
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }
}

/// Series that have a colour of their own.
pub(crate) const SERIES_MAX: usize = 7;

/// The colours of a theme.
///
/// Series: Paul Tol's *vibrant* and *light* schemes (personal.sron.nl/~pault), which stay apart for all kinds of colour
/// blindness. Heat: one hue, so that more is darker (lighter in the dark theme) for everybody.
#[derive(Debug)]
pub(crate) struct Colours {
    pub(crate) background: Colour,
    pub(crate) text: Colour,
    pub(crate) muted: Colour,
    pub(crate) grid: Colour,
    /// What is not told apart: others, ends, effects that may be chance.
    pub(crate) neutral: Colour,
    pub(crate) series: [Colour; SERIES_MAX],
    heat: [Colour; 4],
}

const LIGHT: Colours = Colours {
    background: Colour(255, 255, 255),
    text: Colour(28, 36, 48),
    muted: Colour(92, 104, 120),
    grid: Colour(230, 234, 240),
    neutral: Colour(168, 176, 188),
    series: [
        Colour(0, 119, 187),
        Colour(238, 119, 51),
        Colour(0, 153, 136),
        Colour(204, 51, 17),
        Colour(51, 187, 238),
        Colour(238, 51, 119),
        Colour(120, 120, 120),
    ],
    heat: [Colour(240, 246, 252), Colour(158, 202, 233), Colour(49, 130, 189), Colour(8, 56, 112)],
};

const DARK: Colours = Colours {
    background: Colour(18, 24, 32),
    text: Colour(232, 237, 243),
    muted: Colour(154, 166, 181),
    grid: Colour(42, 51, 63),
    neutral: Colour(98, 110, 125),
    series: [
        Colour(119, 170, 221),
        Colour(238, 136, 102),
        Colour(68, 187, 153),
        Colour(238, 221, 136),
        Colour(153, 221, 255),
        Colour(255, 170, 187),
        Colour(187, 187, 187),
    ],
    heat: [Colour(28, 38, 50), Colour(32, 78, 120), Colour(62, 138, 196), Colour(170, 218, 252)],
};

impl Theme {
    pub(crate) fn colours(self) -> &'static Colours {
        match self {
            Self::Light => &LIGHT,
            Self::Dark => &DARK,
        }
    }
}

impl Colours {
    /// The main colour.
    pub(crate) fn accent(&self) -> Colour {
        self.series[0]
    }

    /// Of the series with this number; those past the last are neutral.
    pub(crate) fn of_series(&self, series: usize) -> Colour {
        self.series.get(series).copied().unwrap_or(self.neutral)
    }

    /// The warmer the more, 0 to 1.
    pub(crate) fn heat(&self, warmth: f64) -> Colour {
        let [coldest, cold, warm, warmest] = self.heat;
        let third = warmth.clamp(0.0, 1.0) * 3.0;
        match third {
            t if t < 1.0 => coldest.mix(cold, t),
            t if t < 2.0 => cold.mix(warm, t - 1.0),
            t => warm.mix(warmest, t - 2.0),
        }
    }

    /// Whichever of the theme's text and background reads better on a colour.
    pub(crate) fn on(&self, colour: Colour) -> Colour {
        if self.text.contrast(colour) >= self.background.contrast(colour) { self.text } else { self.background }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_can_be_read_on_every_background_there_is() {
        for colours in [&LIGHT, &DARK] {
            assert!(colours.text.contrast(colours.background) > 12.0);
            assert!(colours.muted.contrast(colours.background) > 4.5);
            for step in 0..=20 {
                let cell = colours.heat(f64::from(step) / 20.0);
                assert!(colours.on(cell).contrast(cell) > 3.9, "{} on {}", colours.on(cell).hex(), cell.hex());
            }
        }
    }

    #[test]
    fn more_is_darker_on_white_and_lighter_on_black() {
        let shades = |c: &Colours| (0..=30).map(|i| c.heat(f64::from(i) / 30.0).luminance()).collect::<Vec<_>>();
        assert!(shades(&LIGHT).is_sorted_by(|a, b| a > b));
        assert!(shades(&DARK).is_sorted_by(|a, b| a < b));
    }
}
