//! How events are put in words.

use crate::analyses::stagnation::benchmarks::StageBenchmark;
use crate::domain::day::Day;
use crate::domain::maybe::Maybe;

/// Whether a stay of `days` is longer than what is normal.
pub(super) fn overdue(benchmark: &StageBenchmark, days: i32) -> Option<String> {
    let beyond = |limit: Option<u32>| limit.is_some_and(|limit| i64::from(days) > i64::from(limit));
    let median =
        benchmark.median.map(|median| format!(" (half of those that go on take {median})")).unwrap_or_default();
    if beyond(benchmark.stalled_after) {
        Some(format!("stalled{median}"))
    } else {
        beyond(benchmark.slow_after).then(|| format!("slow{median}"))
    }
}

/// A chance before, in words, and the points it rose by.
pub(super) fn points(before: Option<f64>, now: f64) -> (String, Option<f64>) {
    let change = before.map(|before| (100.0 * now).round() - (100.0 * before).round());
    (before.map(share).unwrap_or_default(), change)
}

/// A chance in percent.
pub(super) fn share(chance: f64) -> String {
    format!("{:.0} %", 100.0 * chance)
}

/// A day that may not be known.
pub(super) fn date(day: Maybe<Day>) -> String {
    day.get().map(|day| day.to_string()).unwrap_or_default()
}

/// `1 day`, `12 days`.
pub(super) fn in_days(days: i32) -> String {
    if days == 1 { "1 day".to_owned() } else { format!("{days} days") }
}
