//! One person: who they are. What they do follows from this and from what happens to them (`life`).

use super::{
    household::{Household, Role},
    names::{ENGLISH, Name},
    places::Home,
    work,
};
use crate::{
    calendar::civil,
    random::{Shuffle, Stream, Subject},
};

/// What somebody reads bank messages on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(crate) enum Device {
    Android,
    Ios,
    Harmony,
    Web,
}

impl Device {
    pub(crate) const ALL: [Self; 4] = [Self::Android, Self::Ios, Self::Harmony, Self::Web];

    pub(crate) fn name(self) -> &'static str {
        ["android", "ios", "harmony", "web"][self as usize]
    }
}

/// What a person is like, each from 0 to 1. They are draws of a Gaussian copula: the young are more digital, the thrifty
/// less spontaneous.
#[derive(Clone, Copy)]
pub(crate) struct Traits {
    /// How much trouble they put up with.
    pub(crate) patience: f32,
    /// How much of their income they keep.
    pub(crate) thrift: f32,
    /// How much they do in the app.
    pub(crate) digital: f32,
    /// How much a better price elsewhere moves them.
    pub(crate) price: f32,
    /// How bold they are with investments.
    pub(crate) boldness: f32,
    /// How much offers move them.
    pub(crate) openness: f32,
}

/// A person.
#[derive(Clone, Copy)]
pub(crate) struct Person {
    /// 0 for the first.
    pub(crate) number: u32,
    pub(crate) household: u32,
    /// The household's first person; members have consecutive numbers.
    pub(crate) household_first: u32,
    pub(crate) role: Role,
    pub(crate) name: Name,
    pub(crate) woman: bool,
    /// Days since 1970-01-01.
    pub(crate) born: i32,
    pub(crate) home: Home,
    /// First two digits of the national id: where they are registered.
    pub(crate) registered: u8,
    /// The sequence number in the national id.
    pub(crate) sequence: u16,
    pub(crate) occupation: u8,
    /// Yuan a month, before anything happens.
    pub(crate) income: u32,
    /// Index into [`work::PAY_DAYS`].
    pub(crate) pay_day: u8,
    pub(crate) owns_home: bool,
    /// Writes to the bank in English.
    pub(crate) english: bool,
    /// Whose phone they use: an old parent may have their child's.
    pub(crate) phone_of: u32,
    pub(crate) device: Device,
    /// Also visits the web bank.
    pub(crate) web: bool,
    pub(crate) traits: Traits,
    /// First day as a customer.
    pub(crate) joined: i32,
}

/// When the people of a run may have joined.
#[derive(Clone, Copy)]
pub(crate) struct Span {
    pub(crate) seed: u64,
    pub(crate) first_day: i32,
    pub(crate) end_day: i32,
}

impl Person {
    pub(crate) fn draw(span: Span, household: &Household, number: u32, home_of: (u32, u32), role: Role) -> Self {
        let mut stream = Stream::new(span.seed, Subject::Person, u64::from(number), 0);
        let stream = &mut stream;
        let age = age(stream, household, role);
        let woman = is_woman(stream, household, role);
        let born = span.first_day - age * 365 - age / 4 - stream.below(365) as i32;
        let occupation = work::draw(stream, age, woman);
        let income = work::wage(stream, occupation, age, household.home.city().level);
        let traits = Traits::draw(stream, age);
        let surname = surname(stream, household, role);
        let shares_phone = role == Role::Elder && age > 62 && stream.chance(0.35);
        Self {
            number,
            household: home_of.0,
            household_first: home_of.1,
            role,
            name: Name::draw(stream, surname, woman, civil(born).0),
            woman,
            born,
            home: household.home,
            registered: household.moved_from.unwrap_or(household.home.city().code),
            sequence: (stream.below(499) * 2 + usize::from(!woman)) as u16,
            occupation: occupation as u8,
            income,
            pay_day: work::pay_day(stream) as u8,
            owns_home: household.owns,
            english: stream.chance(0.05),
            phone_of: if shares_phone { home_of.1 } else { number },
            device: device(stream, income),
            web: stream.chance(0.22),
            traits,
            joined: joined(stream, span, age),
        }
    }

    pub(crate) fn age_on(&self, day: i32) -> i32 {
        (day - self.born) / 365
    }

    /// Eighteen characters that are valid in form (GB 11643) and were never given out: no county has number 99.
    pub(crate) fn national_id(&self) -> String {
        let (year, month, day) = civil(self.born);
        let county = self.home.bits % 10;
        let body = format!("{:02}990{county}{year:04}{month:02}{day:02}{:03}", self.registered, self.sequence);
        format!("{body}{}", check_digit(&body))
    }

    /// A mobile number in ranges that no operator has.
    pub(crate) fn phone(&self, numbers: &Shuffle) -> String {
        const PREFIXES: [&str; 5] = ["160", "161", "163", "164", "168"];
        let place = numbers.place(u64::from(self.phone_of));
        format!("{}{:08}", PREFIXES[(place % 5) as usize], (place / 5).wrapping_mul(97_003) % 100_000_000)
    }

