//! One CRM record: a person as somebody typed them.

use crate::{
    exports::Last,
    keys::CRM_COPIES,
    people::{
        Person,
        places::{CITIES, Home},
    },
    random::{Stream, Subject},
};

/// What a record says. Empty is unknown.
pub(crate) struct Record {
    pub(crate) key: String,
    pub(crate) name: String,
    pub(crate) national_id: String,
    pub(crate) phone: String,
    pub(crate) email: String,
    pub(crate) birth_date: String,
    pub(crate) gender: String,
    pub(crate) address: String,
    pub(crate) city: String,
    pub(crate) manager: String,
    pub(crate) created_on: i32,
}

/// How many records a person has: most one, a quarter none, one in eight two or three.
pub(crate) fn copies(last: &Last<'_>, person: &Person) -> u32 {
    let mut stream = Stream::new(last.world.settings.seed, Subject::Records, u64::from(person.number), 30);
    (stream.weighted(&[0.25, 0.625, 0.105, 0.02]) as u32).min(CRM_COPIES)
}

/// A person's record number `copy`.
pub(crate) fn of(last: &Last<'_>, person: &Person, copy: u32) -> Record {
    let seed = last.world.settings.seed;
    let mut stream = Stream::new(seed, Subject::Records, u64::from(person.number), 31 + u64::from(copy));
    let stream = &mut stream;
    // Second records are made in haste, which is why there are two.
    let haste = if copy == 0 { 1.0 } else { 1.8 };
    Record {
        key: last.keys.crm(person.number, copy),
        name: name(stream, person, haste),
        national_id: national_id(stream, person, haste),
        phone: phone(stream, &person.phone(&last.world.phones), haste),
        email: email(stream, person, haste),
        birth_date: birth_date(stream, person, haste),
        gender: if stream.chance(0.9) { gender(stream, person) } else { String::new() },
        address: address(stream, person),
        city: person.home.city().name.to_owned(),
        manager: format!("M{:03}", stream.below(180)),
        created_on: person.joined + stream.below(400) as i32,
    }
}

fn name(stream: &mut Stream, person: &Person, haste: f64) -> String {
    let chinese = person.name.characters();
    match stream.weighted(&[0.80, 0.12, 0.08]) {
        0 if stream.chance(0.03 * haste) => person.name.misheard().unwrap_or(chinese),
        0 if stream.chance(0.02) => chinese.chars().map(String::from).collect::<Vec<_>>().join(" "),
        0 if stream.chance(0.06) => format!("{chinese}{}", if person.woman { "女士" } else { "先生" }),
        0 => chinese,
        1 if stream.chance(0.3) => person.name.pinyin().to_lowercase(),
        1 => person.name.pinyin(),
        _ => person.english_name(stream),
    }
}

fn national_id(stream: &mut Stream, person: &Person, haste: f64) -> String {
    let id = person.national_id();
    match stream.weighted(&[0.55, 0.40, 0.03 * haste, 0.02]) {
        0 => id,
        1 => String::new(),
        2 => swapped(stream, &id),
        _ => id.to_lowercase(),
    }
}

fn phone(stream: &mut Stream, phone: &str, haste: f64) -> String {
    match stream.weighted(&[0.62, 0.08, 0.06, 0.08, 0.05 * haste, 0.11]) {
        0 => phone.to_owned(),
        1 => format!("{}-{}-{}", &phone[..3], &phone[3..7], &phone[7..]),
        2 => format!("+86 {phone}"),
        3 => String::new(),
        4 => mistyped(stream, phone),
        // An old number.
        _ => format!("169{:08}", stream.below(100_000_000)),
    }
}

fn email(stream: &mut Stream, person: &Person, haste: f64) -> String {
    let email = person.email();
    match stream.weighted(&[0.5, 0.42, 0.05 * haste, 0.03]) {
        0 => email,
        1 => String::new(),
        2 => email.replacen("example", "exmaple", 1),
        _ => email.to_uppercase(),
    }
}

fn birth_date(stream: &mut Stream, person: &Person, haste: f64) -> String {
    let (year, month, day) = crate::calendar::civil(person.born);
    match stream.weighted(&[0.72, 0.2, 0.03 * haste, 0.02 * haste]) {
        0 => format!("{year:04}-{month:02}-{day:02}"),
        1 => String::new(),
        // Only the year is known.
        2 => format!("{year:04}-01-01"),
        _ => format!("{:04}-{month:02}-{day:02}", year + if stream.chance(0.5) { 1 } else { -1 }),
    }
}

fn gender(stream: &mut Stream, person: &Person) -> String {
    let woman = person.woman != stream.chance(0.01);
    if woman { "female" } else { "male" }.to_owned()
}

/// One address in six is stale: where they lived before.
fn address(stream: &mut Stream, person: &Person) -> String {
    let home = if stream.chance(0.16) {
        Home {
            city: if stream.chance(0.7) { person.home.city } else { stream.below(CITIES.len()) as u8 },
            bits: stream.bits() as u32,
        }
    } else {
        person.home
    };
    match stream.weighted(&[0.5, 0.28, 0.12, 0.1]) {
        0 => home.formal(),
        1 => home.colloquial(),
        2 => home.english(),
        _ => String::new(),
    }
}

/// Two neighbouring digits change places.
fn swapped(stream: &mut Stream, digits: &str) -> String {
    let mut bytes: Vec<char> = digits.chars().collect();
    let at = 6 + stream.below(9);
    if at + 1 < bytes.len() {
        bytes.swap(at, at + 1);
    }
    bytes.into_iter().collect()
}

/// One digit is another.
fn mistyped(stream: &mut Stream, digits: &str) -> String {
    let at = 3 + stream.below(8);
    let wrong = char::from(b'0' + stream.below(10) as u8);
    digits.chars().enumerate().map(|(place, digit)| if place == at { wrong } else { digit }).collect()
}
