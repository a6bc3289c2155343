//! The numbers of the findings are those of the tables.

use serde_json::Value;

use crate::report::cell::{Cell, TableCells};
use crate::report::invariants::{Others, Violation};
use crate::run::check::documents::read_json;
use crate::store::finished_run::FinishedRun;

/// A number written as text and read again.
const RELATIVE: f64 = 1e-9;

/// Where a finding takes its numbers from.
struct Told {
    /// Code of the finding.
    code: &'static str,
    /// The table.
    table: &'static str,
    /// What names the row: a column, and what stands there.
    row: &'static [(&'static str, Named)],
    /// The numbers: name in the finding, column of the table.
    numbers: &'static [(&'static str, &'static str)],
}

/// What stands in a column that names a row.
enum Named {
    /// This.
    As(&'static str),
    /// The period of the finding's subject.
    ByPeriod,
}

/// The findings that repeat cells of one row.
const TOLD: [Told; 3] = [
    Told {
        code: "forecast.period",
        table: "forecast",
        row: &[("level", Named::As("company")), ("basis", Named::As("base")), ("period", Named::ByPeriod)],
        numbers: &[("quota", "quota"), ("won", "won"), ("attainment", "attainment"), ("gap", "gap")],
    },
    Told {
        code: "forecast.outlook",
        table: "forecast",
        row: &[("level", Named::As("company")), ("basis", Named::As("base")), ("period", Named::ByPeriod)],
        numbers: &[("p10", "p10"), ("median", "p50"), ("p90", "p90")],
    },
    Told {
        code: "stagnation.total",
        table: "stagnation_summary",
        row: &[("by", Named::As("all"))],
        numbers: &[
            ("stalled", "stalled"),
            ("stalled_value", "stalled_value"),
            ("slow", "slow"),
            ("slow_value", "slow_value"),
        ],
    },
];

/// Findings whose numbers are not those of their table.
pub(super) fn findings_hold(run: &FinishedRun, tables: &Others<'_>) -> Vec<Violation> {
    let document = read_json(run, "findings.json").unwrap_or_default();
    let sections = document["sections"].as_array().into_iter().flatten();
    let findings = sections.flat_map(|section| section["findings"].as_array().into_iter().flatten());
    findings.flat_map(|finding| finding_holds(finding, tables)).collect()
}

fn finding_holds(finding: &Value, tables: &Others<'_>) -> Vec<Violation> {
    let told = TOLD.iter().find(|told| finding["code"] == told.code);
    let Some((told, table)) = told.and_then(|told| Some((told, tables.get(told.table)?))) else { return Vec::new() };
    let cells = TableCells(table.batch());
    let subject = &finding["subject"];
    let Some(row) = (0..cells.rows())
        .find(|row| told.row.iter().all(|(column, named)| cells.at(column, *row).text() == named.text(subject)))
    else {
        return Vec::new();
    };
    let numbers = told.numbers.iter().filter_map(|(name, column)| {
        let got = number_of(&finding["numbers"][*name])?;
        let cell = cells.at(column, row);
        (!is_number(&cell, got)).then(|| {
            let expected = format!("{cell}, as {}.{column}", told.table);
            Violation::of_file("findings.json", got.to_string(), expected)
                .column(*name)
                .row(format!("{} {subject}", told.code))
        })
    });
    numbers.collect()
}

impl Named {
    fn text<'t>(&self, subject: &'t Value) -> Option<&'t str>
    where
        'static: 't,
    {
        match self {
            Self::As(text) => Some(text),
            Self::ByPeriod => subject["period"].as_str(),
        }
    }
}

/// A quantity as a number.
fn number_of(quantity: &Value) -> Option<f64> {
    let value = &quantity["value"];
    value.as_f64().or_else(|| value["amount"].as_str()?.parse().ok())
}

fn is_number(cell: &Cell<'_>, number: f64) -> bool {
    cell.number().is_some_and(|there| (there - number).abs() <= RELATIVE * (1.0 + there.abs()))
}
