//! What a forecast of a past morning rests on, as a checksum: the same checksum, the same forecast.
//!
//! Timeline, tables and configuration to one key per past day. Rows are hashed deal by deal and day by day and the hashes
//! added up, so neither the order of the rows nor what happened after the day matters. Columns without history (source,
//! product, your own) are left out: they stand in today's export as they are today, and what was forecast with the values
//! of then is the better record.

use std::collections::BTreeSet;

use hashbrown::HashMap;
use rayon::prelude::*;

use crate::config::Config;
use crate::domain::day::Day;
use crate::domain::period::Period;
use crate::ingest::tables::{Quota, Tables, User};
use crate::model::recipe_blake3;
use crate::timeline::Timeline;

/// A sum of hashes per past day, of what is dated before it and not before the one before.
#[derive(Clone)]
struct Sums(Vec<u128>);

impl Sums {
    fn none(days: usize) -> Self {
        Self(vec![0; days])
    }

    fn add(&mut self, i: usize, content: &[u8]) {
        if let Some(sum) = self.0.get_mut(i) {
            let hash = blake3::hash(content);
            let (half, _) = hash.as_bytes().split_at(16);
            *sum = sum.wrapping_add(u128::from_le_bytes(half.try_into().unwrap_or_default()));
        }
    }

    fn merged(mut self, other: &Self) -> Self {
        self.0.iter_mut().zip(&other.0).for_each(|(sum, other)| *sum = sum.wrapping_add(*other));
        self
    }
}

/// The key of what is forecast of each `(period, day)`; days ascending.
pub(super) fn history_keys(
    tables: &Tables,
    timeline: &Timeline,
    config: &Config,
    origins: &[(Period, Day)],
) -> Vec<String> {
    let days: Vec<Day> = origins.iter().map(|origin| origin.1).collect();
    let position = |day: Day| days.partition_point(|known| *known <= day);
    let none = || Sums::none(days.len());
    let deals = (0..timeline.deals.len()).into_par_iter();
    let deals = deals.fold(none, |mut sums, i| {
        add_deal(&mut sums, tables, timeline, i, &position);
        sums
    });
    let mut sums = deals.reduce(none, |a, b| a.merged(&b));
    for quota in &tables.quotas {
        let Quota { node, period, quota_minor, currency } = quota;
        let text = format!("quota {node:?} {period:?} {quota_minor} {:?}", tables.currencies.name(*currency));
        sums.add(position(period.first.plus(-1)), text.as_bytes());
    }
    for rate in &tables.fx_rates {
        let text = format!("rate {:?} {} {}", tables.currencies.name(rate.currency), rate.day, rate.rate);
        sums.add(position(rate.day), text.as_bytes());
    }
    let first_seen = first_seen(tables, timeline);
    let managers: BTreeSet<&str> = tables.users.iter().filter_map(|user| user.manager.as_deref()).collect();
    for user in &tables.users {
        let User { owner, name, .. } = user;
        let known_as = [Some(owner.as_str()), name.as_deref()];
        let manages = known_as.into_iter().flatten().any(|name| managers.contains(name));
        let day = first_seen.get(owner.as_str()).copied();
        // Who has neither people nor deals yet changes nothing: new colleagues do not undo the past.
        if let Some(first) = manages.then_some(0).or(day.map(position)) {
            sums.add(first, format!("{user:?}").as_bytes());
        }
    }
    let stages: Vec<(&str, _)> =
        timeline.stages.stages().iter().map(|stage| (stage.name.as_str(), stage.kind)).collect();
    let recipe = format!("{} {} {stages:?}", env!("CARGO_PKG_VERSION"), recipe_blake3(config));
    let key = |(sum, (period, day)): (u128, &(Period, Day))| {
        let text = format!("{recipe} {:?} {} {} {day} {sum:032x}", period.kind, period.first, period.last);
        blake3::hash(text.as_bytes()).to_hex()[..24].to_owned()
    };
    let mut known = 0_u128;
    let up_to = sums.0.into_iter().map(|sum| {
        known = known.wrapping_add(sum);
        known
    });
    up_to.zip(origins).map(key).collect()
}

fn add_deal(sums: &mut Sums, tables: &Tables, timeline: &Timeline, i: usize, position: &impl Fn(Day) -> usize) {
    let head = &timeline.deals[i];
    let start = || tables.deals.text("deal_id", head.row).unwrap_or_default().as_bytes().to_vec();
    let mut content = start();
    let mut at = position(head.created);
    content.extend(tables.currencies.name(head.currency).unwrap_or_default().as_bytes());
    content.extend(head.created.0.to_le_bytes());
    // One hash per deal and span between two past days.
    let mut turn_to = |now: usize, content: &mut Vec<u8>| {
        if now != at {
            sums.add(at, content);
            *content = start();
            at = now;
        }
    };
    for step in timeline.steps_of(i) {
        turn_to(position(step.at.day()), &mut content);
        content.extend(step.at.0.to_le_bytes());
        content.extend(step.stage.to_le_bytes());
        content.extend(step.amount_minor.to_le_bytes());
        content.extend(step.expected_close.to_le_bytes());
        content.extend(tables.owners.name(step.owner).unwrap_or_default().as_bytes());
        content.extend(step.category.to_le_bytes());
        content.extend(step.probability.to_bits().to_le_bytes());
    }
    for activity in timeline.activities_of(i) {
        turn_to(position(activity.day), &mut content);
        content.extend(activity.day.0.to_le_bytes());
        content.extend(activity.count.to_le_bytes());
    }
    turn_to(usize::MAX, &mut content);
}

/// The day each owner first had a deal.
fn first_seen<'t>(tables: &'t Tables, timeline: &Timeline) -> HashMap<&'t str, Day> {
    let mut first: HashMap<u32, Day> = HashMap::new();
    for step in &timeline.steps {
        let day = first.entry(step.owner).or_insert(step.at.day());
        *day = (*day).min(step.at.day());
    }
    first.into_iter().filter_map(|(owner, day)| Some((tables.owners.name(owner)?, day))).collect()
}
