//! `app/users.jsonl.gz`: who signed up for the app: a login, a phone, often an e-mail address, no full name but a nickname.

use super::SYSTEM;
use crate::{
    SimulationError,
    dirt::{Dirt, Spoil, Spot, copy, twice},
    exports::{
        Last,
        files::{PartFile, TEXT_BYTES_MAX, Zipped},
        rows::{Rows, Shape},
    },
    life::visits::visitor_of,
    people::Person,
    random::{Stream, Subject},
};

const KEYS: [&str; 8] = ["user", "login", "phone", "email", "real_name", "birth_date", "registered_at", "language"];
const SPOILS: [Spoil; 4] = [
    copy(Spot::BrokenRecord, 0, "*"),
    copy(Spot::WrongDate, 6, "registered_at"),
    copy(Spot::Missing, 0, "user"),
    twice(0, "user"),
];
const RATE: f64 = 0.005;
/// Kinds of installations and browsers that a person can have.
const GENERATIONS: u16 = 14;

/// Writes the file, in the order of user numbers, and the truth about devices.
pub(crate) fn write(last: &mut Last<'_>) -> Result<u64, SimulationError> {
    let (mut rows, mut zipped) = (Rows::new(Shape::Json(&KEYS)), Zipped::new());
    let settings = &last.world.settings;
    let dirt = Dirt::new(settings.seed, settings.dirt, 21, 0, RATE);
    let mut users: Vec<&Person> = last.world.people.iter().filter(|person| person.has_app()).collect();
    users.sort_by_key(|person| last.keys.user(person.number));
    for (number, person) in users.into_iter().enumerate() {
        last.truth.identity(SYSTEM, &last.keys.user(person.number).to_string(), person)?;
        write_one(&mut rows, last, person);
        rows.end(dirt.of(number as u64, &SPOILS));
        if rows.bytes.len() >= TEXT_BYTES_MAX {
            zipped.take(&mut rows);
        }
    }
    devices(last)?;
    let mut file = PartFile::create(last.folder, SYSTEM, "app/users.jsonl.gz")?;
    file.append(&zipped.finish(rows), last.truth)?;
    file.close()
}

fn devices(last: &mut Last<'_>) -> Result<(), SimulationError> {
    for (number, life) in last.lives {
        let Some(person) = last.world.person(*number) else { continue };
        for generation in (0..GENERATIONS).filter(|bit| life.visitors & 1 << bit != 0) {
            let visitor = visitor_of(last.world.settings.seed, person.number, generation);
            last.truth.identity("device", &format!("{visitor:016x}"), person)?;
        }
    }
    Ok(())
}

fn write_one(rows: &mut Rows, last: &Last<'_>, person: &Person) {
    let mut stream = Stream::new(last.world.settings.seed, Subject::Records, u64::from(person.number), 21);
    let stream = &mut stream;
    rows.int(last.keys.user(person.number) as i64);
    rows.word(&last.keys.login(person));
    let phone = person.phone(&last.world.phones);
    rows.word(&format!("{} {} {}", &phone[..3], &phone[3..7], &phone[7..]));
    rows.maybe_word(stream.chance(0.7).then(|| person.email()).as_deref());
    // Only who passed the identity check has a name and a birth date here.
    let verified = stream.chance(0.8);
    rows.maybe(verified.then(|| person.name.characters()).as_deref());
    rows.maybe_date(verified.then_some(person.born));
    rows.moment(person.joined + stream.below(6) as i32, 30_000_000 + stream.below(40_000_000) as u32);
    rows.word(if person.english { "en" } else { "zh" });
}
