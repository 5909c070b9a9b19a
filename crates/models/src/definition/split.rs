//! Whether what is trained and what is tested is told apart, and whether that moves on with time where a model is trained anew by itself.

use super::{ModelFile, RETRAIN_DAYS_MAX, RetrainDef, RowsDef, Source, SplitDef, check::Checker};

/// The longest test at the end, in days: ten years.
const NEWEST_MAX: u32 = 3653;
/// Dates of one data set at most: a year of days.
const LATEST_MAX: u32 = 366;

impl Checker<'_> {
    /// A window of dates has at least one to learn from and one to test on.
    pub(super) fn latest(&mut self, rows: &RowsDef) {
        if let Some(latest) = rows.latest.as_ref().filter(|latest| !(2..=LATEST_MAX).contains(latest.get_ref())) {
            let message = format!("the newest {} dates are taken", latest.get_ref());
            self.wrong(Some(latest), message, format!("it is from 2 to {LATEST_MAX}"));
        }
    }

    pub(super) fn split(&mut self, written: &ModelFile, source: &Source) {
        let place = Some(&written.split);
        match (written.split.get_ref(), source) {
            (SplitDef::Customer { test_share, .. }, _) if !(0.05..=0.5).contains(test_share) => {
                self.wrong(place, format!("a test of {test_share} of customers"), "take from 0.05 to 0.5");
            }
            (SplitDef::Customer { .. }, _) => {}
            (SplitDef::Time { .. }, Source::Table { date: None, .. }) => {
                let help = "name the column with its dates in `[table]`, or split by customer";
                self.wrong(place, "the table is split by time and has no dates", help);
            }
            (SplitDef::Time { test_from: None, newest_days: Some(days) }, _) => {
                if !(1..=NEWEST_MAX).contains(days) {
                    self.wrong(place, format!("the newest {days} days are the test"), "it is from 1 to 3653 days");
                }
            }
            (SplitDef::Time { test_from: Some(test_from), newest_days: None }, source) => {
                let from = test_from.date.map(|date| date.to_string()).filter(|_| test_from.time.is_none());
                let Some(from) = from else {
                    self.wrong(place, format!("`{test_from}` is no date"), "write a day, as in 2024-10-01");
                    return;
                };
                if let Source::Lake { dates: (first, last), .. } = source
                    && (from <= *first || from > *last)
                {
                    let message = format!("the test starts on {from}, and dates are from {first} to {last}");
                    self.wrong(place, message, "let it start after the first date, and not after the last");
                }
            }
            (SplitDef::Time { .. }, _) => {
                let help =
                    "write `test_from`, a day, or `newest_days`, so that it moves on when the model is trained anew";
                self.wrong(place, "a split by time says where the test starts, and says it once", help);
            }
        }
    }

    pub(super) fn retrain(&mut self, written: &ModelFile) {
        if let Some(retrain) = written.retrain.as_ref().filter(|retrain| retrain.days().is_none()) {
            let message = format!("it is trained anew every {} days", retrain.every_days.get_ref());
            self.wrong(Some(&retrain.every_days), message, format!("it is from 1 to {RETRAIN_DAYS_MAX}"));
        }
        // A series learns from all that is known; where its back-tests begin only judges it.
        let fixed = matches!(written.split.get_ref(), SplitDef::Time { test_from: Some(_), .. });
        if let Some(RetrainDef { every_days }) = written.retrain.as_ref().filter(|_| fixed && written.series.is_none())
        {
            let message = "trained anew it would learn nothing: everything from `test_from` on is its test";
            let help =
                "write `newest_days` in its place, so that the test is of the newest time, or split it by customer";
            self.wrong(Some(every_days), message, help);
        }
    }
}
