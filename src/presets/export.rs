//! How a CRM writes what it knows: the part of a data file by which a simulated world is written in the CRM's shape.
//!
//! The names of columns are those the same file gives for reading, so that both ways keep in step.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::domain::inputs::InputTable;
use crate::presets::header::HeaderStyle;
use crate::presets::role::TableRole;

/// One way a CRM gives its data away: a set of files of one shape.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExportShape {
    /// What `simulate --as` calls it.
    pub name: String,
    /// Which export it is, in one sentence.
    pub about: String,
    /// What the shape cannot say, or says less exactly.
    #[serde(default)]
    pub lacks: Vec<String>,
    /// Pattern of moments, in the letters of `strftime`.
    #[serde(default = "iso_moment")]
    pub moments: String,
    /// Pattern of days.
    #[serde(default = "iso_day")]
    pub days: String,
    /// Whether seconds are cut off.
    #[serde(default)]
    pub to_the_minute: bool,
    /// Whether chances are written in percent.
    #[serde(default)]
    pub percent: bool,
    /// Whether amounts have marks between thousands.
    #[serde(default)]
    pub grouped: bool,
    /// What stands around an amount, for instance `${}`.
    #[serde(default = "as_it_is")]
    pub amounts: String,
    /// Whether every cell is quoted.
    #[serde(default)]
    pub quoted: bool,
    /// What is written of the closing day.
    #[serde(default)]
    pub closing: ClosingDay,
    /// Which deals leave their stage as they end.
    #[serde(default)]
    pub ends: StageAtEnd,
    /// What deals call their owners by.
    #[serde(default)]
    pub owners: OwnerWord,
    /// Pattern of a deal's id: `{n}` is its number, `{n8}` the same with eight digits.
    pub deal_ids: String,
    /// Pattern of a person's id.
    #[serde(default = "number")]
    pub owner_ids: String,
    /// Pattern of a stage's id, where deals do not name stages by their labels.
    #[serde(default)]
    pub stage_ids: Option<String>,
    /// Pattern of an account's name.
    #[serde(default = "as_it_is")]
    pub accounts: String,
    /// Pattern of the name of a column that the CRM does not come with: `{}` is the words, `{_}` and `{snake}` the same without
    /// blanks.
    #[serde(default = "as_it_is")]
    pub further: String,
    /// Its files.
    pub tables: Vec<ExportTable>,
}

/// One file of an export.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExportTable {
    /// What it is to dealcast.
    pub role: TableRole,
    /// The way to write its header, by the name of the style; of columns beside the deals there is none.
    #[serde(default)]
    pub style: String,
    /// Its name; of columns beside the deals there is none.
    #[serde(default)]
    pub file: String,
    /// What a row of a history is.
    #[serde(default)]
    pub rows: HistoryRows,
    /// What the history calls the fields, by canonical column; in a log of fields the others are not told.
    #[serde(default)]
    pub fields: BTreeMap<String, String>,
    /// Whether the history has a row for what a deal began with.
    #[serde(default = "yes")]
    pub first: bool,
    /// Which of a canonical column's names the file has, where that is not the best one.
    #[serde(default)]
    pub choose: BTreeMap<String, String>,
    /// Canonical columns the file does not tell, though its header could.
    #[serde(default)]
    pub without: Vec<String>,
    /// Further columns with one value for all rows.
    #[serde(default)]
    pub constants: BTreeMap<String, String>,
    /// What a value is written as, by canonical column.
    #[serde(default)]
    pub values: BTreeMap<String, BTreeMap<String, String>>,
    /// Pattern of the header of a column with the moment a stage was entered.
    #[serde(default)]
    pub entered: String,
    /// The column with the moment a row of a history ceased to hold.
    #[serde(default)]
    pub until: Option<String>,
    /// The words of a stream of events.
    #[serde(default)]
    pub stream: Option<StreamWords>,
}

/// How a stream of events tells that a deal is in a stage.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StreamWords {
    /// Column with the kind of event.
    pub event_column: String,
    /// Column with what happened.
    pub cell_column: String,
    /// The event of a new deal.
    pub first_event: String,
    /// Pattern of its cell.
    pub first_cell: String,
    /// The event of a move.
    pub later_event: String,
    /// Pattern of its cell.
    pub later_cell: String,
}

/// What a row of a history is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HistoryRows {
    /// Everything that is known of a deal from then on.
    #[default]
    Whole,
    /// One field that changed.
    Fields,
    /// None: the deals have a column for each stage, with the last moment it was entered.
    Entered,
    /// An event of a stream, which names the stage alone.
    Stream,
}

/// What is written of the closing day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClosingDay {
    /// The moment, in a column of its own.
    #[default]
    Moment,
    /// The day, in a column of its own.
    Day,
    /// The day, in the column that holds the expected day while the deal is open.
    Shared,
    /// The moment, in that column.
    SharedMoment,
}

impl ClosingDay {
    /// Whether one column serves open and closed deals.
    #[must_use]
    pub fn is_shared(self) -> bool {
        matches!(self, Self::Shared | Self::SharedMoment)
    }

    /// Whether the time of day is lost.
    #[must_use]
    pub fn is_day(self) -> bool {
        matches!(self, Self::Day | Self::Shared)
    }
}

/// Which deals leave their stage as they end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StageAtEnd {
    /// All: won and lost are stages.
    #[default]
    Stages,
    /// None: a status says how they ended.
    Status,
    /// Those won; of lost ones a status says so.
    StatusOfLost,
}

/// What deals call their owners by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OwnerWord {
    /// Ids.
    #[default]
    Id,
    /// Names.
    Name,
}

fn iso_moment() -> String {
    "%Y-%m-%d %H:%M:%S".to_owned()
}

fn iso_day() -> String {
    "%Y-%m-%d".to_owned()
}

fn as_it_is() -> String {
    "{}".to_owned()
}

fn number() -> String {
    "{n}".to_owned()
}

fn yes() -> bool {
    true
}

impl ExportShape {
    /// The file of an input table, if the shape has it.
    #[must_use]
    pub fn table(&self, table: InputTable) -> Option<&ExportTable> {
        self.tables.iter().find(|file| file.role == TableRole::Input(table))
    }
}

impl ExportTable {
    /// The columns in which the file has a canonical column, in this way to write its header.
    #[must_use]
    pub fn written<'a>(&'a self, header: &'a HeaderStyle, name: &str) -> Vec<&'a str> {
        match self.choose.get(name) {
            _ if self.without.iter().any(|other| other == name) => Vec::new(),
            Some(chosen) => vec![chosen],
            None => header.written(name),
        }
    }
}
