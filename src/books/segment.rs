//! Deals told apart by a column: who owns them, which team, where they came from, any column of the input that is no amount or chance.
//!
//! [`Tables`] and [`Snapshot`] in, [`Segment`] out: one value per deal of the timeline, values in the order of their
//! names. A team, manager or region that stands on no deal is that of the deal's owner on the last known day. Also
//! makes the masks that limit an analysis to some deals. Counts nothing.

use std::collections::BTreeSet;

use rayon::prelude::*;
use thiserror::Error;

use crate::books::hierarchy::{Hierarchy, Level};
use crate::domain::code::Dictionary;
use crate::domain::ids::{OwnerId, WordId};
use crate::domain::maybe::Maybe;
use crate::domain::spelling::nearest;
use crate::ingest::tables::{Attribute, Tables};
use crate::snapshot::Snapshot;
use crate::timeline::Timeline;

/// How a missing value is printed.
pub const NO_VALUE: &str = "(none)";

/// Columns that come from the users table where the deals table has none of that name.
const OF_OWNER: [&str; 3] = ["manager", "region", "team"];

/// Why deals cannot be told apart by a column.
#[derive(Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum SegmentError {
    /// The column holds numbers of the contract: amounts, chances.
    #[error("column `{column}` holds numbers, expected a text column")]
    Number {
        /// The column asked for.
        column: String,
    },
    /// No such column.
    #[error("column `{column}` is not in the data, expected {}", expected(column, known))]
    Unknown {
        /// The column asked for.
        column: String,
        /// The columns there are.
        known: Vec<String>,
    },
}

/// A column as groups of deals.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// The column, `None` where all deals are one group.
    pub column: Option<String>,
    /// The values, sorted.
    pub values: Vec<String>,
    /// For every deal of the timeline its position in `values`.
    pub of_deal: Vec<u32>,
}

impl Segment {
    /// All of `deals` deals in one group.
    #[must_use]
    pub fn all(deals: usize) -> Self {
        Self { column: None, values: vec!["all".to_owned()], of_deal: vec![0; deals] }
    }

    /// The deals by `column`: `owner`, `team`, `manager`, `region`, `stage`, `currency`, a text column of the input or one
    /// only the input knows.
    ///
    /// # Errors
    /// [`SegmentError`] where there is no such column, or it holds the contract's own numbers.
    pub fn by(column: &str, tables: &Tables, timeline: &Timeline, snapshot: &Snapshot) -> Result<Self, SegmentError> {
        let states = &snapshot.states;
        match column {
            "owner" => Ok(Self::coded(column, states.iter().map(|s| s.owner), |owner| tables.owners.name(owner))),
            "currency" => {
                Ok(Self::coded(column, states.iter().map(|s| s.currency), |currency| tables.currencies.name(currency)))
            }
            "stage" => {
                Ok(Self::coded(column, states.iter().map(|s| s.stage), |stage| Some(timeline.stages.name(stage))))
            }
            _ => match tables.deals.attribute(column) {
                Some(Attribute::Words(words)) => {
                    let of_deals = states.iter().map(|state| words.id(state.row));
                    Ok(Self::coded(column, of_deals, |word| words.names().name(word)))
                }
                // The same column is words in a CSV file and numbers in a Parquet file.
                Some(Attribute::Numbers(numbers)) => {
                    let mut names: Dictionary = Dictionary::default();
                    let mut word = |number: f64| names.intern(&number.to_string());
                    let of_deals = states.iter().map(|state| numbers.get(state.row).map(&mut word).into());
                    let of_deals: Vec<Maybe<WordId>> = of_deals.collect();
                    Ok(Self::coded(column, of_deals.into_iter(), |word| names.name(word)))
                }
                None if OF_OWNER.contains(&column) => Ok(of_owner(column, tables, snapshot)),
                None => Err(missing(column, tables)),
            },
        }
    }

    /// What a table calls the group of `value`: `all`, or `column=value`.
    #[must_use]
    pub fn label(&self, value: usize) -> String {
        let name = self.values.get(value).map_or(NO_VALUE, String::as_str);
        self.column.as_ref().map_or_else(|| name.to_owned(), |column| format!("{column}={name}"))
    }

    /// Which deals have one of `wanted` here.
    #[must_use]
    pub fn is_one_of(&self, wanted: &[String]) -> Vec<bool> {
        let keep: Vec<bool> = self.values.iter().map(|value| wanted.contains(value)).collect();
        self.of_deal.iter().map(|&value| keep[value as usize]).collect()
    }

    /// Ids without meaning become positions among the sorted names that occur.
    fn coded<'n, T: Copy + Ord + Send>(
        column: &str,
        ids: impl Iterator<Item = T>,
        name: impl Fn(T) -> Option<&'n str>,
    ) -> Self {
        let ids: Vec<T> = ids.collect();
        let mut used = ids.clone();
        used.par_sort_unstable();
        used.dedup();
        let names: Vec<&str> = used.iter().map(|&id| name(id).unwrap_or(NO_VALUE)).collect();
        let values: Vec<&str> = names.iter().copied().collect::<BTreeSet<_>>().into_iter().collect();
        let rank: Vec<u32> = names.iter().map(|name| values.partition_point(|value| value < name) as u32).collect();
        let of_deal = ids.iter().map(|id| rank[used.partition_point(|other| other < id)]).collect();
        Self { column: Some(column.to_owned()), values: values.into_iter().map(str::to_owned).collect(), of_deal }
    }
}

