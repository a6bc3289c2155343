//! A run as it is compared: its tables read back, deal by deal.

use std::collections::BTreeMap;

use crate::domain::day::Day;
use crate::report::cell::{Cell, TableCells};
use crate::report::table::Table;

/// The outputs of one run.
#[derive(Clone, Copy, Debug)]
pub struct ComparedRun<'t> {
    /// The first day that was not known.
    pub as_of: Day,
    /// The model of the scores.
    pub model_id: Option<&'t str>,
    /// Checksum of the configuration.
    pub config: Option<&'t str>,
    /// `period_deals`.
    pub deals: &'t Table,
    /// `scores`.
    pub scores: &'t Table,
    /// `forecast`.
    pub forecast: &'t Table,
    /// `evaluation`, if the run has a model.
    pub evaluation: Option<&'t Table>,
}

/// Open, won or lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    Open,
    Won,
    Lost,
}

impl Status {
    pub fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Won => "won",
            Self::Lost => "lost",
        }
    }
}

/// Money as a table has it: units of its last decimal place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SeenMoney {
    pub units: i128,
    pub places: u32,
}

impl SeenMoney {
    fn of(cell: Cell<'_>) -> Option<Self> {
        match cell {
            Cell::Money(units, places) => Some(Self { units, places }),
            _ => None,
        }
    }

    /// In units of the last of `places`, which are no fewer.
    pub fn scaled(self, places: u32) -> i128 {
        self.units * 10_i128.pow(places.saturating_sub(self.places))
    }
}

/// One deal in one run.
#[derive(Clone, Debug)]
pub(super) struct SeenDeal<'t> {
    pub name: Option<&'t str>,
    pub status: Status,
    pub stage: &'t str,
    pub owner: &'t str,
    pub team: &'t str,
    pub region: &'t str,
    pub managers: Vec<String>,
    pub closed_on: Option<Day>,
    pub expected_close: Option<Day>,
    pub is_omitted: bool,
    pub currency: &'t str,
    pub amount: Option<SeenMoney>,
    pub base_amount: Option<SeenMoney>,
    pub expected: Option<SeenMoney>,
    pub base_expected: Option<SeenMoney>,
    pub score: Option<i64>,
}

fn text<'t>(cells: TableCells<'t>, column: &str, row: usize) -> &'t str {
    cells.at(column, row).text().unwrap_or_default()
}

fn date(cells: TableCells<'_>, column: &str, row: usize) -> Option<Day> {
    match cells.at(column, row) {
        Cell::Date(day) => Some(day),
        _ => None,
    }
}

/// The deals of a run, by id.
pub(super) fn deals<'t>(run: &ComparedRun<'t>) -> BTreeMap<&'t str, SeenDeal<'t>> {
    let scored = TableCells(run.scores.batch());
    let score = |row: usize| match scored.at("score", row) {
        Cell::Whole(score) => Some((text(scored, "deal_id", row), score)),
        _ => None,
    };
    let scores: BTreeMap<&str, i64> = (0..scored.rows()).filter_map(score).collect();
    let cells = TableCells(run.deals.batch());
    let of_row = |row: usize| {
        let word = |column: &str| text(cells, column, row);
        let money = |column: &str| SeenMoney::of(cells.at(column, row));
        let id = word("deal_id");
        let deal = SeenDeal {
            name: Some(word("name")).filter(|name| !name.is_empty()),
            status: match word("status") {
                "won" => Status::Won,
                "lost" => Status::Lost,
                _ => Status::Open,
            },
            stage: word("stage"),
            owner: word("owner"),
            team: word("team"),
            region: word("region"),
            managers: serde_json::from_str(word("managers")).unwrap_or_default(),
            closed_on: date(cells, "closed_on", row),
            expected_close: date(cells, "expected_close", row),
            is_omitted: word("category") == "omitted",
            currency: word("currency"),
            amount: money("amount"),
            base_amount: money("base_amount"),
            expected: money("expected"),
            base_expected: money("base_expected"),
            score: scores.get(id).copied(),
        };
        (id, deal)
    };
    (0..cells.rows()).map(of_row).collect()
}

/// A row of `forecast`.
#[derive(Clone, Copy, Debug)]
pub(super) struct SeenNode<'t> {
    pub name: &'t str,
    pub first: Option<Day>,
    pub last: Option<Day>,
    pub pipeline: Option<SeenMoney>,
    pub expected: Option<SeenMoney>,
    pub from_new: Option<SeenMoney>,
}

/// A level, a node and a currency.
pub(super) type NodeKey<'t> = (&'t str, &'t str, &'t str);

/// The rows of `forecast` in `period` and `basis`.
pub(super) fn nodes<'t>(run: &ComparedRun<'t>, period: &str, basis: &str) -> BTreeMap<NodeKey<'t>, SeenNode<'t>> {
    let cells = TableCells(run.forecast.batch());
    let is_wanted = |row: &usize| text(cells, "period", *row) == period && text(cells, "basis", *row) == basis;
    let node = |row: usize| {
        let word = |column: &str| text(cells, column, row);
        let money = |column: &str| SeenMoney::of(cells.at(column, row));
        let seen = SeenNode {
            name: word("node_name"),
            first: date(cells, "period_start", row),
            last: date(cells, "period_end", row),
            pipeline: money("pipeline"),
            expected: money("expected"),
            from_new: money("expected_from_new"),
        };
        ((word("level"), word("node"), word("currency")), seen)
    };
    (0..cells.rows()).filter(is_wanted).map(node).collect()
}

/// The running period of a run: that of its deals; empty where it has none.
pub(super) fn period<'t>(run: &ComparedRun<'t>) -> &'t str {
    let cells = TableCells(run.deals.batch());
    if cells.rows() == 0 { "" } else { text(cells, "period", 0) }
}

/// The base currency of a run with rows in it.
pub(super) fn base<'t>(run: &ComparedRun<'t>) -> Option<&'t str> {
    let cells = TableCells(run.forecast.batch());
    (0..cells.rows()).find(|&row| text(cells, "basis", row) == "base").map(|row| text(cells, "currency", row))
}

/// Decimal places of the money in a run.
pub(super) fn places(run: &ComparedRun<'_>) -> u32 {
    let of = |table: &Table, column: &str| {
        let schema = table.batch().schema();
        match schema.field_with_name(column).map(|field| field.data_type().clone()) {
            Ok(arrow::datatypes::DataType::Decimal128(_, scale)) => u32::try_from(scale).unwrap_or(0),
            _ => 0,
        }
    };
    of(run.deals, "amount").max(of(run.forecast, "won"))
}
