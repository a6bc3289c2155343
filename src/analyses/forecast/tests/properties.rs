//! The identities on random deals, users and quotas.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use proptest::prelude::*;

use super::fixtures::*;
use crate::analyses::forecast::input::ForecastInput;
use crate::analyses::forecast::listing::{DealInRow, ForecastDeals, forecast_deals};
use crate::analyses::forecast::rows::{ForecastRow, RowBasis};
use crate::analyses::outlook::Outlook;
use crate::books::currency::CurrencyConverter;
use crate::books::filter::ForecastFilter;
use crate::books::hierarchy::Level;
use crate::config::Config;
use crate::domain::day::Day;
use crate::domain::ids::{CurrencyId, OwnerId};
use crate::domain::period::weeks::WeekPattern;
use crate::domain::period::{Period, PeriodKind};
use crate::domain::stage::{ForecastCategory, StageKind};
use crate::ingest::tables::{FxRate, Quota, QuotaNode, User};
use crate::snapshot::{DealState, Snapshot};

const KINDS: [StageKind; 3] = [StageKind::Open, StageKind::Won, StageKind::Lost];
const CATEGORIES: [ForecastCategory; 5] = [
    ForecastCategory::Pipeline,
    ForecastCategory::BestCase,
    ForecastCategory::Commit,
    ForecastCategory::Closed,
    ForecastCategory::Omitted,
];

/// Deals within half a year of the as-of day, of owners a, b, c and none, in three currencies.
fn deals() -> impl Strategy<Value = Vec<DealState>> {
    let amount = prop::option::weighted(0.9, -5_000_i64..5_000_000);
    let owner = prop::option::of((0_usize..3).prop_map(OwnerId::at));
    let expected = prop::option::weighted(0.83, (AS_OF.0 - 180..AS_OF.0 + 180).prop_map(Day));
    let closed = prop::option::weighted(0.9, (AS_OF.0 - 180..AS_OF.0).prop_map(Day));
    let category = prop::option::weighted(0.83, prop::sample::select(&CATEGORIES[..]));
    let row = (0_usize..3, owner, 0_usize..3, amount, expected, closed, category, 0.0_f32..1.0);
    let deal =
        row.prop_map(|(kind, owner, currency, amount, expected_close, closed, category, probability)| DealState {
            owner: owner.into(),
            amount_minor: amount.into(),
            expected_close: expected_close.into(),
            closed: closed.filter(|_| kind != 0).into(),
            category,
            probability: probability.into(),
            ..deal(KINDS[kind], 0, CurrencyId::at(currency), 0)
        });
    prop::collection::vec(deal, 0..60)
}

/// Users rows of a and b that change team, region and manager on random days; c has none.
fn users() -> impl Strategy<Value = Vec<User>> {
    let row = (0_usize..2, 0_usize..3, 0_usize..3, 0_usize..4, AS_OF.0 - 200..AS_OF.0 + 30, 1_i32..200);
    let user = row.prop_map(|(owner, team, region, manager, from, days)| User {
        owner: ["a", "b"][owner].to_owned(),
        name: None,
        manager: [None, Some("a"), Some("b"), Some("boss")][manager].map(str::to_owned),
        team: [None, Some("North"), Some("South")][team].map(str::to_owned),
        region: [None, Some("EU"), Some("US")][region].map(str::to_owned),
        active_from: Some(Day(from)),
        active_to: Some(Day(from + days)),
    });
    prop::collection::vec(user, 0..8)
}

fn quotas() -> impl Strategy<Value = Vec<Quota>> {
    let periods = prop::sample::select(vec!["2025-10", "2025-11", "2025-12", "2026-02", "2026-Q1", "2025"]);
    let owners = prop::sample::select(vec!["a", "b", "c", "d"]);
    let row = (owners, periods, 0_i64..9_000_000, (0_usize..3).prop_map(CurrencyId::at));
    let set = row.prop_map(|(owner, period, minor, currency)| Quota {
        currency,
        ..quota(QuotaNode::Owner(owner.to_owned()), period, minor)
    });
    prop::collection::vec(set, 0..15)
}

