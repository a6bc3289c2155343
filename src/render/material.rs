//! What a finished run has to show, read back from its folder: tables by name, findings by section.
//!
//! [`FinishedRun`] in, [`Material`] out. Every report renders from it alone, so a number in a report is a cell of the
//! Parquet outputs.

use std::collections::BTreeMap;
use std::io;

use serde::{Deserialize, Serialize};

use crate::report::cell::{Cell, TableCells};
use crate::report::table::Table;
use crate::store::finished_run::FinishedRun;

/// The tables and findings of one run.
#[derive(Debug)]
pub struct Material {
    tables: BTreeMap<String, Table>,
    told: Told,
    /// Of owners the users table names, by id.
    owners: BTreeMap<String, String>,
}

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
    pub sentence: String,
    #[serde(default)]
    pub remedy: Option<String>,
}

/// What a finding is about.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct ToldSubject {
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
        let told = serde_json::from_slice(&run.bytes("findings.json")?)?;
        let names = run.manifest().files.iter().filter_map(|file| file.file.strip_suffix(".parquet"));
        let tables = names.map(|name| Ok((name.to_owned(), run.table(name)?.0))).collect::<io::Result<_>>()?;
        let mut material = Self { tables, told, owners: BTreeMap::new() };
        let owners = material.lines("forecast").filter(|line| line.text("level") == "owner");
        material.owners =
            owners.map(|line| (line.text("node").to_owned(), line.text("node_name").to_owned())).collect();
        Ok(material)
    }

    /// What people call an owner: the name in the users table, else the id.
    pub(super) fn owner<'m>(&'m self, id: &'m str) -> &'m str {
        self.owners.get(id).map_or(id, String::as_str)
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
    pub(super) fn lines(&self, table: &str) -> impl Iterator<Item = TableLine<'_>> {
        let cells = self.tables.get(table).map(|table| TableCells(table.batch()));
        let rows = cells.map_or(0, TableCells::rows);
        cells.into_iter().flat_map(move |cells| (0..rows).map(move |row| TableLine { cells, row }))
    }

    /// What a column says of itself: `meaning`, `unit`, `formula` or `empty`.
    pub(super) fn note(&self, table: &str, column: &str, note: &str) -> Option<&str> {
        let schema = self.tables.get(table)?.batch().schema_ref();
        schema.field_with_name(column).ok()?.metadata().get(note).map(String::as_str)
    }
}

impl<'m> TableLine<'m> {
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
