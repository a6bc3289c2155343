//! Rolling origin: which rows to learn from and which to be evaluated on, fold by fold.

use crate::domain::day::Day;
use crate::model::evaluation::Fold;
use crate::model::rows::{TrainingRows, distinct};

/// Deals with a won row, and deals without, that training needs.
pub(super) const FEWEST_DEALS: u64 = 10;
/// The first fold learns from at least this share of the rows, where that leaves something to be evaluated on.
const FIRST_SHARE: f64 = 0.2;

/// A fold is evaluated on at least about this many deals: fewer folds rather than folds that tell nothing.
const FEWEST_FOLD_DEALS: usize = 30;

/// One fold, as positions in [`TrainingRows`].
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Split {
    /// What is learnt was known before this day; none in a cross-validation.
    pub cutoff: Option<Day>,
    /// Last landmark day of the test; none in a cross-validation.
    pub last_test_day: Option<Day>,
    /// Rows for training.
    pub train: Vec<usize>,
    /// Rows for the test: of deals that are not in the training, nor copies of such; landmarks from the cutoff on.
    pub test: Vec<usize>,
    /// Rows the test would have had but for that.
    pub overlapping: u64,
}

impl Split {
    /// What the evaluation keeps of it.
    pub fn facts(&self) -> Fold {
        Fold {
            cutoff: self.cutoff,
            last_test_day: self.last_test_day,
            train_rows: self.train.len() as u64,
            test_rows: self.test.len() as u64,
            overlapping_rows: self.overlapping,
        }
    }
}

/// At most `folds` folds over consecutive landmark days, with about as many test rows each.
///
/// A row is for training where its horizon ended by the cutoff (the embargo), so labels are known that day. Deals on
/// both sides leave the *test*: which ones they are depends on their age alone, not on how they end.
pub(super) fn splits(rows: &TrainingRows, horizon: i32, folds: usize) -> Vec<Split> {
    let mut days: Vec<Day> = rows.states.iter().map(|state| state.day).collect();
    days.dedup();
    let Some(first) = first_cutoff(rows, &days, horizon) else { return Vec::new() };
    let test_deals = distinct(rows.groups[rows.before(days[first])..].iter().copied());
    let folds = folds.min(test_deals.len() / FEWEST_FOLD_DEALS).max(1);
    blocks(rows, &days[first..], folds)
        .into_iter()
        .map(|block| split(rows, rows.known_by(block[0], horizon), block))
        .filter(|split| !split.test.is_empty())
        .collect()
}

/// The first of `days` before which enough is known to learn from.
fn first_cutoff(rows: &TrainingRows, days: &[Day], horizon: i32) -> Option<usize> {
    [FIRST_SHARE, 0.0]
        .map(|share| days.partition_point(|&day| !is_enough(rows, rows.known_by(day, horizon), share)))
        .into_iter()
        .find(|&first| first < days.len())
}

/// Whether the first `train` rows are enough to learn from, and at least this share of all.
fn is_enough(rows: &TrainingRows, train: usize, share: f64) -> bool {
    let (won, other) = rows.first(train).deals_by_outcome();
    won.min(other) >= FEWEST_DEALS && train as f64 >= share * rows.states.len() as f64
}

/// `days` in at most `folds` runs with about as many rows each.
fn blocks<'d>(rows: &TrainingRows, days: &'d [Day], folds: usize) -> Vec<&'d [Day]> {
    days.chunk_by(|a, b| block_of(rows, days[0], *a, folds) == block_of(rows, days[0], *b, folds)).collect()
}

/// Which of `folds` blocks of the rows from `start` on the middle row of `day` is in.
fn block_of(rows: &TrainingRows, start: Day, day: Day, folds: usize) -> usize {
    let start = rows.before(start);
    let total = (rows.states.len() - start).max(1);
    (rows.before(day) - start + rows.before(day.plus(1)) - start) * folds / (2 * total)
}

