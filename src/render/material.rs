//! What a finished run has to show, read back from its folder: tables by name, findings by section.
//!
//! [`FinishedRun`] in, [`Material`] out. Every report renders from it alone, so a number in a report is a cell of the
//! Parquet outputs.

use std::collections::BTreeMap;
use std::io;

use serde::{Deserialize, Serialize};

use crate::domain::day::Day;
use crate::report::cell::{Cell, TableCells};
use crate::report::finding::Finding;
use crate::report::people::People;
use crate::report::table::Table;
use crate::store::finished_run::FinishedRun;

/// The tables and findings of one run.
#[derive(Debug)]
pub struct Material {
    tables: BTreeMap<String, Table>,
    told: Told,
    /// What owners and managers are called.
    people: People,
    /// The as-of day of the earlier run it is compared with: the one that was replaced, or named.
    since: Option<String>,
}

/// The table by which two runs are compared. It has every deal closed within a year; reports show its open ones.
const PERIOD_DEALS: &str = "period_deals";

/// The columns of it that reports show: how much of what is expected of the running period each open deal is.
const EXPECTED_OF_DEALS: [&str; 4] = ["deal_id", "win_in_period", "expected", "base_expected"];

/// `findings.json`, read back.
#[derive(Clone, Debug, Deserialize)]
struct Told {
    as_of: String,
    model_id: Option<String>,
    sections: Vec<ToldSection>,
}

/// Findings under one heading.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct ToldSection {
    pub title: String,
    pub findings: Vec<ToldFinding>,
}

/// One finding, as [`crate::report::finding::Finding`] wrote it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct ToldFinding {
    pub code: String,
    pub severity: String,
    pub subject: ToldSubject,
    #[serde(default)]
    pub numbers: BTreeMap<String, ToldQuantity>,
    pub sentence: String,
    #[serde(default)]
    pub remedy: Option<String>,
}

/// A number of a finding, as [`crate::report::finding::Quantity`] wrote it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", tag = "unit", content = "value")]
pub(super) enum ToldQuantity {
    Count(u64),
    Share(f64),
    Days(i64),
    Number(f64),
    Money { amount: String, currency: String },
    Date(String),
    Text(String),
    Names(Vec<String>),
}

/// What a finding is about.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct ToldSubject {
    /// `deals`, `level`, `stage`…
    #[serde(default)]
    pub kind: String,
    #[serde(default)]
    pub name: String,
    #[serde(default)]
    pub period: Option<String>,
}

/// One row of a table.
#[derive(Clone, Copy)]
pub(super) struct TableLine<'m> {
    cells: TableCells<'m>,
    row: usize,
}

impl Material {
    /// Reads what `run` wrote.
    ///
    /// # Errors
    /// What the file system refused; [`io::ErrorKind::InvalidData`] where a file is damaged.
    pub fn read(run: &FinishedRun) -> io::Result<Self> {
        let told = run.bytes("findings.json")?;
        let names = run.manifest().files.iter().filter_map(|file| file.file.strip_suffix(".parquet"));
        let tables = names.map(|name| Ok((name.to_owned(), shown_of(run, name)?))).collect::<io::Result<_>>()?;
        let material = Self::of(&told, tables)?;
        Ok(Self { since: run.manifest().since.clone(), ..material })
    }

    /// What `findings.json` and the tables say.
    ///
    /// # Errors
    /// [`io::ErrorKind::InvalidData`] where the findings are none.
    pub(super) fn of(findings: &[u8], tables: BTreeMap<String, Table>) -> io::Result<Self> {
        let told = serde_json::from_slice(findings)?;
        let forecast = tables.get("forecast");
        let people = forecast.map_or_else(People::default, |table: &Table| People::of_nodes(TableCells(table.batch())));
        Ok(Self { tables, told, people, since: None })
    }

