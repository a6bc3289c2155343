//! Where a history ends: its newest day that does not lie far beyond all the others.
//!
//! Days with how often each occurs in, one of these days out. A typing error (2999 for 2026) or a date of a plan is a few
//! days behind a long silence; the history ends before the silence. Knows nothing of what happened on the days.

/// Days that must stand before a silence for the usual distance between them to be known.
const DAYS_THAT_TELL: usize = 30;
/// A silence is far too long where it is more than so many times the longest one before it, and longer than
/// [`SHORTEST_SILENCE`] days.
const TIMES_THE_LONGEST: i64 = 4;
/// No silence of fewer days is one.
const SHORTEST_SILENCE: i64 = 45;
/// The days after such a silence are no history of their own only where they hold at most one event in so many, ...
const FEW: u64 = 200;
/// ... or at most so many at all.
const HANDFUL: u64 = 3;
/// A silence that is longer than this, and longer than everything before it together, ends any history, be it of few days.
const ABSURD_SILENCE: i64 = 3 * 365;

/// The position in `days` of the last day of the history; `None` where there is no day at all. `days` are in order, each
/// with the number of its events.
///
/// The older half of the events is history in any case.
#[must_use]
pub fn history_end(days: &[(i32, u64)]) -> Option<usize> {
    let events: u64 = days.iter().map(|(_, count)| count).sum();
    let first = days.first()?.0;
    let few = HANDFUL.max(events / FEW);
    let (mut before, mut longest) = (0, 0);
    for (at, pair) in days.windows(2).enumerate() {
        let ((day, count), (next, _)) = (pair[0], pair[1]);
        before += count;
        let silence = i64::from(next) - i64::from(day);
        if before * 2 < events {
            // Before this there may be an error of the past, and the silence after it.
            if before > few {
                longest = longest.max(silence);
            }
            continue;
        }
        let so_far = i64::from(day) - i64::from(first);
        let is_absurd = silence > ABSURD_SILENCE && silence > so_far;
        let is_far = silence > SHORTEST_SILENCE && silence > TIMES_THE_LONGEST * longest;
        if events - before <= few && (is_absurd || is_far && at >= DAYS_THAT_TELL) {
            return Some(at);
        }
        longest = longest.max(silence);
    }
    Some(days.len() - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A day every `step` days, `n` of them.
    fn every(step: i32, n: i32) -> Vec<(i32, u64)> {
        (0..n).map(|i| (i * step, 3)).collect()
    }

    fn end(mut days: Vec<(i32, u64)>, more: &[(i32, u64)]) -> Option<i32> {
        days.extend(more);
        history_end(&days).map(|at| days[at].0)
    }

    #[test]
    fn a_history_ends_on_its_newest_day() {
        assert_eq!(end(Vec::new(), &[]), None);
        assert_eq!(end(vec![(5, 1)], &[]), Some(5));
        assert_eq!(end(every(1, 400), &[]), Some(399));
        assert_eq!(end(every(1, 400), &[(430, 1)]), Some(430), "a holiday");
        assert_eq!(end(every(30, 40), &[(39 * 30 + 100, 1)]), Some(39 * 30 + 100), "months are the rule here");
    }

    #[test]
    fn what_follows_a_long_silence_is_no_part_of_it() {
        assert_eq!(end(every(1, 400), &[(764, 1)]), Some(399), "a year ahead");
        assert_eq!(end(every(1, 400), &[(500, 1), (355_000, 2)]), Some(399), "two errors");
        assert_eq!(end(vec![(0, 1), (1, 1), (150, 1)], &[(355_000, 1)]), Some(150), "few days, and one that cannot be");
        assert_eq!(end(vec![(-700_000, 1)], &every(1, 400)), Some(399), "an error of the past");
    }

    #[test]
    fn a_second_history_is_one() {
        let second: Vec<(i32, u64)> = (0..100).map(|i| (700 + i, 3)).collect();
        assert_eq!(end(every(1, 400), &second), Some(799));
        assert_eq!(end(vec![(0, 1), (1, 1)], &[(150, 1)]), Some(150), "few days tell nothing");
        let quarter: Vec<(i32, u64)> = (0..30).map(|i| (590 + i, 1)).collect();
        assert_eq!(end(every(1, 400), &quarter), Some(619), "half a year without a record, then one in forty again");
        let later: Vec<(i32, u64)> = (0..600).map(|i| (2_200 + i, 2)).collect();
        assert_eq!(end(every(1, 700), &later), Some(2_799), "years without a record, then a third of all");
        let import = [(2_460, 5_000), (2_520, 1), (2_580, 1)];
        assert_eq!(end(every(60, 41), &import), Some(2_580), "such silences are the rule, whatever was imported");
    }
}
