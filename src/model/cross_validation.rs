//! Cross-validation: rows in folds so that what belongs together is tested together, and every fold wins as often.
//!
//! Training rows to [`Split`]s without a cutoff. Says nothing of time: a fold may learn from later days than it is tested on.

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use crate::config::TrainingConfig;
use crate::domain::maybe::Maybe;
use crate::features::FeatureContext;
use crate::ingest::tables::Attribute;
use crate::model::folds::Split;
use crate::model::period::rows::mixed;
use crate::model::rows::TrainingRows;

/// Groups below which there are more folds: few rows cannot spare a fifth.
const FEW_GROUPS: usize = 1_000;
/// Folds of few groups, and of many.
const FOLDS: [usize; 2] = [10, 5];
/// The column that groups deals where none is configured.
const ACCOUNT: &str = "account";
/// With fewer accounts than this an account says what kind of deal it is, and not who answered twice.
const FEWEST_ACCOUNTS: usize = 50;

/// What stays together.
pub(super) struct FoldGroups {
    /// Per row, the number of its group.
    pub groups: Vec<u32>,
    /// What a group is, in words.
    pub what: String,
}

impl FoldGroups {
    /// By the configured column; else by account where accounts have several deals; else deals and their copies.
    pub fn of(rows: &TrainingRows, context: &FeatureContext<'_>, config: &TrainingConfig) -> Self {
        let by_column = match &config.group_by {
            Some(column) => groups_by(column, rows, context).map(|by| (by, column.as_str())),
            None => groups_by(ACCOUNT, rows, context).filter(GroupsBy::repeat).map(|by| (by, ACCOUNT)),
        };
        match by_column {
            Some((by, column)) => Self { groups: by.groups, what: format!("groups of one `{column}`") },
            None => Self { groups: rows.groups.clone(), what: "deals".to_owned() },
        }
    }
}

/// Rows by the value of a column.
struct GroupsBy {
    groups: Vec<u32>,
    values: usize,
    filled: usize,
}

impl GroupsBy {
    /// Whether there are many values, and some of several deals.
    fn repeat(&self) -> bool {
        self.values >= FEWEST_ACCOUNTS && self.values < self.filled
    }
}

/// What a row's group is known by.
#[derive(PartialEq, Eq, Hash)]
enum GroupKey {
    Value(u64),
    /// A deal without a value, with its copies.
    Own(u32),
}

fn groups_by(column: &str, rows: &TrainingRows, context: &FeatureContext<'_>) -> Option<GroupsBy> {
    let values: Vec<Option<u64>> = match context.tables.deals.attribute(column)? {
        Attribute::Numbers(numbers) => {
            numbers.iter().map(|number| Maybe::from(number).get().map(f64::to_bits)).collect()
        }
        Attribute::Words(words) => words.ids().into_iter().map(|id| id.get().map(|_| id.bits())).collect(),
    };
    let mut numbers: HashMap<GroupKey, u32, FixedState> = HashMap::with_hasher(FixedState::with_seed(0));
    let (mut groups, mut by_deal) = (Vec::with_capacity(rows.states.len()), 0);
    let mut seen = vec![false; values.len()];
    for (state, &own) in rows.states.iter().zip(&rows.groups) {
        let value = values.get(state.row.index()).copied().flatten();
        by_deal += usize::from(value.is_some() && !std::mem::replace(&mut seen[state.row.index()], true));
        let next = numbers.len() as u32;
        let key = value.map_or(GroupKey::Own(own), GroupKey::Value);
        groups.push(*numbers.entry(key).or_insert(next));
    }
    let values = numbers.keys().filter(|key| matches!(key, GroupKey::Value(_))).count();
    Some(GroupsBy { groups, values, filled: by_deal })
}

/// A group with its place in the draw.
struct Drawn {
    /// Rows.
    rows: u32,
    /// Of these, won.
    won: u32,
    hash: u64,
    group: u32,
}

impl Drawn {
    /// Share of its rows won, in millionths.
    fn share(&self) -> u64 {
        1_000_000 * u64::from(self.won) / u64::from(self.rows.max(1))
    }
}

