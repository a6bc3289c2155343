//! Rolling origin: which rows to learn from and which to be judged on, fold by fold.

use super::rows::TrainingRows;
use crate::domain::day::Day;

/// Deals with a won row, and deals without, that training needs.
pub(super) const FEWEST_DEALS: u64 = 10;
/// The first fold learns from at least this share of the rows, where that leaves something to be judged on.
const FIRST_SHARE: f64 = 0.2;

/// One fold, as positions in [`TrainingRows`].
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Split {
    /// What is learnt was known before this day.
    pub cutoff: Day,
    /// Last landmark day of the test.
    pub last_test_day: Day,
    /// Rows before this one are for training.
    pub train: usize,
    /// Rows for the test: landmarks from the cutoff on, of deals that are not in the training, nor copies of such.
    pub test: Vec<usize>,
    /// Rows the test would have had but for that.
    pub overlapping: u64,
}

/// At most `folds` folds over consecutive landmark days, with about as many test rows each.
///
/// A row is for training where its horizon ended by the cutoff (the embargo), so labels are known that day. Deals on
/// both sides leave the *test*: which ones they are depends on their age alone, not on how they end.
pub(super) fn splits(rows: &TrainingRows, horizon: i32, folds: usize) -> Vec<Split> {
    let train_until = |cutoff: Day| rows.states.partition_point(|state| state.day.0 + horizon <= cutoff.0);
    let mut days: Vec<Day> = rows.states.iter().map(|state| state.day).collect();
    days.dedup();
    let enough = |cutoff: Day, share: f64| {
        let (train, all) = (train_until(cutoff), rows.states.len());
        let (won, other) = rows.first(train).deals_by_outcome();
        won.min(other) >= FEWEST_DEALS && train as f64 >= share * all as f64
    };
    let from = |share: f64| days.partition_point(|&day| !enough(day, share));
    let first = [from(FIRST_SHARE), from(0.0)].into_iter().find(|&first| first < days.len());
    let Some(first) = first else { return Vec::new() };
    blocks(rows, &days[first..], folds)
        .into_iter()
        .map(|block| split(rows, train_until(block[0]), block))
        .filter(|split| !split.test.is_empty())
        .collect()
}

/// `days` in at most `folds` runs with about as many rows each.
fn blocks<'d>(rows: &TrainingRows, days: &'d [Day], folds: usize) -> Vec<&'d [Day]> {
    let before = |day: Day| rows.states.partition_point(|state| state.day < day);
    let start = before(days[0]);
    let total = (rows.states.len() - start).max(1);
    let block = |day: &Day| (before(*day) - start + before(day.plus(1)) - start) * folds / (2 * total);
    days.chunk_by(|a, b| block(a) == block(b)).collect()
}

fn split(rows: &TrainingRows, train: usize, days: &[Day]) -> Split {
    let (cutoff, last_test_day) = (days[0], days[days.len() - 1]);
    let start = rows.states.partition_point(|state| state.day < cutoff);
    let end = rows.states.partition_point(|state| state.day <= last_test_day);
    let groups = rows.groups.iter().max().map_or(0, |&max| max as usize + 1);
    let mut trained = vec![false; groups];
    rows.groups[..train].iter().for_each(|&group| trained[group as usize] = true);
    let test: Vec<usize> = (start..end).filter(|&i| !trained[rows.groups[i] as usize]).collect();
    let overlapping = (end - start - test.len()) as u64;
    Split { cutoff, last_test_day, train, test, overlapping }
}
