//! Who belonged where on that day: owner to managers, team and region.
//!
//! Users table to [`Hierarchy`]; a lookup by owner and day gives a [`Position`]. Every owner has a position on every day:
//! what the table does not say is `(no team)`, `(no region)`, `(no manager)`, so that owners, teams, regions and the
//! company always add up to the same. Holds no money.

use std::collections::{BTreeMap, BTreeSet};
use std::slice;

use hashbrown::HashMap;
use serde::{Deserialize, Serialize};

use crate::domain::code::Dictionary;
use crate::domain::day::Day;
use crate::domain::ids::OwnerId;
use crate::domain::maybe::Maybe;
use crate::ingest::tables::User;

/// Node of deals without an owner.
pub const NO_OWNER: &str = "(no owner)";
/// Node of owners nobody manages.
pub const NO_MANAGER: &str = "(no manager)";
/// Node of owners without a team.
pub const NO_TEAM: &str = "(no team)";
/// Node of owners without a region.
pub const NO_REGION: &str = "(no region)";
/// The one node of the company level.
pub const COMPANY: &str = "company";

/// A level and one of its nodes: owner id, team, region or [`COMPANY`].
pub type Node<'a> = (Level, &'a str);

/// A level of the hierarchy, from one person to everyone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// One owner.
    Owner,
    /// A manager's own deals and those of everyone below. Managers of managers contain each other, so managers,
    /// unlike the other levels, do not add up to the company.
    Manager,
    /// One team.
    Team,
    /// One region.
    Region,
    /// Everyone.
    Company,
}

impl Level {
    /// All levels, in report order.
    pub const ALL: [Self; 5] = [Self::Owner, Self::Manager, Self::Team, Self::Region, Self::Company];

    /// As printed in the `level` column.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Manager => "manager",
            Self::Team => "team",
            Self::Region => "region",
            Self::Company => "company",
        }
    }
}

/// Where an owner stood on some day.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position<'a> {
    /// Owner id, or [`NO_OWNER`].
    pub owner: &'a str,
    /// Every manager above, nearest first; an owner who manages others comes first in the own chain. Never empty.
    pub managers: Vec<&'a str>,
    /// Team, or [`NO_TEAM`].
    pub team: &'a str,
    /// Region, or [`NO_REGION`].
    pub region: &'a str,
}

impl<'a> Position<'a> {
    /// The nodes of `level` this position is part of: one, or for managers the whole chain.
    #[must_use]
    pub fn nodes(&self, level: Level) -> &[&'a str] {
        match level {
            Level::Owner => slice::from_ref(&self.owner),
            Level::Manager => &self.managers,
            Level::Team => slice::from_ref(&self.team),
            Level::Region => slice::from_ref(&self.region),
            Level::Company => &[COMPANY],
        }
    }
}

/// The hierarchy over time. Positions are numbered in the order they are first asked for.
#[derive(Clone, Debug)]
pub struct Hierarchy<'a> {
    owners: &'a Dictionary<OwnerId>,
    rows: BTreeMap<&'a str, Vec<&'a User>>,
    managers: BTreeSet<&'a str>,
    owner_of_name: BTreeMap<&'a str, Option<&'a str>>,
    positions: Vec<Position<'a>>,
    index: BTreeMap<Position<'a>, u32>,
    /// By owner.
    stays: HashMap<Maybe<OwnerId>, Stays>,
}

/// Where one owner stood between the days on which that may have changed.
#[derive(Clone, Debug)]
struct Stays {
    changes: Vec<Day>,
    /// Before the first change, and from each on; `None` until asked for.
    positions: Vec<Option<u32>>,
}

impl<'a> Hierarchy<'a> {
    /// The hierarchy `users` describe. Rows that begin on or after `as_of` do not exist yet.
    ///
    /// Where two rows of an owner hold on one day, the one that began last counts, then the last in the order of their cells.
    #[must_use]
    pub fn new(users: &'a [User], owners: &'a Dictionary<OwnerId>, as_of: Day) -> Self {
        let mut hierarchy = Self {
            owners,
            rows: BTreeMap::new(),
            managers: BTreeSet::new(),
            owner_of_name: BTreeMap::new(),
            positions: Vec::new(),
            index: BTreeMap::new(),
            stays: HashMap::new(),
        };
        for user in users.iter().filter(|user| user.active_from.is_none_or(|from| from < as_of)) {
            hierarchy.add(user);
        }
        for rows in hierarchy.rows.values_mut() {
            rows.sort_by_key(|user| user.active_from);
        }
        let named = hierarchy.rows.values().flatten().filter_map(|user| user.manager.as_deref());
        hierarchy.managers = named.filter_map(filled).map(|name| hierarchy.owner_named(name)).collect();
        hierarchy
    }

