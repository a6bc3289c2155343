//! The deals of a period add up to its forecast, in any world.

use proptest::prelude::*;

use super::build::{PeriodDealsInput, period_deals};
use super::columns;
use super::names::DealNames;
use crate::analyses::forecast::{ForecastInput, ForecastRow, RowBasis, forecast};
use crate::analyses::outlook::Outlook;
use crate::books::currency::CurrencyConverter;
use crate::books::filter::ForecastFilter;
use crate::books::hierarchy::Level;
use crate::config::Config;
use crate::domain::day::Day;
use crate::domain::stage::StageKind;
use crate::scoring::{PeriodOutcome, Score, Scores};
use crate::snapshot::Snapshot;
use crate::timeline::Timeline;
use crate::timeline::fixtures::worlds;

fn sum(minor: impl Iterator<Item = Option<i64>>) -> i64 {
    minor.flatten().sum()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn deals_add_up_to_the_forecast(world in worlds(), chances in prop::collection::vec(0.0..1.0_f64, 60)) {
        let (tables, config) = (world.tables(), Config::default());
        let timeline = Timeline::build(&tables, &config, Day(60)).expect("a timeline");
        let snapshot = Snapshot::of(&timeline);
        let all = vec![true; timeline.deals.len()];
        let converter = CurrencyConverter::new(&tables, "USD", Day(60));
        let outlook = Outlook::learn(&timeline, &snapshot, &converter, &tables.owners, &all);
        let calendar = config.fiscal_calendar();
        let running = calendar.period_of(config.calendar.score_period, Day(60));
        let open = snapshot.open().zip(chances.iter().cycle());
        let rows = open.map(|(state, &win)| Score {
            deal: state.deal,
            win_probability: win,
            score: 0,
            grade: None,
            by_period: vec![PeriodOutcome { win, lose: 0.0, slip: 1.0 - win }],
            predicted_close: None,
        });
        let scores = Scores {
            as_of: Day(60),
            model_id: String::new(),
            signal: true,
            intercept: 0.0,
            periods: vec![running],
            fields: Vec::new(),
            rows: rows.collect(),
            contributions: Vec::new(),
        };
        let forecast = forecast(&ForecastInput {
            tables: &tables,
            timeline: &timeline,
            snapshot: &snapshot,
            scores: Some(&scores),
            outlook: Some(&outlook),
            config: &config,
            stage_win_rates: &[],
            mask: None,
            filter: &ForecastFilter::default(),
        })
        .expect("a forecast");
        let names = DealNames::gather(&tables, &snapshot);
        let input = PeriodDealsInput {
            tables: &tables,
            stages: &timeline.stages,
            snapshot: &snapshot,
            calendar: &calendar,
            config: &config,
            scores: Some(&scores),
            outlook: &outlook,
            base_rows: forecast.quality.base_rows,
        };
        let found = period_deals(&input, &names.0);
        let company = |row: &&ForecastRow| {
            row.period == running && row.basis == RowBasis::Base && forecast.nodes[row.node].level == Level::Company
        };
        if let Some(row) = forecast.rows.iter().find(company) {
            let rows = || found.rows.iter();
            prop_assert_eq!(sum(rows().filter(|deal| deal.in_pipeline).map(|deal| deal.base_amount)), row.pipeline);
            prop_assert_eq!(Some(sum(rows().map(|deal| deal.base_expected))), row.expected_from_open);
            let state = |deal: &super::rows::PeriodDeal| *snapshot.state(deal.deal);
            let won = rows().filter(|deal| {
                let state = state(deal);
                state.kind == StageKind::Won && state.closed.get().is_some_and(|day| running.contains(day))
            });
            prop_assert_eq!(sum(won.map(|deal| deal.base_amount)), row.won);
        }
        let table = columns::parts(input, &names, &timeline).next().expect("a part").expect("a table");
        let violations = crate::report::invariants::check(&columns::spec().declaration(), &table, &Default::default());
        prop_assert!(violations.is_empty(), "{violations:?}");
    }
}
