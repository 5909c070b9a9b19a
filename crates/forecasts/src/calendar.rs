//! What kind of day it is.

use std::collections::BTreeMap;

use jiff::{ToSpan as _, civil::Date};

use crate::{error::ForecastError, lunar::spring_festival};

/// Holidays of mainland China as the State Council announced them, 2013 and 2014.
const CHINA: &str = include_str!("../data/holidays-cn.csv");

/// What a holiday notice says of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notice {
    /// Nobody works, whatever day of the week it is.
    Off,
    /// A day of a weekend on which people work in return.
    Work,
}

/// Official holidays, as data. Days that are not in it are ordinary.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Holidays {
    days: BTreeMap<Date, Notice>,
    spring_festival: bool,
}

/// What a model sees of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Day {
    /// 0 is Monday.
    pub(crate) weekday: usize,
    pub(crate) notice: Option<Notice>,
    /// The day before or after one that is off, itself not off.
    pub(crate) before_off: bool,
    pub(crate) after_off: bool,
    /// Days since the nearest Spring Festival, negative before it.
    pub(crate) since_festival: Option<i32>,
}

impl Holidays {
    /// No holidays at all.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Those of mainland China that come with the crate (2013 and 2014), and Spring Festival of every year.
    ///
    /// # Errors
    /// Never, as its test shows; the calendar is data like any other.
    pub fn china() -> Result<Self, ForecastError> {
        Ok(Self { spring_festival: true, ..Self::parse(CHINA)? })
    }

    /// Reads lines of `date,off|work,name`; empty lines and those that start with `#` are left out.
    ///
    /// # Errors
    /// When a line cannot be read, or a day comes twice.
    pub fn parse(text: &str) -> Result<Self, ForecastError> {
        let mut days = BTreeMap::new();
        for (i, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'))
        {
            let wrong = |what: String| ForecastError::Calendar { line: i + 1, what };
            let mut fields = line.split(',').map(str::trim);
            let date = fields.next().unwrap_or_default();
            let date: Date = date.parse().map_err(|_| wrong(format!("`{date}` is no date")))?;
            let notice = match fields.next() {
                Some("off") => Notice::Off,
                Some("work") => Notice::Work,
                other => return Err(wrong(format!("`{}` is neither `off` nor `work`", other.unwrap_or_default()))),
            };
            if days.insert(date, notice).is_some() {
                return Err(wrong(format!("{date} comes twice")));
            }
        }
        Ok(Self { days, spring_festival: false })
    }

    /// The same with Spring Festival as a season of its own.
    #[must_use]
    pub fn with_spring_festival(self) -> Self {
        Self { spring_festival: true, ..self }
    }

    /// What is announced of a day.
    #[must_use]
    pub fn notice(&self, date: Date) -> Option<Notice> {
        self.days.get(&date).copied()
    }

    pub(crate) fn day(&self, date: Date) -> Result<Day, ForecastError> {
        let off = |date: Date| self.notice(date) == Some(Notice::Off);
        let (yesterday, tomorrow) = (date.checked_sub(1.day())?, date.checked_add(1.day())?);
        Ok(Day {
            weekday: date.weekday().to_monday_zero_offset() as usize,
            notice: self.notice(date),
            before_off: !off(date) && off(tomorrow),
            after_off: !off(date) && off(yesterday),
            since_festival: if self.spring_festival { since_festival(date)? } else { None },
        })
    }
}

/// Days since Spring Festival, from 14 before it to 20 after it.
fn since_festival(date: Date) -> Result<Option<i32>, ForecastError> {
    if date.month() > 3 {
        return Ok(None);
    }
    let Ok(festival) = spring_festival(date.year()) else { return Ok(None) };
    let since = date.since((jiff::Unit::Day, festival))?.get_days();
    Ok((-14..=20).contains(&since).then_some(since))
}