fn rates() -> Vec<FxRate> {
    let rate =
        |currency, back, rate: &str| FxRate { currency, day: Day(AS_OF.0 - back), rate: rate.parse().expect("a rate") };
    vec![rate(EUR, 9_000, "1.0937"), rate(EUR, 40, "1.1313"), rate(JPY, 9_000, "0.006743"), rate(JPY, 77, "0.0070001")]
}

type MoneyColumns = [i64; 13];

fn money(row: &ForecastRow) -> MoneyColumns {
    let known = |value: Option<i64>| value.unwrap_or_default();
    [
        known(row.quota),
        row.won,
        row.lost,
        row.pipeline,
        row.best_case,
        row.commit,
        known(row.weighted),
        known(row.expected_from_open),
        known(row.overdue),
        row.omitted,
        row.commit_cumulative(),
        row.best_case_cumulative(),
        row.pipeline_cumulative(),
    ]
}

/// Sums of the money columns per period, basis and currency.
fn sums<'r>(rows: impl Iterator<Item = &'r ForecastRow>) -> BTreeMap<(Period, RowBasis, usize), MoneyColumns> {
    let mut sums = BTreeMap::new();
    for row in rows {
        let sum: &mut MoneyColumns = sums.entry((row.period, row.basis, row.currency)).or_default();
        for (sum, value) in sum.iter_mut().zip(money(row)) {
            *sum += value;
        }
    }
    sums.retain(|_, sum| *sum != [0; 13]);
    sums
}

