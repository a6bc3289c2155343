//! Deals as they stand to a [`PeriodDeals`].

use crate::analyses::forecast::{BaseRows, DealMoney};
use crate::analyses::outlook::Outlook;
use crate::analyses::period_deals::names::DealName;
use crate::analyses::period_deals::rows::{PeriodDeal, PeriodDeals};
use crate::books::hierarchy::Hierarchy;
use crate::config::Config;
use crate::domain::period::{FiscalCalendar, Period};
use crate::domain::stage::{ForecastCategory, StageKind, StageList};
use crate::ingest::tables::Tables;
use crate::scoring::Scores;
use crate::snapshot::{DealState, Snapshot};

/// What the deals are read from.
#[derive(Clone, Copy, Debug)]
pub struct PeriodDealsInput<'a> {
    /// Users, rates and dictionaries.
    pub tables: &'a Tables,
    /// Stages, for their categories.
    pub stages: &'a StageList,
    /// Every deal as of the day.
    pub snapshot: &'a Snapshot,
    /// Calendar.
    pub calendar: &'a FiscalCalendar,
    /// Base currency, and the kind of period the scores speak of.
    pub config: &'a Config,
    /// The model's view of the open deals.
    pub scores: Option<&'a Scores>,
    /// What the past says of what is to come.
    pub outlook: &'a Outlook,
    /// Whether the forecast has rows in the base currency.
    pub base_rows: BaseRows,
}

/// The deals behind the running period, those of `names`.
#[must_use]
pub fn period_deals(input: &PeriodDealsInput<'_>, names: &[DealName]) -> PeriodDeals {
    let as_of = input.snapshot.as_of;
    let period = input.calendar.period_of(input.config.calendar.score_period, as_of);
    let money = DealMoney::new(input.tables, input.config, as_of, input.base_rows, input.outlook);
    let mut hierarchy = Hierarchy::new(&input.tables.users, &input.tables.owners, as_of);
    let period_index = input.scores.and_then(|scores| scores.periods.iter().position(|scored| *scored == period));
    let mut place = |state: &DealState| {
        let day = state.closed.get().filter(|_| state.kind != StageKind::Open).unwrap_or(as_of.plus(-1));
        hierarchy.position(state.owner, day)
    };
    let states: Vec<&DealState> = names.iter().map(|name| input.snapshot.state(name.deal)).collect();
    let places: Vec<u32> = states.iter().map(|state| place(state)).collect();
    let row = |(state, place): (&&DealState, &u32)| {
        let position = &hierarchy.positions()[*place as usize];
        let row = PeriodDeal {
            deal: state.deal,
            owner: position.owner.to_owned(),
            managers: position.managers.iter().map(|manager| (*manager).to_owned()).collect(),
            team: position.team.to_owned(),
            region: position.region.to_owned(),
            amount: state.amount_minor.get(),
            base_amount: state
                .amount_minor
                .get()
                .and_then(|minor| money.in_base(minor, state.currency, money.day_of(state))),
            in_pipeline: in_pipeline(state, &period, input.stages),
            win_in_period: None,
            expected: None,
            base_expected: None,
        };
        expecting(input, &money, period_index, state, row)
    };
    let rows = states.iter().zip(&places).map(row).collect();
    PeriodDeals { as_of, period, base: money.base, rows }
}

/// Whether an open deal is expected to close in the period, and not omitted.
fn in_pipeline(state: &DealState, period: &Period, stages: &StageList) -> bool {
    let is_due = state.expected_close.get().is_some_and(|due| period.contains(due));
    state.kind == StageKind::Open && is_due && state.forecast_category(stages) != ForecastCategory::Omitted
}

/// With what is expected of it, if it is open and scored.
fn expecting(
    input: &PeriodDealsInput<'_>,
    money: &DealMoney,
    period_index: Option<usize>,
    state: &DealState,
    row: PeriodDeal,
) -> PeriodDeal {
    let scored = input.scores.zip(period_index).filter(|_| state.kind == StageKind::Open);
    let chance = scored.and_then(|(scores, period_index)| {
        let at = scores.rows.binary_search_by_key(&state.deal, |score| score.deal).ok()?;
        Some(money.win_by(scores, at, input.outlook, period_index))
    });
    let Some(chance) = chance else { return row };
    let counted = money.counted(state, input.outlook);
    let in_base = money.in_base(counted, state.currency, money.day_of(state));
    PeriodDeal {
        win_in_period: Some(chance),
        expected: Some(money.weighed(counted, chance)),
        base_expected: in_base.map(|minor| money.weighed(minor, chance)),
        ..row
    }
}
