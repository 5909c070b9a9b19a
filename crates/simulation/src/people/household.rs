//! Households: who lives together, at which address, under which surname.

use super::{
    names,
    places::{CITIES, Home},
};
use crate::random::{Stream, Subject, Wheel};

/// What somebody is in a household.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(crate) enum Role {
    Head,
    Partner,
    Child,
    Elder,
}

/// Who of a household banks here, by how usual that is.
const SHAPES: [(&[Role], f64); 7] = [
    (&[Role::Head], 40.0),
    (&[Role::Head, Role::Partner], 26.0),
    (&[Role::Head, Role::Partner, Role::Child], 12.0),
    (&[Role::Head, Role::Child], 5.0),
    (&[Role::Head, Role::Partner, Role::Elder], 8.0),
    (&[Role::Head, Role::Elder], 4.0),
    (&[Role::Head, Role::Partner, Role::Child, Role::Elder], 5.0),
];

/// People who live together.
pub(crate) struct Household {
    pub(crate) roles: &'static [Role],
    pub(crate) home: Home,
    pub(crate) surname: u8,
    /// The partner's, and that of the elder who is the partner's parent.
    pub(crate) partner_surname: u8,
    pub(crate) head_age: i32,
    pub(crate) head_is_woman: bool,
    /// Whether they own their home; those who do not pay rent.
    pub(crate) owns: bool,
    /// Where they came from, when not from here: first two digits of national ids.
    pub(crate) moved_from: Option<u8>,
}

/// What all households are drawn with.
pub(crate) struct Wheels {
    surnames: Wheel,
    cities: Wheel,
    shapes: Wheel,
}

impl Wheels {
    pub(crate) fn new() -> Self {
        let cities: Vec<f64> = CITIES.iter().map(|city| city.weight).collect();
        let shapes: Vec<f64> = SHAPES.iter().map(|(_, weight)| *weight).collect();
        Self { surnames: names::surname_wheel(), cities: Wheel::new(&cities), shapes: Wheel::new(&shapes) }
    }
}

impl Household {
    pub(crate) fn draw(seed: u64, number: u32, wheels: &Wheels) -> Self {
        let mut stream = Stream::new(seed, Subject::Household, u64::from(number), 0);
        let stream = &mut stream;
        let roles = SHAPES[wheels.shapes.spin(stream)].0;
        let home = Home { city: wheels.cities.spin(stream) as u8, bits: stream.bits() as u32 };
        let grown_child = roles.contains(&Role::Child);
        let head_age = if grown_child { stream.between(43.0, 62.0) } else { head_age(stream) } as i32;
        let moved = stream.chance(if CITIES[usize::from(home.city)].level > 1.0 { 0.36 } else { 0.12 });
        Self {
            roles,
            home,
            surname: wheels.surnames.spin(stream) as u8,
            partner_surname: wheels.surnames.spin(stream) as u8,
            head_age,
            head_is_woman: stream.chance(if roles.len() == 1 { 0.48 } else { 0.3 }),
            owns: stream
                .chance(((f64::from(head_age) - 20.0) / 28.0).clamp(0.08, 0.86) * if moved { 0.55 } else { 1.0 }),
            moved_from: moved.then(|| stream.pick(&super::places::ORIGINS)),
        }
    }
}

/// Adults of a bank that is strong with people of 25 to 50.
fn head_age(stream: &mut Stream) -> f64 {
    (20.0 + stream.liveliness(2.4) * 19.0).min(86.0)
}
