//! `core/assessments.csv`: what customers were found to bear, each time they were asked.
//!
//! Everybody is asked when they join. Most are asked anew after a year or so; who is not has an assessment that is too old to rely on.

use super::{SHAPE, SYSTEM, customers::risk_tolerance};
use crate::{
    SimulationError,
    exports::{Last, files::PartFile, rows::Rows},
    life::state::Life,
    people::Person,
    random::{Stream, Subject},
};

const HEADER: [&str; 3] = ["客户号", "评估日期", "风险等级"];
/// Days between two assessments: at least so many, and up to as many more.
const DAYS_MIN: i32 = 240;
const DAYS_MORE: usize = 320;
/// How long before the first day assessments are still kept.
const KEPT_DAYS: i32 = 500;

/// Writes the file, in the order of customer numbers and days. It is made by a questionnaire and has no flaws.
pub(crate) fn write(last: &mut Last<'_>) -> Result<u64, SimulationError> {
    let mut file = PartFile::create(last.folder, SYSTEM, "core/assessments.csv")?;
    let mut rows = Rows::new(SHAPE);
    rows.header(&HEADER);
    let mut order: Vec<&(u32, Life)> = last.lives.iter().collect();
    order.sort_by_key(|(number, _)| last.keys.customer(*number));
    for (number, life) in order {
        let Some(person) = last.world.person(*number) else { continue };
        for day in days(last, person, life) {
            rows.number_text(last.keys.customer(*number));
            rows.date(day);
            rows.word(risk_tolerance(person, person.age_on(day)));
            rows.end(None);
        }
        file.relieve(&mut rows, last.truth)?;
    }
    file.finish(rows, last.truth)
}

/// The days on which a person was asked, up to when they left.
fn days(last: &Last<'_>, person: &Person, life: &Life) -> Vec<i32> {
    let mut stream = Stream::new(last.world.settings.seed, Subject::Assessment, u64::from(person.number), 0);
    let calendar = &last.world.calendar;
    let leaves = life.departure.map_or(calendar.end(), |departure| departure.leaves);
    let (mut days, mut day) = (Vec::new(), person.joined);
    while day < leaves.min(calendar.end()) {
        if day == person.joined || day >= calendar.first() - KEPT_DAYS {
            days.push(day);
        }
        day += DAYS_MIN + stream.below(DAYS_MORE) as i32;
    }
    days
}
