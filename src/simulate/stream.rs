//! Random streams: every deal, account and table draws from its own, so that no draw depends on the order of work.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

/// The generator of all streams. ChaCha is specified, so a seed means the same numbers in every version and machine.
pub type Stream = ChaCha8Rng;

/// What a stream is for; with an index it names one of 2^56 streams.
#[derive(Clone, Copy, Debug)]
pub enum Purpose {
    /// One per deal.
    Deal = 1,
    /// One per customer.
    Account = 2,
    /// The organisation: one stream.
    Organisation = 3,
    /// Exchange rates: one per currency.
    Rates = 4,
    /// Quotas: one per owner.
    Quota = 5,
    /// Marketing spend: one per source.
    Cost = 6,
    /// Leads and touches: one per deal.
    Marketing = 7,
}

/// The stream number `index` of `purpose` in the world of `seed`.
pub fn stream(seed: u64, purpose: Purpose, index: u64) -> Stream {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(((purpose as u64) << 56) | index);
    rng
}

/// A draw from the standard normal distribution.
pub fn normal(rng: &mut Stream) -> f64 {
    StandardNormal.sample(rng)
}

/// A draw from the exponential distribution with this mean.
pub fn exponential(rng: &mut Stream, mean: f64) -> f64 {
    let draw: f64 = rand_distr::Exp1.sample(rng);
    draw * mean
}

/// The position in `weights` that a draw in proportion to them hits; the last where rounding leaves it open.
pub fn pick(rng: &mut Stream, weights: impl IntoIterator<Item = f64> + Clone) -> usize {
    let total: f64 = weights.clone().into_iter().sum();
    let mut left = rng.random::<f64>() * total;
    let mut last = 0;
    for (i, weight) in weights.into_iter().enumerate() {
        last = i;
        left -= weight;
        if left < 0.0 {
            break;
        }
    }
    last
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_repeat_and_differ() {
        let first = |seed, index| stream(seed, Purpose::Deal, index).random::<u64>();
        assert_eq!(first(1, 5), first(1, 5));
        assert_ne!(first(1, 5), first(1, 6));
        assert_ne!(first(1, 5), first(2, 5));
        assert_ne!(first(1, 5), stream(1, Purpose::Account, 5).random::<u64>());
    }

    #[test]
    fn picks_follow_the_weights() {
        let mut rng = stream(3, Purpose::Deal, 0);
        let mut hits = [0_u32; 3];
        for _ in 0..10_000 {
            hits[pick(&mut rng, [0.2, 0.0, 0.8])] += 1;
        }
        assert_eq!(hits[1], 0);
        // Binomial(10000, 0.2): mean 2000, standard deviation 40; six of them either way.
        assert!((1_760..=2_240).contains(&hits[0]), "{hits:?}");
    }
}