    /// An address in a domain that is nobody's.
    pub(crate) fn email(&self) -> String {
        const DOMAINS: [&str; 4] = ["example.com", "example.org", "mail.example.cn", "example.net"];
        let mut stream = Stream::new(u64::from(self.home.bits), Subject::Key, u64::from(self.number), 1);
        let separator = stream.pick(&["", ".", "_"]);
        let tail = stream.below(9000) + 1000;
        let year = civil(self.born).0 % 100;
        let tail = if stream.chance(0.4) { format!("{year:02}{}", tail % 100) } else { tail.to_string() };
        format!("{}{tail}@{}", self.name.handle(separator), stream.pick(&DOMAINS))
    }

    /// The name on an English form: some have an English first name.
    pub(crate) fn english_name(&self, stream: &mut Stream) -> String {
        let first = stream.below(16) + if self.woman { 0 } else { 16 };
        let western = self.name.western();
        let family = western.rsplit(' ').next().unwrap_or_default();
        if stream.chance(0.4) { format!("{} {family}", ENGLISH[first]) } else { western }
    }

    /// Uses the app or the web bank at all.
    pub(crate) fn has_app(&self) -> bool {
        self.traits.digital >= 0.15
    }

    /// Registered elsewhere than where they live: the group that the old credit policy disfavoured.
    pub(crate) fn is_newcomer(&self) -> bool {
        self.registered != self.home.city().code
    }
}

impl Traits {
    fn draw(stream: &mut Stream, age: i32) -> Self {
        let years = (f64::from(age) - 42.0) / 16.0;
        let thrift = 0.25 * years + stream.normal();
        let mut trait_of = |mean: f64| logistic(mean + stream.normal());
        Self {
            patience: trait_of(0.3 + 0.2 * years),
            thrift: logistic(thrift),
            digital: trait_of(0.7 - 0.9 * years),
            price: trait_of(-0.2),
            boldness: trait_of(-0.3 - 0.3 * years),
            openness: trait_of(-0.2 - 0.3 * thrift),
        }
    }
}

fn logistic(value: f64) -> f32 {
    (1.0 / (1.0 + (-1.4 * value).exp())) as f32
}

fn age(stream: &mut Stream, household: &Household, role: Role) -> i32 {
    let spread = 2.6 * stream.normal();
    let age = f64::from(household.head_age)
        + match role {
            Role::Head => 0.0,
            Role::Partner => spread,
            Role::Child => -25.0 + spread,
            Role::Elder => 26.0 + spread,
        };
    (age as i32).clamp(18, 92)
}

fn is_woman(stream: &mut Stream, household: &Household, role: Role) -> bool {
    match role {
        Role::Head => household.head_is_woman,
        Role::Partner => !household.head_is_woman,
        Role::Child | Role::Elder => stream.chance(0.52),
    }
}

/// A child has the father's surname, an elder's is the head's or the partner's, or (a mother) another one.
fn surname(stream: &mut Stream, household: &Household, role: Role) -> u8 {
    match role {
        Role::Head => household.surname,
        Role::Partner => household.partner_surname,
        Role::Child if household.head_is_woman => household.partner_surname,
        Role::Child => household.surname,
        Role::Elder if stream.chance(0.5) => household.surname,
        Role::Elder => stream.below(60) as u8,
    }
}

fn device(stream: &mut Stream, income: u32) -> Device {
    let apple = if income > 14_000 { 44.0 } else { 22.0 };
    [Device::Android, Device::Ios, Device::Harmony][stream.weighted(&[56.0, apple, 17.0])]
}

/// Seven in ten were customers before the first day; the others come evenly over the months, more around new year.
fn joined(stream: &mut Stream, span: Span, age: i32) -> i32 {
    let adult_days = ((age - 17) * 365).max(60);
    if stream.chance(0.72) {
        return span.first_day - 1 - stream.below(adult_days.min(5500) as usize) as i32;
    }
    // Nobody comes in the last fortnight, so that everybody has done something.
    span.first_day + stream.below((span.end_day - span.first_day - 14).max(1) as usize) as i32
}

/// The check character of a resident id: ISO 7064 MOD 11-2.
pub(crate) fn check_digit(body: &str) -> char {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = body.bytes().zip(WEIGHTS).map(|(digit, weight)| u32::from(digit.wrapping_sub(b'0')) * weight).sum();
    ['1', '0', 'X', '9', '8', '7', '6', '5', '4', '3', '2'][(sum % 11) as usize]
}

/// The eight digits of a birth day in a national id.
pub(crate) fn birth_digits(born: i32) -> u32 {
    let (year, month, day) = civil(born);
    year as u32 * 10_000 + month as u32 * 100 + day as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_character_is_that_of_the_standard() {
        // The example of GB 11643-1999, annex A.
        assert_eq!(check_digit("11010519491231002"), 'X');
    }
}
