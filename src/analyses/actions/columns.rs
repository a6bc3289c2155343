//! The columns of `actions`, and the table made of [`Actions`].

use std::borrow::Cow;
use std::collections::BTreeMap;

use arrow::error::ArrowError;

use crate::analyses::actions::facts::{ActionDealFacts, ActionFacts};
use crate::analyses::actions::rows::{ActionRow, Actions};
use crate::ingest::tables::Tables;
use crate::report::column::{Column, MoneyCell, TableSpec};
use crate::report::invariants::{Invariant, Repeats};
use crate::report::table::Table;
use crate::timeline::Timeline;

/// When what is said of a deal is empty.
const OF_FORECAST: &str = "the row is about a forecast";
/// When what is said of a gap or forecast is empty.
const OF_DEAL: &str = "the row is about a deal alone";

/// One row of `actions`, with all that names it.
pub struct ActionLine<'a> {
    row: &'a ActionRow,
    rank: i64,
    owner_rank: i64,
    actions: &'a Actions,
    facts: Option<&'a ActionDealFacts>,
    stage: Option<&'a str>,
    tables: &'a Tables,
    managers: String,
    numbers: String,
}

impl ActionLine<'_> {
    fn native(&self, minor: i64) -> Option<MoneyCell> {
        match self.row.currency {
            Some(currency) => Some(MoneyCell::new(minor, self.tables.decimals_of(currency))),
            None => self.in_base(minor),
        }
    }

    fn in_base(&self, minor: i64) -> Option<MoneyCell> {
        Some(MoneyCell::new(minor, self.actions.base.as_ref()?.decimals))
    }

    fn currency(&self) -> Option<Cow<'_, str>> {
        match self.row.currency {
            Some(currency) => self.tables.currencies.name(currency).map(Cow::from),
            None => self.base_currency(),
        }
    }

    fn base_currency(&self) -> Option<Cow<'_, str>> {
        self.actions.base.as_ref().map(|base| base.code.as_str().into())
    }

    /// The nearest manager who is somebody else.
    fn manager(&self) -> Option<Cow<'_, str>> {
        let other = self.row.managers.iter().find(|manager| self.row.owner.as_ref() != Some(*manager));
        other.map(|manager| manager.as_str().into())
    }
}

type ActionColumn<'a> = Column<ActionLine<'a>>;

/// What always holds of `actions`.
const INVARIANTS: &[Invariant] = &[
    Invariant::Key(&["rank"]),
    Invariant::Key(&["kind", "deal_id", "node", "period"]),
    Invariant::Together(&["level", "node", "node_name", "period"]),
    Invariant::Repeats(Repeats {
        table: "scores",
        by: &["deal_id"],
        only: None,
        columns: &[
            ("name", "name"),
            ("account", "account"),
            ("owner", "owner"),
            ("stage", "stage"),
            ("amount", "amount"),
            ("currency", "currency"),
            ("likely_close", "predicted_close_date"),
        ],
        every: true,
    }),
];

/// The columns of `actions`.
#[must_use]
pub fn spec<'a>() -> TableSpec<ActionLine<'a>> {
    let mut columns = vec![
        ActionColumn::integer("rank", "place among all rows, the most worth first", |line| Some(line.rank)).at_least(1),
        ActionColumn::integer("owner_rank", "place among the rows of the same owner", |line| Some(line.owner_rank))
            .at_least(1),
        ActionColumn::text("owner", "who is to do it", |line| line.row.owner.as_deref().map(Into::into))
            .empty("the deal has no owner"),
        ActionColumn::text("manager", "the nearest manager above the owner", ActionLine::manager)
            .empty("nobody manages the owner"),
    ];
    columns.extend(what_columns());
    columns.extend(deal_columns());
    columns.extend(money_columns());
    columns.extend(further_columns());
    TableSpec::new("actions", "thing to do", columns).holds(INVARIANTS)
}

fn what_columns<'a>() -> Vec<ActionColumn<'a>> {
    vec![
        ActionColumn::text("kind", "what kind of action", |line| Some(line.row.kind.name().into())).one_of(&[
            "close the gap",
            "stalled deal",
            "slow deal",
            "close date too early",
            "close date overdue",
            "fields missing",
            "activity missing",
            "submitted forecast",
            "adjusted forecast",
        ]),
        ActionColumn::text("what", "what is to be done", |line| Some(line.row.what.as_str().into())),
        ActionColumn::text("why", "why, with the numbers", |line| Some(line.row.why.sentence.as_str().into())),
        ActionColumn::date("due", "by when it is to be done", |line| Some(line.row.due)),
    ]
}

fn deal_columns<'a>() -> Vec<ActionColumn<'a>> {
    vec![
        ActionColumn::text("deal_id", "id of the deal", |line| Some(line.facts?.id.as_str().into())).empty(OF_FORECAST),
        ActionColumn::text("name", "name of the deal", |line| line.facts?.name.as_deref().map(Into::into))
            .empty("the deal has none, or the row is about a forecast"),
        ActionColumn::text("account", "customer", |line| line.facts?.account.as_deref().map(Into::into))
            .empty("the deal names none, or the row is about a forecast"),
        ActionColumn::text("stage", "stage of the deal as of the day", |line| line.stage.map(Into::into))
            .empty(OF_FORECAST),
    ]
}

