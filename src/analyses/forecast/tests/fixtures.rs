//! A small world: owners a, b and c, three currencies, deals by hand.

use std::collections::BTreeMap;

use crate::analyses::forecast::build::forecast;
use crate::analyses::forecast::input::ForecastInput;
use crate::analyses::forecast::rows::{Forecast, ForecastRow, RowBasis};
use crate::books::filter::ForecastFilter;
use crate::books::hierarchy::{COMPANY, Level};
use crate::config::Config;
use crate::domain::code::Dictionary;
use crate::domain::day::Day;
use crate::domain::ids::{CurrencyId, DealIx, OwnerId, RowIx, StageId};
use crate::domain::maybe::Maybe;
use crate::domain::stage::{Stage, StageKind, StageList};
use crate::ingest::tables::{Quota, QuotaNode, Tables};
use crate::scoring::{PeriodOutcome, Score, Scores};
use crate::snapshot::{DealState, Snapshot};
use crate::timeline::{Timeline, TimelineQuality};

/// 2026-02-14.
pub const AS_OF: Day = Day(20_498);

pub const USD: CurrencyId = CurrencyId::at(0);
pub const EUR: CurrencyId = CurrencyId::at(1);
pub const JPY: CurrencyId = CurrencyId::at(2);

pub fn day(text: &str) -> Day {
    text.parse().expect("a day")
}

pub fn deal(kind: StageKind, owner: usize, currency: CurrencyId, amount_minor: i64) -> DealState {
    DealState {
        deal: DealIx::at(0),
        row: RowIx::at(0),
        day: AS_OF,
        kind,
        stage: StageId::at(0).into(),
        stage_tracked: true,
        created: Day(20_000),
        closed: Maybe::NONE,
        currency,
        amount_minor: amount_minor.into(),
        first_amount_minor: amount_minor.into(),
        amount_changes: 0,
        expected_close: Maybe::NONE,
        first_expected_close: Maybe::NONE,
        pushes: 0,
        owner: OwnerId::at(owner).into(),
        category: None,
        probability: Maybe::NONE,
        stage_since: Day(20_000),
        forward_moves: 0,
        back_moves: 0,
        skipped_stages: 0,
        last_change: Maybe::NONE,
        activities: 0,
        activities_30d: 0,
        last_activity: Maybe::NONE,
    }
}

pub fn closed(kind: StageKind, owner: usize, amount_minor: i64, on: &str) -> DealState {
    DealState { closed: day(on).into(), ..deal(kind, owner, USD, amount_minor) }
}

pub fn open(owner: usize, amount_minor: i64, expected: &str) -> DealState {
    DealState { expected_close: day(expected).into(), ..deal(StageKind::Open, owner, USD, amount_minor) }
}

/// Stages no data name: deals have positions.
pub fn stage_list(stages: Vec<Stage>) -> StageList {
    StageList::of(stages, &Dictionary::default(), &Dictionary::default())
}

pub fn timeline() -> Timeline {
    let stage = Stage { name: "Working".to_owned(), probability: Some(0.25), ..Stage::default() };
    Timeline {
        as_of: AS_OF,
        stages: stage_list(vec![stage]),
        deals: Vec::new(),
        steps: Vec::new(),
        step_offsets: vec![0],
        activities: Vec::new(),
        activity_offsets: vec![0],
        fields: BTreeMap::new(),
        quality: TimelineQuality::default(),
        undated: false,
    }
}

/// Owners a, b, c; currencies USD, EUR, JPY.
pub fn tables() -> Tables {
    let mut tables = Tables::default();
    for owner in ["a", "b", "c"] {
        tables.owners.intern(owner);
    }
    for currency in ["USD", "EUR", "JPY"] {
        tables.currency(currency);
    }
    tables
}

pub fn quota(node: QuotaNode, period: &str, quota_minor: i64) -> Quota {
    let period = Config::default().fiscal_calendar().parse(period).expect("a period");
    Quota { node, period, quota_minor, currency: USD }
}

/// Gives the deals their positions.
pub fn number(states: &mut [DealState]) {
    states.iter_mut().enumerate().for_each(|(i, state)| state.deal = DealIx::at(i));
}

pub fn run(tables: &Tables, states: Vec<DealState>, scores: Option<&Scores>, filter: &ForecastFilter) -> Forecast {
    run_with(&Config::default(), tables, states, scores, filter)
}

pub fn run_with(
    config: &Config,
    tables: &Tables,
    mut states: Vec<DealState>,
    scores: Option<&Scores>,
    filter: &ForecastFilter,
) -> Forecast {
    number(&mut states);
    let input = ForecastInput {
        tables,
        timeline: &timeline(),
        snapshot: &Snapshot { as_of: AS_OF, states },
        scores,
        outlook: None,
        config,
        stage_win_rates: &[],
        mask: None,
        filter,
    };
    forecast(&input).expect("a forecast")
}

/// Scores of deals 0..n with the same chances to be won by the end of 2026-02, 2026-03, 2026-Q1 and 2026-Q2.
pub fn scores(deals: usize, wins: [f64; 4]) -> Scores {
    let calendar = Config::default().fiscal_calendar();
    let outcome = |win: f64| PeriodOutcome { win, lose: 0.0, slip: 1.0 - win };
    let score = |deal| Score {
        deal,
        win_probability: 0.5,
        score: 50,
        grade: Some('B'),
        by_period: wins.map(outcome).to_vec(),
        predicted_close: None,
    };
    Scores {
        as_of: AS_OF,
        model_id: "test".to_owned(),
        signal: true,
        intercept: 0.0,
        periods: ["2026-02", "2026-03", "2026-Q1", "2026-Q2"].map(|p| calendar.parse(p).expect("a period")).to_vec(),
        fields: Vec::new(),
        rows: (0..deals).map(DealIx::at).map(score).collect(),
        contributions: Vec::new(),
    }
}

pub fn find<'f>(
    forecast: &'f Forecast,
    level: Level,
    node: &str,
    period: &str,
    basis: RowBasis,
) -> Option<&'f ForecastRow> {
    let wanted = |row: &&ForecastRow| {
        let of = &forecast.nodes[row.node];
        (of.level, of.key.as_str(), row.basis) == (level, node, basis) && row.period.to_string() == period
    };
    forecast.rows.iter().find(wanted)
}

pub fn company<'f>(forecast: &'f Forecast, period: &str) -> &'f ForecastRow {
    find(forecast, Level::Company, COMPANY, period, RowBasis::Base).expect("a company row")
}
