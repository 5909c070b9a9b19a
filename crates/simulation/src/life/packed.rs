//! Records as a fixed number of bytes each, for months that do not fit into memory.

use super::records::{Action, Booking, Channel, Event, Kind, Payment, Plot, Scenario};

/// A record that has a fixed number of bytes.
pub(crate) trait Packed: Sized {
    const SIZE: usize;

    /// Appends [`Self::SIZE`] bytes.
    fn pack(&self, to: &mut Vec<u8>);

    /// From what [`Packed::pack`] wrote.
    fn unpack(from: &mut Fields<'_>) -> Self;
}

/// Appends the bytes of records.
pub(crate) fn pack<R: Packed>(records: &[R], to: &mut Vec<u8>) {
    to.reserve(records.len() * R::SIZE);
    records.iter().for_each(|record| record.pack(to));
}

/// Appends the records of bytes.
pub(crate) fn unpack<R: Packed>(bytes: &[u8], to: &mut Vec<R>) {
    to.extend(bytes.chunks_exact(R::SIZE).map(|record| R::unpack(&mut Fields(record))));
}

/// Bytes that are read from the front; there is nothing but zeros behind the end.
pub(crate) struct Fields<'a>(&'a [u8]);

impl Fields<'_> {
    #[inline]
    fn take<const N: usize>(&mut self) -> [u8; N] {
        let Some((first, rest)) = self.0.split_first_chunk::<N>() else { return [0; N] };
        self.0 = rest;
        *first
    }

    #[inline]
    fn byte(&mut self) -> u8 {
        let [byte] = self.take();
        byte
    }

    #[inline]
    fn u32(&mut self) -> u32 {
        u32::from_le_bytes(self.take())
    }

    #[inline]
    fn i64(&mut self) -> i64 {
        i64::from_le_bytes(self.take())
    }

    #[inline]
    fn u64(&mut self) -> u64 {
        u64::from_le_bytes(self.take())
    }

    #[inline]
    fn one_of<T: Copy, const N: usize>(&mut self, all: &[T; N]) -> T {
        all[usize::from(self.byte()) % N]
    }

    #[inline]
    fn plot(&mut self) -> Plot {
        Plot { scenario: self.one_of(&Scenario::ALL), case: self.u32() }
    }
}

fn pack_plot(plot: Plot, to: &mut Vec<u8>) {
    to.push(plot.scenario as u8);
    to.extend_from_slice(&plot.case.to_le_bytes());
}

impl Packed for Booking {
    const SIZE: usize = 35;

    #[inline]
    fn pack(&self, to: &mut Vec<u8>) {
        to.extend_from_slice(&self.at.to_le_bytes());
        to.extend_from_slice(&self.person.to_le_bytes());
        to.extend_from_slice(&self.amount.to_le_bytes());
        to.extend_from_slice(&self.balance.to_le_bytes());
        to.extend_from_slice(&self.other.to_le_bytes());
        to.extend_from_slice(&[self.kind as u8, self.channel as u8]);
        pack_plot(self.plot, to);
    }

    #[inline]
    fn unpack(from: &mut Fields<'_>) -> Self {
        Self {
            at: from.u32(),
            person: from.u32(),
            amount: from.i64(),
            balance: from.i64(),
            other: from.u32(),
            kind: from.one_of(&Kind::ALL),
            channel: from.one_of(&Channel::ALL),
            plot: from.plot(),
        }
    }
}

impl Packed for Payment {
    const SIZE: usize = 24;

    #[inline]
    fn pack(&self, to: &mut Vec<u8>) {
        to.extend_from_slice(&self.at.to_le_bytes());
        to.extend_from_slice(&self.person.to_le_bytes());
        to.extend_from_slice(&self.amount.to_le_bytes());
        to.extend_from_slice(&self.terminal.to_le_bytes());
        to.extend_from_slice(&[self.category, u8::from(self.credit), u8::from(self.declined)]);
        pack_plot(self.plot, to);
    }

    #[inline]
    fn unpack(from: &mut Fields<'_>) -> Self {
        Self {
            at: from.u32(),
            person: from.u32(),
            amount: from.u32(),
            terminal: from.u32(),
            category: from.byte(),
            credit: from.byte() != 0,
            declined: from.byte() != 0,
            plot: from.plot(),
        }
    }
}

impl Packed for Event {
    const SIZE: usize = 37;

    #[inline]
    fn pack(&self, to: &mut Vec<u8>) {
        to.extend_from_slice(&self.visitor.to_le_bytes());
        to.extend_from_slice(&self.at.to_le_bytes());
        to.extend_from_slice(&self.person.to_le_bytes());
        to.extend_from_slice(&self.session.to_le_bytes());
        to.extend_from_slice(&self.dwell.to_le_bytes());
        to.extend_from_slice(&self.amount.to_le_bytes());
        to.extend_from_slice(&[self.action as u8, self.screen, self.device, u8::from(self.logged_in)]);
        pack_plot(self.plot, to);
    }

    #[inline]
    fn unpack(from: &mut Fields<'_>) -> Self {
        Self {
            visitor: from.u64(),
            at: from.u32(),
            person: from.u32(),
            session: from.u32(),
            dwell: from.u32(),
            amount: from.u32(),
            action: from.one_of(&Action::ALL),
            screen: from.byte(),
            device: from.byte(),
            logged_in: from.byte() != 0,
            plot: from.plot(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn there_and_back<R: Packed>(records: &[R]) -> Vec<R> {
        let (mut bytes, mut back) = (Vec::new(), Vec::new());
        pack(records, &mut bytes);
        assert_eq!(bytes.len(), records.len() * R::SIZE);
        unpack(&bytes, &mut back);
        back
    }

    #[test]
    fn the_lists_of_kinds_are_in_the_order_of_their_numbers() {
        assert!(Scenario::ALL.iter().enumerate().all(|(at, one)| *one as usize == at));
        assert!(Kind::ALL.iter().enumerate().all(|(at, one)| *one as usize == at));
        assert!(Channel::ALL.iter().enumerate().all(|(at, one)| *one as usize == at));
        assert!(Action::ALL.iter().enumerate().all(|(at, one)| *one as usize == at));
    }

    #[test]
    fn records_come_back_as_they_were() {
        let plot = Plot { scenario: Scenario::Structuring, case: 77 };
        let (at, person, other, balance) = (1, 2, 3, i64::MAX);
        let (kind, channel, amount) = (Kind::Fee, Channel::System, -5);
        let bookings = [Booking { at, person, amount, balance, other, kind, channel, plot }; 2];
        assert_eq!(format!("{:?}", there_and_back(&bookings)), format!("{bookings:?}"));
        let (amount, terminal, category, credit, declined) = (9, u32::MAX, 14, true, false);
        let payments = [Payment { at, person, amount, terminal, category, credit, declined, plot }; 3];
        assert_eq!(format!("{:?}", there_and_back(&payments)), format!("{payments:?}"));
        let (visitor, session, dwell, action) = (u64::MAX - 1, 4, 5, Action::Logout);
        let (screen, device, logged_in) = (14, 3, true);
        let events =
            [Event { visitor, at, person, session, dwell, amount, action, screen, device, logged_in, plot }; 1];
        assert_eq!(format!("{:?}", there_and_back(&events)), format!("{events:?}"));
    }
}
