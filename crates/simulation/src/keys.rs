//! The keys of people in each system, and the numbers of things. Every system counts in its own shuffled order, so that a key
//! says nothing about its owner and nothing about the owner's keys elsewhere.

use crate::{
    people::Person,
    random::{Shuffle, Subject, mix},
};

/// CRM records that one person can have.
pub(crate) const CRM_COPIES: u32 = 3;

/// All key spaces.
pub(crate) struct Keys {
    seed: u64,
    /// Looked up for every record, so they are kept: 4 bytes a person each.
    core: Vec<u32>,
    holders: Vec<u32>,
    users: Vec<u32>,
    accounts: Shuffle,
    cards: Shuffle,
    crm: Shuffle,
    callers: Shuffle,
    handles: Shuffle,
    loans: Shuffle,
}

/// Accounts of a person: which kind.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(crate) enum AccountKind {
    Current = 1,
    Deposit = 2,
    Fund = 3,
}

impl Keys {
    pub(crate) fn new(seed: u64, customers: u32) -> Self {
        let size = u64::from(customers);
        let shuffle = |which, size| Shuffle::new(seed, which, size);
        let table = |which| {
            let shuffle = shuffle(which, size);
            (0..size).map(|person| shuffle.place(person) as u32).collect()
        };
        Self {
            seed,
            core: table(1),
            holders: table(3),
            users: table(5),
            accounts: shuffle(2, size * 3),
            cards: shuffle(4, size * 2),
            crm: shuffle(6, size * u64::from(CRM_COPIES)),
            callers: shuffle(7, size),
            handles: shuffle(8, size),
            loans: shuffle(9, size * 16),
        }
    }

    pub(crate) fn customer(&self, person: u32) -> u64 {
        8_000_000_000 + place(&self.core, person)
    }

    /// Sixteen digits.
    pub(crate) fn account(&self, person: u32, kind: AccountKind) -> u64 {
        9_070_000_000_000_000
            + kind as u64 * 1_000_000_000_000
            + self.accounts.place(u64::from(person) * 3 + kind as u64 - 1)
    }

    /// The account of somebody who banks elsewhere.
    pub(crate) fn foreign_account(&self, other: u32) -> u64 {
        9_500_000_000_000_000 + mix(self.seed ^ u64::from(other)) % 100_000_000_000_000
    }

    pub(crate) fn holder(&self, person: u32) -> u64 {
        500_000_000 + place(&self.holders, person)
    }

    /// A card number: sixteen digits that pass the Luhn check, in a range for tests (999999).
    pub(crate) fn card(&self, person: u32, credit: bool) -> u64 {
        let body = 999_999_000_000_000 + self.cards.place(u64::from(person) * 2 + u64::from(credit));
        body * 10 + luhn(body)
    }

    /// The number of a user of the app.
    pub(crate) fn user(&self, person: u32) -> u64 {
        70_000_000 + place(&self.users, person)
    }

    pub(crate) fn login(&self, person: &Person) -> String {
        format!("{}{:03}", person.name.handle(""), place(&self.users, person.number))
    }

    /// The CRM's number of a person's first, second … record.
    pub(crate) fn crm(&self, person: u32, copy: u32) -> String {
        format!("C{:09}", 100_000_000 + self.crm.place(u64::from(person) * u64::from(CRM_COPIES) + u64::from(copy)))
    }

    pub(crate) fn caller(&self, person: u32) -> String {
        format!("P{:08}", self.callers.place(u64::from(person)))
    }

    pub(crate) fn social_handle(&self, person: u32) -> String {
        const FIRST: [&str; 12] =
            ["moon", "panda", "river", "tea", "lucky", "sunny", "fish", "cloud", "bamboo", "star", "noodle", "maple"];
        let place = self.handles.place(u64::from(person));
        format!("{}_{:x}", FIRST[(place % 12) as usize], place + 4096)
    }

    pub(crate) fn loan(&self, person: u32, which: u8) -> String {
        format!("L{:010}", self.loans.place(u64::from(person) * 16 + u64::from(which % 16)))
    }

    pub(crate) fn application(&self, person: u32, day: i32) -> String {
        format!("A{:012x}", mix(self.seed ^ u64::from(person) << 20 ^ day as u64 ^ (Subject::Key as u64) << 52) >> 16)
    }
}

fn place(table: &[u32], person: u32) -> u64 {
    table.get(person as usize).copied().map_or(0, u64::from)
}

/// The digit that makes a number pass the Luhn check when it is appended.
fn luhn(body: u64) -> u64 {
    let (mut rest, mut sum, mut doubled) = (body, 0, true);
    while rest > 0 {
        let digit = rest % 10;
        sum += match (doubled, digit * 2) {
            (false, _) => digit,
            (true, twice) if twice > 9 => twice - 9,
            (true, twice) => twice,
        };
        doubled = !doubled;
        rest /= 10;
    }
    (10 - sum % 10) % 10
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn card_numbers_pass_the_luhn_check() {
        // The textbook example: 7992739871 needs a 3.
        assert_eq!(luhn(7_992_739_871), 3);
    }
}