proptest! {
    #[test]
    fn books_close(states in deals(), users in users(), quotas in quotas()) {
        let mut tables = tables();
        (tables.users, tables.quotas, tables.fx_rates) = (users, quotas, rates());
        let scores = scores(states.len(), [0.123, 0.2, 0.31, 0.777]);
        let forecast = run(&tables, states, Some(&scores), &ForecastFilter::default());
        let nodes = &forecast.nodes;
        let at = |level| forecast.rows.iter().filter(move |row| nodes[row.node].level == level);
        let company = sums(at(Level::Company));
        for level in [Level::Owner, Level::Team, Level::Region] {
            if level == Level::Owner || at(level).next().is_some() {
                prop_assert_eq!(&sums(at(level)), &company, "{:?}", level);
            }
        }
    }

    #[test]
    fn listed_deals_are_what_the_rows_are_made_of(
        states in deals(), users in users(), quotas in quotas(), new in any::<bool>()
    ) {
        let mut tables = tables();
        (tables.users, tables.quotas, tables.fx_rates) = (users, quotas, rates());
        let (config, filter, mut states) = (Config::default(), ForecastFilter::default(), states);
        number(&mut states);
        let scores = scores(states.len(), [0.123, 0.2, 0.31, 0.777]);
        let snapshot = Snapshot { as_of: AS_OF, states };
        let converter = CurrencyConverter::new(&tables, "USD", AS_OF);
        let mut timeline = timeline();
        timeline.step_offsets = vec![0; snapshot.states.len() + 1];
        let admits = vec![true; snapshot.states.len()];
        let outlook = new.then(|| Outlook::learn(&timeline, &snapshot, &converter, &tables.owners, &admits));
        let input = ForecastInput {
            tables: &tables,
            timeline: &timeline,
            snapshot: &snapshot,
            scores: Some(&scores),
            outlook: outlook.as_ref(),
            config: &config,
            stage_win_rates: &[],
            mask: None,
            filter: &filter,
        };
        let ForecastDeals { forecast, deals } = forecast_deals(&input, &[]).expect("a forecast");
        for row in &forecast.rows {
            let code = &forecast.currencies[row.currency].code;
            let base = row.basis == RowBasis::Base;
            let of_row = |deal: &&DealInRow<'_>| {
                let native = tables.currencies.name(deal.currency) == Some(code);
                (deal.node, deal.period) == (row.node, row.period) && (base || native)
            };
            let listed: Vec<&DealInRow<'_>> = deals.iter().filter(of_row).collect();
            let due = listed.iter().filter(|deal| deal.in_pipeline);
            let amounts = due.clone().filter_map(|deal| if base { deal.base_amount } else { deal.amount });
            prop_assert_eq!((amounts.sum::<i64>(), due.count()), (row.pipeline, row.open_deals as usize));
            let expected = listed.iter().filter_map(|deal| if base { deal.base_expected } else { deal.expected });
            let expected: i64 = expected.sum();
            prop_assert_eq!(expected, row.expected_from_open.unwrap_or(0));
            if base {
                prop_assert!(listed.is_sorted_by_key(|deal| Reverse(deal.base_expected)));
                let total = listed.first().and_then(|deal| deal.base_expected).map(|_| expected);
                prop_assert_eq!(listed.last().and_then(|deal| deal.base_cumulative), total);
                let closing = listed.iter().filter(|deal| deal.closes_gap == Some(true)).count() as u32;
                let fewest = row.final_sum.as_ref().and_then(|sum| sum.deals_to_close);
                prop_assert_eq!(closing, fewest.unwrap_or(0));
                prop_assert!(listed.iter().all(|deal| deal.closes_gap.is_some() == fewest.is_some()));
                if let Some((fewest, gap)) = fewest.zip(row.gap()) {
                    let sums = listed.iter().filter_map(|deal| deal.base_cumulative);
                    let sums: Vec<i64> = [0].into_iter().chain(sums).collect();
                    prop_assert!(sums[fewest as usize] >= gap && (fewest == 0 || sums[fewest as usize - 1] < gap));
                }
            }
        }
    }

    #[test]
    fn shorter_periods_make_longer_ones(states in deals(), users in users(), weeks in any::<bool>()) {
        let mut tables = tables();
        (tables.users, tables.fx_rates) = (users, rates());
        let mut config = Config::default();
        config.calendar.weeks = weeks.then_some(WeekPattern::FourFourFive);
        config.calendar.periods = PeriodKind::ALL.to_vec();
        let forecast = run_with(&config, &tables, states, None, &ForecastFilter::default());
        let calendar = config.fiscal_calendar();
        let flows = |kind: PeriodKind, into: PeriodKind| {
            let mut sums: BTreeMap<(usize, Period, RowBasis, usize), [i64; 4]> = BTreeMap::new();
            for row in forecast.rows.iter().filter(|row| row.period.kind == kind) {
                let whole = calendar.period_of(into, row.period.first);
                let sum = sums.entry((row.node, whole, row.basis, row.currency)).or_default();
                let deals = row.won_deals + row.lost_deals + row.open_deals;
                for (sum, value) in sum.iter_mut().zip([row.won, row.lost, row.pipeline, deals.into()]) {
                    *sum += value;
                }
            }
            sums.retain(|_, sum| *sum != [0; 4]);
            sums
        };
        prop_assert_eq!(flows(PeriodKind::Month, PeriodKind::Quarter), flows(PeriodKind::Quarter, PeriodKind::Quarter));
        prop_assert_eq!(flows(PeriodKind::Quarter, PeriodKind::Half), flows(PeriodKind::Half, PeriodKind::Half));
        prop_assert_eq!(flows(PeriodKind::Half, PeriodKind::Year), flows(PeriodKind::Year, PeriodKind::Year));
    }

    #[test]
    fn rows_stand_in_report_order_and_do_not_depend_on_deal_order(states in deals(), users in users()) {
        let mut tables = tables();
        (tables.users, tables.fx_rates) = (users, rates());
        let reversed: Vec<DealState> = states.iter().rev().copied().collect();
        let forecast = run(&tables, states, None, &ForecastFilter::default());
        let again = run(&tables, reversed, None, &ForecastFilter::default());
        prop_assert_eq!(&forecast.rows, &again.rows);
        let key = |row: &ForecastRow| (row.node, row.period.kind, row.period, row.basis, row.currency);
        prop_assert!(forecast.rows.windows(2).all(|pair| key(&pair[0]) < key(&pair[1])));
        prop_assert!(forecast.nodes.windows(2).all(|pair| (pair[0].level, &pair[0].key) < (pair[1].level, &pair[1].key)));
    }
}
