//! Dates in the spellings of forms and exports.

use super::text;

/// A day of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Day {
    /// Days since 1970-01-01.
    pub(crate) number: i32,
    pub(crate) year: u16,
    pub(crate) month: u8,
    pub(crate) day: u8,
}

/// `yyyy-mm-dd` when three numbers can be told apart, with the year first or (then the day is first) last; otherwise
/// the folded text. The day need not exist: a date of birth of 31 February is still the same on two records.
pub(super) fn canonical(raw: &str) -> String {
    let folded = text::fold(raw);
    let before_time = folded.split(['t', ' ']).next().unwrap_or(&folded);
    match numbers(before_time) {
        Some((year, month, day)) => format!("{year:04}-{month:02}-{day:02}"),
        None => folded,
    }
}

fn numbers(text: &str) -> Option<(u16, u16, u16)> {
    let parts: Vec<&str> = text.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty()).collect();
    match parts[..] {
        [all] if all.len() == 8 => Some((all[..4].parse().ok()?, all[4..6].parse().ok()?, all[6..].parse().ok()?)),
        [year, month, day] if year.len() == 4 => ordered(year, month, day),
        [day, month, year] if year.len() == 4 => ordered(year, month, day),
        _ => None,
    }
}

fn ordered(year: &str, month: &str, day: &str) -> Option<(u16, u16, u16)> {
    let short = month.len() <= 2 && day.len() <= 2;
    if short { Some((year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)) } else { None }
}

impl Day {
    /// The day of a canonical date, if there is such a day.
    pub(crate) fn parse(canonical: &str) -> Option<Self> {
        let (year, month, day) = numbers(canonical)?;
        let (month, day) = (u8::try_from(month).ok()?, u8::try_from(day).ok()?);
        let exists = (1..=12).contains(&month) && day >= 1 && day <= days_in(year, month);
        exists.then(|| Self { number: number_of(year, month, day), year, month, day })
    }

    /// Whether day and month of one are month and day of the other, in the same year.
    pub(crate) fn is_swapped(self, other: Self) -> bool {
        self.year == other.year && self.day == other.month && self.month == other.day && self.day != self.month
    }
}

fn days_in(year: u16, month: u8) -> u8 {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970-01-01 in the Gregorian calendar: years begin in March, so that the leap day is the last.
fn number_of(year: u16, month: u8, day: u8) -> i32 {
    let (year, month, day) = (i32::from(year), i32::from(month), i32::from(day));
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    year * 365 + leap_days + (153 * month + 2) / 5 + day - 1 - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_spellings_of_a_date_are_one() {
        for spelling in
            ["1987-06-05", "19870605", "1987/6/5", "1987年6月5日", "5.6.1987", "1987-06-05T00:00:00", "１９８７-06-05"]
        {
            assert_eq!(canonical(spelling), "1987-06-05", "{spelling}");
        }
        assert_eq!(canonical("spring 1987"), "spring 1987");
    }

    #[test]
    fn days_are_numbered_from_1970() {
        assert_eq!(Day::parse("1970-01-01").map(|day| day.number), Some(0));
        assert_eq!(Day::parse("2000-03-01").map(|day| day.number), Some(11_017));
        assert_eq!(Day::parse("1900-02-29"), None);
        assert_eq!(canonical("19000231"), "1900-02-31");
    }
}
