//! Every table that is declared can be given, and is read.

use dealcast::domain::inputs::{CellKind, InputColumn, InputSpec, InputTable};

use super::world::World;

/// A cell the kind of column can hold, and that no other table has to know.
fn cell(column: &InputColumn) -> &'static str {
    match column.kind {
        CellKind::Text if column.name == "deal_id" => "d1",
        CellKind::Text if column.name == "currency" => "EUR",
        CellKind::Text => "x",
        CellKind::Date => "2025-01-05",
        CellKind::Period => "2025-01",
        CellKind::Money | CellKind::Number => "1",
    }
}

/// A file of the table with the required columns (and one change, for the log) and a single row.
fn smallest(spec: &InputSpec) -> String {
    let is_there = |column: &&InputColumn| column.required || matches!(column.name, "deal_id" | "stage");
    let columns: Vec<&InputColumn> = spec.columns.iter().filter(is_there).collect();
    let names: Vec<&str> = columns.iter().map(|column| column.name).collect();
    let cells: Vec<&str> = columns.iter().map(|column| cell(column)).collect();
    format!("{}\n{}\n", names.join(","), cells.join(","))
}

#[test]
fn every_declared_table_has_a_loader() {
    let deals = smallest(InputTable::Deals.spec());
    for table in InputTable::ALL {
        let loaded = World::deals(&deals).with(&format!("{table}.csv"), smallest(table.spec())).loaded();
        let read: Vec<(&str, u64)> = loaded.inputs.iter().map(|input| (input.table, input.used)).collect();
        assert!(read.contains(&(table.name(), 1)), "{table}: {read:?}");
    }
}
