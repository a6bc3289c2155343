//! The identities on random histories.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::fixtures::*;
use crate::analyses::forecast::RowBasis;
use crate::analyses::waterfall::bars::{BARS, Bar};
use crate::analyses::waterfall::listing::waterfall_deals;
use crate::analyses::waterfall::rows::{Waterfall, WaterfallRow};
use crate::books::filter::ForecastFilter;
use crate::books::hierarchy::Level;
use crate::domain::day::Day;
use crate::domain::stage::ForecastCategory;
use crate::ingest::tables::User;
use crate::timeline::fixtures::worlds;

/// Rows of ann, bob and cy that change team, region and manager on random days.
fn users() -> impl Strategy<Value = Vec<User>> {
    let row = (0_usize..3, 0_usize..3, 0_usize..3, 0_usize..4, -20_i32..70, 1_i32..90);
    let user = row.prop_map(|(owner, team, region, manager, from, days)| User {
        owner: ["ann", "bob", "cy"][owner].to_owned(),
        name: None,
        manager: [None, Some("ann"), Some("bob"), Some("boss")][manager].map(str::to_owned),
        team: [None, Some("North"), Some("South")][team].map(str::to_owned),
        region: [None, Some("EU"), Some("US")][region].map(str::to_owned),
        active_from: Some(Day(from)),
        active_to: Some(Day(from + days)),
    });
    prop::collection::vec(user, 0..8)
}

fn filters() -> impl Strategy<Value = ForecastFilter> {
    let one_of = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<String>>();
    let filter = ForecastFilter::default();
    prop_oneof![
        4 => Just(filter.clone()),
        1 => Just(ForecastFilter { owners: one_of(&["ann", "bob"]), ..filter.clone() }),
        1 => Just(ForecastFilter { teams: one_of(&["North"]), ..filter.clone() }),
        1 => Just(ForecastFilter { currencies: one_of(&["EUR", "USD"]), ..filter.clone() }),
        1 => Just(ForecastFilter { categories: vec![ForecastCategory::Commit, ForecastCategory::Pipeline], ..filter }),
    ]
}

/// Dirty histories in three currencies whose rates move, and people who do too.
fn cases() -> impl Strategy<Value = ComparedMornings> {
    (worlds(), users(), 1_i32..60, filters()).prop_map(|(mut world, users, from, filter)| {
        for (i, deal) in world.deals.iter_mut().enumerate() {
            deal.currency = ["USD", "EUR", "JPY"][i % 3].to_owned();
            deal.amount_minor = deal.amount_minor.map(|amount| amount * 98_765 - 30_000);
        }
        for row in &mut world.rows {
            row.amount = row.amount.map(|amount| amount * 98_765 - 120_000);
        }
        let mut tables = world.tables();
        tables.users = users;
        tables.fx_rates = rates(&mut tables, -1_000);
        ComparedMornings::new(tables, Day(from), filter)
    })
}

