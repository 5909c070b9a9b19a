//! Which customers a session may see.

use std::sync::Arc;

use roaring::RoaringBitmap;

/// What customers said of one purpose: the facts that a grant's consent rule is applied to.
#[derive(Debug, Clone, Default)]
pub struct Consented {
    /// Whose latest word is yes.
    pub given: RoaringBitmap,
    /// Whose latest word is no.
    pub withdrawn: RoaringBitmap,
}

/// A set of customers as plain bits: one memory access a row.
#[derive(Debug)]
pub(crate) struct CustomerSet {
    bits: Vec<u64>,
    /// Whether customers in `bits` are seen (and others not), or the other way round.
    listed_are_seen: bool,
}

impl CustomerSet {
    pub(crate) fn only(listed: &RoaringBitmap) -> Arc<Self> {
        Arc::new(Self { bits: bits(listed), listed_are_seen: true })
    }

    pub(crate) fn all_but(listed: &RoaringBitmap) -> Arc<Self> {
        Arc::new(Self { bits: bits(listed), listed_are_seen: false })
    }

    /// Adds what it says of everybody.
    pub(crate) fn digest(&self, hasher: &mut blake3::Hasher) {
        hasher.update(&[u8::from(self.listed_are_seen)]);
        for word in &self.bits {
            hasher.update(&word.to_le_bytes());
        }
    }

    /// Whether rows of this customer are seen.
    #[inline]
    pub(crate) fn sees(&self, customer: i64) -> bool {
        let listed = usize::try_from(customer)
            .ok()
            .and_then(|id| self.bits.get(id >> 6).map(|word| word >> (id & 63) & 1 == 1))
            .unwrap_or(false);
        listed == self.listed_are_seen
    }

    /// Whether rows without a customer are seen: nobody objected, but nobody agreed either.
    pub(crate) fn sees_nobody(&self) -> bool {
        !self.listed_are_seen
    }
}

fn bits(listed: &RoaringBitmap) -> Vec<u64> {
    let words = listed.max().map_or(0, |max| (max as usize >> 6) + 1);
    let mut bits = vec![0u64; words];
    for id in listed {
        bits[id as usize >> 6] |= 1 << (id & 63);
    }
    bits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_answer_for_listed_unlisted_and_out_of_range_customers() {
        let listed: RoaringBitmap = [1, 64, 200].into_iter().collect();
        let (only, all_but) = (CustomerSet::only(&listed), CustomerSet::all_but(&listed));
        for (customer, is_listed) in
            [(0, false), (1, true), (63, false), (64, true), (200, true), (9999, false), (-1, false)]
        {
            assert_eq!(only.sees(customer), is_listed, "{customer}");
            assert_eq!(all_but.sees(customer), !is_listed, "{customer}");
        }
        assert!(!only.sees_nobody() && all_but.sees_nobody());
    }
}
