//! What every number means: the declared columns of the tables that views show, so that each heading leads somewhere.

use serde::Serialize;

use super::grid::head;
use super::setting::PageSetting;

/// The tables whose columns views show, in the order of the views.
const TABLES: [&str; 18] = [
    "forecast",
    "gaps",
    "forecast_runs",
    "actions",
    "scores",
    "positions",
    "stagnation",
    "funnel",
    "funnel_summary",
    "sources",
    "campaigns",
    "waterfall",
    "evaluation",
    "backtest",
    "backtest_cases",
    "drift",
    "input_costs",
    "input_columns",
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

/// Where the definition of a column stands.
pub(super) fn place_of(table: &str, column: &str) -> String {
    format!("define/{table}/{column}")
}

/// The view: every declared column of the run's tables that views show.
pub(super) fn definitions(setting: PageSetting<'_>) -> Vec<DefinedTable> {
    let tables =
        TABLES.iter().map(|table| DefinedTable { name: (*table).to_owned(), columns: columns(setting, table) });
    tables.filter(|table| !table.columns.is_empty()).collect()
}

fn columns(setting: PageSetting<'_>, table: &str) -> Vec<Definition> {
    let names = setting.material.columns(table);
    let definition = |name: String| {
        let head = head(setting, table, &name);
        let unit = setting.material.note(table, &name, "unit").unwrap_or_default().to_owned();
        Definition { id: place_of(table, &name), label: head.label, key: name, note: head.note, unit }
    };
    names.into_iter().map(definition).collect()
}
