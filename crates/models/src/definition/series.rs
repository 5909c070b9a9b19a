//! Daily series to come: `[series]` and `kind = "forecast"`.

use serde::{Deserialize, Serialize};
use toml::Spanned;

/// Which series: one value a day.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeriesDef {
    /// A query that gives `day` and `value`, one row a day. Not beside `file`.
    #[serde(default)]
    pub sql: Option<Spanned<String>>,
    /// A CSV file from the bank directory. Not beside `sql`.
    #[serde(default)]
    pub file: Option<Spanned<String>>,
    /// The file's column with days (2024-01-31 or 20240131); `day` when absent.
    #[serde(default)]
    pub day: Option<String>,
    /// The file's column with values; `value` when absent.
    #[serde(default)]
    pub value: Option<String>,
    /// What a day without a row had.
    #[serde(default)]
    pub missing: Missing,
    /// Official holidays: `china` (with Spring Festival), `none`, or a file from the bank directory with lines of `2024-02-10,off,Spring Festival` (or `work`), which has
    /// Spring Festival too.
    #[serde(default)]
    pub holidays: Option<Spanned<String>>,
}

/// What a day without a row had.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Missing {
    /// Nothing: flows and demand.
    #[default]
    Zero,
    /// What the day before had: balances.
    Before,
}

/// Where official holidays come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HolidaysDef {
    /// Those that come with Florin, and Spring Festival.
    China,
    /// There are none.
    None,
    /// A file, and Spring Festival.
    File(String),
}

/// A file with a series.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeriesFile {
    /// From the bank directory.
    pub path: String,
    /// Its column with days.
    pub day: String,
    /// Its column with values.
    pub value: String,
}

impl SeriesDef {
    pub(super) fn in_file(&self) -> Option<SeriesFile> {
        let named = |of: &Option<String>, usual: &str| of.clone().unwrap_or_else(|| usual.to_owned());
        let file = self.file.as_ref()?;
        Some(SeriesFile {
            path: file.get_ref().clone(),
            day: named(&self.day, "day"),
            value: named(&self.value, "value"),
        })
    }

    pub(super) fn of_holidays(&self) -> HolidaysDef {
        match self.holidays.as_ref().map(|holidays| holidays.get_ref().as_str()) {
            None | Some("china") => HolidaysDef::China,
            Some("none") => HolidaysDef::None,
            Some(file) => HolidaysDef::File(file.to_owned()),
        }
    }
}

/// How far ahead, and how sure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ForecastDef {
    /// Days that are forecast.
    pub horizon_days: u32,
    /// How often intervals are to hold the truth; 0.9 when absent.
    #[serde(default)]
    pub level: Option<f64>,
}

/// How often intervals are to hold the truth when the definition does not say.
pub(super) const LEVEL: f64 = 0.9;

impl ForecastDef {
    /// How often intervals are to hold the truth.
    #[must_use]
    pub fn level(&self) -> f64 {
        self.level.unwrap_or(LEVEL)
    }
}
