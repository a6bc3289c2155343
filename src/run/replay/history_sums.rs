//! What a forecast of a past morning rests on, as a checksum: the same checksum, the same forecast.
//!
//! Tables and timeline to [`HistorySums`], one sum of hashes per day; these and a configuration to one key per past day.
//! Every row is hashed on its own and the hashes are added up, so neither the order of the rows nor what happened after
//! the day matters. What the deals table says beside the log (source, product, your own columns, a field the log never
//! names) is left out: it stands in today's export as it is today, and what was forecast with the values of then is the
//! better record.

use std::collections::{BTreeMap, BTreeSet};

use hashbrown::HashMap;
use rayon::prelude::*;

use crate::config::Config;
use crate::domain::code::Dictionary;
use crate::domain::day::Day;
use crate::domain::ids::{Id, OwnerId};
use crate::domain::inputs::InputTable;
use crate::domain::maybe::{Compact, Maybe};
use crate::domain::period::Period;
use crate::ingest::tables::{FieldChange, Quota, Tables, User};
use crate::model::recipe_blake3;
use crate::timeline::Timeline;

/// Before any day there is: what is dated so is part of every key.
const FIRST_OF_ALL: Day = Day(-i32::MAX);

/// How a change without a forecast category stands in the sums.
const NO_CATEGORY: u64 = 0xFFFF_FFFF;

/// Sums of the hashes of what is dated on each day.
#[derive(Clone, Debug, Default)]
pub(crate) struct HistorySums(BTreeMap<Day, u128>);

impl HistorySums {
    /// Of whole tables, and of the timeline made from them.
    pub fn of(tables: &Tables, timeline: &Timeline) -> Self {
        let names = Names::of(tables, timeline);
        let (changes, activities) = (&tables.changes, &tables.activities);
        let change = |sums: Self, i: usize| {
            let row = [
                changes.at[i].0 as u64,
                changes.stage[i].get().map_or(0, |stage| names.stages[stage.index()]),
                changes.amount_minor[i].bits(),
                changes.expected_close[i].bits(),
                changes.owner[i].get().map_or(0, |owner| names.owners[owner.index()]),
                changes.category[i].map_or(NO_CATEGORY, |category| category as u64),
                changes.probability[i].bits(),
                // as it was before rows could name a currency, or a stage without a name
                u64::from(changes.prior[i])
                    ^ (u64::from(changes.stage_emptied[i]) << 1)
                    ^ changes.currency(i).get().map_or(0, |id| names.currencies[id.index()]),
            ];
            sums.with(changes.at[i].day(), mixed(names.deals[changes.deal[i].index()], row))
        };
        let activity = |sums: Self, i: usize| {
            let (day, count) = (activities.at[i].day(), activities.count[i]);
            let row = [number(day.0), count.into(), names.kinds[activities.kind[i].index()]];
            sums.with(day, mixed(names.deals[activities.deal[i].index()], row))
        };
        let (changed, acted) = rayon::join(
            || (0..changes.at.len()).into_par_iter().fold(Self::default, change).reduce(Self::default, Self::merged),
            || {
                (0..activities.at.len())
                    .into_par_iter()
                    .fold(Self::default, activity)
                    .reduce(Self::default, Self::merged)
            },
        );
        let mut logged = vec![false; tables.deals.len()];
        changes.deal.iter().for_each(|&deal| logged[deal.index()] = true);
        let mut sums = changed.merged(acted);
        for head in &timeline.deals {
            let deal = names.deals[head.row.index()];
            sums = sums.with(head.created, mixed(deal, [number(head.created.0)]));
            if let Some(closed) = head.closed.get().filter(|_| !logged[head.row.index()]) {
                sums = sums.with(closed, mixed(deal, [number(closed.0), head.kind as u64]));
            }
        }
        sums.with_fields(tables, &names).with_other_tables(tables, timeline)
    }

    /// Changes of columns only the input knows.
    fn with_fields(mut self, tables: &Tables, names: &Names) -> Self {
        let fields = &tables.field_changes;
        let (columns, values) = (hashes(&fields.columns), hashes(&fields.values));
        for FieldChange { deal, at, prior, column, value } in &fields.rows {
            let value = value.get().map_or(0, |value| values[value.index()]);
            let row = [at.0 as u64, u64::from(*prior), columns[column.index()], value];
            self = self.with(at.day(), mixed(names.deals[deal.index()], row));
        }
        self
    }

    /// What the tables beside the deals and their log say, each where a forecast of a past morning rests on it.
    fn with_other_tables(self, tables: &Tables, timeline: &Timeline) -> Self {
        InputTable::ALL.iter().fold(self, |sums, table| match table {
            InputTable::Quotas => sums.with_quotas(tables),
            InputTable::FxRates => sums.with_rates(tables),
            InputTable::Users => sums.with_users(tables, timeline),
            // Summed row by row.
            InputTable::Deals | InputTable::StageHistory | InputTable::Activities
            // No forecast rests on them.
            | InputTable::Leads | InputTable::Touches | InputTable::CampaignCosts | InputTable::Revisions => sums,
        })
    }

