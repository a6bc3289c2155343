//! The columns of `compare_bridge` and `compare_deals`, and the tables made of a [`Comparison`].

use std::borrow::Cow;

use arrow::error::ArrowError;

use crate::analyses::compare::rows::{BridgeRow, Comparison, DealChange, MovedPart};
use crate::report::column::{Column, MoneyCell, TableSpec};
use crate::report::invariants::Invariant;
use crate::report::table::Table;

type BridgeColumn = Column<BridgeRow>;
type DealColumn = Column<DealChange>;

fn part(row: &BridgeRow, part: MovedPart) -> Option<MoneyCell> {
    Some(MoneyCell::new(row.part(part), row.decimals))
}

/// What always holds of `compare_bridge`.
const OF_BRIDGE: &[Invariant] = &[Invariant::Key(&["level", "node", "period", "measure", "currency"])];

/// The columns of `compare_bridge`.
#[must_use]
pub fn spec() -> TableSpec<BridgeRow> {
    let mut columns = vec![
        BridgeColumn::text("level", "level of the hierarchy", |row| Some(row.level.as_str().into()))
            .one_of(&["owner", "manager", "team", "region", "company"]),
        BridgeColumn::text("node", "the owner's or manager's id, the team, the region or `company`", |row| {
            Some(row.node.as_str().into())
        }),
        BridgeColumn::text("node_name", "name of the owner or manager, else the node", |row| {
            Some(row.name.as_str().into())
        }),
        BridgeColumn::text("period", "the running fiscal period of the old run", |row| {
            Some(row.period.as_str().into())
        }),
        BridgeColumn::text("measure", "what the row is about: a column of `forecast`", |row| {
            Some(row.measure.name().into())
        })
        .one_of(&["expected", "pipeline"]),
        BridgeColumn::text("currency", "the base currency where both runs have it, else that of the deals", |row| {
            Some(row.currency.as_str().into())
        })
        .unit("ISO 4217"),
        BridgeColumn::money("start", "in the old run", |row| Some(MoneyCell::new(row.start, row.decimals))),
    ];
    columns.extend(part_columns());
    columns.push(
        BridgeColumn::money("end", "in the new run", |row| Some(MoneyCell::new(row.end, row.decimals))).formula(
            "start + new + won + lost + gone + reopened + moved_in + moved_out + revalued + amount + pulled_in + \
             slipped + rescored + new_business + other",
        ),
    );
    TableSpec::new("compare_bridge", "node x measure x currency in which something moved", columns).holds(OF_BRIDGE)
}

fn part_columns() -> Vec<BridgeColumn> {
    vec![
        BridgeColumn::money("new", "deals in the new run only", |row| part(row, MovedPart::New)),
        BridgeColumn::money("won", "deals won since: what they brought less what was expected", |row| {
            part(row, MovedPart::Won)
        }),
        BridgeColumn::money("lost", "deals lost since", |row| part(row, MovedPart::Lost)),
        BridgeColumn::money("gone", "deals in the old run only", |row| part(row, MovedPart::Gone)),
        BridgeColumn::money("reopened", "deals that were closed and are open, or closed otherwise, now", |row| {
            part(row, MovedPart::Reopened)
        }),
        BridgeColumn::money("moved_in", "deals that came from another node", |row| part(row, MovedPart::MovedIn)),
        BridgeColumn::money("moved_out", "deals that went to another node", |row| part(row, MovedPart::MovedOut)),
        BridgeColumn::money("revalued", "open deals: other exchange rates", |row| part(row, MovedPart::Revalued)),
        BridgeColumn::money("amount", "open deals: other amounts, at the old chances", |row| {
            part(row, MovedPart::Amount)
        }),
        BridgeColumn::money("pulled_in", "open deals whose close date came into the period", |row| {
            part(row, MovedPart::PulledIn)
        }),
        BridgeColumn::money("slipped", "open deals whose close date left the period", |row| {
            part(row, MovedPart::Slipped)
        }),
        BridgeColumn::money("rescored", "open deals: other chances", |row| part(row, MovedPart::Rescored)),
        BridgeColumn::money("new_business", "deals not yet created", |row| part(row, MovedPart::NewBusiness)),
        BridgeColumn::money("other", "what the deals do not explain: 0 unless the runs list not all deals", |row| {
            part(row, MovedPart::Other)
        }),
    ]
}

