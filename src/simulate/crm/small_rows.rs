//! The rows of the small tables: people, quotas, exchange rates, and the list of stages.

use rust_decimal::Decimal;

use crate::domain::money::turned_round;
use crate::presets::{ExportShape, ExportTable, HeaderStyle, PresetTable, TableRole};
use crate::simulate::catalogue::{CRM_PROBABILITY, LOST, WON, stage_name};
use crate::simulate::crm::cells::CellStyle;
use crate::simulate::crm::names::Names;
use crate::simulate::crm::text_table::TextTable;

/// Decimal places of rates that CRMs keep as units per base unit.
const RATE_PLACES: u32 = 6;

/// What a shape carries of a small table, under canonical names.
pub(super) fn carried_rows(
    table: &ExportTable,
    read_as: &PresetTable,
    header: &HeaderStyle,
    names: &Names,
    rows: &TextTable,
) -> TextTable {
    // who is meant is always told: where people are called by their names, by the name
    let tells = |name: &str| name == "owner" || !table.written(header, name).is_empty();
    let kept: Vec<&str> = rows.columns.iter().map(String::as_str).filter(|name| tells(name)).collect();
    let mut rows = rows.clone();
    if table.role.name() == "quotas" && !kept.contains(&"team") {
        // nobody's quota would be the company's
        let owner = rows.position("owner");
        rows.rows.retain(|row| owner.is_none_or(|owner| !row[owner].is_empty()));
    }
    let columns = rows.columns.clone();
    for row in &mut rows.rows {
        rename_people(table.role, &columns, row, names);
        if read_as.units_per_base
            && let Some(rate) = columns.iter().position(|name| name == "rate")
        {
            row[rate] = turned(&units_per_base(&row[rate]));
        }
    }
    rows.only(&kept)
}

fn rename_people(role: TableRole, columns: &[String], row: &mut [String], names: &Names) {
    let id = columns.iter().position(|name| name == "owner").map(|at| row[at].clone()).unwrap_or_default();
    for (column, cell) in columns.iter().zip(row) {
        match column.as_str() {
            "owner" | "manager" => *cell = names.person(cell),
            "name" if role.name() == "users" => *cell = names.name(&id),
            _ => {}
        }
    }
}

/// A rate as such a CRM keeps it: how many units make a base unit.
fn units_per_base(rate: &str) -> String {
    let rate: Option<Decimal> = rate.parse().ok().filter(|rate| !Decimal::is_zero(rate));
    rate.map_or(String::new(), |rate| (Decimal::ONE / rate).round_dp(RATE_PLACES).normalize().to_string())
}

/// The rate a reader of that sees.
fn turned(units: &str) -> String {
    let units: Option<Decimal> = units.parse().ok();
    units.and_then(turned_round).map_or(String::new(), |rate| rate.to_string())
}

/// The file of a small table, from its canonical rows.
pub(super) fn small_rows(
    shape: &ExportShape,
    table: &ExportTable,
    read_as: &PresetTable,
    header: &HeaderStyle,
    names: &Names,
    rows: &TextTable,
) -> TextTable {
    let style = CellStyle::of(shape, table, names);
    let has_own_ids = table.role.name() == "users" && table.written(header, "owner") != table.written(header, "name");
    let mut columns: Vec<(&str, &str, usize)> = Vec::new();
    for name in &rows.columns {
        for (part, column) in table.written(header, name).into_iter().enumerate() {
            if !columns.iter().any(|(known, ..)| *known == column) {
                columns.push((column, name, part));
            }
        }
    }
    let names_of = columns.iter().map(|(column, ..)| (*column).to_owned());
    let mut file = TextTable::new(names_of.chain(table.constants.keys().cloned()).collect());
    for row in &rows.rows {
        let cell = |name: &str| match rows.cell(row, name) {
            rate if name == "rate" && read_as.units_per_base => units_per_base(rate),
            // where people have ids and names, deals may call them by either
            person if name == "owner" && has_own_ids => names.id(person),
            month if name == "period" => style.cell(name, &format!("{month}-01")),
            other => style.cell(name, other),
        };
        let is_whole = |name: &str| table.written(header, name).len() == 1;
        let cells = columns.iter().map(|(_, name, part)| match cell(name) {
            whole if is_whole(name) => whole,
            name => part_of_name(&name, *part),
        });
        file.rows.push(cells.chain(table.constants.values().cloned()).collect());
    }
    file
}

/// The first name, or the rest.
fn part_of_name(name: &str, part: usize) -> String {
    let (first, rest) = name.split_once(' ').unwrap_or((name, ""));
    if part == 0 { first.to_owned() } else { rest.to_owned() }
}

/// The list of stages, as far as deals can be in them.
pub(super) fn stage_rows(
    shape: &ExportShape,
    table: &ExportTable,
    header: &HeaderStyle,
    names: &Names,
    last: u8,
) -> TextTable {
    let style = CellStyle::of(shape, table, names);
    let columns: Vec<(&str, Vec<&str>)> =
        TableRole::OF_STAGES.iter().map(|name| (*name, table.written(header, name))).collect();
    let written = || columns.iter().filter_map(|(name, columns)| Some((*name, *columns.first()?)));
    let beside = table.constants.keys().cloned();
    let mut file = TextTable::new(written().map(|(_, column)| column.to_owned()).chain(beside).collect());
    for stage in 0..=last {
        let label = stage_name(stage);
        let cell = |name: &str| match name {
            "id" => names.stage(label),
            "label" => label.to_owned(),
            "order" => (stage + 1).to_string(),
            "probability" => style.cell("probability", &CRM_PROBABILITY[usize::from(stage)].to_string()),
            "is_won" => (stage == WON).to_string(),
            "is_closed" => (stage == WON || stage == LOST).to_string(),
            _ => "1".to_owned(),
        };
        file.rows.push(written().map(|(name, _)| cell(name)).chain(table.constants.values().cloned()).collect());
    }
    file
}