    fn with_quotas(mut self, tables: &Tables) -> Self {
        for Quota { node, period, quota_minor, currency } in &tables.quotas {
            let text = format!("quota {node:?} {period:?} {quota_minor} {:?}", tables.currencies.name(*currency));
            // Known on the first morning of its period.
            self = self.with(period.first.plus(-1), hash(&text));
        }
        self
    }

    fn with_rates(mut self, tables: &Tables) -> Self {
        for rate in &tables.fx_rates {
            let text = format!("rate {:?} {} {}", tables.currencies.name(rate.currency), rate.day, rate.rate);
            self = self.with(rate.day, hash(&text));
        }
        self
    }

    fn with_users(mut self, tables: &Tables, timeline: &Timeline) -> Self {
        let first_seen = first_seen(tables, timeline);
        let managers: BTreeSet<&str> = tables.users.iter().filter_map(|user| user.manager.as_deref()).collect();
        for user in &tables.users {
            let User { owner, name, .. } = user;
            let known_as = [Some(owner.as_str()), name.as_deref()];
            let manages = known_as.into_iter().flatten().any(|name| managers.contains(name));
            // Who has neither people nor deals yet changes nothing: new colleagues do not undo the past.
            let since = manages.then_some(FIRST_OF_ALL).or(first_seen.get(owner.as_str()).copied());
            if let Some(day) = since {
                self = self.with(day, hash(&format!("{user:?}")));
            }
        }
        self
    }

    fn with(mut self, day: Day, hash: u128) -> Self {
        let sum = self.0.entry(day).or_default();
        *sum = sum.wrapping_add(hash);
        self
    }

    fn merged(self, other: Self) -> Self {
        other.0.into_iter().fold(self, |sums, (day, hash)| sums.with(day, hash))
    }

    /// The key of what is forecast of each `(period, day)`.
    pub fn keys(&self, timeline: &Timeline, config: &Config, origins: &[(Period, Day)]) -> Vec<String> {
        let stages = timeline.stages.names().iter().zip(timeline.stages.stages());
        let stages: Vec<_> = stages.map(|(name, stage)| (name, stage.kind)).collect();
        let recipe = format!("{} {} {stages:?}", env!("CARGO_PKG_VERSION"), recipe_blake3(config));
        let key = |(period, day): &(Period, Day)| {
            let before = self.0.range(..day).fold(0_u128, |sum, (_, hash)| sum.wrapping_add(*hash));
            let text = format!("{recipe} {:?} {} {} {day} {before:032x}", period.kind, period.first, period.last);
            blake3::hash(text.as_bytes()).to_hex()[..24].to_owned()
        };
        origins.iter().map(key).collect()
    }
}

/// Hashes of names, by id or row: ids depend on the order of the rows.
struct Names {
    deals: Vec<u128>,
    owners: Vec<u64>,
    stages: Vec<u64>,
    kinds: Vec<u64>,
    currencies: Vec<u64>,
}

impl Names {
    fn of(tables: &Tables, timeline: &Timeline) -> Self {
        let mut deals = vec![0; tables.deals.len()];
        for head in &timeline.deals {
            let id = tables.deals.id(head.row).unwrap_or_default();
            let currency = tables.currencies.name(head.currency).unwrap_or_default();
            deals[head.row.index()] = hash(&format!("{id} {currency}"));
        }
        let (owners, stages) = (hashes(&tables.owners), hashes(&tables.stage_names));
        let (kinds, currencies) = (hashes(&tables.activities.kinds), hashes(&tables.currencies));
        Self { deals, owners, stages, kinds, currencies }
    }
}

fn hashes<T: Id + Compact>(names: &Dictionary<T>) -> Vec<u64> {
    names.names().map(|name| hash(name) as u64).collect()
}

fn number(day: i32) -> u64 {
    i64::from(day) as u64
}

/// The first half of the BLAKE3 of `text`.
fn hash(text: &str) -> u128 {
    let hash = blake3::hash(text.as_bytes());
    let (half, _) = hash.as_bytes().split_at(16);
    half.try_into().map(u128::from_le_bytes).unwrap_or_default()
}

/// Goes on from a hash by a few numbers, each multiplied in (by the multiplier of PCG-128): rows are many, and no one is
/// out to find two alike.
fn mixed<const N: usize>(start: u128, words: [u64; N]) -> u128 {
    words.into_iter().fold(start, |hash, word| {
        let hash = (hash ^ u128::from(word)).wrapping_mul(0x2360_ED05_1FC6_5DA4_4385_DF64_9FCC_F645);
        hash ^ (hash >> 64)
    })
}

/// The day each owner first had a deal.
fn first_seen<'t>(tables: &'t Tables, timeline: &Timeline) -> HashMap<&'t str, Day> {
    let mut first: HashMap<Maybe<OwnerId>, Day> = HashMap::new();
    for step in &timeline.steps {
        let day = first.entry(step.owner).or_insert(step.at.day());
        *day = (*day).min(step.at.day());
    }
    first.into_iter().filter_map(|(owner, day)| Some((tables.owners.name(owner)?, day))).collect()
}