    fn add(&mut self, user: &'a User) {
        self.rows.entry(&user.owner).or_default().push(user);
        if let Some(name) = user.name.as_deref() {
            let owner = self.owner_of_name.entry(name).or_insert(Some(&user.owner));
            *owner = owner.filter(|owner| *owner == user.owner);
        }
    }

    /// The number of the position of `owner` (none: of deals without one) on `day`.
    pub fn position(&mut self, owner: impl Into<Maybe<OwnerId>>, day: Day) -> u32 {
        let owner = owner.into();
        if !self.stays.contains_key(&owner) {
            let changes = self.changes_of(self.owners.name(owner));
            let positions = vec![None; changes.len() + 1];
            self.stays.insert(owner, Stays { changes, positions });
        }
        let at = |stays: &Stays| stays.changes.partition_point(|change| *change <= day);
        if let Some(position) = self.stays.get(&owner).and_then(|stays| stays.positions[at(stays)]) {
            return position;
        }
        let position = self.intern(self.position_of(self.owners.name(owner), day));
        if let Some(stays) = self.stays.get_mut(&owner) {
            let at = at(stays);
            stays.positions[at] = Some(position);
        }
        position
    }

    /// Days on which the rows of an owner, or of anyone who ever was above, begin or end.
    fn changes_of(&self, owner: Option<&'a str>) -> Vec<Day> {
        let mut above: Vec<&str> = owner.into_iter().collect();
        let mut changes: Vec<Day> = Vec::new();
        let mut next = 0;
        while let Some(name) = above.get(next).copied() {
            for user in self.rows.get(name).into_iter().flatten() {
                changes.extend(user.active_from);
                changes.extend(user.active_to.map(|last| last.plus(1)));
                let manager = user.manager.as_deref().and_then(filled).map(|name| self.owner_named(name));
                above.extend(manager.filter(|manager| !above.contains(manager)));
            }
            next += 1;
        }
        changes.sort_unstable();
        changes.dedup();
        changes
    }

    /// Where an owner (`None`: deals without one) stood on `day`.
    #[must_use]
    pub fn position_of(&self, owner: Option<&'a str>, day: Day) -> Position<'a> {
        let row = owner.and_then(|owner| self.row(owner, day));
        let text = |value: Option<&'a Option<String>>, none: &'static str| {
            value.and_then(Option::as_deref).and_then(filled).unwrap_or(none)
        };
        Position {
            owner: owner.unwrap_or(NO_OWNER),
            managers: self.chain(owner, day),
            team: text(row.map(|row| &row.team), NO_TEAM),
            region: text(row.map(|row| &row.region), NO_REGION),
        }
    }

    /// Every position given out by [`Hierarchy::position`]; its number is its index.
    #[must_use]
    pub fn positions(&self) -> &[Position<'a>] {
        &self.positions
    }

    /// Ids of the owners in the users table, in order.
    pub fn listed_owners(&self) -> impl Iterator<Item = &'a str> {
        self.rows.keys().copied()
    }

