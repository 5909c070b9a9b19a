//! Streams of random numbers, one for each question that is asked of chance.
//!
//! A stream is named by the seed and up to three numbers: the subject (what is asked), and whom and when it concerns.
//! Nothing is drawn from a stream that two people share, so what happens to one person does not depend on how many
//! others there are, on their order, or on the number of threads.

use rand::{Rng, SeedableRng};
use rand_distr::{Distribution, Exp1, Gamma, Poisson, StandardNormal};
use rand_pcg::Pcg64Mcg;

/// What a stream is for. The numbers are part of the made-up bank: changing one changes every file.
#[derive(Clone, Copy)]
#[repr(u64)]
pub(crate) enum Subject {
    Household = 1,
    Person = 2,
    Habit = 3,
    Month = 4,
    Departure = 5,
    Credit = 6,
    Campaign = 7,
    Plot = 9,
    Records = 10,
    Dirt = 11,
    Text = 12,
    Family = 13,
    Consent = 15,
    Key = 16,
    Terminal = 18,
    Assessment = 19,
}

/// A stream of random numbers.
pub(crate) struct Stream(Pcg64Mcg);

impl Stream {
    /// The stream of a subject that concerns `whom` at `when`.
    pub(crate) fn new(seed: u64, subject: Subject, whom: u64, when: u64) -> Self {
        let low = mix(mix(seed ^ (subject as u64) << 56) ^ whom);
        let high = mix(low ^ mix(when.wrapping_add(0x5851_F42D_4C95_7F2D)));
        let mut state = [0; 16];
        state[..8].copy_from_slice(&low.to_le_bytes());
        state[8..].copy_from_slice(&high.to_le_bytes());
        Self(Pcg64Mcg::from_seed(state))
    }

    /// 64 random bits.
    #[inline]
    pub(crate) fn bits(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// Uniform in [0, 1).
    #[inline]
    pub(crate) fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
    }

    /// Uniform between two numbers.
    #[inline]
    pub(crate) fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// A whole number below `n`; 0 when `n` is.
    #[inline]
    pub(crate) fn below(&mut self, n: usize) -> usize {
        ((u128::from(self.bits()) * n as u128) >> 64) as usize
    }

    /// True with a probability.
    #[inline]
    pub(crate) fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// Standard normal.
    #[inline]
    pub(crate) fn normal(&mut self) -> f64 {
        StandardNormal.sample(&mut self.0)
    }

    /// Log-normal with this median; `sigma` is the standard deviation of the logarithm.
    #[inline]
    pub(crate) fn log_normal(&mut self, median: f64, sigma: f64) -> f64 {
        median * (sigma * self.normal()).exp()
    }

    /// Exponential with this mean.
    #[inline]
    pub(crate) fn exponential(&mut self, mean: f64) -> f64 {
        let unit: f64 = Exp1.sample(&mut self.0);
        mean * unit
    }

    /// Gamma with mean 1: how much livelier than usual a month is. A small shape means very uneven.
    pub(crate) fn liveliness(&mut self, shape: f64) -> f64 {
        Gamma::new(shape, 1.0 / shape).map_or(1.0, |gamma| gamma.sample(&mut self.0))
    }

    /// A Poisson count.
    pub(crate) fn poisson(&mut self, mean: f64) -> usize {
        if mean < 1e-9 {
            return 0;
        }
        Poisson::new(mean).map_or(0, |poisson| poisson.sample(&mut self.0) as usize)
    }

    /// One of the items, all as likely; the default when there is none.
    pub(crate) fn pick<T: Copy + Default>(&mut self, items: &[T]) -> T {
        items.get(self.below(items.len())).copied().unwrap_or_default()
    }

    /// The place of one of the weights, as likely as it is heavy.
    pub(crate) fn weighted(&mut self, weights: &[f64]) -> usize {
        let mut left = self.unit() * weights.iter().sum::<f64>();
        for (at, weight) in weights.iter().enumerate() {
            left -= weight;
            if left < 0.0 {
                return at;
            }
        }
        weights.len().saturating_sub(1)
    }
}