/// Every group of the rows, those of like shares won beside each other, else in an order drawn by `seed`.
fn drawn(rows: &TrainingRows, seed: u64) -> Vec<Drawn> {
    let mut all: HashMap<u32, Drawn, FixedState> = HashMap::with_hasher(FixedState::with_seed(0));
    for (&group, &won) in rows.groups.iter().zip(&rows.won) {
        let hash = mixed(u64::from(group) ^ mixed(seed));
        let drawn = all.entry(group).or_insert(Drawn { rows: 0, won: 0, hash, group });
        drawn.rows += 1;
        drawn.won += u32::from(won);
    }
    let mut all: Vec<Drawn> = all.into_values().collect();
    all.sort_unstable_by_key(|drawn| (drawn.share(), drawn.hash, drawn.group));
    all
}

/// Folds of whole groups, won and other rows spread evenly. None where either kind is in too few groups to be both learnt
/// from and tested.
pub(super) fn grouped_splits(rows: &TrainingRows, config: &TrainingConfig) -> Vec<Split> {
    let groups = drawn(rows, config.seed);
    let with_wins = groups.iter().filter(|drawn| drawn.won > 0).count();
    let with_others = groups.iter().filter(|drawn| drawn.won < drawn.rows).count();
    let wanted = config.folds.unwrap_or(FOLDS[usize::from(groups.len() >= FEW_GROUPS)]);
    let folds = wanted.max(2).min(with_wins).min(with_others);
    if folds < 2 {
        return Vec::new();
    }
    let fold_of: HashMap<u32, usize, FixedState> =
        groups.into_iter().enumerate().map(|(i, drawn)| (drawn.group, i % folds)).collect();
    (0..folds).map(|fold| split(rows, |group| fold_of.get(&group) == Some(&fold))).collect()
}

/// The fold that is tested on the groups `is_tested` says, and learns from all others.
fn split(rows: &TrainingRows, is_tested: impl Fn(u32) -> bool) -> Split {
    let (test, train) = (0..rows.states.len()).partition(|&i| is_tested(rows.groups[i]));
    Split { cutoff: None, last_test_day: None, train, test, overlapping: 0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::fixtures::state;

    /// Rows of so many groups, two each, every third group won.
    fn rows(groups: u32) -> TrainingRows {
        let all = || (0..groups).flat_map(|group| [group, group]);
        TrainingRows {
            states: all().map(|group| state(group as usize, 30, 0)).collect(),
            won: all().map(|group| group % 3 == 0).collect(),
            groups: all().collect(),
        }
    }

    #[test]
    fn groups_stay_together_every_row_is_tested_once_and_wins_are_spread() {
        let rows = rows(300);
        let splits = grouped_splits(&rows, &TrainingConfig::default());
        assert_eq!(splits.len(), 10);
        let mut tested: Vec<usize> = splits.iter().flat_map(|split| split.test.clone()).collect();
        tested.sort_unstable();
        assert_eq!(tested, (0..600).collect::<Vec<_>>());
        for split in &splits {
            assert_eq!((split.train.len() + split.test.len(), split.cutoff), (600, None));
            let trained = |i: &usize| split.train.iter().any(|&row| rows.groups[row] == rows.groups[*i]);
            assert!(!split.test.iter().any(trained));
            assert_eq!(split.test.iter().filter(|&&i| rows.won[i]).count(), 20, "a third of every fold is won");
        }
        assert_eq!(grouped_splits(&rows, &TrainingConfig::default()), splits);
        let other = TrainingConfig { seed: 2, ..TrainingConfig::default() };
        assert_ne!(grouped_splits(&rows, &other), splits, "the seed draws");
    }

    #[test]
    fn folds_are_as_configured_or_by_size_and_never_without_a_win() {
        let folds =
            |groups, folds| grouped_splits(&rows(groups), &TrainingConfig { folds, ..TrainingConfig::default() }).len();
        assert_eq!([folds(999, None), folds(1_000, None), folds(300, Some(3))], [10, 5, 3]);
        assert_eq!([folds(9, None), folds(3, None), folds(0, None)], [3, 0, 0]);
    }
}