/// `compare_bridge` as a table.
///
/// # Errors
/// An arrow error where columns differ in length.
pub fn bridge_table(comparison: &Comparison) -> Result<Table, ArrowError> {
    let scale = comparison.bridges.iter().map(|row| row.decimals).max().unwrap_or(2);
    spec().table(&comparison.bridges, scale)
}

/// In the old run, in the new one.
fn word(values: &[Option<String>; 2], run: usize) -> Option<Cow<'_, str>> {
    values[run].as_deref().map(Into::into)
}

fn money(row: &DealChange, values: [Option<i128>; 2], run: usize) -> Option<MoneyCell> {
    Some(MoneyCell::new(values[run]?, row.decimals))
}

/// When what the old run says is empty.
const NOT_OLD: &str = "the old run has none, or not the deal";
/// When what the new run says is empty.
const NOT_NEW: &str = "the new run has none, or not the deal";

/// What always holds of `compare_deals`.
const OF_DEALS: &[Invariant] = &[Invariant::Key(&["deal_id"])];

/// The columns of `compare_deals`.
#[must_use]
pub fn deals_spec() -> TableSpec<DealChange> {
    let mut columns = vec![
        DealColumn::text("deal_id", "id of the deal", |row| Some(row.id.as_str().into())),
        DealColumn::text("name", "name of the deal", |row| row.name.as_deref().map(Into::into))
            .empty("the deal has none"),
        DealColumn::text(
            "changes",
            "what happened, separated by `, `: new, new and won, new and lost, gone, gone or closed long ago, won, lost, reopened, corrected, \
             slipped, pulled in, close date, stage, score, amount, owner",
            |row| Some(row.happened.join(", ").into()),
        ),
        DealColumn::text("old_status", "in the old run", |row| word(&row.status, 0)).empty(NOT_OLD),
        DealColumn::text("new_status", "in the new run", |row| word(&row.status, 1)).empty(NOT_NEW),
        DealColumn::text("old_stage", "in the old run", |row| word(&row.stage, 0)).empty(NOT_OLD),
        DealColumn::text("new_stage", "in the new run", |row| word(&row.stage, 1)).empty(NOT_NEW),
        DealColumn::money("old_amount", "in the old run", |row| money(row, row.amount, 0)).empty(NOT_OLD),
        DealColumn::money("new_amount", "in the new run", |row| money(row, row.amount, 1)).empty(NOT_NEW),
        DealColumn::text("currency", "currency of the deal", |row| row.currency.as_deref().map(Into::into))
            .unit("ISO 4217")
            .empty("the deal has none"),
    ];
    columns.extend(forecast_columns());
    TableSpec::new("compare_deals", "deal that changed", columns).holds(OF_DEALS)
}

fn forecast_columns() -> Vec<DealColumn> {
    vec![
        DealColumn::date("old_expected_close", "in the old run", |row| row.expected_close[0]).empty(NOT_OLD),
        DealColumn::date("new_expected_close", "in the new run", |row| row.expected_close[1]).empty(NOT_NEW),
        DealColumn::integer("old_score", "win probability in percent in the old run", |row| row.score[0])
            .between(0, 100)
            .empty("the deal was not open in the old run, or not there, or the run has no model"),
        DealColumn::integer("new_score", "win probability in percent in the new run", |row| row.score[1])
            .between(0, 100)
            .empty("the deal is not open in the new run, or not there, or the run has no model"),
        DealColumn::money("old_expected", "expected in the running period of the old run", |row| {
            money(row, row.expected, 0)
        })
        .empty("the deal was not open in the old run, or not there, or the run has no model"),
        DealColumn::money("new_expected", "expected in the running period of the new run", |row| {
            money(row, row.expected, 1)
        })
        .empty("the deal is not open in the new run, or not there, or the run has no model"),
        DealColumn::text("old_owner", "in the old run", |row| word(&row.owner, 0)).empty(NOT_OLD),
        DealColumn::text("new_owner", "in the new run", |row| word(&row.owner, 1)).empty(NOT_NEW),
    ]
}

/// `compare_deals` as a table.
///
/// # Errors
/// An arrow error where columns differ in length.
pub fn deals_table(comparison: &Comparison) -> Result<Table, ArrowError> {
    let scale = comparison.deals.iter().map(|row| row.decimals).max().unwrap_or(2);
    deals_spec().table(&comparison.deals, scale)
}