/// A good mixture of the bits of a number (the finaliser of SplitMix64).
#[inline]
pub(crate) fn mix(value: u64) -> u64 {
    let mut z = value.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// Numbers in a shuffled order that needs no memory: a Feistel network over the smallest even number of bits, walked
/// until it lands below `size`. Keys of the bank's systems come from here, so that they say nothing of their owner.
#[derive(Clone, Copy)]
pub(crate) struct Shuffle {
    size: u64,
    half_bits: u32,
    key: u64,
}

impl Shuffle {
    /// A shuffle of 0 to `size` − 1.
    pub(crate) fn new(seed: u64, which: u64, size: u64) -> Self {
        let bits = (64 - size.max(4).saturating_sub(1).leading_zeros()).next_multiple_of(2);
        Self { size: size.max(1), half_bits: bits / 2, key: mix(seed ^ mix(which ^ (Subject::Key as u64) << 48)) }
    }

    /// Where number `at` goes; different numbers go to different places.
    pub(crate) fn place(&self, at: u64) -> u64 {
        let mut value = at % self.size;
        loop {
            value = self.round_trip(value);
            if value < self.size {
                return value;
            }
        }
    }

    fn round_trip(&self, value: u64) -> u64 {
        let mask = (1 << self.half_bits) - 1;
        let (mut left, mut right) = (value >> self.half_bits, value & mask);
        for round in 0..4 {
            (left, right) = (right, left ^ (mix(self.key ^ right ^ round << 60) & mask));
        }
        left << self.half_bits | right
    }
}

/// A distribution over up to 256 things as a table of 256 places: one look-up a draw, exact to 1/256.
#[derive(Clone, Copy)]
pub(crate) struct Wheel([u8; 256]);

impl Wheel {
    /// Each thing gets places in proportion to its weight.
    pub(crate) fn new(weights: &[f64]) -> Self {
        let total: f64 = weights.iter().sum::<f64>().max(f64::MIN_POSITIVE);
        let mut places = [0; 256];
        let (mut thing, mut sum) = (0, weights.first().copied().unwrap_or(1.0));
        for (at, place) in places.iter_mut().enumerate() {
            while thing + 1 < weights.len() && sum / total <= (at as f64 + 0.5) / 256.0 {
                thing += 1;
                sum += weights[thing];
            }
            *place = thing as u8;
        }
        Self(places)
    }

    /// A thing.
    #[inline]
    pub(crate) fn spin(&self, stream: &mut Stream) -> usize {
        usize::from(self.0[(stream.bits() >> 56) as usize])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shuffle_reaches_every_place_once() {
        for size in [1, 2, 5, 1000, 4097] {
            let shuffle = Shuffle::new(7, 1, size);
            let mut places: Vec<u64> = (0..size).map(|at| shuffle.place(at)).collect();
            places.sort_unstable();
            assert!(places.into_iter().eq(0..size), "{size}");
        }
    }

    #[test]
    fn a_stream_depends_on_every_part_of_its_name() {
        let first = |seed, subject, whom, when| Stream::new(seed, subject, whom, when).bits();
        let base = first(1, Subject::Month, 2, 3);
        assert_eq!(base, first(1, Subject::Month, 2, 3));
        for other in [
            first(2, Subject::Month, 2, 3),
            first(1, Subject::Person, 2, 3),
            first(1, Subject::Month, 3, 3),
            first(1, Subject::Month, 2, 4),
        ] {
            assert_ne!(base, other);
        }
    }

    #[test]
    fn a_wheel_keeps_the_proportions() {
        let wheel = Wheel::new(&[1.0, 0.0, 3.0]);
        let mut stream = Stream::new(1, Subject::Month, 0, 0);
        let mut counts = [0; 3];
        (0..10_000).for_each(|_| counts[wheel.spin(&mut stream)] += 1);
        assert!(counts[1] == 0 && (2200..2800).contains(&counts[0]), "{counts:?}");
    }
}
