//! Holidays.

use florin_forecasts::{Holidays, Notice, YEARS, spring_festival};
use jiff::civil::{Date, date};

#[test]
fn spring_festival_is_when_the_reference_says_from_1950_to_2099() {
    let text = std::fs::read_to_string(format!("{}/golden/spring-festivals.txt", env!("CARGO_MANIFEST_DIR")));
    let days: Vec<Date> =
        text.expect("golden").lines().filter(|l| !l.starts_with('#')).map(|l| l.parse().expect("a date")).collect();
    assert_eq!(days.len(), YEARS.count());
    let wrong: Vec<(Date, Date)> = days
        .into_iter()
        .map(|day| (day, spring_festival(day.year()).expect("a known year")))
        .filter(|(reference, found)| reference != found)
        .collect();
    assert_eq!(wrong, []);
    assert!(spring_festival(1900).is_err());
}

#[test]
fn the_calendar_that_comes_with_the_crate_reads() {
    let china = Holidays::china().expect("reads");
    assert_eq!(china.notice(date(2014, 1, 31)), Some(Notice::Off));
    assert_eq!(china.notice(date(2014, 1, 26)), Some(Notice::Work));
    assert_eq!(china.notice(date(2014, 1, 20)), None);
    for year in [2013, 2014] {
        let festival = spring_festival(year).expect("a known year");
        assert_eq!(china.notice(festival), Some(Notice::Off), "{festival}");
    }
}

#[test]
fn a_line_that_cannot_be_read_is_named() {
    let said = |text: &str| Holidays::parse(text).expect_err("wrong").to_string();
    assert!(said("# x\n2014-02-30,off,x").starts_with("line 2 of the calendar: `2014-02-30` is no date"));
    assert!(said("2014-02-01,maybe").contains("`maybe` is neither"));
    assert!(said("2014-02-01,off\n2014-02-01,work").contains("2014-02-01 comes twice"));
}
