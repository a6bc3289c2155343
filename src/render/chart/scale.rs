//! From numbers to pixels, and round numbers to write beside an axis.

/// A straight scale: `low` at `start`, `high` at `end`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scale {
    low: f64,
    high: f64,
    start: f64,
    end: f64,
}

impl Scale {
    /// Numbers from `low` to `high` on the pixels from `start` to `end`.
    pub(super) fn new(low: f64, high: f64, start: f64, end: f64) -> Self {
        Self { low, high: if high > low { high } else { low + 1.0 }, start, end }
    }

    /// The pixel of a number; numbers beyond the ends stand at them.
    pub(super) fn at(self, number: f64) -> f64 {
        let share = (number.clamp(self.low, self.high) - self.low) / (self.high - self.low);
        self.start + share * (self.end - self.start)
    }

    /// The same, but ending at round numbers: the ends of about `wanted` steps.
    pub(super) fn rounded(self, wanted: f64) -> Self {
        let step = self.step(wanted);
        Self { low: (self.low / step).floor() * step, high: (self.high / step - 1e-9).ceil() * step, ..self }
    }

    /// A round number, about `wanted` of which make up the scale.
    fn step(self, wanted: f64) -> f64 {
        let raw = (self.high - self.low) / wanted;
        let power = 10_f64.powf(raw.log10().floor());
        let step = [1.0, 2.0, 5.0, 10.0].map(|factor| factor * power).into_iter().find(|step| *step >= raw);
        step.unwrap_or(10.0 * power)
    }

    /// About `wanted` round numbers of the scale.
    pub(super) fn ticks(self, wanted: f64) -> Vec<f64> {
        let step = self.step(wanted);
        let first = (self.low / step).ceil() as i64;
        let last = (self.high / step + 1e-9).floor() as i64;
        (first..=last).map(|times| times as f64 * step).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_land_between_the_ends_and_ticks_are_round() {
        let scale = Scale::new(0.0, 2.5, 10.0, 110.0);
        assert_eq!([-1.0, 0.0, 1.25, 9.0].map(|number| scale.at(number)), [10.0, 10.0, 60.0, 110.0]);
        assert_eq!(scale.ticks(5.0), [0.0, 0.5, 1.0, 1.5, 2.0, 2.5]);
        let rounded = Scale::new(0.0, 2.6, 0.0, 1.0).rounded(4.0);
        assert_eq!((rounded.at(3.0), rounded.ticks(4.0).len()), (1.0, 4));
        assert_eq!(Scale::new(3.0, 3.0, 0.0, 1.0).at(3.0), 0.0);
    }
}
