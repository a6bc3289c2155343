//! Rolling origin: which rows to learn from and which to be judged on, fold by fold.

use crate::domain::day::Day;
use crate::model::rows::TrainingRows;

/// Deals with a won row, and deals without, that training needs.
pub(super) const FEWEST_DEALS: u64 = 10;
/// The first fold learns from at least this share of the rows, where that leaves something to be judged on.
const FIRST_SHARE: f64 = 0.2;

/// A fold is judged on at least about this many deals: fewer folds rather than folds that tell nothing.
const FEWEST_FOLD_DEALS: usize = 30;

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
    let start = rows.states.partition_point(|state| state.day < days[first]);
    let mut judged: Vec<u32> = rows.groups[start..].to_vec();
    judged.sort_unstable();
    judged.dedup();
    let folds = folds.min(judged.len() / FEWEST_FOLD_DEALS).max(1);
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
        fn labels_are_known_deals_are_apart_and_every_row_is_judged_once(deals in deals(), horizon in 1..200_i32, folds in 1..7_usize) {
            let rows = rows(&deals);
            let splits = splits(&rows, horizon, folds);
            prop_assert!(splits.len() <= folds);
            let mut judged: Vec<usize> = Vec::new();
            for split in &splits {
                let (train, test) = rows.states.split_at(split.train);
                prop_assert!(train.iter().all(|s| s.day.0 + horizon <= split.cutoff.0), "the embargo");
                prop_assert!(test.iter().all(|s| s.day.0 + horizon > split.cutoff.0), "all that is known is used");
                let trained = &rows.groups[..split.train];
                prop_assert!(split.test.iter().all(|&i| !trained.contains(&rows.groups[i])));
                prop_assert!(split.test.iter().all(|&i| (split.cutoff..=split.last_test_day).contains(&rows.states[i].day)));
                let (won, other) = rows.first(split.train).deals_by_outcome();
                prop_assert!(won >= FEWEST_DEALS && other >= FEWEST_DEALS);
                judged.extend(&split.test);
            }
            prop_assert!(splits.windows(2).all(|pair| pair[0].last_test_day < pair[1].cutoff));
            let once = judged.len();
            judged.sort_unstable();
            judged.dedup();
            prop_assert_eq!(judged.len(), once);
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
