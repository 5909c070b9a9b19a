//! Streams of random numbers: one for each resample, so that the answer is the same on any number of threads.

use rand::{Rng as _, SeedableRng as _};
use rand_pcg::Pcg64Mcg;

/// A stream of random numbers.
pub(crate) struct Stream(Pcg64Mcg);

impl Stream {
    /// The stream with this number under a seed.
    pub(crate) fn new(seed: u64, number: u64) -> Self {
        let low = mix(seed ^ mix(number.wrapping_add(0x9E37_79B9_7F4A_7C15)));
        let high = mix(low ^ number.rotate_left(32));
        let mut state = [0; 16];
        state[..8].copy_from_slice(&low.to_le_bytes());
        state[8..].copy_from_slice(&high.to_le_bytes());
        Self(Pcg64Mcg::from_seed(state))
    }

    /// A whole number from 0 to `below` - 1, all as likely as each other to within `below` / 2⁶⁴.
    #[inline]
    pub(crate) fn index(&mut self, below: usize) -> usize {
        ((u128::from(self.0.next_u64()) * below as u128) >> 64) as usize
    }
}

/// The finaliser of SplitMix64 (Steele, Lea and Flood 2014): neighbouring numbers become unlike each other.
fn mix(mut x: u64) -> u64 {
    x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    x ^ (x >> 31)
}