    /// The printed name of an owner: that of the newest row which has one.
    #[must_use]
    pub fn name_of(&self, owner: &str) -> Option<&'a str> {
        self.rows.get(owner)?.iter().rev().find_map(|user| user.name.as_deref())
    }

    fn row(&self, owner: &str, day: Day) -> Option<&'a User> {
        let holds = |user: &&&User| {
            user.active_from.is_none_or(|from| from <= day) && user.active_to.is_none_or(|to| day <= to)
        };
        self.rows.get(owner)?.iter().rev().find(holds).copied()
    }

    /// The managers above `owner`, the owner included when a manager. Stops where a manager would come twice.
    fn chain(&self, owner: Option<&str>, day: Day) -> Vec<&'a str> {
        let mut chain: Vec<&str> = Vec::new();
        let mut next = owner.and_then(|owner| match self.managers.get(owner) {
            Some(own) => Some(*own),
            None => self.manager_of(owner, day),
        });
        while let Some(manager) = next.filter(|manager| !chain.contains(manager)) {
            chain.push(manager);
            next = self.manager_of(manager, day);
        }
        if chain.is_empty() {
            chain.push(NO_MANAGER);
        }
        chain
    }

    fn manager_of(&self, owner: &str, day: Day) -> Option<&'a str> {
        let named = self.row(owner, day)?.manager.as_deref().and_then(filled)?;
        Some(self.owner_named(named))
    }

    /// The owner id meant by `text`: an id itself, else the only owner of that name, else the text as it stands.
    fn owner_named(&self, text: &'a str) -> &'a str {
        if self.rows.contains_key(text) {
            return text;
        }
        self.owner_of_name.get(text).copied().flatten().unwrap_or(text)
    }

    fn intern(&mut self, position: Position<'a>) -> u32 {
        let new = self.positions.len() as u32;
        let number = *self.index.entry(position.clone()).or_insert(new);
        if number == new {
            self.positions.push(position);
        }
        number
    }
}

fn filled(text: &str) -> Option<&str> {
    Some(text.trim()).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(owner: &str, manager: &str, team: &str, days: (Option<i32>, Option<i32>)) -> User {
        User {
            owner: owner.to_owned(),
            name: Some(format!("{owner} by name")),
            manager: Some(manager.to_owned()),
            team: Some(team.to_owned()),
            region: None,
            active_from: days.0.map(Day),
            active_to: days.1.map(Day),
        }
    }

    #[test]
    fn the_row_of_the_day_holds() {
        let users = [
            user("a", "m", "North", (None, Some(9))),
            user("a", "m", "South", (Some(10), Some(19))),
            user("a", "m", "Far", (Some(50), None)),
        ];
        let owners = Dictionary::default();
        let hierarchy = Hierarchy::new(&users, &owners, Day(50));
        let team = |day| hierarchy.position_of(Some("a"), Day(day)).team;
        assert_eq!([team(0), team(9), team(10), team(20), team(60)], ["North", "North", "South", NO_TEAM, NO_TEAM]);
        assert_eq!(hierarchy.position_of(Some("stranger"), Day(0)).region, NO_REGION);
        assert_eq!(hierarchy.position_of(None, Day(0)).owner, NO_OWNER);
    }

    #[test]
    fn a_manager_holds_the_whole_subtree_and_the_own_deals() {
        let users = [
            user("a", "m by name", "", (None, None)),
            user("m", "top", "", (None, None)),
            user("top", "", "", (None, None)),
        ];
        let owners = Dictionary::default();
        let hierarchy = Hierarchy::new(&users, &owners, Day(1));
        let chain = |owner| hierarchy.position_of(Some(owner), Day(0)).managers;
        assert_eq!(chain("a"), ["m", "top"]);
        assert_eq!(chain("m"), ["m", "top"]);
        assert_eq!(chain("top"), ["top"]);
        assert_eq!(chain("stranger"), [NO_MANAGER]);
    }

    #[test]
    fn a_cycle_of_managers_ends() {
        let users = [
            user("a", "b", "", (None, None)),
            user("b", "c", "", (None, None)),
            user("c", "b", "", (None, None)),
            user("d", "d", "", (None, None)),
        ];
        let owners = Dictionary::default();
        let hierarchy = Hierarchy::new(&users, &owners, Day(1));
        assert_eq!(hierarchy.position_of(Some("a"), Day(0)).managers, ["b", "c"]);
        assert_eq!(hierarchy.position_of(Some("d"), Day(0)).managers, ["d"]);
    }

    #[test]
    fn equal_places_share_a_number() {
        let mut owners: Dictionary<OwnerId> = Dictionary::default();
        let (a, b) = (owners.intern("a"), owners.intern("b"));
        let users = [user("a", "", "North", (None, Some(9))), user("a", "", "North", (Some(10), None))];
        let mut hierarchy = Hierarchy::new(&users, &owners, Day(99));
        assert_eq!(hierarchy.position(a, Day(3)), hierarchy.position(a, Day(30)));
        assert_ne!(hierarchy.position(a, Day(3)), hierarchy.position(b, Day(3)));
        assert_eq!(hierarchy.positions().len(), 2);
    }
}
