//! The owners, each with the position of one day.

use std::collections::BTreeSet;

use crate::books::hierarchy::Hierarchy;
use crate::domain::day::Day;
use crate::domain::stage::StageKind;
use crate::ingest::tables::Tables;
use crate::snapshot::Snapshot;

/// Where an owner stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PositionLine {
    /// Owner id, or `(no owner)`.
    pub owner: String,
    /// The name in the users table.
    pub name: Option<String>,
    /// Whom the owner works for, the owner included when a manager; nearest first, as the forecast has it.
    pub managers: Vec<String>,
    /// Team, or `(no team)`.
    pub team: String,
    /// Region, or `(no region)`.
    pub region: String,
}

/// Everyone of the users table and every owner of an open deal, by id, on the day before `snapshot`'s.
#[must_use]
pub fn positions(tables: &Tables, snapshot: &Snapshot) -> Vec<PositionLine> {
    let day = snapshot.as_of.plus(-1);
    let hierarchy = Hierarchy::new(&tables.users, &tables.owners, snapshot.as_of);
    let open = snapshot.states.iter().filter(|state| state.kind == StageKind::Open);
    let mut owners: BTreeSet<Option<&str>> = open.map(|state| tables.owners.name(state.owner)).collect();
    owners.extend(hierarchy.listed_owners().map(Some));
    owners.into_iter().map(|owner| line(&hierarchy, owner, day)).collect()
}

fn line<'a>(hierarchy: &Hierarchy<'a>, owner: Option<&'a str>, day: Day) -> PositionLine {
    let at = hierarchy.position_of(owner, day);
    PositionLine {
        owner: at.owner.to_owned(),
        name: owner.and_then(|owner| hierarchy.name_of(owner)).map(str::to_owned),
        managers: at.managers.iter().map(|manager| (*manager).to_owned()).collect(),
        team: at.team.to_owned(),
        region: at.region.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::timeline::fixtures::World;

    #[test]
    fn owners_of_open_deals_and_listed_ones_have_a_position_each() {
        let world = World::default().deal("a", 0, "Demo").logged(1, |row| row.owner = Some("ann"));
        let (tables, timeline) = (world.tables(), world.timeline(9));
        let found = positions(&tables, &Snapshot::of(&timeline));
        let owners: Vec<&str> = found.iter().map(|line| line.owner.as_str()).collect();
        assert_eq!(owners, ["ann"]);
        assert_eq!((found[0].team.as_str(), found[0].managers[0].as_str()), ("(no team)", "(no manager)"));
    }
}