/// Which deals of the timeline have, for every `(column, values)` of `filters`, one of the values.
///
/// # Errors
/// [`SegmentError`] where a column cannot tell deals apart.
pub fn deal_mask(
    filters: &[(String, Vec<String>)],
    tables: &Tables,
    timeline: &Timeline,
    snapshot: &Snapshot,
) -> Result<Vec<bool>, SegmentError> {
    let mut keep = vec![true; timeline.deals.len()];
    for (column, wanted) in filters {
        let matches = Segment::by(column, tables, timeline, snapshot)?.is_one_of(wanted);
        keep.iter_mut().zip(matches).for_each(|(keep, matches)| *keep &= matches);
    }
    Ok(keep)
}

/// For every deal its owner's team, manager or region on the last known day.
fn of_owner(column: &str, tables: &Tables, snapshot: &Snapshot) -> Segment {
    let hierarchy = Hierarchy::new(&tables.users, &tables.owners, snapshot.as_of);
    let day = snapshot.as_of.plus(-1);
    let mut names: Dictionary = Dictionary::default();
    let level = match column {
        "team" => Level::Team,
        "region" => Level::Region,
        _ => Level::Manager,
    };
    let mut node = |owner| names.intern(hierarchy.position_of(owner, day).nodes(level)[0]);
    let by_owner: Vec<WordId> = tables.owners.names().map(|owner| node(Some(owner))).collect();
    let nobody = node(None);
    let of = |owner: Maybe<OwnerId>| owner.get().map_or(nobody, |owner| by_owner[owner.index()]);
    Segment::coded(column, snapshot.states.iter().map(|state| of(state.owner)), |node| names.name(node))
}

/// The names there are, and the one that may be meant.
fn expected(column: &str, known: &[String]) -> String {
    let guess = nearest(column, known.iter().map(String::as_str));
    let guess = guess.map(|name| format!("; did you mean `{name}`?")).unwrap_or_default();
    format!("one of {}{guess}", known.join(", "))
}

fn missing(column: &str, tables: &Tables) -> SegmentError {
    let column = column.to_owned();
    if tables.deals.is_number(&column) {
        return SegmentError::Number { column };
    }
    let mut known: Vec<String> = tables.deals.attributes().map(str::to_owned).collect();
    known.extend(["owner", "stage", "currency"].into_iter().chain(OF_OWNER).map(str::to_owned));
    known.sort();
    known.dedup();
    SegmentError::Unknown { column, known }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::domain::day::Day;
    use crate::ingest::tables::{DealRow, User};

    const MONDAY: i64 = 86_400_000_000 * 20_000;

    fn world() -> (Tables, Timeline, Snapshot) {
        let deal = |id: &str, owner: Option<&str>, size: Option<&str>| DealRow {
            deal_id: id.to_owned(),
            stage: "Qualify".to_owned(),
            created_at: MONDAY,
            owner: owner.map(str::to_owned),
            extras: vec![("size".to_owned(), size.map(str::to_owned))],
            ..DealRow::default()
        };
        let rows =
            [deal("d1", Some("zoe"), Some("small")), deal("d2", None, None), deal("d3", Some("ann"), Some("large"))];
        let mut tables = Tables::from_deals(&rows).expect("a frame");
        let user = |owner: &str, team: &str, from: Option<i32>, to: Option<i32>| User {
            owner: owner.to_owned(),
            team: Some(team.to_owned()),
            active_from: from.map(Day),
            active_to: to.map(Day),
            ..User::default()
        };
        tables.users = vec![
            user("zoe", "North", None, Some(20_001)),
            user("zoe", "South", Some(20_002), None),
            user("zoe", "Later", Some(20_010), None),
            user("ann", "North", None, Some(19_000)),
        ];
        let timeline = Timeline::build(&tables, &Config::default(), Day(20_010)).expect("a timeline");
        let snapshot = Snapshot::of(&timeline);
        (tables, timeline, snapshot)
    }

    #[test]
    fn values_are_sorted_by_name_and_missing_ones_named() {
        let (tables, timeline, snapshot) = world();
        let size = Segment::by("size", &tables, &timeline, &snapshot).expect("a text column");
        assert_eq!(size.values, [NO_VALUE, "large", "small"]);
        assert_eq!(size.of_deal, [2, 0, 1]);
        assert_eq!(size.label(1), "size=large");
        assert_eq!(Segment::all(3).label(0), "all");
    }

    #[test]
    fn a_team_is_the_owners_on_the_last_known_day() {
        let (tables, timeline, snapshot) = world();
        let team = Segment::by("team", &tables, &timeline, &snapshot).expect("from the users");
        let names: Vec<&str> = team.of_deal.iter().map(|&v| team.values[v as usize].as_str()).collect();
        assert_eq!(names, ["South", "(no team)", "(no team)"]);
    }

    #[test]
    fn masks_keep_deals_that_pass_every_filter() {
        let (tables, timeline, snapshot) = world();
        let filter =
            |column: &str, values: &[&str]| (column.to_owned(), values.iter().map(|v| (*v).to_owned()).collect());
        let mask = |filters: &[(String, Vec<String>)]| deal_mask(filters, &tables, &timeline, &snapshot);
        assert_eq!(mask(&[filter("owner", &["zoe", "ann"])]), Ok(vec![true, false, true]));
        let both = [filter("owner", &["zoe", "ann"]), filter("size", &["large", NO_VALUE])];
        assert_eq!(mask(&both), Ok(vec![false, false, true]));
        assert_eq!(
            mask(&[filter("probability", &["1"])]),
            Err(SegmentError::Number { column: "probability".to_owned() })
        );
        let unknown = mask(&[filter("colour", &["red"])]).expect_err("no such column").to_string();
        assert!(
            unknown.starts_with("column `colour` is not in the data, expected one of currency, manager"),
            "{unknown}"
        );
    }
}