proptest! {
    #[test]
    fn every_row_closes_and_the_levels_add_up(case in cases()) {
        let waterfall = case.waterfall();
        prop_assert!(waterfall.without_base.is_empty());
        for row in &waterfall.rows {
            prop_assert!(closes(row), "{:?}", row);
        }
        let company = sums(&waterfall, Level::Company);
        for level in [Level::Owner, Level::Team, Level::Region] {
            if level == Level::Owner || waterfall.nodes.iter().any(|node| node.level == level) {
                prop_assert_eq!(&sums(&waterfall, level), &company, "{:?}", level);
            }
        }
        let key = |row: &WaterfallRow| (row.node, row.period.kind, row.period, row.basis, row.currency);
        prop_assert!(waterfall.rows.windows(2).all(|pair| key(&pair[0]) < key(&pair[1])));
    }

    #[test]
    fn both_ends_are_the_forecasts_of_their_mornings(case in cases()) {
        let waterfall = case.waterfall();
        let rows = rows(&waterfall);
        let (then, now) = (pipeline_and_won(&case.forecast(case.start.day)), pipeline_and_won(&case.forecast(TO)));
        let of_levels = |key: &RowKey| waterfall.nodes.iter().any(|node| node.level == key.0);
        for (ends, bar) in [(&then, Bar::Start), (&now, Bar::End)] {
            for (key, [pipeline, _]) in ends {
                let row = rows.get(key).map_or((0, 0), |row| (row.amount(bar), row.deals(bar)));
                prop_assert!(row == *pipeline || !of_levels(key), "{:?} {:?}: {:?} {:?}", bar, key, row, pipeline);
            }
        }
        // A level of which nothing is known that morning is not reported then.
        for (key, row) in &rows {
            for (ends, bar) in [(&then, Bar::Start), (&now, Bar::End)] {
                let pipeline_and_won = ends.get(key).map_or((0, 0), |pipeline_and_won| pipeline_and_won[0]);
                let reported = ends.keys().any(|pipeline_and_won| pipeline_and_won.0 == key.0);
                prop_assert!(pipeline_and_won == (row.amount(bar), row.deals(bar)) || !reported, "{:?} {:?} {:?}", bar, key, row);
            }
            if !now.keys().any(|pipeline_and_won| pipeline_and_won.0 == key.0) {
                continue;
            }
            if key.2.first >= case.start.day {
                let won = now.get(key).map_or((0, 0), |pipeline_and_won| pipeline_and_won[1]);
                prop_assert_eq!((row.amount(Bar::Won), row.deals(Bar::Won)), won, "{:?}", key);
            }
        }
    }

    #[test]
    fn the_deals_behind_the_bars_make_the_owners_rows(case in cases()) {
        let waterfall = case.waterfall();
        let mut sums: BTreeMap<RowKey, ([i64; BARS], [u32; BARS])> = BTreeMap::new();
        case.with(|input| {
            let listed = waterfall_deals(input).expect("a listing");
            for row in &listed.rows {
                let mut add = |currency: usize, basis, amount| {
                    let currency = listed.currencies[currency].code.clone();
                    let key = (Level::Owner, row.owner.to_owned(), row.period, currency, basis);
                    let (amounts, deals) = sums.entry(key).or_default();
                    amounts[row.bar as usize] += amount;
                    deals[row.bar as usize] += u32::from(row.bar != Bar::Revalued || basis == RowBasis::Base);
                };
                add(row.currency, RowBasis::Native, row.native);
                add(listed.currencies.len() - 1, RowBasis::Base, row.base.expect("rates"));
            }
        });
        let owners = rows(&waterfall).into_iter().filter(|(key, _)| key.0 == Level::Owner);
        let owners: BTreeMap<RowKey, _> = owners.map(|(key, row)| (key, (row.amounts, row.deals))).collect();
        prop_assert_eq!(sums, owners);
    }

    #[test]
    fn nothing_dated_later_changes_the_start(case in cases(), more in worlds()) {
        let start = |waterfall: &Waterfall| -> BTreeMap<RowKey, i64> {
            let rows = rows(waterfall).into_iter().map(|(key, row)| (key, row.amount(Bar::Start)));
            rows.filter(|(key, start)| key.0 == Level::Company && *start != 0).collect()
        };
        let before = start(&case.waterfall());
        let mut tables = case.tables.clone();
        // Whatever new amounts the log tells of from the first morning on; the old ones are of before.
        let from = case.start.day;
        for i in 0..tables.changes.at.len() {
            let is_new = !tables.changes.prior[i] && tables.changes.amount_minor[i].is_some();
            if is_new && tables.changes.at[i] >= from.start() {
                tables.changes.amount_minor[i] = (more.rows.len() as i64 * 1_000).into();
            }
        }
        prop_assert_eq!(start(&ComparedMornings::new(tables, from, case.filter).waterfall()), before);
    }
}