    /// With what moved since the run as of `since`: `compare_bridge`.
    #[must_use]
    pub fn compared(mut self, since: Day, bridge: Table) -> Self {
        self.tables.insert(bridge.name().to_owned(), bridge);
        self.since = Some(since.to_string());
        self
    }

    /// The day of the earlier run it is compared with.
    pub(super) fn since(&self) -> Option<&str> {
        self.since.as_deref()
    }

    /// What owners and managers are called: their names in the users table.
    pub(super) fn people(&self) -> &People {
        &self.people
    }

    /// The first day that was not known.
    pub(super) fn as_of(&self) -> &str {
        &self.told.as_of
    }

    /// The model the scores come from.
    pub(super) fn model_id(&self) -> Option<&str> {
        self.told.model_id.as_deref()
    }

    /// The findings, section by section.
    pub(super) fn sections(&self) -> &[ToldSection] {
        &self.told.sections
    }

    /// The findings whose code begins with `code`.
    pub(super) fn findings<'m>(&'m self, code: &'m str) -> impl Iterator<Item = &'m ToldFinding> {
        self.told
            .sections
            .iter()
            .flat_map(|section| &section.findings)
            .filter(move |found| found.code.starts_with(code))
    }

    /// The rows of a table; none where the run has no such table.
    pub(super) fn lines<'m>(&'m self, table: &str) -> impl Iterator<Item = TableLine<'m>> + use<'m> {
        let cells = self.tables.get(table).map(|table| TableCells(table.batch()));
        let rows = cells.map_or(0, TableCells::rows);
        cells.into_iter().flat_map(move |cells| (0..rows).map(move |row| TableLine { cells, row }))
    }

    /// The names of a table's columns, in order.
    pub(super) fn columns(&self, table: &str) -> Vec<&str> {
        let fields = self.tables.get(table).map(|table| table.batch().schema_ref().fields());
        fields.into_iter().flatten().map(|field| field.name().as_str()).collect()
    }

    /// What a column says of itself: `meaning`, `unit`, `formula` or `empty`.
    pub(super) fn note(&self, table: &str, column: &str, note: &str) -> Option<&str> {
        let schema = self.tables.get(table)?.batch().schema_ref();
        schema.field_with_name(column).ok()?.metadata().get(note).map(String::as_str)
    }
}

/// The table `name` of `run`, as far as reports show it.
fn shown_of(run: &FinishedRun, name: &str) -> io::Result<Table> {
    match name {
        PERIOD_DEALS => run.table_rows(name, &EXPECTED_OF_DEALS, "status", "open"),
        _ => Ok(run.table(name)?.0),
    }
}

impl ToldFinding {
    /// `finding` as it is read back.
    pub(super) fn of(finding: &Finding) -> Option<Self> {
        serde_json::to_value(finding).and_then(serde_json::from_value).ok()
    }
}

impl<'m> TableLine<'m> {
    /// Row `row` of a table.
    pub(super) fn of(cells: TableCells<'m>, row: usize) -> Self {
        Self { cells, row }
    }

    /// The cell of a column; empty where there is no such column.
    pub(super) fn at(self, column: &str) -> Cell<'m> {
        self.cells.at(column, self.row)
    }

    /// The text of a column; empty where it has none.
    pub(super) fn text(self, column: &str) -> &'m str {
        self.at(column).text().unwrap_or_default()
    }

    /// A column as tables write it, to the last digit; empty text where it has none.
    pub(super) fn written(self, column: &str) -> String {
        let cell = self.at(column);
        if cell.is_empty() { String::new() } else { cell.to_string() }
    }

    /// The number of a column; money in whole units.
    pub(super) fn number(self, column: &str) -> Option<f64> {
        self.at(column).number()
    }

    /// Whether each of these columns has this text.
    pub(super) fn is(self, wanted: &[(&str, &str)]) -> bool {
        wanted.iter().all(|(column, text)| self.text(column) == *text)
    }
}