fn split(rows: &TrainingRows, train: usize, days: &[Day]) -> Split {
    let (cutoff, last_test_day) = (days[0], days[days.len() - 1]);
    let (start, end) = (rows.before(cutoff), rows.before(last_test_day.plus(1)));
    let groups = rows.groups.iter().max().map_or(0, |&max| max as usize + 1);
    let mut trained = vec![false; groups];
    rows.groups[..train].iter().for_each(|&group| trained[group as usize] = true);
    let test: Vec<usize> = (start..end).filter(|&i| !trained[rows.groups[i] as usize]).collect();
    let overlapping = (end - start - test.len()) as u64;
    Split { cutoff: Some(cutoff), last_test_day: Some(last_test_day), train: (0..train).collect(), test, overlapping }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::features::fixtures::state;
    use crate::snapshot::DealState;

    /// Deals as (first landmark, landmarks, won, group), a landmark every 30 days.
    fn rows(deals: &[(i32, i32, bool, u32)]) -> TrainingRows {
        let mut all: Vec<(DealState, bool, u32)> = Vec::new();
        for (deal, &(first, count, won, group)) in deals.iter().enumerate() {
            let landmark = |k| (state(deal, 30 * (first + k), 30 * first), won, group);
            all.extend((0..count).map(landmark));
        }
        all.sort_by_key(|(state, ..)| (state.day, state.deal));
        TrainingRows {
            states: all.iter().map(|row| row.0).collect(),
            won: all.iter().map(|row| row.1).collect(),
            groups: all.iter().map(|row| row.2).collect(),
        }
    }

    fn deals() -> impl Strategy<Value = Vec<(i32, i32, bool, u32)>> {
        prop::collection::vec((0..30_i32, 1..6_i32, any::<bool>(), 0..60_u32), 0..120)
    }

    proptest! {
        #[test]
        fn labels_are_known_deals_are_apart_and_every_row_is_evaluated_once(deals in deals(), horizon in 1..200_i32, folds in 1..7_usize) {
            let rows = rows(&deals);
            let splits = splits(&rows, horizon, folds);
            prop_assert!(splits.len() <= folds);
            let mut evaluated: Vec<usize> = Vec::new();
            for split in &splits {
                let (cutoff, last_test_day) = (split.cutoff.unwrap(), split.last_test_day.unwrap());
                let known = split.train.len();
                prop_assert_eq!(&split.train, &(0..known).collect::<Vec<_>>());
                let (train, test) = rows.states.split_at(known);
                prop_assert!(train.iter().all(|s| s.day.0 + horizon <= cutoff.0), "the embargo");
                prop_assert!(test.iter().all(|s| s.day.0 + horizon > cutoff.0), "all that is known is used");
                let trained = &rows.groups[..known];
                prop_assert!(split.test.iter().all(|&i| !trained.contains(&rows.groups[i])));
                prop_assert!(split.test.iter().all(|&i| (cutoff..=last_test_day).contains(&rows.states[i].day)));
                let (won, other) = rows.first(known).deals_by_outcome();
                prop_assert!(won >= FEWEST_DEALS && other >= FEWEST_DEALS);
                evaluated.extend(&split.test);
            }
            prop_assert!(splits.windows(2).all(|pair| pair[0].last_test_day < pair[1].cutoff));
            let once = evaluated.len();
            evaluated.sort_unstable();
            evaluated.dedup();
            prop_assert_eq!(evaluated.len(), once);
        }
    }

    #[test]
    fn folds_have_about_as_many_rows_each() {
        let deals: Vec<_> = (0..300).map(|i| (i % 30, 2, i % 3 == 0, i as u32)).collect();
        let splits = splits(&rows(&deals), 60, 4);
        let sizes: Vec<usize> = splits.iter().map(|split| split.test.len()).collect();
        assert_eq!(sizes.len(), 4);
        assert!(sizes.iter().max().unwrap() - sizes.iter().min().unwrap() <= 40, "{sizes:?}");
    }

    #[test]
    fn too_few_deals_or_days_give_no_fold() {
        let few: Vec<_> = (0..40).map(|i| (i % 30, 2, i < 9, i as u32)).collect();
        assert_eq!(splits(&rows(&few), 60, 4), []);
        let short: Vec<_> = (0..300).map(|i| (i % 2, 2, i % 3 == 0, i as u32)).collect();
        assert_eq!(splits(&rows(&short), 200, 4), []);
        assert_eq!(splits(&TrainingRows::default(), 60, 4), []);
    }
}
