//! Who sells: regions, teams with a manager, owners with skill, people who join and leave.

use rand::RngExt;

use crate::simulate::calendar::Time;
use crate::simulate::catalogue::{FIRST_NAMES, LAST_NAMES, REGIONS};
use crate::simulate::config::WorldConfig;
use crate::simulate::stream::{Purpose, Stream, normal, stream};

/// Most owners under one manager.
const TEAM_SIZE: usize = 8;

/// Days of a block in which the set of people taking new deals does not change.
const BLOCK_DAYS: i32 = 28;

/// One person who owns deals.
#[derive(Clone, Debug)]
pub struct Owner {
    /// Id in every table.
    pub id: String,
    /// Name of the person.
    pub name: String,
    /// Position in [`Organisation::teams`].
    pub team: usize,
    /// Effect on a deal's index per standard deviation: skill, never written to a table.
    pub skill: f64,
    /// Factor on the number of activities.
    pub diligence: f64,
    /// Mean days until an overdue close date is pushed.
    pub push_delay: f64,
    /// First day, as an offset; before the world for most.
    pub joined: i32,
    /// First day gone, as an offset; after the world for most.
    pub left: i32,
    /// Who takes over the open deals of someone who leaves: always someone who stays.
    pub successor: u32,
}

/// Owners under one manager.
#[derive(Clone, Debug)]
pub struct Team {
    /// Name.
    pub name: String,
    /// Position in [`REGIONS`].
    pub region: usize,
    /// Id of the manager.
    pub manager: String,
    /// Name of the manager.
    pub manager_name: String,
}

/// Everyone.
#[derive(Clone, Debug)]
pub struct Organisation {
    /// Owners in order of id.
    pub owners: Vec<Owner>,
    /// Teams in order of region.
    pub teams: Vec<Team>,
    active: Vec<Vec<u32>>,
}

impl Organisation {
    /// The organisation of a checked configuration.
    #[must_use]
    pub fn new(config: &WorldConfig) -> Self {
        let mut rng = stream(config.seed, Purpose::Organisation, 0);
        let span = config.span_days();
        let mut owners: Vec<Owner> = Vec::new();
        let mut teams: Vec<Team> = Vec::new();
        for (region, size) in region_sizes(config.owner_count() as usize).into_iter().enumerate() {
            for seat in 0..size {
                if seat % TEAM_SIZE == 0 {
                    teams.push(new_team(&mut rng, region, seat / TEAM_SIZE, teams.len()));
                }
                // The first of every team stays, so that a successor is always there.
                let first_of_team = owners.len() - seat % TEAM_SIZE;
                let stays = seat % TEAM_SIZE == 0;
                owners.push(new_owner(&mut rng, owners.len(), teams.len() - 1, first_of_team as u32, stays, span));
            }
        }
        let active = (0..=span / BLOCK_DAYS).map(|block| active_in(&owners, block)).collect();
        Self { owners, teams, active }
    }

    /// Someone who takes new deals at `time`.
    pub fn assign(&self, rng: &mut Stream, time: Time) -> u32 {
        let block = (time as usize / BLOCK_DAYS as usize).min(self.active.len() - 1);
        let active = &self.active[block];
        active[rng.random_range(0..active.len())]
    }

    /// The owner with this position.
    #[must_use]
    pub fn owner(&self, owner: u32) -> &Owner {
        &self.owners[owner as usize]
    }

    /// The region of an owner, a position in [`REGIONS`].
    #[must_use]
    pub fn region(&self, owner: u32) -> usize {
        self.teams[self.owner(owner).team].region
    }
}

/// Owners per region: seat `i` of `n` goes to the region whose cumulative share it falls into.
fn region_sizes(owners: usize) -> Vec<usize> {
    let mut sum = 0.0;
    let mut before = 0;
    let upto = REGIONS.iter().map(|region| {
        sum += region.share;
        (sum * owners as f64).round() as usize
    });
    upto.map(|end| end - std::mem::replace(&mut before, end)).collect()
}

fn new_team(rng: &mut Stream, region: usize, number: usize, index: usize) -> Team {
    Team {
        name: format!("{} {}", REGIONS[region].name, number + 1),
        region,
        manager: format!("m{:04}", index + 1),
        manager_name: person(rng),
    }
}

fn new_owner(rng: &mut Stream, index: usize, team: usize, successor: u32, stays: bool, span: i32) -> Owner {
    let joins_later = rng.random_bool(0.2) && !stays;
    let leaves = rng.random_bool(0.18) && !stays;
    let days = f64::from(span);
    let joined = if joins_later { (days * rng.random_range(0.05..0.8)) as i32 } else { -1 };
    let left = joined.max(0) + (days * rng.random_range(0.3..0.9)) as i32;
    Owner {
        id: format!("u{:05}", index + 1),
        name: person(rng),
        team,
        skill: normal(rng),
        diligence: (0.25 * normal(rng)).exp(),
        push_delay: 6.0 + 18.0 * rng.random::<f64>(),
        joined,
        left: if leaves { left } else { i32::MAX },
        successor,
    }
}

fn person(rng: &mut Stream) -> String {
    let first = FIRST_NAMES[rng.random_range(0..FIRST_NAMES.len())];
    let last = LAST_NAMES[rng.random_range(0..LAST_NAMES.len())];
    format!("{first} {last}")
}

fn active_in(owners: &[Owner], block: i32) -> Vec<u32> {
    let (start, end) = (block * BLOCK_DAYS, (block + 1) * BLOCK_DAYS);
    let active = owners.iter().enumerate().filter(|(_, owner)| owner.joined <= start && owner.left >= end);
    active.map(|(i, _)| i as u32).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_leaver_has_a_successor_in_the_team_who_stays() {
        for owners in [1, 4, 37, 900] {
            let organisation = Organisation::new(&WorldConfig { owners: Some(owners), ..WorldConfig::default() });
            assert_eq!(organisation.owners.len(), owners as usize);
            for owner in &organisation.owners {
                let successor = organisation.owner(owner.successor);
                assert_eq!((successor.team, successor.left, successor.joined), (owner.team, i32::MAX, -1));
            }
            assert!(organisation.active.iter().all(|active| !active.is_empty()));
        }
    }

    #[test]
    fn people_take_deals_only_while_they_are_there() {
        let organisation = Organisation::new(&WorldConfig { owners: Some(300), ..WorldConfig::default() });
        assert!(organisation.owners.iter().any(|owner| owner.left < i32::MAX));
        let mut rng = stream(1, Purpose::Deal, 0);
        for day in 0..1_096 {
            let owner = organisation.owner(organisation.assign(&mut rng, f64::from(day)));
            assert!(owner.joined <= day && day < owner.left);
        }
    }
}
