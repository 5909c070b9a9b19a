//! `app/events_YYYY-MM.jsonl.gz`: what was done in the app and on the web, in the order of time. Before login there is a visitor
//! and no user.

use super::SYSTEM;
use crate::{
    dirt::{Dirt, Spoil, Spot, spoil, twice},
    exports::{
        DayJob, FraudRow,
        files::{Part, TEXT_BYTES_MAX, Zipped},
        rows::{Rows, Shape},
    },
    life::{
        records::{Event, SCREENS, Scenario},
        release,
    },
    people::Device,
    random::mix,
};

const KEYS: [&str; 11] =
    ["id", "ts", "name", "screen", "visitor", "user", "session", "device", "version", "dwell_ms", "amount"];
const SPOILS: [Spoil; 9] = [
    spoil(Spot::BrokenRecord, 0, "*"),
    spoil(Spot::BadBytes, 2, "name"),
    spoil(Spot::WrongDate, 1, "ts"),
    spoil(Spot::FutureDate, 1, "ts"),
    spoil(Spot::NotANumber, 9, "dwell_ms"),
    spoil(Spot::Negative, 9, "dwell_ms"),
    spoil(Spot::BadCode, 2, "name"),
    spoil(Spot::MissingKey, 4, "visitor"),
    twice(0, "id"),
];
const RATE: f64 = 0.001;

/// The events of one day.
pub(crate) fn write_day(job: &DayJob<'_>, mut events: Vec<Event>) -> (Part, Vec<FraudRow>) {
    events.sort_by_key(|event| event.at);
    let mut rows = Rows::new(Shape::Json(&KEYS));
    rows.bytes.reserve(TEXT_BYTES_MAX + 1024);
    let mut zipped = Zipped::new();
    let mut frauds = Vec::new();
    let version = release::version(job.world, job.day.number);
    let dirt = Dirt::new(job.world.settings.seed, job.world.settings.dirt, 20, job.day.number, RATE);
    for (number, event) in events.iter().enumerate() {
        let id = mix((job.day.number as u64) << 36 ^ number as u64);
        if event.plot.scenario == Scenario::AccountTakeover {
            frauds.push(FraudRow {
                system: SYSTEM,
                record: id,
                person: event.person,
                plot: event.plot,
                at: event.at,
                cents: event.amount.into(),
                day: job.day.number,
            });
        }
        write(&mut rows, job, event, (id, &version));
        rows.end(dirt.of(number as u64, &SPOILS));
        if rows.bytes.len() >= TEXT_BYTES_MAX {
            zipped.take(&mut rows);
        }
    }
    (zipped.finish(rows), frauds)
}

#[inline]
fn write(rows: &mut Rows, job: &DayJob<'_>, event: &Event, (id, version): (u64, &str)) {
    rows.hex(id);
    rows.moment(job.day.number, event.at);
    rows.word(event.action.name());
    rows.word(SCREENS[usize::from(event.screen) % SCREENS.len()]);
    rows.hex(event.visitor);
    rows.maybe_int(event.logged_in.then(|| job.keys.user(event.person) as i64));
    rows.hex(mix(mix(u64::from(event.person) << 24 ^ u64::from(job.month.at)) ^ u64::from(event.session)));
    rows.word(Device::ALL[usize::from(event.device) % 4].name());
    rows.maybe_word(Some(version).filter(|_| event.device != Device::Web as u8));
    rows.int(event.dwell.into());
    rows.maybe_money((event.amount > 0).then(|| event.amount.into()));
}