fn money_columns<'a>() -> Vec<ActionColumn<'a>> {
    vec![
        ActionColumn::money("amount", "amount of the deal as of the day, or the forecast", |line| {
            line.native(line.row.amount?)
        })
        .empty("the deal has no amount"),
        ActionColumn::text("currency", "currency of `amount` and `worth`", ActionLine::currency).unit("ISO 4217"),
        ActionColumn::number(
            "chance",
            "chance to be won that `worth` counts with: in `period` to close the gap, within the model's horizon else",
            |line| line.row.worth?.chance,
        )
        .between(0, 1)
        .empty("no model is in use, or the row is about a forecast"),
        ActionColumn::money(
            "worth",
            "what is at stake: what is expected of the deal (amount x chance x what amounts become; a deal without an \
             amount counts as such deals do), or what lies between the forecast and its 80 % range",
            |line| line.native(line.row.worth?.native),
        )
        .empty("no model is in use"),
        ActionColumn::money("base_worth", "`worth` at the rate of the last known day", |line| {
            line.in_base(line.row.worth?.base?)
        })
        .unit("base currency")
        .empty("no model is in use, or there is no rate"),
        ActionColumn::text("base_currency", "the base currency", |line| {
            line.row.worth?.base?;
            line.base_currency()
        })
        .unit("ISO 4217")
        .empty("where `base_worth` is"),
    ]
}

fn further_columns<'a>() -> Vec<ActionColumn<'a>> {
    vec![
        ActionColumn::date("expected_close", "expected close date of the deal", |line| line.row.expected_close)
            .empty("the deal has none, or the row is about a forecast"),
        ActionColumn::date(
            "likely_close",
            "the honest close date: the median day of the win, if the deal is won",
            |line| line.row.likely_close,
        )
        .empty("no model is in use, the deal is as good as never won, or the row is about a forecast"),
        ActionColumn::text("level", "level of the node whose gap or forecast it is", |line| {
            Some(line.row.node.as_ref()?.level.name().into())
        })
        .one_of(&["owner", "manager", "team", "region", "company"])
        .empty(OF_DEAL),
        ActionColumn::text("node", "the node: owner's or manager's id, team, region or `company`", |line| {
            Some(line.row.node.as_ref()?.key.as_str().into())
        })
        .empty(OF_DEAL),
        ActionColumn::text("node_name", "name of the node", |line| Some(line.row.node.as_ref()?.name.as_str().into()))
            .empty(OF_DEAL),
        ActionColumn::text("period", "the fiscal period of the gap or forecast", |line| {
            Some(line.row.node.as_ref()?.period.to_string().into())
        })
        .empty(OF_DEAL),
        ActionColumn::text("owner_name", "name of the owner in the users table, else the id", |line| {
            line.row.owner_name.as_deref().map(Into::into)
        })
        .empty("the deal has no owner"),
        ActionColumn::json(
            "managers",
            "ids of all managers above, nearest first; an owner who manages others comes first",
            |line| Some(line.managers.as_str().into()),
        ),
        ActionColumn::text("code", "what kind of sentence `why` is, for programs", |line| {
            Some(line.row.why.code.into())
        }),
        ActionColumn::json("numbers", "the numbers of `why` by name, with their units", |line| {
            Some(line.numbers.as_str().into())
        }),
    ]
}

/// `actions` as a table.
///
/// # Errors
/// An arrow error where columns differ in length.
pub fn table(
    actions: &Actions,
    facts: &ActionFacts,
    tables: &Tables,
    timeline: &Timeline,
) -> Result<Table, ArrowError> {
    let mut of_owner = BTreeMap::<Option<&str>, i64>::new();
    let mut lines = Vec::with_capacity(actions.rows.len());
    for (row, rank) in actions.rows.iter().zip(1..) {
        let owner_rank = of_owner.entry(row.owner.as_deref()).or_default();
        *owner_rank += 1;
        let facts = row.deal.and_then(|at| facts.deals.get(at));
        lines.push(ActionLine {
            row,
            rank,
            owner_rank: *owner_rank,
            actions,
            facts,
            stage: facts.map(|facts| timeline.stages.name(facts.stay.stage)),
            tables,
            managers: serde_json::to_string(&row.managers).unwrap_or_default(),
            numbers: row.why.numbers_json(),
        });
    }
    let of_row = |line: &ActionLine<'_>| line.row.currency.map_or(0, |currency| tables.decimals_of(currency));
    let base = actions.base.as_ref().map_or(2, |base| base.decimals);
    let scale = lines.iter().map(of_row).max().unwrap_or(2).max(base);
    spec().table(&lines, scale)
}
