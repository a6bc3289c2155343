//! The form of a preset's data file.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::config::Condition;
use crate::domain::period::PeriodKind;
use crate::domain::stage::StageKind;
use crate::presets::export::ExportShape;
use crate::presets::header::HeaderStyle;
use crate::presets::role::TableRole;

/// A CRM's exports.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Preset {
    /// Lower case, one word.
    pub name: String,
    /// As its maker writes it.
    pub title: String,
    /// Which exports are meant, in one sentence.
    pub about: String,
    /// What to know about them.
    #[serde(default)]
    pub quirks: Vec<String>,
    /// Its tables.
    pub tables: Vec<PresetTable>,
    /// The stages it comes with, in order.
    #[serde(default)]
    pub stages: Vec<PresetStage>,
    /// The shapes a simulated world can be written in.
    #[serde(default)]
    pub exports: Vec<ExportShape>,
}

impl Preset {
    /// A table with a way to write its header, by its name: the English one.
    #[must_use]
    pub fn table(&self, role: TableRole, style: &str) -> Option<(&PresetTable, &HeaderStyle)> {
        let tables = self.tables.iter().filter(|table| table.role == role);
        let styles = tables.flat_map(|table| table.headers.iter().map(move |header| (table, header)));
        styles.into_iter().find(|(_, header)| header.style == style && header.language == "en")
    }
}

/// One table of an export.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PresetTable {
    /// What it is to dealcast.
    pub role: TableRole,
    /// What names of its files contain, lower case.
    pub files: Vec<String>,
    /// What a row is, for histories.
    #[serde(default)]
    pub shape: String,
    /// How its header may be written.
    pub headers: Vec<HeaderStyle>,
    /// The column that says whether a deal is won, by its name in `columns`.
    #[serde(default)]
    pub won_flag: Option<String>,
    /// The column that says whether a deal is closed.
    #[serde(default)]
    pub closed_flag: Option<String>,
    /// Rows to keep; a condition on a column the file has not is left out.
    #[serde(default)]
    pub filters: Vec<Condition>,
    /// Columns that are known only at the end, repeat another, or say nothing about the deal.
    #[serde(default)]
    pub ignore: Vec<String>,
    /// What a cell's words mean, by canonical column.
    #[serde(default)]
    pub values: BTreeMap<String, BTreeMap<String, String>>,
    /// Words for "no value".
    #[serde(default)]
    pub null_values: Vec<String>,
    /// The period a date in `period` stands for.
    #[serde(default)]
    pub period_from_date: Option<PeriodKind>,
    /// Whether rates are units of a currency per base unit.
    #[serde(default)]
    pub units_per_base: bool,
    /// How the columns begin that hold the day a stage was entered, one column a stage.
    #[serde(default)]
    pub wide_stage_prefixes: Vec<String>,
}

/// A stage a CRM comes with.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PresetStage {
    /// Its name in several languages.
    pub names: Vec<String>,
    /// What being in it says.
    #[serde(default)]
    pub kind: StageKind,
}
