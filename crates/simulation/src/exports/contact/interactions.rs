//! `contact/interactions_YYYY-MM.jsonl` and `social/posts_YYYY-MM.jsonl`: who said what.

use std::collections::BTreeSet;

use super::{SOCIAL, SYSTEM};
use crate::{
    SimulationError,
    calendar::DAY_MS,
    dirt::{Dirt, Spoil, Spot, spoil, twice},
    exports::{
        Few,
        files::write_all,
        rows::{Rows, Shape},
    },
    life::records::{Cause, Words},
    people::Person,
    random::{Stream, Subject},
    text,
};

const KEYS: [&str; 10] =
    ["id", "ts", "channel", "kind", "caller", "language", "text", "agent", "resolved_at", "satisfaction"];
const POST_KEYS: [&str; 5] = ["id", "ts", "handle", "language", "text"];
const SPOILS: [Spoil; 7] = [
    spoil(Spot::BrokenRecord, 0, "*"),
    spoil(Spot::BadBytes, 6, "text"),
    spoil(Spot::WrongDate, 1, "ts"),
    spoil(Spot::FutureDate, 1, "ts"),
    spoil(Spot::BadCode, 3, "kind"),
    spoil(Spot::MissingKey, 4, "caller"),
    twice(0, "id"),
];
const POST_SPOILS: [Spoil; 4] = [
    spoil(Spot::BrokenRecord, 0, "*"),
    spoil(Spot::BadBytes, 4, "text"),
    spoil(Spot::WrongDate, 1, "ts"),
    twice(0, "id"),
];
const RATE: f64 = 0.006;
/// Share of those who write who write in public.
const PUBLIC_SHARE: f64 = 0.12;

/// Who was heard in which way, over all months.
#[derive(Default)]
pub(crate) struct Heard {
    pub(crate) callers: BTreeSet<u32>,
    pub(crate) posters: BTreeSet<u32>,
}

/// Writes a month's two files.
pub(crate) fn write(few: &mut Few<'_>, words: &[Words], heard: &mut Heard) -> Result<u64, SimulationError> {
    let settings = &few.world.settings;
    let dirt = |file| Dirt::new(settings.seed, settings.dirt, file, i32::from(few.month.at), RATE);
    let (dirt, post_dirt) = (dirt(40), dirt(41));
    let (mut rows, mut posts) = (Rows::new(Shape::Json(&KEYS)), Rows::new(Shape::Json(&POST_KEYS)));
    for (number, words) in words.iter().enumerate() {
        let Some(person) = few.world.person(words.person) else { continue };
        let mut stream = Stream::new(settings.seed, Subject::Records, u64::from(words.dice), 40);
        let public = words.cause != Cause::FraudSuffered && person.traits.digital > 0.35 && stream.chance(PUBLIC_SHARE);
        let english = person.english;
        let text = text::of_words(settings.seed, words, english);
        let language = if english { "en" } else { "zh" };
        let system = if public { SOCIAL } else { SYSTEM };
        let id = format!("{}{}{:06}", if public { "S" } else { "I" }, few.month.name().replace('-', ""), number + 1);
        few.truth.words(system, &id, kind(words), words, language)?;
        if public {
            heard.posters.insert(person.number);
            post(&mut posts, few, person, words, (&id, language, &text));
            posts.end(post_dirt.of(number as u64, &POST_SPOILS));
        } else {
            heard.callers.insert(person.number);
            interaction(&mut rows, few, person, words, (&id, language, &text), &mut stream);
            rows.end(dirt.of(number as u64, &SPOILS));
        }
    }
    let month = few.month.name();
    let written = write_all(few.folder, SYSTEM, &format!("contact/interactions_{month}.jsonl"), rows, few.truth)?;
    Ok(written + write_all(few.folder, SOCIAL, &format!("social/posts_{month}.jsonl"), posts, few.truth)?)
}

fn kind(words: &Words) -> &'static str {
    match (words.complaint, words.cause) {
        (true, _) => "complaint",
        (false, Cause::Pleased) => "feedback",
        (false, _) => "inquiry",
    }
}

fn interaction(
    rows: &mut Rows,
    few: &Few<'_>,
    person: &Person,
    words: &Words,
    (id, language, text): (&str, &str, &str),
    stream: &mut Stream,
) {
    rows.word(id);
    rows.moment(words.day, words.at);
    let digital = f64::from(person.traits.digital);
    rows.word(
        ["call", "chat", "email", "branch"]
            [stream.weighted(&[1.2 - digital, 1.2 * digital, 0.15, 0.25 * (1.0 - digital)])],
    );
    rows.word(kind(words));
    rows.word(&few.keys.caller(person.number));
    rows.word(language);
    // Some write down their number, so that they are called back.
    let text =
        if stream.chance(0.03) { format!("{text} {}", person.phone(&few.world.phones)) } else { text.to_owned() };
    rows.text(&text);
    rows.word(&format!("agent{:02}", stream.below(60)));
    match words.resolved_hours {
        Some(hours) => {
            let at = u64::from(words.at) + u64::from(hours) * 3_600_000;
            rows.moment(words.day + (at / u64::from(DAY_MS)) as i32, (at % u64::from(DAY_MS)) as u32);
        }
        None => rows.none(),
    }
    rows.maybe_int(words.score.map(i64::from));
}

fn post(rows: &mut Rows, few: &Few<'_>, person: &Person, words: &Words, (id, language, text): (&str, &str, &str)) {
    rows.word(id);
    rows.moment(words.day, words.at);
    rows.word(&few.keys.social_handle(person.number));
    rows.word(language);
    rows.text(text);
}
