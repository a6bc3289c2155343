//! Each column for itself: it is there, of its type, filled, within its range, and money has no fraction of a unit.

use crate::report::cell::Cell;
use crate::report::column::ColumnDeclaration;
use crate::report::invariants::checked::Checked;
use crate::report::invariants::violation::Violation;

/// What does not hold of the columns, one by one.
pub(super) fn columns_hold(checked: Checked<'_>) -> Vec<Violation> {
    let declared = &checked.declaration.columns;
    let schema = checked.cells.0.schema();
    let mut violations = Vec::new();
    for (position, column) in declared.iter().enumerate() {
        let name = checked.declaration.name;
        match schema.fields().get(position) {
            Some(field) if field.name() == column.name => violations.extend(column_holds(checked, column)),
            there => {
                let got = there.map_or("no column", |field| field.name().as_str());
                violations.push(Violation::of_file(name, got, format!("{} as column {}", column.name, position + 1)));
            }
        }
    }
    violations
}

fn column_holds(checked: Checked<'_>, column: &ColumnDeclaration) -> Vec<Violation> {
    let rows = 0..checked.cells.rows();
    let wrong = rows.filter_map(|row| {
        let cell = checked.cells.at(column.name, row);
        let expected = fault(checked, column, &cell, row)?;
        Some(checked.violation(row, &[column.name], cell.to_string(), expected))
    });
    wrong.collect()
}

/// What would have to stand in a cell, where something else does.
fn fault(checked: Checked<'_>, column: &ColumnDeclaration, cell: &Cell<'_>, row: usize) -> Option<String> {
    if !is_of(column.kind, cell) {
        return Some(format!("a value of type {}", column.kind));
    }
    if cell.is_empty() {
        return column.empty.is_empty().then(|| "a value".to_owned());
    }
    if !column.range.admits(cell) {
        return Some(column.range.words());
    }
    match *cell {
        Cell::Number(number) if !number.is_finite() => Some("a finite number".to_owned()),
        Cell::Whole(number) if number < 0 => Some("0 and up".to_owned()),
        Cell::Text(text) if column.kind == "json" => {
            serde_json::from_str::<serde_json::Value>(text).is_err().then(|| "JSON".to_owned())
        }
        Cell::Money(minor, scale) if column.unit == "currency" => {
            let unit = checked.cells.minor_unit(row);
            let places = (-unit.log10()).round();
            let finer = f64::from(scale) - places;
            let step = 10_i128.pow(if finer > 0.0 { finer as u32 } else { 0 });
            (minor % step != 0).then(|| format!("a whole number of {unit}"))
        }
        _ => None,
    }
}

fn is_of(kind: &str, cell: &Cell<'_>) -> bool {
    match cell {
        Cell::Empty => true,
        Cell::Text(_) => kind == "text" || kind == "json",
        Cell::Whole(_) => kind == "integer",
        Cell::Number(_) => kind == "number",
        Cell::Money(..) => kind == "money",
        Cell::Date(_) => kind == "date",
        Cell::Flag(_) => kind == "flag",
    }
}
