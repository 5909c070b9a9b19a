//! `contact/callers.jsonl`: who called or chatted, as far as the contact centre knows: a phone, a name as it was heard.

use super::{SOCIAL, SYSTEM, interactions::Heard};
use crate::{
    SimulationError,
    dirt::{Dirt, Spoil, Spot, copy, twice},
    exports::{
        Last,
        files::write_all,
        rows::{Rows, Shape},
    },
    people::Person,
    random::{Stream, Subject},
};

const KEYS: [&str; 6] = ["caller", "name", "phone", "birth_date", "city", "first_seen"];
const SPOILS: [Spoil; 4] = [
    copy(Spot::BrokenRecord, 0, "*"),
    copy(Spot::WrongDate, 5, "first_seen"),
    copy(Spot::Missing, 0, "caller"),
    twice(0, "caller"),
];
const RATE: f64 = 0.006;

/// Writes the file, in the order of caller numbers, and whose handles are whose.
pub(crate) fn write(last: &mut Last<'_>, heard: &Heard) -> Result<u64, SimulationError> {
    let mut rows = Rows::new(Shape::Json(&KEYS));
    let settings = &last.world.settings;
    let dirt = Dirt::new(settings.seed, settings.dirt, 42, 0, RATE);
    let mut callers: Vec<&Person> = heard.callers.iter().filter_map(|person| last.world.person(*person)).collect();
    callers.sort_by_key(|person| last.keys.caller(person.number));
    for (number, person) in callers.into_iter().enumerate() {
        last.truth.identity(SYSTEM, &last.keys.caller(person.number), person)?;
        write_one(&mut rows, last, person);
        rows.end(dirt.of(number as u64, &SPOILS));
    }
    for person in heard.posters.iter().filter_map(|person| last.world.person(*person)) {
        last.truth.identity(SOCIAL, &last.keys.social_handle(person.number), person)?;
    }
    write_all(last.folder, SYSTEM, "contact/callers.jsonl", rows, last.truth)
}

fn write_one(rows: &mut Rows, last: &Last<'_>, person: &Person) {
    let mut stream = Stream::new(last.world.settings.seed, Subject::Records, u64::from(person.number), 42);
    let stream = &mut stream;
    rows.word(&last.keys.caller(person.number));
    let heard = match stream.weighted(&[0.72, 0.14, 0.08, 0.06]) {
        0 => person.name.characters(),
        1 => person.name.misheard().unwrap_or_else(|| person.name.characters()),
        2 => person.name.pinyin(),
        _ => person.name.western(),
    };
    rows.text(&heard);
    let phone = person.phone(&last.world.phones);
    match stream.weighted(&[0.9, 0.07, 0.03]) {
        0 => rows.word(&phone),
        // From a relative's or the office's telephone.
        1 => rows.word(&format!("169{:08}", stream.below(100_000_000))),
        _ => rows.none(),
    }
    // Who was asked to prove who they are.
    rows.maybe_date(stream.chance(0.55).then_some(person.born));
    rows.text(person.home.city().name);
    rows.date(person.joined.max(last.world.calendar.first()));
}
