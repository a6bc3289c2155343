//! What a push cannot know by itself: the time, how to wait, and chance.

use std::time::Duration;

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// The time, and how to wait.
pub trait Pacer: Sync {
    /// This moment, as it is written into the ledger.
    fn now(&self) -> String;
    /// Waits.
    fn pause(&self, time: Duration);
}

/// The longest pause that is waited for before the next try; what asks for a longer one stops the push.
pub const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// What the first pause is at most.
const FIRST_PAUSE: Duration = Duration::from_millis(500);

/// The pause before try number `tries`, from 1: any time up to twice the one before, at least what the server asked for.
pub(super) fn pause_before(tries: u32, asked: Option<Duration>, random: &mut ChaCha8Rng) -> Duration {
    let most = FIRST_PAUSE.saturating_mul(1 << tries.saturating_sub(1).min(10)).min(LONGEST_PAUSE);
    let jittered = most.mul_f64(random.random_range(0.0..1.0));
    jittered.max(asked.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;

    #[test]
    fn pauses_grow_are_jittered_and_last_as_long_as_asked() {
        let mut random = ChaCha8Rng::seed_from_u64(1);
        let mut longest = |tries| (0..200).map(|_| pause_before(tries, None, &mut random)).max().expect("some");
        let (first, third, last) = (longest(1), longest(3), longest(40));
        assert!(first <= FIRST_PAUSE && third > FIRST_PAUSE && third <= FIRST_PAUSE * 4 && last <= LONGEST_PAUSE);
        let asked = Duration::from_secs(7);
        assert!(pause_before(1, Some(asked), &mut random) >= asked);
        let shortest = (0..200).map(|_| pause_before(8, None, &mut random)).min().expect("some");
        assert!(shortest < LONGEST_PAUSE / 4, "full jitter reaches down to nothing: {shortest:?}");
    }
}
