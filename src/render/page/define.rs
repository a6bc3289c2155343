//! What every number means: the declared columns of the tables that views show, so that each heading leads somewhere.

use serde::Serialize;

use super::data::{CASES, DEAL, FORECAST, FUNNEL, GAPS, PACE, POSITIONS, RUNS, STAGNATION};
use super::evidence::{BACKTEST, COSTS, DRIFT, EVALUATION, QUALITY};
use super::funnel::COHORTS;
use super::grid::head;
use super::monday::ACTION;
use super::place::place_of;
use super::setting::PageSetting;
use super::sources::SOURCES;
use crate::report::first_columns::first_columns;

/// The tables whose columns views show, in the order of the views, and what they show beside the first columns.
const TABLES: [(&str, &[&str]); 18] = [
    ("forecast", &FORECAST),
    ("gaps", &GAPS),
    ("forecast_runs", &RUNS),
    ("actions", &ACTION),
    ("scores", &DEAL),
    ("period_deals", &PACE),
    ("positions", &POSITIONS),
    ("stagnation", &STAGNATION),
    ("funnel", &FUNNEL),
    ("funnel_summary", &COHORTS),
    ("sources", &SOURCES),
    ("campaigns", &SOURCES),
    ("evaluation", &EVALUATION),
    ("backtest", &BACKTEST),
    ("backtest_cases", &CASES),
    ("drift", &DRIFT),
    ("input_costs", &COSTS),
    ("input_columns", &QUALITY),
];

/// One column.
#[derive(Debug, Serialize)]
pub(super) struct Definition {
    /// Its address.
    pub id: String,
    pub label: String,
    pub key: String,
    /// Meaning, formula, when it is empty.
    pub note: String,
    pub unit: String,
}

/// The columns of one table.
#[derive(Debug, Serialize)]
pub(super) struct DefinedTable {
    pub name: String,
    pub columns: Vec<Definition>,
}

/// The view: the columns of the run's tables that views show.
pub(super) fn definitions(setting: PageSetting<'_>) -> Vec<DefinedTable> {
    let tables = TABLES
        .iter()
        .map(|(table, shown)| DefinedTable { name: (*table).to_owned(), columns: columns(setting, table, shown) });
    tables.filter(|table| !table.columns.is_empty()).collect()
}

fn columns(setting: PageSetting<'_>, table: &str, shown: &[&str]) -> Vec<Definition> {
    let is_shown = |name: &&str| shown.contains(name) || first_columns(table).contains(name);
    let definition = |name: &str| {
        let head = head(setting, table, name);
        let unit = setting.said(table, name, "unit").unwrap_or_default().to_owned();
        Definition { id: place_of(table, name), label: head.label, key: name.to_owned(), note: head.note, unit }
    };
    setting.material.columns(table).into_iter().filter(is_shown).map(definition).collect()
}
