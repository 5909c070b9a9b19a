//! Who the customers are: households of people with names, homes, work and traits.

pub(crate) mod household;
pub(crate) mod names;
pub(crate) mod person;
pub(crate) mod places;
pub(crate) mod products;
pub(crate) mod work;

use std::collections::HashSet;

use household::{Household, Wheels};
pub(crate) use person::{Device, Person};
use person::{Span, birth_digits};

/// Everybody, in the order of their numbers. Members of a household follow one another.
pub(crate) fn populate(span: Span, customers: u32) -> Vec<Person> {
    let wheels = Wheels::new();
    let mut people = Vec::with_capacity(customers as usize);
    let mut number = 0;
    while people.len() < customers as usize {
        let household = Household::draw(span.seed, number, &wheels);
        let first = people.len() as u32;
        for (at, role) in household.roles.iter().enumerate().take(customers as usize - people.len()) {
            people.push(Person::draw(span, &household, first + at as u32, (number, first), *role));
        }
        number += 1;
    }
    keep_ids_apart(&mut people);
    people
}

/// No two people share a national id: who would, takes the next free sequence number of the same sex.
fn keep_ids_apart(people: &mut [Person]) {
    let mut taken = HashSet::with_capacity(people.len());
    for person in people {
        let area = u64::from(person.registered) * 10 + u64::from(person.home.bits % 10);
        let key =
            |sequence: u16| (area * 100_000_000 + u64::from(birth_digits(person.born))) * 1000 + u64::from(sequence);
        let mut sequence = person.sequence;
        while !taken.insert(key(sequence)) {
            sequence = (sequence + 2) % 1000;
        }
        person.sequence = sequence;
    }
}
