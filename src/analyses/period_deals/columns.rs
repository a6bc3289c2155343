//! The columns of `period_deals`, and the table made of [`PeriodDeals`].

use std::borrow::Cow;

use arrow::error::ArrowError;

use crate::analyses::period_deals::build::{PeriodDealsInput, period_deals};
use crate::analyses::period_deals::names::{DealName, DealNames};
use crate::analyses::period_deals::rows::{PeriodDeal, PeriodDeals};
use crate::books::node_columns::{OfPeriod, period};
use crate::domain::period::Period;
use crate::domain::stage::StageKind;
use crate::ingest::tables::Tables;
use crate::report::column::{Column, MoneyCell, TableSpec};
use crate::report::invariants::Invariant;
use crate::report::table::Table;
use crate::snapshot::DealState;
use crate::timeline::Timeline;

/// When what is expected is empty.
const NOT_EXPECTED: &str = "the deal is closed, no model is in use, or nothing is forecast for the running period";

/// One row of `period_deals`, with all that names it.
pub struct PeriodDealLine<'a> {
    row: &'a PeriodDeal,
    name: &'a DealName,
    state: &'a DealState,
    deals: &'a PeriodDeals,
    tables: &'a Tables,
    timeline: &'a Timeline,
    managers: String,
}

impl PeriodDealLine<'_> {
    fn native(&self, minor: i64) -> Option<MoneyCell> {
        Some(MoneyCell::new(minor, self.tables.decimals_of(self.state.currency)))
    }

    fn in_base(&self, minor: i64) -> Option<MoneyCell> {
        Some(MoneyCell::new(minor, self.deals.base.as_ref()?.decimals))
    }

    fn status(&self) -> &'static str {
        match self.state.kind {
            StageKind::Open => "open",
            StageKind::Won => "won",
            StageKind::Lost => "lost",
        }
    }

    fn category(&self) -> Option<Cow<'_, str>> {
        let is_open = self.state.kind == StageKind::Open;
        is_open.then(|| self.state.forecast_category(&self.timeline.stages).name().into())
    }
}

impl OfPeriod for PeriodDealLine<'_> {
    fn period(&self) -> Period {
        self.deals.period
    }
}

type PeriodColumn<'a> = Column<PeriodDealLine<'a>>;

/// What always holds of `period_deals`.
const INVARIANTS: &[Invariant] = &[Invariant::Key(&["deal_id"]), Invariant::Together(&["win_in_period", "expected"])];

/// The columns of `period_deals`.
#[must_use]
pub fn spec<'a>() -> TableSpec<PeriodDealLine<'a>> {
    let mut columns = vec![
        PeriodColumn::text("deal_id", "id of the deal", |line| Some(line.name.id.as_str().into())),
        PeriodColumn::text("name", "name of the deal", |line| line.name.name.as_deref().map(Into::into))
            .empty("the deal has none"),
        PeriodColumn::text("account", "customer", |line| line.name.account.as_deref().map(Into::into))
            .empty("the deal names none"),
        PeriodColumn::text("status", "open, won or lost as of the day", |line| Some(line.status().into()))
            .one_of(&["open", "won", "lost"]),
        PeriodColumn::text("stage", "stage of the deal as of the day", |line| {
            Some(line.timeline.stages.name(line.state.stage).into())
        }),
        PeriodColumn::date("closed_on", "the day it was won or lost", |line| line.state.closed.get())
            .empty("the deal is open"),
        PeriodColumn::text("owner", "the owner, or `(no owner)`", |line| Some(line.row.owner.as_str().into())),
        PeriodColumn::text("team", "team of the owner, or `(no team)`", |line| Some(line.row.team.as_str().into())),
        PeriodColumn::text("region", "region of the owner, or `(no region)`", |line| {
            Some(line.row.region.as_str().into())
        }),
        PeriodColumn::json(
            "managers",
            "ids of all managers above, nearest first; an owner who manages others comes first",
            |line| Some(line.managers.as_str().into()),
        ),
    ];
    columns.extend(money_columns());
    TableSpec::new("period_deals", "open deal, or deal closed within 396 days", columns).holds(INVARIANTS)
}

fn money_columns<'a>() -> Vec<PeriodColumn<'a>> {
    vec![
        PeriodColumn::money("amount", "amount as of the day", |line| line.native(line.row.amount?))
            .empty("the deal has no amount"),
        PeriodColumn::text("currency", "currency of `amount` and `expected`", |line| {
            line.tables.currencies.name(line.state.currency).map(Cow::from)
        })
        .unit("ISO 4217"),
        PeriodColumn::money(
            "base_amount",
            "`amount` at the rate of the closing day, else of the last known day",
            |line| line.in_base(line.row.base_amount?),
        )
        .unit("base currency")
        .empty("the deal has no amount, or there is no rate"),
        PeriodColumn::date("expected_close", "expected close date", |line| line.state.expected_close.get())
            .empty("the deal has none"),
        PeriodColumn::text(
            "category",
            "forecast category: the deal's own, else its stage's, else pipeline",
            PeriodDealLine::category,
        )
        .empty("the deal is closed"),
        period(),
        PeriodColumn::flag("in_pipeline", "whether it is part of the pipeline of `period`", |line| {
            Some(line.row.in_pipeline)
        }),
        PeriodColumn::number("win_in_period", "chance to be won in `period`, at the pace of past periods", |line| {
            line.row.win_in_period
        })
        .between(0, 1)
        .empty(NOT_EXPECTED),
        PeriodColumn::money("expected", "its part of `expected_from_open` of `period`", |line| {
            line.native(line.row.expected?)
        })
        .empty(NOT_EXPECTED),
        PeriodColumn::money("base_expected", "the same in the base currency", |line| {
            line.in_base(line.row.base_expected?)
        })
        .unit("base currency")
        .empty("where `expected` is, or there is no rate"),
    ]
}

/// Deals that are in memory as a table at once.
const DEALS_PER_PART: usize = 50_000;

/// `period_deals`, the deals of `names` part by part, at least one.
///
/// # Errors
/// Of a part: an arrow error where columns differ in length.
pub fn parts<'a>(
    input: PeriodDealsInput<'a>,
    names: &'a DealNames,
    timeline: &'a Timeline,
) -> impl Iterator<Item = Result<Table, ArrowError>> + use<'a> {
    let decimals = decimals(&input, names);
    let firsts = (0..names.0.len().max(1)).step_by(DEALS_PER_PART);
    firsts.map(move |first| {
        let names = &names.0[first..names.0.len().min(first + DEALS_PER_PART)];
        let deals = period_deals(&input, names);
        let line = |(row, name)| PeriodDealLine {
            row,
            name,
            state: input.snapshot.state(row.deal),
            deals: &deals,
            tables: input.tables,
            timeline,
            managers: serde_json::to_string(&row.managers).unwrap_or_default(),
        };
        let lines: Vec<PeriodDealLine<'_>> = deals.rows.iter().zip(names).map(line).collect();
        spec().table(&lines, decimals)
    })
}

/// Most decimals that an amount of these deals, or the base currency, has.
fn decimals(input: &PeriodDealsInput<'_>, names: &DealNames) -> u32 {
    let of_deals = names.0.iter().map(|name| input.tables.decimals_of(input.snapshot.state(name.deal).currency)).max();
    let of_base = period_deals(input, &[]).base.map_or(0, |base| base.decimals);
    of_deals.unwrap_or(2).max(of_base)
}
