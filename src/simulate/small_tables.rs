//! Rows of the small tables: users, quotas, exchange rates, marketing spend.

use arrow::array::RecordBatch;
use arrow::error::ArrowError;

use crate::domain::day::Day;
use crate::domain::inputs::InputTable;
use crate::simulate::catalogue::{CURRENCIES, REGIONS, SOURCES, base_currency};
use crate::simulate::columns::{batch, days, decimals, full_text, money, text};
use crate::simulate::org::{Owner, Team};
use crate::simulate::targets::{WonByMonth, campaign_costs};
use crate::simulate::world::World;

/// The rows of every small table.
///
/// # Errors
/// [`ArrowError`] where columns cannot form a batch.
pub fn batches(world: &World, won: &WonByMonth) -> Result<[(InputTable, RecordBatch); 4], ArrowError> {
    Ok([
        (InputTable::Users, users(world)?),
        (InputTable::Quotas, quotas(world, won)?),
        (InputTable::FxRates, fx_rates(world)?),
        (InputTable::CampaignCosts, costs(world)?),
    ])
}

struct Person<'a> {
    id: &'a str,
    name: &'a str,
    team: &'a Team,
    owner: Option<&'a Owner>,
}

fn users(world: &World) -> Result<RecordBatch, ArrowError> {
    let organisation = &world.organisation;
    let managers =
        organisation.teams.iter().map(|team| Person { id: &team.manager, name: &team.manager_name, team, owner: None });
    let owners = organisation.owners.iter().map(|owner| Person {
        id: &owner.id,
        name: &owner.name,
        team: &organisation.teams[owner.team],
        owner: Some(owner),
    });
    let users: Vec<Person> = managers.chain(owners).collect();
    // Days of joining and leaving inside the world; a future leaver is not yet known as one.
    let known = |day: i32| (0..world.config.span_days()).contains(&day).then(|| world.calendar.day(day));
    batch(vec![
        ("owner", full_text(users.iter().map(|u| u.id))),
        ("name", full_text(users.iter().map(|u| u.name))),
        ("manager", text(users.iter().map(|u| u.owner.map(|_| &u.team.manager)))),
        ("team", full_text(users.iter().map(|u| &u.team.name))),
        ("region", full_text(users.iter().map(|u| REGIONS[u.team.region].name))),
        ("active_from", days(users.iter().map(|u| u.owner.and_then(|owner| known(owner.joined))))),
        ("active_to", days(users.iter().map(|u| u.owner.and_then(|owner| known(owner.left)).map(day_before)))),
    ])
}

/// `left` is the first day gone, `active_to` the last day at work.
fn day_before(day: Day) -> Day {
    day.plus(-1)
}

fn quotas(world: &World, won: &WonByMonth) -> Result<RecordBatch, ArrowError> {
    let organisation = &world.organisation;
    let lines = won.quotas(world);
    batch(vec![
        ("owner", text(lines.iter().map(|line| line.owner.map(|owner| &organisation.owner(owner).id)))),
        ("team", text(lines.iter().map(|line| line.team.map(|team| &organisation.teams[team].name)))),
        ("period", full_text(lines.iter().map(|line| line.period.to_string()))),
        ("quota", money(lines.iter().map(|line| Some(line.quota)))?),
        ("currency", full_text(lines.iter().map(|_| base_currency()))),
    ])
}

fn fx_rates(world: &World) -> Result<RecordBatch, ArrowError> {
    let currencies = if world.config.multi_currency { CURRENCIES.len() } else { 1 };
    let rows: Vec<(&str, i32, i64)> = (0..currencies)
        .flat_map(|currency| world.rates.of(currency).map(move |(day, rate)| (CURRENCIES[currency].code, day, rate)))
        .collect();
    batch(vec![
        ("currency", full_text(rows.iter().map(|row| row.0))),
        ("date", days(rows.iter().map(|row| Some(world.calendar.day(row.1))))),
        ("rate", decimals(rows.iter().map(|row| Some(row.2)), 8)?),
    ])
}

fn costs(world: &World) -> Result<RecordBatch, ArrowError> {
    let lines = campaign_costs(world);
    batch(vec![
        ("source", full_text(lines.iter().map(|line| SOURCES[line.source].name))),
        ("campaign", text(lines.iter().map(|line| line.campaign.as_ref()))),
        ("period", full_text(lines.iter().map(|line| line.month.to_string()))),
        ("cost", money(lines.iter().map(|line| Some(line.cost)))?),
        ("currency", full_text(lines.iter().map(|_| base_currency()))),
    ])
}
