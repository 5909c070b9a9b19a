//! Whether definitions of texts and of series hold up: they have no rows, labels and features of customers beside them.

use toml::Spanned;

use super::{
    EncoderName, HolidaysDef, LearnerDef, ModelFile, SeriesDef, Source, SplitDef, Task, TextLanguage, TextsDef,
    check::{CUSTOMER, Checker, is_inside},
};

/// The longest horizon of a forecast, in days.
const HORIZON_MAX: u32 = 366;
/// The most that a meaning may weigh beside words.
const WEIGHT_MAX: f64 = 100.0;

impl Checker<'_> {
    /// Texts and series are there where the learner reads them, and nowhere else.
    pub(super) fn alone_or_not(&mut self, written: &ModelFile) {
        match (written.learner.get_ref().task() == Task::Text, &written.texts) {
            (true, None) => {
                let help = "write `[texts]` with `sql` or `file`";
                self.wrong(Some(&written.learner), "texts are learnt from, and it names none", help);
            }
            (false, Some(place)) => {
                let help = "take it away, or learn texts: `kind = \"text\"`";
                self.wrong(Some(place), "there are texts, and the learner does not read them", help);
            }
            _ => {}
        }
        match (written.learner.get_ref(), &written.series) {
            (LearnerDef::Forecast(_), None) => {
                let help = "write `[series]` with `sql` or `file`";
                self.wrong(Some(&written.learner), "a series is forecast, and it names none", help);
            }
            (LearnerDef::Forecast(def), Some(_)) => {
                if !(1..=HORIZON_MAX).contains(&def.horizon_days) {
                    let message = format!("a horizon of {} days", def.horizon_days);
                    self.wrong(Some(&written.learner), message, "it is from 1 to 366 days");
                }
                if !(def.level() > 0.0 && def.level() < 1.0) {
                    let message = format!("intervals of a level of {}", def.level());
                    self.wrong(Some(&written.learner), message, "it is between 0 and 1, as 0.9");
                }
            }
            (_, Some(place)) => {
                let help = "take it away, or forecast it: `kind = \"forecast\"`";
                self.wrong(Some(place), "there is a series, and the learner does not look at it", help);
            }
            (_, None) => {}
        }
    }

    /// Texts and series have no rows, labels and features of customers beside them.
    fn alone<T>(&mut self, written: &ModelFile, place: &Spanned<T>, what: &str, help: &str) {
        let beside = [
            ("`[rows]`", written.rows.is_some()),
            ("`[label]`", written.label.is_some()),
            ("`[table]`", written.table.is_some()),
            ("`[features]`", written.features.is_some()),
            ("`[treatment]`", written.treatment.is_some()),
            ("`[reasons]`", !written.reasons.is_empty()),
        ];
        for (other, _) in beside.into_iter().filter(|(_, there)| *there) {
            self.wrong(Some(place), format!("`{what}` stands beside {other}"), help);
        }
    }

    /// A file of the bank directory.
    fn inside(&mut self, file: &Spanned<String>, example: &str) {
        if !is_inside(file.get_ref()) {
            let help = format!("put it into the bank directory, and write where from there, as in `{example}`");
            self.wrong(Some(file), format!("`{}` is not in the bank directory", file.get_ref()), help);
        }
    }

    /// A daily series, and nothing beside it.
    pub(super) fn series(&mut self, written: &ModelFile, place: &Spanned<SeriesDef>) -> Source {
        let series = place.get_ref();
        self.alone(written, place, "[series]", "take it away: a series is forecast from its own past");
        match (&series.sql, &series.file) {
            (Some(sql), None) => drop(self.query(sql, "the series", &["day", "value"], written.purposes.get_ref())),
            (None, Some(file)) => self.inside(file, "data/flows.csv"),
            _ => {
                let help = "write `sql` (day, value), or `file`, a CSV with `day` and `value`";
                self.wrong(Some(place), "`[series]` needs a query or a file, and one of them", help);
            }
        }
        if let (HolidaysDef::File(_), Some(file)) = (series.of_holidays(), &series.holidays) {
            self.inside(file, "data/holidays.csv");
        }
        if matches!(written.split.get_ref(), SplitDef::Customer { .. }) {
            let help = "write `by = \"time\"` and `test_from`: back-tests begin there";
            self.wrong(Some(&written.split), "a series has no customers to split by", help);
        }
        Source::Series {
            sql: series.sql.as_ref().map(|sql| sql.get_ref().trim().to_owned()),
            file: series.in_file(),
            missing: series.missing,
            holidays: series.of_holidays(),
        }
    }

    /// Encoders are there once each, and one of them reads what texts are written in.
    fn meaning(&mut self, written: &ModelFile) {
        let LearnerDef::Text(text) = written.learner.get_ref() else { return };
        let place = Some(&written.learner);
        let mut once = text.meaning.clone();
        once.sort_unstable();
        once.dedup();
        if once.len() < text.meaning.len() {
            self.wrong(place, "`meaning` names an encoder twice", "name each once");
        }
        if text.language == TextLanguage::Chinese && once == [EncoderName::Minilm] {
            let help = "take `universal`, alone or with it, or write `language = \"english\"`";
            self.wrong(place, "`minilm` reads English, and texts are Chinese", help);
        }
        match text.meaning_weight {
            Some(_) if once.is_empty() => {
                let help = "name encoders in `meaning`, or take the weight away";
                self.wrong(place, "`meaning_weight` weighs a meaning, and no encoder says one", help);
            }
            Some(weight) if !(weight > 0.0 && weight <= WEIGHT_MAX) => {
                let message = format!("`meaning_weight` is {weight}");
                self.wrong(place, message, format!("it is above 0 and at most {WEIGHT_MAX}; 2 is usual"));
            }
            _ => {}
        }
    }

    /// Texts, their labels, and nothing beside them.
    pub(super) fn texts(&mut self, written: &ModelFile, place: &Spanned<TextsDef>) -> Source {
        let texts = place.get_ref();
        self.alone(written, place, "[texts]", "take it away: of a text its words are the features, and the reasons");
        if texts.sql.is_none() && texts.file.is_none() {
            let help = "write `sql` (id, customer_id, ts, text, label), or `file`, a CSV with `text` and `label`";
            self.wrong(Some(place), "`[texts]` names no texts", help);
        }
        if let Some(sql) = &texts.sql {
            let labelled: &[&str] = if texts.file.is_none() { &["label"] } else { &[] };
            let columns: Vec<&str> =
                ["id", CUSTOMER, "ts", "text"].into_iter().chain(labelled.iter().copied()).collect();
            self.query(sql, "the texts", &columns, written.purposes.get_ref());
        }
        self.meaning(written);
        texts.file.iter().for_each(|file| self.inside(file, "data/intents.csv"));
        if texts.file.is_some() && matches!(written.split.get_ref(), SplitDef::Time { .. }) {
            let help = "split by customer: texts of nobody are then drawn one by one";
            self.wrong(Some(&written.split), "texts of a file have no time to split by", help);
        }
        let sql = texts.sql.as_ref().map(|sql| sql.get_ref().trim().to_owned());
        Source::Texts { sql, file: texts.labelled() }
    }
}
